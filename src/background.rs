//! The brain: what it knows, events in, effects out.
//! Must not know: the browser; whatever it wants done is an effect.

mod inquiries;
mod sharing;

use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use vecmap::{VecMap, VecSet};

use crate::access::{Answer, Answers, Inquiry, Question};
use crate::azure::json::text;
use crate::azure::{Account, Cloud, Identity, TabId, TokenRefused, Tokens};
use crate::download::ports::DownloadNumber;
use crate::download::{Event as RunEvent, Failure, Listing, Order, Pace, Region, Report, Wanted};
use crate::invoices::Period;
use crate::message::{FaceId, FaceKind, FromFace, OwnExtension, Sender, ToFace};
use crate::portal::{Page, newest_arm_token, page_of, subscription_of};
use crate::sharing::{Labels, SharingRecord, Surprise};
use crate::view::{
    Access, Action, Choices, Facts, Field, Kept, Language, OptionsFacts, SharingFacts, Strings, dock, ending,
    grants, options, popup, report_page, sharing,
};
use sharing::{SharingRecords, SharingRun};

/// Hosts without which nothing works; a person may have withheld them.
pub const NEEDED_HOSTS: [&str; 3] = [
    "https://portal.azure.com/*",
    "https://management.azure.com/*",
    "https://billingrppub.blob.core.windows.net/*",
];

/// Least time between two updates of a surface while a run goes on: four a second.
const UPDATE: Duration = Duration::from_millis(250);
/// While a run goes on, time itself can change what is shown (a token ends).
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What was asked for before it was known by whom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Awaited {
    /// Over which days.
    pub period: Period,
    /// What of them.
    pub wanted: Wanted,
}

impl Awaited {
    /// Reads it as it is stored.
    pub fn read(stored: &Value) -> Option<Awaited> {
        Some(Awaited {
            period: Period::read(stored.get("period")?)?,
            wanted: Wanted::read(text(stored, "wanted"))?,
        })
    }
}

/// What happened outside.
pub enum Event {
    /// A face connected.
    Opened(FaceId, Sender),
    /// A face said something.
    Said(FaceId, Value),
    /// A face is gone.
    Closed(FaceId),
    /// The popup's question is answered: this tab is in front.
    InFront(FaceId, Option<TabId>),
    /// A page asked Resource Manager something, with this `Authorization` header.
    HeaderSeen {
        /// The page's tab.
        tab: TabId,
        /// Origin that asked.
        initiator: String,
        /// The header's value; holds a token.
        header: String,
    },
    /// An earlier background was asked for this in this tab, and did not know by whom.
    Awaited(TabId, Awaited),
    /// A tab is closed or shows no portal page any more.
    TabGone(TabId),
    /// The texts of a language are there.
    StringsLoaded(Rc<Strings>),
    /// What an earlier background has learnt about a person's access.
    AnswersRead(Identity, Answers),
    /// Azure has answered, or has not.
    Answered(Identity, Question, Answer),
    /// What is kept of a person's sharing.
    SharingRead(Identity, SharingRecord),
    /// The words on the portal's controls, in its language.
    PortalLabels(Labels),
    /// Whether the organization lets the extension change sharing.
    MayShare(bool),
    /// Whether the person lets the extension work in the portal's frames.
    MayUseFrames(bool),
    /// Host patterns that the person has not granted.
    HostAccess(Vec<&'static str>),
    /// Whether the person lets the extension notify.
    MayNotify(bool),
    /// Whether any of the storage accounts is granted now that this person was asked for.
    StorageGranted(Identity, bool),
    /// A notification was pressed that was shown under this key.
    NotificationPressed(String),
    /// A run moved.
    RunMoved(Identity, Box<Report>),
    /// A run ended; with a failure when it could not be recorded.
    RunEnded(Identity, Option<Failure>),
    /// The kept reports of a person, the newest first.
    HistoryRead(Identity, Vec<Report>),
    /// Everything that was kept is gone.
    Forgotten,
    /// A newer version of the extension is ready to take over.
    UpdateReady,
    /// The time that was asked for has come.
    Render,
}

/// What is to be done outside.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Tell a face.
    Post(FaceId, ToFace),
    /// End a connection that may not exist.
    Disconnect(FaceId),
    /// Find out which tab is in front of this popup.
    AskInFront(FaceId),
    /// Find out which hosts are granted, and whether notifications are.
    CheckGrants,
    /// Load the texts of a language.
    LoadStrings(Language),
    /// Ask Azure as this person.
    Ask(Identity, Question),
    /// Open the window of sharing, for this person.
    OpenSharing(Identity),
    /// Load the words on the portal's controls.
    LoadPortalLabels(Language),
    /// Have the frames of this tab connect.
    WakeFrames(TabId),
    /// Keep what was read of a person's sharing.
    KeepSharing(Identity, String),
    /// Read what is kept of it.
    ReadSharing(Identity),
    /// Keep what Azure has answered this person, as long as the browser runs.
    KeepAnswers(Identity, String),
    /// Read what is kept of it.
    ReadAnswers(Identity),
    /// Find out whether this tab still shows a portal page.
    CheckTab(TabId),
    /// Forget the header that was kept for this tab.
    ForgetHeader(TabId),
    /// Keep, as long as the browser runs, that a download of this period begins once this tab's person is known; or
    /// forget it.
    KeepAwaited(TabId, Option<Awaited>),
    /// Keep the choices.
    KeepChoices(Choices),
    /// Begin a run, or take it up again.
    StartRun(Order),
    /// Tell a run what the person wants of it.
    TellRun(Identity, RunEvent),
    /// Show this on the toolbar button; nothing when it is empty.
    ShowBadge(String),
    /// Put the update in place that has been waiting: the background begins anew.
    Reload,
    /// Show the folder of this saved file.
    ShowFolder(Option<DownloadNumber>),
    /// Open the page of reports of this person.
    OpenReports(Identity),
    /// Read the kept reports of this person.
    ReadHistory(Identity),
    /// Remove everything that is kept, of everybody.
    ForgetEverything,
    /// Open the portal's billing page.
    OpenPortal(Cloud),
    /// Open the window that asks for further grants.
    OpenGrants,
    /// Open the popup in a window of its own.
    OpenPopup,
    /// Find out whether any of these hosts is granted, for this person.
    CheckStorage(Identity, Vec<String>),
    /// Open the page of options.
    OpenOptions,
    /// Notify of the end of a run, where the browser lets us.
    Notify {
        /// What a press on it is told with.
        key: String,
        /// What came of the run.
        title: String,
        /// The same in sentences.
        text: String,
    },
    /// Come back with [`Event::Render`] after this long.
    RenderIn(Duration),
}

