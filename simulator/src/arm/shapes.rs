//! Resource Manager's answers as JSON, field by field as they were recorded and documented.
//! It must not know who may see them.

pub(crate) mod invoice;
pub(crate) mod usage;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::Version;
use crate::exchange::Request;
use crate::scenario::Agreement;
use crate::world::{BillingAccount, BillingProfile, Directory, Person, Scope, Subscription};

/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The one invoice section that every profile has.
pub(super) const SECTION: &str = "ICYS-ZE5B-PJA-PGB";

const ACCOUNTS: &str = "/providers/Microsoft.Billing/billingAccounts";

/// The address of whoever is billed, without a host and with a raw colon.
pub(crate) fn path(person: &Person, scope: Scope) -> String {
    let account = |at: usize| {
        person
            .billing_accounts
            .get(at)
            .map(account_path)
            .unwrap_or_default()
    };
    match scope {
        Scope::Account(at) => account(at),
        Scope::Profile(at, profile) => person
            .profile(at, profile)
            .map(|profile| profile_path(&account(at), profile))
            .unwrap_or_default(),
        Scope::Subscription(at) => {
            let id = person
                .subscriptions
                .get(at)
                .map(|subscription| subscription.id.as_str());
            format!(
                "{ACCOUNTS}/default/billingSubscriptions/{}",
                id.unwrap_or_default()
            )
        }
    }
}

pub(super) fn account_path(account: &BillingAccount) -> String {
    format!("{ACCOUNTS}/{}", account.id)
}

pub(super) fn profile_path(account: &str, profile: &BillingProfile) -> String {
    format!("{account}/billingProfiles/{}", profile.id)
}

pub(super) fn subscriptions(person: &Person) -> Value {
    let value: Vec<Value> = person
        .subscriptions
        .iter()
        .map(|each| subscription(person, each))
        .collect();
    json!({"value": value, "count": {"type": "Total", "value": value.len()}})
}

pub(super) fn subscription(person: &Person, subscription: &Subscription) -> Value {
    json!({
        "id": format!("/subscriptions/{}", subscription.id),
        "authorizationSource": if subscription.is_administrator { "Legacy, RoleBased" } else { "RoleBased" },
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": person.directory.tenant,
        "displayName": subscription.name,
        "state": subscription.state,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": subscription.quota,
            "spendingLimit": if subscription.bill.limit.is_some() { "On" } else { "Off" }
        }
    })
}

pub(super) fn tenants(person: &Person) -> Value {
    let all = std::iter::once(&person.directory).chain(&person.other_directories);
    let value: Vec<Value> = all
        .enumerate()
        .map(|(at, directory)| tenant(person, directory, at == 0))
        .collect();
    json!({"value": value})
}

fn tenant(person: &Person, directory: &Directory, is_home: bool) -> Value {
    json!({
        "id": format!("/tenants/{}", directory.tenant),
        "tenantId": directory.tenant,
        "countryCode": person.country,
        "displayName": directory.name,
        "defaultDomain": directory.domain,
        "domains": [directory.domain],
        "tenantCategory": if is_home { "Home" } else { "ManagedBy" },
        "tenantType": "AAD"
    })
}

/// Whoever has roles on subscriptions alone gets an empty list, not an error.
pub(super) fn billing_accounts(
    person: &Person,
    version: Version,
    everything: bool,
    request: &Request,
) -> Value {
    let value: Vec<Value> = person
        .billing_accounts
        .iter()
        .filter(|account| account.is_listed && (everything || account.has_read_access))
        .map(|account| billing_account(person, account, version, request))
        .collect();
    json!({"value": value})
}

