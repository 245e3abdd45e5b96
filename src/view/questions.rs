//! What more than one surface asks of a person: period, packing, language.
//! Must not know: where it is asked, or what becomes of the answer.

use time::Date;

use crate::download::Packing;
use crate::invoices::PeriodChoice;

use super::choices::Choices;
use super::language::Language;
use super::node::{Field, InputKind, Layout, Node, OptionItem, Tone};
use super::phrases::Phrase;
use super::strings::Strings;

/// Which invoice dates; a custom period has its days beside it.
pub(super) fn period(strings: &Strings, choices: &Choices, today: Date, nodes: &mut Vec<Node>) {
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
        problem: None,
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

/// Files, or one archive.
pub(super) fn packing(strings: &Strings, choices: &Choices) -> Node {
    let offered = [
        (Packing::Folder, Phrase::PackingFolder),
        (Packing::Zip, Phrase::PackingZip),
    ];
    Node::Choice {
        key: "packing",
        label: strings.say(Phrase::Packing),
        field: Field::Packing,
        value: choices.packing.as_str().to_owned(),
        options: offered
            .iter()
            .map(|(packing, words)| option(packing.as_str(), &strings.say(*words)))
            .collect(),
    }
}

/// Which language.
pub(super) fn language(strings: &Strings, choices: &Choices) -> Node {
    let mut options = vec![option("auto", &strings.say(Phrase::LanguageAutomatic))];
    options.extend(
        Language::ALL
            .iter()
            .map(|language| option(language.as_str(), language.endonym())),
    );
    Node::Choice {
        key: "language",
        label: strings.say(Phrase::Language),
        field: Field::Language,
        value: choices.language.map_or("auto", Language::as_str).to_owned(),
        options,
    }
}

/// One of the values of a choice.
pub(super) fn option(value: &str, text: &str) -> OptionItem {
    OptionItem {
        value: value.to_owned(),
        text: text.to_owned(),
    }
}

fn year(strings: &Strings, phrase: Phrase, year: i32) -> String {
    strings.say_with(phrase, &[("year", &year.to_string())])
}
