//! The words on the portal's controls, in one of its languages, as Microsoft's articles print them.
//! Must not know: where a control stands, or in which language the person reads.

use serde_json::Value;

use crate::azure::json::items;
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
        /// The command that saves.
        Save = "save",
    }
}

/// The words of one language: each label with all its wordings, none where no source tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    words: Vec<(Label, String)>,
}

impl Labels {
    /// Reads one language of `portal-labels.json`.
    pub fn read(language: &Value) -> Labels {
        let words = Label::ALL.iter().flat_map(|label| {
            let wordings = items(language, label.as_str()).iter();
            wordings.filter_map(move |words| Some((*label, words.as_str()?.to_owned())))
        });
        Labels {
            words: words.collect(),
        }
    }

    /// Whether a name is this label, letter case, spaces and final dots apart.
    pub fn is(&self, label: Label, name: &str) -> bool {
        let mut wordings = self.words.iter().filter(|(of, _)| *of == label);
        wordings.any(|(_, words)| plain(words) == plain(name))
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
    joined.trim_end_matches(['.', '…', ':']).to_ascii_lowercase()
}
