//! A paged list as a resumable value: the next link is all there is to remember.
//! Must not know: what the items are.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::AzureError;
use super::json::{self, given};
use super::link::{ArmRequest, LinkRefused};
use super::pipeline::Arm;

/// Pages of one list; a longer list is reported as unreadable rather than followed for ever.
const MOST_PAGES: usize = 2_000;

/// Where we are in a list of Azure's.
pub struct Pages {
    next: Option<Result<ArmRequest, LinkRefused>>,
    followed: Vec<[u8; 32]>,
}

impl Pages {
    /// Starts at this path (with its query).
    pub fn from(path: &str, arm: &Arm) -> Result<Pages, LinkRefused> {
        Ok(Pages {
            next: Some(Ok(ArmRequest::get(path, arm.identity().cloud)?)),
            followed: Vec::new(),
        })
    }

    /// The items of the next page; `None` at the end. After an error the list is at its end.
    pub async fn next(&mut self, arm: &Arm) -> Option<Result<Vec<Value>, AzureError>> {
        let request = match self.next.take()? {
            Ok(request) => request,
            Err(refused) => return Some(Err(refused.into())),
        };
        let mark = Sha256::digest(request.url()).into();
        if self.followed.contains(&mark) || self.followed.len() >= MOST_PAGES {
            return Some(Err(AzureError::Unreadable("a list that does not end")));
        }
        self.followed.push(mark);
        Some(self.read(arm, &request).await)
    }

    async fn read(&mut self, arm: &Arm, request: &ArmRequest) -> Result<Vec<Value>, AzureError> {
        let response = arm.send(request).await?;
        if response.status == 204 {
            return Ok(Vec::new());
        }
        let mut page = json::parse(&response.body);
        if let Some(link) = given(&page, "nextLink") {
            // A link that may not be followed takes nothing away from the page that it stands on.
            self.next = Some(ArmRequest::get(&link, arm.identity().cloud));
        }
        match page.get_mut("value").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(AzureError::Unreadable("a list without items")),
        }
    }
}
