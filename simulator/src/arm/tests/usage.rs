//! Usage as a client sees it: reports of Cost Management, usage details of Consumption, and when either has enough.
//! It must not know how an answer is made: requests in, answers out.

use super::*;
use crate::expected::{ExpectedUsage, UsageOutcome, UsageSource};
use crate::settings::Quota;

const REPORT: &str = "providers/Microsoft.CostManagement/generateCostDetailsReport?api-version=2022-05-01";

impl Client {
    fn post(&mut self, url: &str, body: &Value) -> Answer {
        let mut request = self.request("POST", url);
        request.body = body.to_string().into();
        self.state.watch_request(&request);
        answer(&mut self.state, &request)
    }

    fn ask_report(&mut self, scope: &str, body: &Value) -> Answer {
        self.post(&format!("{scope}/{REPORT}"), body)
    }

    /// The status, the code and the message of a report that is refused.
    fn refused_report(&mut self, scope: &str, body: &Value) -> (u16, String, String) {
        let answer = self.ask_report(scope, body);
        let text: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let word = |name: &str| text["error"][name].as_str().unwrap_or_default().to_owned();
        (answer.status.as_u16(), word("code"), word("message"))
    }

    /// Follows a report to its end, without waiting.
    fn finished(&mut self, scope: &str, body: &Value) -> Answer {
        let mut answer = self.ask_report(scope, body);
        let mut late = Duration::ZERO;
        while answer.status == StatusCode::ACCEPTED {
            assert!(answer.body.is_empty());
            assert_eq!(header(&answer, "retry-after"), "1");
            late += Duration::from_secs(1);
            let location = header(&answer, "location");
            assert!(location.contains("/costDetailsOperationResults/"), "{location}");
            assert!(location.len() > 4_000);
            let mut poll = self.request("GET", &location);
            poll.arrived += late;
            self.state.watch_request(&poll);
            answer = super::answer(&mut self.state, &poll);
        }
        answer
    }

    fn report(&mut self, scope: &str, body: &Value) -> Value {
        let answer = self.finished(scope, body);
        assert_eq!(answer.status, StatusCode::OK);
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The files of a report, put together as a client does.
    fn table(&mut self, report: &Value) -> Vec<u8> {
        let mut all: Vec<u8> = Vec::new();
        for blob in report["manifest"]["blobs"].as_array().unwrap() {
            let link = request("GET", blob["blobLink"].as_str().unwrap(), &[]);
            self.state.watch_request(&link);
            let file = blob::answer(&mut self.state, &link);
            assert_eq!(file.status, StatusCode::OK);
            assert_eq!(blob["byteCount"], file.body.len());
            let text = String::from_utf8(file.body.to_vec()).unwrap();
            let text = text.strip_prefix('\u{feff}').unwrap();
            let (_, lines) = text.split_once("\r\n").unwrap();
            if all.is_empty() {
                all.extend(&file.body);
            } else {
                all.extend(lines.as_bytes());
            }
        }
        all
    }

    /// Of a few months, or of all that scenarios have.
    fn expected_usage(&self, from: Date) -> Vec<ExpectedUsage> {
        self.state.expected_usage(from, date!(2026 - 11 - 23))
    }

    fn scope_of(&self, usage: &ExpectedUsage) -> String {
        let person = &self.state.world.people[self.state.signed_in];
        let scopes = person.scopes().into_iter();
        let named = |scope: &Scope| match *scope {
            Scope::Account(at) => person.billing_accounts[at].name == usage.billed_to,
            Scope::Profile(account, at) => {
                person.billing_accounts[account].profiles[at].name == usage.billed_to
            }
            Scope::Subscription(at) => person.subscriptions[at].name == usage.billed_to,
        };
        match scopes.into_iter().find(named).unwrap() {
            Scope::Subscription(at) => format!("/subscriptions/{}", person.subscriptions[at].id),
            scope => shapes::path(person, scope),
        }
    }

    fn details_url(&self, subscription: &str, from: Date, to: Date) -> String {
        format!(
            "{subscription}/providers/Microsoft.Consumption/usageDetails?$filter=properties/usageStart%20ge%20'{from}'\
             %20and%20properties/usageEnd%20le%20'{to}'&$top=1000&api-version=2019-10-01"
        )
    }

    /// All items of all pages.
    fn details(&mut self, url: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), Some(url.to_owned()));
        while let Some(url) = next {
            let page = self.json(&url);
            items.extend(page["value"].as_array().unwrap().iter().cloned());
            next = page["nextLink"].as_str().map(str::to_owned);
        }
        items
    }
}

