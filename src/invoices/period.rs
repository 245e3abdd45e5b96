//! The span of invoice dates that a person asks for.
//! Must not know: the present moment; today is told.

use serde::{Serialize, Serializer};
use serde_json::Value;
use time::{Date, Duration, Month};

use crate::azure::json::text;
use crate::azure::parse_date;
use crate::spelling::spelled;

use super::month::CalendarMonth;

/// Azure filters by billing period, a person by invoice date. An invoice is written up to some weeks after its
/// period, so the question to Azure is wider on both sides.
const MARGIN: Duration = Duration::days(62);

spelled! {
    /// What can be chosen.
    #[derive(Default)]
    pub enum PeriodChoice {
        /// From the day after this day a year ago until today.
        #[default]
        Last12Months = "last-12-months",
        /// From the first of January until today.
        ThisYear = "this-year",
        /// The whole calendar year before this one.
        LastYear = "last-year",
        /// From one day to another, both included.
        Custom = "custom",
    }
}

/// A span of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// First day.
    #[serde(serialize_with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(serialize_with = "iso_date")]
    pub to: Date,
}

impl PeriodChoice {
    /// The days that the choice means today; `None` for a custom span, which has its own days.
    pub fn days(self, today: Date) -> Option<Period> {
        let first = |year| Date::from_calendar_date(year, Month::January, 1).unwrap_or(Date::MIN);
        match self {
            PeriodChoice::Last12Months => {
                let last_year = today.year() - 1;
                let a_year_ago = today
                    .replace_year(last_year)
                    .or_else(|_| Date::from_calendar_date(last_year, Month::February, 28))
                    .unwrap_or(Date::MIN);
                Some(Period {
                    from: a_year_ago.saturating_add(Duration::DAY),
                    to: today,
                })
            }
            PeriodChoice::ThisYear => Some(Period {
                from: first(today.year()),
                to: today,
            }),
            PeriodChoice::LastYear => Some(Period {
                from: first(today.year() - 1),
                to: first(today.year()).saturating_sub(Duration::DAY),
            }),
            PeriodChoice::Custom => None,
        }
    }
}

impl Period {
    /// Reads a period as it is stored.
    pub fn read(stored: &Value) -> Option<Period> {
        Some(Period {
            from: parse_date(text(stored, "from"))?,
            to: parse_date(text(stored, "to"))?,
        })
    }

    /// Whether this day belongs to it.
    pub fn contains(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// The months that it touches, in their order.
    pub fn months(&self) -> Vec<CalendarMonth> {
        let last = CalendarMonth::of(self.to);
        let first = Some(CalendarMonth::of(self.from)).filter(|first| *first <= last);
        std::iter::successors(first, |month| Some(month.next()).filter(|next| *next <= last)).collect()
    }

    /// The billing periods to ask Azure for so that no invoice dated within is missed.
    pub fn with_margin(&self) -> Period {
        Period {
            from: self.from.saturating_sub(MARGIN),
            to: self.to.saturating_add(MARGIN),
        }
    }
}

/// Days are stored as `2026-03-09`.
fn iso_date<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&date.to_string())
}
