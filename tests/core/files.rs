//! Dates, periods, the file names that everybody begins with, and the check of what is saved.

use portal_invoices::azure::{Decimal, DocumentKind, Invoice, parse_date};
use portal_invoices::download::{Defect, verify};
use portal_invoices::invoices::{
    FileFormat, FilePaths, ListedInvoice, NameParts, NameTemplate, Period, PeriodChoice, WantedDocument,
    file_path,
};
use proptest::prelude::*;
use serde_json::json;
use time::Date;
use time::macros::date;

use crate::double::listed;

fn invoice(number: &str, billed_to: &str, kind: &str) -> ListedInvoice {
    let document = json!({ "name": "1", "kind": kind, "url": "x" });
    let properties = json!({ "invoiceDate": "2026-03-09", "documents": [document] });
    let invoice = json!({ "name": number, "properties": properties });
    listed(Invoice::read(&invoice).unwrap(), billed_to.to_owned())
}

fn documents(invoice: &serde_json::Value, billed_to: &str) -> Vec<WantedDocument> {
    listed(Invoice::read(invoice).unwrap(), billed_to.to_owned()).documents()
}

/// The path of the first document.
fn path(listed: &ListedInvoice) -> String {
    let document = listed.documents().remove(0);
    file_path(&NameTemplate::default(), &NameParts::of(&document, listed))
}

fn promise(paths: &mut FilePaths, listed: &ListedInvoice) -> String {
    let document = listed.documents().remove(0);
    paths.promise(&document.id, &NameParts::of(&document, listed))
}

#[test]
fn dates_are_read_in_every_recorded_spelling() {
    let cases = [
        ("2024-02-10", Some(date!(2024 - 02 - 10))),
        ("2024-02-10T00:00:00.0000000Z", Some(date!(2024 - 02 - 10))),
        ("2020-03-31T23:59:59.9999999", Some(date!(2020 - 03 - 31))),
        ("2019-10-16T18:19:57.1307606-07:00", Some(date!(2019 - 10 - 16))),
        ("6/1/2020 12:00:00 AM +00:00", Some(date!(2020 - 06 - 01))),
        ("2018-02-30T17:32:28Z", None),
        ("", None),
        ("soon", None),
        ("24-02-10", None),
        ("2024-13-01", None),
        ("+1/+1/2030", None),
        ("1/2-2030", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_date(text), expected, "{text}");
    }
}

#[test]
fn periods_are_whole_and_end_today() {
    let today = date!(2026 - 11 - 23);
    let days = |choice: PeriodChoice| choice.days(today).map(|period| (period.from, period.to));
    assert_eq!(
        days(PeriodChoice::Last12Months),
        Some((date!(2025 - 11 - 24), today))
    );
    assert_eq!(days(PeriodChoice::ThisYear), Some((date!(2026 - 01 - 01), today)));
    assert_eq!(
        days(PeriodChoice::LastYear),
        Some((date!(2025 - 01 - 01), date!(2025 - 12 - 31)))
    );
    assert_eq!(days(PeriodChoice::Custom), None);
    let leap_day = PeriodChoice::Last12Months.days(date!(2028 - 02 - 29)).unwrap();
    assert_eq!(leap_day.from, date!(2027 - 03 - 01));
}

#[test]
fn the_question_to_azure_is_wider_than_the_period() {
    let period = Period {
        from: date!(2026 - 01 - 01),
        to: date!(2026 - 01 - 31),
    };
    let asked = period.with_margin();
    assert!(asked.from <= date!(2025 - 11 - 15) && asked.to >= date!(2026 - 03 - 15));
}

