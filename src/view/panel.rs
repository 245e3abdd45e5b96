//! The dock and the popup: what they show for every state of session, choices and run.
//! Must not know: how a state came about.

use time::Date;

use crate::azure::Account;
use crate::download::{
    Elsewhere, Failure, FailureCode, Listing, Packing, Report, ScopeAnswer, ScopeLine, Verdict,
};
use crate::invoices::{Corrected, PeriodChoice, ScopeKind};

use super::choices::Choices;
use super::language::Language;
use super::node::{Action, Emphasis, Field, InputKind, Layout, ListItem, Node, OptionItem, Surface, Tone};
use super::phrases::Phrase;
use super::strings::Strings;

/// Lines of a list that are shown; the rest is counted.
const LONGEST_LIST: usize = 50;

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
    /// Host patterns that the person has not granted.
    pub missing_hosts: &'a [&'static str],
}

/// The dock, and what stands in the portal's command bar.
pub fn dock(facts: &Facts<'_>) -> (Surface, Vec<Node>) {
    let mut nodes = Vec::new();
    account(facts, &mut nodes);
    access(facts, &mut nodes);
    if facts.account.is_none() && !facts.running {
        nodes.push(no_session(facts));
    }
    run(facts, &mut nodes);
    nodes.push(language(facts));
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
    access(facts, &mut nodes);
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
    surface(facts, nodes)
}

