//! `bench hints`: how soon the dock tells about access, in how many steps, and how little Azure is asked for it.
//! Must not know: what is asked, what a hint says, or when one applies.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use browser_tests::{Browser, Family, Launch, until};
use serde_json::{Value, json};
use simulator::{LoggedRequest, Page, Sender, Settings, Simulator};
use time::OffsetDateTime;

use crate::conditions;
use crate::row::median;

const SCENARIO: &str = "fifty-subscriptions";
/// About twenty rows of a list fit into it.
const WINDOW: (u32, u32) = (1280, 960);
/// A subscription that somebody else administers and does not share.
const SUBSCRIPTION: usize = 35;
/// Runs of which the median time counts; every other limit holds in each of them.
const RUNS: usize = 3;

/// Requests that wait for one another until the first hint, and what a step may take besides its round trip.
const MOST_STEPS: usize = 3;
const BESIDE: Duration = Duration::from_millis(600);
/// Requests besides those for the rows in sight, for each row, and at once.
const FIXED: usize = 4;
const EACH: usize = 2;
const MOST_AT_ONCE: usize = 6;

/// Longest wait for a hint.
const LIMIT: Duration = Duration::from_secs(60);
/// So long without a request means that all is asked: several times what lies between an answer and what follows it.
const QUIET: Duration = Duration::from_secs(2);

/// Runs in every document from its beginning on, and looks at it whenever it changes or moves: when the dock shows its
/// first hint, which is known by the article that it names, and which rows of lists a person could have seen.
const WATCH: &str = r#"(() => {
    const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
    const rows = new Set();
    const watched = window.watched = { hint: null, rows: () => [...rows] };
    const clips = (element) => getComputedStyle(element).overflowY !== "visible";
    const isInSight = (cell) => {
        let { top, bottom } = cell.getBoundingClientRect();
        if (bottom === top) return false;
        [top, bottom] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
        for (let outer = cell.parentElement; outer !== document.body; outer = outer.parentElement) {
            if (!clips(outer)) continue;
            const box = outer.getBoundingClientRect();
            [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
        }
        return bottom > top;
    };
    const changes = new MutationObserver(() => look());
    const followed = { subtree: true, childList: true, characterData: true };
    let root = null;
    const look = () => {
        const shadow = document.querySelector("portal-invoices-dock")?.shadowRoot;
        if (shadow && shadow !== root) changes.observe(root = shadow, followed);
        if (shadow?.querySelector(".notice a[href^='https://learn.microsoft.com/']")) {
            watched.hint ??= performance.timeOrigin + performance.now();
        }
        for (const row of document.querySelectorAll("[role=row]")) {
            const cell = row.querySelector("[role=gridcell]");
            if (!cell || !isInSight(cell)) continue;
            rows.add((id.exec(row.textContent)?.[0] ?? cell.textContent.trim()).toLowerCase());
        }
    };
    changes.observe(document, followed);
    addEventListener("scroll", look, { capture: true, passive: true });
    addEventListener("resize", look);
})();"#;

const WATCHED: &str = "return [window.watched?.hint ?? null, window.watched?.rows() ?? []];";

/// Jumps to the end of the list, past rows that are never in sight.
const SCROLL: &str = "const part = [...document.querySelectorAll('.fxs-blade-content-wrapper')].at(-1);
    part.scrollTo({ top: part.scrollHeight, behavior: 'instant' });";

/// A page of the portal that is measured.
struct View {
    name: &'static str,
    page: Page,
    /// Whether it is a list that is longer than the window.
    is_long: bool,
    /// Whether its rows, or its address, name subscriptions.
    names_subscriptions: bool,
}

const VIEWS: [View; 3] = [
    View {
        name: "Subscriptions",
        page: Page::Subscriptions,
        is_long: true,
        names_subscriptions: true,
    },
    View {
        name: "Invoices",
        page: Page::Invoices,
        is_long: true,
        names_subscriptions: false,
    },
    View {
        name: "one subscription",
        page: Page::SubscriptionInvoices(SUBSCRIPTION),
        is_long: false,
        names_subscriptions: true,
    },
];

/// Measures the pages in Chromium and prints a table.
///
/// # Errors
/// When no hint is shown, it takes more steps or longer than it may, or more is asked than may be.
pub(crate) async fn run() -> Result<()> {
    let settings = Settings {
        scenario: SCENARIO.to_owned(),
        ..Settings::default()
    };
    let most = most_time(&settings);
    println!(
        "Hints of the built extension in headless Chromium, scenario {SCENARIO}; {RUNS} runs of each page, each with a new \
         browser\nand a new simulator. Times are from the portal's first request to Resource Manager to the dock's first \
         hint; steps\nare requests of the extension to it that may have waited for one another until then.\n\n{}",
        conditions::lines(&settings)
    );
    println!("{}", Row::HEAD);
    let mut broken = BTreeSet::new();
    for view in &VIEWS {
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(measure(view, &settings).await?);
        }
        let row = Row { view, runs };
        println!("{row}");
        broken.extend(row.broken(most));
    }
    if !broken.is_empty() {
        bail!("{}", broken.into_iter().collect::<Vec<_>>().join("; "));
    }
    Ok(())
}

