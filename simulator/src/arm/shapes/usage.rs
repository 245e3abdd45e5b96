//! A line of usage as JSON: with the fields that were recorded, or with those that a newer version documents.
//! It must not know which lines are on a page.

use serde_json::{Map, Value, json};
use time::Date;

use crate::scenario::UsageFields;
use crate::usage::Line;
use crate::world::{Person, Subscription, billing_period, period_name};

/// A line, of the person's subscription at this place.
pub(crate) fn detail(person: &Person, at: usize, line: &Line<'_>, with_meters: bool) -> Option<Value> {
    let subscription = person.subscriptions.get(at)?;
    let period = billing_period(line.day, subscription.usage.invoice_day);
    let parent = format!(
        "subscriptions/{}/providers/Microsoft.Billing/billingPeriods/{}-1",
        subscription.id,
        period_name(period.1)
    );
    let tags = if line.tags.is_empty() {
        Value::Null
    } else {
        let pairs = line.tags.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect::<Map<_, _>>()
            .into()
    };
    let meter = if with_meters { meter(line) } else { Value::Null };
    let properties = match subscription.usage.fields {
        UsageFields::Recorded => recorded(person, subscription, line, &parent, meter),
        UsageFields::Documented => documented(person, subscription, line, period, meter),
    };
    Some(json!({
        "kind": "legacy",
        "id": format!("{parent}/providers/Microsoft.Consumption/usageDetails/{}", line.id),
        "name": line.id,
        "type": "Microsoft.Consumption/usageDetails",
        "tags": tags,
        "properties": properties
    }))
}

fn recorded(
    person: &Person,
    subscription: &Subscription,
    line: &Line<'_>,
    period: &str,
    meter: Value,
) -> Value {
    json!({
        "billingPeriodId": period,
        "usageStart": format!("{}T00:00:00.0000000Z", line.day),
        "usageEnd": format!("{}T23:59:59.0000000Z", line.day),
        "instanceId": line.resource_path(),
        "instanceName": line.resource,
        "instanceLocation": line.location,
        "meterId": line.meter_id(),
        "usageQuantity": number(line.quantity, 1e3),
        "pretaxCost": number(line.cost(), 1e9),
        "currency": subscription.currency,
        "isEstimated": false,
        "subscriptionGuid": subscription.id,
        "subscriptionName": subscription.name,
        "accountName": person.name,
        "departmentName": "Unassigned",
        "product": line.product(),
        "consumedService": line.meter.service,
        "costCenter": "",
        "meterDetails": meter
    })
}

fn documented(
    person: &Person,
    subscription: &Subscription,
    line: &Line<'_>,
    (from, to): (Date, Date),
    meter: Value,
) -> Value {
    let midnight = |day: Date| format!("{day}T00:00:00.0000000Z");
    let price = number(line.meter.price, 1e6);
    json!({
        "billingAccountId": subscription.id,
        "billingAccountName": subscription.name,
        "billingPeriodStartDate": midnight(from),
        "billingPeriodEndDate": midnight(to),
        "billingProfileId": subscription.id,
        "billingProfileName": subscription.name,
        "accountName": person.name,
        "subscriptionId": subscription.id,
        "subscriptionName": subscription.name,
        "date": midnight(line.day),
        "product": line.product(),
        "partNumber": "",
        "meterId": line.meter_id(),
        "meterDetails": meter,
        "quantity": number(line.quantity, 1e3),
        "effectivePrice": price,
        "cost": number(line.cost(), 1e9),
        "unitPrice": price,
        "billingCurrency": subscription.currency,
        "resourceLocation": line.location,
        "consumedService": line.meter.service,
        "resourceId": line.resource_path(),
        "resourceName": line.resource,
        "invoiceSection": "",
        "costCenter": "",
        "resourceGroup": line.group,
        "offerId": "MS-AZR-0003P",
        "isAzureCreditEligible": true,
        "chargeType": "Usage",
        "frequency": "UsageBased"
    })
}

fn meter(line: &Line<'_>) -> Value {
    json!({
        "meterName": line.meter.name,
        "meterCategory": line.meter.category,
        "meterSubCategory": line.meter.sub_category,
        "unit": line.meter.unit,
        "meterLocation": line.region,
        "totalIncludedQuantity": 0,
        "pretaxStandardRate": number(line.meter.price, 1e6),
        "serviceName": line.meter.service,
        "serviceTier": ""
    })
}

fn number(of: i64, parts: f64) -> f64 {
    // Quantities and costs of a line are far below 2^53 parts.
    #[allow(clippy::cast_precision_loss)]
    let parts_of = of as f64;
    parts_of / parts
}
