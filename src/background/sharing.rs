//! The brain's part about sharing: who confirmed what, the walk for one subscription after the other, and its outcome.
//! Must not know: the words of a result, or how a control is pressed.

use time::{Duration, OffsetDateTime};

use crate::azure::{Account, AgreementType, BillingProperty, Identity, TabId};
use crate::message::{FaceId, FaceKind, ToFace};
use crate::portal::Page;
use crate::sharing::{Act, Labels, PersonStep, Scene, SeenSharing, SharingRecord, Surprise, Target, Walk};
use crate::view::{
    Language, SharedSubscription, SharingFacts, SharingLine, SharingOutcome, SharingPage, steps_done,
};

use super::{Background, Effect, Face};

/// How long a page may take until what it does not show counts as not coming; and how long until a save is answered.
const PATIENCE: Duration = Duration::seconds(20);
const PATIENCE_WITH_SAVE: Duration = Duration::seconds(60);
/// After so long without an act or an end a walk ends, and how long it waits for the person.
const IDLE: Duration = Duration::minutes(2);
const IDLE_WITH_PERSON: Duration = Duration::minutes(10);
/// How often the browser is asked for something while a window of sharing is open: it ends a background that asks for nothing.
const AWAKE: Duration = Duration::seconds(20);
/// How many numbers the controls of each document have to themselves; the first of the top document is 0.
const RANGE: u32 = 1 << 24;

/// A confirmed change, for one subscription after the other.
pub(super) struct SharingRun {
    pub(super) identity: Identity,
    tab: TabId,
    dock: FaceId,
    /// The top document, and the frames that have come.
    documents: Vec<Document>,
    /// Which of them has changed last: it sets the pace at which the walk looks.
    moved: FaceId,
    /// How many ranges of numbers are given away.
    ranges: u32,
    targets: Vec<Target>,
    outcomes: Vec<SharingOutcome>,
    labels: Option<Labels>,
    walk: Option<Walk>,
    changed: OffsetDateTime,
    /// When the walk acted, or a person was asked, or a subscription was done with.
    acted: OffsetDateTime,
    is_saving: bool,
    person: Option<PersonStep>,
}

/// A document of the run's tab.
struct Document {
    face: FaceId,
    /// Where the numbers of its controls begin.
    first: u32,
    scene: Option<Scene>,
    rest: bool,
}

impl SharingRun {
    fn is_over(&self) -> bool {
        self.outcomes.len() == self.targets.len()
    }

    /// Takes in a document, once. Its numbers are no other's, also when it has gone.
    fn join(&mut self, face: FaceId, effects: &mut Vec<Effect>) {
        let is_known = self.documents.iter().any(|document| document.face == face);
        if let (false, Some(first)) = (is_known, self.ranges.checked_mul(RANGE)) {
            self.ranges += 1;
            self.documents.push(Document {
                face,
                first,
                scene: None,
                rest: false,
            });
            effects.push(Effect::Post(face, ToFace::ReadControls));
        }
    }

    /// Tells every document.
    fn tell(&self, message: &ToFace, effects: &mut Vec<Effect>) {
        let documents = self.documents.iter();
        effects.extend(documents.map(|document| Effect::Post(document.face, message.clone())));
    }

    /// What all documents show, as one.
    fn scene(&self) -> Scene {
        let mut scene = Scene::default();
        for document in &self.documents {
            let Some(told) = &document.scene else { continue };
            let forms = scene.forms.len();
            for control in told.controls.iter().filter(|control| control.number < RANGE) {
                let mut control = control.clone();
                control.number += document.first;
                if control.group > 0 {
                    control.group = control.group.saturating_add(document.first);
                }
                control.form = control.form.map(|form| form + forms);
                scene.controls.push(control);
            }
            scene.forms.extend(told.forms.clone());
        }
        scene
    }

