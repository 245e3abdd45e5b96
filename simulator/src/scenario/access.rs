//! What a scenario says about a person's access: what kind of account, which roles, and what the bill is like.
//! It must not know what a role lets anybody do.

use serde::{Deserialize, Serialize};

use super::{Agreement, BillingAccountData, Person, Scenario};

/// What kind of account somebody signs in with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum PersonKind {
    /// An account of the directory.
    #[default]
    Work,
    /// A personal Microsoft account that is known to the directory.
    Personal,
    /// A guest, whose account is of the directory that owns the domain of the sign-in name.
    Guest,
}

/// A role of Resource Manager on a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but giving access.
    Contributor,
    /// Reads everything.
    Reader,
    /// Reads everything and gives access.
    UserAccessAdministrator,
    /// Reads what is billed.
    BillingReader,
    /// Reads costs; invoices are not among them.
    CostManagementReader,
    /// Reads and changes costs and budgets; invoices are not among them.
    CostManagementContributor,
    /// A role of the directory's own: `{"Custom": {"actions": ["*/read"], "not_actions": ["Microsoft.Billing/*"]}}`.
    Custom {
        /// What it allows; `*` stands for anything.
        actions: Vec<String>,
        /// What is taken from that again.
        #[serde(default)]
        not_actions: Vec<String>,
    },
}

/// How somebody came to a role on a subscription.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum RoleThrough {
    /// It was given to the person, on the subscription.
    #[default]
    Direct,
    /// It was given to a group that the person is in.
    Group,
    /// It was given to the person, on a management group that the subscription is in.
    ManagementGroup,
}

/// A role on a billing account or a billing profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum BillingRole {
    /// None there.
    None,
    /// Owner of an account or a profile under a customer's or a partner's agreement.
    Owner,
    /// Contributor there.
    Contributor,
    /// Reader there.
    Reader,
    /// Invoice manager, of a profile only.
    InvoiceManager,
    /// Administrator of an enrolment.
    EnterpriseAdministrator,
    /// The same, reading only.
    EnterpriseReader,
    /// Purchaser of an enrolment.
    Purchaser,
    /// Administrator of a department of an enrolment.
    DepartmentAdministrator,
    /// The same, reading only.
    DepartmentReader,
    /// Owner of an account of an enrolment.
    AccountOwner,
}

/// A role on the invoice section of a billing profile. None of them shows invoices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum SectionRole {
    /// None there.
    #[default]
    None,
    /// Owner.
    Owner,
    /// Contributor.
    Contributor,
    /// Reader.
    Reader,
    /// Azure subscription creator.
    SubscriptionCreator,
}

/// `subscriptionBillingType`, by the service's own names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum BillingType {
    /// Not said.
    None,
    /// Paid by a benefit, such as Visual Studio's monthly credit.
    Benefit,
    /// Free.
    Free,
    /// Paid.
    #[default]
    Paid,
    /// Paid in advance.
    PrePaid,
}

/// Why spending is limited, by the service's own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[expect(missing_docs, reason = "the service does not explain its names any further")]
pub enum SpendingLimitType {
    Other,
    None,
    FreeAccount,
    Sandbox,
    AzureForStudents,
    AcademicSponsorship,
    AzureConsumptionCredit,
    AzurePassSponsorship,
    MpnSponsorship,
    #[serde(rename = "MSDN")]
    Msdn,
    NonProfitSponsorship,
    Sponsorship,
    StartupSponsorship,
    AzureForStudentsStarter,
    VisualStudio,
}

impl BillingRole {
    /// Whether there is such a role on an account under an agreement.
    fn is_of_account(self, agreement: Agreement) -> bool {
        match self {
            Self::None => true,
            Self::Owner | Self::Contributor | Self::Reader => agreement.has_profiles(),
            Self::InvoiceManager => false,
            _ => agreement == Agreement::EnterpriseAgreement,
        }
    }

    fn is_of_profile(self) -> bool {
        matches!(
            self,
            Self::None | Self::Owner | Self::Contributor | Self::Reader | Self::InvoiceManager
        )
    }
}

impl Scenario {
    /// The billing account or profile on which somebody has a role that does not exist there.
    pub(super) fn misfit(&self) -> Option<&str> {
        self.accounts.iter().find_map(Person::misfit)
    }
}

impl Person {
    fn misfit(&self) -> Option<&str> {
        self.billing_accounts.iter().find_map(BillingAccountData::misfit)
    }
}

impl BillingAccountData {
    fn misfit(&self) -> Option<&str> {
        let is_fit = self.role.is_none_or(|role| role.is_of_account(self.agreement));
        if !is_fit {
            return Some(&self.name);
        }
        let mut profiles = self.profiles.iter();
        let profile = profiles.find(|profile| profile.role.is_some_and(|role| !role.is_of_profile()));
        profile.map(|profile| profile.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn read(agreement: &str, account: &str, profile: &str) -> Result<Scenario, Error> {
        Scenario::from_json(&format!(
            r#"{{"name": "x", "summary": "", "accounts": [{{
                "name": "Anna", "email": "a@x.example", "directory": "X", "domain": "x.example",
                "billing_accounts": [{{
                    "name": "Group", "agreement": "{agreement}", "role": "{account}",
                    "profiles": [{{"name": "Europe", "role": "{profile}"}}]
                }}]
            }}]}}"#
        ))
    }

    #[test]
    fn a_role_must_exist_where_somebody_has_it() {
        assert!(read("MicrosoftCustomerAgreement", "Reader", "InvoiceManager").is_ok());
        for (agreement, account, profile) in [
            ("MicrosoftCustomerAgreement", "InvoiceManager", "None"),
            ("MicrosoftCustomerAgreement", "EnterpriseReader", "None"),
            ("MicrosoftCustomerAgreement", "None", "Purchaser"),
            ("EnterpriseAgreement", "Owner", "None"),
            ("MicrosoftOnlineServicesProgram", "Owner", "None"),
        ] {
            let read = read(agreement, account, profile);
            assert!(matches!(read, Err(Error::Scenario(_))), "{agreement} {account}");
        }
    }
}
