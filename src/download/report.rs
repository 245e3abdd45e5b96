//! What a run did, for people: counts, failures, and where the files are.
//! Must not know: the words, or the screen that shows them.

use serde::Serialize;
use serde_json::Value;

use crate::azure::json::{given, items, number, text};
use crate::invoices::Period;

use super::failure::Failure;
use super::job::{Listing, Verdict};
use super::ports::DownloadNumber;

/// A run as it stands, or as it ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Which invoice dates were asked for.
    pub period: Period,
    /// How it stands.
    pub verdict: Verdict,
    /// How far asking Azure has come.
    pub listing: Listing,
    /// Whether the browser is asking the person where to save.
    pub browser_asks: bool,
    /// Path of the file saved last, below the download folder.
    pub newest: Option<String>,
    /// The browser's number of a saved file, by which its folder is found.
    pub last_download: Option<DownloadNumber>,
    /// Documents found so far, those not offered included.
    pub documents: usize,
    /// Saved in this run.
    pub saved: usize,
    /// Saved in an earlier run.
    pub saved_before: usize,
    /// Left by a cancelled run.
    pub cancelled: usize,
    /// Invoices for which Azure offers no document yet: date, subscription and number.
    pub not_offered: Vec<String>,
    /// Documents that failed.
    pub failed: Vec<Trouble>,
    /// Scopes that did not answer to the end.
    pub failed_scopes: Vec<Trouble>,
}

/// A document or a scope that failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trouble {
    /// Which one, as people know it.
    pub what: String,
    /// Why.
    pub failure: Failure,
}

impl Report {
    /// Reads the report of an ended run as it is stored.
    pub fn read(stored: &Value) -> Option<Report> {
        let count = |field| number(stored, field).map(|count| count as usize);
        let troubles = |field| items(stored, field).iter().filter_map(Trouble::read).collect();
        Some(Report {
            period: Period::read(stored.get("period")?)?,
            verdict: Verdict::read(text(stored, "verdict"))?,
            listing: match stored.get("listing")?.get("failed") {
                Some(failure) => Listing::Failed(Failure::read(failure)?),
                None => Listing::Ended,
            },
            browser_asks: false,
            newest: given(stored, "newest"),
            last_download: number(stored, "last_download").map(|number| number as DownloadNumber),
            documents: count("documents")?,
            saved: count("saved")?,
            saved_before: count("saved_before")?,
            cancelled: count("cancelled")?,
            not_offered: items(stored, "not_offered")
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            failed: troubles("failed"),
            failed_scopes: troubles("failed_scopes"),
        })
    }

    /// Documents whose way has ended, of [`Report::documents`].
    pub fn ended(&self) -> usize {
        self.saved + self.saved_before + self.cancelled + self.not_offered.len() + self.failed.len()
    }

    /// Whether anything stands in the way of everything being saved.
    pub fn has_failures(&self) -> bool {
        !self.failed.is_empty()
            || !self.failed_scopes.is_empty()
            || matches!(self.listing, Listing::Failed(_))
    }
}

impl Trouble {
    fn read(stored: &Value) -> Option<Trouble> {
        Some(Trouble {
            what: given(stored, "what")?,
            failure: Failure::read(stored.get("failure")?)?,
        })
    }
}
