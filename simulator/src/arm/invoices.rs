//! Invoices of an account, a profile or a subscription: the pages of a list, one of them, and the document to download.
//! It must not know how an invoice is written or what becomes of a download.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use time::Date;
use time::macros::format_description;

use super::shapes::{self, invoice};
use super::{Version, bad_request, forbidden, no_claims, not_found};
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::scenario::{Agreement, NextLink, Visibility};
use crate::state::State;
use crate::world::{Billed, Document, InvoiceKey, Person, Scope, Standing};

/// The most invoices that the newer version puts on a page.
const LARGEST_PAGE: usize = 50;

/// One page of a list.
pub(super) fn list(
    state: &State,
    person: &Person,
    scope: Scope,
    version: Version,
    request: &Request,
) -> Answer {
    if let Some(refusal) = refusal(person, scope) {
        return refusal;
    }
    if let Some(refusal) = unsupported(person, scope, version) {
        return refusal;
    }
    let (Ok(from), Ok(to)) = (date(request, "periodStartDate"), date(request, "periodEndDate")) else {
        return bad_request("The period is not a date.");
    };
    if version == Version::V2020 && (from.is_none() || to.is_none()) {
        return bad_request("The parameters periodStartDate and periodEndDate are required.");
    }
    let Some(first) = offset(request) else {
        return bad_request("The $skiptoken is not valid.");
    };
    let matching: Vec<Billed<'_>> = person
        .listed(scope)
        .into_iter()
        .filter_map(|key| person.billed(key))
        .filter(|billed| from.is_none_or(|from| billed.invoice.period_start >= from))
        .filter(|billed| to.is_none_or(|to| billed.invoice.period_end <= to))
        .collect();
    let top = request
        .parameter("top")
        .and_then(|top| top.parse().ok())
        .filter(|_| version == Version::V2024);
    let size = top
        .unwrap_or(LARGEST_PAGE)
        .clamp(1, LARGEST_PAGE)
        .min(state.page_size());
    let page: Vec<Value> = matching
        .iter()
        .skip(first)
        .take(size)
        .map(|billed| invoice::invoice(*billed, scope, version))
        .collect();

    let mut body = Map::new();
    let next = first + size;
    let next_link = person.list(scope).map_or(NextLink::Good, |list| list.next_link);
    let next_offset = match next_link {
        NextLink::Cycle if next >= matching.len() => Some(0),
        _ => (next < matching.len()).then_some(next),
    };
    if let Some(offset) = next_offset {
        // Relative, with raw spaces and a raw colon, as it was recorded.
        let mut link = format!(
            "{}/invoices?api-version={}",
            shapes::path(person, scope),
            version.text()
        );
        for (name, day) in [("periodStartDate", from), ("periodEndDate", to)] {
            if let Some(day) = day {
                link.push_str(&format!("&{name}={day} 00:00:00Z"));
            }
        }
        if let Some(top) = top {
            link.push_str(&format!("&top={top}"));
        }
        link.push_str(&format!("&$skiptoken={}", skip_token(offset)));
        if let NextLink::Poisoned(poison) = next_link {
            link = poison.spoil(&format!("https://{}{link}", hosts::ARM));
        }
        body.insert("nextLink".to_owned(), link.into());
    }
    body.insert("totalCount".to_owned(), matching.len().into());
    body.insert("value".to_owned(), page.into());
    Answer::json(StatusCode::OK, &body.into())
}

/// One invoice by its name.
pub(super) fn one(person: &Person, scope: Scope, name: &str, version: Version) -> Answer {
    if let Some(refusal) = unsupported(person, scope, version) {
        return refusal;
    }
    match find(person, scope, name) {
        Ok(key) => match person.billed(key) {
            Some(billed) => Answer::json(StatusCode::OK, &invoice::invoice(billed, scope, version)),
            None => not_found(),
        },
        Err(answer) => *answer,
    }
}

