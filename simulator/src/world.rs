//! A scenario laid out in time: every id, name, date and amount that the services answer with.
//! It must not know about requests, tokens or the shape of an answer.

use std::collections::HashMap;

use serde_json::{Map, Value};
use time::{Date, Duration, Month, OffsetDateTime, Time};

use crate::draw::Draw;
use crate::scenario::{
    DateShape, DocumentData, DocumentUrl, InvoiceData, Location, NextLink, Person, ResultShape, Scenario,
    Served, Storage, SubscriptionData, Versions, Visibility,
};

/// Everything that exists.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) scenario: String,
    pub(crate) page_size: Option<usize>,
    pub(crate) accounts: Vec<Account>,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) directory: String,
    pub(crate) domain: String,
    pub(crate) country: String,
    pub(crate) currency: String,
    pub(crate) tenant: String,
    pub(crate) object: String,
    pub(crate) billing_account: String,
    pub(crate) subscriptions: Vec<Subscription>,
}

#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) quota: String,
    pub(crate) is_administrator: bool,
    pub(crate) administrator: String,
    pub(crate) visibility: Visibility,
    pub(crate) versions: Versions,
    pub(crate) next_link: NextLink,
    /// Newest first, as the service lists them.
    pub(crate) invoices: Vec<Invoice>,
}

#[derive(Debug)]
pub(crate) struct Invoice {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) invoice_type: String,
    pub(crate) status: String,
    pub(crate) issued: OffsetDateTime,
    pub(crate) due: OffsetDateTime,
    pub(crate) period_start: Date,
    pub(crate) period_end: Date,
    pub(crate) total: Money,
    pub(crate) tax: Money,
    pub(crate) dates: DateShape,
    pub(crate) credits: Option<String>,
    pub(crate) rebills: Option<String>,
    pub(crate) rebilled_as: Option<String>,
    pub(crate) documents: Vec<Document>,
    pub(crate) properties: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) served: Served,
    pub(crate) result: ResultShape,
    pub(crate) url: DocumentUrl,
    pub(crate) location: Location,
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

/// Where a document is in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DocumentKey {
    pub(crate) account: usize,
    pub(crate) subscription: usize,
    pub(crate) invoice: usize,
    pub(crate) document: usize,
}

/// A document with everything it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) account: &'a Account,
    pub(crate) subscription: &'a Subscription,
    pub(crate) invoice: &'a Invoice,
    pub(crate) document: &'a Document,
}

impl World {
    pub(crate) fn new(scenario: &Scenario, seed: u64, today: Date) -> Self {
        let accounts = scenario
            .accounts
            .iter()
            .enumerate()
            .map(|(index, person)| lay_out_account(scenario, index, person, seed, today))
            .collect();
        Self {
            scenario: scenario.name.clone(),
            page_size: scenario.page_size,
            accounts,
        }
    }

    pub(crate) fn find(&self, key: DocumentKey) -> Option<Found<'_>> {
        let account = self.accounts.get(key.account)?;
        let subscription = account.subscriptions.get(key.subscription)?;
        let invoice = subscription.invoices.get(key.invoice)?;
        let document = invoice.documents.get(key.document)?;
        Some(Found {
            account,
            subscription,
            invoice,
            document,
        })
    }

    /// Every document that an account could be given, in the order of the lists.
    pub(crate) fn documents(&self, account: usize) -> Vec<DocumentKey> {
        let mut keys = Vec::new();
        let Some(found) = self.accounts.get(account) else {
            return keys;
        };
        for (subscription, of_subscription) in found.subscriptions.iter().enumerate() {
            for (invoice, of_invoice) in of_subscription.invoices.iter().enumerate() {
                for document in 0..of_invoice.documents.len() {
                    keys.push(DocumentKey {
                        account,
                        subscription,
                        invoice,
                        document,
                    });
                }
            }
        }
        keys
    }
}

impl Account {
    pub(crate) fn subscription(&self, id: &str) -> Option<(usize, &Subscription)> {
        self.subscriptions
            .iter()
            .enumerate()
            .find(|(_, subscription)| subscription.id.eq_ignore_ascii_case(id))
    }
}

impl Invoice {
    pub(crate) fn date(&self) -> Date {
        self.issued.date()
    }
}

