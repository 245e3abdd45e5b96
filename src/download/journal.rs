//! The run's memory on disk: one record per document, one for the run that is open, all kept per identity.
//! Must not know: tokens, signed addresses or poll addresses; none of them can be put into a record.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Value;

use crate::azure::Identity;
use crate::azure::json::{self, given, text};
use crate::invoices::DocumentId;

use super::failure::Failure;
use super::job::{HeldFile, SavedFile};
use super::order::Order;
use super::ports::{PortError, Storage};

/// What is known about one document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentRecord {
    /// It lies verified in a private file.
    Held {
        /// The private file.
        file: HeldFile,
        /// The path that the run which holds it planned: in an archive it already lies there.
        path: String,
    },
    /// It is being handed to the browser's downloads.
    HandingOver {
        /// The private file.
        file: HeldFile,
        /// The `blob:` address that the browser reads it from.
        address: String,
        /// The planned path below the download folder.
        path: String,
    },
    /// The browser is fetching it by itself from a host that the extension may not read.
    HandingOverLink {
        /// SHA-256 of the address, which may be signed, in lower-case hexadecimal.
        address: String,
        /// Its host.
        host: String,
        /// The planned path below the download folder.
        path: String,
    },
    /// It was saved.
    Saved {
        /// The file as it was saved.
        file: SavedFile,
    },
    /// It could not be saved.
    Failed {
        /// Why.
        failure: Failure,
    },
}

impl DocumentRecord {
    /// The path that the document keeps whatever it would be called now: it lies there, or something of it may.
    pub fn kept_path(&self) -> Option<&str> {
        match self {
            DocumentRecord::Saved { file } => Some(&file.planned),
            DocumentRecord::HandingOver { path, .. } | DocumentRecord::HandingOverLink { path, .. } => {
                Some(path)
            }
            DocumentRecord::Held { .. } | DocumentRecord::Failed { .. } => None,
        }
    }

    fn read(stored: &Value) -> Option<DocumentRecord> {
        let (state, record) = stored.as_object()?.iter().next()?;
        let held = || HeldFile::read(record.get("file")?);
        match state.as_str() {
            "held" => Some(DocumentRecord::Held {
                file: held()?,
                path: given(record, "path")?,
            }),
            "handing-over" => Some(DocumentRecord::HandingOver {
                file: held()?,
                address: given(record, "address")?,
                path: given(record, "path")?,
            }),
            "handing-over-link" => Some(DocumentRecord::HandingOverLink {
                address: given(record, "address")?,
                host: given(record, "host")?,
                path: given(record, "path")?,
            }),
            "saved" => Some(DocumentRecord::Saved {
                file: SavedFile::read(record.get("file")?)?,
            }),
            "failed" => Some(DocumentRecord::Failed {
                failure: Failure::read(record.get("failure")?)?,
            }),
            _ => None,
        }
    }
}

/// Something to write down.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The newest about a document.
    Document(DocumentId, DocumentRecord),
    /// The run as it was ordered, and whether it is paused.
    Run(Order),
    /// The run has ended, one way or another.
    RunEnds,
}

/// A document's record as it lies in storage.
#[derive(Serialize)]
struct Stored<'a> {
    id: &'a DocumentId,
    record: &'a DocumentRecord,
}

const DOCUMENTS: &str = "document/";
const RUNS: &str = "run/";

/// The runs of every identity that were open when the background ended, among all records of the storage.
pub fn open_runs(records: &[(String, String)]) -> Vec<Order> {
    let runs = records.iter().filter(|(key, _)| key.starts_with(RUNS));
    runs.filter_map(|(_, value)| Order::read(&json::parse(value.as_bytes())))
        .collect()
}

/// The journal of one identity.
#[derive(Clone)]
pub struct Journal {
    storage: Rc<dyn Storage>,
    identity: Identity,
}

impl Journal {
    /// The journal of this identity; others are neither read nor written.
    pub fn of(identity: Identity, storage: Rc<dyn Storage>) -> Journal {
        Journal { storage, identity }
    }

    /// Everything known about documents. A record that cannot be read counts as unknown.
    pub async fn documents(&self) -> Result<BTreeMap<DocumentId, DocumentRecord>, PortError> {
        let records = self.storage.read(&self.prefix(DOCUMENTS)).await?;
        let mut known = BTreeMap::new();
        for (_, value) in records {
            let stored = json::parse(value.as_bytes());
            if let Some(record) = stored.get("record").and_then(DocumentRecord::read) {
                known.insert(DocumentId::read(text(&stored, "id")), record);
            }
        }
        Ok(known)
    }

    /// Writes a record down; durable when it comes back.
    pub async fn write(&self, record: &Record) -> Result<(), PortError> {
        match record {
            Record::Document(id, record) => {
                let key = format!("{}{}", self.prefix(DOCUMENTS), id.as_str());
                self.storage.write(&key, &stored(&Stored { id, record })?).await
            }
            Record::Run(order) => self.storage.write(&self.prefix(RUNS), &stored(order)?).await,
            Record::RunEnds => self.storage.remove(&self.prefix(RUNS)).await,
        }
    }

    fn prefix(&self, kind: &str) -> String {
        format!("{kind}{}/", self.identity.storage_key())
    }
}

fn stored(value: &impl Serialize) -> Result<String, PortError> {
    // Records are made of what always has JSON, so there are no words of an error to pass on.
    serde_json::to_string(value).map_err(|_| PortError::Refused(String::new()))
}
