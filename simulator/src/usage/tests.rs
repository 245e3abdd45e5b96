//! Lines and files: the same each time, whole, and parts of each other.
//! It must not know how they are asked for.

use std::collections::BTreeSet;

use time::macros::date;

use super::*;
use crate::scenario::Scenario;
use crate::world::InvoiceKey;

const OCTOBER: (Date, Date) = (date!(2026 - 10 - 01), date!(2026 - 10 - 31));

fn world(name: &str) -> World {
    World::new(&Scenario::named(name).unwrap(), 7, date!(2026 - 11 - 23))
}

fn days(scope: Scope) -> Report {
    Report {
        person: 0,
        scope,
        about: About::Days(OCTOBER.0, OCTOBER.1),
    }
}

/// Records of fields, as a reader of such files understands them.
fn records(file: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8(file.to_vec()).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut letters) = (false, text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    records
}

fn column(records: &[Vec<String>], name: &str) -> Vec<String> {
    let at = records[0].iter().position(|each| each == name).unwrap();
    records[1..].iter().map(|record| record[at].clone()).collect()
}

#[test]
fn a_file_has_the_columns_of_its_agreement_and_a_field_for_each() {
    for (scenario, scope, first, columns) in [
        ("customer-agreement", Scope::Profile(0, 0), "invoiceId", 65),
        ("partner-agreement", Scope::Profile(0, 0), "partnerTenantId", 71),
        ("enterprise", Scope::Account(0), "InvoiceSectionName", 49),
    ] {
        let files = files(&world(scenario), days(scope));
        assert_eq!(files.len(), 1);
        let records = records(&files[0]);
        assert_eq!(records[0][0], first);
        assert_eq!(records.len(), 1 + 31 * 9);
        assert!(records.iter().all(|record| record.len() == columns), "{scenario}");
    }
}

#[test]
fn some_fields_need_their_quotes_and_some_letters_are_no_ascii() {
    let world = world("customer-agreement");
    let table = joined(files(&world, days(Scope::Profile(0, 0)))).unwrap();
    let records = records(&table);
    let tags: BTreeSet<String> = column(&records, "tags").into_iter().collect();
    assert_eq!(
        tags,
        BTreeSet::from(
            [
                "",
                r#""env": "prod","costCentre": "4711""#,
                r#""note": "moved, see \"Atlas\"""#,
                r#""team": "@finance","owner": "=Ilze""#,
                r#""īpašnieks": "Grāmatvedība","env": "test""#,
            ]
            .map(str::to_owned)
        )
    );
    assert!(column(&records, "meterSubCategory").contains(&"Bs Series, \"burstable\"".to_owned()));
    let dates: BTreeSet<String> = column(&records, "date").into_iter().collect();
    assert_eq!(dates.len(), 31);
    assert_eq!(dates.first().unwrap(), "10/01/2026");
    for (cost, (quantity, price)) in column(&records, "costInBillingCurrency").iter().zip(
        column(&records, "quantity")
            .iter()
            .zip(column(&records, "effectivePrice")),
    ) {
        let number = |text: &str| -> f64 { text.parse().unwrap() };
        assert!((number(cost) - number(quantity) * number(&price)).abs() < 1e-9);
    }
}

#[test]
fn files_together_say_what_one_would() {
    let mut scenario = Scenario::named("customer-agreement").unwrap();
    let whole = World::new(&scenario, 7, date!(2026 - 11 - 23));
    let report = days(Scope::Profile(0, 0));
    scenario.accounts[0].billing_accounts[0].profiles[0].usage.blobs = 4;
    let parted = World::new(&scenario, 7, date!(2026 - 11 - 23));
    let parts = files(&parted, report);
    assert_eq!(parts.len(), 4);
    let head = records(&parts[0])[0].clone();
    assert!(parts.iter().all(|part| records(part)[0] == head));
    assert_eq!(joined(parts), joined(files(&whole, report)));
    assert_eq!(joined(Vec::new()), None);
}

#[test]
fn a_subscription_has_its_part_of_what_its_payer_has() {
    let world = world("customer-agreement");
    let person = &world.people[0];
    let ids = |scope| -> Vec<String> {
        let lines = lines(person, scope, OCTOBER.0..=OCTOBER.1);
        lines.into_iter().map(|line| line.id).collect()
    };
    let of_profile = ids(Scope::Profile(0, 0));
    let (one, other) = (ids(Scope::Subscription(0)), ids(Scope::Subscription(1)));
    assert!(!one.is_empty() && !other.is_empty());
    let mut together: Vec<&String> = one.iter().chain(&other).collect();
    together.sort();
    let mut all: Vec<&String> = of_profile.iter().collect();
    all.sort();
    assert_eq!(together, all);
    assert!(ids(Scope::Account(0)).is_empty());
}

#[test]
fn an_invoice_tells_its_period_a_purchase_its_line_and_a_credit_note_nothing() {
    let world = world("customer-agreement");
    let person = &world.people[0];
    let mut told = Vec::new();
    for profile in [0, 1] {
        let payer = Scope::Profile(0, profile);
        for (invoice, of) in person.invoices(payer).iter().enumerate() {
            let report = Report {
                person: 0,
                scope: payer,
                about: About::Invoice(InvoiceKey {
                    billed_to: payer,
                    invoice,
                }),
            };
            let lines = count(&world, report);
            let days = (of.period_end - of.period_start).whole_days() + 1;
            match (of.kind.as_str(), of.is_one_off) {
                ("CreditNote", _) => assert_eq!(lines, 0),
                (_, true) => {
                    assert_eq!(lines, 1);
                    let table = joined(files(&world, report)).unwrap();
                    assert_eq!(column(&records(&table), "chargeType"), ["Purchase"]);
                }
                _ => assert_eq!(i64::try_from(lines).unwrap(), days * 9),
            }
            told.push((of.kind.clone(), of.is_one_off));
        }
    }
    assert!(told.iter().any(|(kind, _)| kind == "CreditNote") && told.iter().any(|(_, one_off)| *one_off));
}

#[test]
fn lines_name_the_invoice_in_force() {
    let world = world("customer-agreement");
    let person = &world.people[0];
    let payer = Scope::Profile(0, 0);
    for invoice in person.invoices(payer).iter().filter(|each| each.is_for_usage()) {
        let lines = lines(person, payer, invoice.period_start..=invoice.period_start);
        let table = table::write(person, payer, &lines);
        let named = column(&records(&table), "invoiceId");
        let in_force = person
            .invoices(payer)
            .iter()
            .find(|each| each.name == named[0])
            .unwrap();
        assert!(in_force.days().contains(&invoice.period_start));
        assert!(in_force.status != "Void" || invoice.status == "Void");
    }
}

#[test]
fn nothing_is_used_where_a_scenario_says_so_nor_after_today() {
    let world = world("usage");
    let person = &world.people[0];
    let europe = Scope::Profile(1, 0);
    let on = |from: Date, to: Date| lines(person, europe, from..=to).len();
    assert_eq!(on(date!(2026 - 09 - 01), date!(2026 - 09 - 30)), 0);
    assert_eq!(on(date!(2026 - 10 - 01), date!(2026 - 10 - 31)), 31 * 9);
    assert_eq!(on(date!(2026 - 11 - 23), date!(2026 - 12 - 31)), 9);
    assert_eq!(on(date!(2000 - 01 - 01), date!(2000 - 12 - 31)), 0);
}
