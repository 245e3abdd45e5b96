//! What every case has: a local Azure, a browser, and the expectation that nobody broke a rule.
//! Must not know: what a case is about.

use std::collections::BTreeMap;

use browser_tests::{Browser, Family, Launch, Surface, expected_files, last_twelve_months};
use simulator::{Page, Sender, Settings, Simulator};

/// The headline of a run that left nothing out.
pub(crate) const SAVED: &str = "Everything that Azure offers you is saved";
pub(crate) const DOWNLOAD_ALL: &str = "Download all invoices";

/// A browser beside a local Azure.
pub(crate) struct Case {
    pub(crate) simulator: Simulator,
    pub(crate) browser: Browser,
}

impl Case {
    /// Chromium, freshly installed, and a scenario.
    pub(crate) async fn new(scenario: &str) -> Self {
        Self::launched(scenario, Launch::new(Family::Chromium)).await
    }

    pub(crate) async fn launched(scenario: &str, launch: Launch) -> Self {
        let settings = Settings {
            scenario: scenario.to_owned(),
            ..Settings::fast()
        };
        let simulator = Simulator::start(settings).await.unwrap();
        let browser = Browser::launch(launch, &simulator).await.unwrap();
        Self { simulator, browser }
    }

    /// Opens a page of the portal.
    pub(crate) async fn open(&self, page: Page) {
        self.browser.open(&self.simulator.portal_url(page)).await.unwrap();
    }

    /// Opens a billing page; its dock knows who is acting.
    pub(crate) async fn open_invoices(&self) -> Surface<'_> {
        self.open(Page::Invoices).await;
        let dock = self.browser.dock().await.unwrap();
        dock.wait_for_text(".example").await.unwrap();
        dock
    }

    /// What a run over the last twelve months should have left on disk.
    pub(crate) fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let (from, to) = last_twelve_months();
        expected_files(&self.simulator.expected_documents(from, to))
    }

    /// The disk holds exactly these files.
    pub(crate) fn assert_saved(&self, expected: &BTreeMap<String, Vec<u8>>) {
        assert_same(&self.saved(), expected);
    }

    /// The documents on disk.
    pub(crate) fn saved(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.browser.downloaded_files().unwrap().into_iter();
        files
            .filter(|(path, _)| !is_index(path) && !is_usage(path))
            .collect()
    }

    /// The usage on disk, by path.
    pub(crate) fn saved_usage(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.browser.downloaded_files().unwrap().into_iter();
        files.filter(|(path, _)| is_usage(path)).collect()
    }

    /// The indexes on disk, by path.
    pub(crate) fn indexes(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.browser.downloaded_files().unwrap().into_iter();
        files.filter(|(path, _)| is_index(path)).collect()
    }

    /// How many documents the extension asked Azure to prepare.
    pub(crate) fn documents_asked(&self) -> usize {
        let requests = self.simulator.requests();
        let ours = requests
            .iter()
            .filter(|request| request.from == Sender::Extension && request.method == "POST");
        ours.count()
    }

    /// Nobody broke a rule, and no console shows an error.
    pub(crate) async fn end(self) {
        assert_eq!(self.browser.console_errors().await.unwrap(), Vec::<String>::new());
        assert_eq!(self.simulator.violations(), []);
        self.browser.close().await.unwrap();
        self.simulator.stop().await;
    }
}

fn is_index(path: &str) -> bool {
    path.starts_with("Azure invoices/index ")
}

fn is_usage(path: &str) -> bool {
    path.contains("/usage/")
}

/// Compares without printing whole documents.
pub(crate) fn assert_same(actual: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(actual), names(expected));
    for (name, bytes) in expected {
        assert!(actual[name] == *bytes, "{name} has other bytes");
    }
}

/// What lies in the one archive on disk, by the path that the file would have had.
pub(crate) fn unpacked(case: &Case) -> BTreeMap<String, Vec<u8>> {
    let saved = case.saved();
    assert_eq!(saved.len(), 1, "{:?}", saved.keys());
    let (path, bytes) = saved.into_iter().next().unwrap();
    assert!(
        path.starts_with("Azure invoices/Azure invoices ") && path.ends_with(".zip"),
        "{path}"
    );
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|number| {
            let mut member = archive.by_index(number).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut content).unwrap();
            (format!("Azure invoices/{}", member.name().unwrap()), content)
        })
        .collect()
}
