//! Acts for the step machine: does its effects through the ports and brings back what happened.
//! Must not know: what should be done next; the job decides.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures_util::future::{Either, LocalBoxFuture, select, try_join_all};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, Stream, StreamExt};
use sha2::{Digest, Sha256};

use crate::azure::ports::Clock;
use crate::azure::{Arm, AzureError, Blobs, Brake, DirectLink, DocumentSource, Download, LinkRefused};
use crate::invoices::{DocumentId, FileFormat, discover};

use super::archive::{Archive, Member, Method};
use super::crc32::crc32;
use super::failure::{Failure, FailureCode};
use super::job::{Effect, Event, HeldFile, Job, Proof, Ready, SavedFile};
use super::journal::{DocumentRecord, Journal, Record};
use super::order::Order;
use super::ports::{
    Conflict, DownloadItem, DownloadNumber, DownloadState, Downloads, Part, PortError, PrivateFiles,
};
use super::report::Report;
use super::verification::verify;

/// Signed addresses asked for, per document, before an expired one is believed.
pub(super) const ADDRESSES: u32 = 3;
/// A download without a file name for this long is a question to the person.
const QUESTION: Duration = Duration::from_millis(700);
/// From one look at a download to the next.
const LOOK: Duration = Duration::from_secs(10);
/// Looks that find no more of a file on disk, though it lies ready, before it counts as held back. Not a time: a
/// computer may sleep between two of them.
const STANDSTILL: u32 = 12;
/// Longest time that a host may take to deliver a document to the browser.
const LONGEST_FETCH: Duration = Duration::from_secs(300);
/// Least time between two looks at the run: a report goes through all its documents.
const PACE: Duration = Duration::from_millis(200);

/// Everything a run acts through.
pub struct Run {
    /// Azure, as the person of the run.
    pub arm: Rc<Arm>,
    /// Blob storage.
    pub blobs: Blobs,
    /// The journal of the person.
    pub journal: Journal,
    /// Private files.
    pub files: Rc<dyn PrivateFiles>,
    /// The browser's downloads.
    pub downloads: Rc<dyn Downloads>,
    /// The time.
    pub clock: Rc<dyn Clock>,
}

