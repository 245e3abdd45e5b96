//! Whole runs: what ends on disk, whatever happens on the way.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::mpsc::unbounded;
use portal_invoices::access::{self, Question};
use portal_invoices::azure::ports::{Clock, HttpResponse, Method, TransportError};
use portal_invoices::azure::{Arm, Blobs, Cloud, Tokens};
use portal_invoices::download::ports::{DownloadState, PortError};
use portal_invoices::download::{
    COLUMNS, Event, FailureCode, Job, Journal, Listing, Order, Packing, Region, Report, Run, ScopeAnswer,
    Trouble, Verdict, open_runs, run,
};
use portal_invoices::invoices::Period;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::macros::date;

use crate::double::json as answer_json;
use crate::double::{
    Aftermath, Browser, Disk, NOW, Network, Sent, StillClock, identity, response, token, with_headers,
};

const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";
const PERIOD: Period = Period {
    from: date!(2026 - 01 - 01),
    to: date!(2026 - 12 - 31),
};

fn invoices_path() -> String {
    format!(
        "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{SUBSCRIPTION}/invoices"
    )
}

fn pdf(name: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{name}\n%%EOF\n").into_bytes()
}

/// An invoice with one document, as Azure lists it.
pub(crate) fn invoice(number: usize) -> Value {
    let name = format!("E{number:04}");
    let url = format!(
        "https://management.azure.com{}/{name}/download?api-version=2024-04-01",
        invoices_path()
    );
    json!({
        "name": name,
        "properties": {
            "invoiceDate": format!("2026-{:02}-09T00:00:00.0000000Z", number % 12 + 1),
            "documents": [{ "name": "1", "kind": "Invoice", "url": url }],
        },
    })
}

pub(crate) type Twist = Rc<dyn Fn(&Sent) -> Option<Result<HttpResponse, TransportError>>>;

/// An Azure with one subscription and these invoices; `twist` answers first where it wants to.
fn azure(invoices: Vec<Value>, twist: Twist) -> impl Fn(&Sent) -> Result<HttpResponse, TransportError> {
    move |sent| {
        if let Some(answer) = twist(sent) {
            return answer;
        }
        let host_and_path = sent.url.strip_prefix("https://").unwrap();
        let (host, path) = host_and_path.split_once('/').unwrap();
        if host == "billingrppub.blob.core.windows.net" {
            assert!(
                sent.bearer.is_none(),
                "a signed address is fetched without a token"
            );
            let name = path.split(['/', '?']).nth(1).unwrap();
            return Ok(response(200, pdf(name)));
        }
        assert_eq!(host, "management.azure.com");
        assert!(sent.bearer.is_some());
        let name = path.split('/').nth(7).unwrap_or_default();
        match (sent.method, path) {
            (Method::Get, path) if path.starts_with("subscriptions?") => {
                let subscription = json!({ "subscriptionId": SUBSCRIPTION, "displayName": "Contoso" });
                answer_json(json!({ "value": [subscription] }))
            }
            (Method::Get, path) if path.starts_with("tenants?") => answer_json(json!({ "value": [] })),
            (Method::Get, path) if path.contains("/billingAccounts?") => answer_json(json!({ "value": [] })),
            (Method::Get, path) if path.contains("/billingProperty/") => {
                let agreement = "MicrosoftOnlineServicesProgram";
                answer_json(json!({ "properties": { "billingAccountAgreementType": agreement } }))
            }
            (Method::Get, path) if path.contains("/invoices?") => answer_json(json!({ "value": invoices })),
            (Method::Post, _) => {
                let location =
                    format!("/providers/Microsoft.Billing/operationResults/invoiceDownload_{name}?t=1");
                Ok(with_headers(
                    response(202, ""),
                    &[("Location", &location), ("Retry-After", "10")],
                ))
            }
            (Method::Get, path) => {
                let name = path
                    .split("invoiceDownload_")
                    .nth(1)
                    .unwrap()
                    .split('?')
                    .next()
                    .unwrap();
                let url = format!("https://billingrppub.blob.core.windows.net/invoices/{name}?sig=s");
                answer_json(json!({ "url": url }))
            }
        }
    }
}

pub(crate) fn untwisted() -> Twist {
    Rc::new(|_| None)
}

pub(crate) struct Outcome {
    pub(crate) report: Option<Report>,
    pub(crate) ended: Option<Result<(), PortError>>,
    /// The report that was to be kept; then, whether the run was still written down, and how many private files lay there.
    pub(crate) kept: Option<(Report, bool, usize)>,
    pub(crate) network: Rc<Network>,
}

/// One background's life: a run over this disk, until it ends or the background is killed.
pub(crate) fn live(
    disk: &Rc<Disk>,
    invoices: Vec<Value>,
    twist: Twist,
    cancel_after: Option<Duration>,
) -> Outcome {
    live_with(disk, invoices, twist, cancel_after, Vec::new())
}

/// The same, with hosts from which the person has the browser save.
fn live_with(
    disk: &Rc<Disk>,
    invoices: Vec<Value>,
    twist: Twist,
    cancel_after: Option<Duration>,
    hosts: Vec<String>,
) -> Outcome {
    let wishes = cancel_after.map(|wait| (wait, Event::Cancel));
    live_through(disk, invoices, twist, wishes.into_iter().collect(), hosts)
}

/// The same, with what the person wants after so many seconds.
fn steered(disk: &Rc<Disk>, invoices: Vec<Value>, wishes: &[(u64, Event)]) -> Outcome {
    let wishes = wishes
        .iter()
        .map(|(seconds, wish)| (Duration::from_secs(*seconds), wish.clone()))
        .collect();
    live_through(disk, invoices, untwisted(), wishes, Vec::new())
}

fn live_through(
    disk: &Rc<Disk>,
    invoices: Vec<Value>,
    twist: Twist,
    wishes: Vec<(Duration, Event)>,
    hosts: Vec<String>,
) -> Outcome {
    live_packed(disk, invoices, twist, wishes, hosts, Packing::Folder)
}

fn live_packed(
    disk: &Rc<Disk>,
    invoices: Vec<Value>,
    twist: Twist,
    wishes: Vec<(Duration, Event)>,
    hosts: Vec<String>,
    packing: Packing,
) -> Outcome {
    let order = Order {
        hosts,
        packing,
        ..order()
    };
    live_ordered(disk, invoices, twist, wishes, order)
}

/// An order of everything of the period.
pub(crate) fn order() -> Order {
    Order {
        region: Region::WITH_COMMA,
        ..Order::new(identity(), PERIOD)
    }
}

/// A run that is open is taken up; the order is that of a new one, given when those before it had ended.
pub(crate) fn live_ordered(
    disk: &Rc<Disk>,
    invoices: Vec<Value>,
    twist: Twist,
    wishes: Vec<(Duration, Event)>,
    order: Order,
) -> Outcome {
    let clock = StillClock::new();
    let network = Network::new(&clock, azure(invoices, twist));
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let browser = || Rc::new(Browser(disk.clone()));
    let means = Run {
        arm: Rc::new(Arm::new(identity(), tokens, network.clone(), clock.clone())),
        blobs: Blobs::new(network.clone(), clock.clone()).with_access(browser()),
        journal: Journal::of(identity(), browser()),
        files: browser(),
        downloads: browser(),
        clock: clock.clone(),
    };
    let (last, kept) = (Rc::new(RefCell::new(None)), Rc::new(RefCell::new(None)));
    let (tell, told) = unbounded();
    let (keeping, this) = (kept.clone(), disk.clone());
    let (slot, waiting, cancel) = (last.clone(), clock.clone(), tell.clone());
    let new = Order {
        ordered_at: format!("2026-11-23 09.00.{:02}", disk.runs_ended.get()),
        ..order
    };
    let records: Vec<_> = disk.records.borrow().clone().into_iter().collect();
    let order = open_runs(&records).pop().unwrap_or(new);
    let ended = clock.run(async move {
        let changed = |job: &Job| drop(slot.replace(Some(job.report())));
        let keep = async |report| {
            let is_open = (this.records.borrow().keys()).any(|key| key.starts_with("run/"));
            let private = this.private.borrow().len();
            keeping.replace(Some((report, is_open, private)));
        };
        let work = run(&means, order, tell, told, changed, keep);
        let stop = async {
            let mut waited = Duration::ZERO;
            for (moment, wish) in wishes {
                waiting.sleep(moment - waited).await;
                waited = moment;
                // A run that has ended meanwhile needs to be told nothing.
                let _ = cancel.unbounded_send(wish);
            }
        };
        futures_util::future::join(work, stop).await.0
    });
    let report = last.borrow().clone();
    let kept = kept.take();
    disk.runs_ended
        .set(disk.runs_ended.get() + usize::from(ended.is_some()));
    Outcome {
        report,
        ended,
        kept,
        network,
    }
}

fn expected(count: usize) -> BTreeMap<String, Vec<u8>> {
    let path = |number: usize| {
        format!(
            "Azure invoices/2026/2026-{:02}-09 Contoso E{number:04} Invoice.pdf",
            number % 12 + 1
        )
    };
    (0..count)
        .map(|number| (path(number), pdf(&format!("E{number:04}"))))
        .collect()
}

pub(crate) fn invoices(count: usize) -> Vec<Value> {
    (0..count).map(invoice).collect()
}

