//! What was asked, in order, with everything secret left out.
//! It must not know whether a request was right: `rules` judges.

use serde::Serialize;
use time::OffsetDateTime;

use crate::exchange::Request;

/// Query parameters whose values would let a reader of the log act as the sender.
const SECRET: [&str; 5] = ["sig", "t", "c", "s", "h"];

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sender {
    /// The portal: its page, a worker or a frame of it.
    Page,
    /// The extension (on Resource Manager and blob storage: whoever sends no `Origin` of the portal).
    Extension,
}

/// A request that was answered, or cut off by a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Host without port.
    pub host: String,
    /// HTTP method.
    pub method: String,
    /// Path as it was sent.
    pub path: String,
    /// Query as it was sent; values of signatures are replaced by a dot.
    pub query: String,
    /// Who sent it.
    pub from: Sender,
    /// Whether it carried an `Authorization` header.
    pub authorization: bool,
    /// Status of the answer; 0 when a fault reset the connection in its place.
    pub status: u16,
    /// When it arrived.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// When the head of its answer left, or the reset in its place; in a violation, when it was judged. What was sent
    /// because of the answer arrived no earlier.
    #[serde(with = "time::serde::rfc3339")]
    pub answered: OffsetDateTime,
}

impl LoggedRequest {
    pub(crate) fn new(request: &Request, status: u16) -> Self {
        Self {
            host: request.host.clone(),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: without_secrets(&request.query),
            from: request.sender(),
            authorization: request.has_authorization(),
            status,
            at: request.at,
            answered: OffsetDateTime::now_utc(),
        }
    }
}

fn without_secrets(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if SECRET.contains(&key.to_ascii_lowercase().as_str()) => format!("{key}=."),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::tests::request;

    #[test]
    fn the_log_keeps_no_secret() {
        let url = "https://management.azure.com/op?api-version=2024-04-01&t=11&c=cert&s=sign&h=hash&sig=abc";
        let logged = LoggedRequest::new(&request("GET", url, &[("authorization", "Bearer secret")]), 200);
        assert_eq!(logged.query, "api-version=2024-04-01&t=.&c=.&s=.&h=.&sig=.");
        assert!(logged.authorization);
        assert!(!format!("{logged:?}").contains("secret"));
    }
}