/// What is known at the start, from disk and from the browser.
#[derive(Default)]
pub struct Beginning {
    /// The person's choices.
    pub choices: Choices,
    /// Last reports, by identity.
    pub reports: VecMap<Identity, Report>,
    /// Runs that a kill interrupted.
    pub open_runs: Vec<Order>,
    /// The browser's own language tag.
    pub browser_language: String,
    /// How the person's spreadsheet program reads tables.
    pub region: Region,
}

struct Face {
    kind: FaceKind,
    page: Option<Page>,
    portal_language: String,
    in_front: Option<TabId>,
    /// In the portal: the subscription that the page is about, ids and numbers in sight, and the one asked about.
    subscription: Option<String>,
    rows: Vec<String>,
    asked_about: String,
    /// On the page of reports: whose it is to show, by the storage key, and which run.
    owner: String,
    run: String,
    forgetting: bool,
    /// In the window of sharing: what is ticked, where the person has; whether others are to be kept out; steps done.
    ticked: Option<Vec<String>>,
    disallow: bool,
    guided: Vec<String>,
    greeted: bool,
    /// The newest message in the form in which it was sent: shorter to keep and to compare than its tree.
    shown: Option<String>,
}

/// The brain.
pub struct Background {
    own: OwnExtension,
    tokens: Tokens,
    faces: VecMap<FaceId, Face>,
    choices: Choices,
    browser_language: String,
    region: Region,
    strings: VecMap<Language, Rc<Strings>>,
    loading: VecSet<Language>,
    inquiries: VecMap<Identity, Inquiry>,
    /// Whose answers are being read.
    reading_answers: VecSet<Identity>,
    names: VecMap<Identity, Account>,
    missing_hosts: Vec<&'static str>,
    may_share: bool,
    may_use_frames: bool,
    sharing: Option<SharingRun>,
    /// When the browser was last asked for something only to stay awake.
    kept_awake: OffsetDateTime,
    sharing_records: SharingRecords,
    reading_sharing: VecSet<Identity>,
    /// Which subscription the window of sharing was opened for.
    share_first: Option<String>,
    /// In which tab it was asked for.
    share_in: Option<TabId>,
    reports: VecMap<Identity, Report>,
    histories: VecMap<Identity, Vec<Report>>,
    /// Whose reports are being read.
    reading: VecSet<Identity>,
    paces: VecMap<Identity, Pace>,
    running: VecSet<Identity>,
    /// Who pressed for runs that are not written down yet. A background that ends before would take the press along;
    /// whoever has not been heard says it again.
    unheard: Vec<(Identity, FaceId)>,
    stopped: VecMap<Identity, Failure>,
    awaited: VecMap<TabId, Awaited>,
    render_is_due: bool,
    badge: String,
    update_is_ready: bool,
    may_notify: bool,
    /// Who has asked last to be asked for storage accounts.
    asking: Option<Identity>,
    /// Whose run has ended and is to be notified of, once the texts are there.
    unnotified: VecSet<Identity>,
    /// Everything is to be forgotten once no run is open, and nothing begins before.
    forgetting: bool,
}