#[test]
fn a_run_saves_every_document_of_the_period_and_a_second_one_nothing() {
    let disk = Rc::new(Disk::default());
    let first = live(&disk, invoices(30), untwisted(), None);
    let report = first.report.unwrap();
    assert_eq!(first.ended, Some(Ok(())));
    assert_eq!(
        (report.verdict, report.documents, report.saved),
        (Verdict::Finished, 30, 30)
    );
    assert!(!report.has_failures());
    assert_eq!(disk.files(), expected(30));
    assert!(disk.private.borrow().is_empty(), "nothing is left behind");

    let second = live(&disk, invoices(30), untwisted(), None);
    let report = second.report.unwrap();
    assert_eq!((report.saved, report.saved_before), (0, 30));
    assert_eq!(disk.files().len(), 30);
    assert!(
        second
            .network
            .sent
            .borrow()
            .iter()
            .all(|sent| sent.method == Method::Get),
        "nothing is prepared again"
    );
}

#[test]
fn a_report_is_kept_when_all_is_cleaned_up_and_before_the_run_counts_as_ended() {
    for packing in [Packing::Folder, Packing::Zip] {
        for cancel in [None, Some((Duration::from_secs(5), Event::Cancel))] {
            let disk = Rc::new(Disk::default());
            let wishes = cancel.into_iter().collect();
            let outcome = live_packed(&disk, invoices(30), untwisted(), wishes, Vec::new(), packing);
            assert_eq!(outcome.kept, outcome.report.map(|report| (report, true, 0)));
            let records = disk.records.borrow();
            assert!(!records.keys().any(|key| key.starts_with("run/")));
        }
    }
}

#[test]
fn nothing_of_what_lies_in_a_saved_archive_is_held_any_longer() {
    for acts in 0.. {
        let disk = Rc::new(Disk::default());
        disk.acts_left.set(Some(acts));
        packed(&disk, invoices(3), &[]);
        let mut downloads = disk.downloads.borrow().clone().into_iter();
        if downloads.any(|download| download.path.contains("/index ")) {
            assert_eq!(disk.private.borrow().len(), 1, "the index alone");
            break;
        }
    }
}

#[test]
fn waiting_documents_hold_no_place() {
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, invoices(60), untwisted(), None);
    let sent = outcome.network.sent.borrow();
    let posts: Vec<_> = sent.iter().filter(|sent| sent.method == Method::Post).collect();
    assert!(
        posts.last().unwrap().at < posts[0].at + Duration::from_secs(10),
        "all were asked before one was ready"
    );
    let first = posts[0].at;
    assert!(
        posts.iter().filter(|post| post.at == first).count() <= 3,
        "three at the start"
    );
    assert!(sent.last().unwrap().at - sent[0].at < Duration::from_secs(15));
}

#[test]
fn only_the_period_counts_by_invoice_date() {
    let mut listed = invoices(2);
    listed[0]["properties"]["invoiceDate"] = json!("2025-12-31T00:00:00Z");
    listed[1]["properties"]["invoiceDate"] = json!("2026-01-01T00:00:00Z");
    let disk = Rc::new(Disk::default());
    assert_eq!(
        live(&disk, listed, untwisted(), None).report.unwrap().documents,
        1
    );
}

#[test]
fn an_invoice_listed_twice_is_saved_once() {
    let mut listed = invoices(3);
    listed.push(listed[0].clone());
    let disk = Rc::new(Disk::default());
    live(&disk, listed, untwisted(), None);
    assert_eq!(disk.files().len(), 3);
}

#[test]
fn an_invoice_without_documents_is_told_and_asked_again_later() {
    let mut listed = invoices(2);
    listed[1]["properties"]["documents"] = json!([]);
    let disk = Rc::new(Disk::default());
    let report = live(&disk, listed, untwisted(), None).report.unwrap();
    assert_eq!(
        (report.saved, report.not_offered.len(), report.has_failures()),
        (1, 1, false)
    );
    let later = live(&disk, invoices(2), untwisted(), None).report.unwrap();
    assert_eq!((later.saved, later.saved_before), (1, 1));
}

#[test]
fn each_fault_of_a_document_fails_that_document_alone_with_its_reason() {
    let blob = |answer: HttpResponse| -> Twist {
        Rc::new(move |sent| (sent.url.contains("/invoices/E0001?sig")).then(|| Ok(answer.clone())))
    };
    let location = |location: &'static str| -> Twist {
        Rc::new(move |sent| {
            let post = sent.method == Method::Post && sent.url.contains("/E0001/");
            post.then(|| {
                Ok(with_headers(
                    response(202, ""),
                    &[("Location", location), ("Retry-After", "1")],
                ))
            })
        })
    };
    let refused = |status: u16| -> Twist {
        Rc::new(move |sent| {
            let post = sent.method == Method::Post && sent.url.contains("/E0001/");
            post.then(|| {
                Ok(response(
                    status,
                    json!({ "code": "No", "message": "words" }).to_string(),
                ))
            })
        })
    };
    let long = with_headers(response(200, pdf("E0001")), &[("Content-Length", "999")]);
    let short = with_headers(response(200, pdf("E0001")), &[("Content-Length", "9")]);
    let cases = [
        (blob(response(200, "<!doctype html>")), FailureCode::NotAPdf),
        (blob(response(200, "%PDF-1.7 half")), FailureCode::Truncated),
        (blob(response(200, "")), FailureCode::Empty),
        (
            blob(response(200, r#"{"error":{"code":"ServerBusy"}}"#)),
            FailureCode::NotAPdf,
        ),
        (blob(short), FailureCode::Truncated),
        (blob(long), FailureCode::Truncated),
        (blob(response(404, "")), FailureCode::NotFound),
        (blob(response(403, "<Error/>")), FailureCode::NotAllowed),
        (location("https://evil.example/"), FailureCode::LinkRefused),
        (
            location("/subscriptions/1/resourceGroups/x"),
            FailureCode::LinkRefused,
        ),
        (refused(403), FailureCode::NotAllowed),
        (refused(404), FailureCode::NotFound),
        (refused(400), FailureCode::Rejected),
        (refused(429), FailureCode::Throttled),
        (refused(500), FailureCode::Unavailable),
        (
            Rc::new(|sent: &Sent| {
                (sent.method == Method::Post && sent.url.contains("/E0001/"))
                    .then_some(Err(TransportError::Network))
            }),
            FailureCode::Network,
        ),
    ];
    for (twist, code) in cases {
        let disk = Rc::new(Disk::default());
        let report = live(&disk, invoices(3), twist, None).report.unwrap();
        assert_eq!(report.saved, 2, "{code:?}");
        assert_eq!(report.failed.len(), 1, "{code:?}");
        assert_eq!(report.failed[0].failure.code, code);
        assert_eq!(report.failed[0].what, "2026-02-09 Contoso E0001");
        let again = live(&disk, invoices(3), untwisted(), None).report.unwrap();
        assert_eq!(
            (again.saved, again.saved_before),
            (1, 2),
            "a failed one is tried again"
        );
        assert_eq!(disk.files(), expected(3));
    }
}

#[test]
fn poisoned_document_links_cause_no_request() {
    for url in [
        "https://evil.example/invoices/E1/download",
        "http://management.azure.com/providers/Microsoft.Billing/billingAccounts/1/invoices/E1/download",
        "https://management.azure.com/providers/Microsoft.Billing/billingAccounts/1/policies/default",
        "https://management.azure.com/subscriptions/1/resourceGroups/x/delete",
    ] {
        let mut listed = invoices(2);
        listed[1]["properties"]["documents"][0]["url"] = json!(url);
        let disk = Rc::new(Disk::default());
        let outcome = live(&disk, listed, untwisted(), None);
        let report = outcome.report.unwrap();
        assert_eq!(
            (report.saved, report.failed[0].failure.code),
            (1, FailureCode::LinkRefused)
        );
        assert!(!outcome.network.urls().iter().any(|sent| sent == url));
    }
}

const TOWN_HALL: &str = "nfe.prefeitura.example";

/// An invoice whose document lies outside Azure, as in Brazil.
fn invoice_elsewhere(number: usize, address: &str) -> Value {
    let mut listed = invoice(number);
    listed["properties"]["documents"] =
        json!([{ "kind": "Invoice", "source": "ENF", "externalUrl": address }]);
    listed
}

fn at_town_hall(number: usize) -> Value {
    invoice_elsewhere(number, &format!("https://{TOWN_HALL}/nota?codigo={number}"))
}

#[test]
fn a_document_outside_azure_is_saved_by_the_browser_once_the_person_agrees_to_its_host() {
    let disk = Rc::new(Disk::default());
    let listed = || vec![invoice(0), at_town_hall(1)];
    let first = live(&disk, listed(), untwisted(), None);
    let report = first.report.unwrap();
    assert_eq!(
        (report.saved, report.ended(), report.has_failures()),
        (1, 2, false)
    );
    assert_eq!(report.unagreed_hosts(), [TOWN_HALL]);
    assert_eq!(disk.files().len(), 1);

    let agreed = vec![TOWN_HALL.to_owned()];
    let second = live_with(&disk, listed(), untwisted(), None, agreed);
    let report = second.report.unwrap();
    assert_eq!((report.saved, report.saved_before), (1, 1));
    assert_eq!(report.not_verified[0].host, TOWN_HALL);
    assert!(
        disk.files()
            .contains_key("Azure invoices/2026/2026-02-09 Contoso E0001 Invoice.pdf")
    );
    for outcome in [first.network, second.network] {
        assert!(
            !outcome.urls().iter().any(|url| url.contains(TOWN_HALL)),
            "never fetched by us"
        );
    }

    let third = live(&disk, listed(), untwisted(), None).report.unwrap();
    assert_eq!(
        (third.saved_before, third.elsewhere.len()),
        (2, 0),
        "saved for ever"
    );
}

#[test]
fn a_poisoned_address_outside_azure_reaches_neither_us_nor_the_browser() {
    for address in [
        "http://nfe.prefeitura.example/nota",
        "https://management.azure.com@nfe.prefeitura.example/nota",
        "https://nfe.prefeitura.example:8443/nota",
        "https://nfe.prefeitura.example\\@b.example/nota",
        "https://nfе.prefeitura.example/nota",
        "https://127.0.0.1/nota",
        "https://127.0.0.0x1/nota",
        "https://localhost/nota",
        "javascript:alert(1)",
        "data:application/pdf;base64,AAAA",
    ] {
        let disk = Rc::new(Disk::default());
        let agreed = ["nfe.prefeitura.example", "127.0.0.1", "localhost", "b.example"];
        let outcome = live_with(
            &disk,
            vec![invoice_elsewhere(1, address)],
            untwisted(),
            None,
            agreed.map(str::to_owned).into(),
        );
        let report = outcome.report.unwrap();
        assert_eq!(
            report.failed[0].failure.code,
            FailureCode::LinkRefused,
            "{address}"
        );
        assert!(disk.downloads.borrow().is_empty());
        assert!(
            outcome
                .network
                .urls()
                .iter()
                .all(|url| url.starts_with("https://management.azure.com/"))
        );
    }
}

#[test]
fn a_storage_account_that_we_may_not_read_is_the_browsers_too() {
    const OTHER: &str = "billinginsightsstore02.blob.core.windows.net";
    let twist = || -> Twist {
        Rc::new(|sent| {
            sent.url
                .contains("invoiceDownload_")
                .then(|| answer_json(json!({ "url": format!("https://{OTHER}/invoices/1.pdf?sig=s") })))
        })
    };
    let disk = Rc::new(Disk::default());
    let report = live(&disk, invoices(1), twist(), None).report.unwrap();
    assert_eq!(report.unagreed_hosts(), [OTHER]);
    let report = live_with(&disk, invoices(1), twist(), None, vec![OTHER.to_owned()])
        .report
        .unwrap();
    assert_eq!((report.saved, report.not_verified.len()), (1, 1));
    for record in disk.records.borrow().values() {
        assert!(
            !record.contains("sig=") && !record.contains("/invoices/1.pdf"),
            "{record}"
        );
    }
}

#[test]
fn a_storage_account_that_the_person_granted_is_read_without_a_token_and_checked_like_ours() {
    const OTHER: &str = "billinginsightsstore02.blob.core.windows.net";
    let twist = |body: &'static [u8]| -> Twist {
        Rc::new(move |sent| {
            if sent.url.starts_with(&format!("https://{OTHER}/")) {
                assert!(sent.bearer.is_none() && sent.method == Method::Get);
                return Some(Ok(response(200, body)));
            }
            let address = format!("https://{OTHER}/invoices/1.pdf?sig=s");
            sent.url
                .contains("invoiceDownload_")
                .then(|| answer_json(json!({ "url": address })))
        })
    };
    let disk = Rc::new(Disk::default());
    disk.granted.replace(Some(OTHER));
    let report = live(&disk, invoices(1), twist(b"<html>no</html>"), None)
        .report
        .unwrap();
    assert_eq!(report.failed[0].failure.code, FailureCode::NotAPdf);
    let report = live(&disk, invoices(1), twist(b"%PDF-1.7\n%%EOF\n"), None)
        .report
        .unwrap();
    assert_eq!((report.saved, report.not_verified.len()), (1, 0));

    let disk = Rc::new(Disk::default());
    disk.granted.replace(Some("another.blob.core.windows.net"));
    let report = live(&disk, invoices(1), twist(b""), None).report.unwrap();
    assert_eq!(report.unagreed_hosts(), [OTHER], "only what was granted");
}

