//! The files of one browser's extension, in memory until they are complete.
//! Must not know: how the core is built, or how large a file may be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::wasm::Core;
use crate::{manifest, workspace};

/// What the core asks the browser for by name, beside what the manifest names.
const ASKED_FOR: [&str; 3] = ["frame.js", "portal-labels.json", "walker.js"];

/// A browser family that has a package of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    pub(crate) const ALL: [Browser; 2] = [Browser::Chromium, Browser::Firefox];

    /// The browser in the names of folders and manifests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Browser::Chromium => "chromium",
            Browser::Firefox => "firefox",
        }
    }

    /// `pkg/chromium` or `pkg/firefox`.
    fn folder(self) -> PathBuf {
        workspace::root().join("pkg").join(self.name())
    }
}

/// An unpacked extension.
pub(crate) struct Package {
    pub(crate) browser: Browser,
    /// Contents by path with `/`, relative to the extension's root.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Package {
    /// Puts together what ships for a browser: the sources in `extension/`, its manifest and the core.
    ///
    /// # Errors
    /// When a source cannot be read, or a file is not there that the manifest or the core names.
    pub(crate) fn assemble(browser: Browser, core: &Core) -> Result<Package> {
        let mut sources = files_below(&workspace::root().join("extension"))?;
        let shared = take(&mut sources, "manifest.json")?;
        let own = take(&mut sources, &format!("manifest.{}.json", browser.name()))?;
        sources.retain(|path, _| ships(path, browser));
        sources.insert(
            "manifest.json".to_owned(),
            manifest::finished(&shared, &own, env!("CARGO_PKG_VERSION"))?,
        );
        sources.insert("core.js".to_owned(), core.bindings.clone());
        sources.insert("core_bg.wasm".to_owned(), core.module.clone());
        let package = Package {
            browser,
            files: sources,
        };
        package.check_completeness()?;
        Ok(package)
    }

    /// What lies in `pkg/` for a browser; `None` if nothing does.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn built(browser: Browser) -> Result<Option<Package>> {
        let folder = browser.folder();
        if !folder.is_dir() {
            return Ok(None);
        }
        Ok(Some(Package {
            browser,
            files: files_below(&folder)?,
        }))
    }

    /// Writes a new folder beside the old one and puts it in its place, so that nothing stale stays and nobody ever
    /// loads half an extension.
    ///
    /// # Errors
    /// When a file cannot be written; the old folder then still stands.
    pub(crate) fn write(&self) -> Result<PathBuf> {
        let folder = self.browser.folder();
        let fresh = folder.with_extension("new");
        let stale = folder.with_extension("old");
        for leftover in [&fresh, &stale] {
            remove(leftover)?;
        }
        for (path, contents) in &self.files {
            let file = fresh.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)
                    .with_context(|| format!("{} could not be made", parent.display()))?;
            }
            fs::write(&file, contents).with_context(|| format!("{} could not be written", file.display()))?;
        }
        if folder.exists() {
            fs::rename(&folder, &stale)
                .with_context(|| format!("{} could not be replaced", folder.display()))?;
        }
        fs::rename(&fresh, &folder)
            .with_context(|| format!("{} could not be put in place", folder.display()))?;
        remove(&stale)?;
        Ok(folder)
    }

    /// Whether everything is there that the browser will be asked for.
    fn check_completeness(&self) -> Result<()> {
        let manifest = self
            .files
            .get("manifest.json")
            .map(Vec::as_slice)
            .unwrap_or_default();
        for file in manifest::named_files(manifest)? {
            if !self.files.contains_key(&file) {
                bail!(
                    "the manifest for {} names {file}, which is not in the package",
                    self.browser.name()
                );
            }
        }
        for file in ASKED_FOR {
            if !self.files.contains_key(file) {
                bail!(
                    "the core asks for {file}, which is not in the package for {}",
                    self.browser.name()
                );
            }
        }
        Ok(())
    }
}

/// Whether a source ships as it is: the other manifests, the drawing behind the icons and what one browser cannot use
/// do not.
fn ships(path: &str, browser: Browser) -> bool {
    let of_chromium = path.starts_with("offscreen.") || path == "managed_schema.json";
    let manifest = path.starts_with("manifest.");
    let drawing = path.ends_with("icon.svg");
    !manifest && !drawing && (!of_chromium || browser == Browser::Chromium)
}

fn take(files: &mut BTreeMap<String, Vec<u8>>, path: &str) -> Result<Vec<u8>> {
    files
        .remove(path)
        .with_context(|| format!("extension/{path} is missing"))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} could not be removed", folder.display()))?;
    }
    Ok(())
}

/// All files of a folder and the folders in it, by path with `/` from there.
fn files_below(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("{} could not be read", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else {
                let contents = fs::read(entry.path())
                    .with_context(|| format!("{} could not be read", entry.path().display()))?;
                files.insert(path, contents);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_gets_only_what_it_can_use() {
        assert!(ships("offscreen.html", Browser::Chromium));
        assert!(!ships("offscreen.html", Browser::Firefox));
        assert!(ships("icons/128.png", Browser::Firefox));
        assert!(!ships("icons/icon.svg", Browser::Chromium));
        assert!(!ships("manifest.firefox.json", Browser::Chromium));
        for file in ASKED_FOR {
            assert!(Browser::ALL.into_iter().all(|browser| ships(file, browser)));
        }
    }
}
