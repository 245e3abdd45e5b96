//! What the person has chosen, kept between visits.
//! Must not know: where it is kept, or how it is asked.

use serde::Serialize;
use serde_json::Value;
use time::Date;

use crate::azure::json::text;
use crate::azure::parse_date;
use crate::download::Packing;
use crate::invoices::{Period, PeriodChoice};

use super::language::Language;
use super::node::Field;

/// The person's choices. They hold nothing about Azure, so all identities share them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// Which period.
    pub period: PeriodChoice,
    /// First day of a custom period; empty until chosen.
    pub from: String,
    /// Last day of a custom period; empty until chosen.
    pub to: String,
    /// Files, or one archive.
    pub packing: Packing,
    /// Language; `None` is automatic.
    pub language: Option<Language>,
}

impl Choices {
    /// Reads choices as they are stored; what is not there is as at first.
    pub fn read(stored: &Value) -> Choices {
        Choices {
            period: PeriodChoice::read(text(stored, "period")).unwrap_or_default(),
            from: text(stored, "from").to_owned(),
            to: text(stored, "to").to_owned(),
            packing: Packing::read(text(stored, "packing")).unwrap_or_default(),
            language: Language::read(text(stored, "language")),
        }
    }

    /// The days that are chosen; `None` while a custom period lacks a day or runs backwards.
    pub fn days(&self, today: Date) -> Option<Period> {
        self.period.days(today).or_else(|| {
            let period = Period {
                from: parse_date(&self.from)?,
                to: parse_date(&self.to)?,
            };
            (period.from <= period.to).then_some(period)
        })
    }

    /// Takes a choice over; `false` when the value is none that was offered. A first custom period begins with the
    /// days of the one chosen before.
    pub fn choose(&mut self, field: Field, value: &str, today: Date) -> bool {
        match field {
            Field::Period => {
                let Some(chosen) = PeriodChoice::read(value) else {
                    return false;
                };
                if chosen == PeriodChoice::Custom
                    && (self.from.is_empty() || self.to.is_empty())
                    && let Some(before) = self.days(today)
                {
                    (self.from, self.to) = (before.from.to_string(), before.to.to_string());
                }
                self.period = chosen;
            }
            Field::From | Field::To if parse_date(value).is_none() => return false,
            Field::From => self.from = value.to_owned(),
            Field::To => self.to = value.to_owned(),
            Field::Packing => match Packing::read(value) {
                Some(packing) => self.packing = packing,
                None => return false,
            },
            // Not a choice that stays.
            Field::Run => return false,
            Field::Language if value == "auto" => self.language = None,
            Field::Language => match Language::read(value) {
                Some(language) => self.language = Some(language),
                None => return false,
            },
        }
        true
    }
}