#[test]
fn an_enterprise_agreements_documents_are_all_saved_each_in_its_format() {
    let listed = || {
        let mut listed = invoice(0);
        let url = |action: &str| format!("https://management.azure.com{}/E0000/{action}", invoices_path());
        listed["properties"]["documents"] = json!([
            { "kind": "Invoice", "source": "Other", "url": url("download") },
            { "kind": "Summary", "source": "Other", "url": url("downloadSummary") },
            { "kind": "Transactions", "source": "Other", "url": url("transactionsDownload") },
        ]);
        vec![listed]
    };
    // The double tells operations apart by their invoice only, so the transactions are answered at once.
    let twist = |table: &'static str| -> Twist {
        Rc::new(move |sent| match &sent.url {
            url if url.ends_with("/transactionsDownload") => Some(answer_json(
                json!({ "url": "https://billingrppub.blob.core.windows.net/invoicetransactions/t.csv?sig=s" }),
            )),
            url if url.contains("/t.csv?") => Some(Ok(response(200, table))),
            _ => None,
        })
    };
    let disk = Rc::new(Disk::default());
    let report = live(&disk, listed(), twist("<html>Sorry, not now</html>"), None)
        .report
        .unwrap();
    assert_eq!(report.failed[0].failure.code, FailureCode::NotATable);
    let report = live(&disk, listed(), twist("Date,Amount\r\n2026-01-01,5.00\r\n"), None)
        .report
        .unwrap();
    assert_eq!((report.saved, report.saved_before), (1, 2));
    let names: Vec<String> = disk.files().into_keys().collect();
    let path = |kind| format!("Azure invoices/2026/2026-01-09 Contoso E0000 {kind}");
    assert_eq!(
        names,
        [path("Invoice.pdf"), path("Summary.pdf"), path("Transactions.csv")]
    );
}

/// A pay-as-you-go account that lists the first invoice so, beside the subscription that lists it in the ordinary way.
fn account_lists(listed: Value, account_first: bool) -> Twist {
    let account =
        json!({ "name": "a-1", "properties": { "agreementType": "MicrosoftOnlineServicesProgram" } });
    Rc::new(move |sent| {
        let answer = |value: Value| Some(answer_json(json!({ "value": value })));
        let is_late = sent.at < NOW + Duration::from_secs(20);
        match &sent.url {
            url if url.contains("/billingAccounts?") => answer(json!([account])),
            url if url.contains("/a-1/invoices?") => match !account_first && is_late {
                // A busy moment makes this place the second one.
                true => Some(Ok(with_headers(response(503, ""), &[("Retry-After", "20")]))),
                false => answer(json!([listed])),
            },
            url if url.contains("billingSubscriptions")
                && url.contains("/invoices?")
                && account_first
                && is_late =>
            {
                Some(Ok(with_headers(response(503, ""), &[("Retry-After", "20")])))
            }
            _ => None,
        }
    })
}

#[test]
fn what_one_place_does_not_offer_another_may() {
    let none = || {
        let mut listed = invoice(0);
        listed["properties"]["documents"] = json!([]);
        listed
    };
    let unnamed = || {
        let mut listed = invoice(0);
        let document = listed["properties"]["documents"][0].as_object_mut().unwrap();
        document.remove("name");
        listed
    };
    let poisoned = || {
        let mut listed = invoice(0);
        listed["properties"]["documents"][0]["url"] = json!("https://evil.example/download");
        listed
    };
    let unserved = || {
        let mut listed = invoice(0);
        let url = "https://management.azure.com/providers/Microsoft.Billing/billingAccounts/a-1/invoices/E0000/download";
        listed["properties"]["documents"][0]["url"] = json!(url);
        listed
    };
    for account_first in [true, false] {
        for (of_account, of_subscription) in [
            (none(), unnamed()),
            (none(), invoice(0)),
            (poisoned(), invoice(0)),
            (unserved(), invoice(0)),
        ] {
            let disk = Rc::new(Disk::default());
            let inner = account_lists(of_account.clone(), account_first);
            let twist: Twist =
                Rc::new(
                    move |sent| match sent.url.contains("/billingAccounts/a-1/invoices/E0000/") {
                        true => Some(Ok(response(
                            404,
                            json!({ "code": "NotFound", "message": "" }).to_string(),
                        ))),
                        false => inner(sent),
                    },
                );
            let report = live(&disk, vec![of_subscription], twist, None).report.unwrap();
            let told = format!("{of_account} first: {account_first}");
            assert_eq!((report.documents, report.saved), (1, 1), "{told}");
            assert!(
                report.not_offered.is_empty() && report.failed.is_empty(),
                "{told}"
            );
        }
    }
}

/// The rows of an index by column, read by another's reader.
fn rows(index: &[u8]) -> Vec<BTreeMap<String, String>> {
    let text = index
        .strip_prefix("\u{feff}".as_bytes())
        .expect("Excel needs the mark");
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text);
    let columns = reader.headers().unwrap().clone();
    assert_eq!(columns, COLUMNS.to_vec());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cells = columns.iter().zip(row.iter());
        cells
            .map(|(column, cell)| (column.to_owned(), cell.to_owned()))
            .collect()
    });
    rows.collect()
}