pub(super) fn billing_account(
    person: &Person,
    account: &BillingAccount,
    version: Version,
    request: &Request,
) -> Value {
    let is_new = version == Version::V2024;
    let (kind, sub_kind) = account_type(account.agreement);
    let mut properties = Map::new();
    let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    add("accountStatus", "Active".into());
    add("accountType", kind.into());
    if is_new && let Some(sub_kind) = sub_kind {
        add("accountSubType", sub_kind.into());
    }
    add("agreementType", account.agreement.text().into());
    if !is_new && account.agreement.has_profiles() {
        add("billingProfiles", json!({"hasMoreResults": false}));
    }
    add("displayName", account.name.as_str().into());
    let is_enrolment = account.agreement == Agreement::EnterpriseAgreement;
    let expanded = request
        .parameter("$expand")
        .is_some_and(|fields| fields.contains("enrollmentDetails"));
    if is_enrolment && account.has_read_access && (is_new || expanded) {
        add("enrollmentDetails", enrollment_details(person, account));
    }
    add("hasReadAccess", account.has_read_access.into());
    if is_new && !is_enrolment {
        add("primaryBillingTenantId", account.tenant.as_str().into());
    }
    match account.agreement {
        Agreement::EnterpriseAgreement => {
            let country = format!("{} ", person.country);
            let sold_to = json!({"companyName": account.name, "country": country, "isValidAddress": true});
            add("soldTo", sold_to);
        }
        Agreement::MicrosoftOnlineServicesProgram => {
            add(
                "soldTo",
                json!({"country": person.country, "companyName": person.directory.name}),
            );
        }
        _ if is_new => {
            let relationship = if account.agreement == Agreement::MicrosoftPartnerAgreement {
                "CSPPartner"
            } else {
                "Direct"
            };
            add("billingRelationshipTypes", json!([relationship]));
            add("qualifications", json!(["Commercial"]));
        }
        _ => {}
    }
    json!({
        "id": account_path(account),
        "name": account.id,
        "properties": properties,
        "type": "Microsoft.Billing/billingAccounts"
    })
}

fn account_type(agreement: Agreement) -> (&'static str, Option<&'static str>) {
    match agreement {
        Agreement::MicrosoftOnlineServicesProgram => ("Individual", None),
        Agreement::MicrosoftCustomerAgreement => ("Business", Some("Enterprise")),
        Agreement::MicrosoftPartnerAgreement => ("Partner", Some("Enterprise")),
        Agreement::EnterpriseAgreement => ("Enterprise", Some("Other")),
    }
}

/// With dates that are not ISO and a country with a blank behind it, as they were recorded.
fn enrollment_details(person: &Person, account: &BillingAccount) -> Value {
    json!({
        "startDate": "6/1/2024 12:00:00 AM +00:00",
        "endDate": "5/31/2029 12:00:00 AM +00:00",
        "currency": account.currency,
        "channel": account.channel.text(),
        "language": "en",
        "countryCode": format!("{} ", person.country),
        "billingCycle": "Monthly",
        "extendedTermOption": "Other",
        "supportLevel": "Other"
    })
}

pub(super) fn billing_profiles(person: &Person, account: &BillingAccount) -> Value {
    let value: Vec<Value> = account
        .profiles
        .iter()
        .map(|profile| billing_profile(person, account, profile))
        .collect();
    json!({"value": value})
}

fn billing_profile(person: &Person, account: &BillingAccount, profile: &BillingProfile) -> Value {
    json!({
        "id": profile_path(&account_path(account), profile),
        "name": profile.id,
        "properties": {
            "billTo": {
                "addressLine1": "1 Quay Street",
                "city": "Harbour Town",
                "companyName": person.directory.name,
                "country": person.country,
                "postalCode": "1010",
                "region": "Coast"
            },
            "billingRelationshipType": "Direct",
            "currency": profile.currency,
            "displayName": profile.name,
            "enabledAzurePlans": [{"skuId": "0001", "skuDescription": "Microsoft Azure Plan"}],
            "hasReadAccess": profile.has_read_access,
            "invoiceDay": profile.invoice_day,
            "invoiceEmailOptIn": true,
            "poNumber": "",
            "spendingLimit": "Off",
            "status": "Active",
            "systemId": profile.id
        },
        "type": "Microsoft.Billing/billingAccounts/billingProfiles"
    })
}

/// Under agreements with profiles the older version tells the profile, under the others hardly anything.
pub(super) fn billing_property_2020(person: &Person, subscription: &Subscription) -> Value {
    let Some(account) = person.billing_accounts.get(subscription.account) else {
        return Value::Null;
    };
    let mut properties = Map::new();
    if account.agreement.has_profiles() {
        billed_by(&mut properties, person, account, subscription);
        properties.insert("skuDescription".to_owned(), "Microsoft Azure Plan".into());
        properties.insert("skuId".to_owned(), "0001".into());
        let limit = json!({"type": "None", "startDate": "2024-10-16T00:00:00Z", "status": "None"});
        properties.insert("spendingLimitDetails".to_owned(), limit);
        properties.insert("subscriptionBillingStatus".to_owned(), "Active".into());
    } else {
        administered(&mut properties, account, subscription);
    }
    billing_property(subscription, properties)
}

