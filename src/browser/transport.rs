//! Sends requests with the browser's `fetch`.
//! Must not know: which requests are allowed; only checked ones can be made.

use async_trait::async_trait;
use gloo_net::http::{RequestBuilder, Response};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestRedirect,
};

use crate::azure::ports::{Body, HttpRequest, HttpResponse, HttpStream, Transport, TransportError};

use super::extension_api::field;

/// `fetch`, from the background: no cookies, no referrer, no cache, no redirect.
pub struct Fetch;

/// Aborts the request unless it has ended.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

#[async_trait(?Send)]
impl Transport for Fetch {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let HttpStream { mut head, mut body } = self.stream(request).await?;
        while let Some(piece) = body.next().await {
            head.body.append(&mut piece?);
        }
        Ok(head)
    }

    async fn stream(&self, request: HttpRequest) -> Result<HttpStream, TransportError> {
        let (response, abort) = fetch(&request).await?;
        let head = head_of(&response);
        let Some(body) = response.body() else {
            return Ok(HttpStream::whole(head));
        };
        Ok(HttpStream {
            head,
            body: Box::new(Reader {
                reader: body.get_reader().unchecked_into(),
                _abort: abort,
            }),
        })
    }
}

/// A body that is being read. The request lives as long as somebody reads.
struct Reader {
    reader: ReadableStreamDefaultReader,
    _abort: AbortOnDrop,
}

#[async_trait(?Send)]
impl Body for Reader {
    async fn next(&mut self) -> Option<Result<Vec<u8>, TransportError>> {
        match JsFuture::from(self.reader.read()).await {
            Ok(read) => {
                let piece = field(&read, "value");
                (!piece.is_undefined()).then(|| Ok(Uint8Array::new(&piece).to_vec()))
            }
            Err(_) => Some(Err(TransportError::BrokenOff)),
        }
    }
}

async fn fetch(request: &HttpRequest) -> Result<(Response, AbortOnDrop), TransportError> {
    let abort = AbortOnDrop(AbortController::new().ok());
    let signal = abort.0.as_ref().map(AbortController::signal);
    let mut builder = RequestBuilder::new(request.url())
        .method(match request.method() {
            crate::azure::ports::Method::Get => gloo_net::http::Method::GET,
            crate::azure::ports::Method::Post => gloo_net::http::Method::POST,
        })
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .cache(RequestCache::NoStore)
        .abort_signal(signal.as_ref());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    if let Some(token) = request.bearer() {
        builder = builder.header("authorization", &format!("Bearer {}", token.secret()));
    }
    let request = match request.body() {
        Some(body) => builder.body(body),
        None => builder.build(),
    };
    let sent = async { request?.send().await };
    Ok((sent.await.map_err(|_| TransportError::Network)?, abort))
}

fn head_of(response: &Response) -> HttpResponse {
    HttpResponse {
        status: response.status(),
        headers: response.headers().entries().collect(),
        body: Vec::new(),
    }
}