impl Background {
    /// A brain with what is known at the start; the effects take interrupted runs up again.
    pub fn new(own: OwnExtension, tokens: Tokens, beginning: Beginning) -> (Background, Vec<Effect>) {
        let mut background = Background {
            own,
            tokens,
            faces: VecMap::new(),
            choices: beginning.choices,
            browser_language: beginning.browser_language,
            region: beginning.region,
            strings: VecMap::new(),
            loading: VecSet::new(),
            inquiries: VecMap::new(),
            reading_answers: VecSet::new(),
            names: VecMap::new(),
            missing_hosts: Vec::new(),
            // Until the organization's policy is known.
            may_share: false,
            may_use_frames: false,
            sharing: None,
            kept_awake: OffsetDateTime::UNIX_EPOCH,
            sharing_records: SharingRecords::new(),
            reading_sharing: VecSet::new(),
            share_first: None,
            share_in: None,
            reports: beginning.reports,
            histories: VecMap::new(),
            reading: VecSet::new(),
            paces: VecMap::new(),
            running: VecSet::new(),
            unheard: Vec::new(),
            stopped: VecMap::new(),
            awaited: VecMap::new(),
            render_is_due: false,
            badge: String::new(),
            update_is_ready: false,
            may_notify: false,
            asking: None,
            unnotified: VecSet::new(),
            forgetting: false,
        };
        let mut effects = Vec::new();
        for order in beginning.open_runs {
            background.start(order, OffsetDateTime::UNIX_EPOCH, &mut effects);
        }
        (background, effects)
    }

