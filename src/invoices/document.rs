//! A document that somebody wants on disk, and its identity for ever.
//! Must not know: how it is fetched or where it ends up.

use serde::Serialize;
use time::Date;

use crate::azure::{Document, DocumentKind, Invoice};

/// What makes a document the same one tomorrow: its invoice and its name within the invoice.
///
/// *Saved* belongs to this, not to a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DocumentId(String);

impl DocumentId {
    /// The identity of a document. Documents without a name are told apart by kind and position among that kind.
    fn of(invoice: &Invoice, document: &Document, nth_of_kind: usize) -> DocumentId {
        match &document.name {
            Some(name) => DocumentId(format!("{}/{name}", invoice.name)),
            None => DocumentId(format!(
                "{}/{}#{nth_of_kind}",
                invoice.name,
                document.kind.as_str()
            )),
        }
    }

    /// The identity that was stored under this text.
    pub fn read(stored: &str) -> DocumentId {
        DocumentId(stored.to_owned())
    }

    /// For storage keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A document of the chosen period, with what its file name and the report need.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedDocument {
    /// The identity.
    pub id: DocumentId,
    /// The invoice's number.
    pub invoice: String,
    /// The invoice's date.
    pub date: Date,
    /// Name of the subscription or billing profile that it bills.
    pub billed_to: String,
    /// What it is.
    pub kind: DocumentKind,
    /// POST target, unchecked; `None` while Azure offers none.
    pub url: Option<String>,
}

impl WantedDocument {
    /// The documents of an invoice that are saved. Transactions are data, not documents for the books, and are left
    /// out. An invoice without documents gives one entry without address, so that it is reported.
    pub fn of_invoice(invoice: &Invoice, date: Date, billed_to: &str) -> Vec<WantedDocument> {
        let wanted = |id, kind, url| WantedDocument {
            id,
            invoice: invoice.name.clone(),
            date,
            billed_to: billed_to.to_owned(),
            kind,
            url,
        };
        if invoice.documents.is_empty() {
            let missing = Document {
                name: None,
                kind: DocumentKind::Invoice,
                url: None,
            };
            return vec![wanted(
                DocumentId::of(invoice, &missing, 0),
                DocumentKind::Invoice,
                None,
            )];
        }
        let mut seen: Vec<&DocumentKind> = Vec::new();
        let mut documents = Vec::new();
        for document in &invoice.documents {
            let nth_of_kind = seen.iter().filter(|kind| **kind == &document.kind).count();
            seen.push(&document.kind);
            if document.kind != DocumentKind::Transactions {
                let id = DocumentId::of(invoice, document, nth_of_kind);
                documents.push(wanted(id, document.kind.clone(), document.url.clone()));
            }
        }
        documents
    }
}
