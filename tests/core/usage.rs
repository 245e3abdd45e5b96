//! Usage in whole runs: which files end on disk, what is asked for them and when, and what is told of the others.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc::unbounded;
use portal_invoices::azure::ports::{Clock, HttpResponse, Method, TransportError};
use portal_invoices::azure::{Arm, Blobs, Cloud, Tokens};
use portal_invoices::download::{
    Event, FailureCode, Job, Journal, Order, Packing, Region, Report, Run, UsageReport, Verdict, Wanted, run,
};
use portal_invoices::invoices::Period;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

use crate::double::json as answer_json;
use crate::double::{Browser, Disk, NOW, Network, Sent, StillClock, identity, response, token, with_headers};

const WEBSITE: &str = "11111111-2222-3333-4444-555555555555";
const PRODUCTION: &str = "66666666-2222-3333-4444-555555555555";
const GROUP: &str = "a:b_2019-05-31";
const MARK: &str = "\u{feff}";

/// An invoice of the group's billing profile.
fn of_group(name: &str, dates: [&str; 3]) -> Value {
    invoice(
        name,
        dates,
        &format!("/providers/Microsoft.Billing/billingAccounts/{GROUP}"),
        json!({
            "billingProfileId": format!("/providers/Microsoft.Billing/billingAccounts/{GROUP}/billingProfiles/P-1"),
            "billingProfileDisplayName": "Europe",
        }),
    )
}

/// An invoice with one document: its date, and first and last day of its period.
fn invoice(name: &str, [date, from, to]: [&str; 3], place: &str, further: Value) -> Value {
    let url = format!("https://management.azure.com{place}/invoices/{name}/download?api-version=2024-04-01");
    let mut properties = json!({
        "invoiceDate": format!("{date}T00:00:00Z"),
        "invoicePeriodStartDate": format!("{from}T00:00:00Z"),
        "invoicePeriodEndDate": format!("{to}T00:00:00Z"),
        "invoiceType": "AzureServices",
        "status": "Paid",
        "documents": [{ "name": "1", "kind": "Invoice", "url": url }],
    });
    let fields = further.as_object().unwrap().clone();
    properties.as_object_mut().unwrap().extend(fields);
    json!({ "name": name, "properties": properties })
}

/// Two months of the group, a purchase of it, a month of the website, and one of the enrolment.
fn everything() -> Vec<Value> {
    vec![
        of_group("G010", ["2026-11-05", "2026-10-01", "2026-10-31"]),
        of_group("G009", ["2026-10-05", "2026-09-01", "2026-09-30"]),
        of_group("G0BUY", ["2026-10-12", "2026-10-12", "2026-10-12"]),
        invoice(
            "E010",
            ["2026-11-09", "2026-10-08", "2026-11-07"],
            &format!("/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{WEBSITE}"),
            json!({ "subscriptionId": WEBSITE }),
        ),
        invoice(
            "7009",
            ["2026-10-13", "2026-09-01", "2026-09-30"],
            "/providers/Microsoft.Billing/billingAccounts/6575495",
            json!({}),
        ),
    ]
}

/// A part of a report.
fn part(key: &str, number: usize) -> String {
    format!("{MARK}date,cost,note\r\n10/0{number}/2026,0.10,{key}\r\n")
}

/// The files of [`everything`]'s usage.
fn all_usage() -> BTreeMap<String, Vec<u8>> {
    let joined = |key: &str| format!("{}10/02/2026,0.10,{key}\r\n", part(key, 1)).into_bytes();
    let mut files: BTreeMap<String, Vec<u8>> = [
        ("2026-11-05 Europe G010", "G010"),
        ("2026-10-05 Europe G009", "G009"),
        ("2026-10-12 Europe G0BUY", "G0BUY"),
        ("2026-10-13 Contoso Enterprise 7009", "202609"),
    ]
    .map(|(name, key)| (format!("Azure invoices/2026/usage/{name} Usage.csv"), joined(key)))
    .into();
    let details = "2026-10-08;2026-10-08;s;;;;;;;;;;;;;;1,2500;;;0,10;EUR;;;;;;;;;;;;;;;;;;;;;;;;;'=1;1;\"{\"\"new\"\":\"\"7\"\"}\"\r\n\
                   2026-10-09;;;;;;;;;;;;;;;;1E-05;;;;;;;;;;;;;;;;;;;;;;;;;;;;;\"{\"\"a\"\":\"\"b\"\"}\";2;\r\n";
    let name = "Azure invoices/2026/usage/2026-11-09 Website E010 Usage.csv";
    files.insert(
        name.into(),
        format!("{MARK}{}\r\n{details}", columns().join(";")).into_bytes(),
    );
    files
}

/// The columns as `docs/USAGE.md` promises them, in its order.
fn columns() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/USAGE.md");
    let docs = std::fs::read_to_string(path).unwrap();
    let rows = docs.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned())
        .collect()
}