    /// Has the document of a control use it, and waits for what that document shows then.
    fn act(&mut self, number: u32, how: impl FnOnce(u32) -> ToFace, now: OffsetDateTime) -> Option<Effect> {
        let mut documents = self.documents.iter_mut();
        let document = documents.find(|document| document.first == number / RANGE * RANGE)?;
        document.rest = false;
        self.moved = document.face;
        self.changed = now;
        self.acted = now;
        Some(Effect::Post(document.face, how(number % RANGE)))
    }
}

impl Background {
    /// The window that lists, confirms and reports is the extension's own: a page could neither ask nor be trusted there.
    pub(super) fn open_sharing(
        &mut self,
        identity: Identity,
        asked_about: &str,
        asker: FaceKind,
        effects: &mut Vec<Effect>,
    ) {
        self.share_in = match asker {
            FaceKind::Dock { tab, .. } => Some(tab),
            _ => None,
        };
        self.share_first = Some(asked_about.to_ascii_lowercase()).filter(|id| !id.is_empty());
        effects.push(Effect::OpenSharing(identity));
    }

    /// Ticks a subscription, or takes its tick away.
    pub(super) fn tick(&mut self, id: FaceId, subscription: &str, now: OffsetDateTime) {
        let Some(face) = self.faces.get(&id).filter(|face| face.kind == FaceKind::Sharing) else {
            return;
        };
        let Some(account) = self.account_of(face, now) else {
            return;
        };
        let mut ticked = self.ticked(face, &account, now);
        match ticked.iter().position(|known| known == subscription) {
            Some(at) => drop(ticked.remove(at)),
            None => ticked.push(subscription.to_owned()),
        }
        if let Some(face) = self.faces.get_mut(&id) {
            face.ticked = Some(ticked);
        }
    }

    /// The subscriptions of which this person is the account administrator.
    fn administered(&self, account: &Account, now: OffsetDateTime) -> Vec<Target> {
        let Some(inquiry) = self.inquiries.get(&account.identity) else {
            return Vec::new();
        };
        let is_own = |property: &BillingProperty| property.is_account_administrator == Some(true);
        let places = inquiry.places(account, now.date());
        // As a list of the portal shows a name, in which spaces are as good as one.
        let shown = |name: &str| {
            name.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_ascii_lowercase()
        };
        let names: Vec<String> = places.iter().map(|facts| shown(&facts.place.name)).collect();
        let bearers = |name: &str| names.iter().filter(|known| **known == shown(name)).count();
        places
            .into_iter()
            .filter(|facts| facts.agreement == AgreementType::MicrosoftOnlineServicesProgram)
            .filter(|facts| facts.property.told().is_some_and(is_own))
            .map(|facts| Target {
                is_only_of_name: bearers(&facts.place.name) == 1,
                subscription: facts.place.id,
                name: facts.place.name,
                allow: true,
            })
            .collect()
    }

    /// What is ticked: as the person did, else the one that was asked about, else whatever would change.
    fn ticked(&self, face: &Face, account: &Account, now: OffsetDateTime) -> Vec<String> {
        if let Some(ticked) = &face.ticked {
            return ticked.clone();
        }
        let own: Vec<String> = self
            .administered(account, now)
            .into_iter()
            .map(|target| target.subscription)
            .collect();
        if let Some(asked) = self.share_first.as_ref().filter(|asked| own.contains(asked)) {
            return vec![asked.clone()];
        }
        let record = self.sharing_records.get(&account.identity);
        // What nobody has seen is worth allowing; taken back is only what is known to be allowed.
        let would_change = |id: &String| match record.and_then(|record| record.get(id)) {
            Some(seen) => seen.allow == face.disallow,
            None => !face.disallow,
        };
        own.into_iter().filter(would_change).collect()
    }

