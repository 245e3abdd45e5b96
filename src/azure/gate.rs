//! One gate per throttled bucket of Azure: how many requests are under way, and from when on the next may go.
//! Must not know: what the requests are for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use time::OffsetDateTime;

use super::error::{AzureError, Refusal};
use super::ports::{Clock, HttpResponse};
use super::retry::retry_after;

/// Below this many remaining requests a bucket counts as nearly spent.
const NEARLY_SPENT: u32 = 20;
/// A gate that stays closed for longer than this is not waited for: a person is told instead.
pub(super) const LONGEST_CLOSURE: Duration = Duration::from_secs(600);

/// A gate that everything of one bucket passes.
#[derive(Clone)]
pub(super) struct Gate(Rc<Bucket>);

struct Bucket {
    clock: Rc<dyn Clock>,
    most: usize,
    state: RefCell<State>,
}

struct State {
    opens: OffsetDateTime,
    limit: usize,
    inside: usize,
    queue: VecDeque<oneshot::Sender<Pass>>,
}

/// The right to have one request under way; given back on drop, also by a waiter that is gone when its turn comes.
pub(super) struct Pass(Gate);

/// Keeps a client from beginning anything new; what is under way comes to its end. A shared handle.
#[derive(Clone, Default)]
pub struct Brake(Rc<RefCell<Braked>>);

#[derive(Default)]
struct Braked {
    is_set: bool,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Brake {
    /// Sets or releases it.
    pub fn set(&self, is_set: bool) {
        let mut state = self.0.borrow_mut();
        state.is_set = is_set;
        if !is_set {
            // Whoever does not wait any more needs to be told nothing.
            for waiter in state.waiting.drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    fn is_set(&self) -> bool {
        self.0.borrow().is_set
    }

    /// Waits until it is released.
    pub(super) async fn released(&self) {
        while self.is_set() {
            let (sender, receiver) = oneshot::channel();
            self.0.borrow_mut().waiting.push(sender);
            // Either way it is looked at again.
            let _ = receiver.await;
        }
    }
}

impl Gate {
    /// Starts with `first` requests under way at once and widens with success up to `most`.
    pub(super) fn new(clock: Rc<dyn Clock>, first: usize, most: usize) -> Gate {
        let state = State {
            opens: OffsetDateTime::UNIX_EPOCH,
            limit: first,
            inside: 0,
            queue: VecDeque::new(),
        };
        Gate(Rc::new(Bucket {
            clock,
            most,
            state: RefCell::new(state),
        }))
    }

    /// Waits for a free place, for the time that Azure set, and for the brake, which holds no place; `first` goes before
    /// those that wait already.
    ///
    /// # Errors
    /// [`AzureError::Throttled`] when that time is too far off to wait for.
    pub(super) async fn enter(&self, first: bool, brake: &Brake) -> Result<Pass, AzureError> {
        loop {
            brake.released().await;
            let pass = self.pass(first).await?;
            if !brake.is_set() {
                return Ok(pass);
            }
        }
    }

    async fn pass(&self, first: bool) -> Result<Pass, AzureError> {
        let pass = loop {
            let turn = {
                let mut state = self.0.state.borrow_mut();
                if state.inside < state.limit {
                    state.inside += 1;
                    break Pass(self.clone());
                }
                let (sender, receiver) = oneshot::channel();
                if first {
                    state.queue.push_front(sender);
                } else {
                    state.queue.push_back(sender);
                }
                receiver
            };
            if let Ok(pass) = turn.await {
                break pass;
            }
        };
        loop {
            let wait = self.0.state.borrow().opens - self.0.clock.now();
            match Duration::try_from(wait) {
                Ok(wait) if wait > LONGEST_CLOSURE => {
                    return Err(AzureError::Throttled(Refusal {
                        status: 429,
                        code: String::new(),
                        message: format!("Retry after {} minutes", wait.as_secs().div_ceil(60)),
                    }));
                }
                Ok(wait) if !wait.is_zero() => self.0.clock.sleep(wait).await,
                _ => return Ok(pass),
            }
        }
    }

    /// Learns from an answer: one more at a time after a success, half after a 429 or near the bucket's bottom; and a
    /// refusal that names a time closes the gate until then.
    pub(super) fn learn(&self, response: &HttpResponse) {
        {
            let now = self.0.clock.now();
            let mut state = self.0.state.borrow_mut();
            if response.status == 429 || remaining(response).is_some_and(|left| left < NEARLY_SPENT) {
                state.limit = (state.limit / 2).max(1);
            } else if response.status < 400 {
                state.limit = (state.limit + 1).min(self.0.most);
            }
            if matches!(response.status, 429 | 500..=599)
                && let Some(wait) = retry_after(response, now)
            {
                let opens = now.saturating_add(wait.try_into().unwrap_or(time::Duration::MAX));
                state.opens = state.opens.max(opens);
            }
        }
        self.call_next();
    }

    /// Lets so many at most be under way for now; success widens it again.
    pub(super) fn narrow(&self, most: usize) {
        let mut state = self.0.state.borrow_mut();
        state.limit = state.limit.min(most);
    }

    fn call_next(&self) {
        loop {
            let next = {
                let mut state = self.0.state.borrow_mut();
                if state.inside >= state.limit {
                    return;
                }
                let Some(next) = state.queue.pop_front() else {
                    return;
                };
                if next.is_canceled() {
                    continue;
                }
                state.inside += 1;
                next
            };
            // Not to be taken any more only when the waiter is gone, and those were passed over.
            drop(next.send(Pass(self.clone())));
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        {
            let mut state = self.0.0.state.borrow_mut();
            state.inside = state.inside.saturating_sub(1);
        }
        self.0.call_next();
    }
}

/// The smallest of Azure's remaining-request headers.
fn remaining(response: &HttpResponse) -> Option<u32> {
    response
        .headers
        .iter()
        .filter(|(name, _)| name.to_ascii_lowercase().starts_with("x-ms-ratelimit-remaining-"))
        .filter_map(|(_, value)| value.trim().parse().ok())
        .min()
}
