//! Which reports of a person's runs are kept, and for how long.
//! Must not know: who keeps them, or what they say.

use time::{Date, Duration};

use crate::azure::json::{parse, text};
use crate::azure::parse_date;

/// The last report of each person is kept under this and whose it is.
pub const REPORTS: &str = "report/";
/// All of them under this, whose they are, and the moment of the order.
pub const HISTORY: &str = "history/";

/// Reports that are kept at most.
const MOST: usize = 50;
/// How long one is kept: thirteen months, so that last year's month can still be looked up.
const LONGEST: Duration = Duration::days(396);

/// Keys of the reports of everybody that are no longer kept today, among all records of the storage.
pub fn outdated_reports(records: &[(String, String)], today: Date) -> Vec<String> {
    let mut keys = Vec::new();
    let mut owners: Vec<(&str, Vec<String>)> = Vec::new();
    for (key, kept) in records {
        if let Some((owner, moment)) = key.strip_prefix(HISTORY).and_then(|rest| rest.rsplit_once('/')) {
            match owners.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, moments)) => moments.push(moment.to_owned()),
                None => owners.push((owner, vec![moment.to_owned()])),
            }
        } else if key.starts_with(REPORTS) {
            let kept = parse(kept.as_bytes());
            let moment = kept.get("report").map(|report| text(report, "ordered_at"));
            if !outdated(&[moment.unwrap_or_default().to_owned()], today).is_empty() {
                keys.push(key.clone());
            }
        }
    }
    for (owner, moments) in owners {
        let old = outdated(&moments, today).into_iter();
        keys.extend(old.map(|moment| format!("{HISTORY}{owner}/{moment}")));
    }
    keys
}

/// Those of the moments (`2026-03-09 08.07.12`) whose reports are no longer kept today.
pub fn outdated(moments: &[String], today: Date) -> Vec<&String> {
    let is_outdated = |moment: &&String| {
        let newer = moments.iter().filter(|other| other > moment).count();
        let day = moment.get(..10).and_then(parse_date);
        newer >= MOST || day.is_none_or(|day| today - day > LONGEST)
    };
    moments.iter().filter(is_outdated).collect()
}
