//! Whether and when a request is sent again: a pure decision.
//! Must not know: clocks, connections or tokens.

use std::time::Duration;

use time::{Date, Month, OffsetDateTime, Time};

use super::gate::LONGEST_CLOSURE;
use super::ports::{HttpResponse, TransportError};

/// Attempts at one request, the first included.
const ATTEMPTS: u32 = 6;
/// First own delay; doubled each time, up to [`LONGEST_DELAY`].
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The answer stands, good or bad.
    Keep,
    /// Send again, not before this long from now.
    Again(Duration),
}

/// Decides after attempt number `attempt` (from 1). `chance` in `0.0..1.0` spreads the delays of many requests.
///
/// Every request of this product may be repeated: reads change nothing, and a POST only prepares a document.
pub fn decide(
    attempt: u32,
    outcome: &Result<HttpResponse, TransportError>,
    now: OffsetDateTime,
    chance: f64,
) -> Decision {
    let status = outcome.as_ref().ok().map(|response| response.status);
    let passing = matches!(status, None | Some(408 | 429 | 500 | 502 | 503 | 504));
    if !passing || attempt >= ATTEMPTS {
        return Decision::Keep;
    }
    let ceiling = FIRST_DELAY
        .saturating_mul(1 << attempt.saturating_sub(1).min(16))
        .min(LONGEST_DELAY);
    let own = ceiling.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
    let asked = outcome
        .as_ref()
        .ok()
        .and_then(|response| retry_after(response, now));
    match asked {
        None => Decision::Again(own),
        Some(asked) if asked > LONGEST_CLOSURE => Decision::Keep,
        // What an extension repeats soon after several of these Chromium does not send, and tells as a failure of the
        // network (https://www.chromium.org/throttling/).
        Some(asked) if status >= Some(500) => Decision::Again(asked.max(own)),
        Some(asked) => Decision::Again(asked.max(own.min(Duration::from_secs(1)))),
    }
}

/// How long an answer asks us to wait, whichever way it says so: `Retry-After` in seconds or as a date, the
/// millisecond spellings, and Cost Management's own `x-ms-ratelimit-…-retry-after` headers; the longest counts.
pub fn retry_after(response: &HttpResponse, now: OffsetDateTime) -> Option<Duration> {
    // A date counts from the moment that the server calls now: the person's clock may be minutes off.
    let now = response.header("date").and_then(http_date).unwrap_or(now);
    response
        .headers
        .iter()
        .filter_map(|(name, value)| {
            let (name, value) = (name.to_ascii_lowercase(), value.trim());
            match name.as_str() {
                "retry-after" => seconds(value).or_else(|| {
                    let until = http_date(value)?;
                    Some((until - now).try_into().unwrap_or(Duration::ZERO))
                }),
                "retry-after-ms" | "x-ms-retry-after-ms" => value
                    .parse::<u32>()
                    .ok()
                    .map(|milliseconds| Duration::from_millis(milliseconds.into())),
                name if name.starts_with("x-ms-ratelimit-") && name.ends_with("-retry-after") => {
                    seconds(value)
                }
                _ => None,
            }
        })
        .max()
}

fn seconds(value: &str) -> Option<Duration> {
    value
        .parse::<u32>()
        .ok()
        .map(|seconds| Duration::from_secs(seconds.into()))
}

/// An HTTP date in any of its three spellings (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
fn http_date(value: &str) -> Option<OffsetDateTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let parts: Vec<&str> = value
        .split([' ', ':', '-'])
        .filter(|part| !part.is_empty())
        .collect();
    let (day, month, year, time) = match parts.as_slice() {
        [_, day, month, year, hour, minute, second, "GMT"] => (day, month, year, [hour, minute, second]),
        [_, month, day, hour, minute, second, year] => (day, month, year, [hour, minute, second]),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| name == month)? as u8 + 1;
    let year: i32 = match year.len() {
        2 => 2000 + year.parse::<i32>().ok()?,
        _ => year.parse().ok()?,
    };
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day.parse().ok()?).ok()?;
    let [hour, minute, second] = time;
    let time = Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?).ok()?;
    Some(date.with_time(time).assume_utc())
}