#[test]
fn the_index_has_a_row_for_each_document_that_an_accountant_can_book_from() {
    let mut listed = invoices(3);
    listed[0]["properties"]["totalAmount"] = json!({ "currency": "EUR", "value": 1234.5 });
    listed[0]["properties"]["taxAmount"] = json!({ "currency": "EUR", "value": 214.25 });
    listed[0]["properties"]["purchaseOrderNumber"] = json!("=1+1");
    listed[0]["properties"]["invoicePeriodEndDate"] = json!("2025-12-31T23:59:59.9999999");
    listed[0]["properties"]["payments"] = json!([{ "date": "2026-02-01" }, { "date": "2026-02-03" }]);
    listed[1]["properties"]["documentType"] = json!("CreditNote");
    listed[1]["properties"]["totalAmount"] = json!({ "currency": "EUR", "value": 34.5 });
    listed[1]["properties"]["creditForDocumentId"] = json!("/providers/x/invoices/E0000");
    listed[2]["properties"]["documents"] = json!([]);
    let disk = Rc::new(Disk::default());
    let report = live(&disk, listed, untwisted(), None).report.unwrap();
    let indexes = disk.indexes();
    let (path, index) = indexes.iter().next().unwrap();
    assert_eq!((indexes.len(), report.index.as_ref()), (1, Some(path)));
    let rows = rows(index);
    let column = |name: &str| rows.iter().map(|row| &*row[name]).collect::<Vec<_>>();
    assert_eq!(column("Invoice number"), ["E0000", "E0001", "E0002"]);
    assert_eq!(column("Outcome"), ["saved", "saved", "not offered yet"]);
    assert_eq!(
        column("Total"),
        ["1234,5", "-34,5", ""],
        "a credit note gives back"
    );
    assert_eq!(column("Tax"), ["214,25", "", ""]);
    assert_eq!(column("Month"), ["2025-12", "2026-02", "2026-03"]);
    assert_eq!(column("Payment date"), ["2026-02-03", "", ""]);
    assert_eq!(column("PO number"), ["'=1+1", "", ""], "no cell is a formula");
    assert_eq!(column("Linked invoices"), ["E0001", "E0000", ""]);
    let files = disk.files();
    for row in &rows[..2] {
        let bytes = &files[&row["File"]];
        assert_eq!(row["Bytes"], bytes.len().to_string());
        let sum: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(row["SHA-256"], sum);
    }

    live(&disk, invoices(2), untwisted(), None);
    assert_eq!(
        disk.indexes().len(),
        1,
        "a run that saves nothing new leaves none"
    );
}

#[test]
fn the_index_names_files_as_the_browser_has_saved_them() {
    let theirs = |path: &str| crate::double::Download {
        address: "https://example.com/before.pdf".into(),
        path: path.into(),
        bytes: b"theirs".to_vec(),
        state: DownloadState::Complete,
        erased: false,
        deleted: false,
        by_hand: false,
        forgotten: false,
    };
    let files_of = |disk: &Disk, but: &str| {
        let mut indexes = disk.indexes();
        indexes.remove(but);
        let (path, index) = indexes.pop_last().unwrap();
        let files: Vec<String> = rows(&index).iter().map(|row| row["File"].clone()).collect();
        (path, files)
    };
    let folder = "Azure invoices/2026/2026-01-09 Contoso E0000 Invoice";
    let index = "Azure invoices/index 2026-11-23 09.00.00";
    let disk = Rc::new(Disk::default());
    for path in [folder.to_owned() + ".pdf", index.to_owned() + ".csv"] {
        disk.downloads.borrow_mut().push(theirs(&path));
    }
    let report = live(&disk, invoices(1), untwisted(), None).report.unwrap();
    let (path, files) = files_of(&disk, &format!("{index}.csv"));
    assert_eq!(files, [folder.to_owned() + " (1).pdf"]);
    assert_eq!(report.index, Some(path));

    let disk = Rc::new(Disk::default());
    let archive = "Azure invoices/Azure invoices 2026-11-23 09.00.00";
    disk.downloads
        .borrow_mut()
        .push(theirs(&format!("{archive}.zip")));
    packed(&disk, invoices(1), &[]);
    let inside = "2026/2026-01-09 Contoso E0000 Invoice.pdf";
    assert_eq!(files_of(&disk, "").1, [format!("{archive} (1).zip/{inside}")]);

    for (folder, told) in [
        ("C:\\Users\\ilze\\Downloads\\", format!("{folder}.pdf")),
        (
            "C:\\Users\\ilze\\Books\\",
            "C:\\Users\\ilze\\Books\\other.pdf".to_owned(),
        ),
        (
            "/home/ilze/Downloads/Azure invoices/2025/",
            "Azure invoices/2025/other.pdf".to_owned(),
        ),
        (
            "/home/ilze/Downloads/",
            "/home/ilze/Downloads/other.pdf".to_owned(),
        ),
    ] {
        let disk = Rc::new(Disk::default());
        live(&disk, invoices(1), untwisted(), None);
        let planned = expected(1).into_keys().next().unwrap();
        let real = match told.starts_with(&planned) {
            true => format!("{folder}{}", planned.replace('/', "\\")),
            false => format!("{folder}other.pdf"),
        };
        for record in disk.records.borrow_mut().values_mut() {
            let mut stored: Value = serde_json::from_str(record).unwrap();
            if let Some(path) = stored.pointer_mut("/record/saved/file/path") {
                *path = json!(real);
                *record = stored.to_string();
            }
        }
        live(&disk, invoices(2), untwisted(), None);
        assert_eq!(files_of(&disk, "").1[0], told);
    }
}

/// What lies in the archives on disk, by path; a document that lies in two of them fails.
pub(crate) fn unpacked(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
    assert!(disk.files().keys().all(|path| path.ends_with(".zip")));
    unpacked_beside(disk)
}

/// The same, with what lies beside the archives.
fn unpacked_beside(disk: &Disk) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for (path, bytes) in disk.files() {
        if !path.ends_with(".zip") {
            all.insert(path, bytes);
            continue;
        }
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let paths: Vec<_> = archive.file_names().map(Result::unwrap).collect();
        assert!(paths.is_sorted(), "the same documents make the same archive");
        for number in 0..archive.len() {
            let mut member = archive.by_index(number).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut content).unwrap();
            let name = format!("Azure invoices/{}", member.name().unwrap());
            assert!(
                all.insert(name.clone(), content).is_none(),
                "{name} lies in two archives"
            );
        }
    }
    all
}

fn packed(disk: &Rc<Disk>, invoices: Vec<Value>, wishes: &[(u64, Event)]) -> Outcome {
    let wishes = wishes
        .iter()
        .map(|(seconds, wish)| (Duration::from_secs(*seconds), wish.clone()))
        .collect();
    live_packed(disk, invoices, untwisted(), wishes, Vec::new(), Packing::Zip)
}

#[test]
fn one_archive_holds_all_that_is_new_and_nothing_is_left_behind() {
    let disk = Rc::new(Disk::default());
    let report = packed(&disk, invoices(30), &[]).report.unwrap();
    assert_eq!((report.saved, report.failed.len()), (30, 0));
    assert_eq!(unpacked(&disk), expected(30));
    assert!(disk.private.borrow().is_empty());
    let index = disk.indexes().into_values().next().unwrap();
    let inside =
        "Azure invoices/Azure invoices 2026-11-23 09.00.00.zip/2026/2026-01-09 Contoso E0000 Invoice.pdf";
    assert!(rows(&index).iter().any(|row| row["File"] == inside));

    let report = packed(&disk, invoices(30), &[]).report.unwrap();
    assert_eq!((report.saved, report.saved_before), (0, 30));
    assert_eq!(disk.files().len(), 1);
}

#[test]
fn an_archive_for_which_there_is_no_room_is_not_begun_and_told() {
    let disk = Rc::new(Disk::default());
    disk.room.set(Some(100));
    let report = packed(&disk, invoices(3), &[]).report.unwrap();
    let told: Vec<_> = report.failed.iter().map(|trouble| trouble.failure.code).collect();
    assert_eq!(told, [FailureCode::DiskFull; 3]);
    assert!(disk.downloads.borrow().is_empty());
    disk.room.set(Some(10_000));
    let report = packed(&disk, invoices(3), &[]).report.unwrap();
    assert_eq!((report.saved, report.failed.len()), (3, 0));
}

#[test]
fn an_archive_that_the_browser_refuses_fails_its_documents_and_the_next_one_has_them() {
    let disk = Rc::new(Disk::default());
    disk.ends
        .replace(Some(DownloadState::Interrupted("FILE_FAILED".into())));
    let report = packed(&disk, invoices(3), &[]).report.unwrap();
    assert_eq!(report.failed.len(), 3);
    disk.ends.replace(None);
    assert_eq!(packed(&disk, invoices(3), &[]).report.unwrap().saved, 3);
    assert_eq!(unpacked(&disk), expected(3));
}

#[test]
fn an_archive_that_the_person_cancels_in_the_browser_was_not_asked_about() {
    let disk = Rc::new(Disk::default());
    disk.ends
        .replace(Some(DownloadState::Interrupted("USER_CANCELED".into())));
    let report = packed(&disk, invoices(3), &[]).report.unwrap();
    let refused = |trouble: &Trouble| trouble.failure.code == FailureCode::BrowserRefused;
    assert!(report.failed.len() == 3 && report.failed.iter().all(refused));
    disk.ends.replace(None);
    assert_eq!(packed(&disk, invoices(3), &[]).report.unwrap().saved, 3);
}

