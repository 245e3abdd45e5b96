//! Signed addresses in blob storage, and fetching what lies there without any token.
//! Must not know: Resource Manager, tokens, or what the bytes mean.

use std::rc::Rc;

use super::cloud::Cloud;
use super::error::{AzureError, refused};
use super::gate::{Brake, Gate, Pass};
use super::link::LinkRefused;
use super::ports::{Body, Clock, HostAccess, HttpRequest, HttpResponse, HttpStream, Transport};
use super::retry::{Decision, decide};

/// Fetches under way at once: six connections are what a browser opens to one HTTP/1.1 host. What was fetched keeps its
/// place until it is dropped: a disk may be slower than the line, and memory would fill with what waits for it.
const FETCHES: usize = 6;
/// From this length on the line is what takes time, and memory is what counts: fewer are under way.
const LARGE: usize = 1_000_000;
const LARGE_FETCHES: usize = 2;

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

/// A fetched blob. Another one may be fetched when it is dropped.
pub struct Blob {
    /// The whole content.
    pub bytes: Vec<u8>,
    /// `Content-Length` as announced, if it was.
    pub announced_length: Option<u64>,
    _place: Pass,
}

/// A blob that passes by piece by piece.
pub struct BlobStream {
    /// `Content-Length` as announced, if it was.
    pub announced_length: Option<u64>,
    body: Box<dyn Body>,
    _place: Pass,
}

impl BlobStream {
    /// The next piece; `None` at the end. After an error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, AzureError>> {
        let piece = self.body.next().await?;
        Some(piece.map_err(AzureError::from))
    }
}

/// A client of blob storage.
pub struct Blobs {
    transport: Rc<dyn Transport>,
    clock: Rc<dyn Clock>,
    access: Option<Rc<dyn HostAccess>>,
    gate: Gate,
    brake: Brake,
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
            brake: Brake::default(),
        }
    }

    /// The same client, for other storage accounts too as far as the person has granted them.
    #[must_use]
    pub fn with_access(self, access: Rc<dyn HostAccess>) -> Blobs {
        let access = Some(access);
        Blobs { access, ..self }
    }

    /// The same client, as long as this brake lets it begin something.
    #[must_use]
    pub fn braked(&self, brake: Brake) -> Blobs {
        Blobs {
            transport: self.transport.clone(),
            clock: self.clock.clone(),
            access: self.access.clone(),
            gate: self.gate.clone(),
            brake,
        }
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
        let (HttpStream { head, .. }, place) = self.ask(address, false).await?;
        Ok(Blob {
            announced_length: announced_length(&head),
            bytes: head.body,
            _place: place,
        })
    }

    /// Begins to fetch a blob that may be too long for memory. One that breaks off is to be begun anew.
    pub async fn open(&self, address: &SasUrl) -> Result<BlobStream, AzureError> {
        let (HttpStream { head, body }, place) = self.ask(address, true).await?;
        Ok(BlobStream {
            announced_length: announced_length(&head),
            body,
            _place: place,
        })
    }

    /// The answer and the place that it takes; its body is either in the head or still to come.
    async fn ask(&self, address: &SasUrl, is_to_come: bool) -> Result<(HttpStream, Pass), AzureError> {
        let mut attempt = 1;
        loop {
            let place = self.gate.enter(false, &self.brake).await?;
            let request = HttpRequest::anonymous(address.address.clone());
            let mut body: Box<dyn Body> = Box::new(None);
            let outcome = match is_to_come {
                false => self.transport.send(request).await,
                true => self.transport.stream(request).await.map(|stream| {
                    body = stream.body;
                    stream.head
                }),
            };
            if let Ok(response) = &outcome {
                // A large one is no reason to let one more in, as every other success is.
                match response.body.len() < LARGE {
                    true => self.gate.learn(response),
                    false => self.gate.narrow(LARGE_FETCHES),
                }
            }
            match decide(attempt, &outcome, self.clock.now(), self.clock.chance()) {
                Decision::Again(wait) => {
                    attempt += 1;
                    // Waiting must not hold a place.
                    drop(place);
                    self.clock.sleep(wait).await;
                }
                Decision::Keep => {
                    let head = outcome?;
                    return match head.status {
                        200 => Ok((HttpStream { head, body }, place)),
                        _ => Err(refused(&head)),
                    };
                }
            }
        }
    }
}

fn announced_length(response: &HttpResponse) -> Option<u64> {
    let length = response.header("content-length")?;
    length.trim().parse().ok()
}
