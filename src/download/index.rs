//! The index of a run: one row for each document, a contract that people's spreadsheets and scripts rely on
//! (`docs/INDEX.md`).
//! Must not know: how documents were had, or where the index is saved.

use crate::azure::{Amount, Identity};
use crate::invoices::{Corrections, ListedInvoice, WantedDocument};

use super::job::{DocumentState, Proof};
use super::outcome::Outcome;
use super::table::{Cell, Region, Table};

/// The columns, in their order. Names are never changed and never translated; new ones come last.
pub const COLUMNS: [&str; 30] = [
    "Kind",
    "Invoice number",
    "Document number",
    "Invoice date",
    "Period start",
    "Period end",
    "Month",
    "Status",
    "Due date",
    "Payment date",
    "Invoice type",
    "Billing account",
    "Billing account id",
    "Billing profile",
    "Subscription",
    "Subscription id",
    "Directory id",
    "PO number",
    "Currency",
    "Net",
    "Tax",
    "Total",
    "Amount due",
    "Linked invoices",
    "File",
    "Bytes",
    "SHA-256",
    "Outcome",
    "Reason code",
    "Reason",
];

/// A document with all that its row needs.
pub(super) struct Row<'a> {
    /// The document.
    pub(super) document: &'a WantedDocument,
    /// Its invoice.
    pub(super) listed: &'a ListedInvoice,
    /// How it ended.
    pub(super) state: &'a DocumentState,
}

/// The whole index.
pub(super) fn index<'a>(
    rows: impl Iterator<Item = Row<'a>>,
    corrections: &Corrections,
    identity: &Identity,
    region: Region,
) -> Vec<u8> {
    let mut table = Table::new(region, &COLUMNS);
    for row in rows {
        write(&mut table, &row, corrections, identity);
    }
    table.take()
}

fn write(table: &mut Table<30>, row: &Row<'_>, corrections: &Corrections, identity: &Identity) {
    let (document, invoice) = (row.document, &row.listed.invoice);
    let month = row.listed.booking_month().map(|month| month.to_string());
    let mut linked: Vec<&str> = Vec::new();
    for other in corrections.of(&invoice.name) {
        if !linked.contains(&other) {
            linked.push(other);
        }
    }
    let linked = linked.join(" ");
    let ending = Ending::of(row.state);
    let (account, account_id) = &row.listed.account;
    let signed = |amount: &Option<Amount>| match amount {
        Some(amount) => Cell::Amount(invoice.signed(amount)),
        None => Cell::Empty,
    };
    let day = |date: Option<time::Date>| date.map_or(Cell::Empty, Cell::Date);
    table.row(&[
        text_cell(document.kind.as_str()),
        text_cell(&document.invoice),
        text_or_empty(document.number.as_deref()),
        day(document.date),
        day(invoice.period_start),
        day(invoice.period_end),
        text_or_empty(month.as_deref()),
        text_cell(&invoice.status),
        day(invoice.due_date),
        day(invoice.paid_on),
        text_cell(&invoice.invoice_type),
        text_cell(account),
        text_cell(account_id),
        text_or_empty(invoice.billing_profile_name.as_deref()),
        text_or_empty(row.listed.subscription()),
        text_or_empty(invoice.subscription_id.as_deref()),
        text_cell(&identity.tenant_id),
        text_cell(&invoice.purchase_order),
        text_or_empty(invoice.currency()),
        signed(&invoice.net),
        signed(&invoice.tax),
        signed(&invoice.total),
        signed(&invoice.amount_due),
        text_cell(&linked),
        text_cell(&ending.path),
        ending.bytes.map_or(Cell::Empty, Cell::Whole),
        text_or_empty(ending.sha256),
        text_cell(ending.outcome.as_str()),
        text_cell(ending.code),
        text_cell(ending.reason),
    ]);
}

fn text_or_empty(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Empty, text_cell)
}

fn text_cell(text: &str) -> Cell<'_> {
    match text {
        "" => Cell::Empty,
        text => Cell::Text(text),
    }
}

/// A path without the folder that holds everything: so it stands in an archive.
pub(super) fn inside(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, inside)| inside)
}

/// What the last columns tell of a document.
struct Ending<'a> {
    outcome: Outcome,
    code: &'static str,
    reason: &'a str,
    path: String,
    bytes: Option<u64>,
    sha256: Option<&'a str>,
}

impl Ending<'_> {
    fn of(state: &DocumentState) -> Ending<'_> {
        let plain = Ending {
            outcome: state.outcome(),
            code: "",
            reason: "",
            path: String::new(),
            bytes: None,
            sha256: None,
        };
        match state {
            DocumentState::Saved(file)
            | DocumentState::SavedBefore(file)
            | DocumentState::NoLongerThere(file) => {
                let (sha256, host) = match &file.proof {
                    Proof::NotVerified(host) => (None, host.as_str()),
                    Proof::Sha256(sha256) => (Some(sha256.as_str()), ""),
                };
                Ending {
                    path: match &file.archive {
                        Some(_) => format!("{}/{}", file.place(), inside(&file.planned)),
                        None => file.place(),
                    },
                    bytes: Some(file.bytes),
                    sha256,
                    reason: host,
                    ..plain
                }
            }
            DocumentState::Elsewhere(host) => Ending {
                reason: host,
                ..plain
            },
            DocumentState::Failed(failure) => Ending {
                code: failure.code.as_str(),
                reason: &failure.detail,
                ..plain
            },
            DocumentState::NotOffered
            | DocumentState::Waiting
            | DocumentState::NothingUsed
            | DocumentState::Requested
            | DocumentState::Ready(_)
            | DocumentState::HandingOver
            | DocumentState::Linking
            | DocumentState::Cancelled => plain,
        }
    }
}
