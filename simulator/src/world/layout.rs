//! From a scenario to the world: what is told relative to today gets its dates, and everything gets ids and names.
//! It must not know who may see what.

use serde_json::Map;
use time::{Date, Duration, Month, Time};

use super::access::{self, Assignment, Owner};
use super::links::Links;
use super::{
    Bill, BillingAccount, BillingProfile, Directory, Document, Invoice, List, Money, Person, Subscription,
    Usage, World, period_name,
};
use crate::draw::Draw;
use crate::scenario::{
    self, Agreement, BillingAccountData, BillingProfileData, BillingRole, Channel, DateShape, DocumentData,
    InvoiceData, Kind, Monthly, Role, RoleThrough, Scenario, SubscriptionData, UsageData, Versions,
    Visibility,
};

/// Lines of usage a day: a few hundred a month, and hardly any where documents are short too.
const LINES_A_DAY: u32 = 9;
const FEW_LINES_A_DAY: u32 = 1;

/// Who sells to customers that never see the seller's billing account.
const PARTNER: &str = "Tailspin Cloud Partners";

pub(super) fn world(scenario: &Scenario, seed: u64, today: Date) -> World {
    let people = scenario.accounts.iter().enumerate().map(|(index, person)| {
        let layout = Layout {
            scenario,
            index,
            data: person,
            seed,
            today,
        };
        layout.person()
    });
    World {
        scenario: scenario.name.clone(),
        page_size: scenario.page_size,
        today,
        people: people.collect(),
    }
}

/// One person's part of the world under construction.
struct Layout<'a> {
    scenario: &'a Scenario,
    index: usize,
    data: &'a scenario::Person,
    seed: u64,
    today: Date,
}

/// A row of invoices to be laid out, of whoever is billed.
struct Row<'a> {
    agreement: Agreement,
    is_legacy: bool,
    day: u8,
    monthly: Option<&'a Monthly>,
    told: &'a [InvoiceData],
}

