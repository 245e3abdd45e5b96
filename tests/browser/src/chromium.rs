//! Chromium: its arguments and preferences, and what only its own commands can do.
//! Must not know: what a case looks for.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use simulator::Simulator;
use thirtyfour::{Capabilities, DesiredCapabilities, WebDriver};

use crate::command::call;
use crate::driver::{DriverProcess, free_port};
use crate::launch::{Folders, Network};
use crate::{Error, Family, Launch, until};

/// How long a page of Chromium's own may take to open, and a fresh extension to be there.
const LIMIT: Duration = Duration::from_secs(20);

const FLAGS: [&str; 8] = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--test-type",
];

/// Starts chromedriver; it hands its environment on to the browser.
pub(crate) fn start_driver(launch: &Launch) -> Result<DriverProcess, Error> {
    let mut command = Command::new(program("CHROMEDRIVER", "chromedriver"));
    command
        .arg(format!("--port={}", free_port()))
        .env("LANGUAGE", &launch.language)
        .env("TZ", "UTC");
    DriverProcess::start(command)
}

/// What chromedriver is asked for.
pub(crate) fn capabilities(
    launch: &Launch,
    network: &Network,
    folders: &Folders,
) -> Result<Capabilities, Error> {
    write_preferences(&folders.profile(), folders.downloads(), launch.asks_where_to_save)?;
    // What the browser shows is the simulator on this machine, so it needs no sandbox, and a container offers none.
    let mut arguments = vec!["--no-sandbox".to_owned()];
    arguments.extend(self::arguments(launch, network, &folders.profile())?);
    let mut options = json!({ "args": arguments });
    if let (Some(options), Ok(binary)) = (options.as_object_mut(), std::env::var("CHROMIUM")) {
        options.insert("binary".to_owned(), Value::from(binary));
    }
    let mut capabilities: Capabilities = DesiredCapabilities::chrome().into();
    // The driver takes the first tab for loading for ever now and then; `Browser` waits for its pages itself.
    capabilities.set("pageLoadStrategy", "none")?;
    capabilities.set("goog:chromeOptions", options)?;
    capabilities.set("goog:loggingPrefs", json!({ "browser": "ALL" }))?;
    Ok(capabilities)
}

/// Chromium as a person starts it, without a driver: on `url`, with the extension, saving into `downloads`.
///
/// # Errors
/// When the extension is not built or Chromium does not start.
pub fn launch_by_hand(
    simulator: &Simulator,
    profile: &Path,
    downloads: &Path,
    url: &str,
) -> Result<Child, Error> {
    let launch = Launch {
        headless: false,
        ..Launch::new(Family::Chromium)
    };
    write_preferences(profile, downloads, launch.asks_where_to_save)?;
    let program = program("CHROMIUM", "chromium");
    let mut command = Command::new(&program);
    command.args(arguments(&launch, &Network::from(simulator), profile)?);
    if is_root() {
        command.arg("--no-sandbox");
    }
    command
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Error::NotStarted {
            program,
            reason: error.to_string(),
        })
}

fn arguments(launch: &Launch, network: &Network, profile: &Path) -> Result<Vec<String>, Error> {
    let (width, height) = launch.window;
    let mut arguments: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    arguments.extend(network.chromium_arguments.iter().cloned());
    arguments.push(format!(
        "--load-extension={}",
        launch.extension_folder()?.display()
    ));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={width},{height}"));
    if launch.headless {
        arguments.push("--headless=new".to_owned());
    }
    if launch.dark {
        arguments.push("--force-dark-mode".to_owned());
    }
    Ok(arguments)
}

/// A new profile's preferences. One that was used keeps its own.
fn write_preferences(profile: &Path, downloads: &Path, asks_where_to_save: bool) -> Result<(), Error> {
    let file = profile.join("Default/Preferences");
    if file.exists() {
        return Ok(());
    }
    let preferences = json!({
        "download": {
            "default_directory": downloads,
            "prompt_for_download": asks_where_to_save,
        },
        "extensions": { "ui": { "developer_mode": true } },
    });
    std::fs::create_dir_all(profile.join("Default"))?;
    std::fs::write(file, preferences.to_string())?;
    Ok(())
}

/// The identifier that Chromium gives to an unpacked extension: its path's SHA-256 in the letters a to p.
pub(crate) fn extension_id(launch: &Launch) -> Result<String, Error> {
    let folder = launch.extension_folder()?;
    let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let letters = digest.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(letters.map(|digit| char::from(b'a' + digit)).collect())
}

/// Waits until the service worker of a fresh installation has begun to listen: to it a page that loads before is one that
/// was there before the extension was.
pub(crate) async fn wait_for_installation(driver: &WebDriver, id: &str) -> Result<(), Error> {
    driver
        .goto(format!("chrome-extension://{id}/managed_schema.json"))
        .await?;
    // The page before has no workers, or none of ours.
    let state = "const done = arguments[0];
        const found = navigator.serviceWorker?.getRegistration() ?? Promise.resolve();
        found.then(its => done(its?.active?.state ?? ''), () => done(''));";
    until("the extension is installed", LIMIT, async || {
        let state = driver.execute_async(state, Vec::new()).await?;
        Ok((state.json() == "activated").then_some(()))
    })
    .await
}