/// Runs an order to its end; taking up a run that was killed is the same call.
///
/// `changed` is shown the job as it moves, five times a second at most, and at the end. `tell` and `told` are the two
/// ends of the run's events, through which [`Event::Cancel`] comes in. `keep` keeps the report of a run that has come to
/// its end; a kill before that is done takes the run up again. An error means that the journal cannot be kept, without which nothing may be done.
pub async fn run(
    run: &Run,
    order: Order,
    tell: UnboundedSender<Event>,
    mut told: UnboundedReceiver<Event>,
    changed: impl Fn(&Job),
    keep: impl AsyncFnOnce(Report),
) -> Result<(), PortError> {
    // A pause holds back what is new and lets what is under way end: it may have a place that others wait for.
    let brake = Brake::default();
    brake.set(order.paused);
    let run = &Run {
        arm: Rc::new(run.arm.braked(brake.clone())),
        blobs: run.blobs.braked(brake.clone()),
        journal: run.journal.clone(),
        files: run.files.clone(),
        downloads: run.downloads.clone(),
        clock: run.clock.clone(),
    };
    let (mut known, unaccounted) = run.settle_interrupted(&order).await?;
    // Asked at the beginning, too: a browser looks for its files only when it is asked, and tells the next time.
    let gone = run.downloads.gone().await;
    if order.again {
        let is_gone = |record: &DocumentRecord| matches!(record, DocumentRecord::Saved { file } if gone.contains(&file.path));
        known.retain(|_, record| !is_gone(record));
    }
    let period = order.period;
    let ordered_at = order.ordered_at.clone();
    let (mut job, mut effects) = Job::begin(order, known);

    let tell = &tell;
    // The receiver lives as long as the run, so nothing that is told gets lost.
    let say = move |event| drop(tell.unbounded_send(event));
    let errand = &Errand {
        ordered_at,
        unaccounted,
        under_way: RefCell::default(),
        say: &say,
    };
    let mut listing: LocalBoxFuture<'_, Infallible> = async move {
        let result = discover(&run.arm, period, |finding| say(Event::Found(finding))).await;
        say(Event::ListingEnded(result.map_err(Failure::from)));
        std::future::pending().await
    }
    .boxed_local();
    let mut obtaining: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
    let mut handing_over: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
    let mut linking: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
    let mut pace: Option<LocalBoxFuture<'_, ()>> = None;
    let (mut has_moved, mut has_archive) = (true, false);
    loop {
        let (mut records, mut ends) = (Vec::new(), false);
        for effect in std::mem::take(&mut effects) {
            match effect {
                Effect::Write(record) => records.push(record),
                Effect::Obtain { id, source, format } => obtaining.push(
                    async move {
                        let result = run.obtain(&id, &source, format).await;
                        Event::Obtained(id, result)
                    }
                    .boxed_local(),
                ),
                Effect::ObtainUsage {
                    id,
                    source,
                    since,
                    region,
                } => obtaining.push(
                    async move {
                        let result = run.obtain_usage(&id, &source, since, region).await;
                        Event::UsageObtained(id, result)
                    }
                    .boxed_local(),
                ),
                Effect::HandOver {
                    id,
                    ready,
                    format,
                    path,
                } => {
                    let queue = match &ready {
                        Ready::File(_) => &handing_over,
                        Ready::Link { .. } => &linking,
                    };
                    queue.push(
                        async move {
                            let result = run.hand_over(&id, ready, format, path, errand).await;
                            Event::HandedOver(id, result)
                        }
                        .boxed_local(),
                    );
                }
                Effect::SaveArchive { id, members, path } => handing_over.push(
                    async move { Event::ArchiveEnded(run.save_archive(&id, &members, path, errand).await) }
                        .boxed_local(),
                ),
                Effect::LookForSaved => {
                    handing_over.push(async move { Event::Gone(run.downloads.gone().await) }.boxed_local())
                }
                Effect::SaveIndex { id, bytes, path } => handing_over.push(
                    async move { Event::IndexEnded(run.save_index(&id, &bytes, path, errand).await) }
                        .boxed_local(),
                ),
                Effect::Abandon { hand_overs } => {
                    // A kill from here on must not take up again what the person has cancelled.
                    try_join_all(records.iter().map(|record| run.journal.write(record))).await?;
                    records.clear();
                    listing = std::future::pending().boxed_local();
                    obtaining.clear();
                    linking.clear();
                    if hand_overs {
                        handing_over.clear();
                        for (number, id) in errand.under_way.take() {
                            run.downloads.discard(number).await;
                            // Whatever lies at its path from now on is not ours to replace.
                            let failure = Failure::plain(FailureCode::BrowserRefused);
                            records.push(Record::Document(id, DocumentRecord::Failed { failure }));
                        }
                    }
                }
                Effect::End => ends = true,
            }
        }
        // Together, since everything else stands still meanwhile; what was pushed above begins after that.
        try_join_all(records.iter().map(|record| run.journal.write(record))).await?;
        if ends || std::mem::take(&mut has_archive) {
            // What lies in the archive is written down by now, and nothing else is on its way.
            run.sweep(&BTreeMap::new()).await;
        }
        if ends {
            changed(&job);
            keep(job.report()).await;
            return run.journal.write(&Record::RunEnds).await;
        }
        let happened = poll_fn(|context| {
            if let Some(waiting) = &mut pace
                && waiting.poll_unpin(context).is_ready()
            {
                pace = None;
            }
            if has_moved && pace.is_none() {
                changed(&job);
                has_moved = false;
                let waiting = pace.insert(run.clock.sleep(PACE));
                // Registers who is to be woken; a sleep is never over at once.
                let _ = waiting.poll_unpin(context);
            }
            // What the person wants comes first, and alone: it may change what is listened to.
            if let Poll::Ready(Some(event)) = told.poll_next_unpin(context) {
                return Poll::Ready(vec![event]);
            }
            let sources: [&mut (dyn Stream<Item = Event> + Unpin); 3] =
                [&mut handing_over, &mut linking, &mut obtaining];
            let mut happened = Vec::new();
            for events in sources {
                while let Poll::Ready(Some(event)) = events.poll_next_unpin(context) {
                    happened.push(event);
                }
            }
            match happened.is_empty() {
                false => Poll::Ready(happened),
                // Listing tells what it finds, and is never done.
                true => listing.poll_unpin(context).map(|never| match never {}),
            }
        })
        .await;
        for event in happened {
            has_archive |= matches!(event, Event::ArchiveEnded(Ok(_)));
            effects.extend(job.step(event));
        }
        brake.set(job.is_paused());
        has_moved = true;
    }
}

