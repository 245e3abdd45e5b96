//! How what takes Azure its time is had: POST, wait as told, follow the newest Location; or one GET in 2018's way.
//! Must not know: which document it is, or where it will be saved.

use std::time::Duration;

use serde_json::Value;

use super::blob::SasUrl;
use super::error::AzureError;
use super::json;
use super::link::ArmRequest;
use super::pipeline::Arm;
use super::ports::HttpResponse;
use super::retry::retry_after;

/// Wait before the first look where Azure names none: many documents lie ready.
const EARLY_LOOK: Duration = Duration::from_secs(2);
/// Wait between looks where Azure names none.
const DEFAULT_WAIT: Duration = Duration::from_secs(10);
/// Shortest wait between looks, whatever Azure says.
const SHORTEST_WAIT: Duration = Duration::from_millis(500);
/// Longest time spent waiting for one document; recorded ones take 10 to 20 seconds.
const PATIENCE: Duration = Duration::from_secs(300);
/// A fresh operation may be unknown to the server that we ask: this many 404s in a row are passing.
const PASSING_NOT_FOUND: u32 = 5;

/// A request for one document.
pub struct Download {
    request: ArmRequest,
}

impl Download {
    /// Checks the POST target, normally the `url` of a listed document.
    ///
    /// # Errors
    /// When it is not on the product's list.
    pub fn prepared(url: &str, arm: &Arm) -> Result<Download, AzureError> {
        Ok(Download {
            request: ArmRequest::post(url, arm.identity().cloud)?,
        })
    }

    /// Checks a resource of 2018-03-01-preview, which answers a GET with its address.
    ///
    /// # Errors
    /// When it is not on the product's list.
    pub fn resource(url: &str, arm: &Arm) -> Result<Download, AzureError> {
        Ok(Download {
            request: ArmRequest::get(url, arm.identity().cloud)?,
        })
    }

    /// Asks Azure to prepare the document and waits for its signed address, which lives ten minutes.
    pub async fn prepare(&self, arm: &Arm) -> Result<SasUrl, AzureError> {
        let response = outcome(arm, &self.request, PATIENCE).await?;
        let body = json::parse(&response.body);
        let address = address_in(&body).ok_or(AzureError::Unreadable("a result without an address"))?;
        Ok(SasUrl::read(address, arm.identity().cloud)?)
    }
}

/// Sends a request that takes Azure its time, looks as often as told, and gives back the answer at the end.
pub(super) async fn outcome(
    arm: &Arm,
    request: &ArmRequest,
    patience: Duration,
) -> Result<HttpResponse, AzureError> {
    let mut response = arm.send(request).await?;
    let mut location = None;
    let (mut waited, mut not_found) = (Duration::ZERO, 0);
    while response.status == 202 {
        let wait = retry_after(&response, arm.clock().now())
            .unwrap_or(match waited.is_zero() {
                true => EARLY_LOOK,
                false => DEFAULT_WAIT,
            })
            .max(SHORTEST_WAIT);
        if let Some(link) = response.header("location") {
            location = Some(ArmRequest::get(link, arm.identity().cloud)?.going_on());
        }
        let looked_at = location
            .as_ref()
            .ok_or(AzureError::Unreadable("an operation without a Location"))?;
        response = loop {
            if waited + wait > patience {
                return Err(AzureError::Unfinished);
            }
            arm.clock().sleep(wait).await;
            waited += wait;
            match arm.send(looked_at).await {
                Err(AzureError::NotFound(_)) if not_found < PASSING_NOT_FOUND => not_found += 1,
                result => break result?,
            }
        };
    }
    Ok(response)
}

/// The address in a result, whichever of the recorded shapes it has: `"…"`, `{"url"}` with or without `expiryTime`, or
/// `{"properties":{"downloadUrl":{"url"}}}` of 2018.
fn address_in(body: &Value) -> Option<&str> {
    let in_2018 = body
        .get("properties")
        .and_then(|properties| properties.get("downloadUrl"));
    [
        Some(body),
        body.get("url"),
        in_2018.and_then(|link| link.get("url")),
    ]
    .into_iter()
    .flatten()
    .find_map(Value::as_str)
}
