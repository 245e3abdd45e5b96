//! Doubles of Azure, the browser and time, deterministic and without a wait.
//! Must not know: what any test expects.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use base64ct::{Base64UrlUnpadded, Encoding};
use futures_channel::oneshot;
use futures_executor::LocalPool;
use futures_util::task::LocalSpawnExt;
use portal_invoices::azure::ports::{
    Body, Clock, HostAccess, HttpRequest, HttpResponse, HttpStream, Method, Transport, TransportError,
};
use portal_invoices::azure::{AccessToken, AgreementType, Cloud, Identity, Invoice};
use portal_invoices::download::ports::{
    Conflict, DownloadItem, DownloadNumber, DownloadState, Downloads, Part, PortError, PrivateFiles,
    PrivateWriter, Storage,
};
use portal_invoices::invoices::ListedInvoice;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-23 09:00 UTC);
pub(crate) const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const PERSON: &str = "bbbbbbbb-0000-4000-8000-000000000001";

/// A well-formed token with these claims over sensible ones; `null` removes a claim.
pub(crate) fn token_with(claims: serde_json::Value) -> String {
    let mut all = serde_json::json!({
        "aud": "https://management.core.windows.net/",
        "exp": NOW.unix_timestamp() + 3600,
        "nbf": NOW.unix_timestamp() - 60,
        "tid": TENANT,
        "oid": PERSON,
        "name": "Ilze Kalniņa",
        "upn": "ilze@contoso.example",
    });
    for (name, value) in claims.as_object().into_iter().flatten() {
        match value {
            serde_json::Value::Null => drop(all.as_object_mut().unwrap().remove(name)),
            value => all[name] = value.clone(),
        }
    }
    let part = |value: &serde_json::Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    format!(
        "Bearer {}.{}.c2ln",
        part(&serde_json::json!({"alg": "RS256", "typ": "JWT"})),
        part(&all)
    )
}

pub(crate) fn token() -> String {
    token_with(serde_json::json!({}))
}

pub(crate) fn identity() -> Identity {
    AccessToken::read(&token(), Cloud::Public, NOW)
        .ok()
        .unwrap()
        .identity()
        .clone()
}

/// An invoice as a place lists it; where it bills a subscription, that is who is billed.
pub(crate) fn listed(mut invoice: Invoice, billed_to: String) -> ListedInvoice {
    if invoice.subscription_id.is_some() {
        invoice.subscription_name.get_or_insert_with(|| billed_to.clone());
    }
    ListedInvoice {
        invoice,
        billed_to,
        account: ("Contoso Group".into(), "4711001".into()),
        agreement: AgreementType::MicrosoftCustomerAgreement,
    }
}

/// Time that passes only when nothing else can happen.
pub(crate) struct StillClock {
    now: Cell<OffsetDateTime>,
    sleepers: RefCell<Vec<(OffsetDateTime, oneshot::Sender<()>)>>,
}

impl StillClock {
    pub(crate) fn new() -> Rc<StillClock> {
        Rc::new(StillClock {
            now: Cell::new(NOW),
            sleepers: RefCell::default(),
        })
    }

    /// Runs a future to its end; `None` when nothing can ever wake it again.
    pub(crate) fn run<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Option<T> {
        let mut pool = LocalPool::new();
        let result = Rc::new(RefCell::new(None));
        let slot = result.clone();
        pool.spawner()
            .spawn_local(async move { drop(slot.replace(Some(future.await))) })
            .unwrap();
        loop {
            pool.run_until_stalled();
            if let Some(result) = result.take() {
                return Some(result);
            }
            let mut sleepers = self.sleepers.borrow_mut();
            sleepers.retain(|(_, sleeper)| !sleeper.is_canceled());
            sleepers.sort_by_key(|(until, _)| *until);
            if sleepers.is_empty() {
                return None;
            }
            let (until, sleeper) = sleepers.remove(0);
            self.now.set(self.now.get().max(until));
            let _ = sleeper.send(());
        }
    }
}

#[async_trait(?Send)]
impl Clock for StillClock {
    fn now(&self) -> OffsetDateTime {
        self.now.get()
    }

