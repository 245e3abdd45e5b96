//! A month of a year, by which costs are booked.
//! Must not know: any language's name of it.

use std::fmt;

use serde::{Serialize, Serializer};
use time::Date;

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarMonth {
    year: i32,
    /// 1 to 12.
    month: u8,
}

impl CalendarMonth {
    /// The month of a day.
    pub fn of(day: Date) -> CalendarMonth {
        CalendarMonth {
            year: day.year(),
            month: day.month().into(),
        }
    }

    /// Reads `2026-03`.
    pub fn read(stored: &str) -> Option<CalendarMonth> {
        let (year, month) = stored.split_once('-')?;
        let month = CalendarMonth {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
        };
        (1..=12).contains(&month.month).then_some(month)
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> CalendarMonth {
        match self.month {
            12 => CalendarMonth {
                year: self.year + 1,
                month: 1,
            },
            month => CalendarMonth {
                month: month + 1,
                ..self
            },
        }
    }
}

/// `2026-03`
impl fmt::Display for CalendarMonth {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for CalendarMonth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
