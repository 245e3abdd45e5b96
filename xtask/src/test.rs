//! `cargo xtask test`: every check of the project, the quick ones first, and one table of outcomes.
//! Must not know: what a check looks at; each is a cargo command or another module's function.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{build, programs, size, wasm, workspace};

/// Scripts of mishaps that the core is driven through, built as fast code: the quick tests before try a few hundred.
const FAULT_CASES: &str = "50000";

/// Whether the end-to-end cases run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browsers {
    Include,
    LeaveOut,
}

/// Runs the checks. A failed one does not keep the others from running, so that one run tells everything; only
/// what looks at the built extension needs the build.
///
/// # Errors
/// When any check failed.
pub(crate) fn run(browsers: Browsers) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("format", || {
        workspace::run(workspace::cargo().args(["fmt", "--all", "--check"]))
    });
    steps.run("clippy", || clippy(&["--workspace", "--all-targets"]));
    steps.run("clippy for WebAssembly", || {
        programs::require_wasm_target()?;
        clippy(&["-p", wasm::PACKAGE, "--lib", "--target", wasm::TARGET])
    });
    steps.run("clippy for the fuzz targets", fuzz_targets);
    steps.run("unit, property and snapshot tests", || {
        workspace::run(tests().args(["--workspace", "--exclude", "browser-tests"]))
    });
    steps.run("fifty thousand runs through random mishaps", || {
        let only = [
            "-p",
            "portal-invoices",
            "--test",
            "core",
            "--profile",
            "swift",
            "faults::",
        ];
        workspace::run(tests().env("FAULT_CASES", FAULT_CASES).args(only))
    });
    steps.run("documentation", || {
        let mut doc = workspace::cargo();
        workspace::run(doc.env("RUSTDOCFLAGS", "-D warnings").args([
            "doc",
            "--workspace",
            "--no-deps",
            "--locked",
        ]))
    });
    let built = steps.run("build of the extension", build::extension);
    if built {
        steps.run("size budgets", size::run);
    } else {
        steps.leave_out("size budgets");
    }
    if browsers == Browsers::Include {
        if built {
            steps.run("end-to-end cases in Chromium and Firefox", || {
                programs::require_browsers()?;
                workspace::run(tests().args(["-p", "browser-tests", "--tests"]))
            });
        } else {
            steps.leave_out("end-to-end cases in Chromium and Firefox");
        }
    }
    steps.summary()
}

fn clippy(scope: &[&str]) -> Result<()> {
    let mut clippy = workspace::cargo();
    workspace::run(
        clippy
            .args(["clippy", "--locked"])
            .args(scope)
            .args(["--", "-D", "warnings"]),
    )
}

/// The fuzz targets are a workspace of their own, so nothing else would tell that they no longer fit the core.
fn fuzz_targets() -> Result<()> {
    let mut clippy = workspace::cargo();
    workspace::run(
        clippy
            .args(["clippy", "--locked", "--bins"])
            .args(["--manifest-path", "tests/fuzz/Cargo.toml"])
            .args(["--target-dir", "target/fuzz"])
            .args(["--", "-D", "warnings"])
            // Nothing is linked here; a named library spares a C++ compiler.
            .env("CUSTOM_LIBFUZZER_PATH", "unlinked/libfuzzer.a"),
    )
}

/// `cargo test` that runs on after a failure and never writes a snapshot.
fn tests() -> Command {
    let mut command = workspace::cargo();
    command
        .args(["test", "--locked", "--no-fail-fast"])
        .env("INSTA_UPDATE", "no")
        .env("CI", "true");
    command
}

enum Outcome {
    Passed,
    Failed,
    NotRun,
}

#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Outcome, Duration)>,
}

impl Steps {
    /// Runs a step, says how it went, and whether it passed.
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        println!("\n=== {name}");
        let start = Instant::now();
        let result = step();
        let took = start.elapsed();
        let outcome = match &result {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                println!("{error:#}");
                Outcome::Failed
            }
        };
        println!("=== {name}: {} in {:.1} s", word(&outcome), took.as_secs_f64());
        self.done.push((name, outcome, took));
        result.is_ok()
    }

    fn leave_out(&mut self, name: &'static str) {
        self.done.push((name, Outcome::NotRun, Duration::ZERO));
    }

    fn summary(&self) -> Result<()> {
        println!();
        for (name, outcome, took) in &self.done {
            println!("{:<8}{:>7.1} s  {name}", word(outcome), took.as_secs_f64());
        }
        let passed = self
            .done
            .iter()
            .filter(|(_, outcome, _)| matches!(outcome, Outcome::Passed))
            .count();
        println!("{passed} of {} steps passed", self.done.len());
        if passed < self.done.len() {
            bail!("the project is not in order");
        }
        Ok(())
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "FAILED",
        Outcome::NotRun => "not run",
    }
}