    /// The person has confirmed, in the extension's own window, what it names.
    pub(super) fn confirm_sharing(&mut self, id: FaceId, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let Some(face) = self.faces.get(&id).filter(|face| face.kind == FaceKind::Sharing) else {
            return;
        };
        let (Some(account), true) = (self.account_of(face, now), self.may_share) else {
            return;
        };
        if self.is_sharing() {
            return;
        }
        // Answers come while the person reads: what was confirmed is what the window has shown, and nothing newer.
        if !self.is_shown(face, now) {
            return;
        }
        let (allow, ticked) = (!face.disallow, self.ticked(face, &account, now));
        let mut targets = self.administered(&account, now);
        targets.retain(|target| ticked.contains(&target.subscription));
        for target in &mut targets {
            target.allow = allow;
        }
        let Some((dock, tab)) = self.dock_of(&account.identity, now) else {
            return;
        };
        if targets.is_empty() {
            return;
        }
        let language = self.portal_language_of(dock);
        let mut run = SharingRun {
            identity: account.identity,
            tab,
            dock,
            documents: Vec::new(),
            moved: dock,
            ranges: 0,
            targets,
            outcomes: Vec::new(),
            labels: None,
            walk: None,
            changed: now,
            acted: now,
            is_saving: false,
            person: None,
        };
        run.join(dock, effects);
        self.sharing = Some(run);
        self.look_again(effects);
        self.join_frames(effects);
        effects.push(Effect::LoadPortalLabels(language));
        if self.may_use_frames {
            effects.push(Effect::WakeFrames(tab));
        }
        let page = self.faces.get(&dock).and_then(|face| face.page);
        if page != Some(Page::Invoices)
            || self
                .faces
                .get(&dock)
                .is_some_and(|face| face.subscription.is_some())
        {
            effects.push(Effect::Post(dock, ToFace::Go { hash: Page::INVOICES }));
        }
    }

    /// Whether a face has been told all that it would be told now.
    fn is_shown(&self, face: &Face, now: OffsetDateTime) -> bool {
        let strings = self.strings.get(&self.language_of(face));
        let message = strings.map(|strings| self.message_for(face, strings, now).json());
        message.is_some() && message == face.shown
    }

    fn portal_language_of(&self, face: FaceId) -> Language {
        let tag = self.faces.get(&face).map(|face| &*face.portal_language);
        tag.and_then(Language::of_tag).unwrap_or(Language::English)
    }

    /// A dock of this person in a page of the portal: on a page about billing before any other, which the person may be
    /// using for something else, and there the one in which sharing was asked for.
    fn dock_of(&self, identity: &Identity, now: OffsetDateTime) -> Option<(FaceId, TabId)> {
        let docks = self.faces.iter().filter_map(|(id, face)| match face.kind {
            FaceKind::Dock { tab, .. } if face.greeted => Some((*id, tab, face.page?)),
            _ => None,
        });
        let theirs = docks.filter(|(_, tab, _)| {
            let account = self.tokens.account_of_tab(*tab, now);
            account.is_some_and(|account| account.identity == *identity)
        });
        let best = theirs.max_by_key(|(_, tab, page)| (page.is_about_billing(), self.share_in == Some(*tab)));
        best.map(|(id, tab, _)| (id, tab))
    }

    pub(super) fn portal_labels(&mut self, labels: Labels, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        if let Some(run) = &mut self.sharing
            && run.labels.is_none()
        {
            run.labels = Some(labels);
            run.changed = now;
            run.tell(&ToFace::ReadControls, effects);
        }
    }

    /// Takes in the frames of the run's tab that are there.
    pub(super) fn join_frames(&mut self, effects: &mut Vec<Effect>) {
        let may = self.may_use_frames;
        let Some(run) = self.sharing.as_mut().filter(|run| may && !run.is_over()) else {
            return;
        };
        for (id, face) in &self.faces {
            if face.greeted && face.kind == (FaceKind::Frame { tab: run.tab }) {
                run.join(*id, effects);
            }
        }
    }

    /// A document of the portal has told what it shows.
    pub(super) fn scene_told(
        &mut self,
        id: FaceId,
        scene: Scene,
        rest: bool,
        now: OffsetDateTime,
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.sharing.as_mut().filter(|run| !run.is_over()) else {
            effects.push(Effect::Post(id, ToFace::StopReading));
            return;
        };
        let mut documents = run.documents.iter_mut();
        let Some(document) = documents.find(|document| document.face == id) else {
            return;
        };
        document.rest = rest;
        if document.scene.as_ref() != Some(&scene) {
            document.scene = Some(scene);
            run.moved = id;
            run.changed = now;
        }
        // What is still moving is not to be acted upon, wherever it is.
        let mut told = run.documents.iter().filter(|document| document.scene.is_some());
        if run.moved == id && told.all(|document| document.rest) {
            self.walk_on(now, effects);
        }
    }

