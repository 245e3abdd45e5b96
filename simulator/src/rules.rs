//! What a well-behaved client never does, and the record of who did it anyway.
//! It must not know what the answers mean: it sees headers, targets and times.

use std::collections::{HashMap, HashSet};

use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio::time::{Duration, Instant};

use crate::exchange::{Answer, Request};
use crate::hosts::{self, Service};
use crate::log::{LoggedRequest, Sender};
use crate::sharing::Form;
use crate::world::Stored;

/// Something that must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A bearer went to a host that is not Resource Manager, or over plain HTTP.
    BearerOutsideArm,
    /// The extension called something that is not on the product's list of methods and paths.
    OutsideTheList,
    /// A request came before the time that a `Retry-After` of the same target had set; with Cost Management and with
    /// Consumption, one that said "too many requests" to any target.
    TooEarly,
    /// A link with a signature was used together with an `Authorization` header.
    LinkWithAuthorization,
    /// A document or a usage file was fetched from storage a second time in an undisturbed run.
    FetchedTwice,
    /// The extension sent a cookie to Resource Manager.
    CookieSent,
    /// The extension sent an `Origin` to Resource Manager: with a GET any, with a POST a website's. Chromium puts
    /// an extension's own origin on every POST.
    OriginSent,
    /// The extension sent a `Referer` to Resource Manager.
    RefererSent,
    /// An operation was polled at a `Location` older than the newest one.
    SupersededLocation,
    /// An operation was polled at an address that is not byte for byte one that was given.
    AlteredLocation,
    /// A host outside Azure was contacted where no invoice of the signed-in person leads.
    ForeignHost,
    /// Resource Manager or blob storage was contacted without TLS.
    PlainHttp,
    /// The extension asked the portal for a token of its own.
    PortalTokenAsked,
    /// The private address behind the portal's sharing forms was called by anybody but such a form.
    PrivateAddress,
}

/// A rule and the request that broke it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// The request, as in the log; its status is 0 because it is judged before it is answered.
    pub request: LoggedRequest,
}

/// What the rest of the local Azure knows about a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// Whether an invoice of the signed-in person leads exactly to this place outside Azure.
    pub(crate) is_linked: bool,
    /// Whether it is for the private address behind the sharing forms.
    pub(crate) form: Form,
}

const COST_PROVIDERS: [&str; 2] = ["microsoft.costmanagement", "microsoft.consumption"];

/// What is already under way when an answer is sent does not know it yet.
const CROSSING: Duration = Duration::from_millis(300);

/// The watcher of the rules.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) violations: Vec<Violation>,
    not_before: HashMap<String, Instant>,
    /// By provider: when it said that it had enough, and until when.
    enough: HashMap<&'static str, (Instant, Instant)>,
    fetched: HashSet<Stored>,
    disturbed: bool,
}

impl Watch {
    pub(crate) fn broken(&mut self, rule: Rule, request: &Request) {
        self.violations.push(Violation {
            rule,
            request: LoggedRequest::new(request, 0),
        });
    }

    /// From now on repeated work is no longer a mistake: something went wrong on purpose.
    pub(crate) fn disturb(&mut self) {
        self.disturbed = true;
    }

    /// Judges a request by itself, as it comes in.
    pub(crate) fn on_request(&mut self, request: &Request, known: Known) {
        let service = hosts::service(&request.host);
        if known.form == Form::Unsealed {
            self.broken(Rule::PrivateAddress, request);
        }
        let is_arms = service == Some(Service::Arm) && request.secure;
        // The page shows its token to its own server too.
        let is_pages_own = known.form == Form::Sealed && request.secure;
        if request.has_authorization() && !is_arms && !is_pages_own {
            self.broken(Rule::BearerOutsideArm, request);
        }
        match service {
            Some(Service::External) if known.is_linked => {}
            Some(Service::External | Service::Foreign) | None => self.broken(Rule::ForeignHost, request),
            Some(Service::Arm | Service::Blob) if !request.secure => self.broken(Rule::PlainHttp, request),
            Some(Service::Arm) if request.sender() == Sender::Extension => self.on_arm_request(request),
            Some(Service::Blob) if request.has_authorization() && request.parameter("sig").is_some() => {
                self.broken(Rule::LinkWithAuthorization, request);
            }
            Some(Service::Portal) if is_token_request(request) => {
                let from_page = request.header("origin").is_some_and(hosts::is_portal_origin);
                if !from_page {
                    self.broken(Rule::PortalTokenAsked, request);
                }
            }
            _ => {}
        }
    }

