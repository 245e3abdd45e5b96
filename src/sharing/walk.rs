//! The walk through the portal's controls: given what is visible, the next act.
//! Must not know: the document, the clock, or the words that a person reads.

use crate::spelling::spelled;

use super::labels::Labels;
use super::scene::Scene;

/// What is to come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The subscription's GUID, lower case.
    pub subscription: String,
    /// Its name.
    pub name: String,
    /// Whether others are to be allowed.
    pub allow: bool,
}

spelled! {
    /// How far a walk is.
    pub enum Stage {
        /// Opening the form.
        Opening = "opening",
        /// Choosing the subscription.
        ChoosingSubscription = "choosingSubscription",
        /// Choosing who may download.
        ChoosingOption = "choosingOption",
        /// Saving.
        Saving = "saving",
        /// Reading the result back.
        ReadingBack = "readingBack",
    }
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
        /// A control did not do what it says.
        NoEffect = "noEffect",
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

/// A walk for one subscription.
#[derive(Clone, Debug)]
pub struct Walk {
    target: Target,
    labels: Labels,
}

impl Walk {
    /// A walk in a portal with these words.
    pub fn new(target: Target, labels: Labels) -> Walk {
        Walk { target, labels }
    }

    /// How far it is.
    pub fn stage(&self) -> Stage {
        Stage::Opening
    }

    /// The next act, by what is visible. `waited` says that nothing has changed for as long as a page may take.
    pub fn next(&mut self, _scene: &Scene, _is_waited_out: bool) -> Act {
        let _ = (&self.target, &self.labels);
        Act::Stop(Surprise::NothingToPress)
    }
}
