//! The run as a step machine: events in, effects out, nothing done.
//! Must not know: time, network, disk or browser.

use serde::Serialize;
use serde_json::Value;

use crate::azure::Identity;
use crate::azure::json::{given, number};
use crate::invoices::{DocumentId, FilePaths, Finding, Period, Scope, ScopeOutcome, WantedDocument};
use crate::ordered::OrderedMap;
use crate::spelling::spelled;

use super::failure::{Failure, FailureCode};
use super::journal::{DocumentRecord, Record};
use super::ports::DownloadNumber;
use super::report::{Report, Trouble};

/// Files handed to the browser at once, once it has shown that it does not ask where to save.
const HAND_OVERS: usize = 6;

/// What was asked for, fixed at the click.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Whose run.
    pub identity: Identity,
    /// Which invoice dates.
    pub period: Period,
}

/// A verified document in a private file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldFile {
    /// Name of the private file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// A document on the person's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedFile {
    /// Path as the browser reports it: absolute, or below the download folder where the browser hides the rest.
    pub path: String,
    /// The path promised below the download folder.
    pub planned: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Day of saving, `2026-03-09`.
    pub on: String,
    /// The browser's number for it.
    pub download: DownloadNumber,
}

/// Where a document stands. The last five end its way.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentState {
    /// Azure prepares it, or it is being fetched.
    Requested,
    /// It waits for its hand-over.
    Held(HeldFile),
    /// The browser has it.
    HandingOver,
    /// Saved in this run.
    Saved(SavedFile),
    /// Saved in an earlier run.
    SavedBefore(SavedFile),
    /// Azure offers no document for this invoice yet.
    NotOffered,
    /// It could not be saved.
    Failed(Failure),
    /// The person cancelled before it was saved.
    Cancelled,
}

/// How far asking Azure has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listing {
    /// `ended` of `scopes` have answered; `None` before Azure said how many there are.
    Asking {
        /// Scopes to ask.
        scopes: Option<usize>,
        /// Scopes that have ended.
        ended: usize,
    },
    /// Every scope has ended.
    Ended,
    /// Not even the list of scopes could be had.
    Failed(Failure),
}

spelled! {
    /// How the run stands as a whole.
    pub enum Verdict {
        /// Under way.
        Running = "running",
        /// Everything has ended.
        Finished = "finished",
        /// The person ended it.
        Cancelled = "cancelled",
    }
}

impl HeldFile {
    /// Reads a private file as it is stored.
    pub fn read(stored: &Value) -> Option<HeldFile> {
        Some(HeldFile {
            name: given(stored, "name")?,
            bytes: number(stored, "bytes")?,
            sha256: given(stored, "sha256")?,
        })
    }
}

impl SavedFile {
    /// Reads a saved file as it is stored.
    pub fn read(stored: &Value) -> Option<SavedFile> {
        Some(SavedFile {
            path: given(stored, "path")?,
            planned: given(stored, "planned")?,
            bytes: number(stored, "bytes")?,
            sha256: given(stored, "sha256")?,
            on: given(stored, "on")?,
            download: number(stored, "download")? as DownloadNumber,
        })
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Discovery told something.
    Found(Finding),
    /// Discovery is over.
    ListingEnded(Result<(), Failure>),
    /// A document lies verified in a private file, or could not be had.
    Obtained(DocumentId, Result<HeldFile, Failure>),
    /// The browser is asking the person where to save.
    BrowserAsks(DocumentId),
    /// The browser saved a document, or did not.
    HandedOver(DocumentId, Result<SavedFile, Failure>),
    /// The person wants no more.
    Cancel,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Write this down before anything that follows.
    Write(Record),
    /// Have Azure prepare this document, fetch and verify it.
    Obtain {
        /// Which.
        id: DocumentId,
        /// Its POST target, unchecked.
        url: String,
    },
    /// Hand a private file to the browser.
    HandOver {
        /// Which.
        id: DocumentId,
        /// The private file.
        file: HeldFile,
        /// Path below the download folder.
        path: String,
    },
    /// Give up everything under way.
    Abandon {
        /// Also the files that the browser has: it is asking the person about them.
        hand_overs: bool,
    },
    /// Nothing is left to do.
    End,
}

struct Entry {
    document: WantedDocument,
    path: String,
    state: DocumentState,
}

/// What the browser has shown about saving files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saving {
    /// Nothing was handed over yet.
    Unknown,
    /// The first file is with the browser.
    FirstUnderWay,
    /// The browser asks the person about the first file.
    Asking,
    /// The first file was saved without a question.
    Smooth,
    /// The person refused the question: nothing more is handed over.
    Refused,
}