    async fn sleep(&self, duration: Duration) {
        let (sender, receiver) = oneshot::channel();
        self.sleepers
            .borrow_mut()
            .push((self.now.get() + duration, sender));
        let _ = receiver.await;
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: OffsetDateTime,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
    pub(crate) bearer: Option<String>,
}

type Answer = Rc<dyn Fn(&Sent) -> Result<HttpResponse, TransportError>>;

/// A network that answers as told and remembers everything.
pub(crate) struct Network {
    pub(crate) sent: RefCell<Vec<Sent>>,
    clock: Rc<StillClock>,
    answer: RefCell<Answer>,
}

impl Network {
    pub(crate) fn new(
        clock: &Rc<StillClock>,
        answer: impl Fn(&Sent) -> Result<HttpResponse, TransportError> + 'static,
    ) -> Rc<Network> {
        Rc::new(Network {
            sent: RefCell::default(),
            clock: clock.clone(),
            answer: RefCell::new(Rc::new(answer)),
        })
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.sent.borrow().iter().map(|sent| sent.url.clone()).collect()
    }
}

#[async_trait(?Send)]
impl Transport for Network {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let sent = Sent {
            at: self.clock.now(),
            method: request.method(),
            url: request.url().to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.clone()))
                .collect(),
            body: request.body().map(str::to_owned),
            bearer: request.bearer().map(|token| token.secret().to_owned()),
        };
        self.sent.borrow_mut().push(sent.clone());
        // The answer comes in a later turn, as every real one does.
        self.clock.sleep(Duration::from_millis(20)).await;
        let answer = self.answer.borrow().clone();
        answer(&sent)
    }

    /// The body in small pieces, so that nothing relies on where they end.
    async fn stream(&self, request: HttpRequest) -> Result<HttpStream, TransportError> {
        let mut head = self.send(request).await?;
        let mut body = std::mem::take(&mut head.body);
        let breaks_off = head.header("x-breaks-off").is_some();
        if breaks_off {
            body.truncate(body.len() / 2);
        }
        let pieces = body.chunks(7).map(|piece| Ok(piece.to_vec()));
        let end = breaks_off.then_some(Err(TransportError::BrokenOff));
        Ok(HttpStream {
            head,
            body: Box::new(Pieces(pieces.chain(end).collect())),
        })
    }
}

struct Pieces(VecDeque<Result<Vec<u8>, TransportError>>);

#[async_trait(?Send)]
impl Body for Pieces {
    async fn next(&mut self) -> Option<Result<Vec<u8>, TransportError>> {
        self.0.pop_front()
    }
}

pub(crate) fn response(status: u16, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

pub(crate) fn json(body: serde_json::Value) -> Result<HttpResponse, TransportError> {
    Ok(response(200, body.to_string()))
}

pub(crate) fn with_headers(mut response: HttpResponse, headers: &[(&str, &str)]) -> HttpResponse {
    response.headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    response
}

/// Everything of the browser that outlives its background.
#[derive(Clone)]
pub(crate) struct Disk {
    pub(crate) records: RefCell<BTreeMap<String, String>>,
    pub(crate) private: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(crate) downloads: RefCell<Vec<Download>>,
    /// What the background still gets done before it is killed; everything when there is nothing.
    pub(crate) acts_left: Cell<Option<usize>>,
    pub(crate) acts: Cell<usize>,
    /// After so many acts there is no room for records, and for private files.
    pub(crate) full_after: Cell<(usize, usize)>,
    /// After so many acts the person clears what the browser keeps for the extension.
    pub(crate) cleared_after: Cell<Option<usize>>,
    /// For how many bytes the browser says that there is room.
    pub(crate) room: Cell<Option<u64>>,
    /// Runs that have come to their end.
    pub(crate) runs_ended: Cell<usize>,
    /// How the browser ends a download; complete by default.
    pub(crate) ends: RefCell<Option<DownloadState>>,
    /// The browser asks where to save, until the person has answered.
    pub(crate) asks: Cell<bool>,
    /// It asks only about paths that contain this.
    pub(crate) asks_about: Cell<&'static str>,
    /// What the host of a document that the browser fetches by itself says that it is.
    pub(crate) media_type: RefCell<String>,
    /// The storage account that the person has granted.
    pub(crate) granted: RefCell<Option<&'static str>>,
    /// Downloads whose path contains this are kept back until the person has decided.
    pub(crate) held_back: RefCell<Option<&'static str>>,
    /// Downloads whose address or path contains this never end.
    pub(crate) stalled: RefCell<Option<&'static str>>,
}

/// What becomes of the browser's downloads when the background is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    /// The background alone ends; what is under way comes to its end before there is another one.
    Finishes,
    /// The background alone ends; what is under way still is when there is another one.
    GoesOn,
    /// The browser is killed with it, and finds at its next start what broke off.
    BreaksOff,
    /// The browser is killed with it, and its next start knows no download, whole or not.
    Forgets,
}

