//! The dock and the popup: what they show for every state of session, choices and run.
//! Must not know: how a state came about.

use std::time::Duration;

use time::Date;

use crate::azure::Account;
use crate::download::{Failure, Listing, Packing, Region, Report};

use super::access::{self, Access};
use super::choices::Choices;
use super::node::{Action, Emphasis, Grant, Layout, Node, Surface, Tone};
use super::outcome::{Offers, counts, headline, outcome, reason_and_step};
use super::phrases::Phrase;
use super::questions::{language, packing, period};
use super::strings::Strings;
use super::usage;

/// Above so many documents one archive is suggested.
const MANY: usize = 50;

/// Everything that a surface depends on.
pub struct Facts<'a> {
    /// The texts.
    pub strings: &'a Strings,
    /// Today.
    pub today: Date,
    /// Who acts; `None` while no session was seen.
    pub account: Option<&'a Account>,
    /// Name of the directory that the account acts in, once Azure has told it.
    pub directory: Option<&'a str>,
    /// What the person has chosen.
    pub choices: &'a Choices,
    /// The run under way, or the last one.
    pub report: Option<&'a Report>,
    /// Whether a run is under way.
    pub running: bool,
    /// Whether that run waits for a portal tab of its person.
    pub waits_for_portal: bool,
    /// Whether the person has asked for a download before a session was seen.
    pub awaited: bool,
    /// Why the last run could not even be recorded.
    pub stopped: Option<&'a Failure>,
    /// How much longer the run takes, once that can be told.
    pub remaining: Option<Duration>,
    /// How the person's region writes numbers.
    pub region: Region,
    /// Host patterns that the person has not granted.
    pub missing_hosts: &'a [&'static str],
    /// What the person may do with invoices, where that is shown.
    pub access: Option<Access<'a>>,
}

/// The dock, and what stands in the portal's command bar.
pub fn dock(facts: &Facts<'_>) -> (Surface, Vec<Node>) {
    let mut nodes = Vec::new();
    account(facts, &mut nodes);
    host_access(facts, false, &mut nodes);
    if facts.account.is_none() && !facts.running {
        nodes.push(no_session(facts));
    }
    run(facts, &mut nodes);
    access::section(facts, &mut nodes);
    nodes.push(language(facts.strings, facts.choices));
    nodes.push(options(facts));
    let command = button(
        facts,
        "command",
        Phrase::DownloadAll,
        Action::DownloadAll,
        Emphasis::Plain,
    );
    (surface(facts, nodes), vec![with_disabled(command, facts.running)])
}

/// The popup.
pub fn popup(facts: &Facts<'_>) -> Surface {
    let mut nodes = Vec::new();
    account(facts, &mut nodes);
    host_access(facts, true, &mut nodes);
    if facts.account.is_none() && !facts.running {
        nodes.push(text(
            "session",
            facts.strings.say(Phrase::PopupNoSession),
            Tone::Plain,
        ));
        nodes.push(button(
            facts,
            "portal",
            Phrase::OpenPortal,
            Action::OpenPortal,
            Emphasis::Primary,
        ));
    } else {
        run(facts, &mut nodes);
        nodes.push(button(
            facts,
            "portal",
            Phrase::OpenPortal,
            Action::OpenPortal,
            Emphasis::Quiet,
        ));
    }
    nodes.push(options(facts));
    surface(facts, nodes)
}

pub(super) fn surface(facts: &Facts<'_>, nodes: Vec<Node>) -> Surface {
    Surface {
        language: facts.strings.language().as_str(),
        title: facts.strings.say(Phrase::Product),
        nodes,
        status: status(facts),
        live: facts.running,
        fold: facts.strings.say(Phrase::Fold),
        unfold: facts.strings.say(Phrase::Unfold),
    }
}

pub(super) fn account(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let Some(account) = facts.account else { return };
    nodes.push(text("account", account.name.clone(), Tone::Strong));
    let directory = facts.directory.unwrap_or(&account.identity.tenant_id);
    let who = [
        ("sign_in", account.sign_in_name.as_str()),
        ("directory", directory),
    ];
    let line = if account.sign_in_name.is_empty() || account.sign_in_name == account.name {
        directory.to_owned()
    } else {
        facts.strings.say_with(Phrase::SignInAndDirectory, &who)
    };
    nodes.push(text("directory", line, Tone::Quiet));
}