pub(super) fn billing_property_2024(
    person: &Person,
    subscription: &Subscription,
    with_transition: bool,
) -> Value {
    let Some(account) = person.billing_accounts.get(subscription.account) else {
        return Value::Null;
    };
    let (kind, sub_kind) = account_type(account.agreement);
    let workload = if subscription.quota.contains("DevTest") {
        "DevTest"
    } else {
        "Production"
    };
    let mut properties = Map::new();
    administered(&mut properties, account, subscription);
    billed_by(&mut properties, person, account, subscription);
    let mut add = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    add("billingAccountAgreementType", account.agreement.text().into());
    add("billingAccountSoldToCountry", person.country.as_str().into());
    add("billingAccountStatus", "Active".into());
    if let Some(sub_kind) = sub_kind {
        add("billingAccountSubType", sub_kind.into());
    }
    add("billingAccountType", kind.into());
    add("subscriptionBillingStatus", "Active".into());
    let bill = &subscription.bill;
    if bill.suspended.is_some() || bill.is_transferred {
        let reason = if bill.is_transferred {
            "Transferred"
        } else {
            "PastDue"
        };
        let mut details = json!({"reason": reason});
        if let (Some(suspended), Some(details)) = (bill.suspended, details.as_object_mut()) {
            details.insert(
                "effectiveDate".to_owned(),
                format!("{suspended}T00:00:00Z").into(),
            );
        }
        add("subscriptionBillingStatusDetails", json!([details]));
    }
    add("subscriptionBillingType", json!(bill.kind));
    add("subscriptionWorkloadType", workload.into());
    if let Some(limit) = bill.limit {
        add("billingProfileSpendingLimit", "On".into());
        add(
            "billingProfileSpendingLimitDetails",
            json!([{"amount": 0, "currency": subscription.currency, "status": "Active", "type": limit}]),
        );
    }
    if with_transition {
        add("isTransitionedBillingAccount", bill.is_transitioned.into());
    }
    billing_property(subscription, properties)
}

/// Only the online services programme has one person who administers a subscription's account.
fn administered(properties: &mut Map<String, Value>, account: &BillingAccount, subscription: &Subscription) {
    let is_administrator = if account.agreement == Agreement::MicrosoftOnlineServicesProgram {
        if subscription.is_administrator_told {
            let address = subscription.administrator.as_str();
            properties.insert("accountAdminNotificationEmailAddress".to_owned(), address.into());
        }
        subscription.is_administrator
    } else {
        account.is_administered()
    };
    properties.insert("isAccountAdmin".to_owned(), is_administrator.into());
}

fn billed_by(
    properties: &mut Map<String, Value>,
    person: &Person,
    account: &BillingAccount,
    subscription: &Subscription,
) {
    let mut add = |name: &str, value: &str| properties.insert(name.to_owned(), value.into());
    add("billingAccountDisplayName", &account.name);
    add("billingAccountId", &account_path(account));
    add("billingTenantId", &account.tenant);
    let profile = subscription.profile;
    if let Some(profile) = profile.and_then(|at| person.profile(subscription.account, at)) {
        let path = profile_path(&account_path(account), profile);
        add("billingProfileDisplayName", &profile.name);
        add("billingProfileId", &path);
        add("invoiceSectionDisplayName", &profile.name);
        add("invoiceSectionId", &format!("{path}/invoiceSections/{SECTION}"));
    }
}

fn billing_property(subscription: &Subscription, properties: Map<String, Value>) -> Value {
    json!({
        "id": format!("/subscriptions/{}/providers/Microsoft.Billing/billingProperty/default", subscription.id),
        "name": "default",
        "properties": properties,
        "type": "Microsoft.Billing/billingProperty"
    })
}

/// A name as one segment of a path.
pub(crate) fn encoded_segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