#[derive(Clone)]
pub(crate) struct Download {
    pub(crate) address: String,
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) state: DownloadState,
    pub(crate) erased: bool,
    /// The person deleted the file; the browser's list of downloads still has it.
    pub(crate) deleted: bool,
    /// The person started it, not the extension.
    pub(crate) by_hand: bool,
    /// The browser does not know it any more; its file is there.
    pub(crate) forgotten: bool,
}

impl Download {
    /// Its file is gone.
    fn lose(&mut self) {
        self.erased = true;
        self.state = DownloadState::Interrupted("USER_CANCELED".into());
    }

    fn is_partial(&self) -> bool {
        !self.erased && self.state != DownloadState::Complete
    }
}

impl Default for Disk {
    fn default() -> Disk {
        Disk {
            records: RefCell::default(),
            private: RefCell::default(),
            downloads: RefCell::default(),
            acts_left: Cell::default(),
            acts: Cell::default(),
            full_after: Cell::new((usize::MAX, usize::MAX)),
            cleared_after: Cell::default(),
            room: Cell::default(),
            runs_ended: Cell::default(),
            ends: RefCell::default(),
            asks: Cell::default(),
            asks_about: Cell::default(),
            media_type: RefCell::default(),
            held_back: RefCell::default(),
            granted: RefCell::default(),
            stalled: RefCell::default(),
        }
    }
}

impl Disk {
    /// The documents on disk.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.kept(|path| !path.contains("/index "))
    }

    /// The indexes on disk.
    pub(crate) fn indexes(&self) -> BTreeMap<String, Vec<u8>> {
        self.kept(|path| path.contains("/index "))
    }

    fn kept(&self, which: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
        let downloads = self.downloads.borrow();
        let is_there = |download: &&Download| download.state == DownloadState::Complete && !download.deleted;
        let whole = downloads
            .iter()
            .filter(is_there)
            .filter(|download| which(&download.path));
        whole
            .map(|download| (download.path.clone(), download.bytes.clone()))
            .collect()
    }

    /// The person deletes a file.
    pub(crate) fn delete(&self, path: &str) {
        let mut downloads = self.downloads.borrow_mut();
        let found = downloads.iter_mut().filter(|download| download.path == path);
        found.for_each(|download| download.deleted = true);
    }

    fn asks_for(&self, path: &str) -> bool {
        self.asks.get() && path.contains(self.asks_about.get())
    }

    fn is_held_back(&self, path: &str) -> bool {
        self.held_back.borrow().is_some_and(|part| path.contains(part))
    }

    /// The person keeps what was held back, or removes it.
    pub(crate) fn decide(&self, keep: bool) {
        let part = self.held_back.take().expect("something is held back");
        let mut downloads = self.downloads.borrow_mut();
        let held_back = downloads
            .iter_mut()
            .filter(|download| download.path.contains(part) && download.state == DownloadState::InProgress);
        for download in held_back {
            download.state = match keep {
                true => DownloadState::Complete,
                false => DownloadState::Interrupted("USER_CANCELED".into()),
            };
        }
    }

    /// Files that are not whole.
    pub(crate) fn partial_files(&self) -> Vec<String> {
        let downloads = self.downloads.borrow();
        let partial = downloads.iter().filter(|download| download.is_partial());
        partial.map(|download| download.path.clone()).collect()
    }

    /// There is a background again.
    pub(crate) fn revive(&self, aftermath: Aftermath) {
        self.acts_left.set(None);
        for download in self.downloads.borrow_mut().iter_mut() {
            let is_under_way = download.state == DownloadState::InProgress;
            match aftermath {
                Aftermath::Finishes if is_under_way => download.state = DownloadState::Complete,
                Aftermath::BreaksOff | Aftermath::Forgets if is_under_way => {
                    download.state = DownloadState::Interrupted("CRASH".into());
                }
                _ => {}
            }
            download.forgotten |= aftermath == Aftermath::Forgets;
        }
    }

    /// Does what outlives the background. One that is killed before or after it hears of nothing any more.
    async fn act<T>(&self, act: impl FnOnce() -> T) -> T {
        self.while_alive().await;
        if self.cleared_after.get() == Some(self.acts.get()) {
            self.records.borrow_mut().clear();
            self.private.borrow_mut().clear();
        }
        self.acts.set(self.acts.get() + 1);
        self.acts_left.set(self.acts_left.get().map(|left| left - 1));
        let done = act();
        self.while_alive().await;
        done
    }

    async fn while_alive(&self) {
        if self.acts_left.get() == Some(0) {
            std::future::pending::<()>().await;
        }
    }
}

