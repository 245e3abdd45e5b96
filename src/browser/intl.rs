//! The browser's knowledge of languages and regions.
//! Must not know: any text.

use js_sys::Array;

use crate::download::Region;
use crate::view::PluralRules;

use super::extension_api::{IntlNumberFormat, IntlPluralRules};

/// How the spreadsheet programs of the browser's region read tables.
pub fn spreadsheet_region() -> Region {
    match IntlNumberFormat::new().format(0.5).contains(',') {
        true => Region::WITH_COMMA,
        false => Region::WITH_POINT,
    }
}

/// `Intl.PluralRules`.
pub struct BrowserPlurals;

impl PluralRules for BrowserPlurals {
    fn category(&self, language: &str, count: usize) -> String {
        IntlPluralRules::new(&Array::of1(&language.into())).select(count as f64)
    }
}
