//! The languages of the product and the rule that picks one.
//! Must not know: any text in them.

use crate::spelling::spelled;

spelled! {
    /// A language that the product speaks, by its BCP 47 code; with `-` read as `_` also its folder in `_locales`.
    pub enum Language {
        /// English.
        English = "en",
        /// Latvian, which the portal does not speak.
        Latvian = "lv",
    }
}

impl Language {
    /// Its name in itself.
    pub fn endonym(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Latvian => "Latviešu",
        }
    }

    /// Whether the Azure portal speaks it too.
    fn is_portal_language(self) -> bool {
        self != Language::Latvian
    }

    /// The language of a tag such as `lv-LV` or the portal's `en.en-us`.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_', '.']).next()?.to_ascii_lowercase();
        Language::read(&primary)
    }

    /// The person's choice; else the browser's where we have it and the portal does not; else the portal's; else the
    /// browser's; else English.
    pub fn pick(choice: Option<Language>, browser: &str, portal: &str) -> Language {
        let browser = Language::of_tag(browser);
        choice
            .or(browser.filter(|language| !language.is_portal_language()))
            .or(Language::of_tag(portal))
            .or(browser.filter(|_| portal.is_empty()))
            .unwrap_or(Language::English)
    }
}
