//! Consumption: the usage of a subscription of the online services programme, line by line and page by page.
//! It must not know what was used.

use std::fmt::Write as _;

use hyper::StatusCode;
use serde_json::{Map, Value};
use time::Date;
use time::macros::format_description;

use super::costs::{too_many_requests, whole_seconds};
use super::shapes::usage as shapes;
use super::{bad_request, error, forbidden, no_claims, not_found, subscription_not_found};
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::scenario::{Agreement, NextLink, Visibility};
use crate::state::State;
use crate::usage;
use crate::world::{Person, Scope, Usage, billing_period, period_name};

const OLDEST: &str = "2018-01-31";
/// The most lines that a client may ask for at once.
const LARGEST_PAGE: usize = 1000;

/// Answers what is asked of Consumption about a scope: its words and those behind the provider, in small letters.
pub(super) fn answer(
    state: &mut State,
    person: usize,
    of: &[&str],
    action: &[&str],
    request: &Request,
) -> Answer {
    let remaining = "x-ms-ratelimit-remaining-microsoft.consumption-tenant-requests";
    match state.take_consumption(person, request.arrived) {
        Ok(left) => match details(state, person, of, action, request) {
            Ok(answer) => answer,
            Err(answer) => *answer,
        }
        .with(remaining, format!("DefaultQuota:{left}")),
        Err(enough) => {
            let seconds = whole_seconds(enough.wait).to_string();
            too_many_requests()
                .with(remaining, "DefaultQuota:0")
                .with("x-ms-ratelimit-microsoft.consumption-retry-after", seconds)
        }
    }
}

fn details(
    state: &mut State,
    person: usize,
    of: &[&str],
    action: &[&str],
    request: &Request,
) -> Result<Answer, Box<Answer>> {
    let token = state.draw.guid();
    let found = state
        .world
        .people
        .get(person)
        .ok_or_else(|| Box::new(not_found()))?;
    let (id, period) = match (of, action) {
        (["subscriptions", id], ["usagedetails"]) => (*id, None),
        (
            [
                "subscriptions",
                id,
                "providers",
                "microsoft.billing",
                "billingperiods",
                period,
            ],
            ["usagedetails"],
        ) => (*id, Some(*period)),
        _ => return Err(Box::new(not_found())),
    };
    let version = request.parameter("api-version").unwrap_or_default();
    if request.method != hyper::Method::GET || !super::is_version(&version, OLDEST) {
        let refusal = super::unsupported_version_of("Microsoft.Consumption", &version, OLDEST);
        return Err(Box::new(refusal));
    }
    let (at, _) = found
        .subscription(id)
        .ok_or_else(|| Box::new(subscription_not_found(id)))?;
    let scope = Scope::Subscription(at);
    let told = found.usage(scope).ok_or_else(|| Box::new(not_found()))?;
    if let Some(refusal) = refusal(found, scope) {
        return Err(Box::new(refusal));
    }
    let lines = match days(request, period, told, state.world.today)? {
        Some((from, to)) if told.visibility != Visibility::Empty => usage::lines(found, scope, from..=to),
        _ => Vec::new(),
    };
    let top = page_size(request)?;
    let size = top
        .unwrap_or(LARGEST_PAGE)
        .min(state.settings.usage_page_size.max(1));
    let first = offset(request).ok_or_else(|| Box::new(bad_request("The $skiptoken is not valid.")))?;
    let with_meters = request
        .parameter("$expand")
        .is_some_and(|fields| fields.to_ascii_lowercase().contains("meterdetails"));
    let page: Vec<Value> = lines
        .iter()
        .skip(first)
        .take(size)
        .filter_map(|line| shapes::detail(found, at, line, with_meters))
        .collect();
    let mut body = Map::new();
    let next = first + size;
    let next = match told.next_link {
        NextLink::Cycle if next >= lines.len() => Some(0),
        _ => (next < lines.len()).then_some(next),
    };
    if let Some(next) = next {
        let link = next_link(request, next, size, &token);
        let link = match told.next_link {
            NextLink::Poisoned(poison) => poison.spoil(&link),
            _ => link,
        };
        body.insert("nextLink".to_owned(), link.into());
    }
    body.insert("value".to_owned(), page.into());
    Ok(Answer::json(StatusCode::OK, &body.into()))
}