#[test]
fn a_cancelled_archive_leaves_nothing_and_a_paused_one_is_made_later() {
    let disk = Rc::new(Disk::default());
    let report = packed(&disk, invoices(40), &[(5, Event::Cancel)]).report.unwrap();
    assert_eq!((report.verdict, report.cancelled), (Verdict::Cancelled, 40));
    assert!(disk.files().is_empty() && disk.private.borrow().is_empty());
    let steps = [(5, Event::Pause), (900, Event::Resume)];
    assert_eq!(packed(&disk, invoices(40), &steps).report.unwrap().saved, 40);
    assert_eq!(unpacked(&disk), expected(40));
}

#[test]
fn a_host_that_delivers_a_page_or_nothing_in_time_has_not_delivered() {
    let agreed = || vec![TOWN_HALL.to_owned()];
    let disk = Rc::new(Disk::default());
    disk.media_type.replace("text/html; charset=utf-8".into());
    let report = live_with(&disk, vec![at_town_hall(1)], untwisted(), None, agreed())
        .report
        .unwrap();
    assert_eq!(report.failed[0].failure.code, FailureCode::HostFailed);
    assert!(disk.files().is_empty(), "the page is removed");

    let disk = Rc::new(Disk::default());
    disk.stalled.replace(Some(TOWN_HALL));
    let mut listed: Vec<Value> = (0..4).map(at_town_hall).collect();
    listed.extend((4..30).map(invoice));
    let report = live_with(&disk, listed, untwisted(), None, agreed())
        .report
        .unwrap();
    assert_eq!((report.saved, report.failed.len()), (26, 4));
    assert!(
        report
            .failed
            .iter()
            .all(|trouble| trouble.failure.code == FailureCode::HostFailed)
    );
}

#[test]
fn a_stalled_host_does_not_keep_a_run_from_being_cancelled() {
    let disk = Rc::new(Disk::default());
    disk.stalled.replace(Some(TOWN_HALL));
    let agreed = vec![TOWN_HALL.to_owned()];
    let cancel = Some(Duration::from_secs(60));
    let outcome = live_with(&disk, vec![at_town_hall(1)], untwisted(), cancel, agreed);
    assert_eq!(outcome.report.unwrap().verdict, Verdict::Cancelled);
    assert_eq!(outcome.ended, Some(Ok(())));
}

#[test]
fn a_download_that_the_person_started_by_hand_is_not_ours() {
    let disk = Rc::new(Disk::default());
    let run = |disk: &Rc<Disk>| {
        live_with(
            disk,
            vec![at_town_hall(1)],
            untwisted(),
            None,
            vec![TOWN_HALL.to_owned()],
        )
    };
    // Killed between the record of the hand-over and the hand-over itself: run, and record.
    disk.acts_left.set(Some(2));
    run(&disk);
    disk.acts_left.set(None);
    disk.downloads.borrow_mut().push(crate::double::Download {
        address: format!("https://{TOWN_HALL}/nota?codigo=1"),
        path: "nota.pdf".into(),
        bytes: b"theirs".to_vec(),
        state: DownloadState::InProgress,
        erased: false,
        deleted: false,
        by_hand: true,
        forgotten: false,
    });
    let report = run(&disk).report.unwrap();
    assert_eq!(report.saved, 1);
    let downloads = disk.downloads.borrow();
    assert_eq!(downloads[0].state, DownloadState::InProgress, "theirs goes on");
    assert!(
        downloads
            .iter()
            .any(|download| !download.by_hand && download.path.ends_with("E0001 Invoice.pdf"))
    );
}

#[test]
fn a_cancelled_download_fails_alone_once_files_are_saved_without_a_question() {
    let disk = Rc::new(Disk::default());
    live(&disk, invoices(1), untwisted(), None);
    let disk_of_run = disk.clone();
    let twist: Twist = Rc::new(move |sent| {
        // From the second document on the person cancels what the browser saves.
        if sent.url.contains("/invoices/E0002?sig") {
            disk_of_run
                .ends
                .replace(Some(DownloadState::Interrupted("USER_CANCELED".into())));
        } else if sent.url.contains("/invoices/E0003?sig") {
            disk_of_run.ends.replace(None);
        }
        None
    });
    let report = live(&disk, invoices(8), twist, None).report.unwrap();
    assert!(report.saved > 0 && report.failed.len() < 7, "{report:?}");
}

#[test]
fn another_persons_private_files_are_left_alone() {
    let disk = Rc::new(Disk::default());
    disk.private
        .borrow_mut()
        .insert("0123456789abcdef-held.pdf".into(), b"theirs".to_vec());
    live(&disk, invoices(2), untwisted(), None);
    assert_eq!(disk.private.borrow().len(), 1);
}

#[test]
fn an_invoice_without_a_readable_date_is_saved_as_undated() {
    let mut listed = invoice(0);
    listed["properties"]["invoiceDate"] = json!("30 Feb");
    let disk = Rc::new(Disk::default());
    assert_eq!(
        live(&disk, vec![listed], untwisted(), None).report.unwrap().saved,
        1
    );
    assert_eq!(
        disk.files().into_keys().collect::<Vec<_>>(),
        ["Azure invoices/undated/undated Contoso E0000 Invoice.pdf"]
    );
}

#[test]
fn ten_thousand_invoices_end_one_by_one() {
    let disk = Rc::new(Disk::default());
    let many = (0..10_000)
        .map(|number| {
            let mut listed = invoice(number);
            listed["name"] = json!(format!("E{number:05}"));
            listed["properties"]["documents"] = json!([]);
            listed
        })
        .collect();
    let report = live(&disk, many, untwisted(), None).report.unwrap();
    assert_eq!((report.documents, report.not_offered.len()), (10_000, 10_000));
}

#[test]
fn an_expired_signed_address_is_asked_for_again() {
    let expired = Cell::new(true);
    let twist: Twist = Rc::new(move |sent| {
        let blob = sent.url.contains("/invoices/E0000?sig");
        (blob && expired.replace(false)).then(|| Ok(response(403, "<Code>AuthenticationFailed</Code>")))
    });
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, invoices(1), twist, None);
    assert_eq!(outcome.report.unwrap().saved, 1);
    let posts = outcome
        .network
        .sent
        .borrow()
        .iter()
        .filter(|sent| sent.method == Method::Post)
        .count();
    assert_eq!(posts, 2);
}

#[test]
fn a_subscription_that_refuses_is_told_and_the_rest_is_saved() {
    let twist: Twist = Rc::new(|sent| {
        sent.url
            .contains("/invoices?")
            .then(|| Ok(response(403, json!({ "code": "No", "message": "m" }).to_string())))
    });
    let report = live(&Rc::new(Disk::default()), invoices(1), twist, None)
        .report
        .unwrap();
    assert_eq!(report.verdict, Verdict::Finished);
    assert_eq!(report.scopes[0].name, "Contoso");
    assert!(
        matches!(&report.scopes[0].answer, ScopeAnswer::Refused(why) if why.code == FailureCode::NotVisible)
    );
    assert!(!report.has_failures(), "nothing that trying again could mend");
}

#[test]
fn a_refused_list_of_subscriptions_ends_the_run_with_its_reason() {
    let twist: Twist = Rc::new(|sent| {
        sent.url
            .contains("/subscriptions?")
            .then(|| Ok(response(503, "")))
    });
    let report = live(&Rc::new(Disk::default()), invoices(1), twist, None)
        .report
        .unwrap();
    assert!(matches!(report.listing, Listing::Failed(failure) if failure.code == FailureCode::Unavailable));
    assert_eq!(report.verdict, Verdict::Finished);
}

#[test]
fn cancelling_is_immediate_and_leaves_only_whole_files() {
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, invoices(40), untwisted(), Some(Duration::from_secs(5)));
    let report = outcome.report.unwrap();
    assert_eq!(report.verdict, Verdict::Cancelled);
    assert_eq!(report.saved + report.cancelled, 40);
    assert!(report.cancelled > 0);
    assert!(outcome.network.sent.borrow().last().unwrap().at <= NOW + Duration::from_secs(5));
    assert!(disk.private.borrow().is_empty());
    live(&disk, invoices(40), untwisted(), None);
    assert_eq!(disk.files(), expected(40), "the next run saves the rest");
}

#[test]
fn a_pause_lets_nothing_new_begin_and_outlives_the_background() {
    let disk = Rc::new(Disk::default());
    let paused = steered(&disk, invoices(40), &[(5, Event::Pause)]);
    let report = paused.report.unwrap();
    assert!(report.paused && paused.ended.is_none(), "it waits for ever");
    let sent = paused.network.sent.borrow();
    assert!(sent.last().unwrap().at <= NOW + Duration::from_secs(5));
    assert!(
        disk.records
            .borrow()
            .values()
            .any(|record| record.contains("\"paused\":true"))
    );

    let disk = Rc::new(Disk::default());
    let steps = [(5, Event::Pause), (1_800, Event::Resume)];
    let outcome = steered(&disk, invoices(40), &steps);
    assert_eq!(outcome.report.unwrap().saved, 40);
    assert_eq!(disk.files(), expected(40));

    let disk = Rc::new(Disk::default());
    let outcome = steered(&disk, invoices(40), &[(5, Event::Pause), (9, Event::Cancel)]);
    assert_eq!(outcome.report.unwrap().verdict, Verdict::Cancelled);
}

