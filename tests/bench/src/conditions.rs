//! What the simulated service's settings mean for whoever asks it, and for the person who reads the figures.
//! Must not know: what is asked.

use portal_invoices::azure::READS_UNDER_WAY;
use simulator::{Bucket, Settings};

use crate::floor::{Conditions, Lane};

impl Conditions {
    /// Nothing but distance, line, buckets and connections hold a client up; of its reads, [`READS_UNDER_WAY`] are
    /// under way at once, as of the core's.
    pub(crate) fn of(settings: &Settings) -> Conditions {
        let bucket = |bucket: Bucket| Some((bucket.capacity, bucket.per_second));
        Conditions {
            reads: Lane {
                under_way: READS_UNDER_WAY,
                round_trip: settings.round_trip,
                bucket: bucket(settings.reads),
            },
            writes: Lane {
                under_way: usize::MAX,
                round_trip: settings.round_trip,
                bucket: bucket(settings.writes),
            },
            storage: Lane {
                under_way: settings.blob_connections.unwrap_or(usize::MAX),
                round_trip: settings.blob_round_trip,
                bucket: None,
            },
            bytes_per_second: settings.bytes_per_second,
        }
    }
}

/// The settings that figures depend on, one a line.
pub(crate) fn lines(settings: &Settings) -> String {
    let line = settings.bytes_per_second.map_or_else(
        || "unlimited".to_owned(),
        |rate| format!("{} Mbit/s, shared by all answers", rate * 8 / 1_000_000),
    );
    let bucket = |bucket: Bucket| format!("{}, and {} more each second", bucket.capacity, bucket.per_second);
    let storage = match (settings.blob_http2, settings.blob_connections) {
        (false, Some(connections)) => format!("HTTP/1.1, {connections} connections"),
        (false, None) => "HTTP/1.1".to_owned(),
        (true, _) => "HTTP/2".to_owned(),
    };
    format!(
        "  round trip          {} ms to Resource Manager, {} ms to blob storage\n  \
           line                {line}\n  \
           Retry-After         {} s for an operation, which takes {} s and is done at look number {}\n  \
           bucket of reads     {}\n  \
           bucket of writes    {}\n  \
           invoices on a page  {}\n  \
           Resource Manager    HTTP/2\n  \
           blob storage        {storage}\n  \
           seed                {}\n",
        settings.round_trip.as_millis(),
        settings.blob_round_trip.as_millis(),
        settings.retry_after,
        settings.preparation.as_secs(),
        settings.polls + 1,
        bucket(settings.reads),
        bucket(settings.writes),
        settings.page_size,
        settings.seed
    )
}
