//! Lines of usage as Cost Management writes them: the columns that each agreement has.
//! It must not know which lines belong into a file.

use time::Date;

use super::Line;
use crate::draw::Draw;
use crate::scenario::Agreement;
use crate::world::{BillingAccount, Person, Scope};

/// Files are marked as UTF-8.
const MARK: &str = "\u{feff}";

/// Customer agreements, as a recorded file has them; partner agreements have further ones in front.
const MODERN: [&str; 65] = [
    "invoiceId",
    "previousInvoiceId",
    "billingAccountId",
    "billingAccountName",
    "billingProfileId",
    "billingProfileName",
    "invoiceSectionId",
    "invoiceSectionName",
    "resellerName",
    "resellerMpnId",
    "costCenter",
    "billingPeriodEndDate",
    "billingPeriodStartDate",
    "servicePeriodEndDate",
    "servicePeriodStartDate",
    "date",
    "serviceFamily",
    "productOrderId",
    "productOrderName",
    "consumedService",
    "meterId",
    "meterName",
    "meterCategory",
    "meterSubCategory",
    "meterRegion",
    "ProductId",
    "ProductName",
    "SubscriptionId",
    "subscriptionName",
    "publisherType",
    "publisherId",
    "publisherName",
    "resourceGroupName",
    "ResourceId",
    "resourceLocation",
    "location",
    "effectivePrice",
    "quantity",
    "unitOfMeasure",
    "chargeType",
    "billingCurrency",
    "pricingCurrency",
    "costInBillingCurrency",
    "costInPricingCurrency",
    "costInUsd",
    "paygCostInBillingCurrency",
    "paygCostInUsd",
    "exchangeRatePricingToBilling",
    "exchangeRateDate",
    "isAzureCreditEligible",
    "serviceInfo1",
    "serviceInfo2",
    "additionalInfo",
    "tags",
    "PayGPrice",
    "frequency",
    "term",
    "reservationId",
    "reservationName",
    "pricingModel",
    "unitPrice",
    "costAllocationRuleName",
    "benefitId",
    "benefitName",
    "provider",
];
const OF_PARTNERS: [&str; 6] = [
    "partnerTenantId",
    "partnerName",
    "customerTenantId",
    "customerName",
    "partnerEarnedCreditRate",
    "partnerEarnedCreditApplied",
];
const OF_ENROLMENTS: [&str; 49] = [
    "InvoiceSectionName",
    "AccountName",
    "AccountOwnerId",
    "SubscriptionId",
    "SubscriptionName",
    "ResourceGroup",
    "ResourceLocation",
    "Date",
    "ProductName",
    "MeterCategory",
    "MeterSubCategory",
    "MeterId",
    "MeterName",
    "MeterRegion",
    "UnitOfMeasure",
    "Quantity",
    "EffectivePrice",
    "CostInBillingCurrency",
    "CostCenter",
    "ConsumedService",
    "ResourceId",
    "Tags",
    "OfferId",
    "AdditionalInfo",
    "ServiceInfo1",
    "ServiceInfo2",
    "ResourceName",
    "ReservationId",
    "ReservationName",
    "UnitPrice",
    "ProductOrderId",
    "ProductOrderName",
    "Term",
    "PublisherType",
    "PublisherName",
    "ChargeType",
    "Frequency",
    "PricingModel",
    "AvailabilityZone",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrencyCode",
    "BillingPeriodStartDate",
    "BillingPeriodEndDate",
    "BillingProfileId",
    "BillingProfileName",
    "InvoiceSectionId",
    "IsAzureCreditEligible",
    "PartNumber",
];

