//! What became of every place and month of a run, so that no month is left unsaid.
//! Must not know: single documents' reasons, or the screen that shows it.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;

use crate::azure::json::{items, text};
use crate::invoices::{CalendarMonth, ListedInvoice};

use super::outcome::Outcome;

/// A place that invoices bill, with the months that it has some in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// Its name for people.
    pub name: String,
    /// Its subscription or billing account, by which places of one name are told apart; may be empty.
    pub id: String,
    /// Months by invoice date, in their order; at last what has no date.
    pub months: Vec<PlaceMonth>,
}

/// What became of one place's documents of one month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaceMonth {
    /// The month of the invoices' date; `None` for those without one.
    pub month: Option<CalendarMonth>,
    /// How many documents ended how; no outcome stands twice.
    pub outcomes: Vec<(Outcome, usize)>,
}

/// Sorts documents by place and month.
pub(super) fn coverage<'a>(documents: impl Iterator<Item = (&'a ListedInvoice, Outcome)>) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for (listed, outcome) in documents {
        let (name, id) = (&*listed.billed_to, listed.billed_id());
        let place = in_order(
            &mut places,
            |place| (&*place.name, &*place.id).cmp(&(name, id)),
            || Place {
                name: name.to_owned(),
                id: id.to_owned(),
                months: Vec::new(),
            },
        );
        let month = listed.date().map(CalendarMonth::of);
        let line = in_order(
            &mut place.months,
            |line| dated_first(line.month).cmp(&dated_first(month)),
            || PlaceMonth {
                month,
                outcomes: Vec::new(),
            },
        );
        let count = in_order(
            &mut line.outcomes,
            |(known, _)| known.cmp(&outcome),
            || (outcome, 0),
        );
        count.1 += 1;
    }
    places
}

/// What has no month comes last.
pub fn dated_first(month: Option<CalendarMonth>) -> (bool, Option<CalendarMonth>) {
    (month.is_none(), month)
}

/// The item of an ordered list that compares as equal; a new one in its place where there is none. Short lists kept so
/// take a tenth of the code that sorting them at the end takes.
pub(super) fn in_order<T>(
    list: &mut Vec<T>,
    compare: impl Fn(&T) -> Ordering,
    make: impl FnOnce() -> T,
) -> &mut T {
    let at = list.partition_point(|item| compare(item) == Ordering::Less);
    if list.get(at).is_none_or(|item| compare(item) != Ordering::Equal) {
        list.insert(at, make());
    }
    // It was there, or has just been put there.
    #[allow(clippy::indexing_slicing, reason = "the position was just found or filled")]
    &mut list[at]
}

impl Place {
    /// Reads a place as it is stored.
    pub(super) fn read(stored: &Value) -> Option<Place> {
        Some(Place {
            name: text(stored, "name").to_owned(),
            id: text(stored, "id").to_owned(),
            months: items(stored, "months").iter().map(PlaceMonth::read).collect(),
        })
    }
}

impl PlaceMonth {
    fn read(stored: &Value) -> PlaceMonth {
        let outcome = |pair: &Value| {
            let outcome = Outcome::read(pair.get(0)?.as_str()?)?;
            Some((outcome, pair.get(1)?.as_u64()? as usize))
        };
        PlaceMonth {
            month: CalendarMonth::read(text(stored, "month")),
            outcomes: items(stored, "outcomes").iter().filter_map(outcome).collect(),
        }
    }
}