fn refusal(person: &Person, scope: Scope) -> Option<Answer> {
    match person.usage_visibility(scope) {
        Visibility::Listed | Visibility::Empty => {}
        Visibility::Forbidden => {
            let id = match scope {
                Scope::Subscription(at) => person.subscriptions.get(at).map(|of| of.id.as_str()),
                _ => None,
            };
            let over = format!("/subscriptions/{}", id.unwrap_or_default());
            return Some(forbidden(
                person,
                "Microsoft.Consumption/usageDetails/read",
                &over,
            ));
        }
        Visibility::NoClaims => return Some(no_claims()),
        Visibility::NotFound => return Some(not_found()),
        Visibility::Failing => return Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE)),
    }
    let is_served = person.agreement(scope) == Some(Agreement::MicrosoftOnlineServicesProgram);
    (!is_served).then(|| {
        error(
            StatusCode::BAD_REQUEST,
            "400",
            "Usage details are not supported for this agreement type; use the Cost Details API.",
        )
    })
}

/// The days that are asked for: of a billing period, or as the filter says; otherwise of the current period. `None` for
/// a period that this subscription does not have.
fn days(
    request: &Request,
    period: Option<&str>,
    told: &Usage,
    today: Date,
) -> Result<Option<(Date, Date)>, Box<Answer>> {
    let current = billing_period(today, told.invoice_day);
    let (mut from, mut to) = match period {
        Some(name) => {
            let mut found = Some(current);
            while let Some((from, to)) = found {
                let named = period_name(to);
                if name == named || name == format!("{named}-1") {
                    break;
                }
                let oldest = told.days.as_ref().map(|days| *days.start());
                found = from
                    .previous_day()
                    .filter(|day| oldest.is_some_and(|oldest| oldest <= *day))
                    .map(|day| billing_period(day, told.invoice_day));
            }
            match found {
                Some(found) => found,
                None => return Ok(None),
            }
        }
        None if request.parameter("$filter").is_some() => (Date::MIN, today),
        None => current,
    };
    let Some(filter) = request.parameter("$filter") else {
        return Ok(Some((from, to)));
    };
    for condition in filter.split(" and ") {
        let words: Vec<&str> = condition.split_whitespace().collect();
        let not_understood = || {
            Box::new(bad_request(&format!(
                "The filter '{condition}' is not supported."
            )))
        };
        let [field, operator, value] = words.as_slice() else {
            return Err(not_understood());
        };
        let day: String = value.trim_matches('\'').chars().take(10).collect();
        let day =
            Date::parse(&day, format_description!("[year]-[month]-[day]")).map_err(|_| not_understood())?;
        match (field.to_ascii_lowercase().as_str(), *operator) {
            ("properties/usagestart", "ge") => from = from.max(day),
            ("properties/usageend", "le") => to = to.min(day),
            _ => return Err(not_understood()),
        }
    }
    // Nothing was used before the first day.
    let first = told.days.as_ref().map_or(today, |days| *days.start());
    Ok(Some((from.max(first), to)))
}

fn page_size(request: &Request) -> Result<Option<usize>, Box<Answer>> {
    match request.parameter("$top").map(|top| top.parse::<usize>()) {
        None => Ok(None),
        Some(Ok(top)) if (1..=LARGEST_PAGE).contains(&top) => Ok(Some(top)),
        Some(_) => Err(Box::new(bad_request(
            "The value of $top must be between 1 and 1000.",
        ))),
    }
}

/// Absolute, and what was asked comes first as it was sent.
fn next_link(request: &Request, offset: usize, size: usize, token: &str) -> String {
    let lasting = request.query.split('&').filter(|pair| {
        let name = pair
            .split_once('=')
            .map_or(*pair, |(name, _)| name)
            .to_ascii_lowercase();
        !name.contains("skiptoken") && !matches!(name.as_str(), "sessiontoken" | "id")
    });
    let text = format!("1|{size}||False|True|{offset}");
    let skip_token = text.bytes().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02X}");
        hex
    });
    format!(
        "https://{}{}?{}&sessiontoken=15:2115883&$skiptoken={skip_token}&$skiptokenver=v1&id={token}",
        hosts::ARM,
        request.path,
        lasting.collect::<Vec<_>>().join("&")
    )
}

fn offset(request: &Request) -> Option<usize> {
    let Some(token) = request.parameter("$skiptoken") else {
        return Some(0);
    };
    let digits: Vec<char> = token.chars().collect();
    let bytes = digits.chunks(2).map(|pair| {
        let pair: String = pair.iter().collect();
        u8::from_str_radix(&pair, 16).ok()
    });
    let text = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
    text.rsplit_once('|')?.1.parse().ok()
}
