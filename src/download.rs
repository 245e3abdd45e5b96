//! The run that brings documents to disk: a step machine, its journal, its checks, and the driver that acts for it.
//! Must not know: messages, screens, or which browser it runs in.

mod driver;
mod failure;
mod job;
mod journal;
pub mod ports;
mod report;
mod verification;

pub use driver::{Run, run};
pub use failure::{Failure, FailureCode};
pub use job::{DocumentState, Effect, Event, HeldFile, Job, Listing, Order, SavedFile, Verdict};
pub use journal::{DocumentRecord, Journal, OpenRun, Record};
pub use report::{Report, Trouble};
pub use verification::{Defect, verify_pdf};
