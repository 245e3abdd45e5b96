//! A scenario: which people, subscriptions, invoices and documents exist, written as data relative to today.
//! It must not know about requests or about absolute dates: `world` lays it out in time.

mod access;
mod usage;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use access::{BillingRole, BillingType, PersonKind, Role, RoleThrough, SectionRole, SpendingLimitType};
pub use usage::{NoData, UsageData, UsageFields};

use crate::Error;
use crate::poison::Poison;

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
    /// Documents of one page, to have many of them at little cost.
    #[serde(default)]
    pub short_documents: bool,
    /// So many bytes that say nothing in each PDF, to have large files at little cost.
    #[serde(default)]
    pub padding: usize,
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
    /// What kind of account it is.
    #[serde(default)]
    pub kind: PersonKind,
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
    /// Display names of further directories that this person belongs to.
    #[serde(default)]
    pub other_directories: Vec<String>,
    /// Which host the links to this person's usage reports name. Where the real ones lie is not known.
    #[serde(default)]
    pub usage_storage: Storage,
    /// The billing accounts that bill this person's subscriptions or that this person can see. Whoever administers a
    /// subscription that names none of them has an account of the online services programme besides.
    #[serde(default)]
    pub billing_accounts: Vec<BillingAccountData>,
    /// What this person's token can see.
    #[serde(default)]
    pub subscriptions: Vec<SubscriptionData>,
}

/// A billing account as one person sees it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BillingAccountData {
    /// Display name; subscriptions refer to it.
    pub name: String,
    /// The agreement.
    pub agreement: Agreement,
    /// How an enrolment is sold; means nothing under another agreement.
    #[serde(default)]
    pub channel: Channel,
    /// Whether the person's list of billing accounts has it at all. If not, every one of its own addresses is 404.
    #[serde(default = "yes")]
    pub listed: bool,
    /// The person's role on it. When it is missing: owner, or enterprise administrator, of what is listed and may be
    /// read. The online services programme has no such roles.
    #[serde(default)]
    pub role: Option<BillingRole>,
    /// Addresses of others who are its owners, or enterprise administrators. One of "" is of somebody whose address
    /// Azure does not tell, and the same address twice is two people. They are told to whoever has a role there or
    /// further inside.
    #[serde(default)]
    pub owners: Vec<String>,
    /// `hasReadAccess` in the list; when it is missing, what the role says.
    #[serde(default)]
    pub has_read_access: Option<bool>,
    /// Display name of the directory that it is managed in, when that is not the person's own.
    #[serde(default)]
    pub billing_directory: Option<String>,
    /// Currency of its invoices; the person's when it is missing.
    #[serde(default)]
    pub currency: Option<String>,
    /// What its list of invoices answers; when it is missing, what the role says.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// Which API versions its list of invoices supports; the older ones only where the agreement has them.
    #[serde(default)]
    pub versions: Versions,
    /// Where `nextLink` of the first page leads.
    #[serde(default)]
    pub next_link: NextLink,
    /// Its billing profiles: customer and partner agreements have them, and their invoices lie there.
    #[serde(default)]
    pub profiles: Vec<BillingProfileData>,
    /// Day of the month on which invoices are issued (1 to 28).
    #[serde(default = "default_invoice_day")]
    pub invoice_day: u8,
    /// A row of ordinary paid invoices of an enrolment, one a month.
    #[serde(default)]
    pub monthly: Option<Monthly>,
    /// Invoices that are told one by one: of an enrolment, or of a support plan under the online services programme.
    #[serde(default)]
    pub invoices: Vec<InvoiceData>,
    /// What an enrolment has used.
    #[serde(default)]
    pub usage: UsageData,
}

/// A billing profile and its invoices.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BillingProfileData {
    /// Display name.
    pub name: String,
    /// So many profiles alike; `{n}` in the name is their number.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// Currency of its invoices; the account's when it is missing.
    #[serde(default)]
    pub currency: Option<String>,
    /// The person's role on it. When it is missing: none for whoever has a role on the account or on the invoice
    /// section, else reader of what may be read.
    #[serde(default)]
    pub role: Option<BillingRole>,
    /// The person's role on its invoice section.
    #[serde(default)]
    pub invoice_section_role: SectionRole,
    /// Addresses of others who are its owners, as with a billing account.
    #[serde(default)]
    pub owners: Vec<String>,
    /// `hasReadAccess` in the list of profiles; when it is missing, what the roles say.
    #[serde(default)]
    pub has_read_access: Option<bool>,
    /// What its list of invoices answers; when it is missing, what the role says.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// Which API versions its list of invoices supports.
    #[serde(default)]
    pub versions: Versions,
    /// Where `nextLink` of the first page leads.
    #[serde(default)]
    pub next_link: NextLink,
    /// Day of the month on which invoices are issued (1 to 28).
    #[serde(default = "default_profile_day")]
    pub invoice_day: u8,
    /// A row of ordinary paid invoices, one a month.
    #[serde(default)]
    pub monthly: Option<Monthly>,
    /// Invoices that are told one by one.
    #[serde(default)]
    pub invoices: Vec<InvoiceData>,
    /// What was used by all that the profile is billed for.
    #[serde(default)]
    pub usage: UsageData,
}