/// What the person must grant before anything can work. Pages of ours ask the browser for it; others lead there.
fn host_access(facts: &Facts<'_>, asks: bool, nodes: &mut Vec<Node>) {
    if facts.missing_hosts.is_empty() {
        return;
    }
    let strings = facts.strings;
    let grant = Node::Button {
        key: "grant",
        text: strings.say(Phrase::GrantAccess),
        action: if asks {
            Action::HostsGranted
        } else {
            Action::OpenPopup
        },
        emphasis: Emphasis::Primary,
        disabled: false,
        grant: asks.then(|| Grant {
            origins: facts.missing_hosts.iter().map(|host| host.to_string()).collect(),
            permissions: Vec::new(),
        }),
    };
    let hosts = facts
        .missing_hosts
        .iter()
        .filter_map(|pattern| pattern.split('/').nth(2))
        .collect::<Vec<_>>();
    nodes.push(Node::Notice {
        key: "hosts",
        tone: Tone::Warning,
        title: strings.say(Phrase::GrantTitle),
        text: strings.say_with(Phrase::Grant, &[("hosts", &hosts.join(", "))]),
        nodes: vec![grant],
    });
}

fn no_session(facts: &Facts<'_>) -> Node {
    let (title, words) = match facts.awaited {
        true => (Phrase::NoSessionYetTitle, Phrase::NoSessionYet),
        false => (Phrase::NoSessionTitle, Phrase::NoSession),
    };
    let (title, words) = (facts.strings.say(title), facts.strings.say(words));
    Node::Notice {
        key: "session",
        tone: Tone::Info,
        title,
        text: words,
        nodes: Vec::new(),
    }
}

/// The choices and the button, or the run under way; then what came of the last run.
fn run(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    if facts.running {
        progress(facts, nodes);
        return;
    }
    period(facts.strings, facts.choices, facts.today, nodes);
    nodes.push(packing(facts.strings, facts.choices));
    zip_suggested(facts, nodes);
    nodes.push(usage::choice(facts.strings, facts.choices));
    let main = button(
        facts,
        "download-all",
        Phrase::DownloadAll,
        Action::DownloadAll,
        Emphasis::Primary,
    );
    let has_no_days = facts.choices.days(facts.today).is_none();
    nodes.push(with_disabled(main, has_no_days));
    nodes.push(with_disabled(usage::download_button(facts), has_no_days));
    nodes.extend(enable_sharing(facts));
    if let Some(failure) = facts.stopped {
        nodes.push(Node::Notice {
            key: "stopped",
            tone: Tone::Error,
            title: facts.strings.say(Phrase::RunStoppedTitle),
            text: reason_and_step(facts.strings, failure),
            nodes: Vec::new(),
        });
    } else if let Some(report) = facts.report {
        outcome(facts, report, Offers::Everything, nodes);
    }
}

/// Only for whoever may: the others are told who can.
pub(super) fn enable_sharing(facts: &Facts<'_>) -> Option<Node> {
    let may_share = facts.access.as_ref().is_some_and(|access| access.may_share);
    let share = Action::EnableSharing;
    may_share.then(|| {
        button(
            facts,
            "enable-sharing",
            Phrase::EnableSharing,
            share,
            Emphasis::Plain,
        )
    })
}

fn zip_suggested(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let documents = facts.report.map_or(0, |report| report.documents);
    if documents > MANY && facts.choices.packing == Packing::Folder {
        let words = facts.strings.say_count(Phrase::ZipSuggested, documents);
        nodes.push(text("zip-suggested", words, Tone::Quiet));
    }
}

/// How much was saved, in millions of bytes with one digit after the mark.
fn bytes_saved(facts: &Facts<'_>, report: &Report) -> Option<String> {
    let tenths = report.bytes / 100_000;
    let mark = facts.region.decimal_mark.sign();
    let size = format!("{}{mark}{}", tenths / 10, tenths % 10);
    (tenths > 0).then(|| facts.strings.say_with(Phrase::BytesSaved, &[("size", &size)]))
}

fn remaining(strings: &Strings, left: Duration) -> String {
    match left.as_secs().div_ceil(60) {
        0 | 1 => strings.say(Phrase::RemainingLess),
        minutes => strings.say_count(Phrase::RemainingMinutes, minutes as usize),
    }
}

