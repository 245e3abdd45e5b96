//! One browser with the built extension: its tabs, its background, its files.
//! Must not know: how either family does what is asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use simulator::Simulator;
use thirtyfour::WebDriver;

use crate::driver::DriverProcess;
use crate::launch::{Folders, Network};
use crate::process::BrowserProcess;
use crate::{Error, Family, Launch, Surface, chromium, files_below, firefox, until};

/// How long a step may take on a slow and busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A running browser. Dropping it ends browser and driver and removes its folders.
pub struct Browser {
    driver: WebDriver,
    driver_process: DriverProcess,
    process: BrowserProcess,
    /// Chromium: the extension's identifier. Firefox: the add-on's.
    extension: String,
    launch: Launch,
    network: Network,
    folders: Folders,
}

impl Browser {
    /// A freshly installed browser with the extension.
    ///
    /// # Errors
    /// When the extension is not built, or the browser or its driver does not start.
    pub async fn start(family: Family, simulator: &Simulator) -> Result<Self, Error> {
        Self::launch(Launch::new(family), simulator).await
    }

    /// A browser with a person's settings.
    ///
    /// # Errors
    /// When the extension is not built, or the browser or its driver does not start.
    pub async fn launch(launch: Launch, simulator: &Simulator) -> Result<Self, Error> {
        let network = Network::from(simulator);
        let folders = Folders::new(&launch)?;
        let (driver_process, driver, process) = begin(&launch, &network, &folders).await?;
        let extension = String::new();
        let mut browser = Self {
            driver,
            driver_process,
            process,
            extension,
            launch,
            network,
            folders,
        };
        browser.prepare().await?;
        if browser.family() == Family::Chromium {
            chromium::wait_for_installation(&browser.driver, &browser.extension).await?;
        }
        Ok(browser)
    }

