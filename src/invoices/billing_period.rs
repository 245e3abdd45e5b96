//! The billing periods that a person's invoices bill, and where the usage of each of them is told.
//! Must not know: how usage is asked for, or what is already saved.

use std::rc::Rc;

use time::Date;

use crate::azure::{AgreementType, CostReport, DocumentKind, DocumentSource, UsageDetails};

use super::document::{DocumentId, ListedInvoice, WantedDocument};

/// A subscription that a billing profile is billed for.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileSubscription {
    /// The subscription's GUID.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The billing account in paths.
    pub account: String,
    /// The billing profile in paths.
    pub profile: String,
}

/// The closed billing periods, gathered as invoices are listed: what is not invoiced is not closed.
#[derive(Debug, Default)]
pub struct BillingPeriods {
    periods: Vec<BillingPeriod>,
    subscriptions: Vec<ProfileSubscription>,
}

#[derive(Debug)]
struct BillingPeriod {
    place: Place,
    from: Date,
    to: Date,
    /// What was bought on one day has an invoice of its own, and a report about that invoice.
    is_purchase: bool,
    /// Its invoices, at least one; further ones correct the first.
    invoices: Vec<Rc<ListedInvoice>>,
}

/// Who is billed, and knows what for; names as they stand in paths.
#[derive(Debug)]
enum Place {
    Profile { account: String, profile: String },
    Enrolment(String),
    Subscription(String),
}

impl BillingPeriods {
    /// Takes note of an invoice. A credit note bills no usage, and neither does a support plan.
    pub fn add(&mut self, listed: &Rc<ListedInvoice>) {
        let invoice = &listed.invoice;
        let (Some(place), Some(from), Some(to)) =
            (Place::of(listed), invoice.period_start, invoice.period_end)
        else {
            return;
        };
        let is_purchase = from == to;
        let bills_usage = match is_purchase {
            true => matches!(place, Place::Profile { .. }),
            // Older interfaces tell no type.
            false => matches!(&*invoice.invoice_type, "AzureServices" | ""),
        };
        if !bills_usage || invoice.kind == DocumentKind::CreditNote {
            return;
        }
        let is_same = |period: &&mut BillingPeriod| {
            let is_known = period
                .invoices
                .iter()
                .any(|other| other.invoice.name == invoice.name);
            let is_same_time = (period.from, period.to) == (from, to);
            is_known || !is_purchase && is_same_time && period.place.is(&place)
        };
        match self.periods.iter_mut().find(is_same) {
            Some(period) => period.invoices.push(listed.clone()),
            None => self.periods.push(BillingPeriod {
                place,
                from,
                to,
                is_purchase,
                invoices: vec![listed.clone()],
            }),
        }
    }

    /// Takes note of a subscription, which may be asked where its profile keeps its usage to itself. Told twice it is
    /// one.
    pub fn add_subscription(&mut self, subscription: ProfileSubscription) {
        let is_same = |known: &ProfileSubscription| {
            let sides = [
                (&known.id, &subscription.id),
                (&known.account, &subscription.account),
                (&known.profile, &subscription.profile),
            ];
            sides.iter().all(|(one, other)| one.eq_ignore_ascii_case(other))
        };
        if !self.subscriptions.iter().any(is_same) {
            self.subscriptions.push(subscription);
        }
    }

    /// The usage of every period, each beside the invoice in force.
    pub fn usage(&self) -> Vec<(WantedDocument, Rc<ListedInvoice>)> {
        let periods = self.periods.iter();
        periods.filter_map(BillingPeriod::usage).collect()
    }

    /// The same usage, told by each subscription of the profile that told none: never both.
    pub fn usage_by_subscription(&self, of: &DocumentId) -> Vec<(WantedDocument, Rc<ListedInvoice>)> {
        let is_meant = |period: &&BillingPeriod| !period.is_purchase && period.id() == *of;
        let Some(period) = self.periods.iter().find(is_meant) else {
            return Vec::new();
        };
        let Place::Profile { account, profile } = &period.place else {
            return Vec::new();
        };
        let of_profile = self.subscriptions.iter().filter(|subscription| {
            subscription.account.eq_ignore_ascii_case(account)
                && subscription.profile.eq_ignore_ascii_case(profile)
        });
        of_profile
            .filter_map(|subscription| {
                let id = &subscription.id;
                let report = CostReport::of_subscription(id, period.from, period.to);
                period.wanted(
                    DocumentId::of_usage(&format!("{id} {} {}", period.from, period.to)),
                    &subscription.name,
                    DocumentSource::CostReport(report),
                )
            })
            .collect()
    }
}

impl BillingPeriod {
    fn id(&self) -> DocumentId {
        let place = self.place.names();
        let (from, to) = (self.from, self.to);
        match self.invoices.first().filter(|_| self.is_purchase) {
            Some(bought) => DocumentId::of_usage(&format!("{place} {}", bought.invoice.name)),
            None => DocumentId::of_usage(&format!("{place} {from} {to}")),
        }
    }

    /// A report says the same by each invoice; the one that is not void is what people look for.
    fn in_force(&self) -> Option<&Rc<ListedInvoice>> {
        let invoices = self.invoices.iter();
        invoices.max_by_key(|listed| (listed.invoice.status != "Void", listed.date()))
    }

    fn usage(&self) -> Option<(WantedDocument, Rc<ListedInvoice>)> {
        let listed = self.in_force()?;
        let source = match &self.place {
            Place::Profile { account, profile } => {
                DocumentSource::CostReport(CostReport::of_invoice(account, profile, &listed.invoice.name))
            }
            Place::Enrolment(account) => {
                DocumentSource::CostReport(CostReport::of_enrolment(account, self.to))
            }
            Place::Subscription(id) => {
                DocumentSource::UsageDetails(UsageDetails::of_subscription(id, self.from, self.to))
            }
        };
        self.wanted(self.id(), &listed.billed_to, source)
    }

    fn wanted(
        &self,
        id: DocumentId,
        billed_to: &str,
        source: DocumentSource,
    ) -> Option<(WantedDocument, Rc<ListedInvoice>)> {
        let listed = self.in_force()?;
        let document = WantedDocument {
            id,
            invoice: listed.invoice.name.clone(),
            date: listed.date(),
            billed_to: billed_to.to_owned(),
            kind: DocumentKind::Usage,
            number: None,
            source,
        };
        Some((document, listed.clone()))
    }
}

impl Place {
    /// Whether it is the same one: Azure spells names in paths in upper or lower case as it happens.
    fn is(&self, other: &Place) -> bool {
        self.names().eq_ignore_ascii_case(&other.names())
    }

    /// What tells it from others; no name in a path has a blank in it.
    fn names(&self) -> String {
        match self {
            Place::Profile { account, profile } => format!("{account} {profile}"),
            Place::Enrolment(name) | Place::Subscription(name) => name.clone(),
        }
    }

    /// Where the usage behind an invoice is told; `None` when nowhere.
    fn of(listed: &ListedInvoice) -> Option<Place> {
        let invoice = &listed.invoice;
        let (_, account) = &listed.account;
        let subscription = || invoice.subscription_id.clone().map(Place::Subscription);
        let profile = || {
            Some(Place::Profile {
                account: Some(account.clone()).filter(|account| !account.is_empty())?,
                profile: invoice.billing_profile.clone()?,
            })
        };
        match &listed.agreement {
            AgreementType::EnterpriseAgreement => Some(Place::Enrolment(account.clone())),
            AgreementType::MicrosoftOnlineServicesProgram => subscription(),
            agreement if agreement.has_billing_profiles() => profile(),
            _ => profile().or_else(subscription),
        }
    }
}
