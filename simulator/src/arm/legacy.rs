//! The oldest list of invoices, of one subscription: a plain GET whose answer may hold the links themselves.
//! It must not know the newer lists, beyond whether this person would be refused there too.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::{Version, bad_request, error, invoices, subscription_not_found};
use crate::blob;
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::scenario::{Agreement, NextLink, Visibility};
use crate::state::State;
use crate::world::{DocumentKey, InvoiceKey, Person, Scope, Standing};

const SUPPORTED: &str = "2017-02-27-preview, 2017-04-24-preview, 2018-03-01-preview";
const LARGEST_PAGE: usize = 100;

/// Answers below `/subscriptions/{id}/providers/Microsoft.Billing/invoices`.
pub(super) fn answer(state: &mut State, person: usize, id: &str, rest: &[&str], request: &Request) -> Answer {
    if request.parameter("api-version").as_deref() != Some(Version::V2018.text()) {
        return error(
            StatusCode::NOT_FOUND,
            "InvalidResourceType",
            &format!(
                "The resource type 'invoices' could not be found in the namespace 'Microsoft.Billing' for api version \
                 '{}'. The supported api-versions are '{}'.",
                request.parameter("api-version").unwrap_or_default(),
                SUPPORTED.replace(' ', "")
            ),
        );
    }
    let of = state.world.people.get(person);
    let Some((of, at)) = of.and_then(|of| Some((of, of.subscription(id)?.0))) else {
        return subscription_not_found(id);
    };
    if let Some(refusal) = refusal(of, at, request) {
        return refusal;
    }
    let listed = of.listed(Scope::Subscription(at));
    let answer = match rest {
        [] => list(state, person, at, &listed, request),
        ["latest"] => match listed.first() {
            Some(newest) => one(state, person, at, *newest, request),
            None => nothing(request),
        },
        [name] => {
            let named = listed.into_iter().find(|key| {
                of.billed(*key)
                    .is_some_and(|billed| billed.invoice.legacy_name == *name)
            });
            match named {
                Some(key) => one(state, person, at, key, request),
                None => nothing(request),
            }
        }
        _ => nothing(request),
    };
    answer.with("api-supported-versions", SUPPORTED)
}

fn refusal(person: &Person, at: usize, request: &Request) -> Option<Answer> {
    let scope = Scope::Subscription(at);
    let offer = match person.agreement(scope)? {
        Agreement::MicrosoftOnlineServicesProgram => None,
        Agreement::EnterpriseAgreement => Some("MS-AZR-0017P"),
        Agreement::MicrosoftCustomerAgreement | Agreement::MicrosoftPartnerAgreement => Some("MS-AZR-0017G"),
    };
    match (person.standing(scope), offer) {
        (Standing::As(Visibility::Listed) | Standing::Unsupported, Some(offer)) => {
            Some(bad_request(&format!("Offer id {offer} is not supported.")))
        }
        (Standing::As(Visibility::Listed), None) => person.listed(scope).is_empty().then(|| nothing(request)),
        (Standing::As(Visibility::Empty), _) => Some(nothing(request)),
        _ => invoices::refusal(person, scope),
    }
}

fn list(state: &mut State, person: usize, at: usize, listed: &[InvoiceKey], request: &Request) -> Answer {
    let Some(first) = invoices::offset(request) else {
        return bad_request("The $skiptoken is not valid.");
    };
    let top = request.parameter("$top");
    let size = match top.as_ref().map(|top| top.parse::<usize>()) {
        None => state.page_size().min(LARGEST_PAGE),
        Some(Ok(top)) if (1..=LARGEST_PAGE).contains(&top) => top,
        Some(_) => return bad_request("The value of $top must be between 1 and 100."),
    };
    let expand = request.parameter("$expand");
    let with_links = expand.is_some_and(|expand| expand.eq_ignore_ascii_case("downloadUrl"));
    let page: Vec<Value> = listed
        .iter()
        .skip(first)
        .take(size)
        .filter_map(|key| invoice(state, person, at, *key, with_links, request))
        .collect();
    let mut body = Map::new();
    body.insert("value".to_owned(), page.into());
    if first + size < listed.len() {
        body.insert(
            "nextLink".to_owned(),
            next_link(state, person, at, first + size, request).into(),
        );
    }
    Answer::json(StatusCode::OK, &body.into())
}

fn next_link(state: &State, person: usize, at: usize, offset: usize, request: &Request) -> String {
    // The rest of the query stays as it was asked.
    let lasting = request
        .query
        .split('&')
        .filter(|pair| !pair.to_ascii_lowercase().contains("skiptoken="));
    let link = format!(
        "https://{}{}?{}&$skiptoken={}",
        hosts::ARM,
        request.path,
        lasting.collect::<Vec<_>>().join("&"),
        invoices::skip_token(offset)
    );
    let list = state
        .world
        .people
        .get(person)
        .and_then(|person| person.list(Scope::Subscription(at)));
    match list.map(|list| list.next_link) {
        Some(NextLink::Poisoned(poison)) => poison.spoil(&link),
        _ => link,
    }
}

fn one(state: &mut State, person: usize, at: usize, key: InvoiceKey, request: &Request) -> Answer {
    match invoice(state, person, at, key, true, request) {
        Some(invoice) => Answer::json(StatusCode::OK, &invoice),
        None => nothing(request),
    }
}

fn invoice(
    state: &mut State,
    person: usize,
    at: usize,
    key: InvoiceKey,
    with_link: bool,
    request: &Request,
) -> Option<Value> {
    let of = state.world.people.get(person)?;
    let subscription = &of.subscriptions.get(at)?.id;
    let found = of.billed(key)?.invoice;
    let path = format!("/subscriptions/{subscription}/providers/Microsoft.Billing");
    let (name, start, end) = (found.legacy_name.clone(), found.period_start, found.period_end);
    let has_document = !found.documents.is_empty() && !of.is_denied_documents(key.billed_to);
    let mut properties = Map::new();
    if with_link && has_document {
        let document = DocumentKey {
            person,
            invoice: key,
            document: 0,
        };
        let link = blob::link(state, document, Version::V2018, request.sender(), request.at)?;
        properties.insert(
            "downloadUrl".to_owned(),
            json!({"expiryTime": blob::sas_time(link.expires), "url": link.url}),
        );
    }
    properties.insert("invoicePeriodEndDate".to_owned(), end.to_string().into());
    properties.insert("invoicePeriodStartDate".to_owned(), start.to_string().into());
    let period = name.split_once('-').map_or(name.as_str(), |(month, _)| month);
    properties.insert(
        "billingPeriodIds".to_owned(),
        json!([format!("{path}/billingPeriods/{period}-1")]),
    );
    Some(json!({
        "id": format!("{path}/invoices/{name}"),
        "type": "Microsoft.Billing/invoices",
        "name": name,
        "properties": properties
    }))
}

/// No data is an error here. The target names the service behind Resource Manager, as it was recorded.
fn nothing(request: &Request) -> Answer {
    Answer::json(
        StatusCode::NOT_FOUND,
        &json!({"error": {
            "code": "ResourceNotFound",
            "target": format!("https://billing-preview.windowsazure.com{}?{}", request.path, request.query),
            "message": "Could not find invoice for the subscription."
        }}),
    )
}
