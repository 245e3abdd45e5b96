//! The walk through the portal's controls: given what is visible, the next act.
//! Must not know: the document, the clock, or the words that a person reads.

use crate::spelling::spelled;

use super::finding::{self, Trust};
use super::labels::{Label, Labels};
use super::scene::{Control, Form, Scene};

/// How often the page is looked at between two acts: more would be a page that never rests.
const MOST_LOOKS: u32 = 1000;
/// How often the person is asked in all.
const MOST_ASKS: u32 = 5000;
/// After so many looks without a change a form that shows a choice counts as loaded, where it was not seen to work, and
/// the person as done with choosing.
const RESTS: u32 = 4;

/// What is to come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The subscription's GUID, lower case.
    pub subscription: String,
    /// Its name.
    pub name: String,
    /// Whether nothing else that the person has in sight bears that name, so that a form may tell it by its name.
    pub is_only_of_name: bool,
    /// Whether others are to be allowed.
    pub allow: bool,
}

spelled! {
    /// A step that the person has to take, because its control is not known in the portal's language.
    pub enum PersonStep {
        /// Open the form.
        OpenForm = "openForm",
        /// Choose who may download.
        ChooseOption = "chooseOption",
        /// Save.
        Save = "save",
    }
}

impl Surprise {
    /// The same once saving has begun: then what is told must be so whether it was saved or not.
    pub fn after_saving(self) -> Surprise {
        match self {
            Surprise::Refused | Surprise::NoEffect => self,
            _ => Surprise::Unanswered,
        }
    }
}

spelled! {
    /// Why the walk ended before its time. Nothing is undone, and nothing more is pressed.
    pub enum Surprise {
        /// A control that must be there once is there twice.
        FoundTwice = "foundTwice",
        /// The form does not offer the subscription.
        SubscriptionNotOffered = "subscriptionNotOffered",
        /// The form does not say which subscription it is about.
        SubscriptionNotNamed = "subscriptionNotNamed",
        /// The page went elsewhere.
        PageLeft = "pageLeft",
        /// After saving, the form shows what it showed before.
        NoEffect = "noEffect",
        /// A control did not do what it says, and nothing was saved.
        Unmoved = "unmoved",
        /// The portal refused to save.
        Refused = "refused",
        /// The portal did not answer.
        Unanswered = "unanswered",
        /// Another account, or another directory, is signed in now.
        OtherAccount = "otherAccount",
        /// The session has ended.
        SessionEnded = "sessionEnded",
        /// The person ended it.
        Cancelled = "cancelled",
        /// Nothing known is there to be pressed.
        NothingToPress = "nothingToPress",
    }
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Look again when something has changed, or after a while.
    Look,
    /// Press this control.
    Press(u32),
    /// Press this control, which saves: whoever acts is looked at once more before.
    Save(u32),
    /// Choose this value of a list.
    Choose(u32, String),
    /// Show the person what to press, and look again when something has changed.
    AskPerson(PersonStep),
    /// It was so before.
    AlreadySo,
    /// It came about, and was read back.
    Done,
    /// It ended before its time.
    Stop(Surprise),
}

spelled! {
    /// Where a walk is.
    pub enum WalkStep {
        /// The form is to be opened.
        OpenForm = "openForm",
        /// The subscription is to be chosen.
        ChooseSubscription = "chooseSubscription",
        /// Who may download is to be chosen.
        ChooseOption = "chooseOption",
        /// It is to be saved, and the portal's answer to come.
        Save = "save",
        /// The form is to be opened anew and to show what was saved.
        ReadBack = "readBack",
    }
}

/// A walk for one subscription.
#[derive(Clone, Debug)]
pub struct Walk {
    target: Target,
    labels: Labels,
    is_on_its_page: bool,
    step: WalkStep,
    saving: Saving,
    pass: Pass,
    /// Titles of the forms that were there before the walk.
    before: Option<Vec<String>>,
    /// What mattered when it was last looked at, and how often it has been the same since.
    seen: (Vec<Form>, Vec<Control>),
    rests: u32,
    looks: u32,
    asks: u32,
    /// Titles of the forms that were there when the person was asked to open the right one.
    before_person: Option<Vec<String>>,
    /// Title of the form that the person opened.
    opened_by_person: Option<String>,
    /// Name of the option that the person chose.
    chosen_by_person: Option<String>,
    /// Whether the form worked, or went, after they had turned an option: then they may have saved, too.
    may_be_saved_by_person: bool,
    end: Option<Act>,
}

