//! One request as it came in and the answer as it goes out, free of sockets.
//! It must not know any service: the services are functions from one to the other.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::hosts;
use crate::log::Sender;

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Lower case, without a port.
    pub(crate) host: String,
    /// As it was sent, still percent-encoded.
    pub(crate) path: String,
    /// As it was sent, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it came through TLS.
    pub(crate) secure: bool,
    pub(crate) arrived: Instant,
    pub(crate) at: OffsetDateTime,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Who sent it. An extension with host permission sends no `Origin` to Resource Manager and to blob storage,
    /// the portal's pages, workers and frames cannot leave it out. On the portal's own hosts both look alike.
    pub(crate) fn sender(&self) -> Sender {
        match hosts::service(&self.host) {
            Some(hosts::Service::Portal | hosts::Service::Frame) => Sender::Page,
            _ if self.header("origin").is_some_and(hosts::is_portal_origin) => Sender::Page,
            _ => Sender::Extension,
        }
    }

    pub(crate) fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS && self.headers.contains_key("access-control-request-method")
    }

    /// Whether it carries an `Authorization` header, or asks in a preflight whether it may.
    pub(crate) fn has_authorization(&self) -> bool {
        self.headers.contains_key("authorization")
            || self
                .header("access-control-request-headers")
                .is_some_and(|names| names.to_ascii_lowercase().contains("authorization"))
    }

    /// The decoded segments of the path.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path.split('/').skip(1).map(decoded).collect()
    }

    /// The decoded value of a query parameter, whose name may be encoded too and is compared without regard to case.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        parameters(&self.query)
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// The decoded pairs of a query.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Close the connection after so many bytes of the body, although `Content-Length` promises all of it.
    pub(crate) cut_after: Option<usize>,
    /// Reset the connection (in HTTP/2: the stream) in its place.
    pub(crate) is_lost: bool,
}

impl Answer {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            cut_after: None,
            is_lost: false,
        }
    }

    /// None at all: the connection is reset.
    pub(crate) fn none() -> Self {
        Self {
            is_lost: true,
            ..Self::empty(StatusCode::OK)
        }
    }

    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self::empty(status);
        answer
            .headers
            .insert("content-type", HeaderValue::from_static(content_type));
        answer.body = body.into();
        answer
    }

    pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    /// Adds a header; a value that HTTP does not allow is left out.
    pub(crate) fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A request as the extension would send it, or with the headers given.
    pub(crate) fn request(method: &str, url: &str, headers: &[(&str, &str)]) -> Request {
        let (secure, rest) = match url.strip_prefix("http://") {
            Some(rest) => (false, rest),
            None => (true, url.strip_prefix("https://").unwrap()),
        };
        let (host, target) = rest.split_once('/').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Request {
            method: Method::try_from(method).unwrap(),
            host: host.to_owned(),
            path: format!("/{path}"),
            query: query.to_owned(),
            headers: map,
            body: Bytes::new(),
            secure,
            arrived: Instant::now(),
            at: OffsetDateTime::now_utc(),
        }
    }

    #[test]
    fn the_sender_is_told_by_the_origin() {
        let url = "https://management.azure.com/subscriptions";
        assert_eq!(request("GET", url, &[]).sender(), Sender::Extension);
        assert_eq!(
            request("GET", url, &[("origin", "https://portal.azure.com")]).sender(),
            Sender::Page
        );
        let frame = format!("https://{}", hosts::FRAME);
        assert_eq!(request("GET", url, &[("origin", &frame)]).sender(), Sender::Page);
        assert_eq!(
            request("GET", url, &[("origin", "chrome-extension://abc")]).sender(),
            Sender::Extension
        );
        assert_eq!(
            request("GET", "https://portal.azure.com/", &[]).sender(),
            Sender::Page
        );
    }

    #[test]
    fn parameters_are_found_however_they_are_encoded() {
        let request = request(
            "GET",
            "https://management.azure.com/x?a=1&%24skiptoken=bG9uZw%3D%3D&b",
            &[],
        );
        assert_eq!(request.parameter("$skiptoken").as_deref(), Some("bG9uZw=="));
        assert_eq!(request.parameter("A").as_deref(), Some("1"));
        assert_eq!(request.parameter("b").as_deref(), Some(""));
        assert_eq!(request.parameter("c"), None);
    }
}
