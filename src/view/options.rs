//! The page of options: how downloads come out, what they are called, and what else is a matter of taste.
//! Must not know: where options are kept, or what the browser does when it is asked for a permission.

use time::{Date, Month};

use crate::azure::DocumentKind;
use crate::download::Region;
use crate::invoices::{
    DocumentId, FileFormat, FilePaths, NameParts, NameTemplate, Placeholder, TemplateError,
};

use super::choices::{Choices, RegionChoice};
use super::node::{Action, Emphasis, Field, Grant, InputKind, Layout, ListItem, Node, Surface, Tone};
use super::phrases::Phrase;
use super::questions::{language, option, packing, period};
use super::strings::Strings;

/// A subscription's name as some people write them.
const LONG_NAME: &str = "Contoso Production West Europe, shared platform of research, development, quality, \
    logistics and finance, with everything that came from the old data centre in Riga, until further notice";

/// Everything that the page depends on.
pub struct OptionsFacts<'a> {
    /// The texts.
    pub strings: &'a Strings,
    /// Today.
    pub today: Date,
    /// What the person has chosen.
    pub choices: &'a Choices,
    /// How spreadsheet programs of the browser's region read tables.
    pub region: Region,
    /// Whether the browser lets the extension notify.
    pub may_notify: bool,
}

/// The page of options.
pub fn options(facts: &OptionsFacts<'_>) -> Surface {
    let strings = facts.strings;
    let naming = facts.choices.naming();
    let problem = naming.as_ref().err().map(|error| words(strings, error));
    let template = naming.unwrap_or_else(|_| facts.choices.template.clone());
    let nodes = vec![
        downloads(facts),
        names(facts, &template, problem.clone()),
        section(
            "reading",
            strings.say(Phrase::OptionsReading),
            vec![language(strings, facts.choices), region(facts)],
        ),
        notifications(facts),
    ];
    Surface {
        language: strings.language().as_str(),
        title: strings.say(Phrase::OptionsTitle),
        nodes,
        status: problem.unwrap_or_default(),
        live: false,
        fold: strings.say(Phrase::Fold),
        unfold: strings.say(Phrase::Unfold),
    }
}

fn downloads(facts: &OptionsFacts<'_>) -> Node {
    let (strings, choices) = (facts.strings, facts.choices);
    let mut nodes = vec![packing(strings, choices)];
    period(strings, choices, facts.today, &mut nodes);
    nodes.push(quiet("later", strings.say(Phrase::OptionsNext)));
    section("downloads", strings.say(Phrase::OptionsDownloads), nodes)
}

/// The pattern, what it makes of some documents, and what it can be made of.
fn names(facts: &OptionsFacts<'_>, template: &NameTemplate, problem: Option<String>) -> Node {
    let (strings, choices) = (facts.strings, facts.choices);
    let is_standard = choices.template_text() == NameTemplate::STANDARD;
    let preview_title = match problem {
        Some(_) => Phrase::TemplatePreviewBefore,
        None => Phrase::TemplatePreview,
    };
    let pattern = Node::Field {
        key: "template",
        label: strings.say(Phrase::TemplateLabel),
        field: Field::Template,
        value: choices.template_text().to_owned(),
        input: InputKind::Text,
        min: None,
        max: None,
        problem,
    };
    let preview = preview(template)
        .into_iter()
        .map(|(phrase, path)| ListItem {
            key: phrase.as_str().to_owned(),
            text: strings.say_with(
                Phrase::WhatAndWhy,
                &[("what", &strings.say(phrase)), ("why", &path)],
            ),
            tone: Tone::Plain,
        })
        .collect();
    let placeholders = Placeholder::ALL.iter().map(|placeholder| {
        let name = format!("{{{}}}", placeholder.as_str());
        let meaning = strings.say(meaning(*placeholder));
        ListItem {
            key: placeholder.as_str().to_owned(),
            text: strings.say_with(Phrase::WhatAndWhy, &[("what", &name), ("why", &meaning)]),
            tone: Tone::Plain,
        }
    });
    let placeholders = Node::List {
        key: "lines",
        items: placeholders.collect(),
    };
    let nodes = vec![
        pattern,
        quiet("how", strings.say(Phrase::TemplateHow)),
        Node::Section {
            key: "placeholders",
            title: Some(strings.say(Phrase::TemplatePlaceholders)),
            folded: Some(true),
            layout: Layout::Stack,
            nodes: vec![placeholders],
        },
        Node::Text {
            key: "preview-title",
            text: strings.say(preview_title),
            tone: Tone::Strong,
        },
        Node::List {
            key: "preview",
            items: preview,
        },
        Node::Button {
            key: "reset",
            text: strings.say(Phrase::TemplateReset),
            action: Action::ResetTemplate,
            emphasis: Emphasis::Plain,
            disabled: is_standard,
            grant: None,
        },
        quiet("saved", strings.say(Phrase::TemplateSaved)),
    ];
    section("names", strings.say(Phrase::OptionsNames), nodes)
}

