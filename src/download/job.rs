//! The run as a step machine: events in, effects out, nothing done.
//! Must not know: time, network, disk or browser.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;
use time::Date;

use crate::azure::json::{given, number, text};
use crate::azure::{DirectLink, DocumentSource};
use crate::invoices::{
    Corrections, DocumentId, FileFormat, FilePaths, Finding, ListedInvoice, NameParts, Scope, ScopeOutcome,
    WantedDocument,
};
use crate::spelling::spelled;

use super::coverage::coverage;
use super::failure::{Failure, FailureCode};
use super::index::{Row, index, inside};
use super::journal::{DocumentRecord, Record};
use super::order::{Order, Packing};
use super::outcome::Outcome;
use super::ports::DownloadNumber;
use super::report::{Elsewhere, NoLongerThere, Report, ScopeLine, Trouble};
use super::table::Region;
use super::totals::Totals;
use super::usage::{UsageAnswer, UsageLane};
use super::usage_report::UsageReport;

/// Files handed to the browser at once, once it has shown that it does not ask where to save.
const HAND_OVERS: usize = 6;
/// Documents that the browser fetches by itself at once: their hosts decide how long that takes.
const LINKS: usize = 2;

/// The journal knows indexes by this and the moment of their order. No invoice's document begins so.
const INDEX: &str = "/index ";
/// The same of archives.
const ARCHIVE: &str = "/archive ";

/// A verified document in a private file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldFile {
    /// Name of the private file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, lower-case hexadecimal; empty for an archive, whose members have theirs.
    pub sha256: String,
    /// Its CRC-32, by which ZIP archives check.
    pub crc32: u32,
}

/// What is known of a saved file's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// It was checked; its SHA-256, lower-case hexadecimal.
    Sha256(String),
    /// Nothing: the browser saved it from this host, which the extension may not read.
    NotVerified(String),
}

/// A document on the person's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedFile {
    /// Path as the browser reports it: absolute, or below the download folder where the browser hides the rest.
    pub path: String,
    /// The path promised below the download folder, or in the archive.
    pub planned: String,
    /// Path of the archive below the download folder, where it lies in one.
    pub archive: Option<String>,
    /// Its length.
    pub bytes: u64,
    /// What its content is known by.
    pub proof: Proof,
    /// Day of saving, `2026-03-09`.
    pub on: String,
    /// When the run that saved it was ordered; empty where that is not known.
    pub order: String,
    /// The browser's number for it.
    pub download: DownloadNumber,
}

/// A document that can be handed to the browser.
#[derive(Clone, Debug, PartialEq)]
pub enum Ready {
    /// It lies verified in a private file.
    File(HeldFile),
    /// It lies at a host that the extension may not read; the browser fetches it. Its address is asked for at that
    /// moment, for a signed one soon ends.
    Link {
        /// The host, to which the person has agreed.
        host: String,
        /// Where its address can be had, unchecked.
        source: DocumentSource,
    },
}

/// Where a document stands. From [`DocumentState::Saved`] on its way has ended.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentState {
    /// Usage whose turn to be asked for has not come.
    Waiting,
    /// Azure prepares it, or it is being fetched.
    Requested,
    /// It waits for its hand-over.
    Ready(Ready),
    /// The browser has it.
    HandingOver,
    /// The browser fetches it by itself.
    Linking,
    /// Saved in this run.
    Saved(SavedFile),
    /// Saved in an earlier run.
    SavedBefore(SavedFile),
    /// Saved in an earlier run; the browser knows that the file is gone.
    NoLongerThere(SavedFile),
    /// Azure offers no document for this invoice yet.
    NotOffered,
    /// Nothing was used in this billing period.
    NothingUsed,
    /// It lies at this host, to which the person has not agreed.
    Elsewhere(String),
    /// It could not be saved.
    Failed(Failure),
    /// The person cancelled before it was saved.
    Cancelled,
}

impl DocumentState {
    /// What became of it; what is still under way counts as left out.
    pub fn outcome(&self) -> Outcome {
        match self {
            DocumentState::NoLongerThere(_) => Outcome::NoLongerThere,
            DocumentState::Saved(file) | DocumentState::SavedBefore(file)
                if matches!(file.proof, Proof::NotVerified(_)) =>
            {
                Outcome::NotVerified
            }
            DocumentState::Saved(_) => Outcome::Saved,
            DocumentState::SavedBefore(_) => Outcome::SavedEarlier,
            DocumentState::NotOffered => Outcome::NotOffered,
            DocumentState::Elsewhere(_) => Outcome::Elsewhere,
            DocumentState::Failed(_) => Outcome::Failed,
            DocumentState::Waiting
            | DocumentState::NothingUsed
            | DocumentState::Requested
            | DocumentState::Ready(_)
            | DocumentState::HandingOver
            | DocumentState::Linking
            | DocumentState::Cancelled => Outcome::LeftOut,
        }
    }

    fn is_open(&self) -> bool {
        matches!(
            self,
            DocumentState::Waiting
                | DocumentState::Requested
                | DocumentState::Ready(_)
                | DocumentState::HandingOver
                | DocumentState::Linking
        )
    }

    /// Whether Azure is asked for it, or is about to be.
    fn waits_for_azure(&self) -> bool {
        matches!(
            self,
            DocumentState::Requested | DocumentState::Ready(Ready::Link { .. }) | DocumentState::Linking
        )
    }
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
            sha256: text(stored, "sha256").to_owned(),
            crc32: number(stored, "crc32")? as u32,
        })
    }
}

