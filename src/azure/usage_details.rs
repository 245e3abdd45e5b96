//! Usage details: Consumption's list of what a pay-as-you-go subscription has used, line by line.
//! Must not know: how a line is written down, or where.

use serde_json::Value;
use sha2::{Digest, Sha256};
use time::Date;

use super::error::AzureError;
use super::json::written_with_digits;
use super::link::{LinkRefused, segment};
use super::page::Pages;
use super::pipeline::Arm;

/// The usage of a subscription on some days, both included. `UsageDetails_List`, 2019-10-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageDetails {
    subscription: String,
    from: Date,
    to: Date,
}

impl UsageDetails {
    /// What was used from one day to another.
    pub fn of_subscription(id: &str, from: Date, to: Date) -> UsageDetails {
        UsageDetails {
            subscription: segment(id),
            from,
            to,
        }
    }

    /// The path of the place whose usage it is.
    pub fn scope(&self) -> String {
        format!("subscriptions/{}", self.subscription)
    }

    /// The list, from its first page on.
    ///
    /// # Errors
    /// When the path is not on the product's list.
    pub fn pages(&self, arm: &Arm) -> Result<UsagePages, LinkRefused> {
        let path = format!(
            "/{}/providers/Microsoft.Consumption/usageDetails?$filter=properties/usageStart ge '{}' and \
             properties/usageEnd le '{}'&$top=1000&api-version=2019-10-01",
            self.scope(),
            self.from,
            self.to
        );
        Ok(UsagePages {
            pages: Pages::from(&path, arm)?.with_digits(),
            begun: Vec::new(),
        })
    }
}

/// Where we are in a list of usage; only one page of it is held at a time.
pub struct UsagePages {
    pages: Pages,
    /// Digests of the lines that pages began with.
    begun: Vec<[u8; 32]>,
}

impl UsagePages {
    /// The lines of the next page; `None` at the end. After an error the list is at its end.
    pub async fn next(&mut self, arm: &Arm) -> Option<Result<Vec<UsageLine>, AzureError>> {
        let page = match self.pages.next(arm).await? {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        // The links hold a new token each, so that only the lines show that a list has come round.
        if let Some(first) = page.first() {
            let mark = Sha256::digest(written_with_digits(first)).into();
            if self.begun.contains(&mark) {
                return Some(Err(AzureError::Unreadable("a list that does not end")));
            }
            self.begun.push(mark);
        }
        Some(Ok(page.into_iter().map(UsageLine).collect()))
    }
}

/// A line of usage as Azure tells it, its numbers as texts of their digits.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageLine(pub Value);