    fn on_arm_request(&mut self, request: &Request) {
        for (header, rule) in [("cookie", Rule::CookieSent), ("referer", Rule::RefererSent)] {
            if request.headers.contains_key(header) {
                self.broken(rule, request);
            }
        }
        if request
            .header("origin")
            .is_some_and(|origin| request.method == Method::GET || origin.starts_with("http"))
        {
            self.broken(Rule::OriginSent, request);
        }
        if !is_on_the_list(request) {
            self.broken(Rule::OutsideTheList, request);
        }
        let is_before = |time: &Instant| request.arrived < *time;
        let is_early = self.not_before.get(&target_of(request)).is_some_and(is_before);
        let had_enough = cost_provider(request).and_then(|provider| self.enough.get(provider));
        let is_too_much =
            had_enough.is_some_and(|(said, until)| request.arrived > *said + CROSSING && is_before(until));
        if is_early || is_too_much {
            self.broken(Rule::TooEarly, request);
        }
    }

    /// Remembers how long the answer asks to wait, counted from the moment that it is sent.
    pub(crate) fn on_answer(
        &mut self,
        request: &Request,
        answer: &Answer,
        sent: Instant,
        at: OffsetDateTime,
    ) {
        if request.sender() == Sender::Page {
            return;
        }
        let Some(wait) = retry_after(&answer.headers, at) else {
            return;
        };
        let location = answer
            .headers
            .get("location")
            .and_then(|value| value.to_str().ok());
        let target = match location
            .and_then(|url| url.strip_prefix("https://"))
            .and_then(|url| url.split_once('/'))
        {
            Some((host, rest)) => {
                let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
                target("GET", host, &format!("/{path}"), query)
            }
            None => target_of(request),
        };
        let is_enough = answer.status == StatusCode::TOO_MANY_REQUESTS;
        if let Some(provider) = cost_provider(request).filter(|_| is_enough) {
            // Whoever was told once, and should still be waiting, knows it since then.
            let before = self.enough.get(provider).filter(|(_, until)| *until > sent);
            let (said, until) = before.copied().unwrap_or((sent, sent));
            self.enough.insert(provider, (said, until.max(sent + wait)));
        }
        self.not_before.insert(target, sent + wait);
    }

    /// A document or a usage file leaves storage, on a link that the extension asked for.
    pub(crate) fn on_stored(&mut self, file: Stored, request: &Request) {
        if !self.fetched.insert(file) && !self.disturbed {
            self.broken(Rule::FetchedTwice, request);
        }
    }
}

/// What a request asks. Reports about costs are asked for at one address, and told apart by what is sent there.
fn target_of(request: &Request) -> String {
    let address = target(
        request.method.as_str(),
        &request.host,
        &request.path,
        &request.query,
    );
    if request.body.is_empty() {
        address
    } else {
        format!("{address} {}", String::from_utf8_lossy(&request.body))
    }
}

/// The provider of costs that is asked, each of which counts all requests together.
fn cost_provider(request: &Request) -> Option<&'static str> {
    let path = request.path.to_ascii_lowercase();
    COST_PROVIDERS
        .into_iter()
        .find(|provider| path.contains(&format!("/providers/{provider}/")))
}

