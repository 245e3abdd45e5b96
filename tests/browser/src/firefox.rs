//! Firefox: its preferences, and what only its privileged scripts can do.
//! Must not know: what a case looks for.

use std::process::Command;

use serde_json::{Value, json};
use thirtyfour::{Capabilities, DesiredCapabilities, WebDriver};

use crate::command::call;
use crate::driver::DriverProcess;
use crate::launch::{Folders, Network};
use crate::{Error, Launch};

/// Starts geckodriver, with leave to run scripts inside the browser.
pub(crate) fn start_driver() -> Result<DriverProcess, Error> {
    let mut command = Command::new(std::env::var("GECKODRIVER").unwrap_or_else(|_| "geckodriver".to_owned()));
    command
        .args(["--port", "0", "--websocket-port", "0", "--allow-system-access"])
        .env("TZ", "UTC");
    DriverProcess::start(command)
}

/// What geckodriver is asked for.
pub(crate) fn capabilities(
    launch: &Launch,
    network: &Network,
    folders: &Folders,
) -> Result<Capabilities, Error> {
    let mut arguments = vec!["-profile".to_owned(), folders.profile().display().to_string()];
    if launch.headless {
        arguments.push("-headless".to_owned());
    }
    let preferences = json!({
        "browser.download.dir": folders.downloads(),
        "browser.download.folderList": 2,
        "browser.download.useDownloadDir": !launch.asks_where_to_save,
        "browser.download.alwaysOpenPanel": false,
        // Keeps what a temporary extension stored when the browser ends, as an installed one's is kept.
        "extensions.webextensions.keepStorageOnUninstall": true,
        "extensions.webextensions.keepUuidOnUninstall": true,
        // A test cannot press what the browser itself asks.
        "extensions.webextOptionalPermissionPrompts": false,
        "network.proxy.type": 1,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": network.proxy_port,
        "ui.systemUsesDarkTheme": i32::from(launch.dark),
    });
    let mut options = json!({ "args": arguments, "prefs": preferences });
    if let (Some(options), Ok(binary)) = (options.as_object_mut(), std::env::var("FIREFOX")) {
        options.insert("binary".to_owned(), Value::from(binary));
    }
    let mut capabilities: Capabilities = DesiredCapabilities::firefox().into();
    capabilities.set("acceptInsecureCerts", true)?;
    capabilities.set("moz:firefoxOptions", options)?;
    Ok(capabilities)
}

/// Installs the extension until the browser ends. Returns the add-on's identifier.
pub(crate) async fn install_extension(driver: &WebDriver, launch: &Launch) -> Result<String, Error> {
    let folder = launch.extension_folder()?;
    let answer = call(
        driver,
        "/moz/addon/install",
        json!({ "path": folder, "temporary": true }),
    )
    .await?;
    Ok(answer.as_str().unwrap_or_default().to_owned())
}

/// Has the browser itself trust the simulator's certificates: its driver's leave to do so ends with the driver.
pub(crate) async fn trust(driver: &WebDriver, add_on: &str, certificates: &[Vec<u8>]) -> Result<(), Error> {
    let script = "const all = Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB);
        const overrides = Cc['@mozilla.org/security/certoverride;1'].getService(Ci.nsICertOverrideService);
        for (const bytes of CERTIFICATES) {
            const certificate = all.constructX509(bytes);
            overrides.rememberValidityOverride(certificate.commonName, 443, {}, certificate, false);
        }
        // The real names are known for strict transport security, which allows no exception.
        Services.prefs.getDefaultBranch('').setBoolPref('network.stricttransportsecurity.preloadlist', false);";
    let script = script.replace("CERTIFICATES", &json!(certificates).to_string());
    privileged(driver, &script, add_on).await?;
    Ok(())
}

/// The host in the addresses of the extension's own pages.
pub(crate) async fn host(driver: &WebDriver, add_on: &str) -> Result<String, Error> {
    let host = privileged(driver, "return policy.mozExtensionHostname;", add_on).await?;
    Ok(host.as_str().unwrap_or_default().to_owned())
}

/// Whether the extension's event page runs.
pub(crate) async fn background_is_running(driver: &WebDriver, add_on: &str) -> Result<bool, Error> {
    let state = privileged(driver, "return policy.extension.backgroundState;", add_on).await?;
    Ok(state == "running")
}

/// Ends the extension's event page as the browser itself does.
pub(crate) async fn kill_background(driver: &WebDriver, add_on: &str) -> Result<(), Error> {
    let script = "await policy.extension.terminateBackground({ ignoreDevToolsAttached: true });";
    privileged(driver, script, add_on).await?;
    Ok(())
}

/// The person takes back the leave to read pages.
pub(crate) async fn withhold_hosts(driver: &WebDriver, add_on: &str) -> Result<(), Error> {
    let script = "const { ExtensionPermissions } =
            ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
        const origins = policy.extension.activePermissions.origins;
        await ExtensionPermissions.remove(policy.id, { permissions: [], origins }, policy.extension);";
    privileged(driver, script, add_on).await?;
    Ok(())
}

/// Errors that Firefox noted in pages of the portal and in the extension: what was thrown and not caught, and what the
/// browser refused; not that a background has ended before an answer came. It keeps calls of `console.error` in the process that made them, out of reach here.
pub(crate) async fn console_errors(driver: &WebDriver, add_on: &str) -> Result<Vec<String>, Error> {
    let script = "const errors = Services.console.getMessageArray()
            .filter(message => message instanceof Ci.nsIScriptError && !(message.flags & message.warningFlag))
            .filter(message => /^(https|moz-extension):/.test(message.sourceName))
            .filter(message => !/^Promise resolved after context unloaded/.test(message.errorMessage))
            .map(message => `${message.sourceName}: ${message.errorMessage}`);
        Services.console.reset();
        return errors;";
    let errors = privileged(driver, script, add_on).await?;
    Ok(serde_json::from_value(errors).unwrap_or_default())
}

/// Runs a script with the browser's own rights; `policy` is the extension as the browser sees it.
async fn privileged(driver: &WebDriver, script: &str, add_on: &str) -> Result<Value, Error> {
    call(driver, "/moz/context", json!({ "context": "chrome" })).await?;
    let script = format!(
        "const policy = WebExtensionPolicy.getByID(arguments[0]); return (async () => {{ {script} }})();"
    );
    let answer = driver.execute(script, vec![Value::from(add_on)]).await;
    call(driver, "/moz/context", json!({ "context": "content" })).await?;
    Ok(answer?.json().clone())
}
