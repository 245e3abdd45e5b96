//! The page of reports: one kept run with what became of every place and month, its sums, and its next steps.
//! Must not know: how reports are kept, or how a press will be carried out.

use crate::azure::Decimal;
use crate::download::{MonthTotal, Outcome, Place, PlaceMonth, Region, Report, Totals, dated_first};
use crate::invoices::CalendarMonth;

use super::node::{Action, Cell, Column, Emphasis, Field, Layout, Node, OptionItem, Row, Surface, Tone};
use super::outcome::{Offers, headline, outcome};
use super::panel::{Facts, account, button, enable_sharing, surface, text};
use super::phrases::Phrase;
use super::strings::Strings;

/// Rows of a table that are shown; the rest is counted.
const MOST_ROWS: usize = 100;
/// A space that keeps the digits of a number together.
const NARROW_SPACE: char = '\u{202f}';

/// What the page shows beside the facts of every surface.
pub struct Kept<'a> {
    /// Runs of the person, the newest first.
    pub runs: &'a [Report],
    /// Which of them is shown, by its moment; the newest where there is none of that moment.
    pub chosen: &'a str,
    /// Whether the person was asked to confirm that everything is to be forgotten.
    pub forgetting: bool,
}

/// The page.
pub fn report_page(facts: &Facts<'_>, kept: &Kept<'_>) -> Surface {
    let mut nodes = Vec::new();
    account(facts, &mut nodes);
    let strings = facts.strings;
    if facts.account.is_none() {
        nodes.push(Node::Notice {
            key: "session",
            tone: Tone::Info,
            title: strings.say(Phrase::NoSessionTitle),
            text: strings.say(Phrase::ReportNoSession),
            nodes: vec![button(
                facts,
                "portal",
                Phrase::OpenPortal,
                Action::OpenPortal,
                Emphasis::Plain,
            )],
        });
    } else if let Some(shown) = chosen(kept) {
        nodes.push(choice(strings, kept, shown));
        let is_newest = kept.runs.first() == Some(shown);
        let offers = match is_newest && !facts.running {
            true => Offers::OnPage,
            false => Offers::Nothing,
        };
        outcome(facts, shown, offers, &mut nodes);
        nodes.extend(enable_sharing(facts).filter(|_| is_newest));
        nodes.extend(coverage(strings, shown));
        nodes.extend(totals(strings, facts.region, &shown.totals));
    } else {
        nodes.push(text("none", strings.say(Phrase::ReportNone), Tone::Plain));
    }
    forget(facts, kept, &mut nodes);
    Surface {
        title: strings.say(Phrase::Reports),
        status: String::new(),
        ..surface(facts, nodes)
    }
}

fn chosen<'a>(kept: &Kept<'a>) -> Option<&'a Report> {
    let mut runs = kept.runs.iter();
    runs.find(|run| run.ordered_at == kept.chosen)
        .or_else(|| kept.runs.first())
}

fn choice(strings: &Strings, kept: &Kept<'_>, shown: &Report) -> Node {
    let option = |run: &Report| OptionItem {
        value: run.ordered_at.clone(),
        text: strings.say_with(
            Phrase::WhatAndWhy,
            &[
                ("what", &*moment(&run.ordered_at)),
                ("why", &*strings.say(headline(run).1)),
            ],
        ),
    };
    Node::Choice {
        key: "run",
        label: strings.say(Phrase::Run),
        field: Field::Run,
        value: shown.ordered_at.clone(),
        options: kept.runs.iter().map(option).collect(),
    }
}

/// `2026-03-09 08.07.12` as `2026-03-09 08:07`.
fn moment(ordered_at: &str) -> String {
    let minute = ordered_at.get(..16).unwrap_or(ordered_at);
    minute.replace('.', ":")
}

