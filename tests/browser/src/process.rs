//! The processes of one browser: ended, held still, counted.
//! Must not know: what the browser does, or who drives it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A browser, told from any other by its profile.
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

    /// Ends it the hard way, as a power cut would. Returns when nothing of it is left: its helper processes outlive it
    /// for a moment and still write to its profile.
    pub(crate) fn kill(&self) {
        let processes = Path::new("/proc");
        if self.owns(&processes.join(self.id.to_string())) {
            signal("KILL", [self.id]);
        }
        let start = Instant::now();
        let helpers = || std::fs::read_dir(processes).into_iter().flatten().flatten();
        while helpers().any(|process| self.owns(&process.path())) && start.elapsed() < Duration::from_secs(5)
        {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Holds it and all its helpers still, as a laptop does that is put to sleep.
    pub(crate) fn freeze(&self) {
        signal("STOP", self.tree());
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        signal("CONT", self.tree());
    }

    /// Memory of it and all its helpers, in bytes; what several share counts once in all (PSS).
    pub(crate) fn memory(&self) -> u64 {
        let pages = |id| std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
        let kilobytes = |rollup: String| {
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        };
        let all = self.tree().into_iter().filter_map(|id| kilobytes(pages(id)));
        all.sum::<u64>() * 1024
    }

    /// Its own number and those of all that descend from it.
    fn tree(&self) -> Vec<u32> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok();
            if let Some((id, parent)) = id.zip(stat.as_deref().and_then(parent_in)) {
                children.entry(parent).or_default().push(id);
            }
        }
        let mut tree = vec![self.id];
        let mut from = 0;
        while let Some(id) = tree.get(from) {
            tree.extend(children.remove(id).unwrap_or_default());
            from += 1;
        }
        tree
    }

    fn owns(&self, process: &Path) -> bool {
        std::fs::read(process.join("cmdline"))
            .is_ok_and(|arguments| String::from_utf8_lossy(&arguments).contains(&self.profile))
    }
}

fn signal(name: &str, processes: impl IntoIterator<Item = u32>) {
    let mut command = Command::new("kill");
    command.arg(format!("-{name}"));
    command.args(processes.into_iter().map(|id| id.to_string()));
    // A helper that has ended meanwhile needs no signal.
    let _ = command.stderr(std::process::Stdio::null()).status();
}

/// The parent in a line of `/proc/…/stat`; the name before it may hold anything, brackets and blanks too.
fn parent_in(stat: &str) -> Option<u32> {
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_read_behind_any_name() {
        assert_eq!(
            parent_in("12064 (Isolated Web (Co) S 11963 11956 8556 0 -1"),
            Some(11963)
        );
        assert_eq!(parent_in("1 (init) S 0 1 1"), Some(0));
        assert_eq!(parent_in("nothing"), None);
    }
}
