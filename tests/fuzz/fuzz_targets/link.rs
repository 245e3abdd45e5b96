//! Input: a link of Azure's. Claim: what is accepted leads, as a browser reads it, to the host and path that we mean.
//! Must not know: how the core takes an address apart; the `url` crate does it here, by the browsers' standard.

#![no_main]

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use portal_invoices::azure::{ArmRequest, Cloud, DirectLink, SasUrl};
use url::{Host, Url};

const READABLE: [&str; 4] = [
    "microsoft.billing",
    "microsoft.costmanagement",
    "microsoft.consumption",
    "microsoft.authorization",
];
const PREPARING: [&str; 2] = ["microsoft.billing", "microsoft.costmanagement"];
const ACTIONS: [&str; 6] = [
    "download",
    "downloadsummary",
    "transactionsdownload",
    "downloaddocuments",
    "generatecostdetailsreport",
    "checkaccess",
];

fuzz_target!(|link: &str| {
    for cloud in Cloud::ALL.iter().copied() {
        if let Ok(request) = ArmRequest::get(link, cloud) {
            let segments = arm_segments(request.url(), cloud);
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            let is_list = matches!(segments.as_slice(), ["subscriptions"] | ["tenants"]);
            assert!(
                is_list || is_below(&segments, &READABLE),
                "GET {segments:?} is not on the list"
            );
        }
        if let Ok(request) = ArmRequest::post(link, cloud) {
            let segments = arm_segments(request.url(), cloud);
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            let is_action = segments.last().is_some_and(|last| ACTIONS.contains(last));
            assert!(
                is_action && is_below(&segments, &PREPARING),
                "POST {segments:?} is not on the list"
            );
        }
        if let Ok(signed) = SasUrl::read(link, cloud) {
            let signed = DirectLink::from(signed);
            let host = signed.host().to_owned();
            let url = Url::parse(&signed.into_address()).expect("an accepted address is one");
            check_host(&url, &host);
            assert!(host.ends_with(cloud.blob_suffix()), "{host} is no blob storage");
        }
    }
    // Names that stand for nothing (`xn--` and rubbish) lead nowhere: a browser opens no address that is none.
    if let Ok(direct) = DirectLink::read(link) {
        let host = direct.host().to_owned();
        if let Ok(url) = Url::parse(&direct.into_address()) {
            check_host(&url, &host);
        }
    }
});

fn check_host(url: &Url, host: &str) {
    assert_eq!(url.scheme(), "https", "{url}");
    assert_eq!(url.host(), Some(Host::Domain(host)), "{url}");
    assert_eq!((url.username(), url.password()), ("", None), "{url}");
    assert_eq!(url.port(), None, "{url}");
}

/// The segments of the path as the server may take them: decoded, in lower case.
fn arm_segments(address: &str, cloud: Cloud) -> Vec<String> {
    let url = Url::parse(address).expect("an accepted address is one");
    check_host(&url, cloud.arm_host());
    assert_eq!(url.fragment(), None, "{url}");
    url.path_segments()
        .expect("an https address has a path")
        .map(|segment| {
            percent_decode_str(segment)
                .decode_utf8_lossy()
                .to_ascii_lowercase()
        })
        .collect()
}

/// Whether every provider that the path names is one of these, and the first of them is where providers begin.
fn is_below(segments: &[&str], providers: &[&str]) -> bool {
    let begins = matches!(
        segments,
        ["providers", ..] | ["subscriptions", _, "providers", ..]
    );
    let mut named = segments
        .windows(2)
        .filter(|pair| pair.first() == Some(&"providers"))
        .filter_map(|pair| pair.last());
    begins && named.all(|provider| providers.contains(provider))
}
