//! The browser's clock and dice.
//! Must not know: what is waited for.

use std::time::Duration;

use async_trait::async_trait;
use time::{OffsetDateTime, UtcOffset};

use crate::azure::ports::Clock;

/// The browser's clock; its days are those of the person's time zone.
pub struct BrowserClock;

#[async_trait(?Send)]
impl Clock for BrowserClock {
    fn now(&self) -> OffsetDateTime {
        let date = js_sys::Date::new_0();
        let milliseconds = date.get_time() as i64;
        let east = -(date.get_timezone_offset() as i32) * 60;
        // What a clock on the wall shows, put into the zone that it hangs in: the same moment as in UTC.
        OffsetDateTime::from_unix_timestamp(milliseconds / 1000 + i64::from(east))
            .and_then(|second| second.replace_millisecond((milliseconds % 1000) as u16))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .replace_offset(UtcOffset::from_whole_seconds(east).unwrap_or(UtcOffset::UTC))
    }

    async fn sleep(&self, duration: Duration) {
        gloo_timers::future::sleep(duration).await;
    }

    fn chance(&self) -> f64 {
        js_sys::Math::random()
    }
}
