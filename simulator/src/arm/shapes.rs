//! Resource Manager's answers as JSON, field by field as they were recorded and documented.
//! It must not know who may see them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use time::macros::format_description;
use time::{OffsetDateTime, Time, UtcOffset};

use super::Version;
use crate::hosts;
use crate::scenario::{DateShape, DocumentUrl};
use crate::world::{Account, Document, Invoice, Money, Subscription};

/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn subscriptions(account: &Account) -> Value {
    let value: Vec<Value> = account
        .subscriptions
        .iter()
        .map(|each| subscription(account, each))
        .collect();
    json!({"value": value, "count": {"type": "Total", "value": value.len()}})
}

pub(super) fn subscription(account: &Account, subscription: &Subscription) -> Value {
    json!({
        "id": format!("/subscriptions/{}", subscription.id),
        "authorizationSource": if subscription.is_administrator { "Legacy, RoleBased" } else { "RoleBased" },
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": account.tenant,
        "displayName": subscription.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": subscription.quota,
            "spendingLimit": "Off"
        }
    })
}

pub(super) fn tenants(account: &Account) -> Value {
    json!({"value": [{
        "id": format!("/tenants/{}", account.tenant),
        "tenantId": account.tenant,
        "countryCode": account.country,
        "displayName": account.directory,
        "defaultDomain": account.domain,
        "domains": [account.domain],
        "tenantCategory": "Home",
        "tenantType": "AAD"
    }]})
}

pub(super) fn permissions() -> Value {
    json!({"value": [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]})
}

/// Only whoever administers an account sees it; others get an empty list, not an error.
pub(super) fn billing_accounts(account: &Account) -> Value {
    if !account
        .subscriptions
        .iter()
        .any(|subscription| subscription.is_administrator)
    {
        return json!({"value": []});
    }
    json!({"totalCount": 1, "value": [{
        "id": format!("/providers/Microsoft.Billing/billingAccounts/{}", account.billing_account),
        "name": account.billing_account,
        "properties": {
            "accountStatus": "Active",
            "accountType": "Individual",
            "agreementType": "MicrosoftOnlineServicesProgram",
            "displayName": account.name,
            "hasReadAccess": true,
            "primaryBillingTenantId": account.tenant,
            "soldTo": {"country": account.country, "companyName": account.directory}
        },
        "type": "Microsoft.Billing/billingAccounts"
    }]})
}

pub(super) fn billing_property_2020(_: &Account, subscription: &Subscription) -> Value {
    billing_property(
        subscription,
        &json!({
            "accountAdminNotificationEmailAddress": subscription.administrator,
            "isAccountAdmin": subscription.is_administrator
        }),
    )
}

pub(super) fn billing_property_2024(account: &Account, subscription: &Subscription) -> Value {
    billing_property(
        subscription,
        &json!({
            "accountAdminNotificationEmailAddress": subscription.administrator,
            "billingAccountAgreementType": "MicrosoftOnlineServicesProgram",
            "billingAccountDisplayName": account.name,
            "billingAccountId": format!("/providers/Microsoft.Billing/billingAccounts/{}", account.billing_account),
            "billingAccountSoldToCountry": account.country,
            "billingAccountStatus": "Active",
            "billingAccountType": "Individual",
            "billingTenantId": account.tenant,
            "isAccountAdmin": subscription.is_administrator,
            "subscriptionBillingStatus": "Active",
            "subscriptionBillingType": "Paid",
            "subscriptionWorkloadType": if subscription.quota.contains("DevTest") { "DevTest" } else { "Production" }
        }),
    )
}

fn billing_property(subscription: &Subscription, properties: &Value) -> Value {
    json!({
        "id": format!("/subscriptions/{}/providers/Microsoft.Billing/billingProperty/default", subscription.id),
        "name": "default",
        "properties": properties,
        "type": "Microsoft.Billing/billingProperty"
    })
}

