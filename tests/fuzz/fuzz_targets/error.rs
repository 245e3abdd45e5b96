//! Input: a status line and a body. Claim: any refusal can be read and shown, and its message stays short.
//! Must not know: the shapes that Azure gives its errors.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portal_invoices::azure::Refusal;
use portal_invoices::azure::ports::HttpResponse;

/// Longest message in characters.
const LONGEST: usize = 300;

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let status = lines
        .next()
        .and_then(|line| std::str::from_utf8(line).ok()?.parse().ok())
        .unwrap_or(500);
    let response = HttpResponse {
        status,
        headers: Vec::new(),
        body: lines.next().unwrap_or_default().to_vec(),
    };
    let refusal = Refusal::read(&response);
    assert_eq!(refusal.status, status);
    let length = refusal.message.chars().count();
    assert!(length <= LONGEST, "a message of {length} characters");
    assert!(refusal.to_string().ends_with(&refusal.message));
});
