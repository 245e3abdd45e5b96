//! How a browser is started: the family, the person's settings, and the places that belong to one run.
//! Must not know: how each browser is told.

use std::path::{Path, PathBuf};

use simulator::Simulator;
use tempfile::TempDir;

use crate::Error;

/// Browsers that take the same package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Chromium, Chrome, Edge.
    Chromium,
    /// Firefox.
    Firefox,
}

impl Family {
    /// The unpacked extension of this family, as `cargo xtask build` leaves it, or where `EXTENSIONS` says.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] if there is none.
    pub fn extension(self) -> Result<PathBuf, Error> {
        let name = match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        };
        let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pkg");
        let all = std::env::var_os("EXTENSIONS").map_or_else(built, PathBuf::from);
        let folder = all.canonicalize()?.join(name);
        if folder.join("manifest.json").is_file() {
            Ok(folder)
        } else {
            Err(Error::NotBuilt(folder))
        }
    }
}

/// What the person set in the browser before the case begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The browser.
    pub family: Family,
    /// Language of the browser's own controls, and so of `chrome.i18n`. Chromium needs its language packs for one that
    /// is not English (Debian: `chromium-l10n`); Firefox speaks English here always.
    pub language: String,
    /// The browser asks for every file where to save it.
    pub asks_where_to_save: bool,
    /// The person likes dark pages.
    pub dark: bool,
    /// Width and height of the window.
    pub window: (u32, u32),
    /// Without a window on the screen.
    pub headless: bool,
    /// Where the browser saves; otherwise into a folder that goes with the browser.
    pub downloads: Option<PathBuf>,
    /// The unpacked extension; otherwise as [`Family::extension`] finds it.
    pub extension: Option<PathBuf>,
}

impl Launch {
    /// A freshly installed English browser; with `HEADED` set it shows itself.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            language: "en".to_owned(),
            asks_where_to_save: false,
            dark: false,
            window: (1280, 960),
            headless: std::env::var_os("HEADED").is_none(),
            downloads: None,
            extension: None,
        }
    }

    /// The folder of the extension, spelled as the browser spells it.
    pub(crate) fn extension_folder(&self) -> Result<PathBuf, Error> {
        match &self.extension {
            Some(folder) => Ok(folder.canonicalize()?),
            None => self.family.extension(),
        }
    }
}

/// The way to the simulator, copied so that a browser can be started again without it.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) chromium_arguments: Vec<String>,
    pub(crate) proxy_port: u16,
    pub(crate) certificates: Vec<Vec<u8>>,
}

impl From<&Simulator> for Network {
    fn from(simulator: &Simulator) -> Self {
        Self {
            chromium_arguments: simulator.chromium_arguments(),
            proxy_port: simulator.proxy_port(),
            certificates: simulator.certificates_der().to_vec(),
        }
    }
}

/// Folders of one run; they go when the run ends.
#[derive(Debug)]
pub(crate) struct Folders {
    all: TempDir,
    downloads: PathBuf,
}

impl Folders {
    pub(crate) fn new(launch: &Launch) -> Result<Self, Error> {
        let all = tempfile::Builder::new().prefix("portal-invoices-").tempdir()?;
        let downloads = launch
            .downloads
            .clone()
            .unwrap_or_else(|| all.path().join("downloads"));
        let folders = Self { all, downloads };
        std::fs::create_dir(folders.profile())?;
        std::fs::create_dir_all(&folders.downloads)?;
        Ok(folders)
    }

    pub(crate) fn profile(&self) -> PathBuf {
        self.all.path().join("profile")
    }

    pub(crate) fn downloads(&self) -> &Path {
        &self.downloads
    }
}

impl Family {
    /// The keys that enter a date into a date field: Chromium's parts stand in the order of its language, English
    /// here, and Firefox's driver takes the value itself.
    pub(crate) fn date_as_typed(self, date: &str) -> String {
        match (self, date.split('-').collect::<Vec<_>>().as_slice()) {
            (Self::Chromium, [year, month, day]) => format!("{month}{day}{year}"),
            _ => date.to_owned(),
        }
    }
}
