//! A document that somebody wants on disk, and its identity for ever.
//! Must not know: how it is fetched or where it ends up.

use serde::Serialize;
use time::Date;

use crate::azure::{AgreementType, Document, DocumentKind, DocumentSource, Invoice};

/// What the identities of usage begin with.
const USAGE: &str = "/usage ";

use super::month::CalendarMonth;

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

    /// Stands for an invoice as long as it has no document.
    fn of_none(invoice: &Invoice) -> DocumentId {
        DocumentId(format!("{}/", invoice.name))
    }

    /// The identity of what was used at a place in a billing period, or bought with an invoice. No invoice's name begins
    /// so.
    pub(super) fn of_usage(place_and_period: &str) -> DocumentId {
        DocumentId(format!("{USAGE}{}", place_and_period.to_ascii_lowercase()))
    }

    /// Whether it is usage rather than a document that an invoice lists.
    pub fn is_usage(&self) -> bool {
        self.0.starts_with(USAGE)
    }

    /// Whether it stands for an invoice without documents.
    pub fn is_of_none(&self) -> bool {
        self.0.ends_with('/')
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

/// An invoice of the chosen period.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedInvoice {
    /// As Azure tells it.
    pub invoice: Invoice,
    /// Name of the subscription, billing profile or account that it bills.
    pub billed_to: String,
    /// The billing account's name for people, and in paths; empty where the list does not tell it.
    pub account: (String, String),
    /// The agreement that it is billed under.
    pub agreement: AgreementType,
}

impl ListedInvoice {
    /// The date that decides: the invoice's own, or its period's where Azure gave no readable one.
    pub fn date(&self) -> Option<Date> {
        let invoice = &self.invoice;
        invoice.date.or(invoice.period_end).or(invoice.period_start)
    }

    /// What tells whom it bills from others of the same name: the subscription's id, else the billing account's; may be
    /// empty.
    pub fn billed_id(&self) -> &str {
        self.invoice.subscription_id.as_deref().unwrap_or(&self.account.1)
    }

    /// Name of the subscription that it bills, where it bills one and the name is known; never that of whoever pays.
    pub fn subscription(&self) -> Option<&str> {
        self.invoice.subscription_name.as_deref()
    }

    /// The month that it is booked by: its period's last.
    pub fn booking_month(&self) -> Option<CalendarMonth> {
        self.invoice.period_end.or(self.date()).map(CalendarMonth::of)
    }

    /// What stands for the invoice, so that it is reported even if no place offers a document of it.
    pub fn without_documents(&self) -> WantedDocument {
        let none = Document {
            name: None,
            number: None,
            is_split: false,
            kind: self.invoice.kind.clone(),
            source: DocumentSource::NotOffered,
        };
        self.wanted(DocumentId::of_none(&self.invoice), &none)
    }

    /// Its documents; none while Azure offers none.
    pub fn documents(&self) -> Vec<WantedDocument> {
        let documents = &self.invoice.documents;
        let nth_of_kind = |at: usize, kind: &DocumentKind| {
            let before = documents.iter().take(at);
            before.filter(|document| document.kind == *kind).count()
        };
        documents
            .iter()
            .enumerate()
            .map(|(at, document)| {
                let id = DocumentId::of(&self.invoice, document, nth_of_kind(at, &document.kind));
                self.wanted(id, document)
            })
            .collect()
    }

    fn wanted(&self, id: DocumentId, document: &Document) -> WantedDocument {
        WantedDocument {
            id,
            invoice: self.invoice.name.clone(),
            date: self.date(),
            billed_to: self.billed_to.clone(),
            kind: document.kind.clone(),
            number: document.number.clone().or_else(|| document.name.clone()),
            source: document.source.clone(),
        }
    }
}

/// A document of the chosen period, with what its file name and the report need.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedDocument {
    /// The identity.
    pub id: DocumentId,
    /// The invoice's number.
    pub invoice: String,
    /// The invoice's date, where it has one.
    pub date: Option<Date>,
    /// Name of the subscription, billing profile or account that it bills.
    pub billed_to: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The number printed on it, where Azure tells it.
    pub number: Option<String>,
    /// Where it can be had, unchecked.
    pub source: DocumentSource,
}

impl WantedDocument {
    /// What its file contains.
    pub fn format(&self) -> FileFormat {
        match self.kind {
            DocumentKind::Transactions | DocumentKind::Usage => FileFormat::Csv,
            _ => FileFormat::Pdf,
        }
    }
}

/// What a file contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// A document for people.
    Pdf,
    /// Rows for a spreadsheet.
    Csv,
    /// An archive of others.
    Zip,
}

impl FileFormat {
    /// The file name's ending, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            FileFormat::Pdf => "pdf",
            FileFormat::Csv => "csv",
            FileFormat::Zip => "zip",
        }
    }

    /// The media type; a browser renames a file that has none.
    pub fn media_type(self) -> &'static str {
        match self {
            FileFormat::Pdf => "application/pdf",
            FileFormat::Csv => "text/csv",
            FileFormat::Zip => "application/zip",
        }
    }
}
