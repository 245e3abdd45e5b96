//! The walk through the portal's controls, against a model of the portal's pages.

use std::collections::{BTreeMap, BTreeSet};

use portal_invoices::sharing::{
    Act, Control, ControlRole, Form, Label, Labels, PersonStep, Scene, Surprise, Target, Walk, WalkStep,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const ID: &str = "11111111-2222-4333-8444-555555555555";
const OTHER_ID: &str = "99999999-2222-4333-8444-555555555555";
const NAME: &str = "Contoso Production";
/// After so many looks without a change a page has had its time.
const PAGES_TIME: u32 = 6;

pub(crate) fn all_words() -> BTreeMap<String, Value> {
    serde_json::from_str(include_str!("../../extension/portal-labels.json")).unwrap()
}

pub(crate) fn english() -> Value {
    all_words().remove("en").unwrap()
}

/// The same words without those of some labels.
fn without(words: &Value, labels: &[Label]) -> Value {
    let mut words = words.clone();
    for label in labels {
        words.as_object_mut().unwrap().remove(label.as_str());
    }
    words
}

/// What the portal says; of a label that nobody knows, something of its own.
fn word(words: &Value, label: Label) -> String {
    let known = words[label.as_str()][0].as_str();
    known.map_or_else(|| format!("¿{}?", label.as_str()), str::to_owned)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// A command opens the form.
    Article,
    /// The same under its older name.
    Older,
    /// A command opens a list of links, one of which opens the form, which has two sentences.
    Details,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// No list: the page is about one subscription.
    Nothing,
    /// Values are ids.
    Ids,
    /// Ids are in the texts only, and the list tells its text as its value.
    IdsInTexts,
    /// No ids.
    Names,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Options {
    Radios,
    Switch,
    Checkbox,
}

/// What becomes of the form once it is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Closes,
    /// It stays, and the command can be pressed again for a new one.
    Stays,
    /// It stays, and hides everything else until it is closed.
    StaysInFront,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twice {
    Command,
    Form,
    List,
    Option,
    Save,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Opened,
    SubscriptionChosen,
    OptionChosen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    None,
    AlreadySo,
    /// Everything takes its time.
    Slow,
    SaveLater,
    Refused,
    RefusedInDialog,
    Unanswered,
    /// It says that it saves, and goes on saying so.
    Held,
    Unchanged,
    /// It says that it was saved, and shows it so until it is opened anew.
    Pretends,
    /// What is new is there twice, and otherwise than stored, for a moment.
    Flickers,
    /// The person chooses the option before the walk does.
    PersonIsQuicker,
    CommandDead,
    OptionDead,
    ListDead,
    SaveDead,
    NotOffered,
    SameName,
    Twice(Twice),
    Leaves(Moment),
    Cancels(Moment),
    SessionPane(Moment),
}

const MISHAPS: [Mishap; 32] = [
    Mishap::None,
    Mishap::AlreadySo,
    Mishap::Slow,
    Mishap::SaveLater,
    Mishap::Refused,
    Mishap::RefusedInDialog,
    Mishap::Unanswered,
    Mishap::Held,
    Mishap::Unchanged,
    Mishap::Pretends,
    Mishap::Flickers,
    Mishap::PersonIsQuicker,
    Mishap::CommandDead,
    Mishap::OptionDead,
    Mishap::ListDead,
    Mishap::SaveDead,
    Mishap::NotOffered,
    Mishap::SameName,
    Mishap::Twice(Twice::Command),
    Mishap::Twice(Twice::Form),
    Mishap::Twice(Twice::List),
    Mishap::Twice(Twice::Option),
    Mishap::Twice(Twice::Save),
    Mishap::Leaves(Moment::Opened),
    Mishap::Leaves(Moment::SubscriptionChosen),
    Mishap::Leaves(Moment::OptionChosen),
    Mishap::Cancels(Moment::Opened),
    Mishap::Cancels(Moment::SubscriptionChosen),
    Mishap::Cancels(Moment::OptionChosen),
    Mishap::SessionPane(Moment::Opened),
    Mishap::SessionPane(Moment::SubscriptionChosen),
    Mishap::SessionPane(Moment::OptionChosen),
];

/// What a control of the model is, apart from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Command,
    DetailsCommand,
    Link,
    List,
    On,
    Off,
    Switch,
    Save,
    Close,
    /// Nothing that a walk has to do with.
    Noise(u8),
}

#[derive(Clone, Debug, Default)]
struct Pane {
    instance: u32,
    chosen: Option<usize>,
    loading: u32,
    /// What is stored and what is chosen, once it is loaded.
    shown: Option<(bool, bool)>,
    /// Looks since it was loaded.
    age: u32,
    save_later: u32,
    saving: u32,
    status: String,
    is_alert: bool,
    has_dialog: bool,
}

#[derive(Clone, Debug)]
enum Shown {
    Nothing,
    Details(u32),
    Sharing(Pane),
}

/// The portal's pages: what is visible, what a press does, and what is stored.
#[derive(Clone, Debug)]
struct Portal {
    words: Value,
    page: Page,
    offer: Offer,
    options: Options,
    after: After,
    mishap: Mishap,
    /// Whether *Save* can be pressed with nothing to save.
    always_saves: bool,
    /// Whether commands have hooks.
    has_hooks: bool,
    stored: Vec<(String, String, bool)>,
    shown: Shown,
    loading: u32,
    has_left: bool,
    has_session_pane: bool,
    was_opened: bool,
    time: u32,
    instances: u32,
    numbers: BTreeMap<(u32, What, u8), u32>,
    saves: usize,
    presses: Vec<What>,
}

impl Portal {
    fn new(words: &Value, page: Page, offer: Offer, allow: bool, mishap: Mishap) -> Portal {
        let is_so = (mishap == Mishap::AlreadySo) == allow;
        let other_name = match mishap {
            Mishap::SameName => NAME,
            _ => "Contoso Test",
        };
        let mut stored = vec![
            (OTHER_ID.to_owned(), other_name.to_owned(), !is_so),
            (ID.to_owned(), NAME.to_owned(), is_so),
        ];
        if mishap == Mishap::NotOffered {
            stored.pop();
        }
        Portal {
            words: words.clone(),
            page,
            offer,
            options: Options::Radios,
            after: After::Stays,
            mishap,
            always_saves: false,
            has_hooks: false,
            stored,
            shown: Shown::Nothing,
            loading: if mishap == Mishap::Slow { PAGES_TIME - 2 } else { 0 },
            has_left: false,
            has_session_pane: false,
            was_opened: false,
            time: 0,
            instances: 0,
            numbers: BTreeMap::new(),
            saves: 0,
            presses: Vec::new(),
        }
    }

    fn is_allowed(&self) -> Option<bool> {
        let found = self.stored.iter().find(|(id, _, _)| id == ID);
        found.map(|(_, _, is_allowed)| *is_allowed)
    }

    fn takes(&self) -> u32 {
        if self.mishap == Mishap::Slow {
            PAGES_TIME - 2
        } else {
            1
        }
    }

    fn text(&self, label: Label) -> String {
        word(&self.words, label)
    }

    /// What the newer page calls it; where no source tells, some sentence that speaks of the subscription.
    fn subscription_access(&self) -> String {
        match Labels::read(&self.words).knows(Label::SubscriptionAccess) {
            true => self.text(Label::SubscriptionAccess),
            false => format!("({})", self.text(Label::Subscription)),
        }
    }

    // --- What is visible ---

    fn control(&mut self, pane: u32, what: What, copy: u8, role: ControlRole, name: &str) -> Control {
        let newest = self.numbers.len() as u32 + 1;
        Control {
            number: *self.numbers.entry((pane, what, copy)).or_insert(newest),
            role,
            name: name.to_owned(),
            hook: String::new(),
            is_on: None,
            is_disabled: false,
            form: None,
            group: 0,
            value: String::new(),
            options: Vec::new(),
        }
    }

    fn copies(&self, of: Twice) -> u8 {
        let flickers = self.mishap == Mishap::Flickers && of == Twice::Command && self.time == 0;
        if self.mishap == Mishap::Twice(of) || flickers {
            2
        } else {
            1
        }
    }

    fn scene(&mut self) -> Scene {
        let mut scene = Scene::default();
        for (at, role) in ControlRole::ALL.iter().enumerate() {
            let noise = self.control(0, What::Noise(at as u8), 0, *role, "Download");
            scene.controls.push(noise);
        }
        if self.has_left {
            return scene;
        }
        let is_hidden = self.after == After::StaysInFront && matches!(self.shown, Shown::Sharing(_));
        if self.loading == 0 && !is_hidden {
            self.show_commands(&mut scene);
        }
        match self.shown.clone() {
            Shown::Nothing => {}
            Shown::Details(instance) => self.show_details(&mut scene, instance),
            Shown::Sharing(pane) => {
                for copy in 0..self.copies(Twice::Form) {
                    self.show_form(&mut scene, &pane, copy);
                }
            }
        }
        if self.has_session_pane {
            let mut button = self.control(0, What::Noise(100), 0, ControlRole::Button, "Sign in");
            button.form = Some(scene.forms.len());
            scene.controls.push(button);
            scene.forms.push(Form {
                title: "Your session has ended".to_owned(),
                ..Form::default()
            });
        }
        scene
    }

    fn show_commands(&mut self, scene: &mut Scene) {
        let (label, hook) = match self.page {
            Page::Article => (Label::AllowOthers, "Command-AllowOthersToDownloadInvoice"),
            Page::Older => (Label::AccessToInvoice, "Command-AccessToInvoice"),
            Page::Details => (Label::EditInvoiceDetails, "Command-EditInvoiceDetails"),
        };
        let what = match self.page {
            Page::Details => What::DetailsCommand,
            _ => What::Command,
        };
        let name = self.text(label);
        for copy in 0..self.copies(Twice::Command) {
            let mut command = self.control(0, what, copy, ControlRole::MenuItem, &name);
            command.hook = if self.has_hooks { hook } else { "" }.to_owned();
            scene.controls.push(command);
        }
        if self.page == Page::Article {
            let name = self.text(Label::EditInvoiceDetails);
            let command = self.control(0, What::DetailsCommand, 9, ControlRole::MenuItem, &name);
            scene.controls.push(command);
        }
    }

    fn show_details(&mut self, scene: &mut Scene, instance: u32) {
        let names = [
            (What::Noise(1), "Billing address".to_owned()),
            (What::Link, self.text(Label::AllowOthers)),
            (What::Noise(2), "Purchase order number".to_owned()),
        ];
        for (what, name) in names {
            let mut link = self.control(instance, what, 0, ControlRole::Link, &name);
            link.form = Some(0);
            scene.controls.push(link);
        }
        scene.forms.push(Form {
            title: self.text(Label::EditInvoiceDetails),
            ..Form::default()
        });
    }

    fn show_form(&mut self, scene: &mut Scene, pane: &Pane, form: u8) {
        let at = Some(scene.forms.len());
        let label = match self.page {
            Page::Older => Label::AccessToInvoice,
            _ => Label::AllowOthers,
        };
        scene.forms.push(Form {
            title: self.text(label),
            status: pane.status.clone(),
            is_alert: pane.is_alert,
            is_busy: pane.loading > 0 || pane.saving > 0,
        });
        let mut controls = Vec::new();
        if self.offer != Offer::Nothing {
            for copy in 0..self.copies(Twice::List) {
                let name = self.text(Label::Subscription);
                let mut list = self.control(
                    pane.instance,
                    What::List,
                    copy + 2 * form,
                    ControlRole::Combobox,
                    &name,
                );
                let hint = vec![(String::new(), "Select a subscription".to_owned())];
                list.options = hint.into_iter().chain(self.offered()).collect();
                let chosen = pane
                    .chosen
                    .map(|at| self.offered()[at].clone())
                    .unwrap_or_default();
                list.value = if self.offer == Offer::Ids {
                    chosen.0
                } else {
                    chosen.1
                };
                list.is_disabled = pane.saving > 0;
                controls.push(list);
            }
        }
        if let Some((stored, chosen)) = pane.shown {
            let flickers = self.mishap == Mishap::Flickers && pane.age == 0;
            self.show_options(&mut controls, pane, form, chosen != flickers);
            for copy in 0..self.copies(Twice::Save) {
                let name = self.text(Label::Save);
                let mut save = self.control(
                    pane.instance,
                    What::Save,
                    copy + 2 * form,
                    ControlRole::Button,
                    &name,
                );
                let is_dead = self.mishap == Mishap::SaveDead;
                let is_nothing_new = stored == chosen && !self.always_saves;
                save.is_disabled = is_nothing_new || pane.save_later > 0 || pane.saving > 0 || is_dead;
                controls.push(save);
            }
        }
        controls.push(self.control(pane.instance, What::Noise(3), form, ControlRole::Button, "Cancel"));
        if self.after == After::StaysInFront {
            let mut close = self.control(pane.instance, What::Close, form, ControlRole::Button, "×");
            close.hook = "Blade-Close".to_owned();
            controls.push(close);
        }
        for control in &mut controls {
            control.form = at;
        }
        scene.controls.extend(controls);
        if pane.has_dialog {
            scene.forms.push(Form {
                title: "Error".to_owned(),
                status: "You may not do this.".to_owned(),
                is_alert: true,
                is_busy: false,
            });
        }
    }

    fn show_options(&mut self, controls: &mut Vec<Control>, pane: &Pane, form: u8, chosen: bool) {
        if self.options != Options::Radios {
            let role = match self.options {
                Options::Switch => ControlRole::Switch,
                _ => ControlRole::Checkbox,
            };
            let name = self.text(Label::AllowOthers);
            for copy in 0..self.copies(Twice::Option) {
                let mut switch = self.control(pane.instance, What::Switch, copy + 2 * form, role, &name);
                switch.is_on = Some(chosen);
                controls.push(switch);
            }
            return;
        }
        let on_and_off = match self.page {
            Page::Details => [
                (What::On, self.subscription_access()),
                (What::Off, format!("({})", self.text(Label::AccountAdministrator))),
            ],
            _ => [
                (What::On, self.text(Label::On)),
                (What::Off, self.text(Label::Off)),
            ],
        };
        for copy in 0..self.copies(Twice::Option) {
            for (what, name) in &on_and_off {
                let mut radio = self.control(pane.instance, *what, copy + 2 * form, ControlRole::Radio, name);
                radio.is_on = Some(chosen == (*what == What::On));
                radio.group = u32::from(copy) + 1;
                controls.push(radio);
            }
        }
    }

    fn offered(&self) -> Vec<(String, String)> {
        let stored = self.stored.iter().enumerate();
        let offered = stored.map(|(at, (id, name, _))| match self.offer {
            Offer::Ids => (id.to_uppercase(), name.clone()),
            Offer::IdsInTexts => (format!("item-{at}"), format!("{name} ({id})")),
            _ => (format!("item-{at}"), name.clone()),
        });
        offered.collect()
    }

    // --- What happens ---

    fn what(&self, number: u32) -> What {
        let mut numbers = self.numbers.iter();
        let (key, _) = numbers
            .find(|(_, of)| **of == number)
            .expect("a control that exists");
        key.1
    }

    fn open(&mut self) {
        self.instances += 1;
        let mut pane = Pane {
            instance: self.instances,
            ..Pane::default()
        };
        if self.offer == Offer::Nothing {
            pane.chosen = self.stored.iter().position(|(id, _, _)| id == ID);
            pane.loading = self.takes();
        }
        self.shown = Shown::Sharing(pane);
    }

    fn happens(&mut self, moment: Moment) {
        if self.saves > 0 {
            return;
        }
        match self.mishap {
            Mishap::Leaves(at) if at == moment => self.has_left = true,
            Mishap::Cancels(at) if at == moment => self.shown = Shown::Nothing,
            Mishap::SessionPane(at) if at == moment => self.has_session_pane = true,
            _ => {}
        }
    }

    fn press(&mut self, number: u32) {
        let what = self.what(number);
        self.presses.push(what);
        match what {
            What::Command | What::DetailsCommand if self.mishap == Mishap::CommandDead => {}
            What::DetailsCommand => {
                self.instances += 1;
                self.shown = Shown::Details(self.instances);
            }
            What::Command | What::Link => self.open(),
            What::Close => self.shown = Shown::Nothing,
            What::On => self.choose_option(true),
            What::Off => self.choose_option(false),
            What::Switch => {
                let chosen = match &self.shown {
                    Shown::Sharing(pane) => pane.shown.expect("loaded").1,
                    _ => panic!("no form"),
                };
                self.choose_option(!chosen);
            }
            What::List | What::Save | What::Noise(_) => panic!("{what:?} is nothing to press"),
        }
    }

    fn choose_option(&mut self, option: bool) {
        let is_dead = self.mishap == Mishap::OptionDead;
        let is_later = self.mishap == Mishap::SaveLater;
        let Shown::Sharing(pane) = &mut self.shown else {
            panic!("no form")
        };
        let (stored, _) = pane.shown.expect("a loaded form");
        if !is_dead {
            pane.shown = Some((stored, option));
        }
        pane.save_later = if is_later { PAGES_TIME - 1 } else { 0 };
        self.happens(Moment::OptionChosen);
    }

    fn choose(&mut self, number: u32, value: &str) {
        assert_eq!(self.what(number), What::List);
        let at = self.offered().iter().position(|option| option.0 == value);
        let at = at.expect("an offered value");
        let takes = self.takes();
        let Shown::Sharing(pane) = &mut self.shown else {
            panic!("no form")
        };
        if self.mishap == Mishap::ListDead {
            return;
        }
        pane.chosen = Some(at);
        pane.shown = None;
        pane.age = 0;
        pane.loading = takes;
        self.happens(Moment::SubscriptionChosen);
    }

    fn save(&mut self, number: u32) {
        assert_eq!(self.what(number), What::Save);
        let takes = self.takes();
        let Shown::Sharing(pane) = &mut self.shown else {
            panic!("no form")
        };
        let (stored, chosen) = pane.shown.expect("a loaded form");
        assert_ne!(
            stored, chosen,
            "Save can be pressed only when something was changed"
        );
        self.saves += 1;
        pane.status = String::new();
        match self.mishap {
            Mishap::Unanswered => {}
            Mishap::Held => pane.saving = u32::MAX,
            _ => pane.saving = takes,
        }
    }

    fn tick(&mut self) {
        self.time += 1;
        if !self.was_opened && matches!(self.shown, Shown::Sharing(_)) {
            self.was_opened = true;
            self.happens(Moment::Opened);
        }
        self.loading = self.loading.saturating_sub(1);
        let Shown::Sharing(pane) = &mut self.shown else {
            return;
        };
        pane.save_later = pane.save_later.saturating_sub(1);
        pane.age += u32::from(pane.shown.is_some());
        if let (Mishap::PersonIsQuicker, 1, 0, Some((stored, _))) =
            (self.mishap, pane.age, self.saves, pane.shown)
        {
            pane.shown = Some((stored, !stored));
        }
        if pane.loading > 0 {
            pane.loading -= 1;
            if let (0, Some(at)) = (pane.loading, pane.chosen) {
                let is_allowed = self.stored[at].2;
                pane.shown = Some((is_allowed, is_allowed));
            }
            return;
        }
        if pane.saving == 0 || pane.saving == u32::MAX {
            return;
        }
        pane.saving -= 1;
        if pane.saving > 0 {
            return;
        }
        let (at, (stored, chosen)) = (pane.chosen.unwrap(), pane.shown.unwrap());
        match self.mishap {
            Mishap::Refused => {
                pane.status = "You may not do this.".to_owned();
                pane.is_alert = true;
            }
            Mishap::RefusedInDialog => pane.has_dialog = true,
            Mishap::Unchanged => {
                pane.status = "Saved.".to_owned();
                pane.shown = Some((stored, stored));
            }
            Mishap::Pretends => {
                pane.status = "Saved.".to_owned();
                pane.shown = Some((chosen, chosen));
                if self.after == After::Closes {
                    self.shown = Shown::Nothing;
                }
            }
            _ => {
                pane.status = "Saved.".to_owned();
                pane.shown = Some((chosen, chosen));
                self.stored[at].2 = chosen;
                if self.after == After::Closes {
                    self.shown = Shown::Nothing;
                }
            }
        }
    }

    /// Does what the person is asked to.
    fn person(&mut self, step: PersonStep, allow: bool) {
        match (step, self.shown.clone()) {
            (PersonStep::OpenForm, Shown::Nothing) if self.page == Page::Details => {
                self.instances += 1;
                self.shown = Shown::Details(self.instances);
            }
            (PersonStep::OpenForm, _) => self.open(),
            (PersonStep::ChooseOption, Shown::Sharing(pane))
                if pane.shown.map(|(_, is)| is) == Some(allow) =>
            {
                self.tick();
            }
            (PersonStep::ChooseOption, _) => self.choose_option(allow),
            (PersonStep::Save, Shown::Sharing(pane)) => {
                let save = self.numbers[&(pane.instance, What::Save, 0)];
                self.save(save);
            }
            (PersonStep::Save, _) => {}
        }
    }
}

/// What came of a walk.
struct Outcome {
    end: Act,
    asked: BTreeSet<PersonStep>,
    steps: Vec<WalkStep>,
    remaining: Vec<WalkStep>,
}

pub(crate) fn target(allow: bool) -> Target {
    Target {
        subscription: ID.to_owned(),
        name: NAME.to_owned(),
        is_only_of_name: true,
        allow,
    }
}

/// Walks to the end, with a person who does what they are asked to after a while.
fn walk(portal: &mut Portal, labels: &Value, allow: bool) -> Outcome {
    let mut walk = Walk::new(target(allow), Labels::read(labels));
    if portal.offer == Offer::Nothing {
        walk = walk.on_page_of(ID);
    }
    go(portal, walk, allow)
}

fn go(portal: &mut Portal, mut walk: Walk, allow: bool) -> Outcome {
    let (mut unchanged, mut asked_for) = (0, 0);
    let (mut asked, mut steps) = (BTreeSet::new(), vec![walk.step()]);
    let mut before = Scene::default();
    for _ in 0..60 {
        let scene = portal.scene();
        unchanged = if scene == before { unchanged + 1 } else { 0 };
        let act = walk.next(&scene, unchanged >= PAGES_TIME);
        if steps.last() != Some(&walk.step()) {
            steps.push(walk.step());
        }
        match act.clone() {
            Act::Look => portal.tick(),
            Act::AskPerson(step) => {
                asked.insert(step);
                asked_for += 1;
                if asked_for % 3 == 0 {
                    portal.person(step, allow);
                } else {
                    portal.tick();
                }
            }
            Act::Press(number) => portal.press(number),
            Act::Save(number) => portal.save(number),
            Act::Choose(number, value) => portal.choose(number, &value),
            Act::AlreadySo | Act::Done | Act::Stop(_) => {
                assert_eq!(walk.next(&scene, false), act, "an end is an end");
                return Outcome {
                    end: act,
                    asked,
                    steps,
                    remaining: walk.remaining(),
                };
            }
        }
        // What was done has its time too.
        if !matches!(act, Act::Look | Act::AskPerson(_)) {
            unchanged = 0;
        }
        before = scene;
    }
    panic!("the walk goes on and on: {walk:?} {portal:?}");
}

/// How a walk ends by what the portal does to it.
fn expected(mishap: Mishap, offer: Offer) -> Act {
    let has_list = offer != Offer::Nothing;
    match mishap {
        Mishap::None | Mishap::Slow | Mishap::SaveLater | Mishap::Flickers | Mishap::PersonIsQuicker => {
            Act::Done
        }
        Mishap::AlreadySo => Act::AlreadySo,
        Mishap::Refused | Mishap::RefusedInDialog => Act::Stop(Surprise::Refused),
        Mishap::Unanswered | Mishap::Held => Act::Stop(Surprise::Unanswered),
        Mishap::Unchanged | Mishap::Pretends => Act::Stop(Surprise::NoEffect),
        Mishap::CommandDead | Mishap::OptionDead | Mishap::SaveDead => Act::Stop(Surprise::Unmoved),
        Mishap::ListDead if has_list => Act::Stop(Surprise::Unmoved),
        Mishap::NotOffered => Act::Stop(Surprise::SubscriptionNotOffered),
        Mishap::SameName if offer == Offer::Names => Act::Stop(Surprise::FoundTwice),
        Mishap::Twice(Twice::List) if !has_list => Act::Done,
        Mishap::Twice(_) => Act::Stop(Surprise::FoundTwice),
        Mishap::Leaves(Moment::SubscriptionChosen)
        | Mishap::Cancels(Moment::SubscriptionChosen)
        | Mishap::SessionPane(Moment::SubscriptionChosen)
            if !has_list =>
        {
            Act::Done
        }
        Mishap::Leaves(_) | Mishap::Cancels(_) | Mishap::SessionPane(_) => Act::Stop(Surprise::PageLeft),
        Mishap::ListDead | Mishap::SameName => Act::Done,
    }
}

/// Whether nothing may be saved with this.
fn is_before_save(mishap: Mishap) -> bool {
    !matches!(
        mishap,
        Mishap::None
            | Mishap::Slow
            | Mishap::SaveLater
            | Mishap::Refused
            | Mishap::RefusedInDialog
            | Mishap::Unanswered
            | Mishap::Held
            | Mishap::Unchanged
            | Mishap::Pretends
            | Mishap::Flickers
            | Mishap::PersonIsQuicker
    )
}

/// Looks at what came of a walk as the portal has it.
fn judge(portal: &Portal, outcome: &Outcome, before: &[(String, String, bool)], allow: bool, case: &str) {
    let is_so = portal.is_allowed() == Some(allow);
    assert_eq!(
        is_so,
        matches!(outcome.end, Act::Done | Act::AlreadySo),
        "what is told is what is stored: {case}"
    );
    assert!(portal.saves <= 1, "{case}");
    if is_before_save(portal.mishap) && matches!(outcome.end, Act::Stop(_)) {
        assert_eq!(portal.saves, 0, "{case}");
    }
    assert_eq!(outcome.remaining.is_empty(), is_so, "{case}");
    let others = |stored: &[(String, String, bool)]| -> Vec<_> {
        stored.iter().filter(|(id, _, _)| id != ID).cloned().collect()
    };
    assert_eq!(others(&portal.stored), others(before), "no other one: {case}");
}

#[test]
fn in_every_language_on_every_page_the_walk_tells_what_is_stored() {
    let mut ends = BTreeMap::<String, usize>::new();
    for (language, words) in all_words() {
        let labels = Labels::read(&words);
        for page in [Page::Article, Page::Older, Page::Details] {
            if page == Page::Older && !labels.knows(Label::AccessToInvoice) {
                continue;
            }
            for offer in [Offer::Nothing, Offer::Ids, Offer::IdsInTexts, Offer::Names] {
                for (allow, mishap) in MISHAPS
                    .iter()
                    .flat_map(|mishap| [(true, mishap), (false, mishap)])
                {
                    if *mishap == Mishap::NotOffered && offer == Offer::Nothing {
                        continue;
                    }
                    let is_sentence = page == Page::Details && !labels.knows(Label::SubscriptionAccess);
                    let is_unknown = is_sentence && !labels.knows(Label::AccountAdministrator);
                    let case = format!("{language} {page:?} {offer:?} {allow} {mishap:?}");
                    // Then the person has nothing to choose, or nobody knows that something is there twice.
                    let is_persons = matches!(
                        mishap,
                        Mishap::AlreadySo
                            | Mishap::PersonIsQuicker
                            | Mishap::OptionDead
                            | Mishap::Twice(Twice::Option)
                    );
                    // Of four sentences none is told by whom it speaks of.
                    let is_four = *mishap == Mishap::Twice(Twice::Option);
                    if is_unknown && is_persons || is_sentence && is_four {
                        continue;
                    }
                    let mut portal = Portal::new(&words, page, offer, allow, *mishap);
                    let before = portal.stored.clone();
                    let outcome = walk(&mut portal, &words, allow);
                    judge(&portal, &outcome, &before, allow, &case);
                    let is_details_unknown =
                        page == Page::Details && !labels.knows(Label::EditInvoiceDetails);
                    let hidden_by_asking = is_details_unknown
                        && matches!(mishap, Mishap::CommandDead | Mishap::Twice(Twice::Command));
                    let end = match hidden_by_asking {
                        true => Act::Done,
                        false => expected(*mishap, offer),
                    };
                    assert_eq!(outcome.end, end, "{case}");
                    *ends.entry(format!("{end:?}")).or_default() += 1;
                    if !is_details_unknown && !is_unknown {
                        assert!(outcome.asked.is_empty(), "nothing is unknown: {case}");
                    }
                }
            }
        }
    }
    assert_eq!(ends.len(), 9, "{ends:?}");
}

#[test]
fn switches_and_every_way_to_a_new_form_are_walked_as_well() {
    for (language, words) in all_words() {
        for options in [Options::Radios, Options::Switch, Options::Checkbox] {
            for after in [After::Closes, After::Stays, After::StaysInFront] {
                for (allow, mishap) in MISHAPS
                    .iter()
                    .flat_map(|mishap| [(true, mishap), (false, mishap)])
                {
                    let mut portal = Portal::new(&words, Page::Article, Offer::Ids, allow, *mishap);
                    portal.options = options;
                    portal.after = after;
                    let before = portal.stored.clone();
                    let outcome = walk(&mut portal, &words, allow);
                    let case = format!("{language} {options:?} {after:?} {allow} {mishap:?}");
                    judge(&portal, &outcome, &before, allow, &case);
                    assert_eq!(outcome.end, expected(*mishap, Offer::Ids), "{case}");
                    assert!(outcome.asked.is_empty(), "{case}");
                }
            }
        }
    }
}

#[test]
fn marks_that_no_language_changes_lead_to_the_form_where_its_words_are_unknown() {
    for (language, words) in all_words() {
        let unknown = [Label::EditInvoiceDetails, Label::AccessToInvoice];
        for page in [Page::Older, Page::Details] {
            let mut portal = Portal::new(&words, page, Offer::Ids, true, Mishap::None);
            portal.has_hooks = true;
            let labels = match page {
                // The title of the older form is its command's.
                Page::Older => words.clone(),
                _ => without(&words, &unknown),
            };
            if !Labels::read(&labels).knows(Label::AccessToInvoice) && page == Page::Older {
                continue;
            }
            let outcome = walk(&mut portal, &labels, true);
            assert_eq!(outcome.end, Act::Done, "{language} {page:?}");
            assert!(
                !outcome.asked.contains(&PersonStep::OpenForm),
                "{language} {page:?}"
            );
        }
    }
}

#[test]
fn the_person_takes_the_steps_whose_words_are_unknown() {
    use Label::{
        AccessToInvoice, AccountAdministrator, AllowOthers, EditInvoiceDetails, Off, On, Save, Subscription,
        SubscriptionAccess,
    };
    use PersonStep::{ChooseOption, OpenForm, Save as SaveIt};
    let cases: [(&[Label], &[PersonStep], Page); 8] = [
        (&[EditInvoiceDetails], &[OpenForm], Page::Details),
        (&[On, Off, SubscriptionAccess], &[ChooseOption], Page::Article),
        (
            &[On, SubscriptionAccess, AccountAdministrator],
            &[ChooseOption],
            Page::Details,
        ),
        // Then the options are told by whom they speak of.
        (&[On, SubscriptionAccess], &[], Page::Details),
        (&[Save], &[SaveIt], Page::Article),
        (&[Subscription], &[], Page::Article),
        // Then even the title is unknown, so that the walk chooses and saves nothing by itself.
        (
            &[AllowOthers, AccessToInvoice, EditInvoiceDetails, On, Save],
            &[OpenForm, ChooseOption, SaveIt],
            Page::Article,
        ),
        (
            &[AllowOthers, AccessToInvoice, EditInvoiceDetails],
            &[OpenForm, ChooseOption, SaveIt],
            Page::Article,
        ),
    ];
    for (unknown, steps, page) in cases {
        for allow in [true, false] {
            for after in [After::Closes, After::Stays, After::StaysInFront] {
                let labels = without(&english(), unknown);
                let mut portal = Portal::new(&english(), page, Offer::Ids, allow, Mishap::None);
                portal.after = after;
                let outcome = walk(&mut portal, &labels, allow);
                let case = format!("{unknown:?} {allow} {after:?}");
                assert_eq!(outcome.end, Act::Done, "{case}");
                assert_eq!(outcome.asked, steps.iter().copied().collect(), "{case}");
                assert_eq!(portal.is_allowed(), Some(allow), "{case}");
                assert_eq!(portal.saves, 1, "{case}");
            }
        }
    }
}

#[test]
fn words_that_are_known_and_not_there_stop_the_walk_before_anything_is_saved() {
    use Label::{AllowOthers, EditInvoiceDetails, On, Save};
    let cases = [
        (AllowOthers, Surprise::NothingToPress),
        (On, Surprise::NothingToPress),
        (Save, Surprise::NothingToPress),
        (Label::Subscription, Surprise::NoEffect),
    ];
    for (renamed, surprise) in cases {
        let mut says = english();
        says[renamed.as_str()] = json!(["Something new"]);
        says[EditInvoiceDetails.as_str()] = json!(["Something new as well"]);
        let mut portal = Portal::new(&says, Page::Article, Offer::Ids, true, Mishap::None);
        let outcome = walk(&mut portal, &english(), true);
        // A list that offers the subscription is its list under any name.
        let end = match renamed {
            Label::Subscription => Act::Done,
            _ => Act::Stop(surprise),
        };
        assert_eq!(outcome.end, end, "{renamed:?}");
        assert_eq!(portal.saves, usize::from(end == Act::Done), "{renamed:?}");
        assert!(outcome.asked.is_empty(), "{renamed:?}");
    }
}

#[test]
fn a_form_that_does_not_say_which_subscription_it_is_about_is_left_alone() {
    for page_of in [None, Some(OTHER_ID), Some(""), Some(ID)] {
        let mut portal = Portal::new(&english(), Page::Article, Offer::Nothing, true, Mishap::None);
        let mut walk = Walk::new(target(true), Labels::read(&english()));
        if let Some(subscription) = page_of {
            walk = walk.on_page_of(subscription);
        }
        let outcome = go(&mut portal, walk, true);
        let end = match page_of {
            Some(ID) => Act::Done,
            _ => Act::Stop(Surprise::SubscriptionNotNamed),
        };
        assert_eq!(outcome.end, end, "{page_of:?}");
        assert_eq!(portal.saves, usize::from(page_of == Some(ID)));
    }
}

#[test]
fn a_portal_that_hides_everything_until_it_is_closed_by_the_person_is_read_back_with_them() {
    for (mishap, end) in [
        (Mishap::None, Act::Done),
        (Mishap::Pretends, Act::Stop(Surprise::NoEffect)),
    ] {
        let mut portal = Portal::new(&english(), Page::Article, Offer::Ids, true, mishap);
        portal.after = After::StaysInFront;
        let mut walk = Walk::new(target(true), Labels::read(&english()));
        let (mut before, mut unchanged, mut answered) = (Scene::default(), 0, 0);
        let mut asked = 0;
        let told = (0..60).find_map(|_| {
            let mut scene = portal.scene();
            answered += u32::from(scene.forms.iter().any(|form| !form.status.is_empty()));
            for control in &mut scene.controls {
                // Nothing marks what closes the form, and what is only drawn anew is no new form.
                control.hook.clear();
                let is_drawn_anew = answered > 3 && portal.instances == 1 && control.form.is_some();
                control.number += if is_drawn_anew { 10_000 } else { 0 };
            }
            unchanged = if scene == before { unchanged + 1 } else { 0 };
            before = scene;
            match walk.next(&before, unchanged >= PAGES_TIME) {
                Act::Look => portal.tick(),
                Act::AskPerson(step) => {
                    assert_eq!(step, PersonStep::OpenForm);
                    asked += 1;
                    if asked > 2 {
                        portal.shown = Shown::Nothing;
                    }
                }
                Act::Press(number) => portal.press(number),
                Act::Save(number) => portal.save(number),
                Act::Choose(number, value) => portal.choose(number, &value),
                end => return Some(end),
            }
            None
        });
        assert_eq!(told, Some(end));
        assert!(asked > 2);
    }
}

#[test]
fn the_next_subscription_is_walked_in_the_form_that_the_one_before_has_left_open() {
    for (allow, before) in [(true, true), (true, false), (false, true), (false, false)] {
        for other in [true, false] {
            let mut portal = Portal::new(&english(), Page::Article, Offer::Ids, allow, Mishap::None);
            portal.always_saves = true;
            portal.stored[1].2 = before;
            portal.open();
            let Shown::Sharing(pane) = &mut portal.shown else {
                panic!()
            };
            pane.chosen = Some(0);
            pane.shown = Some((other, other));
            let outcome = walk(&mut portal, &english(), allow);
            let end = if before == allow {
                Act::AlreadySo
            } else {
                Act::Done
            };
            assert_eq!(outcome.end, end);
            assert_eq!(portal.is_allowed(), Some(allow));
        }
    }
}

/// Shows, for so many looks after the subscription was chosen, what was chosen for the one before.
fn shows_the_one_before_for(looks: u32, was: bool) -> impl FnMut(&mut Scene, &Portal) {
    move |scene: &mut Scene, portal: &Portal| {
        let Shown::Sharing(pane) = &portal.shown else {
            return;
        };
        for form in &mut scene.forms {
            form.is_busy = pane.saving > 0;
        }
        let is_fetching = pane.chosen == Some(1) && (pane.shown.is_none() || pane.age < looks);
        if !is_fetching || radios(scene).is_empty() && pane.shown.is_some() {
            return;
        }
        let at = scene.forms.len().checked_sub(1);
        scene
            .controls
            .retain(|control| control.role != ControlRole::Radio || control.form.is_none());
        for (number, name, is_on) in [(5_001, "On", was), (5_002, "Off", !was)] {
            let mut radio = scene.controls[0].clone();
            (radio.number, radio.role, radio.name) = (number, ControlRole::Radio, name.to_owned());
            (radio.is_on, radio.group, radio.form) = (Some(is_on), 1, at);
            scene.controls.push(radio);
        }
    }
}

#[test]
fn what_a_form_still_shows_of_the_subscription_before_is_not_read() {
    for allow in [true, false] {
        for (mishap, end) in [
            (Mishap::None, (Act::Done, 1)),
            (Mishap::AlreadySo, (Act::AlreadySo, 0)),
            (Mishap::Pretends, (Act::Stop(Surprise::NoEffect), 1)),
        ] {
            let of_before = |was| walk_seeing(allow, mishap, shows_the_one_before_for(3, was));
            assert_eq!(of_before(allow), end, "{allow} {mishap:?}");
            if mishap != Mishap::AlreadySo {
                assert_eq!(of_before(!allow), end, "{allow} {mishap:?}");
            }
        }
    }
}

#[test]
fn what_was_chosen_in_an_open_form_and_not_saved_is_not_told_as_stored() {
    for allow in [true, false] {
        for twice_at in [0, 1, 2] {
            let mut portal = Portal::new(&english(), Page::Article, Offer::Ids, allow, Mishap::None);
            portal.open();
            let Shown::Sharing(pane) = &mut portal.shown else {
                panic!()
            };
            pane.chosen = Some(1);
            pane.shown = Some((!allow, allow));
            let mut looks = 0;
            let flickers = |scene: &mut Scene, _: &Portal| {
                looks += 1;
                if looks == twice_at {
                    scene.forms.extend(scene.forms.clone());
                }
            };
            assert_eq!(walk_seeing_in(portal, allow, flickers), (Act::Done, 1));
        }
    }
}

#[test]
fn asked_to_choose_what_is_chosen_already_the_person_can_cancel() {
    let words = all_words().remove("de").unwrap();
    let mut portal = Portal::new(&words, Page::Details, Offer::Ids, true, Mishap::AlreadySo);
    portal.has_hooks = true;
    let labels = Labels::read(&without(&words, &[Label::AccountAdministrator]));
    let mut walk = Walk::new(target(true), labels);
    let mut unchanged = 0;
    for _ in 0..60 {
        let scene = portal.scene();
        let act = walk.next(&scene, unchanged >= PAGES_TIME);
        match act {
            Act::AskPerson(_) => portal.shown = Shown::Nothing,
            Act::Press(number) => portal.press(number),
            Act::Choose(number, value) => portal.choose(number, &value),
            Act::Look => portal.tick(),
            end => {
                assert_eq!(end, Act::Stop(Surprise::PageLeft));
                assert_eq!(portal.saves, 0);
                return;
            }
        }
        unchanged = if portal.scene() == scene { unchanged + 1 } else { 0 };
    }
    panic!("it goes on");
}

#[test]
fn another_subscription_with_this_ones_id_in_its_name_is_another_one() {
    let named = format!("copy of {ID}");
    for offer in [Offer::Ids, Offer::IdsInTexts] {
        let mut portal = Portal::new(&english(), Page::Article, offer, true, Mishap::NotOffered);
        portal.stored[0].1 = named.clone();
        portal.stored[0].2 = false;
        let outcome = walk(&mut portal, &english(), true);
        assert_eq!(
            outcome.end,
            Act::Stop(Surprise::SubscriptionNotOffered),
            "{offer:?}"
        );
        assert!(!portal.stored[0].2);
    }
}

#[test]
fn a_name_is_proof_only_where_it_can_be_no_other_subscriptions() {
    for is_only_of_name in [true, false] {
        for others in [0, 997, 998] {
            let mut portal = Portal::new(&english(), Page::Article, Offer::Names, true, Mishap::None);
            for other in 0..others {
                portal
                    .stored
                    .push((String::new(), format!("Contoso {other}"), false));
            }
            let walk = Walk::new(
                Target {
                    is_only_of_name,
                    ..target(true)
                },
                Labels::read(&english()),
            );
            let outcome = go(&mut portal, walk, true);
            // With the hint and its own two, a list of a thousand may have been cut off.
            let (end, saves) = match is_only_of_name && others < 997 {
                true => (Act::Done, 1),
                false => (Act::Stop(Surprise::SubscriptionNotOffered), 0),
            };
            assert_eq!(outcome.end, end, "{is_only_of_name} {others}");
            assert_eq!(portal.saves, saves, "{is_only_of_name} {others}");
        }
    }
}

#[test]
fn the_steps_are_told_as_they_come() {
    use WalkStep::{ChooseOption, ChooseSubscription, OpenForm, ReadBack, Save};
    let mut portal = Portal::new(&english(), Page::Details, Offer::Ids, true, Mishap::None);
    let outcome = walk(&mut portal, &english(), true);
    let steps = [OpenForm, ChooseSubscription, ChooseOption, Save, ReadBack];
    assert_eq!(outcome.steps, steps);
    let cases: [(Mishap, Offer, &[WalkStep]); 6] = [
        (Mishap::CommandDead, Offer::Ids, &steps),
        (
            Mishap::CommandDead,
            Offer::Nothing,
            &[OpenForm, ChooseOption, Save, ReadBack],
        ),
        (Mishap::NotOffered, Offer::Ids, &steps[1..]),
        (Mishap::OptionDead, Offer::Ids, &steps[2..]),
        (Mishap::Refused, Offer::Ids, &steps[3..]),
        (Mishap::Unchanged, Offer::Ids, &steps[4..]),
    ];
    for (mishap, offer, remaining) in cases {
        let mut portal = Portal::new(&english(), Page::Article, offer, true, mishap);
        let outcome = walk(&mut portal, &english(), true);
        assert_eq!(outcome.remaining, remaining, "{mishap:?}");
    }
    let spellings = WalkStep::ALL.iter().map(|step| step.as_str());
    let stable = [
        "openForm",
        "chooseSubscription",
        "chooseOption",
        "save",
        "readBack",
    ];
    assert!(spellings.eq(stable));
}

#[test]
fn a_page_that_never_rests_ends_the_walk() {
    let mut walk = Walk::new(target(true), Labels::read(&english()));
    for time in 0..10_000 {
        let mut scene = Scene::default();
        scene.forms.push(Form {
            status: format!("{time}"),
            ..Form::default()
        });
        if let Act::Stop(surprise) = walk.next(&scene, false) {
            assert_eq!(surprise, Surprise::Unmoved);
            return;
        }
    }
    panic!("it goes on");
}

#[test]
fn a_person_who_never_comes_ends_the_walk() {
    let labels = without(&english(), &[Label::AllowOthers]);
    let mut walk = Walk::new(target(true), Labels::read(&labels));
    let acts = (0..10_000).map(|_| walk.next(&Scene::default(), true));
    let ends = acts.filter(|act| *act == Act::Stop(Surprise::Unmoved)).count();
    assert!(ends > 0);
}

/// Walks in the article's page, of which something else is seen than what it is, and tells the end and the saves.
fn walk_seeing(allow: bool, mishap: Mishap, see: impl FnMut(&mut Scene, &Portal)) -> (Act, usize) {
    let portal = Portal::new(&english(), Page::Article, Offer::Ids, allow, mishap);
    walk_seeing_in(portal, allow, see)
}

fn walk_seeing_in(mut portal: Portal, allow: bool, mut see: impl FnMut(&mut Scene, &Portal)) -> (Act, usize) {
    let mut walk = Walk::new(target(allow), Labels::read(&english()));
    let (mut before, mut unchanged) = (Scene::default(), 0);
    for _ in 0..60 {
        let mut scene = portal.scene();
        see(&mut scene, &portal);
        unchanged = if scene == before { unchanged + 1 } else { 0 };
        match walk.next(&scene, unchanged >= PAGES_TIME) {
            Act::Look | Act::AskPerson(_) => portal.tick(),
            Act::Press(number) => portal.press(number),
            Act::Save(number) => portal.save(number),
            Act::Choose(number, value) => portal.choose(number, &value),
            end => return (end, portal.saves),
        }
        before = scene;
    }
    panic!("it goes on: {walk:?}");
}

fn radios(scene: &mut Scene) -> Vec<&mut Control> {
    let controls = scene.controls.iter_mut();
    controls
        .filter(|control| control.role == ControlRole::Radio && control.form.is_some())
        .collect()
}

#[test]
fn options_that_do_not_exclude_each_other_are_not_what_was_expected() {
    let both_on = |scene: &mut Scene, _: &Portal| {
        for radio in radios(scene) {
            radio.is_on = Some(true);
        }
    };
    let stop = |surprise| (Act::Stop(surprise), 0);
    assert_eq!(walk_seeing(true, Mishap::None, both_on), stop(Surprise::Unmoved));
    let in_two_groups = |scene: &mut Scene, _: &Portal| {
        for (at, radio) in radios(scene).into_iter().enumerate() {
            radio.group = at as u32 + 1;
        }
    };
    assert_eq!(
        walk_seeing(true, Mishap::None, in_two_groups),
        stop(Surprise::FoundTwice)
    );
    assert_eq!(
        walk_seeing(false, Mishap::None, in_two_groups),
        stop(Surprise::FoundTwice)
    );
}

#[test]
fn only_of_two_options_is_one_what_the_other_is_not() {
    let renamed = |scene: &mut Scene, _: &Portal| {
        let off = radios(scene).into_iter().find(|radio| radio.name == "Off");
        off.into_iter()
            .for_each(|radio| radio.name = "Nobody else".to_owned());
    };
    assert_eq!(walk_seeing(false, Mishap::None, renamed), (Act::Done, 1));
    let one_of_three = |scene: &mut Scene, portal: &Portal| {
        renamed(scene, portal);
        let third = radios(scene).pop().map(|radio| Control {
            number: 9_999,
            name: "Some".to_owned(),
            is_on: Some(false),
            ..radio.clone()
        });
        scene.controls.extend(third);
    };
    let nothing = (Act::Stop(Surprise::NothingToPress), 0);
    assert_eq!(walk_seeing(false, Mishap::None, one_of_three), nothing);
    let off_alone = |scene: &mut Scene, _: &Portal| {
        let on = radios(scene).into_iter().find(|radio| radio.name == "On");
        on.into_iter()
            .for_each(|radio| radio.name = "Somebody".to_owned());
    };
    assert_eq!(
        walk_seeing(true, Mishap::None, off_alone),
        nothing,
        "allowing is never concluded"
    );
}

#[test]
fn a_list_that_shows_a_name_that_two_have_does_not_show_what_is_chosen() {
    let shows_names = |scene: &mut Scene, _: &Portal| {
        for list in scene
            .controls
            .iter_mut()
            .filter(|control| !control.value.is_empty())
        {
            list.value = NAME.to_owned();
        }
    };
    let end = (Act::Stop(Surprise::Unmoved), 0);
    assert_eq!(walk_seeing(true, Mishap::SameName, shows_names), end);
    assert_eq!(walk_seeing(true, Mishap::None, shows_names), (Act::Done, 1));
}

#[test]
fn only_an_alert_that_comes_after_saving_is_a_refusal() {
    let warns_always = |scene: &mut Scene, _: &Portal| {
        for form in scene.forms.iter_mut().filter(|form| form.status.is_empty()) {
            form.status = "Others will see your address.".to_owned();
            form.is_alert = true;
        }
    };
    // It says so while it saves as well.
    assert_eq!(walk_seeing(true, Mishap::None, warns_always), (Act::Done, 1));
    let warns_while_saving = |scene: &mut Scene, portal: &Portal| {
        for form in scene
            .forms
            .iter_mut()
            .filter(|form| form.is_busy && portal.saves > 0)
        {
            form.status = "Do not close the window.".to_owned();
            form.is_alert = true;
        }
    };
    for mishap in [Mishap::None, Mishap::Slow] {
        assert_eq!(walk_seeing(true, mishap, warns_while_saving), (Act::Done, 1));
    }
    let warns_on = |scene: &mut Scene, _: &Portal| {
        for form in &mut scene.forms {
            form.status = "Others will see your address.".to_owned();
            form.is_alert = true;
        }
    };
    assert_eq!(walk_seeing(true, Mishap::None, warns_on), (Act::Done, 1));
}

#[test]
fn an_alert_that_is_none_of_the_forms_and_stood_there_before_is_no_refusal() {
    let with_another = |alert_from: usize, is_new: bool| {
        move |scene: &mut Scene, portal: &Portal| {
            if !is_new || portal.saves >= alert_from {
                let has_alert = portal.saves >= alert_from;
                scene.forms.insert(
                    0,
                    Form {
                        title: "Notifications".to_owned(),
                        status: if has_alert { "Your trial ends soon." } else { "" }.to_owned(),
                        is_alert: has_alert,
                        is_busy: false,
                    },
                );
                let controls = scene.controls.iter_mut();
                controls.for_each(|control| control.form = control.form.map(|form| form + 1));
            }
        }
    };
    assert_eq!(
        walk_seeing(true, Mishap::None, with_another(1, false)),
        (Act::Done, 1)
    );
    let refused = (Act::Stop(Surprise::Refused), 1);
    assert_eq!(walk_seeing(true, Mishap::None, with_another(1, true)), refused);
    assert_eq!(
        walk_seeing(true, Mishap::Refused, with_another(1, false)),
        refused
    );
    assert_eq!(
        walk_seeing(true, Mishap::RefusedInDialog, with_another(1, false)),
        refused
    );
}

#[test]
fn a_form_that_is_there_twice_for_a_moment_is_not_taken_for_a_new_one() {
    for moment in 1..8 {
        let mut looks = 0;
        let shows_twice_once = |scene: &mut Scene, portal: &Portal| {
            looks += u32::from(portal.saves > 0);
            if looks == moment {
                scene.forms.extend(scene.forms.clone());
            }
        };
        let end = (Act::Stop(Surprise::NoEffect), 1);
        assert_eq!(
            walk_seeing(true, Mishap::Pretends, shows_twice_once),
            end,
            "{moment}"
        );
    }
}

/// A form with these options and nothing else to choose.
fn form_with(options: &[(&str, Option<bool>)]) -> Scene {
    let control = |number: usize, role: ControlRole, name: &str, is_on: Option<bool>| Control {
        number: number as u32,
        role,
        name: name.to_owned(),
        hook: String::new(),
        is_on,
        is_disabled: false,
        form: Some(0),
        group: 1,
        value: String::new(),
        options: Vec::new(),
    };
    let radios = options
        .iter()
        .enumerate()
        .map(|(at, (name, is_on))| control(at, ControlRole::Radio, name, *is_on));
    Scene {
        forms: vec![Form {
            title: "Allow others to download invoice".to_owned(),
            ..Form::default()
        }],
        controls: radios
            .chain([control(99, ControlRole::Button, "Save", None)])
            .collect(),
    }
}

/// Shows the same scene so often that it counts as at rest, and tells what is done then, or else waited for.
fn rest(walk: &mut Walk, scene: &Scene) -> Act {
    let acts: Vec<Act> = (0..6).map(|_| walk.next(scene, false)).collect();
    let waits = |act: &&Act| matches!(act, Act::Look | Act::AskPerson(_));
    acts.iter().find(|act| !waits(act)).unwrap_or(&acts[5]).clone()
}

#[test]
fn a_form_that_vanishes_while_it_saves_and_comes_back_was_not_opened_anew() {
    for (is_same_one, ends) in [(true, false), (false, true)] {
        let mut walk = Walk::new(target(true), Labels::read(&english())).on_page_of(ID);
        let off = form_with(&[("On", Some(false)), ("Off", Some(true))]);
        let on = form_with(&[("On", Some(true)), ("Off", Some(false))]);
        assert_eq!(rest(&mut walk, &off), Act::Press(0));
        assert_eq!(rest(&mut walk, &on), Act::Save(99));
        let command = Control {
            number: 7,
            name: "Allow others to download invoice".to_owned(),
            form: None,
            ..on.controls[2].clone()
        };
        let gone = Scene {
            forms: Vec::new(),
            controls: vec![command],
        };
        assert_eq!(rest(&mut walk, &gone), Act::Press(7));
        let mut back = on.clone();
        for control in &mut back.controls {
            control.number += if is_same_one { 0 } else { 1_000 };
        }
        let told = (0..40).any(|at| walk.next(&back, at > 20) == Act::Done);
        assert_eq!(told, ends, "the same one: {is_same_one}");
    }
}

#[test]
fn an_option_that_no_source_tells_is_told_by_whom_it_speaks_of() {
    let subscription =
        "Benutzer/Gruppen mit Zugriff auf Abonnementebene k\u{f6}nnen Rechnungen herunterladen";
    let administrator = "Nur der Kontoadministrator kann Rechnungen herunterladen";
    let asked = Act::AskPerson(PersonStep::ChooseOption);
    let titled = |options: &[(&str, Option<bool>)]| {
        let mut scene = form_with(options);
        scene.forms[0].title = "Anderen Benutzern das Herunterladen der Rechnung gestatten".to_owned();
        scene
    };
    let cases: [(&[&str], [Act; 2]); 6] = [
        (&[subscription, administrator], [Act::Press(0), Act::Press(1)]),
        (&[administrator, subscription], [Act::Press(1), Act::Press(0)]),
        // What speaks of both, or of neither, is told by nobody.
        (
            &[subscription, "Nur der Kontoadministrator des Abonnements"],
            [asked.clone(), asked.clone()],
        ),
        (&[subscription, "Niemand sonst"], [asked.clone(), asked.clone()]),
        (
            &["Andere Benutzer", administrator],
            [asked.clone(), asked.clone()],
        ),
        (
            &[subscription, administrator, "Alle"],
            [asked.clone(), asked.clone()],
        ),
    ];
    for (options, acts) in cases {
        for (allow, act) in [true, false].into_iter().zip(acts) {
            // What is wanted is not chosen yet.
            let wanted = match act {
                Act::Press(number) => number as usize,
                _ => 1,
            };
            let options: Vec<_> = options
                .iter()
                .enumerate()
                .map(|(at, name)| (*name, Some(at != wanted)))
                .collect();
            let german = Labels::read(&all_words()["de"]);
            let mut walk = Walk::new(target(allow), german).on_page_of(ID);
            assert_eq!(rest(&mut walk, &titled(&options)), act, "{allow} {options:?}");
        }
    }
    // Where the words are known, nothing else is believed.
    let mut walk = Walk::new(target(true), Labels::read(&english())).on_page_of(ID);
    let scene = form_with(&[
        ("With access to the subscription", Some(false)),
        ("The account administrator", Some(true)),
    ]);
    rest(&mut walk, &scene);
    assert_eq!(walk.next(&scene, true), Act::Stop(Surprise::NothingToPress));
}

#[test]
fn what_the_person_chose_has_to_be_something_that_can_be_what_was_asked_for() {
    let labels = Labels::read(&without(&english(), &[Label::On]));
    let mut walk = Walk::new(target(true), labels).on_page_of(ID);
    let asked = Act::AskPerson(PersonStep::ChooseOption);
    let none = form_with(&[("Shared", None), ("", None), ("Off", None)]);
    assert_eq!(walk.next(&none, false), Act::Look);
    assert_eq!(walk.next(&none, true), asked);
    for on in [1, 2] {
        let mut options = [("Shared", Some(false)), ("", Some(false)), ("Off", Some(false))];
        options[on].1 = Some(true);
        assert_eq!(
            rest(&mut walk, &form_with(&options)),
            asked,
            "{:?} is not it",
            options[on].0
        );
    }
    let scene = form_with(&[("Shared", Some(true)), ("", Some(false)), ("Off", Some(false))]);
    assert_eq!(walk.next(&scene, false), asked, "the person may be trying");
    assert_eq!(rest(&mut walk, &scene), Act::Save(99));
}

#[test]
fn what_the_person_may_have_saved_when_they_were_asked_to_choose_is_not_saved_again() {
    let asked = Act::AskPerson(PersonStep::ChooseOption);
    let chosen = form_with(&[("Shared", Some(true)), ("Not shared", Some(false))]);
    let mut at_work = chosen.clone();
    at_work.forms[0].is_busy = true;
    let gone = Scene::default();
    for between in [at_work, gone] {
        let labels = Labels::read(&without(&english(), &[Label::On, Label::Off]));
        let mut walk = Walk::new(target(true), labels).on_page_of(ID);
        let before = form_with(&[("Shared", Some(false)), ("Not shared", Some(true))]);
        assert_eq!(rest(&mut walk, &before), asked);
        assert_eq!(walk.next(&chosen, false), asked);
        assert!(!walk.has_begun_saving());
        walk.next(&between, false);
        assert!(walk.has_begun_saving());
        assert_eq!(rest(&mut walk, &chosen), Act::Stop(Surprise::Unanswered));
    }
}

#[test]
fn a_person_who_tries_the_other_option_first_is_waited_for() {
    let labels = Labels::read(&without(&english(), &[Label::On, Label::Off]));
    let ours = form_with(&[("Shared", Some(true)), ("Mine", Some(false))]);
    let theirs = form_with(&[("Shared", Some(false)), ("Mine", Some(true))]);
    let asked = Act::AskPerson(PersonStep::ChooseOption);
    // What was chosen before may be what is wanted: turned away and back, it is.
    let mut walk = Walk::new(target(true), labels).on_page_of(ID);
    assert_eq!(rest(&mut walk, &ours), asked);
    assert_eq!(rest(&mut walk, &ours), asked);
    assert_eq!(walk.next(&theirs, false), asked);
    assert_eq!(walk.next(&theirs, false), asked);
    let mut back = ours.clone();
    back.controls.retain(|control| control.number != 99);
    let save = Control {
        is_disabled: true,
        ..ours.controls[2].clone()
    };
    back.controls.push(save);
    assert_eq!(walk.next(&back, false), asked);
    assert_eq!(rest(&mut walk, &back), Act::Look);
    assert_eq!(walk.next(&back, true), Act::AlreadySo, "nothing is to be saved");
}

#[test]
fn a_person_is_asked_to_choose_in_a_form_that_has_stayed_as_it_is() {
    let labels = Labels::read(&without(&english(), &[Label::On]));
    let mut walk = Walk::new(target(true), labels).on_page_of(ID);
    let scene = form_with(&[("Shared", Some(false)), ("Off", Some(true))]);
    let acts: Vec<Act> = (0..8).map(|_| walk.next(&scene, false)).collect();
    let looks = acts.iter().take_while(|act| **act == Act::Look).count();
    assert!((3..=6).contains(&looks), "{acts:?}");
    assert_eq!(acts.last(), Some(&Act::AskPerson(PersonStep::ChooseOption)));
}

// --- Whatever a page shows ---

/// A change of what is seen that nobody expects.
#[derive(Clone, Debug)]
enum Twist {
    Drop(prop::sample::Index),
    Copy(prop::sample::Index),
    Rename(prop::sample::Index, &'static str),
    Retitle(&'static str),
    Turn(prop::sample::Index),
    Disable(prop::sample::Index),
    Move(prop::sample::Index, u8),
    Revalue(prop::sample::Index),
    NewForm(&'static str, bool),
    Busy,
    Nothing,
}

fn twist() -> impl Strategy<Value = Twist> {
    let at = any::<prop::sample::Index>;
    let names = prop::sample::select(vec![
        "Save",
        "On",
        "Off",
        "Subscription",
        "Allow others to download invoice",
        "Edit invoice details",
        "Cancel",
        "",
    ]);
    prop_oneof![
        8 => Just(Twist::Nothing),
        1 => at().prop_map(Twist::Drop),
        1 => at().prop_map(Twist::Copy),
        1 => (at(), names.clone()).prop_map(|(at, name)| Twist::Rename(at, name)),
        1 => names.clone().prop_map(Twist::Retitle),
        1 => at().prop_map(Twist::Turn),
        1 => at().prop_map(Twist::Disable),
        1 => (at(), 0..3u8).prop_map(|(at, form)| Twist::Move(at, form)),
        1 => at().prop_map(Twist::Revalue),
        1 => (names, any::<bool>()).prop_map(|(name, is_alert)| Twist::NewForm(name, is_alert)),
        1 => Just(Twist::Busy),
    ]
}

fn twisted(mut scene: Scene, twist: &Twist) -> Scene {
    let count = scene.controls.len();
    match twist {
        Twist::Nothing => {}
        Twist::Drop(at) => {
            scene.controls.remove(at.index(count));
        }
        Twist::Copy(at) => {
            let mut copy = scene.controls[at.index(count)].clone();
            copy.number += 10_000;
            scene.controls.push(copy);
        }
        Twist::Rename(at, name) => scene.controls[at.index(count)].name = (*name).to_owned(),
        Twist::Retitle(title) => {
            for form in &mut scene.forms {
                form.title = (*title).to_owned();
            }
        }
        Twist::Turn(at) => {
            let control = &mut scene.controls[at.index(count)];
            control.is_on = control.is_on.map(|is_on| !is_on);
        }
        Twist::Disable(at) => scene.controls[at.index(count)].is_disabled = true,
        Twist::Move(at, form) => {
            let form = usize::from(*form);
            scene.controls[at.index(count)].form = (form < scene.forms.len()).then_some(form);
        }
        Twist::Revalue(at) => scene.controls[at.index(count)].value = OTHER_ID.to_owned(),
        Twist::NewForm(title, is_alert) => scene.forms.push(Form {
            title: (*title).to_owned(),
            is_alert: *is_alert,
            ..Form::default()
        }),
        Twist::Busy => scene.forms.iter_mut().for_each(|form| form.is_busy = true),
    }
    scene
}

/// Whether pressing this saves what is wanted, by what can be seen alone.
fn may_save(scene: &Scene, number: u32, words: &Value, target: &Target) -> bool {
    let labels = Labels::read(words);
    let pressed: Vec<&Control> = scene
        .controls
        .iter()
        .filter(|control| control.number == number)
        .collect();
    let [save] = pressed.as_slice() else { return false };
    let Some(form) = save.form.and_then(|at| scene.forms.get(at)) else {
        return false;
    };
    let inside: Vec<&Control> = scene
        .controls
        .iter()
        .filter(|control| control.form == save.form)
        .collect();
    let named = |labels_of: &[Label], roles: &[ControlRole]| -> Vec<&Control> {
        let is = |control: &&&Control| {
            roles.contains(&control.role) && labels_of.iter().any(|label| labels.is(*label, &control.name))
        };
        inside.iter().filter(is).copied().collect()
    };
    let is_titled =
        labels.is(Label::AllowOthers, &form.title) || labels.is(Label::AccessToInvoice, &form.title);
    let is_only_one = named(&[Label::Save], &[ControlRole::Button, ControlRole::MenuItem]).len() == 1;
    let shows = |list: &&&Control| {
        let chosen = list.options.iter().find(|option| option.0 == list.value);
        chosen.is_some_and(|(value, _)| value.eq_ignore_ascii_case(&target.subscription))
    };
    let lists: Vec<&&Control> = inside
        .iter()
        .filter(|control| control.role == ControlRole::Combobox)
        .collect();
    let is_about_it = lists.iter().copied().filter(shows).count() == 1;
    let on = named(&[Label::On], &[ControlRole::Radio]);
    let off = named(&[Label::Off], &[ControlRole::Radio]);
    let (wanted, other) = if target.allow { (&on, &off) } else { (&off, &on) };
    let is_wanted = match wanted.as_slice() {
        [wanted] => wanted.is_on == Some(true) && !wanted.is_disabled,
        // One of exactly two, of which the other is known.
        [] => {
            let radios = inside.iter().filter(|control| control.role == ControlRole::Radio);
            let mut rest = radios.filter(|radio| !other.iter().any(|known| known.number == radio.number));
            let first = rest.next();
            !target.allow
                && other.len() == 1
                && rest.next().is_none()
                && first.is_some_and(|radio| radio.is_on == Some(true))
        }
        _ => false,
    };
    let is_other_off = other.iter().all(|radio| radio.is_on != Some(true));
    !save.is_disabled && !form.is_busy && is_titled && is_only_one && is_about_it && is_wanted && is_other_off
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_a_page_shows_nothing_is_saved_but_what_can_be_seen_to_be_wanted(
        twists in proptest::collection::vec(twist(), 1..60),
        waits in proptest::collection::vec(prop::bool::weighted(0.2), 1..60),
        mishap in prop::sample::select(MISHAPS.to_vec()),
        allow: bool,
        lasts in 1usize..6,
    ) {
        let mut portal = Portal::new(&english(), Page::Article, Offer::Ids, allow, mishap);
        let mut walk = Walk::new(target(allow), Labels::read(&english()));
        let mut saves = 0;
        let mut acts = 0;
        for at in 0.. {
            let seen = portal.scene();
            let scene = twisted(seen.clone(), &twists[at / lasts % twists.len()]);
            let act = walk.next(&scene, waits[at % waits.len()]);
            let is_real = |number: u32| seen.controls.iter().any(|control| control.number == number);
            match act {
                Act::Look | Act::AskPerson(_) => portal.tick(),
                Act::Press(number) => {
                    acts += 1;
                    prop_assert!(scene.controls.iter().any(|control| control.number == number && !control.is_disabled));
                    // What was only renamed into something to be pressed does nothing.
                    let is_to_be_pressed = |number| !matches!(portal.what(number), What::Noise(_) | What::List | What::Save);
                    if is_real(number) && is_to_be_pressed(number) {
                        portal.press(number);
                    }
                }
                Act::Choose(number, value) => {
                    acts += 1;
                    prop_assert!(value.eq_ignore_ascii_case(ID));
                    if is_real(number) {
                        portal.choose(number, &value);
                    }
                }
                Act::Save(number) => {
                    saves += 1;
                    prop_assert!(may_save(&scene, number, &english(), &target(allow)), "{scene:?}");
                    let is_changed = |pane: &Pane| pane.shown.is_some_and(|(stored, chosen)| stored != chosen);
                    let is_ready = matches!(&portal.shown, Shown::Sharing(pane) if is_changed(pane));
                    if is_real(number) && portal.what(number) == What::Save && is_ready {
                        portal.save(number);
                    }
                }
                Act::Stop(surprise) => {
                    let is_of_after = matches!(surprise, Surprise::Refused | Surprise::NoEffect | Surprise::Unanswered);
                    prop_assert_eq!(is_of_after, saves > 0, "{:?}", surprise);
                    break;
                }
                Act::AlreadySo | Act::Done => break,
            }
            prop_assert!(saves <= 1);
            prop_assert!(acts <= 16, "it presses and presses");
            prop_assert!(at < 20_000, "it goes on");
        }
    }
}
