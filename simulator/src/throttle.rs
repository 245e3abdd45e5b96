//! How many requests a service takes: buckets that refill steadily, and windows that open anew.
//! It must not know which service counts, or what it says when it has had enough.

use tokio::time::{Duration, Instant};

use crate::settings::{Bucket, Quota};

/// How full a bucket is.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    left: f64,
    at: Instant,
}

impl Level {
    pub(crate) fn full(bucket: Bucket) -> Self {
        Self {
            left: f64::from(bucket.capacity),
            at: Instant::now(),
        }
    }

    /// Takes one: how many are left, or `None` when it was empty.
    pub(crate) fn take(&mut self, bucket: Bucket, now: Instant) -> Option<u32> {
        let refill = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(bucket.per_second);
        self.left = (self.left + refill).min(f64::from(bucket.capacity));
        self.at = now;
        if self.left < 1.0 {
            return None;
        }
        self.left -= 1.0;
        // Between 0 and the capacity, which is a u32.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = self.left as u32;
        Some(whole)
    }
}

/// A span of time in which only so many requests are taken. It opens with the first of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    opened: Option<Instant>,
    taken: u32,
    refused: u32,
}

/// A request too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enough {
    /// Until the window opens anew.
    pub(crate) wait: Duration,
    /// How many were refused before.
    pub(crate) refused: u32,
}

impl Window {
    /// Takes one: how many are left.
    pub(crate) fn take(&mut self, quota: Quota, now: Instant) -> Result<u32, Enough> {
        let since = |opened: Instant| now.saturating_duration_since(opened);
        let opened = self.opened.filter(|opened| since(*opened) < quota.per);
        let opened = opened.unwrap_or_else(|| {
            self.taken = 0;
            now
        });
        self.opened = Some(opened);
        if self.taken >= quota.requests {
            let refused = self.refused;
            self.refused = refused.wrapping_add(1);
            let wait = quota.per.saturating_sub(since(opened));
            return Err(Enough { wait, refused });
        }
        self.taken += 1;
        Ok(quota.requests - self.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_takes_so_many_and_opens_anew_in_its_time() {
        let quota = Quota {
            requests: 2,
            per: Duration::from_secs(10),
        };
        let mut window = Window::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(window.take(quota, start), Ok(1));
        assert_eq!(window.take(quota, after(3)), Ok(0));
        let enough = |wait, refused| {
            let wait = Duration::from_secs(wait);
            Err(Enough { wait, refused })
        };
        assert_eq!(window.take(quota, after(4)), enough(6, 0));
        assert_eq!(window.take(quota, after(9)), enough(1, 1));
        assert_eq!(window.take(quota, after(10)), Ok(1));
    }
}
