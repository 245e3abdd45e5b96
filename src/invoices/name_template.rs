//! The pattern that documents are named by: words, folders, and placeholders for what is known of each document.
//! Must not know: what a document's values are, or which names a system forbids.

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::spelling::spelled;

/// Longest pattern in bytes.
const LONGEST: usize = 300;

spelled! {
    /// What a pattern can say of a document. English in every language, so that a pattern can be passed on.
    pub enum Placeholder {
        /// The invoice's date, `2026-03-09`.
        Date = "date",
        /// The year of that date.
        Year = "year",
        /// The month of that date, `03`.
        Month = "month",
        /// First and last day of the billing period.
        Period = "period",
        /// Who is billed: the subscription, else the billing profile, else the account.
        BilledTo = "billed-to",
        /// The subscription's name; nothing where no subscription is billed.
        Subscription = "subscription",
        /// The subscription's id; nothing where no subscription is billed.
        SubscriptionId = "subscription-id",
        /// The billing profile's name; nothing where there is none.
        BillingProfile = "billing-profile",
        /// The billing account's name.
        BillingAccount = "billing-account",
        /// The invoice's number.
        Invoice = "invoice",
        /// The document's own number or name.
        Number = "number",
        /// What the document is.
        Kind = "kind",
        /// The invoice's total as the list of invoices told it when the document was planned.
        Amount = "amount",
        /// The currency of that total.
        Currency = "currency",
    }
}

impl Placeholder {
    /// Names that people make up as long as they like; when a name is too long, these give way first.
    pub fn is_free_text(self) -> bool {
        matches!(
            self,
            Placeholder::BilledTo
                | Placeholder::Subscription
                | Placeholder::BillingProfile
                | Placeholder::BillingAccount
        )
    }

    /// As a person may write it: `Subscription id` is `subscription-id`.
    fn written(name: &str) -> Option<Placeholder> {
        let name = name.trim().to_ascii_lowercase().replace([' ', '_'], "-");
        Placeholder::read(&name)
    }
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// There is no such placeholder.
    #[error("there is no placeholder {{{0}}}")]
    UnknownPlaceholder(String),
    /// A `{` without its `}`.
    #[error("a {{ is not closed")]
    UnclosedBrace,
    /// A `}` without its `{`.
    #[error("a }} closes nothing")]
    StrayBrace,
    /// A folder or the name itself would be empty, or lead out of its folder.
    #[error("a part between slashes is no name")]
    EmptyPart,
    /// Longer than a pattern may be.
    #[error("the pattern is too long")]
    TooLong,
}

impl TemplateError {
    /// Its name for support, the same in every language and version.
    pub fn code(&self) -> &'static str {
        match self {
            TemplateError::UnknownPlaceholder(_) => "unknownPlaceholder",
            TemplateError::UnclosedBrace => "unclosedBrace",
            TemplateError::StrayBrace => "strayBrace",
            TemplateError::EmptyPart => "emptyPart",
            TemplateError::TooLong => "templateTooLong",
        }
    }
}

/// A piece of a folder's or a file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The same in every name.
    Text(String),
    /// Whatever the document has there.
    Value(Placeholder),
}

/// A pattern such as `{year}/{date} {billed-to} {invoice} {kind}`. The folder that holds everything and the ending are no
/// part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate {
    text: String,
    folders: Vec<Vec<Piece>>,
    name: Vec<Piece>,
}

impl NameTemplate {
    /// What names are made by unless the person wants others.
    pub const STANDARD: &'static str = "{year}/{date} {billed-to} {invoice} {kind}";

    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(text: &str) -> Result<NameTemplate, TemplateError> {
        if text.chars().count() > LONGEST {
            return Err(TemplateError::TooLong);
        }
        let text = text.trim();
        // People who work on Windows write either slash.
        let mut parts = text
            .split(['/', '\\'])
            .map(pieces)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(NameTemplate {
            text: text.to_owned(),
            name: parts.pop().unwrap_or_default(),
            folders: parts,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn folders(&self) -> &[Vec<Piece>] {
        &self.folders
    }

    pub(super) fn name(&self) -> &[Piece] {
        &self.name
    }
}

impl Default for NameTemplate {
    fn default() -> NameTemplate {
        // A test reads the standard, so the second pattern never comes to be.
        NameTemplate::read(NameTemplate::STANDARD).unwrap_or(NameTemplate {
            text: String::new(),
            folders: Vec::new(),
            name: Vec::new(),
        })
    }
}

impl Serialize for NameTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// The pieces of one folder's or file's name.
fn pieces(part: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = part;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, next) = after.split_once('}').ok_or(TemplateError::UnclosedBrace)?;
        if name.contains('{') {
            return Err(TemplateError::UnclosedBrace);
        }
        let placeholder = Placeholder::written(name);
        let unknown = || TemplateError::UnknownPlaceholder(name.trim().to_owned());
        add_text(text, &mut pieces)?;
        pieces.push(Piece::Value(placeholder.ok_or_else(unknown)?));
        rest = next;
    }
    add_text(rest, &mut pieces)?;
    let says_something = pieces.iter().any(|piece| match piece {
        Piece::Value(_) => true,
        Piece::Text(text) => text.contains(|character: char| !character.is_whitespace() && character != '.'),
    });
    says_something.then_some(pieces).ok_or(TemplateError::EmptyPart)
}

fn add_text(text: &str, pieces: &mut Vec<Piece>) -> Result<(), TemplateError> {
    if text.contains('}') {
        return Err(TemplateError::StrayBrace);
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    Ok(())
}
