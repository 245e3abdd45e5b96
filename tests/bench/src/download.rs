//! `bench download`: from the press until all is saved, in Chromium, beside the floor of the same queue and the SDK.
//! Must not know: how the extension does it, or how the floor is found.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use browser_tests::{Browser, Family, expected_files};
use simulator::{Bucket, Page, Settings, Simulator};

use crate::catalog;
use crate::conditions;
use crate::floor::{Conditions, floor};
use crate::row::median;
use crate::sdk::Sdk;
use crate::survey::{Preparation, survey};

/// Numbers of documents that are measured when no others are asked for.
const SIZES: [usize; 4] = [12, 60, 240, 1000];
/// Runs of which the median counts.
const RUNS: usize = 3;
/// The most that a download may take: this many times the floor …
const RATIO: f64 = 1.25;
/// … and beyond the floor a fixed time and a time for each document.
const FIXED: Duration = Duration::from_millis(1500);
const EACH: Duration = Duration::from_millis(25);
/// Documents without waits: this many of them, so many a second at the least.
const WITHOUT_WAITS: usize = 240;
const RATE: f64 = 40.0;
/// What the SDK is measured with.
const SDK_DOCUMENTS: usize = 12;
/// Longest time for one download.
const LIMIT: Duration = Duration::from_secs(600);

/// How the person wants the documents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Each in a file.
    Folder,
    /// All in one archive.
    Zip,
}

/// Measures downloads of these sizes, or of the usual ones, and prints a table.
///
/// # Errors
/// When something is not saved as it should be, and when a download takes longer than it may.
pub(crate) async fn run(sizes: &[usize]) -> Result<()> {
    let sizes = if sizes.is_empty() { &SIZES } else { sizes };
    let settings = Settings {
        polls: 0,
        preparation: Duration::from_secs(10),
        blob_http2: false,
        blob_connections: Some(6),
        ..Settings::default()
    };
    println!(
        "Downloading invoices with the built extension in headless Chromium; the median of {RUNS} runs, each with a new \
         browser\nand a new simulator, from the press until the dock says that everything is saved.\n\n{}",
        conditions::lines(&settings)
    );
    println!("{}", Row::HEAD);
    let mut slow = Vec::new();
    for &documents in sizes {
        let preparation = Preparation {
            retry_after: Duration::from_secs(settings.retry_after),
            looks: settings.polls + 1,
        };
        let scenario = catalog::of(documents)?;
        let needed = survey(&settings, &scenario, catalog::today(), Some(preparation)).await?;
        let floor = floor(&needed, Conditions::of(&settings)).all;
        for packing in [Packing::Folder, Packing::Zip] {
            let row = Row {
                documents,
                packing,
                floor,
                runs: measure_often(&settings, documents, packing).await?,
            };
            println!("{row}");
            if !row.is_good_enough() {
                slow.push(format!("{documents} documents as {packing}"));
            }
        }
    }
    println!("\nWithout distances and waits (the core waits half a second for an operation at the least):\n");
    for packing in [Packing::Folder, Packing::Zip] {
        let runs = measure_often(&without_waits(), WITHOUT_WAITS, packing).await?;
        let rate = WITHOUT_WAITS as f64 / median(&runs).as_secs_f64();
        println!(
            "{WITHOUT_WAITS:>9}  {:<8}{:>8} ms   {rate:.0} documents a second   runs, ms: {}",
            packing.to_string(),
            median(&runs).as_millis(),
            milliseconds(&runs)
        );
        if rate < RATE {
            slow.push(format!("{WITHOUT_WAITS} documents as {packing} without waits"));
        }
    }
    compare_with_sdk(&settings, sizes).await?;
    if !slow.is_empty() {
        bail!("slower than it may be: {}", slow.join(", "));
    }
    Ok(())
}

/// Microsoft's SDK beside it; where it cannot be had, that is said and nothing more.
async fn compare_with_sdk(settings: &Settings, sizes: &[usize]) -> Result<()> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let sdk = match Sdk::install(&target).await {
        Ok(sdk) => sdk,
        Err(error) => {
            println!("\nMicrosoft's SDK for Python is not measured: {error:#}.");
            return Ok(());
        }
    };
    // Once: nearly all of it is waiting.
    let whole = sdk.measure(settings, SDK_DOCUMENTS).await?;
    println!(
        "\nMicrosoft's azure-mgmt-billing for Python with the same settings, one document after the other as its \
         documentation shows:\n\n{SDK_DOCUMENTS:>9}  measured     {:>5.0} s",
        whole.as_secs_f64()
    );
    for documents in sizes.iter().filter(|documents| **documents != SDK_DOCUMENTS) {
        let share = *documents as f64 / SDK_DOCUMENTS as f64;
        println!(
            "{documents:>9}  extrapolated {:>5.0} s   (in proportion)",
            whole.as_secs_f64() * share
        );
    }
    Ok(())
}

