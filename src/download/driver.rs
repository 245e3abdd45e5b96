//! Acts for the step machine: does its effects through the ports and brings back what happened.
//! Must not know: what should be done next; the job decides.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures_util::future::{Either, LocalBoxFuture, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, Stream, StreamExt};
use sha2::{Digest, Sha256};

use crate::azure::ports::Clock;
use crate::azure::{Arm, AzureError, Blobs, DirectLink, DocumentSource, Download};
use crate::invoices::{DocumentId, FileFormat, discover};

use super::failure::{Failure, FailureCode};
use super::job::{Effect, Event, HeldFile, Job, Proof, Ready, SavedFile};
use super::journal::{DocumentRecord, Journal, Record};
use super::order::Order;
use super::ports::{DownloadItem, DownloadState, Downloads, PortError, PrivateFiles};
use super::verification::verify;

/// Signed addresses asked for, per document, before an expired one is believed.
const ADDRESSES: u32 = 3;
/// A download without a file name for this long is a question to the person.
const QUESTION: Duration = Duration::from_millis(700);
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
/// `changed` is shown the job as it moves, five times a second at most, and at the end. `tell` and `told` are the two ends of the run's events, through which
/// [`Event::Cancel`] comes in. An error means that the journal cannot be kept, without which nothing may be done.
pub async fn run(
    run: &Run,
    order: Order,
    tell: UnboundedSender<Event>,
    mut told: UnboundedReceiver<Event>,
    changed: impl Fn(&Job),
) -> Result<(), PortError> {
    let known = run.settle_interrupted().await?;
    let period = order.period;
    let (mut job, mut effects) = Job::begin(order, known);

    let tell = &tell;
    // The receiver lives as long as the run, so nothing that is told gets lost.
    let say = move |event| drop(tell.unbounded_send(event));
    let mut listing: LocalBoxFuture<'_, Infallible> = async move {
        let result = discover(&run.arm, period, |finding| say(Event::Found(finding))).await;
        say(Event::ListingEnded(result.map_err(Failure::from)));
        std::future::pending().await
    }
    .boxed_local();
    let mut obtaining: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
    let mut handing_over: FuturesUnordered<LocalBoxFuture<'_, Event>> = FuturesUnordered::new();
    let mut pace: Option<LocalBoxFuture<'_, ()>> = None;
    let mut has_moved = true;
    loop {
        for effect in std::mem::take(&mut effects) {
            match effect {
                Effect::Write(record) => run.journal.write(&record).await?,
                Effect::Obtain { id, source, format } => obtaining.push(
                    async move {
                        let result = run.obtain(&id, &source, format).await;
                        Event::Obtained(id, result)
                    }
                    .boxed_local(),
                ),
                Effect::HandOver {
                    id,
                    ready,
                    format,
                    path,
                } => handing_over.push(
                    async move {
                        let result = run.hand_over(&id, ready, format, path, &say).await;
                        Event::HandedOver(id, result)
                    }
                    .boxed_local(),
                ),
                Effect::Abandon { hand_overs } => {
                    listing = std::future::pending().boxed_local();
                    obtaining.clear();
                    if hand_overs {
                        handing_over.clear();
                    }
                }
                Effect::End => {
                    run.sweep(&BTreeMap::new()).await;
                    changed(&job);
                    return Ok(());
                }
            }
        }
        let event = poll_fn(|context| {
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
            // Listing tells what it finds, and is never done.
            let sources: [&mut (dyn Stream<Item = Event> + Unpin); 3] =
                [&mut told, &mut handing_over, &mut obtaining];
            let event = sources
                .into_iter()
                .find_map(|events| match events.poll_next_unpin(context) {
                    Poll::Ready(event) => event,
                    Poll::Pending => None,
                });
            match event {
                Some(event) => Poll::Ready(event),
                None => listing.poll_unpin(context).map(|never| match never {}),
            }
        })
        .await;
        effects = job.step(event);
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
        let download = match source {
            DocumentSource::Prepared(url) => Download::prepared(url, &self.arm)?,
            DocumentSource::Resource(url) => Download::resource(url, &self.arm)?,
            DocumentSource::Elsewhere(url) => return Ok(Ready::Link(DirectLink::read(url)?)),
            DocumentSource::NotOffered => return Err(Failure::plain(FailureCode::NotFound)),
        };
        let mut asked = 1;
        let blob = loop {
            let address = download.prepare(&self.arm).await?;
            if !address.is_readable(self.arm.identity().cloud) {
                return Ok(Ready::Link(address.into()));
            }
            match self.blobs.fetch(&address).await {
                Err(AzureError::Forbidden(_)) if asked < ADDRESSES => asked += 1,
                result => break result?,
            }
        };
        verify(&blob.bytes, blob.announced_length, format)?;
        let file = HeldFile {
            name: private_name(id, format),
            bytes: blob.bytes.len() as u64,
            sha256: hexadecimal(&Sha256::digest(&blob.bytes)),
        };
        self.files.write(&file.name, &blob.bytes).await?;
        Ok(Ready::File(file))
    }

    /// Hands a document to the browser and waits until it lies on disk whole.
    async fn hand_over(
        &self,
        id: &DocumentId,
        ready: Ready,
        format: FileFormat,
        path: String,
        say: &impl Fn(Event),
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
            Ready::Link(link) => {
                let record = DocumentRecord::HandingOverLink {
                    address: hexadecimal(&Sha256::digest(link.address())),
                    host: link.host().to_owned(),
                    path: path.clone(),
                };
                (link.address().to_owned(), record)
            }
        };
        self.journal.write(&Record::Document(id.clone(), record)).await?;
        let planned = Planned::of(&ready, path);
        let result = self.save(id, &address, &planned, say).await;
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
        say: &impl Fn(Event),
    ) -> Result<SavedFile, Failure> {
        let number = self.downloads.save(address, &planned.path).await?;
        let ended = self.downloads.ended(number);
        let question = async {
            self.clock.sleep(QUESTION).await;
            if self
                .downloads
                .item(number)
                .await
                .is_some_and(|item| item.path.is_empty())
            {
                say(Event::BrowserAsks(id.clone()));
            }
            std::future::pending::<()>().await;
        };
        let item = match select(ended, Box::pin(question)).await {
            Either::Left((item, _)) => item,
            Either::Right(((), ended)) => ended.await,
        };
        let item = item.ok_or(Failure::plain(FailureCode::BrowserRefused))?;
        match planned.saved_as(&item, self.today()) {
            Ok(saved) => Ok(saved),
            Err(failure) => {
                self.downloads.erase(number).await;
                Err(failure)
            }
        }
    }

    /// What the journal knows, once every hand-over that a kill interrupted is settled: saved whole, or undone.
    async fn settle_interrupted(&self) -> Result<BTreeMap<DocumentId, DocumentRecord>, PortError> {
        let mut known = self.journal.documents().await?;
        for (id, record) in &mut known {
            let (item, planned, undone) = match record.clone() {
                DocumentRecord::HandingOver { file, address, path } => (
                    self.downloads.find(&address).await,
                    Some(Planned::of(&Ready::File(file.clone()), path)),
                    DocumentRecord::Held { file },
                ),
                DocumentRecord::HandingOverLink { address, host, path } => (
                    self.downloads.find_by_digest(&address).await,
                    Some(Planned {
                        path,
                        bytes: None,
                        proof: Proof::NotVerified(host),
                    }),
                    DocumentRecord::Requested,
                ),
                other => (None, None, other),
            };
            let settled = match item.zip(planned) {
                None => undone,
                Some((item, planned)) => match planned.saved_as(&item, self.today()) {
                    Ok(file) => DocumentRecord::Saved { file },
                    Err(_) => {
                        self.downloads.erase(item.number).await;
                        undone
                    }
                },
            };
            let settled = match settled {
                DocumentRecord::Held { file } if self.files.length(&file.name).await != Some(file.bytes) => {
                    DocumentRecord::Requested
                }
                settled => settled,
            };
            if settled != *record {
                self.journal
                    .write(&Record::Document(id.clone(), settled.clone()))
                    .await?;
                *record = settled;
            }
        }
        self.sweep(&known).await;
        Ok(known)
    }

    /// Removes private files that no record holds.
    async fn sweep(&self, known: &BTreeMap<DocumentId, DocumentRecord>) {
        for name in self.files.names().await {
            let held = known
                .values()
                .any(|record| matches!(record, DocumentRecord::Held { file } if file.name == name));
            if !held {
                self.files.remove(&name).await;
            }
        }
    }

    fn today(&self) -> String {
        self.clock.now().date().to_string()
    }
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
            Ready::Link(link) => (None, Proof::NotVerified(link.host().to_owned())),
        };
        Planned { path, bytes, proof }
    }

    /// A finished download compared with what was planned.
    fn saved_as(&self, item: &DownloadItem, on: String) -> Result<SavedFile, Failure> {
        match &item.state {
            DownloadState::Complete if self.bytes.is_none_or(|bytes| bytes == item.bytes) => Ok(SavedFile {
                path: item.path.clone(),
                planned: self.path.clone(),
                bytes: item.bytes,
                proof: self.proof.clone(),
                on,
                download: item.number,
            }),
            DownloadState::Complete => Err(Failure::plain(FailureCode::WrongSize)),
            DownloadState::Interrupted(reason) if reason == "USER_CANCELED" => {
                Err(Failure::plain(FailureCode::BrowserAsks))
            }
            DownloadState::Interrupted(reason) if reason == "FILE_NO_SPACE" => {
                Err(Failure::plain(FailureCode::DiskFull))
            }
            DownloadState::Interrupted(reason) => Err(Failure {
                code: FailureCode::BrowserRefused,
                detail: reason.clone(),
            }),
            DownloadState::InProgress => Err(Failure::plain(FailureCode::BrowserRefused)),
        }
    }
}

/// A private file's name: stable for its document, and telling nothing about it.
fn private_name(id: &DocumentId, format: FileFormat) -> String {
    format!(
        "{}.{}",
        hexadecimal(Sha256::digest(id.as_str()).get(..16).unwrap_or_default()),
        format.extension()
    )
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
