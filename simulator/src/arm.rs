//! Resource Manager: who is asking, may they, and which of its resources answers.
//! It must not know about pages, sockets or the bytes of documents.

mod access;
mod consumption;
pub(crate) mod costs;
mod invoices;
mod legacy;
pub(crate) mod operations;
pub(crate) mod shapes;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::state::State;
use crate::token::Refusal;
use crate::world::{DocumentKey, Person, Scope, Subscription};

const SUPPORTED: &str = "2018-03-01-preview, 2019-10-01-preview, 2020-05-01, 2024-04-01";
/// Headers that a page's script may read.
const EXPOSED: &str = "Location, Retry-After, WWW-Authenticate, x-ms-request-id, x-ms-correlation-request-id, \
                       x-ms-ratelimit-remaining-tenant-reads, x-ms-ratelimit-remaining-tenant-writes";

/// The versions of the invoice interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V2018,
    V2020,
    V2024,
}

impl Version {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::V2018 => "2018-03-01-preview",
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
    let person = match state.tokens.person(request.header("authorization"), request.at) {
        Ok(person) => person,
        Err(refusal) => return unauthorised(&refusal, request.at),
    };
    let is_read = request.method == Method::GET;
    let remaining = if is_read {
        "x-ms-ratelimit-remaining-tenant-reads"
    } else {
        "x-ms-ratelimit-remaining-tenant-writes"
    };
    match state.take(person, is_read, request.arrived) {
        Some(left) => resource(state, person, request).with(remaining, left.to_string()),
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
fn resource(state: &mut State, person: usize, request: &Request) -> Answer {
    let segments = request.segments();
    let lower: Vec<String> = segments
        .iter()
        .map(|segment| segment.to_ascii_lowercase())
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if let Some((of, action)) = below(&lower, "microsoft.costmanagement") {
        return costs::answer(state, person, of, action, request);
    }
    if let Some((of, action)) = below(&lower, "microsoft.consumption") {
        return consumption::answer(state, person, of, action, request);
    }
    match (request.method.as_str(), lower.as_slice()) {
        ("GET", ["subscriptions"]) => of_person(state, person, shapes::subscriptions),
        ("GET", ["tenants"]) => of_person(state, person, shapes::tenants),
        ("GET", ["subscriptions", id]) => of_subscription(state, person, id, shapes::subscription),
        (
            "GET",
            [
                "subscriptions",
                id,
                "providers",
                "microsoft.authorization",
                what @ ("permissions" | "roleassignments"),
            ],
        ) => access::of_subscription(state, person, id, what, request),
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
        ) => billing_property(state, person, id, request),
        (
            "GET",
            [
                "subscriptions",
                id,
                "providers",
                "microsoft.billing",
                "invoices",
                rest @ ..,
            ],
        ) => legacy::answer(state, person, id, rest, request),
        ("POST", ["batch"]) => Answer::json(StatusCode::OK, &json!({"responses": []})),
        (_, ["providers", "microsoft.billing", words @ ..]) => {
            let Some(version) = version(request) else {
                return unsupported_version(request);
            };
            // Names keep their case.
            let names = segments.get(2..).unwrap_or_default();
            billing(state, person, words, names, version, request)
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

/// The words of a path before a provider, and those behind it.
fn below<'a>(words: &'a [&'a str], provider: &str) -> Option<(&'a [&'a str], &'a [&'a str])> {
    let at = words
        .windows(2)
        .rposition(|pair| pair == ["providers", provider])?;
    Some((words.get(..at)?, words.get(at + 2..)?))
}

/// Finds what a path of the billing service names, given in small letters and as it was sent.
fn billing(
    state: &mut State,
    person: usize,
    words: &[&str],
    names: &[String],
    version: Version,
    request: &Request,
) -> Answer {
    let method = request.method.as_str();
    if let ("GET", ["billingaccounts"]) = (method, words) {
        let everything = request
            .parameter("includeAll")
            .is_some_and(|all| all.eq_ignore_ascii_case("true"));
        return of_person(state, person, |person| {
            shapes::billing_accounts(person, version, everything, request)
        });
    }
    let Some(of) = state.world.people.get(person) else {
        return not_found();
    };
    if let (
        "GET",
        [
            words @ ..,
            what @ ("billingpermissions" | "billingroleassignments"),
        ],
    ) = (method, words)
    {
        return access::of_billing(of, words, what, version);
    }
    let (scope, rest) = match scope(of, words) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let name = names
        .get(words.len() - rest.len() + 1)
        .map(String::as_str)
        .unwrap_or_default();
    match (method, scope, rest) {
        ("GET", Scope::Account(account), []) => match of.billing_accounts.get(account) {
            Some(account) => Answer::json(
                StatusCode::OK,
                &shapes::billing_account(of, account, version, request),
            ),
            None => not_found(),
        },
        ("GET", Scope::Account(account), ["billingprofiles"]) => profiles(of, account),
        ("GET", _, ["invoices"]) => invoices::list(state, of, scope, version, request),
        ("GET", _, ["invoices", _]) => invoices::one(of, scope, name, version),
        // Downloading is documented for accounts and subscriptions.
        ("POST", Scope::Account(_) | Scope::Subscription(_), ["invoices", _, action]) => {
            match invoices::document(of, scope, name, action, version, request) {
                Ok((invoice, document)) => {
                    let key = DocumentKey {
                        person,
                        invoice,
                        document,
                    };
                    operations::start(state, key, scope, action, version, request)
                }
                Err(answer) => *answer,
            }
        }
        ("GET", _, ["operationresults", operation] | ["invoices", _, "operationresults", operation]) => {
            operations::poll(state, operation, request)
        }
        _ => not_found(),
    }
}

/// What the first words of a path name, and the words that are left.
fn scope<'a>(person: &Person, words: &'a [&'a str]) -> Result<(Scope, &'a [&'a str]), Box<Answer>> {
    match words {
        [
            "billingaccounts",
            "default",
            "billingsubscriptions",
            id,
            rest @ ..,
        ] => {
            let found = person.subscription(id);
            let (at, _) = found.ok_or_else(|| Box::new(subscription_not_found(id)))?;
            Ok((Scope::Subscription(at), rest))
        }
        ["billingaccounts", account, "billingprofiles", id, rest @ ..] => {
            let found = person.billing_account(account);
            let (at, account) = found.ok_or_else(|| Box::new(not_found()))?;
            let profile = account
                .profiles
                .iter()
                .position(|profile| profile.id.eq_ignore_ascii_case(id))
                .ok_or_else(|| Box::new(not_found()))?;
            Ok((Scope::Profile(at, profile), rest))
        }
        ["billingaccounts", account, rest @ ..] => {
            let found = person.billing_account(account);
            let (at, _) = found.ok_or_else(|| Box::new(not_found()))?;
            Ok((Scope::Account(at), rest))
        }
        _ => Err(Box::new(not_found())),
    }
}

fn profiles(person: &Person, account: usize) -> Answer {
    match person.billing_accounts.get(account) {
        Some(account) if account.agreement.has_profiles() => {
            Answer::json(StatusCode::OK, &shapes::billing_profiles(person, account))
        }
        _ => bad_request("Billing profiles are not supported for this agreement type."),
    }
}

fn billing_property(state: &State, person: usize, id: &str, request: &Request) -> Answer {
    let Some(of) = state.world.people.get(person) else {
        return not_found();
    };
    let Some((_, subscription)) = of.subscription(id) else {
        return subscription_not_found(id);
    };
    let action = "Microsoft.Billing/billingProperty/read";
    if subscription.billing_property_refused || !subscription.allows(action) {
        let over = format!(
            "/subscriptions/{}/providers/Microsoft.Billing/billingProperty/default",
            subscription.id
        );
        return forbidden(of, action, &over);
    }
    let with_transition = request
        .parameter("includeTransitionStatus")
        .is_some_and(|asked| asked.eq_ignore_ascii_case("true"));
    let body = match request.parameter("api-version").as_deref() {
        Some("2020-05-01") => shapes::billing_property_2020(of, subscription),
        _ => shapes::billing_property_2024(of, subscription, with_transition),
    };
    Answer::json(StatusCode::OK, &body)
}

fn of_person(state: &State, person: usize, shape: impl Fn(&Person) -> Value) -> Answer {
    match state.world.people.get(person) {
        Some(person) => Answer::json(StatusCode::OK, &shape(person)),
        None => not_found(),
    }
}

fn of_subscription(
    state: &State,
    person: usize,
    id: &str,
    shape: impl Fn(&Person, &Subscription) -> Value,
) -> Answer {
    let Some(person) = state.world.people.get(person) else {
        return not_found();
    };
    match person.subscription(id) {
        Some((_, subscription)) => Answer::json(StatusCode::OK, &shape(person, subscription)),
        None => subscription_not_found(id),
    }
}

fn version(request: &Request) -> Option<Version> {
    match request.parameter("api-version").as_deref() {
        Some("2020-05-01") => Some(Version::V2020),
        Some("2024-04-01") => Some(Version::V2024),
        _ => None,
    }
}

/// Whether a version is a date, and not before the oldest one.
fn is_version(version: &str, oldest: &str) -> bool {
    let day: String = version.chars().take(10).collect();
    Date::parse(&day, format_description!("[year]-[month]-[day]")).is_ok() && day.as_str() >= oldest
}

/// What a service says that answers alike from some version on.
fn unsupported_version_of(provider: &str, version: &str, oldest: &str) -> Answer {
    if version.is_empty() {
        return error(
            StatusCode::BAD_REQUEST,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        );
    }
    error(
        StatusCode::NOT_FOUND,
        "InvalidResourceType",
        &format!(
            "The resource type could not be found in the namespace '{provider}' for api version '{version}'. The \
             supported api-versions are '{oldest}'."
        ),
    )
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

/// Resource Manager's envelope.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"code": code, "message": message}}))
}

/// What somebody without a role is told.
pub(crate) fn forbidden(person: &Person, action: &str, over: &str) -> Answer {
    error(
        StatusCode::FORBIDDEN,
        "AuthorizationFailed",
        &format!(
            "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
             '{over}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            person.email, person.object
        ),
    )
}

/// What somebody is told whom the billing service does not know.
fn no_claims() -> Answer {
    error(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        "No claims present for the caller in the system.",
    )
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