/// The longest that the first hint may take.
fn most_time(settings: &Settings) -> Duration {
    settings.round_trip * u32::try_from(MOST_STEPS).unwrap_or(u32::MAX) + BESIDE
}

/// What the page shows and the extension has asked for it up to some moment.
#[derive(Clone, Debug, Default)]
struct Asked {
    rows: usize,
    requests: usize,
    at_once: usize,
    /// Subscriptions that were asked about although the page never showed them.
    unseen: BTreeSet<String>,
}

/// One run over one page.
#[derive(Clone, Debug, Default)]
struct Run {
    first_hint: Duration,
    steps: usize,
    cold: Asked,
    scrolled: Option<Asked>,
    reloaded: usize,
    revived: usize,
}

async fn measure(view: &View, settings: &Settings) -> Result<Run> {
    let simulator = Simulator::start(settings.clone()).await?;
    let launch = Launch {
        window: WINDOW,
        ..Launch::new(Family::Chromium)
    };
    let browser = Browser::launch(launch, &simulator).await?;
    let watch = json!({ "source": WATCH });
    browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", watch)
        .await?;
    let address = simulator.portal_url(view.page);

    // As on any day but the first: the page is not to wait for the extension's installation.
    until("the extension is installed", LIMIT, async || {
        Ok(browser.background_is_running().await?.then_some(()))
    })
    .await?;
    browser.open(&address).await?;
    let shown = all_is_asked(&browser, &simulator).await?;
    let requests = simulator.requests();
    let of_page = to_resource_manager(&requests).filter(|request| request.from == Sender::Page);
    let begun = of_page.map(|request| request.at).min();
    let begun = begun.context("the portal asked nothing")?;
    let mut run = Run {
        first_hint: (shown - begun).try_into().unwrap_or_default(),
        steps: steps_until(shown, &asked_by_extension(&requests)),
        cold: look(&browser, &simulator, view, &address).await?,
        ..Run::default()
    };
    if view.is_long {
        browser.driver().execute(SCROLL, Vec::<Value>::new()).await?;
        all_is_asked(&browser, &simulator).await?;
        run.scrolled = Some(look(&browser, &simulator, view, &address).await?);
    }
    no_rule_is_broken(&simulator)?;

    simulator.forget();
    browser.reload().await?;
    all_is_asked(&browser, &simulator).await?;
    run.reloaded = simulator.resource_manager_traffic().requests;
    no_rule_is_broken(&simulator)?;

    simulator.forget();
    end_background(&browser).await?;
    browser.reload().await?;
    all_is_asked(&browser, &simulator).await?;
    run.revived = simulator.resource_manager_traffic().requests;
    no_rule_is_broken(&simulator)?;

    browser.close().await?;
    simulator.stop().await;
    Ok(run)
}

async fn end_background(browser: &Browser) -> Result<()> {
    browser.kill_background().await?;
    until("the background is ended", LIMIT, async || {
        Ok((!browser.background_is_running().await?).then_some(()))
    })
    .await?;
    Ok(())
}

/// Waits until a hint is shown and nothing is asked any more; tells when the hint was shown.
async fn all_is_asked(browser: &Browser, simulator: &Simulator) -> Result<OffsetDateTime> {
    let shown = until("the dock shows a hint", LIMIT, async || {
        let (hint, _): (Option<f64>, Vec<String>) = watched(browser).await?;
        Ok(hint)
    })
    .await?;
    let (start, mut since) = (Instant::now(), Instant::now());
    let mut before = simulator.resource_manager_traffic().requests;
    while since.elapsed() < QUIET {
        tokio::time::sleep(QUIET / 20).await;
        let now = simulator.resource_manager_traffic().requests;
        if now != before {
            (before, since) = (now, Instant::now());
        }
        if start.elapsed() > LIMIT {
            bail!("the extension does not cease to ask");
        }
    }
    let nanoseconds = (shown * 1e6) as i128;
    Ok(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)?)
}

async fn watched(browser: &Browser) -> Result<(Option<f64>, Vec<String>), browser_tests::Error> {
    let answer = browser.driver().execute(WATCHED, Vec::<Value>::new()).await?;
    Ok(answer.convert()?)
}

