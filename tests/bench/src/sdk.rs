//! Microsoft's SDK for Python beside the extension: the same documents from the same service, as its documentation shows.
//! Must not know: how the extension goes about it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use simulator::{Settings, Simulator};
use tokio::process::Command;

use crate::catalog;

/// The package, in the version that was measured.
const PACKAGES: [&str; 3] = ["azure-mgmt-billing==8.0.0", "azure-core", "requests"];

/// A Python with the SDK.
pub(crate) struct Sdk {
    python: PathBuf,
    /// For certificates and documents; emptied at the start.
    folder: PathBuf,
}

impl Sdk {
    /// Installs the SDK below `target`, unless it is there already.
    ///
    /// # Errors
    /// When there is no Python or no package, in words that say which.
    pub(crate) async fn install(target: &Path) -> Result<Sdk> {
        let environment = target.join("sdk");
        let python = environment.join("bin/python");
        if !python.is_file() {
            let mut command = Command::new("python3");
            command.args(["-m", "venv"]).arg(&environment);
            succeed(command).await.context("`python3 -m venv` is missing")?;
        }
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        command.args(PACKAGES);
        succeed(command).await.context("the SDK cannot be installed")?;
        let folder = target.join("sdk-documents");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(Sdk { python, folder })
    }

    /// How long the SDK takes for so many documents.
    ///
    /// # Errors
    /// When it does not come to an end, or has not every document.
    pub(crate) async fn measure(&self, settings: &Settings, documents: usize) -> Result<Duration> {
        let simulator = Simulator::start(settings.clone()).await?;
        simulator.load(catalog::of(documents)?);
        let certificates = self.folder.join("certificates.pem");
        std::fs::write(&certificates, pem(simulator.certificates_der())?)?;
        // Lists are filtered by the billing period, which ends before the invoice is issued.
        let period = catalog::period(catalog::today()).with_margin();
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/download.py");
        let mut command = Command::new(&self.python);
        command
            .arg(program)
            .arg(&self.folder)
            .args([period.from.to_string(), period.to.to_string()])
            .env("SDK_TOKEN", simulator.access_token())
            .env("REQUESTS_CA_BUNDLE", &certificates)
            .env(
                "HTTPS_PROXY",
                format!("http://127.0.0.1:{}", simulator.proxy_port()),
            )
            .env_remove("CURL_CA_BUNDLE")
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        let told: Value = serde_json::from_slice(&succeed(command).await?)?;
        simulator.stop().await;
        let number = told.get("documents").and_then(Value::as_u64);
        let seconds = told.get("seconds").and_then(Value::as_f64);
        match (number.and_then(|number| usize::try_from(number).ok()), seconds) {
            (Some(number), Some(seconds)) if number == documents => Ok(Duration::from_secs_f64(seconds)),
            _ => bail!("the SDK has not all of {documents} documents: {told}"),
        }
    }
}

/// Runs a program to its end; what it prints.
async fn succeed(mut command: Command) -> Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output().await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.trim().lines().last().unwrap_or_default();
        bail!("{} ({last})", output.status);
    }
    Ok(output.stdout)
}

/// Certificates as OpenSSL reads them.
fn pem(certificates: &[Vec<u8>]) -> Result<String> {
    let mut text = String::new();
    for der in certificates {
        let encoded = STANDARD.encode(der);
        writeln!(text, "-----BEGIN CERTIFICATE-----")?;
        for line in encoded.as_bytes().chunks(64) {
            writeln!(text, "{}", String::from_utf8_lossy(line))?;
        }
        writeln!(text, "-----END CERTIFICATE-----")?;
    }
    Ok(text)
}
