//! One gate per throttled bucket of Azure: how many requests are under way, and from when on the next may go.
//! Must not know: what the requests are for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use time::OffsetDateTime;

use super::ports::{Clock, HttpResponse};
use super::retry::retry_after;

/// Below this many remaining requests a bucket counts as nearly spent.
const NEARLY_SPENT: u32 = 20;

/// A gate that everything of one bucket passes.
pub(super) struct Gate {
    clock: Rc<dyn Clock>,
    state: RefCell<State>,
    most: usize,
}

struct State {
    opens: OffsetDateTime,
    limit: usize,
    inside: usize,
    queue: VecDeque<oneshot::Sender<()>>,
}

/// The right to have one request under way; given back on drop.
pub(super) struct Pass<'a>(&'a Gate);

impl Gate {
    /// Starts with `first` requests under way at once and widens with success up to `most`.
    pub(super) fn new(clock: Rc<dyn Clock>, first: usize, most: usize) -> Gate {
        let opens = OffsetDateTime::UNIX_EPOCH;
        let state = State {
            opens,
            limit: first,
            inside: 0,
            queue: VecDeque::new(),
        };
        Gate {
            clock,
            state: RefCell::new(state),
            most,
        }
    }

    /// Waits for a free place and for the time that Azure set.
    pub(super) async fn enter(&self) -> Pass<'_> {
        let turn = {
            let mut state = self.state.borrow_mut();
            if state.inside < state.limit {
                state.inside += 1;
                None
            } else {
                let (sender, receiver) = oneshot::channel();
                state.queue.push_back(sender);
                Some(receiver)
            }
        };
        let pass = match turn {
            None => Pass(self),
            // Whoever calls the turn has counted us in; the queue outlives every waiter.
            Some(turn) => turn.await.map_or_else(|_| Pass(self), |()| Pass(self)),
        };
        loop {
            let wait = self.state.borrow().opens - self.clock.now();
            match Duration::try_from(wait) {
                Ok(wait) if !wait.is_zero() => self.clock.sleep(wait).await,
                _ => return pass,
            }
        }
    }

    /// Learns from an answer: one more at a time after a success, half after a 429 or near the bucket's bottom.
    pub(super) fn learn(&self, response: &HttpResponse) {
        let now = self.clock.now();
        let throttled = response.status == 429;
        let mut state = self.state.borrow_mut();
        if throttled || remaining(response).is_some_and(|left| left < NEARLY_SPENT) {
            state.limit = (state.limit / 2).max(1);
        } else if response.status < 400 {
            state.limit = (state.limit + 1).min(self.most);
        }
        if (throttled || response.status == 503)
            && let Some(wait) = retry_after(response, now)
        {
            state.opens = state
                .opens
                .max(now.saturating_add(wait.try_into().unwrap_or(time::Duration::ZERO)));
        }
        state.call_next();
    }
}

impl State {
    fn call_next(&mut self) {
        while self.inside < self.limit {
            let Some(next) = self.queue.pop_front() else {
                return;
            };
            if next.send(()).is_ok() {
                self.inside += 1;
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.borrow_mut();
        state.inside = state.inside.saturating_sub(1);
        state.call_next();
    }
}

/// The smallest of Azure's remaining-request headers.
fn remaining(response: &HttpResponse) -> Option<u32> {
    response
        .headers
        .iter()
        .filter(|(name, _)| name.to_ascii_lowercase().starts_with("x-ms-ratelimit-remaining-"))
        .filter_map(|(_, value)| value.parse().ok())
        .min()
}
