//! `bench list`: time to the first invoice and to the full catalog, each beside the floor of the same requests.
//! Must not know: how the requests are sent, how the floor is found, or what is good enough.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use portal_invoices::azure::{Arm, Cloud, READS_UNDER_WAY, Tokens};
use portal_invoices::invoices::{DocumentId, Finding, ListedInvoice, ScopeOutcome, discover};
use simulator::{Settings, Simulator};
use time::OffsetDateTime;

use crate::catalog::{self, SIZES, TODAY};
use crate::clock::MachineClock;
use crate::conditions;
use crate::floor::{Conditions, Request, floor};
use crate::network::{Network, Traffic};
use crate::row::{GOOD_ENOUGH, Row};
use crate::survey::survey;

/// Runs of which the median counts.
const RUNS: usize = 3;

/// Measures every size and prints a table.
///
/// # Errors
/// When a catalog is not told whole, and when a time is too far above its floor.
pub(crate) async fn run() -> Result<()> {
    let settings = Settings {
        today: Some(TODAY),
        ..Settings::default()
    };
    let conditions = Conditions::of(&settings);
    print_settings(&settings);
    println!("{}", Row::HEAD);
    let mut slow = Vec::new();
    for documents in SIZES {
        let needed = survey(&settings, &catalog::of(documents)?, TODAY, None).await?;
        let floor = floor(&needed, conditions);
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            runs.push(measure(&settings, documents).await?);
        }
        let row = |until, floor, time: fn(&Run) -> Duration| Row {
            documents,
            until,
            floor,
            runs: runs.iter().map(time).collect(),
            sent: runs.iter().map(|run| run.traffic.sent).max().unwrap_or(0),
            needed: needed.iter().map(Request::count).sum(),
            under_way: runs
                .iter()
                .map(|run| run.traffic.most_under_way)
                .max()
                .unwrap_or(0),
        };
        let first_invoice = floor.first_invoice.context("no invoice can be told")?;
        for row in [
            row("first invoice", first_invoice, |run| run.first_invoice),
            row("full catalog", floor.all, |run| run.catalog),
        ] {
            println!("{row}");
            if !row.is_good_enough() {
                slow.push(format!("the {} of {documents} documents", row.until));
            }
        }
    }
    if !slow.is_empty() {
        bail!("more than {GOOD_ENOUGH} times the floor: {}", slow.join(", "));
    }
    Ok(())
}

fn print_settings(settings: &Settings) {
    let period = catalog::period(TODAY);
    println!(
        "Listing invoices against the simulator; the median of {RUNS} runs, each with a connection of its own.\n\n{}  \
           reads under way     {READS_UNDER_WAY} at most\n  \
           period              {} to {}\n",
        conditions::lines(settings),
        period.from,
        period.to
    );
}

/// One discovery.
struct Run {
    first_invoice: Duration,
    catalog: Duration,
    traffic: Traffic,
}

async fn measure(settings: &Settings, documents: usize) -> Result<Run> {
    let simulator = Simulator::start(settings.clone()).await?;
    simulator.load(catalog::of(documents)?);
    let tokens = Tokens::default();
    let token = simulator.access_token();
    let account = tokens.offer(1, &token, Cloud::Public, OffsetDateTime::now_utc())?;
    let network = Rc::new(Network::to(&simulator)?);
    let clock = Rc::new(MachineClock::new(settings.seed));
    let arm = Arm::new(account.identity, tokens, network.clone(), clock);

    let told = Told::default();
    let period = catalog::period(TODAY);
    let start = Instant::now();
    let outcome = discover(&arm, period, |finding| told.take(finding)).await;
    let catalog = start.elapsed();

    outcome?;
    let expected = simulator.expected_documents(period.from, period.to).len();
    let violations = simulator.violations();
    simulator.stop().await;
    if let Some(failed) = told.failed.into_inner() {
        bail!("of {documents} documents: {failed}");
    }
    let found = told.documents.into_inner().len();
    if found != expected || expected != documents {
        bail!("{found} documents of {expected} are told, and {documents} are meant to exist");
    }
    if let Some(violation) = violations.first() {
        bail!("a rule of the service is broken: {violation:?}");
    }
    let first_invoice = told.first_invoice.get().context("no invoice is told")?;
    Ok(Run {
        first_invoice: first_invoice.duration_since(start),
        catalog,
        traffic: network.traffic(),
    })
}

/// What a discovery has told so far.
#[derive(Default)]
struct Told {
    first_invoice: Cell<Option<Instant>>,
    documents: RefCell<BTreeSet<DocumentId>>,
    failed: RefCell<Option<anyhow::Error>>,
}

impl Told {
    fn take(&self, finding: Finding) {
        match finding {
            Finding::Invoices(invoices) => {
                self.first_invoice
                    .set(self.first_invoice.get().or_else(|| Some(Instant::now())));
                let documents = invoices.iter().flat_map(ListedInvoice::documents);
                self.documents
                    .borrow_mut()
                    .extend(documents.map(|document| document.id));
            }
            Finding::ScopeEnded(scope, ScopeOutcome::Failed(error)) => {
                let name = scope.name;
                self.failed
                    .replace(Some(anyhow!(error).context(format!("{name} is not told whole"))));
            }
            _ => {}
        }
    }
}
