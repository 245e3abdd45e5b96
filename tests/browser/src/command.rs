//! WebDriver commands that the library has no method for.
//! Must not know: what they are used for.

use std::sync::Arc;

use http::Method;
use serde_json::Value;
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId, WebDriver};

use crate::Error;

/// Posts a command of one family of drivers.
pub(crate) async fn call(driver: &WebDriver, endpoint: &str, body: Value) -> Result<Value, Error> {
    let command = Command {
        method: Method::POST,
        endpoint: endpoint.into(),
        body: Some(body),
    };
    Ok(driver.cmd(command).await?.value()?)
}

/// Asks what the library has no method for.
pub(crate) async fn get(driver: &WebDriver, endpoint: &str) -> Result<Value, Error> {
    let command = Command {
        method: Method::GET,
        endpoint: endpoint.into(),
        body: None,
    };
    Ok(driver.cmd(command).await?.value()?)
}

#[derive(Debug)]
struct Command {
    method: Method,
    endpoint: Arc<str>,
    body: Option<Value>,
}

impl FormatRequestData for Command {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let request = RequestData::new(
            self.method.clone(),
            format!("/session/{session}{}", self.endpoint),
        );
        match &self.body {
            Some(body) => request.add_body(body.clone()),
            None => request,
        }
    }
}