#[test]
fn a_paused_run_holds_no_place_that_a_question_about_access_needs() {
    // While places are listed, while documents are prepared, and while all of them are asked for.
    for moment in (0..150).chain(10_000..10_300).step_by(7) {
        let disk = Rc::new(Disk::default());
        let clock = StillClock::new();
        let network = Network::new(&clock, azure(invoices(60), untwisted()));
        let tokens = Tokens::default();
        tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
        let browser = || Rc::new(Browser(disk.clone()));
        let arm = Rc::new(Arm::new(identity(), tokens, network.clone(), clock.clone()));
        let means = Run {
            arm: arm.clone(),
            blobs: Blobs::new(network.clone(), clock.clone()),
            journal: Journal::of(identity(), browser()),
            files: browser(),
            downloads: browser(),
            clock: clock.clone(),
        };
        let (tell, told) = unbounded();
        let (person, waiting, asking) = (tell.clone(), clock.clone(), network.clone());
        let answered = clock.run(async move {
            let work = run(&means, order(), tell, told, |_| {}, async |_| {});
            let questions = async {
                waiting.sleep(Duration::from_millis(moment)).await;
                person.unbounded_send(Event::Pause).unwrap();
                waiting.sleep(Duration::from_secs(60)).await;
                let before = asking.sent.borrow().len();
                access::ask(&arm, &Question::Directories, NOW.date()).await;
                asking.sent.borrow().len() - before
            };
            let work = Box::pin(async { work.await.map(|()| 0).unwrap() });
            let both = futures_util::future::select(work, Box::pin(questions)).await;
            both.factor_first().0
        });
        assert_eq!(answered, Some(1), "paused after {moment} ms");
    }
}

#[test]
fn a_browser_that_asks_where_to_save_is_asked_once_and_named() {
    let disk = Rc::new(Disk::default());
    disk.asks.set(true);
    *disk.ends.borrow_mut() = Some(DownloadState::Interrupted("USER_CANCELED".into()));
    let report = live(&disk, invoices(12), untwisted(), None).report.unwrap();
    assert_eq!(disk.downloads.borrow().len(), 1, "nothing more is handed over");
    assert_eq!(report.failed.len(), 12);
    assert!(
        report
            .failed
            .iter()
            .all(|trouble| trouble.failure.code == FailureCode::BrowserAsks)
    );

    disk.asks.set(false);
    disk.ends.replace(None);
    live(&disk, invoices(12), untwisted(), None);
    assert_eq!(disk.files(), expected(12));
}

#[test]
fn an_open_question_is_shown_and_can_be_cancelled() {
    let disk = Rc::new(Disk::default());
    disk.asks.set(true);
    let report = live(&disk, invoices(3), untwisted(), Some(Duration::from_secs(60)))
        .report
        .unwrap();
    assert_eq!(report.verdict, Verdict::Cancelled);
    assert!(report.browser_asks);
    assert!(disk.downloads.borrow()[0].erased, "nobody is asked any more");
    disk.asks.set(false);
    live(&disk, invoices(3), untwisted(), None);
    assert_eq!(disk.files(), expected(3));
}

#[test]
fn an_open_question_about_the_index_can_be_cancelled_and_the_next_run_owes_it() {
    let lives = [
        |disk: &Rc<Disk>, wishes: &[(u64, Event)]| steered(disk, invoices(3), wishes),
        |disk: &Rc<Disk>, wishes: &[(u64, Event)]| packed(disk, invoices(3), wishes),
    ];
    for live in lives {
        let disk = Rc::new(Disk::default());
        disk.asks.set(true);
        disk.asks_about.set("/index ");
        // The second time there is nothing to save but the index that is owed.
        for saved in [3, 0] {
            let outcome = live(&disk, &[(60, Event::Cancel)]);
            let report = outcome.report.unwrap();
            assert_eq!(outcome.ended, Some(Ok(())), "it comes to its end");
            assert_eq!((report.verdict, report.saved), (Verdict::Cancelled, saved));
            assert_eq!(report.index, None);
            assert!(disk.indexes().is_empty() && disk.private.borrow().is_empty());
            assert_eq!(disk.partial_files(), Vec::<String>::new());
        }
        disk.asks.set(false);
        let report = live(&disk, &[]).report.unwrap();
        assert_eq!((report.saved, report.saved_before), (0, 3));
        assert_eq!(disk.indexes().len(), 1);
        assert!(report.index.is_some());
    }
}

#[test]
fn a_question_that_comes_after_a_cancel_is_given_up_like_one_before() {
    let disk = Rc::new(Disk::default());
    disk.asks.set(true);
    let lives = |milliseconds| {
        let cancel = Some(Duration::from_millis(milliseconds));
        live(&disk, invoices(1), untwisted(), cancel)
    };
    // The file is with the browser, which has not shown yet that it asks.
    let moments = [10_200, 10_300, 10_400, 10_500, 10_600];
    for moment in moments {
        let outcome = lives(moment);
        assert_eq!(outcome.ended, Some(Ok(())), "cancelled after {moment} ms");
        assert_eq!(outcome.report.unwrap().verdict, Verdict::Cancelled);
    }
    assert!(!disk.downloads.borrow().is_empty());
    assert!(disk.downloads.borrow().iter().all(|download| download.erased));
}

#[test]
fn what_lies_where_a_cancelled_hand_over_would_have_put_its_file_is_left_alone() {
    let disk = Rc::new(Disk::default());
    disk.asks.set(true);
    live(&disk, invoices(1), untwisted(), Some(Duration::from_secs(60)));
    disk.asks.set(false);
    let path = expected(1).into_keys().next().unwrap();
    disk.downloads.borrow_mut().push(crate::double::Download {
        address: "https://example.com/by-hand.pdf".into(),
        path,
        bytes: b"theirs".to_vec(),
        state: DownloadState::Complete,
        erased: false,
        deleted: false,
        by_hand: true,
        forgotten: false,
    });
    assert_eq!(
        live(&disk, invoices(1), untwisted(), None).report.unwrap().saved,
        1
    );
    let downloads = disk.downloads.borrow();
    let theirs = downloads.iter().find(|download| download.by_hand).unwrap();
    assert!(!theirs.erased && theirs.state == DownloadState::Complete);
}

#[test]
fn a_download_that_breaks_off_fails_and_its_partial_file_is_removed() {
    let disk = Rc::new(Disk::default());
    *disk.ends.borrow_mut() = Some(DownloadState::Interrupted("FILE_FAILED".into()));
    let report = live(&disk, invoices(2), untwisted(), None).report.unwrap();
    assert!(
        report
            .failed
            .iter()
            .all(|trouble| trouble.failure.code == FailureCode::BrowserRefused)
    );
    assert_eq!(report.failed[0].failure.detail, "FILE_FAILED");
    assert!(disk.downloads.borrow().iter().all(|download| download.erased));
}

#[test]
fn a_file_that_is_held_back_is_told_and_the_others_are_saved() {
    for keep in [true, false] {
        let disk = Rc::new(Disk::default());
        disk.held_back.replace(Some("E0001"));
        let outcome = live(&disk, invoices(8), untwisted(), None);
        let report = outcome.report.unwrap();
        assert_eq!(outcome.ended, Some(Ok(())));
        assert_eq!((report.saved, report.failed.len()), (7, 1));
        assert_eq!(report.failed[0].failure.code, FailureCode::HeldBack);
        assert_eq!(disk.partial_files().len(), 1, "it stays for the person to decide");

        disk.decide(keep);
        let again = live(&disk, invoices(8), untwisted(), None);
        let report = again.report.unwrap();
        assert_eq!(
            (report.saved, report.saved_before, report.failed.len()),
            (1, 7, 0)
        );
        let sent = again.network.sent.borrow();
        let asked = sent.iter().filter(|sent| sent.method == Method::Post);
        assert_eq!(asked.count(), usize::from(!keep), "what was kept is there");
        assert_eq!(disk.files(), expected(8));
        assert_eq!(disk.partial_files(), Vec::<String>::new());
    }
}

#[test]
fn where_every_file_is_held_back_each_is_told() {
    let disk = Rc::new(Disk::default());
    disk.held_back.replace(Some("Azure invoices"));
    let report = live(&disk, invoices(8), untwisted(), None).report.unwrap();
    assert_eq!((report.verdict, report.failed.len()), (Verdict::Finished, 8));
    disk.decide(true);
    let report = live(&disk, invoices(8), untwisted(), None).report.unwrap();
    assert_eq!((report.saved, report.failed.len()), (8, 0));
    assert_eq!(disk.files(), expected(8));
}

#[test]
fn a_file_of_which_nothing_more_comes_for_minutes_is_told_as_held_back() {
    let disk = Rc::new(Disk::default());
    disk.stalled.replace(Some("E0001"));
    let outcome = live(&disk, invoices(8), untwisted(), None);
    let report = outcome.report.unwrap();
    assert_eq!((report.saved, report.failed.len()), (7, 1));
    assert_eq!(report.failed[0].failure.code, FailureCode::HeldBack);
    disk.stalled.replace(None);
    live(&disk, invoices(8), untwisted(), None);
    assert_eq!(disk.files(), expected(8));
    assert_eq!(disk.partial_files(), Vec::<String>::new());
}

