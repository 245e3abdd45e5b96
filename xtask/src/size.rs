//! `cargo xtask size`: the size of each shipped file, and whether the whole keeps its budgets.
//! Must not know: how the files are made.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::package::{Browser, Package};
use crate::wasm;

/// JavaScript that is generated, not written by hand.
const GENERATED: &str = "core.js";

/// What the features of today need. What counts in the end is how soon a background that was ended answers again.
const LONGEST_MODULE: usize = 641_000;
/// The same module where there is no `wasm-opt` to make it smaller.
const LONGEST_MODULE_AS_COMPILED: usize = 690_000;
const LONGEST_BINDINGS: usize = 55_000;
const LONGEST_RENDERER: usize = 500;
const LONGEST_JAVASCRIPT: usize = 930;

/// Shows what lies in `pkg/`.
///
/// # Errors
/// When nothing is built yet or a budget is exceeded.
pub(crate) fn run() -> Result<()> {
    let mut packages = Vec::new();
    for browser in Browser::ALL {
        packages.extend(Package::built(browser)?);
    }
    if packages.is_empty() {
        bail!("nothing is built yet: `cargo xtask build` does it");
    }
    report(&packages)
}

/// Prints the table of files and of budgets.
///
/// # Errors
/// When a budget is exceeded; the error says which and by how much.
fn report(packages: &[Package]) -> Result<()> {
    print_files(packages);
    let mut excesses: Vec<String> = Vec::new();
    for package in packages {
        excesses.extend(budgets(package).iter().filter_map(Budget::excess));
    }
    excesses.sort();
    excesses.dedup();
    if !excesses.is_empty() {
        bail!("over budget: {}", excesses.join("; "));
    }
    Ok(())
}

/// Something that may not grow past a limit.
struct Budget {
    of: &'static str,
    unit: &'static str,
    used: usize,
    limit: usize,
}

impl Budget {
    fn excess(&self) -> Option<String> {
        let over = self.used.checked_sub(self.limit).filter(|over| *over > 0)?;
        Some(format!(
            "{} has {} {}, {over} more than its limit of {}",
            self.of, self.used, self.unit, self.limit
        ))
    }
}

fn budgets(package: &Package) -> [Budget; 4] {
    let bytes = |path: &str| package.files.get(path).map_or(0, Vec::len);
    let hand_written = package
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".js") && *path != GENERATED);
    [
        Budget {
            of: "core_bg.wasm",
            unit: "bytes",
            used: bytes("core_bg.wasm"),
            limit: if wasm::is_optimised() {
                LONGEST_MODULE
            } else {
                LONGEST_MODULE_AS_COMPILED
            },
        },
        Budget {
            of: GENERATED,
            unit: "bytes",
            used: bytes(GENERATED),
            limit: LONGEST_BINDINGS,
        },
        Budget {
            of: "renderer.js",
            unit: "lines",
            used: package.files.get("renderer.js").map_or(0, |script| lines(script)),
            limit: LONGEST_RENDERER,
        },
        Budget {
            of: "all JavaScript written by hand",
            unit: "lines",
            used: hand_written.map(|(_, script)| lines(script)).sum(),
            limit: LONGEST_JAVASCRIPT,
        },
    ]
}

fn lines(script: &[u8]) -> usize {
    String::from_utf8_lossy(script).lines().count()
}

/// One line for each file; a file that the browsers do not share says whose it is.
fn print_files(packages: &[Package]) {
    let mut owners: BTreeMap<(&str, &[u8]), Vec<&str>> = BTreeMap::new();
    for package in packages {
        for (path, contents) in &package.files {
            owners
                .entry((path, contents))
                .or_default()
                .push(package.browser.name());
        }
    }
    println!("{:<34}{:>9}{:>9}", "file", "bytes", "gzip");
    for ((path, contents), browsers) in owners {
        let only = if browsers.len() == packages.len() {
            String::new()
        } else {
            format!("  {}", browsers.join(" "))
        };
        println!(
            "{path:<34}{:>9}{:>9}{only}",
            contents.len(),
            gzip_length(contents)
        );
    }
    for package in packages {
        let raw: usize = package.files.values().map(Vec::len).sum();
        let gzip: usize = package.files.values().map(|contents| gzip_length(contents)).sum();
        println!("{:<34}{raw:>9}{gzip:>9}", format!("= {}", package.browser.name()));
    }
}

/// Bytes of the gzip file: header and trailer are 18 bytes around the deflated data.
fn gzip_length(contents: &[u8]) -> usize {
    miniz_oxide::deflate::compress_to_vec(contents, 9).len() + 18
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excess_is_told_in_plain_words() {
        let files = BTreeMap::from([
            ("core_bg.wasm".to_owned(), vec![0; 340_000]),
            ("core.js".to_owned(), vec![b'\n'; 39_000]),
            ("renderer.js".to_owned(), vec![b'\n'; 507]),
            ("dock.js".to_owned(), vec![b'\n'; 100]),
        ]);
        let package = Package {
            browser: Browser::Chromium,
            files,
        };
        let error = report(&[package]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "over budget: renderer.js has 507 lines, 7 more than its limit of 500"
        );
    }
}