/// The agreement of a billing account, by the service's own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Agreement {
    /// Pay-as-you-go, Visual Studio, free: subscriptions are billed one by one.
    MicrosoftOnlineServicesProgram,
    /// Billing profiles are billed.
    MicrosoftCustomerAgreement,
    /// The same on the side of a cloud solution provider.
    MicrosoftPartnerAgreement,
    /// An enrolment is billed.
    EnterpriseAgreement,
}

impl Agreement {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::MicrosoftOnlineServicesProgram => "MicrosoftOnlineServicesProgram",
            Self::MicrosoftCustomerAgreement => "MicrosoftCustomerAgreement",
            Self::MicrosoftPartnerAgreement => "MicrosoftPartnerAgreement",
            Self::EnterpriseAgreement => "EnterpriseAgreement",
        }
    }

    pub(crate) fn has_profiles(self) -> bool {
        matches!(
            self,
            Self::MicrosoftCustomerAgreement | Self::MicrosoftPartnerAgreement
        )
    }
}

/// How an enrolment is sold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Channel {
    /// By Microsoft.
    #[default]
    EaDirect,
    /// By a partner, who gets the invoices.
    EaIndirect,
}

impl Channel {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::EaDirect => "EaDirect",
            Self::EaIndirect => "EaIndirect",
        }
    }
}

/// A subscription and its invoices.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionData {
    /// Display name.
    pub name: String,
    /// So many subscriptions alike; `{n}` in the name is their number.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// The offer's quota id; `CSP_…` is a subscription of a partner's customer, and its invoices go to the partner.
    #[serde(default = "default_quota")]
    pub quota: String,
    /// `Enabled`, `Warned`, `PastDue`, `Disabled` or `Deleted`.
    #[serde(default = "default_state")]
    pub state: String,
    /// Name of the billing account that bills it; when it is missing, the administrator's own.
    #[serde(default)]
    pub billing_account: Option<String>,
    /// Name of the billing profile that bills it; when it is missing, the account's first.
    #[serde(default)]
    pub billing_profile: Option<String>,
    /// Whether the person may not even ask who bills it: `billingProperty` answers 403.
    #[serde(default)]
    pub billing_property_refused: bool,
    /// Who is the account administrator, if it is not the person.
    #[serde(default)]
    pub administrator: Option<String>,
    /// Whether `billingProperty` leaves out the account administrator's address.
    #[serde(default)]
    pub administrator_unknown: bool,
    /// The person's roles on it; an empty list is somebody with roles on something inside it only. When it is missing:
    /// owner of what the person pays for, reader of others' subscriptions.
    #[serde(default)]
    pub roles: Option<Vec<Role>>,
    /// How the person came to those roles.
    #[serde(default)]
    pub role_through: RoleThrough,
    /// Whether the account administrator allows others to download. If not, others get the list of invoices without
    /// documents, and 403 for a download. Under other agreements than the online services programme it means nothing.
    #[serde(default = "yes")]
    pub shared: bool,
    /// `subscriptionBillingType`.
    #[serde(default)]
    pub billing_type: BillingType,
    /// Why spending is limited, if it is: `billingProfileSpendingLimitDetails`.
    #[serde(default)]
    pub spending_limit_type: Option<SpendingLimitType>,
    /// So many days ago its billing was suspended: `subscriptionBillingStatusDetails`.
    #[serde(default)]
    pub suspended_days_ago: Option<u32>,
    /// Whether that was by a transfer from another account.
    #[serde(default)]
    pub transferred: bool,
    /// Whether its billing account moved to another agreement; told to whoever asks with `includeTransitionStatus`.
    #[serde(default)]
    pub transitioned: bool,
    /// What the list of invoices answers to this person; when it is missing, what the roles say.
    #[serde(default)]
    pub visibility: Option<Visibility>,
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
    /// What it has used.
    #[serde(default)]
    pub usage: UsageData,
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
    /// A purchase: its period is one moment, and it is no monthly invoice.
    #[serde(default)]
    pub one_off: bool,
    /// Its documents; an empty list means "not available". When it is missing, those that the agreement always has.
    #[serde(default)]
    pub documents: Option<Vec<DocumentData>>,
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
    /// How many document numbers it has; an enrolment's PDF of more than 40 pages has several.
    pub numbers: Option<u32>,
    /// What is wrong with `documents[].url` of the list.
    pub url: Option<Poison>,
    /// What is wrong with `Location` of the operation.
    pub location: Option<Poison>,
    /// It lies outside Azure: `externalUrl` in place of `url`.
    pub external: Option<External>,
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

