//! What Azure is asked about costs and usage, and how its answers are read.
//! Must not know: runs or files.

use std::rc::Rc;
use std::time::Duration;

use portal_invoices::azure::ports::{HttpResponse, Method, TransportError};
use portal_invoices::azure::{
    Arm, AzureError, Blobs, Cloud, CostReport, LinkRefused, SasUrl, Tokens, UsageDetails, oldest_report_day,
};
use serde_json::{Value, json};
use time::macros::date;

use crate::double::json as answer_json;
use crate::double::{NOW, Network, Sent, StillClock, identity, response, token, with_headers};

const OPERATION: &str = "https://management.azure.com:443/providers/Microsoft.Billing/billingAccounts/a/billingProfiles/p/providers/Microsoft.CostManagement/costDetailsOperationResults/0?api-version=2022-05-01";
const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";

struct World {
    clock: Rc<StillClock>,
    network: Rc<Network>,
    arm: Rc<Arm>,
}

fn world(answer: impl Fn(&Sent) -> Result<HttpResponse, TransportError> + 'static) -> World {
    let clock = StillClock::new();
    let network = Network::new(&clock, answer);
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let arm = Rc::new(Arm::new(identity(), tokens, network.clone(), clock.clone()));
    World { clock, network, arm }
}

/// Azure takes the POST and answers so at the end.
fn done(answer: HttpResponse) -> impl Fn(&Sent) -> Result<HttpResponse, TransportError> {
    move |sent| match sent.method {
        Method::Post => Ok(with_headers(
            response(202, ""),
            &[("Location", OPERATION), ("Retry-After", "20")],
        )),
        Method::Get => Ok(answer.clone()),
    }
}

impl World {
    /// The hosts of a report's files, in their order.
    fn generate(&self, report: CostReport) -> Result<Vec<String>, AzureError> {
        let arm = self.arm.clone();
        let addresses = self.clock.run(async move { report.generate(&arm).await });
        addresses.expect("it ends").map(|addresses| {
            let hosts = addresses.iter().map(|address| address.host().to_owned());
            hosts.collect()
        })
    }
}

fn report() -> CostReport {
    CostReport::of_invoice("a:b_2019-05-31", "P-1", "G001")
}

fn manifest(status: &str, blobs: Value) -> Value {
    let count = blobs.as_array().map(Vec::len);
    json!({
        "id": "x", "name": "0", "status": status,
        "manifest": { "manifestVersion": "2022-05-01", "dataFormat": "Csv", "blobCount": count, "byteCount": 9,
            "compressData": false, "blobs": blobs },
    })
}

fn blob(host: &str) -> Value {
    json!({ "blobLink": format!("https://{host}/reports/0.csv?sig=s"), "byteCount": 9 })
}

#[test]
fn each_place_is_asked_in_its_own_words() {
    let tables = [
        (
            report(),
            "/providers/Microsoft.Billing/billingAccounts/a%3Ab_2019-05-31/billingProfiles/P-1",
            json!({ "metric": "ActualCost", "invoiceId": "G001" }),
        ),
        (
            CostReport::of_enrolment("6575495", date!(2026 - 10 - 31)),
            "/providers/Microsoft.Billing/billingAccounts/6575495",
            json!({ "metric": "ActualCost", "billingPeriod": "202610" }),
        ),
        (
            CostReport::of_subscription(SUBSCRIPTION, date!(2026 - 10 - 01), date!(2026 - 10 - 31)),
            "/subscriptions/11111111-2222-3333-4444-555555555555",
            json!({ "metric": "ActualCost", "timePeriod": { "start": "2026-10-01", "end": "2026-10-31" } }),
        ),
    ];
    for (report, scope, body) in tables {
        let world = world(done(response(204, "")));
        assert_eq!(world.generate(report), Ok(Vec::new()), "204: nothing was used");
        let sent = world.network.sent.borrow();
        assert_eq!(
            sent[0].url,
            format!(
                "https://management.azure.com{scope}/providers/Microsoft.CostManagement/generateCostDetailsReport?api-version=2022-05-01"
            )
        );
        let said: Value = serde_json::from_str(sent[0].body.as_ref().unwrap()).unwrap();
        assert_eq!(said, body);
        let is_json =
            |(name, value): &(String, String)| name == "content-type" && value == "application/json";
        assert!(sent[0].headers.iter().any(is_json));
        assert_eq!(sent[1].body, None);
        assert!(sent[1].at - sent[0].at >= Duration::from_secs(20));
    }
}

