//! Input: the head of an answer, one header a line. Claim: it always asks for the same wait, the longest that any header
//! asks for, and nothing is sent before it.
//! Must not know: how the wait is spelled.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use portal_invoices::azure::ports::HttpResponse;
use portal_invoices::azure::{Decision, decide, retry_after};
use time::OffsetDateTime;

/// A header that asks for this wait.
const WAIT: (&str, &str, Duration) = ("Retry-After", "7", Duration::from_secs(7));

fuzz_target!(|head: &str| {
    let now = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_795_428_000);
    let response = HttpResponse {
        status: 429,
        headers: head
            .split('\n')
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: Vec::new(),
    };
    let asked = retry_after(&response, now);
    assert_eq!(retry_after(&response, now), asked);

    if let Decision::Again(wait) = decide(1, &Ok(response.clone()), now, 0.0) {
        assert!(
            wait >= asked.unwrap_or_default(),
            "{wait:?} is sooner than {asked:?}"
        );
    }

    let (name, value, wait) = WAIT;
    let mut longer = response;
    longer.headers.push((name.to_owned(), value.to_owned()));
    assert_eq!(
        retry_after(&longer, now),
        Some(asked.unwrap_or_default().max(wait))
    );
});
