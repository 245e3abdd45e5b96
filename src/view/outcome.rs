//! What a run came to, in words: counts, what failed and why, what to do next.
//! Must not know: which surface it stands on, or how the run went about it.

use crate::download::{Elsewhere, Failure, FailureCode, Listing, Report, ScopeAnswer, ScopeLine, Verdict};
use crate::invoices::{Corrected, ScopeKind};

use super::access;
use super::node::{Action, Emphasis, Layout, ListItem, Node, Tone};
use super::panel::{Facts, button};
use super::phrases::Phrase;
use super::strings::Strings;
use super::usage;

/// Lines of a list that are shown; the rest is counted.
const LONGEST_LIST: usize = 50;

/// Which next steps are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offers {
    /// All, the page of reports included.
    Everything,
    /// Those that this page does not show itself.
    OnPage,
    /// None: a later run has made other steps the next ones.
    Nothing,
}

/// What a run came to: one notice with the counts and the next steps, then the lists.
pub(super) fn outcome(facts: &Facts<'_>, report: &Report, offers: Offers, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    let mut buttons = Vec::new();
    if offers != Offers::Nothing && report.last_download.is_some() {
        buttons.push(button(
            facts,
            "open-folder",
            Phrase::OpenFolder,
            Action::OpenFolder,
            Emphasis::Plain,
        ));
    }
    if offers == Offers::Everything && !report.places.is_empty() {
        buttons.push(button(
            facts,
            "show-report",
            Phrase::ShowReport,
            Action::ShowReport,
            Emphasis::Plain,
        ));
    }
    if offers != Offers::Nothing && (report.has_failures() || report.verdict == Verdict::Cancelled) {
        buttons.push(button(
            facts,
            "retry-failed",
            Phrase::RetryFailed,
            Action::RetryFailed,
            Emphasis::Plain,
        ));
    }
    let (tone, title) = headline(report);
    nodes.push(Node::Notice {
        key: "outcome",
        tone,
        title: strings.say(title),
        text: counts(strings, report),
        nodes: buttons,
    });
    if offers != Offers::Nothing {
        elsewhere(facts, report, nodes);
        no_longer_there(facts, report, nodes);
    }
    let failed: Vec<String> = report
        .failed
        .iter()
        .map(|trouble| {
            let why = reason_and_step(strings, &trouble.failure);
            strings.say_with(Phrase::WhatAndWhy, &[("what", &trouble.what), ("why", &why)])
        })
        .collect();
    list(facts, "failed", Phrase::FailedCount, &failed, Tone::Error, nodes);
    usage::lists(facts, &report.usage, nodes);
    if !report.not_offered.is_empty() {
        let lines: Vec<String> = report
            .not_offered
            .iter()
            .map(|what| not_offered(facts, what))
            .collect();
        let mut items = list_items(&lines, Tone::Plain, strings);
        items.insert(
            0,
            ListItem {
                key: "step".into(),
                text: strings.say(Phrase::NotOfferedStep),
                tone: Tone::Quiet,
            },
        );
        let title = strings.say_count(Phrase::NotOfferedCount, report.not_offered.len());
        nodes.push(folded("not-offered", title, items));
    }
    let not_verified = with_hosts(strings, &report.all_not_verified());
    list(
        facts,
        "not-verified",
        Phrase::NotVerifiedCount,
        &not_verified,
        Tone::Plain,
        nodes,
    );
    let corrections: Vec<String> = report
        .corrections
        .iter()
        .map(|group| correction(strings, group))
        .collect();
    list(
        facts,
        "corrections",
        Phrase::CorrectionsCount,
        &corrections,
        Tone::Plain,
        nodes,
    );
    scopes(facts, report, nodes);
}