async fn look(browser: &Browser, simulator: &Simulator, view: &View, address: &str) -> Result<Asked> {
    let (_, rows) = watched(browser).await?;
    let traffic = simulator.resource_manager_traffic();
    let asked = subscriptions_in(&asked_by_extension(&simulator.requests()));
    let is_shown = |id: &String| rows.contains(id) || address.to_ascii_lowercase().contains(&**id);
    Ok(Asked {
        rows: rows.len(),
        requests: traffic.requests,
        at_once: traffic.most_at_once,
        unseen: asked
            .into_iter()
            .filter(|id| view.names_subscriptions && !is_shown(id))
            .collect(),
    })
}

fn no_rule_is_broken(simulator: &Simulator) -> Result<()> {
    match simulator.violations().first() {
        Some(violation) => bail!("a rule of the service is broken: {violation:?}"),
        None => Ok(()),
    }
}

fn to_resource_manager(requests: &[LoggedRequest]) -> impl Iterator<Item = &LoggedRequest> {
    requests
        .iter()
        .filter(|request| request.host == "management.azure.com")
}

fn asked_by_extension(requests: &[LoggedRequest]) -> Vec<LoggedRequest> {
    let ours = to_resource_manager(requests).filter(|request| request.from == Sender::Extension);
    ours.cloned().collect()
}

/// The longest chain of requests answered by then of which each arrived no sooner than the one before was answered.
/// Whatever was sent because of an answer stands behind it in such a chain, so the true number of steps is this one or
/// less.
fn steps_until(shown: OffsetDateTime, requests: &[LoggedRequest]) -> usize {
    let mut requests: Vec<&LoggedRequest> = requests
        .iter()
        .filter(|request| request.answered <= shown)
        .collect();
    requests.sort_by_key(|request| request.at);
    let mut steps: Vec<(OffsetDateTime, usize)> = Vec::new();
    for request in requests {
        let before = steps.iter().filter(|(answered, _)| *answered <= request.at);
        let before = before.map(|(_, step)| *step).max().unwrap_or_default();
        steps.push((request.answered, before + 1));
    }
    steps.iter().map(|(_, step)| *step).max().unwrap_or_default()
}

/// Ids of subscriptions in paths, lower case.
fn subscriptions_in(requests: &[LoggedRequest]) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for request in requests {
        let mut segments = request.path.split('/');
        while let Some(segment) = segments.next() {
            if matches!(
                &*segment.to_ascii_lowercase(),
                "subscriptions" | "billingsubscriptions"
            ) {
                ids.extend(segments.next().map(str::to_ascii_lowercase));
            }
        }
    }
    ids
}

/// One line of the table: the median time, and of everything else the worst run.
struct Row<'a> {
    view: &'a View,
    runs: Vec<Run>,
}

impl Row<'_> {
    const HEAD: &'static str = "page              when               first hint   steps   rows   requests  of at most   at once   runs, ms";

    fn times(&self) -> Vec<Duration> {
        self.runs.iter().map(|run| run.first_hint).collect()
    }

    fn most(&self, of: impl Fn(&Run) -> usize) -> usize {
        self.runs.iter().map(of).max().unwrap_or_default()
    }

    /// The run that came nearest to its limit, or went beyond.
    fn worst(&self, of: impl Fn(&Run) -> Option<&Asked>) -> Option<&Asked> {
        let asked = self.runs.iter().filter_map(of);
        asked.max_by_key(|asked| (asked.requests + LARGE).saturating_sub(asked.most_requests()))
    }

    /// Which limits are broken.
    fn broken(&self, most_time: Duration) -> Vec<String> {
        let name = self.view.name;
        let mut broken = Vec::new();
        let mut check = |is_broken: bool, what: String| {
            if is_broken {
                broken.push(format!("{name}: {what}"));
            }
        };
        check(
            median(&self.times()) > most_time,
            format!("the first hint takes more than {} ms", most_time.as_millis()),
        );
        for run in &self.runs {
            check(
                run.steps > MOST_STEPS,
                format!(
                    "{} steps until the first hint, and at most {MOST_STEPS} may be",
                    run.steps
                ),
            );
            for asked in Some(&run.cold).into_iter().chain(&run.scrolled) {
                let most = asked.most_requests();
                check(
                    asked.requests > most,
                    format!("{} requests, and at most {most} may be", asked.requests),
                );
                check(
                    asked.at_once > MOST_AT_ONCE,
                    format!(
                        "{} requests at once, and at most {MOST_AT_ONCE} may be",
                        asked.at_once
                    ),
                );
                check(
                    !asked.unseen.is_empty(),
                    format!("asked about what was never in sight: {:?}", asked.unseen),
                );
            }
            let warm = run.reloaded + run.revived;
            check(warm > 0, format!("{warm} requests for what is known"));
        }
        broken
    }
}

/// More requests than there ever are: keeps differences above zero.
const LARGE: usize = 1_000_000;

