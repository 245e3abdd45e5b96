//! The files that a run leaves, and the files that it should leave.
//! Must not know: the core; names follow from the documented pattern alone.

use std::collections::BTreeMap;
use std::path::Path;

use simulator::ExpectedDocument;
use time::{Date, Duration, Month, OffsetDateTime};

use crate::Error;

/// All files of a folder and the folders in it: contents by path with `/`, partial downloads included.
///
/// # Errors
/// When one cannot be read.
pub fn files_below(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else {
                files.insert(path, std::fs::read(entry.path())?);
            }
        }
    }
    Ok(files)
}

/// Lengths of all files of a folder and the folders in it, of those that stay while they are looked for.
pub fn lengths_below(folder: &Path) -> BTreeMap<String, u64> {
    let mut lengths = BTreeMap::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push((entry.path(), format!("{path}/"))),
                Ok(metadata) => drop(lengths.insert(path, metadata.len())),
                Err(_) => {}
            }
        }
    }
    lengths
}

/// What a complete and undisturbed run leaves of these documents: bytes by path below the download folder.
pub fn expected_files(documents: &[ExpectedDocument]) -> BTreeMap<String, Vec<u8>> {
    documents
        .iter()
        .map(|document| (expected_path(document), document.bytes.clone()))
        .collect()
}

/// First and last day of the year that ends today (UTC): what a run covers when nothing else is chosen.
pub fn last_twelve_months() -> (Date, Date) {
    let today = OffsetDateTime::now_utc().date();
    let last_year = today.year() - 1;
    let a_year_ago = today.replace_year(last_year);
    let from = a_year_ago.map_or_else(
        |_| Date::from_calendar_date(last_year, Month::March, 1).unwrap_or(today),
        |date| date.saturating_add(Duration::DAY),
    );
    (from, today)
}

/// `Azure invoices/2026/2026-03-09 Contoso Production G004567123 Invoice.pdf`. Names that collide, or that are too
/// long, need more than this pattern.
pub fn expected_path(document: &ExpectedDocument) -> String {
    let date = document.invoice_date;
    let billed_to = document
        .billed_to
        .replace(['<', '>', ':', '"', '/', '\\', '|', '?', '*'], "-");
    let invoice = &document.invoice;
    let kind = kind_words(&document.kind);
    format!(
        "Azure invoices/{}/{date} {billed_to} {invoice} {kind}.{}",
        date.year(),
        document.extension
    )
}

fn kind_words(kind: &str) -> &str {
    match kind {
        "CreditNote" => "Credit note",
        "TaxReceipt" => "Tax receipt",
        "VoidNote" => "Void note",
        other => other,
    }
}
