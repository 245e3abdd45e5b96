//! A scenario: which people, subscriptions, invoices and documents exist, written as data relative to today.
//! It must not know about requests or about absolute dates: `world` lays it out in time.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;

/// One cast of people and their invoices, with the misbehaviour that their documents show.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The name it is loaded by.
    pub name: String,
    /// What it is for, in one sentence.
    pub summary: String,
    /// Overrides the page size of the settings, to have several pages with few invoices.
    #[serde(default)]
    pub page_size: Option<usize>,
    /// The people who can be signed in to the portal; the first one is at the start.
    pub accounts: Vec<Person>,
}

/// A person signed in to one directory.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Display name.
    pub name: String,
    /// Sign-in name.
    pub email: String,
    /// The directory's display name.
    pub directory: String,
    /// The directory's domain.
    pub domain: String,
    /// Country of the billing address, ISO 3166 two letters.
    #[serde(default = "default_country")]
    pub country: String,
    /// Currency of the invoices, ISO 4217.
    #[serde(default = "default_currency")]
    pub currency: String,
    /// What this person's token can see.
    #[serde(default)]
    pub subscriptions: Vec<SubscriptionData>,
}

/// A subscription and its invoices.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionData {
    /// Display name.
    pub name: String,
    /// The offer's quota id.
    #[serde(default = "default_quota")]
    pub quota: String,
    /// Whether the person is the account administrator; if not, who is.
    #[serde(default)]
    pub administrator: Option<String>,
    /// What the list of invoices answers to this person.
    #[serde(default)]
    pub visibility: Visibility,
    /// Which API versions the list of invoices supports here.
    #[serde(default)]
    pub versions: Versions,
    /// Where `nextLink` of the first page leads.
    #[serde(default)]
    pub next_link: NextLink,
    /// Day of the month on which invoices are issued (1 to 28).
    #[serde(default = "default_invoice_day")]
    pub invoice_day: u8,
    /// A row of ordinary paid invoices, one a month.
    #[serde(default)]
    pub monthly: Option<Monthly>,
    /// Invoices that are told one by one.
    #[serde(default)]
    pub invoices: Vec<InvoiceData>,
}

/// A row of ordinary invoices.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Monthly {
    /// How many months back the row reaches, the newest issued invoice included.
    pub months: u32,
    /// Typical total of one invoice.
    pub amount: f64,
    /// Months that are left out, usually because `invoices` tells them.
    #[serde(default)]
    pub except: Vec<u32>,
}

/// One invoice.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceData {
    /// 0 is the newest invoice day that has passed.
    pub months_ago: u32,
    /// Days after the invoice day, for a second invoice in a month.
    #[serde(default)]
    pub days_later: i64,
    /// The invoice's name (its number); generated when it is missing.
    #[serde(default)]
    pub name: Option<String>,
    /// A name inside this scenario that `credits` and `rebills` of other invoices refer to.
    #[serde(default)]
    pub label: Option<String>,
    /// Total, negative on a credit note.
    #[serde(default = "default_amount")]
    pub amount: f64,
    /// `Paid`, `Due`, `OverDue`, `Void` or anything else.
    #[serde(default = "default_status")]
    pub status: String,
    /// `documentType` of the invoice.
    #[serde(default = "default_kind")]
    pub kind: String,
    /// `invoiceType` of the invoice.
    #[serde(default = "default_invoice_type")]
    pub invoice_type: String,
    /// Label of the invoice that this one credits.
    #[serde(default)]
    pub credits: Option<String>,
    /// Label of the invoice that this one replaces.
    #[serde(default)]
    pub rebills: Option<String>,
    /// How the dates are written.
    #[serde(default)]
    pub dates: DateShape,
    /// Its documents; none at all means "not available".
    #[serde(default = "default_documents")]
    pub documents: Vec<DocumentData>,
    /// Merged over `properties` of the answer (RFC 7386: null removes), for odd values and missing fields.
    #[serde(default)]
    pub properties: Map<String, Value>,
}

/// One document of an invoice and how it misbehaves.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentData {
    /// `Invoice`, `CreditNote`, `TaxReceipt`, `VoidNote` or anything else.
    pub kind: Kind,
    /// Its name; generated when it is missing.
    pub name: Option<String>,
    /// What blob storage sends.
    pub served: Served,
    /// Shape of the finished operation's body.
    pub result: ResultShape,
    /// Where `documents[].url` of the list points.
    pub url: DocumentUrl,
    /// Where `Location` of the operation points.
    pub location: Location,
    /// Which host the link to the finished document names.
    pub storage: Storage,
}

/// A document kind, open like the service's own enumeration.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Kind(pub String);