/// How far saving has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Saving {
    NotYet,
    /// Pressed, by the walk or by the person: the form, and the numbers of its controls, and all forms, as they were
    /// then.
    Asked(Form, Vec<u32>, Vec<Form>),
    Answered,
}

/// One way through the form: the first sets, the second reads back.
#[derive(Clone, Debug, Default)]
struct Pass {
    /// Commands that were pressed.
    pressed: Vec<Label>,
    is_close_pressed: bool,
    /// Numbers of the controls of the form that was read before, and of the one that was saved, which are not to be read
    /// again.
    old: Vec<u32>,
    saved: Vec<u32>,
    /// Whether no form was to be seen since.
    was_gone: bool,
    /// Whether the form is another one than that.
    is_anew: bool,
    is_opened: bool,
    /// Whether the form was seen to come, or its subscription was chosen, so that it shows what is stored.
    is_fresh: bool,
    /// Whether it has shown something else than what is wanted.
    was_otherwise: bool,
    has_worked: bool,
    chose: Option<(String, String)>,
    /// Whether the walk, or the person on its behalf, chose another option than there was.
    is_touched: bool,
    asked: Option<PersonStep>,
    /// Numbers of the options that were on when the person was asked.
    on_before: Vec<u32>,
    /// Whether others were on since.
    has_turned: bool,
}

impl Walk {
    /// A walk in a portal with these words.
    pub fn new(target: Target, labels: Labels) -> Walk {
        Walk {
            target,
            labels,
            is_on_its_page: false,
            step: WalkStep::OpenForm,
            saving: Saving::NotYet,
            pass: Pass::default(),
            before: None,
            seen: Default::default(),
            rests: 0,
            looks: 0,
            asks: 0,
            before_person: None,
            opened_by_person: None,
            chosen_by_person: None,
            may_be_saved_by_person: false,
            end: None,
        }
    }

    /// The same on a page that is about this subscription alone, whose form need not say so again. Another one than
    /// that of the walk changes nothing.
    pub fn on_page_of(mut self, subscription: &str) -> Walk {
        self.is_on_its_page = subscription.eq_ignore_ascii_case(&self.target.subscription);
        self
    }

    /// Where the walk is, or was when it ended.
    pub fn step(&self) -> WalkStep {
        self.step
    }

    /// Whether it may be saved already, by the walk or by the person who was asked to.
    pub fn has_begun_saving(&self) -> bool {
        self.saving != Saving::NotYet || self.may_be_saved_by_person
    }

    /// Whether the person chose who may download because the words for it are unknown. What was saved is then their
    /// choice, whatever it means.
    pub fn was_chosen_by_person(&self) -> bool {
        self.chosen_by_person.is_some()
    }

    /// What is still to be done for the same end, for one who goes on without the walk.
    pub fn remaining(&self) -> Vec<WalkStep> {
        if matches!(self.end, Some(Act::Done | Act::AlreadySo)) {
            return Vec::new();
        }
        let is_left = |step: &&WalkStep| {
            **step == self.step
                || **step > self.step && !(self.is_on_its_page && **step == WalkStep::ChooseSubscription)
        };
        WalkStep::ALL.iter().filter(is_left).copied().collect()
    }

    /// The next act, by what is visible. `is_waited_out` says that nothing has changed for as long as a page may take.
    /// What has ended stays so.
    pub fn next(&mut self, scene: &Scene, is_waited_out: bool) -> Act {
        if let Some(end) = &self.end {
            return end.clone();
        }
        let mut act = self.act(scene, is_waited_out);
        match &act {
            Act::Look => self.looks += 1,
            Act::AskPerson(_) => self.asks += 1,
            _ => self.looks = 0,
        }
        if self.looks > MOST_LOOKS || self.asks > MOST_ASKS {
            act = Act::Stop(Surprise::Unmoved);
        }
        if let Act::Stop(surprise) = &mut act
            && self.has_begun_saving()
        {
            *surprise = surprise.after_saving();
        }
        if matches!(act, Act::AlreadySo | Act::Done | Act::Stop(_)) {
            self.end = Some(act.clone());
        }
        act
    }

