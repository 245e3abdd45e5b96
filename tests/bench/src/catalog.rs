//! What is listed: one person's pay-as-you-go subscriptions with one document a month.
//! Must not know: how it is served or asked for.

use anyhow::Result;
use portal_invoices::invoices::{Period, PeriodChoice};
use serde_json::{Value, json};
use simulator::Scenario;
use time::macros::date;
use time::{Date, OffsetDateTime};

/// The day on which invoices are listed.
pub(crate) const TODAY: Date = date!(2026 - 11 - 23);
/// Numbers of documents whose listing is measured.
pub(crate) const SIZES: [usize; 3] = [12, 240, 1000];
/// Documents of a full subscription, all within [`period`].
const A_YEAR: usize = 12;

/// The machine's day, which a browser cannot be told otherwise.
pub(crate) fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

/// The days that are asked for on this day.
pub(crate) fn period(today: Date) -> Period {
    let days = PeriodChoice::Last12Months.days(today);
    days.unwrap_or(Period {
        from: today,
        to: today,
    })
}

/// So many documents over as few subscriptions as possible, none with more than a year of them.
///
/// # Errors
/// When the simulator does not take the scenario.
pub(crate) fn of(documents: usize) -> Result<Scenario> {
    of_size(documents, 0)
}

/// The same, with so many bytes more in each document.
///
/// # Errors
/// When the simulator does not take the scenario.
pub(crate) fn of_size(documents: usize, padding: usize) -> Result<Scenario> {
    let months = std::iter::repeat_n(A_YEAR, documents / A_YEAR)
        .chain(Some(documents % A_YEAR).filter(|rest| *rest > 0));
    let subscriptions: Vec<Value> = months
        .enumerate()
        .map(|(at, months)| {
            json!({
                "name": format!("Contoso {:03}", at + 1),
                "monthly": {"months": months, "amount": 120.0}
            })
        })
        .collect();
    let scenario = json!({
        "name": format!("{documents}-documents"),
        "summary": "A catalog to be measured.",
        "padding": padding,
        "accounts": [{
            "name": "Ilze Kalniņa",
            "email": "ilze.kalnina@contoso.example",
            "directory": "Contoso SIA",
            "domain": "contoso.example",
            "subscriptions": subscriptions
        }]
    });
    Ok(Scenario::from_json(&scenario.to_string())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_as_many_as_asked_for() {
        for size in SIZES {
            let scenario = of(size).unwrap();
            let months = scenario.accounts[0]
                .subscriptions
                .iter()
                .map(|each| each.monthly.as_ref().unwrap().months as usize);
            assert_eq!(months.sum::<usize>(), size);
        }
    }

    #[test]
    fn a_thousand_documents_are_84_subscriptions() {
        let scenario = of(1000).unwrap();
        let subscriptions = &scenario.accounts[0].subscriptions;
        assert_eq!(subscriptions.len(), 84);
        assert_eq!(subscriptions[83].monthly.as_ref().unwrap().months, 4);
    }
}