/// Documents at hosts to which the person has not agreed: the hosts by name, and the button that agrees.
fn elsewhere(facts: &Facts<'_>, report: &Report, nodes: &mut Vec<Node>) {
    let hosts = report.unagreed_hosts();
    if hosts.is_empty() {
        return;
    }
    let strings = facts.strings;
    let save = button(
        facts,
        "save-elsewhere",
        Phrase::SaveElsewhere,
        Action::SaveElsewhere,
        Emphasis::Plain,
    );
    let all = report.all_elsewhere();
    let documents = with_hosts(strings, &all);
    let items = list_items(&documents, Tone::Plain, strings);
    let mut buttons = vec![save];
    let cloud = facts.account.map(|account| account.identity.cloud);
    if cloud.is_some_and(|cloud| hosts.iter().any(|host| cloud.is_grantable(host))) {
        buttons.insert(
            0,
            button(
                facts,
                "check-elsewhere",
                Phrase::CheckElsewhere,
                Action::OpenGrants,
                Emphasis::Plain,
            ),
        );
    }
    buttons.push(folded("which", strings.say(Phrase::ElsewhereWhich), items));
    nodes.push(Node::Notice {
        key: "elsewhere",
        tone: Tone::Info,
        title: strings.say_count(Phrase::ElsewhereCount, all.len()),
        text: strings.say_with(Phrase::Elsewhere, &[("hosts", &hosts.join(", "))]),
        nodes: buttons,
    });
}

/// Files that are gone: each with its day, and the button that saves them again.
fn no_longer_there(facts: &Facts<'_>, report: &Report, nodes: &mut Vec<Node>) {
    let gone = report.all_no_longer_there();
    if gone.is_empty() {
        return;
    }
    let strings = facts.strings;
    let lines: Vec<String> = gone
        .iter()
        .map(|file| {
            let values = [("what", &*file.what), ("date", &*file.on)];
            strings.say_with(Phrase::SavedOnNoLongerThere, &values)
        })
        .collect();
    let items = list_items(&lines, Tone::Plain, strings);
    let again = button(
        facts,
        "save-again",
        Phrase::SaveAgain,
        Action::SaveAgain,
        Emphasis::Plain,
    );
    nodes.push(Node::Notice {
        key: "no-longer-there",
        tone: Tone::Info,
        title: strings.say_count(Phrase::NoLongerThereCount, gone.len()),
        text: strings.say(Phrase::NoLongerThere),
        nodes: vec![again, folded("which", strings.say(Phrase::ElsewhereWhich), items)],
    });
}

fn with_hosts(strings: &Strings, documents: &[Elsewhere]) -> Vec<String> {
    documents
        .iter()
        .map(|document| {
            let values = [("what", &*document.what), ("host", &*document.host)];
            strings.say_with(Phrase::WhatAndHost, &values)
        })
        .collect()
}

/// Every place that was asked with its answer: first those that failed or refused, as there is something to do there.
fn scopes(facts: &Facts<'_>, report: &Report, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    let order: [fn(&ScopeAnswer) -> bool; 4] = [
        |answer| matches!(answer, ScopeAnswer::Failed(_)),
        |answer| matches!(answer, ScopeAnswer::Refused(_)),
        |answer| matches!(answer, ScopeAnswer::Listed(_)),
        |answer| matches!(answer, ScopeAnswer::NothingVisible),
    ];
    let (texts, tones): (Vec<String>, Vec<Tone>) = order
        .iter()
        .flat_map(|is_next| report.scopes.iter().filter(|line| is_next(&line.answer)))
        .map(|line| scope(facts, line))
        .unzip();
    let mut items = list_items(&texts, Tone::Plain, strings);
    for (item, tone) in items.iter_mut().zip(tones) {
        item.tone = tone;
    }
    if !report.other_directories.is_empty() {
        let id = facts.account.map(|account| &*account.identity.tenant_id);
        let directory = facts.directory.or(id).unwrap_or_default();
        let names = report.other_directories.join(", ");
        let values = [("directory", directory), ("others", &*names)];
        items.push(ListItem {
            key: "directories".to_owned(),
            text: strings.say_with(Phrase::OtherDirectories, &values),
            tone: Tone::Quiet,
        });
    }
    if !items.is_empty() {
        let title = strings.say_count(Phrase::ScopesCount, report.scopes.len());
        nodes.push(folded("scopes", title, items));
    }
}