    fn act(&mut self, scene: &Scene, is_waited_out: bool) -> Act {
        let titles = || scene.forms.iter().map(|form| form.title.clone()).collect();
        self.before.get_or_insert_with(titles);
        self.find_persons_form(scene);
        let form = self.form(scene);
        if let Ok(form) = form {
            self.notice(scene, form);
        }
        // While a page is being drawn, things are there twice, or not yet.
        if !self.has_rested(scene) && !is_waited_out {
            return self.wait();
        }
        if let Saving::Asked(form_before, saved, forms_before) = self.saving.clone() {
            let answer = self.answer(scene, form, is_waited_out, &form_before, saved, &forms_before);
            if let Some(act) = answer {
                return act;
            }
        }
        match self.form(scene) {
            Err(surprise) => Act::Stop(surprise),
            Ok(Some((at, trust))) if !self.is_old() => self.fill(scene, at, trust, is_waited_out),
            Ok(form) => self.open(scene, form.map(|(at, _)| at), is_waited_out),
        }
    }

    fn form(&self, scene: &Scene) -> Result<Option<(usize, Trust)>, Surprise> {
        finding::form(scene, &self.labels, self.opened_by_person.as_deref())
    }

    /// Whether the form that can be seen is the one that was saved, as it was then.
    fn is_old(&self) -> bool {
        self.saving == Saving::Answered && !self.pass.is_anew
    }

    /// Whether the form is working.
    fn is_busy(scene: &Scene, at: usize) -> bool {
        scene.forms.get(at).is_some_and(|form| form.is_busy)
    }

    /// Keeps what is only to be seen for a moment.
    fn notice(&mut self, scene: &Scene, form: Option<(usize, Trust)>) {
        let is_persons = self.pass.asked == Some(PersonStep::ChooseOption) && self.pass.has_turned;
        let is_at_work = form.is_none_or(|(at, _)| Walk::is_busy(scene, at));
        self.may_be_saved_by_person |= is_persons && is_at_work;
        let Some((at, trust)) = form else {
            self.pass.was_gone = true;
            return;
        };
        if self.pass.asked == Some(PersonStep::ChooseOption) {
            self.pass.has_turned |= numbers_on(scene, at) != self.pass.on_before;
        }
        if Walk::is_busy(scene, at) {
            self.pass.has_worked = true;
        } else if let Ok(Some(choice)) = self.choice(scene, at, trust) {
            self.pass.was_otherwise |= !choice.is_as_wanted && !choice.control.is_disabled;
        }
        let is_reopened = !self.pass.pressed.is_empty() || self.pass.asked == Some(PersonStep::OpenForm);
        let numbers = numbers_of(scene, at);
        let is_known = |number: &u32| self.pass.old.contains(number) || self.pass.saved.contains(number);
        let has_other_controls = !numbers.is_empty() && !numbers.iter().any(is_known);
        // What only vanished for a moment is the same as before.
        let has_come = Walk::is_busy(scene, at) || has_other_controls;
        self.pass.is_fresh |= self.pass.was_gone && has_come;
        self.pass.is_anew |= is_reopened && has_come;
        if !is_reopened {
            // Until then it is only drawn anew.
            self.pass.old = numbers;
        }
        if !self.is_old() {
            self.pass.is_opened = true;
            self.pass.asked = self.pass.asked.filter(|step| *step != PersonStep::OpenForm);
        }
    }

    /// Whether what matters is as it was when it was last looked at.
    fn has_rested(&mut self, scene: &Scene) -> bool {
        let matters = |control: &&Control| {
            control.form.is_some() || finding::command_of(control, &self.labels).is_some()
        };
        let controls = scene.controls.iter().filter(matters).cloned().collect();
        let seen = (scene.forms.clone(), controls);
        let is_same = seen == self.seen;
        self.seen = seen;
        self.rests = if is_same { self.rests + 1 } else { 0 };
        is_same
    }

    fn wait(&self) -> Act {
        self.pass.asked.map_or(Act::Look, Act::AskPerson)
    }

    /// Waits as long as a page may take.
    fn wait_or(&self, is_waited_out: bool, surprise: Surprise) -> Act {
        match is_waited_out {
            true => Act::Stop(surprise),
            false => self.wait(),
        }
    }

    fn ask(&mut self, step: PersonStep) -> Act {
        self.pass.asked = Some(step);
        Act::AskPerson(step)
    }

    // --- Opening ---

    /// The form that came when the person was asked to open it, where its title is unknown.
    fn find_persons_form(&mut self, scene: &Scene) {
        let Some(before) = &self.before_person else { return };
        if !matches!(self.form(scene), Ok(None)) {
            return;
        }
        let mut forms = scene.forms.iter().enumerate();
        let found = forms.find(|(at, form)| {
            let leads_on = |control: &Control| finding::command_of(control, &self.labels).is_some();
            !form.is_busy
                && !before.contains(&form.title)
                && (finding::has_list(scene, *at) || finding::options(scene, *at).next().is_some())
                && !finding::in_form(scene, *at).any(leads_on)
        });
        self.opened_by_person = found.map(|(_, form)| form.title.clone());
    }

