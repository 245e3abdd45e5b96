//! The path that a document is saved under, safe on Windows, macOS and Linux.
//! Must not know: what is on disk; it only knows which paths are promised to which documents.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use time::Date;

use crate::azure::DocumentKind;

use super::document::{DocumentId, FileFormat, ListedInvoice, WantedDocument};
use super::name_template::{NameTemplate, Piece, Placeholder};

/// Folder below the person's download folder.
const FOLDER: &str = "Azure invoices";
/// Stands for the date, the year and the month of an invoice that Azure gave none.
const UNDATED: &str = "undated";
/// Longest file name in bytes of UTF-8; browsers and file systems take 255, the rest is room for ` (1)`.
const LONGEST: usize = 180;
/// Longest folder name in bytes.
const LONGEST_FOLDER: usize = 60;
/// Room for a whole path in bytes: Windows opens 260 characters, the person's own folders included.
const LONGEST_PATH: usize = 230;
/// What a file name may have of it, however long its folders are.
const SHORTEST: usize = 100;
/// Longest share of an invoice number or a kind, in bytes.
const LONGEST_PART: usize = 60;
/// Bytes of a document's digest in its mark.
const MARK: usize = 3;

/// What a name can be made of.
#[derive(Clone, Debug)]
pub struct NameParts<'a> {
    /// The invoice's date, where it has one.
    pub date: Option<Date>,
    /// First and last day of the billing period.
    pub period: (Option<Date>, Option<Date>),
    /// Who is billed.
    pub billed_to: &'a str,
    /// The subscription's name; may be empty, as all texts here.
    pub subscription: &'a str,
    /// The subscription's id.
    pub subscription_id: &'a str,
    /// The billing profile's name.
    pub billing_profile: &'a str,
    /// The billing account's name.
    pub billing_account: &'a str,
    /// The invoice's number.
    pub invoice: &'a str,
    /// The document's number.
    pub number: &'a str,
    /// What the document is.
    pub kind: &'a DocumentKind,
    /// The invoice's total in digits.
    pub amount: String,
    /// Its currency.
    pub currency: &'a str,
    /// What the file contains.
    pub format: FileFormat,
}

impl<'a> NameParts<'a> {
    /// What a document's name can be made of.
    pub fn of(document: &'a WantedDocument, listed: &'a ListedInvoice) -> NameParts<'a> {
        let invoice = &listed.invoice;
        let (account, account_id) = &listed.account;
        NameParts {
            date: document.date,
            period: (invoice.period_start, invoice.period_end),
            billed_to: &document.billed_to,
            subscription: listed.subscription().unwrap_or_default(),
            subscription_id: invoice.subscription_id.as_deref().unwrap_or_default(),
            billing_profile: invoice.billing_profile_name.as_deref().unwrap_or_default(),
            billing_account: if account.trim().is_empty() {
                account_id
            } else {
                account
            },
            invoice: &document.invoice,
            number: document.number.as_deref().unwrap_or_default(),
            kind: &document.kind,
            amount: invoice
                .total
                .as_ref()
                .map_or_else(String::new, |total| invoice.signed(total).written('.', 2)),
            currency: invoice.currency().unwrap_or_default(),
            format: document.format(),
        }
    }

    fn value(&self, placeholder: Placeholder) -> String {
        let dated = |write: fn(Date) -> String| self.date.map_or_else(|| UNDATED.to_owned(), write);
        let text = match placeholder {
            Placeholder::Date => return dated(|date| date.to_string()),
            Placeholder::Year => return dated(|date| format!("{:04}", date.year())),
            Placeholder::Month => return dated(|date| format!("{:02}", u8::from(date.month()))),
            Placeholder::Period => match self.period {
                (Some(first), Some(last)) => return format!("{first} to {last}"),
                (Some(day), None) | (None, Some(day)) => return day.to_string(),
                (None, None) => return UNDATED.to_owned(),
            },
            Placeholder::BilledTo => self.billed_to,
            Placeholder::Subscription => self.subscription,
            Placeholder::SubscriptionId => self.subscription_id,
            Placeholder::BillingProfile => self.billing_profile,
            Placeholder::BillingAccount => self.billing_account,
            Placeholder::Invoice => self.invoice,
            Placeholder::Number => self.number,
            Placeholder::Kind => kind_words(self.kind),
            Placeholder::Amount => &self.amount,
            Placeholder::Currency => self.currency,
        };
        safe(text)
    }
}

