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

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    /// Its items, unread.
    pub items: Vec<Value>,
    /// Where Azure says that the next page is: unchecked.
    pub next: Option<String>,
}

impl Page {
    /// Reads the body of a page.
    ///
    /// # Errors
    /// [`AzureError::Unreadable`] when it has no list of items.
    pub fn read(body: &[u8]) -> Result<Page, AzureError> {
        Page::of(json::parse(body))
    }

    fn of(mut page: Value) -> Result<Page, AzureError> {
        let next = given(&page, "nextLink");
        match page.get_mut("value").map(Value::take) {
            Some(Value::Array(items)) => Ok(Page { items, next }),
            _ => Err(AzureError::Unreadable("a list without items")),
        }
    }
}

/// Where we are in a list of Azure's.
pub struct Pages {
    next: Option<Result<ArmRequest, LinkRefused>>,
    followed: Vec<[u8; 32]>,
    parse: fn(&[u8]) -> Value,
}

impl Pages {
    /// Starts at this path (with its query).
    ///
    /// # Errors
    /// When the path is not on the product's list.
    pub fn from(path: &str, arm: &Arm) -> Result<Pages, LinkRefused> {
        Ok(Pages {
            next: Some(Ok(ArmRequest::get(path, arm.identity().cloud)?)),
            followed: Vec::new(),
            parse: json::parse,
        })
    }

    /// The same list, to be asked before those that wait already.
    #[must_use]
    pub(super) fn going_on(self) -> Pages {
        Pages {
            next: self.next.map(|next| next.map(ArmRequest::going_on)),
            ..self
        }
    }

    /// The same list, every number in it a text of its own digits.
    #[must_use]
    pub(super) fn with_digits(self) -> Pages {
        Pages {
            parse: json::parse_with_digits,
            ..self
        }
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
        let page = Page::of((self.parse)(&response.body))?;
        // A link that may not be followed takes nothing away from the page that it stands on.
        self.next = page
            .next
            .map(|link| ArmRequest::get(&link, arm.identity().cloud).map(ArmRequest::going_on));
        Ok(page.items)
    }
}

/// Everything that a list told before it ended or broke off.
#[derive(Debug)]
pub struct Listed<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// Why the rest could not, if there is a rest.
    pub broken_off: Option<AzureError>,
}

/// Reads a list to its end; an item that cannot be read is left out.
pub(super) async fn read_all<T>(arm: &Arm, path: &str, read: fn(&Value) -> Option<T>) -> Listed<T> {
    let listed = read_items(arm, path).await;
    Listed {
        items: listed.items.iter().filter_map(read).collect(),
        broken_off: listed.broken_off,
    }
}

/// The first page of a list as it is.
///
/// # Errors
/// Whatever Azure answers instead.
pub async fn read_page(arm: &Arm, path: &str) -> Result<Value, AzureError> {
    let request = ArmRequest::get(path, arm.identity().cloud)?;
    let response = arm.send(&request).await?;
    Ok(json::parse(&response.body))
}

/// A resource as it is, or the items of a whole list as the `value` of one body.
///
/// # Errors
/// Whatever Azure answers instead; a list that breaks off counts as not answered.
pub async fn read_resource(arm: &Arm, path: &str) -> Result<Value, AzureError> {
    let mut body = read_page(arm, path).await?;
    if let Some(link) = given(&body, "nextLink") {
        let rest = read_items(arm, &link).await;
        if let Some(error) = rest.broken_off {
            return Err(error);
        }
        if let Some(Value::Array(items)) = body.get_mut("value") {
            items.extend(rest.items);
        }
    }
    Ok(body)
}

async fn read_items(arm: &Arm, path: &str) -> Listed<Value> {
    let mut listed = Listed {
        items: Vec::new(),
        broken_off: None,
    };
    match Pages::from(path, arm) {
        Ok(mut pages) => {
            while let Some(page) = pages.next(arm).await {
                match page {
                    Ok(items) => listed.items.extend(items),
                    Err(error) => listed.broken_off = Some(error),
                }
            }
        }
        Err(refused) => listed.broken_off = Some(refused.into()),
    }
    listed
}