    fn open(&mut self, scene: &Scene, old: Option<usize>, is_waited_out: bool) -> Act {
        if self.saving == Saving::NotYet && !self.pass.is_opened {
            self.step = WalkStep::OpenForm;
        }
        if self.pass.is_opened {
            self.pass.asked = None;
            return self.wait_or(is_waited_out, Surprise::PageLeft);
        }
        let asked_for_details = self.pass.pressed.contains(&Label::EditInvoiceDetails);
        let is_pressed = self
            .pass
            .pressed
            .iter()
            .any(|label| *label != Label::EditInvoiceDetails);
        if !is_pressed {
            match finding::command(scene, &self.labels, old, asked_for_details) {
                Err(surprise) => return Act::Stop(surprise),
                Ok(Some((control, _))) if control.is_disabled => {
                    return self.wait_or(is_waited_out, Surprise::NothingToPress);
                }
                Ok(Some((control, label))) => {
                    self.pass.asked = None;
                    self.pass.pressed.push(label);
                    return Act::Press(control.number);
                }
                Ok(None) => {}
            }
        }
        if self.pass.asked.is_some() {
            return self.wait();
        }
        if let Some(old) = old
            && (is_waited_out || self.pass.pressed.is_empty())
        {
            if let Some(control) = finding::close(scene, old)
                && !self.pass.is_close_pressed
            {
                self.pass.is_close_pressed = true;
                self.pass.pressed.clear();
                return Act::Press(control.number);
            }
            return match is_waited_out {
                true => self.ask_to_open(scene),
                false => Act::Look,
            };
        }
        if !is_waited_out {
            return Act::Look;
        }
        let unknown = match asked_for_details {
            true => vec![Label::AllowOthers],
            false => finding::COMMANDS.iter().map(|(label, _)| *label).collect(),
        };
        let is_unknown = unknown.iter().any(|label| !self.labels.knows(*label));
        let may_ask = self.saving == Saving::NotYet || self.before_person.is_some();
        if !is_pressed && is_unknown && may_ask {
            return self.ask_to_open(scene);
        }
        let Some(last) = self.pass.pressed.last() else {
            return Act::Stop(Surprise::NothingToPress);
        };
        let mut controls = scene.controls.iter();
        let is_still_there =
            controls.any(|control| finding::command_of(control, &self.labels) == Some(*last));
        let has_opened_something = scene.forms.iter().any(|form| !self.was_there_before(&form.title));
        match (has_opened_something, is_still_there) {
            (true, _) => Act::Stop(Surprise::NothingToPress),
            (false, true) => Act::Stop(Surprise::Unmoved),
            (false, false) => Act::Stop(Surprise::PageLeft),
        }
    }

    fn ask_to_open(&mut self, scene: &Scene) -> Act {
        let titles = scene.forms.iter().map(|form| form.title.clone());
        self.before_person.get_or_insert_with(|| titles.collect());
        self.ask(PersonStep::OpenForm)
    }

    fn was_there_before(&self, title: &String) -> bool {
        self.before.as_ref().is_some_and(|before| before.contains(title))
    }

    /// Whether something stands in front of the form that does not belong to the way there.
    fn is_covered(&self, scene: &Scene, at: usize) -> bool {
        let mut in_front = scene.forms.iter().enumerate().skip(at + 1);
        in_front.any(|(front, form)| {
            let leads_on = |control: &Control| finding::command_of(control, &self.labels).is_some();
            !self.was_there_before(&form.title) && !finding::in_form(scene, front).any(leads_on)
        })
    }

    // --- Filling in ---