/// Whether the extension's service worker runs.
pub(crate) async fn background_is_running(driver: &WebDriver, id: &str) -> Result<bool, Error> {
    Ok(!workers(driver, &format!("chrome-extension://{id}/"))
        .await?
        .is_empty())
}

/// Ends the extension's service worker as the browser itself does.
pub(crate) async fn kill_background(driver: &WebDriver, id: &str) -> Result<(), Error> {
    let own = format!("chrome-extension://{id}/");
    for target in workers(driver, &own).await? {
        let closed = devtools(driver, "Target.closeTarget", json!({ "targetId": target.0 })).await;
        // One that has just ended by itself cannot be closed.
        if closed.is_err() && workers(driver, &own).await?.contains(&target) {
            closed?;
        }
    }
    Ok(())
}

/// Addresses of the pages whose address begins so, also of those that the driver hides: an extension's own.
pub(crate) async fn pages(driver: &WebDriver, start: &str) -> Result<Vec<String>, Error> {
    let pages = targets(driver, "page", start).await?;
    Ok(pages.into_iter().map(|(_, address)| address).collect())
}

/// Service workers by the start of their address: target and address.
async fn workers(driver: &WebDriver, start: &str) -> Result<Vec<(String, String)>, Error> {
    targets(driver, "service_worker", start).await
}

/// Targets of a kind by the start of their address: target and address.
async fn targets(driver: &WebDriver, kind: &str, start: &str) -> Result<Vec<(String, String)>, Error> {
    let answer = devtools(driver, "Target.getTargets", json!({})).await?;
    let targets = answer
        .get("targetInfos")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let text = |target: &Value, key: &str| {
        target
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok(targets
        .iter()
        .filter(|target| text(target, "type") == kind && text(target, "url").starts_with(start))
        .map(|target| (text(target, "targetId"), text(target, "url")))
        .collect())
}

/// Gives this tab a command of the developer tools.
pub(crate) async fn devtools(driver: &WebDriver, command: &str, parameters: Value) -> Result<Value, Error> {
    call(
        driver,
        "/goog/cdp/execute",
        json!({ "cmd": command, "params": parameters }),
    )
    .await
}

/// The person allows the extension to read pages only on a click.
pub(crate) async fn withhold_hosts(driver: &WebDriver, id: &str) -> Result<(), Error> {
    let script = "await chrome.developerPrivate.updateExtensionConfiguration(
        { extensionId: arguments[0], hostAccess: 'ON_CLICK' });";
    on_extensions_page(driver, script, id).await?;
    Ok(())
}

/// Loads the extension from its folder again.
pub(crate) async fn reload_extension(driver: &WebDriver, id: &str) -> Result<(), Error> {
    let script = "await chrome.developerPrivate.reload(arguments[0], { failQuietly: false });";
    on_extensions_page(driver, script, id).await?;
    Ok(())
}

/// Errors that Chromium noted: those of the pages in the driver's log, those of the extension in its list of
/// extensions.
pub(crate) async fn console_errors(driver: &WebDriver, id: &str) -> Result<Vec<String>, Error> {
    let entries = driver.browser_log().await?;
    let mut errors: Vec<String> = entries
        .into_iter()
        .filter(|entry| entry.level == "SEVERE" && entry.source.as_deref() != Some("network"))
        .filter(|entry| !entry.message.starts_with("chrome-extension:"))
        .filter(|entry| !is_broken_off(&entry.message))
        .map(|entry| entry.message)
        .collect();
    let script = "const info = await chrome.developerPrivate.getExtensionInfo(arguments[0]);
        await chrome.developerPrivate.deleteExtensionErrors({ extensionId: arguments[0] });
        return [...info.manifestErrors, ...info.runtimeErrors]
            .filter(error => error.severity !== 'INFO' && error.severity !== 'WARN')
            .map(error => `${error.source}: ${error.message}`);";
    let noted: Vec<String> =
        serde_json::from_value(on_extensions_page(driver, script, id).await?).unwrap_or_default();
    errors.extend(noted);
    Ok(errors)
}

/// Whether a portal page only says that a request of its own broke off: that happens whenever it is left, or its
/// extensions change, while it is asking.
fn is_broken_off(message: &str) -> bool {
    message.starts_with("https://portal.azure.com/content/")
        && message.ends_with("TypeError: Failed to fetch")
}

/// Runs a script where Chromium lets a person manage extensions, in a tab of its own.
async fn on_extensions_page(driver: &WebDriver, script: &str, argument: &str) -> Result<Value, Error> {
    let before = driver.window().await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(tab).await?;
    driver.goto("chrome://extensions").await?;
    let script = format!("return (async (...arguments) => {{ {script} }})(...arguments);");
    let answer = until("Chromium's list of extensions is open", LIMIT, async || {
        Ok(Some(driver.execute(&script, vec![Value::from(argument)]).await?))
    })
    .await;
    driver.close_window().await?;
    driver.switch_to_window(before).await?;
    Ok(answer?.json().clone())
}

fn program(variable: &str, name: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| name.to_owned())
}

/// Chromium refuses its sandbox to root, who is only met in containers.
fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
