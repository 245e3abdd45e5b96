//! What Azure has really answered, and invented answers of the same shapes: all of it is read, nothing is lost.

use std::cell::Cell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use portal_invoices::azure::ports::{HttpResponse, Method};
use portal_invoices::azure::{
    AgreementType, Arm, BillingAccount, BillingProfile, BillingProperty, Cloud, Decimal, DirectLink,
    DocumentSource, Download, Invoice, Page, Refusal, Subscription, Tokens,
};
use serde_json::Value;

use crate::double::{NOW, Network, StillClock, identity, response, token, with_headers};

/// What a body is read as.
#[derive(Clone, Copy)]
enum Kind {
    Accounts,
    Profiles,
    Property,
    Subscriptions,
    Invoices,
    InvoicesOf2018,
    /// The answer of an operation, or of a resource that knows its address.
    Address,
    /// Nothing in the core stands for it.
    NoType,
}

/// By the beginning of the file's name; the first that fits counts.
const KINDS: [(&str, Kind); 23] = [
    ("cli_billingProperty", Kind::Property),
    ("net_mca_billingProperty", Kind::Property),
    ("cli_mosp_billingAccounts", Kind::Accounts),
    ("cliext_2024_ea_billingAccounts", Kind::Accounts),
    ("cliext_2024_mca_billingAccounts", Kind::Accounts),
    ("net_mca_billingAccounts", Kind::Accounts),
    ("net_mca_billingProfiles", Kind::Profiles),
    ("net_subscriptions", Kind::Subscriptions),
    ("cliext_2024_ea_invoice_", Kind::Invoices),
    ("net_mca_invoice_", Kind::Invoices),
    ("net_mca_invoices_ba", Kind::Invoices),
    ("cli_legacy_invoices_01", Kind::Address),
    ("cli_legacy_invoices_latest", Kind::Address),
    ("cli_legacy_invoices", Kind::InvoicesOf2018),
    ("net_legacy_invoices_00", Kind::InvoicesOf2018),
    ("net_legacy_invoice_", Kind::Address),
    ("cliext_2024_ea_downloadSummary_3", Kind::Address),
    ("cliext_2024_ea_transactionsDownload_3", Kind::Address),
    ("net_mca_download_2", Kind::Address),
    ("net_mca_download_3", Kind::Address),
    // What other parts of Azure say; roles and policies have no type yet.
    ("cli_", Kind::NoType),
    ("cliext_2024_", Kind::NoType),
    ("net_", Kind::NoType),
];

fn items(body: &[u8]) -> Vec<Value> {
    match Page::read(body) {
        Ok(page) => page.items,
        Err(_) => vec![serde_json::from_slice(body).unwrap()],
    }
}

fn all_read<T>(name: &str, body: &[u8], read: fn(&Value) -> Option<T>) -> Vec<T> {
    let items = items(body);
    let read: Vec<T> = items.iter().filter_map(read).collect();
    assert_eq!(read.len(), items.len(), "{name}");
    read
}

fn read(name: &str, kind: Kind, body: &[u8]) {
    match kind {
        Kind::Accounts => {
            for account in all_read(name, body, BillingAccount::read) {
                assert!(!matches!(account.agreement, AgreementType::Other(_)), "{name}");
            }
        }
        Kind::Profiles => drop(all_read(name, body, BillingProfile::read)),
        Kind::Subscriptions => drop(all_read(name, body, Subscription::read)),
        Kind::Property => {
            let property = BillingProperty::read(&serde_json::from_slice(body).unwrap());
            let says = property.account_administrator.is_some() || !property.billing_account.is_empty();
            assert!(says, "{name}");
        }
        Kind::Invoices => {
            for invoice in all_read(name, body, Invoice::read) {
                assert!(invoice.date.is_some() && invoice.amount_due.is_some(), "{name}");
                assert!(
                    invoice.period_end.is_some() && !invoice.status.is_empty(),
                    "{name}"
                );
            }
        }
        Kind::InvoicesOf2018 => {
            for invoice in all_read(name, body, Invoice::read_2018) {
                assert!(invoice.period_end.is_some(), "{name}");
                let resource = &invoice.documents[0].source;
                assert!(matches!(resource, DocumentSource::Resource(_)), "{name}");
            }
        }
        Kind::Address => {
            let link = address_of(vec![response(200, body)]).unwrap();
            assert!(link.host().ends_with(".blob.core.windows.net"), "{name}");
        }
        Kind::NoType => {}
    }
}

