//! `bench start`: how soon a background that was ended answers a face again.
//! Must not know: what the background does meanwhile.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use browser_tests::{Browser, Family, until};
use serde_json::{Value, json};
use simulator::{Settings, Simulator};

/// Starts of which the median counts.
const STARTS: usize = 11;
/// The longest that a start may take in Chromium with nothing kept.
const MOST: Duration = Duration::from_millis(100);
/// What a heavy user keeps: so many documents, and so many reports of so many characters.
const DOCUMENTS: usize = 1000;
const REPORTS: usize = 50;
const REPORT: usize = 40_000;

/// A page that nobody looks at does not connect by itself.
const LOOK_AWAY: &str = "Object.defineProperty(document, 'hidden', { value: true });";

/// From connecting to the first surface that is to be shown, in milliseconds.
const CONNECT: &str = "const done = arguments[arguments.length - 1];
    const begin = performance.now();
    const port = chrome.runtime.connect({ name: 'page' });
    port.onMessage.addListener(({ kind }) => {
        if (kind !== 'show') return;
        done(performance.now() - begin);
        port.disconnect();
    });
    port.postMessage({ kind: 'hello', location: location.href, language: '' });";

/// Fills the extension's storage; keys and values are shaped like the real ones, of a person who is not there.
const FILL: &str = "const [documents, reports, length, done] = arguments;
    const items = {};
    for (let number = 0; number < documents; number += 1) {
        items[`document/public.nobody.nobody/E${number}/1`] = JSON.stringify({ id: `E${number}/1`, record: { saved: {
            file: { path: 'x'.repeat(120), planned: 'x'.repeat(90), bytes: 1, proof: { sha256: 'x'.repeat(64) } } } } });
    }
    for (let number = 0; number < reports; number += 1) {
        items[`history/public.nobody.nobody/${number}`] = 'x'.repeat(length);
    }
    chrome.storage.local.set(items).then(done);";

/// Measures Chromium and prints how long it took. Firefox lets no driver reach what an extension's page can call.
///
/// # Errors
/// When a background does not answer, or takes longer than it may.
pub(crate) async fn run() -> Result<()> {
    println!(
        "Chromium, from a face's first word to what it is to show, after the background was ended; of {STARTS} starts.\n"
    );
    let simulator = Simulator::start(Settings::fast()).await?;
    let browser = Browser::start(Family::Chromium, &simulator).await?;
    // No page of the portal: its requests wake the background, too.
    browser.open_popup().await?;
    let little = starts(&browser).await?;
    println!("nothing kept                                  {little}");
    let filled = vec![json!(DOCUMENTS), json!(REPORTS), json!(REPORT)];
    browser.driver().execute_async(FILL, filled).await?;
    let much = starts(&browser).await?;
    println!(
        "{DOCUMENTS} documents and {REPORTS} reports of {} kB kept   {much}",
        REPORT / 1000
    );
    browser.close().await?;
    simulator.stop().await;
    if little.median > MOST {
        bail!("a background takes more than {} ms", MOST.as_millis());
    }
    Ok(())
}

struct Times {
    median: Duration,
    longest: Duration,
}

impl std::fmt::Display for Times {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (median, longest) = (self.median.as_millis(), self.longest.as_millis());
        write!(formatter, "median {median:>3} ms, longest {longest:>3} ms")
    }
}

async fn starts(browser: &Browser) -> Result<Times> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        browser.reload().await?;
        browser.page().await?;
        browser.driver().execute(LOOK_AWAY, Vec::<Value>::new()).await?;
        browser.kill_background().await?;
        until("the background is ended", Duration::from_secs(20), async || {
            Ok((!browser.background_is_running().await?).then_some(()))
        })
        .await?;
        let answer = browser
            .driver()
            .execute_async(CONNECT, Vec::<Value>::new())
            .await?;
        times.push(Duration::from_secs_f64(answer.convert::<f64>()? / 1000.0));
    }
    times.sort();
    Ok(Times {
        median: *times.get(STARTS / 2).context("no start was measured")?,
        longest: *times.last().context("no start was measured")?,
    })
}