    /// The person has let the extension work in the portal's frames, or no more. A change that was confirmed and found
    /// nothing to press looks there once more, as long as its page is there: nothing was done yet.
    pub(super) fn frames_granted(&mut self, may: bool, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let is_news = may && !self.may_use_frames;
        self.may_use_frames = may;
        if !may {
            let is_frame = |face: &Face| matches!(face.kind, FaceKind::Frame { .. });
            let frames: Vec<FaceId> = self
                .faces
                .iter()
                .filter(|(_, face)| is_frame(face))
                .map(|(id, _)| *id)
                .collect();
            for frame in frames {
                effects.push(Effect::Disconnect(frame));
                self.sharing_face_gone(frame, now, effects);
                self.faces.remove(&frame);
            }
            return;
        }
        let nothing_found = SharingOutcome::Stopped(Surprise::NothingToPress);
        let is_to_be_taken_up = is_news && self.may_share && self.has_sharing_window();
        if let Some(run) = self.sharing.as_mut().filter(|_| is_to_be_taken_up)
            && self.faces.contains_key(&run.dock)
            && let Some(at) = run.outcomes.iter().position(|outcome| *outcome == nothing_found)
        {
            run.outcomes.truncate(at);
            run.walk = None;
            run.changed = now;
            run.acted = now;
            effects.push(Effect::WakeFrames(run.tab));
            run.tell(&ToFace::ReadControls, effects);
            self.look_again(effects);
        }
        self.join_frames(effects);
    }

    /// Takes the next act.
    fn walk_on(&mut self, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let acting = self.sharing.as_ref().map(|run| run.tab);
        let acting = acting.and_then(|tab| self.tokens.account_of_tab(tab, now));
        let Some(run) = &mut self.sharing else { return };
        let (Some(labels), Some(target)) = (run.labels.clone(), run.targets.get(run.outcomes.len()).cloned())
        else {
            return;
        };
        let patience = match run.is_saving {
            true => PATIENCE_WITH_SAVE,
            false => PATIENCE,
        };
        let is_waited_out = now - run.changed > patience;
        let scene = run.scene();
        let walk = run.walk.get_or_insert_with(|| Walk::new(target, labels));
        let act = walk.next(&scene, is_waited_out);
        // Whoever acts is looked at before each act, and so once more before the one that saves.
        let act = match (&act, acting) {
            (Act::Press(_) | Act::Choose(..) | Act::Save(_), None) => Act::Stop(Surprise::SessionEnded),
            (Act::Press(_) | Act::Choose(..) | Act::Save(_), Some(account))
                if account.identity != run.identity =>
            {
                Act::Stop(Surprise::OtherAccount)
            }
            _ => act,
        };
        let person = match &act {
            Act::AskPerson(step) => Some(*step),
            Act::Look => run.person,
            _ => None,
        };
        if run.person != person {
            run.acted = now;
        }
        run.person = person;
        // The person was asked to save, and may have.
        let may_be_saved =
            matches!(act, Act::AskPerson(_) | Act::Look | Act::Save(_)) && walk.has_begun_saving();
        if let (true, false, Some(target)) =
            (may_be_saved, run.is_saving, run.targets.get(run.outcomes.len()))
        {
            run.is_saving = true;
            // Until the result is read nothing is known any more, not even after a crash.
            let record = self.sharing_records.entry(run.identity.clone()).or_default();
            record.forget(&target.subscription);
            effects.push(Effect::KeepSharing(run.identity.clone(), record.json()));
        }
        match act {
            // A frame may have come, or its script only now.
            Act::Look | Act::AskPerson(_) if self.may_use_frames => {
                effects.push(Effect::WakeFrames(run.tab));
            }
            Act::Look | Act::AskPerson(_) => {}
            Act::Press(number) | Act::Save(number) => {
                effects.extend(run.act(number, ToFace::press, now));
            }
            Act::Choose(number, value) => {
                effects.extend(run.act(number, |number| ToFace::choose(number, value), now));
            }
            Act::Done | Act::AlreadySo if walk.was_chosen_by_person() => {
                self.target_ended(SharingOutcome::AsChosen, now, effects);
            }
            Act::Done => self.target_ended(SharingOutcome::Changed, now, effects),
            Act::AlreadySo => self.target_ended(SharingOutcome::AlreadySo, now, effects),
            Act::Stop(surprise) => self.stop_sharing(surprise, effects),
        }
    }

