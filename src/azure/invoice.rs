//! Invoices and their documents as Azure sends them, in every version of the interface, read leniently.
//! Must not know: periods, choices or file names of the product.

use serde_json::Value;
use time::Date;

use super::cost_details::CostReport;
use super::date::parse_date;
use super::decimal::Decimal;
use super::json::{given, items, text};
use super::subscription::last_segment;
use super::usage_details::UsageDetails;

/// Links of one rebill chain that are followed; a longer one is cut.
const LONGEST_CHAIN: usize = 50;

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
    /// What was used in a billing period, day by day, CSV. No invoice lists it: it is asked for by itself.
    Usage,
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
            DocumentKind::Usage => "Usage",
            DocumentKind::Other(kind) => kind,
        }
    }
}

/// A sum as Azure states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// ISO 4217 code; empty when Azure gave none.
    pub currency: String,
    /// In units of the currency; negative for credits.
    pub value: Decimal,
}

impl Amount {
    fn read(body: &Value, field: &str) -> Option<Amount> {
        let amount = body.get(field)?;
        Some(Amount {
            currency: text(amount, "currency").trim().to_owned(),
            value: Decimal::read(amount.get("value")?)?,
        })
    }
}

/// Where a document can be had, as Azure gave it: unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentSource {
    /// Nowhere yet.
    NotOffered,
    /// A POST to this address has Azure prepare it.
    Prepared(String),
    /// A GET of this resource answers with its address; the interface of 2018.
    Resource(String),
    /// It lies at this address outside Azure, as in Brazil.
    Elsewhere(String),
    /// Cost Management writes a report, in one file or several.
    CostReport(CostReport),
    /// Consumption lists it, line by line.
    UsageDetails(UsageDetails),
}

/// One document of an invoice.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The document's name; absent for Enterprise Agreements and in the interface of 2018.
    pub name: Option<String>,
    /// The number printed on it, where Azure tells it.
    pub number: Option<String>,
    /// Whether it is one of several parts, each with a number of its own.
    pub is_split: bool,
    /// What it is.
    pub kind: DocumentKind,
    /// Where it can be had.
    pub source: DocumentSource,
}

impl Document {
    fn read(item: &Value) -> Document {
        let url = given(item, "url");
        let name = given(item, "name").or_else(|| url.as_deref().and_then(name_in));
        let source = match (url, given(item, "externalUrl")) {
            (Some(url), _) => DocumentSource::Prepared(url),
            (None, Some(url)) => DocumentSource::Elsewhere(url),
            (None, None) => DocumentSource::NotOffered,
        };
        let numbers = items(item, "documentNumbers");
        Document {
            number: numbers.first().and_then(Value::as_str).map(str::to_owned),
            is_split: numbers.len() > 1,
            name,
            kind: DocumentKind::read(text(item, "kind")),
            source,
        }
    }
}

/// The name that 2020-05-01 tells only inside the address: `downloadToken=DRS_12345`. Inferred to be the name of
/// 2024-04-01, so that a document is the same one whichever version lists it; another source's stays part of it.
fn name_in(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let name = match key.to_ascii_lowercase().as_str() {
            "documentname" => value,
            "downloadtoken" => match value.split_once('_') {
                Some((source, name)) if source.eq_ignore_ascii_case("DRS") => name,
                _ => value,
            },
            _ => return None,
        };
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// An invoice or credit note. `Invoices_List*`, 2024-04-01 and 2020-05-01, and `Invoices_List`, 2018-03-01-preview.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoice {
    /// The invoice's name, for people its number.
    pub name: String,
    /// What it is as a whole.
    pub kind: DocumentKind,
    /// AzureServices, AzureMarketplace, AzureSupport, or anything newer; may be empty.
    pub invoice_type: String,
    /// Due, OverDue, Paid, Void, Locked, or anything newer; may be empty.
    pub status: String,
    /// The subscription it bills, where it bills one.
    pub subscription_id: Option<String>,
    /// That subscription's name; of the lists in 2024-04-01 only.
    pub subscription_name: Option<String>,
    /// Name of the billing profile it bills, where it bills one.
    pub billing_profile_name: Option<String>,
    /// That billing profile in paths, without its account.
    pub billing_profile: Option<String>,
    /// The date on the invoice; `None` when Azure gave none that is a date, as all dates here.
    pub date: Option<Date>,
    /// First day of the billing period.
    pub period_start: Option<Date>,
    /// Last day of the billing period.
    pub period_end: Option<Date>,
    /// When it is to be paid.
    pub due_date: Option<Date>,
    /// When it was paid last.
    pub paid_on: Option<Date>,
    /// The order number that the customer gave; may be empty.
    pub purchase_order: String,
    /// The sum before tax.
    pub net: Option<Amount>,
    /// The tax.
    pub tax: Option<Amount>,
    /// The whole sum; what was billed where the interface tells no total.
    pub total: Option<Amount>,
    /// What remains to be paid.
    pub amount_due: Option<Amount>,
    /// Its documents; empty while Azure offers none.
    pub documents: Vec<Document>,
    /// Names of the invoices and credit notes that it corrects or is corrected by, in no order.
    pub corrections: Vec<String>,
}