#[test]
fn a_file_is_named_by_date_subscription_number_and_kind() {
    let cases = [
        (
            "Contoso Production",
            "Invoice",
            "2026-03-09 Contoso Production G004567123 Invoice.pdf",
        ),
        (
            "Grāmatvedība",
            "CreditNote",
            "2026-03-09 Grāmatvedība G004567123 Credit note.pdf",
        ),
        (
            "Contoso",
            "TaxReceipt",
            "2026-03-09 Contoso G004567123 Tax receipt.pdf",
        ),
        (
            "Contoso",
            "VoidNote",
            "2026-03-09 Contoso G004567123 Void note.pdf",
        ),
        (
            "Contoso",
            "SomethingNew",
            "2026-03-09 Contoso G004567123 SomethingNew.pdf",
        ),
        ("Contoso", "", "2026-03-09 Contoso G004567123 Document.pdf"),
        ("", "Invoice", "2026-03-09 G004567123 Invoice.pdf"),
        (
            "a/b:c*d?e\"f<g>h|i\\j",
            "Invoice",
            "2026-03-09 a-b-c-d-e-f-g-h-i-j G004567123 Invoice.pdf",
        ),
        (
            "Dev/Test",
            "Invoice",
            "2026-03-09 Dev-Test G004567123 Invoice.pdf",
        ),
        ("CON", "Invoice", "2026-03-09 CON G004567123 Invoice.pdf"),
        (
            "ends with dots...",
            "Invoice",
            "2026-03-09 ends with dots G004567123 Invoice.pdf",
        ),
        (
            "  many   spaces\t",
            "Invoice",
            "2026-03-09 many spaces G004567123 Invoice.pdf",
        ),
        (
            "invoice\u{202e}fdp.exe",
            "Invoice",
            "2026-03-09 invoicefdp.exe G004567123 Invoice.pdf",
        ),
        (
            "../../etc",
            "Invoice",
            "2026-03-09 -..-etc G004567123 Invoice.pdf",
        ),
        (
            "請求書 العربية",
            "Invoice",
            "2026-03-09 請求書 العربية G004567123 Invoice.pdf",
        ),
    ];
    for (billed_to, kind, name) in cases {
        let path = path(&invoice("G004567123", billed_to, kind));
        assert_eq!(path, format!("Azure invoices/2026/{name}"));
    }
}

#[test]
fn a_long_name_keeps_its_number_and_kind() {
    let path = path(&invoice("G004567123", &"ā".repeat(300), "Invoice"));
    let name = path.rsplit('/').next().unwrap();
    assert!(
        name.len() <= 180 && name.ends_with("ā G004567123 Invoice.pdf"),
        "{name}"
    );
}

#[test]
fn two_documents_never_share_a_path_and_each_keeps_its_own() {
    let (first, second) = (
        invoice("G1/2", "Contoso", "Invoice"),
        invoice("G1:2", "Contoso", "Invoice"),
    );
    assert_eq!(path(&first), path(&second));
    let mut paths = FilePaths::default();
    let (one, two) = (promise(&mut paths, &first), promise(&mut paths, &second));
    assert_ne!(one.to_lowercase(), two.to_lowercase());
    assert_eq!(promise(&mut paths, &first), one);

    let mut later = FilePaths::default();
    later.keep(&one, &first.documents()[0].id);
    assert_eq!(
        promise(&mut later, &second),
        two,
        "in a later run too, whichever comes first"
    );
}

#[test]
fn only_a_whole_pdf_passes() {
    let pdf = b"%PDF-1.7\n...\n%%EOF\n".to_vec();
    type Case<'a> = (&'a [u8], Option<u64>, Result<(), Defect>);
    let cases: [Case<'_>; 8] = [
        (&pdf, Some(pdf.len() as u64), Ok(())),
        (&pdf, None, Ok(())),
        (b"", Some(0), Err(Defect::Empty)),
        (b"<!doctype html><p>Sign in</p>", None, Err(Defect::NotAPdf)),
        (b"{\"error\":{}}", None, Err(Defect::NotAPdf)),
        (b"PK\x03\x04", None, Err(Defect::NotAPdf)),
        (b"%PDF-1.7\n...", None, Err(Defect::Truncated)),
        (&pdf, Some(pdf.len() as u64 + 1), Err(Defect::Truncated)),
    ];
    for (bytes, announced, expected) in cases {
        assert_eq!(verify(bytes, announced, FileFormat::Pdf), expected);
    }
    let mut preceded = vec![b' '; 1000];
    preceded.extend(&pdf);
    assert_eq!(
        verify(&preceded, None, FileFormat::Pdf),
        Ok(()),
        "some bytes before the head are in the wild"
    );
    let mut hidden = vec![b' '; 2000];
    hidden.extend(&pdf);
    assert_eq!(verify(&hidden, None, FileFormat::Pdf), Err(Defect::NotAPdf));
}

