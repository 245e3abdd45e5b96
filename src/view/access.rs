//! Hints in words: what stands in the way, why, whom to ask, and a message that is ready to send.
//! Must not know: when a hint applies, or how facts were had.

use crate::access::{Ask, Hint, HintCode, RequestKind, Severity};
use crate::azure::Account;

use super::node::{Action, Emphasis, Layout, Node, Tone};
use super::panel::{Facts, button, text};
use super::phrases::Phrase;
use super::strings::Strings;

/// Names in one sentence; the rest is an ellipsis.
const NAMES: usize = 4;
/// Longest name in a sentence, in characters; Azure allows far more than anybody reads.
const LONGEST_NAME: usize = 60;
/// Longest mail link: longer ones are cut off by mail programs.
const LONGEST_LINK: usize = 2000;
/// Line of a message that says what is asked for, after the greeting.
const FIRST_PARAGRAPH: usize = 2;

/// What is known about the person's access, ready to be put into words.
pub struct Access<'a> {
    /// Hints, the weightiest first.
    pub hints: &'a [Hint],
    /// Whether more may come.
    pub is_asking: bool,
    /// Whether the person may let others download the invoices of some place.
    pub may_share: bool,
    /// The texts of the portal's own language, where its controls are named.
    pub portal: &'a Strings,
    /// The subscription or invoice that the person asked about on the page; empty where none.
    pub chosen: &'a str,
}

/// The section of hints.
pub(super) fn section(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let Some(access) = &facts.access else { return };
    let strings = facts.strings;
    let mut groups = grouped(access.hints);
    let is_chosen = |group: &Group<'_>| !access.chosen.is_empty() && group.is_about(access.chosen);
    // One invoice is spoken of where it was asked about; a list of all of them would bury what is said about places.
    groups.retain(|group| group.hint.invoice.is_none() || is_chosen(group));
    if let Some(at) = groups.iter().position(is_chosen) {
        let chosen = groups.remove(at);
        groups.insert(0, chosen);
    }
    let mut shown = Vec::new();
    let mut groups = groups.iter().take(KEYS.len());
    match groups.next() {
        Some(first) => shown.push(notice(facts, access, first, 0)),
        None if access.is_asking => {
            shown.push(text("asking", strings.say(Phrase::AccessAsking), Tone::Quiet))
        }
        // Where nothing was had, all can be asked anew.
        None => {}
    }
    let rest: Vec<Node> = groups
        .enumerate()
        .map(|(at, group)| notice(facts, access, group, at + 1))
        .collect();
    if !rest.is_empty() {
        shown.push(Node::Section {
            key: "more",
            title: Some(strings.say_count(Phrase::AccessMore, rest.len())),
            folded: Some(true),
            layout: Layout::Stack,
            nodes: rest,
        });
    }
    if !access.is_asking {
        let again = Action::CheckAccess;
        shown.push(button(
            facts,
            "check-access",
            Phrase::AccessRefresh,
            again,
            Emphasis::Quiet,
        ));
    }
    nodes.push(Node::Section {
        key: "access",
        title: Some(strings.say(Phrase::Access)),
        folded: None,
        layout: Layout::Stack,
        nodes: shown,
    });
}

/// A hint about one place, or the same about several.
struct Group<'a> {
    hint: &'a Hint,
    all: Vec<&'a Hint>,
}

impl Group<'_> {
    /// What is said of one invoice is not about the place that it is of.
    fn is_about(&self, row: &str) -> bool {
        self.all.iter().any(|hint| match &hint.invoice {
            Some(invoice) => invoice == row,
            None => {
                let place = hint.place.as_ref();
                place.is_some_and(|place| place.id.eq_ignore_ascii_case(row))
                    || hint.subscriptions.iter().any(|id| id == row)
            }
        })
    }

    fn names(&self) -> String {
        let names: Vec<String> = self
            .all
            .iter()
            .filter_map(|hint| hint.place.as_ref())
            .map(|place| shortened(&place.name))
            .collect();
        listed(&names, NAMES)
    }

    fn ids(&self) -> String {
        let ids: Vec<String> = self
            .all
            .iter()
            .filter_map(|hint| hint.place.as_ref())
            .map(|place| place.id.clone())
            .collect();
        listed(&ids, usize::MAX)
    }
}

fn listed(names: &[String], most: usize) -> String {
    let mut text = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > most {
        text.push_str(", …");
    }
    text
}

