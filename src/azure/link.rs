//! The product's list: which method on which path of Azure Resource Manager may be asked at all.
//! Must not know: tokens, retries or what an answer means.

use super::cloud::Cloud;
use super::ports::Method;

/// Longest address that is followed; Azure's signed poll addresses are about 4 kB.
const LONGEST: usize = 16 * 1024;

/// Providers that may be read.
const READABLE_PROVIDERS: [&str; 4] = [
    "microsoft.billing",
    "microsoft.costmanagement",
    "microsoft.consumption",
    "microsoft.authorization",
];

/// Those of them that Azure counts apart from Resource Manager's own reads.
const COST_PROVIDERS: [&str; 2] = ["microsoft.costmanagement", "microsoft.consumption"];

/// The parts of Azure that count requests by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    /// Resource Manager's reads, polls included.
    Reads,
    /// The billing service's actions, each of which prepares a document.
    Preparations,
    /// Cost Management and Consumption, far tighter than the rest.
    Costs,
}

/// A checked request to Azure Resource Manager: its method and path are on the product's list.
///
/// Not printable: a poll address carries a signature.
#[derive(Clone)]
pub struct ArmRequest {
    method: Method,
    url: String,
    bucket: Bucket,
    goes_on: bool,
    body: Option<String>,
}

/// Why a link was not followed. The link itself is not repeated: it may be signed, and it is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// Spaces apart, an address has printable ASCII only, no `\`, no `#`, and is at most 16 kB long.
    #[error("the link has characters that no Azure address has")]
    Characters,
    /// Another host, another port, plain http, or user info.
    #[error("the link leads to another host than Azure Resource Manager")]
    ForeignHost,
    /// An address outside Azure that is not https, has user info or a port, or names no host but a machine.
    #[error("the link is no plain https address")]
    NotPlainHttps,
    /// A path with `.`, `..`, empty or disguised segments.
    #[error("the link's path is not plain")]
    Path,
    /// A method and path outside the product's list.
    #[error("the link leads to something that this product never asks for")]
    NotListed,
}

impl ArmRequest {
    /// Checks a link that Azure gave (absolute, relative, or with `:443`) or that we built, for reading.
    pub fn get(link: &str, cloud: Cloud) -> Result<ArmRequest, LinkRefused> {
        ArmRequest::listed(link, cloud, Method::Get, Bucket::Reads, is_readable)
    }

    /// Checks a link whose POST prepares a document.
    pub fn post(link: &str, cloud: Cloud) -> Result<ArmRequest, LinkRefused> {
        ArmRequest::listed(link, cloud, Method::Post, Bucket::Preparations, is_preparation)
    }

    fn listed(
        link: &str,
        cloud: Cloud,
        method: Method,
        bucket: Bucket,
        is_listed: fn(&[&str]) -> bool,
    ) -> Result<ArmRequest, LinkRefused> {
        let (url, segments) = resolve(link, cloud)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        if !is_listed(&segments) {
            return Err(LinkRefused::NotListed);
        }
        let counted_apart = |segment: &&str| COST_PROVIDERS.contains(segment);
        let bucket = if segments.iter().any(counted_apart) {
            Bucket::Costs
        } else {
            bucket
        };
        Ok(ArmRequest {
            method,
            url,
            bucket,
            goes_on: false,
            body: None,
        })
    }

    /// Marks a request that goes on with what was begun, a list or an operation: it is sent before those that begin
    /// something, for what comes after it can only be asked one by one.
    #[must_use]
    pub(super) fn going_on(self) -> ArmRequest {
        ArmRequest {
            goes_on: true,
            ..self
        }
    }

    /// The same request with something to say, as JSON.
    #[must_use]
    pub(super) fn saying(self, body: String) -> ArmRequest {
        ArmRequest {
            body: Some(body),
            ..self
        }
    }

