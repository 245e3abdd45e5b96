//! The portal's own record of its Resource Manager token, read on a click when no request of the page was seen yet.
//! Must not know: refresh and identity tokens, which are never read.

use serde_json::Value;

use crate::azure::json::{given, text};
use crate::mention::mentions;

/// An access-token record of the Microsoft Authentication Library in `sessionStorage`, reduced to what is needed.
///
/// Holds a token, so it is neither printable nor serialisable.
pub struct SessionRecord {
    /// The directory it was issued for.
    pub realm: String,
    /// Scopes, separated by blanks.
    pub target: String,
    /// End of validity, seconds since 1970 as text.
    pub expires_on: String,
    /// The token.
    pub secret: String,
}

impl SessionRecord {
    /// Reads a record as the dock reports it; `None` without a token.
    pub fn read(record: &Value) -> Option<SessionRecord> {
        Some(SessionRecord {
            realm: text(record, "realm").to_owned(),
            target: text(record, "target").to_owned(),
            expires_on: text(record, "expiresOn").to_owned(),
            secret: given(record, "secret")?,
        })
    }
}

/// The token that lives longest among the records for Resource Manager. Its audience is checked when it is taken.
pub fn newest_arm_token(records: &[SessionRecord]) -> Option<&str> {
    records
        .iter()
        .filter(|record| mentions(&record.target, "https://management."))
        .max_by_key(|record| record.expires_on.parse::<u64>().unwrap_or_default())
        .map(|record| record.secret.as_str())
}
