//! What was used, line by line and the same each time, and the files that Cost Management writes about it.
//! It must not know who asks, or how a file is handed out.

mod table;

use std::ops::RangeInclusive;

use time::Date;

use crate::draw::Draw;
use crate::scenario::Visibility;
use crate::world::{About, Invoice, Person, Report, Scope, World};

/// Something that is metered.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) service: &'static str,
    pub(crate) family: &'static str,
    pub(crate) category: &'static str,
    pub(crate) sub_category: &'static str,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    /// What resources of this kind are called in an address.
    pub(crate) resources: &'static str,
    pub(crate) resource: &'static str,
    /// Price of a unit in millionths of the currency.
    pub(crate) price: i64,
}

const METERS: [Meter; 9] = [
    Meter {
        service: "Microsoft.Compute",
        family: "Compute",
        category: "Virtual Machines",
        sub_category: "Dsv5 Series",
        name: "D4s v5",
        unit: "1 Hour",
        resources: "virtualMachines",
        resource: "vm-web",
        price: 224_000,
    },
    Meter {
        service: "Microsoft.Compute",
        family: "Compute",
        category: "Virtual Machines",
        sub_category: "Bs Series, \"burstable\"",
        name: "B2ms",
        unit: "1 Hour",
        resources: "virtualMachines",
        resource: "vm-batch",
        price: 91_200,
    },
    Meter {
        service: "Microsoft.Storage",
        family: "Storage",
        category: "Storage",
        sub_category: "Tiered Block Blob",
        name: "Hot LRS Data Stored",
        unit: "1 GB/Month",
        resources: "storageAccounts",
        resource: "stcontoso",
        price: 18_400,
    },
    Meter {
        service: "Microsoft.Storage",
        family: "Storage",
        category: "Storage",
        sub_category: "Tiered Block Blob",
        name: "Hot Read Operations",
        unit: "10K",
        resources: "storageAccounts",
        resource: "stcontoso",
        price: 4_300,
    },
    Meter {
        service: "Microsoft.Sql",
        family: "Databases",
        category: "SQL Database",
        sub_category: "General Purpose - Compute Gen5",
        name: "vCore",
        unit: "1 Hour",
        resources: "servers/databases",
        resource: "sql-main",
        price: 151_300,
    },
    Meter {
        service: "Microsoft.Network",
        family: "Networking",
        category: "Bandwidth",
        sub_category: "Rtn Preference: MGN",
        name: "Standard Data Transfer Out",
        unit: "1 GB",
        resources: "publicIPAddresses",
        resource: "pip-edge",
        price: 80_000,
    },
    Meter {
        service: "Microsoft.Web",
        family: "Compute",
        category: "Azure App Service",
        sub_category: "Premium v3 Plan",
        name: "P1 v3 App",
        unit: "1 Hour",
        resources: "serverFarms",
        resource: "plan-shop",
        price: 207_000,
    },
    Meter {
        service: "Microsoft.OperationalInsights",
        family: "Management and Governance",
        category: "Log Analytics",
        sub_category: "",
        name: "Pay-as-you-go Data Ingestion",
        unit: "1 GB",
        resources: "workspaces",
        resource: "log-all",
        price: 2_300_000,
    },
    Meter {
        service: "Microsoft.KeyVault",
        family: "Security",
        category: "Key Vault",
        sub_category: "",
        name: "Operations",
        unit: "10K",
        resources: "vaults",
        resource: "kv-atslēgas",
        price: 30_000,
    },
];
/// A purchase from the marketplace.
const PURCHASE: Meter = Meter {
    service: "Microsoft.SaaS",
    family: "SaaS",
    category: "SaaS",
    sub_category: "Fabrikam Backup, monthly",
    name: "Fabrikam Backup - 100 seats",
    unit: "1",
    resources: "resources",
    resource: "fabrikam-backup",
    price: 79_000_000,
};
const REGIONS: [(&str, &str); 4] = [
    ("westeurope", "EU West"),
    ("northeurope", "EU North"),
    ("germanywestcentral", "DE West Central"),
    ("swedencentral", "SE Central"),
];
const GROUPS: [&str; 4] = ["rg-production", "rg-shared", "RG-Rīga", "mc_aks_weu"];
/// A table program would take the last ones for formulas.
const TAGS: [&[(&str, &str)]; 5] = [
    &[],
    &[("env", "prod"), ("costCentre", "4711")],
    &[("īpašnieks", "Grāmatvedība"), ("env", "test")],
    &[("note", "moved, see \"Atlas\"")],
    &[("team", "@finance"), ("owner", "=Ilze")],
];