    /// What it says, as JSON.
    pub(super) fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// How it is sent.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether it goes on with what was begun.
    pub(super) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// Whose count it is taken from.
    pub(super) fn bucket(&self) -> Bucket {
        self.bucket
    }

    /// The absolute address, byte for byte as Azure gave it but for encoded spaces.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A name of Azure's as one segment of a path: a billing account's has a colon, which recorded clients send encoded.
pub fn segment(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The absolute address and its lower-case path segments.
fn resolve(link: &str, cloud: Cloud) -> Result<(String, Vec<String>), LinkRefused> {
    if link.len() > LONGEST
        || link
            .bytes()
            .any(|byte| !(b' '..=b'~').contains(&byte) || matches!(byte, b'\\' | b'#'))
    {
        return Err(LinkRefused::Characters);
    }
    let target = path_and_query(link, cloud.arm_host()).ok_or(LinkRefused::ForeignHost)?;
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let segments = plain_segments(path).ok_or(LinkRefused::Path)?;
    Ok((
        format!("https://{}{}", cloud.arm_host(), target.replace(' ', "%20")),
        segments,
    ))
}

/// What follows the authority, beginning with `/`; `None` when the authority is not exactly ours.
fn path_and_query<'a>(link: &'a str, host: &str) -> Option<&'a str> {
    if link.starts_with('/') {
        return (!link.starts_with("//")).then_some(link);
    }
    let rest = link.strip_prefix("https://")?;
    let (authority, _) = rest.split_once('/')?;
    let ours = authority
        .strip_suffix(":443")
        .unwrap_or(authority)
        .eq_ignore_ascii_case(host);
    ours.then(|| rest.strip_prefix(authority)).flatten()
}

/// Lower-case segments of a path in which nothing is hidden by encoding.
fn plain_segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?.to_ascii_lowercase();
    let hidden = path.split('%').skip(1).any(hides);
    let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    let plain = segments
        .iter()
        .all(|segment| !segment.is_empty() && segment != "." && segment != "..");
    (plain && !hidden).then_some(segments)
}

/// Whether what follows a `%` encodes something that would change the path's meaning, that nobody needs to encode, or
/// nothing at all.
fn hides(after: &str) -> bool {
    let digits = after
        .get(..2)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.is_none_or(|byte| {
        byte.is_ascii_alphanumeric()
            || byte.is_ascii_control()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'\\' | b'%')
    })
}

fn is_readable(segments: &[&str]) -> bool {
    match segments {
        ["subscriptions"] | ["tenants"] => true,
        ["subscriptions", _, "providers", ..] | ["providers", ..] => {
            providers_of(segments).is_some_and(|providers| {
                providers
                    .iter()
                    .all(|provider| READABLE_PROVIDERS.contains(provider))
            })
        }
        _ => false,
    }
}

fn is_preparation(segments: &[&str]) -> bool {
    let Some(providers) = providers_of(segments) else {
        return false;
    };
    match segments {
        [.., "generatecostdetailsreport"] => {
            let of_billing = |provider: &&str| *provider == "microsoft.billing";
            matches!(providers.split_last(), Some((&"microsoft.costmanagement", scope)) if scope.iter().all(of_billing))
        }
        [
            ..,
            "invoices",
            _,
            "download" | "downloadsummary" | "transactionsdownload",
        ]
        | [.., "downloaddocuments" | "checkaccess"] => providers == ["microsoft.billing"],
        _ => false,
    }
}

/// The provider namespaces of a path; `None` when the path names none.
fn providers_of<'a>(segments: &[&'a str]) -> Option<Vec<&'a str>> {
    let providers: Vec<&str> = segments
        .windows(2)
        .filter_map(|pair| match pair {
            ["providers", namespace] => Some(*namespace),
            _ => None,
        })
        .collect();
    let rooted = match segments {
        ["providers", ..] => true,
        ["subscriptions", id, "providers", ..] => is_subscription_id(id),
        _ => false,
    };
    (rooted && !providers.is_empty()).then_some(providers)
}

fn is_subscription_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
