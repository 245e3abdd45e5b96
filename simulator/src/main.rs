//! The simulator as a program: starts it, says how to reach it, stops on Ctrl-C.
//! It must not know more than the library offers.

use std::io::Write as _;
use std::process::ExitCode;

use simulator::{Page, Scenario, Settings, Simulator};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let Some(settings) = settings()? else {
        return write(&help());
    };
    let simulator = Simulator::start(settings).await?;
    let arguments: Vec<String> = simulator
        .chromium_arguments()
        .iter()
        .map(|argument| format!("  '{argument}' \\\n"))
        .collect();
    write(&format!(
        "The local Azure is running; Ctrl-C stops it.\n\n\
         chromium --user-data-dir=\"$(mktemp -d)\" \\\n{}  '{}'\n\n\
         Control (plain HTTP):  http://127.0.0.1:{}/   (GET it for the list of calls)\n\
         CONNECT proxy:         127.0.0.1:{}           (for Firefox, with certificate errors accepted)\n\
         TLS port:              {}\n\n\
         Pages:\n  {}\n  {}\n  {}\n  {}\n",
        arguments.concat(),
        simulator.portal_url(Page::Invoices),
        simulator.control_port(),
        simulator.proxy_port(),
        simulator.tls_port(),
        simulator.portal_url(Page::Home),
        simulator.portal_url(Page::Subscriptions),
        simulator.portal_url(Page::Invoices),
        simulator.portal_url(Page::SubscriptionInvoices(0)),
    ))?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}

/// Settings from the command line; `None` when help was asked for.
fn settings() -> Result<Option<Settings>, Failure> {
    use lexopt::prelude::*;
    let mut settings = Settings::default();
    let mut scenario = None;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("fast") => settings = Settings::fast(),
            Long("http1") => settings.http2 = false,
            Long("blob-http1") => settings.blob_http2 = false,
            Long("seed") => settings.seed = parser.value()?.parse()?,
            Long("blob-connections") => settings.blob_connections = Some(parser.value()?.parse()?),
            Long("connections") => settings.connections = Some(parser.value()?.parse()?),
            Value(name) if scenario.is_none() => scenario = Some(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if let Some(scenario) = scenario {
        settings.scenario = scenario;
    }
    Ok(Some(settings))
}

fn help() -> String {
    let scenarios: Vec<String> = Scenario::NAMES
        .iter()
        .filter_map(|name| Scenario::named(name).ok())
        .map(|scenario| format!("  {:<22}{}\n", scenario.name, scenario.summary))
        .collect();
    format!(
        "A local Azure: portal pages, Resource Manager and blob storage on the loopback interface.\n\n\
         simulator [OPTIONS] [SCENARIO]\n\n\
         Scenarios (the first one is the default):\n{}\n\
         Options:\n  \
         --fast             no distance, one second between polls (default: like the real service)\n  \
         --http1            do not offer HTTP/2\n  \
         --blob-http1       do not offer it on blob storage, as the real one\n  \
         --connections N    serve at most N connections at the same time\n  \
         --blob-connections N  the same for each host of blob storage\n  \
         --seed N           other names, ids and amounts\n  \
         --help             this text\n\n\
         It prints the command line for Chromium, and the port of the control interface:\n{}",
        scenarios.concat(),
        simulator::control_calls()
    )
}

fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
