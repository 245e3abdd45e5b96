//! Subscriptions, directories, and who is billed for a subscription, read leniently.
//! Must not know: invoices, or which of these places are worth asking.

use serde_json::Value;

use super::account::AgreementType;
use super::error::AzureError;
use super::json::{self, given, text};
use super::link::{ArmRequest, segment};
use super::page::{Listed, read_all};
use super::pipeline::Arm;

/// A subscription of the signed-in directory. `GET /subscriptions`, 2022-12-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The subscription's GUID.
    pub subscription_id: String,
    /// The name its owner gave it; may be empty.
    pub display_name: String,
    /// Enabled, Warned, PastDue, Disabled, Deleted, or anything newer.
    pub state: String,
    /// Which offer it was made under, such as `PayAsYouGo_2014-09-01`; may be empty.
    pub quota_id: String,
}

impl Subscription {
    /// Reads one item of the list; `None` when it has no id.
    pub fn read(item: &Value) -> Option<Subscription> {
        let policies = item.get("subscriptionPolicies").unwrap_or(&Value::Null);
        Some(Subscription {
            subscription_id: given(item, "subscriptionId")?,
            display_name: text(item, "displayName").to_owned(),
            state: text(item, "state").to_owned(),
            quota_id: text(policies, "quotaId").to_owned(),
        })
    }
}

/// A directory that the person belongs to. `GET /tenants`, 2022-12-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The directory's GUID.
    pub tenant_id: String,
    /// The directory's name; may be empty.
    pub display_name: String,
}

impl Tenant {
    /// Reads one item of the list; `None` when it has no id.
    pub fn read(item: &Value) -> Option<Tenant> {
        Some(Tenant {
            tenant_id: given(item, "tenantId")?,
            display_name: text(item, "displayName").to_owned(),
        })
    }
}

/// Who is billed for a subscription. `BillingProperty_Get`, 2024-04-01 and older.
///
/// Older versions, and offers outside a Customer Agreement, tell little of it: whatever is missing reads as empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingProperty {
    /// The agreement; [`AgreementType::Other`] with nothing in it when Azure does not say.
    pub agreement: AgreementType,
    /// Name of the billing account in paths; empty when Azure does not say.
    pub billing_account: String,
    /// Name of the billing account for people; may be empty.
    pub billing_account_display_name: String,
    /// Name of the billing profile in paths; empty where there is none.
    pub billing_profile: String,
    /// Directory of the billing account, lower case; may be empty.
    pub billing_tenant_id: String,
    /// Whether the person is the account administrator, where Azure says so.
    pub is_account_administrator: Option<bool>,
    /// Address of the account administrator; pay-as-you-go only, and not always.
    pub account_administrator: Option<String>,
    /// Name of the billing profile for people; may be empty.
    pub billing_profile_display_name: String,
    /// Name of the invoice section in paths; empty where there is none.
    pub invoice_section: String,
    /// How the subscription is paid: `Free`, `Benefit`, `Paid`, `PrePaid` or anything newer; may be empty.
    pub billing_type: String,
    /// Which credit limits what is spent, such as `FreeAccount` or `MSDN`; empty where none does, or no longer.
    pub spending_limit: String,
    /// Whether it has changed hands between billing accounts.
    pub was_transferred: bool,
    /// Whether its account has moved to another agreement.
    pub was_transitioned: bool,
}

impl BillingProperty {
    /// Reads the resource.
    pub fn read(body: &Value) -> BillingProperty {
        let properties = body.get("properties").unwrap_or(&Value::Null);
        let is_set = |object: &Value, field: &str| object.get(field).and_then(Value::as_bool) == Some(true);
        let statuses = one_or_several(properties, "subscriptionBillingStatusDetails");
        BillingProperty {
            agreement: AgreementType::read(text(properties, "billingAccountAgreementType")),
            billing_account: last_segment(text(properties, "billingAccountId")).to_owned(),
            billing_account_display_name: text(properties, "billingAccountDisplayName").to_owned(),
            billing_profile: last_segment(text(properties, "billingProfileId")).to_owned(),
            billing_tenant_id: text(properties, "billingTenantId").to_ascii_lowercase(),
            is_account_administrator: properties.get("isAccountAdmin").and_then(Value::as_bool),
            account_administrator: given(properties, "accountAdminNotificationEmailAddress"),
            billing_profile_display_name: text(properties, "billingProfileDisplayName").to_owned(),
            invoice_section: last_segment(text(properties, "invoiceSectionId")).to_owned(),
            billing_type: text(properties, "subscriptionBillingType").to_owned(),
            // Called so in 2020-05-01, and so in 2024-04-01.
            spending_limit: ["spendingLimitDetails", "billingProfileSpendingLimitDetails"]
                .into_iter()
                .flat_map(|field| one_or_several(properties, field))
                .filter(|limit| matches!(text(limit, "status"), "Active" | "LimitReached"))
                .map(|limit| text(limit, "type"))
                .find(|limit| !matches!(*limit, "" | "None"))
                .unwrap_or_default()
                .to_owned(),
            was_transferred: statuses
                .iter()
                .any(|status| text(status, "reason") == "Transferred"),
            was_transitioned: is_set(properties, "isTransitionedBillingAccount"),
        }
    }
}

/// A field that holds a list in one version of the interface and its only item in another.
fn one_or_several<'a>(properties: &'a Value, field: &str) -> &'a [Value] {
    match properties.get(field) {
        Some(Value::Array(several)) => several,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
}

/// The name that a resource id ends in; the whole text when it is no id.
pub(super) fn last_segment(id: &str) -> &str {
    id.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// All subscriptions of the directory that the person can see.
pub async fn list_subscriptions(arm: &Arm) -> Listed<Subscription> {
    read_all(arm, "/subscriptions?api-version=2022-12-01", Subscription::read).await
}

/// All directories that the person belongs to, with their names.
pub async fn list_tenants(arm: &Arm) -> Listed<Tenant> {
    read_all(arm, "/tenants?api-version=2022-12-01", Tenant::read).await
}

/// Who is billed for a subscription.
///
/// # Errors
/// Whatever Azure answers instead; roles without `Microsoft.Billing/billingProperty/read` get a refusal.
pub async fn billing_property(arm: &Arm, subscription_id: &str) -> Result<BillingProperty, AzureError> {
    let subscription = segment(subscription_id);
    let path = format!(
        "/subscriptions/{subscription}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01"
    );
    let request = ArmRequest::get(&path, arm.identity().cloud)?;
    let response = arm.send(&request).await?;
    Ok(BillingProperty::read(&json::parse(&response.body)))
}