#[test]
fn an_archive_that_is_held_back_is_waited_for_and_the_question_shown() {
    let disk = Rc::new(Disk::default());
    disk.held_back.replace(Some(".zip"));
    let report = packed(&disk, invoices(3), &[(600, Event::Cancel)])
        .report
        .unwrap();
    assert_eq!(report.verdict, Verdict::Cancelled);
    assert!(report.browser_asks);
    assert_eq!(disk.partial_files(), Vec::<String>::new(), "nor is it written on");
    disk.held_back.replace(None);
    assert_eq!(packed(&disk, invoices(3), &[]).report.unwrap().saved, 3);
    assert_eq!(unpacked(&disk), expected(3));
    assert_eq!(disk.partial_files(), Vec::<String>::new());
}

#[test]
fn a_file_that_a_scanner_or_a_policy_blocks_is_told_as_held_back() {
    for reason in [
        "FILE_BLOCKED",
        "FILE_VIRUS_INFECTED",
        "FILE_SECURITY_CHECK_FAILED",
    ] {
        let disk = Rc::new(Disk::default());
        disk.ends.replace(Some(DownloadState::Interrupted(reason.into())));
        let report = live(&disk, invoices(3), untwisted(), None).report.unwrap();
        assert_eq!(report.failed.len(), 3, "{reason}");
        let held_back = |trouble: &Trouble| trouble.failure.code == FailureCode::HeldBack;
        assert!(report.failed.iter().all(held_back), "{reason}");
        assert_eq!(disk.partial_files(), Vec::<String>::new());
        disk.ends.replace(None);
        live(&disk, invoices(3), untwisted(), None);
        assert_eq!(disk.files(), expected(3));
    }
}

#[test]
fn a_download_that_the_person_takes_off_the_browsers_list_fails_alone() {
    let disk = Rc::new(Disk::default());
    disk.stalled.replace(Some("E0001"));
    let by_person = disk.clone();
    let twist: Twist = Rc::new(move |sent| {
        // Any moment after its hand-over.
        if sent.url.contains("/invoices/E0007?sig") {
            let mut downloads = by_person.downloads.borrow_mut();
            let taken_off = downloads
                .iter_mut()
                .filter(|download| download.path.contains("E0001"));
            taken_off.for_each(|download| download.forgotten = true);
        }
        None
    });
    let report = live(&disk, invoices(8), twist, None).report.unwrap();
    assert_eq!(
        (report.verdict, report.saved, report.failed.len()),
        (Verdict::Finished, 7, 1)
    );
    assert_eq!(report.failed[0].failure.code, FailureCode::BrowserRefused);
}

/// Each document is saved or has its reason; the index may be among what is not.
fn assert_each_told(report: &Report, story: &str) {
    let is_index = |trouble: &&Trouble| trouble.what.contains("/index ");
    let indexes = report.failed.iter().filter(is_index).count();
    assert_eq!(report.ended() - indexes, report.documents, "{story}");
}

#[test]
fn an_index_that_could_not_be_saved_is_saved_by_the_next_run() {
    let disk = Rc::new(Disk::default());
    disk.held_back.replace(Some("/index "));
    let report = live(&disk, invoices(3), untwisted(), None).report.unwrap();
    assert_eq!((report.saved, report.failed.len(), report.index), (3, 1, None));
    disk.decide(false);
    let report = live(&disk, invoices(3), untwisted(), None).report.unwrap();
    assert_eq!((report.saved_before, report.failed.len()), (3, 0));
    assert_eq!(report.index.as_ref(), disk.indexes().keys().next());
    live(&disk, invoices(3), untwisted(), None);
    assert_eq!(disk.indexes().len(), 1, "nothing is owed any more");
    assert_eq!(disk.partial_files(), Vec::<String>::new());
}

#[test]
fn a_quota_that_is_exhausted_at_any_moment_is_told_and_made_good_when_there_is_room() {
    for scene in Scene::all() {
        let undisturbed = Rc::new(Disk::default());
        scene.live(&undisturbed).unwrap();
        for full_after in 0..undisturbed.acts.get() {
            let disk = Rc::new(Disk::default());
            disk.full_after.set((usize::MAX, full_after));
            let report = scene.live(&disk).unwrap();
            let story = format!("no room for private files after {full_after} acts");
            assert_each_told(&report, &story);
            let is_told = |trouble: &Trouble| {
                matches!(
                    trouble.failure.code,
                    FailureCode::DiskFull | FailureCode::Unreadable
                )
            };
            assert!(report.failed.iter().all(is_told), "{story}: {:?}", report.failed);
            disk.full_after.set((usize::MAX, usize::MAX));
            scene.live(&disk).unwrap();
            scene.assert_all_saved_once(&disk, &undisturbed, &story);
        }
    }
}

#[test]
fn a_journal_that_cannot_be_kept_stops_the_run_until_there_is_room() {
    for scene in Scene::all() {
        let undisturbed = Rc::new(Disk::default());
        scene.live(&undisturbed).unwrap();
        for full_after in 0..undisturbed.acts.get() {
            let disk = Rc::new(Disk::default());
            disk.full_after.set((full_after, usize::MAX));
            let outcome = scene.outcome(&disk);
            let story = format!("no room for records after {full_after} acts");
            let was_told = outcome.ended.unwrap() == Err(PortError::Full)
                || outcome.report.is_some_and(|report| report.has_failures());
            let had_no_more_to_write = disk.records.borrow().len() == undisturbed.records.borrow().len();
            assert!(was_told || had_no_more_to_write, "{story}");
            disk.full_after.set((usize::MAX, usize::MAX));
            scene.live(&disk).unwrap();
            scene.live(&disk).unwrap();
            scene.assert_all_saved_once(&disk, &undisturbed, &story);
        }
    }
}

#[test]
fn a_storage_that_is_cleared_at_any_moment_leaves_only_whole_files_and_each_document_told() {
    for scene in Scene::all() {
        let undisturbed = Rc::new(Disk::default());
        scene.live(&undisturbed).unwrap();
        for cleared_after in 0..undisturbed.acts.get() {
            let disk = Rc::new(Disk::default());
            disk.cleared_after.set(Some(cleared_after));
            let report = scene.live(&disk).unwrap();
            let story = format!("cleared after {cleared_after} acts: {report:?}");
            assert_each_told(&report, &story);
            let whole: Vec<_> = undisturbed.files().into_values().collect();
            if scene.packing == Packing::Folder {
                assert!(disk.files().values().all(|file| whole.contains(file)), "{story}");
                assert_eq!(disk.files().len(), report.saved, "{story}");
            }
            assert_eq!(disk.partial_files(), Vec::<String>::new(), "{story}");
        }
    }
}

#[test]
fn a_disk_without_room_is_told() {
    let disk = Rc::new(Disk::default());
    disk.ends
        .replace(Some(DownloadState::Interrupted("FILE_NO_SPACE".into())));
    let report = live(&disk, invoices(3), untwisted(), None).report.unwrap();
    let codes: Vec<_> = report.failed.iter().map(|trouble| trouble.failure.code).collect();
    assert_eq!(codes, [FailureCode::DiskFull; 3]);
}

#[test]
fn an_azure_that_is_too_busy_for_a_minute_is_waited_for() {
    let twist: Twist = Rc::new(|sent| {
        let is_busy = sent.at > NOW + Duration::from_secs(1) && sent.at < NOW + Duration::from_secs(61);
        is_busy.then(|| Ok(with_headers(response(429, ""), &[("Retry-After", "17")])))
    });
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, invoices(40), twist, None);
    assert_eq!(outcome.report.unwrap().saved, 40);
    assert_eq!(disk.files(), expected(40));
}

#[test]
fn an_index_is_never_touched_again() {
    let disk = Rc::new(Disk::default());
    live(&disk, invoices(2), untwisted(), None);
    for download in disk.downloads.borrow_mut().iter_mut() {
        if download.path.contains("/index ") {
            download.bytes = b"edited".to_vec();
        }
    }
    live(&disk, invoices(3), untwisted(), None);
    let indexes: Vec<_> = disk.indexes().into_values().collect();
    assert_eq!(indexes.len(), 2);
    assert_eq!(indexes[0], b"edited");
    assert_eq!(rows(&indexes[1]).len(), 3);
}

#[test]
fn no_record_holds_a_token_or_a_signed_address() {
    let disk = Rc::new(Disk::default());
    let seen = RefCell::new(Vec::new());
    for acts in 0..60 {
        disk.acts_left.set(Some(acts));
        live(&disk, invoices(4), untwisted(), None);
        seen.borrow_mut().extend(disk.records.borrow().values().cloned());
    }
    let token = token();
    let secret = token.strip_prefix("Bearer ").unwrap();
    assert!(!seen.borrow().is_empty());
    for record in seen.borrow().iter() {
        for forbidden in [
            secret,
            "sig=",
            "operationResults",
            "management.azure.com",
            "blob.core",
        ] {
            assert!(!record.contains(forbidden), "{record}");
        }
    }
}

/// What there is to save, and what gets in the way of it.
struct Scene {
    listed: Vec<Value>,
    packing: Packing,
    /// Tells the moments at which documents are ready, and so their order.
    seed: usize,
}

impl Scene {
    fn all() -> Vec<Scene> {
        let scene = |listed, packing, seed| Scene {
            listed,
            packing,
            seed,
        };
        let with_others = || vec![invoice(0), at_town_hall(1), invoice(2), spoiled(3)];
        vec![
            scene(invoices(4), Packing::Folder, 1),
            scene(invoices(4), Packing::Folder, 2),
            scene(invoices(4), Packing::Zip, 3),
            scene(with_others(), Packing::Folder, 4),
            scene(with_others(), Packing::Zip, 5),
        ]
    }