/// A file with these lines.
pub(super) fn write(person: &Person, scope: Scope, lines: &[Line<'_>]) -> Vec<u8> {
    let payer = person.payer(scope).unwrap_or(scope);
    let account = match payer {
        Scope::Account(at) | Scope::Profile(at, _) => Some(at),
        Scope::Subscription(at) => person.subscriptions.get(at).map(|of| of.account),
    };
    let Some(account) = account.and_then(|at| person.billing_accounts.get(at)) else {
        return Vec::new();
    };
    let sheet = Sheet {
        person,
        payer,
        account,
    };
    let columns: Vec<&str> = match account.agreement {
        Agreement::EnterpriseAgreement => OF_ENROLMENTS.to_vec(),
        Agreement::MicrosoftPartnerAgreement => OF_PARTNERS.into_iter().chain(MODERN).collect(),
        _ => MODERN.to_vec(),
    };
    let mut text = format!("{MARK}{}\r\n", columns.join(","));
    for line in lines {
        let fields = columns.iter().map(|column| quoted(&sheet.field(column, line)));
        text.push_str(&fields.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

struct Sheet<'a> {
    person: &'a Person,
    payer: Scope,
    account: &'a BillingAccount,
}

impl Sheet<'_> {
    /// A column's field; columns that this world has nothing for are empty. Names differ in case only.
    fn field(&self, column: &str, line: &Line<'_>) -> String {
        let meter = line.meter;
        match column.to_ascii_lowercase().as_str() {
            "invoiceid" => self.invoice(line.day, 0),
            "previousinvoiceid" => self.invoice(line.day, 1),
            "billingaccountid" => self.account.id.clone(),
            "billingaccountname" => self.account.name.clone(),
            "billingprofileid" => self.profile().map_or(&self.account.id, |(id, _)| id).to_owned(),
            "billingprofilename" => self
                .profile()
                .map_or(&self.account.name, |(_, name)| name)
                .to_owned(),
            "invoicesectionname" | "accountname" => line.subscription.to_owned(),
            "accountownerid" => self.person.email.clone(),
            "billingperiodstartdate" => day(self.period(line.day).0),
            "billingperiodenddate" => day(self.period(line.day).1),
            "serviceperiodstartdate" | "serviceperiodenddate" | "date" | "exchangeratedate" => day(line.day),
            "servicefamily" => meter.family.to_owned(),
            "productordername" => "Azure plan".to_owned(),
            "consumedservice" => meter.service.to_owned(),
            "meterid" => line.meter_id(),
            "metername" => meter.name.to_owned(),
            "metercategory" => meter.category.to_owned(),
            "metersubcategory" => meter.sub_category.to_owned(),
            "meterregion" => line.region.to_owned(),
            "productid" => line
                .meter_id()
                .chars()
                .take(12)
                .collect::<String>()
                .to_uppercase(),
            "productname" => line.product(),
            "subscriptionid" => line.subscription_id.clone(),
            "subscriptionname" => line.subscription.to_owned(),
            "publishertype" if line.is_purchase => "Marketplace".to_owned(),
            "publishertype" => "Microsoft".to_owned(),
            "publishername" if line.is_purchase => "Fabrikam AS".to_owned(),
            "publishername" => "Microsoft".to_owned(),
            "resourcegroupname" | "resourcegroup" => line.group.to_owned(),
            "resourceid" => line.resource_path(),
            "resourcename" => line.resource.clone(),
            "resourcelocation" => line.location.to_owned(),
            "location" => line.region.to_owned(),
            "effectiveprice" | "paygprice" | "unitprice" => decimal(meter.price, 6),
            "quantity" => decimal(line.quantity, 3),
            "unitofmeasure" => meter.unit.to_owned(),
            "chargetype" if line.is_purchase => "Purchase".to_owned(),
            "chargetype" => "Usage".to_owned(),
            "billingcurrency" | "pricingcurrency" | "billingcurrencycode" => self.currency().to_owned(),
            "costinbillingcurrency"
            | "costinpricingcurrency"
            | "costinusd"
            | "paygcostinbillingcurrency"
            | "paygcostinusd" => decimal(line.cost(), 9),
            "exchangeratepricingtobilling" => "1".to_owned(),
            "isazurecrediteligible" => if line.is_purchase { "False" } else { "True" }.to_owned(),
            "additionalinfo" if meter.category == "Virtual Machines" => {
                format!("{{\"ServiceType\":\"{}\",\"VCPUs\":4}}", meter.name)
            }
            "tags" => tags(line),
            "frequency" if line.is_purchase => "Recurring".to_owned(),
            "frequency" => "UsageBased".to_owned(),
            "pricingmodel" => "OnDemand".to_owned(),
            "offerid" => "MS-AZR-0017P".to_owned(),
            "partnumber" => "AAH-31415".to_owned(),
            "provider" => "Azure".to_owned(),
            "partnertenantid" => self.account.tenant.clone(),
            "partnername" => self.account.name.clone(),
            "customername" => line.subscription.to_owned(),
            "customertenantid" => Draw::new(0, &format!("tenant of {}", line.subscription)).guid(),
            "partnerearnedcreditrate" => "0.15".to_owned(),
            "partnerearnedcreditapplied" => "1".to_owned(),
            _ => String::new(),
        }
    }

    /// The invoice in force for a day comes first, those that it replaced after it.
    fn invoice(&self, day: Date, at: usize) -> String {
        let mut invoices: Vec<_> = self.person.invoices_for(self.payer, day).collect();
        invoices.sort_by_key(|invoice| invoice.status == "Void");
        invoices
            .get(at)
            .map(|invoice| invoice.name.clone())
            .unwrap_or_default()
    }

    fn profile(&self) -> Option<(&String, &String)> {
        let Scope::Profile(account, at) = self.payer else {
            return None;
        };
        let profile = self.person.profile(account, at)?;
        Some((&profile.id, &profile.name))
    }

    fn currency(&self) -> &str {
        match self.payer {
            Scope::Profile(account, at) => self.person.profile(account, at).map(|of| of.currency.as_str()),
            _ => None,
        }
        .unwrap_or(&self.account.currency)
    }

    /// These agreements bill calendar months.
    fn period(&self, day: Date) -> (Date, Date) {
        let last = time::util::days_in_month(day.month(), day.year());
        (
            day.replace_day(1).unwrap_or(day),
            day.replace_day(last).unwrap_or(day),
        )
    }
}

/// `10/31/2026`
fn day(date: Date) -> String {
    format!("{:02}/{:02}/{}", u8::from(date.month()), date.day(), date.year())
}

/// A number with so many places, without zeros at its end.
fn decimal(number: i64, places: usize) -> String {
    let digits = format!("{number:0width$}", width = places + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - places).unwrap_or_default();
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

/// Pairs as in JSON, without its braces.
fn tags(line: &Line<'_>) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let pairs = line.tags.iter();
    let pairs = pairs.map(|(name, value)| format!("{}: {}", text(name), text(value)));
    pairs.collect::<Vec<_>>().join(",")
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
