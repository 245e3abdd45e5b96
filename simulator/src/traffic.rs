//! How many requests of the extension Resource Manager got, and how many at once.
//! It must not know what they ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// Requests that came in, answered or not.
    pub requests: usize,
    /// The most that were under way at the same time, from their arrival until the head of the answer.
    pub most_at_once: usize,
}

/// The counter. Copies count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicUsize,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

/// A request that is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Counts>);

impl Counter {
    pub(crate) fn begin(&self) -> UnderWay {
        let Self(counts) = self;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        let now = counts.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        counts.most.fetch_max(now, Ordering::Relaxed);
        UnderWay(Arc::clone(counts))
    }

    /// Begins anew with what is under way.
    pub(crate) fn forget(&self) {
        let Self(counts) = self;
        counts.requests.store(0, Ordering::Relaxed);
        let now = counts.under_way.load(Ordering::Relaxed);
        counts.most.store(now, Ordering::Relaxed);
    }

    pub(crate) fn told(&self) -> Traffic {
        Traffic {
            requests: self.0.requests.load(Ordering::Relaxed),
            most_at_once: self.0.most.load(Ordering::Relaxed),
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_together_is_counted_together() {
        let counter = Counter::default();
        let (first, second) = (counter.begin(), counter.begin());
        drop(first);
        drop(counter.begin());
        let told = |requests, most_at_once| Traffic {
            requests,
            most_at_once,
        };
        assert_eq!(counter.told(), told(3, 2));
        counter.forget();
        assert_eq!(counter.told(), told(0, 1));
        drop(second);
        counter.forget();
        assert_eq!(counter.told(), told(0, 0));
    }
}
