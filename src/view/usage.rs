//! What the dock and the popup show of usage: the choice, the button, the slow lane's progress, and what came of it.
//! Must not know: how a state came about, or what is shown of documents.

use crate::download::{Listing, Report, Trouble, UsageReport, Wanted};

use super::choices::Choices;
use super::node::{Action, Emphasis, Field, Node, Tone};
use super::outcome::{list, reason_and_step};
use super::panel::{Facts, button, text};
use super::phrases::Phrase;
use super::questions::option;
use super::strings::Strings;

/// Whether usage is saved beside documents.
pub(super) fn choice(strings: &Strings, choices: &Choices) -> Node {
    let offered = [
        (Wanted::Documents, Phrase::WantedDocuments),
        (Wanted::Both, Phrase::WantedBoth),
    ];
    Node::Choice {
        key: "wanted",
        label: strings.say(Phrase::Wanted),
        field: Field::Wanted,
        value: choices.wanted.as_str().to_owned(),
        options: offered
            .iter()
            .map(|(wanted, words)| option(wanted.as_str(), &strings.say(*words)))
            .collect(),
    }
}

/// Usage alone.
pub(super) fn download_button(facts: &Facts<'_>) -> Node {
    let action = Action::DownloadUsage;
    button(
        facts,
        "download-usage",
        Phrase::DownloadUsage,
        action,
        Emphasis::Plain,
    )
}

/// Whether a run shows how far its documents are: always while it asks for invoices, for usage follows from them.
pub(super) fn shows_documents(report: &Report) -> bool {
    report.usage.wanted.has_documents() || matches!(report.listing, Listing::Asking { .. })
}

/// Whether usage alone was ordered, and there is none.
pub(super) fn is_all_and_none(report: &Report) -> bool {
    !report.usage.wanted.has_documents() && report.usage.periods == 0
}

/// The slow lane has a line of its own.
pub(super) fn progress(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let Some(report) = facts.report else { return };
    let (usage, strings) = (&report.usage, facts.strings);
    if usage.periods > 0 {
        let ended = usage.ended() + usage.waiting_for_archive;
        let counts = [
            ("ended", &*ended.to_string()),
            ("count", &*usage.periods.to_string()),
        ];
        nodes.push(Node::Progress {
            key: "usage-progress",
            label: strings.say(Phrase::UsageProgress),
            value: ended,
            max: Some(usage.periods),
            text: strings.say_with(Phrase::UsageDone, &counts),
        });
    } else if usage.wanted == Wanted::Both {
        nodes.push(text("usage-later", strings.say(Phrase::UsageLater), Tone::Quiet));
    }
}

/// One sentence per count that is not zero, and why, where there is one cause for all; several are told line by line.
pub(super) fn sentences(strings: &Strings, usage: &UsageReport, sentences: &mut Vec<String>) {
    let counted = [
        (Phrase::UsageSavedCount, usage.saved),
        (Phrase::UsageSavedBeforeCount, usage.saved_before),
        (Phrase::UsageNothingUsedCount, usage.nothing_used.len()),
        (Phrase::UsageNotAvailableCount, usage.not_available.len()),
        (Phrase::UsageRefusedCount, usage.refused.len()),
        (Phrase::UsageFailedCount, usage.failed.len()),
        (Phrase::UsageCancelledCount, usage.cancelled),
    ];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    sentences.extend(counted.map(|(phrase, count)| strings.say_count(phrase, count)));
    let mut codes = usage
        .refused
        .iter()
        .chain(&usage.failed)
        .map(|trouble| trouble.failure.code);
    if let Some(first) = codes.next()
        && codes.all(|other| other == first)
    {
        sentences.push(strings.reason(first));
        sentences.push(strings.next_step(first));
    }
}

/// Which periods they were.
pub(super) fn lists(facts: &Facts<'_>, usage: &UsageReport, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    let why = |trouble: &Trouble| {
        let why = reason_and_step(strings, &trouble.failure);
        strings.say_with(Phrase::WhatAndWhy, &[("what", &trouble.what), ("why", &why)])
    };
    let lines = |troubles: &[Trouble]| troubles.iter().map(why).collect::<Vec<_>>();
    for (key, title, lines, tone) in [
        (
            "usage-failed",
            Phrase::UsageFailedCount,
            &lines(&usage.failed),
            Tone::Error,
        ),
        (
            "usage-refused",
            Phrase::UsageRefusedCount,
            &lines(&usage.refused),
            Tone::Plain,
        ),
        (
            "usage-not-available",
            Phrase::UsageNotAvailableCount,
            &usage.not_available,
            Tone::Plain,
        ),
        (
            "usage-nothing",
            Phrase::UsageNothingUsedCount,
            &usage.nothing_used,
            Tone::Plain,
        ),
    ] {
        list(facts, key, title, lines, tone, nodes);
    }
}
