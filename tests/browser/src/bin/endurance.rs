//! Endurance: a run that Azure makes last an hour, with nobody attached to the browser, which sleeps in the middle.
//! Must not know: how the extension works inside; it watches the download folder and what the simulator is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use browser_tests::{Browser, Family, expected_files, files_below, last_twelve_months, until};
use simulator::{Effect, Fault, LoggedRequest, Page, Sender, Settings, Simulator};
use tokio::time::{Instant, sleep};

type Failure = Box<dyn std::error::Error>;

/// How long the run lasts unless something else is asked for.
const MINUTES: u32 = 60;
/// A refusal closes the way to documents for this part of the whole.
const REFUSALS: u32 = 8;
/// Requests for documents that may be under way at once: a refusal does not keep them from coming through.
const UNDER_WAY: u32 = 20;
/// Between two looks at the folder.
const LOOK: Duration = Duration::from_secs(2);
/// Shortest useful lifetime of a token, which is renewed a minute before its end.
const SHORTEST_TOKEN: Duration = Duration::from_secs(150);
/// How long a run may take to begin.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    match all().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "The run did not endure: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn all() -> Result<(), Failure> {
    let (minutes, families) = arguments()?;
    let runs: Vec<_> = families
        .into_iter()
        .map(|family| (family, Plan::lasting(minutes)))
        .collect();
    // At the same time: each has its own simulator, and nearly all of it is waiting.
    let outcomes = match runs.as_slice() {
        [(one, plan), (other, same)] => {
            let (one, other) = tokio::join!(endure(*one, plan), endure(*other, same));
            vec![one, other]
        }
        [(one, plan)] => vec![endure(*one, plan).await],
        _ => Vec::new(),
    };
    outcomes.into_iter().collect()
}

/// Minutes, and the browsers to try.
fn arguments() -> Result<(u32, Vec<Family>), Failure> {
    let (mut minutes, mut families) = (MINUTES, vec![Family::Chromium, Family::Firefox]);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next().as_deref()) {
            ("--minutes", Some(value)) => minutes = value.parse()?,
            ("--browser", Some("chromium")) => families = vec![Family::Chromium],
            ("--browser", Some("firefox")) => families = vec![Family::Firefox],
            _ => return Err("usage: endurance [--minutes N] [--browser chromium|firefox]".into()),
        }
    }
    if minutes < 2 {
        return Err("a run takes two minutes at the least".into());
    }
    Ok((minutes, families))
}

/// What makes the run last, in the proportions of an hour.
struct Plan {
    whole: Duration,
    /// `Retry-After` of a refused request for a document.
    refusal: Duration,
    /// `Retry-After` of an operation that prepares one.
    preparation: Duration,
    /// How long the browser sleeps, from the middle on.
    sleep: Duration,
    /// Lifetime of the portal's tokens.
    token: Duration,
}

impl Plan {
    fn lasting(minutes: u32) -> Self {
        let whole = Duration::from_secs(60) * minutes;
        let whole_seconds = |duration: Duration| Duration::from_secs(duration.as_secs() + 1);
        Self {
            whole,
            refusal: whole_seconds(whole / REFUSALS),
            preparation: whole_seconds(whole / 15),
            sleep: whole / 12,
            token: (whole / 3).max(SHORTEST_TOKEN),
        }
    }

    /// The next refusal, so that the documents that are left last for the time that is left; none near the end.
    fn refusal(&self, left: usize, elapsed: Duration) -> Option<Fault> {
        let time_left = self.whole.checked_sub(elapsed + self.preparation)?;
        let left = u32::try_from(left).ok()?;
        let share =
            u32::try_from(u64::from(left) * self.refusal.as_secs() / time_left.as_secs().max(1)).ok()?;
        let effect = Effect::Answer {
            status: 429,
            headers: vec![("retry-after".to_owned(), self.refusal.as_secs().to_string())],
            body: String::new(),
        };
        Some(Fault {
            method: Some("POST".to_owned()),
            // For each request that is answered before the refusal, another one sets out.
            ..Fault::on_extension("/download", effect).nth((share.saturating_sub(UNDER_WAY) / 2).max(3))
        })
    }
}

