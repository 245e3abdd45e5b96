//! `cargo xtask build`: the unpacked extension of both browsers, and whether it keeps its budgets.
//! Must not know: how the parts are made; `wasm` and `package` do.

use anyhow::Result;

use crate::package::{Browser, Package};
use crate::{size, wasm};

/// Builds the extension and shows its sizes.
///
/// # Errors
/// When a part does not build, or when a budget is exceeded; only in the second case `pkg/` holds the new build.
pub(crate) fn run() -> Result<()> {
    extension()?;
    size::run()
}

/// Builds both extensions into `pkg/`.
///
/// # Errors
/// When a part does not build; what lay in `pkg/` before then still lies there.
pub(crate) fn extension() -> Result<()> {
    let core = wasm::build()?;
    let mut packages = Vec::new();
    for browser in Browser::ALL {
        packages.push(Package::assemble(browser, &core)?);
    }
    for package in &packages {
        println!("wrote {}", package.write()?.display());
    }
    Ok(())
}
