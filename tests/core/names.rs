//! Names by a pattern of the person's own: what it may say, and that every name is valid, unlike and lasting.
//! Must not know: runs; `runs` shows what they do with these names.

use std::collections::BTreeSet;

use portal_invoices::azure::Invoice;
use portal_invoices::invoices::{
    DocumentId, FilePaths, ListedInvoice, NameParts, NameTemplate, Placeholder, TemplateError, file_path,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::double::listed;

fn template(text: &str) -> NameTemplate {
    NameTemplate::read(text).unwrap()
}

/// An invoice that tells everything, with the changes of one that does not.
fn invoice(change: Value) -> ListedInvoice {
    let mut properties = json!({
        "invoiceDate": "2026-03-09",
        "invoicePeriodStartDate": "2026-02-01",
        "invoicePeriodEndDate": "2026-02-28",
        "subscriptionId": "11111111-2222-3333-4444-555555555555",
        "billingProfileDisplayName": "Contoso Europe",
        "totalAmount": { "currency": "EUR", "value": 1234.5 },
        "documents": [{ "name": "DRS_1", "kind": "Invoice", "url": "x", "documentNumbers": ["N-77"] }],
    });
    for (field, value) in change.as_object().unwrap() {
        properties[field] = value.clone();
    }
    let item = json!({ "name": "G004567123", "properties": properties });
    listed(Invoice::read(&item).unwrap(), "Contoso Production".into())
}

fn path(pattern: &str, listed: &ListedInvoice) -> String {
    let document = listed.documents().remove(0);
    file_path(&template(pattern), &NameParts::of(&document, listed))
}

#[test]
fn the_standard_pattern_is_one() {
    assert_eq!(NameTemplate::default(), template(NameTemplate::STANDARD));
    assert_eq!(
        path(NameTemplate::STANDARD, &invoice(json!({}))),
        "Azure invoices/2026/2026-03-09 Contoso Production G004567123 Invoice.pdf"
    );
}

#[test]
fn each_placeholder_stands_for_what_is_known() {
    let whole = invoice(json!({}));
    let cases = [
        ("{date}", "2026-03-09"),
        ("{year}-{month}", "2026-03"),
        ("{period}", "2026-02-01 to 2026-02-28"),
        ("{billed-to}", "Contoso Production"),
        ("{subscription}", "Contoso Production"),
        ("{subscription-id}", "11111111-2222-3333-4444-555555555555"),
        ("{billing-profile}", "Contoso Europe"),
        ("{billing-account}", "Contoso Group"),
        ("{invoice}", "G004567123"),
        ("{number}", "N-77"),
        ("{kind}", "Invoice"),
        ("{amount} {currency}", "1234.50 EUR"),
        ("{Subscription ID}", "11111111-2222-3333-4444-555555555555"),
        ("{subscription}\\{invoice}", "Contoso Production/G004567123"),
        ("no placeholder at all", "no placeholder at all"),
    ];
    for (pattern, name) in cases {
        assert_eq!(
            path(pattern, &whole),
            format!("Azure invoices/{name}.pdf"),
            "{pattern}"
        );
    }
    let tested = |placeholder: &Placeholder| {
        let written = format!("{{{}}}", placeholder.as_str());
        cases.iter().any(|(pattern, _)| pattern.contains(&written))
    };
    assert!(Placeholder::ALL.iter().all(tested));
}

#[test]
fn what_is_not_known_leaves_no_trace_or_says_so() {
    let bare = listed(
        Invoice::read(&json!({ "name": "E1", "properties": { "documents": [{ "kind": "", "url": "x" }] } }))
            .unwrap(),
        String::new(),
    );
    let cases = [
        ("{date} {billed-to} {invoice}", "undated E1"),
        ("{year}/{month} {period}", "undated/undated undated"),
        ("{subscription}/{invoice}", "E1"),
        ("{amount} {currency}", "Document"),
        ("{billing-profile}/{subscription-id}/{kind}", "Document"),
    ];
    for (pattern, name) in cases {
        assert_eq!(
            path(pattern, &bare),
            format!("Azure invoices/{name}.pdf"),
            "{pattern}"
        );
    }
}

#[test]
fn what_a_credit_note_gives_back_is_negative() {
    let credit = invoice(json!({
        "documentType": "CreditNote",
        "totalAmount": { "currency": "EUR", "value": 20 },
    }));
    assert_eq!(path("{amount}", &credit), "Azure invoices/-20.00.pdf");
}

#[test]
fn a_text_that_is_no_pattern_is_refused_with_its_reason() {
    let cases = [
        ("{datum}", TemplateError::UnknownPlaceholder("datum".into())),
        ("{}", TemplateError::UnknownPlaceholder(String::new())),
        ("{date", TemplateError::UnclosedBrace),
        ("{date {invoice}", TemplateError::UnclosedBrace),
        ("{year/month}", TemplateError::UnclosedBrace),
        ("date}", TemplateError::StrayBrace),
        ("{date}}", TemplateError::StrayBrace),
        ("", TemplateError::EmptyPart),
        ("  ", TemplateError::EmptyPart),
        ("/{date}", TemplateError::EmptyPart),
        ("{date}/", TemplateError::EmptyPart),
        ("{year}//{date}", TemplateError::EmptyPart),
        ("../{date}", TemplateError::EmptyPart),
        ("..\\..\\{date}", TemplateError::EmptyPart),
        (&"x".repeat(301), TemplateError::TooLong),
    ];
    let mut codes = BTreeSet::new();
    for (text, error) in cases {
        assert_eq!(NameTemplate::read(text), Err(error.clone()), "{text}");
        codes.insert(error.code());
    }
    assert_eq!(codes.len(), 5);
}

#[test]
fn names_that_windows_keeps_for_itself_are_made_others() {
    let named = |kind: &str| invoice(json!({ "documents": [{ "name": "1", "kind": kind, "url": "x" }] }));
    let cases = [
        ("CON", "_CON"),
        ("nul", "_nul"),
        ("com1", "_com1"),
        ("COM¹", "_COM¹"),
        ("lpt².x", "_lpt².x"),
        ("Aux .2026", "_Aux .2026"),
        ("COM10", "COM10"),
        ("console", "console"),
        (".htaccess", "htaccess"),
        ("$$$", "$$$"),
    ];
    for (kind, name) in cases {
        assert_eq!(path("{kind}", &named(kind)), format!("Azure invoices/{name}.pdf"));
    }
    for (kind, name) in [
        ("CON", "_CON"),
        ("desktop.ini", "_desktop.ini"),
        ("shortcut.LNK", "shortcut-LNK"),
        ("E1.pdf", "E1-pdf"),
        ("contoso.example", "contoso.example"),
    ] {
        let expected = format!("Azure invoices/{name}/G004567123.pdf");
        assert_eq!(path("{kind}/{invoice}", &named(kind)), expected);
    }
}

#[test]
fn the_longest_free_text_gives_way_first() {
    let mut long = invoice(json!({ "billingProfileDisplayName": "p".repeat(40) }));
    long.invoice.subscription_name = Some("s".repeat(400));
    let name = path("{date} {subscription} {billing-profile} {invoice} {kind}", &long);
    let name = name.strip_prefix("Azure invoices/").unwrap();
    assert_eq!(name.len(), 180);
    assert!(
        name.ends_with(&format!("s {} G004567123 Invoice.pdf", "p".repeat(40))),
        "{name}"
    );

    let folders = path(
        "{subscription}/{subscription}/{subscription}/{date} {subscription} {invoice}",
        &long,
    );
    let parts: Vec<&str> = folders.split('/').collect();
    assert_eq!(
        parts.iter().map(|part| part.len()).collect::<Vec<_>>(),
        [14, 60, 60, 60, 100]
    );
    assert!(folders.ends_with("s G004567123.pdf"), "{folders}");
}

#[test]
fn documents_that_nothing_tells_apart_get_marks() {
    let listed = invoice(json!({}));
    let document = listed.documents().remove(0);
    let mut paths = FilePaths::by(template("same"));
    let mut seen = BTreeSet::new();
    for number in 0..5000 {
        let id = DocumentId::read(&format!("G{number}/1"));
        let path = paths.promise(&id, &NameParts::of(&document, &listed));
        assert!(seen.insert(lower(&path)), "{path}");
    }
    assert!(seen.contains("azure invoices/same.pdf"));
}

/// A pattern that somebody may think of: placeholders, words and slashes in any order.
fn patterns() -> impl Strategy<Value = String> {
    let placeholder = prop::sample::select(Placeholder::ALL)
        .prop_map(|placeholder| format!("{{{}}}", placeholder.as_str()));
    let piece = prop_oneof![
        6 => placeholder,
        2 => Just("/".to_owned()),
        2 => "[^{}]{0,12}",
        1 => prop::sample::select(&["con", "COM¹.", "..", ".", " ", "~", "%", "index ", "é", "\u{202e}"][..])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,200}",
        ".{0,40}",
        "[a-cA-C]{0,2}",
        prop::sample::select(&["CON", "nul.pdf", "E1.pdf", "../..", "x.lnk", ".", "ā", "Ā"][..])
            .prop_map(str::to_owned),
    ]
}