pub(super) fn invoice(
    account: &Account,
    subscription: &Subscription,
    invoice: &Invoice,
    version: Version,
) -> Value {
    let money = |amount: Money| json!({"currency": account.currency, "value": amount.value()});
    let when = |moment: OffsetDateTime| Value::from(date_text(moment, invoice.dates));
    let is_settled = matches!(invoice.status.as_str(), "Paid" | "Void");
    let payments = if invoice.status == "Paid" {
        json!([{
            "amount": money(invoice.total),
            "date": when(invoice.issued + time::Duration::days(1)),
            "paymentMethodFamily": "CreditCard",
            "paymentMethodType": "visa",
            "paymentType": "Charged"
        }])
    } else {
        json!([])
    };
    let mut properties = Map::new();
    let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    add(
        "amountDue",
        money(if is_settled { Money(0) } else { invoice.total }),
    );
    add("billedAmount", money(invoice.total));
    if let Some(credited) = &invoice.credits {
        add("creditForDocumentId", credited.as_str().into());
    }
    if let Some(replaced) = &invoice.rebills {
        add("billedDocumentId", replaced.as_str().into());
    }
    if let Some(rebilled) = &invoice.rebilled_as {
        let details =
            json!({"invoiceDocumentId": rebilled, "creditNoteDocumentId": null, "rebillDetails": null});
        add("rebillDetails", details);
    }
    if !invoice.documents.is_empty() {
        let list = invoice
            .documents
            .iter()
            .map(|each| document(subscription, invoice, each, version));
        add("documents", list.collect());
    }
    add("documentType", invoice.kind.as_str().into());
    add("dueDate", when(invoice.due));
    add("invoiceDate", when(invoice.issued));
    let last_tick = Time::MIDNIGHT - time::Duration::nanoseconds(100);
    add(
        "invoicePeriodEndDate",
        when(invoice.period_end.with_time(last_tick).assume_utc()),
    );
    add(
        "invoicePeriodStartDate",
        when(invoice.period_start.midnight().assume_utc()),
    );
    add("invoiceType", invoice.invoice_type.as_str().into());
    add("isMonthlyInvoice", true.into());
    add("payments", payments);
    add("purchaseOrderNumber", "".into());
    add("status", invoice.status.as_str().into());
    add("subscriptionId", subscription.id.as_str().into());
    if version == Version::V2024 {
        add("subTotal", money(Money(invoice.total.0 - invoice.tax.0)));
        add("subscriptionDisplayName", subscription.name.as_str().into());
        add("taxAmount", money(invoice.tax));
        add("totalAmount", money(invoice.total));
    }
    for (name, value) in &invoice.properties {
        if value.is_null() {
            properties.remove(name);
        } else {
            properties.insert(name.clone(), value.clone());
        }
    }
    json!({
        "id": invoice_path(subscription, invoice),
        "name": invoice.name,
        "properties": properties,
        "type": "Microsoft.Billing/billingAccounts/billingSubscriptions/invoices"
    })
}

fn invoice_path(subscription: &Subscription, invoice: &Invoice) -> String {
    format!(
        "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{}/invoices/{}",
        subscription.id,
        encoded_segment(&invoice.name)
    )
}

fn document(subscription: &Subscription, invoice: &Invoice, document: &Document, version: Version) -> Value {
    let (scheme, host, action) = match document.url {
        DocumentUrl::Good => ("https", hosts::ARM, "download"),
        DocumentUrl::ForeignHost => ("https", hosts::FOREIGN, "download"),
        DocumentUrl::OtherAction => ("https", hosts::ARM, "initiateRefund"),
        DocumentUrl::Http => ("http", hosts::ARM, "download"),
    };
    let path = invoice_path(subscription, invoice);
    let name = encoded_segment(&document.name);
    match version {
        Version::V2024 => json!({
            "documentNumbers": [document.name],
            "kind": document.kind,
            "name": document.name,
            "source": "DRS",
            "url": format!("{scheme}://{host}{path}/{action}?documentName={name}&api-version=2024-04-01")
        }),
        Version::V2020 => json!({
            "kind": document.kind,
            "source": "DRS",
            "url": format!("{scheme}://{host}{path}/{action}?downloadToken=DRS_{name}&api-version=2020-05-01")
        }),
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

/// A name as one segment of a path.
pub(crate) fn encoded_segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
