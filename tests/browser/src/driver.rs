//! The WebDriver programs: started on a free port, ended with their browser.
//! Must not know: what the session does.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::Error;

/// A running chromedriver or geckodriver.
pub(crate) struct DriverProcess {
    child: Child,
    /// Where it listens.
    pub(crate) port: u16,
}

impl DriverProcess {
    /// Starts a driver, and reads which port it listens on.
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
        let mut said = Vec::new();
        let port = lines.find_map(|line| {
            let port = port_in(&line);
            said.push(line);
            port
        });
        // Read on to the end: a driver whose output nobody takes would stop.
        std::thread::spawn(move || lines.for_each(drop));
        match port {
            Some(port) => Ok(Self { child, port }),
            None => {
                let _ = child.wait();
                let said = said.join(" / ");
                Err(not_started(format!("it ended without naming its port: {said}")))
            }
        }
    }

    /// Ends it without a word, so that it does not end its browser.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that is free on both loopback addresses and that no system gives away by itself, so that it stays free until it
/// is used. Chromedriver, left to choose, takes one that is free on the one address and ends where it is not on the other.
pub(crate) fn free_port() -> u16 {
    const FIRST: u16 = 15_000;
    const COUNT: u16 = 15_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = (std::process::id() % u32::from(COUNT)) as u16;
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(own);
        let port = FIRST + next % COUNT;
        let is_free = |address: IpAddr| match TcpListener::bind((address, port)) {
            Ok(_) => true,
            // A machine without IPv6 has no such address to be in use.
            Err(error) => error.kind() != ErrorKind::AddrInUse,
        };
        if is_free(Ipv4Addr::LOCALHOST.into()) && is_free(Ipv6Addr::LOCALHOST.into()) {
            return port;
        }
    }
}

/// `ChromeDriver was started successfully on port 40123.` or `… Listening on 127.0.0.1:40123`.
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line
        .split_once("successfully on port ")
        .or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    port.trim_end_matches('.').parse().ok()
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
