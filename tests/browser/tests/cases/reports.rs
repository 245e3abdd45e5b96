//! The page of reports: what is kept of runs, for whom, and how it is forgotten.
//! Must not know: how a run goes.

use browser_tests::{Family, Launch};
use simulator::Rule;

use crate::case::{Case, DOWNLOAD_ALL, SAVED};
use crate::look::picture;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_deleted_is_told_and_saved_again_on_wish() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let expected = case.expected();
    let deleted = expected.keys().next().unwrap();
    std::fs::remove_file(case.browser.downloads_dir().join(deleted)).unwrap();
    // The browser looks for its files every ten seconds at most.
    dock.until("the browser has seen that the file is gone", async || {
        dock.click(DOWNLOAD_ALL).await?;
        dock.wait_for_status("Nothing new").await?;
        let text = dock.text().await?;
        Ok(text
            .contains("1 document saved earlier is no longer there.")
            .then_some(()))
    })
    .await
    .unwrap();
    assert!(!case.saved().contains_key(deleted), "nothing comes back unasked");
    dock.click("Save again").await.unwrap();
    dock.wait_for_status("1 document was saved.").await.unwrap();
    case.assert_saved(&expected);
    let again = case.simulator.violations();
    assert!(
        matches!(&*again, [fetched] if fetched.rule == Rule::FetchedTwice),
        "the one document, and nothing else: {again:?}"
    );
}

/// The report of a run on its page, and everything forgotten in the end.
async fn the_report_is_kept_and_forgotten(family: Family) {
    let case = Case::launched("pay-as-you-go", Launch::new(family)).await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    dock.click("Show report").await.unwrap();
    let page = case.browser.go_to_opened_page("reports.html").await.unwrap();
    page.wait_for_text("Documents by place and month of the invoice date")
        .await
        .unwrap();
    page.wait_for_text("Totals by month of the billing period")
        .await
        .unwrap();
    let name = format!("reports-{family:?}.png").to_lowercase();
    case.browser.screenshot(&picture(&name)).await.unwrap();

    page.click("Forget everything").await.unwrap();
    page.click("Yes, forget everything").await.unwrap();
    page.wait_for_text("No run of this account has been kept yet.")
        .await
        .unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_kept_and_forgotten_in_chromium() {
    the_report_is_kept_and_forgotten(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_kept_and_forgotten_in_firefox() {
    the_report_is_kept_and_forgotten(Family::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_in_the_dark_and_narrow() {
    for (dark, window, name) in [
        (true, (1280, 960), "reports-dark.png"),
        (false, (500, 900), "reports-narrow.png"),
    ] {
        let launch = Launch {
            dark,
            window,
            ..Launch::new(Family::Chromium)
        };
        let case = Case::launched("hostile", launch).await;
        let dock = case.open_invoices().await;
        dock.click(DOWNLOAD_ALL).await.unwrap();
        dock.wait_for_status("Not everything could be saved")
            .await
            .unwrap();
        dock.click("Show report").await.unwrap();
        let page = case.browser.go_to_opened_page("reports.html").await.unwrap();
        page.wait_for_text("Totals by month of the billing period")
            .await
            .unwrap();
        case.browser.screenshot(&picture(name)).await.unwrap();
        case.end().await;
    }
}