#[test]
fn only_a_whole_table_passes() {
    let table = "\u{feff}Service Family,Billed Amount\r\nCompute,12.50\r\n".as_bytes();
    let cases: [(&[u8], Result<(), Defect>); 6] = [
        (table, Ok(())),
        (b"Date,Amount", Ok(())),
        (b"", Err(Defect::Empty)),
        (b"<html><p>Sign in, please</p>", Err(Defect::NotATable)),
        (b"{\"error\":{},\"a\":1}", Err(Defect::NotATable)),
        (b"PK\x03\x04,\x00", Err(Defect::NotATable)),
    ];
    for (bytes, expected) in cases {
        assert_eq!(verify(bytes, None, FileFormat::Csv), expected);
    }
    let longer = Some(table.len() as u64 + 1);
    assert_eq!(verify(table, longer, FileFormat::Csv), Err(Defect::Truncated));
}

#[test]
fn an_invoice_is_read_leniently() {
    let odd = Invoice::read(&json!({
        "name": "G1",
        "properties": {
            "invoiceDate": 7, "status": "SomethingNew", "subscriptionId": null,
            "totalAmount": { "currency": "EUR", "value": -12.5 },
            "documents": [{}, { "kind": "Neu", "url": "" }, "nonsense"],
        },
    }))
    .unwrap();
    assert_eq!(odd.date, None);
    assert_eq!(odd.status, "SomethingNew");
    assert_eq!(
        odd.total.as_ref().map(|total| total.value),
        Decimal::read(&json!(-12.5))
    );
    assert_eq!(odd.documents[1].kind, DocumentKind::Other("Neu".into()));
    assert_eq!(
        Invoice::read(&json!({ "properties": {} })),
        None,
        "without a name nothing can be asked"
    );
    assert!(
        Invoice::read(&json!({ "name": "G1" })).is_some(),
        "everything else may be missing"
    );
}

#[test]
fn documents_keep_their_identity_with_and_without_names() {
    let ids = |documents: serde_json::Value| -> Vec<String> {
        let invoice = json!({ "name": "E1", "properties": { "documents": documents } });
        self::documents(&invoice, "x")
            .iter()
            .map(|document| document.id.as_str().to_owned())
            .collect()
    };
    assert_eq!(ids(json!([{ "name": "7", "kind": "Invoice" }])), ["E1/7"]);
    let unnamed = json!([{ "kind": "Invoice" }, { "kind": "TaxReceipt" }, { "kind": "Invoice" }, { "kind": "Transactions" }]);
    let kinds = [
        "E1/Invoice#0",
        "E1/TaxReceipt#0",
        "E1/Invoice#1",
        "E1/Transactions#0",
    ];
    assert_eq!(ids(unnamed), kinds);
    let of_2020 = "https://management.azure.com/x/download?downloadToken=Drs_7&api-version=2020-05-01";
    assert_eq!(
        ids(json!([{ "kind": "Invoice", "url": of_2020 }])),
        ["E1/7"],
        "the same document in the older version"
    );
    assert_eq!(ids(json!([])), Vec::<String>::new());
    let of_another = "https://management.azure.com/x/download?downloadToken=ENF_7";
    assert_eq!(
        ids(json!([{ "kind": "Invoice", "url": of_another }])),
        ["E1/ENF_7"],
        "another source may use the same numbers"
    );
}

proptest! {
    /// Whatever Azure calls things, the path is safe on every system and stays below its folder.
    #[test]
    fn every_path_is_safe(number in "\\PC{1,80}", billed_to in "\\PC{0,320}", kind in "\\PC{0,80}") {
        let path = path(&invoice(&number, &billed_to, &kind));
        let parts: Vec<&str> = path.split('/').collect();
        prop_assert_eq!(parts.len(), 3);
        prop_assert_eq!(&parts[..2], &["Azure invoices", "2026"]);
        let name = parts[2];
        prop_assert!(name.len() <= 180, "{} bytes", name.len());
        prop_assert!(name.starts_with("2026-03-09 ") && name.ends_with(".pdf"));
        prop_assert!(!name.contains(['<', '>', ':', '"', '\\', '|', '?', '*']));
        prop_assert!(!name.chars().any(char::is_control));
        prop_assert!(!name.trim_end_matches(".pdf").ends_with([' ', '.']));
    }

    /// A date that is read is the one that was written.
    #[test]
    fn dates_round_trip(day in 0i32..3_000_000) {
        let written = Date::from_julian_day(day).unwrap();
        if (1000..=9999).contains(&written.year()) {
            prop_assert_eq!(parse_date(&written.to_string()), Some(written));
            prop_assert_eq!(parse_date(&format!("{written}T23:59:59.9999999")), Some(written));
        }
    }
}
