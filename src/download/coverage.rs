//! What became of every place and month of a run, so that no month is left unsaid.
//! Must not know: single documents' reasons, or the screen that shows it.

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
        let (name, id) = (&listed.billed_to, listed.billed_id());
        let of_document = |place: &Place| place.name == *name && place.id == id;
        let at = match places.iter().position(of_document) {
            Some(at) => at,
            None => {
                let (name, id, months) = (name.clone(), id.to_owned(), Vec::new());
                places.push(Place { name, id, months });
                places.len() - 1
            }
        };
        if let Some(place) = places.get_mut(at) {
            place.count(listed.date().map(CalendarMonth::of), outcome);
        }
    }
    for place in &mut places {
        place
            .months
            .sort_by_key(|line| (line.month.is_none(), line.month));
        for line in &mut place.months {
            line.outcomes.sort();
        }
    }
    places.sort_by_cached_key(|place| (place.name.to_lowercase(), place.id.clone()));
    places
}

impl Place {
    fn count(&mut self, month: Option<CalendarMonth>, outcome: Outcome) {
        let line = match self.months.iter_mut().find(|line| line.month == month) {
            Some(line) => line,
            None => {
                let outcomes = Vec::new();
                self.months.push(PlaceMonth { month, outcomes });
                return self.count(month, outcome);
            }
        };
        match line.outcomes.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, count)) => *count += 1,
            None => line.outcomes.push((outcome, 1)),
        }
    }

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
