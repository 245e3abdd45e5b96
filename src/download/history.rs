//! Which reports of a person's runs are kept, and for how long.
//! Must not know: where they are kept, or what they say.

use time::{Date, Duration};

use crate::azure::parse_date;

/// Reports that are kept at most.
const MOST: usize = 50;
/// How long one is kept: thirteen months, so that last year's month can still be looked up.
const LONGEST: Duration = Duration::days(396);

/// Those of the moments (`2026-03-09 08.07.12`) whose reports are no longer kept today.
pub fn outdated(moments: &[String], today: Date) -> Vec<&String> {
    let is_outdated = |moment: &&String| {
        let newer = moments.iter().filter(|other| other > moment).count();
        let day = moment.get(..10).and_then(parse_date);
        newer >= MOST || day.is_none_or(|day| today - day > LONGEST)
    };
    moments.iter().filter(is_outdated).collect()
}
