//! The window of sharing: what is to be changed and by whom, the confirmation, how far it is, and the steps by hand.
//! Must not know: how the change is made, or whether a press here has any effect.

use crate::sharing::{PersonStep, SeenSharing, Surprise, WalkStep};

use super::node::{Action, Emphasis, Field, Grant, Layout, ListItem, Node, OptionItem, Surface, Tone};
use super::panel::{Facts, account, button, surface, text};
use super::phrases::Phrase;
use super::strings::Strings;

/// Frames in which the portal may show its form.
const FRAMES: &str = "https://*.reactblade.portal.azure.net/*";

/// What the window depends on beside the facts of every surface.
pub struct SharingFacts {
    /// What it shows.
    pub page: SharingPage,
    /// Whether others are to be allowed, or not any more.
    pub allow: bool,
    /// Whether the organization lets the extension change the setting.
    pub may_share: bool,
    /// Whether a page of the portal is open as this person.
    pub has_portal: bool,
    /// Whether the extension may work in the portal's frames.
    pub may_use_frames: bool,
    /// Whether another person's change is under way: one at a time.
    pub is_another_under_way: bool,
    /// Steps by hand that the person has ticked.
    pub guided: Vec<String>,
}

impl Default for SharingFacts {
    /// Of nobody.
    fn default() -> SharingFacts {
        SharingFacts {
            page: SharingPage::Choose {
                subscriptions: Vec::new(),
            },
            allow: true,
            may_share: true,
            has_portal: false,
            may_use_frames: false,
            is_another_under_way: false,
            guided: Vec::new(),
        }
    }
}

/// What the window shows.
pub enum SharingPage {
    /// The subscriptions to choose from.
    Choose {
        /// Those that the person administers.
        subscriptions: Vec<SharedSubscription>,
    },
    /// The change under way, or what came of it.
    Run {
        /// In their order.
        lines: Vec<SharingLine>,
        /// How far the one under way is.
        step: Option<WalkStep>,
        /// What the person has to do.
        person: Option<PersonStep>,
    },
}

/// A subscription to choose.
pub struct SharedSubscription {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The setting as it was read on the portal's page last.
    pub seen: Option<SeenSharing>,
    /// Whether it is ticked.
    pub is_ticked: bool,
}

/// A subscription of a run.
pub struct SharingLine {
    /// Its name.
    pub name: String,
    /// Whether others are to be allowed.
    pub allow: bool,
    /// What came of it; `None` as long as it is not done with.
    pub outcome: Option<SharingOutcome>,
}

/// What came of one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharingOutcome {
    /// Changed, and read back.
    Changed,
    /// Saved as the person chose it where the words of the options are unknown, so that nobody knows what it means.
    AsChosen,
    /// It was so before.
    AlreadySo,
    /// It ended before its time.
    Stopped(Surprise),
    /// An earlier one was stopped.
    NotTried,
}

/// The window.
pub fn sharing(facts: &Facts<'_>, sharing: &SharingFacts, portal: &Strings) -> Surface {
    let strings = facts.strings;
    let mut nodes = Vec::new();
    account(facts, &mut nodes);
    let mut allow = sharing.allow;
    match &sharing.page {
        _ if facts.account.is_none() => nodes.push(notice(
            "session",
            Tone::Info,
            strings.say(Phrase::SharingNoPortalTitle),
            strings.say(Phrase::PopupNoSession),
            vec![button(
                facts,
                "portal",
                Phrase::OpenPortal,
                Action::OpenPortal,
                Emphasis::Plain,
            )],
        )),
        _ if !sharing.may_share => nodes.push(notice(
            "forbidden",
            Tone::Info,
            strings.say(Phrase::SharingForbiddenTitle),
            strings.say(Phrase::SharingForbidden),
            Vec::new(),
        )),
        SharingPage::Choose { subscriptions } => choose(facts, sharing, subscriptions, &mut nodes),
        SharingPage::Run { lines, step, person } => {
            allow = lines.first().is_none_or(|line| line.allow);
            run(facts, sharing, portal, lines, *step, *person, &mut nodes);
        }
    }
    let is_stopped = matches!(&sharing.page, SharingPage::Run { lines, .. } if surprise(lines).is_some());
    nodes.push(guide(facts, portal, allow, &sharing.guided, is_stopped));
    Surface {
        title: strings.say(Phrase::SharingTitle),
        status: String::new(),
        live: true,
        ..surface(facts, nodes)
    }
}

