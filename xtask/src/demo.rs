//! `cargo xtask demo`: the freshly built extension in Chromium, against the local Azure simulator.
//! Must not know: what the demo shows.

use anyhow::Result;

use crate::{build, programs, workspace};

/// Builds the extension and runs the demo to its end.
///
/// # Errors
/// When Chromium is missing, the extension does not build or the demo does not go as it should.
pub(crate) fn run() -> Result<()> {
    programs::require_chromium()?;
    build::extension()?;
    println!();
    workspace::run(workspace::cargo().args(["run", "--locked", "-p", "browser-tests", "--bin", "demo"]))
}