fn surface(facts: &Facts<'_>, nodes: Vec<Node>) -> Surface {
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

fn account(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
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

/// What the person must grant before anything can work.
fn access(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    if facts.missing_hosts.is_empty() {
        return;
    }
    let strings = facts.strings;
    let grant = Node::Button {
        key: "grant",
        text: strings.say(Phrase::GrantAccess),
        action: Action::HostsGranted,
        emphasis: Emphasis::Primary,
        disabled: false,
        grant: Some(facts.missing_hosts.to_vec()),
    };
    let hosts = facts
        .missing_hosts
        .iter()
        .filter_map(|pattern| pattern.split('/').nth(2))
        .collect::<Vec<_>>();
    nodes.push(Node::Notice {
        key: "access",
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
    choices(facts, nodes);
    packing(facts, nodes);
    let main = button(
        facts,
        "download-all",
        Phrase::DownloadAll,
        Action::DownloadAll,
        Emphasis::Primary,
    );
    nodes.push(with_disabled(main, facts.choices.days(facts.today).is_none()));
    if let Some(failure) = facts.stopped {
        nodes.push(Node::Notice {
            key: "stopped",
            tone: Tone::Error,
            title: facts.strings.say(Phrase::RunStoppedTitle),
            text: reason_and_step(facts.strings, failure),
            nodes: Vec::new(),
        });
    } else if let Some(report) = facts.report {
        outcome(facts, report, nodes);
    }
}

fn choices(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let (strings, choices, today) = (facts.strings, facts.choices, facts.today);
    let offered = [
        (
            PeriodChoice::Last12Months,
            strings.say(Phrase::PeriodLast12Months),
        ),
        (
            PeriodChoice::ThisYear,
            year(strings, Phrase::PeriodThisYear, today.year()),
        ),
        (
            PeriodChoice::LastYear,
            year(strings, Phrase::PeriodLastYear, today.year() - 1),
        ),
        (PeriodChoice::Custom, strings.say(Phrase::PeriodCustom)),
    ];
    nodes.push(Node::Choice {
        key: "period",
        label: strings.say(Phrase::Period),
        field: Field::Period,
        value: choices.period.as_str().to_owned(),
        options: offered
            .iter()
            .map(|(choice, text)| option(choice.as_str(), text))
            .collect(),
    });
    if choices.period != PeriodChoice::Custom {
        return;
    }
    let day = |key, label, field, value: &str| Node::Field {
        key,
        label: strings.say(label),
        field,
        value: value.to_owned(),
        input: InputKind::Date,
        min: None,
        max: Some(today.to_string()),
    };
    nodes.push(Node::Section {
        key: "days",
        title: None,
        folded: None,
        layout: Layout::Row,
        nodes: vec![
            day("from", Phrase::PeriodFrom, Field::From, &choices.from),
            day("to", Phrase::PeriodTo, Field::To, &choices.to),
        ],
    });
    if choices.days(today).is_none() {
        nodes.push(Node::Notice {
            key: "backwards",
            tone: Tone::Warning,
            title: strings.say(Phrase::PeriodBackwardsTitle),
            text: strings.say(Phrase::PeriodBackwards),
            nodes: Vec::new(),
        });
    }
}

fn packing(facts: &Facts<'_>, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    let offered = [
        (Packing::Folder, Phrase::PackingFolder),
        (Packing::Zip, Phrase::PackingZip),
    ];
    nodes.push(Node::Choice {
        key: "packing",
        label: strings.say(Phrase::Packing),
        field: Field::Packing,
        value: facts.choices.packing.as_str().to_owned(),
        options: offered
            .iter()
            .map(|(packing, words)| option(packing.as_str(), &strings.say(*words)))
            .collect(),
    });
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
            (
                Some(documents.max(1)),
                strings.say_with(Phrase::DocumentsDone, &counts),
            )
        }
    };
    nodes.push(Node::Progress {
        key: "progress",
        label: strings.say(Phrase::DownloadProgress),
        value: ended,
        max,
        text: words,
    });
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

/// What a run came to: one notice with the counts and the next steps, then the lists.
fn outcome(facts: &Facts<'_>, report: &Report, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    let mut buttons = Vec::new();
    if report.last_download.is_some() {
        buttons.push(button(
            facts,
            "open-folder",
            Phrase::OpenFolder,
            Action::OpenFolder,
            Emphasis::Plain,
        ));
    }
    if report.has_failures() || report.verdict == Verdict::Cancelled {
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
    elsewhere(facts, report, nodes);
    let failed: Vec<String> = report
        .failed
        .iter()
        .map(|trouble| {
            let why = reason_and_step(strings, &trouble.failure);
            strings.say_with(Phrase::WhatAndWhy, &[("what", &trouble.what), ("why", &why)])
        })
        .collect();
    list(facts, "failed", Phrase::FailedCount, &failed, Tone::Error, nodes);
    if !report.not_offered.is_empty() {
        let mut items = list_items(&report.not_offered, Tone::Plain, strings);
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
    let not_verified = with_hosts(strings, &report.not_verified);
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
    let documents = with_hosts(strings, &report.elsewhere);
    let items = list_items(&documents, Tone::Plain, strings);
    nodes.push(Node::Notice {
        key: "elsewhere",
        tone: Tone::Info,
        title: strings.say_count(Phrase::ElsewhereCount, report.elsewhere.len()),
        text: strings.say_with(Phrase::Elsewhere, &[("hosts", &hosts.join(", "))]),
        nodes: vec![save, folded("which", strings.say(Phrase::ElsewhereWhich), items)],
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
        .map(|line| scope(strings, line))
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

fn scope(strings: &Strings, line: &ScopeLine) -> (String, Tone) {
    let name = [("name", &*line.name)];
    let what = match line.kind {
        ScopeKind::Accounts => strings.say(Phrase::ScopeAccounts),
        ScopeKind::Subscriptions => strings.say(Phrase::ScopeSubscriptions),
        ScopeKind::Account => strings.say_with(Phrase::ScopeAccount, &name),
        ScopeKind::Profile => strings.say_with(Phrase::ScopeProfile, &name),
        ScopeKind::Subscription => strings.say_with(Phrase::ScopeSubscription, &name),
    };
    let (why, tone) = match &line.answer {
        ScopeAnswer::Listed(count) => (strings.say_count(Phrase::ScopeListed, *count), Tone::Plain),
        ScopeAnswer::NothingVisible => (strings.say(Phrase::ScopeNothingVisible), Tone::Plain),
        ScopeAnswer::Refused(failure) => (reason_and_step(strings, failure), Tone::Warning),
        ScopeAnswer::Failed(failure) => (reason_and_step(strings, failure), Tone::Error),
    };
    let values = [("what", &*what), ("why", &*why)];
    (strings.say_with(Phrase::WhatAndWhy, &values), tone)
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

fn headline(report: &Report) -> (Tone, Phrase) {
    match &report.listing {
        Listing::Failed(_) => (Tone::Error, Phrase::ListingFailedTitle),
        _ if report.verdict == Verdict::Cancelled => (Tone::Info, Phrase::CancelledTitle),
        _ if report.has_failures() => (Tone::Warning, Phrase::DoneWithFailuresTitle),
        _ if report.documents == 0 => (Tone::Info, Phrase::NothingVisibleTitle),
        _ if !report.elsewhere.is_empty() => (Tone::Info, Phrase::DoneElsewhereTitle),
        _ if report.saved == 0 && report.saved_before > 0 => (Tone::Success, Phrase::NothingNewTitle),
        _ if !report.not_verified.is_empty() => (Tone::Info, Phrase::DoneNotVerifiedTitle),
        _ => (Tone::Success, Phrase::DoneTitle),
    }
}

/// One sentence per count that is not zero, and what an empty answer does and does not mean.
fn counts(strings: &Strings, report: &Report) -> String {
    let days = [
        ("from", &*report.period.from.to_string()),
        ("to", &*report.period.to.to_string()),
    ];
    let mut sentences = vec![strings.say_with(Phrase::PeriodDates, &days)];
    match &report.listing {
        Listing::Failed(failure) => sentences.push(reason_and_step(strings, failure)),
        _ if report.documents == 0 && report.verdict == Verdict::Finished && !report.has_failures() => {
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
        (Phrase::NotOfferedCount, report.not_offered.len()),
        (Phrase::FailedCount, report.failed.len()),
        (Phrase::NotVerifiedCount, report.not_verified.len()),
        (Phrase::ElsewhereCount, report.elsewhere.len()),
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
    sentences.join(" ")
}

fn list(
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

/// Why, what Azure or the browser said of it, and the next step.
fn reason_and_step(strings: &Strings, failure: &Failure) -> String {
    let mut sentences = vec![strings.reason(failure.code)];
    // Of what we refuse by ourselves there is no answer to quote.
    let is_ours = matches!(failure.code, FailureCode::LinkRefused | FailureCode::Unreadable);
    if !failure.detail.is_empty() && !is_ours {
        sentences.push(strings.say_with(Phrase::TheySay, &[("detail", &failure.detail)]));
    }
    sentences.push(strings.next_step(failure.code));
    sentences.join(" ")
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
        format!("{}: {}", strings.say(headline(report).1), counts(strings, report))
    } else {
        String::new()
    }
}

fn language(facts: &Facts<'_>) -> Node {
    let mut options = vec![option("auto", &facts.strings.say(Phrase::LanguageAutomatic))];
    options.extend(
        Language::ALL
            .iter()
            .map(|language| option(language.as_str(), language.endonym())),
    );
    Node::Choice {
        key: "language",
        label: facts.strings.say(Phrase::Language),
        field: Field::Language,
        value: facts.choices.language.map_or("auto", Language::as_str).to_owned(),
        options,
    }
}

fn text(key: &'static str, text: String, tone: Tone) -> Node {
    Node::Text { key, text, tone }
}

fn option(value: &str, text: &str) -> OptionItem {
    OptionItem {
        value: value.to_owned(),
        text: text.to_owned(),
    }
}

fn year(strings: &Strings, phrase: Phrase, year: i32) -> String {
    strings.say_with(phrase, &[("year", &year.to_string())])
}

fn button(facts: &Facts<'_>, key: &'static str, words: Phrase, action: Action, emphasis: Emphasis) -> Node {
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