fn october() -> Value {
    json!({"timePeriod": {"start": "2026-10-01", "end": "2026-10-31"}})
}

#[test]
fn every_scenario_tells_its_usage_as_it_promises() {
    for (scenario, from, count) in [
        ("pay-as-you-go", date!(2026 - 09 - 01), 9),
        ("customer-agreement", date!(2026 - 06 - 01), 13),
        ("partner-agreement", date!(2026 - 09 - 01), 3),
        ("enterprise", date!(2026 - 09 - 01), 3),
        ("mixed", date!(2026 - 10 - 01), 10),
        ("usage", date!(2020 - 01 - 01), 30),
    ] {
        let mut client = Client::new(scenario, |_| {});
        let expected = client.expected_usage(from);
        assert_eq!(expected.len(), count, "{scenario}");
        for usage in expected {
            let scope = client.scope_of(&usage);
            let body = match &usage.source {
                UsageSource::ProfileByInvoice => {
                    json!({"metric": "ActualCost", "invoiceId": usage.invoices[0]})
                }
                UsageSource::EnrolmentByPeriod(period) => json!({"billingPeriod": period}),
                UsageSource::SubscriptionDetails => {
                    let url = client.details_url(&scope, usage.period_start, usage.period_end);
                    match usage.outcome {
                        UsageOutcome::Details { items, lines } => {
                            assert_eq!(items.len(), lines);
                            assert_eq!(client.details(&url), items, "{scenario} {}", usage.billed_to);
                        }
                        UsageOutcome::NothingUsed => assert_eq!(client.json(&url), json!({"value": []})),
                        UsageOutcome::Refused => assert_eq!(client.refusal(&url).0, 403),
                        other => unreachable!("{other:?}"),
                    }
                    continue;
                }
            };
            match &usage.outcome {
                UsageOutcome::Table {
                    bytes, lines, blobs, ..
                } => {
                    let report = client.report(&scope, &body);
                    assert_eq!(report["status"], "Completed");
                    assert_eq!(report["manifest"]["blobCount"], *blobs);
                    assert!(client.table(&report) == *bytes, "{scenario} {usage:?}");
                    let rows = bytes.iter().filter(|byte| **byte == b'\n').count();
                    assert_eq!(rows, lines + 1);
                }
                UsageOutcome::NothingUsed => {
                    let done = client.finished(&scope, &body);
                    if done.status != StatusCode::NO_CONTENT {
                        let report: Value = serde_json::from_slice(&done.body).unwrap();
                        assert_eq!(report["status"], "NoDataFound");
                        assert_eq!(report["manifest"]["blobs"], json!([]));
                    }
                }
                UsageOutcome::TooOld => {
                    let (status, _, message) = client.refused_report(&scope, &body);
                    assert_eq!(status, 400);
                    assert!(message.contains("older than 13 months"), "{message}");
                }
                UsageOutcome::Refused => assert_eq!(client.refused_report(&scope, &body).0, 403),
                UsageOutcome::Failed(_) => assert_eq!(client.report(&scope, &body)["status"], "Failed"),
                UsageOutcome::Details { .. } => unreachable!("{usage:?}"),
            }
        }
        assert_eq!(client.rules(), [], "{scenario}");
    }
}

