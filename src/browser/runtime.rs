//! Holds the brain, carries events to it, and carries its effects out.
//! Must not know: why an effect is wanted.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use js_sys::{Array, Object};
use serde::Serialize;
use serde_json::Value;
use vecmap::VecMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use crate::access::{self, Answers};
use crate::azure::json;
use crate::azure::ports::{Clock, HostAccess, Transport};
use crate::azure::{Arm, Blobs, Identity, TabId, Tokens};
use crate::background::{Awaited, Background, Beginning, Effect, Event, NEEDED_HOSTS};
use crate::download::ports::{Downloads, PrivateFiles, Storage};
use crate::download::{
    Event as RunEvent, Failure, HISTORY, Job, Journal, Order, REPORTS, Report, Run, open_runs, outdated,
    outdated_reports, run,
};
use crate::message::{FaceId, OwnExtension, Sender, ToFace};
use crate::portal::page_of;
use crate::sharing::{Labels, SharingRecord};
use crate::view::{Choices, Language, Strings};

use super::clock::BrowserClock;
use super::downloads::BrowserDownloads;
use super::extension_api::{self as api, Port, field, list, object, texts};
use super::frames;
use super::intl::{BrowserPlurals, spreadsheet_region};
use super::private_files::OriginPrivateFiles;
use super::storage::LocalStorage;
use super::transport::Fetch;

/// Shorter than the half minute after which a browser ends an idle background.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Wakes a background that was ended all the same; half a minute is the shortest that browsers allow.
const ALARM: &str = "run";
const ALARM_MINUTES: f64 = 0.5;

/// Width and height of the windows that ask for grants.
const GRANTS: (i32, i32) = (440, 420);

/// Width and height of the window of sharing.
const SHARING_WINDOW: (i32, i32) = (560, 760);

/// Key of `storage.managed`.
const ALLOW_SHARING: &str = "allowSharing";

/// Keys of `storage.local` and, for headers, of `storage.session`.
const CHOICES: &str = "choices";
const SHARING: &str = "sharing/";
const HEADERS: &str = "header/";
const AWAITED: &str = "awaited/";
const ANSWERS: &str = "answers/";

thread_local! {
    static RUNTIME: OnceCell<Rc<Runtime>> = const { OnceCell::new() };
}

struct Runtime {
    brain: RefCell<Background>,
    tokens: Tokens,
    faces: RefCell<VecMap<FaceId, Port>>,
    runs: RefCell<VecMap<Identity, UnboundedSender<RunEvent>>>,
    clients: RefCell<VecMap<Identity, Rc<Arm>>>,
    transport: Rc<dyn Transport>,
    clock: Rc<dyn Clock>,
    storage: Rc<dyn Storage>,
    files: Rc<dyn PrivateFiles>,
    downloads: Rc<dyn Downloads>,
    /// How many headers of pages were told.
    headers: Cell<u32>,
}

/// What the person has granted, as the browser tells it.
struct Granted;

#[async_trait(?Send)]
impl HostAccess for Granted {
    async fn may_read(&self, host: &str) -> bool {
        is_granted("origins", &format!("https://{host}/*")).await
    }
}

async fn is_granted(kind: &str, what: &str) -> bool {
    let granted = api::permissions_contains(&object(&[(kind, list(&[what]))])).await;
    granted.is_ok_and(|granted| granted.as_bool() == Some(true))
}

/// A report as it is kept.
#[derive(Serialize)]
struct KeptReport {
    identity: Identity,
    report: Report,
}

impl KeptReport {
    fn read(stored: &Value) -> Option<(Identity, Report)> {
        Some((
            Identity::read(stored.get("identity")?)?,
            Report::read(stored.get("report")?)?,
        ))
    }
}

/// Whether the organization's policy says so; without a policy it does not.
async fn sharing_is_forbidden() -> bool {
    let policy = api::managed_get(&ALLOW_SHARING.into())
        .await
        .unwrap_or(JsValue::NULL);
    field(&policy, ALLOW_SHARING).as_bool() == Some(false)
}

