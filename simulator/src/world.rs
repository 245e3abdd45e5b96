//! A scenario laid out in time: every id, name, date and amount that the services answer with.
//! It must not know about requests, tokens or the shape of an answer.

pub(crate) mod access;
mod layout;
mod links;
mod lists;
mod usage;

use serde_json::{Map, Value};
use time::{Date, OffsetDateTime};

use crate::poison::Poison;
use crate::scenario::{
    Agreement, BillingRole, BillingType, Channel, DateShape, External, NextLink, PersonKind, ResultShape,
    Role, Scenario, SectionRole, Served, SpendingLimitType, Storage, Versions, Visibility,
};

pub(crate) use access::{Assignment, Owner};
pub(crate) use lists::Standing;
pub(crate) use usage::{About, Report, Stored, Usage, billing_period, period_name};

/// Everything that exists.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) scenario: String,
    pub(crate) page_size: Option<usize>,
    /// The day that everything is counted back from.
    pub(crate) today: Date,
    pub(crate) people: Vec<Person>,
}

/// A person signed in to one directory, and what that person can see.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) kind: PersonKind,
    /// The directory that a guest's account is of.
    pub(crate) home_tenant: String,
    pub(crate) country: String,
    pub(crate) object: String,
    pub(crate) directory: Directory,
    pub(crate) other_directories: Vec<Directory>,
    pub(crate) billing_accounts: Vec<BillingAccount>,
    pub(crate) subscriptions: Vec<Subscription>,
}

#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) tenant: String,
}

#[derive(Debug)]
pub(crate) struct BillingAccount {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) agreement: Agreement,
    pub(crate) channel: Channel,
    pub(crate) is_listed: bool,
    pub(crate) has_read_access: bool,
    pub(crate) role: BillingRole,
    pub(crate) owners: Vec<Owner>,
    /// Directory that it is managed in.
    pub(crate) tenant: String,
    pub(crate) currency: String,
    pub(crate) list: List,
    pub(crate) profiles: Vec<BillingProfile>,
    /// Newest first, as the service lists them.
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) usage: Usage,
}

#[derive(Debug)]
pub(crate) struct BillingProfile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) currency: String,
    pub(crate) has_read_access: bool,
    pub(crate) role: BillingRole,
    pub(crate) section_role: SectionRole,
    pub(crate) owners: Vec<Owner>,
    pub(crate) invoice_day: u8,
    pub(crate) list: List,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) usage: Usage,
}

#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) quota: String,
    pub(crate) state: String,
    /// Position of the billing account among the person's, and of the profile among the account's.
    pub(crate) account: usize,
    pub(crate) profile: Option<usize>,
    pub(crate) is_administrator: bool,
    pub(crate) administrator: String,
    pub(crate) is_administrator_told: bool,
    pub(crate) billing_property_refused: bool,
    /// Whether others than the administrator get its documents.
    pub(crate) is_shared: bool,
    pub(crate) roles: Vec<Role>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) bill: Bill,
    pub(crate) currency: String,
    pub(crate) list: List,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) usage: Usage,
}

/// What a subscription's bill is like.
#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) kind: BillingType,
    pub(crate) limit: Option<SpendingLimitType>,
    pub(crate) suspended: Option<Date>,
    pub(crate) is_transferred: bool,
    pub(crate) is_transitioned: bool,
}

/// How a list of invoices answers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct List {
    pub(crate) visibility: Visibility,
    pub(crate) versions: Versions,
    pub(crate) next_link: NextLink,
}

#[derive(Debug)]
pub(crate) struct Invoice {
    pub(crate) name: String,
    /// Its name in the oldest version, which gives names of its own.
    pub(crate) legacy_name: String,
    pub(crate) kind: String,
    pub(crate) invoice_type: String,
    pub(crate) status: String,
    pub(crate) issued: OffsetDateTime,
    pub(crate) due: OffsetDateTime,
    pub(crate) period_start: Date,
    pub(crate) period_end: Date,
    pub(crate) is_one_off: bool,
    pub(crate) total: Money,
    pub(crate) tax: Money,
    pub(crate) dates: DateShape,
    /// The invoice that this credit note is for.
    pub(crate) credits: Option<String>,
    /// What this invoice replaces, the latest first: invoice and credit note.
    pub(crate) rebills: Vec<(String, Option<String>)>,
    pub(crate) rebilled_as: Option<String>,
    pub(crate) documents: Vec<Document>,
    pub(crate) properties: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct Document {
    /// Its name, which is also its first number.
    pub(crate) name: String,
    pub(crate) further_numbers: Vec<String>,
    pub(crate) kind: String,
    pub(crate) is_short: bool,
    pub(crate) padding: usize,
    pub(crate) served: Served,
    pub(crate) result: ResultShape,
    pub(crate) url: Option<Poison>,
    pub(crate) location: Option<Poison>,
    pub(crate) external: Option<External>,
    pub(crate) storage: Storage,
}

/// An amount in hundredths of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Money(pub(crate) i64);

impl Money {
    pub(crate) fn value(self) -> f64 {
        // Amounts of the scenarios are far below 2^53 hundredths.
        #[allow(clippy::cast_precision_loss)]
        let hundredths = self.0 as f64;
        hundredths / 100.0
    }