async fn endure(family: Family, plan: &Plan) -> Result<(), Failure> {
    let started = Instant::now();
    let say = |text: &str| say(family, started.elapsed(), text);
    let simulator = Simulator::start(Settings {
        scenario: "large-240".to_owned(),
        retry_after: plan.preparation.as_secs(),
        polls: 0,
        blob_http2: false,
        blob_connections: Some(6),
        ..Settings::default()
    })
    .await?;
    simulator.portal(|options| options.token_seconds = u32::try_from(plan.token.as_secs()).unwrap_or(3600));
    let (from, to) = last_twelve_months();
    let expected = expected_files(&simulator.expected_documents(from, to));
    say(&format!(
        "{} documents; requests for them are refused again and again for {} s, each operation takes {} s, a token \
         lives {} s; the browser will sleep for {} s",
        expected.len(),
        plan.refusal.as_secs(),
        plan.preparation.as_secs(),
        plan.token.as_secs(),
        plan.sleep.as_secs()
    ))?;

    simulator.set_faults(plan.refusal(expected.len(), Duration::ZERO).into_iter().collect());
    let mut browser = Browser::start(family, &simulator).await?;
    browser.open(&simulator.portal_url(Page::Invoices)).await?;
    let dock = browser.dock().await?;
    dock.click("Download all invoices").await?;
    until("the run has begun", LIMIT, async || {
        let asked = |request: &LoggedRequest| request.from == Sender::Extension;
        Ok(simulator.requests().iter().any(asked).then_some(()))
    })
    .await?;
    browser.leave_alone().await?;
    let pressed = Instant::now();
    say("pressed; the driver has ended, nobody is attached")?;

    let (mut has_slept, mut told, mut refusals) = (false, 0, 0);
    let mut is_closed = false;
    loop {
        let asked = simulator.requests();
        let asked = asked.iter().filter(|request| asks_for_document(request));
        let (refused, accepted): (Vec<_>, Vec<_>) = asked.partition(|request| request.status == 429);
        // What was under way at a refusal has come through by the next look; nothing more comes until it is over.
        if std::mem::take(&mut is_closed) {
            let left = expected.len().saturating_sub(accepted.len());
            simulator.set_faults(
                plan.refusal(left, pressed.elapsed() + plan.refusal)
                    .into_iter()
                    .collect(),
            );
        }
        if refused.len() > refusals {
            refusals = refused.len();
            say(&format!(
                "refused, {} requests for documents accepted so far",
                accepted.len()
            ))?;
            is_closed = true;
        }
        if !has_slept && pressed.elapsed() >= plan.whole / 2 {
            say("the browser is put to sleep")?;
            browser.freeze();
            sleep(plan.sleep).await;
            browser.thaw();
            has_slept = true;
            say("the browser wakes up")?;
        }
        let names = names_below(browser.downloads_dir())?;
        let documents = names.iter().filter(|name| name.ends_with(".pdf")).count();
        if documents >= told + 10 {
            told = documents;
            say(&format!("{documents} documents"))?;
        }
        if names.iter().any(|name| is_index(name)) && !names.iter().any(|name| is_partial(name)) {
            break;
        }
        if pressed.elapsed() > plan.whole * 3 / 2 + Duration::from_secs(120) {
            say(&summary(&simulator.requests()))?;
            return Err(format!("{family:?}: no end after {} s", pressed.elapsed().as_secs()).into());
        }
        sleep(LOOK).await;
    }
    let lasted = pressed.elapsed();
    say(&format!("ended after {} s", lasted.as_secs()))?;
    say(&summary(&simulator.requests()))?;

    let saved = files_below(browser.downloads_dir())?;
    let documents: BTreeMap<String, Vec<u8>> =
        saved.into_iter().filter(|(path, _)| !is_index(path)).collect();
    let differences: Vec<&String> = documents
        .keys()
        .chain(expected.keys())
        .filter(|path| documents.get(*path) != expected.get(*path))
        .collect();
    if !differences.is_empty() {
        return Err(format!("{family:?}: these files are not as they should be: {differences:?}").into());
    }
    let violations = simulator.violations();
    if !violations.is_empty() {
        return Err(format!("{family:?}: the local Azure saw its rules broken: {violations:?}").into());
    }
    if !has_slept || lasted < plan.whole {
        return Err(format!("{family:?}: it ended too early to say anything").into());
    }
    say(&format!(
        "{} documents byte for byte as they should be, none twice, none partial, no rule broken",
        documents.len()
    ))?;
    simulator.stop().await;
    Ok(())
}

/// What the simulator was asked, in figures.
fn summary(requests: &[LoggedRequest]) -> String {
    let mut ours: Vec<&LoggedRequest> = requests
        .iter()
        .filter(|request| request.from == Sender::Extension)
        .collect();
    // The log has them in the order of the answers.
    ours.sort_by_key(|request| request.at);
    let count = |is: &dyn Fn(&LoggedRequest) -> bool| ours.iter().filter(|request| is(request)).count();
    let silence = ours.windows(2).filter_map(|pair| match pair {
        [one, next] => Some(next.at - one.at),
        _ => None,
    });
    let refused = |request: &LoggedRequest| asks_for_document(request) && request.status == 429;
    let lists = |request: &LoggedRequest| request.path == "/subscriptions" && !request.query.contains("skip");
    let began = ours
        .iter()
        .filter(|request| lists(request))
        .map(|request| request.at);
    let began: Vec<String> = began.map(|at| at.time().to_string()).collect();
    format!(
        "requests of the extension: {} in all, {} for a document, {} of them refused with 429, {} polls, {} files \
         fetched, {} answered 401; longest silence {} s; lists were begun {} time(s): {}",
        ours.len(),
        count(&asks_for_document),
        count(&refused),
        count(&|request| request.path.contains("operationResults")),
        count(&|request| request.host.contains(".blob.")),
        count(&|request| request.status == 401),
        silence.max().map_or(0, time::Duration::whole_seconds),
        began.len(),
        began.join(", ")
    )
}

fn asks_for_document(request: &LoggedRequest) -> bool {
    request.from == Sender::Extension && request.method == "POST"
}

/// Paths of all files of a folder and the folders in it.
fn names_below(folder: &std::path::Path) -> Result<BTreeSet<String>, Failure> {
    let mut names = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => drop(names.insert(entry.path().display().to_string())),
            }
        }
    }
    Ok(names)
}

fn is_index(path: &str) -> bool {
    path.ends_with(".csv")
}

fn is_partial(path: &str) -> bool {
    path.ends_with(".part") || path.ends_with(".crdownload")
}

fn say(family: Family, since: Duration, text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:>5} s  {family:?}: {text}", since.as_secs())?;
    out.flush()?;
    Ok(())
}
