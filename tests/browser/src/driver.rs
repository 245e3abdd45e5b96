//! The WebDriver programs: started on a free port, ended with their browser.
//! Must not know: what the session does.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Error;

/// A running chromedriver or geckodriver.
pub(crate) struct DriverProcess {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
}

impl DriverProcess {
    /// Starts a driver that was told to choose its port, and reads which one it chose.
    pub(crate) fn start(mut command: Command) -> Result<Self, Error> {
        let program = command.get_program().to_string_lossy().into_owned();
        let not_started = |reason: String| Error::NotStarted {
            program: program.clone(),
            reason,
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| not_started(error.to_string()))?;
        let Some(output) = child.stdout.take() else {
            return Err(not_started("no output".to_owned()));
        };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.find_map(|line| port_in(&line));
        // Read on to the end: a driver whose output nobody takes would stop.
        std::thread::spawn(move || lines.for_each(drop));
        match port {
            Some(port) => Ok(Self { child, port }),
            None => {
                let _ = child.wait();
                Err(not_started("it ended without naming its port".to_owned()))
            }
        }
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `ChromeDriver was started successfully on port 40123.` or `… Listening on 127.0.0.1:40123`.
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line
        .split_once("successfully on port ")
        .or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    port.trim_end_matches('.').parse().ok()
}

/// The browser behind a driver. If a case fails before it could end its session, the browser is ended with it.
pub(crate) struct BrowserProcess {
    id: u32,
    profile: String,
}

impl BrowserProcess {
    pub(crate) fn new(id: u32, profile: &Path) -> Self {
        Self {
            id,
            profile: profile.to_string_lossy().into_owned(),
        }
    }

    /// Ends it the hard way, as a power cut would. Whether it is still the same process is told by its profile.
    pub(crate) fn kill(&self) {
        if self.is_running() {
            let _ = Command::new("kill")
                .args(["-KILL", &self.id.to_string()])
                .status();
        }
    }

    /// Whether the process is there and is the browser that was started.
    pub(crate) fn is_running(&self) -> bool {
        self.owns(Path::new("/proc").join(self.id.to_string()).as_path())
    }

    /// Whether any process of the browser is there: its helpers outlive it for a moment and write to its profile.
    fn has_helpers(&self) -> bool {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        processes.into_iter().any(|process| self.owns(&process.path()))
    }

    fn owns(&self, process: &Path) -> bool {
        std::fs::read(process.join("cmdline"))
            .is_ok_and(|arguments| String::from_utf8_lossy(&arguments).contains(&self.profile))
    }
}

impl Drop for BrowserProcess {
    /// Returns when nothing of it is left, so that its folders can be removed for good.
    fn drop(&mut self) {
        self.kill();
        let start = Instant::now();
        while self.has_helpers() && start.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_drivers_name_their_port() {
        assert_eq!(
            port_in("ChromeDriver was started successfully on port 40123."),
            Some(40123)
        );
        assert_eq!(
            port_in("1700000000000\tgeckodriver\tINFO\tListening on 127.0.0.1:40124"),
            Some(40124)
        );
        assert_eq!(port_in("Starting ChromeDriver 156 on port 0"), None);
    }
}