    /// One subscription is done with; only what was read on the page is kept of it.
    fn target_ended(&mut self, outcome: SharingOutcome, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.sharing else { return };
        if let Some(target) = run.targets.get(run.outcomes.len()) {
            let record = self.sharing_records.entry(run.identity.clone()).or_default();
            match outcome {
                SharingOutcome::Changed | SharingOutcome::AlreadySo => record.insert(
                    &target.subscription,
                    SeenSharing {
                        allow: target.allow,
                        on: now.date().to_string(),
                    },
                ),
                _ => record.forget(&target.subscription),
            }
            effects.push(Effect::KeepSharing(run.identity.clone(), record.json()));
        }
        run.outcomes.push(outcome);
        run.walk = None;
        run.is_saving = false;
        run.changed = now;
        run.acted = now;
        if run.is_over() {
            self.end_sharing(effects);
        } else {
            run.tell(&ToFace::ReadControls, effects);
        }
    }

    /// The first surprise stops the rest.
    pub(super) fn stop_sharing(&mut self, surprise: Surprise, effects: &mut Vec<Effect>) {
        let Some(run) = self.sharing.as_mut().filter(|run| !run.is_over()) else {
            return;
        };
        // Whoever goes on by hand goes on from there, as long as the form is still theirs.
        let is_form_gone = matches!(
            surprise,
            Surprise::PageLeft | Surprise::OtherAccount | Surprise::SessionEnded
        );
        let surprise = match run.is_saving {
            true => surprise.after_saving(),
            false => surprise,
        };
        let done = match (&run.walk, run.targets.get(run.outcomes.len())) {
            (Some(walk), Some(target)) if !is_form_gone => steps_done(&walk.remaining(), target.allow),
            _ => Vec::new(),
        };
        let windows = self.faces.values_mut();
        for window in windows.filter(|face| face.kind == FaceKind::Sharing) {
            window.guided.clone_from(&done);
        }
        run.outcomes.push(SharingOutcome::Stopped(surprise));
        let all = run.targets.len();
        run.outcomes.resize(all, SharingOutcome::NotTried);
        self.end_sharing(effects);
    }

    fn end_sharing(&mut self, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.sharing else { return };
        run.person = None;
        run.tell(&ToFace::StopReading, effects);
        // What may be downloaded is different now.
        let identity = run.identity.clone();
        self.check_access(&identity, effects);
    }

    /// A face of a run is gone.
    pub(super) fn sharing_face_gone(&mut self, id: FaceId, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let Some(run) = &mut self.sharing else { return };
        if run.dock == id {
            self.stop_sharing(Surprise::PageLeft, effects);
        } else if let Some(at) = run.documents.iter().position(|document| document.face == id) {
            run.documents.remove(at);
            run.changed = now;
            if run.moved == id {
                run.moved = run.dock;
            }
        }
    }

    /// Time has passed: a walk that does not get on has an end, too, also where nothing is told of its page any more.
    pub(super) fn end_idle_sharing(&mut self, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        let Some(run) = self.sharing.as_ref().filter(|run| !run.is_over()) else {
            return;
        };
        let is_asked = run.person.is_some();
        if now - run.acted > if is_asked { IDLE_WITH_PERSON } else { IDLE } {
            self.stop_sharing(Surprise::Unmoved, effects);
        }
    }