fn shortened(name: &str) -> String {
    match name.chars().count() > LONGEST_NAME {
        true => name.chars().take(LONGEST_NAME - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// The same hint about several places is said once, in the place of the first.
fn grouped(hints: &[Hint]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for hint in hints {
        let is_same = |group: &&mut Group<'_>| {
            let first = group.hint;
            first.code == hint.code
                && first.invoice == hint.invoice
                && first.who == hint.who
                && first.directory == hint.directory
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.all.push(hint),
            None => groups.push(Group {
                hint,
                all: vec![hint],
            }),
        }
    }
    groups
}

/// Keys of notices, which need one each: more than so many are not shown.
const KEYS: [&str; 16] = [
    "hint", "hint-1", "hint-2", "hint-3", "hint-4", "hint-5", "hint-6", "hint-7", "hint-8", "hint-9",
    "hint-10", "hint-11", "hint-12", "hint-13", "hint-14", "hint-15",
];

fn notice(facts: &Facts<'_>, access: &Access<'_>, group: &Group<'_>, at: usize) -> Node {
    let strings = facts.strings;
    let hint = group.hint;
    let words = Words::of(access, group);
    let values = words.values();
    let mut sentences = vec![strings.hint_reason(hint.code, &values)];
    if let Some(ask) = hint.ask {
        sentences.push(strings.hint_step(ask, &values));
    }
    if !hint.roles.is_empty() && group.all.iter().all(|other| other.roles == hint.roles) {
        let names: Vec<String> = hint.roles.iter().map(|role| strings.role(*role)).collect();
        sentences.push(strings.say_with(Phrase::AccessRoles, &[("roles", &listed(&names, NAMES))]));
    }
    let mut actions = Vec::new();
    let mut nodes = Vec::new();
    if let (Some(kind), Some(account)) = (hint.request, facts.account) {
        let message = Message::compose(facts, access, kind, group, account);
        actions.push(Node::Copy {
            key: "copy",
            text: strings.say(Phrase::CopyRequest),
            done: strings.say(Phrase::RequestCopied),
            content: message.whole(),
        });
        actions.push(Node::Link {
            key: "mail",
            text: strings.say(Phrase::MailRequest),
            href: message.mail_link(),
        });
        nodes.push(Node::Section {
            key: "request",
            title: Some(strings.say(Phrase::ShowRequest)),
            folded: Some(true),
            layout: Layout::Stack,
            nodes: vec![text("message", message.whole(), Tone::Quiet)],
        });
    }
    let page = facts
        .account
        .map(|account| account.identity.cloud.invoices_page());
    match (hint.ask, &hint.directory, page) {
        (Some(Ask::SwitchDirectory), Some((_, id)), Some(page)) => actions.push(Node::Link {
            key: "switch",
            text: strings.say(Phrase::SwitchDirectory),
            href: page.replacen("/#", &format!("/#@{id}/"), 1),
        }),
        (Some(Ask::AllowOthers), ..) => actions.push(button(
            facts,
            "share",
            Phrase::EnableSharing,
            Action::EnableSharing,
            Emphasis::Plain,
        )),
        (Some(Ask::PayOrEnable), _, Some(page)) => actions.push(Node::Link {
            key: "open",
            text: strings.say(Phrase::OpenInvoicesPage),
            href: page,
        }),
        _ => {}
    }
    actions.push(Node::Link {
        key: "article",
        text: strings.say(Phrase::AccessArticle),
        href: hint.article.address(strings.language().documentation_locale()),
    });
    nodes.insert(
        0,
        Node::Section {
            key: "actions",
            title: None,
            folded: None,
            layout: Layout::Row,
            nodes: actions,
        },
    );
    Node::Notice {
        key: KEYS.get(at).copied().unwrap_or_default(),
        tone: tone(hint.severity),
        title: strings.hint(hint.code, &values),
        text: strings.sentences(&sentences),
        nodes,
    }
}

pub(crate) fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Warning => Tone::Warning,
        Severity::Info => Tone::Info,
        Severity::Success => Tone::Success,
    }
}

/// One sentence about a row of the page.
pub fn row_sentence(strings: &Strings, hint: &Hint) -> String {
    let group = Group {
        hint,
        all: vec![hint],
    };
    let place = group.names();
    let directory = hint.directory.as_ref().map_or("", |(name, _)| name);
    let values = [
        ("place", &*place),
        ("directory", directory),
        ("invoice", hint.invoice.as_deref().unwrap_or_default()),
    ];
    strings.hint(hint.code, &values)
}

/// What is known about a place that kept its invoices to itself, or about one of its invoices, for its line of a report.
pub(super) fn on_line(strings: &Strings, access: &Access<'_>, id: &str) -> Option<(String, Tone)> {
    // That something is not known explains nothing.
    let explains = |hint: &Hint| {
        let is_unknown = matches!(
            hint.code,
            HintCode::SharingUnknown | HintCode::AccessUnknown | HintCode::AgreementUnknown
        );
        hint.severity != Severity::Success && !is_unknown
    };
    let mut each = access.hints.iter().map(|hint| Group {
        hint,
        all: vec![hint],
    });
    let group = each.find(|group| !id.is_empty() && explains(group.hint) && group.is_about(id))?;
    let words = Words::of(access, &group);
    let values = words.values();
    let mut sentence = strings.hint_reason(group.hint.code, &values);
    if let Some(ask) = group.hint.ask {
        sentence = strings.sentences(&[sentence, strings.hint_step(ask, &values)]);
    }
    Some((sentence, tone(group.hint.severity)))
}