impl Proof {
    fn read(stored: &Value) -> Option<Proof> {
        let proof = stored.get("proof")?;
        let told = |field| proof.get(field).and_then(Value::as_str).map(str::to_owned);
        told("sha256")
            .map(Proof::Sha256)
            .or_else(|| told("not-verified").map(Proof::NotVerified))
    }
}

impl SavedFile {
    /// Reads a saved file as it is stored.
    pub fn read(stored: &Value) -> Option<SavedFile> {
        Some(SavedFile {
            path: given(stored, "path")?,
            planned: given(stored, "planned")?,
            archive: given(stored, "archive"),
            bytes: number(stored, "bytes")?,
            proof: Proof::read(stored)?,
            on: given(stored, "on")?,
            order: text(stored, "order").to_owned(),
            download: number(stored, "download")? as DownloadNumber,
        })
    }
}

impl SavedFile {
    /// Where people find it: below the download folder, under the name that the browser gave it, since another file may
    /// have had the planned one; the whole path where it lies elsewhere. Of a document in an archive, the archive's.
    pub(super) fn place(&self) -> String {
        let planned = self.archive.as_ref().unwrap_or(&self.planned);
        let real = self.path.replace('\\', "/");
        let (folder, _) = planned.rsplit_once('/').unwrap_or_default();
        let (real_folder, name) = real.rsplit_once('/').unwrap_or_default();
        let is_below = |real: &str, planned: &str| {
            let above = real.strip_suffix(planned);
            above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
        };
        if name.is_empty() || is_below(&real, planned) {
            return planned.clone();
        }
        if is_below(real_folder, folder) {
            return format!("{folder}/{name}");
        }
        let top = planned.split('/').next().unwrap_or_default();
        let inside = real.split_once(&format!("/{top}/"));
        inside.map_or_else(|| self.path.clone(), |(_, inside)| format!("{top}/{inside}"))
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Discovery told something.
    Found(Finding),
    /// Discovery is over.
    ListingEnded(Result<(), Failure>),
    /// A document can be handed over, or could not be had.
    Obtained(DocumentId, Result<Ready, Failure>),
    /// Usage can be handed over, or what else came of it.
    UsageObtained(DocumentId, Result<UsageAnswer, Failure>),
    /// The browser is asking the person where to save.
    BrowserAsks(DocumentId),
    /// The browser saved a document, which is written down already, or did not.
    HandedOver(DocumentId, Result<SavedFile, Failure>),
    /// The browser saved the archive, or did not.
    ArchiveEnded(Result<SavedFile, Failure>),
    /// The browser knows that these files, by their paths, are gone.
    Gone(Vec<String>),
    /// The browser saved the index, or did not.
    IndexEnded(Result<SavedFile, Failure>),
    /// The person wants nothing new to begin for now.
    Pause,
    /// The person wants it to go on.
    Resume,
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
        /// Where it can be had, unchecked.
        source: DocumentSource,
        /// What its file contains.
        format: FileFormat,
    },
    /// Have Azure tell usage.
    ObtainUsage {
        /// Which.
        id: DocumentId,
        /// Where it is told.
        source: DocumentSource,
        /// First day of its billing period.
        since: Option<Date>,
        /// How the person's spreadsheet program reads tables, where the table is ours.
        region: Region,
    },
    /// Hand a document to the browser.
    HandOver {
        /// Which.
        id: DocumentId,
        /// The private file, or where the browser finds it.
        ready: Ready,
        /// What its file contains.
        format: FileFormat,
        /// Path below the download folder.
        path: String,
    },
    /// Put private files into an archive and hand it to the browser.
    SaveArchive {
        /// What the journal knows it by.
        id: DocumentId,
        /// The files, each with its path in the archive.
        members: Vec<(HeldFile, String)>,
        /// Path below the download folder.
        path: String,
    },
    /// Find out which saved files are gone.
    LookForSaved,
    /// Save the index of the run.
    SaveIndex {
        /// What the journal knows it by.
        id: DocumentId,
        /// The whole index.
        bytes: Vec<u8>,
        /// Path below the download folder.
        path: String,
    },
    /// Give up everything under way, also what the browser fetches by itself; what it has by then is found at the next
    /// start.
    Abandon {
        /// Also the files that the browser has, which it is to give up: it is asking the person about them, or they are
        /// the archive.
        hand_overs: bool,
    },
    /// Nothing is left to do but to clean up, to keep the report, and to write down that the run has ended.
    End,
}

struct Entry {
    document: WantedDocument,
    listed: Rc<ListedInvoice>,
    /// Where other places say that it can be had.
    others: Vec<DocumentSource>,
    path: String,
    state: DocumentState,
}

/// How far the index is.
#[derive(Clone, Debug, PartialEq)]
enum Index {
    /// It is made when every document has come to its end.
    Due,
    /// The browser has it.
    UnderWay,
    /// It was saved, and lies there.
    Saved(String),
    /// There is none: nothing was saved, or it could not be.
    None(Option<Failure>),
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
    other_directories: Vec<String>,
    corrections: Corrections,
    usage: UsageLane,
    entries: BTreeMap<DocumentId, Entry>,
    known: BTreeMap<DocumentId, DocumentRecord>,
    paths: FilePaths,
    /// Documents whose way has not ended.
    open: usize,
    /// Those of them that the browser has.
    handing_over: usize,
    /// Those of them that the browser fetches by itself.
    linking: usize,
    /// Those of them that wait for their hand-over, in this order: files, and links.
    ready: VecDeque<DocumentId>,
    ready_links: VecDeque<DocumentId>,
    saving: Saving,
    /// Whether it was asked which saved files are gone, and answered.
    looked: Option<bool>,
    index: Index,
    /// The documents that lie in the archive which the browser has.
    packed: Vec<DocumentId>,
    verdict: Verdict,
    newest: Option<DocumentId>,
}

