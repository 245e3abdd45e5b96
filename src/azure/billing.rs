//! Billing resources as Azure sends them, read leniently, and the calls that list them.
//! Must not know: periods, choices or file names of the product.

use serde_json::Value;
use time::Date;

use super::date::parse_date;
use super::error::AzureError;
use super::json::{given, items, text};
use super::page::Pages;
use super::pipeline::Arm;

/// A subscription of the signed-in directory. `GET /subscriptions`, 2022-12-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The subscription's GUID.
    pub subscription_id: String,
    /// The name its owner gave it; may be empty.
    pub display_name: String,
    /// Enabled, Warned, PastDue, Disabled, Deleted, or anything newer.
    pub state: String,
}

/// A directory that the person belongs to. `GET /tenants`, 2022-12-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The directory's GUID.
    pub tenant_id: String,
    /// The directory's name; may be empty.
    pub display_name: String,
}

/// What a document is. Open: a kind that Azure adds later is carried as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentKind {
    /// The invoice itself.
    Invoice,
    /// Says that an invoice is void.
    VoidNote,
    /// Receipt of tax, in some countries beside the invoice.
    TaxReceipt,
    /// Gives money back.
    CreditNote,
    /// Enterprise Agreement: the summary of an invoice.
    Summary,
    /// Enterprise Agreement: the transactions of an invoice, CSV.
    Transactions,
    /// Any other kind, as Azure spells it.
    Other(String),
}

impl DocumentKind {
    /// Reads Azure's spelling.
    pub fn read(kind: &str) -> DocumentKind {
        match kind {
            "Invoice" => DocumentKind::Invoice,
            "VoidNote" => DocumentKind::VoidNote,
            "TaxReceipt" => DocumentKind::TaxReceipt,
            "CreditNote" => DocumentKind::CreditNote,
            "Summary" => DocumentKind::Summary,
            "Transactions" => DocumentKind::Transactions,
            other => DocumentKind::Other(other.to_owned()),
        }
    }

    /// Azure's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            DocumentKind::Invoice => "Invoice",
            DocumentKind::VoidNote => "VoidNote",
            DocumentKind::TaxReceipt => "TaxReceipt",
            DocumentKind::CreditNote => "CreditNote",
            DocumentKind::Summary => "Summary",
            DocumentKind::Transactions => "Transactions",
            DocumentKind::Other(kind) => kind,
        }
    }
}

/// Where an invoice stands. Open like [`DocumentKind`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceStatus(pub String);

/// A sum as Azure states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// ISO 4217 code.
    pub currency: String,
    /// In units of the currency; negative for credits.
    pub value: f64,
}

/// One document of an invoice.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The document's name; absent in 2020-05-01 and for Enterprise Agreements.
    pub name: Option<String>,
    /// What it is.
    pub kind: DocumentKind,
    /// POST target that prepares it, as Azure gave it: unchecked.
    pub url: Option<String>,
}

/// An invoice or credit note. `Invoices_List*`, 2024-04-01 and 2020-05-01.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoice {
    /// The invoice's name, for people its number.
    pub name: String,
    /// The subscription it bills, where it bills one.
    pub subscription_id: Option<String>,
    /// The date on the invoice; `None` when Azure gave none that is a date.
    pub date: Option<Date>,
    /// Last day of the billing period, under the same rule.
    pub period_end: Option<Date>,
    /// Due, OverDue, Paid, Void, Locked, or anything newer.
    pub status: InvoiceStatus,
    /// What remains to be paid; absent in some interfaces.
    pub total: Option<Amount>,
    /// Its documents; empty while Azure offers none.
    pub documents: Vec<Document>,
}

impl Subscription {
    fn read(item: &Value) -> Option<Subscription> {
        let subscription_id = given(item, "subscriptionId")?;
        let (display_name, state) = (
            text(item, "displayName").to_owned(),
            text(item, "state").to_owned(),
        );
        Some(Subscription {
            subscription_id,
            display_name,
            state,
        })
    }
}

impl Tenant {
    fn read(item: &Value) -> Option<Tenant> {
        let display_name = text(item, "displayName").to_owned();
        Some(Tenant {
            tenant_id: given(item, "tenantId")?,
            display_name,
        })
    }
}

impl Amount {
    fn read(body: &Value, field: &str) -> Option<Amount> {
        let amount = body.get(field)?;
        Some(Amount {
            currency: given(amount, "currency")?,
            value: amount.get("value")?.as_f64()?,
        })
    }
}

impl Invoice {
    /// Reads one item of a list; `None` when it has no name, since nothing can be asked about it then.
    pub fn read(item: &Value) -> Option<Invoice> {
        let name = given(item, "name")?;
        let properties = item.get("properties").unwrap_or(&Value::Null);
        Some(Invoice {
            name,
            subscription_id: given(properties, "subscriptionId"),
            date: parse_date(text(properties, "invoiceDate")),
            period_end: parse_date(text(properties, "invoicePeriodEndDate")),
            status: InvoiceStatus(text(properties, "status").to_owned()),
            total: Amount::read(properties, "totalAmount").or_else(|| Amount::read(properties, "amountDue")),
            documents: items(properties, "documents")
                .iter()
                .map(Document::read)
                .collect(),
        })
    }
}

impl Document {
    fn read(item: &Value) -> Document {
        Document {
            name: given(item, "name"),
            kind: DocumentKind::read(text(item, "kind")),
            url: given(item, "url"),
        }
    }
}

/// All subscriptions of the directory that the person can see.
pub async fn list_subscriptions(arm: &Arm) -> Result<Vec<Subscription>, AzureError> {
    list(arm, "/subscriptions?api-version=2022-12-01", Subscription::read).await
}

/// All directories that the person belongs to, with their names.
pub async fn list_tenants(arm: &Arm) -> Result<Vec<Tenant>, AzureError> {
    list(arm, "/tenants?api-version=2022-12-01", Tenant::read).await
}

async fn list<T>(arm: &Arm, path: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, AzureError> {
    let mut pages = Pages::from(path, arm)?;
    let mut all = Vec::new();
    while let Some(page) = pages.next(arm).await {
        all.extend(page?.iter().filter_map(&read));
    }
    Ok(all)
}

/// The invoices of one subscription whose billing period touches `from..=to`, page by page into `found`.
///
/// Asks 2024-04-01 first and 2020-05-01 where that version does not know the subscription (400 or 404), since the
/// older one documents this path without restriction. What has been found before an error stays found.
pub async fn list_invoices(
    arm: &Arm,
    subscription_id: &str,
    from: Date,
    to: Date,
    mut found: impl FnMut(Vec<Invoice>),
) -> Result<(), AzureError> {
    let mut refused = None;
    for version in ["2024-04-01", "2020-05-01"] {
        let path = format!(
            "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{subscription_id}/invoices\
             ?api-version={version}&periodStartDate={from}&periodEndDate={to}"
        );
        let mut pages = Pages::from(&path, arm)?;
        let mut page = pages.next(arm).await;
        if let Some(Err(error @ (AzureError::Rejected(_) | AzureError::NotFound(_)))) = page {
            refused.get_or_insert(error);
            continue;
        }
        while let Some(items) = page {
            found(items?.iter().filter_map(Invoice::read).collect());
            page = pages.next(arm).await;
        }
        return Ok(());
    }
    refused.map_or(Ok(()), Err)
}
