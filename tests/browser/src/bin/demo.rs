//! The demo: a year of invoices downloaded from the simulated portal into `target/demo`.
//! Must not know: how the extension works inside; it presses what a person presses.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use browser_tests::{
    Browser, Family, Launch, expected_files, files_below, last_twelve_months, launch_by_hand,
};
use simulator::{Page, Sender, Settings, Simulator};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let shown = if has_display() {
        by_hand().await
    } else {
        by_itself().await
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "The demo did not go as it should: {error}");
            ExitCode::FAILURE
        }
    }
}

fn has_display() -> bool {
    cfg!(any(windows, target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A person presses: the portal page is opened, and stays until the browser is closed.
async fn by_hand() -> Result<(), Failure> {
    let folder = empty_folder()?;
    let (profile, downloads) = (folder.join("profile"), folder.join("downloads"));
    std::fs::create_dir_all(&downloads)?;
    let simulator = Simulator::start(Settings::default()).await?;
    let page = simulator.portal_url(Page::Invoices);
    let mut browser = launch_by_hand(&simulator, &profile, &downloads, &page)?;
    say(&format!(
        "Chromium shows the simulated Azure portal. Press \"Download all invoices\" in the panel at the lower right.\n\
         Files go to {}\n\
         Close the browser to end the demo.\n",
        downloads.display()
    ))?;
    let status = tokio::task::spawn_blocking(move || browser.wait()).await??;
    let saved = files_below(&downloads)?;
    say(&format!("{} files were saved.\n", saved.len()))?;
    simulator.stop().await;
    if status.success() {
        Ok(())
    } else {
        Err(format!("Chromium ended with {status}").into())
    }
}

/// Nobody is there to press: does it, and checks what a person would.
async fn by_itself() -> Result<(), Failure> {
    let folder = empty_folder()?;
    let simulator = Simulator::start(Settings::fast()).await?;
    let browser = Browser::launch(
        Launch {
            headless: true,
            downloads: Some(folder.join("downloads")),
            ..Launch::new(Family::Chromium)
        },
        &simulator,
    )
    .await?;
    say("There is no display, so the demo presses \"Download all invoices\" itself.\n")?;
    browser.open(&simulator.portal_url(Page::Invoices)).await?;
    let dock = browser.dock().await?;
    dock.click("Download all invoices").await?;
    let outcome = dock
        .wait_for_status("Everything that Azure offers you is saved")
        .await?;
    let screenshot = folder.join("portal.png");
    browser.screenshot(&screenshot).await?;

    let saved = browser.downloaded_files()?;
    for (path, bytes) in &saved {
        say(&format!(
            "{:>9} bytes  {}\n",
            bytes.len(),
            browser.downloads_dir().join(path).display()
        ))?;
    }
    say(&format!("{outcome}\n"))?;
    let (from, to) = last_twelve_months();
    let documents = saved.iter().filter(|(path, _)| path.ends_with(".pdf"));
    let documents = documents
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect();
    compare(
        &documents,
        &expected_files(&simulator.expected_documents(from, to)),
    )?;

    let downloads_asked = |simulator: &Simulator| {
        let ours = |request: &&simulator::LoggedRequest| {
            request.from == Sender::Extension && request.path.ends_with("/download")
        };
        simulator.requests().iter().filter(ours).count()
    };
    let asked = downloads_asked(&simulator);
    dock.click("Download all invoices").await?;
    say(&format!(
        "A second run: {}\n",
        dock.wait_for_status("Nothing new").await?
    ))?;
    compare(&browser.downloaded_files()?, &saved)?;
    if downloads_asked(&simulator) != asked {
        return Err("the second run asked for documents again".into());
    }

    let violations = simulator.violations();
    if !violations.is_empty() {
        return Err(format!("the local Azure saw its rules broken: {violations:?}").into());
    }
    let errors = browser.console_errors().await?;
    if !errors.is_empty() {
        return Err(format!("the browser noted errors: {errors:?}").into());
    }
    say(&format!(
        "{} files are in {}\nThe picture of the portal is {}\n",
        saved.len(),
        browser.downloads_dir().display(),
        screenshot.display()
    ))?;
    browser.close().await?;
    simulator.stop().await;
    Ok(())
}

/// `target/demo`, empty.
fn empty_folder() -> Result<PathBuf, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target")
        .canonicalize()?
        .join("demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn compare(saved: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let differences: Vec<&String> = saved
        .keys()
        .chain(expected.keys())
        .filter(|path| saved.get(*path) != expected.get(*path))
        .collect();
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("these files are not as they should be: {differences:?}").into())
    }
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