/// A run.
pub struct Job {
    order: Order,
    listing: Listing,
    scopes: Vec<(Scope, ScopeOutcome)>,
    entries: OrderedMap<DocumentId, Entry>,
    known: OrderedMap<DocumentId, DocumentRecord>,
    paths: FilePaths,
    saving: Saving,
    verdict: Verdict,
    newest: Option<DocumentId>,
}

impl Job {
    /// A run that has just been ordered; `known` is the journal, in which only private files that still exist are
    /// held. The effects begin it.
    pub fn begin(order: Order, known: OrderedMap<DocumentId, DocumentRecord>) -> (Job, Vec<Effect>) {
        let mut paths = FilePaths::default();
        for (id, record) in known.iter() {
            if let DocumentRecord::Saved { file } = record {
                paths.keep(&file.planned, id);
            }
        }
        let begins = vec![Effect::Write(Record::RunBegins(order.period))];
        let job = Job {
            order,
            listing: Listing::Asking {
                scopes: None,
                ended: 0,
            },
            scopes: Vec::new(),
            entries: OrderedMap::default(),
            known,
            paths,
            saving: Saving::Unknown,
            verdict: Verdict::Running,
            newest: None,
        };
        (job, begins)
    }

    /// What was asked for.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Every document with its state, in a stable order.
    pub fn documents(&self) -> impl Iterator<Item = (&WantedDocument, &DocumentState)> {
        self.entries.values().map(|entry| (&entry.document, &entry.state))
    }

    /// The run as people are told of it, at any moment.
    pub fn report(&self) -> Report {
        let mut report = Report {
            period: self.order.period,
            verdict: self.verdict,
            listing: self.listing.clone(),
            browser_asks: self.saving == Saving::Asking,
            newest: self
                .newest
                .as_ref()
                .and_then(|id| self.entries.get(id))
                .map(|entry| entry.path.clone()),
            last_download: None,
            documents: self.entries.len(),
            saved: 0,
            saved_before: 0,
            cancelled: 0,
            not_offered: Vec::new(),
            failed: Vec::new(),
            failed_scopes: Vec::new(),
        };
        for (scope, outcome) in &self.scopes {
            if let ScopeOutcome::Failed(error) = outcome {
                report.failed_scopes.push(Trouble {
                    what: scope.name.clone(),
                    failure: error.clone().into(),
                });
            }
        }
        for Entry { document, state, .. } in self.entries.values() {
            let what = || format!("{} {} {}", document.date, document.billed_to, document.invoice);
            match state {
                DocumentState::Requested | DocumentState::Held(_) | DocumentState::HandingOver => {}
                DocumentState::Saved(file) => {
                    report.saved += 1;
                    report.last_download = Some(file.download);
                }
                DocumentState::SavedBefore(file) => {
                    report.saved_before += 1;
                    report.last_download = report.last_download.or(Some(file.download));
                }
                DocumentState::Cancelled => report.cancelled += 1,
                DocumentState::NotOffered => report.not_offered.push(what()),
                DocumentState::Failed(failure) => {
                    report.failed.push(Trouble {
                        what: what(),
                        failure: failure.clone(),
                    });
                }
            }
        }
        report
    }