type Twist = Rc<dyn Fn(&Sent) -> Option<Result<HttpResponse, TransportError>>>;

fn untwisted() -> Twist {
    Rc::new(|_| None)
}

/// Answers so wherever the address says this.
fn where_it_says(words: &'static str, answer: HttpResponse) -> Twist {
    Rc::new(move |sent| sent.url.contains(words).then(|| Ok(answer.clone())))
}

fn azure(invoices: Vec<Value>, twist: Twist) -> impl Fn(&Sent) -> Result<HttpResponse, TransportError> {
    let of = move |account: &str| {
        let all = invoices.iter();
        let own = all.filter(|item| {
            item["properties"]["documents"][0]["url"]
                .as_str()
                .unwrap()
                .contains(account)
        });
        json!({ "value": own.collect::<Vec<_>>() })
    };
    move |sent| {
        if let Some(answer) = twist(sent) {
            return answer;
        }
        let path = sent
            .url
            .split_once(".com")
            .or(sent.url.split_once(".net"))
            .unwrap()
            .1;
        let last = path.split('?').next().unwrap().rsplit('/').next().unwrap();
        let key = last.split(['-', '.']).next().unwrap();
        let operation = |address: String, wait: &str| {
            Ok(with_headers(
                response(202, ""),
                &[("Location", &address), ("Retry-After", wait)],
            ))
        };
        match (sent.method, path) {
            (_, path) if sent.url.starts_with("https://billingrppub.blob") => {
                assert!(sent.bearer.is_none());
                let body = match path.contains("/reports/") {
                    true => part(key, last.split(['-', '.']).nth(1).unwrap().parse().unwrap()),
                    false => format!("%PDF-1.7\n{key}\n%%EOF\n"),
                };
                let length = body.len().to_string();
                Ok(with_headers(response(200, body), &[("Content-Length", &length)]))
            }
            (Method::Post, path) if path.contains("/generateCostDetailsReport") => {
                let said: Value = serde_json::from_str(sent.body.as_ref().unwrap()).unwrap();
                let about = [
                    &said["invoiceId"],
                    &said["billingPeriod"],
                    &said["timePeriod"]["start"],
                ];
                let about = about
                    .into_iter()
                    .find_map(Value::as_str)
                    .unwrap()
                    .replace('-', "");
                let scope = path.split("/generate").next().unwrap();
                operation(
                    format!("{scope}/costDetailsOperationResults/{about}?api-version=2022-05-01"),
                    "20",
                )
            }
            (Method::Post, path) => {
                let name = path
                    .split("/invoices/")
                    .nth(1)
                    .unwrap()
                    .split('/')
                    .next()
                    .unwrap();
                operation(
                    format!("/providers/Microsoft.Billing/operationResults/{name}?t=1"),
                    "10",
                )
            }
            (_, path) if path.starts_with("/subscriptions?") => answer_json(json!({ "value": [
                { "subscriptionId": WEBSITE, "displayName": "Website" },
                { "subscriptionId": PRODUCTION, "displayName": "Production" },
            ] })),
            (_, path) if path.starts_with("/tenants?") => answer_json(json!({ "value": [] })),
            (_, path) if path.contains("/billingAccounts?") => answer_json(json!({ "value": [
                { "name": GROUP, "properties": { "displayName": "Contoso Group", "agreementType": "MicrosoftCustomerAgreement" } },
                { "name": "6575495", "properties": { "displayName": "Contoso Enterprise", "agreementType": "EnterpriseAgreement" } },
            ] })),
            (_, path) if path.contains("/billingProperty/") => {
                answer_json(json!({ "properties": match path.contains(WEBSITE) {
                true => json!({ "billingAccountAgreementType": "MicrosoftOnlineServicesProgram" }),
                false => json!({
                    "billingAccountAgreementType": "MicrosoftCustomerAgreement",
                    "billingAccountId": format!("/providers/Microsoft.Billing/billingAccounts/{GROUP}"),
                    "billingProfileId": format!("/providers/Microsoft.Billing/billingAccounts/{GROUP}/billingProfiles/p-1"),
                }),
            } }))
            }
            (_, path) if path.contains("/invoices?") => {
                let places = [WEBSITE, "6575495", GROUP];
                let asked = path.replace("%3A", ":");
                answer_json(of(places
                    .into_iter()
                    .find(|place| asked.contains(place))
                    .unwrap()))
            }
            (_, path) if path.contains("/costDetailsOperationResults/") => {
                let blob = |number| json!({ "blobLink": format!("https://billingrppub.blob.core.windows.net/reports/{last}-{number}.csv?sig=s") });
                let manifest = json!({ "dataFormat": "Csv", "blobCount": 2, "blobs": [blob(1), blob(2)] });
                answer_json(json!({ "status": "Completed", "manifest": manifest }))
            }
            (_, path) if path.contains("/usageDetails") => {
                let first = r#"{"value":[{"kind":"legacy","name":"1","tags":"=1","properties":{"usageStart":"2026-10-08T00:00:00.0000000Z","usageEnd":"2026-10-08T23:59:59.0000000Z","usageQuantity":1.2500,"pretaxCost":0.10,"currency":"EUR","subscriptionGuid":"s","meterDetails":null,"new":7}}],"nextLink":"URL&$skiptoken=31"}"#;
                let second = r#"{"value":[{"kind":"legacy","name":"2","tags":{"a":"b"},"properties":{"date":"2026-10-09T00:00:00Z","quantity":1E-05}}]}"#;
                Ok(response(
                    200,
                    match path.contains("skiptoken") {
                        false => first.replace("URL", &sent.url),
                        true => second.to_owned(),
                    },
                ))
            }
            (_, path) => {
                assert!(path.contains("/operationResults/"), "{path}");
                answer_json(
                    json!({ "url": format!("https://billingrppub.blob.core.windows.net/invoices/{last}.pdf?sig=s") }),
                )
            }
        }
    }
}

