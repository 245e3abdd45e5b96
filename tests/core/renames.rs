//! Names over several runs: what is saved keeps its name, what is not is named by the run that saves it.
//! Must not know: which names a pattern gives beyond what is needed to tell them apart.

use std::collections::BTreeMap;
use std::rc::Rc;

use portal_invoices::download::{Order, Packing};
use portal_invoices::invoices::NameTemplate;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::double::{Aftermath, Disk, json as answer_json, response};
use crate::runs::{Outcome, Twist, invoice, live_ordered, order, unpacked, untwisted};

const AFTERMATHS: [Aftermath; 4] = [
    Aftermath::Finishes,
    Aftermath::GoesOn,
    Aftermath::BreaksOff,
    Aftermath::Forgets,
];

fn named_by(pattern: &str) -> Order {
    Order {
        template: NameTemplate::read(pattern).unwrap(),
        ..order()
    }
}

fn run(disk: &Rc<Disk>, listed: Vec<Value>, twist: Twist, pattern: &str) -> Outcome {
    live_ordered(disk, listed, twist, Vec::new(), named_by(pattern))
}

fn over(number: usize, amount: f64) -> Value {
    let mut listed = invoice(number);
    listed["properties"]["totalAmount"] = json!({ "currency": "EUR", "value": amount });
    listed
}

/// The one subscription has another name by now.
fn renamed() -> Twist {
    Rc::new(|sent| {
        let is_list = sent.url.contains("management.azure.com/subscriptions?");
        let id = "11111111-2222-3333-4444-555555555555";
        let renamed = json!({ "value": [{ "subscriptionId": id, "displayName": "Fabrikam" }] });
        is_list.then(|| answer_json(renamed))
    })
}

#[test]
fn neither_a_renamed_subscription_nor_another_pattern_or_amount_saves_anything_again() {
    let disk = Rc::new(Disk::default());
    let pattern = "{subscription}/{invoice} {amount}";
    run(&disk, vec![over(1, 10.0), over(2, 20.0)], untwisted(), pattern);
    let first = disk.files();
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        [
            "Azure invoices/Contoso/E0001 10.00.pdf",
            "Azure invoices/Contoso/E0002 20.00.pdf"
        ]
    );

    let second = run(&disk, vec![over(1, 11.0), over(2, 20.0)], renamed(), pattern);
    assert_eq!(second.report.unwrap().saved_before, 2);
    let third = run(&disk, vec![over(1, 11.0), over(2, 21.0)], renamed(), "{kind}");
    assert_eq!(third.report.unwrap().saved_before, 2);
    assert_eq!(disk.files(), first);

    run(
        &disk,
        vec![over(1, 11.0), over(2, 21.0), over(3, 30.0)],
        renamed(),
        "{subscription} {amount}",
    );
    let files: Vec<String> = disk.files().into_keys().collect();
    assert_eq!(files.len(), 3);
    assert_eq!(files.last().unwrap(), "Azure invoices/Fabrikam 30.00.pdf");
}

#[test]
fn what_failed_or_was_interrupted_is_named_by_the_run_that_saves_it() {
    let disk = Rc::new(Disk::default());
    let fails: Twist = Rc::new(|sent| {
        let is_second = sent.url.contains("/E0002/download?");
        is_second.then(|| Ok(response(404, "{}")))
    });
    let listed = || vec![invoice(1), invoice(2), invoice(3)];
    run(&disk, listed(), fails, "same");
    assert_eq!(disk.files().len(), 2);
    run(&disk, listed(), untwisted(), "same");
    let files = disk.files();
    assert_eq!(files.len(), 3);
    let content = |number: usize| format!("%PDF-1.7\nE{number:04}\n%%EOF\n").into_bytes();
    for number in 1..=3 {
        assert_eq!(
            files.values().filter(|bytes| **bytes == content(number)).count(),
            1
        );
    }

    for aftermath in AFTERMATHS {
        for acts in 0.. {
            let disk = Rc::new(Disk::default());
            disk.acts_left.set(Some(acts));
            if run(&disk, listed(), untwisted(), "before {invoice}")
                .ended
                .is_some()
            {
                break;
            }
            disk.revive(aftermath);
            // It is not taken up again.
            disk.records
                .borrow_mut()
                .retain(|key, _| !key.starts_with("run/"));
            run(&disk, listed(), untwisted(), "after {invoice}");
            let files = disk.files();
            assert_eq!(
                files.len(),
                3,
                "{aftermath:?} after {acts} acts: {:?}",
                files.keys()
            );
            for number in 1..=3 {
                let named: Vec<_> = files
                    .iter()
                    .filter(|(_, bytes)| **bytes == content(number))
                    .collect();
                assert_eq!(named.len(), 1, "{aftermath:?} after {acts} acts");
                assert!(
                    named[0].0.ends_with(&format!(" E{number:04}.pdf")),
                    "{}",
                    named[0].0
                );
            }
            assert_eq!(disk.partial_files(), Vec::<String>::new());
        }
    }
}

/// Where the journal says that each invoice's document lies.
fn places(disk: &Disk) -> BTreeMap<String, String> {
    let records = disk.records.borrow();
    let documents = records.values().filter_map(|record| {
        let stored: Value = serde_json::from_str(record).unwrap();
        let id = stored["id"].as_str()?.strip_suffix("/1")?.to_owned();
        let planned = stored["record"]["saved"]["file"]["planned"].as_str()?;
        Some((id, planned.strip_prefix("Azure invoices/")?.to_owned()))
    });
    documents.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Of documents that nothing tells apart, the journal knows which is which in the archive, killed when it may be and
    /// listed in whatever order.
    #[test]
    fn an_archive_holds_each_document_where_the_journal_says(
        kills in prop::collection::vec((1usize..60, any::<bool>(), prop::sample::select(&AFTERMATHS[..])), 0..5),
        count in 2usize..6,
    ) {
        let disk = Rc::new(Disk::default());
        let listed = |backwards: bool| {
            let mut listed: Vec<Value> = (0..count).map(invoice).collect();
            if backwards {
                listed.reverse();
            }
            listed
        };
        let order = || Order { packing: Packing::Zip, ..named_by("same") };
        for (acts, backwards, aftermath) in kills {
            disk.acts_left.set(Some(acts));
            live_ordered(&disk, listed(backwards), untwisted(), Vec::new(), order());
            disk.revive(aftermath);
        }
        live_ordered(&disk, listed(false), untwisted(), Vec::new(), order());
        let files = unpacked(&disk);
        let places = places(&disk);
        prop_assert_eq!(places.len(), count);
        for (id, place) in places {
            let bytes = files.get(&place).or(files.get(&format!("Azure invoices/{place}")));
            prop_assert_eq!(bytes, Some(&format!("%PDF-1.7\n{id}\n%%EOF\n").into_bytes()), "{}", place);
        }
    }
}