impl Layout<'_> {
    fn draw(&self, purpose: &str) -> Draw {
        let Self { scenario, index, .. } = self;
        Draw::new(self.seed, &format!("{} account {index} {purpose}", scenario.name))
    }

    fn person(&self) -> Person {
        let data = self.data;
        let mut draw = self.draw(&data.email);
        let object = draw.guid();
        let own_account = draw.guid();
        let mut billing_accounts: Vec<BillingAccount> = data
            .billing_accounts
            .iter()
            .enumerate()
            .map(|(number, account)| self.billing_account(number, account))
            .collect();

        let mut subscriptions = Vec::new();
        for data in repeated(&data.subscriptions, |data| data.repeat, |data| &mut data.name) {
            let account = self.account_of(&data, &own_account, &mut billing_accounts);
            let billed_by = billing_accounts.get(account);
            subscriptions.push(self.subscription(subscriptions.len(), data, account, billed_by));
        }
        Person {
            name: data.name.clone(),
            email: data.email.clone(),
            kind: data.kind,
            home_tenant: self.tenant(data.email.rsplit('@').next().unwrap_or_default()),
            country: data.country.clone(),
            object,
            directory: Directory {
                name: data.directory.clone(),
                domain: data.domain.clone(),
                tenant: self.tenant(&data.domain),
            },
            other_directories: data
                .other_directories
                .iter()
                .map(|name| self.other_directory(name))
                .collect(),
            billing_accounts,
            subscriptions,
        }
    }

    /// One directory has one id, whoever is signed in to it.
    fn tenant(&self, directory: &str) -> String {
        Draw::new(self.seed, &format!("tenant {directory}")).guid()
    }

    fn other_directory(&self, name: &str) -> Directory {
        let host: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        Directory {
            name: name.to_owned(),
            domain: format!("{host}.example"),
            tenant: self.tenant(name),
        }
    }

    fn billing_account(&self, number: usize, data: &BillingAccountData) -> BillingAccount {
        let mut draw = self.draw(&format!("billing account {number}"));
        let id = account_id(data.agreement, &mut draw);
        let row = Row {
            agreement: data.agreement,
            is_legacy: false,
            day: data.invoice_day,
            monthly: data.monthly.as_ref(),
            told: &data.invoices,
        };
        let currency = data
            .currency
            .clone()
            .unwrap_or_else(|| self.data.currency.clone());
        let tenant = data.billing_directory.as_ref();
        let invoices = self.invoices(&row, &mut draw);
        let access = access::of_account(data);
        BillingAccount {
            id,
            usage: self.usage(&data.usage, access.visibility, &row, &invoices),
            name: data.name.clone(),
            agreement: data.agreement,
            channel: data.channel,
            is_listed: data.listed,
            has_read_access: access.reads,
            role: access.role,
            owners: self.owners(&data.owners),
            tenant: self.tenant(tenant.unwrap_or(&self.data.domain)),
            list: List {
                visibility: access.visibility,
                versions: data.versions,
                next_link: data.next_link,
            },
            profiles: repeated(&data.profiles, |data| data.repeat, |data| &mut data.name)
                .into_iter()
                .enumerate()
                .map(|(profile, of)| {
                    let mut draw = self.draw(&format!("billing account {number} profile {profile}"));
                    self.profile(of, data, &currency, &mut draw)
                })
                .collect(),
            invoices,
            currency,
        }
    }

    fn profile(
        &self,
        data: BillingProfileData,
        account: &BillingAccountData,
        currency: &str,
        draw: &mut Draw,
    ) -> BillingProfile {
        let id = draw.profile_name();
        let access = access::of_profile(&data, account);
        let row = Row {
            agreement: account.agreement,
            is_legacy: false,
            day: data.invoice_day,
            monthly: data.monthly.as_ref(),
            told: &data.invoices,
        };
        let invoices = self.invoices(&row, draw);
        BillingProfile {
            id,
            usage: self.usage(&data.usage, access.visibility, &row, &invoices),
            invoices,
            name: data.name,
            currency: data.currency.unwrap_or_else(|| currency.to_owned()),
            has_read_access: access.reads,
            role: access.role,
            section_role: data.invoice_section_role,
            owners: self.owners(&data.owners),
            invoice_day: data.invoice_day,
            list: List {
                visibility: access.visibility,
                versions: data.versions,
                next_link: data.next_link,
            },
        }
    }

    /// The account that a subscription is billed by; one that the scenario does not tell is added.
    fn account_of(&self, data: &SubscriptionData, own: &str, accounts: &mut Vec<BillingAccount>) -> usize {
        let (name, agreement, is_listed) = match (&data.billing_account, &data.administrator) {
            (Some(name), _) => (name.as_str(), Agreement::MicrosoftOnlineServicesProgram, false),
            (None, _) if data.quota.starts_with("CSP_") => {
                (PARTNER, Agreement::MicrosoftPartnerAgreement, false)
            }
            (None, None) => (
                self.data.name.as_str(),
                Agreement::MicrosoftOnlineServicesProgram,
                true,
            ),
            (None, Some(other)) => (other.as_str(), Agreement::MicrosoftOnlineServicesProgram, false),
        };
        if let Some(known) = accounts.iter().position(|account| account.name == name) {
            return known;
        }
        let id = if is_listed {
            own.to_owned()
        } else {
            account_id(
                agreement,
                &mut Draw::new(self.seed, &format!("billing account of {name}")),
            )
        };
        let row = Row {
            agreement,
            is_legacy: false,
            day: data.invoice_day,
            monthly: None,
            told: &[],
        };
        accounts.push(BillingAccount {
            id,
            usage: self.usage(&UsageData::default(), Visibility::Listed, &row, &[]),
            name: name.to_owned(),
            agreement,
            channel: Channel::default(),
            is_listed,
            has_read_access: is_listed,
            role: BillingRole::None,
            owners: Vec::new(),
            tenant: self.tenant(if name == PARTNER {
                PARTNER
            } else {
                &self.data.domain
            }),
            currency: self.data.currency.clone(),
            list: List::default(),
            profiles: Vec::new(),
            invoices: Vec::new(),
        });
        accounts.len() - 1
    }

    fn subscription(
        &self,
        number: usize,
        data: SubscriptionData,
        account: usize,
        billed_by: Option<&BillingAccount>,
    ) -> Subscription {
        let mut draw = self.draw(&format!("subscription {number}"));
        let id = draw.guid();
        let agreement = billed_by.map_or(Agreement::MicrosoftOnlineServicesProgram, |account| {
            account.agreement
        });
        let row = Row {
            agreement,
            is_legacy: data.versions == Versions::Legacy,
            day: data.invoice_day,
            monthly: data.monthly.as_ref(),
            told: &data.invoices,
        };
        let profiles = billed_by
            .map(|account| account.profiles.as_slice())
            .unwrap_or_default();
        let profile = match &data.billing_profile {
            Some(name) => profiles.iter().position(|profile| profile.name == *name),
            None => (!profiles.is_empty()).then_some(0),
        };
        let invoices = self.invoices(&row, &mut draw);
        let is_of_programme = agreement == Agreement::MicrosoftOnlineServicesProgram;
        let is_administrator = data.administrator.is_none() && is_of_programme;
        let is_paid_for = is_administrator || billed_by.is_some_and(BillingAccount::is_administered);
        let roles = data.roles.clone().unwrap_or_else(|| {
            vec![if is_paid_for && data.administrator.is_none() {
                Role::Owner
            } else {
                Role::Reader
            }]
        });
        let unless_refused = |is_allowed: bool| {
            let by_role = if is_allowed {
                Visibility::Listed
            } else {
                Visibility::Forbidden
            };
            data.visibility.unwrap_or(by_role)
        };
        // Under other agreements the billing account and the profile decide about invoices.
        let reads_invoices =
            !is_of_programme || is_administrator || access::allow(&roles, "Microsoft.Billing/invoices/read");
        let reads_usage = access::allow(&roles, "Microsoft.Consumption/usageDetails/read");
        // What a partner's customer uses is told to the partner, unless the partner lets the customer see it.
        let usage_visibility = if data.quota.starts_with("CSP_") {
            Visibility::Forbidden
        } else {
            unless_refused(reads_usage)
        };
        Subscription {
            usage: self.usage(&data.usage, usage_visibility, &row, &invoices),
            assignments: self.assignments(number, &data, &roles),
            list: List {
                visibility: unless_refused(reads_invoices),
                versions: data.versions,
                next_link: data.next_link,
            },
            id,
            invoices,
            name: data.name,
            quota: data.quota,
            state: data.state,
            account,
            profile,
            is_administrator,
            administrator: data.administrator.unwrap_or_else(|| self.data.email.clone()),
            is_administrator_told: !data.administrator_unknown,
            billing_property_refused: data.billing_property_refused,
            is_shared: data.shared,
            roles,
            bill: Bill {
                kind: data.billing_type,
                limit: data.spending_limit_type,
                suspended: data
                    .suspended_days_ago
                    .and_then(|days| self.today.checked_sub(Duration::days(i64::from(days)))),
                is_transferred: data.transferred,
                is_transitioned: data.transitioned,
            },
            currency: self.data.currency.clone(),
        }
    }

    /// The person's roles, and the administrator's own if that is somebody else.
    fn assignments(&self, number: usize, data: &SubscriptionData, roles: &[Role]) -> Vec<Assignment> {
        let mut draw = self.draw(&format!("subscription {number} roles"));
        let own = self.draw(&self.data.email).guid();
        let domain = &self.data.domain;
        let (principal, is_to_group) = match data.role_through {
            RoleThrough::Group => (self.principal(&format!("a group of {domain}")), true),
            RoleThrough::Direct | RoleThrough::ManagementGroup => (own, false),
        };
        let management_group = (data.role_through == RoleThrough::ManagementGroup)
            .then(|| format!("{}-root", domain.split('.').next().unwrap_or_default()));
        let mut held = |role: &Role| Assignment {
            name: draw.guid(),
            definition: role.built_in().map_or_else(|| draw.guid(), str::to_owned),
            principal: principal.clone(),
            is_to_group,
            management_group: management_group.clone(),
            is_held: true,
        };
        let mut all: Vec<Assignment> = roles.iter().map(&mut held).collect();
        if let Some(administrator) = &data.administrator {
            all.push(Assignment {
                principal: self.principal(administrator),
                is_to_group: false,
                management_group: None,
                is_held: false,
                ..held(&Role::Owner)
            });
        }
        all
    }

    /// One address is one person, wherever it is named.
    fn principal(&self, address: &str) -> String {
        Draw::new(self.seed, &format!("principal {address}")).guid()
    }

    fn owners(&self, addresses: &[String]) -> Vec<Owner> {
        let owner = |(at, address): (usize, &String)| {
            let earlier = addresses.iter().take(at).filter(|other| *other == address);
            let principal = match earlier.count() {
                0 => self.principal(address),
                more => self.principal(&format!("{address} {more}")),
            };
            Owner {
                principal,
                address: (!address.is_empty()).then(|| address.clone()),
            }
        };
        addresses.iter().enumerate().map(owner).collect()
    }

    fn invoices(&self, row: &Row<'_>, draw: &mut Draw) -> Vec<Invoice> {
        let mut told: Vec<(InvoiceData, Money)> = Vec::new();
        if let Some(monthly) = row.monthly {
            for months_ago in (0..monthly.months).filter(|month| !monthly.except.contains(month)) {
                let wobble = draw.number(-1500..1500);
                let amount = hundredths(monthly.amount);
                told.push((ordinary(months_ago), Money(amount + amount * wobble / 10_000)));
            }
        }
        let one_by_one = row.told.iter();
        told.extend(one_by_one.map(|invoice| (invoice.clone(), Money(hundredths(invoice.amount)))));
        for (invoice, _) in &mut told {
            let name = || invoice_name(row.agreement, draw);
            let name = invoice.name.take().unwrap_or_else(name);
            invoice.name = Some(name);
        }

        let links = Links::new(told.iter().map(|(invoice, _)| invoice));
        let mut invoices: Vec<Invoice> = told
            .into_iter()
            .filter_map(|(data, total)| {
                let (credits, rebills, rebilled_as) = (
                    links.credited(&data),
                    links.replaced(&data),
                    links.replacing(&data),
                );
                let laid_out = self.invoice(data, total, row, draw)?;
                Some(Invoice {
                    credits,
                    rebills,
                    rebilled_as,
                    ..laid_out
                })
            })
            .collect();
        invoices.sort_by_key(|invoice| std::cmp::Reverse(invoice.issued));
        invoices
    }

    /// `None` when the calendar has no such day, which only a date at the end of all time has.
    fn invoice(&self, data: InvoiceData, total: Money, row: &Row<'_>, draw: &mut Draw) -> Option<Invoice> {
        let base = invoice_day(self.today, data.months_ago, row.day)?;
        let issue_date = base.checked_add(Duration::days(data.days_later))?.min(self.today);
        let second = u32::try_from(draw.number(14_400..72_000)).ok()?;
        let nanosecond = u32::try_from(draw.number(1..9_999_999) * 100).ok()?;
        let issue_time = Time::MIDNIGHT + Duration::new(i64::from(second), i32::try_from(nanosecond).ok()?);
        let issued = match row.agreement {
            // Enrolments are invoiced by the day.
            Agreement::EnterpriseAgreement => issue_date.midnight().assume_utc(),
            _ => issue_date.with_time(issue_time).assume_utc(),
        };
        let (period_start, period_end) = if data.one_off {
            (issue_date, issue_date)
        } else {
            period_before(base, row)?
        };
        let name = data.name.unwrap_or_default();
        let legacy_name = legacy_name(&name, period_end);
        let number = (row.agreement == Agreement::EnterpriseAgreement).then(|| draw.digits(10));
        let documents = data
            .documents
            .unwrap_or_else(|| ordinary_documents(row.agreement))
            .into_iter()
            .map(|document| self.document(document, number.as_deref(), draw))
            .collect();
        Some(Invoice {
            name: if row.is_legacy { legacy_name.clone() } else { name },
            legacy_name,
            kind: data.kind,
            invoice_type: data.invoice_type,
            status: data.status,
            issued,
            due: issued + Duration::days(due_days(row.agreement)),
            period_start,
            period_end,
            is_one_off: data.one_off,
            total,
            tax: Money(total.0 * 21 / 121),
            dates: data.dates,
            credits: None,
            rebills: Vec::new(),
            rebilled_as: None,
            documents,
            properties: data.properties,
        })
    }

    /// From the oldest invoice's period on, or as far back as the scenario says.
    fn usage(&self, data: &UsageData, visibility: Visibility, row: &Row<'_>, invoices: &[Invoice]) -> Usage {
        let period = |months_ago: u32| {
            let (from, to) = period_before(invoice_day(self.today, months_ago, row.day)?, row)?;
            Some(from..=to)
        };
        let periods = |months: &[u32]| months.iter().filter_map(|months| period(*months)).collect();
        let first = match data.months {
            Some(months) => months.checked_sub(1).and_then(period).map(|days| *days.start()),
            None => invoices
                .iter()
                .filter(|invoice| invoice.is_for_usage())
                .map(|invoice| invoice.period_start)
                .min(),
        };
        let usual = if self.scenario.short_documents {
            FEW_LINES_A_DAY
        } else {
            LINES_A_DAY
        };
        Usage {
            lines_a_day: data.lines_a_day.unwrap_or(usual),
            days: first.map(|first| first..=self.today),
            without: periods(&data.without),
            failing: periods(&data.failing),
            blobs: data.blobs.max(1),
            visibility: data.visibility.unwrap_or(visibility),
            storage: data.storage.unwrap_or(self.data.usage_storage),
            nothing: data.nothing,
            location: data.location,
            next_link: data.next_link,
            fields: data.fields,
            invoice_day: row.day,
        }
    }

    /// All documents of an enrolment's invoice have one number; others have one each.
    fn document(&self, data: DocumentData, number: Option<&str>, draw: &mut Draw) -> Document {
        let number = number.map(str::to_owned);
        Document {
            name: data.name.or(number).unwrap_or_else(|| draw.document_name()),
            further_numbers: (1..data.numbers.unwrap_or(1)).map(|_| draw.digits(10)).collect(),
            kind: data.kind.0,
            is_short: self.scenario.short_documents,
            padding: self.scenario.padding,
            served: data.served,
            result: data.result,
            url: data.url,
            location: data.location,
            external: data.external,
            storage: data.storage,
        }
    }
}

