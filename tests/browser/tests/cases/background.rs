//! A background that the browser ends, and a browser that dies.
//! Must not know: what the background keeps.

use browser_tests::Surface;
use simulator::{Effect, Fault};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};

/// Waits until exactly so many documents have come to their end; one never had anything to save.
async fn ended(dock: &Surface<'_>, documents: f64) {
    let what = format!("{documents} documents are done");
    dock.until(&what, async || {
        let progress = dock.progress().await?;
        Ok(progress.filter(|progress| progress.value == Some(documents)))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dock_works_on_after_its_background_was_ended() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    case.browser.kill_background().await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_ends_during_a_run_goes_on_and_saves_nothing_twice() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.expect_repetition();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(3)]);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    ended(&dock, 4.0).await;
    case.browser.kill_background().await.unwrap();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(12)]);
    ended(&dock, 16.0).await;
    case.browser.kill_background().await.unwrap();
    case.simulator.set_faults(Vec::new());
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_was_killed_takes_the_run_up_again() {
    let mut case = Case::new("pay-as-you-go").await;
    case.simulator.expect_repetition();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(5)]);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    ended(&dock, 6.0).await;
    case.browser.crash_and_restart().await.unwrap();
    case.simulator.set_faults(Vec::new());
    let dock = case.open_invoices().await;
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_lasts_until_the_person_resumes_whatever_happens_to_the_background() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.expect_repetition();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(3)]);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    ended(&dock, 4.0).await;
    dock.click("Pause").await.unwrap();
    dock.wait_for_status("Paused").await.unwrap();
    case.simulator.set_faults(Vec::new());
    case.browser.kill_background().await.unwrap();
    dock.wait_for_text("Nothing new begins until you press Resume")
        .await
        .unwrap();
    assert_eq!(case.saved().len(), 3);
    dock.click("Resume").await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}
