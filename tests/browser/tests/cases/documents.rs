//! A press, and the documents on disk.
//! Must not know: sign-ins and placements; other cases look at those.

use std::collections::BTreeMap;

use browser_tests::{Family, Launch, expected_files, last_twelve_months};
use simulator::{Effect, Fault, Page};
use time::Date;

use crate::case::{Case, DOWNLOAD_ALL, SAVED, assert_same, unpacked};

#[tokio::test(flavor = "multi_thread")]
async fn one_press_saves_a_year_and_a_second_run_saves_only_what_is_new() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let outcome = dock.wait_for_status(SAVED).await.unwrap();
    let expected = case.expected();
    assert!(
        outcome.contains(&format!("{} documents were saved", expected.len())),
        "{outcome}"
    );
    assert!(dock.offers("Open folder").await.unwrap());
    case.assert_saved(&expected);

    let asked = case.documents_asked();
    assert_eq!(asked, expected.len());
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let outcome = dock.wait_for_status("Nothing new").await.unwrap();
    assert!(
        outcome.contains(&format!("{} were saved earlier", expected.len())),
        "{outcome}"
    );
    assert_eq!(case.documents_asked(), asked);
    case.assert_saved(&expected);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_saves_something_leaves_its_index() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let outcome = dock.wait_for_status(SAVED).await.unwrap();
    let indexes = case.indexes();
    assert_eq!(indexes.len(), 1, "{outcome}\n{:?}", case.saved().keys());
    let (path, index) = indexes.into_iter().next().unwrap();
    let name = path.rsplit('/').next().unwrap();
    assert!(
        outcome.contains(&format!("The index of these documents is the file {name}.")),
        "{outcome}"
    );
    let index = String::from_utf8(index).unwrap();
    let saved = case.saved();
    // One invoice has no document yet.
    assert_eq!(index.lines().count(), 1 + saved.len() + 1);
    for path in saved.keys() {
        assert!(index.contains(&format!(",{path},")), "{path}");
    }
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status("Nothing new").await.unwrap();
    assert_eq!(case.indexes().len(), 1);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_period_is_the_persons_choice() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    let (_, today) = last_twelve_months();
    let (from, to) = (months_before(today, 5), months_before(today, 3));
    dock.choose("Period", "Custom").await.unwrap();
    dock.fill("Invoices dated from", &from.to_string()).await.unwrap();
    dock.fill("to", &to.to_string()).await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let expected = expected_files(&case.simulator.expected_documents(from, to));
    assert!(!expected.is_empty());
    case.assert_saved(&expected);
    case.end().await;
}

