//! Every agreement type: the files on disk and what is told of each place equal what the scenario says exists.
//! Must not know: which requests are sent for it.

use std::collections::BTreeMap;

use browser_tests::{Family, Launch, expected_path, last_twelve_months};
use simulator::{ExpectedDocument, ExpectedScope, ScopeKind, ScopeOutcome, WithheldDocument};

use crate::case::{Case, DOWNLOAD_ALL, SAVED, assert_same};

/// How long after its period the simulator issues an invoice.
const ISSUED_AFTER: time::Duration = time::Duration::days(2);
const NOT_EVERYTHING: &str = "Not everything could be saved";
const ELSEWHERE: &str = "Some documents lie where Portal Invoices may not read";
const SAVE_ELSEWHERE: &str = "Save from there";

/// One press in a scenario ends with this headline, exactly the scenario's files, and its truth about every place.
async fn everything_is_saved_and_told(scenario: &str, headline: &str) -> Case {
    let case = Case::new(scenario).await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(headline).await.unwrap();
    case.assert_saved(&case.expected());

    let (from, to) = last_twelve_months();
    let scopes = case.simulator.expected_scopes(from, to);
    let places = if scopes.len() == 1 { "place" } else { "places" };
    let title = format!("Where invoices were looked for ({} {places})", scopes.len());
    dock.click(&title).await.unwrap();
    let text = dock.wait_for_text(&line_start(&scopes[0])).await.unwrap();
    for scope in &scopes {
        let start = line_start(scope);
        let told = text
            .lines()
            .filter_map(|line| line.strip_prefix(&*start))
            .any(|answer| tells(answer.trim(), scope.outcome));
        assert!(told, "{scope:?} is not told in\n{text}");
    }
    case
}

fn line_start(scope: &ExpectedScope) -> String {
    let kind = match scope.kind {
        ScopeKind::BillingAccount => "Billing account",
        ScopeKind::BillingProfile => "Billing profile",
        ScopeKind::Subscription => "Subscription",
    };
    format!("{kind} {}:", scope.name)
}

