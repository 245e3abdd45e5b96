//! How the invoices of a row are linked: which one credits, replaces or is replaced by which.
//! It must not know dates or amounts.

use std::collections::HashMap;

use crate::scenario::InvoiceData;

/// The labels of a row of invoices, followed from one invoice to another.
pub(super) struct Links {
    names: HashMap<String, String>,
    credit_notes: HashMap<String, String>,
    replacements: HashMap<String, String>,
    replaced: HashMap<String, String>,
}

impl Links {
    pub(super) fn new<'a>(invoices: impl Iterator<Item = &'a InvoiceData>) -> Self {
        let mut links = Self {
            names: HashMap::new(),
            credit_notes: HashMap::new(),
            replacements: HashMap::new(),
            replaced: HashMap::new(),
        };
        for invoice in invoices {
            let name = invoice.name.clone().unwrap_or_default();
            if let Some(label) = &invoice.label {
                links.names.insert(label.clone(), name.clone());
            }
            if let Some(label) = &invoice.credits {
                links.credit_notes.insert(label.clone(), name.clone());
            }
            if let Some(label) = &invoice.rebills {
                links.replacements.insert(label.clone(), name);
                if let Some(own) = &invoice.label {
                    links.replaced.insert(own.clone(), label.clone());
                }
            }
        }
        links
    }

    pub(super) fn credited(&self, invoice: &InvoiceData) -> Option<String> {
        self.names.get(invoice.credits.as_ref()?).cloned()
    }

    pub(super) fn replacing(&self, invoice: &InvoiceData) -> Option<String> {
        self.replacements.get(invoice.label.as_ref()?).cloned()
    }

    /// What an invoice replaces, what that one replaces, and so on, each with its credit note.
    pub(super) fn replaced(&self, invoice: &InvoiceData) -> Vec<(String, Option<String>)> {
        let mut chain = Vec::new();
        let mut label = invoice.rebills.as_ref();
        while let Some(name) = label.and_then(|label| self.names.get(label)) {
            // A circle of labels is a mistake of the scenario, and no reason to hang.
            if chain.len() == self.names.len() {
                break;
            }
            let credit_note = label.and_then(|label| self.credit_notes.get(label));
            chain.push((name.clone(), credit_note.cloned()));
            label = label.and_then(|label| self.replaced.get(label));
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(text: &str) -> InvoiceData {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_chain_is_followed_to_its_first_invoice() {
        let invoices = [
            invoice(r#"{"months_ago": 0, "name": "G1", "label": "first"}"#),
            invoice(r#"{"months_ago": 0, "name": "G2", "credits": "first"}"#),
            invoice(r#"{"months_ago": 0, "name": "G3", "label": "second", "rebills": "first"}"#),
            invoice(r#"{"months_ago": 0, "name": "G4", "rebills": "second"}"#),
        ];
        let links = Links::new(invoices.iter());
        let [first, note, second, third] = &invoices;
        assert_eq!(
            links.replaced(third),
            [("G3".to_owned(), None), ("G1".to_owned(), Some("G2".to_owned()))]
        );
        assert_eq!(links.replacing(first).as_deref(), Some("G3"));
        assert_eq!(links.replacing(second).as_deref(), Some("G4"));
        assert_eq!(links.credited(note).as_deref(), Some("G1"));
        assert_eq!(links.replaced(first), []);
    }

    #[test]
    fn a_circle_ends() {
        let invoices = [
            invoice(r#"{"months_ago": 0, "name": "G1", "label": "a", "rebills": "b"}"#),
            invoice(r#"{"months_ago": 0, "name": "G2", "label": "b", "rebills": "a"}"#),
        ];
        let links = Links::new(invoices.iter());
        assert_eq!(links.replaced(&invoices[0]).len(), 2);
    }
}