impl Job {
    /// A run that has just been ordered; `known` is the journal, in which only private files that still exist are
    /// held. The effects begin it.
    pub fn begin(order: Order, known: BTreeMap<DocumentId, DocumentRecord>) -> (Job, Vec<Effect>) {
        let mut paths = FilePaths::by(order.template.clone());
        for (id, record) in &known {
            if let Some(path) = record.kept_path() {
                paths.keep(path, id);
            }
        }
        let mut begins = Vec::new();
        let mut job = Job {
            order,
            listing: Listing::Asking {
                scopes: None,
                ended: 0,
            },
            scopes: Vec::new(),
            other_directories: Vec::new(),
            corrections: Corrections::default(),
            usage: UsageLane::default(),
            entries: BTreeMap::new(),
            known,
            paths,
            open: 0,
            handing_over: 0,
            linking: 0,
            ready: VecDeque::new(),
            ready_links: VecDeque::new(),
            saving: Saving::Unknown,
            looked: None,
            index: Index::Due,
            packed: Vec::new(),
            verdict: Verdict::Running,
            newest: None,
        };
        if job.archive_before().is_some() {
            for (id, record) in &job.known {
                if let DocumentRecord::Held { path, .. } = record {
                    job.paths.keep(path, id);
                }
            }
        }
        match job.order.cancelled {
            true => job.end_cancelled(&mut begins),
            false => begins.push(Effect::Write(Record::Run(job.order.clone()))),
        }
        (job, begins)
    }

    /// Ends a run that was cancelled before a kill: what it has saved is written down, nothing is asked for.
    fn end_cancelled(&mut self, effects: &mut Vec<Effect>) {
        self.verdict = Verdict::Cancelled;
        self.listing = Listing::Ended;
        self.index = Index::None(None);
        if let Some(archive) = self.archive_before().cloned() {
            for (id, record) in &mut self.known {
                if let DocumentRecord::Held { file, path } = record {
                    let file = archived(file, path, &archive);
                    *record = DocumentRecord::Saved { file };
                    effects.push(write(id, record.clone()));
                }
            }
        }
        if self.saved_before_kill().next().is_some() && self.own_index().is_none() {
            self.owe_index(effects);
        }
        effects.push(Effect::End);
    }

    /// What this very run had saved when it was killed, documents and usage.
    fn saved_before_kill(&self) -> impl Iterator<Item = (&DocumentId, &SavedFile)> {
        let is_file_of_run = |id: &DocumentId| [INDEX, ARCHIVE].iter().any(|of| id.as_str().starts_with(of));
        self.known.iter().filter_map(move |(id, record)| match record {
            DocumentRecord::Saved { file } if file.order == self.order.ordered_at && !is_file_of_run(id) => {
                Some((id, file))
            }
            _ => None,
        })
    }

    /// What was asked for.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Whether nothing new may begin; what the browser has goes on.
    pub fn is_paused(&self) -> bool {
        self.order.paused && self.verdict == Verdict::Running
    }

    /// Every document with its state, in a stable order; usage is none.
    pub fn documents(&self) -> impl Iterator<Item = (&WantedDocument, &DocumentState)> {
        self.document_entries()
            .map(|entry| (&entry.document, &entry.state))
    }

