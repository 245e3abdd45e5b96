//! The core as WebAssembly with its JavaScript bindings: compile, bind, optimise.
//! Must not know: what else is in the extension.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use walrus::{ExportItem, ModuleConfig, RefType};
use wasm_bindgen_cli_support::Bindgen;

use crate::{programs, workspace};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The package that becomes the core.
pub(crate) const PACKAGE: &str = "portal-invoices";
/// Bindings and module are named `core.js` and `core_bg.wasm`.
const STEM: &str = "core";

/// What Rust's WebAssembly uses beyond the first version of the format; `wasm-opt` refuses what it is not told of.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The two files that the core ships as.
pub(crate) struct Core {
    /// `core.js`
    pub(crate) bindings: Vec<u8>,
    /// `core_bg.wasm`
    pub(crate) module: Vec<u8>,
}

/// Builds the core.
///
/// # Errors
/// When the target is missing, the crate does not compile or the bindings cannot be made.
pub(crate) fn build() -> Result<Core> {
    programs::require_wasm_target()?;
    let compiled = compile()?;
    let folder = compiled.with_file_name("bound");
    Bindgen::new()
        .input_path(&compiled)
        .web(true)?
        .out_name(STEM)
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&folder)
        .context("the bindings of the core could not be made")?;
    let module = folder.join(format!("{STEM}_bg.wasm"));
    optimise(&module)?;
    Ok(Core {
        bindings: read(&folder.join(format!("{STEM}.js")))?,
        module: read(&module)?,
    })
}

/// Compiles the core and tells where the module is.
fn compile() -> Result<PathBuf> {
    let output = workspace::cargo()
        // The rlib, which only tests need, would keep the linker from optimising across crates.
        .args([
            "rustc",
            "--crate-type",
            "cdylib",
            "--release",
            "--locked",
            "--target",
            TARGET,
            "-p",
            PACKAGE,
            "--lib",
        ])
        .args(["--message-format", "json-render-diagnostics"])
        .arg("--config")
        .arg(without_local_paths())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("the core does not compile");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message.pointer("/target/name") == Some(&Value::from(PACKAGE.replace('-', "_"))))
        .filter_map(|message| message.get("filenames")?.as_array().cloned())
        .flatten()
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .context("cargo did not say where it put the compiled core")
}

/// Panic messages carry source paths: without this, two machines build different files, and each ships its folders.
fn without_local_paths() -> String {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .unwrap_or_default();
    let registries = std::fs::read_dir(home.join("registry/src"));
    let flags: Vec<String> = registries
        .into_iter()
        .flatten()
        .flatten()
        .map(|registry| format!("--remap-path-prefix={}=crates", registry.path().display()))
        .chain([format!("--remap-path-prefix={}=.", workspace::root().display())])
        .collect();
    let flags = Value::from(flags);
    format!("target.{TARGET}.rustflags={flags}")
}

/// Whether a build here ends with `wasm-opt`.
pub(crate) fn is_optimised() -> bool {
    programs::find("wasm-opt").is_some()
}

/// Takes about a tenth off the module where binaryen's `wasm-opt` is installed.
fn optimise(module: &Path) -> Result<()> {
    if !is_optimised() {
        println!("wasm-opt (package binaryen) is not installed: the core is not made as small as it can be");
        return Ok(());
    }
    workspace::run(
        workspace::program("wasm-opt")
            // Rust keeps its stack in the lowest addresses, so no object lies there.
            .args([
                "-Oz",
                "--converge",
                "--low-memory-unused",
                "--strip-target-features",
            ])
            .args(FEATURES)
            .arg(module)
            .arg("-o")
            .arg(module),
    )?;
    restore_table_export(module)
}

/// The wasm-opt of Debian 12 (binaryen 108) exports the first table under the name of every exported one. The bindings
/// need the one for references to JavaScript values, and cannot start with another.
fn restore_table_export(path: &Path) -> Result<()> {
    let mut module = ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(path)?;
    let references = module
        .tables
        .iter()
        .find(|table| table.element_ty == RefType::EXTERNREF)
        .map(walrus::Table::id)
        .context("the optimised core has no table for JavaScript values")?;
    let export = module
        .exports
        .iter_mut()
        .find(|export| export.name == "__wbindgen_externrefs")
        .context("the optimised core does not export its table for JavaScript values")?;
    export.item = ExportItem::Table(references);
    module.emit_wasm_file(path)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} could not be read", path.display()))
}