impl Asked {
    fn most_requests(&self) -> usize {
        FIXED + EACH * self.rows
    }
}

impl Display for Row<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let times = self.times();
        let each: Vec<String> = times.iter().map(|time| time.as_millis().to_string()).collect();
        let counts = |asked: &Asked| {
            let (rows, requests, most) = (asked.rows, asked.requests, asked.most_requests());
            format!("{rows:>7}{requests:>11}{most:>12}{:>10}", asked.at_once)
        };
        let moment = |page, when| format!("{page:<18}{when:<17}");
        let opened = self.worst(|run| Some(&run.cold)).map(counts);
        write!(
            formatter,
            "{}{:>9} ms{:>8}{}   {}",
            moment(self.view.name, "opened"),
            median(&times).as_millis(),
            self.most(|run| run.steps),
            opened.unwrap_or_default(),
            each.join(" ")
        )?;
        if let Some(scrolled) = self.worst(|run| run.scrolled.as_ref()) {
            let counts = counts(scrolled);
            write!(formatter, "\n{}{:>20}{counts}", moment("", "and scrolled"), "")?;
        }
        let known = [
            ("loaded again", self.most(|run| run.reloaded)),
            ("background ended", self.most(|run| run.revived)),
        ];
        for (when, requests) in known {
            write!(formatter, "\n{}{:>38}{:>12}", moment("", when), requests, 0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use time::Duration as Span;

    use super::*;

    /// A request that arrived and was answered so many milliseconds after the beginning.
    fn request(path: &str, at: i64, answered: i64) -> LoggedRequest {
        let after = |milliseconds| OffsetDateTime::UNIX_EPOCH + Span::milliseconds(milliseconds);
        LoggedRequest {
            host: "management.azure.com".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            from: Sender::Extension,
            authorization: true,
            status: 200,
            at: after(at),
            answered: after(answered),
        }
    }

    fn steps(until: i64, times: &[(i64, i64)]) -> usize {
        let requests: Vec<LoggedRequest> = times
            .iter()
            .map(|(at, answered)| request("/", *at, *answered))
            .collect();
        steps_until(OffsetDateTime::UNIX_EPOCH + Span::milliseconds(until), &requests)
    }

    #[test]
    fn what_was_sent_after_an_answer_is_another_step() {
        assert_eq!(steps(1000, &[]), 0);
        assert_eq!(steps(1000, &[(0, 300), (1, 301), (299, 600)]), 1);
        assert_eq!(steps(1000, &[(300, 600), (0, 300), (1, 301)]), 2);
        assert_eq!(steps(1000, &[(0, 300), (10, 310), (305, 605), (612, 912)]), 3);
    }

    #[test]
    fn what_was_not_answered_by_then_is_no_step() {
        assert_eq!(steps(700, &[(0, 300), (300, 600), (600, 900)]), 2);
    }

    #[test]
    fn subscriptions_are_told_by_their_place_in_a_path() {
        let paths = [
            "/subscriptions",
            "/subscriptions/AA/providers/Microsoft.Billing/billingProperty/default",
            "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/bb/invoices",
        ];
        let requests = paths.map(|path| request(path, 0, 300));
        let found: Vec<String> = subscriptions_in(&requests).into_iter().collect();
        assert_eq!(found, ["aa", "bb"]);
    }

    fn run() -> Run {
        let asked = |rows, requests| Asked {
            rows,
            requests,
            at_once: 6,
            unseen: BTreeSet::new(),
        };
        Run {
            first_hint: Duration::from_millis(900),
            steps: 3,
            cold: asked(20, 44),
            scrolled: Some(asked(40, 84)),
            reloaded: 0,
            revived: 0,
        }
    }

    fn broken(change: impl Fn(&mut Run)) -> usize {
        let [view, ..] = &VIEWS;
        let mut changed = run();
        change(&mut changed);
        let row = Row {
            view,
            runs: vec![run(), changed],
        };
        row.broken(Duration::from_millis(1500)).len()
    }

    #[test]
    fn every_limit_counts_in_each_run() {
        assert_eq!(broken(|_| {}), 0);
        assert_eq!(broken(|run| run.steps = 4), 1);
        assert_eq!(broken(|run| run.cold.requests = 45), 1);
        assert_eq!(broken(|run| run.cold.at_once = 7), 1);
        assert_eq!(
            broken(|run| {
                run.cold.unseen.insert("aa".to_owned());
            }),
            1
        );
        assert_eq!(broken(|run| run.scrolled.as_mut().unwrap().requests = 85), 1);
        assert_eq!(broken(|run| run.reloaded = 1), 1);
        assert_eq!(broken(|run| run.revived = 1), 1);
        assert_eq!(broken(|run| run.first_hint = Duration::from_secs(2)), 1);
    }
}
