//! Whether bytes are the whole PDF that they should be.
//! Must not know: where they came from or where they go.

/// Where a PDF must say what it is, in bytes from its start (ISO 32000-1, Annex H.3.4.1 of the reader's practice).
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
    /// Shorter than announced, or without its `%%EOF`.
    #[error("broken off")]
    Truncated,
}

/// Checks a fetched PDF against its announced length, if there was one.
pub fn verify_pdf(bytes: &[u8], announced_length: Option<u64>) -> Result<(), Defect> {
    if bytes.is_empty() {
        return Err(Defect::Empty);
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if !contains(head, b"%PDF-") {
        return Err(Defect::NotAPdf);
    }
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    let whole = announced_length.is_none_or(|length| length == bytes.len() as u64);
    if whole && contains(tail, b"%%EOF") {
        Ok(())
    } else {
        Err(Defect::Truncated)
    }
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}
