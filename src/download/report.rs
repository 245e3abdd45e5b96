//! What a run did, for people: counts, failures, and where the files are.
//! Must not know: the words, or the screen that shows them.

use serde::Serialize;
use serde_json::Value;

use crate::azure::Refusal;
use crate::azure::json::{given, items, number, text};
use crate::invoices::{Corrected, Period, Refused, Scope, ScopeKind, ScopeOutcome};

use super::coverage::Place;
use super::failure::{Failure, FailureCode};
use super::job::{Listing, Verdict};
use super::order::Order;
use super::ports::DownloadNumber;
use super::totals::Totals;
use super::usage_report::UsageReport;

/// A run as it stands, or as it ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// When it was ordered, in the person's time: `2026-03-09 08.07.12`.
    pub ordered_at: String,
    /// Which invoice dates were asked for.
    pub period: Period,
    /// Hosts to which the person has agreed.
    pub hosts: Vec<String>,
    /// Whether the person has paused it.
    pub paused: bool,
    /// How it stands.
    pub verdict: Verdict,
    /// How far asking Azure has come.
    pub listing: Listing,
    /// Whether the browser is asking the person where to save.
    pub browser_asks: bool,
    /// Where the index lies, once it is saved: its path below the download folder, or the whole one.
    pub index: Option<String>,
    /// Path of the file saved last, below the download folder.
    pub newest: Option<String>,
    /// The browser's number of a saved file, by which its folder is found.
    pub last_download: Option<DownloadNumber>,
    /// Documents found so far, those not offered included.
    pub documents: usize,
    /// Saved in this run.
    pub saved: usize,
    /// Bytes of those.
    pub bytes: u64,
    /// Saved in an earlier run.
    pub saved_before: usize,
    /// Saved in an earlier run, and no longer there.
    pub no_longer_there: Vec<NoLongerThere>,
    /// Left by a cancelled run.
    pub cancelled: usize,
    /// Verified, and waiting for the archive that they will lie in.
    pub waiting_for_archive: usize,
    /// Those saved that the browser fetched by itself, unseen by the extension.
    pub not_verified: Vec<Elsewhere>,
    /// Invoices for which Azure offers no document yet: date, who is billed, number.
    pub not_offered: Vec<String>,
    /// Documents at hosts to which the person has not agreed.
    pub elsewhere: Vec<Elsewhere>,
    /// Documents that failed.
    pub failed: Vec<Trouble>,
    /// Every place that was asked, in the order of the answers.
    pub scopes: Vec<ScopeLine>,
    /// Directories of the person that were not asked.
    pub other_directories: Vec<String>,
    /// Invoices that correct each other.
    pub corrections: Vec<Vec<Corrected>>,
    /// What became of every place and month, once the run has ended.
    pub places: Vec<Place>,
    /// Sums by month and currency, once the run has ended.
    pub totals: Totals,
    /// The slow lane.
    pub usage: UsageReport,
}

/// A document whose file was saved and is gone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoLongerThere {
    /// Which one, as people know it.
    pub what: String,
    /// Day of saving, `2026-03-09`.
    pub on: String,
}

/// A document outside what the extension may read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Elsewhere {
    /// Which one, as people know it.
    pub what: String,
    /// Where it lies.
    pub host: String,
}

/// What came of asking one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScopeLine {
    /// What kind of place.
    pub kind: ScopeKind,
    /// Its name; empty for the lists themselves.
    pub name: String,
    /// Its id in paths; empty for the lists themselves.
    pub id: String,
    /// Its answer.
    pub answer: ScopeAnswer,
}

/// The answer of one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeAnswer {
    /// So many invoices of the period.
    Listed(usize),
    /// Nothing that this person may see.
    NothingVisible,
    /// This person may not see its invoices.
    Refused(Failure),
    /// It did not answer to the end.
    Failed(Failure),
}

