//! The twenty ways in which clients of Azure's billing interface are known to fail, each by name.
//!
//! Must not know: how the core avoids them.

use std::rc::Rc;
use std::time::Duration;

use portal_invoices::azure::ports::{HttpResponse, Method};
use portal_invoices::azure::{AzureError, Decimal, Invoice, Refusal};
use portal_invoices::download::Report;
use portal_invoices::invoices::{NameParts, NameTemplate, ScopeKind, ScopeOutcome, file_path};
use serde_json::{Value, json};

use crate::discovery::{Azure, Told, account, discover_over, invoice, subscription};
use crate::double::{Disk, Sent, listed, response, with_headers};
use crate::runs::{self, Twist, live};

const FIRST: &str = "11111111-2222-3333-4444-555555555555";
const ENROLMENT: &str = "4711001";

/// An enrolment whose list of invoices answers so, page by page.
fn enrolment(pages: impl Fn(&Sent) -> HttpResponse + 'static) -> Told {
    discover_over(move |sent| {
        let accounts = json!([account(ENROLMENT, "EnterpriseAgreement", "Contoso Group")]);
        Ok(match &sent.url {
            url if url.contains("/billingAccounts?") => {
                response(200, json!({ "value": accounts }).to_string())
            }
            url if url.contains("/invoices?") => pages(sent),
            _ => response(200, json!({ "value": [] }).to_string()),
        })
    })
}

/// A run over these invoices.
fn saved(invoices: Vec<Value>) -> (Rc<Disk>, Report) {
    saved_with(invoices, Rc::new(|_| None))
}

fn saved_with(invoices: Vec<Value>, twist: Twist) -> (Rc<Disk>, Report) {
    let disk = Rc::new(Disk::default());
    let report = live(&disk, invoices, twist, None).report.unwrap();
    (disk, report)
}

const RECORDED_LINK: &str = "/providers/Microsoft.Billing/billingAccounts/4711001/invoices?api-version=2024-04-01&periodStartDate=2000-01-01 00:00:00Z&periodEndDate=2030-01-01 00:00:00Z&$skiptoken=QUJD%3D%3D";

fn two_pages() -> Told {
    enrolment(|sent| {
        let body = match sent.url.contains("skiptoken") {
            true => json!({ "value": [invoice("EA2")] }),
            false => json!({ "value": [invoice("EA1")], "nextLink": RECORDED_LINK }),
        };
        response(200, body.to_string())
    })
}

#[test]
fn p01_a_next_link_is_relative_and_has_raw_spaces() {
    let told = two_pages();
    assert_eq!(told.invoices().len(), 2);
    let followed = RECORDED_LINK.replace(' ', "%20");
    assert_eq!(told.asked(&format!("https://management.azure.com{followed}")), 1);
}

#[test]
fn p02_a_skip_token_is_passed_on_as_it_is_and_the_period_with_it() {
    let told = two_pages();
    assert_eq!(told.asked("$skiptoken=QUJD%3D%3D"), 1);
    assert_eq!(told.asked("periodStartDate=2000-01-01%2000:00:00Z"), 1);
}

#[test]
fn p03_the_last_answer_of_an_operation_may_be_a_bare_text_and_needs_no_end_of_validity() {
    let twist: Twist = Rc::new(|sent| {
        let (_, name) = sent.url.split_once("invoiceDownload_")?;
        let name = name.split('?').next().unwrap();
        let url = format!("https://billingrppub.blob.core.windows.net/invoices/{name}?sig=s");
        Some(Ok(response(200, json!(url).to_string())))
    });
    let (_, report) = saved_with(runs::invoices(2), twist);
    assert_eq!(report.saved, 2);
}