/// `Azure invoices/2026/2026-03-09 Contoso Production G004567123 Invoice.pdf`: the path that a document deserves,
/// before anything else is known to have the same.
pub fn file_path(template: &NameTemplate, parts: &NameParts<'_>) -> String {
    path_with(template, parts, "")
}

/// Paths promised to documents: no two documents share one, and a document keeps the one it has.
#[derive(Debug, Default)]
pub struct FilePaths {
    template: NameTemplate,
    owner_of: BTreeMap<String, DocumentId>,
}

impl FilePaths {
    /// Paths made by this pattern.
    pub fn by(template: NameTemplate) -> FilePaths {
        FilePaths {
            template,
            owner_of: BTreeMap::new(),
        }
    }

    /// Remembers a path that a document already has, whatever pattern it was made by.
    pub fn keep(&mut self, path: &str, document: &DocumentId) {
        self.owner_of.insert(folded(path), document.clone());
    }

    /// The path for this document; where another document has it, one that ends in a mark of the document's own.
    pub fn promise(&mut self, document: &DocumentId, parts: &NameParts<'_>) -> String {
        let mut path = file_path(&self.template, parts);
        let digest = Sha256::digest(document.as_str());
        // Many documents may deserve the same path; then marks grow until no two are the same.
        for bytes in MARK..=digest.len() {
            if !self.is_taken(&path, document) {
                break;
            }
            let mark: String = digest
                .iter()
                .take(bytes)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            path = path_with(&self.template, parts, &format!(" ~{mark}"));
        }
        self.keep(&path, document);
        path
    }

    fn is_taken(&self, path: &str, document: &DocumentId) -> bool {
        let owner = self.owner_of.get(&folded(path));
        owner.is_some_and(|owner| owner != document)
    }
}

fn path_with(template: &NameTemplate, parts: &NameParts<'_>, mark: &str) -> String {
    let mut path = FOLDER.to_owned();
    for pieces in template.folders() {
        let folder = portable_folder(&name_of(pieces, parts, LONGEST_FOLDER));
        // Nothing is known that could name it: the documents lie in the folder above.
        if !folder.is_empty() {
            path.push('/');
            path.push_str(&folder);
        }
    }
    if *parts.kind == DocumentKind::Usage {
        path.push_str("/usage");
    }
    let ending = format!("{mark}.{}", parts.format.extension());
    let room = LONGEST_PATH
        .saturating_sub(path.len() + 1)
        .clamp(SHORTEST, LONGEST);
    let mut name = name_of(template.name(), parts, room.saturating_sub(ending.len()));
    if name.is_empty() {
        name.push_str("Document");
    }
    format!("{path}/{name}{ending}")
}

/// A folder's or file's name of at most so many bytes. What identifies the document is kept; the longest of the free
/// texts gives way first.
fn name_of(pieces: &[Piece], parts: &NameParts<'_>, room: usize) -> String {
    let texts: Vec<(String, bool)> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => (text.clone(), true),
            Piece::Value(placeholder) if placeholder.is_free_text() => (parts.value(*placeholder), true),
            Piece::Value(placeholder) => (shortened(&parts.value(*placeholder), LONGEST_PART), false),
        })
        .collect();
    let length = |longest: usize| -> usize {
        let of = |(text, is_free): &(String, bool)| match is_free {
            true => text.len().min(longest),
            false => text.len(),
        };
        texts.iter().map(of).sum()
    };
    let longest = (0..=room).rev().find(|longest| length(*longest) <= room);
    let joined: String = texts
        .iter()
        .map(|(text, is_free)| match is_free {
            true => shortened(text, longest.unwrap_or_default()),
            false => text.clone(),
        })
        .collect();
    shortened(&portable(safe(&joined)), room)
}

