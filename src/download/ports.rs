//! What a run needs of the outside: durable records, private files, and the browser's downloads.
//! Must not know: who implements them (a browser, a test).

use async_trait::async_trait;

/// The outside failed to do what a port asked of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// No room is left on disk or in the browser's quota.
    #[error("no room is left")]
    Full,
    /// The browser refused or failed; its own words.
    #[error("the browser refused: {0}")]
    Refused(String),
}

/// Durable records under text keys; survives the browser.
#[async_trait(?Send)]
pub trait Storage {
    /// Every record whose key starts so.
    async fn read(&self, prefix: &str) -> Result<Vec<(String, String)>, PortError>;
    /// Writes one record; durable when it comes back.
    async fn write(&self, key: &str, value: &str) -> Result<(), PortError>;
    /// Removes one record; a missing one is fine.
    async fn remove(&self, key: &str) -> Result<(), PortError>;
}

/// A part of a private file that is put together from others.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The whole content of this private file.
    File(String),
}

/// Files only the extension sees, where a document waits between its check and its hand-over.
#[async_trait(?Send)]
pub trait PrivateFiles {
    /// Writes a whole file.
    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PortError>;
    /// Begins a file that is too long for memory. Until it is closed there is none, or an empty one.
    async fn begin(&self, name: &str) -> Result<Box<dyn PrivateWriter>, PortError>;
    /// Puts a file together; the contents of others pass by without being held in memory.
    async fn assemble(&self, name: &str, parts: Vec<Part>) -> Result<(), PortError>;
    /// Compresses a file into another one, as a raw deflate stream, and tells how long that became.
    async fn deflate(&self, name: &str, into: &str) -> Result<u64, PortError>;
    /// Bytes for which there is room; `None` where the browser does not tell.
    async fn room(&self) -> Option<u64>;
    /// Its length in bytes; `None` when it is not there.
    async fn length(&self, name: &str) -> Option<u64>;
    /// A `blob:` address under which the downloads can read it; it carries the media type.
    async fn address(&self, name: &str, media_type: &str) -> Result<String, PortError>;
    /// The address is no longer needed.
    async fn release(&self, address: &str);
    /// Removes a file; a missing one is fine.
    async fn remove(&self, name: &str);
    /// All files that lie there.
    async fn names(&self) -> Vec<String>;
}

/// A private file that is being written; dropped before it is closed, nothing of it remains.
#[async_trait(?Send)]
pub trait PrivateWriter {
    /// Appends these bytes.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError>;
    /// Ends the file: it lies there whole when this comes back.
    async fn close(&mut self) -> Result<(), PortError>;
}

/// The number that the browser gave a download.
pub type DownloadNumber = i32;

/// How a download stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadItem {
    /// The browser's number.
    pub number: DownloadNumber,
    /// Whether it goes on, is whole, or broke off with the browser's reason.
    pub state: DownloadState,
    /// Absolute path; empty as long as the browser asks the person where to save.
    pub path: String,
    /// Size on disk in bytes, meaningful once whole.
    pub bytes: u64,
    /// Bytes that have come so far, as far as the browser counts.
    pub received: u64,
    /// The browser keeps the file back until the person says whether to keep it.
    pub is_held_back: bool,
    /// The media type that its host declared; empty when it declared none.
    pub media_type: String,
}

/// The states of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadState {
    /// Under way.
    InProgress,
    /// Whole.
    Complete,
    /// Ended without a whole file; the browser's reason, such as `USER_CANCELED`.
    Interrupted(String),
}

/// What becomes of a file that lies at the path of a download already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// It stays; the new one gets a number behind its name.
    Uniquify,
    /// The new one takes its place.
    Overwrite,
}

/// The browser's downloads.
#[async_trait(?Send)]
pub trait Downloads {
    /// Hands a file over under a path relative to the person's download folder, never asking where.
    async fn save(&self, address: &str, path: &str, conflict: Conflict) -> Result<DownloadNumber, PortError>;
    /// How a download stands; `None` when the browser does not know it.
    async fn item(&self, number: DownloadNumber) -> Option<DownloadItem>;
    /// Comes back when the download is no longer under way.
    async fn ended(&self, number: DownloadNumber) -> Option<DownloadItem>;
    /// The download that was started from this address.
    async fn find(&self, address: &str) -> Option<DownloadItem>;
    /// The newest download of ours whose address has this SHA-256, in lower-case hexadecimal, or that lies under this
    /// path below the download folder; others' downloads are never ours.
    async fn find_own(&self, digest: &str, path: &str) -> Option<DownloadItem>;
    /// Paths of files of ours that the browser knows to be gone. Of a file that it has forgotten nothing is known.
    async fn gone(&self) -> Vec<String>;
    /// Removes a download with its file, partial or whole.
    async fn discard(&self, number: DownloadNumber);
}