    fn fill(&mut self, scene: &Scene, at: usize, trust: Trust, is_waited_out: bool) -> Act {
        if self.is_covered(scene, at) {
            return self.wait_or(is_waited_out, Surprise::PageLeft);
        }
        if Walk::is_busy(scene, at) {
            return self.wait_or(is_waited_out, Surprise::Unmoved);
        }
        if let Some(act) = self.choose_subscription(scene, at, is_waited_out) {
            return act;
        }
        if self.saving == Saving::NotYet {
            self.step = WalkStep::ChooseOption;
        }
        let choice = match self.choice(scene, at, trust) {
            Err(surprise) => return Act::Stop(surprise),
            Ok(None) if self.saving == Saving::NotYet => {
                return self.ask_to_choose(scene, at, trust, is_waited_out);
            }
            Ok(None) => return self.wait_or(is_waited_out, Surprise::NothingToPress),
            Ok(Some(choice)) => choice,
        };
        // Until the portal has answered, a form may show the choice of another subscription, or of none.
        let is_loaded = self.pass.has_worked || self.rests >= RESTS || is_waited_out;
        if !is_loaded && !self.pass.is_touched {
            return self.wait();
        }
        if choice.control.is_disabled {
            return self.wait_or(is_waited_out, Surprise::Unmoved);
        }
        let shows_stored = self.pass.is_fresh && !self.pass.was_otherwise && self.chosen_by_person.is_none();
        match (choice.is_as_wanted, self.saving == Saving::NotYet) {
            (true, false) => Act::Done,
            (false, false) => self.wait_or(is_waited_out, Surprise::NoEffect),
            (true, true) if self.may_be_saved_by_person => Act::Stop(Surprise::Unanswered),
            (true, true) if !self.pass.is_touched && shows_stored => Act::AlreadySo,
            (true, true) => self.save(scene, at, trust, is_waited_out),
            (false, true) if self.pass.is_touched || self.chosen_by_person.is_some() => {
                self.wait_or(is_waited_out, Surprise::Unmoved)
            }
            (false, true) => {
                self.pass.is_touched = true;
                Act::Press(choice.control.number)
            }
        }
    }

    /// What is to be done until the form is about the subscription; `None` once it is.
    fn choose_subscription(&mut self, scene: &Scene, at: usize, is_waited_out: bool) -> Option<Act> {
        if self.saving == Saving::NotYet {
            self.step = WalkStep::ChooseSubscription;
        }
        let list = match finding::list(scene, at, &self.labels, &self.target) {
            Err(surprise) => return Some(Act::Stop(surprise)),
            Ok(None) if self.is_on_its_page => return None,
            Ok(None) if finding::has_list(scene, at) => {
                return Some(self.wait_or(is_waited_out, Surprise::SubscriptionNotOffered));
            }
            Ok(None) => return Some(self.wait_or(is_waited_out, Surprise::SubscriptionNotNamed)),
            Ok(Some(list)) => list,
        };
        let option = match finding::offered(list, &self.target) {
            Err(surprise) => return Some(Act::Stop(surprise)),
            // Some lists are filled only while they are open.
            Ok(None) if list.options.is_empty() => self.pass.chose.clone(),
            Ok(option) => option.cloned(),
        };
        let Some(option) = option else {
            return Some(self.wait_or(is_waited_out, Surprise::SubscriptionNotOffered));
        };
        if finding::is_chosen(list, &option) {
            return None;
        }
        if self.pass.chose.is_some() || list.is_disabled {
            return Some(self.wait_or(is_waited_out, Surprise::Unmoved));
        }
        self.pass.chose = Some(option.clone());
        self.pass.is_fresh = true;
        self.pass.was_otherwise = false;
        self.pass.has_worked = false;
        let (value, text) = option;
        Some(Act::Choose(
            list.number,
            if value.is_empty() { text } else { value },
        ))
    }

