//! Sends requests with the browser's `fetch`.
//! Must not know: which requests are allowed; only checked ones can be made.

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream;
use gloo_net::http::{RequestBuilder, Response};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestRedirect,
};

use crate::azure::ports::{HttpRequest, HttpResponse, HttpStream, Transport, TransportError};

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
        let (response, _abort) = fetch(&request).await?;
        let body = response.binary().await.map_err(|_| TransportError::BrokenOff)?;
        Ok(HttpResponse {
            body,
            ..head_of(&response)
        })
    }

    async fn stream(&self, request: HttpRequest) -> Result<HttpStream, TransportError> {
        let (response, abort) = fetch(&request).await?;
        let head = head_of(&response);
        let Some(body) = response.body() else {
            return Ok(HttpStream::whole(head));
        };
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        // The request lives as long as somebody reads.
        let body = stream::unfold((reader, abort), |(reader, abort)| async move {
            let piece = match JsFuture::from(reader.read()).await {
                Ok(read) if field(&read, "done").is_truthy() => return None,
                Ok(read) => Ok(Uint8Array::new(&field(&read, "value")).to_vec()),
                Err(_) => Err(TransportError::BrokenOff),
            };
            Some((piece, (reader, abort)))
        });
        Ok(HttpStream {
            head,
            body: body.boxed_local(),
        })
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
    let sent = match request.body() {
        Some(body) => {
            builder
                .body(body)
                .map_err(|_| TransportError::Network)?
                .send()
                .await
        }
        None => builder.send().await,
    };
    Ok((sent.map_err(|_| TransportError::Network)?, abort))
}

fn head_of(response: &Response) -> HttpResponse {
    HttpResponse {
        status: response.status(),
        headers: response.headers().entries().collect(),
        body: Vec::new(),
    }
}