prop_compose! {
    /// An invoice with whatever Azure may call things.
    fn invoices()(
        number in 0u8..6,
        texts in prop::collection::vec(texts(), 6),
        date in prop::option::of(Just("2026-03-09")),
        amount in prop::option::of(-1e9..1e12f64),
    ) -> ListedInvoice {
        let document = |name: &str| json!({ "name": name, "kind": texts[0], "url": "x", "documentNumbers": [texts[1]] });
        let mut properties = json!({
            "invoiceDate": date,
            "subscriptionId": texts[2],
            "billingProfileDisplayName": texts[3],
            "documents": [document("1"), document("2")],
        });
        if let Some(amount) = amount {
            properties["totalAmount"] = json!({ "currency": texts[4], "value": amount });
        }
        let item = json!({ "name": format!("E{number}"), "properties": properties });
        ListedInvoice {
            account: (texts[4].clone(), "4711".into()),
            ..listed(Invoice::read(&item).unwrap(), texts[5].clone())
        }
    }
}

/// As file systems that ignore case see it: letter by letter.
fn lower(path: &str) -> String {
    let lower = |letter: char| {
        let mut lower = letter.to_lowercase();
        lower.next().filter(|_| lower.next().is_none()).unwrap_or(letter)
    };
    path.chars().map(lower).collect()
}

