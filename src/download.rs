//! The run that brings documents to disk: a step machine, its journal, its checks, and the driver that acts for it.
//! Must not know: messages, screens, or which browser it runs in.

mod archive;
mod coverage;
mod crc32;
mod driver;
mod failure;
mod history;
mod index;
mod job;
mod journal;
mod order;
mod outcome;
pub mod ports;
mod remaining;
mod report;
mod table;
mod totals;
mod usage;
mod usage_report;
mod verification;

pub use archive::{Archive, ArchiveError, Member, Method};
pub use coverage::{Place, PlaceMonth, dated_first};
pub use crc32::crc32;
pub use driver::{Run, run};
pub use failure::{Failure, FailureCode};
pub use history::{HISTORY, REPORTS, outdated, outdated_reports};
pub use index::COLUMNS;
pub use job::{DocumentState, Effect, Event, HeldFile, Job, Listing, Proof, Ready, SavedFile, Verdict};
pub use journal::{DocumentRecord, Journal, Record, open_runs};
pub use order::{Order, Packing, Wanted};
pub use outcome::Outcome;
pub use remaining::Pace;
pub use report::{Elsewhere, NoLongerThere, Report, ScopeAnswer, ScopeLine, Trouble};
pub use table::{Cell, DecimalMark, Delimiter, Region, Table};
pub use totals::{MonthTotal, Totals};
pub use usage::UsageAnswer;
pub use usage_report::UsageReport;
pub use verification::{Defect, verify};
