//! What the person has chosen, kept between visits.
//! Must not know: where it is kept, or how it is asked.

use serde::Serialize;
use serde_json::Value;
use time::Date;

use crate::azure::json::text;
use crate::azure::parse_date;
use crate::download::{Packing, Region, Wanted};
use crate::invoices::{NameTemplate, Period, PeriodChoice, TemplateError};
use crate::spelling::spelled;

use super::language::Language;
use super::node::Field;

/// Longest pattern that is kept while it cannot be used, in bytes.
const LONGEST_TYPED: usize = 1000;

spelled! {
    /// How tables are written for the person's spreadsheet program.
    #[derive(Default)]
    pub enum RegionChoice {
        /// As the browser's region does.
        #[default]
        Automatic = "auto",
        /// Decimal point, comma between the cells.
        Point = "point",
        /// Decimal comma, semicolon between the cells.
        Comma = "comma",
    }
}

impl RegionChoice {
    /// The region that is meant, where the browser's is `automatic`.
    pub fn region(self, automatic: Region) -> Region {
        match self {
            RegionChoice::Automatic => automatic,
            RegionChoice::Point => Region::WITH_POINT,
            RegionChoice::Comma => Region::WITH_COMMA,
        }
    }
}

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
    /// What a press on *Download all invoices* saves: documents, or usage too.
    pub wanted: Wanted,
    /// Language; `None` is automatic.
    pub language: Option<Language>,
    /// What documents are named by, as it was chosen last.
    pub template: NameTemplate,
    /// What stands where the pattern is typed, until it is chosen; in force already where it is a pattern.
    pub typed_template: Option<String>,
    /// How tables are written.
    pub region: RegionChoice,
    /// Whether the end of a run is to be notified of.
    pub notify: bool,
}

impl Choices {
    /// Reads choices as they are stored; what is not there is as at first.
    pub fn read(stored: &Value) -> Choices {
        Choices {
            period: PeriodChoice::read(text(stored, "period")).unwrap_or_default(),
            from: text(stored, "from").to_owned(),
            to: text(stored, "to").to_owned(),
            packing: Packing::read(text(stored, "packing")).unwrap_or_default(),
            wanted: Wanted::read(text(stored, "wanted")).unwrap_or_default(),
            language: Language::read(text(stored, "language")),
            template: NameTemplate::read(text(stored, "template")).unwrap_or_default(),
            typed_template: stored
                .get("typed_template")
                .and_then(Value::as_str)
                .map(str::to_owned),
            region: RegionChoice::read(text(stored, "region")).unwrap_or_default(),
            notify: stored.get("notify").and_then(Value::as_bool) == Some(true),
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

    /// What documents are named by now: the pattern that stands there, or the one chosen before while that is none. On
    /// the way to a pattern many others stand there for a moment; none of them is what a wrong one falls back to.
    ///
    /// # Errors
    /// Why what stands there is none.
    pub fn naming(&self) -> Result<NameTemplate, TemplateError> {
        match &self.typed_template {
            Some(typed) => NameTemplate::read(typed),
            None => Ok(self.template.clone()),
        }
    }

    /// The pattern as it stands there, whether or not it is one.
    pub fn template_text(&self) -> &str {
        self.typed_template
            .as_deref()
            .unwrap_or_else(|| self.template.as_str())
    }

    /// Takes over what stands in a field before it is chosen; `false` where that is of no account.
    pub fn type_in(&mut self, field: Field, value: &str) -> bool {
        let counts = field == Field::Template && value.len() <= LONGEST_TYPED;
        if counts {
            self.typed_template = Some(value.to_owned());
        }
        counts
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
            Field::Run | Field::Hint | Field::Sharing | Field::Subscription | Field::GuideStep => {
                return false;
            }
            Field::Wanted => match Wanted::read(value) {
                Some(wanted) if wanted.has_documents() => self.wanted = wanted,
                _ => return false,
            },
            Field::Language if value == "auto" => self.language = None,
            Field::Language => match Language::read(value) {
                Some(language) => self.language = Some(language),
                None => return false,
            },
            Field::Template => match NameTemplate::read(value) {
                Ok(template) => (self.template, self.typed_template) = (template, None),
                Err(_) => return self.type_in(field, value),
            },
            Field::Region => match RegionChoice::read(value) {
                Some(region) => self.region = region,
                None => return false,
            },
        }
        true
    }

    /// Names files as at first.
    pub fn reset_template(&mut self) {
        (self.template, self.typed_template) = (NameTemplate::default(), None);
    }
}
