//! Billing accounts and billing profiles, read leniently, and the calls that list them.
//! Must not know: invoices, or which of these places are worth asking.

use serde_json::Value;

use super::json::{given, text};
use super::link::segment;
use super::page::{Listed, read_all};
use super::pipeline::Arm;

/// Under which agreement an account is billed. Open: one that Azure adds later is carried as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementType {
    /// Pay-as-you-go, Visual Studio, free and credit offers: each subscription has its invoices.
    MicrosoftOnlineServicesProgram,
    /// Each billing profile has its invoices.
    MicrosoftCustomerAgreement,
    /// The same, for partners who bill their customers themselves.
    MicrosoftPartnerAgreement,
    /// The enrolment has its invoices.
    EnterpriseAgreement,
    /// Any other, as Azure spells it; empty when it says nothing.
    Other(String),
}

impl AgreementType {
    /// Reads Azure's spelling.
    pub fn read(agreement: &str) -> AgreementType {
        match agreement {
            "MicrosoftOnlineServicesProgram" => AgreementType::MicrosoftOnlineServicesProgram,
            "MicrosoftCustomerAgreement" => AgreementType::MicrosoftCustomerAgreement,
            "MicrosoftPartnerAgreement" => AgreementType::MicrosoftPartnerAgreement,
            "EnterpriseAgreement" => AgreementType::EnterpriseAgreement,
            other => AgreementType::Other(other.to_owned()),
        }
    }

    /// Whether billing profiles are what has the invoices.
    pub fn has_billing_profiles(&self) -> bool {
        matches!(
            self,
            AgreementType::MicrosoftCustomerAgreement | AgreementType::MicrosoftPartnerAgreement
        )
    }
}

/// A billing account. `BillingAccounts_List`, 2024-04-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingAccount {
    /// Its name in paths: a GUID, two GUIDs with a colon, or an enrolment number.
    pub name: String,
    /// Its name for people; may be empty.
    pub display_name: String,
    /// Its agreement.
    pub agreement: AgreementType,
    /// Whether the person may read the account itself; `false` also for who holds a role on one profile only.
    pub has_read_access: bool,
    /// Whether a reseller stands between Azure and the enrolment and may be the one who is invoiced.
    pub is_indirect: bool,
}

impl BillingAccount {
    /// Reads one item of the list; `None` when it has no name.
    pub fn read(item: &Value) -> Option<BillingAccount> {
        let properties = item.get("properties").unwrap_or(&Value::Null);
        let channel = properties.get("enrollmentDetails").unwrap_or(&Value::Null);
        Some(BillingAccount {
            name: given(item, "name")?,
            display_name: text(properties, "displayName").to_owned(),
            agreement: AgreementType::read(text(properties, "agreementType")),
            has_read_access: reads(properties),
            is_indirect: text(channel, "channel") == "EaIndirect",
        })
    }
}

/// A billing profile of a Customer or Partner Agreement. `BillingProfiles_ListByBillingAccount`, 2024-04-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingProfile {
    /// Its name in paths.
    pub name: String,
    /// Its name for people; may be empty.
    pub display_name: String,
    /// Whether the person may read it.
    pub has_read_access: bool,
}

impl BillingProfile {
    /// Reads one item of the list; `None` when it has no name.
    pub fn read(item: &Value) -> Option<BillingProfile> {
        let properties = item.get("properties").unwrap_or(&Value::Null);
        Some(BillingProfile {
            name: given(item, "name")?,
            display_name: text(properties, "displayName").to_owned(),
            has_read_access: reads(properties),
        })
    }
}

/// Older interfaces do not say; then only the attempt tells.
fn reads(properties: &Value) -> bool {
    properties.get("hasReadAccess").and_then(Value::as_bool) != Some(false)
}

/// Every billing account that the person can see. Global administrators, global readers and billing administrators see
/// those too on which they hold no role (`includeAll`).
pub async fn list_billing_accounts(arm: &Arm) -> Listed<BillingAccount> {
    let path = "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01&includeAll=true";
    read_all(arm, path, BillingAccount::read).await
}

/// The billing profiles of an account that the person can see.
pub async fn list_billing_profiles(arm: &Arm, account: &str) -> Listed<BillingProfile> {
    let account = segment(account);
    let path = format!(
        "/providers/Microsoft.Billing/billingAccounts/{account}/billingProfiles?api-version=2024-04-01"
    );
    read_all(arm, &path, BillingProfile::read).await
}