fn tells(answer: &str, outcome: ScopeOutcome) -> bool {
    const NOTHING: &str = "nothing visible to you in this period.";
    const USUAL_REASONS: &str = "Usual reasons: it is less than 30 days old,";
    // In general words, or where more is known of the place by what is known.
    const REFUSED: [&str; 8] = [
        "Azure shows your account no invoices of this place.",
        "A partner may be the one who gets this invoice",
        "It belongs to another directory than your sign-in.",
        "Azure's invoice interface does not serve",
        "It is billed under an Enterprise Agreement",
        "Microsoft sends its invoice to the partner",
        "They belong to a billing profile under a Microsoft Customer Agreement.",
        "Your role would be enough, but only the account administrator gets these invoices",
    ];
    let is_refused = REFUSED.iter().any(|words| answer.starts_with(words));
    let explained = answer.strip_prefix(NOTHING);
    let is_nothing = explained.is_some_and(|why| why.is_empty() || why.trim().starts_with(USUAL_REASONS));
    match outcome {
        ScopeOutcome::Listed(1) => answer == "1 invoice.",
        ScopeOutcome::Listed(count) => answer == format!("{count} invoices."),
        ScopeOutcome::NothingVisible => is_nothing,
        ScopeOutcome::Refused => is_refused,
        ScopeOutcome::Failed => !is_refused && explained.is_none() && !answer.ends_with("invoices."),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pay_as_you_go() {
    everything_is_saved_and_told("pay-as-you-go", SAVED)
        .await
        .end()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_agreement() {
    let case = everything_is_saved_and_told("customer-agreement", SAVED).await;
    let dock = case.browser.dock().await.unwrap();
    dock.click("Invoices that correct each other (1 group)")
        .await
        .unwrap();
    dock.wait_for_text("credit note G").await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_on_one_billing_profile() {
    let case = everything_is_saved_and_told("profile-reader", SAVED).await;
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_agreement() {
    everything_is_saved_and_told("partner-agreement", SAVED)
        .await
        .end()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_agreement_with_its_summaries_and_transactions() {
    let case = everything_is_saved_and_told("enterprise", SAVED).await;
    let saved = case.saved();
    for ending in [" Invoice.pdf", " Summary.pdf", " Transactions.csv"] {
        let count = saved.keys().filter(|path| path.ends_with(ending)).count();
        assert_eq!(count, saved.len() / 3, "{ending}");
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indirect_enterprise_agreement_is_the_partners() {
    let case = Case::new("enterprise-indirect").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status("No invoices are visible to you here")
        .await
        .unwrap();
    assert!(case.saved().is_empty());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_with_roles_on_subscriptions_only() {
    let case = everything_is_saved_and_told("subscription-reader", SAVED).await;
    let dock = case.browser.dock().await.unwrap();
    // What the rules know of a place comes a moment after the run's own words.
    for (start, why) in [
        (
            "Billing account Contoso Enterprise:",
            "Roles on subscriptions, even Owner, do not open its invoices.",
        ),
        (
            "Subscription Contoso Branch Office:",
            "Microsoft sends its invoice to the partner",
        ),
    ] {
        let is_told = async || {
            let text = dock.text().await?;
            let mut lines = text.lines().filter(|line| line.starts_with(start));
            Ok(lines.any(|line| line.contains(why)).then_some(()))
        };
        dock.until(why, is_told).await.unwrap();
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_elses_subscriptions() {
    everything_is_saved_and_told("shared-with-me", NOT_EVERYTHING)
        .await
        .end()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_agreements_at_once_with_one_that_fails_and_other_directories() {
    let case = everything_is_saved_and_told("mixed", NOT_EVERYTHING).await;
    let dock = case.browser.dock().await.unwrap();
    let text = dock.text().await.unwrap();
    assert!(text.contains("You also belong to:"), "{text}");
    assert!(dock.offers("Retry failed").await.unwrap());
    case.end().await;
}

/// Files by path that a browser saves of documents at a host that the extension may not read.
fn files_of(documents: Vec<WithheldDocument>) -> BTreeMap<String, Vec<u8>> {
    documents
        .into_iter()
        .map(|document| {
            let path = expected_path(&ExpectedDocument {
                billed_to: document.billed_to,
                invoice: document.invoice,
                kind: document.kind,
                extension: document.extension,
                invoice_date: document.invoice_date,
                document: document.document,
                bytes: Vec::new(),
                sha256: String::new(),
            });
            (path, document.bytes)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_a_town_hall_are_the_browsers_after_the_host_was_seen() {
    let case = Case::new("brazil").await;
    let (from, to) = last_twelve_months();
    let (outside, poisoned): (Vec<_>, Vec<_>) = case
        .simulator
        .withheld_documents(from, to)
        .into_iter()
        .partition(|document| document.because == "external nfe.prefeitura.example");
    assert!(!outside.is_empty() && !poisoned.is_empty());
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(NOT_EVERYTHING).await.unwrap();
    case.assert_saved(&case.expected());
    dock.wait_for_text("Your browser can fetch them from nfe.prefeitura.example.")
        .await
        .unwrap();

    let count = outside.len();
    let mut files = case.expected();
    files.extend(files_of(outside));
    dock.click(SAVE_ELSEWHERE).await.unwrap();
    let part = format!("{count} documents were fetched by the browser alone and could not be checked");
    let status = dock.wait_for_status(&part).await.unwrap();
    let refused = format!("{} documents could not be saved", poisoned.len());
    assert!(status.contains(&refused), "{status}");
    assert_same(&case.saved(), &files);
    assert!(!dock.offers(SAVE_ELSEWHERE).await.unwrap());
    case.end().await;
}

/// The contents, whatever the names.
fn bytes(files: BTreeMap<String, Vec<u8>>) -> Vec<Vec<u8>> {
    let mut bytes: Vec<Vec<u8>> = files.into_values().collect();
    bytes.sort();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_that_only_the_interface_of_2018_knows() {
    let case = Case::new("legacy").await;
    let (from, to) = last_twelve_months();
    // This interface tells no date of the invoice: the end of its period counts, two days before.
    let (from, to) = (from + ISSUED_AFTER, to + ISSUED_AFTER);
    let outside = case.simulator.withheld_documents(from, to);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(ELSEWHERE).await.unwrap();
    dock.wait_for_text("billinginsightsstore02.blob.core.windows.net")
        .await
        .unwrap();
    dock.click(SAVE_ELSEWHERE).await.unwrap();
    dock.wait_for_status("Everything is saved; not everything could be checked")
        .await
        .unwrap();
    // Named by the end of the period: this interface tells no date of the invoice.
    assert!(bytes(case.saved()) == bytes(files_of(outside)));
    case.end().await;
}

/// In Firefox, whose driver can give leave where a person would be asked.
#[tokio::test(flavor = "multi_thread")]
async fn storage_accounts_that_the_person_grants_are_read_and_checked_like_ours() {
    let case = Case::launched("legacy", Launch::new(Family::Firefox)).await;
    let (from, to) = last_twelve_months();
    // This interface tells no date of the invoice: the end of its period counts, two days before.
    let (from, to) = (from + ISSUED_AFTER, to + ISSUED_AFTER);
    let outside = case.simulator.withheld_documents(from, to);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(ELSEWHERE).await.unwrap();
    dock.click("Let Portal Invoices check them").await.unwrap();
    case.browser.go_to_tab(1).await.unwrap();
    let window = case.browser.page().await.unwrap();
    window
        .wait_for_text("billinginsightsstore02.blob.core.windows.net")
        .await
        .unwrap();
    window.click("Allow access").await.unwrap();
    case.browser.go_to_tab(0).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    assert!(bytes(case.saved()) == bytes(files_of(outside)));
    let is_closed = async || Ok((case.browser.driver().windows().await?.len() == 1).then_some(()));
    dock.until("the window is closed", is_closed).await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn poisoned_links_lead_to_no_request_and_are_told() {
    let case = everything_is_saved_and_told("hostile-links", NOT_EVERYTHING).await;
    let (from, to) = last_twelve_months();
    // Plain https addresses of another host wait until the person has seen the host; nothing is sent there by itself.
    let not_refused = ["next_link", "external ForeignHost", "external OtherAction"];
    let refused = case
        .simulator
        .withheld_documents(from, to)
        .into_iter()
        .filter(|document| {
            !not_refused
                .iter()
                .any(|because| document.because.starts_with(because))
        })
        .count();
    let dock = case.browser.dock().await.unwrap();
    dock.click(&format!("{refused} documents could not be saved."))
        .await
        .unwrap();
    let text = dock
        .wait_for_text("leads to an address that this product never asks")
        .await
        .unwrap();
    assert!(text.contains("Nothing was sent there."), "{text}");
    // That no request reached any of those hosts is among the rules that the simulator watches.
    case.end().await;
}