impl Run {
    /// Has Azure prepare a document, fetches it, checks it, and lays it into a private file; where it lies at a host
    /// that the extension may not read, its address is all that can be had.
    async fn obtain(
        &self,
        id: &DocumentId,
        source: &DocumentSource,
        format: FileFormat,
    ) -> Result<Ready, Failure> {
        let download = self.download(source)?;
        let mut asked = 1;
        let blob = loop {
            let address = download.prepare(&self.arm).await?;
            let cloud = self.arm.identity().cloud;
            if !self.blobs.may_read(&address, cloud).await {
                return Ok(Ready::Link {
                    host: address.host().to_owned(),
                    source: source.clone(),
                });
            }
            match self.blobs.fetch(&address).await {
                Err(AzureError::Forbidden(_)) if asked < ADDRESSES => asked += 1,
                result => break result?,
            }
        };
        verify(&blob.bytes, blob.announced_length, format)?;
        Ok(Ready::File(self.hold(id, &blob.bytes, format).await?))
    }

    /// Lays bytes into a private file.
    async fn hold(&self, id: &DocumentId, bytes: &[u8], format: FileFormat) -> Result<HeldFile, Failure> {
        let file = HeldFile {
            name: self.private_name(id, format),
            bytes: bytes.len() as u64,
            sha256: hexadecimal(&Sha256::digest(bytes)),
            crc32: crc32(0, bytes),
        };
        self.files.write(&file.name, bytes).await?;
        Ok(file)
    }

    /// Puts private files into an archive, itself a private file, and hands it over. Nothing of them is held in memory.
    async fn save_archive(
        &self,
        id: &DocumentId,
        members: &[(HeldFile, String)],
        path: String,
        errand: &Errand<'_>,
    ) -> Result<SavedFile, Failure> {
        let modified = self.clock.now().date();
        let mut archive = Archive::new();
        let mut parts = Vec::new();
        for (file, inside) in members {
            let (content, held) = self.as_it_lies_in_an_archive(file).await?;
            let member = Member {
                path: inside,
                crc32: file.crc32,
                bytes: file.bytes,
                held,
                method: match content == file.name {
                    true => Method::Stored,
                    false => Method::Deflated,
                },
                modified,
            };
            let header = archive.member(&member).map_err(|error| Failure {
                code: FailureCode::BrowserRefused,
                detail: error.to_string(),
            })?;
            parts.extend([Part::Bytes(header), Part::File(content)]);
        }
        let end = archive.clone().finish();
        let file = HeldFile {
            name: self.private_name(id, FileFormat::Zip),
            bytes: archive.length() + end.len() as u64,
            sha256: String::new(),
            crc32: 0,
        };
        if self.files.room().await.is_some_and(|room| room < file.bytes) {
            return Err(PortError::Full.into());
        }
        parts.push(Part::Bytes(end));
        self.files.assemble(&file.name, parts).await?;
        for (member, _) in members {
            self.files.remove(&deflated(member)).await;
        }
        self.hand_over(id, Ready::File(file), FileFormat::Zip, path, errand)
            .await
    }

    /// The private file that holds a document as an archive has it, and its length. Tables shrink to a fraction, PDFs
    /// hardly at all.
    async fn as_it_lies_in_an_archive(&self, file: &HeldFile) -> Result<(String, u64), Failure> {
        if file.name.ends_with(FileFormat::Csv.extension()) {
            let into = deflated(file);
            let held = self.files.deflate(&file.name, &into).await?;
            if held < file.bytes {
                return Ok((into, held));
            }
        }
        Ok((file.name.clone(), file.bytes))
    }