fn scope(facts: &Facts<'_>, line: &ScopeLine) -> (String, Tone) {
    let strings = facts.strings;
    let name = [("name", &*line.name)];
    let what = match line.kind {
        ScopeKind::Accounts => strings.say(Phrase::ScopeAccounts),
        ScopeKind::Subscriptions => strings.say(Phrase::ScopeSubscriptions),
        ScopeKind::Account => strings.say_with(Phrase::ScopeAccount, &name),
        ScopeKind::Profile => strings.say_with(Phrase::ScopeProfile, &name),
        ScopeKind::Subscription => strings.say_with(Phrase::ScopeSubscription, &name),
    };
    // What the rules know to stand in the way says more than that Azure has refused; what else they know does not.
    let known = facts
        .access
        .as_ref()
        .and_then(|access| access::on_line(strings, access, &line.id));
    let (why, tone) = match (&line.answer, known) {
        (ScopeAnswer::Refused(_), Some((why, Tone::Warning))) => (why, Tone::Warning),
        (ScopeAnswer::NothingVisible, Some((why, tone))) => {
            let nothing = strings.say(Phrase::ScopeNothingVisible);
            (strings.sentences(&[nothing, why]), tone)
        }
        (answer, _) => match answer {
            ScopeAnswer::Listed(count) => (strings.say_count(Phrase::ScopeListed, *count), Tone::Plain),
            ScopeAnswer::NothingVisible => (strings.say(Phrase::ScopeNothingVisible), Tone::Plain),
            ScopeAnswer::Refused(failure) => (reason_and_step(strings, failure), Tone::Warning),
            ScopeAnswer::Failed(failure) => (reason_and_step(strings, failure), Tone::Error),
        },
    };
    let values = [("what", &*what), ("why", &*why)];
    (strings.say_with(Phrase::WhatAndWhy, &values), tone)
}

/// An invoice without a document, and why where that is known not to pass by itself.
fn not_offered(facts: &Facts<'_>, what: &str) -> String {
    let number = what.rsplit(' ').next().unwrap_or_default();
    let access = facts.access.as_ref();
    match access.and_then(|access| access::on_line(facts.strings, access, number)) {
        Some((why, Tone::Warning)) => {
            let values = [("what", what), ("why", &why)];
            facts.strings.say_with(Phrase::WhatAndWhy, &values)
        }
        _ => what.to_owned(),
    }
}

/// Invoices that correct each other, in one line.
fn correction(strings: &Strings, group: &[Corrected]) -> String {
    let members: Vec<String> = group
        .iter()
        .map(|corrected| {
            let date = corrected.date.map_or_else(String::new, |date| date.to_string());
            let number = format!("{} {date}", corrected.invoice).trim().to_owned();
            match corrected.is_credit_note {
                true => strings.say_with(Phrase::CorrectedCreditNote, &[("number", &number)]),
                false => number,
            }
        })
        .collect();
    members.join(" → ")
}

pub(super) fn headline(report: &Report) -> (Tone, Phrase) {
    match &report.listing {
        Listing::Failed(_) => (Tone::Error, Phrase::ListingFailedTitle),
        _ if report.verdict == Verdict::Cancelled => (Tone::Info, Phrase::CancelledTitle),
        _ if report.has_failures() => (Tone::Warning, Phrase::DoneWithFailuresTitle),
        _ if usage::is_all_and_none(report) => (Tone::Info, Phrase::UsageNoneTitle),
        _ if usage::shows_documents(report) && report.documents == 0 => {
            (Tone::Info, Phrase::NothingVisibleTitle)
        }
        _ if !report.all_elsewhere().is_empty() => (Tone::Info, Phrase::DoneElsewhereTitle),
        _ if report.saved + report.usage.saved == 0
            && report.saved_before + report.usage.saved_before + report.all_no_longer_there().len() > 0 =>
        {
            (Tone::Success, Phrase::NothingNewTitle)
        }
        _ if !report.all_not_verified().is_empty() => (Tone::Info, Phrase::DoneNotVerifiedTitle),
        _ => (Tone::Success, Phrase::DoneTitle),
    }
}