#[test]
fn p04_the_newest_location_is_followed_whole_and_never_told() {
    let signature = "c".repeat(4_000);
    let location = move |turn: u32| {
        format!("/providers/Microsoft.Billing/operationResults/invoiceDownload_E0000?t={turn}&c={signature}")
    };
    let newest = location(3);
    let twist: Twist = Rc::new(move |sent| {
        let turn = match sent.method {
            Method::Post => 1,
            Method::Get => {
                sent.url
                    .split_once("?t=")?
                    .1
                    .split('&')
                    .next()?
                    .parse::<u32>()
                    .ok()?
                    + 1
            }
        };
        (turn <= 3).then(|| {
            let headers = [("Location", &*location(turn)), ("Retry-After", "1")];
            Ok(with_headers(response(202, ""), &headers))
        })
    });
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, runs::invoices(1), twist, None);
    assert_eq!(outcome.report.unwrap().saved, 1);
    let polls: Vec<String> = outcome
        .network
        .urls()
        .into_iter()
        .filter(|url| url.contains("operationResults"))
        .collect();
    assert_eq!(polls.len(), 3);
    assert_eq!(polls[2], format!("https://management.azure.com{newest}"));
    assert!(
        !disk
            .records
            .borrow()
            .values()
            .any(|record| record.contains("cccc"))
    );
}

#[test]
fn p05_blob_storage_never_sees_the_bearer_and_an_old_address_is_asked_for_anew() {
    let twist: Twist = Rc::new(|sent| {
        let is_first = sent.at < crate::double::NOW + Duration::from_secs(11);
        (sent.url.contains("?sig=") && is_first)
            .then(|| Ok(response(403, "<Code>AuthenticationFailed</Code>")))
    });
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, runs::invoices(1), twist, None);
    assert_eq!(outcome.report.unwrap().saved, 1);
    let sent = outcome.network.sent.borrow();
    let to_storage = sent
        .iter()
        .filter(|sent| sent.url.contains(".blob.core.windows.net"));
    assert!(to_storage.clone().count() > 1 && to_storage.clone().all(|sent| sent.bearer.is_none()));
    assert!(sent.iter().filter(|sent| sent.method == Method::Post).count() > 1);
}

fn with_documents(documents: Value) -> Value {
    let mut listed = runs::invoice(0);
    let url = listed["properties"]["documents"][0]["url"].clone();
    listed["properties"]["documents"] = documents;
    for document in listed["properties"]["documents"].as_array_mut().unwrap() {
        document["url"] = url.clone();
    }
    listed
}

#[test]
fn p06_the_first_document_need_not_be_the_invoice_and_all_are_kept() {
    let documents = json!([
        { "kind": "TaxReceipt", "name": "1" }, { "kind": "Invoice", "name": "2" }, { "kind": "Novelty", "name": "3" },
    ]);
    let (disk, report) = saved(vec![with_documents(documents)]);
    assert_eq!(report.saved, 3);
    let names = disk.files().into_keys().collect::<Vec<_>>().join("\n");
    for kind in ["Tax receipt.pdf", "Invoice.pdf", "Novelty.pdf"] {
        assert!(names.contains(kind), "{names}");
    }
}

#[test]
fn p07_documents_may_have_no_name() {
    let (_, report) = saved(vec![with_documents(
        json!([{ "kind": "Invoice" }, { "kind": "Summary" }]),
    )]);
    assert_eq!(report.saved, 2);
}

