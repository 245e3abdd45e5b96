//! Cost Management: reports about costs, asked for by a POST and done with a list of files.
//! It must not know what the files say.

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, Month, OffsetDateTime};

use super::{error, forbidden, no_claims, not_found, operations, shapes, subscription_not_found};
use crate::blob;
use crate::exchange::{Answer, Request};
use crate::log::Sender;
use crate::poison::Poison;
use crate::scenario::{Agreement, NoData, Visibility};
use crate::state::State;
use crate::throttle::Enough;
use crate::usage;
use crate::world::{About, InvoiceKey, Person, Report, Scope, Usage, World};

/// The oldest version that has these reports; newer ones answer alike.
const OLDEST: &str = "2022-05-01";
/// How far back reports reach, counted from the first day of this month.
pub(crate) const MONTHS_BACK: i32 = 13;

/// The window's ways to say how long to wait. They differ, and the longest counts.
const RETRY_AFTER: [&str; 4] = [
    "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after",
    "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after",
    "x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after",
    "x-ms-ratelimit-microsoft.costmanagement-client-retry-after",
];

/// Answers what is asked of Cost Management about a scope: its words and those behind the provider, in small letters.
pub(super) fn answer(
    state: &mut State,
    person: usize,
    of: &[&str],
    action: &[&str],
    request: &Request,
) -> Answer {
    match state.take_cost(person, request.arrived) {
        Ok(left) => resource(state, person, of, action, request)
            .with(
                "x-ms-ratelimit-remaining-microsoft.costmanagement-entity-requests",
                format!("DefaultQuota:{left}"),
            )
            .with(
                "x-ms-ratelimit-microsoft.costmanagement-qpu-remaining",
                left.to_string(),
            ),
        Err(enough) => throttled(enough),
    }
}

fn throttled(Enough { wait, refused }: Enough) -> Answer {
    let seconds = whole_seconds(wait);
    let longest = usize::try_from(refused).unwrap_or(0) % RETRY_AFTER.len();
    let answer = too_many_requests()
        .with(
            "x-ms-ratelimit-remaining-microsoft.costmanagement-entity-requests",
            "DefaultQuota:0",
        )
        .with("x-ms-ratelimit-microsoft.costmanagement-qpu-remaining", "0");
    RETRY_AFTER
        .into_iter()
        .enumerate()
        .fold(answer, |answer, (at, name)| {
            let seconds = if at == longest { seconds } else { seconds / 2 };
            answer.with(name, seconds.to_string())
        })
}

pub(super) fn too_many_requests() -> Answer {
    error(
        StatusCode::TOO_MANY_REQUESTS,
        "429",
        "Too many requests. Please retry.",
    )
}

