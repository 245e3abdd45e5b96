//! Which requests a faultless client makes for a catalog, found by making them one after the other.
//! Must not know: the core, whose requests are judged by this.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use http_body_util::Empty;
use portal_invoices::azure::ports::HttpResponse;
use serde_json::Value;
use simulator::{Scenario, Settings, Simulator};
use time::Date;

use crate::catalog;
use crate::floor::{Request, Way};
use crate::network::Network;

const ARM: &str = "https://management.azure.com";
const BILLING: &str = "/providers/Microsoft.Billing/billingAccounts";

/// How a listed document is had.
#[derive(Clone, Copy)]
pub(crate) struct Preparation {
    /// What an operation asks to wait before each look.
    pub(crate) retry_after: Duration,
    /// Looks until it is done.
    pub(crate) looks: u32,
}

/// The requests that a catalog takes, asked where nothing takes time; with a preparation, those for every document too.
///
/// # Errors
/// When the service does not answer as it should.
pub(crate) async fn survey(
    settings: &Settings,
    scenario: &Scenario,
    today: Date,
    preparation: Option<Preparation>,
) -> Result<Vec<Request>> {
    let nearby = Settings {
        today: settings.today,
        seed: settings.seed,
        page_size: settings.page_size,
        ..Settings::fast()
    };
    let simulator = Simulator::start(nearby).await?;
    simulator.load(scenario.clone());
    let period = catalog::period(today);
    let documents = simulator.expected_documents(period.from, period.to);
    let sizes = documents
        .into_iter()
        .map(|document| (document.document, document.bytes.len()));
    let asked = period.with_margin();
    let network = Network::to(&simulator)?;
    let needed = Surveyor {
        network: &network,
        authorization: &format!("Bearer {}", simulator.access_token()),
        invoices_query: &format!(
            "api-version=2024-04-01&periodStartDate={}&periodEndDate={}",
            asked.from, asked.to
        ),
        sizes: sizes.collect(),
        preparation,
    }
    .survey()
    .await?;
    simulator.stop().await;
    Ok(needed)
}

/// A client that takes its time.
struct Surveyor<'a> {
    /// The way to Resource Manager.
    network: &'a Network,
    /// The value of the `Authorization` header.
    authorization: &'a str,
    /// The query of every list of invoices: version and period.
    invoices_query: &'a str,
    /// Lengths of the wanted documents by name.
    sizes: BTreeMap<String, usize>,
    preparation: Option<Preparation>,
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
    async fn survey(&self) -> Result<Vec<Request>> {
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
            then: then.into_iter().collect(),
            ..Request::default()
        })
    }

    /// A place's pages of invoices; a place that has no such list has to be asked all the same.
    async fn invoices(&self, place: &str) -> Result<Option<Request>> {
        let pages = self
            .list(&format!("{place}/invoices?{}", self.invoices_query))
            .await?;
        let pages = pages.into_iter().map(|page| {
            let documents = page.items.iter().flat_map(|invoice| self.documents(invoice));
            Request {
                tells_invoices: !page.items.is_empty(),
                ..page.leading_to(documents.collect())
            }
        });
        Ok(series(pages.collect()))
    }

    /// The wanted documents of an invoice: each is asked for, waited for and fetched.
    fn documents(&self, invoice: &Value) -> Vec<Request> {
        let documents = invoice.pointer("/properties/documents").and_then(Value::as_array);
        let names = documents
            .into_iter()
            .flatten()
            .map(|document| text(document, "/name"));
        names
            .filter_map(|name| Some(document(name, *self.sizes.get(name)?, self.preparation?)))
            .collect()
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
            then,
            ..Request::default()
        }
    }
}

/// One request to have a document prepared, a look after each wait, and the fetch.
fn document(name: &str, bytes: usize, preparation: Preparation) -> Request {
    let fetch = Request {
        way: Way::Storage,
        bytes,
        ..Request::default()
    };
    let looks = (0..preparation.looks).fold(fetch, |then, _| Request {
        wait: preparation.retry_after,
        then: vec![then],
        ..Request::default()
    });
    Request {
        way: Way::Writes,
        // The account's list and the subscription's tell the same invoices.
        once: name.to_owned(),
        then: vec![looks],
        ..Request::default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn documents<'a>(requests: &'a [Request], into: &mut BTreeMap<&'a str, usize>) {
        for request in requests {
            if request.way == Way::Writes {
                let fetch = &request.then[0].then[0].then[0];
                assert_eq!(fetch.way, Way::Storage);
                into.insert(&request.once, fetch.bytes);
            }
            documents(&request.then, into);
        }
    }

    #[tokio::test]
    async fn every_document_is_asked_for_and_fetched() {
        let preparation = Preparation {
            retry_after: Duration::from_secs(10),
            looks: 2,
        };
        let (scenario, settings) = (catalog::of(30).unwrap(), Settings::fast());
        let survey = async |preparation| survey(&settings, &scenario, catalog::today(), preparation).await;
        let (mut none, mut all) = (BTreeMap::new(), BTreeMap::new());
        let listed = survey(None).await.unwrap();
        documents(&listed, &mut none);
        assert!(none.is_empty());
        let needed = survey(Some(preparation)).await.unwrap();
        documents(&needed, &mut all);
        assert_eq!(all.len(), 30);
        assert!(all.values().all(|bytes| *bytes > 10_000));
    }
}
