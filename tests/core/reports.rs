//! What a report tells beyond single documents: every place and month, sums, and files that are gone.

use std::rc::Rc;

use portal_invoices::azure::Decimal;
use portal_invoices::download::{
    MonthTotal, Order, Outcome, Place, PlaceMonth, Report, outdated, outdated_reports,
};
use portal_invoices::invoices::CalendarMonth;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::date;

use crate::double::Disk;
use crate::runs::{invoice, invoices, live, live_ordered, order, untwisted};

fn month(text: &str) -> Option<CalendarMonth> {
    CalendarMonth::read(text)
}

fn decimal(text: &str) -> Decimal {
    Decimal::read(&json!(text)).unwrap()
}

/// An invoice over this sum, in the month of its number.
fn billed(number: usize, kind: &str, status: &str, currency: &str, total: Value, tax: Value) -> Value {
    let mut listed = invoice(number);
    let properties = listed["properties"].as_object_mut().unwrap();
    properties.insert("documentType".into(), json!(kind));
    properties.insert("status".into(), json!(status));
    for (field, value) in [("totalAmount", total), ("taxAmount", tax)] {
        if !value.is_null() {
            properties.insert(field.into(), json!({ "currency": currency, "value": value }));
        }
    }
    listed
}

fn told(listed: Vec<Value>) -> Report {
    live(&Rc::new(Disk::default()), listed, untwisted(), None)
        .report
        .unwrap()
}

#[test]
fn totals_count_each_invoice_once_by_month_and_currency_to_the_cent() {
    let mut twice = billed(0, "Invoice", "Paid", "EUR", json!(0.1), json!(0.02));
    let documents = twice["properties"]["documents"].as_array_mut().unwrap();
    let mut receipt = documents[0].clone();
    receipt["name"] = json!("2");
    receipt["kind"] = json!("TaxReceipt");
    documents.push(receipt);
    let report = told(vec![
        twice,
        billed(12, "Invoice", "Due", "EUR", json!(0.2), json!(0.04)),
        billed(24, "CreditNote", "Paid", "EUR", json!(0.05), json!(0.01)),
        billed(36, "Invoice", "Paid", "USD", json!(100), Value::Null),
        billed(48, "Invoice", "Void", "EUR", json!(1000), json!(200)),
        billed(60, "Invoice", "Paid", "EUR", Value::Null, Value::Null),
        billed(1, "Invoice", "Paid", "EUR", json!(7.5), Value::Null),
    ]);
    let line = |of: &str, currency: &str, invoices, tax: Option<&str>, total: &str| MonthTotal {
        month: month(of),
        currency: currency.into(),
        invoices,
        net: None,
        tax: tax.map(decimal),
        total: decimal(total),
    };
    assert_eq!(
        report.totals.months,
        [
            line("2026-01", "EUR", 3, Some("0.05"), "0.25"),
            line("2026-01", "USD", 1, None, "100"),
            line("2026-02", "EUR", 1, None, "7.5"),
        ]
    );
    assert_eq!((report.totals.void, report.totals.without_amount), (1, 1));
}

#[test]
fn a_void_invoice_counts_where_a_credit_note_gives_it_back_and_only_there() {
    let of =
        |number, kind, status, total: f64| billed(number, kind, status, "EUR", json!(total), Value::Null);
    let naming = |mut listed: Value, field: &str, number: usize| {
        listed["properties"][field] = json!(format!("/providers/x/invoices/E{number:04}"));
        listed
    };
    // The second replaces the first and is replaced by the third.
    let report = told(vec![
        of(0, "Invoice", "Void", 2500.0),
        naming(of(12, "CreditNote", "Paid", -2500.0), "creditForDocumentId", 0),
        of(24, "Invoice", "Void", 2400.0),
        naming(of(36, "CreditNote", "Paid", -2400.0), "creditForDocumentId", 24),
        of(48, "Invoice", "Paid", 2290.0),
        of(60, "Invoice", "Void", 7.0),
    ]);
    let [line] = &*report.totals.months else {
        panic!("{:?}", report.totals)
    };
    assert_eq!((line.invoices, line.total), (5, decimal("2290")));
    assert_eq!(report.totals.void, 1);

    let report = told(vec![
        naming(of(0, "Invoice", "Void", 2500.0), "billedDocumentId", 12),
        of(12, "Invoice", "Paid", 2400.0),
    ]);
    assert_eq!(report.totals.months[0].total, decimal("2400"));
    assert_eq!(report.totals.void, 1, "what replaces it gives nothing back");
}

#[test]
fn every_place_and_month_has_its_outcomes() {
    let disk = Rc::new(Disk::default());
    live(&disk, invoices(1), untwisted(), None);
    let mut listed = vec![invoice(0), invoice(12), invoice(1)];
    listed[2]["properties"]["documents"] = json!([]);
    let report = live(&disk, listed, untwisted(), None).report.unwrap();
    let line = |of: &str, outcomes: &[(Outcome, usize)]| PlaceMonth {
        month: month(of),
        outcomes: outcomes.to_vec(),
    };
    let months = vec![
        line("2026-01", &[(Outcome::Saved, 1), (Outcome::SavedEarlier, 1)]),
        line("2026-02", &[(Outcome::NotOffered, 1)]),
    ];
    let (name, id) = (
        "Contoso".to_owned(),
        "11111111-2222-3333-4444-555555555555".to_owned(),
    );
    assert_eq!(report.places, [Place { name, id, months }]);
}