    async fn save_index(
        &self,
        id: &DocumentId,
        bytes: &[u8],
        path: String,
        errand: &Errand<'_>,
    ) -> Result<SavedFile, Failure> {
        let file = self.hold(id, bytes, FileFormat::Csv).await?;
        self.hand_over(id, Ready::File(file), FileFormat::Csv, path, errand)
            .await
    }

    /// The operation that has a signed address for a document.
    fn download(&self, source: &DocumentSource) -> Result<Download, Failure> {
        match source {
            DocumentSource::Prepared(url) => Ok(Download::prepared(url, &self.arm)?),
            DocumentSource::Resource(url) => Ok(Download::resource(url, &self.arm)?),
            DocumentSource::NotOffered
            | DocumentSource::Elsewhere(_)
            | DocumentSource::CostReport(_)
            | DocumentSource::UsageDetails(_) => Err(LinkRefused::NotListed.into()),
        }
    }

    /// Where the browser finds a document at the host to which the person has agreed.
    async fn link(&self, host: &str, source: &DocumentSource) -> Result<DirectLink, Failure> {
        let link = match source {
            DocumentSource::Elsewhere(url) => DirectLink::read(url)?,
            DocumentSource::CostReport(report) => {
                let mut addresses = report.generate(&self.arm).await?;
                match (addresses.pop(), addresses.is_empty()) {
                    (Some(only), true) => only.into(),
                    _ => return Err(Failure::plain(FailureCode::UsageInParts)),
                }
            }
            source => self.download(source)?.prepare(&self.arm).await?.into(),
        };
        match link.host() == host {
            true => Ok(link),
            false => Err(LinkRefused::ForeignHost.into()),
        }
    }

    /// Hands a document to the browser and waits until it lies on disk whole.
    async fn hand_over(
        &self,
        id: &DocumentId,
        ready: Ready,
        format: FileFormat,
        path: String,
        errand: &Errand<'_>,
    ) -> Result<SavedFile, Failure> {
        let (address, record) = match &ready {
            Ready::File(file) => {
                let address = self.files.address(&file.name, format.media_type()).await?;
                let record = DocumentRecord::HandingOver {
                    file: file.clone(),
                    address: address.clone(),
                    path: path.clone(),
                };
                (address, record)
            }
            Ready::Link { host, source } => {
                let address = self.link(host, source).await?.into_address();
                let record = DocumentRecord::HandingOverLink {
                    address: hexadecimal(&Sha256::digest(&address)),
                    host: host.clone(),
                    path: path.clone(),
                };
                (address, record)
            }
        };
        self.journal.write(&Record::Document(id.clone(), record)).await?;
        let planned = Planned::of(&ready, path);
        let mut result = self.save(id, &address, &planned, errand).await;
        if let Err(failure) = &result
            && failure.code == FailureCode::HeldBack
        {
            // The browser may still need it. What becomes of it the next start will find.
            return result;
        }
        if let Ok(file) = &mut result {
            file.order.clone_from(&errand.ordered_at);
            let saved = DocumentRecord::Saved { file: file.clone() };
            self.journal.write(&Record::Document(id.clone(), saved)).await?;
        }
        // Not before that is written down: until then it may have to be handed over again.
        if let Ready::File(file) = &ready {
            self.files.release(&address).await;
            self.files.remove(&file.name).await;
        }
        result
    }

    async fn save(
        &self,
        id: &DocumentId,
        address: &str,
        planned: &Planned,
        errand: &Errand<'_>,
    ) -> Result<SavedFile, Failure> {
        let conflict = match errand.unaccounted.contains(&planned.path) {
            true => Conflict::Overwrite,
            false => Conflict::Uniquify,
        };
        let number = self.downloads.save(address, &planned.path, conflict).await?;
        let ended = self.downloads.ended(number);
        errand.under_way.borrow_mut().push((number, id.clone()));
        let outcome = select(ended, Box::pin(self.watch(id, number, planned, errand))).await;
        errand
            .under_way
            .borrow_mut()
            .retain(|(other, _)| *other != number);
        let saved = match outcome {
            Either::Left((Some(item), _)) => planned.saved_as(&item, self.today()),
            Either::Left((None, _)) => Err(Failure::plain(FailureCode::BrowserRefused)),
            // It stays with the browser, for the person to decide.
            Either::Right((failure, _)) if failure.code == FailureCode::HeldBack => return Err(failure),
            Either::Right((failure, _)) => Err(failure),
        };
        if saved.is_err() {
            self.downloads.discard(number).await;
        }
        saved
    }