fn without_waits() -> Settings {
    let wide = Bucket {
        capacity: 100_000,
        per_second: 10_000,
    };
    Settings {
        retry_after: 0,
        polls: 0,
        reads: wide,
        writes: wide,
        blob_http2: false,
        blob_connections: Some(6),
        page_recall: Duration::from_secs(20),
        ..Settings::fast()
    }
}

async fn measure_often(settings: &Settings, documents: usize, packing: Packing) -> Result<Vec<Duration>> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(measure(settings, documents, packing).await?);
    }
    Ok(runs)
}

/// One download, and a look at what it left.
async fn measure(settings: &Settings, documents: usize, packing: Packing) -> Result<Duration> {
    let simulator = Simulator::start(settings.clone()).await?;
    simulator.load(catalog::of(documents)?);
    let browser = Browser::start(Family::Chromium, &simulator).await?;
    let took = press(&browser, &simulator, packing, LIMIT).await?;

    let period = catalog::period(catalog::today());
    let expected = expected_files(&simulator.expected_documents(period.from, period.to));
    let saved = browser.downloaded_files()?;
    let violations = simulator.violations();
    browser.close().await?;
    simulator.stop().await;
    if expected.len() != documents {
        bail!("{} documents exist, and {documents} are meant to", expected.len());
    }
    let saved: BTreeMap<_, _> = saved
        .into_iter()
        .filter(|(path, _)| !path.ends_with(".csv"))
        .collect();
    let is_whole = match packing {
        Packing::Folder => saved == expected,
        Packing::Zip => {
            let least: usize = expected.values().map(Vec::len).sum();
            saved.len() == 1
                && saved
                    .iter()
                    .all(|(path, bytes)| path.ends_with(".zip") && bytes.len() > least)
        }
    };
    if !is_whole {
        bail!(
            "of {documents} documents as {packing}, not everything is saved as it should be: {:?}",
            saved.keys()
        );
    }
    if let Some(violation) = violations.first() {
        bail!("a rule of the service is broken: {violation:?}");
    }
    Ok(took)
}

/// Opens the portal, presses, and waits until everything is saved.
pub(crate) async fn press(
    browser: &Browser,
    simulator: &Simulator,
    packing: Packing,
    limit: Duration,
) -> Result<Duration> {
    browser.open(&simulator.portal_url(Page::Invoices)).await?;
    let dock = browser.dock().await?;
    if packing == Packing::Zip {
        dock.choose("Save as", "One ZIP file").await?;
    }
    let took = dock
        .time(
            "Download all invoices",
            "Everything that Azure offers you is saved",
            limit,
        )
        .await?;
    Ok(took)
}

fn milliseconds(runs: &[Duration]) -> String {
    let runs: Vec<String> = runs.iter().map(|run| run.as_millis().to_string()).collect();
    runs.join(" ")
}

impl Display for Packing {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Packing::Folder => "folder",
            Packing::Zip => "ZIP",
        })
    }
}

/// One line of the table.
struct Row {
    documents: usize,
    packing: Packing,
    floor: Duration,
    runs: Vec<Duration>,
}

impl Row {
    const HEAD: &str =
        "documents  as          median     floor  ratio   beyond the floor, of at most  verdict   runs, ms";

    fn overhead(&self) -> Duration {
        median(&self.runs).saturating_sub(self.floor)
    }

    fn most_overhead(&self) -> Duration {
        FIXED + EACH * u32::try_from(self.documents).unwrap_or(u32::MAX)
    }

    fn ratio(&self) -> f64 {
        median(&self.runs).as_secs_f64() / self.floor.as_secs_f64()
    }

    fn is_good_enough(&self) -> bool {
        self.ratio() <= RATIO && self.overhead() <= self.most_overhead()
    }
}

impl Display for Row {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{:>9}  {:<8}{:>7} ms{:>7} ms{:>7.2}{:>12} ms of {:>6} ms  {:<8}  {}",
            self.documents,
            self.packing.to_string(),
            median(&self.runs).as_millis(),
            self.floor.as_millis(),
            self.ratio(),
            self.overhead().as_millis(),
            self.most_overhead().as_millis(),
            if self.is_good_enough() { "good" } else { "TOO SLOW" },
            milliseconds(&self.runs)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(documents: usize, floor: u64, run: u64) -> Row {
        let runs = [1, run, 1_000_000];
        Row {
            documents,
            packing: Packing::Folder,
            floor: Duration::from_millis(floor),
            runs: runs.map(Duration::from_millis).to_vec(),
        }
    }

    #[test]
    fn both_limits_count() {
        // 1.5 s and 12 times 25 ms beyond the floor, but no more than a quarter of it.
        assert!(row(12, 12_000, 13_800).is_good_enough());
        assert!(!row(12, 12_000, 13_801).is_good_enough());
        assert!(row(1000, 80_000, 100_000).is_good_enough());
        assert!(!row(1000, 80_000, 100_001).is_good_enough());
    }
}
