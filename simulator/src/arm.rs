//! Resource Manager: who is asking, may they, and which of its resources answers.
//! It must not know about pages, sockets or the bytes of documents.

pub(crate) mod operations;
pub(crate) mod shapes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::scenario::{NextLink, Versions, Visibility};
use crate::state::State;
use crate::token::Refusal;
use crate::world::{Account, DocumentKey, Invoice, Subscription};

const SUPPORTED: &str = "2018-03-01-preview, 2019-10-01-preview, 2020-05-01, 2024-04-01";
/// Headers that a page's script may read.
const EXPOSED: &str = "Location, Retry-After, WWW-Authenticate, x-ms-request-id, x-ms-correlation-request-id, \
                       x-ms-ratelimit-remaining-tenant-reads, x-ms-ratelimit-remaining-tenant-writes";
/// The most invoices that the newer version puts on a page.
const LARGEST_PAGE: usize = 50;

/// The two versions of the invoice interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V2020,
    V2024,
}

impl Version {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::V2020 => "2020-05-01",
            Self::V2024 => "2024-04-01",
        }
    }
}

/// Answers a request to Resource Manager.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    if request.method == Method::OPTIONS {
        return preflight(request);
    }
    let id = state.draw.guid();
    let answer = authorised(state, request)
        .with("cache-control", "no-cache")
        .with("pragma", "no-cache")
        .with("expires", "-1")
        .with("strict-transport-security", "max-age=31536000; includeSubDomains")
        .with("x-content-type-options", "nosniff")
        .with("x-ms-request-id", &id)
        .with("x-ms-correlation-request-id", &id)
        .with("x-ms-routing-request-id", routing_id(request.at, &id))
        .with(
            "set-cookie",
            "x-ms-gateway-slice=Production; path=/; secure; samesite=none; httponly",
        );
    match request
        .header("origin")
        .filter(|origin| hosts::is_portal_origin(origin))
    {
        Some(origin) => answer
            .with("access-control-allow-origin", origin)
            .with("access-control-expose-headers", EXPOSED)
            .with("vary", "Origin"),
        None => answer,
    }
}

