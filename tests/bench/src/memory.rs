//! `bench memory`: how much memory a large archive takes beyond the idle browser.
//! Must not know: what the extension holds in memory, or why.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use browser_tests::{Browser, Family, Launch};
use simulator::{Page, Settings, Simulator};

use crate::catalog;
use crate::download::{Packing, press};

/// How many documents, and their length, all but what there is to read in them: 480 MB together.
const DOCUMENTS: usize = 120;
const BYTES: usize = 4_000_000;
/// The most that Chromium may take beyond its idle self.
const MOST: u64 = 150_000_000;
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(100);
/// How long the browser is left idle before its memory counts as that of an idle browser.
const IDLE: Duration = Duration::from_secs(15);
/// Longest time for the download.
const LIMIT: Duration = Duration::from_secs(600);

/// Measures both browsers and prints what they took.
///
/// # Errors
/// When the archive is not whole, or Chromium takes more than it may.
pub(crate) async fn run() -> Result<()> {
    println!(
        "One ZIP file of {DOCUMENTS} documents of {} MB, fetched without distance and at any speed; proportional set size \
         (PSS)\nof all processes of the browser, looked at every {} ms. Idle: the portal and the dock stand open for {} s.\n",
        BYTES / 1_000_000,
        LOOK.as_millis(),
        IDLE.as_secs()
    );
    println!("browser        idle      peak   beyond idle   of at most");
    let chromium = measure(Family::Chromium).await?;
    println!("Chromium   {chromium}{:>10} MB", MOST / 1_000_000);
    let firefox = measure(Family::Firefox).await?;
    println!("Firefox    {firefox}         (stated)");
    if chromium.beyond() > MOST {
        bail!("Chromium takes more memory than it may");
    }
    Ok(())
}

/// Memory in bytes.
struct Memory {
    idle: u64,
    peak: u64,
}

impl Memory {
    fn beyond(&self) -> u64 {
        self.peak.saturating_sub(self.idle)
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let megabytes = |bytes: u64| bytes / 1_000_000;
        write!(
            formatter,
            "{:>5} MB{:>7} MB{:>11} MB",
            megabytes(self.idle),
            megabytes(self.peak),
            megabytes(self.beyond())
        )
    }
}

async fn measure(family: Family) -> Result<Memory> {
    let simulator = Simulator::start(Settings {
        blob_http2: false,
        blob_connections: Some(6),
        page_recall: Duration::from_secs(20),
        ..Settings::fast()
    })
    .await?;
    simulator.load(catalog::of_size(DOCUMENTS, BYTES)?);
    // Not below /tmp, which may be memory itself.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target")
        .canonicalize()?
        .join("memory");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let launch = Launch {
        downloads: Some(folder.clone()),
        ..Launch::new(family)
    };
    let browser = Arc::new(Browser::launch(launch, &simulator).await?);
    browser.open(&simulator.portal_url(Page::Invoices)).await?;
    browser.dock().await?;
    tokio::time::sleep(IDLE).await;
    let idle = browser.memory();

    let is_over = Arc::new(AtomicBool::new(false));
    let watch = {
        let (browser, is_over) = (Arc::clone(&browser), Arc::clone(&is_over));
        tokio::task::spawn_blocking(move || {
            let mut peak = (Duration::ZERO, 0);
            let start = std::time::Instant::now();
            while !is_over.load(Ordering::Relaxed) {
                let memory = browser.memory();
                if memory > peak.1 {
                    peak = (start.elapsed(), memory);
                }
                std::thread::sleep(LOOK);
            }
            peak
        })
    };
    let pressed = press(&browser, &simulator, Packing::Zip, LIMIT).await;
    is_over.store(true, Ordering::Relaxed);
    let (_, peak) = watch.await?;
    pressed?;

    let archive = archive_below(&folder)?;
    let expected = u64::try_from(DOCUMENTS * BYTES)?;
    if archive.metadata()?.len() < expected {
        bail!(
            "the archive has {} bytes and should have more than {expected}",
            archive.metadata()?.len()
        );
    }
    is_read_by("unzip", &["-tqq"], archive.path().as_path())?;
    is_read_by("python3", &["-m", "zipfile", "-t"], archive.path().as_path())?;
    drop(browser);
    std::fs::remove_dir_all(&folder)?;
    simulator.stop().await;
    Ok(Memory { idle, peak })
}

fn archive_below(folder: &Path) -> Result<std::fs::DirEntry> {
    let entries = std::fs::read_dir(folder.join("Azure invoices"))?;
    let mut archives = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "zip"));
    archives.next().context("no archive was saved")
}

/// Whether an independent reader finds the archive whole; one that is not installed finds nothing.
fn is_read_by(program: &str, arguments: &[&str], archive: &Path) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).arg(archive).stdout(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!("{program} does not read the archive ({status})"),
        Err(error) => {
            println!("not tried: {program} ({error})");
            Ok(())
        }
    }
}
