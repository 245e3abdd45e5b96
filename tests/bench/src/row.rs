//! A line of the table: a time beside its floor, and whether that is good enough.
//! Must not know: what was measured.

use std::fmt::{Display, Formatter};
use std::time::Duration;

/// How many times the floor is good enough.
pub(crate) const GOOD_ENOUGH: f64 = 1.3;

/// One line of the table.
pub(crate) struct Row {
    /// Size of the catalog.
    pub(crate) documents: usize,
    /// What the time was taken until.
    pub(crate) until: &'static str,
    /// The least time.
    pub(crate) floor: Duration,
    /// The time of each run.
    pub(crate) runs: Vec<Duration>,
    /// Requests sent.
    pub(crate) sent: usize,
    /// Requests that a faultless client sends.
    pub(crate) needed: usize,
    /// The largest number of requests that was unanswered at once.
    pub(crate) under_way: usize,
}

impl Row {
    /// What stands above the lines.
    pub(crate) const HEAD: &str =
        "documents  until            median     floor  ratio  verdict   requests  under way  runs, ms";

    fn ratio(&self) -> f64 {
        median(&self.runs).as_secs_f64() / self.floor.as_secs_f64()
    }

    /// Whether it is near enough to the floor.
    pub(crate) fn is_good_enough(&self) -> bool {
        self.ratio() <= GOOD_ENOUGH
    }
}

/// Of several times the one that counts.
pub(crate) fn median(runs: &[Duration]) -> Duration {
    let mut sorted = runs.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

impl Display for Row {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let runs: Vec<String> = self.runs.iter().map(|run| run.as_millis().to_string()).collect();
        write!(
            formatter,
            "{:>9}  {:<13}{:>7} ms{:>7} ms{:>7.2}  {:<8}{:>4} of {:<4}{:>10}  {}",
            self.documents,
            self.until,
            median(&self.runs).as_millis(),
            self.floor.as_millis(),
            self.ratio(),
            if self.is_good_enough() { "good" } else { "TOO SLOW" },
            self.sent,
            self.needed,
            self.under_way,
            runs.join(" ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(runs: &[u64]) -> Row {
        Row {
            documents: 12,
            until: "full catalog",
            floor: Duration::from_millis(1000),
            runs: runs.iter().copied().map(Duration::from_millis).collect(),
            sent: 6,
            needed: 6,
            under_way: 3,
        }
    }

    #[test]
    fn the_middle_run_counts() {
        let row = row(&[9000, 1000, 1250]);
        assert_eq!(median(&row.runs), Duration::from_millis(1250));
        assert!(row.is_good_enough());
    }

    #[test]
    fn more_than_1_3_times_the_floor_is_too_slow() {
        assert!(row(&[1300, 1300, 1300]).is_good_enough());
        assert!(!row(&[1301, 1301, 1301]).is_good_enough());
    }

    #[test]
    fn a_line_stands_under_its_head() {
        assert_eq!(
            format!("{}\n{}", Row::HEAD, row(&[1301, 1000, 2000])),
            "documents  until            median     floor  ratio  verdict   requests  under way  runs, ms\n       \
             12  full catalog    1301 ms   1000 ms   1.30  TOO SLOW   6 of 6            3  1301 1000 2000"
        );
    }
}