#[test]
fn a_finished_report_has_a_manifest_and_its_files_are_fetched_once() {
    let mut client = Client::new("enterprise", |settings| settings.polls = 2);
    let account = client.account("Contoso Enterprise");
    let report = client.report(&account, &json!({"billingPeriod": "202610"}));
    let scope = account.trim_start_matches('/');
    let id = report["name"].as_str().unwrap();
    assert_eq!(
        report["id"],
        format!("{scope}/providers/Microsoft.CostManagement/operationResults/{id}")
    );
    let manifest = &report["manifest"];
    assert_eq!(manifest["manifestVersion"], "2022-05-01");
    assert_eq!(manifest["dataFormat"], "Csv");
    assert_eq!(manifest["compressData"], false);
    assert_eq!(
        manifest["requestContext"],
        json!({"requestScope": scope, "requestBody": {"metric": "ActualCost", "billingPeriod": "202610"}})
    );
    assert_eq!(manifest["byteCount"], manifest["blobs"][0]["byteCount"]);
    assert!(report["validTill"].as_str().unwrap().ends_with('Z'));
    let link = manifest["blobs"][0]["blobLink"].as_str().unwrap();
    assert!(
        link.starts_with("https://billingrppub.blob.core.windows.net/armreports/"),
        "{link}"
    );
    client.table(&report);
    assert_eq!(client.rules(), []);
    client.table(&report);
    assert_eq!(client.rules(), [Rule::FetchedTwice]);
}

#[test]
fn a_report_is_asked_for_in_one_way_that_its_scope_has() {
    let mut client = Client::new("mixed", |_| {});
    let (group, enrolment) = (
        client.account("Contoso Group"),
        client.account("Contoso Enterprise"),
    );
    let person = client.state.world.people.first().unwrap();
    let profile = shapes::path(person, Scope::Profile(1, 0));
    let invoice = person.invoices(Scope::Profile(1, 0))[0].name.clone();
    let of_other = person.invoices(Scope::Profile(1, 1))[0].name.clone();
    let subscription = |name: &str| format!("/subscriptions/{}", client.subscription(name));
    let (production, website, warehouse) = (
        subscription("Contoso Production"),
        subscription("Contoso Website"),
        subscription("Contoso Warehouse"),
    );
    let days = |start: &str, end: &str| json!({"timePeriod": {"start": start, "end": end}});
    for (scope, body) in [
        (&profile, october()),
        (&profile, json!({"invoiceId": invoice})),
        (&profile, days("2026-10-15", "2026-11-15")),
        (&profile, json!({"metric": "AmortizedCost", "invoiceId": invoice})),
        (&enrolment, json!({"billingPeriod": "202610"})),
        (&enrolment, days("2025-10-01", "2025-10-31")),
        (&production, october()),
        (&warehouse, json!({"billingPeriod": "202610"})),
    ] {
        assert_eq!(
            client.ask_report(scope, &body).status,
            StatusCode::ACCEPTED,
            "{scope} {body}"
        );
    }
    for (scope, body, because) in [
        (&profile, json!({}), "Exactly one"),
        (
            &profile,
            json!({"invoiceId": invoice, "billingPeriod": "202610"}),
            "Exactly one",
        ),
        (&profile, json!([]), "request body"),
        (
            &profile,
            json!({"metric": "Cost", "invoiceId": invoice}),
            "metric",
        ),
        (&profile, json!({"invoiceId": of_other}), "not of this"),
        (
            &profile,
            json!({"billingPeriod": "202610"}),
            "Enterprise Agreement",
        ),
        (&production, json!({"invoiceId": invoice}), "billing profile"),
        (&enrolment, json!({"invoiceId": invoice}), "billing profile"),
        (&enrolment, json!({"billingPeriod": "202613"}), "yyyyMM"),
        (&enrolment, json!({"billingPeriod": "2026-10"}), "yyyyMM"),
        (&enrolment, json!({"billingPeriod": "202509"}), "13 months"),
        (&profile, days("2025-09-30", "2025-10-01"), "13 months"),
        (
            &profile,
            days("2026-09-01", "2026-10-02"),
            "longer than one month",
        ),
        (&profile, days("2026-10-02", "2026-10-01"), "ends before"),
        (&profile, days("10/01/2026", "10/31/2026"), "yyyy-MM-dd"),
        (&group, october(), "billing profile scope"),
    ] {
        let (status, code, message) = client.refused_report(scope, &body);
        assert_eq!((status, code.as_str()), (400, "BadRequest"), "{scope} {body}");
        assert!(
            message.contains(because) && message.contains("(Request ID: "),
            "{message}"
        );
    }
    let (status, code, message) = client.refused_report(&website, &october());
    assert_eq!((status, code.as_str()), (400, "400"));
    assert!(
        message.starts_with(
            "Cost Management supports only Enterprise Agreement, Web direct and Microsoft Customer Agreement offer \
             types. offerId: MS-AZR-0003P"
        ),
        "{message}"
    );
    assert_eq!(client.rules(), []);
    let department = format!("{enrolment}/departments/1");
    assert_eq!(client.refused_report(&department, &october()).0, 404);
}

