//! What is known of each subscription's sharing because it was read on the portal's page.
//! Must not know: how it was read, or where it is kept.

use serde_json::Value;
use vecmap::VecMap;

use crate::azure::json::{self, items, text};

/// The setting as the portal's page showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenSharing {
    /// Whether others may download.
    pub allow: bool,
    /// Day of the look, `2026-03-09`.
    pub on: String,
}

/// Outcomes by subscription id, lower case; nothing else of a walk is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharingRecord {
    seen: VecMap<String, SeenSharing>,
}

impl SharingRecord {
    /// Takes down what was read.
    pub fn insert(&mut self, subscription: &str, seen: SeenSharing) {
        self.seen.insert(subscription.to_ascii_lowercase(), seen);
    }

    /// Takes back what may be otherwise by now.
    pub fn forget(&mut self, subscription: &str) {
        self.seen.remove(&subscription.to_ascii_lowercase());
    }

    /// What was read last of a subscription.
    pub fn get(&self, subscription: &str) -> Option<&SeenSharing> {
        self.seen.get(&subscription.to_ascii_lowercase())
    }

    /// As it is kept.
    pub fn json(&self) -> String {
        let seen = self.seen.iter().map(|(subscription, seen)| {
            let (id, on) = (json::quoted(subscription), json::quoted(&seen.on));
            format!("{{\"subscription\":{id},\"allow\":{},\"on\":{on}}}", seen.allow)
        });
        format!("{{\"seen\":[{}]}}", seen.collect::<Vec<_>>().join(","))
    }

    /// Reads what [`SharingRecord::json`] wrote.
    pub fn read(stored: &Value) -> SharingRecord {
        let read = |item: &Value| {
            let allow = item.get("allow")?.as_bool()?;
            let on = text(item, "on").to_owned();
            Some((text(item, "subscription").to_owned(), SeenSharing { allow, on }))
        };
        SharingRecord {
            seen: items(stored, "seen").iter().filter_map(read).collect(),
        }
    }
}