    fn document_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .values()
            .filter(|entry| !entry.document.id.is_usage())
    }

    /// How usage stands.
    fn usage_report(&self) -> UsageReport {
        let mut report = UsageReport {
            wanted: self.order.wanted,
            ..UsageReport::default()
        };
        let of_usage = |entry: &&Entry| entry.document.id.is_usage();
        for Entry {
            document,
            listed,
            state,
            ..
        } in self.entries.values().filter(of_usage)
        {
            let waits = matches!(state, DocumentState::Ready(Ready::File(_))) && self.packs();
            report.add(document, &listed.invoice, state, waits);
        }
        report
    }

    /// The run as people are told of it, at any moment.
    pub fn report(&self) -> Report {
        let mut report = Report {
            paused: self.is_paused(),
            verdict: self.verdict,
            listing: self.listing.clone(),
            browser_asks: self.saving == Saving::Asking,
            newest: self
                .newest
                .as_ref()
                .and_then(|id| self.entries.get(id))
                .map(|entry| entry.path.clone()),
            documents: self.documents().count(),
            usage: self.usage_report(),
            scopes: self
                .scopes
                .iter()
                .filter_map(|(scope, outcome)| ScopeLine::of(scope, outcome))
                .collect(),
            other_directories: self.other_directories.clone(),
            index: match &self.index {
                Index::Saved(path) => Some(path.clone()),
                Index::Due | Index::UnderWay | Index::None(_) => None,
            },
            ..Report::beginning(&self.order)
        };
        if let Index::None(Some(failure)) = &self.index {
            report.failed.push(Trouble {
                what: self.index_path(),
                failure: failure.clone(),
            });
        }
        for (document, state) in self.documents() {
            let what = || what(document);
            match state {
                DocumentState::Saved(file) => {
                    report.saved += 1;
                    report.bytes += file.bytes;
                    report.last_download = Some(file.download);
                    report.not_verified.extend(not_verified(file, what));
                }
                DocumentState::SavedBefore(file) => {
                    report.saved_before += 1;
                    report.last_download = report.last_download.or(Some(file.download));
                    report.not_verified.extend(not_verified(file, what));
                }
                DocumentState::NoLongerThere(file) => report.no_longer_there.push(NoLongerThere {
                    what: what(),
                    on: file.on.clone(),
                }),
                DocumentState::Ready(Ready::File(_)) if self.packs() => report.waiting_for_archive += 1,
                DocumentState::Waiting
                | DocumentState::NothingUsed
                | DocumentState::Requested
                | DocumentState::Ready(_)
                | DocumentState::HandingOver
                | DocumentState::Linking => {}
                DocumentState::Cancelled => report.cancelled += 1,
                DocumentState::NotOffered => report.not_offered.push(what()),
                DocumentState::Elsewhere(host) => {
                    let host = host.clone();
                    report.elsewhere.push(Elsewhere { what: what(), host });
                }
                DocumentState::Failed(failure) => {
                    report.failed.push(Trouble {
                        what: what(),
                        failure: failure.clone(),
                    });
                }
            }
        }
        if self.order.cancelled && self.entries.is_empty() {
            for (id, file) in self.saved_before_kill() {
                report.last_download = Some(file.download);
                let (saved, all) = match id.is_usage() {
                    true => (&mut report.usage.saved, &mut report.usage.periods),
                    false => (&mut report.saved, &mut report.documents),
                };
                (*saved, *all) = (*saved + 1, *all + 1);
            }
        }
        // What goes through everything once more is told at the end only.
        if self.verdict != Verdict::Running {
            let entries = || self.document_entries();
            report.corrections = self.corrections.groups();
            report.places = coverage(entries().map(|entry| (&*entry.listed, entry.state.outcome())));
            // The documents of an invoice stand side by side.
            let mut last = "";
            let invoices =
                entries().filter(|entry| std::mem::replace(&mut last, &entry.document.invoice) != last);
            report.totals = Totals::of(invoices.map(|entry| &*entry.listed), &self.corrections);
        }
        // Where nothing but usage was saved, its folder is found all the same.
        let mut files = self.entries.values().filter_map(|entry| match &entry.state {
            DocumentState::Saved(file) | DocumentState::SavedBefore(file) => Some(file.download),
            _ => None,
        });
        report.last_download = report.last_download.or_else(|| files.next());
        report
    }

    /// Takes one event and says what is to be done for it, in this order.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.verdict == Verdict::Finished {
            return Vec::new();
        }
        let mut effects = Vec::new();
        match event {
            Event::Found(finding) => self.found(finding, &mut effects),
            Event::ListingEnded(result) => {
                self.listing = result.map_or_else(Listing::Failed, |()| Listing::Ended);
            }
            Event::Obtained(id, Ok(ready)) => self.obtained(&id, ready, &mut effects),
            Event::Obtained(id, Err(failure)) => {
                let other = self.entries.get_mut(&id).and_then(|entry| entry.others.pop());
                match other {
                    Some(source) => self.obtain(&id, source, &mut effects),
                    None => self.fail(&id, failure, &mut effects),
                }
            }
            Event::UsageObtained(id, answer) => self.usage_obtained(&id, answer, &mut effects),
            Event::BrowserAsks(_) => {
                let is_about_this = match self.saving {
                    Saving::FirstUnderWay | Saving::Smooth => true,
                    // A run with nothing to save may owe an index.
                    Saving::Unknown => self.index == Index::UnderWay,
                    Saving::Asking | Saving::Refused => false,
                };
                if is_about_this {
                    self.saving = Saving::Asking;
                    if self.verdict == Verdict::Cancelled {
                        self.give_up(&mut effects);
                    }
                }
            }
            Event::HandedOver(id, Ok(file)) => {
                if !self.is_link(&id) {
                    self.saving = Saving::Smooth;
                }
                self.newest = Some(id.clone());
                self.set(&id, DocumentState::Saved(file));
            }
            Event::HandedOver(id, Err(mut failure)) => {
                if self.is_link(&id) || self.saving == Saving::Smooth {
                    // Nothing was asked: the person has cancelled this very download.
                    if failure.code == FailureCode::BrowserAsks {
                        failure.code = FailureCode::BrowserRefused;
                    }
                } else if failure.code == FailureCode::BrowserAsks {
                    self.saving = Saving::Refused;
                } else {
                    // The question is still open: the next file is again handed over alone.
                    self.saving = Saving::Unknown;
                }
                self.fail(&id, failure, &mut effects);
            }
            Event::ArchiveEnded(result) => self.archive_ended(result, &mut effects),
            Event::Gone(paths) => {
                self.looked = Some(true);
                let is_gone = |entry: &&Entry| matches!(&entry.state, DocumentState::SavedBefore(file) if paths.contains(&file.path));
                let gone: Vec<DocumentId> = self
                    .entries
                    .values()
                    .filter(is_gone)
                    .map(|entry| entry.document.id.clone())
                    .collect();
                for id in gone {
                    if let Some(Entry {
                        state: DocumentState::SavedBefore(file),
                        ..
                    }) = self.entries.get(&id)
                    {
                        let state = DocumentState::NoLongerThere(file.clone());
                        self.set(&id, state);
                    }
                }
            }
            Event::IndexEnded(Ok(file)) => self.index = Index::Saved(file.place()),
            Event::IndexEnded(Err(failure)) => {
                // The next run owes it.
                effects.extend(failed(&self.index_id(), &failure));
                self.index = Index::None(Some(failure));
            }
            Event::Pause => self.set_paused(true, &mut effects),
            Event::Resume => self.set_paused(false, &mut effects),
            Event::Cancel => self.cancel(&mut effects),
        }
        self.hand_over(&mut effects);
        if self.usage_begins() {
            for (document, listed) in self.usage.begin() {
                self.begin_with(document, &listed, &mut effects);
            }
            self.hand_over(&mut effects);
        }
        self.ask_for_usage(&mut effects);
        self.pack_if_whole(&mut effects);
        self.end_if_done(&mut effects);
        effects
    }

    fn found(&mut self, finding: Finding, effects: &mut Vec<Effect>) {
        match finding {
            Finding::Scopes(more) => {
                if let Listing::Asking { scopes, .. } = &mut self.listing {
                    *scopes = Some(scopes.unwrap_or_default() + more);
                }
            }
            Finding::Invoices(invoices) => {
                for listed in invoices {
                    self.take_up(&listed, effects);
                }
            }
            Finding::ScopeEnded(scope, outcome) => {
                if let Listing::Asking { ended, .. } = &mut self.listing {
                    *ended += 1;
                }
                self.scopes.push((scope, outcome));
            }
            Finding::Subscription(subscription) => self.usage.add_subscription(subscription),
            Finding::OtherDirectories(names) => self.other_directories = names,
        }
    }

    fn take_up(&mut self, listed: &ListedInvoice, effects: &mut Vec<Effect>) {
        if self.verdict != Verdict::Running {
            return;
        }
        self.corrections.add(listed);
        let listed = Rc::new(listed.clone());
        self.usage.add(&listed);
        if !self.order.wanted.has_documents() {
            return;
        }
        let documents = listed.documents();
        let none = listed.without_documents();
        if documents.is_empty() {
            let of_invoice = |(id, _): (&DocumentId, &Entry)| id.as_str().starts_with(none.id.as_str());
            if !self
                .entries
                .range(none.id.clone()..)
                .next()
                .is_some_and(of_invoice)
            {
                self.begin_with(none, &listed, effects);
            }
            return;
        }
        // Another place may have known the invoice without its documents.
        self.entries.remove(&none.id);
        for document in documents {
            match self.entries.get_mut(&document.id) {
                None => self.begin_with(document, &listed, effects),
                Some(known) if known.document.source == document.source => {}
                Some(known) => match &known.state {
                    DocumentState::NotOffered | DocumentState::Elsewhere(_) | DocumentState::Failed(_)
                        if document.source != DocumentSource::NotOffered =>
                    {
                        self.begin_with(document, &listed, effects);
                    }
                    DocumentState::Requested => known.others.push(document.source),
                    _ => {}
                },
            }
        }
    }

    /// Plans a document, from nothing or because this place offers more than the one before.
    fn begin_with(
        &mut self,
        document: WantedDocument,
        listed: &Rc<ListedInvoice>,
        effects: &mut Vec<Effect>,
    ) {
        let (id, source) = (document.id.clone(), document.source.clone());
        // What is on its way already comes to its end once.
        if self.entries.get(&id).is_some_and(|entry| entry.state.is_open()) {
            return;
        }
        let path = self.path_of(&document, listed);
        let entry = Entry {
            document,
            listed: listed.clone(),
            others: Vec::new(),
            path: path.clone(),
            state: DocumentState::NotOffered,
        };
        self.entries.insert(id.clone(), entry);
        match self.known.get(&id) {
            Some(DocumentRecord::Saved { file }) => {
                // What this very run saved before it was interrupted is its own.
                let state = match file.order == self.order.ordered_at {
                    true => DocumentState::Saved(file.clone()),
                    false => DocumentState::SavedBefore(file.clone()),
                };
                self.set(&id, state);
            }
            Some(
                DocumentRecord::Held { file, path: planned }
                | DocumentRecord::HandingOver {
                    file, path: planned, ..
                },
            ) => {
                let (file, is_new) = (file.clone(), *planned != path);
                match self.archive_before().cloned() {
                    Some(archive) => self.saved_in(&id, &file, &archive, effects),
                    None => {
                        if is_new {
                            let file = file.clone();
                            effects.push(write(&id, DocumentRecord::Held { file, path }));
                        }
                        self.set(&id, DocumentState::Ready(Ready::File(file)));
                    }
                }
            }
            _ => self.obtain(&id, source, effects),
        }
    }

    /// Where a document belongs: a saved one where it is, any other where its first sight in this run put it.
    fn path_of(&mut self, document: &WantedDocument, listed: &ListedInvoice) -> String {
        let id = &document.id;
        if id.is_of_none() {
            return String::new();
        }
        let known = self.known.get(id);
        if let Some(path) = known.and_then(DocumentRecord::kept_path) {
            return path.to_owned();
        }
        match (known, self.entries.get(id)) {
            (Some(DocumentRecord::Held { path, .. }), _) if self.archive_before().is_some() => path.clone(),
            (_, Some(entry)) => entry.path.clone(),
            _ => self.paths.promise(id, &NameParts::of(document, listed)),
        }
    }

    fn obtain(&mut self, id: &DocumentId, source: DocumentSource, effects: &mut Vec<Effect>) {
        match &source {
            DocumentSource::NotOffered => {}
            DocumentSource::CostReport(_) | DocumentSource::UsageDetails(_) => {
                self.usage.wait(id, &source);
                self.set(id, DocumentState::Waiting);
            }
            DocumentSource::Elsewhere(address) => match DirectLink::read(address) {
                Ok(link) => {
                    let host = link.host().to_owned();
                    let state = self.ready_or_elsewhere(Ready::Link { host, source });
                    self.set(id, state);
                }
                Err(refused) => self.fail(id, refused.into(), effects),
            },
            DocumentSource::Prepared(_) | DocumentSource::Resource(_) => {
                let Some(entry) = self.entries.get(id) else {
                    return;
                };
                let format = entry.document.format();
                effects.push(Effect::Obtain {
                    id: id.clone(),
                    source,
                    format,
                });
                self.set(id, DocumentState::Requested);
            }
        }
    }

    fn obtained(&mut self, id: &DocumentId, ready: Ready, effects: &mut Vec<Effect>) {
        if let (Ready::File(file), Some(entry)) = (&ready, self.entries.get(id)) {
            let (file, path) = (file.clone(), entry.path.clone());
            effects.push(write(id, DocumentRecord::Held { file, path }));
        }
        let state = self.ready_or_elsewhere(ready);
        self.set(id, state);
    }

    /// Usage is asked for when no document waits for Azure any more: its reports take minutes, and few are allowed.
    fn usage_begins(&self) -> bool {
        let is_listed = !matches!(self.listing, Listing::Asking { .. });
        self.order.wanted.has_usage()
            && self.verdict == Verdict::Running
            && is_listed
            && !self.usage.has_begun()
            && !self.documents().any(|(_, state)| state.waits_for_azure())
    }

    fn ask_for_usage(&mut self, effects: &mut Vec<Effect>) {
        while !self.is_paused()
            && self.verdict == Verdict::Running
            && let Some(id) = self.usage.next()
        {
            let Some(entry) = self.entries.get(&id) else {
                continue;
            };
            if self.saving == Saving::Refused {
                self.usage.answered(&id, false);
                self.fail(&id, Failure::plain(FailureCode::BrowserAsks), effects);
                continue;
            }
            let (source, since) = (entry.document.source.clone(), entry.listed.invoice.period_start);
            effects.push(Effect::ObtainUsage {
                id: id.clone(),
                source,
                since,
                region: self.order.region,
            });
            self.set(&id, DocumentState::Requested);
        }
    }

    fn usage_obtained(
        &mut self,
        id: &DocumentId,
        answer: Result<UsageAnswer, Failure>,
        effects: &mut Vec<Effect>,
    ) {
        let failure = match answer {
            Ok(UsageAnswer::Ready(ready)) => {
                self.usage.answered(id, true);
                self.obtained(id, ready, effects);
                return;
            }
            Ok(UsageAnswer::NothingUsed) => {
                self.usage.answered(id, true);
                self.set(id, DocumentState::NothingUsed);
                return;
            }
            Err(failure) => {
                self.usage.answered(id, false);
                self.fail(id, failure, effects);
                return;
            }
            Ok(UsageAnswer::Refused(failure)) => failure,
        };
        let mut refused = self.usage.refused(id);
        refused.push(id.clone());
        for id in refused {
            self.fail(&id, failure.clone(), effects);
            let instead = self.usage.instead_of(&id);
            if !instead.is_empty() {
                self.entries.remove(&id);
            }
            for (document, listed) in instead {
                self.begin_with(document, &listed, effects);
            }
        }
    }

    /// A link waits for its hand-over only where the person has agreed to its host.
    fn ready_or_elsewhere(&self, ready: Ready) -> DocumentState {
        match ready {
            Ready::Link { host, .. } if !self.order.hosts.contains(&host) => DocumentState::Elsewhere(host),
            ready => DocumentState::Ready(ready),
        }
    }

    fn is_link(&self, id: &DocumentId) -> bool {
        let entry = self.entries.get(id);
        entry.is_some_and(|entry| entry.state == DocumentState::Linking)
    }

    /// Hands over what is ready: one file alone first, then several, none once the person refused; links beside them.
    fn hand_over(&mut self, effects: &mut Vec<Effect>) {
        while !self.is_paused() {
            let room = match self.saving {
                Saving::Unknown => 1,
                Saving::Smooth => HAND_OVERS,
                Saving::FirstUnderWay | Saving::Asking => 0,
                Saving::Refused => usize::MAX,
            };
            let links = match self.saving {
                Saving::Asking => 0,
                Saving::Refused => usize::MAX,
                Saving::Unknown | Saving::FirstUnderWay | Saving::Smooth => LINKS,
            };
            let next = if !self.packs() && self.handing_over < room && !self.ready.is_empty() {
                self.ready.pop_front()
            } else if self.linking < links {
                self.ready_links.pop_front()
            } else {
                None
            };
            let Some(id) = next else {
                return;
            };
            let Some(entry) = self.entries.get(&id) else {
                continue;
            };
            let DocumentState::Ready(ready) = entry.state.clone() else {
                continue;
            };
            if self.saving == Saving::Refused {
                self.fail(&id, Failure::plain(FailureCode::BrowserAsks), effects);
                continue;
            }
            let state = match ready {
                Ready::File(_) if self.saving == Saving::Unknown => {
                    self.saving = Saving::FirstUnderWay;
                    DocumentState::HandingOver
                }
                Ready::File(_) => DocumentState::HandingOver,
                Ready::Link { .. } => DocumentState::Linking,
            };
            effects.push(Effect::HandOver {
                id: id.clone(),
                ready,
                format: entry.document.format(),
                path: entry.path.clone(),
            });
            self.set(&id, state);
        }
    }

    fn packs(&self) -> bool {
        self.order.packing == Packing::Zip
    }

    /// The archive is made once nothing more can come into it.
    fn pack_if_whole(&mut self, effects: &mut Vec<Effect>) {
        let is_whole = !matches!(self.listing, Listing::Asking { .. }) && self.open == self.ready.len();
        if !self.packs() || self.is_paused() || !is_whole || self.ready.is_empty() || !self.packed.is_empty()
        {
            return;
        }
        let mut members: Vec<(HeldFile, String)> = Vec::new();
        for id in &self.ready {
            if let Some(entry) = self.entries.get(id)
                && let DocumentState::Ready(Ready::File(file)) = &entry.state
            {
                let inside = inside(&entry.path);
                // Not in the order in which they came: that differs from run to run.
                let at = members.partition_point(|(_, other)| &**other < inside);
                members.insert(at, (file.clone(), inside.to_owned()));
            }
        }
        self.packed = self.ready.iter().cloned().collect();
        self.saving = Saving::FirstUnderWay;
        let (id, path) = (self.archive_id(), self.archive_path());
        effects.push(Effect::SaveArchive { id, members, path });
    }

    fn archive_ended(&mut self, result: Result<SavedFile, Failure>, effects: &mut Vec<Effect>) {
        self.ready.clear();
        match result {
            Ok(archive) => {
                self.saving = Saving::Smooth;
                for id in std::mem::take(&mut self.packed) {
                    let held = self.entries.get(&id).and_then(|entry| match &entry.state {
                        DocumentState::Ready(Ready::File(file)) => Some(file.clone()),
                        _ => None,
                    });
                    if let Some(held) = held {
                        self.saved_in(&id, &held, &archive, effects);
                    }
                }
            }
            Err(failure) => {
                if failure.code == FailureCode::BrowserAsks {
                    self.saving = Saving::Refused;
                }
                for id in std::mem::take(&mut self.packed) {
                    self.fail(&id, failure.clone(), effects);
                }
            }
        }
    }

    /// A document lies in the archive that was saved.
    fn saved_in(&mut self, id: &DocumentId, held: &HeldFile, archive: &SavedFile, effects: &mut Vec<Effect>) {
        let Some(entry) = self.entries.get(id) else {
            return;
        };
        let file = archived(held, &entry.path, archive);
        effects.push(write(id, DocumentRecord::Saved { file: file.clone() }));
        self.set(id, DocumentState::Saved(file));
    }

    /// The archive of this run, where the run was killed between it and the records of its members.
    fn archive_before(&self) -> Option<&SavedFile> {
        match self.known.get(&self.archive_id()) {
            Some(DocumentRecord::Saved { file }) if self.packs() => Some(file),
            _ => None,
        }
    }

    fn archive_path(&self) -> String {
        format!("Azure invoices/Azure invoices {}.zip", self.order.ordered_at)
    }

    fn archive_id(&self) -> DocumentId {
        DocumentId::read(&format!("{ARCHIVE}{}", self.order.ordered_at))
    }

    fn set_paused(&mut self, paused: bool, effects: &mut Vec<Effect>) {
        if self.verdict == Verdict::Running && self.order.paused != paused {
            self.order.paused = paused;
            effects.push(Effect::Write(Record::Run(self.order.clone())));
        }
    }

    /// Stops everything; files that the browser is saving already are waited for, unless it is asking about them.
    fn cancel(&mut self, effects: &mut Vec<Effect>) {
        if self.verdict != Verdict::Running {
            return;
        }
        self.verdict = Verdict::Cancelled;
        self.listing = Listing::Ended;
        self.order.cancelled = true;
        effects.push(Effect::Write(Record::Run(self.order.clone())));
        self.give_up(effects);
    }

    fn give_up(&mut self, effects: &mut Vec<Effect>) {
        let hand_overs = self.saving == Saving::Asking || !self.packed.is_empty();
        self.packed.clear();
        effects.push(Effect::Abandon { hand_overs });
        if hand_overs && self.index == Index::UnderWay {
            self.index = Index::Due;
        }
        let stops = |state: &DocumentState| match state {
            DocumentState::HandingOver => hand_overs,
            state => state.is_open(),
        };
        let stopped: Vec<DocumentId> = self
            .entries
            .iter()
            .filter(|(_, entry)| stops(&entry.state))
            .map(|(id, _)| id.clone())
            .collect();
        for id in stopped {
            self.set(&id, DocumentState::Cancelled);
        }
    }

    fn end_if_done(&mut self, effects: &mut Vec<Effect>) {
        let listed = !matches!(self.listing, Listing::Asking { .. });
        if listed && self.open == 0 && !self.usage_begins() {
            let is_saved_before = |entry: &Entry| matches!(entry.state, DocumentState::SavedBefore(_));
            if self.looked.is_none() && self.entries.values().any(is_saved_before) {
                self.looked = Some(false);
                effects.push(Effect::LookForSaved);
            }
            if self.looked == Some(false) {
                return;
            }
            if self.index == Index::Due {
                self.save_index(effects);
            }
            if self.index == Index::UnderWay {
                return;
            }
            if self.verdict == Verdict::Running {
                self.verdict = Verdict::Finished;
            }
            effects.push(Effect::End);
        }
    }

    /// A run that saved something tells it in a file, too; where the browser refuses files, this one as well.
    fn save_index(&mut self, effects: &mut Vec<Effect>) {
        if let Some(file) = self.own_index() {
            self.index = Index::Saved(file.place());
            return;
        }
        let is_new = |entry: &Entry| matches!(entry.state, DocumentState::Saved(_));
        let has_news = self.owed_index().is_some() || self.document_entries().any(is_new);
        // Nobody is asked once more.
        let is_unwelcome = matches!(self.saving, Saving::Asking | Saving::Refused);
        if is_unwelcome || !has_news {
            if has_news {
                self.owe_index(effects);
            }
            self.index = Index::None(None);
            return;
        }
        let rows = self.document_entries().map(|entry| Row {
            document: &entry.document,
            listed: &entry.listed,
            state: &entry.state,
        });
        let order = &self.order;
        effects.push(Effect::SaveIndex {
            id: self.index_id(),
            bytes: index(rows, &self.corrections, &order.identity, order.region),
            path: self.index_path(),
        });
        self.index = Index::UnderWay;
    }

    /// The index of this run, where it was saved before a kill.
    fn own_index(&self) -> Option<&SavedFile> {
        self.indexes().find_map(|(_, record)| match record {
            DocumentRecord::Saved { file } if file.order == self.order.ordered_at => Some(file),
            _ => None,
        })
    }

    /// Has the next run save an index, whatever else it finds.
    fn owe_index(&self, effects: &mut Vec<Effect>) {
        effects.extend(failed(
            &self.index_id(),
            &Failure::plain(FailureCode::BrowserAsks),
        ));
    }

    fn index_path(&self) -> String {
        format!("Azure invoices/index {}.csv", self.order.ordered_at)
    }

    /// What the journal knows this index by, or the one that it stands for.
    fn index_id(&self) -> DocumentId {
        self.owed_index()
            .cloned()
            .unwrap_or_else(|| DocumentId::read(&format!("{INDEX}{}", self.order.ordered_at)))
    }

    /// An index that could not be saved in an earlier run.
    fn owed_index(&self) -> Option<&DocumentId> {
        self.indexes()
            .find(|(_, record)| !matches!(record, DocumentRecord::Saved { .. }))
            .map(|(id, _)| id)
    }

    fn indexes(&self) -> impl Iterator<Item = (&DocumentId, &DocumentRecord)> {
        self.known.iter().filter(|(id, _)| id.as_str().starts_with(INDEX))
    }

    fn fail(&mut self, id: &DocumentId, failure: Failure, effects: &mut Vec<Effect>) {
        effects.extend(failed(id, &failure));
        self.set(id, DocumentState::Failed(failure));
    }

    /// Every change of a document's state passes here, so that the counts stay true.
    fn set(&mut self, id: &DocumentId, state: DocumentState) {
        let Some(entry) = self.entries.get_mut(id) else {
            return;
        };
        let was = std::mem::replace(&mut entry.state, state);
        let is = &entry.state;
        let change = |count: &mut usize, before: bool, after: bool| match (before, after) {
            (false, true) => *count += 1,
            (true, false) => *count -= 1,
            _ => {}
        };
        change(&mut self.open, was.is_open(), is.is_open());
        let changes_to = |state: DocumentState| (was == state, *is == state);
        let (before, after) = changes_to(DocumentState::HandingOver);
        change(&mut self.handing_over, before, after);
        let (before, after) = changes_to(DocumentState::Linking);
        change(&mut self.linking, before, after);
        match is {
            DocumentState::Ready(Ready::File(_)) => self.ready.push_back(id.clone()),
            DocumentState::Ready(Ready::Link { .. }) => self.ready_links.push_back(id.clone()),
            _ => {}
        }
    }
}

