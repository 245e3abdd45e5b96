//! The slow lane of a run: usage, asked for when no document waits for Azure any more, a few at a time.
//! Must not know: how Azure is asked, or what becomes of a file once it is there.

pub(super) mod join;
mod obtain;
mod table;

use std::rc::Rc;

use crate::azure::DocumentSource;
use crate::invoices::{BillingPeriods, DocumentId, ListedInvoice, ProfileSubscription, WantedDocument};

use super::failure::Failure;
use super::job::Ready;

/// Reports under way at once. Cost Management allows about eight requests in a window, and each report takes several.
const UNDER_WAY: usize = 2;

/// What came of asking for usage.
#[derive(Clone, Debug, PartialEq)]
pub enum UsageAnswer {
    /// It can be handed over.
    Ready(Ready),
    /// Nothing was used: there is no file, and nothing is missing.
    NothingUsed,
    /// The place keeps its usage from this person, whatever the period.
    Refused(Failure),
}

/// Where the lane stands.
#[derive(Default)]
pub(super) struct UsageLane {
    periods: BillingPeriods,
    has_begun: bool,
    waiting: Vec<Asked>,
    under_way: Vec<Asked>,
    /// Places that have told something about their usage.
    open: Vec<String>,
}

/// Usage to be asked for, and the place that tells it.
struct Asked {
    id: DocumentId,
    place: String,
}

impl UsageLane {
    pub(super) fn add(&mut self, listed: &Rc<ListedInvoice>) {
        self.periods.add(listed);
    }

    pub(super) fn add_subscription(&mut self, subscription: ProfileSubscription) {
        self.periods.add_subscription(subscription);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// All usage there is, once everything else has been asked for.
    pub(super) fn begin(&mut self) -> Vec<(WantedDocument, Rc<ListedInvoice>)> {
        self.has_begun = true;
        self.periods.usage()
    }

    /// Puts usage at the end of the line.
    pub(super) fn wait(&mut self, id: &DocumentId, source: &DocumentSource) {
        let place = match source {
            DocumentSource::CostReport(report) => report.scope().to_owned(),
            DocumentSource::UsageDetails(details) => details.scope(),
            _ => return,
        };
        self.waiting.push(Asked {
            id: id.clone(),
            place: place.to_ascii_lowercase(),
        });
    }

    /// What is to be asked for now. Of a place that has told nothing yet only one is asked for, so that one that refuses
    /// is asked once, not once a month.
    pub(super) fn next(&mut self) -> Option<DocumentId> {
        if self.under_way.len() >= UNDER_WAY {
            return None;
        }
        let is_free = |asked: &Asked| {
            self.open.contains(&asked.place) || self.under_way.iter().all(|other| other.place != asked.place)
        };
        let at = self.waiting.iter().position(is_free)?;
        let next = self.waiting.remove(at);
        let id = next.id.clone();
        self.under_way.push(next);
        Some(id)
    }

    /// Takes note of an answer that is no refusal.
    pub(super) fn answered(&mut self, id: &DocumentId, tells: bool) {
        if let Some(place) = self.take(id)
            && tells
        {
            self.open.push(place);
        }
    }

    /// Takes note of a refusal and gives back whatever else the place would have been asked for.
    pub(super) fn refused(&mut self, id: &DocumentId) -> Vec<DocumentId> {
        let mut same = Vec::new();
        if let Some(place) = self.take(id)
            && !self.open.contains(&place)
        {
            self.waiting.retain(|asked| {
                let is_other = asked.place != place;
                if !is_other {
                    same.push(asked.id.clone());
                }
                is_other
            });
        }
        same
    }

    /// Who may be asked instead of a place that refuses; nobody when it is empty.
    pub(super) fn instead_of(&self, id: &DocumentId) -> Vec<(WantedDocument, Rc<ListedInvoice>)> {
        self.periods.usage_by_subscription(id)
    }

    fn take(&mut self, id: &DocumentId) -> Option<String> {
        let at = self.under_way.iter().position(|asked| asked.id == *id)?;
        Some(self.under_way.swap_remove(at).place)
    }
}
