//! Waiting for a condition instead of for a time.
//! Must not know: what is awaited.

use std::time::{Duration, Instant};

use crate::Error;

const INTERVAL: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer. What a redraw of the page breaks counts as no answer yet.
///
/// # Errors
/// [`Error::NotInTime`] after `limit`; any other error of `probe` at once.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut probe: impl AsyncFnMut() -> Result<Option<T>, Error>,
) -> Result<T, Error> {
    let start = Instant::now();
    loop {
        let passing = match probe().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => None,
            Err(error) if error.is_passing() => Some(error),
            Err(error) => return Err(error),
        };
        if start.elapsed() >= limit {
            let seen = passing.map_or_else(String::new, |error| format!(" ({error})"));
            return Err(Error::NotInTime {
                what: what.to_owned(),
                limit,
                seen,
            });
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
