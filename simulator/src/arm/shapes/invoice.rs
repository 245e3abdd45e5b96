//! An invoice as JSON: the fields that its agreement has, in the version that was asked for.
//! It must not know which invoices a list holds.

use serde_json::{Map, Value, json};
use time::macros::format_description;
use time::{OffsetDateTime, Time, UtcOffset};

use super::{encoded_segment, path};
use crate::arm::Version;
use crate::hosts;
use crate::poison::Poison;
use crate::scenario::{Agreement, DateShape, External};
use crate::world::{Billed, Document, Money, Scope};

/// An invoice as the list of `scope` tells it.
pub(crate) fn invoice(billed: Billed<'_>, scope: Scope, version: Version) -> Value {
    let mut properties = match billed.agreement {
        Agreement::EnterpriseAgreement => of_enrolment(billed),
        _ => of_modern_billing(billed, version),
    };
    if !billed.invoice.documents.is_empty() && !billed.person.is_denied_documents(billed.to) {
        let list = billed.invoice.documents.iter();
        let list: Value = list.map(|each| document(billed, each, scope, version)).collect();
        properties.insert("documents".to_owned(), list);
    }
    for (name, value) in &billed.invoice.properties {
        if value.is_null() {
            properties.remove(name);
        } else {
            properties.insert(name.clone(), value.clone());
        }
    }
    let kind = match scope {
        Scope::Subscription(_) => "Microsoft.Billing/billingAccounts/billingSubscriptions/invoices",
        _ => "Microsoft.Billing/billingAccounts/invoices",
    };
    json!({
        "id": invoice_path(billed, scope, &billed.invoice.name),
        "name": billed.invoice.name,
        "properties": properties,
        "type": kind
    })
}

fn of_modern_billing(billed: Billed<'_>, version: Version) -> Map<String, Value> {
    let Billed { person, invoice, .. } = billed;
    let money = |amount: Money| money(billed, amount);
    let when = |moment: OffsetDateTime| Value::from(date_text(moment, invoice.dates));
    let payment = json!({
        "amount": money(invoice.total),
        "date": when(invoice.issued + time::Duration::days(1)),
        "paymentMethodFamily": "CreditCard",
        "paymentMethodType": "visa",
        "paymentType": "Charged"
    });
    let mut properties = dated(billed);
    let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    add("amountDue", money(amount_due(billed)));
    add("billedAmount", money(invoice.total));
    if let Some(credited) = &invoice.credits {
        add("creditForDocumentId", linked_id(billed, credited).into());
    }
    if let Some(replacement) = &invoice.rebilled_as {
        add("billedDocumentId", linked_id(billed, replacement).into());
    }
    if !invoice.rebills.is_empty() {
        add("rebillDetails", rebill_details(billed));
    }
    add("documentType", invoice.kind.as_str().into());
    add("invoiceType", invoice.invoice_type.as_str().into());
    add("isMonthlyInvoice", (!invoice.is_one_off).into());
    let payments = if invoice.status == "Paid" {
        json!([payment])
    } else {
        json!([])
    };
    add("payments", payments);
    add("purchaseOrderNumber", "".into());
    match billed.to {
        Scope::Profile(..) => {
            add("billingProfileDisplayName", billed.name.into());
            add("billingProfileId", path(person, billed.to).into());
            add("azurePrepaymentApplied", money(Money(0)));
            add("creditAmount", money(Money(invoice.total.0.min(0))));
            add("freeAzureCreditApplied", money(Money(0)));
        }
        Scope::Subscription(_) => {
            add("subscriptionId", billed.id.into());
            if version == Version::V2024 {
                add("subscriptionDisplayName", billed.name.into());
            }
        }
        // A support plan is billed to nobody but the account.
        Scope::Account(_) => {}
    }
    if version == Version::V2024 || matches!(billed.to, Scope::Profile(..)) {
        add("subTotal", money(Money(invoice.total.0 - invoice.tax.0)));
        add("taxAmount", money(invoice.tax));
        add("totalAmount", money(invoice.total));
    }
    properties
}

fn of_enrolment(billed: Billed<'_>) -> Map<String, Value> {
    let invoice = billed.invoice;
    let mut properties = dated(billed);
    let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    add("amountDue", money(billed, amount_due(billed)));
    add("billedAmount", money(billed, invoice.total));
    let payments = if invoice.status == "Paid" {
        json!([{
            "amount": money(billed, invoice.total),
            "date": date_text(invoice.issued + time::Duration::days(20), invoice.dates),
            "paymentMethodFamily": "Other"
        }])
    } else {
        json!([])
    };
    add("payments", payments);
    add("purchaseOrderNumber", "PO 2026/07".into());
    add("totalAmount", money(billed, invoice.total));
    properties
}

