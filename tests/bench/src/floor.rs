//! The least time that a set of requests needs, each known only from the answer to the one before it.
//! Must not know: what is asked for, or how anyone really asks.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::Duration;

/// A request that has to be made, and those that its answer makes known.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// Length of the answer.
    pub(crate) bytes: usize,
    /// Whether the answer tells an invoice.
    pub(crate) tells_invoices: bool,
    /// What can be asked from then on.
    pub(crate) then: Vec<Request>,
}

/// What no client can change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditions {
    /// Requests under way at once.
    pub(crate) under_way: usize,
    /// From sending a request to the head of its answer.
    pub(crate) round_trip: Duration,
    /// Capacity of the one line that all answers share.
    pub(crate) bytes_per_second: Option<u64>,
}

/// The least times, counted from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Floor {
    /// Until the first invoice is told; `None` where there is none.
    pub(crate) first_invoice: Option<Duration>,
    /// Until every request is answered.
    pub(crate) catalog: Duration,
}

impl Request {
    /// It and all that follow from it.
    pub(crate) fn count(&self) -> usize {
        1 + self.then.iter().map(Request::count).sum::<usize>()
    }

    /// The longest series of requests that begins here.
    fn height(&self) -> usize {
        1 + self.then.iter().map(Request::height).max().unwrap_or(0)
    }

    /// Requests from here to the nearest invoice.
    fn steps_to_invoice(&self) -> Option<usize> {
        if self.tells_invoices {
            return Some(1);
        }
        let nearest = self.then.iter().filter_map(Request::steps_to_invoice).min()?;
        Some(nearest + 1)
    }
}

/// The floor of these requests, the given ones being known from the start.
///
/// The two times have each their own best order, so one client need not reach both: whoever wants the first invoice
/// goes the shortest way to one, whoever wants all of them begins with what has the longest series behind it.
pub(crate) fn floor(known: &[Request], conditions: Conditions) -> Floor {
    let nearest_first = |request: &Request| request.steps_to_invoice().unwrap_or(usize::MAX);
    let longest_first = |request: &Request| Reverse(request.height());
    Floor {
        first_invoice: simulate(known, conditions, nearest_first).first_invoice,
        catalog: simulate(known, conditions, longest_first).catalog,
    }
}

/// Plays the queue through; whatever has the lowest rank of all that is known goes next.
fn simulate<Rank: Ord>(known: &[Request], conditions: Conditions, rank: impl Fn(&Request) -> Rank) -> Floor {
    let mut waiting: Vec<&Request> = known.iter().collect();
    // Answers come in the order of the requests: they are equally far away and share one line.
    let mut under_way: VecDeque<(Duration, &Request)> = VecDeque::new();
    let (mut now, mut line_is_free) = (Duration::ZERO, Duration::ZERO);
    let mut first_invoice = None;
    loop {
        while under_way.len() < conditions.under_way.max(1) {
            let next = waiting
                .iter()
                .enumerate()
                .min_by_key(|(_, request)| rank(request))
                .map(|(at, _)| at);
            let Some(next) = next else {
                break;
            };
            let request = waiting.remove(next);
            let head = now + conditions.round_trip;
            let whole = head.max(line_is_free) + conditions.transfer(request.bytes);
            line_is_free = whole;
            under_way.push_back((whole, request));
        }
        match under_way.front() {
            Some((whole, _)) => now = *whole,
            None => {
                return Floor {
                    first_invoice,
                    catalog: now,
                };
            }
        }
        // What comes in at the same moment is known before anything is chosen.
        while let Some((_, request)) = under_way.pop_front_if(|(whole, _)| *whole <= now) {
            if request.tells_invoices {
                first_invoice = first_invoice.or(Some(now));
            }
            waiting.extend(&request.then);
        }
    }
}

impl Conditions {
    fn transfer(&self, bytes: usize) -> Duration {
        match self.bytes_per_second {
            Some(rate) if rate > 0 => Duration::from_secs_f64(bytes as f64 / rate as f64),
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ask(then: Vec<Request>) -> Request {
        Request {
            then,
            ..Request::default()
        }
    }

    fn invoices() -> Request {
        Request {
            tells_invoices: true,
            ..Request::default()
        }
    }

    fn conditions(under_way: usize) -> Conditions {
        Conditions {
            under_way,
            round_trip: SECOND,
            bytes_per_second: None,
        }
    }

    fn seconds(first_invoice: Option<u32>, catalog: u32) -> Floor {
        Floor {
            first_invoice: first_invoice.map(|seconds| SECOND * seconds),
            catalog: SECOND * catalog,
        }
    }

    #[test]
    fn nothing_takes_no_time() {
        assert_eq!(floor(&[], conditions(4)), seconds(None, 0));
    }

    #[test]
    fn a_series_takes_a_round_trip_each() {
        let series = ask(vec![ask(vec![invoices()])]);
        assert_eq!(series.count(), 3);
        assert_eq!(floor(&[series], conditions(4)), seconds(Some(3), 3));
    }

    #[test]
    fn what_is_known_together_takes_one_round_trip_as_long_as_there_is_room() {
        let known: Vec<Request> = (0..5).map(|_| ask(vec![])).collect();
        assert_eq!(floor(&known, conditions(5)), seconds(None, 1));
        assert_eq!(floor(&known, conditions(4)), seconds(None, 2));
        assert_eq!(floor(&known, conditions(1)), seconds(None, 5));
    }

    #[test]
    fn the_longest_series_begins_at_once() {
        // Two lone ones and a series of three, two at once: alone beside each of the first two steps.
        let known = [ask(vec![]), ask(vec![]), ask(vec![ask(vec![ask(vec![])])])];
        assert_eq!(floor(&known, conditions(2)), seconds(None, 3));
    }

    #[test]
    fn the_first_invoice_does_not_wait_for_what_leads_nowhere() {
        // Six requests of no use stand before the one whose answer leads to an invoice.
        let mut known: Vec<Request> = (0..6).map(|_| ask(vec![])).collect();
        known.push(ask(vec![invoices()]));
        assert_eq!(floor(&known, conditions(2)), seconds(Some(2), 4));
    }

    #[test]
    fn one_subscription_of_one_person_takes_three_round_trips() {
        let accounts = ask(vec![ask(vec![])]);
        let subscriptions = ask(vec![ask(vec![invoices()])]);
        let tenants = ask(vec![]);
        let known = [accounts, subscriptions, tenants];
        assert_eq!(known.iter().map(Request::count).sum::<usize>(), 6);
        assert_eq!(floor(&known, conditions(12)), seconds(Some(3), 3));
    }

    #[test]
    fn answers_share_the_line() {
        let known: Vec<Request> = (0..3)
            .map(|_| Request {
                bytes: 500,
                tells_invoices: true,
                then: Vec::new(),
            })
            .collect();
        let conditions = Conditions {
            bytes_per_second: Some(1000),
            ..conditions(3)
        };
        // Heads after one second, then half a second for each body in turn.
        let expected = Floor {
            first_invoice: Some(SECOND.mul_f64(1.5)),
            catalog: SECOND.mul_f64(2.5),
        };
        assert_eq!(floor(&known, conditions), expected);
    }

    #[test]
    fn the_line_is_free_while_nothing_is_answered() {
        let body = |then| Request {
            bytes: 500,
            tells_invoices: false,
            then,
        };
        let conditions = Conditions {
            bytes_per_second: Some(1000),
            ..conditions(1)
        };
        assert_eq!(
            floor(&[body(vec![body(vec![])])], conditions),
            seconds(None, 3),
            "a second there and back, half a second of line, twice"
        );
    }
}
