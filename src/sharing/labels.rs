//! The words on the portal's controls, in one of its languages, as Microsoft's articles print them.
//! Must not know: where a control stands, or in which language the person reads.

use serde_json::Value;

use crate::azure::json::items;
use crate::mention::mentions;
use crate::spelling::spelled;

spelled! {
    /// A control of the pages of sharing.
    pub enum Label {
        /// The command and the title of the form.
        AllowOthers = "allowOthers",
        /// The older name of the command.
        AccessToInvoice = "accessToInvoice",
        /// The command of the newer page.
        EditInvoiceDetails = "editInvoiceDetails",
        /// The list of subscriptions.
        Subscription = "subscription",
        /// Others may.
        On = "on",
        /// Others may not.
        Off = "off",
        /// Others may, on the newer page.
        SubscriptionAccess = "subscriptionAccess",
        /// The role that may always download: running text, a part of an option's name.
        AccountAdministrator = "accountAdministrator",
        /// The command that saves.
        Save = "save",
    }
}

/// The words of one language: each label with all its wordings, none where no source tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// As `plain` leaves them.
    words: Vec<(Label, String)>,
}

impl Labels {
    /// Reads one language of `portal-labels.json`.
    pub fn read(language: &Value) -> Labels {
        let words = Label::ALL.iter().flat_map(|label| {
            let wordings = items(language, label.as_str()).iter();
            wordings.filter_map(move |words| Some((*label, plain(words.as_str()?))))
        });
        Labels {
            words: words.filter(|(_, words)| !words.is_empty()).collect(),
        }
    }

    /// Whether a name is this label, letter case, spaces, final dots and the star of what is required apart.
    pub fn is(&self, label: Label, name: &str) -> bool {
        self.which(&[label], name).is_some()
    }

    /// Which of these labels a name is.
    pub fn which(&self, labels: &[Label], name: &str) -> Option<Label> {
        let name = plain(name);
        let mut words = self.words.iter();
        let found = words.find(|(label, words)| *words == name && labels.contains(label));
        found.map(|(label, _)| *label)
    }

    /// Whether a name has this label in it.
    pub fn is_in(&self, label: Label, name: &str) -> bool {
        let name = plain(name);
        let mut words = self.words.iter();
        words.any(|(of, words)| *of == label && mentions(&name, words))
    }

    /// Whether any wording of a label is known.
    pub fn knows(&self, label: Label) -> bool {
        self.words.iter().any(|(of, _)| *of == label)
    }
}

/// A text without what typography adds to it. Letter case is folded in ASCII alone: more would be a table of 23 kB.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ").replace('’', "'");
    let ends = |letter: char| matches!(letter, '.' | '…' | ':' | '*' | ' ');
    joined.trim_end_matches(ends).to_ascii_lowercase()
}