struct Wish {
    wanted: Wanted,
    packing: Packing,
    hosts: Vec<String>,
    period: Period,
    told: Vec<(u64, Event)>,
    ordered_at: &'static str,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            wanted: Wanted::Both,
            packing: Packing::Folder,
            hosts: Vec::new(),
            period: Period {
                from: date!(2024 - 01 - 01),
                to: date!(2026 - 12 - 31),
            },
            told: Vec::new(),
            ordered_at: "2026-11-23 09.00.00",
        }
    }
}

/// Another order, an hour later.
fn later() -> Wish {
    Wish {
        ordered_at: "2026-11-23 10.00.00",
        ..Wish::default()
    }
}

struct Outcome {
    report: Report,
    has_ended: bool,
    sent: Vec<Sent>,
}

impl Outcome {
    fn usage(&self) -> &UsageReport {
        &self.report.usage
    }

    /// What was asked about costs, by path.
    fn reports_asked(&self) -> Vec<String> {
        let posts = self
            .sent
            .iter()
            .filter(|sent| sent.url.contains("/generateCostDetailsReport"));
        posts.map(|sent| sent.body.clone().unwrap()).collect()
    }

    fn codes(&self) -> Vec<FailureCode> {
        let usage = self.usage();
        let troubles = usage.failed.iter().chain(&usage.refused);
        troubles.map(|trouble| trouble.failure.code).collect()
    }
}

/// One background's life over this disk.
fn live(disk: &Rc<Disk>, invoices: Vec<Value>, twist: Twist, wish: Wish) -> Outcome {
    let clock = StillClock::new();
    let network = Network::new(&clock, azure(invoices, twist));
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let browser = || Rc::new(Browser(disk.clone()));
    let means = Run {
        arm: Rc::new(Arm::new(identity(), tokens, network.clone(), clock.clone())),
        blobs: Blobs::new(network.clone(), clock.clone()),
        journal: Journal::of(identity(), browser()),
        files: browser(),
        downloads: browser(),
        clock: clock.clone(),
    };
    let order = Order {
        wanted: wish.wanted,
        hosts: wish.hosts,
        packing: wish.packing,
        ordered_at: wish.ordered_at.into(),
        region: Region::WITH_COMMA,
        ..Order::new(identity(), wish.period)
    };
    let last = Rc::new(RefCell::new(Report::beginning(&order)));
    let (slot, waiting) = (last.clone(), clock.clone());
    let (tell, told) = unbounded();
    let steer = tell.clone();
    let ended = clock.run(async move {
        let changed = |job: &Job| drop(slot.replace(job.report()));
        let work = run(&means, order, tell, told, changed, async |_| {});
        let steering = async {
            let mut waited = 0;
            for (moment, event) in wish.told {
                waiting.sleep(Duration::from_secs(moment - waited)).await;
                waited = moment;
                steer.unbounded_send(event).unwrap();
            }
        };
        futures_util::future::join(work, steering).await.0
    });
    let report = last.borrow().clone();
    let sent = network.sent.borrow().clone();
    Outcome {
        report,
        has_ended: ended == Some(Ok(())),
        sent,
    }
}

fn usage_files(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
    let files = disk.files().into_iter();
    files.filter(|(path, _)| path.contains("/usage/")).collect()
}