/// What a list of invoices answers.
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

/// Which API versions a list of invoices supports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum Versions {
    /// 2024-04-01 and 2020-05-01.
    #[default]
    Both,
    /// 2020-05-01 only; the newer version answers 400.
    Old,
    /// The subscription's own list of 2018-03-01-preview only; both newer versions answer 400.
    Legacy,
}

/// Where `nextLink` of the first page leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum NextLink {
    /// To the next page, relative, with raw spaces, as recorded.
    #[default]
    Good,
    /// From the last page back to the first one.
    Cycle,
    /// Somewhere that a client must not go.
    #[serde(untagged)]
    Poisoned(Poison),
}

/// Where a document outside Azure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum External {
    /// With a municipality, as fiscal notes of Brazil do.
    Municipality,
    /// There as well, but the link is poisoned.
    #[serde(untagged)]
    Poisoned(Poison),
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

/// The built-in scenarios: their names, and the text of each.
macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        /// The names of the scenarios that are built in.
        pub const NAMES: [&'static str; [$($name),+].len()] = [$($name),+];

        fn text(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!("../scenarios/", $name, ".json"))),)+
                _ => None,
            }
        }
    };
}

impl Scenario {
    built_in![
        "pay-as-you-go",
        "two-accounts",
        "awkward-names",
        "hostile",
        "empty",
        "shared-with-me",
        "customer-agreement",
        "profile-reader",
        "partner-agreement",
        "enterprise",
        "enterprise-indirect",
        "legacy",
        "subscription-reader",
        "mixed",
        "brazil",
        "hostile-links",
        "usage",
        "large-240",
        "large-1000",
        "roles",
        "administrator",
        "invoice-manager",
        "profile-reader-role",
        "section-owner",
        "enterprise-roles",
        "guest",
        "personal",
        "sees-nothing",
        "fifty-subscriptions",
        "awkward-access",
        "sharing",
    ];

    /// A built-in scenario.
    ///
    /// # Errors
    /// [`Error::UnknownScenario`] for a name that is not in [`Scenario::NAMES`].
    pub fn named(name: &str) -> Result<Self, Error> {
        let text = Self::text(name).ok_or_else(|| Error::UnknownScenario(name.to_owned()))?;
        Self::from_json(text)
    }

    /// A scenario from its JSON text.
    ///
    /// # Errors
    /// [`Error::Scenario`] when the text is not a scenario, has nobody in it, a subscription names a billing account or
    /// profile that its person does not have, or somebody has a role that does not exist there.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let scenario: Self =
            serde_json::from_str(text).map_err(|error| Error::Scenario(error.to_string()))?;
        if scenario.accounts.is_empty() {
            return Err(Error::Scenario(format!(
                "scenario {} has no account",
                scenario.name
            )));
        }
        if let Some(place) = scenario.misfit() {
            return Err(Error::Scenario(format!(
                "there is no such role on {place} in {}",
                scenario.name
            )));
        }
        match scenario.accounts.iter().find_map(Person::dangling) {
            Some(subscription) => Err(Error::Scenario(format!(
                "subscription {subscription} is billed by nobody in {}",
                scenario.name
            ))),
            None => Ok(scenario),
        }
    }
}

impl Person {
    /// A subscription that names a billing account or profile which is not there.
    fn dangling(&self) -> Option<&str> {
        let is_dangling = |subscription: &&SubscriptionData| {
            let account = subscription.billing_account.as_ref();
            let Some(name) = account else {
                return subscription.billing_profile.is_some();
            };
            let account = self.billing_accounts.iter().find(|each| each.name == *name);
            account.is_none_or(|account| {
                subscription
                    .billing_profile
                    .as_ref()
                    .is_some_and(|name| !account.profiles.iter().any(|profile| profile.name == *name))
            })
        };
        self.subscriptions
            .iter()
            .find(is_dangling)
            .map(|subscription| subscription.name.as_str())
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

fn default_state() -> String {
    "Enabled".to_owned()
}

fn default_invoice_day() -> u8 {
    9
}

fn default_profile_day() -> u8 {
    5
}

fn yes() -> bool {
    true
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