#[test]
fn a_file_that_is_gone_is_told_with_its_day_and_saved_again_on_wish() {
    let disk = Rc::new(Disk::default());
    live(&disk, invoices(3), untwisted(), None);
    let path = "Azure invoices/2026/2026-02-09 Contoso E0001 Invoice.pdf";
    disk.delete(path);

    let report = live(&disk, invoices(3), untwisted(), None).report.unwrap();
    assert_eq!((report.saved, report.saved_before), (0, 2));
    assert_eq!(report.no_longer_there.len(), 1);
    assert_eq!(report.no_longer_there[0].what, "2026-02-09 Contoso E0001");
    assert_eq!(report.no_longer_there[0].on, "2026-11-23");
    assert_eq!(
        disk.files().len(),
        2,
        "what the person deleted is not brought back unasked"
    );

    let again = Order {
        again: true,
        ..order()
    };
    let report = live_ordered(&disk, invoices(3), untwisted(), Vec::new(), again)
        .report
        .unwrap();
    assert_eq!((report.saved, report.saved_before), (1, 2));
    assert_eq!(report.no_longer_there, []);
    assert_eq!(disk.files().len(), 3);
    assert!(disk.files().contains_key(path));

    let report = live(&disk, invoices(3), untwisted(), None).report.unwrap();
    assert_eq!((report.saved_before, report.no_longer_there.len()), (3, 0));
}

#[test]
fn a_report_is_read_as_it_was_kept() {
    let disk = Rc::new(Disk::default());
    live(&disk, invoices(14), untwisted(), None);
    disk.delete("Azure invoices/2026/2026-02-09 Contoso E0001 Invoice.pdf");
    let mut listed = invoices(20);
    listed[15] = billed(15, "CreditNote", "Paid", "EUR", json!(12.34), json!(2));
    listed[16]["properties"]["documents"] = json!([]);
    let report = live(&disk, listed, untwisted(), None).report.unwrap();
    let kept = serde_json::to_value(&report).unwrap();
    assert_eq!(Report::read(&kept), Some(report));
}

#[test]
fn numbers_are_read_and_written_exactly() {
    for (json, point, comma) in [
        ("0", "0", "0,00"),
        ("-0.0", "0", "0,00"),
        ("1730.89", "1730.89", "1730,89"),
        ("-12.5", "-12.5", "-12,50"),
        ("1e-7", "0.0000001", "0,0000001"),
        ("-1.25e2", "-125", "-125,00"),
        ("0.1234567890123456", "0.1234567890123456", "0,1234567890123456"),
    ] {
        let number = Decimal::read(&serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!(
            (&*number.written('.', 0), &*number.written(',', 2)),
            (point, comma)
        );
        assert_eq!(
            Decimal::read(&serde_json::to_value(number).unwrap()),
            Some(number)
        );
    }
    for none in [
        json!(null),
        json!("a"),
        json!({}),
        json!(1e300),
        json!(1e-300),
        json!("1.5.2"),
        json!(""),
    ] {
        assert_eq!(Decimal::read(&none), None, "{none}");
    }
}

proptest! {
    /// Sums are those of whole cents, whatever binary fractions make of them.
    #[test]
    fn sums_are_exact(cents in proptest::collection::vec(-1_000_000_000i64..1_000_000_000, 0..50)) {
        let sum = cents
            .iter()
            .map(|cents| Decimal::read(&json!(*cents as f64 / 100.0)).unwrap())
            .fold(Decimal::ZERO, |sum, next| sum + next);
        let expected = cents.iter().sum::<i64>();
        let sign = if expected < 0 { "-" } else { "" };
        let expected = format!("{sign}{}.{:02}", expected.abs() / 100, expected.abs() % 100);
        prop_assert_eq!(sum.written('.', 2), expected);
    }
}

#[test]
fn a_start_finds_the_reports_of_everybody_that_are_too_old() {
    let last = |moment: &str| json!({ "report": { "ordered_at": moment } }).to_string();
    let records = [
        ("report/a", last("2025-10-22 09.00.00")),
        ("report/b", last("2026-11-22 09.00.00")),
        ("history/a/2025-10-22 09.00.00", String::new()),
        ("history/b/2025-10-22 09.00.00", String::new()),
        ("history/b/2026-11-22 09.00.00", String::new()),
        ("document/a/2025-10-22 09.00.00", String::new()),
    ]
    .map(|(key, kept)| (key.to_owned(), kept));
    assert_eq!(
        outdated_reports(&records, date!(2026 - 11 - 23)),
        [
            "report/a",
            "history/a/2025-10-22 09.00.00",
            "history/b/2025-10-22 09.00.00"
        ]
    );
}

#[test]
fn fifty_reports_are_kept_for_thirteen_months() {
    let today = date!(2026 - 11 - 23);
    let old = ["2025-10-22 09.00.00", "2025-10-23 09.00.00", "unreadable"].map(str::to_owned);
    assert_eq!(outdated(&old, today), [&old[0], &old[2]]);
    let many: Vec<String> = (0..52)
        .map(|second| format!("2026-11-23 09.00.{second:02}"))
        .collect();
    assert_eq!(outdated(&many, today), [&many[0], &many[1]], "the oldest go");
    let mut shuffled = many.clone();
    shuffled.reverse();
    assert_eq!(outdated(&shuffled, today), [&many[1], &many[0]]);
}
