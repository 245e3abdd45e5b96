//! The least time that a set of requests needs, each known only from the answer to the one before it.
//! Must not know: what is asked for, or how anyone really asks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Where a request goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// Resource Manager's reads.
    #[default]
    Reads,
    /// Its writes.
    Writes,
    /// Blob storage.
    Storage,
}

/// A request that has to be made, and those that its answer makes known.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// Where it goes.
    pub(crate) way: Way,
    /// How long it may not be sent after it is known.
    pub(crate) wait: Duration,
    /// Length of the answer.
    pub(crate) bytes: usize,
    /// Whether the answer tells an invoice.
    pub(crate) tells_invoices: bool,
    /// What several answers may make known, yet is asked for once; empty where there is no such thing.
    pub(crate) once: String,
    /// What can be asked from then on.
    pub(crate) then: Vec<Request>,
}

/// What no client can change on one way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    /// Requests under way at once.
    pub(crate) under_way: usize,
    /// From sending a request to the head of its answer.
    pub(crate) round_trip: Duration,
    /// How many requests are taken, if they are counted: at once, and more each second.
    pub(crate) bucket: Option<(u32, u32)>,
}

/// What no client can change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditions {
    /// Resource Manager's reads.
    pub(crate) reads: Lane,
    /// Its writes.
    pub(crate) writes: Lane,
    /// Blob storage.
    pub(crate) storage: Lane,
    /// Capacity of the one line that all answers share.
    pub(crate) bytes_per_second: Option<u64>,
}

/// The least times, counted from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Floor {
    /// Until the first invoice is told; `None` where there is none.
    pub(crate) first_invoice: Option<Duration>,
    /// Until every request is answered.
    pub(crate) all: Duration,
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
        all: simulate(known, conditions, longest_first).all,
    }
}

/// Plays the queue through; whatever has the lowest rank of all that is known goes next on its way.
fn simulate<Rank: Ord>(known: &[Request], conditions: Conditions, rank: impl Fn(&Request) -> Rank) -> Floor {
    let mut events = Events::default();
    for request in known {
        events.add(request.wait, Event::MaySend(request));
    }
    let mut lanes = Lanes {
        reads: OpenLane::of(conditions.reads),
        writes: OpenLane::of(conditions.writes),
        storage: OpenLane::of(conditions.storage),
    };
    let mut line_is_free = Duration::ZERO;
    let mut known_before = BTreeSet::new();
    let mut floor = Floor {
        first_invoice: None,
        all: Duration::ZERO,
    };
    while let Some((now, event)) = events.take() {
        match event {
            Event::MaySend(request) => {
                if request.once.is_empty() || known_before.insert(&request.once) {
                    lanes.of(request.way).waiting.push(request);
                }
            }
            Event::Token => {}
            Event::Head(request) => {
                line_is_free = now.max(line_is_free) + conditions.transfer(request.bytes);
                events.add(line_is_free, Event::Whole(request));
            }
            Event::Whole(request) => {
                lanes.of(request.way).under_way -= 1;
                floor.all = now;
                if request.tells_invoices {
                    floor.first_invoice = floor.first_invoice.or(Some(now));
                }
                for next in &request.then {
                    events.add(now + next.wait, Event::MaySend(next));
                }
            }
        }
        // What comes in at the same moment is known before anything is chosen.
        if events.next_at() != Some(now) {
            for way in [Way::Reads, Way::Writes, Way::Storage] {
                lanes.of(way).send(now, &mut events, &rank);
            }
        }
    }
    floor
}

/// What happens next.
enum Event<'a> {
    /// The request is known, and its wait is over.
    MaySend(&'a Request),
    /// The head of its answer is here.
    Head(&'a Request),
    /// All of its answer is here.
    Whole(&'a Request),
    /// A bucket takes another request.
    Token,
}

/// What happens, in the order of time, and at the same moment in the order of becoming known.
#[derive(Default)]
struct Events<'a> {
    all: BTreeMap<(Duration, usize), Event<'a>>,
    added: usize,
}

impl<'a> Events<'a> {
    fn add(&mut self, at: Duration, event: Event<'a>) {
        self.all.insert((at, self.added), event);
        self.added += 1;
    }

    fn take(&mut self) -> Option<(Duration, Event<'a>)> {
        let ((at, _), event) = self.all.pop_first()?;
        Some((at, event))
    }

    fn next_at(&self) -> Option<Duration> {
        let ((at, _), _) = self.all.first_key_value()?;
        Some(*at)
    }
}

/// The three ways.
struct Lanes<'a> {
    reads: OpenLane<'a>,
    writes: OpenLane<'a>,
    storage: OpenLane<'a>,
}

impl<'a> Lanes<'a> {
    fn of(&mut self, way: Way) -> &mut OpenLane<'a> {
        match way {
            Way::Reads => &mut self.reads,
            Way::Writes => &mut self.writes,
            Way::Storage => &mut self.storage,
        }
    }
}

/// A way with what is on it.
struct OpenLane<'a> {
    lane: Lane,
    waiting: Vec<&'a Request>,
    under_way: usize,
    /// How full the bucket was, and when.
    level: (f64, Duration),
}

impl<'a> OpenLane<'a> {
    fn of(lane: Lane) -> Self {
        let full = lane.bucket.map_or(0.0, |(capacity, _)| f64::from(capacity));
        Self {
            lane,
            waiting: Vec::new(),
            under_way: 0,
            level: (full, Duration::ZERO),
        }
    }