/// Prepares a document with these answers, one after the other; where it lies.
fn address_of(answers: Vec<HttpResponse>) -> Option<DirectLink> {
    let clock = StillClock::new();
    let turn = Cell::new(0);
    let network = Network::new(&clock, move |sent| {
        let at = turn.replace(turn.get() + 1);
        let method = if at == 0 { Method::Post } else { Method::Get };
        assert_eq!(sent.method, method);
        Ok(answers[at].clone())
    });
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let arm = Rc::new(Arm::new(identity(), tokens, network, clock.clone()));
    let prepared = clock.run(async move {
        let action = "/providers/Microsoft.Billing/billingAccounts/1/invoices/1/download";
        Download::prepared(action, &arm).unwrap().prepare(&arm).await
    });
    prepared.unwrap().ok().map(DirectLink::from)
}

#[test]
fn invented_answers_of_the_recorded_shapes_are_read_whole() {
    let fixture = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/fixtures");
        std::fs::read(folder.join(name)).unwrap()
    };
    let accounts = all_read(
        "enterprise",
        &fixture("billing-accounts-enterprise.json"),
        BillingAccount::read,
    );
    let known: Vec<_> = accounts
        .iter()
        .map(|account| (&*account.name, account.has_read_access, account.is_indirect))
        .collect();
    assert_eq!(
        known,
        [
            ("4711001", true, false),
            ("4711002", true, true),
            ("4711003", false, false)
        ]
    );
    let accounts = all_read(
        "customer",
        &fixture("billing-accounts-customer.json"),
        BillingAccount::read,
    );
    assert_eq!(accounts[0].agreement, AgreementType::MicrosoftCustomerAgreement);
    assert_eq!(
        accounts[1].agreement,
        AgreementType::Other("MicrosoftSomethingNew".into())
    );
    assert!(accounts[1].has_read_access, "unsaid is not refused");
    let profiles = all_read(
        "profiles",
        &fixture("billing-profiles.json"),
        BillingProfile::read,
    );
    assert_eq!(profiles[0].display_name, "Contoso Eiropa");
    let subscriptions = all_read(
        "subscriptions",
        &fixture("subscriptions.json"),
        Subscription::read,
    );
    assert_eq!(subscriptions[1].quota_id, "EnterpriseAgreement_2014-09-01");

    let property = |name: &str| BillingProperty::read(&serde_json::from_slice(&fixture(name)).unwrap());
    let customer = property("billing-property-customer.json");
    assert!(customer.billing_account.ends_with("_2019-05-31"));
    assert_eq!(customer.billing_tenant_id, "aaaaaaaa-0000-4000-8000-000000000001");
    let older = property("billing-property-2020.json");
    assert_eq!(
        (
            older.account_administrator.as_deref(),
            older.is_account_administrator
        ),
        (Some("ilze.kalnina@contoso.example"), Some(false))
    );

    let invoices = all_read("enterprise", &fixture("invoices-enterprise.json"), Invoice::read);
    let documents = &invoices[0].documents;
    assert!(documents.len() == 3 && documents.iter().all(|document| document.name.is_none()));
    let invoices = all_read("customer", &fixture("invoices-customer.json"), Invoice::read);
    assert_eq!(invoices[0].total.as_ref().unwrap().value, Decimal::ZERO);
    assert_eq!(invoices[0].corrections, ["G000000001", "G000000002"]);
    assert_eq!(
        invoices[1].amount_due.as_ref().map(|amount| amount.value),
        Decimal::read(&serde_json::json!(-12.5))
    );
    assert_eq!(
        invoices[2].amount_due.as_ref().unwrap().currency,
        "",
        "an amount without currency is kept"
    );
    assert!(matches!(
        invoices[2].documents[0].source,
        DocumentSource::Elsewhere(_)
    ));
    let older = all_read("2018", &fixture("invoices-2018.json"), Invoice::read_2018);
    assert_eq!(older.len(), 2);
    let link = address_of(vec![response(200, fixture("invoice-2018-address.json"))]).unwrap();
    assert_eq!(link.host(), "billinginsightsstore02.blob.core.windows.net");
}

