//! The names that the local Azure answers to.
//! It must not know what is served under them.

/// The portal; the first name is the one that pages are opened on.
pub(crate) const PORTAL: [&str; 4] = [
    "portal.azure.com",
    "ms.portal.azure.com",
    "preview.portal.azure.com",
    "rc.portal.azure.com",
];
/// The frame that a React-built page lives in.
pub(crate) const FRAME: &str = "sandbox-1.reactblade.portal.azure.net";
/// Resource Manager.
pub(crate) const ARM: &str = "management.azure.com";
/// The storage account that invoices are handed out from.
pub(crate) const INVOICE_STORAGE: &str = "billingrppub.blob.core.windows.net";
/// Another storage account of the same cloud.
pub(crate) const OTHER_STORAGE: &str = "billinginsightsstore02.blob.core.windows.net";
/// A host that is no part of Azure; whoever is led there must not go.
pub(crate) const FOREIGN: &str = "storage.fabrikam.example";
/// A name that looks like Resource Manager's: its second letter is Cyrillic.
pub(crate) const LOOK_ALIKE: &str = "xn--mnagement-0yh.azure.com";
/// A municipality that keeps fiscal notes: outside Azure, yet it may be linked to.
pub(crate) const MUNICIPALITY: &str = "nfe.prefeitura.example";

/// The part of the local Azure behind a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Portal,
    Frame,
    Arm,
    Blob,
    External,
    Foreign,
}

/// Every name, in the order that browsers are told of them.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    PORTAL.into_iter().chain([
        FRAME,
        ARM,
        INVOICE_STORAGE,
        OTHER_STORAGE,
        MUNICIPALITY,
        FOREIGN,
        LOOK_ALIKE,
    ])
}

/// Which service answers under a name.
pub(crate) fn service(host: &str) -> Option<Service> {
    match host {
        FRAME => Some(Service::Frame),
        ARM => Some(Service::Arm),
        INVOICE_STORAGE | OTHER_STORAGE => Some(Service::Blob),
        MUNICIPALITY => Some(Service::External),
        FOREIGN | LOOK_ALIKE => Some(Service::Foreign),
        host if PORTAL.contains(&host) => Some(Service::Portal),
        _ => None,
    }
}

/// Whether an `Origin` header names the portal or one of its frames.
pub(crate) fn is_portal_origin(origin: &str) -> bool {
    origin
        .strip_prefix("https://")
        .is_some_and(|host| matches!(service(host), Some(Service::Portal | Service::Frame)))
}