/// Paths that the pattern gives to an ordinary invoice, one with a long name, a credit note, and a document that
/// deserves the same path as the first.
fn preview(template: &NameTemplate) -> Vec<(Phrase, String)> {
    let day = |month, day| Date::from_calendar_date(2026, month, day).ok();
    let invoice = NameParts {
        date: day(Month::March, 9),
        period: (day(Month::February, 1), day(Month::February, 28)),
        billed_to: "Contoso Production",
        subscription: "Contoso Production",
        subscription_id: "11111111-2222-3333-4444-555555555555",
        billing_profile: "Contoso Europe",
        billing_account: "Contoso Group",
        invoice: "G004567123",
        number: "G004567123",
        kind: &DocumentKind::Invoice,
        amount: "1234.50".to_owned(),
        currency: "EUR",
        format: FileFormat::Pdf,
    };
    let long = NameParts {
        billed_to: LONG_NAME,
        subscription: LONG_NAME,
        invoice: "G004567124",
        number: "G004567124",
        amount: "99.00".to_owned(),
        ..invoice.clone()
    };
    let credit = NameParts {
        date: day(Month::March, 14),
        invoice: "G004567125",
        number: "G004567125",
        kind: &DocumentKind::CreditNote,
        amount: "-20.00".to_owned(),
        ..invoice.clone()
    };
    let mut paths = FilePaths::by(template.clone());
    let samples = [
        (Phrase::PreviewInvoice, &invoice),
        (Phrase::PreviewLong, &long),
        (Phrase::PreviewCredit, &credit),
        (Phrase::PreviewSame, &invoice),
    ];
    samples
        .into_iter()
        .map(|(phrase, parts)| {
            let id = DocumentId::read(phrase.as_str());
            (phrase, paths.promise(&id, parts))
        })
        .collect()
}

fn meaning(placeholder: Placeholder) -> Phrase {
    match placeholder {
        Placeholder::Date => Phrase::PlaceholderDate,
        Placeholder::Year => Phrase::PlaceholderYear,
        Placeholder::Month => Phrase::PlaceholderMonth,
        Placeholder::Period => Phrase::PlaceholderPeriod,
        Placeholder::BilledTo => Phrase::PlaceholderBilledTo,
        Placeholder::Subscription => Phrase::PlaceholderSubscription,
        Placeholder::SubscriptionId => Phrase::PlaceholderSubscriptionId,
        Placeholder::BillingProfile => Phrase::PlaceholderBillingProfile,
        Placeholder::BillingAccount => Phrase::PlaceholderBillingAccount,
        Placeholder::Invoice => Phrase::PlaceholderInvoice,
        Placeholder::Number => Phrase::PlaceholderNumber,
        Placeholder::Kind => Phrase::PlaceholderKind,
        Placeholder::Amount => Phrase::PlaceholderAmount,
        Placeholder::Currency => Phrase::PlaceholderCurrency,
    }
}

/// What is wrong with a pattern, and what to do about it.
fn words(strings: &Strings, error: &TemplateError) -> String {
    match error {
        TemplateError::UnknownPlaceholder(name) => {
            strings.say_with(Phrase::TemplateUnknown, &[("name", name)])
        }
        TemplateError::UnclosedBrace => strings.say(Phrase::TemplateUnclosed),
        TemplateError::StrayBrace => strings.say(Phrase::TemplateStray),
        TemplateError::EmptyPart => strings.say(Phrase::TemplateEmpty),
        TemplateError::TooLong => strings.say(Phrase::TemplateLong),
    }
}

fn region(facts: &OptionsFacts<'_>) -> Node {
    let strings = facts.strings;
    let found = match facts.region {
        Region::WITH_COMMA => Phrase::RegionComma,
        _ => Phrase::RegionPoint,
    };
    let automatic = strings.say_with(Phrase::RegionAutomatic, &[("what", &strings.say(found))]);
    Node::Choice {
        key: "region",
        label: strings.say(Phrase::Region),
        field: Field::Region,
        value: facts.choices.region.as_str().to_owned(),
        options: vec![
            option(RegionChoice::Automatic.as_str(), &automatic),
            option(RegionChoice::Point.as_str(), &strings.say(Phrase::RegionPoint)),
            option(RegionChoice::Comma.as_str(), &strings.say(Phrase::RegionComma)),
        ],
    }
}

fn notifications(facts: &OptionsFacts<'_>) -> Node {
    let strings = facts.strings;
    let allow = |words, emphasis| Node::Button {
        key: "notify",
        text: strings.say(words),
        action: Action::Notify,
        emphasis,
        disabled: false,
        grant: Some(Grant {
            origins: Vec::new(),
            permissions: vec!["notifications"],
        }),
    };
    let stop = Node::Button {
        key: "stop",
        text: strings.say(Phrase::NotifyStop),
        action: Action::StopNotifying,
        emphasis: Emphasis::Plain,
        disabled: false,
        grant: None,
    };
    let nodes = match (facts.choices.notify, facts.may_notify) {
        (false, _) => vec![
            quiet("state", strings.say(Phrase::NotifyOff)),
            allow(Phrase::Notify, Emphasis::Plain),
        ],
        (true, true) => vec![quiet("state", strings.say(Phrase::NotifyOn)), stop],
        (true, false) => vec![Node::Notice {
            key: "withheld",
            tone: Tone::Warning,
            title: strings.say(Phrase::NotifyWithheldTitle),
            text: strings.say(Phrase::NotifyWithheld),
            nodes: vec![allow(Phrase::NotifyAllow, Emphasis::Plain), stop],
        }],
    };
    section("notifications", strings.say(Phrase::OptionsNotifications), nodes)
}

fn section(key: &'static str, title: String, nodes: Vec<Node>) -> Node {
    Node::Section {
        key,
        title: Some(title),
        folded: None,
        layout: Layout::Stack,
        nodes,
    }
}

fn quiet(key: &'static str, text: String) -> Node {
    let tone = Tone::Quiet;
    Node::Text { key, text, tone }
}
