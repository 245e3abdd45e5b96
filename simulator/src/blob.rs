//! Blob storage: links that are good for a short time, and the documents and usage files behind them.
//! It must not know how a link was come by.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{Method, StatusCode};
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::arm::Version;
use crate::arm::shapes::encoded_segment;
use crate::documents;
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::log::Sender;
use crate::scenario::{Agreement, Served, Storage};
use crate::state::State;
use crate::usage;
use crate::world::{DocumentKey, Found, Report, Stored};

/// How long links of the oldest version are good for.
const LEGACY_LIFETIME: Duration = Duration::HOUR;

/// Every link that was given, by its signature.
#[derive(Debug, Default)]
pub(crate) struct Links(HashMap<String, Link>);

#[derive(Debug)]
struct Link {
    to: Stored,
    host: &'static str,
    path: String,
    given_to: Sender,
    starts: OffsetDateTime,
    expires: OffsetDateTime,
}

/// A link, and the end of its time.
pub(crate) struct Given {
    pub(crate) url: String,
    pub(crate) expires: OffsetDateTime,
}

/// A new link to a document; `None` when there is no such document.
pub(crate) fn link(
    state: &mut State,
    document: DocumentKey,
    version: Version,
    given_to: Sender,
    now: OffsetDateTime,
) -> Option<Given> {
    let found = state.world.find(document)?;
    let host = match version {
        Version::V2018 if found.document.storage == Storage::Invoices => hosts::OTHER_STORAGE,
        _ => host(found.document.storage),
    };
    let path = blob_path(found, version);
    let tenant = found.billed.person.directory.tenant.clone();
    let lifetime = match version {
        Version::V2018 => LEGACY_LIFETIME,
        _ => state.settings.link_lifetime.try_into().ok()?,
    };
    let expires = now + lifetime;
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
        Version::V2018 => format!("sv=2014-02-14&sr=b&sig={signature_encoded}&se={end_encoded}&sp=r"),
    };
    let url = format!("https://{host}{path}?{query}");
    state.links.0.insert(
        signature,
        Link {
            to: Stored::Document(document),
            host,
            path,
            given_to,
            starts: now,
            expires,
        },
    );
    Some(Given { url, expires })
}

/// A new link to one of the files of a usage report, or to where it would be.
pub(crate) fn report_link(
    state: &mut State,
    report: Report,
    part: usize,
    given_to: Sender,
    now: OffsetDateTime,
) -> Option<Given> {
    let person = state.world.people.get(report.person)?;
    let host = host(person.usage(person.payer(report.scope)?)?.storage);
    let expires = now + Duration::try_from(state.settings.link_lifetime).ok()?;
    let signature = STANDARD.encode(state.draw.bytes(32));
    let day = now.date().to_string().replace('-', "");
    let path = format!("/armreports/{day}/{}", state.draw.guid());
    let url = format!(
        "https://{host}{path}?sv=2020-05-31&sr=b&se={}&sp=r&sig={}",
        sas_time(expires).replace(':', "%3A"),
        encoded_segment(&signature)
    );
    state.links.0.insert(
        signature,
        Link {
            to: Stored::Part(report, part),
            host,
            path,
            given_to,
            starts: now,
            expires,
        },
    );
    Some(Given { url, expires })
}

pub(crate) fn host(storage: Storage) -> &'static str {
    match storage {
        Storage::Foreign => hosts::FOREIGN,
        Storage::Other => hosts::OTHER_STORAGE,
        Storage::Invoices => hosts::INVOICE_STORAGE,
    }
}

/// Containers and file names, as they were recorded.
fn blob_path(found: Found<'_>, version: Version) -> String {
    let billed = found.billed;
    let number = encoded_segment(&found.document.name);
    if version == Version::V2018 {
        return format!("/invoices/{}-{}.pdf", billed.id, billed.invoice.legacy_name);
    }
    if billed.agreement != Agreement::EnterpriseAgreement {
        return format!("/invoices/{}_{number}.pdf", encoded_segment(&billed.invoice.name));
    }
    match found.document.kind.as_str() {
        "Summary" => format!("/invoicesummaries/{}/{number}_invoice_summary.pdf", billed.id),
        "Transactions" => format!(
            "/invoicetransactions/{}/{number}_invoice_transactions.csv",
            billed.id
        ),
        _ => format!("/invoices/{}/{number}.pdf", billed.id),
    }
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
    if link.path != request.path || link.host != request.host {
        return refused(
            StatusCode::FORBIDDEN,
            "AuthenticationFailed",
            "Signature did not match.",
            request.at,
        );
    }
    let (to, given_to) = (link.to, link.given_to);
    let answer = match to {
        Stored::Document(document) => state.world.find(document).map(document_answer),
        Stored::Part(report, part) => usage::files(&state.world, report)
            .into_iter()
            .nth(part)
            .map(|file| (stored("text/csv", file), true)),
    };
    let Some((answer, is_whole)) = answer else {
        return refused(
            StatusCode::NOT_FOUND,
            "BlobNotFound",
            "The specified blob does not exist.",
            request.at,
        );
    };
    // A document that came broken may be asked for again.
    if given_to == Sender::Extension && request.method == Method::GET && is_whole {
        state.watch.on_stored(to, request);
    }
    answer
}

/// A document as it is served, and whether that is all of it.
fn document_answer(found: Found<'_>) -> (Answer, bool) {
    let served = found.document.served;
    let mut body = match served {
        Served::Html => documents::html_error_page(),
        Served::Pdf | Served::Truncated | Served::Short => documents::content(found),
    };
    if served == Served::Truncated {
        body.truncate(body.len() * 3 / 4);
    }
    let content_type = match served {
        Served::Html => "text/html",
        _ if found.document.is_transactions() => "text/csv",
        _ => "application/octet-stream",
    };
    let length = body.len();
    let mut answer = stored(content_type, body);
    if served == Served::Short {
        answer.cut_after = Some(length / 2);
    }
    (answer, served == Served::Pdf)
}

fn stored(content_type: &'static str, body: Vec<u8>) -> Answer {
    let length = body.len();
    Answer::new(StatusCode::OK, content_type, body)
        .with("etag", format!("\"0x8DD{length:012X}\""))
        .with("x-ms-blob-type", "BlockBlob")
        .with("x-ms-server-encrypted", "true")
}

fn refused(status: StatusCode, code: &'static str, message: &str, now: OffsetDateTime) -> Answer {
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\nTime:{}</Message></Error>",
        sas_time(now)
    );
    Answer::new(status, "application/xml", body).with("x-ms-error-code", code)
}

pub(crate) fn sas_time(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        ))
        .unwrap_or_default()
}
