//! What can go wrong between us and Azure, and how Azure's error bodies are read.
//! Must not know: the words a person is shown.

use serde_json::Value;

use crate::mention::mentions;

use super::json::{self, text};
use super::link::LinkRefused;
use super::ports::{HttpResponse, TransportError};

/// Longest code and message of Azure's that are carried along, in characters.
const LONGEST_CODE: usize = 100;
const LONGEST_MESSAGE: usize = 300;

/// Why a request did not give what it was sent for. Never holds a token or a signed address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AzureError {
    /// The link was not followed at all.
    #[error(transparent)]
    Link(#[from] LinkRefused),
    /// No answer, after all retries.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The token belongs to another directory than the resource.
    #[error("the session belongs to another directory")]
    WrongDirectory,
    /// Azure asks for a stronger sign-in before it goes on (a claims challenge).
    #[error("Azure asks the person to sign in again")]
    SignInAgain,
    /// Azure answered 401 or 403 for want of a role, not of a token.
    #[error("not allowed: {0}")]
    Forbidden(Refusal),
    /// Azure answered 404.
    #[error("not found: {0}")]
    NotFound(Refusal),
    /// Azure still answered 429 after all retries.
    #[error("Azure asked us to slow down: {0}")]
    Throttled(Refusal),
    /// Azure answered 5xx or 408 after all retries.
    #[error("Azure could not answer: {0}")]
    Unavailable(Refusal),
    /// Any other refusal.
    #[error("Azure refused: {0}")]
    Rejected(Refusal),
    /// A success whose body is not what the interface describes.
    #[error("Azure's answer could not be read: {0}")]
    Unreadable(&'static str),
    /// The document was not ready within the time that operations take.
    #[error("Azure did not finish preparing the document")]
    Unfinished,
}

/// A refusal as Azure words it, for the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status code.
    pub status: u16,
    /// Azure's error code; empty when it gave none.
    pub code: String,
    /// Azure's message, shortened, in Azure's language; empty when it gave none.
    pub message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} {}", self.status, self.code, self.message)
    }
}

impl Refusal {
    /// Reads any of the four shapes: `{"error":{…}}`, flat `{"code","message"}`, `{"message"}`, or no JSON at all.
    pub fn read(response: &HttpResponse) -> Refusal {
        let body = json::parse(&response.body);
        let body = body
            .get("error")
            .filter(|error| error.is_object())
            .unwrap_or(&body);
        Refusal::of_error(response.status, body)
    }

    /// Reads the object that holds code and message.
    pub(super) fn of_error(status: u16, body: &Value) -> Refusal {
        Refusal {
            status,
            code: text(body, "code").chars().take(LONGEST_CODE).collect(),
            message: text(body, "message").chars().take(LONGEST_MESSAGE).collect(),
        }
    }
}

/// What a 401 is about. Reference: Azure Resource Manager answers 401 also where a billing role is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unauthorized {
    /// The token ended or was revoked: a fresh one helps.
    Token,
    /// Another directory's token is needed.
    Directory,
    /// Only the person, signing in, can satisfy Azure.
    Claims,
    /// A billing role is missing: no token helps.
    Role,
}

pub(super) fn unauthorized(response: &HttpResponse) -> Unauthorized {
    let refusal = Refusal::read(response);
    let challenge = response.header("www-authenticate").unwrap_or_default();
    match refusal.code.as_str() {
        "InvalidAuthenticationTokenTenant" => Unauthorized::Directory,
        _ if mentions(challenge, "claims=") => Unauthorized::Claims,
        "ExpiredAuthenticationToken"
        | "InvalidAuthenticationToken"
        | "AuthenticationFailed"
        | "AuthenticationFailedInvalidHeader" => Unauthorized::Token,
        _ if mentions(challenge, "invalid_token") => Unauthorized::Token,
        _ => Unauthorized::Role,
    }
}

/// The error that a refusing answer stands for, once nothing is left to try.
pub(super) fn refused(response: &HttpResponse) -> AzureError {
    let refusal = Refusal::read(response);
    match response.status {
        401 | 403 => AzureError::Forbidden(refusal),
        404 | 410 => AzureError::NotFound(refusal),
        429 => AzureError::Throttled(refusal),
        408 | 500..=599 => AzureError::Unavailable(refusal),
        _ => AzureError::Rejected(refusal),
    }
}