impl Default for Kind {
    fn default() -> Self {
        Self(default_kind())
    }
}

/// What the list of a subscription's invoices answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Visibility {
    /// The invoices.
    #[default]
    Listed,
    /// 200 with an empty list.
    Empty,
    /// 403 in Resource Manager's envelope, as without a role.
    Forbidden,
    /// 401 "No claims present for the caller in the system": no billing permission, yet not a token problem.
    NoClaims,
    /// 404, flat body.
    NotFound,
    /// 503 without a body.
    Failing,
}

/// How the dates of an invoice are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum DateShape {
    /// `2026-11-09T06:12:44.1307606Z`, seven digits of a second.
    #[default]
    Full,
    /// The same without a zone.
    NoZone,
    /// The same moment with the offset +02:00.
    Offset,
    /// `2026-11-09T06:12:44Z`.
    Seconds,
}

/// Which API versions the list of invoices supports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Versions {
    /// 2024-04-01 and 2020-05-01.
    #[default]
    Both,
    /// 2020-05-01 only; the newer version answers 400.
    Old,
}

/// Where `nextLink` of the first page leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum NextLink {
    /// To the next page, relative, with raw spaces, as recorded.
    #[default]
    Good,
    /// To another host.
    ForeignHost,
    /// From the last page back to the first one.
    Cycle,
}

/// What blob storage sends for a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Served {
    /// The whole PDF.
    #[default]
    Pdf,
    /// 200 with an HTML error page.
    Html,
    /// A PDF whose end is missing; `Content-Length` agrees with what is sent.
    Truncated,
    /// A connection that closes early; `Content-Length` promises more.
    Short,
}

/// Shape of a finished operation's body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum ResultShape {
    /// `{"url": …}`
    #[default]
    Object,
    /// `"https://…"`
    BareString,
}

/// Where `documents[].url` points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum DocumentUrl {
    /// To the document's download action on Resource Manager.
    #[default]
    Good,
    /// To another host.
    ForeignHost,
    /// To another action of Resource Manager.
    OtherAction,
    /// To Resource Manager, without TLS.
    Http,
}

/// Where `Location` points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Location {
    /// To the operation's results.
    #[default]
    Good,
    /// To another host.
    ForeignHost,
}

/// Which host a link to a finished document names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Storage {
    /// The invoice storage account.
    #[default]
    Invoices,
    /// Another storage account of the same cloud.
    Other,
    /// A host outside Azure.
    Foreign,
}

impl Scenario {
    /// The names of the scenarios that are built in.
    pub const NAMES: [&'static str; 6] = [
        "pay-as-you-go",
        "two-accounts",
        "awkward-names",
        "hostile",
        "empty",
        "shared-with-me",
    ];

    /// A built-in scenario.
    ///
    /// # Errors
    /// [`Error::UnknownScenario`] for a name that is not in [`Scenario::NAMES`].
    pub fn named(name: &str) -> Result<Self, Error> {
        let text = match name {
            "pay-as-you-go" => include_str!("../scenarios/pay-as-you-go.json"),
            "two-accounts" => include_str!("../scenarios/two-accounts.json"),
            "awkward-names" => include_str!("../scenarios/awkward-names.json"),
            "hostile" => include_str!("../scenarios/hostile.json"),
            "empty" => include_str!("../scenarios/empty.json"),
            "shared-with-me" => include_str!("../scenarios/shared-with-me.json"),
            _ => return Err(Error::UnknownScenario(name.to_owned())),
        };
        Self::from_json(text)
    }

    /// A scenario from its JSON text.
    ///
    /// # Errors
    /// [`Error::Scenario`] when the text is not a scenario or has nobody in it.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let scenario: Self =
            serde_json::from_str(text).map_err(|error| Error::Scenario(error.to_string()))?;
        if scenario.accounts.is_empty() {
            return Err(Error::Scenario(format!(
                "scenario {} has no account",
                scenario.name
            )));
        }
        Ok(scenario)
    }
}

fn default_country() -> String {
    "LV".to_owned()
}

fn default_currency() -> String {
    "EUR".to_owned()
}

fn default_quota() -> String {
    "PayAsYouGo_2014-09-01".to_owned()
}

fn default_invoice_day() -> u8 {
    9
}

fn default_amount() -> f64 {
    120.0
}

fn default_status() -> String {
    "Paid".to_owned()
}

fn default_kind() -> String {
    "Invoice".to_owned()
}

fn default_invoice_type() -> String {
    "AzureServices".to_owned()
}

fn default_documents() -> Vec<DocumentData> {
    vec![DocumentData::default()]
}
