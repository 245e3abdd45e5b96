//! `bench`: how long the core and the built extension take against the simulator, beside the least that anyone could take.
//! Must not know: how the core does its work.
//!
//! ```text
//! list          discovery with the core on this machine: first invoice, full catalog
//! download      the built extension in Chromium, from the press until all is saved
//! memory        the built extension in both browsers: what a large archive takes
//! start         the built extension in both browsers: how soon an ended background answers
//! hints         the built extension in Chromium: what is asked about access, in how many steps, how soon it is told
//!   catalog     what there is
//!   conditions  what the service's settings let anyone do
//!   survey      which requests it takes, asked independently of the core
//!   floor       the least time that those requests need
//!   row         a line of the table, and whether its time is good enough
//!   sdk         Microsoft's SDK for Python at the same task
//!   network     the core's transport: one HTTP/2 connection a host, and what was sent
//!   trust       which certificates are believed
//!   clock       the core's clock
//! ```

#![allow(
    clippy::print_stdout,
    reason = "a command-line program speaks on standard output"
)]

mod catalog;
mod clock;
mod conditions;
mod download;
mod floor;
mod hints;
mod list;
mod memory;
mod network;
mod row;
mod sdk;
mod start;
mod survey;
mod trust;

use std::process::ExitCode;

/// The core's futures stay on this thread; the simulator's connections have the others.
#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["list"] => list::run().await,
        ["download", sizes @ ..] => match sizes
            .iter()
            .map(|size| size.parse())
            .collect::<Result<Vec<_>, _>>()
        {
            Ok(sizes) => download::run(&sizes).await,
            Err(_) => return usage(),
        },
        ["memory"] => memory::run().await,
        ["start"] => start::run().await,
        ["hints"] => hints::run().await,
        _ => return usage(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: bench list | download [DOCUMENTS ...] | memory | start | hints");
    ExitCode::from(2)
}
