//! The usage files that a faithful run saves beside the invoices, or why there is none.
//! It must not know how usage is asked for.

use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::Date;

use super::{ScopeKind, hex};
use crate::arm::costs::oldest_day;
use crate::arm::shapes::usage::detail;
use crate::blob;
use crate::scenario::{Agreement, NextLink, Storage, Visibility};
use crate::state::State;
use crate::usage;
use crate::world::{About, InvoiceKey, Person, Report, Scope, Usage};

/// The usage of one billing period, or of one purchase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExpectedUsage {
    /// Display name of the subscription, billing profile or billing account that is billed.
    pub billed_to: String,
    /// What is billed.
    pub kind: ScopeKind,
    /// First day of the billing period.
    pub period_start: Date,
    /// Its last day.
    pub period_end: Date,
    /// Names of the period's invoices, newest first. A report on a billing profile says the same by each of them; by a
    /// credit note it says nothing.
    pub invoices: Vec<String>,
    /// Whether it is a purchase rather than a period: one line, on the day of the invoice.
    pub is_purchase: bool,
    /// Where it is told.
    pub source: UsageSource,
    /// What is told.
    pub outcome: UsageOutcome,
}

/// Where usage is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum UsageSource {
    /// By Cost Details of the billing profile, with an invoice's name.
    ProfileByInvoice,
    /// By Cost Details of the enrolment, with this billing period (`202610`).
    EnrolmentByPeriod(String),
    /// By Consumption's usage details of the subscription, between the days of the period.
    SubscriptionDetails,
}

/// What is told about usage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum UsageOutcome {
    /// A table.
    Table {
        /// What a client ends with: all files of the report in their order, with the byte order mark and the line of
        /// column names at the beginning only.
        #[serde(skip)]
        bytes: Vec<u8>,
        /// SHA-256 of it, lower-case hexadecimal.
        sha256: String,
        /// Lines besides the column names.
        lines: usize,
        /// Files that it comes in.
        blobs: usize,
        /// The host that they are fetched from.
        host: &'static str,
    },
    /// Lines as JSON.
    Details {
        /// All items of all pages, as they come without `$expand`.
        #[serde(skip)]
        items: Vec<Value>,
        /// How many they are.
        lines: usize,
    },
    /// Nothing was used: `NoDataFound`, 204, or an empty list.
    NothingUsed,
    /// It began before Cost Management reaches back to (400).
    TooOld,
    /// The person may not see it.
    Refused,
    /// The report fails, or a link of it leads elsewhere: the scenario's setting, for example `failing`.
    Failed(String),
}

/// One of them before it is told.
struct Period {
    billed_to: Scope,
    days: RangeInclusive<Date>,
    is_purchase: bool,
    invoices: Vec<InvoiceKey>,
}

impl State {
    /// The usage behind invoices dated `from` to `to`, both included, that the signed-in person's lists show.
    pub(crate) fn expected_usage(&self, from: Date, to: Date) -> Vec<ExpectedUsage> {
        let Some(person) = self.world.people.get(self.signed_in) else {
            return Vec::new();
        };
        let shown = self.view(person, from..=to).shown();
        let mut periods: Vec<Period> = Vec::new();
        for billed_to in person.scopes() {
            for (at, invoice) in person.invoices(billed_to).iter().enumerate() {
                let key = InvoiceKey {
                    billed_to,
                    invoice: at,
                };
                let is_purchase = invoice.is_one_off && matches!(billed_to, Scope::Profile(..));
                let is_meant = (is_purchase || invoice.is_for_usage())
                    && source(person, billed_to, invoice.period_end).is_some()
                    && (from..=to).contains(&invoice.date())
                    && shown.contains(&key);
                if !is_meant {
                    continue;
                }
                let same = |period: &&mut Period| {
                    !is_purchase
                        && !period.is_purchase
                        && period.billed_to == billed_to
                        && period.days == invoice.days()
                };
                match periods.iter_mut().find(same) {
                    Some(period) => period.invoices.push(key),
                    None => periods.push(Period {
                        billed_to,
                        days: invoice.days(),
                        is_purchase,
                        invoices: vec![key],
                    }),
                }
            }
        }
        let told = periods.into_iter();
        told.filter_map(|period| self.told(person, period)).collect()
    }

