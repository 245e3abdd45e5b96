//! Mishaps on order: which request they hit and what happens to it.
//! It must not know what the request would have done.

mod script;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::exchange::Request;
use crate::hosts;
use crate::log::Sender;
use crate::poison::{LinkPlace, Poison};

/// A mishap. A request is hit when everything that is given agrees with it; preflights are never hit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Host, without port.
    #[serde(default)]
    pub host: Option<String>,
    /// A part of path and query, as they are sent.
    #[serde(default)]
    pub path_contains: Option<String>,
    /// HTTP method, upper case.
    #[serde(default)]
    pub method: Option<String>,
    /// Who sends it.
    #[serde(default)]
    pub from: Option<Sender>,
    /// Only the nth request that agrees with the rest, counted from 1; each one when it is missing.
    #[serde(default)]
    pub nth: Option<u32>,
    /// Not the first ones that agree with the rest.
    #[serde(default)]
    pub after: u32,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// A mishap of every request of the extension whose path and query contain `path`.
    #[must_use]
    pub fn on_extension(path: impl Into<String>, effect: Effect) -> Self {
        Self {
            host: None,
            path_contains: Some(path.into()),
            method: None,
            from: Some(Sender::Extension),
            nth: None,
            after: 0,
            effect,
        }
    }

    /// A mishap of every request of the extension to blob storage.
    #[must_use]
    pub fn on_storage(effect: Effect) -> Self {
        Self {
            host: Some(hosts::INVOICE_STORAGE.to_owned()),
            ..Self::on_extension("", effect)
        }
    }

    /// The same mishap, sparing the first requests.
    #[must_use]
    pub fn after(self, spared: u32) -> Self {
        Self {
            after: spared,
            ..self
        }
    }

    /// The same mishap, for the nth such request only, counted from 1.
    #[must_use]
    pub fn nth(self, nth: u32) -> Self {
        Self {
            nth: Some(nth),
            ..self
        }
    }
}

/// What happens to a request that is hit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    tag = "kind",
    deny_unknown_fields
)]
pub enum Effect {
    /// It is answered so, and never reaches the service.
    Answer {
        /// Status.
        status: u16,
        /// Headers. `{http-date+2}` in a value becomes the date two seconds after the answer, as HTTP writes it.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Body.
        #[serde(default)]
        body: String,
    },
    /// The answer comes so much later.
    Delay {
        /// Milliseconds.
        milliseconds: u64,
    },
    /// The request waits until the mishaps are replaced, and then goes on as if nothing had been.
    Hold,
    /// The connection (in HTTP/2: the stream) is reset, and the request never reaches the service.
    Reset,
    /// The connection breaks after so many bytes of the body.
    Truncate {
        /// Bytes.
        bytes: usize,
    },
    /// Resource Manager refuses the token of this request as expired, now and from now on.
    ExpireToken,
    /// The answer passes, but its links in one place are poisoned; one without such links passes as it is.
    HostileLink {
        /// Where the links stand.
        place: LinkPlace,
        /// What is wrong with them.
        link: Poison,
    },
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// With the number of requests that agreed so far.
    set: Vec<(Fault, u32)>,
    replaced: watch::Sender<()>,
}

impl Faults {
    pub(crate) fn set(&mut self, faults: Vec<Fault>) {
        self.set = faults.into_iter().map(|fault| (fault, 0)).collect();
        self.replaced.send_replace(());
    }

    /// Changes when the mishaps are replaced.
    pub(crate) fn replaced(&self) -> watch::Receiver<()> {
        self.replaced.subscribe()
    }

    /// The first mishap that hits; every one that agrees has counted the request.
    pub(crate) fn hit(&mut self, request: &Request) -> Option<Effect> {
        if request.is_preflight() {
            return None;
        }
        let target = format!("{}?{}", request.path, request.query);
        let mut hit = None;
        for (fault, seen) in &mut self.set {
            let agrees = fault
                .host
                .as_ref()
                .is_none_or(|host| host.eq_ignore_ascii_case(&request.host))
                && fault
                    .path_contains
                    .as_ref()
                    .is_none_or(|part| target.contains(part))
                && fault
                    .method
                    .as_ref()
                    .is_none_or(|method| method == request.method.as_str())
                && fault.from.is_none_or(|from| from == request.sender());
            if !agrees {
                continue;
            }
            *seen += 1;
            if fault.nth.is_none_or(|nth| nth == *seen) && *seen > fault.after && hit.is_none() {
                hit = Some(fault.effect.clone());
            }
        }
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::tests::request;

    #[test]
    fn only_the_nth_agreeing_request_is_hit() {
        let mut faults = Faults::default();
        faults.set(vec![Fault::on_extension("/download", Effect::Reset).nth(2)]);
        let post = request(
            "POST",
            "https://management.azure.com/invoices/1/download?a=b",
            &[],
        );
        let other = request("GET", "https://management.azure.com/subscriptions", &[]);
        assert_eq!(faults.hit(&post), None);
        assert_eq!(faults.hit(&other), None);
        assert_eq!(faults.hit(&post), Some(Effect::Reset));
        assert_eq!(faults.hit(&post), None);
    }

    #[test]
    fn the_first_requests_can_be_spared() {
        let mut faults = Faults::default();
        faults.set(vec![Fault::on_storage(Effect::Hold).after(2)]);
        let get = request("GET", "https://billingrppub.blob.core.windows.net/a.pdf", &[]);
        assert_eq!(
            [faults.hit(&get), faults.hit(&get), faults.hit(&get)],
            [None, None, Some(Effect::Hold)]
        );
        let elsewhere = request("GET", "https://management.azure.com/subscriptions", &[]);
        assert_eq!(faults.hit(&elsewhere), None);
    }

    #[test]
    fn what_is_held_goes_on_when_the_mishaps_are_replaced() {
        let mut faults = Faults::default();
        faults.set(vec![Fault::on_storage(Effect::Hold)]);
        let replaced = faults.replaced();
        assert!(!replaced.has_changed().unwrap());
        faults.set(Vec::new());
        assert!(replaced.has_changed().unwrap());
    }

    #[test]
    fn the_page_is_spared_when_the_extension_is_meant() {
        let mut faults = Faults::default();
        faults.set(vec![Fault::on_extension(
            "subscriptions",
            Effect::Delay { milliseconds: 5 },
        )]);
        let url = "https://management.azure.com/subscriptions";
        assert_eq!(
            faults.hit(&request("GET", url, &[("origin", "https://portal.azure.com")])),
            None
        );
        assert!(faults.hit(&request("GET", url, &[])).is_some());
    }

    #[test]
    fn a_fault_is_written_as_json() {
        let text = r#"{"path_contains":"/download","nth":1,"effect":{"kind":"answer","status":429,"headers":[["retry-after","2"]]}}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        assert!(matches!(fault.effect, Effect::Answer { status: 429, .. }));
    }
}