/// What is asked, however often: without the parts that change with each answer.
fn target(method: &str, host: &str, path: &str, query: &str) -> String {
    let lasting = query.split('&').filter(|pair| {
        let key = pair.split_once('=').map_or(*pair, |(key, _)| key);
        !matches!(key, "t" | "c" | "s" | "h")
    });
    format!("{method} {host}{path}?{}", lasting.collect::<Vec<_>>().join("&"))
}

/// The longest wait that any of the spellings asks for.
fn retry_after(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    headers
        .iter()
        .filter_map(|(name, value)| {
            let (name, value) = (name.as_str(), value.to_str().ok()?);
            if name.ends_with("retry-after-ms") {
                return value.parse().ok().map(Duration::from_millis);
            }
            if !name.ends_with("retry-after") {
                return None;
            }
            if let Ok(seconds) = value.parse() {
                return Some(Duration::from_secs(seconds));
            }
            let date = OffsetDateTime::parse(&value.replace("GMT", "+0000"), &Rfc2822).ok()?;
            Duration::try_from(date - now).ok()
        })
        .max()
}

fn is_token_request(request: &Request) -> bool {
    request.path.eq_ignore_ascii_case("/api/delegationtoken")
}

/// The product's list: what it may read, and the few actions that it may start.
fn is_on_the_list(request: &Request) -> bool {
    let segments: Vec<String> = request
        .segments()
        .iter()
        .map(|segment| segment.to_ascii_lowercase())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if request.method == Method::GET {
        let provider = segments.iter().position(|segment| *segment == "providers");
        let namespace = provider.and_then(|at| segments.get(at + 1)).copied();
        return matches!(
            segments.as_slice(),
            ["subscriptions"]
                | ["subscriptions", _]
                | ["tenants"]
                | [
                    "subscriptions",
                    _,
                    "providers",
                    "microsoft.authorization",
                    "permissions" | "roleassignments"
                ]
        ) || matches!(
            namespace,
            Some("microsoft.billing" | "microsoft.costmanagement" | "microsoft.consumption")
        );
    }
    request.method == Method::POST
        && match segments.as_slice() {
            [
                scope @ ..,
                "providers",
                "microsoft.costmanagement",
                "generatecostdetailsreport",
            ] => has_reports(scope),
            ["providers", "microsoft.billing", "billingaccounts", _, rest @ ..] => matches!(
                rest,
                [
                    ..,
                    "invoices",
                    _,
                    "download" | "downloadsummary" | "transactionsdownload"
                ] | [.., "downloaddocuments" | "checkaccess"]
            ),
            _ => false,
        }
}