    /// Looks at a download that does not come to its end, until it is to be waited for no longer.
    ///
    /// A file of ours lies ready, so one that is not saved at once waits for the person: to say where, or whether to
    /// keep it. How long a host takes, and when it tells a file's name, is the host's affair, up to a limit.
    async fn watch(
        &self,
        id: &DocumentId,
        number: DownloadNumber,
        planned: &Planned,
        errand: &Errand<'_>,
    ) -> Failure {
        let begun = self.clock.now();
        let (mut received, mut still) = (0, 0);
        let mut wait = QUESTION;
        loop {
            self.clock.sleep(wait).await;
            wait = LOOK;
            // Whoever takes it off the browser's list tells nobody.
            let Some(item) = self.downloads.item(number).await else {
                return Failure::plain(FailureCode::BrowserRefused);
            };
            let is_asking = item.path.is_empty() && !planned.is_fetched_by_browser();
            still = match item.received == received && !is_asking {
                true => still + 1,
                false => 0,
            };
            received = item.received;
            let is_held_back = item.is_held_back || still >= STANDSTILL;
            // Without its archive nothing of a run is saved, and nothing else is left to do.
            if is_asking || is_held_back && planned.is_archive() {
                (errand.say)(Event::BrowserAsks(id.clone()));
            } else if is_held_back && !planned.is_fetched_by_browser() || item.is_held_back {
                return Failure::plain(FailureCode::HeldBack);
            } else if planned.is_fetched_by_browser() && self.clock.now() - begun >= LONGEST_FETCH {
                return Failure::plain(FailureCode::HostFailed);
            }
        }
    }

    /// What the journal knows, once every hand-over that a kill interrupted is settled: saved whole, or undone. Of
    /// those that the browser has forgotten with the kill nobody knows what they left; the second part is their paths.
    async fn settle_interrupted(
        &self,
        order: &Order,
    ) -> Result<(BTreeMap<DocumentId, DocumentRecord>, Vec<String>), PortError> {
        let mut known = BTreeMap::new();
        let mut unaccounted = Vec::new();
        for (id, record) in self.journal.documents().await? {
            let (item, planned, undone) = match &record {
                DocumentRecord::HandingOver { file, address, path } => (
                    self.downloads.find(address).await,
                    Planned::of(&Ready::File(file.clone()), path.clone()),
                    Some(DocumentRecord::Held {
                        file: file.clone(),
                        path: path.clone(),
                    }),
                ),
                DocumentRecord::HandingOverLink { address, host, path } => (
                    self.downloads.find_own(address, path).await,
                    Planned {
                        path: path.clone(),
                        bytes: None,
                        proof: Proof::NotVerified(host.clone()),
                    },
                    None,
                ),
                _ => {
                    known.insert(id, record);
                    continue;
                }
            };
            let Some(item) = item else {
                // The record stays: whenever this is handed over, it is to that path, which is one of those.
                unaccounted.push(planned.path);
                known.insert(id, record);
                continue;
            };
            let settled = match planned.saved_as(&item, self.today()) {
                Ok(mut file) => {
                    file.order.clone_from(&order.ordered_at);
                    DocumentRecord::Saved { file }
                }
                Err(failure) => {
                    self.downloads.discard(item.number).await;
                    undone.unwrap_or(DocumentRecord::Failed { failure })
                }
            };
            self.journal
                .write(&Record::Document(id.clone(), settled.clone()))
                .await?;
            known.insert(id, settled);
        }
        for record in known.values_mut() {
            if let DocumentRecord::Held { file, .. } | DocumentRecord::HandingOver { file, .. } = record
                && self.files.length(&file.name).await != Some(file.bytes)
            {
                let failure = Failure::plain(FailureCode::BrowserRefused);
                *record = DocumentRecord::Failed { failure };
            }
        }
        self.sweep(&known).await;
        Ok((known, unaccounted))
    }

