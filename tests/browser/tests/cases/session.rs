//! Whose sign-in is used, and what happens when there is none, another one or one that has run out.
//! Must not know: files beyond that they are all there.

use browser_tests::{Family, Launch};
use simulator::{Effect, Fault, LoggedRequest, Page, Scenario, Sender};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_with_the_token_that_the_portal_renews() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    // Resource Manager refuses the token of the first requests in the middle of the run.
    case.simulator.set_faults(
        (8..12)
            .map(|nth| {
                Fault::on_extension(
                    "/download",
                    Effect::Answer {
                        status: 401,
                        headers: vec![(
                            "www-authenticate".to_owned(),
                            "Bearer authorization_uri=\"https://login.windows.net/\", error=\"invalid_token\", error_description=\"The access token has expired\"".to_owned(),
                        )],
                        body: r#"{"error":{"code":"ExpiredAuthenticationToken","message":"The access token expiry UTC time is earlier than current UTC time."}}"#.to_owned(),
                    },
                )
                .nth(nth)
            })
            .collect(),
    );
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("Waiting for the portal").await.unwrap();
    case.simulator.expire_tokens();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_run_out_while_it_works_are_no_failure() {
    let case = Case::new("pay-as-you-go").await;
    let download = Fault {
        method: Some("POST".to_owned()),
        ..Fault::on_extension("/download", Effect::Hold).after(4)
    };
    case.simulator.set_faults(vec![download]);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("5 of 40 documents").await.unwrap();
    case.simulator.expire_tokens();
    case.simulator.set_faults(Vec::new());
    dock.wait_for_status(SAVED).await.unwrap();
    let refused = |request: &LoggedRequest| request.from == Sender::Extension && request.status == 401;
    assert!(case.simulator.requests().iter().any(refused));
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_sign_in_was_seen_the_dock_says_what_to_do_and_goes_on_by_itself() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.portal(|portal| {
        portal.arm_calls = false;
        portal.session_record = false;
    });
    case.open(Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Refresh this page once").await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("the download then starts by itself")
        .await
        .unwrap();
    // However long the person takes for that: a background rests after half a minute.
    case.browser.kill_background().await.unwrap();
    case.simulator.portal(|portal| portal.arm_calls = true);
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_may_read_the_portals_own_record_of_its_token() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.portal(|portal| portal.arm_calls = false);
    case.open(Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Refresh this page once").await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_sees_its_own_name_and_nothing_of_the_first() {
    let case = Case::new("two-accounts").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let first_files = case.expected();
    case.assert_saved(&first_files);

    case.simulator.sign_in(1);
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    let second = dock.wait_for_text("fabrikam").await.unwrap();
    assert!(!second.contains("contoso"), "{second}");
    assert_eq!(dock.status().await.unwrap(), "");
    assert!(!second.contains(SAVED), "{second}");
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let mut both = first_files;
    both.extend(case.expected());
    case.assert_saved(&both);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_name_run_side_by_side_in_two_tabs() {
    let case = Case::new("two-accounts").await;
    let mut namesakes = Scenario::named("two-accounts").unwrap();
    namesakes.accounts[1].name = namesakes.accounts[0].name.clone();
    case.simulator.load(namesakes);
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(4)]);
    let mut expected = case.expected();
    let first = case.open_invoices().await;
    first.click(DOWNLOAD_ALL).await.unwrap();
    first.wait_for_text("of 18 documents").await.unwrap();

    case.simulator.sign_in(1);
    expected.extend(case.expected());
    let invoices = case.simulator.portal_url(Page::Invoices);
    case.browser.open_tab(&invoices).await.unwrap();
    let second = case.browser.dock().await.unwrap();
    let text = second
        .wait_for_text("martins.ozols@fabrikam.example")
        .await
        .unwrap();
    assert!(
        !text.contains("contoso") && !text.contains("18 documents"),
        "{text}"
    );
    second.click(DOWNLOAD_ALL).await.unwrap();
    second.wait_for_text("of 8 documents").await.unwrap();
    case.simulator.set_faults(Vec::new());
    let outcome = second.wait_for_status(SAVED).await.unwrap();
    assert!(outcome.contains("8 documents were saved"), "{outcome}");

    case.browser.go_to_tab(0).await.unwrap();
    let outcome = first.wait_for_status(SAVED).await.unwrap();
    assert!(outcome.contains("18 documents were saved"), "{outcome}");
    case.assert_saved(&expected);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_hosts_are_withheld_the_popup_says_so_and_offers_to_change_it() {
    let case = Case::new("pay-as-you-go").await;
    case.browser.withhold_hosts().await.unwrap();
    case.open(Page::Invoices).await;
    assert!(!case.browser.has_dock().await.unwrap());
    let popup = case.browser.open_popup().await.unwrap();
    let text = popup.wait_for_text("Access is switched off").await.unwrap();
    assert!(text.contains("portal.azure.com"), "{text}");
    assert!(popup.offers("Allow access").await.unwrap());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_firefox_withholds_hosts_meanwhile_the_dock_leads_to_a_window_that_can_ask() {
    let case = Case::launched("pay-as-you-go", Launch::new(Family::Firefox)).await;
    let dock = case.open_invoices().await;
    case.browser.withhold_hosts().await.unwrap();
    dock.wait_for_text("Access is switched off").await.unwrap();
    dock.click("Allow access").await.unwrap();
    case.browser.go_to_tab(1).await.unwrap();
    let window = case.browser.page().await.unwrap();
    window.wait_for_text("Access is switched off").await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_popup_knows_who_acts_and_leads_to_the_invoices() {
    let case = Case::new("pay-as-you-go").await;
    case.open_invoices().await;
    let popup = case.browser.open_popup().await.unwrap();
    popup.wait_for_text("ilze.kalnina@contoso.example").await.unwrap();
    assert!(popup.offers("Open invoices in the Azure portal").await.unwrap());
    popup.click("Open invoices in the Azure portal").await.unwrap();
    case.browser.go_to_tab(2).await.unwrap();
    case.browser.dock().await.unwrap();
    case.end().await;
}
