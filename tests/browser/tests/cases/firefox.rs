//! The main job in Firefox.
//! Must not know: what the Chromium cases have shown already.

use browser_tests::{Family, Launch};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};

#[tokio::test(flavor = "multi_thread")]
async fn one_press_saves_a_year_in_firefox_too() {
    let case = Case::launched("pay-as-you-go", Launch::new(Family::Firefox)).await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let expected = case.expected();
    case.assert_saved(&expected);
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status("Nothing new").await.unwrap();
    case.assert_saved(&expected);
    case.end().await;
}