    /// Sends what may be sent now.
    fn send<Rank: Ord>(&mut self, now: Duration, events: &mut Events<'a>, rank: impl Fn(&Request) -> Rank) {
        while self.under_way < self.lane.under_way.max(1) {
            let next = self
                .waiting
                .iter()
                .enumerate()
                .min_by_key(|(_, request)| rank(request))
                .map(|(at, _)| at);
            let Some(next) = next else {
                return;
            };
            if let Some(later) = self.token_at(now) {
                events.add(later, Event::Token);
                return;
            }
            self.under_way += 1;
            events.add(now + self.lane.round_trip, Event::Head(self.waiting.remove(next)));
        }
    }

    /// Takes a token out of the bucket, or tells when there will be one.
    fn token_at(&mut self, now: Duration) -> Option<Duration> {
        let (capacity, per_second) = self.lane.bucket?;
        let (level, since) = self.level;
        let refilled = level + (now - since).as_secs_f64() * f64::from(per_second);
        let level = refilled.min(f64::from(capacity));
        // Times are whole nanoseconds, so the last token may seem to lack a trifle.
        if level > 1.0 - 1e-6 {
            self.level = (level - 1.0, now);
            return None;
        }
        self.level = (level, now);
        Some(now + Duration::from_secs_f64((1.0 - level) / f64::from(per_second.max(1))))
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
        let lane = Lane {
            under_way,
            round_trip: SECOND,
            bucket: None,
        };
        Conditions {
            reads: lane,
            writes: lane,
            storage: lane,
            bytes_per_second: None,
        }
    }

    fn seconds(first_invoice: Option<u32>, all: u32) -> Floor {
        Floor {
            first_invoice: first_invoice.map(|seconds| SECOND * seconds),
            all: SECOND * all,
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
                ..Request::default()
            })
            .collect();
        let conditions = Conditions {
            bytes_per_second: Some(1000),
            ..conditions(3)
        };
        // Heads after one second, then half a second for each body in turn.
        let expected = Floor {
            first_invoice: Some(SECOND.mul_f64(1.5)),
            all: SECOND.mul_f64(2.5),
        };
        assert_eq!(floor(&known, conditions), expected);
    }

    #[test]
    fn the_line_is_free_while_nothing_is_answered() {
        let body = |then| Request {
            bytes: 500,
            then,
            ..Request::default()
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

    /// A document: asked for, waited for, looked at, fetched.
    fn document(bytes: usize) -> Request {
        let fetch = Request {
            way: Way::Storage,
            bytes,
            ..Request::default()
        };
        let look = Request {
            wait: SECOND * 10,
            then: vec![fetch],
            ..Request::default()
        };
        Request {
            way: Way::Writes,
            then: vec![look],
            ..Request::default()
        }
    }

    #[test]
    fn a_document_takes_its_wait_and_three_round_trips() {
        assert_eq!(floor(&[document(0)], conditions(1)).all, SECOND * 13);
    }

    #[test]
    fn waiting_for_a_document_holds_no_place() {
        let documents: Vec<Request> = (0..4).map(|_| document(0)).collect();
        // Each way takes one at a time; the last one is asked for in the fourth second.
        assert_eq!(floor(&documents, conditions(1)).all, SECOND * 16);
    }

    #[test]
    fn an_empty_bucket_holds_back_what_it_counts_and_nothing_else() {
        let mut conditions = conditions(100);
        conditions.writes.bucket = Some((2, 1));
        let documents: Vec<Request> = (0..5).map(|_| document(0)).collect();
        // Two at once, one more each second: the last one is sent after three seconds.
        assert_eq!(floor(&documents, conditions).all, SECOND * 16);
        let reads: Vec<Request> = (0..5).map(|_| ask(vec![])).collect();
        assert_eq!(floor(&reads, conditions).all, SECOND);
    }

    #[test]
    fn a_bucket_holds_no_more_than_it_can() {
        let mut conditions = conditions(100);
        conditions.writes.bucket = Some((2, 1));
        let late = Request {
            then: (0..4).map(|_| document(0)).collect(),
            wait: SECOND * 60,
            ..Request::default()
        };
        assert_eq!(floor(&[late], conditions).all, SECOND * (61 + 2 + 13));
    }

    #[test]
    fn documents_share_the_connections_and_the_line() {
        let mut conditions = conditions(100);
        conditions.storage.under_way = 2;
        let documents: Vec<Request> = (0..4).map(|_| document(0)).collect();
        assert_eq!(floor(&documents, conditions).all, SECOND * 14);
        conditions.bytes_per_second = Some(1000);
        // Half a second of line each, while the next heads are on their way: 13.5, 14, then heads at 14.5 and 15.
        let documents: Vec<Request> = (0..4).map(|_| document(500)).collect();
        assert_eq!(floor(&documents, conditions).all, SECOND.mul_f64(15.5));
    }

    #[test]
    fn what_two_answers_tell_is_asked_for_once() {
        let told = || Request {
            once: "a".to_owned(),
            ..document(0)
        };
        let known = [ask(vec![ask(vec![told()])]), ask(vec![told()])];
        let mut conditions = conditions(9);
        conditions.writes.bucket = Some((1, 0));
        assert_eq!(floor(&known, conditions).all, SECOND * 14);
    }
}