/// Everything as often as it asks for, with its number in its name.
fn repeated<T: Clone>(of: &[T], times: fn(&T) -> Option<u32>, name: fn(&mut T) -> &mut String) -> Vec<T> {
    let mut all = Vec::new();
    for each in of {
        let Some(times) = times(each) else {
            all.push(each.clone());
            continue;
        };
        let width = times.to_string().len();
        all.extend((1..=times).map(|number| {
            let mut copy = each.clone();
            let named = name(&mut copy);
            *named = named.replace("{n}", &format!("{number:0width$}"));
            copy
        }));
    }
    all
}

fn account_id(agreement: Agreement, draw: &mut Draw) -> String {
    match agreement {
        Agreement::MicrosoftOnlineServicesProgram => draw.guid(),
        Agreement::MicrosoftCustomerAgreement | Agreement::MicrosoftPartnerAgreement => {
            format!("{}:{}_2019-05-31", draw.guid(), draw.guid())
        }
        Agreement::EnterpriseAgreement => draw.digits(7),
    }
}

fn invoice_name(agreement: Agreement, draw: &mut Draw) -> String {
    match agreement {
        Agreement::MicrosoftOnlineServicesProgram => draw.invoice_name(),
        Agreement::MicrosoftCustomerAgreement | Agreement::MicrosoftPartnerAgreement => {
            format!("G{}", draw.digits(9))
        }
        Agreement::EnterpriseAgreement => format!("EA{}", draw.digits(8)),
    }
}

