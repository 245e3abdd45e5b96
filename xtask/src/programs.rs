//! The programs that a command needs: found, installed where this machine allows it, or asked for in one sentence.
//! Must not know: what they are used for.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{wasm, workspace};

/// A program of the end-to-end cases.
struct Program {
    /// Environment variable that overrides where it is.
    variable: &'static str,
    /// Names that it has on different systems.
    names: &'static [&'static str],
    /// How this machine can install it.
    source: Source,
}

enum Source {
    /// Debian and Ubuntu.
    Apt(&'static [&'static str]),
    /// A crate with the program's own name.
    Crate(&'static str),
}

const CHROMIUM: Program = Program {
    variable: "CHROMIUM",
    names: &["chromium", "chromium-browser"],
    source: Source::Apt(&["chromium", "chromium-l10n"]),
};
const CHROMEDRIVER: Program = Program {
    variable: "CHROMEDRIVER",
    names: &["chromedriver"],
    source: Source::Apt(&["chromium-driver"]),
};
const FIREFOX: Program = Program {
    variable: "FIREFOX",
    names: &["firefox", "firefox-esr"],
    source: Source::Apt(&["firefox-esr"]),
};
const GECKODRIVER: Program = Program {
    variable: "GECKODRIVER",
    names: &["geckodriver"],
    source: Source::Crate("geckodriver"),
};

/// Makes sure that the extension can be tried in Chromium.
///
/// # Errors
/// With the sentence that says what to install.
pub(crate) fn require_chromium() -> Result<()> {
    require(&[CHROMIUM, CHROMEDRIVER])
}

/// Makes sure that the end-to-end cases can run in both browsers.
///
/// # Errors
/// With the sentence that says what to install.
pub(crate) fn require_browsers() -> Result<()> {
    require(&[CHROMIUM, CHROMEDRIVER, FIREFOX, GECKODRIVER])
}

/// Makes sure that the core can be compiled.
///
/// # Errors
/// With the sentence that says what to install.
pub(crate) fn require_wasm_target() -> Result<()> {
    let library = workspace::program("rustc")
        .args(["--print", "target-libdir", "--target", wasm::TARGET])
        .output();
    if library.is_ok_and(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).is_dir()) {
        return Ok(());
    }
    println!("installing Rust's target {} by rustup", wasm::TARGET);
    if workspace::run(workspace::program("rustup").args(["target", "add", wasm::TARGET])).is_err() {
        bail!(
            "Rust's target {0} is missing: `rustup target add {0}` installs it",
            wasm::TARGET
        );
    }
    Ok(())
}

/// A program by name, in the folders of `PATH` or where cargo installs programs.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(std::env::home_dir().map(|home| home.join(".cargo/bin")))
        .map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION))
        .find(|file| file.is_file())
}

fn require(programs: &[Program]) -> Result<()> {
    let missing: Vec<&Program> = programs.iter().filter(|program| !program.is_there()).collect();
    let packages: Vec<&str> = missing
        .iter()
        .filter_map(|program| match program.source {
            Source::Apt(packages) => Some(packages),
            Source::Crate(_) => None,
        })
        .flatten()
        .copied()
        .collect();
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    for program in missing {
        if let Source::Crate(name) = program.source {
            install_crate(name)?;
        }
    }
    Ok(())
}

impl Program {
    fn is_there(&self) -> bool {
        std::env::var_os(self.variable).is_some() || self.names.iter().any(|name| find(name).is_some())
    }
}

/// Installs Debian packages where that needs no question: as root.
fn install_packages(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let by_hand = format!("please install {list} (Debian, Ubuntu: `sudo apt-get install {list}`)");
    if find("apt-get").is_none() || !is_root() {
        bail!("{by_hand}, or name the programs in CHROMIUM, CHROMEDRIVER, FIREFOX and GECKODRIVER");
    }
    println!("installing {list} by apt-get");
    let update = workspace::run(workspace::program("apt-get").args(["update", "-qq"]));
    let install = || {
        workspace::run(
            workspace::program("apt-get")
                .args(["install", "-y", "-qq"])
                .args(packages),
        )
    };
    update
        .and_then(|()| install())
        .map_err(|error| error.context(by_hand))
}

/// Installs a program from its crate with the versions that its authors locked, or with newer ones where those are
/// gone.
fn install_crate(name: &str) -> Result<()> {
    println!("installing {name} by cargo");
    let install = |lock: &[&str]| workspace::run(workspace::cargo().args(["install", name]).args(lock));
    install(&["--locked"]).or_else(|_| install(&[])).map_err(|error| {
        error.context(format!(
            "please install {name}, or name it in {}",
            name.to_uppercase()
        ))
    })
}

fn is_root() -> bool {
    let user = workspace::program("id").arg("-u").output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
