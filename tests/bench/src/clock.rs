//! The core's clock: the machine's time, and dice that fall the same in every run.
//! Must not know: what is timed.

use std::cell::RefCell;
use std::time::Duration;

use async_trait::async_trait;
use portal_invoices::azure::ports::Clock;
use time::OffsetDateTime;

/// The machine's clock with seeded dice.
pub(crate) struct MachineClock {
    dice: RefCell<fastrand::Rng>,
}

impl MachineClock {
    pub(crate) fn new(seed: u64) -> MachineClock {
        MachineClock {
            dice: RefCell::new(fastrand::Rng::with_seed(seed)),
        }
    }
}

#[async_trait(?Send)]
impl Clock for MachineClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn chance(&self) -> f64 {
        self.dice.borrow_mut().f64()
    }
}
