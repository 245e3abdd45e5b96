//! Where invoices are listed, and which versions of the interface know the place.
//! Must not know: what an invoice says, or what is done with it.

use serde_json::Value;
use time::Date;

use super::account::AgreementType;
use super::error::AzureError;
use super::invoice::Invoice;
use super::link::segment;
use super::page::Pages;
use super::pipeline::Arm;

/// A place that has a list of invoices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvoiceList<'a> {
    /// All invoices of a billing account.
    Account(&'a str, &'a AgreementType),
    /// Those of one billing profile of an account.
    Profile(&'a str, &'a str),
    /// Those of one subscription.
    Subscription(&'a str),
    /// The same in the interface of 2018, which knows pay-as-you-go alone and numbers invoices in its own way.
    SubscriptionIn2018(&'a str),
}

/// One version of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V2024,
    V2020,
    /// Pay-as-you-go only, under the subscription itself.
    V2018,
}

impl InvoiceList<'_> {
    /// The versions to ask one after the other, as long as they do not know the place, or
    /// have nothing of a subscription. The older ones serve what the
    /// newest documents but may not answer: subscriptions outside a Customer Agreement.
    fn ladder(&self) -> &'static [Version] {
        match self {
            InvoiceList::SubscriptionIn2018(_) => &[Version::V2018],
            InvoiceList::Subscription(_) | InvoiceList::Profile(..) => &[Version::V2024, Version::V2020],
            InvoiceList::Account(_, agreement) if agreement.has_billing_profiles() => {
                &[Version::V2024, Version::V2020]
            }
            InvoiceList::Account(..) => &[Version::V2024],
        }
    }

    fn path(&self, version: Version, from: Date, to: Date) -> String {
        let accounts = "/providers/Microsoft.Billing/billingAccounts";
        let place = match self {
            InvoiceList::SubscriptionIn2018(id) => {
                let id = segment(id);
                return format!(
                    "/subscriptions/{id}/providers/Microsoft.Billing/invoices?api-version=2018-03-01-preview\
                     &$top=100&$filter=invoicePeriodEndDate ge {from} and invoicePeriodEndDate le {to}"
                );
            }
            InvoiceList::Account(account, _) => segment(account),
            InvoiceList::Profile(account, profile) => {
                format!("{}/billingProfiles/{}", segment(account), segment(profile))
            }
            InvoiceList::Subscription(id) => format!("default/billingSubscriptions/{}", segment(id)),
        };
        let version = match version {
            Version::V2024 => "2024-04-01",
            _ => "2020-05-01",
        };
        format!("{accounts}/{place}/invoices?api-version={version}&periodStartDate={from}&periodEndDate={to}")
    }
}

/// The invoices of a place whose billing period touches `from..=to`, page by page into `found`.
///
/// # Errors
/// Why the list is not whole; what has been found before stays found. Where no version knows the place, the most
/// telling of their refusals.
pub async fn list_invoices(
    arm: &Arm,
    list: &InvoiceList<'_>,
    from: Date,
    to: Date,
    found: &mut dyn FnMut(Vec<Invoice>),
) -> Result<(), AzureError> {
    let mut refused = None;
    let mut was_empty = false;
    for version in list.ladder() {
        let read: fn(&Value) -> Option<Invoice> = match version {
            Version::V2018 => Invoice::read_2018,
            _ => Invoice::read,
        };
        // What leads to invoices goes before what leads to further places.
        let mut pages = Pages::from(&list.path(*version, from, to), arm)?.going_on();
        let mut page = pages.next(arm).await;
        match page {
            // The interface of 2018 answers a list without items so.
            Some(Err(AzureError::NotFound(refusal)))
                if *version == Version::V2018 && refusal.code == "ResourceNotFound" =>
            {
                return Ok(());
            }
            // That it is not there says more than that this version does not serve it.
            Some(Err(error @ AzureError::NotFound(_))) => {
                refused = Some(error);
                continue;
            }
            Some(Err(AzureError::Rejected(refusal))) if refusal.status == 400 => {
                refused.get_or_insert(AzureError::Rejected(refusal));
                continue;
            }
            _ => {}
        }
        let mut is_empty = true;
        while let Some(items) = page {
            let items = items?;
            is_empty &= items.is_empty();
            found(items.iter().filter_map(read).collect());
            page = pages.next(arm).await;
        }
        // Versions that do not serve an agreement are known to say so with an empty list.
        if !is_empty || !matches!(list, InvoiceList::Subscription(..)) {
            return Ok(());
        }
        was_empty = true;
    }
    refused.filter(|_| !was_empty).map_or(Ok(()), Err)
}