    /// Removes private files of this person that no record holds.
    async fn sweep(&self, known: &BTreeMap<DocumentId, DocumentRecord>) {
        let own = self.private_prefix();
        for name in self.files.names().await {
            let held = known.values().any(|record| match record {
                DocumentRecord::Held { file, .. } | DocumentRecord::HandingOver { file, .. } => {
                    file.name == name
                }
                _ => false,
            });
            if !held && name.starts_with(&own) {
                self.files.remove(&name).await;
            }
        }
    }

    /// A private file's name: stable for its person and document, and telling nothing about either.
    pub(super) fn private_name(&self, id: &DocumentId, format: FileFormat) -> String {
        let (prefix, ending) = (self.private_prefix(), format.extension());
        format!("{prefix}{}.{ending}", mark_of(id.as_str()))
    }

    fn private_prefix(&self) -> String {
        format!("{}-", mark_of(&self.arm.identity().storage_key()))
    }

    fn today(&self) -> String {
        self.clock.now().date().to_string()
    }
}

/// What the hand-overs of a run have in common.
struct Errand<'a> {
    /// When the run was ordered.
    ordered_at: String,
    /// Paths at which earlier hand-overs have left nobody knows what.
    unaccounted: Vec<String>,
    /// The downloads that are waited for.
    under_way: RefCell<Vec<(DownloadNumber, DocumentId)>>,
    /// Tells the run.
    say: &'a dyn Fn(Event),
}

/// What a download should become.
struct Planned {
    path: String,
    /// Length of the whole file, where it is known.
    bytes: Option<u64>,
    proof: Proof,
}

impl Planned {
    fn of(ready: &Ready, path: String) -> Planned {
        let (bytes, proof) = match ready {
            Ready::File(file) => (Some(file.bytes), Proof::Sha256(file.sha256.clone())),
            Ready::Link { host, .. } => (None, Proof::NotVerified(host.clone())),
        };
        Planned { path, bytes, proof }
    }

    fn is_fetched_by_browser(&self) -> bool {
        matches!(self.proof, Proof::NotVerified(_))
    }

    fn is_archive(&self) -> bool {
        self.path.ends_with(".zip")
    }

    /// A finished download compared with what was planned. Of one that the browser fetched by itself no more can be
    /// said than that something came, and no page.
    fn saved_as(&self, item: &DownloadItem, on: String) -> Result<SavedFile, Failure> {
        let by_browser = self.is_fetched_by_browser();
        let is_page = item.media_type.starts_with("text/html");
        match &item.state {
            DownloadState::Complete if by_browser && (item.bytes == 0 || is_page) => {
                Err(Failure::plain(FailureCode::HostFailed))
            }
            DownloadState::Complete if self.bytes.is_none_or(|bytes| bytes == item.bytes) => Ok(SavedFile {
                path: item.path.clone(),
                planned: self.path.clone(),
                archive: None,
                bytes: item.bytes,
                proof: self.proof.clone(),
                on,
                order: String::new(),
                download: item.number,
            }),
            DownloadState::Complete => Err(Failure::plain(FailureCode::WrongSize)),
            DownloadState::Interrupted(reason) => {
                let code = match reason.as_str() {
                    // A file without a name was asked about; one that has its name was cancelled on its way.
                    "USER_CANCELED" if item.path.is_empty() => FailureCode::BrowserAsks,
                    "FILE_NO_SPACE" => FailureCode::DiskFull,
                    "FILE_BLOCKED" | "FILE_SECURITY_CHECK_FAILED" | "FILE_VIRUS_INFECTED" => {
                        FailureCode::HeldBack
                    }
                    reason if by_browser && !reason.starts_with("FILE_") => FailureCode::HostFailed,
                    _ => FailureCode::BrowserRefused,
                };
                Err(Failure {
                    code,
                    detail: reason.clone(),
                })
            }
            DownloadState::InProgress => Err(Failure::plain(FailureCode::BrowserRefused)),
        }
    }
}

/// Name of the private file that holds another one compressed.
fn deflated(file: &HeldFile) -> String {
    format!("{}.deflated", file.name)
}

/// Half a digest: enough to tell names apart.
fn mark_of(text: &str) -> String {
    hexadecimal(Sha256::digest(text).get(..16).unwrap_or_default())
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
