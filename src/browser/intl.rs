//! The browser's knowledge of languages.
//! Must not know: any text.

use js_sys::Array;

use crate::view::PluralRules;

use super::extension_api::IntlPluralRules;

/// `Intl.PluralRules`.
pub struct BrowserPlurals;

impl PluralRules for BrowserPlurals {
    fn category(&self, language: &str, count: usize) -> String {
        IntlPluralRules::new(&Array::of1(&language.into())).select(count as f64)
    }
}