/// What all agreements have.
fn dated(billed: Billed<'_>) -> Map<String, Value> {
    let invoice = billed.invoice;
    let last_tick = Time::MIDNIGHT - time::Duration::nanoseconds(100);
    let (start, end) = if invoice.is_one_off {
        (invoice.issued, invoice.issued)
    } else {
        (
            invoice.period_start.midnight().assume_utc(),
            invoice.period_end.with_time(last_tick).assume_utc(),
        )
    };
    let dates = [
        ("dueDate", invoice.due),
        ("invoiceDate", invoice.issued),
        ("invoicePeriodEndDate", end),
        ("invoicePeriodStartDate", start),
    ];
    let mut properties: Map<String, Value> = dates
        .into_iter()
        .map(|(name, moment)| (name.to_owned(), date_text(moment, invoice.dates).into()))
        .collect();
    properties.insert("status".to_owned(), invoice.status.as_str().into());
    properties
}

fn money(billed: Billed<'_>, amount: Money) -> Value {
    json!({"currency": billed.currency, "value": amount.value()})
}

fn amount_due(billed: Billed<'_>) -> Money {
    match billed.invoice.status.as_str() {
        "Paid" | "Void" => Money(0),
        _ => billed.invoice.total,
    }
}

/// What an invoice replaces, from the latest to the first, each inside the one before.
fn rebill_details(billed: Billed<'_>) -> Value {
    let id = |name: &str| invoice_path(billed, billed.to, name);
    let replaced = billed.invoice.rebills.iter().rev();
    replaced.fold(Value::Null, |earlier, (invoice, credit_note)| {
        json!({
            "creditNoteDocumentId": credit_note.as_deref().map(id),
            "invoiceDocumentId": id(invoice),
            "rebillDetails": earlier
        })
    })
}

/// The links of credit notes and void invoices have no slash at the front, those of rebills have one: so it is
/// documented.
fn linked_id(billed: Billed<'_>, name: &str) -> String {
    let id = invoice_path(billed, billed.to, name);
    id.trim_start_matches('/').to_owned()
}

/// Invoices of a profile are addressed by their account.
fn invoice_path(billed: Billed<'_>, scope: Scope, name: &str) -> String {
    let owner = match scope {
        Scope::Profile(account, _) => Scope::Account(account),
        other => other,
    };
    format!(
        "{}/invoices/{}",
        path(billed.person, owner),
        encoded_segment(name)
    )
}

fn document(billed: Billed<'_>, document: &Document, scope: Scope, version: Version) -> Value {
    let is_enrolment = billed.agreement == Agreement::EnterpriseAgreement;
    let source = match (document.external, is_enrolment) {
        (Some(_), _) => "ENF",
        (None, true) => "Other",
        (None, false) => "DRS",
    };
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if version == Version::V2024 {
        let numbers = std::iter::once(&document.name).chain(&document.further_numbers);
        add("documentNumbers", numbers.map(String::as_str).collect());
    }
    add("kind", document.kind.as_str().into());
    if version == Version::V2024 && !is_enrolment {
        add("name", document.name.as_str().into());
    }
    add("source", source.into());
    match external_url(billed, document) {
        Some(url) => add("externalUrl", url.into()),
        None => add("url", download_url(billed, document, scope, version).into()),
    };
    fields.into()
}

fn download_url(billed: Billed<'_>, document: &Document, scope: Scope, version: Version) -> String {
    // The account's list leads to the subscription, where its documents are had.
    let owner = match billed.to {
        Scope::Subscription(_) => billed.to,
        _ => scope,
    };
    let path = invoice_path(billed, owner, &billed.invoice.name);
    let name = encoded_segment(&document.name);
    let version_text = version.text();
    let target = if billed.agreement == Agreement::EnterpriseAgreement {
        let action = match document.kind.as_str() {
            "Summary" => "downloadSummary",
            "Transactions" => "transactionsDownload",
            _ => "download",
        };
        format!("{action}?api-version={version_text}")
    } else if version == Version::V2020 {
        format!("download?downloadToken=DRS_{name}&api-version={version_text}")
    } else {
        format!("download?documentName={name}&api-version={version_text}")
    };
    let url = format!("https://{}{path}/{target}", hosts::ARM);
    spoiled(url, document.url)
}

/// Where a document lies that is not with Azure.
pub(crate) fn external_url(billed: Billed<'_>, document: &Document) -> Option<String> {
    let poison = match document.external? {
        External::Municipality => None,
        External::Poisoned(poison) => Some(poison),
    };
    let url = format!(
        "https://{}/nota/{}?codigo={}",
        hosts::MUNICIPALITY,
        encoded_segment(&billed.invoice.name),
        encoded_segment(&document.name)
    );
    Some(spoiled(url, poison))
}

fn spoiled(url: String, poison: Option<Poison>) -> String {
    match poison {
        Some(poison) => poison.spoil(&url),
        None => url,
    }
}

fn date_text(moment: OffsetDateTime, shape: DateShape) -> String {
    let text = match shape {
        DateShape::Full => moment.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z"
        )),
        DateShape::NoZone => moment.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]"
        )),
        DateShape::Seconds => moment.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        )),
        DateShape::Offset => {
            let offset = UtcOffset::from_hms(2, 0, 0).unwrap_or(UtcOffset::UTC);
            moment.to_offset(offset).format(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]+02:00"
            ))
        }
    };
    text.unwrap_or_default()
}