#[test]
fn versions_from_the_oldest_on_are_answered() {
    let mut client = Client::new("enterprise", |_| {});
    let account = client.account("Contoso Enterprise");
    let mut status = |version: &str| {
        let path = REPORT.split('?').next().unwrap();
        let answer = client.post(&format!("{account}/{path}{version}"), &october());
        answer.status.as_u16()
    };
    assert_eq!(status("?api-version=2022-05-01"), 202);
    assert_eq!(status("?api-version=2025-03-01"), 202);
    assert_eq!(status("?api-version=2021-10-01"), 404);
    assert_eq!(status("?api-version=newest"), 404);
    assert_eq!(status(""), 400);
}

#[test]
fn whoever_may_not_see_usage_is_told_so_in_the_scenarios_way() {
    let mut reader = Client::new("profile-reader", |_| {});
    let (europe, america) = (
        reader.profile("Contoso Europe"),
        reader.profile("Contoso America"),
    );
    assert_eq!(
        reader.ask_report(&europe, &october()).status,
        StatusCode::ACCEPTED
    );
    let (status, code, message) = reader.refused_report(&america, &october());
    assert_eq!((status, code.as_str()), (403, "AuthorizationFailed"));
    assert!(message.contains("Microsoft.CostManagement/generateCostDetailsReport/action"));

    let mut indirect = Client::new("enterprise-indirect", |_| {});
    let account = indirect.account("Contoso Enterprise");
    let (status, code, _) = indirect.refused_report(&account, &october());
    assert_eq!((status, code.as_str()), (401, "Unauthorized"));

    let mut shared = Client::new("shared-with-me", |_| {});
    let mut details = |name: &str| {
        let subscription = format!("/subscriptions/{}", shared.subscription(name));
        let url = shared.details_url(&subscription, date!(2026 - 10 - 01), date!(2026 - 11 - 07));
        shared.refusal(&url)
    };
    let told = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(details("Contoso Production"), told(200, ""));
    assert_eq!(details("Contoso Archive"), told(200, ""));
    assert_eq!(details("Contoso Payroll"), told(403, "AuthorizationFailed"));
    assert_eq!(details("Contoso Partner"), told(401, "Unauthorized"));
    assert_eq!(details("Contoso Moved"), told(404, "NotFound"));
    assert_eq!(details("Contoso Broken"), told(503, ""));
    let mut enterprise = Client::new("enterprise", |_| {});
    let subscription = format!("/subscriptions/{}", enterprise.subscription("Contoso Production"));
    let url = enterprise.details_url(&subscription, date!(2026 - 10 - 01), date!(2026 - 10 - 31));
    assert_eq!(enterprise.refusal(&url), told(400, "400"));
}

#[test]
fn a_report_is_polled_at_the_newest_address_only() {
    let mut client = Client::new("enterprise", |settings| settings.polls = 3);
    let account = client.account("Contoso Enterprise");
    let first = header(&client.ask_report(&account, &october()), "location");
    let second = header(&client.send("GET", &first), "location");
    assert_ne!(first, second);
    client.send("GET", &first);
    assert_eq!(client.rules(), [Rule::SupersededLocation]);
    let strange = format!(
        "{account}/providers/Microsoft.CostManagement/costDetailsOperationResults/1?api-version=2022-05-01"
    );
    let answer = client.send("GET", &strange);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(body["messageDetail"].is_string());
}

