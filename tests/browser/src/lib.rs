//! The built extension in real browsers, against the local Azure simulator.
//! Must not know: how the extension works inside; it sees what a person sees, and the files that appear.
//!
//! A case starts a simulator and a browser, opens a page of the portal, uses the dock by role and accessible name, and
//! compares the download folder with what the simulator says exists:
//!
//! ```no_run
//! # async fn case() -> Result<(), Box<dyn std::error::Error>> {
//! use browser_tests::{Browser, Family, expected_files};
//! use simulator::{Page, Settings, Simulator};
//!
//! let simulator = Simulator::start(Settings::fast()).await?;
//! let browser = Browser::start(Family::Chromium, &simulator).await?;
//! browser.open(&simulator.portal_url(Page::Invoices)).await?;
//! let dock = browser.dock().await?;
//! dock.click("Download all invoices").await?;
//! dock.wait_for_status("saved").await?;
//! # Ok(())
//! # }
//! ```
//!
//! `CHROMIUM`, `CHROMEDRIVER`, `FIREFOX` and `GECKODRIVER` name the programs where they are not in `PATH`; with
//! `HEADED` set the browsers show themselves. `EXTENSIONS` names the folder to take the extension from, in place of `pkg`.

mod browser;
mod chromium;
mod command;
mod driver;
mod error;
mod files;
mod firefox;
mod launch;
mod process;
mod pseudo;
mod surface;
mod wait;

pub use browser::Browser;
pub use chromium::launch_by_hand;
pub use error::Error;
pub use files::{expected_files, expected_path, files_below, last_twelve_months, lengths_below};
pub use launch::{Family, Launch};
pub use pseudo::{BRACKETS, copied_extension, outside_brackets, pseudo, pseudo_extension};
pub use surface::{Progress, Surface};
pub use wait::{at_the_moment, until};