pub async fn start() -> Result<(), JsValue> {
    let storage: Rc<dyn Storage> = Rc::new(LocalStorage);
    let refused = |error: crate::download::ports::PortError| JsValue::from_str(&error.to_string());
    // Read once: the browser hands out all records, whichever are asked for.
    let mut records = storage.read("").await.map_err(refused)?;
    for key in outdated_reports(&records, BrowserClock.now().date()) {
        // What stays too long now goes the next time.
        let _ = storage.remove(&key).await;
        records.retain(|(other, _)| *other != key);
    }
    let under = |prefix| records.iter().filter(move |(key, _)| key.starts_with(prefix));
    let beginning = Beginning {
        choices: under(CHOICES)
            .next()
            .map(|(_, kept)| Choices::read(&json::parse(kept.as_bytes())))
            .unwrap_or_default(),
        reports: under(REPORTS)
            .filter_map(|(_, kept)| KeptReport::read(&json::parse(kept.as_bytes())))
            .collect(),
        open_runs: open_runs(&records),
        browser_language: api::browser_language(),
        region: spreadsheet_region(),
    };
    let own = OwnExtension {
        id: api::EXTENSION_ID.with(Clone::clone),
        root: api::own_url(""),
    };
    let tokens = Tokens::default();
    let (brain, effects) = Background::new(own, tokens.clone(), beginning);
    let runtime = Rc::new(Runtime {
        brain: RefCell::new(brain),
        tokens,
        faces: RefCell::default(),
        runs: RefCell::default(),
        clients: RefCell::default(),
        transport: Rc::new(Fetch),
        clock: Rc::new(BrowserClock),
        storage,
        files: Rc::new(OriginPrivateFiles::default()),
        downloads: Rc::new(BrowserDownloads),
        headers: Cell::new(0),
    });
    RUNTIME.with(|cell| drop(cell.set(runtime.clone())));
    // A browser that has just started may take seconds to tell its policies; nothing but sharing waits for them.
    spawn_local(async { take(Event::MayShare(!sharing_is_forbidden().await)) });
    runtime.read_kept_headers().await?;
    runtime.perform(effects);
    spawn_local(frames::register());
    Ok(())
}

/// Takes an event to the brain. Before [`start`] has ended there is no brain, and the shim calls nothing.
pub fn take(event: Event) {
    if let Some(runtime) = runtime() {
        runtime.take(event);
    }
}

pub fn face_opened(face: FaceId, port: Port) {
    let sender = port.sender();
    let sender = Sender {
        id: field(&sender, "id").as_string().unwrap_or_default(),
        url: field(&sender, "url").as_string().unwrap_or_default(),
        frame: field(&sender, "frameId").as_f64().map(|frame| frame as i32),
        tab: field(&field(&sender, "tab"), "id")
            .as_f64()
            .map(|tab| tab as TabId),
    };
    if let Some(runtime) = runtime() {
        runtime.faces.borrow_mut().insert(face, port);
        runtime.take(Event::Opened(face, sender));
    }
}

pub fn face_closed(face: FaceId) {
    if let Some(runtime) = runtime() {
        runtime.faces.borrow_mut().remove(&face);
        runtime.take(Event::Closed(face));
    }
}

pub fn check_grants() {
    if let Some(runtime) = runtime() {
        runtime.perform(vec![Effect::CheckGrants]);
        spawn_local(frames::register());
    }
}

fn runtime() -> Option<Rc<Runtime>> {
    RUNTIME.with(|cell| cell.get().cloned())
}

impl Runtime {
    fn take(self: &Rc<Self>, event: Event) {
        if matches!(event, Event::HeaderSeen { .. }) {
            self.headers.set(self.headers.get().wrapping_add(1));
        }
        let effects = self.brain.borrow_mut().on(event, self.clock.now());
        self.perform(effects);
    }

