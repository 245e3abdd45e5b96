//! Operations: started by a POST, polled at a signed address that changes with each answer, done with links.
//! It must not know what the links lead to.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::time::{Duration, Instant};

use super::shapes::{self, encoded_segment};
use super::{Version, costs, not_found};
use crate::blob;
use crate::draw::Draw;
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::log::Sender;
use crate::rules::Rule;
use crate::scenario::{Agreement, ResultShape};
use crate::state::State;
use crate::world::{DocumentKey, Found, Report, Scope};

/// Ticks of 100 ns between the years 1 and 1970.
const TICKS_TO_UNIX: i128 = 621_355_968_000_000_000;

/// Every operation that was started.
#[derive(Debug, Default)]
pub(crate) struct Operations(HashMap<String, Operation>);

#[derive(Debug)]
struct Operation {
    goal: Goal,
    version: String,
    started_by: Sender,
    polls_left: u32,
    /// No poll before this moment finds it done.
    done_from: Instant,
    /// A poll before this moment is answered like any other, but brings the end no nearer.
    due: Instant,
    /// Path of its results, and the queries that were handed out with it, the newest last.
    path: String,
    queries: Vec<String>,
}

/// What an operation is done with.
#[derive(Debug, Clone)]
enum Goal {
    Document(DocumentKey, Version),
    /// With the body of the request that asked for it.
    Report(Report, Value),
}

/// Starts the download of a document that was asked for below `scope`, by one of the three actions.
pub(super) fn start(
    state: &mut State,
    document: DocumentKey,
    scope: Scope,
    action: &str,
    version: Version,
    request: &Request,
) -> Answer {
    let id = format!("{}_{}", operation_kind(action), state.draw.guid());
    let Some(found) = state.world.find(document) else {
        return not_found();
    };
    let path = format!("{}/operationResults/{id}", parent(found, scope, version));
    begin(
        state,
        &id,
        Goal::Document(document, version),
        version.text(),
        path,
        request,
    )
}

/// Starts a usage report, whose results lie below `parent`.
pub(super) fn start_report(
    state: &mut State,
    report: Report,
    asked: Value,
    parent: &str,
    version: &str,
    request: &Request,
) -> Answer {
    let id = state.draw.guid();
    let path = format!("{parent}/costDetailsOperationResults/{id}");
    begin(state, &id, Goal::Report(report, asked), version, path, request)
}

fn begin(state: &mut State, id: &str, goal: Goal, version: &str, path: String, request: &Request) -> Answer {
    let operation = Operation {
        goal,
        version: version.to_owned(),
        started_by: request.sender(),
        polls_left: state.settings.polls,
        done_from: request.arrived + state.settings.preparation,
        due: request.arrived,
        path,
        queries: Vec::new(),
    };
    let id = id.to_ascii_lowercase();
    state.operations.0.insert(id.clone(), operation);
    accepted(state, &id, request)
}

fn operation_kind(action: &str) -> &'static str {
    match action {
        "downloadsummary" => "invoiceSummaryDownload",
        "transactionsdownload" => "transactionsDownload",
        _ => "invoiceDownload",
    }
}

/// What the address of the results stands below: in the older version the invoice, where an account was asked.
fn parent(found: Found<'_>, scope: Scope, version: Version) -> String {
    let path = shapes::path(found.billed.person, scope);
    let is_enrolment = found.billed.agreement == Agreement::EnterpriseAgreement;
    match (scope, version) {
        (Scope::Account(_), Version::V2020) if !is_enrolment => {
            format!("{path}/invoices/{}", encoded_segment(&found.billed.invoice.name))
        }
        _ => path,
    }
}

pub(super) fn poll(state: &mut State, id: &str, request: &Request) -> Answer {
    let Some(operation) = state.operations.0.get_mut(id) else {
        return not_found();
    };
    let same_path = operation.path == request.path;
    let newest = operation
        .queries
        .last()
        .is_some_and(|query| same_path && *query == request.query);
    if request.sender() == Sender::Extension && !newest {
        let known = same_path && operation.queries.contains(&request.query);
        state.watch.broken(
            if known {
                Rule::SupersededLocation
            } else {
                Rule::AlteredLocation
            },
            request,
        );
        if !known {
            return super::error(
                StatusCode::FORBIDDEN,
                "AuthorizationFailed",
                "The request is not signed as it was given.",
            );
        }
    }
    if operation.polls_left > 0 || request.arrived < operation.done_from {
        if request.arrived >= operation.due {
            operation.polls_left = operation.polls_left.saturating_sub(1);
        }
        return accepted(state, id, request);
    }
    let started_by = operation.started_by;
    let (document, version) = match operation.goal.clone() {
        Goal::Document(document, version) => (document, version),
        Goal::Report(report, asked) => return costs::done(state, report, &asked, id, started_by, request.at),
    };
    let Some(link) = blob::link(state, document, version, started_by, request.at) else {
        return not_found();
    };
    let shape = state
        .world
        .find(document)
        .map_or(ResultShape::Object, |found| found.document.result);
    match shape {
        ResultShape::Object => Answer::json(StatusCode::OK, &json!({"url": link.url})),
        ResultShape::BareString => Answer::json(StatusCode::OK, &link.url.into()),
    }
}

/// 202, with an address that has never been given before.
fn accepted(state: &mut State, id: &str, request: &Request) -> Answer {
    let wait = Duration::from_secs(state.settings.retry_after);
    let Some(operation) = state.operations.0.get_mut(id) else {
        return not_found();
    };
    let query = signed(&operation.version, request.at, &mut state.draw);
    operation.queries.push(query.clone());
    operation.due = request.arrived + wait;
    let location = format!("https://{}{}?{query}", hosts::ARM, operation.path);
    let poison = match &operation.goal {
        Goal::Document(document, _) => {
            let found = state.world.find(*document);
            found.and_then(|found| found.document.location)
        }
        Goal::Report(report, _) => costs::poison(&state.world, *report),
    };
    let location = match poison {
        Some(poison) => poison.spoil_in_header(&location),
        None => location,
    };
    Answer::empty(StatusCode::ACCEPTED)
        .with("location", location)
        .with("retry-after", state.settings.retry_after.to_string())
}

/// The query of an operation's address: time, a certificate, a signature and a hash, about four kilobytes.
fn signed(version: &str, now: OffsetDateTime, draw: &mut Draw) -> String {
    let ticks = now.unix_timestamp_nanos() / 100 + TICKS_TO_UNIX;
    let mut random = |bytes| URL_SAFE_NO_PAD.encode(draw.bytes(bytes));
    format!(
        "api-version={version}&t={ticks}&c=MII{}&s={}&h={}",
        random(2610),
        random(256),
        random(32)
    )
}
