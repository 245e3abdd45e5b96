//! Why a document, a scope or a whole run failed: a stable code each.
//! Must not know: the words for it, which depend on the language.

use serde::Serialize;
use serde_json::Value;

use crate::azure::json::text;
use crate::azure::{AzureError, LinkRefused, Refusal};
use crate::spelling::spelled;

use super::ports::PortError;
use super::verification::Defect;

spelled! {
    /// Stable codes of failure; each has words and a next step in every language.
    pub enum FailureCode {
    /// A link of Azure's answer leads where this product never asks.
    LinkRefused = "linkRefused",
    /// No answer from the network after all retries.
    Network = "network",
    /// The session belongs to another directory.
    WrongDirectory = "wrongDirectory",
    /// Azure wants the person to sign in again.
    SignInAgain = "signInAgain",
    /// A role is missing.
    NotAllowed = "notAllowed",
    /// A place keeps its invoices from this person, or is not there for them: Azure answers both alike.
    NotVisible = "notVisible",
    /// Only administrators of an Enterprise Agreement get its invoices.
    EnterpriseAdministratorsOnly = "enterpriseAdministratorsOnly",
    /// A partner gets the invoice and bills in turn.
    BilledByPartner = "billedByPartner",
    /// No version of Azure's interface serves such an account or offer.
    NotServed = "notServed",
    /// A host that the extension may not read did not deliver a document to the browser.
    HostFailed = "hostFailed",
    /// Azure does not know it (any more).
    NotFound = "notFound",
    /// Azure kept asking us to slow down.
    Throttled = "throttled",
    /// Azure could not answer.
    Unavailable = "unavailable",
    /// Azure refused for another reason.
    Rejected = "rejected",
    /// Azure's answer is not what its interface describes.
    Unreadable = "unreadable",
    /// Azure did not finish preparing the document.
    Unfinished = "unfinished",
    /// What came is not a PDF, such as an error page.
    NotAPdf = "notAPdf",
    /// What came is not a table, such as an error page.
    NotATable = "notATable",
    /// The parts of a report have different columns.
    OtherColumns = "otherColumns",
    /// A place keeps its usage from this person.
    UsageRefused = "usageRefused",
    /// Azure tells usage for thirteen months, and this began earlier.
    UsageTooOld = "usageTooOld",
    /// A report in several files at a host that the extension may not read, which nobody can put together.
    UsageInParts = "usageInParts",
    /// The PDF broke off.
    Truncated = "truncated",
    /// Nothing came.
    Empty = "empty",
    /// The browser asks for every file where to save it, and the person did not want that.
    BrowserAsks = "browserAsks",
    /// The browser, a scanner or a policy keeps the file back.
    HeldBack = "heldBack",
    /// The browser did not save the file.
    BrowserRefused = "browserRefused",
    /// The saved file is not as long as the verified one.
    WrongSize = "wrongSize",
    /// No room is left.
    DiskFull = "diskFull",
    }
}

/// A failure with what is known beyond its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The code.
    pub code: FailureCode,
    /// Azure's or the browser's own words, never a token or a signed address; may be empty.
    pub detail: String,
}

impl Failure {
    /// Reads a failure as it is stored.
    pub fn read(stored: &Value) -> Option<Failure> {
        Some(Failure {
            code: FailureCode::read(text(stored, "code"))?,
            detail: text(stored, "detail").to_owned(),
        })
    }

    /// A failure with Azure's words.
    pub fn refused(code: FailureCode, refusal: Refusal) -> Failure {
        Failure {
            code,
            detail: words_of(refusal),
        }
    }

    /// A failure with nothing to add.
    pub fn plain(code: FailureCode) -> Failure {
        Failure {
            code,
            detail: String::new(),
        }
    }
}

impl From<AzureError> for Failure {
    fn from(error: AzureError) -> Failure {
        match error {
            AzureError::Link(refused) => refused.into(),
            AzureError::Transport(_) => Failure::plain(FailureCode::Network),
            AzureError::WrongDirectory => Failure::plain(FailureCode::WrongDirectory),
            AzureError::SignInAgain => Failure::plain(FailureCode::SignInAgain),
            AzureError::Forbidden(refusal) => Failure::refused(FailureCode::NotAllowed, refusal),
            AzureError::NotFound(refusal) => Failure::refused(FailureCode::NotFound, refusal),
            AzureError::Throttled(refusal) => Failure::refused(FailureCode::Throttled, refusal),
            AzureError::Unavailable(refusal) => Failure::refused(FailureCode::Unavailable, refusal),
            AzureError::Rejected(refusal) => Failure::refused(FailureCode::Rejected, refusal),
            AzureError::Unreadable(what) => Failure {
                code: FailureCode::Unreadable,
                detail: what.to_owned(),
            },
            AzureError::Unfinished => Failure::plain(FailureCode::Unfinished),
        }
    }
}

impl From<LinkRefused> for Failure {
    fn from(refused: LinkRefused) -> Failure {
        Failure {
            code: FailureCode::LinkRefused,
            detail: refused.to_string(),
        }
    }
}

fn words_of(refusal: Refusal) -> String {
    let parts = [refusal.code, refusal.message];
    let said: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    if said.is_empty() {
        format!("HTTP {}", refusal.status)
    } else {
        said.join(": ")
    }
}

impl From<Defect> for Failure {
    fn from(defect: Defect) -> Failure {
        Failure::plain(match defect {
            Defect::Empty => FailureCode::Empty,
            Defect::NotAPdf => FailureCode::NotAPdf,
            Defect::NotATable => FailureCode::NotATable,
            Defect::OtherColumns => FailureCode::OtherColumns,
            Defect::Truncated => FailureCode::Truncated,
        })
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Failure {
        match error {
            PortError::Full => Failure::plain(FailureCode::DiskFull),
            PortError::Refused(words) => Failure {
                code: FailureCode::BrowserRefused,
                detail: words,
            },
        }
    }
}
