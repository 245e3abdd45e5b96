//! Links that lead where a client must not follow: a good address becomes a bad one, alone or inside an answer.
//! It must not know who hands them out.

use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exchange::Answer;
use crate::hosts;

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Poison {
    /// It names another host.
    ForeignHost,
    /// Its host is right, but it names an action, or a resource, that nobody asked for.
    OtherAction,
    /// It goes without TLS.
    Http,
    /// The right host stands before an `@`, another one behind it.
    HostAsUserInfo,
    /// A user stands before the right host.
    UserInfo,
    /// A backslash hides the other host from those who read addresses by the older rules.
    Backslash,
    /// The host looks like the right one: a letter of it is Cyrillic.
    LookAlike,
}

impl Poison {
    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::ForeignHost,
        Self::OtherAction,
        Self::Http,
        Self::HostAsUserInfo,
        Self::UserInfo,
        Self::Backslash,
        Self::LookAlike,
    ];

    /// A good `https:` address, spoiled.
    pub(crate) fn spoil(self, address: &str) -> String {
        let rest = address.strip_prefix("https://").unwrap_or(address);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let foreign = hosts::FOREIGN;
        match self {
            Self::ForeignHost => format!("https://{foreign}/{path}"),
            Self::OtherAction => other_action(host, path),
            Self::Http => format!("http://{host}/{path}"),
            Self::HostAsUserInfo => format!("https://{host}@{foreign}/{path}"),
            Self::UserInfo => format!("https://user@{host}/{path}"),
            Self::Backslash => format!("https://{foreign}\\@{host}/{path}"),
            Self::LookAlike => format!("https://{}/{path}", host.replacen('a', "\u{430}", 1)),
        }
    }

    /// The same for a header, which takes no letter beyond ASCII.
    pub(crate) fn spoil_in_header(self, address: &str) -> String {
        let look_alike = hosts::ARM.replacen('a', "\u{430}", 1);
        self.spoil(address).replacen(&look_alike, hosts::LOOK_ALIKE, 1)
    }
}

/// Where in an answer of Resource Manager a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum LinkPlace {
    /// `nextLink` of a list.
    NextLink,
    /// The header `Location`.
    Location,
    /// Every `documents[].url` of an invoice or of a list of invoices.
    DocumentUrl,
    /// The link that a finished operation ends with, or each of them.
    Result,
}

/// Spoils the links that stand in one place of an answer; an answer that has none stays as it is.
pub(crate) fn spoil_answer(answer: &mut Answer, place: LinkPlace, poison: Poison) {
    if place == LinkPlace::Location {
        let location = answer
            .headers
            .get("location")
            .and_then(|value| value.to_str().ok());
        let spoiled = location.map(|location| poison.spoil_in_header(location));
        if let Some(value) = spoiled.and_then(|spoiled| HeaderValue::try_from(spoiled).ok()) {
            answer.headers.insert("location", value);
        }
        return;
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return;
    };
    match place {
        LinkPlace::NextLink => spoil_value(body.get_mut("nextLink"), poison),
        LinkPlace::DocumentUrl => {
            let list = body.get_mut("value").and_then(Value::as_array_mut);
            match list {
                Some(invoices) => invoices
                    .iter_mut()
                    .for_each(|invoice| spoil_documents(invoice, poison)),
                None => spoil_documents(&mut body, poison),
            }
        }
        LinkPlace::Result if body.is_string() => spoil_value(Some(&mut body), poison),
        LinkPlace::Result => {
            spoil_value(body.get_mut("url"), poison);
            let blobs = body.pointer_mut("/manifest/blobs").and_then(Value::as_array_mut);
            for blob in blobs.into_iter().flatten() {
                spoil_value(blob.get_mut("blobLink"), poison);
            }
        }
        LinkPlace::Location => {}
    }
    answer.body = body.to_string().into();
}

fn spoil_documents(invoice: &mut Value, poison: Poison) {
    let documents = invoice
        .pointer_mut("/properties/documents")
        .and_then(Value::as_array_mut);
    for document in documents.into_iter().flatten() {
        spoil_value(document.get_mut("url"), poison);
    }
}