/// One sentence per count that is not zero, and what an empty answer does and does not mean.
pub(super) fn counts(strings: &Strings, report: &Report) -> String {
    let days = [
        ("from", &*report.period.from.to_string()),
        ("to", &*report.period.to.to_string()),
    ];
    let mut sentences = vec![strings.say_with(Phrase::PeriodDates, &days)];
    match &report.listing {
        Listing::Failed(failure) => sentences.push(reason_and_step(strings, failure)),
        _ if report.verdict != Verdict::Finished || report.has_failures() => {}
        _ if usage::is_all_and_none(report) => sentences.push(strings.say(Phrase::UsageNone)),
        _ if usage::shows_documents(report) && report.documents == 0 => {
            sentences.push(strings.say(Phrase::NothingVisible));
        }
        _ => {}
    }
    if report.verdict == Verdict::Cancelled {
        sentences.push(strings.say(Phrase::Cancelled));
    }
    let counted = [
        (Phrase::SavedCount, report.saved),
        (Phrase::SavedBeforeCount, report.saved_before),
        (Phrase::NoLongerThereCount, report.all_no_longer_there().len()),
        (Phrase::NotOfferedCount, report.not_offered.len()),
        (Phrase::FailedCount, report.failed.len()),
        (Phrase::NotVerifiedCount, report.all_not_verified().len()),
        (Phrase::ElsewhereCount, report.all_elsewhere().len()),
        (Phrase::FailedScopesCount, report.failed_scopes().count()),
        (Phrase::RefusedScopesCount, report.refused_scopes().count()),
        (Phrase::CancelledCount, report.cancelled),
    ];
    sentences.extend(
        counted
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(phrase, count)| strings.say_count(phrase, count)),
    );
    usage::sentences(strings, &report.usage, &mut sentences);
    if let Some(path) = &report.index {
        let name = path.rsplit('/').next().unwrap_or(path);
        sentences.push(strings.say_with(Phrase::IndexSaved, &[("file", name)]));
    }
    // One cause for all of them is told at once; several are told line by line.
    let failed: Vec<&Failure> = report
        .failed
        .iter()
        .map(|trouble| &trouble.failure)
        .chain(report.failed_scopes())
        .collect();
    let refused: Vec<&Failure> = report.refused_scopes().collect();
    for troubles in [failed, refused] {
        if let Some(first) = troubles.first()
            && troubles.iter().all(|other| other.code == first.code)
        {
            sentences.push(strings.reason(first.code));
            sentences.push(strings.next_step(first.code));
        }
    }
    strings.sentences(&sentences)
}

pub(super) fn list(
    facts: &Facts<'_>,
    key: &'static str,
    title: Phrase,
    lines: &[String],
    tone: Tone,
    nodes: &mut Vec<Node>,
) {
    if !lines.is_empty() {
        let title = facts.strings.say_count(title, lines.len());
        nodes.push(folded(key, title, list_items(lines, tone, facts.strings)));
    }
}

fn folded(key: &'static str, title: String, items: Vec<ListItem>) -> Node {
    let list = Node::List { key: "lines", items };
    Node::Section {
        key,
        title: Some(title),
        folded: Some(true),
        layout: Layout::Stack,
        nodes: vec![list],
    }
}

fn list_items(lines: &[String], tone: Tone, strings: &Strings) -> Vec<ListItem> {
    let item = |(number, line): (usize, &String)| ListItem {
        key: number.to_string(),
        text: line.clone(),
        tone,
    };
    let mut items: Vec<ListItem> = lines.iter().take(LONGEST_LIST).enumerate().map(item).collect();
    if lines.len() > LONGEST_LIST {
        let text = strings.say_count(Phrase::MoreCount, lines.len() - LONGEST_LIST);
        items.push(ListItem {
            key: "more".to_owned(),
            text,
            tone: Tone::Quiet,
        });
    }
    items
}

/// The end of a run in a title and a few sentences; `None` where the person ended it, and knows.
pub fn ending(
    strings: &Strings,
    report: Option<&Report>,
    stopped: Option<&Failure>,
) -> Option<(String, String)> {
    match (report, stopped) {
        (_, Some(failure)) => Some((
            strings.say(Phrase::RunStoppedTitle),
            reason_and_step(strings, failure),
        )),
        (Some(report), None) if report.verdict == Verdict::Finished => {
            Some((strings.say(headline(report).1), counts(strings, report)))
        }
        _ => None,
    }
}

/// Why, what Azure or the browser said of it, and the next step.
pub(super) fn reason_and_step(strings: &Strings, failure: &Failure) -> String {
    let mut sentences = vec![strings.reason(failure.code)];
    // Of what we refuse by ourselves there is no answer to quote.
    let is_ours = matches!(failure.code, FailureCode::LinkRefused | FailureCode::Unreadable);
    if !failure.detail.is_empty() && !is_ours {
        sentences.push(strings.say_with(Phrase::TheySay, &[("detail", &failure.detail)]));
    }
    sentences.push(strings.next_step(failure.code));
    strings.sentences(&sentences)
}
