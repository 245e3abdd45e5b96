//! Waiting for a condition instead of for a time.
//! Must not know: what is awaited.

use std::time::{Duration, Instant};

use crate::Error;

const INTERVAL: Duration = Duration::from_millis(50);

/// Comes back at the moment at which something on this machine is so, to do something just then.
///
/// # Errors
/// [`Error::NotInTime`] after `limit`.
pub async fn at_the_moment(
    what: &str,
    limit: Duration,
    mut is_so: impl FnMut() -> bool,
) -> Result<(), Error> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() >= limit {
            return Err(Error::NotInTime {
                what: what.to_owned(),
                limit,
                seen: String::new(),
            });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

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