/// What fills the placeholders of a hint.
struct Words {
    place: String,
    ids: String,
    who: String,
    directory: String,
    invoice: String,
    labels: [String; 6],
}

impl Words {
    fn of(access: &Access<'_>, group: &Group<'_>) -> Words {
        let hint = group.hint;
        let labels = [
            Phrase::PortalCostManagement,
            Phrase::PortalInvoices,
            Phrase::PortalEditInvoiceDetails,
            Phrase::PortalAllowOthers,
            Phrase::PortalOn,
            Phrase::PortalSave,
        ];
        Words {
            place: group.names(),
            ids: group.ids(),
            who: hint
                .who
                .iter()
                .take(NAMES)
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            directory: hint
                .directory
                .as_ref()
                .map_or_else(String::new, |(name, _)| shortened(name)),
            invoice: hint.invoice.clone().unwrap_or_default(),
            labels: labels.map(|label| access.portal.say(label)),
        }
    }

    fn values(&self) -> Vec<(&str, &str)> {
        let names = [
            "cost_management",
            "invoices",
            "edit_details",
            "allow_others",
            "on",
            "save",
        ];
        let labels = names.into_iter().zip(self.labels.iter().map(String::as_str));
        let own = [
            ("place", &*self.place),
            ("id", &*self.ids),
            ("who", &*self.who),
            ("directory", &*self.directory),
            ("invoice", &*self.invoice),
        ];
        own.into_iter().chain(labels).collect()
    }
}

/// A message to somebody who can help.
struct Message {
    to: Vec<String>,
    subject: String,
    body: String,
}

impl Message {
    fn compose(
        facts: &Facts<'_>,
        access: &Access<'_>,
        kind: RequestKind,
        group: &Group<'_>,
        account: &Account,
    ) -> Message {
        let strings = facts.strings;
        let words = Words::of(access, group);
        let page = account.identity.cloud.invoices_page();
        let mut values = words.values();
        values.push(("link", &page));
        let directory = facts.directory.unwrap_or(&account.identity.tenant_id);
        let own = [
            ("name", &*account.name),
            ("address", &*account.sign_in_name),
            ("directory", directory),
        ];
        let paragraphs = [
            strings.say(Phrase::RequestGreeting),
            strings.request_body(kind, &values),
            strings.say_with(Phrase::RequestFrom, &own),
            format!("{}\n{}", strings.say(Phrase::RequestThanks), account.name),
        ];
        Message {
            to: group.hint.who.clone(),
            subject: strings.request_subject(kind, &values),
            body: paragraphs.join("\n\n"),
        }
    }

    /// As it is copied: whom to, subject, text.
    fn whole(&self) -> String {
        let head = match self.to.is_empty() {
            true => self.subject.clone(),
            false => format!("{}\n{}", self.to.join(", "), self.subject),
        };
        format!("{head}\n\n{}", self.body)
    }

    /// A link that opens the person's mail program. Addresses are Azure's word, so nothing in them may add a field.
    fn mail_link(&self) -> String {
        let to: Vec<String> = self
            .to
            .iter()
            .take(NAMES)
            .map(|address| encoded(address))
            .collect();
        let head = format!("mailto:{}?subject={}&body=", to.join(","), encoded(&self.subject));
        let room = LONGEST_LINK.saturating_sub(head.len());
        format!("{head}{}", self.fitted(room))
    }

    /// The text for a link with so much room: as many lines as fit, and of the first paragraph that matters at least as many
    /// words. The rest is in what is copied.
    fn fitted(&self, room: usize) -> String {
        let mut fitted = String::new();
        for (at, line) in self.body.split('\n').enumerate() {
            let line_break = if at == 0 { "" } else { "%0D%0A" };
            let line_encoded = format!("{line_break}{}", encoded(line));
            if fitted.len() + line_encoded.len() <= room {
                fitted.push_str(&line_encoded);
                continue;
            }
            if at <= FIRST_PARAGRAPH {
                let ellipsis = encoded("…");
                fitted.push_str(line_break);
                for word in line.split(' ') {
                    let word = format!("{}%20", encoded(word));
                    if fitted.len() + word.len() + ellipsis.len() > room {
                        break;
                    }
                    fitted.push_str(&word);
                }
                fitted.push_str(&ellipsis);
            }
            break;
        }
        fitted
    }
}

/// Percent-encoded but for letters, digits and what addresses are made of (RFC 6068).
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
