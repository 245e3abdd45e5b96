//! What a person asked for; found in the journal at a start, it is taken up again.
//! Must not know: how far it has come.

use serde::Serialize;
use serde_json::Value;

use crate::azure::Identity;
use crate::azure::json::{items, text};
use crate::invoices::{NameTemplate, Period};
use crate::spelling::spelled;

use super::table::Region;

spelled! {
    /// How documents come to the person's disk.
    #[derive(Default)]
    pub enum Packing {
        /// Each as a file of its own, in a folder for each year.
        #[default]
        Folder = "folder",
        /// All that are new in one ZIP archive.
        Zip = "zip",
    }
}

spelled! {
    /// What is to be saved.
    #[derive(Default)]
    pub enum Wanted {
        /// Invoices and their other documents.
        #[default]
        Documents = "documents",
        /// What was used in each billing period.
        Usage = "usage",
        /// Both.
        Both = "both",
    }
}

impl Wanted {
    /// Whether documents are among it.
    pub fn has_documents(self) -> bool {
        self != Wanted::Usage
    }

    /// Whether usage is among it.
    pub fn has_usage(self) -> bool {
        self != Wanted::Documents
    }
}

/// An order of documents and usage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Order {
    /// Whose run.
    pub identity: Identity,
    /// Which invoice dates.
    pub period: Period,
    /// What of them.
    pub wanted: Wanted,
    /// Hosts outside what the extension may read, from which the person has agreed to have the browser save documents.
    pub hosts: Vec<String>,
    /// Files, or one archive.
    pub packing: Packing,
    /// What documents are named by; one that the journal knows as saved keeps its name.
    pub template: NameTemplate,
    /// When it was ordered, in the person's time: `2026-03-09 08.07.12`. Files about the run are named after it.
    pub ordered_at: String,
    /// How the person's spreadsheet program reads tables.
    pub region: Region,
    /// Whether documents that were saved and are no longer there are to be saved again.
    pub again: bool,
    /// Whether the person has paused it: a restart does not go on by itself either.
    pub paused: bool,
    /// Whether the person has cancelled it: a restart only brings it to its end.
    pub cancelled: bool,
}

impl Order {
    /// An order of everything that the extension may read.
    pub fn new(identity: Identity, period: Period) -> Order {
        Order {
            identity,
            period,
            wanted: Wanted::Documents,
            hosts: Vec::new(),
            packing: Packing::Folder,
            template: NameTemplate::default(),
            ordered_at: String::new(),
            region: Region::WITH_POINT,
            again: false,
            paused: false,
            cancelled: false,
        }
    }

    /// Reads an order as it is stored.
    pub fn read(stored: &Value) -> Option<Order> {
        let hosts = items(stored, "hosts");
        let is = |field| stored.get(field).and_then(Value::as_bool) == Some(true);
        Some(Order {
            identity: Identity::read(stored.get("identity")?)?,
            period: Period::read(stored.get("period")?)?,
            wanted: Wanted::read(text(stored, "wanted")).unwrap_or_default(),
            hosts: hosts
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            packing: Packing::read(text(stored, "packing")).unwrap_or_default(),
            template: NameTemplate::read(text(stored, "template")).unwrap_or_default(),
            ordered_at: text(stored, "ordered_at").to_owned(),
            region: Region::read(stored.get("region").unwrap_or(&Value::Null)),
            again: is("again"),
            paused: is("paused"),
            cancelled: is("cancelled"),
        })
    }
}