fn notice(key: &'static str, tone: Tone, title: String, text: String, nodes: Vec<Node>) -> Node {
    Node::Notice {
        key,
        tone,
        title,
        text,
        nodes,
    }
}

/// Names whom and what it is about; the button is the confirmation.
fn choose(
    facts: &Facts<'_>,
    sharing: &SharingFacts,
    subscriptions: &[SharedSubscription],
    nodes: &mut Vec<Node>,
) {
    let strings = facts.strings;
    let is_asking = facts.access.as_ref().is_none_or(|access| access.is_asking);
    if subscriptions.is_empty() {
        let words = match is_asking {
            true => Phrase::SharingAsking,
            false => Phrase::SharingNoSubscriptions,
        };
        nodes.push(text("none", strings.say(words), Tone::Plain));
        return;
    }
    let name = facts.account.map_or("", |account| &account.name);
    let directory = facts.account.map_or("", |account| &account.identity.tenant_id);
    let values = [
        ("name", name),
        ("directory", facts.directory.unwrap_or(directory)),
    ];
    nodes.push(text(
        "who",
        strings.say_with(Phrase::SharingWho, &values),
        Tone::Plain,
    ));
    nodes.push(Node::Choice {
        key: "direction",
        label: strings.say(Phrase::SharingDirection),
        field: Field::Sharing,
        value: if sharing.allow { "allow" } else { "disallow" }.to_owned(),
        options: [
            ("allow", Phrase::SharingAllow),
            ("disallow", Phrase::SharingDisallow),
        ]
        .map(|(value, words)| OptionItem {
            value: value.to_owned(),
            text: strings.say(words),
        })
        .to_vec(),
    });
    let ticks = subscriptions.iter().map(|each| Node::Check {
        key: each.id.clone(),
        label: format!("{} · {}", each.name, state(strings, each.seen.as_ref())),
        field: Field::Subscription,
        value: each.id.clone(),
        checked: each.is_ticked,
    });
    nodes.push(Node::Section {
        key: "subscriptions",
        title: Some(strings.say(Phrase::SharingSubscriptions)),
        folded: None,
        layout: Layout::Stack,
        nodes: ticks.collect(),
    });
    let ticked = subscriptions.iter().filter(|each| each.is_ticked).count();
    let (what, confirm) = match sharing.allow {
        true => (Phrase::SharingWhat, Phrase::SharingConfirm),
        false => (Phrase::SharingWhatOff, Phrase::SharingConfirmOff),
    };
    nodes.push(text("what", strings.say(what), Tone::Plain));
    nodes.push(text("how", strings.say(Phrase::SharingHow), Tone::Quiet));
    if !sharing.has_portal {
        nodes.push(notice(
            "no-portal",
            Tone::Warning,
            strings.say(Phrase::SharingNoPortalTitle),
            strings.say_with(Phrase::SharingNoPortal, &values),
            vec![button(
                facts,
                "portal",
                Phrase::OpenPortal,
                Action::OpenPortal,
                Emphasis::Plain,
            )],
        ));
    }
    if sharing.is_another_under_way {
        let title = strings.say(Phrase::SharingRunningTitle);
        nodes.push(notice("another", Tone::Info, title, String::new(), Vec::new()));
    }
    if is_asking {
        // What is ticked may change with every answer.
        nodes.push(text("asking", strings.say(Phrase::SharingAsking), Tone::Quiet));
    } else if ticked == 0 {
        nodes.push(text(
            "none-ticked",
            strings.say(Phrase::SharingNoneTicked),
            Tone::Quiet,
        ));
    }
    nodes.push(Node::Button {
        key: "confirm",
        text: strings.say_count(confirm, ticked.max(1)),
        action: Action::ConfirmSharing,
        emphasis: Emphasis::Primary,
        disabled: ticked == 0 || is_asking || !sharing.has_portal || sharing.is_another_under_way,
        grant: None,
    });
}

