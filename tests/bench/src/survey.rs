//! Which requests a faultless client makes for a catalog, found by making them one after the other.
//! Must not know: the core, whose requests are judged by this.

use anyhow::{Result, bail};
use http_body_util::Empty;
use portal_invoices::azure::ports::HttpResponse;
use serde_json::Value;

use crate::floor::Request;
use crate::network::Network;

const ARM: &str = "https://management.azure.com";
const BILLING: &str = "/providers/Microsoft.Billing/billingAccounts";

/// A client that takes its time.
pub(crate) struct Surveyor<'a> {
    /// The way to Resource Manager.
    pub(crate) network: &'a Network,
    /// The value of the `Authorization` header.
    pub(crate) authorization: &'a str,
    /// The query of every list of invoices: version and period.
    pub(crate) invoices_query: &'a str,
}

/// One answer of a list.
struct Page {
    bytes: usize,
    items: Vec<Value>,
}

impl Surveyor<'_> {
    /// The requests that are known from the start, with all that follow from them: billing accounts with their
    /// invoices, subscriptions with their billing property and the invoices of their own, directories.
    ///
    /// # Errors
    /// When the service does not answer as it should.
    pub(crate) async fn survey(&self) -> Result<Vec<Request>> {
        let mut accounts = Vec::new();
        let list = format!("{BILLING}?api-version=2024-04-01&includeAll=true");
        for page in self.list(&list).await? {
            let mut then = Vec::new();
            for account in &page.items {
                let place = format!("{BILLING}/{}", text(account, "/name"));
                then.extend(self.invoices(&place).await?);
            }
            accounts.push(page.leading_to(then));
        }
        let mut subscriptions = Vec::new();
        for page in self.list("/subscriptions?api-version=2022-12-01").await? {
            let mut then = Vec::new();
            for subscription in &page.items {
                then.push(self.subscription(text(subscription, "/subscriptionId")).await?);
            }
            subscriptions.push(page.leading_to(then));
        }
        let directories = self.list("/tenants?api-version=2022-12-01").await?;
        let directories = directories.into_iter().map(|page| page.leading_to(Vec::new()));
        let lists = [accounts, subscriptions, directories.collect()];
        Ok(lists.into_iter().filter_map(series).collect())
    }

    /// A subscription's billing property, and its invoices where they are its own.
    async fn subscription(&self, id: &str) -> Result<Request> {
        let path = format!(
            "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01"
        );
        let answer = self.get(&path).await?;
        let property: Value = serde_json::from_slice(&answer.body)?;
        let agreement = text(&property, "/properties/billingAccountAgreementType");
        let then = match agreement {
            "MicrosoftOnlineServicesProgram" => {
                self.invoices(&format!("{BILLING}/default/billingSubscriptions/{id}"))
                    .await?
            }
            _ => None,
        };
        Ok(Request {
            bytes: answer.body.len(),
            tells_invoices: false,
            then: then.into_iter().collect(),
        })
    }

    /// A place's pages of invoices; a place that has no such list has to be asked all the same.
    async fn invoices(&self, place: &str) -> Result<Option<Request>> {
        let pages = self
            .list(&format!("{place}/invoices?{}", self.invoices_query))
            .await?;
        let pages = pages.into_iter().map(|page| Request {
            tells_invoices: !page.items.is_empty(),
            ..page.leading_to(Vec::new())
        });
        Ok(series(pages.collect()))
    }

    /// Every page of a list.
    async fn list(&self, path: &str) -> Result<Vec<Page>> {
        let mut pages = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = self.get(&path).await?;
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            next = match text(&body, "/nextLink") {
                "" => None,
                link => Some(link.trim_start_matches(ARM).replace(' ', "%20")),
            };
            let items = body.get("value").and_then(Value::as_array);
            pages.push(Page {
                bytes: answer.body.len(),
                items: items.cloned().unwrap_or_default(),
            });
        }
        Ok(pages)
    }

    async fn get(&self, path: &str) -> Result<HttpResponse> {
        let request = hyper::Request::get(format!("{ARM}{path}"))
            .header("authorization", self.authorization)
            .body(Empty::new())?;
        let answer = self.network.exchange(request).await?;
        if !matches!(answer.status, 200 | 404) {
            bail!("GET {path} is answered with {}", answer.status);
        }
        Ok(answer)
    }
}

impl Page {
    fn leading_to(&self, then: Vec<Request>) -> Request {
        Request {
            bytes: self.bytes,
            tells_invoices: false,
            then,
        }
    }
}

/// The pages of a list, each known only from the one before it.
fn series(pages: Vec<Request>) -> Option<Request> {
    pages.into_iter().rev().fold(None, |next, mut page| {
        page.then.extend(next);
        Some(page)
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