/// English in every language, so that a change of language neither renames nor saves again.
fn kind_words(kind: &DocumentKind) -> &str {
    match kind {
        DocumentKind::Invoice => "Invoice",
        DocumentKind::VoidNote => "Void note",
        DocumentKind::TaxReceipt => "Tax receipt",
        DocumentKind::CreditNote => "Credit note",
        DocumentKind::Summary => "Summary",
        DocumentKind::Transactions => "Transactions",
        DocumentKind::Usage => "Usage",
        DocumentKind::Other(kind) if kind.trim().is_empty() => "Document",
        DocumentKind::Other(kind) => kind,
    }
}

/// Text as it may stand in a name: nothing that a file system or a browser forbids, nothing invisible, no space or dot
/// at its ends. `~` is kept for marks.
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

/// Marks that change the order of letters or have no width: a name must read as it is. All of Unicode's format
/// characters and what is no character; browsers refuse names that hold one.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00ad}' | '\u{0600}'..='\u{0605}' | '\u{061c}' | '\u{06dd}' | '\u{070f}' | '\u{0890}'..='\u{0891}'
        | '\u{08e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// A name that Windows keeps for a device, with any ending, or for a folder's own looks, made another one.
fn portable(name: String) -> String {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let mut number = port.unwrap_or_default().chars();
    let is_port = matches!(
        (number.next(), number.next()),
        (Some('0'..='9' | '¹' | '²' | '³'), None)
    );
    let is_device = matches!(
        &*stem,
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$"
    );
    let is_looks = ["desktop.ini", "thumbs.db"]
        .iter()
        .any(|looks| looks.eq_ignore_ascii_case(&name));
    match is_port || is_device || is_looks {
        true => format!("_{name}"),
        false => name,
    }
}

/// A folder's name whose ending means nothing: that of a file of ours would let a file and a folder want the same
/// place, those of shortcuts are refused by browsers.
fn portable_folder(name: &str) -> String {
    const ENDINGS: [&str; 7] = ["pdf", "csv", "zip", "lnk", "local", "scf", "url"];
    match name.rsplit_once('.') {
        Some((stem, ending))
            if ending.starts_with('{') || ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)) =>
        {
            format!("{stem}-{ending}")
        }
        _ => name.to_owned(),
    }
}

/// At most so many bytes, cut between characters.
fn shortened(text: &str, most_bytes: usize) -> String {
    if text.len() <= most_bytes {
        return text.to_owned();
    }
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

/// File systems that ignore case see paths as the same only where this is the same. Alphabets that fill whole names are
/// told apart letter by letter, of all others no letter is; Unicode's own tables would add a twentieth to what is
/// downloaded.
fn folded(path: &str) -> String {
    path.chars().map(folded_letter).collect()
}

fn folded_letter(letter: char) -> char {
    let moved = |by: u32| char::from_u32(u32::from(letter).wrapping_add(by)).unwrap_or(letter);
    match letter {
        // Greek, Cyrillic, Armenian, Georgian.
        'Α'..='Ω' | 'А'..='Я' => moved(32),
        'Ѐ'..='Џ' => moved(80),
        'Ա'..='Ֆ' => moved(48),
        '\u{1c90}'..='\u{1cbf}' => moved(0x10d0_u32.wrapping_sub(0x1c90)),
        'ϴ' => 'θ',
        '\u{2126}' => 'ω',
        '\u{212a}' => 'k',
        'α'..='ω' | 'а'..='џ' | 'ա'..='ֆ' => letter,
        // Latin letters with signs, older letters of those alphabets, letters that are symbols, and rarer alphabets.
        '\u{b5}'
        | '\u{c0}'..='\u{2af}'
        | '\u{370}'..='\u{58f}'
        | '\u{10a0}'..='\u{10cf}'
        | '\u{13a0}'..='\u{13ff}'
        | '\u{1c80}'..='\u{1c8f}'
        | '\u{1d00}'..='\u{1fff}'
        | '\u{2100}'..='\u{218f}'
        | '\u{24b6}'..='\u{24e9}'
        | '\u{2c00}'..='\u{2d2f}'
        | '\u{a640}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{abbf}'
        | '\u{ff21}'..='\u{ff5a}'
        | '\u{10400}'..='\u{10fff}'
        | '\u{118a0}'..='\u{118df}'
        | '\u{16e40}'..='\u{16eff}'
        | '\u{1e900}'..='\u{1e95f}' => '\u{fffd}',
        letter => letter.to_ascii_lowercase(),
    }
}