impl Invoice {
    /// Reads one item of a list; `None` when it has no name, since nothing can be asked about it then.
    pub fn read(item: &Value) -> Option<Invoice> {
        let name = given(item, "name")?;
        let properties = item.get("properties").unwrap_or(&Value::Null);
        let documents = items(properties, "documents");
        let date = |field| parse_date(text(properties, field));
        let amount = |fields: &[&str]| fields.iter().find_map(|field| Amount::read(properties, field));
        let kind = match text(properties, "documentType") {
            "" => DocumentKind::Invoice,
            kind => DocumentKind::read(kind),
        };
        Some(Invoice {
            kind,
            invoice_type: text(properties, "invoiceType").to_owned(),
            status: text(properties, "status").to_owned(),
            subscription_id: given(properties, "subscriptionId"),
            subscription_name: given(properties, "subscriptionDisplayName"),
            billing_profile_name: given(properties, "billingProfileDisplayName"),
            billing_profile: Some(last_segment(text(properties, "billingProfileId")).to_owned())
                .filter(|name| !name.is_empty()),
            date: date("invoiceDate"),
            period_start: date("invoicePeriodStartDate"),
            period_end: date("invoicePeriodEndDate"),
            due_date: date("dueDate"),
            paid_on: items(properties, "payments")
                .iter()
                .filter_map(|payment| parse_date(text(payment, "date")))
                .max(),
            purchase_order: text(properties, "purchaseOrderNumber").to_owned(),
            net: amount(&["subTotal", "subtotal"]),
            tax: amount(&["taxAmount"]),
            total: amount(&["totalAmount", "billedAmount"]),
            amount_due: amount(&["amountDue"]),
            documents: documents.iter().map(Document::read).collect(),
            corrections: corrections(properties, &name),
            name,
        })
    }

    /// The currency of its amounts, as far as any of them names one.
    pub fn currency(&self) -> Option<&str> {
        [&self.total, &self.amount_due, &self.net, &self.tax]
            .into_iter()
            .flatten()
            .map(|amount| amount.currency.as_str())
            .find(|currency| !currency.is_empty())
    }

    /// One of its amounts as it counts in sums: what a credit note gives back is negative, however Azure signs it.
    pub fn signed(&self, amount: &Amount) -> Decimal {
        match self.kind {
            DocumentKind::CreditNote => -amount.value.abs(),
            _ => amount.value,
        }
    }

    /// Reads one item of the list of 2018-03-01-preview, which has a period and one document, and little else.
    pub fn read_2018(item: &Value) -> Option<Invoice> {
        let mut invoice = Invoice::read(item)?;
        let document = |resource: String| Document {
            name: None,
            number: None,
            is_split: false,
            kind: DocumentKind::Invoice,
            source: DocumentSource::Resource(format!("{resource}?api-version=2018-03-01-preview")),
        };
        invoice.documents = given(item, "id").map(document).into_iter().collect();
        Some(invoice)
    }
}

/// Every invoice named by a credit, a void or a rebill, itself left out.
fn corrections(properties: &Value, own: &str) -> Vec<String> {
    let mut named = vec![
        text(properties, "creditForDocumentId"),
        text(properties, "billedDocumentId"),
    ];
    let mut rebill = properties.get("rebillDetails");
    for _ in 0..LONGEST_CHAIN {
        let Some(link) = rebill.filter(|link| link.is_object()) else {
            break;
        };
        named.push(text(link, "invoiceDocumentId"));
        named.push(text(link, "creditNoteDocumentId"));
        rebill = link.get("rebillDetails");
    }
    let mut names: Vec<String> = Vec::new();
    for name in named.into_iter().map(last_segment) {
        if !name.is_empty() && name != own && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