    fn perform(self: &Rc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Post(face, message) => {
                    if let Some(port) = self.faces.borrow().get(&face) {
                        // A port that closes just now is reported as closed.
                        let _ = port.post_message(&in_javascript(&message));
                    }
                }
                Effect::Disconnect(face) => {
                    if let Some(port) = self.faces.borrow_mut().remove(&face) {
                        port.disconnect();
                    }
                }
                Effect::TellRun(identity, wish) => {
                    if let Some(run) = self.runs.borrow().get(&identity) {
                        // A run that ends just now needs to be told nothing.
                        let _ = run.unbounded_send(wish);
                    }
                }
                Effect::ShowBadge(text) => {
                    let _ = api::set_badge_text(&object(&[("text", text.into())]));
                }
                Effect::Reload => api::reload(),
                Effect::StartRun(order) => {
                    // From this moment on the run can be told something, whenever it is polled first.
                    let (tell, told) = unbounded();
                    self.runs
                        .borrow_mut()
                        .insert(order.identity.clone(), tell.clone());
                    spawn_local(self.clone().run(order, tell, told));
                }
                Effect::ShowFolder(number) => {
                    let shown = number.map_or_else(api::downloads_show_default_folder, api::downloads_show);
                    if shown.is_err() {
                        let _ = api::downloads_show_default_folder();
                    }
                }
                Effect::OpenPortal(cloud) => open_tab(&cloud.invoices_page()),
                Effect::OpenReports(identity) => {
                    open_tab(&api::own_url(&format!("reports.html#{}", identity.storage_key())));
                }
                Effect::OpenGrants => open_window("grants.html", GRANTS),
                Effect::OpenPopup => open_window("popup.html", GRANTS),
                Effect::OpenSharing(identity) => {
                    open_window(
                        &format!("sharing.html#{}", identity.storage_key()),
                        SHARING_WINDOW,
                    );
                }
                Effect::WakeFrames(tab) => {
                    // Without such a frame nobody hears it.
                    let wake = object(&[("kind", "wake-frame".into())]);
                    spawn_local(async move { drop(api::tabs_send_message(tab, &wake).await) });
                }
                Effect::OpenOptions => {
                    let _ = api::open_options_page();
                }
                Effect::Notify { key, title, text } => {
                    let notification = object(&[
                        ("type", "basic".into()),
                        ("iconUrl", api::own_url("icons/128.png").into()),
                        ("title", title.into()),
                        ("message", text.into()),
                    ]);
                    // Without the person's leave there is nothing to call.
                    let _ = api::notifications_create(&key, &notification);
                }
                lasting => spawn_local(self.clone().carry_out(lasting)),
            }
        }
    }

    /// Carries out an effect that takes time; the others are done at once.
    async fn carry_out(self: Rc<Self>, lasting: Effect) {
        match lasting {
            Effect::AskInFront(face) => self.ask_in_front(face).await,
            Effect::CheckGrants => self.check_grants().await,
            Effect::LoadStrings(language) => self.load_strings(language).await,
            Effect::Ask(identity, question) => {
                let arm = self.client(&identity);
                let answer = access::ask(&arm, &question, self.clock.now().date()).await;
                self.take(Event::Answered(identity, question, answer));
            }
            Effect::LoadPortalLabels(language) => self.load_portal_labels(language).await,
            Effect::KeepSharing(identity, record) => {
                // What cannot be kept is unknown again later.
                let _ = self
                    .storage
                    .write(&format!("{SHARING}{}", identity.storage_key()), &record)
                    .await;
            }
            Effect::ReadSharing(identity) => {
                let key = format!("{SHARING}{}", identity.storage_key());
                let kept = self.storage.read(&key).await.unwrap_or_default();
                let record = kept
                    .first()
                    .map(|(_, kept)| SharingRecord::read(&json::parse(kept.as_bytes())));
                self.take(Event::SharingRead(identity, record.unwrap_or_default()));
            }
            Effect::KeepAnswers(identity, answers) => {
                let key = format!("{ANSWERS}{}", identity.storage_key());
                // What cannot be kept is asked again.
                let _ = api::session_set(&object(&[(&*key, answers.into())])).await;
            }
            Effect::ReadAnswers(identity) => {
                let key = format!("{ANSWERS}{}", identity.storage_key());
                let kept = api::session_get(&(&*key).into()).await.unwrap_or(JsValue::NULL);
                let kept = field(&kept, &key).as_string().unwrap_or_default();
                let answers = Answers::read(&json::parse(kept.as_bytes()));
                self.take(Event::AnswersRead(identity, answers));
            }
            Effect::CheckTab(tab) => self.check_tab(tab).await,
            Effect::ForgetHeader(tab) => {
                let _ = api::session_remove(&format!("{HEADERS}{tab}")).await;
            }
            Effect::CheckStorage(identity, hosts) => {
                let mut granted = false;
                for host in hosts {
                    granted |= Granted.may_read(&host).await;
                }
                self.take(Event::StorageGranted(identity, granted));
            }
            Effect::KeepAwaited(tab, awaited) => {
                let key = format!("{AWAITED}{tab}");
                // What cannot be kept has to be pressed for again.
                let _ = match awaited.and_then(|awaited| serde_json::to_string(&awaited).ok()) {
                    Some(awaited) => api::session_set(&object(&[(&*key, awaited.into())])).await,
                    None => api::session_remove(&key).await.map(drop),
                };
            }
            Effect::KeepChoices(choices) => self.keep(CHOICES, &choices).await,
            Effect::ReadHistory(identity) => self.read_history(identity).await,
            Effect::ForgetEverything => self.forget_everything().await,
            Effect::RenderIn(wait) => {
                self.clock.sleep(wait).await;
                self.take(Event::Render);
            }
            Effect::Post(..)
            | Effect::Disconnect(_)
            | Effect::TellRun(..)
            | Effect::ShowBadge(_)
            | Effect::Reload
            | Effect::StartRun(_)
            | Effect::ShowFolder(_)
            | Effect::OpenPortal(_)
            | Effect::OpenReports(_)
            | Effect::OpenGrants
            | Effect::OpenPopup
            | Effect::OpenSharing(_)
            | Effect::WakeFrames(_)
            | Effect::OpenOptions
            | Effect::Notify { .. } => {}
        }
    }

    /// Takes up the presses that wait for a sign-in, and the headers that the shim has kept while no core was there, of
    /// tabs that still show the portal.
    async fn read_kept_headers(self: &Rc<Self>) -> Result<(), JsValue> {
        let kept = api::session_get(&JsValue::NULL).await?;
        for (key, awaited) in texts(&kept) {
            let tab = key.strip_prefix(AWAITED).and_then(|tab| tab.parse().ok());
            let awaited = Awaited::read(&json::parse(awaited.as_bytes()));
            if let Some((tab, awaited)) = tab.zip(awaited) {
                self.take(Event::Awaited(tab, awaited));
            }
        }
        for entry in kept
            .dyn_ref::<Object>()
            .map(Object::entries)
            .unwrap_or_default()
            .iter()
        {
            let entry: Array = entry.unchecked_into();
            let key = entry.get(0).as_string().unwrap_or_default();
            let tab = key.strip_prefix(HEADERS).and_then(|tab| tab.parse().ok());
            let text = |name| field(&entry.get(1), name).as_string();
            if let (Some(tab), Some(initiator), Some(header)) = (tab, text("initiator"), text("header")) {
                self.take(Event::HeaderSeen {
                    tab,
                    initiator,
                    header,
                });
                self.check_tab(tab).await;
            }
        }
        Ok(())
    }

    async fn check_tab(self: &Rc<Self>, tab: TabId) {
        loop {
            let before = self.headers.get();
            let shown = api::tabs_get(tab)
                .await
                .ok()
                .and_then(|tab| field(&tab, "url").as_string());
            let is_gone = shown.is_none_or(|address| page_of(&address).is_none());
            match (is_gone, self.headers.get() == before) {
                (false, _) => return,
                (true, true) => return self.take(Event::TabGone(tab)),
                // A header that came meanwhile may be of the page that the tab has gone on to.
                (true, false) => {}
            }
        }
    }

    async fn ask_in_front(self: &Rc<Self>, face: FaceId) {
        let query = object(&[("active", true.into()), ("lastFocusedWindow", true.into())]);
        let tabs = api::tabs_query(&query).await.unwrap_or(JsValue::NULL);
        let tab = tabs
            .dyn_ref::<Array>()
            .and_then(|tabs| field(&tabs.get(0), "id").as_f64());
        self.take(Event::InFront(face, tab.map(|tab| tab as TabId)));
    }

    async fn check_grants(self: &Rc<Self>) {
        let mut missing = Vec::new();
        for pattern in NEEDED_HOSTS {
            let granted = api::permissions_contains(&object(&[("origins", list(&[pattern]))])).await;
            if granted.is_ok_and(|granted| granted.as_bool() == Some(false)) {
                missing.push(pattern);
            }
        }
        self.take(Event::HostAccess(missing));
        self.take(Event::MayNotify(is_granted("permissions", "notifications").await));
        let frames = is_granted("origins", "https://*.reactblade.portal.azure.net/*").await;
        self.take(Event::MayUseFrames(frames));
    }

    async fn load_strings(self: &Rc<Self>, language: Language) {
        let path = api::own_url(&format!(
            "_locales/{}/messages.json",
            language.as_str().replace('-', "_")
        ));
        let text = async { gloo_net::http::Request::get(&path).send().await?.text().await }.await;
        if let Some(strings) = text
            .ok()
            .and_then(|text| Strings::read(language, &text, Rc::new(BrowserPlurals)))
        {
            self.take(Event::StringsLoaded(Rc::new(strings)));
        }
    }

    async fn load_portal_labels(self: &Rc<Self>, language: Language) {
        let path = api::own_url("portal-labels.json");
        let text = async { gloo_net::http::Request::get(&path).send().await?.text().await }.await;
        let all = json::parse(text.unwrap_or_default().as_bytes());
        let labels = Labels::read(all.get(language.as_str()).unwrap_or(&Value::Null));
        self.take(Event::PortalLabels(labels));
    }

    /// One client per identity, so that all its requests pass the same gates.
    fn client(&self, identity: &Identity) -> Rc<Arm> {
        let make = || {
            let (tokens, transport) = (self.tokens.clone(), self.transport.clone());
            Rc::new(Arm::new(identity.clone(), tokens, transport, self.clock.clone()))
        };
        self.clients
            .borrow_mut()
            .entry(identity.clone())
            .or_insert_with(make)
            .clone()
    }

    async fn run(
        self: Rc<Self>,
        order: Order,
        tell: UnboundedSender<RunEvent>,
        told: UnboundedReceiver<RunEvent>,
    ) {
        let identity = order.identity.clone();
        self.keep_awake();
        let means = Run {
            arm: self.client(&identity),
            blobs: Blobs::new(self.transport.clone(), self.clock.clone()).with_access(Rc::new(Granted)),
            journal: Journal::of(identity.clone(), self.storage.clone()),
            files: self.files.clone(),
            downloads: self.downloads.clone(),
            clock: self.clock.clone(),
        };
        let last = RefCell::new(None);
        let was_cancelled = order.cancelled;
        let changed = |job: &Job| {
            let report = job.report();
            last.replace(Some(report.clone()));
            self.take(Event::RunMoved(identity.clone(), Box::new(report)));
        };
        let keep = async |report| self.keep_report(&identity, report, was_cancelled).await;
        let ended = run(&means, order, tell, told, changed, keep).await;
        if let (Err(_), Some(report)) = (&ended, last.take()) {
            self.keep_report(&identity, report, false).await;
        }
        self.runs.borrow_mut().remove(&identity);
        if self.runs.borrow().is_empty() {
            let _ = api::alarms_clear(ALARM);
        }
        self.take(Event::RunEnded(identity, ended.err().map(Failure::from)));
    }

    /// Keeps the background alive as long as there are runs, and has it woken should it be ended all the same.
    fn keep_awake(self: &Rc<Self>) {
        let _ = api::alarms_create(ALARM, &object(&[("periodInMinutes", ALARM_MINUTES.into())]));
        let this = self.clone();
        spawn_local(async move {
            while !this.runs.borrow().is_empty() {
                let _ = api::platform_info().await;
                this.clock.sleep(HEARTBEAT).await;
            }
        });
    }

    /// Keeps the last report where it is found at a start, and beside the earlier ones of the person. Of a run that was
    /// cancelled before a kill less is known than the report says that may be kept already.
    async fn keep_report(&self, identity: &Identity, report: Report, unless_kept: bool) {
        let (owner, moment) = (identity.storage_key(), report.ordered_at.clone());
        let prefix = format!("{HISTORY}{owner}/");
        if unless_kept {
            let same = self.storage.read(&format!("{prefix}{moment}")).await;
            if same.is_ok_and(|same| !same.is_empty()) {
                return;
            }
        }
        let identity = identity.clone();
        let report = KeptReport { identity, report };
        self.keep(&format!("{REPORTS}{owner}"), &report).await;
        self.keep(&format!("{prefix}{moment}"), &report).await;
        let kept = self.storage.read(&prefix).await.unwrap_or_default();
        let moments: Vec<String> = kept
            .iter()
            .filter_map(|(key, _)| key.strip_prefix(&prefix).map(str::to_owned))
            .collect();
        for moment in outdated(&moments, self.clock.now().date()) {
            // What stays too long now goes the next time.
            let _ = self.storage.remove(&format!("{prefix}{moment}")).await;
        }
    }

    async fn read_history(self: &Rc<Self>, identity: Identity) {
        let prefix = format!("{HISTORY}{}/", identity.storage_key());
        let mut reports: Vec<Report> = Vec::new();
        for (_, kept) in self.storage.read(&prefix).await.unwrap_or_default() {
            if let Some((_, report)) = KeptReport::read(&json::parse(kept.as_bytes())) {
                let newer = |other: &Report| other.ordered_at > report.ordered_at;
                reports.insert(reports.partition_point(newer), report);
            }
        }
        self.take(Event::HistoryRead(identity, reports));
    }

    /// Removes all records and private files. What a session is known by stays: it is the browser's, in memory only.
    async fn forget_everything(self: &Rc<Self>) {
        for (key, _) in self.storage.read("").await.unwrap_or_default() {
            let _ = self.storage.remove(&key).await;
        }
        for name in self.files.names().await {
            self.files.remove(&name).await;
        }
        let kept = texts(&api::session_get(&JsValue::NULL).await.unwrap_or(JsValue::NULL));
        for (key, _) in kept.into_iter().filter(|(key, _)| key.starts_with(ANSWERS)) {
            let _ = api::session_remove(&key).await;
        }
        self.take(Event::Forgotten);
    }

    /// Keeps a value; one that cannot be kept is asked for or made again.
    async fn keep(&self, key: &str, value: &impl Serialize) {
        if let Ok(json) = serde_json::to_string(value) {
            let _ = self.storage.write(key, &json).await;
        }
    }
}

fn open_window(page: &str, (width, height): (i32, i32)) {
    let _ = api::windows_create(&object(&[
        ("url", api::own_url(page).into()),
        ("type", "popup".into()),
        ("width", width.into()),
        ("height", height.into()),
    ]));
}

fn open_tab(address: &str) {
    let _ = api::tabs_create(&object(&[("url", address.into())]));
}

/// A message as the plain JavaScript value that a port takes.
fn in_javascript(message: &ToFace) -> JsValue {
    js_sys::JSON::parse(&message.json()).unwrap_or(JsValue::NULL)
}