/// The browser, over a disk that outlives it.
pub(crate) struct Browser(pub Rc<Disk>);

#[async_trait(?Send)]
impl HostAccess for Browser {
    async fn may_read(&self, host: &str) -> bool {
        *self.0.granted.borrow() == Some(host)
    }
}

#[async_trait(?Send)]
impl Storage for Browser {
    async fn read(&self, prefix: &str) -> Result<Vec<(String, String)>, PortError> {
        let records = self.0.records.borrow();
        let found = records.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn write(&self, key: &str, value: &str) -> Result<(), PortError> {
        if self.0.acts.get() >= self.0.full_after.get().0 {
            return Err(PortError::Full);
        }
        let write = || {
            self.0
                .records
                .borrow_mut()
                .insert(key.to_owned(), value.to_owned())
        };
        self.0.act(write).await;
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), PortError> {
        self.0.act(|| self.0.records.borrow_mut().remove(key)).await;
        Ok(())
    }
}

#[async_trait(?Send)]
impl PrivateFiles for Browser {
    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        if self.0.acts.get() >= self.0.full_after.get().1 {
            return Err(PortError::Full);
        }
        let write = || {
            self.0
                .private
                .borrow_mut()
                .insert(name.to_owned(), bytes.to_vec())
        };
        self.0.act(write).await;
        Ok(())
    }

    async fn begin(&self, name: &str) -> Result<Box<dyn PrivateWriter>, PortError> {
        // As in a browser, an empty file stands there until the new one is whole.
        PrivateFiles::write(self, name, &[]).await?;
        Ok(Box::new(Writer {
            disk: self.0.clone(),
            name: name.to_owned(),
            bytes: Vec::new(),
        }))
    }

    async fn assemble(&self, name: &str, parts: Vec<Part>) -> Result<(), PortError> {
        let mut whole = Vec::new();
        for part in parts {
            match part {
                Part::Bytes(bytes) => whole.extend(bytes),
                Part::File(other) => match self.0.private.borrow().get(&other) {
                    Some(bytes) => whole.extend(bytes),
                    None => return Err(not_found()),
                },
            }
        }
        PrivateFiles::write(self, name, &whole).await
    }

    async fn deflate(&self, name: &str, into: &str) -> Result<u64, PortError> {
        let whole = self.0.private.borrow()[name].clone();
        let compressed = miniz_oxide::deflate::compress_to_vec(&whole, 6);
        PrivateFiles::write(self, into, &compressed).await?;
        Ok(compressed.len() as u64)
    }

    async fn room(&self) -> Option<u64> {
        self.0.room.get()
    }

    async fn length(&self, name: &str) -> Option<u64> {
        self.0.private.borrow().get(name).map(|bytes| bytes.len() as u64)
    }

    async fn address(&self, name: &str, media_type: &str) -> Result<String, PortError> {
        let by_name = match name.rsplit('.').next() {
            Some("csv") => "text/csv",
            Some("zip") => "application/zip",
            _ => "application/pdf",
        };
        assert_eq!(
            media_type, by_name,
            "an untyped file would be renamed by Chromium"
        );
        match self.0.private.borrow().contains_key(name) {
            true => Ok(format!("blob:{name}#{}", self.0.acts.get())),
            false => Err(not_found()),
        }
    }

    async fn release(&self, _address: &str) {}

    async fn remove(&self, name: &str) {
        self.0.act(|| self.0.private.borrow_mut().remove(name)).await;
    }

    async fn names(&self) -> Vec<String> {
        self.0.private.borrow().keys().cloned().collect()
    }
}

struct Writer {
    disk: Rc<Disk>,
    name: String,
    bytes: Vec<u8>,
}

#[async_trait(?Send)]
impl PrivateWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.bytes.extend(bytes);
        Ok(())
    }

    async fn close(&mut self) -> Result<(), PortError> {
        let whole = std::mem::take(&mut self.bytes);
        PrivateFiles::write(&Browser(self.disk.clone()), &self.name, &whole).await
    }
}

