//! From the portal's address to the kind of page it shows.
//! Must not know: blade layouts; whole routes churn, so only names inside them are matched.

use crate::azure::Cloud;
use crate::mention::mentions;

/// Portal extensions whose every page is about billing, lower case. Seen in Microsoft's documentation and links.
const BILLING_EXTENSIONS: [&str; 2] = ["microsoft_azure_gtm", "microsoft_azure_billing"];
const COST_EXTENSION: &str = "microsoft_azure_costmanagement";

/// What a portal address shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A page about invoices.
    Invoices,
    /// Another billing page, the list of subscriptions included.
    Billing,
    /// Cost Management.
    Costs,
    /// Anything else in the portal.
    Other,
}

impl Page {
    /// Route of the page of all invoices, by which the form of sharing is found.
    pub const INVOICES: &str = "#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices";

    /// Whether the dock belongs there.
    pub fn is_about_billing(self) -> bool {
        self != Page::Other
    }
}

/// The cloud and page of a portal address; `None` when the address is not the portal's.
///
/// Understands the old `#blade/…` and the current `#view/…/~/…` forms, `#@directory/`, flags before the `#`, and values
/// encoded up to twice.
pub fn page_of(address: &str) -> Option<(Cloud, Page)> {
    let rest = address.strip_prefix("https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end)?;
    let cloud = Cloud::of_portal_origin(&format!("https://{host}"))?;
    let route = rest.split_once('#').map_or("", |(_, route)| route);
    let route = percent_decoded(&percent_decoded(route)).to_ascii_lowercase();
    let route = match route.strip_prefix('@') {
        Some(in_directory) => in_directory.split_once('/').map_or("", |(_, route)| route),
        None => route.trim_start_matches('/'),
    };
    let segments: Vec<&str> = route.split('/').filter(|segment| !segment.is_empty()).collect();
    Some((cloud, page_of_segments(&segments)))
}

/// The subscription that a portal address is about, lower case.
pub fn subscription_of(address: &str) -> Option<String> {
    let route = address.split_once('#').map_or("", |(_, route)| route);
    let route = percent_decoded(&percent_decoded(route)).to_ascii_lowercase();
    let mut segments = route.split('/');
    segments.find(|segment| *segment == "subscriptions")?;
    let id = segments.next()?.split('?').next()?;
    let is_id = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_id.then(|| id.to_owned())
}

fn page_of_segments(segments: &[&str]) -> Page {
    let mentions_invoices = |segments: &[&str]| segments.iter().any(|segment| mentions(segment, "invoice"));
    match segments {
        ["blade" | "view", extension, rest @ ..] if BILLING_EXTENSIONS.contains(extension) => {
            if mentions_invoices(rest) {
                Page::Invoices
            } else {
                Page::Billing
            }
        }
        ["blade" | "view", extension, ..] if *extension == COST_EXTENSION => Page::Costs,
        // A subscription's own menu: /subscriptions/{guid}/{menu item}, without a resource below it.
        ["resource", "subscriptions", _, menu @ ..] if menu.len() <= 1 => {
            if mentions_invoices(menu) {
                Page::Invoices
            } else {
                Page::Billing
            }
        }
        ["browse", types, ..]
            if mentions(types, "microsoft.resources") && mentions(types, "subscriptions") =>
        {
            Page::Billing
        }
        _ => Page::Other,
    }
}

/// Decodes what is valid and leaves the rest as it is.
fn percent_decoded(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let (value, remaining) = match rest {
            [b'%', high, low, remaining @ ..] => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => ((high * 16 + low) as u8, remaining),
                _ => (*byte, after),
            },
            _ => (*byte, after),
        };
        decoded.push(value);
        rest = remaining;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
