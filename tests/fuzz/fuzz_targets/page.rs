//! Input: the body of a page. Claim: every reader takes any item, and every document gets a file name that is safe.
//! Must not know: how the readers read or how the names are made.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use portal_invoices::azure::{
    AgreementType, BillingAccount, BillingProfile, BillingProperty, Invoice, Page, Subscription, Tenant,
};
use portal_invoices::invoices::{
    DocumentId, FilePaths, ListedInvoice, NameParts, NameTemplate, file_path,
};

/// What Windows forbids in a name, which is more than other systems do.
const FORBIDDEN: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
/// Longest file name in bytes.
const LONGEST: usize = 180;

fuzz_target!(|body: &[u8]| {
    let Ok(page) = Page::read(body) else {
        return;
    };
    let mut paths = FilePaths::default();
    let mut owners = BTreeMap::new();
    for item in &page.items {
        let account = BillingAccount::read(item);
        let profile = BillingProfile::read(item);
        let subscription = Subscription::read(item);
        Tenant::read(item);
        let property = BillingProperty::read(item);
        let names = [
            account.map(|account| account.display_name),
            profile.map(|profile| profile.name),
            subscription.map(|subscription| subscription.display_name),
            Some(property.billing_account_display_name),
        ];
        let billed_to = names.into_iter().flatten().find(|name| !name.is_empty());
        for invoice in [Invoice::read(item), Invoice::read_2018(item)]
            .into_iter()
            .flatten()
        {
            let billed_to = billed_to.clone().unwrap_or_default();
            let listed = ListedInvoice {
                invoice,
                billed_to,
                account: Default::default(),
                agreement: AgreementType::read(""),
            };
            for document in listed.documents() {
                let parts = NameParts::of(&document, &listed);
                check_path(&file_path(&NameTemplate::default(), &parts));
                let promised = paths.promise(&document.id, &parts);
                check_path(&promised);
                check_owner(&mut owners, promised, document.id);
            }
        }
    }
});

fn check_path(path: &str) {
    let parts: Vec<&str> = path.split('/').collect();
    let ["Azure invoices", year, name] = parts.as_slice() else {
        panic!("{path:?} is not a file of a year");
    };
    assert!(
        *year == "undated" || year.bytes().all(|byte| byte.is_ascii_digit()),
        "{path:?} has a strange year"
    );
    assert!(name.len() <= LONGEST, "{name:?} has {} bytes", name.len());
    assert!(
        name.ends_with(".pdf") || name.ends_with(".csv"),
        "{name:?} has another ending"
    );
    assert!(
        !name
            .chars()
            .any(|letter| FORBIDDEN.contains(&letter) || letter.is_control()),
        "{name:?} has a forbidden character"
    );
    assert_eq!(
        name.trim_matches([' ', '.']),
        *name,
        "{name:?} begins or ends badly"
    );
}

/// No two documents share a path, not even where letter case makes no difference.
fn check_owner(owners: &mut BTreeMap<String, DocumentId>, path: String, document: DocumentId) {
    let owner = owners
        .entry(path.to_lowercase())
        .or_insert_with(|| document.clone());
    assert_eq!(*owner, document, "two documents share {path:?}");
}