    pub(crate) fn text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", (self.0 / 100).abs(), (self.0 % 100).abs())
    }
}

/// Who is billed, and thereby also which list of invoices is meant: positions among the person's billing accounts,
/// the account's profiles, the person's subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scope {
    Account(usize),
    Profile(usize, usize),
    Subscription(usize),
}

/// Where an invoice is among those of a person: with whom it is billed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InvoiceKey {
    pub(crate) billed_to: Scope,
    pub(crate) invoice: usize,
}

/// Where a document is in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DocumentKey {
    pub(crate) person: usize,
    pub(crate) invoice: InvoiceKey,
    pub(crate) document: usize,
}

/// An invoice with everything it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Billed<'a> {
    pub(crate) person: &'a Person,
    pub(crate) to: Scope,
    /// Display name, id and currency of whoever is billed.
    pub(crate) name: &'a str,
    pub(crate) id: &'a str,
    pub(crate) currency: &'a str,
    pub(crate) agreement: Agreement,
    pub(crate) invoice: &'a Invoice,
}

/// A document with everything it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) billed: Billed<'a>,
    pub(crate) document: &'a Document,
}

impl World {
    pub(crate) fn new(scenario: &Scenario, seed: u64, today: Date) -> Self {
        layout::world(scenario, seed, today)
    }

    pub(crate) fn find(&self, key: DocumentKey) -> Option<Found<'_>> {
        let billed = self.people.get(key.person)?.billed(key.invoice)?;
        let document = billed.invoice.documents.get(key.document)?;
        Some(Found { billed, document })
    }

    /// Every document that a person could be given, in the order of subscriptions, accounts and profiles.
    pub(crate) fn documents(&self, person: usize) -> Vec<DocumentKey> {
        let mut keys = Vec::new();
        let Some(found) = self.people.get(person) else {
            return keys;
        };
        for billed_to in found.scopes() {
            for (invoice, of_invoice) in found.invoices(billed_to).iter().enumerate() {
                let invoice = InvoiceKey { billed_to, invoice };
                keys.extend((0..of_invoice.documents.len()).map(|document| DocumentKey {
                    person,
                    invoice,
                    document,
                }));
            }
        }
        keys
    }
}

impl Person {
    pub(crate) fn subscription(&self, id: &str) -> Option<(usize, &Subscription)> {
        self.subscriptions
            .iter()
            .enumerate()
            .find(|(_, subscription)| subscription.id.eq_ignore_ascii_case(id))
    }

    /// A billing account by its id; one that is not in the person's list is not found.
    pub(crate) fn billing_account(&self, id: &str) -> Option<(usize, &BillingAccount)> {
        self.billing_accounts
            .iter()
            .enumerate()
            .find(|(_, account)| account.is_listed && account.id.eq_ignore_ascii_case(id))
    }

    pub(crate) fn profile(&self, account: usize, profile: usize) -> Option<&BillingProfile> {
        self.billing_accounts.get(account)?.profiles.get(profile)
    }

    /// Everybody who is billed: subscriptions, then accounts, each with its profiles.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = (0..self.subscriptions.len()).map(Scope::Subscription).collect();
        for (at, account) in self.billing_accounts.iter().enumerate() {
            scopes.push(Scope::Account(at));
            scopes.extend((0..account.profiles.len()).map(|profile| Scope::Profile(at, profile)));
        }
        scopes
    }

    /// The invoices that are billed to exactly this one.
    pub(crate) fn invoices(&self, billed_to: Scope) -> &[Invoice] {
        match billed_to {
            Scope::Account(at) => self.billing_accounts.get(at).map(|of| of.invoices.as_slice()),
            Scope::Profile(account, at) => self.profile(account, at).map(|of| of.invoices.as_slice()),
            Scope::Subscription(at) => self.subscriptions.get(at).map(|of| of.invoices.as_slice()),
        }
        .unwrap_or_default()
    }

    pub(crate) fn billed(&self, key: InvoiceKey) -> Option<Billed<'_>> {
        let (account, name, id, currency) = match key.billed_to {
            Scope::Account(at) => {
                let account = self.billing_accounts.get(at)?;
                (account, &account.name, &account.id, &account.currency)
            }
            Scope::Profile(account, at) => {
                let profile = self.profile(account, at)?;
                let account = self.billing_accounts.get(account)?;
                (account, &profile.name, &profile.id, &profile.currency)
            }
            Scope::Subscription(at) => {
                let subscription = self.subscriptions.get(at)?;
                let account = self.billing_accounts.get(subscription.account)?;
                (
                    account,
                    &subscription.name,
                    &subscription.id,
                    &subscription.currency,
                )
            }
        };
        Some(Billed {
            person: self,
            to: key.billed_to,
            name,
            id,
            currency,
            agreement: account.agreement,
            invoice: self.invoices(key.billed_to).get(key.invoice)?,
        })
    }
}

impl Subscription {
    /// A partner's customer, who gets no invoice from Azure.
    pub(crate) fn is_partners_customer(&self) -> bool {
        self.quota.starts_with("CSP_")
    }
}

impl Invoice {
    pub(crate) fn date(&self) -> Date {
        self.issued.date()
    }
}

impl Document {
    pub(crate) fn is_transactions(&self) -> bool {
        self.kind == "Transactions"
    }
}