    fn told(&self, person: &Person, period: Period) -> Option<ExpectedUsage> {
        let first = person.billed(*period.invoices.first()?)?;
        let (start, end) = (*period.days.start(), *period.days.end());
        let source = source(person, period.billed_to, end)?;
        let names = period.invoices.iter();
        let names = names.filter_map(|key| Some(person.billed(*key)?.invoice.name.clone()));
        Some(ExpectedUsage {
            billed_to: first.name.to_owned(),
            kind: match period.billed_to {
                Scope::Account(_) => ScopeKind::BillingAccount,
                Scope::Profile(..) => ScopeKind::BillingProfile,
                Scope::Subscription(_) => ScopeKind::Subscription,
            },
            period_start: start,
            period_end: end,
            invoices: names.collect(),
            is_purchase: period.is_purchase,
            outcome: self.outcome(person, &period, &source)?,
            source,
        })
    }

    fn outcome(&self, person: &Person, period: &Period, source: &UsageSource) -> Option<UsageOutcome> {
        let told = person.usage(period.billed_to)?;
        match person.usage_visibility(period.billed_to) {
            Visibility::Listed => {}
            Visibility::Empty => return Some(UsageOutcome::NothingUsed),
            Visibility::Failing => return Some(UsageOutcome::Failed("visibility Failing".to_owned())),
            _ => return Some(UsageOutcome::Refused),
        }
        let (from, to) = (*period.days.start(), *period.days.end());
        if let (UsageSource::SubscriptionDetails, Scope::Subscription(at)) = (source, period.billed_to) {
            return Some(self.details(person, at, told, from, to));
        }
        let about = match source {
            UsageSource::ProfileByInvoice => About::Invoice(*period.invoices.first()?),
            _ => About::Days(from, to),
        };
        let report = Report {
            person: self.signed_in,
            scope: period.billed_to,
            about,
        };
        Some(self.table(told, report, from, to))
    }

    fn table(&self, told: &Usage, report: Report, from: Date, to: Date) -> UsageOutcome {
        if from < oldest_day(self.world.today) {
            return UsageOutcome::TooOld;
        }
        if let Some(poison) = told.location {
            return UsageOutcome::Failed(format!("location {poison:?}"));
        }
        if told.fails_between(from, to) {
            return UsageOutcome::Failed("failing".to_owned());
        }
        let files = usage::files(&self.world, report);
        let blobs = files.len();
        let Some(bytes) = usage::joined(files) else {
            return UsageOutcome::NothingUsed;
        };
        if told.storage == Storage::Foreign {
            return UsageOutcome::Failed("storage Foreign".to_owned());
        }
        UsageOutcome::Table {
            sha256: hex(&Sha256::digest(&bytes)),
            bytes,
            lines: usage::count(&self.world, report),
            blobs,
            host: blob::host(told.storage),
        }
    }

    fn details(&self, person: &Person, at: usize, told: &Usage, from: Date, to: Date) -> UsageOutcome {
        let lines = usage::lines(person, Scope::Subscription(at), from..=to);
        match told.next_link {
            NextLink::Poisoned(poison) if lines.len() > self.settings.usage_page_size => {
                return UsageOutcome::Failed(format!("next_link {poison:?}"));
            }
            NextLink::Cycle => return UsageOutcome::Failed("next_link Cycle".to_owned()),
            _ => {}
        }
        if lines.is_empty() {
            return UsageOutcome::NothingUsed;
        }
        let items = lines.iter().filter_map(|line| detail(person, at, line, false));
        UsageOutcome::Details {
            lines: lines.len(),
            items: items.collect(),
        }
    }
}

/// Where the usage behind an invoice is told; a support plan's is told nowhere.
fn source(person: &Person, billed_to: Scope, period_end: Date) -> Option<UsageSource> {
    match (person.agreement(billed_to)?, billed_to) {
        (Agreement::MicrosoftOnlineServicesProgram, Scope::Subscription(_)) => {
            Some(UsageSource::SubscriptionDetails)
        }
        (Agreement::EnterpriseAgreement, Scope::Account(_)) => {
            let (year, month) = (period_end.year(), u8::from(period_end.month()));
            Some(UsageSource::EnrolmentByPeriod(format!("{year}{month:02}")))
        }
        (agreement, Scope::Profile(..)) if agreement.has_profiles() => Some(UsageSource::ProfileByInvoice),
        _ => None,
    }
}
