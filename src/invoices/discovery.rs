//! Asks Azure for everything billed to this person in a period, scope by scope, telling each finding at once.
//! Must not know: what is already saved, or what will be done with a finding.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::azure::{Arm, AzureError, Invoice, Subscription, list_invoices, list_subscriptions};

use super::document::WantedDocument;
use super::period::Period;

/// A place in Azure that has invoices of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its name as people know it; its id where it has none.
    pub name: String,
}

/// How asking a scope ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ScopeOutcome {
    /// It answered with this many invoices of the period.
    Listed(usize),
    /// It answered, with nothing that this person may see in the period.
    NothingVisible,
    /// It did not answer to the end; what was found before counts.
    Failed(AzureError),
}

/// One step of discovery.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// So many scopes will be asked.
    Scopes(usize),
    /// Documents of the period; one that two scopes have is told twice.
    Documents(Vec<WantedDocument>),
    /// A scope has been asked to the end.
    ScopeEnded(Scope, ScopeOutcome),
}

/// Asks every subscription that the person can see for the documents of invoices dated within `period`.
///
/// An error is that of the list of subscriptions; those of single scopes are findings.
pub async fn discover(arm: &Arm, period: Period, tell: impl Fn(Finding)) -> Result<(), AzureError> {
    let subscriptions = list_subscriptions(arm).await?;
    tell(Finding::Scopes(subscriptions.len()));
    let mut asked: FuturesUnordered<_> = subscriptions
        .iter()
        .map(|subscription| ask(arm, period, subscription, &tell))
        .collect();
    while asked.next().await.is_some() {}
    Ok(())
}

async fn ask(arm: &Arm, period: Period, subscription: &Subscription, tell: &impl Fn(Finding)) {
    let name = match subscription.display_name.trim() {
        "" => subscription.subscription_id.clone(),
        name => name.to_owned(),
    };
    let mut count = 0;
    let margin = period.with_margin();
    let result = list_invoices(
        arm,
        &subscription.subscription_id,
        margin.from,
        margin.to,
        |invoices| {
            let mut documents = Vec::new();
            for invoice in invoices {
                let Some(date) = date_of(&invoice).filter(|date| period.contains(*date)) else {
                    continue;
                };
                count += 1;
                documents.extend(WantedDocument::of_invoice(&invoice, date, &name));
            }
            if !documents.is_empty() {
                tell(Finding::Documents(documents));
            }
        },
    )
    .await;
    let outcome = match result {
        Err(error) => ScopeOutcome::Failed(error),
        Ok(()) if count == 0 => ScopeOutcome::NothingVisible,
        Ok(()) => ScopeOutcome::Listed(count),
    };
    tell(Finding::ScopeEnded(Scope { name }, outcome));
}

/// The date that decides: the invoice's own, or its period's end where Azure gave no readable one.
fn date_of(invoice: &Invoice) -> Option<time::Date> {
    invoice.date.or(invoice.period_end)
}