#[test]
fn links_of_reports_lead_where_the_person_has_them() {
    let mut client = Client::new("usage", |_| {});
    client.state.sign_in(1);
    let token = client.state.issue_token(OffsetDateTime::now_utc()).unwrap();
    client.bearer = format!("Bearer {token}");
    let expected = client.expected_usage(date!(2020 - 01 - 01));
    let of = |name: &str| expected.iter().find(|usage| usage.billed_to == name).unwrap();
    let UsageOutcome::Table { host, blobs, .. } = of("Fabrikam Baltics").outcome else {
        unreachable!();
    };
    assert_eq!((host, blobs), (hosts::OTHER_STORAGE, 2));
    let by_invoice = |usage: &ExpectedUsage| json!({"invoiceId": usage.invoices[0]});
    let mut link = |usage: &ExpectedUsage| {
        let report = client.report(&client.scope_of(usage), &by_invoice(usage));
        report["manifest"]["blobs"][0]["blobLink"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        link(of("Fabrikam Baltics")).starts_with("https://billinginsightsstore02.blob.core.windows.net/")
    );
    assert!(link(of("Fabrikam Abroad")).starts_with("https://storage.fabrikam.example/"));
    let failed = |because: &str| UsageOutcome::Failed(because.to_owned());
    assert_eq!(of("Fabrikam Abroad").outcome, failed("storage Foreign"));
    assert_eq!(of("Fabrikam Astray").outcome, failed("location ForeignHost"));
    assert_eq!(of("Fabrikam Endless").outcome, failed("next_link Cycle"));
    assert_eq!(of("Fabrikam Next Door").outcome, failed("next_link ForeignHost"));
    let astray = of("Fabrikam Astray");
    let answer = client.ask_report(&client.scope_of(astray), &by_invoice(astray));
    assert!(header(&answer, "location").starts_with("https://storage.fabrikam.example/"));
    for (name, next) in [
        ("Fabrikam Endless", "https://management.azure.com/subscriptions/"),
        (
            "Fabrikam Next Door",
            "https://storage.fabrikam.example/subscriptions/",
        ),
    ] {
        let usage = of(name);
        let url = client.details_url(&client.scope_of(usage), usage.period_start, usage.period_end);
        let mut page = client.json(&url);
        if name == "Fabrikam Endless" {
            for _ in 0..5 {
                page = client.json(page["nextLink"].as_str().unwrap());
            }
        }
        assert!(page["nextLink"].as_str().unwrap().starts_with(next));
    }
}

#[test]
fn details_are_filtered_paged_and_of_a_billing_period() {
    let mut client = Client::new("pay-as-you-go", |settings| settings.usage_page_size = 50);
    let subscription = format!("/subscriptions/{}", client.subscription("Contoso Production"));
    let (from, to) = (date!(2026 - 10 - 08), date!(2026 - 11 - 07));
    let url = client.details_url(&subscription, from, to);
    let page = client.json(&url);
    let next = page["nextLink"].as_str().unwrap();
    assert!(
        next.starts_with(&format!("https://management.azure.com{subscription}/providers/")),
        "{next}"
    );
    assert!(
        next.contains("&$skiptoken=") && next.contains("$filter="),
        "{next}"
    );
    assert_eq!(page["value"].as_array().unwrap().len(), 50);
    let all = client.details(&url);
    assert_eq!(all.len(), 31 * 9);
    let periods = format!(
        "{subscription}/providers/Microsoft.Billing/billingPeriods/202611/providers/Microsoft.Consumption"
    );
    assert_eq!(
        client.details(&format!("{periods}/usageDetails?api-version=2019-10-01")),
        all
    );
    let none = periods.replace("202611", "202001");
    assert_eq!(
        client.json(&format!("{none}/usageDetails?api-version=2019-10-01")),
        json!({"value": []})
    );
    assert_eq!(all[0]["kind"], "legacy");
    let properties = &all[0]["properties"];
    assert_eq!(properties["usageStart"], "2026-10-08T00:00:00.0000000Z");
    assert!(
        properties["billingPeriodId"]
            .as_str()
            .unwrap()
            .ends_with("/billingPeriods/202611-1")
    );
    assert!(properties["meterDetails"].is_null());
    let with_meters = client.json(&format!("{url}&$expand=properties/meterDetails"));
    assert!(with_meters["value"][0]["properties"]["meterDetails"]["unit"].is_string());
    let later = client.details_url(&subscription, date!(2026 - 11 - 24), date!(2026 - 12 - 31));
    assert_eq!(client.json(&later), json!({"value": []}));
    for wrong in [
        url.replace("$top=1000", "$top=1001"),
        url.replace("usageStart%20ge", "usageStart%20gt"),
        format!("{url}&$skiptoken=zz"),
    ] {
        assert_eq!(client.refusal(&wrong).0, 400, "{wrong}");
    }
    assert_eq!(client.rules(), []);
}

#[test]
fn usage_details_have_the_fields_that_a_scenario_asks_for() {
    let mut client = Client::new("usage", |_| {});
    let subscription = format!("/subscriptions/{}", client.subscription("Contoso Development"));
    let url = client.details_url(&subscription, date!(2026 - 10 - 16), date!(2026 - 10 - 16));
    let properties = client.json(&url)["value"][0]["properties"].clone();
    assert_eq!(properties["date"], "2026-10-16T00:00:00.0000000Z");
    assert!(properties["quantity"].is_f64() && properties.get("usageQuantity").is_none());
}

#[test]
fn cost_management_takes_so_many_requests_and_says_how_long_to_wait() {
    let mut client = Client::new("enterprise", |settings| {
        settings.costs = Quota {
            requests: 2,
            per: Duration::from_secs(10),
        };
    });
    let account = client.account("Contoso Enterprise");
    let remaining = "x-ms-ratelimit-remaining-microsoft.costmanagement-entity-requests";
    let first = client.ask_report(&account, &october());
    assert_eq!(header(&first, remaining), "DefaultQuota:1");
    assert_eq!(
        client.ask_report(&account, &october()).status,
        StatusCode::ACCEPTED
    );
    for longest in ["qpu", "entity", "tenant", "client", "qpu"] {
        let refused = client.ask_report(&account, &october());
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!refused.headers.contains_key("retry-after"));
        assert_eq!(header(&refused, remaining), "DefaultQuota:0");
        for kind in ["qpu", "entity", "tenant", "client"] {
            let name = format!("x-ms-ratelimit-microsoft.costmanagement-{kind}-retry-after");
            let expected = if kind == longest { "10" } else { "5" };
            assert_eq!(header(&refused, &name), expected, "{kind}");
        }
    }
    // Others are not held up.
    let invoices = client.send("GET", &format!("{account}/invoices?api-version=2024-04-01"));
    assert_eq!(invoices.status, StatusCode::OK);
    let mut later = client.request("POST", &format!("{account}/{REPORT}"));
    later.body = october().to_string().into();
    later.arrived += Duration::from_secs(10);
    assert_eq!(answer(&mut client.state, &later).status, StatusCode::ACCEPTED);
}

#[test]
fn consumption_counts_by_itself() {
    let mut client = Client::new("pay-as-you-go", |settings| {
        settings.costs = Quota {
            requests: 1,
            per: Duration::from_secs(10),
        };
    });
    let subscription = format!("/subscriptions/{}", client.subscription("Contoso Production"));
    let url = client.details_url(&subscription, date!(2026 - 10 - 08), date!(2026 - 10 - 08));
    assert_eq!(client.send("GET", &url).status, StatusCode::OK);
    let refused = client.send("GET", &url);
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        header(&refused, "x-ms-ratelimit-microsoft.consumption-retry-after"),
        "10"
    );
    assert_eq!(client.refused_report(&subscription, &october()).0, 400);
}