#[test]
fn every_end_of_a_report_is_read() {
    let many: Vec<Value> = ["a1", "b2", "a1"]
        .map(|host| blob(&format!("{host}.blob.core.windows.net")))
        .into();
    let mut compressed = manifest("Completed", json!(many));
    compressed["manifest"]["compressData"] = json!(true);
    let mut parquet = manifest("Completed", json!(many));
    parquet["manifest"]["dataFormat"] = json!("Parquet");
    let mut short = manifest("Completed", json!(many));
    short["manifest"]["blobCount"] = json!(4);
    let mut nameless = manifest("Completed", json!(many));
    nameless["manifest"]["blobs"][1] = json!({ "byteCount": 9 });
    let mut failed = manifest("Failed", json!([]));
    failed["error"] = json!({ "code": "InternalServerError", "message": "words" });
    let unreadable = |what| Err(AzureError::Unreadable(what));
    let hosts = ["a1", "b2", "a1"].map(|host| format!("{host}.blob.core.windows.net"));
    for (answer, expected) in [
        (manifest("Completed", json!(many)), Ok(hosts.to_vec())),
        (manifest("Completed", json!([])), Ok(Vec::new())),
        (manifest("NoDataFound", json!([])), Ok(Vec::new())),
        (json!({ "status": "NoDataFound" }), Ok(Vec::new())),
        (compressed, unreadable("a report that is not plain CSV")),
        (parquet, unreadable("a report that is not plain CSV")),
        (short, unreadable("a report without all of its files")),
        (nameless, unreadable("a report without all of its files")),
        (
            manifest("Resting", json!([])),
            unreadable("a report of unknown status"),
        ),
        (json!("words"), unreadable("a report of unknown status")),
        (
            manifest("Completed", json!([blob("storage.fabrikam.example")])),
            Err(AzureError::Link(LinkRefused::ForeignHost)),
        ),
    ] {
        let world = world(done(response(200, answer.to_string())));
        assert_eq!(world.generate(report()), expected, "{answer}");
    }
    let world = world(done(response(200, failed.to_string())));
    match world.generate(report()) {
        Err(AzureError::Unavailable(refusal)) => {
            assert_eq!(
                (&*refusal.code, &*refusal.message),
                ("InternalServerError", "words")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_documented_report_is_read() {
    let Some(samples) = std::env::var_os("RECORDED_RESPONSES") else {
        return;
    };
    let path = std::path::Path::new(&samples).join("spec/costdetails_2022-05-01_completed.json");
    let link = "https://cmdemo.blob.core.windows.net/reports/0.csv?sig=s";
    let answer = std::fs::read_to_string(path)
        .unwrap()
        .replace("{downloadLink}", link);
    let world = world(done(response(200, answer)));
    let hosts = world.generate(report());
    assert_eq!(hosts, Ok(vec!["cmdemo.blob.core.windows.net".to_owned()]));
}

#[test]
fn a_report_is_waited_for_longer_than_a_document_and_not_for_ever() {
    let patient = world(|sent: &Sent| {
        let minutes = (sent.at - NOW).whole_minutes();
        match (sent.method, minutes) {
            (Method::Get, 20..) => Ok(response(204, "")),
            _ => Ok(with_headers(
                response(202, ""),
                &[("Location", OPERATION), ("Retry-After", "60")],
            )),
        }
    });
    assert_eq!(patient.generate(report()), Ok(Vec::new()));
    let for_ever = world(|_: &Sent| {
        Ok(with_headers(
            response(202, ""),
            &[("Location", OPERATION), ("Retry-After", "60")],
        ))
    });
    assert_eq!(for_ever.generate(report()), Err(AzureError::Unfinished));
}

#[test]
fn a_throttled_provider_is_left_alone_while_invoices_are_still_asked_for() {
    let world = world(|sent: &Sent| {
        let costs = sent.url.contains("CostManagement");
        match (costs, sent.at - NOW < Duration::from_secs(90)) {
            (true, true) => Ok(with_headers(
                response(429, ""),
                &[
                    ("x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after", "90"),
                    ("x-ms-ratelimit-microsoft.costmanagement-entity-retry-after", "30"),
                ],
            )),
            (true, false) => Ok(response(204, "")),
            (false, _) => answer_json(json!({ "value": [] })),
        }
    });
    let arm = world.arm.clone();
    let both = world.clock.run(async move {
        let lists = async {
            for _ in 0..20 {
                let listed = portal_invoices::azure::list_subscriptions(&arm).await;
                assert!(listed.broken_off.is_none());
            }
        };
        futures_util::future::join(report().generate(&arm), lists)
            .await
            .0
            .map(|_| ())
    });
    assert_eq!(both, Some(Ok(())));
    let sent = world.network.sent.borrow();
    let lists = sent.iter().filter(|sent| sent.url.contains("/subscriptions?"));
    assert!(lists.clone().all(|sent| sent.at - NOW < Duration::from_secs(2)));
    let costs: Vec<_> = sent.iter().filter(|sent| sent.method == Method::Post).collect();
    assert_eq!(costs.len(), 2);
    assert!(costs[1].at - costs[0].at >= Duration::from_secs(90));
}

#[test]
fn reports_reach_thirteen_months_back() {
    for (today, oldest) in [
        (date!(2026 - 11 - 24), date!(2025 - 10 - 01)),
        (date!(2026 - 01 - 01), date!(2024 - 12 - 01)),
        (date!(2026 - 02 - 28), date!(2025 - 01 - 01)),
    ] {
        assert_eq!(oldest_report_day(today), oldest, "{today}");
    }
}

fn details() -> UsageDetails {
    UsageDetails::of_subscription(SUBSCRIPTION, date!(2026 - 10 - 08), date!(2026 - 11 - 07))
}

impl World {
    /// Every line of a list, or why it broke off, and how many lines came before.
    fn lines(&self, details: UsageDetails) -> Result<Vec<Value>, (usize, AzureError)> {
        let arm = self.arm.clone();
        let lines = self.clock.run(async move {
            let mut pages = details.pages(&arm).unwrap();
            let mut lines = Vec::new();
            while let Some(page) = pages.next(&arm).await {
                match page {
                    Ok(page) => lines.extend(page.into_iter().map(|line| line.0)),
                    Err(error) => return Err((lines.len(), error)),
                }
            }
            Ok(lines)
        });
        lines.expect("it ends")
    }
}

#[test]
fn usage_details_are_listed_page_by_page_with_every_digit() {
    let world = world(|sent: &Sent| {
        let body = match sent.url.contains("skiptoken") {
            false => format!(
                r#"{{"value":[{{"name":"1","properties":{{"cost":0.1000000000000000055511151231257827,"quantity":-12,"note":"7 \"8\" \\"}}}}],
                    "nextLink":"{}&$skiptoken=31"}}"#,
                sent.url
            ),
            true => {
                r#"{"value":[{"name":"2","properties":{"cost":1E-05,"tags":[1,2.50]}}],"total":2}"#.to_owned()
            }
        };
        Ok(response(200, body))
    });
    assert_eq!(
        world.lines(details()),
        Ok(vec![
            json!({ "name": "1", "properties": { "cost": "0.1000000000000000055511151231257827", "quantity": "-12", "note": "7 \"8\" \\" } }),
            json!({ "name": "2", "properties": { "cost": "1E-05", "tags": ["1", "2.50"] } }),
        ])
    );
    assert_eq!(
        world.network.urls()[0],
        format!(
            "https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Consumption/usageDetails?$filter=properties/usageStart%20ge%20'2026-10-08'%20and%20properties/usageEnd%20le%20'2026-11-07'&$top=1000&api-version=2019-10-01"
        )
    );
}

#[test]
fn a_list_of_usage_that_comes_round_ends() {
    let count = std::cell::Cell::new(0);
    let world = world(move |sent: &Sent| {
        count.set(count.get() + 1);
        let (page, token) = (count.get() % 3, count.get());
        let path = sent.url.split('&').next().unwrap();
        answer_json(json!({ "value": [{ "name": page }], "nextLink": format!("{path}&id={token}") }))
    });
    let end = world.lines(details());
    assert_eq!(end, Err((3, AzureError::Unreadable("a list that does not end"))));
    assert_eq!(world.network.urls().len(), 4);
}

#[test]
fn a_poisoned_link_of_a_list_of_usage_is_not_followed() {
    for link in [
        "https://storage.fabrikam.example/subscriptions/x",
        "https://management.azure.com/subscriptions/x/providers/Microsoft.Compute/virtualMachines",
    ] {
        let world =
            world(move |_: &Sent| answer_json(json!({ "value": [{ "name": "1" }], "nextLink": link })));
        assert!(
            matches!(world.lines(details()), Err((1, AzureError::Link(_)))),
            "{link}"
        );
        assert_eq!(world.network.urls().len(), 1);
    }
}

#[test]
fn a_blob_passes_by_in_pieces_and_one_that_breaks_off_says_so() {
    let bytes: Vec<u8> = (0..100).collect();
    let whole = bytes.clone();
    let world = world(move |sent: &Sent| {
        let header = if sent.url.contains("broken") {
            "x-breaks-off"
        } else {
            "content-length"
        };
        Ok(with_headers(response(200, whole.clone()), &[(header, "100")]))
    });
    for (name, expected) in [
        ("whole", Ok(bytes.clone())),
        ("broken", Err(AzureError::Transport(TransportError::BrokenOff))),
    ] {
        let blobs = Blobs::new(world.network.clone(), world.clock.clone());
        let address = format!("https://billingrppub.blob.core.windows.net/{name}?sig=s");
        let address = SasUrl::read(&address, Cloud::Public).unwrap();
        let read = world.clock.run(async move {
            let mut blob = blobs
                .open(&address)
                .await
                .map_err(|error| error.to_string())
                .unwrap();
            let mut read = Vec::new();
            while let Some(piece) = blob.next().await {
                let piece = piece?;
                assert!(piece.len() < 100);
                read.extend(piece);
            }
            Ok(read)
        });
        assert_eq!(read, Some(expected), "{name}");
    }
}