fn spoil_value(link: Option<&mut Value>, poison: Poison) {
    let Some(link) = link else {
        return;
    };
    let spoiled = match link.as_str() {
        Some(relative) if relative.starts_with('/') => {
            poison.spoil(&format!("https://{}{relative}", hosts::ARM))
        }
        Some(absolute) => poison.spoil(absolute),
        None => return,
    };
    *link = spoiled.into();
}

/// Another action on the same invoice, or else a resource that has nothing to do with billing.
fn other_action(host: &str, rest: &str) -> String {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    match path.rsplit_once('/') {
        Some((invoice, "download" | "downloadSummary" | "transactionsDownload")) => {
            format!("https://{host}/{invoice}/initiateRefund?{query}")
        }
        _ => format!(
            "https://{host}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups?api-version=2021-04-01"
        ),
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_poison_keeps_the_address_and_breaks_one_thing() {
        let good = "https://management.azure.com/providers/a/invoices/E1/download?documentName=1";
        let spoiled: Vec<String> = Poison::ALL.iter().map(|poison| poison.spoil(good)).collect();
        assert_eq!(
            spoiled,
            [
                "https://storage.fabrikam.example/providers/a/invoices/E1/download?documentName=1",
                "https://management.azure.com/providers/a/invoices/E1/initiateRefund?documentName=1",
                "http://management.azure.com/providers/a/invoices/E1/download?documentName=1",
                "https://management.azure.com@storage.fabrikam.example/providers/a/invoices/E1/download?documentName=1",
                "https://user@management.azure.com/providers/a/invoices/E1/download?documentName=1",
                "https://storage.fabrikam.example\\@management.azure.com/providers/a/invoices/E1/download?documentName=1",
                "https://m\u{430}nagement.azure.com/providers/a/invoices/E1/download?documentName=1",
            ]
        );
        for poison in Poison::ALL {
            assert!(poison.spoil_in_header(good).is_ascii(), "{poison:?}");
        }
    }

    #[test]
    fn an_answer_is_spoiled_in_one_place() {
        let body = json!({
            "nextLink": "/providers/next page",
            "value": [{"properties": {"documents": [{"url": "https://management.azure.com/invoices/E1/download"}]}}]
        });
        let spoiled = |place: LinkPlace, body: &Value| -> (String, Value) {
            let mut answer =
                Answer::json(StatusCode::OK, body).with("location", "https://management.azure.com/operation");
            spoil_answer(&mut answer, place, Poison::ForeignHost);
            let location = answer.headers["location"].to_str().unwrap().to_owned();
            (location, serde_json::from_slice(&answer.body).unwrap())
        };
        let (location, after) = spoiled(LinkPlace::NextLink, &body);
        assert_eq!(location, "https://management.azure.com/operation");
        assert_eq!(
            after["nextLink"],
            "https://storage.fabrikam.example/providers/next page"
        );
        assert_eq!(after["value"], body["value"]);
        let (_, after) = spoiled(LinkPlace::DocumentUrl, &body);
        assert_eq!(
            after["value"][0]["properties"]["documents"][0]["url"],
            "https://storage.fabrikam.example/invoices/E1/download"
        );
        let (location, after) = spoiled(LinkPlace::Location, &body);
        assert_eq!(location, "https://storage.fabrikam.example/operation");
        assert_eq!(after, body);
        let link = json!("https://billingrppub.blob.core.windows.net/1.pdf");
        let (_, after) = spoiled(LinkPlace::Result, &link);
        assert_eq!(after, "https://storage.fabrikam.example/1.pdf");
        let report = json!({"manifest": {"blobs": [{"blobLink": link, "byteCount": 1}]}});
        let (_, after) = spoiled(LinkPlace::Result, &report);
        assert_eq!(
            after["manifest"]["blobs"][0]["blobLink"],
            "https://storage.fabrikam.example/1.pdf"
        );
    }
}