fn preflight(request: &Request) -> Answer {
    let Some(origin) = request
        .header("origin")
        .filter(|origin| hosts::is_portal_origin(origin))
    else {
        return Answer::empty(StatusCode::FORBIDDEN);
    };
    Answer::empty(StatusCode::OK)
        .with("access-control-allow-origin", origin)
        .with(
            "access-control-allow-methods",
            "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        )
        .with(
            "access-control-allow-headers",
            request
                .header("access-control-request-headers")
                .unwrap_or_default(),
        )
        .with("access-control-max-age", "600")
        .with("vary", "Origin")
}

fn authorised(state: &mut State, request: &Request) -> Answer {
    let account = match state.tokens.account(request.header("authorization"), request.at) {
        Ok(account) => account,
        Err(refusal) => return unauthorised(&refusal, request.at),
    };
    let is_read = request.method == Method::GET;
    let remaining = if is_read {
        "x-ms-ratelimit-remaining-tenant-reads"
    } else {
        "x-ms-ratelimit-remaining-tenant-writes"
    };
    match state.take(account, is_read, request.arrived) {
        Some(left) => resource(state, account, request).with(remaining, left.to_string()),
        None => error(
            StatusCode::TOO_MANY_REQUESTS,
            "TenantRequestsThrottled",
            "Number of requests exceeded the limit.",
        )
        .with("retry-after", "1")
        .with(remaining, "0"),
    }
}

fn unauthorised(refusal: &Refusal, now: OffsetDateTime) -> Answer {
    let second =
        format_description!("[month padding:none]/[day padding:none]/[year] [hour]:[minute]:[second]");
    let (code, message) = match refusal {
        Refusal::Missing => (
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.".to_owned(),
        ),
        Refusal::Expired(at) => (
            "ExpiredAuthenticationToken",
            format!(
                "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
                at.format(second).unwrap_or_default(),
                now.format(second).unwrap_or_default()
            ),
        ),
        Refusal::Unknown => (
            "InvalidAuthenticationToken",
            "The access token is invalid.".to_owned(),
        ),
    };
    error(StatusCode::UNAUTHORIZED, code, &message).with(
        "www-authenticate",
        "Bearer authorization_uri=\"https://login.windows.net/common\", error=\"invalid_token\", \
         error_description=\"The access token is invalid or has expired.\"",
    )
}

/// Finds the resource that a path names. Fixed words of a path are compared without regard to case.
fn resource(state: &mut State, account: usize, request: &Request) -> Answer {
    let segments = request.segments();
    let lower: Vec<String> = segments
        .iter()
        .map(|segment| segment.to_ascii_lowercase())
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = |at: usize| segments.get(at).cloned().unwrap_or_default();
    match (request.method.as_str(), lower.as_slice()) {
        ("GET", ["subscriptions"]) => of_account(state, account, shapes::subscriptions),
        ("GET", ["tenants"]) => of_account(state, account, shapes::tenants),
        ("GET", ["subscriptions", id]) => of_subscription(state, account, id, shapes::subscription),
        (
            "GET",
            [
                "subscriptions",
                id,
                "providers",
                "microsoft.authorization",
                "permissions",
            ],
        ) => of_subscription(state, account, id, |_, _| shapes::permissions()),
        (
            "GET",
            [
                "subscriptions",
                id,
                "providers",
                "microsoft.billing",
                "billingproperty",
                "default",
            ],
        ) => match request.parameter("api-version").as_deref() {
            Some("2020-05-01") => of_subscription(state, account, id, shapes::billing_property_2020),
            _ => of_subscription(state, account, id, shapes::billing_property_2024),
        },
        ("POST", ["batch"]) => Answer::json(StatusCode::OK, &json!({"responses": []})),
        (_, ["providers", "microsoft.billing", rest @ ..]) => {
            let Some(version) = version(request) else {
                return unsupported_version(request);
            };
            match (request.method.as_str(), rest) {
                ("GET", ["billingaccounts"]) => of_account(state, account, shapes::billing_accounts),
                (
                    "GET",
                    [
                        "billingaccounts",
                        "default",
                        "billingsubscriptions",
                        id,
                        "invoices",
                    ],
                ) => invoices(state, account, id, version, request),
                (
                    "GET",
                    [
                        "billingaccounts",
                        "default",
                        "billingsubscriptions",
                        id,
                        "invoices",
                        _,
                    ],
                ) => one_invoice(state, account, id, &name(7), version),
                (
                    "POST",
                    [
                        "billingaccounts",
                        "default",
                        "billingsubscriptions",
                        id,
                        "invoices",
                        _,
                        "download",
                    ],
                ) => match document(state, account, id, &name(7), version, request) {
                    Ok(key) => operations::start(state, key, version, request),
                    Err(answer) => *answer,
                },
                (
                    "GET",
                    [
                        "billingaccounts",
                        "default",
                        "billingsubscriptions",
                        _,
                        "operationresults",
                        operation,
                    ],
                ) => operations::poll(state, operation, request),
                _ => not_found(),
            }
            .with("api-supported-versions", SUPPORTED)
            .with("x-ms-service-version", "10.6.2873.826")
        }
        _ => Answer::json(
            StatusCode::NOT_FOUND,
            &json!({
                "message": "No HTTP resource was found that matches the request URI.",
                "messageDetail": "No route data was found for this request."
            }),
        ),
    }
}

fn of_account(state: &State, account: usize, shape: impl Fn(&Account) -> Value) -> Answer {
    match state.world.accounts.get(account) {
        Some(account) => Answer::json(StatusCode::OK, &shape(account)),
        None => not_found(),
    }
}

fn of_subscription(
    state: &State,
    account: usize,
    id: &str,
    shape: impl Fn(&Account, &Subscription) -> Value,
) -> Answer {
    let Some(account) = state.world.accounts.get(account) else {
        return not_found();
    };
    match account.subscription(id) {
        Some((_, subscription)) => Answer::json(StatusCode::OK, &shape(account, subscription)),
        None => subscription_not_found(id),
    }
}

/// One page of a subscription's invoices.
fn invoices(state: &State, account: usize, id: &str, version: Version, request: &Request) -> Answer {
    let Some((account, subscription)) = in_account(state, account, id) else {
        return subscription_not_found(id);
    };
    if let Some(refusal) = refusal(account, subscription) {
        return refusal;
    }
    if version == Version::V2024 && subscription.versions == Versions::Old {
        return bad_request("The api-version '2024-04-01' is not supported for this agreement type.");
    }
    let (from, to) = match (date(request, "periodStartDate"), date(request, "periodEndDate")) {
        (Ok(from), Ok(to)) => (from, to),
        _ => return bad_request("The period is not a date."),
    };
    if version == Version::V2020 && (from.is_none() || to.is_none()) {
        return bad_request("The parameters periodStartDate and periodEndDate are required.");
    }
    let Some(first) = offset(request) else {
        return bad_request("The $skiptoken is not valid.");
    };
    let matching: Vec<&Invoice> = subscription
        .invoices
        .iter()
        .filter(|invoice| from.is_none_or(|from| invoice.period_start >= from))
        .filter(|invoice| to.is_none_or(|to| invoice.period_end <= to))
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
        .map(|invoice| shapes::invoice(account, subscription, invoice, version))
        .collect();

    let mut body = serde_json::Map::new();
    let next = first + size;
    let next_offset = match subscription.next_link {
        NextLink::Cycle if next >= matching.len() => Some(0),
        _ => (next < matching.len()).then_some(next),
    };
    if let Some(offset) = next_offset {
        // Relative and with raw spaces, as it was recorded.
        let mut link = format!(
            "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{}/invoices?api-version={}",
            subscription.id,
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
        if subscription.next_link == NextLink::ForeignHost {
            link = format!("https://{}{link}", hosts::FOREIGN);
        }
        body.insert("nextLink".to_owned(), link.into());
    }
    body.insert("totalCount".to_owned(), matching.len().into());
    body.insert("value".to_owned(), page.into());
    Answer::json(StatusCode::OK, &body.into())
}

fn one_invoice(state: &State, account: usize, id: &str, name: &str, version: Version) -> Answer {
    let Some((account, subscription)) = in_account(state, account, id) else {
        return subscription_not_found(id);
    };
    if let Some(refusal) = refusal(account, subscription) {
        return refusal;
    }
    match subscription.invoices.iter().find(|invoice| invoice.name == name) {
        Some(invoice) => Answer::json(
            StatusCode::OK,
            &shapes::invoice(account, subscription, invoice, version),
        ),
        None => not_found(),
    }
}

/// The document that a download asks for: by name in the newer version, by token in the older one.
fn document(
    state: &State,
    account: usize,
    id: &str,
    invoice_name: &str,
    version: Version,
    request: &Request,
) -> Result<DocumentKey, Box<Answer>> {
    let of = state
        .world
        .accounts
        .get(account)
        .ok_or_else(|| Box::new(not_found()))?;
    let (subscription, found) = of
        .subscription(id)
        .ok_or_else(|| Box::new(subscription_not_found(id)))?;
    if let Some(refusal) = refusal(of, found) {
        return Err(Box::new(refusal));
    }
    let invoice = found
        .invoices
        .iter()
        .position(|invoice| invoice.name == invoice_name)
        .ok_or_else(|| Box::new(not_found()))?;
    let documents = found
        .invoices
        .get(invoice)
        .map(|invoice| invoice.documents.as_slice())
        .unwrap_or_default();
    let position = |name: &str| documents.iter().position(|document| document.name == name);
    let document = match version {
        Version::V2024 => match request.parameter("documentName") {
            Some(name) => position(&name),
            None => documents.iter().position(|document| document.kind == "Invoice"),
        },
        Version::V2020 => {
            let token = request
                .parameter("downloadToken")
                .ok_or_else(|| Box::new(bad_request("The parameter downloadToken is required.")))?;
            token.split_once('_').and_then(|(_, name)| position(name))
        }
    };
    let document = document.ok_or_else(|| Box::new(not_found()))?;
    Ok(DocumentKey {
        account,
        subscription,
        invoice,
        document,
    })
}

fn in_account<'a>(state: &'a State, account: usize, id: &str) -> Option<(&'a Account, &'a Subscription)> {
    let account = state.world.accounts.get(account)?;
    Some((account, account.subscription(id)?.1))
}

/// What a person who may not see the invoices of a subscription is told.
fn refusal(account: &Account, subscription: &Subscription) -> Option<Answer> {
    match subscription.visibility {
        Visibility::Listed => None,
        Visibility::Empty => Some(Answer::json(StatusCode::OK, &json!({"value": []}))),
        Visibility::Forbidden => Some(error(
            StatusCode::FORBIDDEN,
            "AuthorizationFailed",
            &format!(
                "The client '{}' with object id '{}' does not have authorization to perform action \
                 'Microsoft.Billing/billingAccounts/billingSubscriptions/invoices/read' over scope \
                 '/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{}' or the scope is \
                 invalid. If access was recently granted, please refresh your credentials.",
                account.email, account.object, subscription.id
            ),
        )),
        Visibility::NoClaims => Some(error(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "No claims present for the caller in the system.",
        )),
        Visibility::NotFound => Some(not_found()),
        Visibility::Failing => Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

fn version(request: &Request) -> Option<Version> {
    match request.parameter("api-version").as_deref() {
        Some("2020-05-01") => Some(Version::V2020),
        Some("2024-04-01") => Some(Version::V2024),
        _ => None,
    }
}

fn unsupported_version(request: &Request) -> Answer {
    match request.parameter("api-version") {
        None => error(
            StatusCode::BAD_REQUEST,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ),
        Some(version) => error(
            StatusCode::NOT_FOUND,
            "InvalidResourceType",
            &format!(
                "The resource type could not be found in the namespace 'Microsoft.Billing' for api version \
                 '{version}'. The supported api-versions are '2020-05-01,2024-04-01'."
            ),
        ),
    }
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
fn skip_token(offset: usize) -> String {
    let text = format!("{offset:016}");
    STANDARD.encode(text).replace('=', "%3D")
}

fn offset(request: &Request) -> Option<usize> {
    let Some(token) = request.parameter("$skiptoken") else {
        return request
            .parameter("skip")
            .map_or(Some(0), |skip| skip.parse().ok());
    };
    let text = STANDARD.decode(token).ok()?;
    String::from_utf8(text).ok()?.parse().ok()
}

/// Resource Manager's envelope.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"code": code, "message": message}}))
}

/// The billing service's own, flat body.
pub(crate) fn not_found() -> Answer {
    Answer::json(
        StatusCode::NOT_FOUND,
        &json!({"code": "NotFound", "message": "The resource or one of its dependencies could not be found."}),
    )
}

fn bad_request(message: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, "BadRequest", message)
}

fn subscription_not_found(id: &str) -> Answer {
    error(
        StatusCode::NOT_FOUND,
        "SubscriptionNotFound",
        &format!("The subscription '{id}' could not be found."),
    )
}

fn routing_id(at: OffsetDateTime, id: &str) -> String {
    let compact: String = at
        .format(&Rfc3339)
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .take(15)
        .collect();
    format!("NORTHEUROPE:{compact}Z:{id}")
}

#[cfg(test)]
mod tests;