#[test]
fn usage_is_saved_beside_the_documents_and_a_second_run_asks_for_none() {
    let disk = Rc::new(Disk::default());
    let first = live(&disk, everything(), untwisted(), Wish::default());
    assert!(first.has_ended);
    assert_eq!(usage_files(&disk), all_usage());
    assert_eq!(disk.files().len(), 10);
    let (report, usage) = (&first.report, first.usage());
    assert_eq!((report.documents, report.saved, report.ended()), (5, 5, 5));
    assert_eq!((usage.periods, usage.saved, usage.ended()), (5, 5, 5));
    assert!(!report.has_failures());
    assert!(disk.private.borrow().is_empty());
    let index = disk.indexes().into_values().next().unwrap();
    assert_eq!(
        String::from_utf8(index).unwrap().lines().count(),
        1 + 5,
        "usage is no document"
    );

    let second = live(&disk, everything(), untwisted(), later());
    assert_eq!((second.usage().saved, second.usage().saved_before), (0, 5));
    assert!(second.reports_asked().is_empty());
    assert_eq!(disk.files().len(), 10);
}

#[test]
fn usage_alone_prepares_no_document() {
    let disk = Rc::new(Disk::default());
    let wish = Wish {
        wanted: Wanted::Usage,
        ..Wish::default()
    };
    let outcome = live(&disk, everything(), untwisted(), wish);
    assert!(outcome.has_ended);
    assert_eq!(disk.files(), all_usage());
    assert_eq!((outcome.report.documents, outcome.usage().saved), (0, 5));
    assert!(disk.indexes().is_empty());
    assert!(!outcome.sent.iter().any(|sent| sent.url.contains("/download?")));
}

#[test]
fn usage_is_asked_for_when_no_document_waits_for_azure_any_more() {
    let slow: Twist = Rc::new(|sent| {
        let is_slow = sent.url.contains("/operationResults/E010");
        let still = sent.at - NOW < Duration::from_secs(200);
        (is_slow && still).then(|| Ok(with_headers(response(202, ""), &[("Retry-After", "30")])))
    });
    let outcome = live(&Rc::new(Disk::default()), everything(), slow, Wish::default());
    let about_costs = |sent: &&Sent| {
        ["CostManagement", "Consumption"]
            .iter()
            .any(|of| sent.url.contains(of))
    };
    let first = outcome.sent.iter().find(about_costs).unwrap().at;
    assert!(first - NOW > Duration::from_secs(200));
    let documents = outcome.sent.iter().filter(|sent| sent.url.contains("/invoices"));
    assert!(documents.max_by_key(|sent| sent.at).unwrap().at <= first);
    assert_eq!(outcome.usage().saved, 5);
}

#[test]
fn a_throttled_lane_is_waited_for_and_two_reports_at_most_are_under_way() {
    let months: Vec<Value> = (1..=9)
        .map(|month| {
            let day = |day: &str| format!("2026-0{month}-{day}");
            of_group(&format!("G00{month}"), [&day("28"), &day("01"), &day("27")])
        })
        .collect();
    let throttled: Twist = Rc::new(|sent| {
        let is_report = sent.method == Method::Post && sent.url.contains("CostManagement");
        let closed = sent.at - NOW < Duration::from_secs(120);
        let headers = [("x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after", "60")];
        (is_report && closed).then(|| Ok(with_headers(response(429, ""), &headers)))
    });
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, months, throttled, Wish::default());
    assert_eq!((outcome.report.saved, outcome.usage().saved), (9, 9));
    let (mut under_way, mut most) = (0, 0);
    for sent in &outcome.sent {
        match sent.method {
            Method::Post
                if sent.url.contains("CostManagement") && sent.at - NOW >= Duration::from_secs(120) =>
            {
                under_way += 1;
            }
            _ if sent.url.contains("-2.csv") => under_way -= 1,
            _ => {}
        }
        most = most.max(under_way);
    }
    assert_eq!(most, 2);
    let documents = outcome.sent.iter().filter(|sent| sent.url.contains("/invoices"));
    assert!(documents.map(|sent| sent.at).max().unwrap() - NOW < Duration::from_secs(30));
}

#[test]
fn a_profile_that_refuses_is_asked_once_and_its_subscriptions_instead() {
    for status in [401, 403, 404] {
        let refused = where_it_says(
            "billingProfiles/P-1/providers/Microsoft.CostManagement",
            response(status, ""),
        );
        let disk = Rc::new(Disk::default());
        let outcome = live(&disk, everything(), refused, Wish::default());
        let of_profile = outcome
            .reports_asked()
            .into_iter()
            .filter(|body| body.contains("invoiceId"));
        assert_eq!(of_profile.count(), 1);
        let files = usage_files(&disk);
        let names: Vec<&str> = files
            .keys()
            .map(|path| path.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "2026-10-05 Production G009 Usage.csv",
                "2026-10-13 Contoso Enterprise 7009 Usage.csv",
                "2026-11-05 Production G010 Usage.csv",
                "2026-11-09 Website E010 Usage.csv",
            ]
        );
        // What the profile bought has no subscription that would tell it.
        let usage = outcome.usage();
        assert_eq!((usage.periods, usage.saved, usage.refused.len()), (5, 4, 1));
        assert_eq!(outcome.codes(), [FailureCode::UsageRefused]);
        assert_eq!(usage.refused[0].what, "2026-10-12 Europe G0BUY");
        assert!(!outcome.report.has_failures());
    }
}