#[async_trait(?Send)]
impl Downloads for Browser {
    async fn save(&self, address: &str, path: &str, conflict: Conflict) -> Result<DownloadNumber, PortError> {
        let save = || {
            let bytes = match address.strip_prefix("blob:") {
                Some(name) => {
                    let name = name.split('#').next().unwrap();
                    let held = self.0.private.borrow().get(name).cloned();
                    let is_cleared = self.0.cleared_after.get().is_some();
                    held.or(is_cleared.then(Vec::new))
                        .expect("the handed-over file exists")
                }
                // The browser fetches it by itself.
                None => address.as_bytes().to_vec(),
            };
            let mut downloads = self.0.downloads.borrow_mut();
            if conflict == Conflict::Overwrite {
                let replaced = downloads.iter_mut().filter(|other| other.path == path);
                replaced.for_each(Download::lose);
            }
            let is_taken = |path: &str| {
                downloads
                    .iter()
                    .any(|other| !other.erased && !other.deleted && !other.by_hand && other.path == path)
            };
            let (stem, ending) = path.rsplit_once('.').unwrap();
            let numbered = (1..).map(|number| format!("{stem} ({number}).{ending}"));
            let path = std::iter::once(path.to_owned())
                .chain(numbered)
                .find(|path| !is_taken(path))
                .unwrap();
            downloads.push(Download {
                address: address.into(),
                path,
                bytes,
                state: DownloadState::InProgress,
                erased: false,
                deleted: false,
                by_hand: false,
                forgotten: false,
            });
            downloads.len() as DownloadNumber - 1
        };
        Ok(self.0.act(save).await)
    }

    async fn item(&self, number: DownloadNumber) -> Option<DownloadItem> {
        self.0.while_alive().await;
        let downloads = self.0.downloads.borrow();
        let download = downloads
            .get(number as usize)
            .filter(|download| !download.erased && !download.forgotten)?;
        let path = if self.0.asks_for(&download.path) {
            String::new()
        } else {
            on_disk(&download.path)
        };
        let bytes = download.bytes.len() as u64;
        Some(DownloadItem {
            number,
            state: download.state.clone(),
            path,
            bytes,
            received: bytes,
            is_held_back: self.0.is_held_back(&download.path),
            media_type: self.0.media_type.borrow().clone(),
        })
    }

    async fn ended(&self, number: DownloadNumber) -> Option<DownloadItem> {
        self.0.while_alive().await;
        let stalls = self.0.stalled.borrow().is_some_and(|part| {
            let downloads = self.0.downloads.borrow();
            let download = &downloads[number as usize];
            download.address.contains(part) || download.path.contains(part)
        });
        let is_held_back = self
            .0
            .is_held_back(&self.0.downloads.borrow()[number as usize].path);
        let is_asked = self.0.asks_for(&self.0.downloads.borrow()[number as usize].path);
        let is_open = is_asked && self.0.ends.borrow().is_none();
        if is_open || stalls || is_held_back {
            std::future::pending::<()>().await;
        }
        if let Some(download) = self.0.downloads.borrow_mut().get_mut(number as usize)
            && download.state == DownloadState::InProgress
        {
            download.state = self.0.ends.borrow().clone().unwrap_or(DownloadState::Complete);
        }
        self.item(number).await
    }

    async fn find(&self, address: &str) -> Option<DownloadItem> {
        let number = self
            .0
            .downloads
            .borrow()
            .iter()
            .position(|download| download.address == address)?;
        self.item(number as DownloadNumber).await
    }

    async fn find_own(&self, digest: &str, path: &str) -> Option<DownloadItem> {
        let number = self.0.downloads.borrow().iter().rposition(|download| {
            let of_address = Sha256::digest(&download.address);
            let of_address: String = of_address.iter().map(|byte| format!("{byte:02x}")).collect();
            !download.by_hand && (of_address == digest || download.path.ends_with(path))
        })?;
        self.item(number as DownloadNumber).await
    }

    async fn gone(&self) -> Vec<String> {
        let downloads = self.0.downloads.borrow();
        let is_gone = |download: &&Download| {
            let mut same = downloads.iter().filter(|other| other.path == download.path);
            same.all(|other| other.deleted)
        };
        let gone = downloads.iter().filter(is_gone);
        gone.map(|download| on_disk(&download.path)).collect()
    }

    async fn discard(&self, number: DownloadNumber) {
        let discard = || {
            if let Some(download) = self.0.downloads.borrow_mut().get_mut(number as usize) {
                download.lose();
            }
        };
        self.0.act(discard).await;
    }
}

fn not_found() -> PortError {
    PortError::Refused("A requested file or directory could not be found.".into())
}

/// A path as the browser tells it.
fn on_disk(path: &str) -> String {
    format!("/home/ilze/Downloads/{path}")
}
