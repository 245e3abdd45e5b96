//! The texts of one language, read from its `messages.json`.
//! Must not know: which text is shown where.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::access::{Ask, HintCode, RequestKind, Role};
use crate::azure::json;
use crate::download::FailureCode;
use crate::sharing::{PersonStep, Surprise, WalkStep};

use super::language::Language;
use super::phrases::Phrase;

/// Which plural form a number takes (CLDR).
pub trait PluralRules {
    /// `zero`, `one`, `two`, `few`, `many` or `other`.
    fn category(&self, language: &str, count: usize) -> String;
}

/// The texts of one language; placeholders stand in them as `$NAME$`.
pub struct Strings {
    language: Language,
    messages: Map<String, Value>,
    plurals: Rc<dyn PluralRules>,
}

impl Strings {
    /// Reads a `messages.json`; `None` when it is not one.
    pub fn read(language: Language, text: &str, plurals: Rc<dyn PluralRules>) -> Option<Strings> {
        match json::parse(text.as_bytes()) {
            Value::Object(messages) => Some(Strings {
                language,
                messages,
                plurals,
            }),
            _ => None,
        }
    }

    /// Their language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A text without placeholders.
    pub fn say(&self, phrase: Phrase) -> String {
        self.message(phrase.as_str(), &[])
    }

    /// A text with its placeholders filled, by lower-case name.
    pub fn say_with(&self, phrase: Phrase, values: &[(&str, &str)]) -> String {
        self.message(phrase.as_str(), values)
    }

    /// A text in the plural form of its number, which fills `$COUNT$`.
    pub fn say_count(&self, phrase: Phrase, count: usize) -> String {
        let category = self.plurals.category(self.language.as_str(), count);
        let exact = format!("{}_{category}", phrase.as_str());
        let key = if self.messages.contains_key(&exact) {
            exact
        } else {
            format!("{}_other", phrase.as_str())
        };
        self.message(&key, &[("count", &count.to_string())])
    }

    /// Sentences one after the other, as the language sets them.
    pub fn sentences(&self, sentences: &[String]) -> String {
        sentences.join(match self.language.is_written_without_spaces() {
            true => "",
            false => " ",
        })
    }

    /// Why something failed.
    pub fn reason(&self, code: FailureCode) -> String {
        self.message(&format!("reason_{}", code.as_str()), &[])
    }

    /// What to do about it.
    pub fn next_step(&self, code: FailureCode) -> String {
        self.message(&format!("step_{}", code.as_str()), &[])
    }

    /// What a hint says, with its placeholders filled.
    pub fn hint(&self, code: HintCode, values: &[(&str, &str)]) -> String {
        self.message(&format!("hint_{}", code.as_str()), values)
    }

    /// Why a hint is so.
    pub fn hint_reason(&self, code: HintCode, values: &[(&str, &str)]) -> String {
        self.message(&format!("why_{}", code.as_str()), values)
    }

    /// The next step of a hint; whom to ask is a placeholder where somebody is known.
    pub fn hint_step(&self, ask: Ask, values: &[(&str, &str)]) -> String {
        let nobody_known = values.iter().any(|(name, who)| *name == "who" && who.is_empty());
        let unknown = match ask.names_somebody() && nobody_known {
            true => "Unknown",
            false => "",
        };
        self.message(&format!("ask_{}{unknown}", ask.as_str()), values)
    }

    /// The name of a role, as Microsoft calls it.
    pub fn role(&self, role: Role) -> String {
        self.message(&format!("role_{}", role.as_str()), &[])
    }

    /// What a walk through the portal is doing.
    pub fn sharing_step(&self, step: WalkStep) -> String {
        self.message(&format!("sharingStep_{}", step.as_str()), &[])
    }

    /// What the person has to do in the portal; the last step but one differs for those who are not to be allowed.
    pub fn sharing_person(&self, step: PersonStep, allow: bool, values: &[(&str, &str)]) -> String {
        let off = match step == PersonStep::ChooseOption && !allow {
            true => "Off",
            false => "",
        };
        self.message(&format!("sharingPerson_{}{off}", step.as_str()), values)
    }

    /// Why a walk ended before its time.
    pub fn sharing_surprise(&self, surprise: Surprise) -> String {
        self.message(&format!("sharingSurprise_{}", surprise.as_str()), &[])
    }

    /// The subject of a ready message.
    pub fn request_subject(&self, kind: RequestKind, values: &[(&str, &str)]) -> String {
        self.message(&format!("request_{}", kind.as_str()), values)
    }

    /// What a ready message asks for.
    pub fn request_body(&self, kind: RequestKind, values: &[(&str, &str)]) -> String {
        self.message(&format!("requestBody_{}", kind.as_str()), values)
    }

    /// A missing text shows its key: wrong, but visible and not silent. A test keeps every language complete.
    fn message(&self, key: &str, values: &[(&str, &str)]) -> String {
        let entry = self.messages.get(key).and_then(|entry| entry.get("message"));
        let text = entry.and_then(Value::as_str).unwrap_or(key);
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let value = after.split_once('$').and_then(|(name, after)| {
                let value = values
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
                Some((value.1, after))
            });
            match value {
                Some((value, after)) => {
                    filled.push_str(value);
                    rest = after;
                }
                None => {
                    filled.push('$');
                    rest = after;
                }
            }
        }
        filled + rest
    }
}