/// The recorded answers, where there are any.
fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("RECORDED_RESPONSES").map(|folder| PathBuf::from(folder).join("recorded"));
    if folder.is_none() {
        // Written past the test runner, which keeps what passing tests print.
        let words = "recorded answers: not run, RECORDED_RESPONSES names no folder";
        let _ = writeln!(std::io::stderr(), "{words}");
    }
    folder
}

struct Recording {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn recording(folder: &Path, name: &str) -> Recording {
    let described = std::fs::read(folder.join(format!("{name}.meta.json"))).unwrap();
    let described: Value = serde_json::from_slice(&described).unwrap();
    let headers = described["response_headers"].as_object().unwrap();
    Recording {
        status: described["status"].as_u64().unwrap() as u16,
        headers: headers
            .iter()
            .map(|(header, value)| (header.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        body: std::fs::read(folder.join(format!("{name}.json"))).unwrap(),
    }
}

#[test]
fn every_recorded_answer_is_read_whole() {
    let Some(folder) = recordings() else { return };
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".meta.json").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 50, "{names:?}");
    let mut typed = 0;
    for name in names {
        let Recording { status, body, .. } = recording(&folder, &name);
        if status >= 400 {
            let refusal = Refusal::read(&response(status, body));
            assert!(
                !refusal.code.is_empty() && !refusal.message.is_empty(),
                "{name}: {refusal}"
            );
            typed += 1;
            continue;
        }
        let (_, kind) = KINDS.iter().find(|(start, _)| name.starts_with(start)).unwrap();
        read(&name, *kind, &body);
        typed += usize::from(!matches!(kind, Kind::NoType));
    }
    assert!(typed >= 30, "{typed}");
}

#[test]
fn every_recorded_operation_is_walked_to_its_address() {
    let Some(folder) = recordings() else { return };
    let operations: [(&[&str], &str); 4] = [
        (
            &[
                "cliext_2024_ea_downloadSummary_1_POST_202",
                "cliext_2024_ea_downloadSummary_3_GET_200",
            ],
            "billingrppub.blob.core.windows.net",
        ),
        (
            &[
                "cliext_2024_ea_transactionsDownload_1_POST_202",
                "cliext_2024_ea_transactionsDownload_3_GET_200",
            ],
            "billingrppub.blob.core.windows.net",
        ),
        (
            &[
                "net_mca_download_1_POST_202",
                "net_mca_download_2_GET_200_barestring",
            ],
            "billingrptest.blob.core.windows.net",
        ),
        (
            &["net_mca_download_1_POST_202", "net_mca_download_3_GET_200_object"],
            "billingrptest.blob.core.windows.net",
        ),
    ];
    for (names, host) in operations {
        let answers = |arm: &str| -> Vec<HttpResponse> {
            names
                .iter()
                .map(|name| {
                    let Recording {
                        status,
                        headers,
                        body,
                    } = recording(&folder, name);
                    let headers: Vec<(String, String)> = headers
                        .into_iter()
                        .map(|(header, value)| {
                            (
                                header,
                                value.replace("api-dogfood.resources.windows-int.net", arm),
                            )
                        })
                        .collect();
                    let headers: Vec<(&str, &str)> = headers
                        .iter()
                        .map(|(header, value)| (header.as_str(), value.as_str()))
                        .collect();
                    with_headers(response(status, body), &headers)
                })
                .collect()
        };
        // One was recorded in a test cloud, whose host is as foreign as any.
        let link = address_of(answers("management.azure.com"));
        assert_eq!(
            link.map(|link| link.host().to_owned()).as_deref(),
            Some(host),
            "{names:?}"
        );
        if host.contains("test") {
            assert!(address_of(answers("api-dogfood.resources.windows-int.net")).is_none());
        }
    }
}