    /// Takes one event and says what is to be done for it, in this order.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.verdict == Verdict::Finished {
            return Vec::new();
        }
        let mut effects = Vec::new();
        match event {
            Event::Found(Finding::Scopes(count)) => {
                self.listing = Listing::Asking {
                    scopes: Some(count),
                    ended: 0,
                };
            }
            Event::Found(Finding::Documents(documents)) => {
                for document in documents {
                    self.take_up(document, &mut effects);
                }
            }
            Event::Found(Finding::ScopeEnded(scope, outcome)) => {
                if let Listing::Asking { ended, .. } = &mut self.listing {
                    *ended += 1;
                }
                self.scopes.push((scope, outcome));
            }
            Event::ListingEnded(result) => {
                self.listing = result.map_or_else(Listing::Failed, |()| Listing::Ended);
            }
            Event::Obtained(id, Ok(file)) => {
                effects.push(write(&id, DocumentRecord::Held { file: file.clone() }));
                self.set(&id, DocumentState::Held(file));
            }
            Event::Obtained(id, Err(failure)) => self.fail(&id, failure, &mut effects),
            Event::BrowserAsks(_) => {
                if self.saving == Saving::FirstUnderWay {
                    self.saving = Saving::Asking;
                }
            }
            Event::HandedOver(id, Ok(file)) => {
                self.saving = Saving::Smooth;
                effects.push(write(&id, DocumentRecord::Saved { file: file.clone() }));
                self.newest = Some(id.clone());
                self.set(&id, DocumentState::Saved(file));
            }
            Event::HandedOver(id, Err(failure)) => {
                if failure.code == FailureCode::BrowserAsks {
                    self.saving = Saving::Refused;
                } else if self.saving != Saving::Smooth {
                    // The question is still open: the next file is again handed over alone.
                    self.saving = Saving::Unknown;
                }
                self.fail(&id, failure, &mut effects);
            }
            Event::Cancel => self.cancel(&mut effects),
        }
        self.hand_over(&mut effects);
        self.end_if_done(&mut effects);
        effects
    }

    fn take_up(&mut self, document: WantedDocument, effects: &mut Vec<Effect>) {
        let id = document.id.clone();
        if self.verdict != Verdict::Running || self.entries.get(&id).is_some() {
            return;
        }
        let path = self.paths.promise(&document);
        let state = match (self.known.get(&id), &document.url) {
            (Some(DocumentRecord::Saved { file }), _) => DocumentState::SavedBefore(file.clone()),
            (Some(DocumentRecord::Held { file }), _) => DocumentState::Held(file.clone()),
            (_, None) => DocumentState::NotOffered,
            (_, Some(url)) => {
                effects.push(write(&id, DocumentRecord::Requested));
                effects.push(Effect::Obtain {
                    id: id.clone(),
                    url: url.clone(),
                });
                DocumentState::Requested
            }
        };
        self.entries.insert(
            id,
            Entry {
                document,
                path,
                state,
            },
        );
    }

    /// Hands over what is held: one alone first, then several, none once the person refused.
    fn hand_over(&mut self, effects: &mut Vec<Effect>) {
        if self.saving == Saving::Refused {
            let held = self.ids(&|state| matches!(state, DocumentState::Held(_)));
            for id in held {
                self.fail(&id, Failure::plain(FailureCode::BrowserAsks), effects);
            }
            return;
        }
        let under_way = self.ids(&|state| *state == DocumentState::HandingOver).len();
        let room = match self.saving {
            Saving::Unknown => 1,
            Saving::Smooth => HAND_OVERS,
            Saving::FirstUnderWay | Saving::Asking | Saving::Refused => 0,
        };
        for id in self
            .ids(&|state| matches!(state, DocumentState::Held(_)))
            .into_iter()
            .take(room.saturating_sub(under_way))
        {
            let Some(entry) = self.entries.get_mut(&id) else {
                continue;
            };
            let path = entry.path.clone();
            if let DocumentState::Held(file) = std::mem::replace(&mut entry.state, DocumentState::HandingOver)
            {
                effects.push(Effect::HandOver { id, file, path });
            }
            if self.saving == Saving::Unknown {
                self.saving = Saving::FirstUnderWay;
            }
        }
    }

    /// Stops everything; files that the browser is saving already are waited for, unless it is asking about them.
    fn cancel(&mut self, effects: &mut Vec<Effect>) {
        if self.verdict != Verdict::Running {
            return;
        }
        self.verdict = Verdict::Cancelled;
        self.listing = Listing::Ended;
        let hand_overs = self.saving == Saving::Asking;
        effects.push(Effect::Abandon { hand_overs });
        let stops = |state: &DocumentState| match state {
            DocumentState::Requested | DocumentState::Held(_) => true,
            DocumentState::HandingOver => hand_overs,
            _ => false,
        };
        for id in self.ids(&stops) {
            self.set(&id, DocumentState::Cancelled);
        }
    }

    fn end_if_done(&mut self, effects: &mut Vec<Effect>) {
        let open = |state: &DocumentState| {
            matches!(
                state,
                DocumentState::Requested | DocumentState::Held(_) | DocumentState::HandingOver
            )
        };
        let listed = !matches!(self.listing, Listing::Asking { .. });
        if listed && self.ids(&open).is_empty() {
            if self.verdict == Verdict::Running {
                self.verdict = Verdict::Finished;
            }
            effects.push(Effect::Write(Record::RunEnds));
            effects.push(Effect::End);
        }
    }

    fn fail(&mut self, id: &DocumentId, failure: Failure, effects: &mut Vec<Effect>) {
        effects.push(write(
            id,
            DocumentRecord::Failed {
                failure: failure.clone(),
            },
        ));
        self.set(id, DocumentState::Failed(failure));
    }

    fn set(&mut self, id: &DocumentId, state: DocumentState) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.state = state;
        }
    }

    fn ids(&self, which: &dyn Fn(&DocumentState) -> bool) -> Vec<DocumentId> {
        self.entries
            .iter()
            .filter(|(_, entry)| which(&entry.state))
            .map(|(id, _)| id.clone())
            .collect()
    }
}

fn write(id: &DocumentId, record: DocumentRecord) -> Effect {
    Effect::Write(Record::Document(id.clone(), record))
}
