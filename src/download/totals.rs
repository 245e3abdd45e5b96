//! Sums of the invoices of a run by month and currency.
//! Must not know: documents, files, or what became of them.

use serde::Serialize;
use serde_json::Value;

use crate::azure::json::{items, number, text};
use crate::azure::{Amount, Decimal, Invoice};
use crate::invoices::{CalendarMonth, Corrections, ListedInvoice};

use super::coverage::{dated_first, in_order};

/// The sums of a run: each invoice once, what credit notes give back negative.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// By month, and within it by currency; at last what has no date.
    pub months: Vec<MonthTotal>,
    /// Void invoices that no credit note gives back; they are in no sum.
    pub void: usize,
    /// Invoices of which Azure told no total; they are in no sum.
    pub without_amount: usize,
}

/// The sums of one month in one currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthTotal {
    /// The month of the billing periods' end.
    pub month: Option<CalendarMonth>,
    /// ISO 4217 code; empty where Azure told none.
    pub currency: String,
    /// Invoices and credit notes in the sums.
    pub invoices: usize,
    /// Before tax; `None` unless Azure told it of each of them.
    pub net: Option<Decimal>,
    /// Tax; `None` unless Azure told it of each of them.
    pub tax: Option<Decimal>,
    /// The whole.
    pub total: Decimal,
}

impl Totals {
    /// Adds invoices up. Each must be given once.
    pub(super) fn of<'a>(
        invoices: impl Iterator<Item = &'a ListedInvoice>,
        corrections: &Corrections,
    ) -> Totals {
        let mut totals = Totals::default();
        for listed in invoices {
            let invoice = &listed.invoice;
            // What a credit note gives back was billed before.
            if invoice.status.eq_ignore_ascii_case("void") && !corrections.is_credited(&invoice.name) {
                totals.void += 1;
                continue;
            }
            let Some(total) = &invoice.total else {
                totals.without_amount += 1;
                continue;
            };
            totals.add(listed.booking_month(), invoice, total);
        }
        totals
    }

    fn add(&mut self, month: Option<CalendarMonth>, invoice: &Invoice, total: &Amount) {
        let currency = invoice.currency().unwrap_or_default();
        let line = in_order(
            &mut self.months,
            |line| (dated_first(line.month), &*line.currency).cmp(&(dated_first(month), currency)),
            || MonthTotal {
                month,
                currency: currency.to_owned(),
                invoices: 0,
                net: Some(Decimal::ZERO),
                tax: Some(Decimal::ZERO),
                total: Decimal::ZERO,
            },
        );
        let signed = |amount: &Option<Amount>| amount.as_ref().map(|amount| invoice.signed(amount));
        let sum = |sum: Option<Decimal>, more: Option<Decimal>| Some(sum? + more?);
        line.invoices += 1;
        line.net = sum(line.net, signed(&invoice.net));
        line.tax = sum(line.tax, signed(&invoice.tax));
        line.total = line.total + invoice.signed(total);
    }

    /// Reads sums as they are stored.
    pub(super) fn read(stored: &Value) -> Totals {
        let count = |field| number(stored, field).unwrap_or_default() as usize;
        Totals {
            months: items(stored, "months")
                .iter()
                .filter_map(MonthTotal::read)
                .collect(),
            void: count("void"),
            without_amount: count("without_amount"),
        }
    }
}

impl MonthTotal {
    fn read(stored: &Value) -> Option<MonthTotal> {
        let amount = |field| Decimal::read(stored.get(field)?);
        Some(MonthTotal {
            month: CalendarMonth::read(text(stored, "month")),
            currency: text(stored, "currency").to_owned(),
            invoices: number(stored, "invoices")? as usize,
            net: amount("net"),
            tax: amount("tax"),
            total: amount("total")?,
        })
    }
}
