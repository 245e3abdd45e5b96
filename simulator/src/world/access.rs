//! Roles in force: which somebody holds, how they were given, and what each allows or shows.
//! It must not know how they are asked for or written.

use super::{BillingAccount, BillingProfile, Person, Scope, Subscription};
use crate::scenario::{
    Agreement, BillingAccountData, BillingProfileData, BillingRole, Channel, Role, SectionRole, Visibility,
};

/// A role of Resource Manager that was given to somebody on a subscription, or above it.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    /// Id of the role's definition.
    pub(crate) definition: String,
    pub(crate) principal: String,
    pub(crate) is_to_group: bool,
    /// The management group on which it was given, if it was.
    pub(crate) management_group: Option<String>,
    /// Whether the person has it, directly or through the group; the others are somebody else's.
    pub(crate) is_held: bool,
}

/// Somebody else who owns a billing account or profile.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) principal: String,
    pub(crate) address: Option<String>,
}

/// What somebody has on a billing account or a profile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    pub(super) role: BillingRole,
    pub(super) reads: bool,
    pub(super) visibility: Visibility,
}

pub(super) fn of_account(data: &BillingAccountData) -> Access {
    let told = data.visibility.unwrap_or_default();
    let Some(role) = data.role else {
        let reads = data.has_read_access.unwrap_or(true);
        let has_all = data.listed && reads && told == Visibility::Listed;
        let role = match data.agreement {
            Agreement::EnterpriseAgreement if has_all => BillingRole::EnterpriseAdministrator,
            Agreement::MicrosoftOnlineServicesProgram => BillingRole::None,
            _ if has_all => BillingRole::Owner,
            _ => BillingRole::None,
        };
        return Access {
            role,
            reads,
            visibility: told,
        };
    };
    let is_sold_by_partner =
        data.agreement == Agreement::EnterpriseAgreement && data.channel == Channel::EaIndirect;
    let visibility = match role {
        // The partner gets the invoices.
        _ if is_sold_by_partner => Visibility::NoClaims,
        BillingRole::Owner
        | BillingRole::Contributor
        | BillingRole::Reader
        | BillingRole::EnterpriseAdministrator
        | BillingRole::EnterpriseReader => Visibility::Listed,
        _ => Visibility::Forbidden,
    };
    let reads = !matches!(
        role,
        BillingRole::None
            | BillingRole::DepartmentAdministrator
            | BillingRole::DepartmentReader
            | BillingRole::AccountOwner
    );
    Access {
        role,
        reads: data.has_read_access.unwrap_or(reads),
        visibility: data.visibility.unwrap_or(visibility),
    }
}

/// A role on the account reaches into its profiles, one on an invoice section does not reach out of it.
pub(super) fn of_profile(data: &BillingProfileData, of: &BillingAccountData) -> Access {
    let has_account = of_account(of).role != BillingRole::None;
    let of_section = (data.invoice_section_role != SectionRole::None).then_some(BillingRole::None);
    let told = data.visibility.unwrap_or_default();
    let Some(role) = data.role.or(of_section) else {
        let reads = data.has_read_access.unwrap_or(true);
        let is_own = of.listed && reads && told == Visibility::Listed && !has_account;
        return Access {
            role: if is_own {
                BillingRole::Reader
            } else {
                BillingRole::None
            },
            reads,
            visibility: told,
        };
    };
    let has_one = has_account || role != BillingRole::None;
    let visibility = if has_one {
        Visibility::Listed
    } else {
        Visibility::Forbidden
    };
    Access {
        role,
        reads: data.has_read_access.unwrap_or(has_one),
        visibility: data.visibility.unwrap_or(visibility),
    }
}

/// Whether one of some roles allows an action.
pub(crate) fn allow(roles: &[Role], action: &str) -> bool {
    roles.iter().any(|role| {
        let (actions, not_actions) = role.actions();
        let names = |patterns: &[&str]| patterns.iter().any(|pattern| is_like(pattern, action));
        names(&actions) && !names(&not_actions)
    })
}