fn progress(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    let ended = facts
        .report
        .map_or(0, |report| report.ended() + report.waiting_for_archive);
    let documents = facts.report.map_or(0, |report| report.documents);
    let (max, words) = match facts.report.map(|report| &report.listing) {
        Some(Listing::Asking {
            scopes: Some(scopes),
            ended,
        }) if documents == 0 => (
            None,
            strings.say_with(
                Phrase::AskingScopes,
                &[("ended", &ended.to_string()), ("count", &scopes.to_string())],
            ),
        ),
        None | Some(Listing::Asking { .. }) if documents == 0 => (None, strings.say(Phrase::Asking)),
        Some(Listing::Asking { .. }) => (None, strings.say_count(Phrase::DocumentsSoFar, documents)),
        _ => {
            let counts = [("ended", &*ended.to_string()), ("count", &*documents.to_string())];
            let mut words = vec![strings.say_with(Phrase::DocumentsDone, &counts)];
            words.extend(facts.report.and_then(|report| bytes_saved(facts, report)));
            words.extend(facts.remaining.map(|left| remaining(strings, left)));
            (Some(documents.max(1)), words.join(" · "))
        }
    };
    if facts.report.is_none_or(usage::shows_documents) {
        nodes.push(Node::Progress {
            key: "progress",
            label: strings.say(Phrase::DownloadProgress),
            value: ended,
            max,
            text: words,
        });
    }
    usage::progress(facts, nodes);
    if let Some(newest) = facts.report.and_then(|report| report.newest.as_deref()) {
        let name = newest.rsplit('/').next().unwrap_or(newest);
        nodes.push(text("newest", name.to_owned(), Tone::Quiet));
    }
    let is_paused = facts.report.is_some_and(|report| report.paused);
    if is_paused {
        nodes.push(Node::Notice {
            key: "paused",
            tone: Tone::Info,
            title: strings.say(Phrase::PausedTitle),
            text: strings.say(Phrase::Paused),
            nodes: Vec::new(),
        });
    } else if facts.report.is_some_and(|report| report.browser_asks) {
        nodes.push(Node::Notice {
            key: "browser-asks",
            tone: Tone::Warning,
            title: strings.say(Phrase::BrowserAsksTitle),
            text: strings.say(Phrase::BrowserAsks),
            nodes: Vec::new(),
        });
    } else if facts.waits_for_portal {
        let name = facts.account.map_or("", |account| &account.name);
        nodes.push(Node::Notice {
            key: "waiting",
            tone: Tone::Info,
            title: strings.say(Phrase::WaitingTitle),
            text: strings.say_with(Phrase::Waiting, &[("name", name)]),
            nodes: Vec::new(),
        });
    }
    let (words, action) = match is_paused {
        true => (Phrase::Resume, Action::Resume),
        false => (Phrase::Pause, Action::Pause),
    };
    nodes.push(Node::Section {
        key: "steering",
        title: None,
        folded: None,
        layout: Layout::Row,
        nodes: vec![
            button(facts, "pause", words, action, Emphasis::Plain),
            button(facts, "cancel", Phrase::Cancel, Action::Cancel, Emphasis::Plain),
        ],
    });
}

/// The polite line: it changes when something begins or ends, not with each document.
fn status(facts: &Facts<'_>) -> String {
    let strings = facts.strings;
    if facts.running && facts.report.is_some_and(|report| report.paused) {
        strings.say(Phrase::PausedTitle)
    } else if facts.running && facts.waits_for_portal {
        strings.say(Phrase::WaitingTitle)
    } else if facts.running {
        strings.say(Phrase::StatusRunning)
    } else if facts.stopped.is_some() {
        strings.say(Phrase::RunStoppedTitle)
    } else if let Some(report) = facts.report {
        let (what, why) = (strings.say(headline(report).1), counts(strings, report));
        strings.say_with(Phrase::WhatAndWhy, &[("what", &*what), ("why", &*why)])
    } else {
        String::new()
    }
}

fn options(facts: &Facts<'_>) -> Node {
    let emphasis = Emphasis::Quiet;
    button(facts, "options", Phrase::Options, Action::OpenOptions, emphasis)
}

pub(super) fn text(key: &'static str, text: String, tone: Tone) -> Node {
    Node::Text { key, text, tone }
}

pub(super) fn button(
    facts: &Facts<'_>,
    key: &'static str,
    words: Phrase,
    action: Action,
    emphasis: Emphasis,
) -> Node {
    Node::Button {
        key,
        text: facts.strings.say(words),
        action,
        emphasis,
        disabled: false,
        grant: None,
    }
}

fn with_disabled(node: Node, value: bool) -> Node {
    match node {
        Node::Button {
            key,
            text,
            action,
            emphasis,
            grant,
            ..
        } => Node::Button {
            key,
            text,
            action,
            emphasis,
            disabled: value,
            grant,
        },
        node => node,
    }
}
