//! A background and a browser that die at any moment: what is on disk in the end is as if they had not.
//! Must not know: what is kept for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use browser_tests::{Family, Launch, at_the_moment, lengths_below};
use simulator::{Effect, Fault, LoggedRequest, Page, Scenario, Sender};

use crate::case::{Case, DOWNLOAD_ALL, SAVED, assert_same, unpacked};

const DOCUMENTS: usize = 60;
const LIMIT: Duration = Duration::from_secs(60);

/// Five subscriptions over a year.
fn sixty_documents(padding: usize) -> Scenario {
    let scenario = format!(
        r#"{{ "name": "sixty", "summary": "", "short_documents": true, "padding": {padding}, "accounts": [{{
            "name": "Ilze Kalniņa", "email": "ilze.kalnina@contoso.example",
            "directory": "Contoso SIA", "domain": "contoso.example",
            "subscriptions": [{{ "name": "Workload {{n}}", "repeat": 5, "monthly": {{ "months": 12, "amount": 310.0 }} }}]
        }}] }}"#
    );
    Scenario::from_json(&scenario).unwrap()
}

async fn with_sixty_documents(family: Family, padding: usize) -> Case {
    let case = Case::launched("empty", Launch::new(family)).await;
    case.simulator.load(sixty_documents(padding));
    case.simulator.expect_repetition();
    assert_eq!(case.expected().len(), DOCUMENTS);
    case
}

fn requests(case: &Case) -> usize {
    let requests = case.simulator.requests();
    let ours = requests
        .iter()
        .filter(|request| request.from == Sender::Extension);
    ours.count()
}

/// Numbers by chance. `KILL_SEED` repeats those of a run that has printed it.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let told = std::env::var("KILL_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let seed = told.unwrap_or_else(now);
        eprintln!("KILL_SEED={seed}");
        Self(seed)
    }

    /// The next number below `end` (SplitMix64).
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// The background is ended ten times, each time when a chosen number of documents is on disk and a chosen number of
/// requests has followed; the run must not notice.
async fn ten_deaths_of_the_background(family: Family) {
    let mut chance = Chance::new();
    let case = with_sixty_documents(family, 0).await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    for death in 0..10 {
        let (files, more) = (death * 5 + chance.below(5), chance.below(30));
        let on_disk = || lengths_below(case.browser.downloads_dir()).len();
        let what = format!("{files} documents are saved");
        at_the_moment(&what, LIMIT, || on_disk() >= files).await.unwrap();
        let start = requests(&case);
        let has_moved_on = || requests(&case) >= start + more || on_disk() >= files + 5;
        at_the_moment("the run moves on", LIMIT, has_moved_on)
            .await
            .unwrap();
        assert!(on_disk() < DOCUMENTS, "death {death} comes too late");
        case.browser.kill_background().await.unwrap();
    }
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    assert_eq!(case.indexes().len(), 1);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_ends_ten_times_at_any_moment_leaves_what_it_should() {
    ten_deaths_of_the_background(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_ends_ten_times_at_any_moment_leaves_what_it_should_in_firefox() {
    ten_deaths_of_the_background(Family::Firefox).await;
}

enum Death {
    OfTheBackground,
    OfTheBrowser,
}

/// Somebody is killed while the browser writes a ZIP file of a quarter of a gigabyte.
async fn a_death_inside_a_zip_file(family: Family, death: Death) {
    const PADDING: usize = 4 << 20;
    let least = Chance::new().below(DOCUMENTS * PADDING / 2) as u64;
    let mut case = with_sixty_documents(family, PADDING).await;
    let dock = case.open_invoices().await;
    dock.choose("Save as", "One ZIP file").await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    let folder = case.browser.downloads_dir().to_owned();
    let partial = || {
        let mut files = lengths_below(&folder);
        files.retain(|path, length| {
            (path.ends_with(".crdownload") || path.ends_with(".part")) && *length > least
        });
        files
    };
    at_the_moment("a partial file grows", LIMIT, || !partial().is_empty())
        .await
        .unwrap();
    match death {
        Death::OfTheBackground => case.browser.kill_background().await.unwrap(),
        Death::OfTheBrowser => {
            case.browser.crash_and_restart().await.unwrap();
            assert!(!partial().is_empty(), "the death comes too late");
            case.open_invoices().await;
        }
    }
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    assert_same(&unpacked(&case), &case.expected());
    assert_eq!(case.indexes().len(), 1);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_dies_while_it_writes_a_large_zip_file_leaves_one_whole() {
    a_death_inside_a_zip_file(Family::Chromium, Death::OfTheBrowser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_dies_while_it_writes_a_large_zip_file_leaves_one_whole_in_firefox() {
    a_death_inside_a_zip_file(Family::Firefox, Death::OfTheBrowser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_dies_while_a_large_zip_file_is_written_leaves_one_whole() {
    a_death_inside_a_zip_file(Family::Chromium, Death::OfTheBackground).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_that_dies_while_a_large_zip_file_is_written_leaves_one_whole_in_firefox() {
    a_death_inside_a_zip_file(Family::Firefox, Death::OfTheBackground).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_starts_again_under_another_sign_in_waits_for_the_first_person() {
    let mut case = Case::new("two-accounts").await;
    case.simulator.expect_repetition();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(4)]);
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("4 of 18 documents").await.unwrap();
    let expected = case.expected();
    case.browser.crash_and_restart().await.unwrap();
    case.simulator.set_faults(Vec::new());

    let popup = case.browser.open_popup().await.unwrap();
    popup.wait_for_text("Waiting for the portal").await.unwrap();
    case.browser.close_tab().await.unwrap();
    case.simulator.sign_in(1);
    case.simulator.forget();
    let dock = case.open_invoices().await;
    let text = dock.wait_for_text("fabrikam").await.unwrap();
    assert!(
        !text.contains("contoso") && !text.contains("18 documents"),
        "{text}"
    );
    case.browser.reload().await.unwrap();
    case.browser
        .dock()
        .await
        .unwrap()
        .wait_for_text("fabrikam")
        .await
        .unwrap();
    // The other person's dock asks what they may do there: these reads alone, and nothing that leads to a document.
    const OF_ACCESS: [&str; 6] = [
        "/tenants",
        "/subscriptions",
        "/billingAccounts",
        "/billingProperty/default",
        "/permissions",
        "/invoices",
    ];
    let is_of_access = |request: &LoggedRequest| {
        request.method == "GET"
            && request.host == "management.azure.com"
            && OF_ACCESS.iter().any(|end| request.path.ends_with(end))
    };
    let of_the_run = |request: &LoggedRequest| request.from == Sender::Extension && !is_of_access(request);
    let sent: Vec<_> = case.simulator.requests().into_iter().filter(of_the_run).collect();
    assert_eq!(sent, []);

    case.simulator.sign_in(0);
    case.open(Page::Home).await;
    case.browser.reload().await.unwrap();
    let dock = case.open_invoices().await;
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&expected);
    case.end().await;
}
