//! Blob storage: links that are good for ten minutes, and the documents behind them.
//! It must not know how a link was come by.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{Method, StatusCode};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::arm::Version;
use crate::arm::shapes::encoded_segment;
use crate::documents;
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::log::Sender;
use crate::scenario::{Served, Storage};
use crate::state::State;
use crate::world::DocumentKey;

/// Every link that was given, by its signature.
#[derive(Debug, Default)]
pub(crate) struct Links(HashMap<String, Link>);

#[derive(Debug)]
struct Link {
    document: DocumentKey,
    path: String,
    given_to: Sender,
    starts: OffsetDateTime,
    expires: OffsetDateTime,
}

/// A new link to a document; `None` when there is no such document.
pub(crate) fn link(
    state: &mut State,
    document: DocumentKey,
    version: Version,
    given_to: Sender,
    now: OffsetDateTime,
) -> Option<String> {
    let found = state.world.find(document)?;
    let host = match found.document.storage {
        Storage::Invoices => hosts::INVOICE_STORAGE,
        Storage::Other => hosts::OTHER_STORAGE,
        Storage::Foreign => hosts::FOREIGN,
    };
    let path = format!(
        "/invoices/{}_{}.pdf",
        encoded_segment(&found.invoice.name),
        encoded_segment(&found.document.name)
    );
    let tenant = found.account.tenant.clone();
    let expires = now + state.settings.link_lifetime;
    let signature = STANDARD.encode(state.draw.bytes(32));
    let (start, end) = (sas_time(now), sas_time(expires));
    let (start_encoded, end_encoded) = (start.replace(':', "%3A"), end.replace(':', "%3A"));
    let signature_encoded = encoded_segment(&signature);
    let query = match version {
        Version::V2024 => format!(
            "skoid=12619eff-3425-4983-acf8-91ebc4e8674c&sktid={tenant}&skt={start_encoded}&ske={end_encoded}&sks=b\
             &skv=2024-05-04&sv=2024-05-04&st={start_encoded}&se={end_encoded}&sr=b&sp=r&sig={signature_encoded}"
        ),
        Version::V2020 => format!("sv=2019-02-02&sr=b&sig={signature_encoded}&se={end_encoded}&sp=r"),
    };
    let url = format!("https://{host}{path}?{query}");
    state.links.0.insert(
        signature,
        Link {
            document,
            path,
            given_to,
            starts: now,
            expires,
        },
    );
    Some(url)
}

/// Answers a request to blob storage. It sends no CORS headers, so no page can read it.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    let id = state.draw.guid();
    let answer = blob(state, request);
    answer
        .with("server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
        .with("x-ms-request-id", id)
        .with("x-ms-version", "2024-05-04")
}

fn blob(state: &mut State, request: &Request) -> Answer {
    if request.method != Method::GET && request.method != Method::HEAD {
        return refused(
            StatusCode::FORBIDDEN,
            "AuthenticationFailed",
            "The method is not permitted.",
            request.at,
        );
    }
    if request.has_authorization() {
        let message = "Authentication information is not given in the correct format. Check the value of Authorization header.";
        return refused(
            StatusCode::BAD_REQUEST,
            "InvalidAuthenticationInfo",
            message,
            request.at,
        );
    }
    let Some(link) = request
        .parameter("sig")
        .and_then(|signature| state.links.0.get(&signature))
    else {
        let message = "Server failed to authenticate the request. Make sure the value of Authorization header is \
                       formed correctly including the signature.";
        return refused(StatusCode::FORBIDDEN, "AuthenticationFailed", message, request.at);
    };
    if link.expires <= request.at || request.parameter("se") != Some(sas_time(link.expires)) {
        let message = format!(
            "Signature not valid in the specified time frame: Start [{}] - Expiry [{}] - Current [{}]",
            sas_time(link.starts),
            sas_time(link.expires),
            sas_time(request.at)
        );
        return refused(
            StatusCode::FORBIDDEN,
            "AuthenticationFailed",
            &message,
            request.at,
        );
    }
    if link.path != request.path {
        return refused(
            StatusCode::FORBIDDEN,
            "AuthenticationFailed",
            "Signature did not match.",
            request.at,
        );
    }
    let (document, given_to) = (link.document, link.given_to);
    let Some(found) = state.world.find(document) else {
        return refused(
            StatusCode::NOT_FOUND,
            "BlobNotFound",
            "The specified blob does not exist.",
            request.at,
        );
    };
    let served = found.document.served;
    let mut body = match served {
        Served::Html => documents::html_error_page(),
        Served::Pdf | Served::Truncated | Served::Short => documents::pdf(found),
    };
    if served == Served::Truncated {
        body.truncate(body.len() * 3 / 4);
    }
    let content_type = if served == Served::Html {
        "text/html"
    } else {
        "application/octet-stream"
    };
    let length = body.len();
    let mut answer = Answer::new(StatusCode::OK, content_type, body)
        .with("etag", format!("\"0x8DD{length:012X}\""))
        .with("x-ms-blob-type", "BlockBlob")
        .with("x-ms-server-encrypted", "true");
    if served == Served::Short {
        answer.cut_after = Some(length / 2);
    }
    // A document that came broken may be asked for again.
    if given_to == Sender::Extension && request.method == Method::GET && served == Served::Pdf {
        state.watch.on_document(document, request);
    }
    answer
}

fn refused(status: StatusCode, code: &'static str, message: &str, now: OffsetDateTime) -> Answer {
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\nTime:{}</Message></Error>",
        sas_time(now)
    );
    Answer::new(status, "application/xml", body).with("x-ms-error-code", code)
}

fn sas_time(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        ))
        .unwrap_or_default()
}
