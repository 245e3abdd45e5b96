//! Acts for the step machine: does its effects through the ports and brings back what happened.
//! Must not know: what should be done next; the job decides.

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
use crate::azure::{Arm, AzureError, Blobs, Download};
use crate::invoices::{DocumentId, discover};
use crate::ordered::OrderedMap;

use super::failure::{Failure, FailureCode};
use super::job::{Effect, Event, HeldFile, Job, Order, SavedFile};
use super::journal::{DocumentRecord, Journal, Record};
use super::ports::{DownloadItem, DownloadState, Downloads, PortError, PrivateFiles};
use super::verification::verify_pdf;

/// Signed addresses asked for, per document, before an expired one is believed.
const ADDRESSES: u32 = 3;
/// A download without a file name for this long is a question to the person.
const QUESTION: Duration = Duration::from_millis(700);

const PDF: &str = "application/pdf";

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
/// `changed` is shown the job after each step. `tell` and `told` are the two ends of the run's events, through which
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
    loop {
        for effect in std::mem::take(&mut effects) {
            match effect {
                Effect::Write(record) => run.journal.write(&record).await?,
                Effect::Obtain { id, url } => obtaining.push(
                    async move {
                        let result = run.obtain(&id, &url).await;
                        Event::Obtained(id, result)
                    }
                    .boxed_local(),
                ),
                Effect::HandOver { id, file, path } => handing_over.push(
                    async move {
                        let result = run.hand_over(&id, file, path, &say).await;
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
                    run.sweep(&OrderedMap::default()).await;
                    changed(&job);
                    return Ok(());
                }
            }
        }
        changed(&job);
        let event = poll_fn(|context| {
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
    }
}

impl Run {
    /// Has Azure prepare a document, fetches it, checks it, and lays it into a private file.
    async fn obtain(&self, id: &DocumentId, url: &str) -> Result<HeldFile, Failure> {
        let download = Download::new(url, &self.arm)?;
        let mut asked = 1;
        let blob = loop {
            let address = download.prepare(&self.arm).await?;
            match self.blobs.fetch(&address).await {
                Err(AzureError::Forbidden(_)) if asked < ADDRESSES => asked += 1,
                result => break result?,
            }
        };
        verify_pdf(&blob.bytes, blob.announced_length)?;
        let file = HeldFile {
            name: private_name(id),
            bytes: blob.bytes.len() as u64,
            sha256: hexadecimal(&Sha256::digest(&blob.bytes)),
        };
        self.files.write(&file.name, &blob.bytes).await?;
        Ok(file)
    }

    /// Hands a private file to the browser and waits until it lies on disk whole.
    async fn hand_over(
        &self,
        id: &DocumentId,
        file: HeldFile,
        path: String,
        say: &impl Fn(Event),
    ) -> Result<SavedFile, Failure> {
        let address = self.files.address(&file.name, PDF).await?;
        let record = DocumentRecord::HandingOver {
            file: file.clone(),
            address: address.clone(),
            path: path.clone(),
        };
        self.journal.write(&Record::Document(id.clone(), record)).await?;
        let result = self.save(id, &file, &path, &address, say).await;
        self.files.release(&address).await;
        self.files.remove(&file.name).await;
        result
    }

    async fn save(
        &self,
        id: &DocumentId,
        file: &HeldFile,
        path: &str,
        address: &str,
        say: &impl Fn(Event),
    ) -> Result<SavedFile, Failure> {
        let number = self.downloads.save(address, path).await?;
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
        match saved_file(&item, file, path, self.today()) {
            Ok(saved) => Ok(saved),
            Err(failure) => {
                self.downloads.erase(number).await;
                Err(failure)
            }
        }
    }

    /// What the journal knows, once every hand-over that a kill interrupted is settled: saved whole, or undone.
    async fn settle_interrupted(&self) -> Result<OrderedMap<DocumentId, DocumentRecord>, PortError> {
        let mut known = self.journal.documents().await?;
        for (id, record) in known.iter_mut() {
            let settled = match &*record {
                DocumentRecord::HandingOver { file, address, path } => {
                    let item = self.downloads.find(address).await;
                    let saved = item
                        .as_ref()
                        .and_then(|item| saved_file(item, file, path, self.today()).ok());
                    match (saved, item) {
                        (Some(file), _) => DocumentRecord::Saved { file },
                        (None, item) => {
                            if let Some(item) = item {
                                self.downloads.erase(item.number).await;
                            }
                            DocumentRecord::Held { file: file.clone() }
                        }
                    }
                }
                other => other.clone(),
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
    async fn sweep(&self, known: &OrderedMap<DocumentId, DocumentRecord>) {
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

/// A finished download compared with what was planned.
fn saved_file(item: &DownloadItem, file: &HeldFile, planned: &str, on: String) -> Result<SavedFile, Failure> {
    match &item.state {
        DownloadState::Complete if item.bytes == file.bytes => Ok(SavedFile {
            path: item.path.clone(),
            planned: planned.to_owned(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
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

/// A private file's name: stable for its document, and telling nothing about it.
fn private_name(id: &DocumentId) -> String {
    format!(
        "{}.pdf",
        hexadecimal(Sha256::digest(id.as_str()).get(..16).unwrap_or_default())
    )
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
