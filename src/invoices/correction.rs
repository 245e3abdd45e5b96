//! Invoices that correct each other: an original, its credit notes, what replaced it.
//! Must not know: files, or the words that describe a correction.

use serde::{Serialize, Serializer};
use serde_json::Value;
use time::Date;

use crate::azure::json::{given, text};
use crate::azure::{DocumentKind, parse_date};

use super::document::ListedInvoice;

/// One invoice or credit note of a correction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Corrected {
    /// Its number.
    pub invoice: String,
    /// Its date; `None` when it lies outside of what was asked, or has none.
    #[serde(serialize_with = "iso_date")]
    pub date: Option<Date>,
    /// Whether it gives money back.
    pub is_credit_note: bool,
}

impl Corrected {
    /// Reads one as it is stored.
    pub fn read(stored: &Value) -> Option<Corrected> {
        Some(Corrected {
            invoice: given(stored, "invoice")?,
            date: parse_date(text(stored, "date")),
            is_credit_note: stored.get("is_credit_note")?.as_bool()?,
        })
    }
}

fn iso_date<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&date.map_or_else(String::new, |date| date.to_string()))
}

/// What invoices say of each other, gathered as they are listed.
#[derive(Debug, Default)]
pub struct Corrections {
    /// Every invoice; one that two scopes have stands twice.
    listed: Vec<Corrected>,
    /// Pairs of numbers. Which of them came first differs between interfaces and is told by the dates.
    pairs: Vec<(String, String)>,
}

impl Corrections {
    /// Takes note of an invoice.
    pub fn add(&mut self, listed: &ListedInvoice) {
        let invoice = &listed.invoice;
        self.listed.push(Corrected {
            invoice: invoice.name.clone(),
            date: listed.date(),
            is_credit_note: invoice.kind == DocumentKind::CreditNote,
        });
        let pair = |other: &String| (invoice.name.clone(), other.clone());
        self.pairs.extend(invoice.corrections.iter().map(pair));
    }

    /// Numbers of the invoices that an invoice corrects or is corrected by, whichever of them says so.
    pub fn of<'a>(&'a self, invoice: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter_map(move |(one, other)| match () {
            () if one == invoice => Some(other.as_str()),
            () if other == invoice => Some(one.as_str()),
            () => None,
        })
    }

    /// Whether a credit note of those listed is linked to an invoice: together they come to nothing.
    pub fn is_credited(&self, invoice: &str) -> bool {
        let is_credit_note = |name: &str| {
            let mut listed = self.listed.iter();
            listed.any(|other| other.is_credit_note && other.invoice == name)
        };
        self.of(invoice).any(is_credit_note)
    }

    /// The invoices that belong together, each group in the order of dates, those of unknown date last.
    pub fn groups(&self) -> Vec<Vec<Corrected>> {
        let mut groups: Vec<Vec<&String>> = Vec::new();
        for (one, other) in &self.pairs {
            let mut merged = vec![one, other];
            groups.retain(|group| {
                let is_apart = !group.contains(&one) && !group.contains(&other);
                if !is_apart {
                    merged.extend(group);
                }
                is_apart
            });
            groups.push(merged);
        }
        groups.iter().map(|names| self.in_order(names)).collect()
    }

    /// Each of these invoices once.
    fn in_order(&self, names: &[&String]) -> Vec<Corrected> {
        let mut group: Vec<Corrected> = Vec::new();
        for name in names {
            if group.iter().any(|known| known.invoice == **name) {
                continue;
            }
            let listed = self.listed.iter().find(|listed| listed.invoice == **name);
            let corrected = listed.cloned().unwrap_or_else(|| Corrected {
                invoice: name.to_string(),
                date: None,
                is_credit_note: false,
            });
            let rank = |corrected: &Corrected| (corrected.date.is_none(), corrected.date);
            let place = group.partition_point(|other| rank(other) <= rank(&corrected));
            group.insert(place, corrected);
        }
        group
    }
}
