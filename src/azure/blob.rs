//! Signed addresses in blob storage, and fetching what lies there without any token.
//! Must not know: Resource Manager, tokens, or what the bytes mean.

use std::rc::Rc;

use super::cloud::Cloud;
use super::error::{AzureError, refused};
use super::gate::Gate;
use super::link::LinkRefused;
use super::ports::{Clock, HostAccess, HttpRequest, Transport};
use super::retry::{Decision, decide};

/// Fetches under way at once: six connections are what a browser opens to one HTTP/1.1 host.
const FETCHES: usize = 6;

/// A signed blob address: whoever holds it can read the document. Neither printable nor serialisable.
pub struct SasUrl {
    address: String,
    host: String,
}

impl SasUrl {
    /// Checks that the address is https, of this cloud's blob storage, on the default port, without user info.
    pub fn read(address: &str, cloud: Cloud) -> Result<SasUrl, LinkRefused> {
        if address
            .bytes()
            .any(|byte| !(b'!'..=b'~').contains(&byte) || matches!(byte, b'\\' | b'#'))
        {
            return Err(LinkRefused::Characters);
        }
        let authority = address
            .strip_prefix("https://")
            .and_then(|rest| rest.split_once('/'))
            .map(|(host, _)| host);
        let authority = authority.ok_or(LinkRefused::ForeignHost)?;
        let host = authority
            .strip_suffix(":443")
            .unwrap_or(authority)
            .to_ascii_lowercase();
        let account = host
            .strip_suffix(cloud.blob_suffix())
            .ok_or(LinkRefused::ForeignHost)?;
        let plain = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if plain {
            Ok(SasUrl {
                address: address.to_owned(),
                host,
            })
        } else {
            Err(LinkRefused::ForeignHost)
        }
    }

    /// The storage account's host, lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn into_address(self) -> String {
        self.address
    }
}

/// A fetched blob.
pub struct Blob {
    /// The whole content.
    pub bytes: Vec<u8>,
    /// `Content-Length` as announced, if it was.
    pub announced_length: Option<u64>,
}

/// A client of blob storage.
pub struct Blobs {
    transport: Rc<dyn Transport>,
    clock: Rc<dyn Clock>,
    access: Option<Rc<dyn HostAccess>>,
    gate: Gate,
}

impl Blobs {
    /// A client without any identity, for the cloud's own storage account of invoices.
    pub fn new(transport: Rc<dyn Transport>, clock: Rc<dyn Clock>) -> Blobs {
        let gate = Gate::new(clock.clone(), FETCHES, FETCHES);
        Blobs {
            transport,
            clock,
            access: None,
            gate,
        }
    }

    /// The same client, for other storage accounts too as far as the person has granted them.
    #[must_use]
    pub fn with_access(self, access: Rc<dyn HostAccess>) -> Blobs {
        let access = Some(access);
        Blobs { access, ..self }
    }

    /// Whether the extension may read there now; elsewhere only the browser itself may.
    pub async fn may_read(&self, address: &SasUrl, cloud: Cloud) -> bool {
        match &self.access {
            _ if cloud.invoice_storage() == Some(&*address.host) => true,
            Some(access) => access.may_read(&address.host).await,
            None => false,
        }
    }

    /// Fetches a blob whole. A 403 means that the address expired: ask for a new one rather than again.
    pub async fn fetch(&self, address: &SasUrl) -> Result<Blob, AzureError> {
        let mut attempt = 1;
        loop {
            let outcome = {
                let _pass = self.gate.enter(false).await?;
                let outcome = self
                    .transport
                    .send(HttpRequest::anonymous(address.address.clone()))
                    .await;
                if let Ok(response) = &outcome {
                    self.gate.learn(response);
                }
                outcome
            };
            match decide(attempt, &outcome, self.clock.now(), self.clock.chance()) {
                Decision::Again(wait) => {
                    attempt += 1;
                    self.clock.sleep(wait).await;
                }
                Decision::Keep => {
                    let response = outcome?;
                    if response.status != 200 {
                        return Err(refused(&response));
                    }
                    let announced_length = response
                        .header("content-length")
                        .and_then(|length| length.trim().parse().ok());
                    return Ok(Blob {
                        bytes: response.body,
                        announced_length,
                    });
                }
            }
        }
    }
}
