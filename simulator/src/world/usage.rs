//! Who has used something, when, and who may see it; and the reports and files that tell it.
//! It must not know what was used or how it is written.

use std::ops::RangeInclusive;

use time::{Date, Duration};

use super::{DocumentKey, Invoice, InvoiceKey, Person, Scope};
use crate::poison::Poison;
use crate::scenario::{Agreement, NextLink, NoData, Storage, UsageFields, Visibility};

/// What was used by whoever is billed, and how that is told.
#[derive(Debug)]
pub(crate) struct Usage {
    pub(crate) lines_a_day: u32,
    /// From the first day with usage to today.
    pub(crate) days: Option<RangeInclusive<Date>>,
    pub(crate) without: Vec<RangeInclusive<Date>>,
    pub(crate) failing: Vec<RangeInclusive<Date>>,
    pub(crate) blobs: usize,
    pub(crate) visibility: Visibility,
    pub(crate) storage: Storage,
    pub(crate) nothing: NoData,
    pub(crate) location: Option<Poison>,
    pub(crate) next_link: NextLink,
    pub(crate) fields: UsageFields,
    /// Day of the month on which invoices are issued.
    pub(crate) invoice_day: u8,
}

/// A report of Cost Management: who asked, about whom, and about what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Report {
    pub(crate) person: usize,
    pub(crate) scope: Scope,
    pub(crate) about: About,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum About {
    /// The days from one to another, both included.
    Days(Date, Date),
    /// What an invoice was written for.
    Invoice(InvoiceKey),
}

/// What blob storage keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stored {
    /// A document.
    Document(DocumentKey),
    /// One of the files of a report.
    Part(Report, usize),
}

impl Usage {
    /// Whether there is usage on a day.
    pub(crate) fn is_on(&self, day: Date) -> bool {
        self.days.as_ref().is_some_and(|days| days.contains(&day))
            && !self.without.iter().any(|days| days.contains(&day))
    }

    /// Whether a report over some days never succeeds.
    pub(crate) fn fails_between(&self, from: Date, to: Date) -> bool {
        self.failing
            .iter()
            .any(|days| *days.start() <= to && from <= *days.end())
    }
}

impl Person {
    /// Who is billed for what a subscription uses; accounts and profiles are billed themselves.
    pub(crate) fn payer(&self, of: Scope) -> Option<Scope> {
        let Scope::Subscription(at) = of else {
            return Some(of);
        };
        let subscription = self.subscriptions.get(at)?;
        Some(match (self.agreement(of)?, subscription.profile) {
            (Agreement::EnterpriseAgreement, _) => Scope::Account(subscription.account),
            (_, Some(profile)) => Scope::Profile(subscription.account, profile),
            _ => of,
        })
    }

    pub(crate) fn usage(&self, of: Scope) -> Option<&Usage> {
        match of {
            Scope::Account(at) => Some(&self.billing_accounts.get(at)?.usage),
            Scope::Profile(account, at) => Some(&self.profile(account, at)?.usage),
            Scope::Subscription(at) => Some(&self.subscriptions.get(at)?.usage),
        }
    }

    /// What a person stands to be told about the usage of a scope.
    pub(crate) fn usage_visibility(&self, of: Scope) -> Visibility {
        let is_listed = match of {
            Scope::Account(at) | Scope::Profile(at, _) => self
                .billing_accounts
                .get(at)
                .is_some_and(|account| account.is_listed),
            Scope::Subscription(_) => true,
        };
        match self.usage(of) {
            Some(usage) if is_listed => usage.visibility,
            _ => Visibility::NotFound,
        }
    }

    /// The first and the last day that a report is about.
    pub(crate) fn days_of(&self, about: About) -> Option<(Date, Date)> {
        match about {
            About::Days(from, to) => Some((from, to)),
            About::Invoice(key) => {
                let invoice = self.billed(key)?.invoice;
                Some((invoice.period_start, invoice.period_end))
            }
        }
    }

    /// The invoices that whoever is billed got for the usage of a day, newest first.
    pub(crate) fn invoices_for(&self, payer: Scope, day: Date) -> impl Iterator<Item = &Invoice> {
        self.invoices(payer)
            .iter()
            .filter(move |invoice| invoice.is_for_usage() && invoice.days().contains(&day))
    }
}

impl Invoice {
    pub(crate) fn days(&self) -> RangeInclusive<Date> {
        self.period_start..=self.period_end
    }

    /// Whether it bills the usage of a period, rather than a purchase, a support plan, or nothing.
    pub(crate) fn is_for_usage(&self) -> bool {
        !self.is_one_off && self.kind != "CreditNote" && self.invoice_type == "AzureServices"
    }
}

/// The billing period of the online services programme that a day lies in.
pub(crate) fn billing_period(day: Date, invoice_day: u8) -> (Date, Date) {
    let starts = |day: Date| day.saturating_add(Duration::DAY).day() == invoice_day;
    let back = |from: Date| from.saturating_sub(Duration::DAY);
    let forth = |from: Date| from.saturating_add(Duration::DAY);
    // A month has no more days; the bound matters at the ends of the calendar only.
    let start = (0..31).try_fold(day, |day, _| if starts(day) { Err(day) } else { Ok(back(day)) });
    let end = (0..31).try_fold(day, |day, _| {
        if starts(forth(day)) {
            Err(day)
        } else {
            Ok(forth(day))
        }
    });
    (
        start.unwrap_or_else(|found| found),
        end.unwrap_or_else(|found| found),
    )
}

/// The month that a billing period is called by: the one that it ends in, unless it ends in the second half of it.
pub(crate) fn period_name(period_end: Date) -> String {
    let month = period_end.saturating_add(Duration::days(15));
    format!("{}{:02}", month.year(), u8::from(month.month()))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_day_lies_in_one_billing_period() {
        let october = (date!(2026 - 10 - 08), date!(2026 - 11 - 07));
        for day in [
            date!(2026 - 10 - 08),
            date!(2026 - 10 - 31),
            date!(2026 - 11 - 07),
        ] {
            assert_eq!(billing_period(day, 9), october);
        }
        assert_eq!(
            billing_period(date!(2026 - 11 - 08), 9),
            (date!(2026 - 11 - 08), date!(2026 - 12 - 07))
        );
        assert_eq!(
            billing_period(date!(2028 - 02 - 29), 1),
            (date!(2028 - 02 - 29), date!(2028 - 03 - 30))
        );
        assert_eq!(period_name(october.1), "202611");
    }
}