/// `201705-217089190378988`: the month after the period's end, the year again, and a number.
fn legacy_name(name: &str, period_end: Date) -> String {
    let month = period_name(period_end);
    let year: String = month.chars().skip(2).take(2).collect();
    let digits = Draw::new(0, &format!("legacy {name}")).digits(12);
    format!("{month}-2{year}{digits}")
}

fn ordinary_documents(agreement: Agreement) -> Vec<DocumentData> {
    let of_kind = |kind: &str| DocumentData {
        kind: Kind(kind.to_owned()),
        ..DocumentData::default()
    };
    match agreement {
        Agreement::EnterpriseAgreement => ["Invoice", "Summary", "Transactions"].map(of_kind).into(),
        _ => vec![DocumentData::default()],
    }
}

fn due_days(agreement: Agreement) -> i64 {
    match agreement {
        Agreement::MicrosoftOnlineServicesProgram => 14,
        _ => 30,
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
        one_off: false,
        documents: None,
        properties: Map::new(),
    }
}

/// First and last day of the period that an invoice of this day is for.
fn period_before(base: Date, row: &Row<'_>) -> Option<(Date, Date)> {
    match row.agreement {
        Agreement::MicrosoftOnlineServicesProgram => Some((
            invoice_day(base, 1, row.day)? - Duration::days(1),
            base - Duration::days(2),
        )),
        _ => month_before(base),
    }
}