#[test]
fn p08_who_has_roles_on_subscriptions_only_has_an_empty_list_of_accounts() {
    let told = Azure::with(
        json!([]),
        json!([subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01")]),
    )
    .ok("/billingSubscriptions/", json!({ "value": [invoice("E1")] }))
    .discover();
    assert_eq!(told.invoices().len(), 1);
}

#[test]
fn p09_stale_versions_are_never_asked_and_the_account_of_a_subscription_is_default() {
    let told = Azure::with(
        json!([account(
            "a:b_2019-05-31",
            "MicrosoftCustomerAgreement",
            "Contoso Group"
        )]),
        json!([subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01")]),
    )
    .discover();
    let path = format!("/billingAccounts/default/billingSubscriptions/{FIRST}/invoices?");
    assert!(told.asked(&path) > 0);
    assert_eq!(told.asked("preview") - told.asked("2018-03-01-preview"), 0);
}

#[test]
fn p10_a_401_may_be_about_a_role_and_is_then_no_reason_to_sign_in_again() {
    let told = enrolment(|_| {
        response(
            401,
            json!({ "code": "Unauthorized", "message": "No claims present" }).to_string(),
        )
    });
    assert!(matches!(told.scopes()[0].2, ScopeOutcome::Refused(_)));
    assert_eq!(told.asked("/invoices?"), 1, "never a refresh loop");
}

#[test]
fn p11_no_single_error_envelope_and_no_single_shape_of_rebills() {
    let of = |body: &str| {
        let refusal = Refusal::read(&response(403, body));
        (refusal.code, refusal.message)
    };
    let told = |code: &str, message: &str| (code.to_owned(), message.to_owned());
    assert_eq!(
        of(r#"{"error":{"code":"A","message":"m","details":[]}}"#),
        told("A", "m")
    );
    assert_eq!(of(r#"{"code":"B","message":"m"}"#), told("B", "m"));
    assert_eq!(of(r#"{"message":"m","messageDetail":"d"}"#), told("", "m"));
    assert_eq!(of(r#"{"error":"text"}"#), told("", ""));
    for body in ["", "<html></html>", "[]", "\"text\"", "null", "{\"error\":null}"] {
        assert_eq!(of(body), told("", ""), "{body}");
    }
    for rebill in [
        json!(null),
        json!("text"),
        json!({}),
        json!({ "a": { "invoiceDocumentId": "G1" } }),
        json!({ "invoiceDocumentId": 7, "creditNoteDocumentId": null, "rebillDetails": [] }),
    ] {
        let item = json!({ "name": "G2", "properties": { "rebillDetails": rebill } });
        assert!(Invoice::read(&item).is_some(), "{rebill}");
    }
}

#[test]
fn p12_enumerations_are_open_and_dates_are_not_all_iso() {
    let item = json!({ "name": "E1", "properties": {
        "status": "PastDue", "invoiceType": "AzureService", "documentType": "Novelty",
        "invoiceDate": "6/1/2026 12:00:00 AM +00:00", "invoicePeriodEndDate": "2026-05-31T23:59:59.9999999",
        "documents": [{ "kind": "Novelty", "source": "Novelty" }],
    } });
    let invoice = Invoice::read(&item).unwrap();
    assert_eq!(invoice.date.unwrap().to_string(), "2026-06-01");
    assert_eq!(invoice.period_end.unwrap().to_string(), "2026-05-31");
    assert_eq!((&*invoice.status, invoice.documents.len()), ("PastDue", 1));
}

#[test]
fn p13_the_address_of_the_list_is_posted_to_as_it_is() {
    let mut listed = runs::invoice(0);
    let url = format!(
        "{}&downloadToken=Drs_9904044&useCache=True",
        listed["properties"]["documents"][0]["url"].as_str().unwrap()
    );
    listed["properties"]["documents"][0]["url"] = json!(url);
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, vec![listed], Rc::new(|_| None), None);
    assert!(outcome.network.urls().contains(&url));
}

#[test]
fn p14_the_filter_is_by_billing_period_so_it_is_asked_wider_than_the_invoices_dates() {
    let told = two_pages();
    // The period of the test begins on 2025-11-24 and ends on 2026-11-23.
    assert_eq!(
        told.asked("periodStartDate=2025-09-23&periodEndDate=2027-01-24"),
        1
    );
}

#[test]
fn p15_no_permission_is_asked_for_before_a_download_is_tried() {
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, runs::invoices(1), Rc::new(|_| None), None);
    assert!(
        !outcome
            .network
            .urls()
            .iter()
            .any(|url| url.contains("ermissions") || url.contains("checkAccess"))
    );
    assert_eq!(outcome.report.unwrap().saved, 1);
}

#[test]
fn p16_one_document_that_many_places_list_is_saved_once() {
    let of_subscription = runs::invoices(3);
    let of_account = of_subscription.clone();
    let twist: Twist = Rc::new(move |sent| match &sent.url {
        url if url.contains("/billingAccounts?") => {
            let account = account("a-1", "MicrosoftOnlineServicesProgram", "Ilze Kalniņa");
            Some(Ok(response(200, json!({ "value": [account] }).to_string())))
        }
        url if url.contains("/billingAccounts/a-1/invoices?") => {
            Some(Ok(response(200, json!({ "value": of_account }).to_string())))
        }
        _ => None,
    });
    let (disk, report) = saved_with(of_subscription, twist);
    assert_eq!((report.documents, disk.files().len()), (3, 3));
    assert_eq!(report.scopes.len(), 2);
}

#[test]
fn p17_an_enterprise_subscription_is_not_asked_for_invoices() {
    let told = Azure::with(
        json!([account(ENROLMENT, "EnterpriseAgreement", "Contoso Group")]),
        json!([subscription(FIRST, "Contoso", "EnterpriseAgreement_2014-09-01")]),
    )
    .ok("/invoices?", json!({ "value": [] }))
    .discover();
    assert_eq!(
        (told.asked("billingSubscriptions"), told.asked("/invoices?")),
        (0, 1)
    );
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Contoso Group", &ScopeOutcome::NothingVisible)],
        "though nobody says who is billed for the subscription"
    );
}

#[test]
fn p18_a_year_is_not_fired_off_in_parallel() {
    let disk = Rc::new(Disk::default());
    let outcome = live(&disk, runs::invoices(24), Rc::new(|_| None), None);
    let sent = outcome.network.sent.borrow();
    let posts: Vec<_> = sent.iter().filter(|sent| sent.method == Method::Post).collect();
    assert_eq!(posts.iter().filter(|post| post.at == posts[0].at).count(), 3);
}

#[test]
fn p19_numbers_and_names_go_into_file_names_made_safe() {
    let item = json!({ "name": "G/1*$@", "properties": {
        "invoiceDate": "2026-03-09", "purchaseOrderNumber": "PO */ Test",
        "billingProfileDisplayName": "../Contoso: \"Europe\"",
        "documents": [{ "name": "1", "kind": "Invoice", "url": "x" }],
    } });
    let invoice = Invoice::read(&item).unwrap();
    let billed_to = invoice.billing_profile_name.clone().unwrap();
    let listed = listed(invoice, billed_to);
    let documents = listed.documents();
    let parts = NameParts::of(&documents[0], &listed);
    let path = file_path(&NameTemplate::default(), &parts);
    assert_eq!(
        path,
        "Azure invoices/2026/2026-03-09 -Contoso- -Europe- G-1-$@ Invoice.pdf"
    );
}

#[test]
fn p20_an_invoice_over_nothing_is_an_invoice() {
    let mut listed = runs::invoice(0);
    listed["properties"]["totalAmount"] = json!({ "currency": "EUR", "value": 0.0 });
    assert_eq!(
        Invoice::read(&listed).unwrap().total.unwrap().value,
        Decimal::ZERO
    );
    let (_, report) = saved(vec![listed]);
    assert_eq!(report.saved, 1);
}

#[test]
fn strings_of_any_length_and_script_in_every_field_spoil_nothing() {
    for text in [
        String::new(),
        " ".into(),
        "請求書 العربية हिन्दी".into(),
        "\u{202e}\u{0}\u{7f}\u{feff}".into(),
        "ā".repeat(100_000),
        "../../etc/passwd".into(),
        "<script>".into(),
    ] {
        let names = [
            "name",
            "status",
            "invoiceDate",
            "invoiceType",
            "documentType",
            "subscriptionId",
            "dueDate",
        ];
        let mut properties: serde_json::Map<String, Value> =
            names.iter().map(|name| (name.to_string(), json!(text))).collect();
        properties.insert("totalAmount".into(), json!({ "currency": text, "value": -1e300 }));
        properties.insert(
            "documents".into(),
            json!([{ "name": text, "kind": text, "url": text, "externalUrl": text }]),
        );
        let name = format!("EA1{text}");
        let told = enrolment(move |_| {
            let item = json!({ "name": name, "properties": properties });
            response(200, json!({ "value": [item] }).to_string())
        });
        assert_eq!(told.invoices().len(), 1, "{:.20}", text);
        let listed = &told.invoices()[0];
        let documents = listed.documents();
        let path = file_path(&NameTemplate::default(), &NameParts::of(&documents[0], listed));
        assert!(path.rsplit('/').next().unwrap().len() <= 180);
    }
}

#[test]
fn errors_never_repeat_a_link() {
    let told = enrolment(|_| {
        let link = "https://evil.example/secret-path?sig=secret";
        response(
            200,
            json!({ "value": [invoice("EA1")], "nextLink": link }).to_string(),
        )
    });
    let ScopeOutcome::Failed(error @ AzureError::Link(_)) = told.scopes()[0].2 else {
        panic!("{:?}", told.scopes())
    };
    let words = format!("{error} {error:?}");
    assert!(!words.contains("evil") && !words.contains("secret"));
}