fn lay_out_account(scenario: &Scenario, index: usize, person: &Person, seed: u64, today: Date) -> Account {
    // One directory has one id, whoever is signed in to it.
    let tenant = Draw::new(seed, &format!("tenant {}", person.domain)).guid();
    let mut draw = Draw::new(
        seed,
        &format!("{} account {index} {}", scenario.name, person.email),
    );
    let subscriptions = person
        .subscriptions
        .iter()
        .enumerate()
        .map(|(number, data)| {
            let purpose = format!("{} account {index} subscription {number}", scenario.name);
            lay_out_subscription(data, person, &mut Draw::new(seed, &purpose), today)
        })
        .collect();
    Account {
        name: person.name.clone(),
        email: person.email.clone(),
        directory: person.directory.clone(),
        domain: person.domain.clone(),
        country: person.country.clone(),
        currency: person.currency.clone(),
        tenant,
        object: draw.guid(),
        billing_account: draw.guid(),
        subscriptions,
    }
}

fn lay_out_subscription(
    data: &SubscriptionData,
    person: &Person,
    draw: &mut Draw,
    today: Date,
) -> Subscription {
    let id = draw.guid();
    let mut told: Vec<(InvoiceData, Money)> = Vec::new();
    if let Some(monthly) = &data.monthly {
        for months_ago in (0..monthly.months).filter(|month| !monthly.except.contains(month)) {
            let wobble = draw.number(-1500..1500);
            let amount = hundredths(monthly.amount);
            let total = Money(amount + amount * wobble / 10_000);
            told.push((ordinary(months_ago), total));
        }
    }
    told.extend(
        data.invoices
            .iter()
            .map(|invoice| (invoice.clone(), Money(hundredths(invoice.amount)))),
    );

    let mut names = HashMap::new();
    let mut replaced = HashMap::new();
    for (invoice, _) in &mut told {
        let name = invoice.name.get_or_insert_with(|| draw.invoice_name()).clone();
        if let Some(label) = &invoice.label {
            names.insert(label.clone(), name.clone());
        }
        if let Some(label) = &invoice.rebills {
            replaced.insert(label.clone(), name);
        }
    }
    let linked = |label: &Option<String>| label.as_ref().and_then(|label| names.get(label)).cloned();

    let mut invoices: Vec<Invoice> = told
        .into_iter()
        .filter_map(|(invoice, total)| {
            let (credits, rebills) = (linked(&invoice.credits), linked(&invoice.rebills));
            let rebilled_as = invoice
                .label
                .as_ref()
                .and_then(|label| replaced.get(label))
                .cloned();
            let laid_out = lay_out_invoice(invoice, total, data.invoice_day, draw, today)?;
            Some(Invoice {
                credits,
                rebills,
                rebilled_as,
                ..laid_out
            })
        })
        .collect();
    invoices.sort_by_key(|invoice| std::cmp::Reverse(invoice.issued));

    Subscription {
        id,
        name: data.name.clone(),
        quota: data.quota.clone(),
        is_administrator: data.administrator.is_none(),
        administrator: data.administrator.clone().unwrap_or_else(|| person.email.clone()),
        visibility: data.visibility,
        versions: data.versions,
        next_link: data.next_link,
        invoices,
    }
}

fn ordinary(months_ago: u32) -> InvoiceData {
    InvoiceData {
        months_ago,
        days_later: 0,
        name: None,
        label: None,
        amount: 0.0,
        status: "Paid".to_owned(),
        kind: "Invoice".to_owned(),
        invoice_type: "AzureServices".to_owned(),
        credits: None,
        rebills: None,
        dates: DateShape::default(),
        documents: vec![DocumentData::default()],
        properties: Map::new(),
    }
}

/// `None` when the calendar has no such day, which only a date at the end of all time has.
fn lay_out_invoice(
    data: InvoiceData,
    total: Money,
    day: u8,
    draw: &mut Draw,
    today: Date,
) -> Option<Invoice> {
    let base = invoice_day(today, data.months_ago, day)?;
    let issue_date = base.checked_add(Duration::days(data.days_later))?.min(today);
    let second = u32::try_from(draw.number(14_400..72_000)).ok()?;
    let nanosecond = u32::try_from(draw.number(1..9_999_999) * 100).ok()?;
    let issue_time = Time::MIDNIGHT + Duration::new(i64::from(second), i32::try_from(nanosecond).ok()?);
    let issued = issue_date.with_time(issue_time).assume_utc();
    let documents = data
        .documents
        .into_iter()
        .map(|document| Document {
            name: document.name.unwrap_or_else(|| draw.document_name()),
            kind: document.kind.0,
            served: document.served,
            result: document.result,
            url: document.url,
            location: document.location,
            storage: document.storage,
        })
        .collect();
    Some(Invoice {
        name: data.name.unwrap_or_default(),
        kind: data.kind,
        invoice_type: data.invoice_type,
        status: data.status,
        issued,
        due: issued + Duration::days(14),
        period_start: invoice_day(base, 1, day)? - Duration::days(1),
        period_end: base - Duration::days(2),
        total,
        tax: Money(total.0 * 21 / 121),
        dates: data.dates,
        credits: None,
        rebills: None,
        rebilled_as: None,
        documents,
        properties: data.properties,
    })
}

