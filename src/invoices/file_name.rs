//! The path that a document is saved under, safe on Windows, macOS and Linux.
//! Must not know: what is on disk; it only knows which paths are promised to which documents.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::azure::DocumentKind;

use super::document::{DocumentId, WantedDocument};

/// Folder below the person's download folder.
const FOLDER: &str = "Azure invoices";
/// Stands for the date, and for the year, of an invoice that Azure gave none.
const UNDATED: &str = "undated";
/// Longest file name in bytes of UTF-8; browsers and file systems take 255, the rest is room for ` (1)`.
const LONGEST: usize = 180;
/// Longest share of an invoice number or a kind, in bytes.
const LONGEST_PART: usize = 60;

/// `Azure invoices/2026/2026-03-09 Contoso Production G004567123 Invoice.pdf`: the path that a document deserves,
/// before anything else is known to have the same.
pub fn file_path(document: &WantedDocument) -> String {
    path_with(document, "")
}

/// Paths promised to documents: no two documents share one, and a document keeps the one it has.
#[derive(Debug, Default)]
pub struct FilePaths {
    owner_of: BTreeMap<String, DocumentId>,
}

impl FilePaths {
    /// Remembers a path that a document already has.
    pub fn keep(&mut self, path: &str, document: &DocumentId) {
        self.owner_of.insert(folded(path), document.clone());
    }

    /// The path for this document; where another document has it, one that ends in a mark of the document's own.
    pub fn promise(&mut self, document: &WantedDocument) -> String {
        let mut path = file_path(document);
        if self
            .owner_of
            .get(&folded(&path))
            .is_some_and(|owner| *owner != document.id)
        {
            let digest = Sha256::digest(document.id.as_str());
            let mark: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
            path = path_with(document, &format!(" ~{mark}"));
        }
        self.keep(&path, &document.id);
        path
    }
}

fn path_with(document: &WantedDocument, mark: &str) -> String {
    let date = document
        .date
        .map_or_else(|| UNDATED.to_owned(), |date| date.to_string());
    let year = document
        .date
        .map_or_else(|| UNDATED.to_owned(), |date| format!("{:04}", date.year()));
    let ending = document.format().extension();
    let invoice = shortened(&safe(&document.invoice), LONGEST_PART);
    let kind = format!("{}{mark}", kind_words(&document.kind));
    let room = LONGEST.saturating_sub(date.len() + invoice.len() + kind.len() + "   .".len() + ending.len());
    let billed_to = shortened(&safe(&document.billed_to), room);
    let mut parts = vec![date, billed_to, invoice, kind];
    parts.retain(|part| !part.is_empty());
    format!("{FOLDER}/{year}/{}.{ending}", parts.join(" "))
}

/// English in every language, so that a change of language neither renames nor saves again.
fn kind_words(kind: &DocumentKind) -> String {
    match kind {
        DocumentKind::Invoice => "Invoice".to_owned(),
        DocumentKind::VoidNote => "Void note".to_owned(),
        DocumentKind::TaxReceipt => "Tax receipt".to_owned(),
        DocumentKind::CreditNote => "Credit note".to_owned(),
        DocumentKind::Summary => "Summary".to_owned(),
        DocumentKind::Transactions => "Transactions".to_owned(),
        DocumentKind::Other(kind) if kind.trim().is_empty() => "Document".to_owned(),
        DocumentKind::Other(kind) => shortened(&safe(kind), LONGEST_PART),
    }
}

/// Text as one part of a file name: nothing that a file system forbids, nothing invisible, no space at its ends.
/// The parts always stand behind a date, so neither a leading dot nor a reserved device name can arise.
fn safe(text: &str) -> String {
    let replaced: String = text
        .chars()
        .filter(|character| !is_invisible(*character))
        .map(|character| match character {
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '~' | '%' => '-',
            character if character.is_whitespace() || character.is_control() => ' ',
            character => character,
        })
        .collect();
    let words: Vec<&str> = replaced.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").trim_matches([' ', '.']).to_owned()
}

/// Marks that change the order of letters or have no width: a name must read as it is.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

/// At most so many bytes, cut between characters.
fn shortened(text: &str, most_bytes: usize) -> String {
    let mut length = 0;
    let kept: String = text
        .chars()
        .take_while(|character| {
            length += character.len_utf8();
            length <= most_bytes
        })
        .collect();
    kept.trim_end_matches([' ', '.']).to_owned()
}

/// File systems that ignore case see these as the same path. ASCII is enough: the number that tells invoices apart is
/// ASCII.
fn folded(path: &str) -> String {
    path.to_ascii_lowercase()
}