/// A document that lies in a saved archive under this path.
fn archived(held: &HeldFile, path: &str, archive: &SavedFile) -> SavedFile {
    SavedFile {
        planned: path.to_owned(),
        archive: Some(archive.planned.clone()),
        bytes: held.bytes,
        proof: Proof::Sha256(held.sha256.clone()),
        ..archive.clone()
    }
}

/// A saved file that nobody has checked.
fn not_verified(file: &SavedFile, what: impl Fn() -> String) -> Option<Elsewhere> {
    match &file.proof {
        Proof::NotVerified(host) => Some(Elsewhere {
            what: what(),
            host: host.clone(),
        }),
        Proof::Sha256(_) => None,
    }
}

/// Writes down that something could not be saved. Of what the browser keeps back, the record of its hand-over finds
/// what has become of it.
fn failed(id: &DocumentId, failure: &Failure) -> Option<Effect> {
    let failure = failure.clone();
    (failure.code != FailureCode::HeldBack).then(|| write(id, DocumentRecord::Failed { failure }))
}

/// A document as people know it: date, who is billed, number.
fn what(document: &WantedDocument) -> String {
    let date = document.date.map_or_else(String::new, |date| format!("{date} "));
    format!("{date}{} {}", document.billed_to, document.invoice)
}

fn write(id: &DocumentId, record: DocumentRecord) -> Effect {
    Effect::Write(Record::Document(id.clone(), record))
}