/// Whether Windows, macOS and Linux, and the browsers on them, take a folder's or file's name as it is.
fn is_valid(name: &str) -> bool {
    let stem = name.split('.').next().unwrap().trim_end().to_uppercase();
    let devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
    let digits = "0123456789¹²³";
    let is_port = ["COM", "LPT"].iter().any(|port| {
        stem.strip_prefix(port)
            .is_some_and(|number| number.chars().count() == 1 && digits.contains(number))
    });
    let forbidden = |letter: char| {
        letter.is_control() || "<>:\"/\\|?*".contains(letter) || "\u{202e}\u{200b}\u{feff}".contains(letter)
    };
    !name.is_empty()
        && name.len() <= 180
        && !name.contains(forbidden)
        && !name.starts_with([' ', '.'])
        && !name.ends_with([' ', '.'])
        && !is_port
        && !devices.contains(&&*stem)
}

#[test]
fn names_that_differ_in_the_case_of_any_letter_get_marks() {
    let listed = invoice(json!({}));
    let document = listed.documents().remove(0);
    let parts = NameParts::of(&document, &listed);
    for letter in '\u{80}'..char::MAX {
        let other: String = letter.to_lowercase().collect();
        if other.chars().count() == 1 && !other.starts_with(letter) {
            let mut paths = FilePaths::by(template("{subscription}"));
            let (letter, other) = (letter.to_string(), other.as_str());
            let named = |name| NameParts {
                subscription: name,
                ..parts.clone()
            };
            let one = paths.promise(&DocumentId::read("G1/1"), &named(&letter));
            let two = paths.promise(&DocumentId::read("G2/1"), &named(other));
            assert!(!one.contains('~') && two.contains('~'), "{one} {two}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Whatever the pattern and however Azure calls things: each name is valid on every system, none is another's, none
    /// is another's folder, and a later run with another pattern gives each saved document the path it has.
    #[test]
    fn every_name_is_valid_unlike_and_lasting(
        pattern in patterns(),
        other in patterns(),
        invoices in prop::collection::vec(invoices(), 1..8),
    ) {
        let (Ok(pattern), Ok(other)) = (NameTemplate::read(&pattern), NameTemplate::read(&other)) else {
            return Ok(());
        };
        let mut paths = FilePaths::by(pattern);
        let mut promised: Vec<(DocumentId, String)> = Vec::new();
        let promise_all = |paths: &mut FilePaths, promised: &mut Vec<(DocumentId, String)>| {
            for listed in &invoices {
                for document in listed.documents() {
                    if promised.iter().any(|(id, _)| *id == document.id) {
                        continue;
                    }
                    let parts = NameParts::of(&document, listed);
                    let path = paths.promise(&document.id, &parts);
                    prop_assert_eq!(&paths.promise(&document.id, &parts), &path, "asked twice");
                    promised.push((document.id, path));
                }
            }
            Ok(())
        };
        promise_all(&mut paths, &mut promised)?;
        // Half of them were saved; then the pattern changed.
        promised.truncate(promised.len() / 2);
        let mut later = FilePaths::by(other);
        for (id, path) in &promised {
            later.keep(path, id);
        }
        promise_all(&mut later, &mut promised)?;

        let mut files = BTreeSet::new();
        let mut folders = BTreeSet::new();
        for (_, path) in &promised {
            let mut parts: Vec<&str> = path.split('/').collect();
            prop_assert!(parts.iter().all(|part| is_valid(part)), "{path:?}");
            prop_assert_eq!(parts[0], "Azure invoices");
            prop_assert!(path.ends_with(".pdf") || path.ends_with(".csv"), "{path:?}");
            prop_assert!(files.insert(lower(path)), "{path:?} is there twice");
            while parts.pop().is_some() {
                folders.insert(lower(&parts.join("/")));
            }
        }
        prop_assert!(files.is_disjoint(&folders));
    }

    /// No text brings the reader of patterns down.
    #[test]
    fn any_text_is_a_pattern_or_is_refused(text in "\\PC{0,320}") {
        if let Ok(template) = NameTemplate::read(&text) {
            prop_assert_eq!(NameTemplate::read(template.as_str()), Ok(template.clone()));
        }
    }
}