/// One line of usage.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) day: Date,
    /// Name and id of the subscription.
    pub(crate) subscription: &'a str,
    pub(crate) subscription_id: String,
    pub(crate) meter: &'static Meter,
    pub(crate) is_purchase: bool,
    /// As addresses name it, and as meters do.
    pub(crate) location: &'static str,
    pub(crate) region: &'static str,
    pub(crate) group: &'static str,
    pub(crate) resource: String,
    pub(crate) tags: &'static [(&'static str, &'static str)],
    /// In thousandths of the unit.
    pub(crate) quantity: i64,
    /// A name of its own.
    pub(crate) id: String,
}

impl Line<'_> {
    pub(crate) fn meter_id(&self) -> String {
        Draw::new(0, &format!("meter {} {}", self.meter.name, self.region)).guid()
    }

    pub(crate) fn product(&self) -> String {
        let Meter {
            category,
            sub_category,
            name,
            ..
        } = self.meter;
        let words = [category, sub_category, name, self.region];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        words.join(" - ")
    }

    pub(crate) fn resource_path(&self) -> String {
        let Meter {
            service, resources, ..
        } = self.meter;
        let (kind, inner) = resources.split_once('/').unwrap_or((resources, ""));
        let inner = if inner.is_empty() {
            String::new()
        } else {
            format!("/{inner}/main")
        };
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{service}/{kind}/{}{inner}",
            self.subscription_id, self.group, self.resource
        )
    }

    /// In thousandths of millionths of the currency.
    pub(crate) fn cost(&self) -> i64 {
        self.quantity * self.meter.price
    }
}

/// What a scope has used from one day to another, both included: of a subscription only its own part of what its payer
/// is billed for.
pub(crate) fn lines(person: &Person, scope: Scope, days: RangeInclusive<Date>) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let Some(payer) = person.payer(scope) else {
        return lines;
    };
    let Some(usage) = person.usage(payer) else {
        return lines;
    };
    let using = subscriptions(person, payer);
    let id = id_of(person, payer);
    let mut day = *days.start();
    while day <= *days.end() {
        if usage.is_on(day) {
            let mut draw = Draw::new(0, &format!("usage {id} {day}"));
            let drawn = (0..usage.lines_a_day).filter_map(|_| line(day, &using, &mut draw));
            lines.extend(
                drawn
                    .filter(|(by, _)| payer == scope || *by == Some(scope))
                    .map(|(_, line)| line),
            );
        }
        let Some(next) = day.next_day() else {
            break;
        };
        day = next;
    }
    lines
}

type Using<'a> = (Option<Scope>, &'a str, String);

/// The subscriptions that somebody pays for; where the person sees none of them, one that belongs to others.
fn subscriptions(person: &Person, payer: Scope) -> Vec<Using<'_>> {
    let all = (0..person.subscriptions.len()).map(Scope::Subscription);
    let paid = all.filter(|scope| person.payer(*scope) == Some(payer));
    let mut using: Vec<Using<'_>> = paid
        .filter_map(|scope| {
            let Scope::Subscription(at) = scope else {
                return None;
            };
            let subscription = person.subscriptions.get(at)?;
            Some((Some(scope), subscription.name.as_str(), subscription.id.clone()))
        })
        .collect();
    if using.is_empty() {
        let id = Draw::new(0, &format!("subscription of {}", id_of(person, payer))).guid();
        using.push((None, "Tailwind Warehouse", id));
    }
    using
}

