//! `cargo xtask`: the project's own commands, one module each.
//! Must not know: anything of what the extension does.

#![allow(
    clippy::print_stdout,
    reason = "a command-line program speaks on standard output"
)]

mod bench;
mod build;
mod demo;
mod manifest;
mod package;
mod programs;
mod size;
mod test;
mod wasm;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
Portal Invoices: the project's commands

  cargo xtask demo               build the extension and try it in Chromium against the local Azure simulator
  cargo xtask build              build the extension into pkg/chromium and pkg/firefox
  cargo xtask test               every check, then the end-to-end cases in Chromium and Firefox
  cargo xtask test --no-browser  every check that needs no browser
  cargo xtask bench list         how long it takes to list invoices, beside the least that anyone could take
  cargo xtask bench download     how long it takes to download them in Chromium, beside the same and Microsoft's SDK
  cargo xtask bench memory       how much memory a large ZIP file takes in Chromium and Firefox
  cargo xtask bench start        how soon a background that was ended answers again in Chromium
  cargo xtask bench hints        what is asked about a person's access in Chromium, and how soon it is told
  cargo xtask bench endurance    a run of an hour in both, with nobody attached and a browser that sleeps
  cargo xtask size               sizes and budgets of what lies in pkg/
  cargo xtask help               this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["demo"] => demo::run(),
        ["build"] => build::run(),
        ["test"] => test::run(test::Browsers::Include),
        ["test", "--no-browser"] => test::run(test::Browsers::LeaveOut),
        ["bench", "list"] => bench::list(),
        ["bench", "download", sizes @ ..] => bench::download(sizes),
        ["bench", "memory"] => bench::memory(),
        ["bench", "start"] => bench::start(),
        ["bench", "hints"] => bench::hints(),
        ["bench", "endurance", arguments @ ..] => bench::endurance(arguments),
        ["size"] => size::run(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
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
