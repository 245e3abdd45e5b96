//! What exists for this person: periods, discovery, deduplication, and the files that documents become.
//! Must not know: runs, journals or screens.

mod discovery;
mod document;
mod file_name;
mod period;

pub use discovery::{Finding, Scope, ScopeOutcome, discover};
pub use document::{DocumentId, WantedDocument};
pub use file_name::{FilePaths, file_path};
pub use period::{Period, PeriodChoice};
