//! The languages of the product and the rule that picks one.
//! Must not know: any text in them.

use crate::spelling::spelled;

spelled! {
    /// A language that the product speaks, by its BCP 47 code; with `-` read as `_` also its folder in `_locales`.
    /// In the order of their own names, as a person is offered them.
    pub enum Language {
        /// Indonesian.
        Indonesian = "id",
        /// Czech.
        Czech = "cs",
        /// German.
        German = "de",
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
        /// French.
        French = "fr",
        /// Italian.
        Italian = "it",
        /// Latvian, which the portal does not speak.
        Latvian = "lv",
        /// Hungarian.
        Hungarian = "hu",
        /// Dutch.
        Dutch = "nl",
        /// Polish.
        Polish = "pl",
        /// Portuguese of Brazil.
        BrazilianPortuguese = "pt-BR",
        /// Portuguese of Portugal.
        EuropeanPortuguese = "pt-PT",
        /// Swedish.
        Swedish = "sv",
        /// Turkish.
        Turkish = "tr",
        /// Russian.
        Russian = "ru",
        /// Korean.
        Korean = "ko",
        /// Chinese in simplified characters.
        SimplifiedChinese = "zh-CN",
        /// Chinese in traditional characters.
        TraditionalChinese = "zh-TW",
        /// Japanese.
        Japanese = "ja",
    }
}

impl Language {
    /// Its name in itself.
    pub fn endonym(self) -> &'static str {
        match self {
            Language::Indonesian => "Bahasa Indonesia",
            Language::Czech => "Čeština",
            Language::German => "Deutsch",
            Language::English => "English",
            Language::Spanish => "Español",
            Language::French => "Français",
            Language::Italian => "Italiano",
            Language::Latvian => "Latviešu",
            Language::Hungarian => "Magyar",
            Language::Dutch => "Nederlands",
            Language::Polish => "Polski",
            Language::BrazilianPortuguese => "Português (Brasil)",
            Language::EuropeanPortuguese => "Português (Portugal)",
            Language::Swedish => "Svenska",
            Language::Turkish => "Türkçe",
            Language::Russian => "Русский",
            Language::Korean => "한국어",
            Language::SimplifiedChinese => "中文(简体)",
            Language::TraditionalChinese => "中文(繁體)",
            Language::Japanese => "日本語",
        }
    }

    /// Its code in the addresses of Microsoft's documentation.
    pub fn documentation_locale(self) -> &'static str {
        match self {
            Language::Indonesian => "id-id",
            Language::Czech => "cs-cz",
            Language::German => "de-de",
            Language::English => "en-us",
            Language::Spanish => "es-es",
            Language::French => "fr-fr",
            Language::Italian => "it-it",
            Language::Latvian => "lv-lv",
            Language::Hungarian => "hu-hu",
            Language::Dutch => "nl-nl",
            Language::Polish => "pl-pl",
            Language::BrazilianPortuguese => "pt-br",
            Language::EuropeanPortuguese => "pt-pt",
            Language::Swedish => "sv-se",
            Language::Turkish => "tr-tr",
            Language::Russian => "ru-ru",
            Language::Korean => "ko-kr",
            Language::SimplifiedChinese => "zh-cn",
            Language::TraditionalChinese => "zh-tw",
            Language::Japanese => "ja-jp",
        }
    }

    /// Whether no space stands between its sentences.
    pub fn is_written_without_spaces(self) -> bool {
        matches!(
            self,
            Language::Japanese | Language::SimplifiedChinese | Language::TraditionalChinese
        )
    }

    /// Whether the Azure portal speaks it too.
    fn is_portal_language(self) -> bool {
        self != Language::Latvian
    }

    /// The language of a tag such as `lv-LV`, `zh-Hant-TW` or the portal's `pt-br.pt-br`, whose second half only says how
    /// dates and numbers are written.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let mut subtags = tag.split('.').next()?.split(['-', '_']);
        let primary = subtags.next()?;
        // What says which of two a tag means; an extension (`-u-nu-…`) no longer does.
        let mut variety = subtags.take_while(|subtag| subtag.len() > 1);
        let is_one_of =
            |subtag: &str, known: &[&str]| known.iter().any(|each| each.eq_ignore_ascii_case(subtag));
        if primary.eq_ignore_ascii_case("pt") {
            // Without a country it is Brazil's; all others follow Portugal.
            return match variety.find(|subtag| subtag.len() == 2) {
                Some(country) if !country.eq_ignore_ascii_case("BR") => Some(Language::EuropeanPortuguese),
                _ => Some(Language::BrazilianPortuguese),
            };
        }
        if primary.eq_ignore_ascii_case("zh") {
            // The script comes first and outweighs the country.
            let decisive = variety.find(|subtag| is_one_of(subtag, &["Hans", "Hant", "TW", "HK", "MO"]));
            return match decisive {
                Some(subtag) if !subtag.eq_ignore_ascii_case("Hans") => Some(Language::TraditionalChinese),
                _ => Some(Language::SimplifiedChinese),
            };
        }
        let mut all = Language::ALL.iter().copied();
        all.find(|language| language.as_str().eq_ignore_ascii_case(primary))
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