/// Rounded up: whoever waits so long is not early.
pub(super) fn whole_seconds(wait: std::time::Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn resource(state: &mut State, person: usize, of: &[&str], action: &[&str], request: &Request) -> Answer {
    match (request.method.as_str(), action) {
        (
            "GET",
            [
                "costdetailsoperationresults" | "costdetailsoperationstatus",
                operation,
            ],
        ) => {
            if operation.len() != 36 {
                return Answer::json(
                    StatusCode::BAD_REQUEST,
                    &json!({
                        "message": "The request is invalid.",
                        "messageDetail": "The parameters dictionary contains an invalid entry for parameter 'operationId'."
                    }),
                );
            }
            operations::poll(state, operation, request)
        }
        ("POST", ["generatecostdetailsreport"]) => match asked(state, person, of, request) {
            Ok((report, body)) => {
                let Some(found) = state.world.people.get(person) else {
                    return not_found();
                };
                let parent = format!(
                    "{}/providers/Microsoft.CostManagement",
                    scope_path(found, report.scope)
                );
                let version = request.parameter("api-version").unwrap_or_default();
                operations::start_report(state, report, body, &parent, &version, request)
            }
            Err(answer) => *answer,
        },
        _ => not_found(),
    }
}

/// The address of a scope, without a host.
fn scope_path(person: &Person, scope: Scope) -> String {
    match scope {
        Scope::Subscription(at) => {
            let id = person.subscriptions.get(at).map(|of| of.id.as_str());
            format!("/subscriptions/{}", id.unwrap_or_default())
        }
        Scope::Account(_) | Scope::Profile(..) => shapes::path(person, scope),
    }
}

/// The report that a request asks for, and its body with what goes without saying.
fn asked(
    state: &mut State,
    person: usize,
    of: &[&str],
    request: &Request,
) -> Result<(Report, Value), Box<Answer>> {
    let id = state.draw.guid();
    let refuse = |message: &str| {
        let message = format!("{message} (Request ID: {id})");
        Box::new(error(StatusCode::BAD_REQUEST, "BadRequest", &message))
    };
    let version = request.parameter("api-version").unwrap_or_default();
    if !super::is_version(&version, OLDEST) {
        return Err(Box::new(super::unsupported_version_of(
            "Microsoft.CostManagement",
            &version,
            OLDEST,
        )));
    }
    let world = &state.world;
    let found = world.people.get(person).ok_or_else(|| Box::new(not_found()))?;
    let scope = scope(found, of)?;
    if let Some(refusal) = refusal(found, scope) {
        return Err(Box::new(refusal));
    }
    let agreement = found.agreement(scope).ok_or_else(|| Box::new(not_found()))?;
    if agreement == Agreement::MicrosoftOnlineServicesProgram {
        return Err(Box::new(unsupported_offer(found, scope, &id)));
    }
    if matches!(scope, Scope::Account(_)) && agreement.has_profiles() {
        return Err(refuse(
            "The billing account scope is not supported for this agreement type; use the billing profile scope.",
        ));
    }
    let body: Asked =
        serde_json::from_slice(&request.body).map_err(|_| refuse("The request body is not valid."))?;
    let metric = body.metric.clone().unwrap_or_else(|| "ActualCost".to_owned());
    if !matches!(metric.as_str(), "ActualCost" | "AmortizedCost") {
        return Err(refuse("The metric must be ActualCost or AmortizedCost."));
    }
    let (about, told) = body.about(found, scope, agreement).map_err(refuse)?;
    let oldest = oldest_day(world.today);
    if found.days_of(about).is_none_or(|(from, _)| from < oldest) {
        return Err(refuse(&format!(
            "The start date must not be older than {MONTHS_BACK} months: the oldest allowed is {oldest}."
        )));
    }
    let mut body = Map::new();
    body.insert("metric".to_owned(), metric.into());
    body.extend(told);
    Ok((Report { person, scope, about }, body.into()))
}

/// The first day that reports reach back to.
pub(crate) fn oldest_day(today: Date) -> Date {
    let month = today.year() * 12 + i32::from(u8::from(today.month())) - 1 - MONTHS_BACK;
    let of_year = u8::try_from(month.rem_euclid(12) + 1).map(Month::try_from);
    let first = of_year
        .ok()
        .and_then(Result::ok)
        .and_then(|of_year| Date::from_calendar_date(month.div_euclid(12), of_year, 1).ok());
    first.unwrap_or(Date::MIN)
}

/// What the first words of a path name.
fn scope(person: &Person, of: &[&str]) -> Result<Scope, Box<Answer>> {
    match of {
        ["subscriptions", id] => match person.subscription(id) {
            Some((at, _)) => Ok(Scope::Subscription(at)),
            None => Err(Box::new(subscription_not_found(id))),
        },
        ["providers", "microsoft.billing", words @ ..] => match super::scope(person, words)? {
            (scope @ (Scope::Account(_) | Scope::Profile(..)), []) => Ok(scope),
            _ => Err(Box::new(not_found())),
        },
        _ => Err(Box::new(not_found())),
    }
}

fn refusal(person: &Person, scope: Scope) -> Option<Answer> {
    match person.usage_visibility(scope) {
        // An empty scope has reports too, without lines.
        Visibility::Listed | Visibility::Empty => None,
        Visibility::Forbidden => Some(forbidden(
            person,
            "Microsoft.CostManagement/generateCostDetailsReport/action",
            &scope_path(person, scope),
        )),
        Visibility::NoClaims => Some(no_claims()),
        Visibility::NotFound => Some(not_found()),
        Visibility::Failing => Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

fn unsupported_offer(person: &Person, scope: Scope, id: &str) -> Answer {
    let quota = match scope {
        Scope::Subscription(at) => person.subscriptions.get(at).map(|of| of.quota.as_str()),
        _ => None,
    };
    let offer = match quota.unwrap_or_default().split('_').next() {
        Some("MSDN") => "MS-AZR-0063P",
        Some("MSDNDevTest") => "MS-AZR-0023P",
        Some("FreeTrial") => "MS-AZR-0044P",
        Some("Sponsored") => "MS-AZR-0036P",
        _ => "MS-AZR-0003P",
    };
    error(
        StatusCode::BAD_REQUEST,
        "400",
        &format!(
            "Cost Management supports only Enterprise Agreement, Web direct and Microsoft Customer Agreement offer \
             types. offerId: {offer} (Request ID: {id})"
        ),
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    metric: Option<String>,
    time_period: Option<TimePeriod>,
    billing_period: Option<String>,
    invoice_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TimePeriod {
    start: String,
    end: String,
}

impl Asked {
    /// What the report is about, and the part of the body that says so; or what is wrong with it.
    fn about(
        self,
        person: &Person,
        scope: Scope,
        agreement: Agreement,
    ) -> Result<(About, Map<String, Value>), &'static str> {
        let (about, told) = match (self.time_period, self.billing_period, self.invoice_id) {
            (Some(period), None, None) => {
                let (from, to) = days(&period)?;
                let told = json!({"timePeriod": {"start": period.start, "end": period.end}});
                (About::Days(from, to), told)
            }
            (None, Some(period), None) => {
                if agreement != Agreement::EnterpriseAgreement {
                    return Err("A billing period is supported for Enterprise Agreement scopes only.");
                }
                let (from, to) = month(&period).ok_or("The billing period is not of the form yyyyMM.")?;
                (About::Days(from, to), json!({"billingPeriod": period}))
            }
            (None, None, Some(invoice)) => {
                let Scope::Profile(..) = scope else {
                    return Err("An invoice is supported at the billing profile scope only.");
                };
                let key = invoice_of(person, scope, &invoice)
                    .ok_or("The invoice is not of this billing profile.")?;
                (About::Invoice(key), json!({"invoiceId": invoice}))
            }
            _ => return Err("Exactly one of timePeriod, billingPeriod and invoiceId is required."),
        };
        match told {
            Value::Object(told) => Ok((about, told)),
            _ => Ok((about, Map::new())),
        }
    }
}

fn days(period: &TimePeriod) -> Result<(Date, Date), &'static str> {
    let form = format_description!("[year]-[month]-[day]");
    let parse =
        |text: &str| Date::parse(text, form).map_err(|_| "The time period is not of the form yyyy-MM-dd.");
    let (from, to) = (parse(&period.start)?, parse(&period.end)?);
    if to < from {
        return Err("The time period ends before it starts.");
    }
    let days = time::util::days_in_month(from.month(), from.year());
    if to - from > Duration::days(i64::from(days)) {
        return Err("The time period must not be longer than one month.");
    }
    Ok((from, to))
}

/// First and last day of a month.
fn month(text: &str) -> Option<(Date, Date)> {
    if text.len() != 6 {
        return None;
    }
    let number: i32 = text.parse().ok()?;
    let of_year = Month::try_from(u8::try_from(number % 100).ok()?).ok()?;
    let year = number / 100;
    let last = time::util::days_in_month(of_year, year);
    let day = |day| Date::from_calendar_date(year, of_year, day).ok();
    Some((day(1)?, day(last)?))
}

fn invoice_of(person: &Person, profile: Scope, name: &str) -> Option<InvoiceKey> {
    let invoices = person.invoices(profile);
    let invoice = invoices.iter().position(|invoice| invoice.name == name)?;
    Some(InvoiceKey {
        billed_to: profile,
        invoice,
    })
}

/// What is wrong with the address that a report is polled at.
pub(super) fn poison(world: &World, report: Report) -> Option<Poison> {
    told_by(world.people.get(report.person)?, report.scope)?.location
}

/// The setting of whoever is billed.
fn told_by(person: &Person, scope: Scope) -> Option<&Usage> {
    person.usage(person.payer(scope)?)
}

/// The end of a report.
pub(super) fn done(
    state: &mut State,
    report: Report,
    asked: &Value,
    id: &str,
    given_to: Sender,
    now: OffsetDateTime,
) -> Answer {
    let sizes: Vec<usize> = usage::files(&state.world, report).iter().map(Vec::len).collect();
    let Some(person) = state.world.people.get(report.person) else {
        return not_found();
    };
    let path = scope_path(person, report.scope);
    let requested = path.trim_start_matches('/').to_owned();
    let (fails, nothing) = told_by(person, report.scope).map_or((false, NoData::Status), |usage| {
        let days = person.days_of(report.about);
        let fails = days.is_some_and(|(from, to)| usage.fails_between(from, to));
        (fails, usage.nothing)
    });
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    add(
        "id",
        format!("{requested}/providers/Microsoft.CostManagement/operationResults/{id}").into(),
    );
    add("name", id.into());
    if fails {
        add("status", "Failed".into());
        let message = "The report could not be generated. Please try again later.";
        add(
            "error",
            json!({"code": "InternalServerError", "message": message}),
        );
        return Answer::json(StatusCode::OK, &body.into());
    }
    if sizes.is_empty() && nothing == NoData::NoContent {
        return Answer::empty(StatusCode::NO_CONTENT);
    }
    let (mut blobs, mut valid_till) = (Vec::new(), now);
    for (part, size) in sizes.iter().enumerate() {
        let Some(link) = blob::report_link(state, report, part, given_to, now) else {
            return not_found();
        };
        blobs.push(json!({"blobLink": link.url, "byteCount": size}));
        valid_till = link.expires;
    }
    let status = if blobs.is_empty() {
        "NoDataFound"
    } else {
        "Completed"
    };
    add("status", status.into());
    add(
        "manifest",
        json!({
            "manifestVersion": OLDEST,
            "dataFormat": "Csv",
            "blobCount": blobs.len(),
            "byteCount": sizes.iter().sum::<usize>(),
            "compressData": false,
            "requestContext": {"requestScope": requested, "requestBody": asked},
            "blobs": blobs
        }),
    );
    add(
        "validTill",
        valid_till.format(&Rfc3339).unwrap_or_default().into(),
    );
    Answer::json(StatusCode::OK, &body.into())
}
