//! `cargo xtask bench`: how long the core and the built extension take, against the local Azure simulator.
//! Must not know: what is measured.

use anyhow::Result;

use crate::{build, programs, workspace};

/// Measures the listing of invoices with a core that is built for speed.
///
/// # Errors
/// When it does not build, or is slower than it may be.
pub(crate) fn list() -> Result<()> {
    measure(&["list"])
}

/// Measures downloads with the freshly built extension in Chromium; of these numbers of documents, or of the usual ones.
///
/// # Errors
/// When Chromium is missing, something does not build, or a download is slower than it may be.
pub(crate) fn download(sizes: &[&str]) -> Result<()> {
    programs::require_chromium()?;
    build::extension()?;
    println!();
    measure(&[&["download"], sizes].concat())
}

/// Measures what a large archive takes in Chromium and Firefox.
///
/// # Errors
/// When a browser is missing, something does not build, the archive is not whole, or it takes more memory than it may.
pub(crate) fn memory() -> Result<()> {
    programs::require_browsers()?;
    build::extension()?;
    println!();
    measure(&["memory"])
}

/// Measures how soon a background that was ended answers again in Chromium.
///
/// # Errors
/// When Chromium is missing, something does not build, or it takes longer than it may.
pub(crate) fn start() -> Result<()> {
    programs::require_chromium()?;
    build::extension()?;
    println!();
    measure(&["start"])
}

/// Measures what is asked about a person's access in Chromium, and how soon it is told.
///
/// # Errors
/// When Chromium is missing, something does not build, or more is asked or it takes longer than it may.
pub(crate) fn hints() -> Result<()> {
    programs::require_chromium()?;
    build::extension()?;
    println!();
    measure(&["hints"])
}

/// Lets a run in Chromium and Firefox last an hour, with nobody attached.
///
/// # Errors
/// When a browser is missing, something does not build, or the run does not end as it should.
pub(crate) fn endurance(arguments: &[&str]) -> Result<()> {
    programs::require_browsers()?;
    build::extension()?;
    println!();
    let mut command = workspace::cargo();
    command.args([
        "run",
        "--locked",
        "-p",
        "browser-tests",
        "--bin",
        "endurance",
        "--",
    ]);
    workspace::run(command.args(arguments))
}

fn measure(arguments: &[&str]) -> Result<()> {
    let mut command = workspace::cargo();
    command.args(["run", "--locked", "--profile", "swift", "-p", "bench", "--"]);
    workspace::run(command.args(arguments))
}