    fn choice<'a>(
        &self,
        scene: &'a Scene,
        at: usize,
        trust: Trust,
    ) -> Result<Option<finding::Choice<'a>>, Surprise> {
        let by_person = self.chosen_by_person.as_deref();
        finding::choice(scene, (at, trust), &self.labels, self.target.allow, by_person)
    }

    /// Has the person choose where the words are unknown, and learns from it which one it is.
    fn ask_to_choose(&mut self, scene: &Scene, at: usize, trust: Trust, is_waited_out: bool) -> Act {
        let allow = self.target.allow;
        let options = finding::options(scene, at);
        let on = numbers_on(scene, at);
        if self.pass.asked == Some(PersonStep::ChooseOption) {
            if !self.pass.has_turned || self.rests < RESTS {
                return self.wait();
            }
            let opposite = if allow { Label::Off } else { Label::On };
            let is_chosen = |control: &&Control| {
                let was_on = self.pass.on_before.contains(&control.number);
                let is_wanted = match finding::is_switch(control) {
                    true => control.is_on == Some(allow) && was_on != allow,
                    false => control.is_on == Some(true),
                };
                is_wanted && !control.name.is_empty() && !self.labels.is(opposite, &control.name)
            };
            if let Ok(Some(control)) = finding::only(options.filter(is_chosen)) {
                self.chosen_by_person = Some(control.name.clone());
                self.pass.is_touched |= !self.pass.on_before.contains(&control.number);
                self.pass.asked = None;
                return Act::Look;
            }
            return self.wait();
        }
        let is_loaded =
            !on.is_empty() && options.clone().all(|control| !control.is_disabled) && self.rests >= RESTS;
        if !is_waited_out && !is_loaded {
            return Act::Look;
        }
        let words = [
            if allow { Label::On } else { Label::Off },
            Label::SubscriptionAccess,
        ];
        let is_unknown = trust == Trust::Person || words.iter().any(|label| !self.labels.knows(*label));
        if !is_unknown || options.clone().next().is_none() {
            return self.wait_or(is_waited_out, Surprise::NothingToPress);
        }
        self.pass.on_before = on;
        self.pass.has_turned = false;
        self.ask(PersonStep::ChooseOption)
    }

    // --- Saving ---

    fn save(&mut self, scene: &Scene, at: usize, trust: Trust, is_waited_out: bool) -> Act {
        self.step = WalkStep::Save;
        let control = match finding::save(scene, at, &self.labels) {
            Err(surprise) => return Act::Stop(surprise),
            Ok(control) => control,
        };
        let is_unknown = control.is_none() && !self.labels.knows(Label::Save);
        let act = match control {
            // A form whose title is unknown is the person's to save.
            _ if trust == Trust::Person || is_unknown => self.ask(PersonStep::Save),
            None => return self.wait_or(is_waited_out, Surprise::NothingToPress),
            Some(control) if control.is_disabled => {
                return match is_waited_out && !self.pass.is_touched {
                    true => Act::AlreadySo,
                    false => self.wait_or(is_waited_out, Surprise::Unmoved),
                };
            }
            Some(control) => Act::Save(control.number),
        };
        let form = scene.forms.get(at).cloned().unwrap_or_default();
        self.saving = Saving::Asked(form, numbers_of(scene, at), scene.forms.clone());
        self.pass.has_worked = false;
        act
    }

    /// What the portal's answer leads to; `None` when the form is to be read back.
    fn answer(
        &mut self,
        scene: &Scene,
        form: Result<Option<(usize, Trust)>, Surprise>,
        is_waited_out: bool,
        form_before: &Form,
        saved: Vec<u32>,
        forms_before: &[Form],
    ) -> Option<Act> {
        let titled = |forms: &[Form], title: &str| forms.iter().filter(|form| form.title == title).count();
        let has_come = |form: &Form| titled(&scene.forms, &form.title) > titled(forms_before, &form.title);
        let own = form.ok().flatten().map(|(at, _)| at);
        // Whatever else alerts the person on the page is no answer to this.
        let refuses = |(at, form): (usize, &Form)| {
            let is_answer = Some(at) == own || has_come(form);
            is_answer && form.is_alert && !form.is_busy && !forms_before.contains(form)
        };
        if scene.forms.iter().enumerate().any(refuses) {
            return Some(Act::Stop(Surprise::Refused));
        }
        let at = match form {
            Err(surprise) => return Some(Act::Stop(surprise)),
            Ok(form) => form.map(|(at, _)| at),
        };
        if let Some(form) = at.and_then(|at| scene.forms.get(at)) {
            if form.is_busy {
                self.pass.asked = None;
                return Some(self.wait_or(is_waited_out, Surprise::Unanswered));
            }
            let says_more = !form.status.is_empty() && form.status != form_before.status;
            if !self.pass.has_worked && !says_more {
                return Some(match self.pass.asked {
                    Some(step) => Act::AskPerson(step),
                    None if is_waited_out && form.is_alert => Act::Stop(Surprise::Refused),
                    None => self.wait_or(is_waited_out, Surprise::Unanswered),
                });
            }
        }
        self.saving = Saving::Answered;
        self.step = WalkStep::ReadBack;
        self.pass = Pass {
            old: at.map(|at| numbers_of(scene, at)).unwrap_or_default(),
            saved,
            ..Pass::default()
        };
        None
    }
}

/// Numbers of the options of a form that are on.
fn numbers_on(scene: &Scene, at: usize) -> Vec<u32> {
    finding::options(scene, at)
        .filter(|control| control.is_on == Some(true))
        .map(|control| control.number)
        .collect()
}

/// Numbers of the controls of a form.
fn numbers_of(scene: &Scene, at: usize) -> Vec<u32> {
    finding::in_form(scene, at)
        .map(|control| control.number)
        .collect()
}
