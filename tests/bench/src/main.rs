//! `bench`: how long the core takes against the simulator, beside the least that anyone could take.
//! Must not know: how the core does its work.
//!
//! ```text
//! list       discovery: first invoice, full catalog
//!   catalog  what is listed
//!   survey   which requests it takes, asked independently of the core
//!   floor    the least time that those requests need
//!   row      a line of the table, and whether its time is good enough
//!   network  the core's transport: one HTTP/2 connection a host, and what was sent
//!   trust    which certificates are believed
//!   clock    the core's clock
//! ```

#![allow(
    clippy::print_stdout,
    reason = "a command-line program speaks on standard output"
)]

mod catalog;
mod clock;
mod floor;
mod list;
mod network;
mod row;
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
        _ => {
            eprintln!("usage: bench list");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