/// The document that a download asks for: by the action, and by name in the newer version or by token in the older.
pub(super) fn document(
    person: &Person,
    scope: Scope,
    name: &str,
    action: &str,
    version: Version,
    request: &Request,
) -> Result<(InvoiceKey, usize), Box<Answer>> {
    if !matches!(action, "download" | "downloadsummary" | "transactionsdownload") {
        return Err(Box::new(not_found()));
    }
    if let Some(refusal) = unsupported(person, scope, version) {
        return Err(Box::new(refusal));
    }
    let key = find(person, scope, name)?;
    if person.is_denied_documents(key.billed_to) {
        return Err(Box::new(not_shared()));
    }
    let documents = person
        .billed(key)
        .map(|billed| billed.invoice.documents.as_slice())
        .unwrap_or_default();
    let position = |is_meant: &dyn Fn(&Document) -> bool| documents.iter().position(is_meant);
    let document = match (action, version) {
        ("downloadsummary", _) => position(&|document| document.kind == "Summary"),
        ("transactionsdownload", _) => position(&Document::is_transactions),
        (_, Version::V2020) => {
            let token = request
                .parameter("downloadToken")
                .ok_or_else(|| Box::new(bad_request("The parameter downloadToken is required.")))?;
            token
                .split_once('_')
                .and_then(|(_, name)| position(&|document| document.name == name))
        }
        _ => match request.parameter("documentName") {
            Some(name) => position(&|document| document.name == name),
            None => position(&|document| document.kind == "Invoice"),
        },
    };
    match document {
        Some(document) => Ok((key, document)),
        None => Err(Box::new(not_found())),
    }
}

/// An invoice of a list by its name, if the person may have it.
fn find(person: &Person, scope: Scope, name: &str) -> Result<InvoiceKey, Box<Answer>> {
    let found = person
        .listed(scope)
        .into_iter()
        .filter(|key| person.may_have(scope, *key))
        .find(|key| {
            person
                .billed(*key)
                .is_some_and(|billed| billed.invoice.name == name)
        });
    found.ok_or_else(|| Box::new(refusal(person, scope).unwrap_or_else(not_found)))
}

fn unsupported(person: &Person, scope: Scope, version: Version) -> Option<Answer> {
    let is_supported = match version {
        Version::V2024 => person.lists_in_2024(scope),
        Version::V2020 => person.lists_in_2020(scope),
        Version::V2018 => false,
    };
    (!is_supported).then(|| {
        bad_request(&format!(
            "The api-version '{}' is not supported for this agreement type.",
            version.text()
        ))
    })
}

/// What a person who may not see the invoices of a list is told.
pub(super) fn refusal(person: &Person, scope: Scope) -> Option<Answer> {
    match person.standing(scope) {
        Standing::As(Visibility::Listed) => None,
        Standing::As(Visibility::Empty) => Some(Answer::json(StatusCode::OK, &json!({"value": []}))),
        Standing::As(Visibility::Forbidden) => {
            let action = match scope {
                Scope::Account(_) => "Microsoft.Billing/billingAccounts/invoices/read",
                Scope::Profile(..) => "Microsoft.Billing/billingAccounts/billingProfiles/invoices/read",
                Scope::Subscription(_) => {
                    "Microsoft.Billing/billingAccounts/billingSubscriptions/invoices/read"
                }
            };
            Some(forbidden(person, action, &shapes::path(person, scope)))
        }
        Standing::As(Visibility::NoClaims) => Some(no_claims()),
        Standing::As(Visibility::NotFound) => Some(not_found()),
        Standing::As(Visibility::Failing) => Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE)),
        Standing::Unsupported => {
            let agreement = person.agreement(scope).map(Agreement::text).unwrap_or_default();
            Some(bad_request(&format!(
                "Invoices of a subscription are not supported for agreement type {agreement}."
            )))
        }
    }
}

/// What somebody is told to whom the account administrator has not allowed to download.
fn not_shared() -> Answer {
    Answer::json(
        StatusCode::FORBIDDEN,
        &json!({
            "code": "Forbidden",
            "message": "You do not have permission to download the invoice. Please contact the account administrator."
        }),
    )
}

/// A date of the query; only its first ten characters count, for `nextLink` writes a time behind it.
fn date(request: &Request, name: &str) -> Result<Option<Date>, ()> {
    let Some(text) = request.parameter(name) else {
        return Ok(None);
    };
    let day: String = text.chars().take(10).collect();
    Date::parse(&day, format_description!("[year]-[month]-[day]"))
        .map(Some)
        .map_err(|_| ())
}

/// Opaque to clients; its encoded tail `%3D%3D` must come back as it is.
pub(super) fn skip_token(offset: usize) -> String {
    let text = format!("{offset:016}");
    STANDARD.encode(text).replace('=', "%3D")
}

pub(super) fn offset(request: &Request) -> Option<usize> {
    let Some(token) = request.parameter("$skiptoken") else {
        return request
            .parameter("skip")
            .map_or(Some(0), |skip| skip.parse().ok());
    };
    let text = STANDARD.decode(token).ok()?;
    String::from_utf8(text).ok()?.parse().ok()
}
