//! What a faithful run over the signed-in person's invoices ends with.
//! It must not know how documents are asked for.

use sha2::{Digest, Sha256};
use time::Date;

use crate::documents;
use crate::scenario::{DocumentUrl, Location, NextLink, Served, Storage, Visibility};
use crate::state::{ExpectedDocument, State, WithheldDocument};
use crate::world::{DocumentKey, Found};

impl State {
    /// The documents that can be had, of invoices dated `from` to `to`, both included.
    pub(crate) fn expected_documents(&self, from: Date, to: Date) -> Vec<ExpectedDocument> {
        self.in_range(from, to)
            .filter(|(key, found)| self.withheld_because(*key, found).is_none())
            .map(|(_, found)| {
                let bytes = documents::pdf(found);
                ExpectedDocument {
                    subscription_id: found.subscription.id.clone(),
                    subscription_name: found.subscription.name.clone(),
                    invoice: found.invoice.name.clone(),
                    kind: found.document.kind.clone(),
                    invoice_date: found.invoice.date(),
                    document: found.document.name.clone(),
                    sha256: hex(&Sha256::digest(&bytes)),
                    bytes,
                }
            })
            .collect()
    }

    /// The others, each with what keeps it back.
    pub(crate) fn withheld_documents(&self, from: Date, to: Date) -> Vec<WithheldDocument> {
        self.in_range(from, to)
            .filter_map(|(key, found)| {
                Some(WithheldDocument {
                    subscription_name: found.subscription.name.clone(),
                    invoice: found.invoice.name.clone(),
                    invoice_date: found.invoice.date(),
                    document: found.document.name.clone(),
                    because: self.withheld_because(key, &found)?,
                })
            })
            .collect()
    }

    fn in_range(&self, from: Date, to: Date) -> impl Iterator<Item = (DocumentKey, Found<'_>)> {
        self.world
            .documents(self.signed_in)
            .into_iter()
            .filter_map(|key| Some((key, self.world.find(key)?)))
            .filter(move |(_, found)| (from..=to).contains(&found.invoice.date()))
    }

    fn withheld_because(&self, key: DocumentKey, found: &Found<'_>) -> Option<String> {
        let Found {
            subscription,
            document,
            ..
        } = found;
        if subscription.visibility != Visibility::Listed {
            return Some(format!("visibility {:?}", subscription.visibility));
        }
        if subscription.next_link == NextLink::ForeignHost && key.invoice >= self.page_size() {
            return Some(format!("next_link {:?}", subscription.next_link));
        }
        if document.url != DocumentUrl::Good {
            return Some(format!("url {:?}", document.url));
        }
        if document.location != Location::Good {
            return Some(format!("location {:?}", document.location));
        }
        if document.storage != Storage::Invoices {
            return Some(format!("storage {:?}", document.storage));
        }
        (document.served != Served::Pdf).then(|| format!("served {:?}", document.served))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::scenario::Scenario;
    use crate::settings::Settings;

    fn state(name: &str) -> State {
        let settings = Settings {
            today: Some(date!(2026 - 11 - 23)),
            ..Settings::fast()
        };
        State::new(settings, &Scenario::named(name).unwrap())
    }

    #[test]
    fn the_range_is_of_invoice_dates_and_includes_both_ends() {
        let state = state("pay-as-you-go");
        let all = state.expected_documents(date!(2020 - 01 - 01), date!(2026 - 11 - 23));
        assert_eq!(all.len(), 45);
        let one_day = state.expected_documents(date!(2026 - 11 - 09), date!(2026 - 11 - 09));
        assert_eq!(one_day.len(), 1);
        assert_eq!(one_day[0].subscription_name, "Contoso Production");
        assert_eq!(one_day[0].sha256.len(), 64);
        assert!(
            state
                .withheld_documents(date!(2020 - 01 - 01), date!(2026 - 11 - 23))
                .is_empty()
        );
    }

    #[test]
    fn documents_that_cannot_be_had_are_told_apart_with_the_reason() {
        let state = state("hostile");
        let (from, to) = (date!(2020 - 01 - 01), date!(2026 - 11 - 23));
        let reasons: Vec<String> = state
            .withheld_documents(from, to)
            .into_iter()
            .map(|document| document.because)
            .collect();
        assert_eq!(
            reasons,
            [
                "served Html",
                "served Truncated",
                "served Short",
                "url ForeignHost",
                "url OtherAction",
                "url Http",
                "location ForeignHost",
                "storage Foreign",
                "storage Other",
                "next_link ForeignHost",
                "next_link ForeignHost",
            ]
        );
        assert_eq!(state.expected_documents(from, to).len(), 2 + 1 + 3 + 5);
    }
}
