//! Sends requests with the browser's `fetch`.
//! Must not know: which requests are allowed; only checked ones can be made.

use async_trait::async_trait;
use gloo_net::http::RequestBuilder;
use web_sys::{AbortController, ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect};

use crate::azure::ports::{HttpRequest, HttpResponse, Transport, TransportError};

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
        let response = builder.send().await.map_err(|_| TransportError::Network)?;
        let status = response.status();
        let headers = response.headers().entries().collect();
        let body = response.binary().await.map_err(|_| TransportError::BrokenOff)?;
        Ok(HttpResponse {
            status,
            headers,
            body,
        })
    }
}
