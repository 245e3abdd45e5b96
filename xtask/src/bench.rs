//! `cargo xtask bench`: how long the core takes, against the local Azure simulator.
//! Must not know: what is measured.

use anyhow::Result;

use crate::workspace;

/// Measures the listing of invoices with a core that is built for speed.
///
/// # Errors
/// When it does not build, or is slower than it may be.
pub(crate) fn list() -> Result<()> {
    workspace::run(workspace::cargo().args([
        "run",
        "--locked",
        "--profile",
        "swift",
        "-p",
        "bench",
        "--",
        "list",
    ]))
}