/// The same day of the month, some months earlier; the 28th when there is no such day.
fn months_before(date: Date, months: i32) -> Date {
    let count = date.year() * 12 + i32::from(u8::from(date.month())) - 1 - months;
    let month = u8::try_from(count.rem_euclid(12) + 1)
        .unwrap()
        .try_into()
        .unwrap();
    Date::from_calendar_date(count.div_euclid(12), month, date.day().min(28)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_from_everywhere_become_file_names_for_every_system() {
    let case = Case::new("awkward-names").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let (from, to) = last_twelve_months();
    let mut expected: Vec<Vec<u8>> = case
        .simulator
        .expected_documents(from, to)
        .into_iter()
        .map(|document| document.bytes)
        .collect();
    let saved = case.saved();
    for path in saved.keys() {
        let [top, year, name] = path.split('/').collect::<Vec<_>>()[..] else {
            panic!("{path} lies elsewhere");
        };
        assert_eq!(top, "Azure invoices");
        assert!(
            year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()),
            "{path}"
        );
        assert!(name.len() <= 180, "{path}");
        assert!(
            !name.contains([
                '/', '\\', ':', '*', '?', '"', '<', '>', '|', '\u{202e}', '\u{200f}'
            ]),
            "{path}"
        );
        assert!(name.ends_with(".pdf"), "{path}");
    }
    let mut bytes: Vec<Vec<u8>> = saved.into_values().collect();
    bytes.sort();
    expected.sort();
    assert!(
        bytes == expected,
        "{} files, {} documents",
        bytes.len(),
        expected.len()
    );
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_lie_are_refused_in_words_and_the_others_saved() {
    let case = Case::new("hostile").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let outcome = dock
        .wait_for_status("Not everything could be saved")
        .await
        .unwrap();
    case.assert_saved(&case.expected());
    let (from, to) = last_twelve_months();
    let kept_back = ["next_link", "storage Other"];
    let refused = case
        .simulator
        .withheld_documents(from, to)
        .into_iter()
        .filter(|document| {
            !kept_back
                .iter()
                .any(|because| document.because.starts_with(because))
        })
        .count();
    assert!(
        outcome.contains(&format!("{refused} documents could not be saved")),
        "{outcome}"
    );
    dock.click(&format!("{refused} documents could not be saved."))
        .await
        .unwrap();
    let text = dock.wait_for_text("is not a PDF").await.unwrap();
    assert!(
        text.contains("leads to an address that this product never asks"),
        "{text}"
    );
    assert!(dock.offers("Retry failed").await.unwrap());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_keeps_what_it_saved_and_the_next_one_completes_it() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(5)]);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.until("some documents are saved", async || {
        let progress = dock.progress().await?;
        Ok(progress.filter(|progress| progress.value == Some(6.0)))
    })
    .await
    .unwrap();
    assert_eq!(dock.progress().await.unwrap().unwrap().name, "Download progress");
    dock.click("Cancel").await.unwrap();
    dock.wait_for_status("Cancelled").await.unwrap();
    let expected = case.expected();
    let saved = case.saved();
    assert_eq!(saved.len(), 5);
    let part: BTreeMap<_, _> = expected
        .iter()
        .filter(|(path, _)| saved.contains_key(*path))
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    assert_same(&saved, &part);

    case.simulator.set_faults(Vec::new());
    case.simulator.expect_repetition();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&expected);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mishaps_on_the_way_are_retried_until_the_documents_are_there() {
    let case = Case::new("pay-as-you-go").await;
    let busy = Effect::Answer {
        status: 429,
        headers: vec![("retry-after".to_owned(), "1".to_owned())],
        body: String::new(),
    };
    let failed = Effect::Answer {
        status: 503,
        headers: Vec::new(),
        body: "<html>Service unavailable</html>".to_owned(),
    };
    case.simulator.set_faults(vec![
        Fault::on_extension("/download", busy).nth(3),
        Fault::on_extension("operationResults", failed).nth(2),
        Fault::on_extension("/subscriptions", Effect::Reset).nth(1),
        Fault::on_storage(Effect::Truncate { bytes: 2_000 }).nth(4),
        Fault::on_storage(Effect::Reset).nth(6),
    ]);
    case.simulator.expect_repetition();
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_invoices_is_told_what_that_means() {
    let case = Case::new("empty").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let outcome = dock
        .wait_for_status("No invoices are visible to you here")
        .await
        .unwrap();
    assert!(outcome.contains("another directory"), "{outcome}");
    assert!(case.saved().is_empty());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_where_to_save_is_asked_for_one_file_only() {
    let launch = Launch {
        asks_where_to_save: true,
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("pay-as-you-go", launch).await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    // Without a screen the browser takes its question for declined.
    let outcome = dock
        .wait_for_status("Not everything could be saved")
        .await
        .unwrap();
    assert!(
        outcome.contains("Your browser asks where to save each file"),
        "{outcome}"
    );
    assert!(outcome.contains("Choose One ZIP file"), "{outcome}");
    assert!(dock.offers("Retry failed").await.unwrap());
    assert!(case.saved().is_empty());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_in_the_command_bar_does_the_same() {
    let case = Case::new("pay-as-you-go").await;
    case.open(Page::Invoices).await;
    let command = case.browser.command_bar().await.unwrap();
    command.click(DOWNLOAD_ALL).await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_zip_file_holds_the_year_also_when_the_background_ends_in_between() {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.expect_repetition();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(5)]);
    let dock = case.open_invoices().await;
    dock.choose("Save as", "One ZIP file").await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.until("some documents are verified", async || {
        let progress = dock.progress().await?;
        Ok(progress.filter(|progress| progress.value == Some(6.0)))
    })
    .await
    .unwrap();
    case.browser.kill_background().await.unwrap();
    case.simulator.set_faults(Vec::new());
    dock.wait_for_status(SAVED).await.unwrap();
    assert_same(&unpacked(&case), &case.expected());
    assert_eq!(case.indexes().len(), 1);

    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status("Nothing new").await.unwrap();
    assert_eq!(case.saved().len(), 1);
    case.end().await;
}

/// A file lies where the folder should be.
async fn a_folder_that_cannot_be_made(family: Family, told: &str) {
    let case = Case::launched("two-accounts", Launch::new(family)).await;
    case.simulator.expect_repetition();
    let in_the_way = case.browser.downloads_dir().join("Azure invoices");
    std::fs::write(&in_the_way, "a file").unwrap();
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let outcome = dock
        .wait_for_status("Not everything could be saved")
        .await
        .unwrap();
    let expected = case.expected();
    let could_not = format!("{} documents could not be saved", expected.len());
    assert!(
        outcome.contains(&could_not) && outcome.contains(told),
        "{outcome}"
    );
    assert_eq!(std::fs::read(&in_the_way).unwrap(), b"a file");
    assert_eq!(case.browser.downloaded_files().unwrap().len(), 1);

    std::fs::remove_file(&in_the_way).unwrap();
    dock.click("Retry failed").await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&expected);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_made_is_told_and_made_good_later() {
    // Chromium asks where else to save; without a screen it takes its question for declined.
    a_folder_that_cannot_be_made(Family::Chromium, "cannot write to its download folder").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_made_is_told_and_made_good_later_in_firefox() {
    a_folder_that_cannot_be_made(
        Family::Firefox,
        "Check that the download folder can be written to",
    )
    .await;
}