fn id_of(person: &Person, payer: Scope) -> &str {
    let id = match payer {
        Scope::Account(at) => person.billing_accounts.get(at).map(|of| &of.id),
        Scope::Profile(account, at) => person.profile(account, at).map(|of| &of.id),
        Scope::Subscription(at) => person.subscriptions.get(at).map(|of| &of.id),
    };
    id.map(String::as_str).unwrap_or_default()
}

fn line<'a>(day: Date, using: &[Using<'a>], draw: &mut Draw) -> Option<(Option<Scope>, Line<'a>)> {
    let (by, subscription, id) = draw.choice(using)?.clone();
    let meter = draw.choice(&METERS)?;
    let (location, region) = *draw.choice(&REGIONS)?;
    let group = *draw.choice(&GROUPS)?;
    let number = draw.number(1..4);
    let tags = *draw.choice(&TAGS)?;
    let quantity = draw.number(1..24_000);
    let line = Line {
        day,
        subscription,
        subscription_id: id,
        meter,
        is_purchase: false,
        location,
        region,
        group,
        resource: format!("{}{number}", meter.resource),
        tags,
        quantity,
        id: draw.guid(),
    };
    Some((by, line))
}

/// The one line of a purchase.
fn purchase<'a>(person: &'a Person, payer: Scope, invoice: &Invoice) -> Option<Line<'a>> {
    let (_, subscription, id) = subscriptions(person, payer).into_iter().next()?;
    Some(Line {
        day: invoice.date(),
        subscription,
        subscription_id: id,
        meter: &PURCHASE,
        is_purchase: true,
        location: "global",
        region: "Global",
        group: "rg-shared",
        resource: PURCHASE.resource.to_owned(),
        tags: &[],
        quantity: 1_000,
        id: Draw::new(0, &format!("purchase {}", invoice.name)).guid(),
    })
}

/// The lines that a report tells.
fn of_report(person: &Person, report: Report) -> Vec<Line<'_>> {
    if person.usage_visibility(report.scope) == Visibility::Empty {
        return Vec::new();
    }
    match report.about {
        About::Days(from, to) => lines(person, report.scope, from..=to),
        About::Invoice(key) => {
            let invoice = person.invoices(key.billed_to).get(key.invoice);
            match invoice {
                Some(invoice) if invoice.is_one_off => {
                    purchase(person, report.scope, invoice).into_iter().collect()
                }
                Some(invoice) if invoice.is_for_usage() => lines(person, report.scope, invoice.days()),
                _ => Vec::new(),
            }
        }
    }
}

/// The files of a report, each with a mark of its encoding and the names of the columns; none when nothing was used.
pub(crate) fn files(world: &World, report: Report) -> Vec<Vec<u8>> {
    let Some(person) = world.people.get(report.person) else {
        return Vec::new();
    };
    let lines = of_report(person, report);
    let blobs = person
        .payer(report.scope)
        .and_then(|payer| person.usage(payer))
        .map_or(1, |usage| usage.blobs);
    let size = lines.len().div_ceil(blobs).max(1);
    lines
        .chunks(size)
        .map(|lines| table::write(person, report.scope, lines))
        .collect()
}

/// The files of a report as one, with one mark and the names of the columns once; `None` when nothing was used.
pub(crate) fn joined(files: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    let mut files = files.into_iter();
    let mut all = files.next()?;
    for file in files {
        let head = file.iter().position(|byte| *byte == b'\n');
        all.extend(file.into_iter().skip(head.map_or(0, |end| end + 1)));
    }
    Some(all)
}

/// How many lines a report tells.
pub(crate) fn count(world: &World, report: Report) -> usize {
    let person = world.people.get(report.person);
    person.map_or(0, |person| of_report(person, report).len())
}

#[cfg(test)]
mod tests;