impl ScopeLine {
    /// The line of a scope that has ended; none where another scope has its invoices.
    pub fn of(scope: &Scope, outcome: &ScopeOutcome) -> Option<ScopeLine> {
        let answer = match outcome {
            ScopeOutcome::Listed(count) => ScopeAnswer::Listed(*count),
            ScopeOutcome::NothingVisible => ScopeAnswer::NothingVisible,
            ScopeOutcome::Refused(refused) => ScopeAnswer::Refused(refused.into()),
            ScopeOutcome::Failed(error) => ScopeAnswer::Failed(error.clone().into()),
            ScopeOutcome::BilledElsewhere => return None,
        };
        Some(ScopeLine {
            kind: scope.kind,
            name: scope.name.clone(),
            id: scope.id.clone(),
            answer,
        })
    }

    fn read(stored: &Value) -> Option<ScopeLine> {
        Some(ScopeLine {
            kind: ScopeKind::read(text(stored, "kind"))?,
            name: text(stored, "name").to_owned(),
            id: text(stored, "id").to_owned(),
            answer: ScopeAnswer::read(stored.get("answer")?)?,
        })
    }
}

impl ScopeAnswer {
    fn read(stored: &Value) -> Option<ScopeAnswer> {
        let why = |answer| stored.get(answer).and_then(Failure::read);
        match stored.as_str() {
            Some("nothing-visible") => Some(ScopeAnswer::NothingVisible),
            Some(_) => None,
            None => number(stored, "listed")
                .map(|count| ScopeAnswer::Listed(count as usize))
                .or_else(|| why("refused").map(ScopeAnswer::Refused))
                .or_else(|| why("failed").map(ScopeAnswer::Failed)),
        }
    }
}

impl From<&Refused> for Failure {
    fn from(refused: &Refused) -> Failure {
        match refused {
            // The code says it all to support; the message repeats identifiers that help nobody here.
            Refused::ByAzure(refusal) => Failure::refused(
                FailureCode::NotVisible,
                Refusal {
                    message: String::new(),
                    ..refusal.clone()
                },
            ),
            Refused::EnterpriseAdministratorsOnly => {
                Failure::plain(FailureCode::EnterpriseAdministratorsOnly)
            }
            Refused::BilledByPartner => Failure::plain(FailureCode::BilledByPartner),
            Refused::OtherDirectory => Failure::plain(FailureCode::WrongDirectory),
            Refused::NotServed => Failure::plain(FailureCode::NotServed),
        }
    }
}

impl NoLongerThere {
    pub(super) fn read(stored: &Value) -> Option<NoLongerThere> {
        Some(NoLongerThere {
            what: given(stored, "what")?,
            on: text(stored, "on").to_owned(),
        })
    }
}

impl Elsewhere {
    pub(super) fn read(stored: &Value) -> Option<Elsewhere> {
        Some(Elsewhere {
            what: given(stored, "what")?,
            host: given(stored, "host")?,
        })
    }
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
    /// What there is to tell when nothing has happened yet.
    pub fn beginning(order: &Order) -> Report {
        Report {
            ordered_at: order.ordered_at.clone(),
            period: order.period,
            hosts: order.hosts.clone(),
            paused: order.paused,
            verdict: Verdict::Running,
            listing: Listing::Asking {
                scopes: None,
                ended: 0,
            },
            browser_asks: false,
            index: None,
            newest: None,
            last_download: None,
            documents: 0,
            saved: 0,
            bytes: 0,
            saved_before: 0,
            no_longer_there: Vec::new(),
            cancelled: 0,
            waiting_for_archive: 0,
            not_verified: Vec::new(),
            not_offered: Vec::new(),
            elsewhere: Vec::new(),
            failed: Vec::new(),
            scopes: Vec::new(),
            other_directories: Vec::new(),
            corrections: Vec::new(),
            places: Vec::new(),
            totals: Totals::default(),
            usage: UsageReport {
                wanted: order.wanted,
                ..UsageReport::default()
            },
        }
    }