    /// Takes one event and says what is to be done for it, in this order.
    pub fn on(&mut self, event: Event, now: OffsetDateTime) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Opened(face, sender) => self.opened(face, &sender, &mut effects),
            Event::Said(face, message) => {
                if self.said(face, message, now, &mut effects) {
                    self.render_soon(&mut effects);
                    return effects;
                }
            }
            Event::Closed(face) => {
                self.sharing_face_gone(face, now, &mut effects);
                let closed = self.faces.remove(&face);
                match closed.map(|face| face.kind) {
                    Some(FaceKind::Dock { tab, .. }) => effects.push(Effect::CheckTab(tab)),
                    Some(FaceKind::Sharing) => self.sharing_window_gone(&mut effects),
                    _ => {}
                }
                if self.sharing.is_some() {
                    // The window tells that a walk has ended with its page.
                    self.render_soon(&mut effects);
                }
                return effects;
            }
            Event::InFront(face, tab) => {
                if let Some(face) = self.faces.get_mut(&face) {
                    face.in_front = tab;
                }
            }
            Event::HeaderSeen {
                tab,
                initiator,
                header,
            } => {
                if self.tokens.is_lent_by(tab, &header) {
                    return effects;
                }
                self.header_seen(tab, &initiator, &header, now, &mut effects);
            }
            Event::Awaited(tab, awaited) => drop(self.awaited.insert(tab, awaited)),
            Event::TabGone(tab) => {
                self.tokens.tab_gone(tab);
                if self.awaited.remove(&tab).is_some() {
                    effects.push(Effect::KeepAwaited(tab, None));
                }
                effects.push(Effect::ForgetHeader(tab));
            }
            Event::SharingRead(identity, record) => drop(self.sharing_records.insert(identity, record)),
            Event::PortalLabels(labels) => self.portal_labels(labels, now, &mut effects),
            Event::MayShare(may) => self.may_share = may,
            Event::MayUseFrames(may) => self.frames_granted(may, now, &mut effects),
            Event::StringsLoaded(strings) => {
                self.loading.remove(&strings.language());
                self.strings.insert(strings.language(), strings);
                self.notify(&mut effects);
            }
            Event::AnswersRead(identity, answers) => self.answers_read(identity, answers, now),
            Event::Answered(identity, question, answer) => {
                self.answered(identity, &question, answer, now, &mut effects);
                // Many answers come at once.
                self.render_soon(&mut effects);
                return effects;
            }
            Event::HostAccess(missing) => self.missing_hosts = missing,
            Event::MayNotify(may) => self.may_notify = may,
            Event::StorageGranted(identity, true) => {
                self.asking = None;
                self.order_again(identity, Action::RetryFailed, now, &mut effects);
            }
            Event::StorageGranted(_, false) => {}
            Event::NotificationPressed(key) => {
                let of_key = |(identity, _): &(&Identity, &Report)| identity.storage_key() == key;
                let report = self.reports.iter().find(of_key).map(|(_, report)| report);
                effects.push(Effect::ShowFolder(report.and_then(|report| report.last_download)));
            }
            Event::RunMoved(identity, report) => {
                let is_steady = report.listing == Listing::Ended
                    && !report.paused
                    && !report.browser_asks
                    && !self.tokens.is_waiting_for(&identity);
                let ended = report.ended() + report.waiting_for_archive;
                let pace = self.paces.entry(identity.clone()).or_default();
                pace.observe(now, ended, report.documents, is_steady);
                self.confirm(&identity, &mut effects);
                self.reports.insert(identity, *report);
                // Many documents move at once.
                self.render_soon(&mut effects);
                return effects;
            }
            Event::HistoryRead(identity, history) => {
                self.reading.remove(&identity);
                self.histories.insert(identity, history);
            }
            Event::Forgotten => {
                self.stop_sharing(Surprise::Cancelled, &mut effects);
                self.forgetting = false;
                self.reports.clear();
                self.histories.clear();
                self.inquiries.clear();
                self.sharing_records.clear();
                self.reading_sharing.clear();
                self.stopped.clear();
                self.choices = Choices::default();
            }
            Event::RunEnded(identity, failure) => {
                self.confirm(&identity, &mut effects);
                self.running.remove(&identity);
                self.paces.remove(&identity);
                // It is read anew when it is looked at.
                self.histories.remove(&identity);
                self.tokens.set_working(&identity, false);
                if let Some(failure) = failure {
                    self.stopped.insert(identity.clone(), failure);
                }
                if self.forgetting && self.running.is_empty() {
                    effects.push(Effect::ForgetEverything);
                }
                if self.choices.notify {
                    self.unnotified.insert(identity);
                    self.notify(&mut effects);
                }
            }
            Event::UpdateReady => self.update_is_ready = true,
            Event::Render => {
                self.render_is_due = false;
                self.end_idle_sharing(now, &mut effects);
                self.keep_awake_for_sharing(now, &mut effects);
                if !self.running.is_empty() {
                    self.look_again(&mut effects);
                }
            }
        }
        self.render(now, &mut effects);
        // A run is never cut off by an update of ours, and no walk, nor is its result taken away while it is read.
        let is_free = self.running.is_empty() && !self.forgetting && !self.is_sharing_in_sight();
        if self.update_is_ready && is_free {
            effects.push(Effect::Reload);
        }
        effects
    }

    fn opened(&mut self, id: FaceId, sender: &Sender, effects: &mut Vec<Effect>) {
        let Some(kind) = self.own.admit(sender) else {
            effects.push(Effect::Disconnect(id));
            return;
        };
        let (page, portal_language) = (None, String::new());
        self.faces.insert(
            id,
            Face {
                kind,
                page,
                portal_language,
                in_front: None,
                subscription: None,
                rows: Vec::new(),
                asked_about: String::new(),
                owner: String::new(),
                run: String::new(),
                forgetting: false,
                ticked: None,
                disallow: false,
                guided: Vec::new(),
                greeted: false,
                shown: None,
            },
        );
        effects.push(Effect::CheckGrants);
        if kind == FaceKind::Popup {
            effects.push(Effect::AskInFront(id));
        }
        if kind == FaceKind::Sharing {
            self.look_again(effects);
        }
    }

    /// Tells whether the person is typing: what comes of it is shown soon, not with every letter.
    fn said(&mut self, id: FaceId, message: Value, now: OffsetDateTime, effects: &mut Vec<Effect>) -> bool {
        let Some(face) = self.faces.get_mut(&id) else {
            return false;
        };
        // What does not fit the schema was not said by our own face.
        let Some(message) = FromFace::read(&message) else {
            effects.push(Effect::Disconnect(id));
            self.sharing_face_gone(id, now, effects);
            self.faces.remove(&id);
            return false;
        };
        match message {
            FromFace::Hello { location, language } => {
                face.greeted = true;
                face.portal_language = language;
                face.move_to(&location);
                self.join_frames(effects);
            }
            FromFace::Scene { scene, rest } => self.scene_told(id, scene, rest, now, effects),
            FromFace::Moved { location } => face.move_to(&location),
            FromFace::Rows { ids } => face.rows = ids,
            FromFace::Press { action } => {
                self.press(id, action, now, effects);
                let run = effects.iter().find_map(|effect| match effect {
                    Effect::StartRun(order) => Some(order.identity.clone()),
                    _ => None,
                });
                match run {
                    Some(run) => self.unheard.push((run, id)),
                    None => effects.push(Effect::Post(id, ToFace::Heard)),
                }
            }
            FromFace::Choose {
                field: Field::Run,
                value,
            } => {
                effects.push(Effect::Post(id, ToFace::Heard));
                face.run = value;
            }
            FromFace::Choose {
                field: Field::Hint,
                value,
            } => {
                effects.push(Effect::Post(id, ToFace::Heard));
                face.asked_about = value;
                // The dock waits for what it is to bring into view, also where that stands there already.
                face.shown = None;
            }
            FromFace::Choose {
                field: field @ (Field::Sharing | Field::Subscription | Field::GuideStep),
                value,
            } => {
                effects.push(Effect::Post(id, ToFace::Heard));
                match field {
                    Field::Sharing => face.disallow = value == "disallow",
                    Field::Subscription => self.tick(id, &value, now),
                    _ => match face.guided.iter().position(|step| *step == value) {
                        Some(at) => drop(face.guided.remove(at)),
                        None => face.guided.push(value),
                    },
                }
            }
            FromFace::Type { field, value } => {
                if self.choices.type_in(field, &value) {
                    effects.push(Effect::KeepChoices(self.choices.clone()));
                    return true;
                }
            }
            FromFace::Choose { field, value } => {
                effects.push(Effect::Post(id, ToFace::Heard));
                if self.choices.choose(field, &value, now.date()) {
                    effects.push(Effect::KeepChoices(self.choices.clone()));
                    if field == Field::Language {
                        self.forget_shown();
                    }
                }
            }
            FromFace::SessionRecord { records } => {
                if let FaceKind::Dock { tab, cloud } = face.kind
                    && self.awaited.contains_key(&tab)
                    && let Some(token) = newest_arm_token(&records)
                {
                    let portal = cloud.portal_hosts().first().copied().unwrap_or_default();
                    self.header_seen(tab, &format!("https://{portal}"), token, now, effects);
                }
            }
        }
        false
    }

    fn press(&mut self, id: FaceId, action: Action, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let Some(face) = self.faces.get(&id) else { return };
        let (kind, identity) = (
            face.kind,
            self.account_of(face, now).map(|account| account.identity),
        );
        let report = identity.as_ref().and_then(|identity| self.reports.get(identity));
        match action {
            Action::DownloadAll | Action::DownloadUsage => {
                let wanted = match action {
                    Action::DownloadUsage => Wanted::Usage,
                    _ => self.choices.wanted,
                };
                match (identity, self.choices.days(now.date())) {
                    (Some(identity), Some(period)) => {
                        let order = Order::new(identity, period);
                        self.start(Order { wanted, ..order }, now, effects);
                    }
                    (None, Some(period)) => {
                        if let FaceKind::Dock { tab, .. } = kind {
                            let awaited = Awaited { period, wanted };
                            self.awaited.insert(tab, awaited);
                            effects.push(Effect::KeepAwaited(tab, Some(awaited)));
                            effects.push(Effect::Post(id, ToFace::ReadSessionRecord));
                        }
                    }
                    (_, None) => {}
                }
            }
            Action::RetryFailed | Action::SaveElsewhere | Action::SaveAgain => {
                if let Some(identity) = identity {
                    self.order_again(identity, action, now, effects);
                }
            }
            Action::Pause => effects.extend(identity.map(|of| Effect::TellRun(of, RunEvent::Pause))),
            Action::Resume => effects.extend(identity.map(|of| Effect::TellRun(of, RunEvent::Resume))),
            Action::Cancel => effects.extend(identity.map(|of| Effect::TellRun(of, RunEvent::Cancel))),
            Action::OpenFolder => {
                effects.push(Effect::ShowFolder(report.and_then(|report| report.last_download)));
            }
            Action::OpenPortal => {
                let cloud = identity.map_or(Cloud::Public, |identity| identity.cloud);
                effects.push(Effect::OpenPortal(cloud));
            }
            Action::OpenPopup => effects.push(Effect::OpenPopup),
            Action::HostsGranted => effects.push(Effect::CheckGrants),
            Action::OpenGrants => {
                self.asking = identity;
                effects.push(Effect::OpenGrants);
            }
            Action::StorageGranted => {
                if let Some(asking) = self.asked().filter(|_| kind == FaceKind::Grants) {
                    let hosts = self.grantable(asking);
                    effects.push(Effect::CheckStorage(asking.clone(), hosts));
                }
            }
            Action::OpenOptions => effects.push(Effect::OpenOptions),
            Action::ResetTemplate => {
                self.choices.reset_template();
                effects.push(Effect::KeepChoices(self.choices.clone()));
            }
            Action::Notify | Action::StopNotifying => {
                self.choices.notify = action == Action::Notify;
                effects.push(Effect::KeepChoices(self.choices.clone()));
                effects.push(Effect::CheckGrants);
            }
            Action::CheckAccess => {
                if let Some(identity) = identity {
                    self.check_access(&identity, effects);
                }
            }
            Action::EnableSharing => {
                let asked_about = face
                    .subscription
                    .clone()
                    .unwrap_or_else(|| face.asked_about.clone());
                if let Some(identity) = identity {
                    self.open_sharing(identity, &asked_about, kind, effects);
                }
            }
            Action::ConfirmSharing => self.confirm_sharing(id, now, effects),
            Action::CancelSharing => self.stop_sharing(Surprise::Cancelled, effects),
            Action::ShareMore => self.leave_sharing_result(id),
            Action::ShowReport => effects.extend(identity.map(Effect::OpenReports)),
            Action::Forget => self.set_forgetting(id, true),
            Action::Keep => self.set_forgetting(id, false),
            Action::ForgetEverything => {
                // Only where it was asked for; and never from under a run, whosever it is.
                let asked = self.faces.get(&id).is_some_and(|face| face.forgetting);
                if asked && !self.forgetting {
                    self.forgetting = true;
                    let cancel = |run: &Identity| Effect::TellRun(run.clone(), RunEvent::Cancel);
                    effects.extend(self.running.iter().map(cancel));
                    if self.running.is_empty() {
                        effects.push(Effect::ForgetEverything);
                    }
                }
                self.set_forgetting(id, false);
            }
        }
    }

    /// Only our own page asks such a thing: a page of the portal can redraw what lies in it.
    fn set_forgetting(&mut self, id: FaceId, forgetting: bool) {
        if let Some(face) = self.faces.get_mut(&id)
            && face.kind == FaceKind::Reports
        {
            face.forgetting = forgetting;
        }
    }

    /// Goes through the last run's period again, for what is not saved.
    fn order_again(
        &mut self,
        identity: Identity,
        why: Action,
        now: OffsetDateTime,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(report) = self.reports.get(&identity) {
            let mut hosts = report.hosts.clone();
            if why == Action::SaveElsewhere {
                hosts.extend(report.unagreed_hosts());
            }
            let order = Order {
                hosts,
                wanted: report.usage.wanted,
                again: why == Action::SaveAgain,
                ..Order::new(identity, report.period)
            };
            self.start(order, now, effects);
        }
    }

    /// Storage accounts with documents of the last run that the person can let us read.
    fn grantable(&self, identity: &Identity) -> Vec<String> {
        let hosts = self.reports.get(identity).map(Report::unagreed_hosts);
        let mut hosts = hosts.unwrap_or_default();
        hosts.retain(|host| identity.cloud.is_grantable(host));
        hosts
    }

    /// Whose documents the window of grants is about; after a restart, the only person with any that it could be about.
    fn asked(&self) -> Option<&Identity> {
        let of_report = |identity: &&Identity| !self.grantable(identity).is_empty();
        let mut others = self.reports.keys().filter(of_report);
        let only = others.next().filter(|_| others.next().is_none());
        self.asking.as_ref().or(only)
    }

    fn header_seen(
        &mut self,
        tab: TabId,
        initiator: &str,
        header: &str,
        now: OffsetDateTime,
        effects: &mut Vec<Effect>,
    ) {
        let Some(cloud) = Cloud::of_portal_or_frame_origin(initiator) else {
            return;
        };
        // A token that may not be used is as good as none seen; the dock keeps saying what to do.
        let account = match self.tokens.offer(tab, header, cloud, now) {
            Ok(account) => account,
            Err(refused) => {
                // One that was kept while nothing was awake to see it end.
                if refused == TokenRefused::Expired {
                    effects.push(Effect::ForgetHeader(tab));
                }
                return;
            }
        };
        let identity = account.identity.clone();
        self.names.insert(identity.clone(), account);
        if let Some(Awaited { period, wanted }) = self.awaited.remove(&tab) {
            effects.push(Effect::KeepAwaited(tab, None));
            let order = Order::new(identity, period);
            self.start(Order { wanted, ..order }, now, effects);
        }
    }

    /// One run at a time per identity: a second request joins the first.
    fn start(&mut self, order: Order, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        if self.forgetting {
            return;
        }
        let order = match order.ordered_at.is_empty() {
            true => Order {
                // To the second: a second order in the same minute is another run, with an index of its own.
                ordered_at: format!(
                    "{} {:02}.{:02}.{:02}",
                    now.date(),
                    now.hour(),
                    now.minute(),
                    now.second()
                ),
                region: self.choices.region.region(self.region),
                packing: self.choices.packing,
                template: self
                    .choices
                    .naming()
                    .unwrap_or_else(|_| self.choices.template.clone()),
                ..order
            },
            false => order,
        };
        if self.running.insert(order.identity.clone()) {
            self.tokens.set_working(&order.identity, true);
            self.stopped.remove(&order.identity);
            // A run that was paused before a restart is shown as paused from the first moment on.
            let beginning = Report::beginning(&order);
            self.reports.insert(order.identity.clone(), beginning);
            effects.push(Effect::StartRun(order));
            self.look_again(effects);
        }
    }

    /// Comes back after a while without news.
    fn look_again(&mut self, effects: &mut Vec<Effect>) {
        if !self.render_is_due {
            self.render_is_due = true;
            effects.push(Effect::RenderIn(LOOK_AGAIN));
        }
    }

    /// Tells the faces of news at most four times a second.
    fn render_soon(&mut self, effects: &mut Vec<Effect>) {
        if !self.render_is_due {
            self.render_is_due = true;
            effects.push(Effect::RenderIn(UPDATE));
        }
    }

    /// Notifies of the runs that have ended, in the language of a dock or the browser's.
    fn notify(&mut self, effects: &mut Vec<Effect>) {
        if self.unnotified.is_empty() {
            return;
        }
        let portal = self.open_portal_language();
        let language = Language::pick(self.choices.language, &self.browser_language, portal);
        let Some(strings) = self.strings.get(&language) else {
            if self.loading.insert(language) {
                effects.push(Effect::LoadStrings(language));
            }
            return;
        };
        for identity in std::mem::take(&mut self.unnotified) {
            let (report, stopped) = (self.reports.get(&identity), self.stopped.get(&identity));
            if let Some((title, text)) = ending(strings, report, stopped) {
                let key = identity.storage_key();
                effects.push(Effect::Notify { key, title, text });
            }
        }
    }

    /// A run that has moved, or has ended, is written down.
    fn confirm(&mut self, run: &Identity, effects: &mut Vec<Effect>) {
        self.unheard.retain(|(of, face)| {
            if of == run {
                effects.push(Effect::Post(*face, ToFace::Heard));
            }
            of != run
        });
    }

    /// Whom a face acts as: the person of its tab, or in the popup the only person there is. A dock whose token is
    /// gone still belongs to the run that waits for it.
    fn account_of(&self, face: &Face, now: OffsetDateTime) -> Option<Account> {
        match face.kind {
            FaceKind::Dock { tab, .. } => self.tokens.account_of_tab(tab, now).or_else(|| {
                self.tokens
                    .owner_of_tab(tab)
                    .filter(|owner| self.running.contains(owner))
                    .map(|owner| self.known(owner))
            }),
            // Nobody else's, and only as long as that person is there.
            FaceKind::Reports | FaceKind::Sharing if !face.owner.is_empty() => {
                let accounts = self.tokens.accounts(now);
                // What came of a walk is told in its window also when the session has ended, and nobody else is there.
                if accounts.is_empty() && face.kind == FaceKind::Sharing {
                    let walked = self.sharing_person(&face.owner)?;
                    return Some(self.known(walked.clone()));
                }
                let mut accounts = accounts.into_iter();
                accounts.find(|account| account.identity.storage_key() == face.owner)
            }
            FaceKind::Popup | FaceKind::Reports | FaceKind::Sharing => {
                let in_front = face.in_front.and_then(|tab| self.tokens.account_of_tab(tab, now));
                let mut others = self.tokens.accounts(now);
                in_front
                    .or_else(|| if others.len() == 1 { others.pop() } else { None })
                    .or_else(|| {
                        let mut waiting = self.running.iter();
                        waiting
                            .next()
                            .filter(|_| waiting.next().is_none())
                            .map(|owner| self.known(owner.clone()))
                    })
            }
            FaceKind::Options | FaceKind::Grants | FaceKind::Frame { .. } => None,
        }
    }

    /// The account as it was last seen; by its id where a restart has forgotten the name.
    fn known(&self, identity: Identity) -> Account {
        self.names.get(&identity).cloned().unwrap_or_else(|| Account {
            name: identity.object_id.clone(),
            sign_in_name: String::new(),
            is_guest: false,
            is_personal: false,
            identity,
        })
    }

    /// A page of ours follows the portal as long as one is open.
    fn language_of(&self, face: &Face) -> Language {
        let portal = match face.portal_language.is_empty() {
            true => self.open_portal_language(),
            false => &face.portal_language,
        };
        Language::pick(self.choices.language, &self.browser_language, portal)
    }

    /// The language tag of a portal page that is open; empty where none is.
    fn open_portal_language(&self) -> &str {
        let mut docks = self.faces.values().filter(|face| face.page.is_some());
        docks.next().map_or("", |face| &face.portal_language)
    }

    fn forget_shown(&mut self) {
        for face in self.faces.values_mut() {
            face.shown = None;
        }
    }

    /// Tells every face what it should show, where that has changed.
    fn render(&mut self, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        self.tokens.drop_expired(now);
        effects.extend(
            self.tokens
                .take_refused_tabs()
                .into_iter()
                .map(Effect::ForgetHeader),
        );
        let badge = self.badge_text();
        if badge != self.badge {
            self.badge.clone_from(&badge);
            effects.push(Effect::ShowBadge(badge));
        }
        self.inquire(now, effects);
        let mut news = Vec::new();
        for (id, face) in self.faces.iter().filter(|(_, face)| face.greeted) {
            let language = self.language_of(face);
            // The portal's controls are named as the portal names them.
            if let Some(portal) = Language::of_tag(&face.portal_language)
                && !self.strings.contains_key(&portal)
                && self.loading.insert(portal)
            {
                effects.push(Effect::LoadStrings(portal));
            }
            let Some(strings) = self.strings.get(&language) else {
                if self.loading.insert(language) {
                    effects.push(Effect::LoadStrings(language));
                }
                continue;
            };
            if face.kind == FaceKind::Reports
                && let Some(account) = self.account_of(face, now)
                && !self.histories.contains_key(&account.identity)
            {
                if self.reading.insert(account.identity.clone()) {
                    effects.push(Effect::ReadHistory(account.identity));
                }
                continue;
            }
            if face.kind == FaceKind::Sharing
                && let Some(account) = self.account_of(face, now)
                && !self.sharing_records.contains_key(&account.identity)
                && self.reading_sharing.insert(account.identity.clone())
            {
                effects.push(Effect::ReadSharing(account.identity));
            }
            let mut message = self.message_for(face, strings, now);
            if let ToFace::Show { surface, .. } = &mut message {
                surface.live |= self.is_walking(*id);
            }
            let sent = message.json();
            if face.shown.as_ref() != Some(&sent) {
                news.push((*id, message, sent));
            }
        }
        for (id, message, sent) in news {
            if let Some(face) = self.faces.get_mut(&id) {
                face.shown = Some(sent);
            }
            effects.push(Effect::Post(id, message));
        }
    }

    /// How far the runs are, in the four letters of a badge.
    fn badge_text(&self) -> String {
        let mut reports = self.running.iter().map(|identity| self.reports.get(identity));
        let Some(report) = reports.next() else {
            return String::new();
        };
        match report {
            Some(report) if report.paused => "II".to_owned(),
            Some(report) if report.listing == Listing::Ended && reports.next().is_none() => {
                let usage = &report.usage;
                let done = report.ended() + report.waiting_for_archive;
                let usage_done = usage.ended() + usage.waiting_for_archive;
                let all = report.documents + usage.periods;
                format!("{}%", (done + usage_done) * 100 / all.max(1))
            }
            _ => "…".to_owned(),
        }
    }

    fn message_for(&self, face: &Face, strings: &Strings, now: OffsetDateTime) -> ToFace {
        if face.kind == FaceKind::Grants {
            return match self.asked() {
                Some(identity) => ToFace::Show {
                    surface: grants(strings, &self.grantable(identity)),
                    command_bar: None,
                    rows: Vec::new(),
                },
                None => ToFace::Close,
            };
        }
        if face.kind == FaceKind::Options {
            let facts = OptionsFacts {
                strings,
                today: now.date(),
                choices: &self.choices,
                region: self.region,
                may_notify: self.may_notify,
            };
            return ToFace::Show {
                surface: options(&facts),
                command_bar: None,
                rows: Vec::new(),
            };
        }
        let account = self.account_of(face, now);
        let identity = account.as_ref().map(|account| &account.identity);
        let running = identity.is_some_and(|identity| self.running.contains(identity));
        let directory = identity.and_then(|identity| self.directory_of(identity));
        let hints = account
            .as_ref()
            .map(|account| self.hints(face, account, now))
            .unwrap_or_default();
        let portal_tag = match face.portal_language.is_empty() {
            true => self.open_portal_language(),
            false => &face.portal_language,
        };
        let portal_language = Language::of_tag(portal_tag).unwrap_or(Language::English);
        let inquiry = identity.and_then(|identity| self.inquiries.get(identity));
        let is_asking = inquiry.is_some_and(Inquiry::is_asking);
        let portal = self.strings.get(&portal_language).map_or(strings, |texts| texts);
        let facts = Facts {
            strings,
            today: now.date(),
            account: account.as_ref(),
            directory: directory.as_deref(),
            choices: &self.choices,
            report: identity.and_then(|identity| self.reports.get(identity)),
            running,
            waits_for_portal: identity.is_some_and(|identity| self.tokens.is_waiting_for(identity)),
            awaited: matches!(face.kind, FaceKind::Dock { tab, .. } if self.awaited.contains_key(&tab)),
            stopped: identity.and_then(|identity| self.stopped.get(identity)),
            remaining: identity
                .and_then(|identity| self.paces.get(identity))
                .and_then(Pace::left),
            region: self.region,
            missing_hosts: &self.missing_hosts,
            access: inquiry.map(|_| Access {
                hints: &hints,
                is_asking,
                may_share: account
                    .as_ref()
                    .is_some_and(|account| self.may_share_some(account, now)),
                portal,
                chosen: &face.asked_about,
            }),
        };
        match face.kind {
            FaceKind::Reports => {
                let runs = identity.and_then(|identity| self.histories.get(identity));
                let kept = Kept {
                    runs: runs.map(Vec::as_slice).unwrap_or_default(),
                    chosen: &face.run,
                    forgetting: face.forgetting,
                };
                ToFace::Show {
                    surface: report_page(&facts, &kept),
                    command_bar: None,
                    rows: Vec::new(),
                }
            }
            FaceKind::Popup => ToFace::Show {
                surface: popup(&facts),
                command_bar: None,
                rows: Vec::new(),
            },
            FaceKind::Dock { .. } if face.page.is_some_and(Page::is_about_billing) => {
                let (surface, command_bar) = dock(&facts);
                ToFace::Show {
                    surface,
                    rows: self.row_hints(face, &hints, strings, portal),
                    command_bar: Some(command_bar),
                }
            }
            FaceKind::Sharing => {
                let none = SharingFacts::default();
                let of_person = account
                    .as_ref()
                    .map(|account| self.sharing_facts(face, account, now));
                ToFace::Show {
                    surface: sharing(&facts, &of_person.unwrap_or(none), portal),
                    command_bar: None,
                    rows: Vec::new(),
                }
            }
            FaceKind::Dock { .. } | FaceKind::Options | FaceKind::Grants | FaceKind::Frame { .. } => {
                ToFace::Hide
            }
        }
    }
}

impl Face {
    /// The address is the face's word; its cloud is the browser's, and both must agree.
    fn move_to(&mut self, location: &str) {
        if matches!(self.kind, FaceKind::Reports | FaceKind::Sharing) {
            let (_, owner) = location.split_once('#').unwrap_or_default();
            owner.clone_into(&mut self.owner);
        }
        if let FaceKind::Dock { cloud, .. } = self.kind {
            self.page = page_of(location)
                .filter(|(of, _)| *of == cloud)
                .map(|(_, page)| page);
            self.subscription = subscription_of(location);
            self.asked_about.clear();
            // What is in sight there may have been told before.
        }
    }
}