/// First and last day of the calendar month before a date.
fn month_before(date: Date) -> Option<(Date, Date)> {
    let last = date.replace_day(1).ok()? - Duration::DAY;
    Some((last.replace_day(1).ok()?, last))
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
        let person = world.people.first().unwrap();
        let names: Vec<&str> = person
            .subscriptions
            .iter()
            .map(|each| each.name.as_str())
            .collect();
        assert_eq!(
            names,
            ["Contoso Production", "Contoso Development/Test", "Grāmatvedība"]
        );
        assert!(person.subscriptions.iter().all(|each| each.is_administrator));
        let invoices: Vec<&Invoice> = person
            .subscriptions
            .iter()
            .flat_map(|each| &each.invoices)
            .collect();
        assert!(invoices.iter().all(|each| each.date() <= date!(2026 - 11 - 23)));
        let void = invoices.iter().find(|each| each.status == "Void").unwrap();
        let rebilled = invoices
            .iter()
            .find(|each| each.rebills == [(void.name.clone(), None)])
            .unwrap();
        assert_eq!(void.rebilled_as.as_ref(), Some(&rebilled.name));
        assert_eq!(
            invoices.iter().filter(|each| each.documents.is_empty()).count(),
            1
        );
        assert_eq!(invoices.iter().filter(|each| each.total.0 < 0).count(), 1);
    }

    #[test]
    fn names_are_those_of_the_agreement() {
        let is_like = |text: &str, pattern: &str| {
            text.chars().count() == pattern.chars().count()
                && text
                    .chars()
                    .zip(pattern.chars())
                    .all(|(letter, like)| match like {
                        '#' => letter.is_ascii_digit(),
                        'x' => letter.is_ascii_hexdigit() && !letter.is_ascii_uppercase(),
                        '?' => letter.is_ascii_alphanumeric() && !letter.is_ascii_lowercase(),
                        other => letter == other,
                    })
        };
        let guid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
        let world = laid_out("mixed");
        let person = world.people.first().unwrap();
        for account in &person.billing_accounts {
            let (id, name) = match account.agreement {
                Agreement::MicrosoftOnlineServicesProgram => (guid.to_owned(), "E0????????"),
                Agreement::EnterpriseAgreement => ("#######".to_owned(), "EA########"),
                _ => (format!("{guid}:{guid}_2019-05-31"), "G#########"),
            };
            assert!(is_like(&account.id, &id), "{}", account.id);
            let of_profiles = account.profiles.iter().flat_map(|profile| &profile.invoices);
            for invoice in account.invoices.iter().chain(of_profiles) {
                assert!(is_like(&invoice.name, name), "{}", invoice.name);
            }
            for profile in &account.profiles {
                assert!(is_like(&profile.id, "????-????-BG7-?GB"), "{}", profile.id);
            }
        }
        let world = laid_out("legacy");
        let legacy = &world
            .people
            .first()
            .unwrap()
            .subscriptions
            .first()
            .unwrap()
            .invoices;
        for invoice in legacy {
            assert!(
                is_like(&invoice.name, "######-###############"),
                "{}",
                invoice.name
            );
        }
    }

    #[test]
    fn a_seed_decides_everything() {
        assert_eq!(
            format!("{:?}", laid_out("mixed")),
            format!("{:?}", laid_out("mixed"))
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
        for (name, subscription) in [("pay-as-you-go", 2), ("large-240", 7)] {
            let world = laid_out(name);
            let person = world.people.first().unwrap();
            for pair in person.subscriptions[subscription].invoices.windows(2) {
                assert_eq!(pair[0].period_start, pair[1].period_end + Duration::days(1));
            }
        }
    }
}