    /// Reads the report of an ended run as it is stored.
    pub fn read(stored: &Value) -> Option<Report> {
        let count = |field| number(stored, field).map(|count| count as usize);
        let elsewhere = |field| read_all(stored, field, Elsewhere::read);
        let texts = |field| read_all(stored, field, read_text);
        Some(Report {
            ordered_at: text(stored, "ordered_at").to_owned(),
            period: Period::read(stored.get("period")?)?,
            hosts: texts("hosts"),
            paused: false,
            verdict: Verdict::read(text(stored, "verdict"))?,
            listing: match stored.get("listing")?.get("failed") {
                Some(failure) => Listing::Failed(Failure::read(failure)?),
                None => Listing::Ended,
            },
            browser_asks: false,
            index: given(stored, "index"),
            newest: given(stored, "newest"),
            last_download: number(stored, "last_download").map(|number| number as DownloadNumber),
            documents: count("documents")?,
            saved: count("saved")?,
            bytes: number(stored, "bytes").unwrap_or_default(),
            saved_before: count("saved_before")?,
            no_longer_there: items(stored, "no_longer_there")
                .iter()
                .filter_map(NoLongerThere::read)
                .collect(),
            cancelled: count("cancelled")?,
            waiting_for_archive: 0,
            not_verified: elsewhere("not_verified"),
            not_offered: texts("not_offered"),
            elsewhere: elsewhere("elsewhere"),
            failed: read_all(stored, "failed", Trouble::read),
            scopes: items(stored, "scopes")
                .iter()
                .filter_map(ScopeLine::read)
                .collect(),
            other_directories: texts("other_directories"),
            usage: stored.get("usage").map(UsageReport::read).unwrap_or_default(),
            corrections: items(stored, "corrections")
                .iter()
                .map(|group| {
                    group
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Corrected::read)
                        .collect()
                })
                .collect(),
            places: items(stored, "places").iter().filter_map(Place::read).collect(),
            totals: Totals::read(stored.get("totals").unwrap_or(&Value::Null)),
        })
    }

    /// Documents whose way has ended, of [`Report::documents`].
    pub fn ended(&self) -> usize {
        self.saved
            + self.saved_before
            + self.no_longer_there.len()
            + self.cancelled
            + self.not_offered.len()
            + self.elsewhere.len()
            + self.failed.len()
    }

    /// Whether anything stands in the way of everything visible being saved.
    pub fn has_failures(&self) -> bool {
        !self.failed.is_empty()
            || !self.usage.failed.is_empty()
            || self.failed_scopes().next().is_some()
            || matches!(self.listing, Listing::Failed(_))
    }

    /// Why places did not answer to the end.
    pub fn failed_scopes(&self) -> impl Iterator<Item = &Failure> {
        self.scopes.iter().filter_map(|line| match &line.answer {
            ScopeAnswer::Failed(failure) => Some(failure),
            _ => None,
        })
    }

    /// Why places keep their invoices from this person.
    pub fn refused_scopes(&self) -> impl Iterator<Item = &Failure> {
        self.scopes.iter().filter_map(|line| match &line.answer {
            ScopeAnswer::Refused(failure) => Some(failure),
            _ => None,
        })
    }

    /// Everything at hosts to which the person has not agreed, documents and usage.
    pub fn all_elsewhere(&self) -> Vec<Elsewhere> {
        [&*self.elsewhere, &*self.usage.elsewhere].concat()
    }

    /// Everything saved earlier whose file is gone, documents and usage.
    pub fn all_no_longer_there(&self) -> Vec<NoLongerThere> {
        [&*self.no_longer_there, &*self.usage.no_longer_there].concat()
    }

    /// Everything saved that the browser fetched by itself, documents and usage.
    pub fn all_not_verified(&self) -> Vec<Elsewhere> {
        [&*self.not_verified, &*self.usage.not_verified].concat()
    }

    /// The hosts at which documents lie to which the person has not agreed.
    pub fn unagreed_hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = Vec::new();
        for Elsewhere { host, .. } in self.all_elsewhere() {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }
}

/// Everything of a stored list that can be read.
pub(super) fn read_all<T>(stored: &Value, field: &str, read: fn(&Value) -> Option<T>) -> Vec<T> {
    items(stored, field).iter().filter_map(read).collect()
}

pub(super) fn read_text(stored: &Value) -> Option<String> {
    stored.as_str().map(str::to_owned)
}

impl Trouble {
    pub(super) fn read(stored: &Value) -> Option<Trouble> {
        Some(Trouble {
            what: given(stored, "what")?,
            failure: Failure::read(stored.get("failure")?)?,
        })
    }
}
