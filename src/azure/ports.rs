//! What the pipeline needs of the outside: something that sends, and something that tells the time.
//! Must not know: who implements it (a browser, a test).

use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::token::AccessToken;

/// The two methods that exist in this product; there is no PUT, PATCH or DELETE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks Azure to prepare a document; changes nothing.
    Post,
}

impl Method {
    /// The method as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request that has passed every check. Only [`Arm`](super::Arm) can make one that carries a token.
///
/// Neither printable nor serialisable: it holds a token or a signed address.
pub struct HttpRequest {
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
    bearer: Option<Rc<AccessToken>>,
}

impl HttpRequest {
    pub(super) fn authorized(
        method: Method,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: Option<String>,
        bearer: Rc<AccessToken>,
    ) -> Self {
        HttpRequest {
            method,
            url,
            headers,
            body,
            bearer: Some(bearer),
        }
    }

    pub(super) fn anonymous(url: String) -> Self {
        HttpRequest {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: None,
            bearer: None,
        }
    }

    /// How it is sent.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Absolute address; may be signed, so it goes to the network only.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Header names and values besides `Authorization`.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// What a POST says, as JSON; most say nothing.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// The token to send as `Authorization: Bearer …`; absent for signed addresses.
    pub fn bearer(&self) -> Option<&AccessToken> {
        self.bearer.as_deref()
    }
}

/// An answer, whatever its status.
#[derive(Clone, Default)]
pub struct HttpResponse {
    /// HTTP status code.
    pub status: u16,
    /// Header names (any case) and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The body of an answer, which passes by piece by piece.
#[async_trait(?Send)]
pub trait Body {
    /// The next piece; `None` at the end. After an error there is nothing more.
    async fn next(&mut self) -> Option<Result<Vec<u8>, TransportError>>;
}

/// A body that has come whole is its own only piece.
#[async_trait(?Send)]
impl Body for Option<Vec<u8>> {
    async fn next(&mut self) -> Option<Result<Vec<u8>, TransportError>> {
        self.take().map(Ok)
    }
}

/// An answer whose body is still to come. Dropping it aborts the request.
pub struct HttpStream {
    /// Status and headers, without a body.
    pub head: HttpResponse,
    /// The body.
    pub body: Box<dyn Body>,
}

impl HttpStream {
    /// An answer that has come whole.
    pub fn whole(mut answer: HttpResponse) -> HttpStream {
        let body = Some(std::mem::take(&mut answer.body));
        HttpStream {
            head: answer,
            body: Box::new(body),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, a broken one, a refused redirect or a host without permission: a browser does not say which.
    #[error("no answer from the network")]
    Network,
    /// The answer ended before its announced length.
    #[error("the answer broke off")]
    BrokenOff,
}

/// Sends requests: without cookies or referrer, following no redirect.
#[async_trait(?Send)]
pub trait Transport {
    /// Sends one request. Dropping the future aborts it.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
    /// The same for a body that may be too long for memory. Dropping the stream aborts it.
    async fn stream(&self, request: HttpRequest) -> Result<HttpStream, TransportError> {
        self.send(request).await.map(HttpStream::whole)
    }
}

/// Tells what the person has granted beyond what the product always needs.
#[async_trait(?Send)]
pub trait HostAccess {
    /// Whether the extension may read from this host at this moment.
    async fn may_read(&self, host: &str) -> bool;
}

/// Tells the time, waits, and rolls the dice for retry delays.
#[async_trait(?Send)]
pub trait Clock {
    /// The present moment, UTC.
    fn now(&self) -> OffsetDateTime;
    /// Comes back after this long.
    async fn sleep(&self, duration: Duration);
    /// A fresh random number in `0.0..1.0`.
    fn chance(&self) -> f64;
}
