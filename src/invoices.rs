//! What exists for this person: periods, discovery, corrections, and the files that documents become.
//! Must not know: runs, journals or screens.

mod billing_period;
mod correction;
mod discovery;
mod document;
mod file_name;
mod month;
mod name_template;
mod period;

pub use billing_period::{BillingPeriods, ProfileSubscription};
pub use correction::{Corrected, Corrections};
pub use discovery::{Finding, Refused, Scope, ScopeKind, ScopeOutcome, discover};
pub use document::{DocumentId, FileFormat, ListedInvoice, WantedDocument};
pub use file_name::{FilePaths, NameParts, file_path};
pub use month::CalendarMonth;
pub use name_template::{NameTemplate, Placeholder, TemplateError};
pub use period::{Period, PeriodChoice};