    /// Kills the browser as a power cut would and starts it again with the same profile and download folder.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn crash_and_restart(&mut self) -> Result<(), Error> {
        self.process.kill();
        let _ = self.driver.clone().leak();
        let (driver_process, driver, process) = begin(&self.launch, &self.network, &self.folders).await?;
        self.driver_process = driver_process;
        self.process = process;
        self.driver = driver;
        self.prepare().await
    }

    /// Ends the driver and leaves the browser alone: from here on nobody is attached to it, and whatever asks the
    /// driver fails.
    ///
    /// # Errors
    /// When the browser cannot be told to trust the simulator without its driver.
    pub async fn leave_alone(&mut self) -> Result<(), Error> {
        if self.family() == Family::Firefox {
            firefox::trust(&self.driver, &self.extension, &self.network.certificates).await?;
        }
        let _ = self.driver.clone().leak();
        self.driver_process.kill();
        Ok(())
    }

    /// Holds all processes of the browser still, as a laptop does that is put to sleep.
    pub fn freeze(&self) {
        self.process.freeze();
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.process.thaw();
    }

    /// Memory of all processes of the browser, in bytes; what several of them share counts once (PSS).
    pub fn memory(&self) -> u64 {
        self.process.memory()
    }

    /// What follows the start of the process.
    async fn prepare(&mut self) -> Result<(), Error> {
        let (width, height) = self.launch.window;
        self.driver.set_window_rect(0, 0, width, height).await?;
        self.extension = match self.family() {
            Family::Chromium => chromium::extension_id(&self.launch)?,
            Family::Firefox => firefox::install_extension(&self.driver, &self.launch).await?,
        };
        Ok(())
    }

    /// Ends the browser in good order.
    ///
    /// # Errors
    /// When the driver does not confirm.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.driver.clone().quit().await?)
    }

    /// The browser's family.
    pub fn family(&self) -> Family {
        self.launch.family
    }

    /// The session itself, for what this type has no word for.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens a page in this tab.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn open(&self, url: &str) -> Result<(), Error> {
        let (before, here) = self.document().await?;
        self.driver.goto(url).await?;
        let without_fragment = |url: &str| url.split('#').next().map(str::to_owned);
        let stays = without_fragment(url) == without_fragment(&here);
        self.wait_for_document((!stays).then_some(before)).await
    }

    /// Loads this tab's page again.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn reload(&self) -> Result<(), Error> {
        let (before, _) = self.document().await?;
        self.driver.refresh().await?;
        self.wait_for_document(Some(before)).await
    }

    /// When this tab's document began, which tells it from any other, and its address.
    async fn document(&self) -> Result<(f64, String), Error> {
        let script = "return [performance.timeOrigin, location.href];";
        Ok(self
            .driver
            .execute(script, Vec::<Value>::new())
            .await?
            .convert()?)
    }

    /// Waits until a document is loaded that is another than `before`.
    async fn wait_for_document(&self, before: Option<f64>) -> Result<(), Error> {
        let script = "return document.readyState === 'complete' && performance.timeOrigin !== arguments[0];";
        until("the page is loaded", LIMIT, async || {
            let loaded = self.driver.execute(script, vec![Value::from(before)]).await?;
            Ok(loaded.convert::<bool>()?.then_some(()))
        })
        .await
    }

    /// Opens a page in a new tab and goes there.
    ///
    /// # Errors
    /// When it does not load.
    pub async fn open_tab(&self, url: &str) -> Result<(), Error> {
        let tab = self.driver.new_tab().await?;
        self.driver.switch_to_window(tab).await?;
        self.open(url).await
    }

    /// Goes to a tab, counted from 0 in the order of opening.
    ///
    /// # Errors
    /// When there is none.
    pub async fn go_to_tab(&self, index: usize) -> Result<(), Error> {
        let what = format!("there are more than {index} tabs");
        let tab = until(&what, LIMIT, async || {
            Ok(self.driver.windows().await?.get(index).cloned())
        })
        .await?;
        Ok(self.driver.switch_to_window(tab).await?)
    }

    /// Closes this tab and goes to the first one.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn close_tab(&self) -> Result<(), Error> {
        self.driver.close_window().await?;
        self.go_to_tab(0).await
    }

    /// The dock in this tab, once it shows something.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn dock(&self) -> Result<Surface<'_>, Error> {
        self.shown(Surface::new(self, Some("portal-invoices-dock"), LIMIT))
            .await
    }

    /// Whether this tab has a dock.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn has_dock(&self) -> Result<bool, Error> {
        let script = "return document.querySelector('portal-invoices-dock') !== null;";
        Ok(self
            .driver
            .execute(script, Vec::<Value>::new())
            .await?
            .convert()?)
    }

    /// The button that the extension places in the portal's command bar of this tab.
    ///
    /// # Errors
    /// When it does not show in time.
    pub async fn command_bar(&self) -> Result<Surface<'_>, Error> {
        self.shown(Surface::new(self, Some("portal-invoices-command"), LIMIT))
            .await
    }

    /// The popup, as a page in a new tab.
    ///
    /// # Errors
    /// When it does not show in time.
    pub async fn open_popup(&self) -> Result<Surface<'_>, Error> {
        self.open_tab(&self.extension_page("popup.html").await?).await?;
        self.page().await
    }

    /// The page of the extension in this tab, once it shows something.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn page(&self) -> Result<Surface<'_>, Error> {
        self.shown(Surface::new(self, None, LIMIT)).await
    }

    /// Goes to a page that the extension opens by itself, by the start of its name. The driver of Chromium hides such a
    /// page, so its address is opened in a tab.
    ///
    /// # Errors
    /// When the extension does not open it in time.
    pub async fn go_to_opened_page(&self, page: &str) -> Result<Surface<'_>, Error> {
        let start = self.extension_page(page).await?;
        let what = format!("the extension opens {page}");
        match self.family() {
            Family::Chromium => {
                let address = until(&what, LIMIT, async || {
                    Ok(chromium::pages(&self.driver, &start).await?.into_iter().next())
                })
                .await?;
                self.open_tab(&address).await?;
            }
            Family::Firefox => {
                until(&what, LIMIT, async || self.go_to_address(&start).await).await?;
            }
        }
        self.page().await
    }

    /// Goes to the first tab whose address begins so, where there is one.
    async fn go_to_address(&self, start: &str) -> Result<Option<()>, Error> {
        for tab in self.driver.windows().await? {
            self.driver.switch_to_window(tab).await?;
            if self.driver.current_url().await?.as_str().starts_with(start) {
                return Ok(Some(()));
            }
        }
        Ok(None)
    }

    /// The address of a page of the extension.
    ///
    /// # Errors
    /// When Firefox does not tell the extension's host.
    pub async fn extension_page(&self, page: &str) -> Result<String, Error> {
        Ok(match self.family() {
            Family::Chromium => format!("chrome-extension://{}/{page}", self.extension),
            Family::Firefox => {
                format!(
                    "moz-extension://{}/{page}",
                    firefox::host(&self.driver, &self.extension).await?
                )
            }
        })
    }

    /// The extension's identifier in this browser.
    pub fn extension_id(&self) -> &str {
        &self.extension
    }

    /// Whether the extension's background (service worker or event page) runs.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn background_is_running(&self) -> Result<bool, Error> {
        match self.family() {
            Family::Chromium => chromium::background_is_running(&self.driver, &self.extension).await,
            Family::Firefox => firefox::background_is_running(&self.driver, &self.extension).await,
        }
    }

    /// Ends the extension's background; the next event starts it anew. Returns as soon as the browser was told: what
    /// the extension does about it may have happened by then.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn kill_background(&self) -> Result<(), Error> {
        match self.family() {
            Family::Chromium => chromium::kill_background(&self.driver, &self.extension).await,
            Family::Firefox => firefox::kill_background(&self.driver, &self.extension).await,
        }
    }

    /// Loads the extension anew while its pages are open, as an update does.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn reload_extension(&self) -> Result<(), Error> {
        match self.family() {
            Family::Chromium => chromium::reload_extension(&self.driver, &self.extension).await,
            Family::Firefox => firefox::install_extension(&self.driver, &self.launch)
                .await
                .map(|_| ()),
        }
    }

    /// Takes the extension's leave to read the portal and Azure, as a person can in the browser's settings.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn withhold_hosts(&self) -> Result<(), Error> {
        match self.family() {
            Family::Chromium => chromium::withhold_hosts(&self.driver, &self.extension).await,
            Family::Firefox => firefox::withhold_hosts(&self.driver, &self.extension).await,
        }
    }

    /// Errors noted since the last call: in the pages, and in the extension's background and pages. Answers of servers
    /// that a page does not like are not among them; the simulator's log has those.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn console_errors(&self) -> Result<Vec<String>, Error> {
        match self.family() {
            Family::Chromium => chromium::console_errors(&self.driver, &self.extension).await,
            Family::Firefox => firefox::console_errors(&self.driver, &self.extension).await,
        }
    }

    /// Gives this tab of Chromium a command of its developer tools: what a person sets in the system, and sizes that no
    /// window has here.
    ///
    /// # Errors
    /// When the browser refuses, or is another one.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<(), Error> {
        chromium::devtools(&self.driver, command, parameters).await?;
        Ok(())
    }

    /// Writes what this tab shows to a PNG file.
    ///
    /// # Errors
    /// When the picture cannot be taken or written.
    pub async fn screenshot(&self, file: &Path) -> Result<(), Error> {
        Ok(self.driver.screenshot(file).await?)
    }

    /// Where the browser saves.
    pub fn downloads_dir(&self) -> &Path {
        self.folders.downloads()
    }

    /// What the browser has saved so far: bytes by path below the download folder, partial files included.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn downloaded_files(&self) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        files_below(self.downloads_dir())
    }

    async fn shown<'a>(&self, surface: Surface<'a>) -> Result<Surface<'a>, Error> {
        surface
            .until("the surface shows something", async || {
                Ok((!surface.text().await?.is_empty()).then_some(()))
            })
            .await?;
        Ok(surface)
    }
}

impl Drop for Browser {
    /// Kills what [`Browser::close`] has not ended in good order: a session would first wait for whatever a failed case
    /// left behind.
    fn drop(&mut self) {
        let _ = self.driver.clone().leak();
        self.process.kill();
    }
}

/// Starts driver and browser.
async fn begin(
    launch: &Launch,
    network: &Network,
    folders: &Folders,
) -> Result<(DriverProcess, WebDriver, BrowserProcess), Error> {
    let (process, capabilities, process_id) = match launch.family {
        Family::Chromium => (
            chromium::start_driver(launch)?,
            chromium::capabilities(launch, network, folders)?,
            "goog:processID",
        ),
        Family::Firefox => (
            firefox::start_driver()?,
            firefox::capabilities(launch, network, folders)?,
            "moz:processID",
        ),
    };
    let driver = WebDriver::new(format!("http://127.0.0.1:{}", process.port), capabilities).await?;
    let id = driver
        .capabilities()
        .get(process_id)
        .and_then(Value::as_u64)
        .and_then(|id| u32::try_from(id).ok());
    let browser = BrowserProcess::new(id.unwrap_or_default(), &folders.profile());
    Ok((process, driver, browser))
}