/// The newest invoice day on or before `today`, and then whole months back from it.
fn invoice_day(today: Date, months_ago: u32, day: u8) -> Option<Date> {
    let months_ago = i32::try_from(months_ago).ok()?;
    let not_yet = i32::from(today.day() < day);
    let month = today.year() * 12 + i32::from(u8::from(today.month())) - 1 - months_ago - not_yet;
    let of_year = Month::try_from(u8::try_from(month.rem_euclid(12)).ok()? + 1).ok()?;
    Date::from_calendar_date(month.div_euclid(12), of_year, day).ok()
}

fn hundredths(amount: f64) -> i64 {
    // Scenario amounts have two decimals and are far below 2^53.
    #[allow(clippy::cast_possible_truncation)]
    let whole = (amount * 100.0).round() as i64;
    whole
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn laid_out(name: &str) -> World {
        World::new(&Scenario::named(name).unwrap(), 7, date!(2026 - 11 - 23))
    }

    #[test]
    fn the_newest_invoice_day_is_the_last_one_that_passed() {
        assert_eq!(
            invoice_day(date!(2026 - 11 - 23), 0, 9),
            Some(date!(2026 - 11 - 09))
        );
        assert_eq!(
            invoice_day(date!(2026 - 11 - 09), 0, 9),
            Some(date!(2026 - 11 - 09))
        );
        assert_eq!(
            invoice_day(date!(2026 - 11 - 08), 0, 9),
            Some(date!(2026 - 10 - 09))
        );
        assert_eq!(
            invoice_day(date!(2026 - 01 - 08), 0, 9),
            Some(date!(2025 - 12 - 09))
        );
        assert_eq!(
            invoice_day(date!(2026 - 01 - 12), 13, 9),
            Some(date!(2024 - 12 - 09))
        );
    }

    #[test]
    fn the_ordinary_scenario_has_the_cast_that_it_promises() {
        let world = laid_out("pay-as-you-go");
        let account = world.accounts.first().unwrap();
        let names: Vec<&str> = account
            .subscriptions
            .iter()
            .map(|each| each.name.as_str())
            .collect();
        assert_eq!(
            names,
            ["Contoso Production", "Contoso Development/Test", "Grāmatvedība"]
        );
        assert!(account.subscriptions.iter().all(|each| each.is_administrator));
        let invoices: Vec<&Invoice> = account
            .subscriptions
            .iter()
            .flat_map(|each| &each.invoices)
            .collect();
        assert!(invoices.iter().all(|each| each.date() <= date!(2026 - 11 - 23)));
        let void = invoices.iter().find(|each| each.status == "Void").unwrap();
        let rebilled = invoices
            .iter()
            .find(|each| each.rebills.as_ref() == Some(&void.name))
            .unwrap();
        assert_eq!(void.rebilled_as.as_ref(), Some(&rebilled.name));
        assert_eq!(
            invoices.iter().filter(|each| each.documents.is_empty()).count(),
            1
        );
        assert_eq!(invoices.iter().filter(|each| each.total.0 < 0).count(), 1);
    }

    #[test]
    fn a_seed_decides_everything() {
        assert_eq!(
            format!("{:?}", laid_out("pay-as-you-go")),
            format!("{:?}", laid_out("pay-as-you-go"))
        );
    }

    #[test]
    fn every_built_in_scenario_can_be_laid_out_and_is_called_by_its_name() {
        for name in Scenario::NAMES {
            assert_eq!(laid_out(name).scenario, name);
        }
    }

    #[test]
    fn periods_of_a_row_touch_without_a_gap() {
        let world = laid_out("pay-as-you-go");
        let invoices = &world
            .accounts
            .first()
            .unwrap()
            .subscriptions
            .last()
            .unwrap()
            .invoices;
        for pair in invoices.windows(2) {
            assert_eq!(pair[0].period_start, pair[1].period_end + Duration::days(1));
        }
    }
}
