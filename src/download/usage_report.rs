//! What became of usage in a run, for people: counts, and reasons where there is no file.
//! Must not know: the words, or what became of documents.

use serde::Serialize;
use serde_json::Value;

use crate::azure::Invoice;
use crate::azure::json::{number, text};
use crate::invoices::WantedDocument;

use super::failure::FailureCode;
use super::job::{DocumentState, Proof};
use super::order::Wanted;
use super::report::{Elsewhere, NoLongerThere, Trouble, read_all, read_text};

/// The usage of a run as it stands, or as it ended. Each is the usage of one place in one billing period, or of one
/// purchase.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UsageReport {
    /// What was ordered.
    pub wanted: Wanted,
    /// How many there are.
    pub periods: usize,
    /// Saved in this run.
    pub saved: usize,
    /// Saved in an earlier run.
    pub saved_before: usize,
    /// Saved in an earlier run, the files gone.
    pub no_longer_there: Vec<NoLongerThere>,
    /// Left by a cancelled run.
    pub cancelled: usize,
    /// Waiting for the archive that they will lie in.
    pub waiting_for_archive: usize,
    /// Periods in which nothing was used: days, who is billed.
    pub nothing_used: Vec<String>,
    /// Periods that Azure does not tell any more.
    pub not_available: Vec<String>,
    /// Those that this person may not see.
    pub refused: Vec<Trouble>,
    /// Those that failed.
    pub failed: Vec<Trouble>,
    /// Those at hosts to which the person has not agreed.
    pub elsewhere: Vec<Elsewhere>,
    /// Those saved that the browser fetched by itself, unseen by the extension.
    pub not_verified: Vec<Elsewhere>,
}

impl UsageReport {
    /// Reads the report of an ended run as it is stored.
    pub fn read(stored: &Value) -> UsageReport {
        let count = |field| number(stored, field).unwrap_or_default() as usize;
        let troubles = |field| read_all(stored, field, Trouble::read);
        let elsewhere = |field| read_all(stored, field, Elsewhere::read);
        let texts = |field| read_all(stored, field, read_text);
        UsageReport {
            wanted: Wanted::read(text(stored, "wanted")).unwrap_or_default(),
            periods: count("periods"),
            saved: count("saved"),
            saved_before: count("saved_before"),
            no_longer_there: read_all(stored, "no_longer_there", NoLongerThere::read),
            cancelled: count("cancelled"),
            waiting_for_archive: 0,
            nothing_used: texts("nothing_used"),
            not_available: texts("not_available"),
            refused: troubles("refused"),
            failed: troubles("failed"),
            elsewhere: elsewhere("elsewhere"),
            not_verified: elsewhere("not_verified"),
        }
    }

    /// Those whose way has ended, of [`UsageReport::periods`].
    pub fn ended(&self) -> usize {
        self.saved
            + self.saved_before
            + self.no_longer_there.len()
            + self.cancelled
            + self.nothing_used.len()
            + self.not_available.len()
            + self.refused.len()
            + self.failed.len()
            + self.elsewhere.len()
    }

    /// Counts one more.
    pub(super) fn add(
        &mut self,
        document: &WantedDocument,
        invoice: &Invoice,
        state: &DocumentState,
        waits_for_archive: bool,
    ) {
        let what = || what(document, invoice);
        let elsewhere = |host: &String| Elsewhere {
            what: what(),
            host: host.clone(),
        };
        self.periods += 1;
        self.waiting_for_archive += usize::from(waits_for_archive);
        match state {
            DocumentState::Saved(file) | DocumentState::SavedBefore(file) => {
                match state {
                    DocumentState::Saved(_) => self.saved += 1,
                    _ => self.saved_before += 1,
                }
                if let Proof::NotVerified(host) = &file.proof {
                    self.not_verified.push(elsewhere(host));
                }
            }
            DocumentState::NoLongerThere(file) => self.no_longer_there.push(NoLongerThere {
                what: what(),
                on: file.on.clone(),
            }),
            DocumentState::Cancelled => self.cancelled += 1,
            DocumentState::NothingUsed => self.nothing_used.push(what()),
            DocumentState::Elsewhere(host) => self.elsewhere.push(elsewhere(host)),
            DocumentState::Failed(failure) => {
                let trouble = || Trouble {
                    what: what(),
                    failure: failure.clone(),
                };
                match failure.code {
                    FailureCode::UsageTooOld => self.not_available.push(what()),
                    FailureCode::UsageRefused => self.refused.push(trouble()),
                    _ => self.failed.push(trouble()),
                }
            }
            DocumentState::Waiting
            | DocumentState::Requested
            | DocumentState::Ready(_)
            | DocumentState::HandingOver
            | DocumentState::Linking
            | DocumentState::NotOffered => {}
        }
    }
}

/// Usage as people know it: its days and who is billed; a purchase by its invoice.
fn what(document: &WantedDocument, invoice: &Invoice) -> String {
    let billed_to = &document.billed_to;
    match (invoice.period_start, invoice.period_end) {
        (Some(from), Some(to)) if from != to => format!("{from} – {to} {billed_to}"),
        (Some(day), _) => format!("{day} {billed_to} {}", document.invoice),
        _ => format!("{billed_to} {}", document.invoice),
    }
}
