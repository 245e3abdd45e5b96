//! Whether bytes are the whole document that they should be.
//! Must not know: where they came from or where they go.

use crate::invoices::FileFormat;

/// Where a PDF must say what it is, in bytes from its start (as PDF readers accept it).
const HEAD: usize = 1024;
/// Where it must say that it ends, in bytes from its end.
const TAIL: usize = 2048;

/// What is wrong with a fetched document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// No byte came.
    #[error("empty")]
    Empty,
    /// No `%PDF-` at its start: an error page, an archive, anything else.
    #[error("not a PDF")]
    NotAPdf,
    /// A page or a message of an error instead of rows.
    #[error("not a table")]
    NotATable,
    /// A part of a table with other columns than the parts before it.
    #[error("other columns")]
    OtherColumns,
    /// Shorter than announced, or without its `%%EOF`.
    #[error("broken off")]
    Truncated,
}

/// Checks a fetched document against what it should be, and against its announced length, if there was one.
///
/// # Errors
/// What is wrong with it.
pub fn verify(bytes: &[u8], announced_length: Option<u64>, format: FileFormat) -> Result<(), Defect> {
    if bytes.is_empty() {
        return Err(Defect::Empty);
    }
    let is_whole = announced_length.is_none_or(|length| length == bytes.len() as u64);
    match format {
        FileFormat::Pdf => verify_pdf(bytes, is_whole),
        FileFormat::Csv => verify_csv(bytes, is_whole),
        FileFormat::Zip if is_whole && bytes.starts_with(b"PK") => Ok(()),
        FileFormat::Zip => Err(Defect::Truncated),
    }
}

fn verify_csv(bytes: &[u8], is_whole: bool) -> Result<(), Defect> {
    if !is_table(bytes) || bytes.contains(&0) {
        Err(Defect::NotATable)
    } else if is_whole {
        Ok(())
    } else {
        Err(Defect::Truncated)
    }
}

/// Whether bytes begin as a table does: with text, and a first line of more than one column.
pub(super) fn is_table(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_markup = matches!(
        text.iter().find(|byte| !byte.is_ascii_whitespace()),
        Some(b'<' | b'{' | b'[')
    );
    !is_markup && header.contains(&b',')
}

fn verify_pdf(bytes: &[u8], is_whole: bool) -> Result<(), Defect> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if !contains(head, b"%PDF-") {
        return Err(Defect::NotAPdf);
    }
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    if is_whole && contains(tail, b"%%EOF") {
        Ok(())
    } else {
        Err(Defect::Truncated)
    }
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}
