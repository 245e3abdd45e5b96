//! How much longer a run takes, told only once that means something.
//! Must not know: the run; it sees counts and the time.

use std::time::Duration;

use time::OffsetDateTime;

/// Documents that must have ended before anything is said of the rest.
const ENOUGH: usize = 10;
/// Time that must have passed.
const LONG_ENOUGH: time::Duration = time::Duration::seconds(10);

/// How fast documents come to their end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// When it was first looked at, and how many had ended by then.
    since: Option<(OffsetDateTime, usize)>,
    left: Option<Duration>,
}

impl Pace {
    /// Takes note of a run's counts; `is_steady` while all documents are known and nothing holds the run up.
    pub fn observe(&mut self, now: OffsetDateTime, ended: usize, documents: usize, is_steady: bool) {
        self.left = None;
        if !is_steady {
            self.since = None;
            return;
        }
        let (begin, ended_then) = *self.since.get_or_insert((now, ended));
        let (time, done) = (now - begin, ended.saturating_sub(ended_then));
        let open = documents.saturating_sub(ended);
        if open > 0 && done >= ENOUGH && time >= LONG_ENOUGH {
            let all = time * open as f64 / done as f64;
            self.left = all.try_into().ok();
        }
    }

    /// How much longer it takes, as it was when last looked at.
    pub fn left(&self) -> Option<Duration> {
        self.left
    }
}