    /// Keeps the background, and with it what is chosen and told in a window of sharing, as long as one is open.
    pub(super) fn keep_awake_for_sharing(&mut self, now: OffsetDateTime, effects: &mut Vec<Effect>) {
        if !self.has_sharing_window() {
            return;
        }
        if now - self.kept_awake > AWAKE {
            self.kept_awake = now;
            effects.push(Effect::CheckGrants);
        }
        self.look_again(effects);
    }

    /// A window of sharing is closed. Where nobody can see how far a walk is, or cancel it, it ends.
    pub(super) fn sharing_window_gone(&mut self, effects: &mut Vec<Effect>) {
        if !self.has_sharing_window() {
            self.stop_sharing(Surprise::Cancelled, effects);
        }
    }

    /// The result was read, and there is more to share.
    pub(super) fn leave_sharing_result(&mut self, id: FaceId) {
        if self.sharing.as_ref().is_some_and(SharingRun::is_over) {
            self.sharing = None;
        }
        if let Some(face) = self.faces.get_mut(&id) {
            face.ticked = None;
            face.guided.clear();
        }
    }

    /// Whether a walk goes on in this face, which then stays connected.
    pub(super) fn is_walking(&self, id: FaceId) -> bool {
        let run = self.sharing.as_ref().filter(|run| !run.is_over());
        run.is_some_and(|run| run.documents.iter().any(|document| document.face == id))
    }

    /// Whether a walk goes on.
    pub(super) fn is_sharing(&self) -> bool {
        self.sharing.as_ref().is_some_and(|run| !run.is_over())
    }

    /// Whether a walk goes on, or the result of one can be seen.
    pub(super) fn is_sharing_in_sight(&self) -> bool {
        self.is_sharing() || self.sharing.is_some() && self.has_sharing_window()
    }

    /// Whether a window of sharing is open.
    fn has_sharing_window(&self) -> bool {
        self.faces.values().any(|face| face.kind == FaceKind::Sharing)
    }

    /// The person of a walk, for the window that was opened for them.
    pub(super) fn sharing_person(&self, owner: &str) -> Option<&Identity> {
        let run = self.sharing.as_ref()?;
        Some(&run.identity).filter(|identity| identity.storage_key() == owner)
    }

    /// What the window of sharing is about.
    pub(super) fn sharing_facts(&self, face: &Face, account: &Account, now: OffsetDateTime) -> SharingFacts {
        let run = self
            .sharing
            .as_ref()
            .filter(|run| run.identity == account.identity);
        let page = match run {
            Some(run) => SharingPage::Run {
                lines: run
                    .targets
                    .iter()
                    .enumerate()
                    .map(|(at, target)| SharingLine {
                        name: target.name.clone(),
                        allow: target.allow,
                        outcome: run.outcomes.get(at).copied(),
                    })
                    .collect(),
                step: run.walk.as_ref().map(Walk::step),
                person: run.person,
            },
            None => {
                let ticked = self.ticked(face, account, now);
                let record = self.sharing_records.get(&account.identity);
                let subscriptions = self.administered(account, now).into_iter();
                SharingPage::Choose {
                    subscriptions: subscriptions
                        .map(|target| SharedSubscription {
                            seen: record
                                .and_then(|record| record.get(&target.subscription))
                                .cloned(),
                            is_ticked: ticked.contains(&target.subscription),
                            id: target.subscription,
                            name: target.name,
                        })
                        .collect(),
                }
            }
        };
        SharingFacts {
            page,
            allow: !face.disallow,
            may_share: self.may_share,
            has_portal: self.dock_of(&account.identity, now).is_some(),
            may_use_frames: self.may_use_frames,
            is_another_under_way: run.is_none() && self.is_sharing(),
            guided: face.guided.clone(),
        }
    }
}

/// Whether anything is known of a person's records yet.
pub(super) type SharingRecords = vecmap::VecMap<Identity, SharingRecord>;