/// On, off or unknown, and how that is known.
fn state(strings: &Strings, seen: Option<&SeenSharing>) -> String {
    let Some(seen) = seen else {
        return strings.say(Phrase::SharingStateUnknown);
    };
    let state = strings.say(match seen.allow {
        true => Phrase::SharingStateOn,
        false => Phrase::SharingStateOff,
    });
    strings.say_with(
        Phrase::SharingSeenOnPage,
        &[("state", &*state), ("date", &*seen.on)],
    )
}

/// What stopped a run.
fn surprise(lines: &[SharingLine]) -> Option<Surprise> {
    lines.iter().find_map(|line| match line.outcome {
        Some(SharingOutcome::Stopped(surprise)) => Some(surprise),
        _ => None,
    })
}

fn run(
    facts: &Facts<'_>,
    sharing: &SharingFacts,
    portal: &Strings,
    lines: &[SharingLine],
    step: Option<WalkStep>,
    person: Option<PersonStep>,
    nodes: &mut Vec<Node>,
) {
    let strings = facts.strings;
    let current = lines.iter().find(|line| line.outcome.is_none());
    let stopped = surprise(lines);
    if let (Some(line), Some(person)) = (current, person) {
        let labels = Labels::of(portal);
        let words = strings.sharing_person(person, line.allow, &labels.values());
        nodes.push(notice(
            "person",
            Tone::Warning,
            strings.say(Phrase::SharingYourTurn),
            words,
            Vec::new(),
        ));
    } else if let Some(line) = current {
        let step = strings.sharing_step(step.unwrap_or(WalkStep::OpenForm));
        let values = [("name", &*line.name), ("step", &*step)];
        let words = strings.say_with(Phrase::SharingRunning, &values);
        nodes.push(notice(
            "running",
            Tone::Info,
            strings.say(Phrase::SharingRunningTitle),
            words,
            Vec::new(),
        ));
    } else if stopped.is_some() {
        let words = strings.say(Phrase::SharingStopped);
        nodes.push(notice(
            "stopped",
            Tone::Error,
            strings.say(Phrase::SharingStoppedTitle),
            words,
            Vec::new(),
        ));
    } else {
        let has = |outcome| lines.iter().any(|line| line.outcome == Some(outcome));
        let title = strings.say(
            match (has(SharingOutcome::Changed), has(SharingOutcome::AsChosen)) {
                (true, _) => Phrase::SharingDoneTitle,
                (false, true) => Phrase::SharingResultAsChosen,
                (false, false) => Phrase::SharingResultAlready,
            },
        );
        nodes.push(notice("done", Tone::Success, title, String::new(), Vec::new()));
    }
    let lacks_frames = stopped == Some(Surprise::NothingToPress) || person == Some(PersonStep::OpenForm);
    if lacks_frames && !sharing.may_use_frames {
        let grant = Node::Button {
            key: "grant",
            text: strings.say(Phrase::SharingAllowFrame),
            action: Action::HostsGranted,
            emphasis: Emphasis::Plain,
            disabled: false,
            grant: Some(Grant {
                origins: vec![FRAMES.to_owned()],
                permissions: Vec::new(),
            }),
        };
        let (title, words) = (
            strings.say(Phrase::SharingNoFrameTitle),
            strings.say(Phrase::SharingNoFrame),
        );
        nodes.push(notice("frames", Tone::Info, title, words, vec![grant]));
    }
    let items = lines.iter().enumerate().map(|(at, line)| {
        let (why, tone) = result(strings, line);
        let values = [("what", &*line.name), ("why", &*why)];
        ListItem {
            key: at.to_string(),
            text: match why.is_empty() {
                true => line.name.clone(),
                false => strings.say_with(Phrase::WhatAndWhy, &values),
            },
            tone,
        }
    });
    nodes.push(Node::List {
        key: "lines",
        items: items.collect(),
    });
    nodes.push(match current {
        Some(_) => button(
            facts,
            "cancel",
            Phrase::Cancel,
            Action::CancelSharing,
            Emphasis::Plain,
        ),
        None => button(
            facts,
            "more",
            Phrase::SharingMore,
            Action::ShareMore,
            Emphasis::Plain,
        ),
    });
}

