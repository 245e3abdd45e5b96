//! Why a document, a scope or a whole run failed: a stable code each.
//! Must not know: the words for it, which depend on the language.

use serde::Serialize;
use serde_json::Value;

use crate::azure::json::text;
use crate::azure::{AzureError, Refusal};
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
    /// The PDF broke off.
    Truncated = "truncated",
    /// Nothing came.
    Empty = "empty",
    /// The browser asks for every file where to save it, and the person did not want that.
    BrowserAsks = "browserAsks",
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
        let (code, detail) = match error {
            AzureError::Link(refused) => (FailureCode::LinkRefused, refused.to_string()),
            AzureError::Transport(_) => (FailureCode::Network, String::new()),
            AzureError::WrongDirectory => (FailureCode::WrongDirectory, String::new()),
            AzureError::SignInAgain => (FailureCode::SignInAgain, String::new()),
            AzureError::Forbidden(refusal) => (FailureCode::NotAllowed, words_of(refusal)),
            AzureError::NotFound(refusal) => (FailureCode::NotFound, words_of(refusal)),
            AzureError::Throttled(refusal) => (FailureCode::Throttled, words_of(refusal)),
            AzureError::Unavailable(refusal) => (FailureCode::Unavailable, words_of(refusal)),
            AzureError::Rejected(refusal) => (FailureCode::Rejected, words_of(refusal)),
            AzureError::Unreadable(what) => (FailureCode::Unreadable, what.to_owned()),
            AzureError::Unfinished => (FailureCode::Unfinished, String::new()),
        };
        Failure { code, detail }
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