/// Every place in a row, every month in a column, what became of it in a sign; below it the signs in words.
fn coverage(strings: &Strings, report: &Report) -> Vec<Node> {
    if report.places.is_empty() {
        return Vec::new();
    }
    let mut months: Vec<Option<CalendarMonth>> = report.period.months().into_iter().map(Some).collect();
    for line in report.places.iter().flat_map(|place| &place.months) {
        let at = months.partition_point(|month| dated_first(*month) < dated_first(line.month));
        if months.get(at) != Some(&line.month) {
            months.insert(at, line.month);
        }
    }

    let mut columns = vec![Column {
        text: strings.say(Phrase::Place),
        numeric: false,
    }];
    columns.extend(months.iter().map(|month| Column {
        text: month.map_or_else(|| strings.say(Phrase::Undated), |month| month.to_string()),
        numeric: true,
    }));
    let rows: Vec<Row> = report
        .places
        .iter()
        .take(MOST_ROWS)
        .enumerate()
        .map(|(at, place)| {
            let mut cells = vec![Cell {
                text: name_among(&report.places, place),
                ..cell()
            }];
            cells.extend(months.iter().map(|month| {
                let line = place.months.iter().find(|line| line.month == *month);
                month_cell(strings, line)
            }));
            Row {
                key: at.to_string(),
                cells,
            }
        })
        .collect();

    let mut nodes = vec![Node::Table {
        key: "table",
        caption: strings.say(Phrase::ByPlaceAndMonth),
        columns,
        rows,
    }];
    if report.places.len() > MOST_ROWS {
        let more = strings.say_count(Phrase::MoreCount, report.places.len() - MOST_ROWS);
        nodes.push(text("more", more, Tone::Quiet));
    }
    let occurs = |outcome: &&Outcome| {
        let mut lines = report.places.iter().flat_map(|place| &place.months);
        lines.any(|line| line.outcomes.iter().any(|(known, _)| known == *outcome))
    };
    let signs: Vec<String> = Outcome::ALL
        .iter()
        .filter(occurs)
        .map(|outcome| (sign(*outcome), strings.say(words(*outcome))))
        .chain([(NOTHING, strings.say(Phrase::OutcomeNothingVisible))])
        .map(|(sign, words)| format!("{sign} {words}"))
        .collect();
    nodes.push(text("legend", signs.join("\u{2003}"), Tone::Quiet));
    vec![Node::Section {
        key: "coverage",
        title: None,
        folded: None,
        layout: Layout::Stack,
        nodes,
    }]
}

/// A place's name; with the beginning of its id where another has the same name.
fn name_among(places: &[Place], place: &Place) -> String {
    let same = places.iter().filter(|other| other.name == place.name).count();
    match place.id.get(..8).filter(|_| same > 1) {
        Some(id) => format!("{} ({id}…)", place.name),
        None => place.name.clone(),
    }
}

/// Stands where nothing is.
const NOTHING: &str = "·";

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Saved => "✓",
        Outcome::SavedEarlier => "=",
        Outcome::NoLongerThere => "?",
        Outcome::NotVerified => "≈",
        Outcome::NotOffered => "…",
        Outcome::Elsewhere => "↗",
        Outcome::Failed => "✕",
        Outcome::LeftOut => "–",
    }
}

fn words(outcome: Outcome) -> Phrase {
    match outcome {
        Outcome::Saved => Phrase::OutcomeSaved,
        Outcome::SavedEarlier => Phrase::OutcomeSavedEarlier,
        Outcome::NoLongerThere => Phrase::OutcomeNoLongerThere,
        Outcome::NotVerified => Phrase::OutcomeNotVerified,
        Outcome::NotOffered => Phrase::OutcomeNotOffered,
        Outcome::Elsewhere => Phrase::OutcomeElsewhere,
        Outcome::Failed => Phrase::OutcomeFailed,
        Outcome::LeftOut => Phrase::OutcomeLeftOut,
    }
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Saved => Tone::Success,
        Outcome::SavedEarlier => Tone::Plain,
        Outcome::NoLongerThere => Tone::Warning,
        Outcome::NotVerified | Outcome::Elsewhere => Tone::Info,
        Outcome::NotOffered | Outcome::LeftOut => Tone::Quiet,
        Outcome::Failed => Tone::Error,
    }
}

fn month_cell(strings: &Strings, line: Option<&PlaceMonth>) -> Cell {
    let outcomes = line.map_or(&[][..], |line| &line.outcomes);
    if outcomes.is_empty() {
        return Cell {
            text: NOTHING.to_owned(),
            hint: Some(strings.say(Phrase::OutcomeNothingVisible)),
            tone: Tone::Quiet,
            ..cell()
        };
    }
    let signs: Vec<String> = outcomes
        .iter()
        .map(|(outcome, count)| format!("{}{NARROW_SPACE}{count}", sign(*outcome)))
        .collect();
    let hints: Vec<String> = outcomes
        .iter()
        .map(|(outcome, count)| {
            let (what, why) = (strings.say(words(*outcome)), count.to_string());
            strings.say_with(Phrase::WhatAndWhy, &[("what", &*what), ("why", &*why)])
        })
        .collect();
    // Outcomes stand in the order of their gravity.
    let gravest = outcomes.last().map_or(Tone::Plain, |(outcome, _)| tone(*outcome));
    Cell {
        text: signs.join(" "),
        hint: Some(hints.join(", ")),
        tone: gravest,
        ..cell()
    }
}

