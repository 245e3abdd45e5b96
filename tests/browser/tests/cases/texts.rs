//! The extension's own texts, so that cases need not repeat them, in whatever language.
//! Must not know: where a text is shown.

use serde_json::Value;

/// The texts of one language.
pub(crate) struct Texts(Value);

impl Texts {
    /// Those in this folder, `pt_BR`.
    pub(crate) fn of(folder: &str) -> Texts {
        let root = env!("CARGO_MANIFEST_DIR");
        let path = format!("{root}/../../extension/_locales/{folder}/messages.json");
        Texts(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    /// A text by its key.
    pub(crate) fn say(&self, key: &str) -> String {
        let text = self.0[key]["message"].as_str();
        text.unwrap_or_else(|| panic!("no text {key}")).to_owned()
    }

    /// A text about so many, one or several, for languages that tell no more apart.
    pub(crate) fn say_count(&self, key: &str, count: usize) -> String {
        let one = format!("{key}_one");
        let key = match count {
            1 if self.0.get(&one).is_some() => one,
            _ => format!("{key}_other"),
        };
        self.say(&key).replace("$COUNT$", &count.to_string())
    }
}
