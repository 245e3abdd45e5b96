//! Where the dock stands, and where nothing of ours does.
//! Must not know: what the dock does.

use simulator::{Build, Page};

use crate::case::Case;

/// What of ours is in the page, in any place a page can look.
const OURS: &str = "return [...document.querySelectorAll('*')]
    .filter(element => element.localName.startsWith('portal-invoices')).map(element => element.localName);";

async fn ours(case: &Case) -> Vec<String> {
    let answer = case.browser.driver().execute(OURS, Vec::new()).await.unwrap();
    answer.convert().unwrap()
}

/// Goes to another page of the portal as its menu does, without loading the document again.
async fn navigate(case: &Case, page: Page) {
    let url = case.simulator.portal_url(page);
    let arguments = vec![url.into()];
    case.browser
        .driver()
        .execute("location.href = arguments[0];", arguments)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_billing_page_has_the_dock_and_no_other_page_has_anything() {
    let case = Case::new("pay-as-you-go").await;
    for page in [Page::Home, Page::VirtualMachines] {
        case.open(page).await;
        case.browser.reload().await.unwrap();
        // A billing page in a tab beside it shows that the extension had its time.
        case.browser
            .open_tab(&case.simulator.portal_url(Page::Invoices))
            .await
            .unwrap();
        case.browser.dock().await.unwrap();
        case.browser.close_tab().await.unwrap();
        assert_eq!(ours(&case).await, Vec::<String>::new(), "{page:?}");
    }
    for page in [
        Page::Subscriptions,
        Page::Invoices,
        Page::InvoicesOldRoute,
        Page::SubscriptionInvoices(1),
    ] {
        case.open(page).await;
        case.browser.reload().await.unwrap();
        case.browser.dock().await.unwrap();
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dock_follows_the_portals_navigation() {
    let case = Case::new("pay-as-you-go").await;
    case.open(Page::Home).await;
    navigate(&case, Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    case.browser.command_bar().await.unwrap();
    navigate(&case, Page::VirtualMachines).await;
    dock.until("nothing of ours is left", async || {
        Ok(ours(&case).await.is_empty().then_some(()))
    })
    .await
    .unwrap();
    let script = "history.pushState(null, '', arguments[0]);";
    let url = case.simulator.portal_url(Page::Subscriptions);
    case.browser
        .driver()
        .execute(script, vec![url.into()])
        .await
        .unwrap();
    case.browser.dock().await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_lives_in_a_frame_keeps_its_frame_to_itself() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.portal(|portal| portal.build = Build::Frame);
    let dock = case.open_invoices().await;
    assert!(dock.offers("Download all invoices").await.unwrap());
    assert_eq!(ours(&case).await, ["portal-invoices-dock"]);
    let driver = case.browser.driver();
    driver.enter_frame(0).await.unwrap();
    assert_eq!(ours(&case).await, Vec::<String>::new());
    driver.enter_default_frame().await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_open_before_the_extension_gets_the_dock() {
    let case = Case::new("pay-as-you-go").await;
    case.open_invoices().await;
    case.browser.reload_extension().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Download all invoices").await.unwrap();
    assert_eq!(ours(&case).await.len(), 2, "one dock and one command");
    dock.choose("Period", "Custom").await.unwrap();
    dock.wait_for_text("Invoices dated from").await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_persons_choice_and_stays() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    dock.choose("Language", "Latviešu").await.unwrap();
    dock.wait_for_text("Lejupielādēt visus rēķinus").await.unwrap();
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Lejupielādēt visus rēķinus").await.unwrap();
    dock.choose("Valoda", "English").await.unwrap();
    dock.wait_for_text("Download all invoices").await.unwrap();
    case.end().await;
}