/// Whether the product asks for reports about such a scope: a subscription, an enrolment, a billing profile.
fn has_reports(scope: &[&str]) -> bool {
    matches!(
        scope,
        ["subscriptions", _]
            | ["providers", "microsoft.billing", "billingaccounts", _]
            | [
                "providers",
                "microsoft.billing",
                "billingaccounts",
                _,
                "billingprofiles",
                _
            ]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::tests::request;
    use crate::world::{DocumentKey, InvoiceKey, Scope};

    const ARM: &str = "https://management.azure.com";
    const PLAIN: Known = Known {
        is_linked: false,
        form: Form::Elsewhere,
    };
    const BEARER: (&str, &str) = ("authorization", "Bearer a.b.c");

    fn rules(requests: &[Request]) -> Vec<Rule> {
        let mut watch = Watch::default();
        for request in requests {
            watch.on_request(request, PLAIN);
        }
        watch.violations.iter().map(|violation| violation.rule).collect()
    }

    fn rules_of(method: &str, url: &str, headers: &[(&str, &str)]) -> Vec<Rule> {
        rules(&[request(method, url, headers)])
    }

    #[test]
    fn what_the_product_does_breaks_no_rule() {
        let billing = format!("{ARM}/providers/Microsoft.Billing/billingAccounts");
        let invoices = format!("{billing}/default/billingSubscriptions/1/invoices");
        for (method, url) in [
            ("GET", format!("{ARM}/subscriptions?api-version=2022-12-01")),
            ("GET", format!("{ARM}/tenants?api-version=2022-12-01")),
            (
                "GET",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Billing/billingProperty/default"),
            ),
            (
                "GET",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Authorization/permissions"),
            ),
            (
                "GET",
                format!(
                    "{ARM}/subscriptions/1/providers/Microsoft.Authorization/roleAssignments?$filter=assignedTo('1')"
                ),
            ),
            ("GET", format!("{billing}/6575495/billingPermissions")),
            (
                "GET",
                format!("{billing}/1%3A2_2019-05-31/billingProfiles/3/billingRoleAssignments"),
            ),
            (
                "GET",
                format!("{ARM}/subscriptions/1/providers/microsoft.consumption/usageDetails"),
            ),
            ("GET", billing.clone()),
            ("GET", invoices.clone()),
            ("POST", format!("{invoices}/E01/download?api-version=2024-04-01")),
            (
                "POST",
                format!("{billing}/6575495/invoices/EA01/transactionsDownload"),
            ),
            ("POST", format!("{billing}/1/downloadDocuments")),
            ("POST", format!("{billing}/1/checkAccess")),
            ("POST", format!("{billing}/1:2_2019-05-31/invoices/G01/download")),
            ("POST", format!("{billing}/6575495/invoices/EA01/downloadSummary")),
            (
                "POST",
                format!("{ARM}/subscriptions/1/providers/Microsoft.CostManagement/generateCostDetailsReport"),
            ),
            (
                "POST",
                format!("{billing}/6575495/providers/Microsoft.CostManagement/generateCostDetailsReport"),
            ),
            (
                "POST",
                format!(
                    "{billing}/1%3A2_2019-05-31/billingProfiles/H6RI-TXWC-BG7-PGB/providers/Microsoft.CostManagement/generateCostDetailsReport"
                ),
            ),
            (
                "GET",
                format!("{billing}/6575495/providers/Microsoft.CostManagement/costDetailsOperationResults/1"),
            ),
            ("GET", format!("{billing}/1:2_2019-05-31/billingProfiles")),
            (
                "GET",
                format!("{billing}/1%3A2_2019-05-31/billingProfiles/H6RI-TXWC-BG7-PGB/invoices"),
            ),
            (
                "GET",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Billing/invoices/latest"),
            ),
        ] {
            assert_eq!(rules_of(method, &url, &[BEARER]), [], "{method} {url}");
        }
        assert_eq!(
            rules_of(
                "GET",
                "https://billingrppub.blob.core.windows.net/invoices/1.pdf?sig=x",
                &[]
            ),
            []
        );
    }

    #[test]
    fn a_bearer_belongs_to_resource_manager_alone() {
        let portal = "https://portal.azure.com/";
        assert_eq!(rules_of("GET", portal, &[BEARER]), [Rule::BearerOutsideArm]);
        let blob = "https://billingrppub.blob.core.windows.net/invoices/1.pdf?sig=x";
        assert_eq!(
            rules_of("GET", blob, &[BEARER]),
            [Rule::BearerOutsideArm, Rule::LinkWithAuthorization]
        );
        let plain = "http://management.azure.com/subscriptions";
        assert_eq!(
            rules_of("GET", plain, &[BEARER]),
            [Rule::BearerOutsideArm, Rule::PlainHttp]
        );
        let foreign = "https://storage.fabrikam.example/x";
        let asked = ("access-control-request-headers", "authorization");
        assert_eq!(
            rules_of("OPTIONS", foreign, &[asked]),
            [Rule::BearerOutsideArm, Rule::ForeignHost]
        );
    }

    #[test]
    fn a_host_outside_azure_is_contacted_only_where_an_invoice_leads_there() {
        let note = request("GET", "https://nfe.prefeitura.example/nota/E01?codigo=1", &[]);
        let mut watch = Watch::default();
        watch.on_request(
            &note,
            Known {
                is_linked: true,
                ..PLAIN
            },
        );
        assert!(watch.violations.is_empty());
        watch.on_request(&note, PLAIN);
        assert_eq!(watch.violations[0].rule, Rule::ForeignHost);
    }

    #[test]
    fn other_methods_and_paths_are_outside_the_list() {
        let invoice = format!("{ARM}/providers/Microsoft.Billing/billingAccounts/1/invoices/E01");
        for (method, url) in [
            ("POST", format!("{invoice}/initiateRefund")),
            ("POST", format!("{ARM}/subscriptions/1/invoices/E01/download")),
            (
                "POST",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Compute/virtualMachines/1/checkAccess"),
            ),
            (
                "PUT",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Billing/policies/default"),
            ),
            (
                "PATCH",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Billing/billingProperty/default"),
            ),
            ("DELETE", invoice.clone()),
            ("GET", format!("{ARM}/subscriptions/1/resourceGroups")),
            (
                "GET",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions"),
            ),
            (
                "GET",
                format!(
                    "{ARM}/subscriptions/1/resourceGroups/2/providers/Microsoft.Authorization/roleAssignments"
                ),
            ),
            (
                "PUT",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Authorization/roleAssignments/3"),
            ),
            (
                "GET",
                format!("{ARM}/subscriptions/1/providers/Microsoft.Compute/virtualMachines"),
            ),
            ("POST", format!("{ARM}/batch?api-version=2020-06-01")),
            (
                "POST",
                format!("{ARM}/providers/Microsoft.CostManagement/generateCostDetailsReport"),
            ),
            (
                "POST",
                format!("{invoice}/providers/Microsoft.CostManagement/generateCostDetailsReport"),
            ),
            (
                "POST",
                format!(
                    "{ARM}/subscriptions/1/resourceGroups/2/providers/Microsoft.CostManagement/generateCostDetailsReport"
                ),
            ),
            (
                "POST",
                format!("{ARM}/subscriptions/1/providers/Microsoft.CostManagement/query"),
            ),
        ] {
            assert_eq!(
                rules_of(method, &url, &[BEARER]),
                [Rule::OutsideTheList],
                "{method} {url}"
            );
            assert_eq!(
                rules_of(method, &url, &[BEARER, ("origin", "https://portal.azure.com")]),
                []
            );
        }
    }

    #[test]
    fn the_extension_sends_neither_cookie_nor_a_sites_origin_nor_referer() {
        let url = format!("{ARM}/subscriptions");
        assert_eq!(rules_of("GET", &url, &[("cookie", "a=b")]), [Rule::CookieSent]);
        assert_eq!(
            rules_of("GET", &url, &[("origin", "chrome-extension://a")]),
            [Rule::OriginSent]
        );
        let download = format!(
            "{ARM}/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/1/invoices/2/download?documentName=3"
        );
        assert_eq!(
            rules_of("POST", &download, &[("origin", "chrome-extension://a")]),
            []
        );
        assert_eq!(
            rules_of("POST", &download, &[("origin", "https://contoso.example")]),
            [Rule::OriginSent]
        );
        assert_eq!(
            rules_of("GET", &url, &[("referer", "https://portal.azure.com/")]),
            [Rule::RefererSent]
        );
    }

    #[test]
    fn earlier_than_retry_after_is_too_early() {
        let operation = "/providers/Microsoft.Billing/operationResults/1?api-version=2024-04-01";
        let post = request(
            "POST",
            &format!("{ARM}/providers/Microsoft.Billing/invoices/E01/download"),
            &[],
        );
        let answer = Answer::empty(StatusCode::ACCEPTED)
            .with("location", format!("{ARM}{operation}&t=1&s=2"))
            .with("retry-after", "2");
        let sent = Instant::now();
        let poll_after = |wait: Duration| {
            let mut watch = Watch::default();
            watch.on_answer(&post, &answer, sent, OffsetDateTime::now_utc());
            let mut poll = request("GET", &format!("{ARM}{operation}&t=1&s=2"), &[]);
            poll.arrived = sent + wait;
            watch.on_request(&poll, PLAIN);
            watch.violations.len()
        };
        assert_eq!(poll_after(Duration::from_millis(1999)), 1);
        assert_eq!(poll_after(Duration::from_millis(2000)), 0);
    }

    #[test]
    fn a_provider_of_costs_that_had_enough_is_left_alone_whatever_is_asked() {
        let report = |scope: &str, body: &'static str, after: Duration, since: Instant| {
            let url = format!("{ARM}/{scope}/providers/Microsoft.CostManagement/generateCostDetailsReport");
            let mut report = request("POST", &url, &[]);
            report.body = body.into();
            report.arrived = since + after;
            report
        };
        let sent = Instant::now();
        let enough = Answer::empty(StatusCode::TOO_MANY_REQUESTS)
            .with("x-ms-ratelimit-microsoft.costmanagement-entity-retry-after", "4")
            .with("x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after", "2");
        let seconds = Duration::from_secs;
        let early = |scope: &str, body: &'static str, after: Duration| {
            let mut watch = Watch::default();
            let first = report("subscriptions/1", "{}", Duration::ZERO, sent);
            watch.on_answer(&first, &enough, sent, OffsetDateTime::now_utc());
            watch.on_request(&report(scope, body, after, sent), PLAIN);
            watch.violations.len()
        };
        assert_eq!(early("subscriptions/1", "{}", Duration::from_millis(1)), 1);
        assert_eq!(early("subscriptions/1", "{}", seconds(3)), 1);
        assert_eq!(early("subscriptions/1", "{}", seconds(4)), 0);
        // Another question may have been on its way already.
        assert_eq!(early("subscriptions/1", "[]", Duration::from_millis(1)), 0);
        assert_eq!(early("subscriptions/2", "{}", seconds(3)), 1);
        assert_eq!(early("subscriptions/2", "{}", seconds(4)), 0);
    }

    #[test]
    fn every_spelling_of_retry_after_counts() {
        let now = time::macros::datetime!(2026-11-23 10:00:00 UTC);
        let wait = |name: &'static str, value: &str| {
            retry_after(
                &Answer::empty(StatusCode::TOO_MANY_REQUESTS)
                    .with(name, value)
                    .headers,
                now,
            )
        };
        assert_eq!(wait("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(
            wait("retry-after", "Mon, 23 Nov 2026 10:00:07 GMT"),
            Some(Duration::from_secs(7))
        );
        assert_eq!(wait("retry-after-ms", "1500"), Some(Duration::from_millis(1500)));
        assert_eq!(wait("x-ms-retry-after-ms", "20"), Some(Duration::from_millis(20)));
        let cost = "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after";
        assert_eq!(wait(cost, "4"), Some(Duration::from_secs(4)));
        assert_eq!(wait("date", "3"), None);
    }

    #[test]
    fn a_second_fetch_counts_only_while_nothing_disturbs() {
        let file = Stored::Document(DocumentKey {
            person: 0,
            invoice: InvoiceKey {
                billed_to: Scope::Subscription(0),
                invoice: 0,
            },
            document: 0,
        });
        let get = request(
            "GET",
            "https://billingrppub.blob.core.windows.net/invoices/1.pdf?sig=x",
            &[],
        );
        let mut watch = Watch::default();
        watch.on_stored(file, &get);
        assert!(watch.violations.is_empty());
        watch.on_stored(file, &get);
        assert_eq!(watch.violations.len(), 1);
        watch.disturb();
        watch.on_stored(file, &get);
        assert_eq!(watch.violations.len(), 1);
    }

    #[test]
    fn the_portal_gives_tokens_to_its_own_page_only() {
        let url = "https://portal.azure.com/api/DelegationToken";
        assert_eq!(rules_of("POST", url, &[]), [Rule::PortalTokenAsked]);
        assert_eq!(
            rules_of("POST", url, &[("origin", "https://portal.azure.com")]),
            []
        );
    }
}