    /// A background's life over this disk; whether the run came to its end in it.
    fn live(&self, disk: &Rc<Disk>) -> Option<Report> {
        let outcome = self.outcome(disk);
        outcome.ended.map(|ended| {
            ended.unwrap();
            outcome.report.unwrap()
        })
    }

    fn outcome(&self, disk: &Rc<Disk>) -> Outcome {
        self.outcome_of(disk, None)
    }

    fn outcome_of(&self, disk: &Rc<Disk>, cancel_after: Option<Duration>) -> Outcome {
        let seed = self.seed;
        let twist: Twist = Rc::new(move |sent| {
            if sent.url.contains("/invoices/SPOILED") {
                return Some(Ok(response(200, "<!doctype html>")));
            }
            let (_, name) = sent.url.split_once("/invoices/")?;
            let name = name.strip_suffix("/download?api-version=2024-04-01")?;
            let wait = name.bytes().map(usize::from).sum::<usize>() * seed * 7 % 5 + 1;
            let location =
                format!("/providers/Microsoft.Billing/operationResults/invoiceDownload_{name}?t=1");
            let headers = [("Location", &*location), ("Retry-After", &*wait.to_string())];
            Some(Ok(with_headers(response(202, ""), &headers)))
        });
        let hosts = vec![TOWN_HALL.to_owned()];
        let wishes = cancel_after.map(|wait| (wait, Event::Cancel));
        let wishes = wishes.into_iter().collect();
        live_packed(disk, self.listed.clone(), twist, wishes, hosts, self.packing)
    }

    /// After one run or several: every document that there is lies on disk once and whole.
    fn assert_all_saved_once(&self, disk: &Disk, undisturbed: &Disk, story: &str) {
        let documents = |disk: &Disk| match self.packing {
            Packing::Folder => disk.files(),
            Packing::Zip => unpacked_beside(disk),
        };
        assert!(
            documents(disk) == documents(undisturbed),
            "{story}: {:?}",
            disk.files().keys()
        );
        assert_eq!(disk.partial_files(), Vec::<String>::new(), "{story}");
        assert!(disk.private.borrow().is_empty(), "{story}");
    }

    /// After whatever has happened: the disk is as an undisturbed run has left it, and all is told in the same way.
    fn assert_alike((disk, report): (&Disk, &Report), undisturbed: (&Disk, &Report), story: &str) {
        let names = |disk: &Disk| disk.files().into_keys().collect::<Vec<_>>();
        assert_eq!(names(disk), names(undisturbed.0), "{story}");
        assert!(disk.files() == undisturbed.0.files(), "{story}");
        let indexes = |disk: &Disk| {
            let indexes = disk.indexes().into_iter();
            indexes
                .map(|(path, index)| (path, String::from_utf8(index).unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(indexes(disk), indexes(undisturbed.0), "{story}");
        assert_eq!(disk.partial_files(), Vec::<String>::new(), "{story}");
        assert!(disk.private.borrow().is_empty(), "{story}");
        let told = |report: &Report| (report.saved, report.saved_before, report.failed.clone());
        assert_eq!(told(report), told(undisturbed.1), "{story}");
    }
}

/// An invoice whose document is a page that says sorry.
fn spoiled(number: usize) -> Value {
    let mut listed = invoice(number);
    let url = listed["properties"]["documents"][0]["url"].as_str().unwrap();
    let url = url.replace(&format!("E{number:04}"), "SPOILED");
    listed["properties"]["documents"][0]["url"] = json!(url);
    listed
}

/// A copy of a disk, to go on from it in more than one way.
fn copy(disk: &Disk) -> Rc<Disk> {
    Rc::new(disk.clone())
}

/// Kills at every act that outlives the background: each write of the journal, of a private file, each hand-over,
/// each removal; so also just before and just after each. Then again at every act of the life that follows.
fn killed_at_every_moment_twice(aftermath: Aftermath) -> usize {
    let mut stories = 0;
    for (number, scene) in Scene::all().iter().enumerate() {
        let undisturbed = Rc::new(Disk::default());
        let expected = scene.live(&undisturbed).unwrap();
        for first in 0.. {
            let disk = Rc::new(Disk::default());
            disk.acts_left.set(Some(first));
            if scene.live(&disk).is_some() {
                break;
            }
            disk.revive(aftermath);
            for second in 0.. {
                let disk = copy(&disk);
                disk.acts_left.set(Some(second));
                let ended = scene.live(&disk);
                let is_last = ended.is_some();
                let report = ended.or_else(|| {
                    disk.revive(aftermath);
                    scene.live(&disk)
                });
                let story = format!("scene {number}, {aftermath:?}, killed after {first} and {second} acts");
                let report = report.expect(&story);
                Scene::assert_alike((&disk, &report), (&undisturbed, &expected), &story);
                stories += 1;
                if is_last {
                    break;
                }
            }
        }
    }
    stories
}

#[test]
fn a_background_killed_at_every_moment_twice_leaves_what_an_undisturbed_run_leaves() {
    let finishes = killed_at_every_moment_twice(Aftermath::Finishes);
    let goes_on = killed_at_every_moment_twice(Aftermath::GoesOn);
    assert!(finishes >= 2_500 && goes_on >= 2_500);
}

#[test]
fn a_browser_killed_at_every_moment_twice_leaves_what_an_undisturbed_run_leaves() {
    let breaks_off = killed_at_every_moment_twice(Aftermath::BreaksOff);
    let forgets = killed_at_every_moment_twice(Aftermath::Forgets);
    assert!(breaks_off >= 2_500 && forgets >= 2_500);
}

/// Whether a run is written down that the person has cancelled.
fn is_cancelled_on(disk: &Disk) -> bool {
    let records = disk.records.borrow();
    let mut runs = records.iter().filter(|(key, _)| key.starts_with("run/"));
    runs.any(|(_, run)| run.contains("\"cancelled\":true"))
}

/// Cancelled, then killed at every act: the next start asks for nothing, and the next run saves each document once.
fn cancelled_and_killed_at_every_moment(aftermath: Aftermath) -> usize {
    let mut stories = 0;
    let moments = (0..7).map(|at| Duration::from_millis(at * 1_000 + 250));
    for (scene, moment) in Scene::all()
        .iter()
        .flat_map(|scene| moments.clone().map(move |moment| (scene, moment)))
    {
        let undisturbed = Rc::new(Disk::default());
        scene.live(&undisturbed).unwrap();
        for acts in 0.. {
            let disk = Rc::new(Disk::default());
            disk.acts_left.set(Some(acts));
            let is_last = scene.outcome_of(&disk, Some(moment)).ended.is_some();
            disk.revive(aftermath);
            let was_cancelled = is_cancelled_on(&disk);
            let story = format!("{aftermath:?}, cancelled after {moment:?}, killed after {acts} acts");
            if was_cancelled {
                let known = || disk.files().len();
                let before = known();
                let outcome = scene.outcome(&disk);
                assert_eq!(outcome.ended, Some(Ok(())), "{story}");
                assert!(outcome.network.urls().is_empty(), "{story}");
                assert_eq!(outcome.report.unwrap().verdict, Verdict::Cancelled, "{story}");
                assert!(known() <= before, "{story}");
                assert!(
                    !disk.records.borrow().keys().any(|key| key.starts_with("run/")),
                    "{story}"
                );
                assert!(disk.private.borrow().is_empty(), "{story}");
                stories += 1;
            }
            scene.live(&disk).expect(&story);
            // What is named after the run, and forgotten by a killed browser, nobody finds again: an archive, an index.
            if !was_cancelled || aftermath != Aftermath::Forgets {
                scene.assert_all_saved_once(&disk, &undisturbed, &story);
            } else if scene.packing == Packing::Folder {
                assert!(disk.files() == undisturbed.files(), "{story}");
            }
            assert!(!disk.indexes().is_empty(), "{story}");
            if is_last {
                break;
            }
        }
    }
    stories
}

#[test]
fn a_cancelled_run_that_is_killed_at_any_moment_is_not_taken_up_again() {
    for aftermath in [
        Aftermath::Finishes,
        Aftermath::GoesOn,
        Aftermath::BreaksOff,
        Aftermath::Forgets,
    ] {
        let stories = cancelled_and_killed_at_every_moment(aftermath);
        assert!(stories >= 40, "{aftermath:?}: {stories}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The same for any number of kills of either.
    #[test]
    fn kills_of_background_and_browser_in_any_order_change_nothing(
        scene in 0..Scene::all().len(),
        kills in prop::collection::vec((0usize..50, 0usize..4), 3..7),
    ) {
        let scene = &Scene::all()[scene];
        let aftermaths = [Aftermath::Finishes, Aftermath::GoesOn, Aftermath::BreaksOff, Aftermath::Forgets];
        let (disk, undisturbed) = (Rc::new(Disk::default()), Rc::new(Disk::default()));
        let mut report = None;
        for (acts, aftermath) in &kills {
            disk.acts_left.set(Some(*acts));
            report = scene.live(&disk);
            if report.is_some() {
                break;
            }
            disk.revive(aftermaths[*aftermath]);
        }
        let report = report.or_else(|| scene.live(&disk)).unwrap();
        let expected = scene.live(&undisturbed).unwrap();
        Scene::assert_alike((&disk, &report), (&undisturbed, &expected), &format!("{kills:?}"));
    }
}