fn totals(strings: &Strings, region: Region, totals: &Totals) -> Vec<Node> {
    let left_out = [
        (Phrase::VoidCount, totals.void),
        (Phrase::WithoutAmountCount, totals.without_amount),
    ];
    let left_out = left_out.into_iter().filter(|(_, count)| *count > 0);
    let mut notes: Vec<String> = Vec::new();
    if !totals.months.is_empty() {
        notes.push(strings.say(Phrase::TotalsNote));
    }
    notes.extend(left_out.map(|(phrase, count)| strings.say_count(phrase, count)));
    if notes.is_empty() {
        return Vec::new();
    }
    let mut nodes = Vec::new();
    if !totals.months.is_empty() {
        let column = |phrase, numeric| Column {
            text: strings.say(phrase),
            numeric,
        };
        nodes.push(Node::Table {
            key: "table",
            caption: strings.say(Phrase::TotalsByMonth),
            columns: vec![
                column(Phrase::Month, false),
                column(Phrase::Currency, false),
                column(Phrase::InvoiceCount, true),
                column(Phrase::Net, true),
                column(Phrase::Tax, true),
                column(Phrase::Total, true),
            ],
            rows: totals
                .months
                .iter()
                .take(MOST_ROWS)
                .map(|line| total_row(strings, region, line))
                .collect(),
        });
    }
    nodes.push(text("note", strings.sentences(&notes), Tone::Quiet));
    vec![Node::Section {
        key: "totals",
        title: None,
        folded: None,
        layout: Layout::Stack,
        nodes,
    }]
}

fn total_row(strings: &Strings, region: Region, line: &MonthTotal) -> Row {
    let month = match line.month {
        Some(month) => month.to_string(),
        None => strings.say(Phrase::Undated),
    };
    let amount = |amount: Option<Decimal>| amount.map_or_else(String::new, |amount| money(amount, region));
    let texts = [
        month.clone(),
        line.currency.clone(),
        line.invoices.to_string(),
        amount(line.net),
        amount(line.tax),
        amount(Some(line.total)),
    ];
    Row {
        key: format!("{month} {}", line.currency),
        cells: texts.into_iter().map(|text| Cell { text, ..cell() }).collect(),
    }
}

/// An amount with two digits after the mark or more, and with its thousands apart.
fn money(amount: Decimal, region: Region) -> String {
    let mark = region.decimal_mark.sign();
    let written = amount.written(mark, 2);
    let (whole, fraction) = written.split_once(mark).unwrap_or((&written, ""));
    let digits = whole.trim_start_matches('-').len();
    let mut apart = String::new();
    for (at, digit) in whole.trim_start_matches('-').chars().enumerate() {
        if at > 0 && (digits - at) % 3 == 0 {
            apart.push(NARROW_SPACE);
        }
        apart.push(digit);
    }
    let sign = if whole.starts_with('-') { "−" } else { "" };
    format!("{sign}{apart}{mark}{fraction}")
}

/// The button that forgets, and the question before it does.
fn forget(facts: &Facts<'_>, kept: &Kept<'_>, nodes: &mut Vec<Node>) {
    let strings = facts.strings;
    if kept.forgetting {
        nodes.push(Node::Notice {
            key: "forgetting",
            tone: Tone::Warning,
            title: strings.say(Phrase::ForgetTitle),
            text: strings.say(Phrase::ForgetText),
            nodes: vec![
                button(facts, "keep", Phrase::ForgetKeep, Action::Keep, Emphasis::Primary),
                button(
                    facts,
                    "forget-everything",
                    Phrase::ForgetConfirm,
                    Action::ForgetEverything,
                    Emphasis::Plain,
                ),
            ],
        });
    } else {
        nodes.push(button(
            facts,
            "forget",
            Phrase::Forget,
            Action::Forget,
            Emphasis::Quiet,
        ));
    }
}

fn cell() -> Cell {
    Cell {
        span: 1,
        ..Cell::default()
    }
}