/// Whether an action fits a pattern: `*` stands for anything, slashes included, and case does not matter.
fn is_like(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

impl Role {
    /// How the portal calls it.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Contributor => "Contributor",
            Self::Reader => "Reader",
            Self::UserAccessAdministrator => "User Access Administrator",
            Self::BillingReader => "Billing Reader",
            Self::CostManagementReader => "Cost Management Reader",
            Self::CostManagementContributor => "Cost Management Contributor",
            Self::Custom { .. } => "Custom role",
        }
    }

    /// Id of its definition, if it is one of Azure's own.
    pub(crate) fn built_in(&self) -> Option<&'static str> {
        match self {
            Self::Owner => Some("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
            Self::Contributor => Some("b24988ac-6180-42a0-ab88-20f7382dd24c"),
            Self::Reader => Some("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
            Self::UserAccessAdministrator => Some("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"),
            Self::BillingReader => Some("fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64"),
            Self::CostManagementReader => Some("72fafb9e-0641-4937-9268-a91bfd8191a3"),
            Self::CostManagementContributor => Some("434105ed-43f6-45c7-a02f-909b2ba83430"),
            Self::Custom { .. } => None,
        }
    }

    /// What it allows, and what is taken from that again.
    pub(crate) fn actions(&self) -> (Vec<&str>, Vec<&str>) {
        let all = |actions: &'static [&'static str]| (actions.to_vec(), Vec::new());
        match self {
            Self::Owner => all(&["*"]),
            Self::Contributor => (
                vec!["*"],
                vec![
                    "Microsoft.Authorization/*/Delete",
                    "Microsoft.Authorization/*/Write",
                    "Microsoft.Authorization/elevateAccess/Action",
                    "Microsoft.Blueprint/blueprintAssignments/write",
                    "Microsoft.Blueprint/blueprintAssignments/delete",
                ],
            ),
            Self::Reader => all(&["*/read"]),
            Self::UserAccessAdministrator => {
                all(&["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"])
            }
            Self::BillingReader => all(&[
                "Microsoft.Authorization/*/read",
                "Microsoft.Billing/*/read",
                "Microsoft.Commerce/*/read",
                "Microsoft.Consumption/*/read",
                "Microsoft.Management/managementGroups/read",
                "Microsoft.CostManagement/*/read",
                "Microsoft.Support/*",
            ]),
            Self::CostManagementReader => all(&[
                "Microsoft.Consumption/*/read",
                "Microsoft.CostManagement/*/read",
                "Microsoft.Billing/billingPeriods/read",
                "Microsoft.Resources/subscriptions/read",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                "Microsoft.Support/*",
                "Microsoft.Billing/billingProperty/read",
            ]),
            Self::CostManagementContributor => all(&[
                "Microsoft.Consumption/*",
                "Microsoft.CostManagement/*",
                "Microsoft.Billing/billingPeriods/read",
                "Microsoft.Resources/subscriptions/read",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                "Microsoft.Support/*",
                "Microsoft.Billing/billingProperty/read",
            ]),
            Self::Custom { actions, not_actions } => {
                let (actions, not_actions) = (actions.iter(), not_actions.iter());
                (
                    actions.map(String::as_str).collect(),
                    not_actions.map(String::as_str).collect(),
                )
            }
        }
    }
}

impl Subscription {
    /// Whether the person's roles on it allow an action.
    pub(crate) fn allows(&self, action: &str) -> bool {
        allow(&self.roles, action)
    }

    /// What the portal says of the person's role.
    pub(crate) fn role_title(&self) -> String {
        if self.is_administrator {
            return "Account admin".to_owned();
        }
        let titles: Vec<&str> = self.roles.iter().map(Role::title).collect();
        titles.join(", ")
    }
}

impl BillingAccount {
    /// Whether the person has a role on it, or on something inside it.
    pub(crate) fn has_role_inside(&self) -> bool {
        self.role != BillingRole::None || self.profiles.iter().any(BillingProfile::has_role_inside)
    }

    /// Whether the person administers it. Under the online services programme that is a matter of each subscription.
    pub(crate) fn is_administered(&self) -> bool {
        matches!(
            self.role,
            BillingRole::Owner | BillingRole::EnterpriseAdministrator
        )
    }
}

impl BillingProfile {
    /// Whether the person has a role on it, or on its invoice section.
    pub(crate) fn has_role_inside(&self) -> bool {
        self.role != BillingRole::None || self.section_role != SectionRole::None
    }
}

impl Person {
    /// Whether this person may see the invoices of whoever is billed, but has no part in their documents: the account
    /// administrator of the online services programme has not shared them.
    pub(crate) fn is_denied_documents(&self, billed_to: Scope) -> bool {
        let Scope::Subscription(at) = billed_to else {
            return false;
        };
        self.agreement(billed_to) == Some(Agreement::MicrosoftOnlineServicesProgram)
            && self
                .subscriptions
                .get(at)
                .is_some_and(|of| !of.is_shared && !of.is_administrator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_case_does_not_matter() {
        for (pattern, action) in [
            ("*", "Microsoft.Billing/invoices/read"),
            ("*/read", "Microsoft.Billing/invoices/read"),
            ("Microsoft.Billing/*/read", "microsoft.billing/a/b/READ"),
            (
                "Microsoft.Billing/invoices/read",
                "Microsoft.Billing/invoices/read",
            ),
            ("Microsoft.*/invoices/*", "Microsoft.Billing/invoices/read"),
        ] {
            assert!(is_like(pattern, action), "{pattern} {action}");
        }
        for (pattern, action) in [
            ("*/read", "Microsoft.Billing/invoices/download/action"),
            ("Microsoft.Billing/*/read", "Microsoft.Billing/read"),
            ("Microsoft.Billing/*", "Microsoft.Consumption/usageDetails/read"),
            ("Microsoft.Billing", "Microsoft.Billing/invoices/read"),
        ] {
            assert!(!is_like(pattern, action), "{pattern} {action}");
        }
    }

    #[test]
    fn what_one_role_takes_away_another_may_give_again() {
        let read = "Microsoft.Billing/invoices/read";
        let custom = Role::Custom {
            actions: vec!["*/read".to_owned()],
            not_actions: vec!["Microsoft.Billing/invoices/*".to_owned()],
        };
        assert!(!allow(&[], read));
        assert!(!allow(&[Role::CostManagementReader, custom.clone()], read));
        assert!(allow(&[custom, Role::BillingReader], read));
    }
}