#[test]
fn a_place_in_other_letters_and_a_subscription_told_twice_are_asked_once_and_the_run_ends() {
    for refuses in [false, true] {
        let subscriptions = json!({ "value": [
            { "subscriptionId": WEBSITE, "displayName": "Website" },
            { "subscriptionId": PRODUCTION, "displayName": "Production" },
            { "subscriptionId": PRODUCTION.to_uppercase(), "displayName": "Production" },
        ] });
        let twist: Twist = Rc::new(move |sent| {
            let of_profile = "/p-1/providers/microsoft.costmanagement";
            match sent.url.to_ascii_lowercase() {
                url if url.contains("com/subscriptions?") => Some(answer_json(subscriptions.clone())),
                url if refuses && url.contains(of_profile) => Some(Ok(response(403, ""))),
                _ => None,
            }
        });
        let mut listed = everything();
        let mut corrected = of_group("G010B", ["2026-11-08", "2026-10-01", "2026-10-31"]);
        let profile = format!("/providers/Microsoft.Billing/billingAccounts/{GROUP}/billingProfiles/p-1");
        corrected["properties"]["billingProfileId"] = json!(profile);
        listed.push(corrected);
        let disk = Rc::new(Disk::default());
        let outcome = live(&disk, listed, twist, Wish::default());
        assert!(outcome.has_ended, "the profile refuses: {refuses}");
        let usage = outcome.usage();
        let purchase = usize::from(refuses);
        assert_eq!(
            (usage.periods, usage.saved),
            (5, 5 - purchase),
            "{:?}",
            outcome.codes()
        );
        assert_eq!(usage_files(&disk).len(), 5 - purchase);
    }
}

#[test]
fn a_refusal_by_everybody_is_told_for_each_period() {
    let refused = where_it_says(
        "/providers/Microsoft.C",
        response(403, r#"{"error":{"code":"AuthorizationFailed"}}"#),
    );
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, everything(), refused, Wish::default());
    assert_eq!(disk.files().len(), 5);
    assert_eq!(outcome.codes(), [FailureCode::UsageRefused; 5]);
    let usage = outcome.usage();
    let mut told: Vec<&str> = usage.refused.iter().map(|trouble| &*trouble.what).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "2026-09-01 – 2026-09-30 Contoso Enterprise",
            "2026-09-01 – 2026-09-30 Production",
            "2026-10-01 – 2026-10-31 Production",
            "2026-10-08 – 2026-11-07 Website",
            "2026-10-12 Europe G0BUY",
        ]
    );
    // The profile, its subscription, the enrolment: each once.
    assert_eq!(outcome.reports_asked().len(), 3);
}

