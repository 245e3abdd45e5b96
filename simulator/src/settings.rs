//! How the simulated service feels: distances, waits, page sizes and protocol versions.
//! It must not know what is served: that is the scenario's business.

use std::time::Duration;

use time::Date;

/// How the service behaves while it runs. Two presets: [`Settings::default`] feels like the real service from a
/// home connection, [`Settings::fast`] waits only where a rule of the service makes a client wait.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the scenario that is served at first, one of [`crate::Scenario::NAMES`].
    pub scenario: String,
    /// The day that "0 months ago" counts from; `None` is the machine's date (UTC).
    pub today: Option<Date>,
    /// Seed of everything random: names, ids, tokens, signatures.
    pub seed: u64,
    /// Time from a request to the head of its answer, for the portal, its frames and Resource Manager.
    pub round_trip: Duration,
    /// The same for blob storage.
    pub blob_round_trip: Duration,
    /// Capacity of the one line that all bodies share, in bytes per second; `None` is unlimited.
    pub bytes_per_second: Option<u64>,
    /// `Retry-After` of a running download operation, in whole seconds.
    pub retry_after: u64,
    /// How many polls of a download operation answer 202 before one answers 200.
    pub polls: u32,
    /// How long an operation takes at the least, however often it is polled.
    pub preparation: Duration,
    /// Invoices on a page of a list; the service says 50.
    pub page_size: usize,
    /// Lines on a page of usage details, at most; the service says 1000.
    pub usage_page_size: usize,
    /// How often the portal's page calls Resource Manager again.
    pub page_recall: Duration,
    /// How long a link to a blob is good for.
    pub link_lifetime: Duration,
    /// Resource Manager's bucket of reads, one for each signed-in person.
    pub reads: Bucket,
    /// Resource Manager's bucket of writes (every POST), one for each signed-in person.
    pub writes: Bucket,
    /// What Cost Management takes of each signed-in person, and Consumption as much again.
    pub costs: Quota,
    /// Whether HTTP/2 is offered by ALPN beside HTTP/1.1, by any service.
    pub http2: bool,
    /// Whether Resource Manager offers it, if any service does.
    pub arm_http2: bool,
    /// Whether blob storage offers it, if any service does; the real one does not.
    pub blob_http2: bool,
    /// The most connections served at the same time; further ones wait. `None` is unlimited.
    pub connections: Option<usize>,
    /// The most connections to each host of blob storage that are served at the same time, of those; further ones wait
    /// in their handshake. `None` is unlimited. A browser by itself opens six to a host without HTTP/2.
    pub blob_connections: Option<usize>,
}

/// A token bucket: full at the start, one token for each request, refilled steadily.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// The most tokens it holds.
    pub capacity: u32,
    /// Tokens that come back each second.
    pub per_second: u32,
}

/// So many requests in a span of time, which begins with the first of them.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// The most requests.
    pub requests: u32,
    /// The span.
    pub per: Duration,
}

impl Default for Settings {
    /// A home connection to a distant region: 300 ms to the portal and Resource Manager, 400 ms to blob storage,
    /// 50 Mbit/s, ten seconds between polls, the documented buckets of reads and writes.
    fn default() -> Self {
        Self {
            scenario: "pay-as-you-go".to_owned(),
            today: None,
            seed: 1,
            round_trip: Duration::from_millis(300),
            blob_round_trip: Duration::from_millis(400),
            bytes_per_second: Some(50_000_000 / 8),
            retry_after: 10,
            polls: 1,
            preparation: Duration::ZERO,
            page_size: 50,
            usage_page_size: 1000,
            page_recall: Duration::from_secs(20),
            link_lifetime: Duration::from_secs(600),
            reads: Bucket {
                capacity: 250,
                per_second: 25,
            },
            writes: Bucket {
                capacity: 200,
                per_second: 10,
            },
            costs: Quota {
                requests: 8,
                per: Duration::from_secs(10),
            },
            http2: true,
            arm_http2: true,
            blob_http2: true,
            connections: None,
            blob_connections: None,
        }
    }
}

impl Settings {
    /// No distance, no line limit, one second between polls, wide buckets, short pages of usage: for tests.
    #[must_use]
    pub fn fast() -> Self {
        Self {
            round_trip: Duration::ZERO,
            blob_round_trip: Duration::ZERO,
            bytes_per_second: None,
            retry_after: 1,
            page_recall: Duration::from_secs(1),
            reads: Bucket {
                capacity: 12_000,
                per_second: 1_000,
            },
            writes: Bucket {
                capacity: 1_200,
                per_second: 100,
            },
            usage_page_size: 100,
            costs: Quota {
                requests: 1_000,
                per: Duration::from_secs(10),
            },
            ..Self::default()
        }
    }
}