fn result(strings: &Strings, line: &SharingLine) -> (String, Tone) {
    match line.outcome {
        None => (String::new(), Tone::Plain),
        Some(SharingOutcome::Changed) if line.allow => (strings.say(Phrase::SharingResultOn), Tone::Plain),
        Some(SharingOutcome::Changed) => (strings.say(Phrase::SharingResultOff), Tone::Plain),
        Some(SharingOutcome::AsChosen) => (strings.say(Phrase::SharingResultAsChosen), Tone::Plain),
        Some(SharingOutcome::AlreadySo) => (strings.say(Phrase::SharingResultAlready), Tone::Plain),
        Some(SharingOutcome::Stopped(surprise)) => (strings.sharing_surprise(surprise), Tone::Error),
        Some(SharingOutcome::NotTried) => (strings.say(Phrase::SharingResultNotTried), Tone::Quiet),
    }
}

/// Words on the portal's own controls, in its language.
struct Labels([(&'static str, String); 6]);

impl Labels {
    fn of(portal: &Strings) -> Labels {
        let labels = [
            ("cost_management", Phrase::PortalCostManagement),
            ("invoices", Phrase::PortalInvoices),
            ("edit_details", Phrase::PortalEditInvoiceDetails),
            ("allow_others", Phrase::PortalAllowOthers),
            ("on", Phrase::PortalOn),
            ("save", Phrase::PortalSave),
        ];
        Labels(labels.map(|(name, label)| (name, portal.say(label))))
    }

    fn values(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .map(|(name, words)| (*name, words.as_str()))
            .collect()
    }
}

/// The steps by hand, each with a tick, and the way to where they begin.
fn guide(facts: &Facts<'_>, portal: &Strings, allow: bool, done: &[String], is_open: bool) -> Node {
    let strings = facts.strings;
    let labels = Labels::of(portal);
    let mut values = labels.values();
    let off = portal.say(Phrase::PortalOff);
    values.push(("off", &*off));
    let mut nodes: Vec<Node> = steps(allow)
        .iter()
        .map(|(_, step)| Node::Check {
            key: step.as_str().to_owned(),
            label: strings.say_with(*step, &values),
            // The person's own note; nothing follows from it.
            field: Field::GuideStep,
            value: step.as_str().to_owned(),
            checked: done.iter().any(|known| known == step.as_str()),
        })
        .collect();
    if let Some(account) = facts.account {
        nodes.push(Node::Link {
            key: "open",
            text: strings.say(Phrase::OpenInvoicesPage),
            href: account.identity.cloud.invoices_page(),
        });
    }
    Node::Section {
        // Unfolded or not it is drawn anew; in between the person folds it.
        key: if is_open { "rest" } else { "guide" },
        title: Some(strings.say(Phrase::SharingGuide)),
        folded: Some(!is_open),
        layout: Layout::Stack,
        nodes,
    }
}

/// The steps by hand, each with that of a walk which does it.
fn steps(allow: bool) -> [(WalkStep, Phrase); 5] {
    let option = match allow {
        true => Phrase::SharingGuideOption,
        false => Phrase::SharingGuideOptionOff,
    };
    [
        (WalkStep::OpenForm, Phrase::SharingGuideOpen),
        (WalkStep::OpenForm, Phrase::SharingGuideForm),
        (WalkStep::ChooseSubscription, Phrase::SharingGuideSubscription),
        (WalkStep::ChooseOption, option),
        (WalkStep::Save, Phrase::SharingGuideSave),
    ]
}

/// The steps by hand that are done where a walk has these left.
pub fn steps_done(left: &[WalkStep], allow: bool) -> Vec<String> {
    let steps = steps(allow).into_iter();
    let done = steps.filter(|(step, _)| !left.contains(step));
    done.map(|(_, words)| words.as_str().to_owned()).collect()
}