#[test]
fn one_report_is_asked_for_by_the_invoice_in_force_and_none_by_a_credit_note() {
    let period = ["2026-10-01", "2026-10-31"];
    let mut void = of_group("G1", ["2026-11-05", period[0], period[1]]);
    void["properties"]["status"] = json!("Void");
    let mut credit = of_group("G2", ["2026-11-07", period[0], period[1]]);
    credit["properties"]["documentType"] = json!("CreditNote");
    let rebilled = of_group("G3", ["2026-11-06", period[0], period[1]]);
    let mut support = of_group("G4", ["2026-11-06", period[0], period[1]]);
    support["properties"]["invoiceType"] = json!("AzureSupport");
    let disk = Rc::new(Disk::default());
    let listed = vec![void, credit, rebilled, support];
    let outcome = live(&disk, listed, untwisted(), Wish::default());
    assert_eq!(
        outcome.reports_asked(),
        [r#"{"metric":"ActualCost","invoiceId":"G3"}"#]
    );
    assert!(usage_files(&disk).contains_key("Azure invoices/2026/usage/2026-11-06 Europe G3 Usage.csv"));
}

#[test]
fn months_that_reports_do_not_reach_are_named_without_being_asked() {
    let mut listed = everything();
    listed.push(of_group("G000", ["2025-11-05", "2025-10-01", "2025-10-31"]));
    listed.push(of_group("GOLD", ["2025-10-05", "2025-09-01", "2025-09-30"]));
    let outcome = live(&Rc::new(Disk::default()), listed, untwisted(), Wish::default());
    let usage = outcome.usage();
    assert_eq!(usage.not_available, ["2025-09-01 – 2025-09-30 Europe"]);
    assert_eq!((usage.saved, usage.periods, usage.ended()), (6, 7, 7));
    assert!(!outcome.report.has_failures(), "nothing helps any more");
    assert!(!outcome.reports_asked().iter().any(|body| body.contains("GOLD")));
}

#[test]
fn nothing_used_is_a_result() {
    for nothing in [response(204, ""), response(200, r#"{"status":"NoDataFound"}"#)] {
        let twist: Twist = Rc::new(move |sent| match sent.method {
            Method::Get if sent.url.contains("costDetailsOperationResults") => Some(Ok(nothing.clone())),
            Method::Get if sent.url.contains("usageDetails") => Some(answer_json(json!({ "value": [] }))),
            _ => None,
        });
        let disk = Rc::new(Disk::default());
        let outcome = live(&disk, everything(), twist, Wish::default());
        assert_eq!((disk.files().len(), outcome.usage().nothing_used.len()), (5, 5));
        assert!(!outcome.report.has_failures());
        assert_eq!(outcome.report.verdict, Verdict::Finished);
    }
}

/// What a report of these parts becomes.
fn joined(parts: &'static [&'static str]) -> Result<String, FailureCode> {
    let twist: Twist = Rc::new(move |sent| {
        let number = sent.url.split("/reports/").nth(1)?.split(['-', '.']).nth(1)?;
        let body = parts[number.parse::<usize>().unwrap() - 1];
        Some(Ok(response(200, body)))
    });
    let disk = Rc::new(Disk::default());
    let outcome = live(
        &disk,
        everything().into_iter().take(1).collect(),
        twist,
        Wish::default(),
    );
    match usage_files(&disk).into_values().next() {
        Some(bytes) => Ok(String::from_utf8(bytes).unwrap()),
        None => Err(outcome.codes()[0]),
    }
}

#[test]
fn parts_become_one_table_or_none() {
    let table: &[(&[&str], Result<&str, FailureCode>)] = &[
        (
            &["\u{feff}a,b\r\n1,2\r\n", "\u{feff}a,b\r\n3,4\r\n"],
            Ok("\u{feff}a,b\r\n1,2\r\n3,4\r\n"),
        ),
        // Everything behind the first line passes untouched.
        (
            &["a,b\n1,\"x\n\u{feff}a,b\"\n", "a,b\n=3,  4"],
            Ok("a,b\n1,\"x\n\u{feff}a,b\"\n=3,  4"),
        ),
        // A line that is not ended is.
        (&["a,b\r\n1,2", "a,b\r\n3,4\r\n"], Ok("a,b\r\n1,2\r\n3,4\r\n")),
        (&["a,b", "a,b\r\n3,4\r\n"], Ok("a,b\r\n3,4\r\n")),
        (&["a,b\r\n1,2\r\n", "a,b"], Ok("a,b\r\n1,2\r\n")),
        // A part without names begins with a row.
        (
            &["a,b\r\n1,2\r\n", "3,\"4,5\"\r\n"],
            Ok("a,b\r\n1,2\r\n3,\"4,5\"\r\n"),
        ),
        (
            &["a,b\r\n1,2\r\n", "b,a\r\n3,4\r\n"],
            Err(FailureCode::OtherColumns),
        ),
        (
            &["a,b\r\n1,2\r\n", "a,b,c\r\n3,4,5\r\n"],
            Err(FailureCode::OtherColumns),
        ),
        (&["a,b\r\n1,2\r\n", "3,4,5\r\n"], Err(FailureCode::OtherColumns)),
        (&["a,b\r\n1,2\r\n", "<html>,</html>"], Err(FailureCode::NotATable)),
        (
            &["{\"error\":1,\"b\":2}", "a,b\r\n3,4\r\n"],
            Err(FailureCode::NotATable),
        ),
        (
            &["a,b\r\n1,\0\r\n", "a,b\r\n3,4\r\n"],
            Err(FailureCode::NotATable),
        ),
        (&["a,b\r\n1,2\r\n", ""], Err(FailureCode::Empty)),
    ];
    for (parts, expected) in table {
        assert_eq!(joined(parts), expected.map(str::to_owned), "{parts:?}");
    }
}

#[test]
fn what_goes_wrong_with_a_report_fails_that_report_alone() {
    let result = |answer: Value| response(200, answer.to_string());
    let at = |host: &str| json!({ "blobLink": format!("https://{host}/r.csv?sig=s") });
    let done =
        |blobs: Value| json!({ "status": "Completed", "manifest": { "dataFormat": "Csv", "blobs": blobs } });
    let cases = [
        (
            "DetailsOperationResults/G010",
            result(json!({ "status": "Failed", "error": { "code": "E" } })),
            FailureCode::Unavailable,
        ),
        (
            "DetailsOperationResults/G010",
            response(500, ""),
            FailureCode::Unavailable,
        ),
        (
            "DetailsOperationResults/G010",
            response(200, "words"),
            FailureCode::Unreadable,
        ),
        (
            "DetailsOperationResults/G010",
            result(done(json!([at("storage.fabrikam.example")]))),
            FailureCode::LinkRefused,
        ),
        (
            "reports/G010-2",
            with_headers(response(200, part("G010", 2)), &[("content-length", "99")]),
            FailureCode::Truncated,
        ),
        (
            "reports/G010-2",
            with_headers(response(200, part("G010", 2)), &[("x-breaks-off", "")]),
            FailureCode::Network,
        ),
        ("reports/G010-1", response(403, ""), FailureCode::NotAllowed),
    ];
    for (words, answer, code) in cases {
        let disk = Rc::new(Disk::default());
        let outcome = live(&disk, everything(), where_it_says(words, answer), Wish::default());
        assert_eq!(outcome.codes(), [code], "{words}");
        assert_eq!((outcome.report.saved, outcome.usage().saved), (5, 4), "{code:?}");
        assert!(outcome.report.has_failures());
        assert!(disk.private.borrow().is_empty());

        let later = live(&disk, everything(), untwisted(), later());
        assert_eq!((later.usage().saved, later.usage().saved_before), (1, 4));
        assert_eq!(usage_files(&disk), all_usage());
    }
}

#[test]
fn a_report_in_one_file_elsewhere_is_fetched_by_the_browser_once_the_person_agrees() {
    let host = "ccmreports.blob.core.windows.net";
    let twist = || {
        let blob = json!({ "blobLink": format!("https://{host}/r.csv?sig=s") });
        let manifest = json!({ "dataFormat": "Csv", "blobs": [blob] });
        let answer = json!({ "status": "Completed", "manifest": manifest });
        where_it_says("DetailsOperationResults/G010", response(200, answer.to_string()))
    };
    let disk = Rc::new(Disk::default());
    let first = live(&disk, everything(), twist(), Wish::default());
    assert_eq!(first.report.unagreed_hosts(), [host]);
    assert_eq!((first.usage().saved, first.usage().elsewhere.len()), (4, 1));
    assert!(
        !first.sent.iter().any(|sent| sent.url.contains(host)),
        "we read nothing there"
    );

    let wish = Wish {
        hosts: vec![host.to_owned()],
        ..later()
    };
    let second = live(&disk, everything(), twist(), wish);
    assert_eq!((second.usage().saved, second.usage().not_verified.len()), (1, 1));
    assert_eq!(usage_files(&disk).len(), 5);
    assert!(!second.sent.iter().any(|sent| sent.url.contains(host)));
}

#[test]
fn a_report_in_several_files_elsewhere_is_one_for_nobody_but_us() {
    let host = "ccmreports.blob.core.windows.net";
    let twist = || {
        let blob = json!({ "blobLink": format!("https://{host}/r.csv?sig=s") });
        let manifest = json!({ "dataFormat": "Csv", "blobs": [blob, blob] });
        let answer = json!({ "status": "Completed", "manifest": manifest });
        where_it_says("DetailsOperationResults/G010", response(200, answer.to_string()))
    };
    let disk = Rc::new(Disk::default());
    let first = live(&disk, everything(), twist(), Wish::default());
    assert_eq!(
        first.report.unagreed_hosts(),
        [host],
        "the person may let us read there"
    );
    let wish = Wish {
        hosts: vec![host.to_owned()],
        ..later()
    };
    let second = live(&disk, everything(), twist(), wish);
    assert_eq!(second.codes(), [FailureCode::UsageInParts]);
    assert_eq!(usage_files(&disk).len(), 4);
}

#[test]
fn a_cancelled_run_keeps_what_it_has_and_a_later_one_saves_the_rest() {
    let disk = Rc::new(Disk::default());
    let wish = Wish {
        told: vec![(20, Event::Cancel)],
        ..Wish::default()
    };
    let outcome = live(&disk, everything(), untwisted(), wish);
    assert!(outcome.has_ended);
    let usage = outcome.usage();
    assert_eq!((outcome.report.saved, outcome.report.cancelled), (5, 0));
    assert!(usage.cancelled > 0);
    assert_eq!((usage.periods, usage.ended()), (5, 5));
    assert!(disk.private.borrow().is_empty());
    live(&disk, everything(), untwisted(), Wish::default());
    assert_eq!(usage_files(&disk), all_usage());
}

#[test]
fn a_pause_lets_no_report_begin() {
    let disk = Rc::new(Disk::default());
    let wish = Wish {
        told: vec![(15, Event::Pause), (1_000, Event::Resume)],
        ..Wish::default()
    };
    let outcome = live(&disk, everything(), untwisted(), wish);
    assert!(outcome.has_ended);
    let in_pause = |sent: &&Sent| (16..1_000).contains(&(sent.at - NOW).whole_seconds());
    assert_eq!(outcome.sent.iter().filter(in_pause).count(), 0);
    assert_eq!(usage_files(&disk), all_usage());
}

#[test]
fn in_an_archive_usage_lies_beside_the_documents() {
    let disk = Rc::new(Disk::default());
    let wish = Wish {
        packing: Packing::Zip,
        ..Wish::default()
    };
    let outcome = live(&disk, everything(), untwisted(), wish);
    assert_eq!((outcome.report.saved, outcome.usage().saved), (5, 5));
    assert_eq!(unpacked_usage(&disk), all_usage());
    assert!(
        disk.private.borrow().is_empty(),
        "nothing compressed is left behind"
    );
}

#[test]
fn tables_shrink_in_an_archive_and_documents_lie_there_as_they_are() {
    let disk = Rc::new(Disk::default());
    let wish = Wish {
        packing: Packing::Zip,
        ..Wish::default()
    };
    live(&disk, everything(), untwisted(), wish);
    let archive = disk.files().into_values().next().unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    for at in 0..archive.len() {
        let member = archive.by_index(at).unwrap();
        let is_table = member.name().unwrap().ends_with(".csv");
        let is_smaller = member.compressed_size() < member.size();
        assert_eq!(
            member.compression() == zip::CompressionMethod::Deflated,
            is_table && is_smaller
        );
        assert!(is_smaller || member.compressed_size() == member.size());
    }
}

/// Usage in all archives on disk, under the paths that it would have as files.
fn unpacked_usage(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for bytes in disk.files().into_values() {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for at in 0..archive.len() {
            let mut member = archive.by_index(at).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut content).unwrap();
            let path = format!("Azure invoices/{}", member.name().unwrap());
            if path.contains("/usage/") {
                assert_eq!(
                    files.insert(path.clone(), content),
                    None,
                    "{path} lies in two archives"
                );
            }
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Killed at any write, any number of times: the same usage, none twice, none partial.
    #[test]
    fn kills_change_nothing_of_usage(kills in prop::collection::vec(1usize..60, 0..6), packs in any::<bool>()) {
        let disk = Rc::new(Disk::default());
        let wish = || Wish {
            packing: if packs { Packing::Zip } else { Packing::Folder },
            ..Wish::default()
        };
        for writes in kills {
            disk.acts_left.set(Some(writes));
            live(&disk, everything(), untwisted(), wish());
        }
        disk.acts_left.set(None);
        let last = live(&disk, everything(), untwisted(), wish());
        prop_assert!(last.has_ended);
        prop_assert_eq!(last.usage().saved + last.usage().saved_before, 5);
        let saved = if packs { unpacked_usage(&disk) } else { usage_files(&disk) };
        prop_assert_eq!(saved, all_usage());
        prop_assert!(disk.private.borrow().is_empty());
        let records = disk.records.borrow();
        prop_assert!(!records.values().any(|record| record.contains("sig=") || record.contains("Results/")));
    }
}

#[test]
fn a_recorded_list_of_usage_keeps_every_value() {
    let Some(samples) = std::env::var_os("RECORDED_RESPONSES") else {
        return;
    };
    let path = std::path::Path::new(&samples).join("recorded/cli_consumption_usageDetails_00_GET_200.json");
    let mut recorded: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    recorded["nextLink"] = Value::Null;
    let disk = Rc::new(Disk::default());
    let answer = response(200, recorded.to_string());
    live(
        &disk,
        everything(),
        where_it_says("usageDetails", answer),
        Wish::default(),
    );
    let files = usage_files(&disk);
    let (_, bytes) = files.iter().find(|(path, _)| path.contains("Website")).unwrap();
    let text = std::str::from_utf8(bytes).unwrap().trim_start_matches(MARK);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let items = recorded["value"].as_array().unwrap();
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(items) {
        let told = &item["properties"];
        let written = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string().replace('.', ","),
            other => other.to_string(),
        };
        for (column, field) in [
            ("subscriptionId", "subscriptionGuid"),
            ("subscriptionName", "subscriptionName"),
            ("resourceId", "instanceId"),
            ("resourceName", "instanceName"),
            ("resourceLocation", "instanceLocation"),
            ("meterId", "meterId"),
            ("quantity", "usageQuantity"),
            ("cost", "pretaxCost"),
            ("billingCurrency", "currency"),
            ("isEstimated", "isEstimated"),
            ("accountName", "accountName"),
            ("departmentName", "departmentName"),
            ("product", "product"),
            ("consumedService", "consumedService"),
            ("costCenter", "costCenter"),
            ("billingPeriodId", "billingPeriodId"),
        ] {
            assert_eq!(row[column], written(&told[field]), "{column}");
        }
        assert_eq!(row["date"], told["usageStart"].as_str().unwrap()[..10]);
        assert_eq!(row["lineId"], item["name"].as_str().unwrap());
        assert_eq!(row["otherFields"], "");
    }
}
