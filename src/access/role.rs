//! The roles that decide about invoices, by the ids of their definitions and by what they permit.
//! Must not know: their names in any language.

use crate::azure::{Permissions, PermittedActions};
use crate::spelling::spelled;

spelled! {
    /// A role. Ids: Azure's built-in roles, and the billing service's role definitions as recorded.
    pub enum Role {
        /// The one account administrator of a pay-as-you-go account; no role definition.
        AccountAdministrator = "accountAdministrator",
        /// Everything on a subscription.
        Owner = "owner",
        /// Everything on a subscription but giving roles.
        Contributor = "contributor",
        /// Reads everything on a subscription.
        Reader = "reader",
        /// Reads everything on a subscription and gives roles.
        UserAccessAdministrator = "userAccessAdministrator",
        /// Reads what is billed for a subscription.
        BillingReader = "billingReader",
        /// Reads costs of a subscription, not its invoices.
        CostManagementReader = "costManagementReader",
        /// Manages costs of a subscription, not its invoices.
        CostManagementContributor = "costManagementContributor",
        /// A role that somebody made.
        Custom = "customRole",
        /// Everything on a billing account.
        BillingAccountOwner = "billingAccountOwner",
        /// Everything on a billing account but giving roles.
        BillingAccountContributor = "billingAccountContributor",
        /// Reads everything on a billing account.
        BillingAccountReader = "billingAccountReader",
        /// Everything on a billing profile.
        BillingProfileOwner = "billingProfileOwner",
        /// Everything on a billing profile but giving roles.
        BillingProfileContributor = "billingProfileContributor",
        /// Reads everything on a billing profile.
        BillingProfileReader = "billingProfileReader",
        /// Sees and pays the invoices of a billing profile.
        InvoiceManager = "invoiceManager",
        /// Everything on an invoice section.
        InvoiceSectionOwner = "invoiceSectionOwner",
        /// Everything on an invoice section but giving roles.
        InvoiceSectionContributor = "invoiceSectionContributor",
        /// Reads everything on an invoice section.
        InvoiceSectionReader = "invoiceSectionReader",
        /// Makes subscriptions in an invoice section.
        SubscriptionCreator = "subscriptionCreator",
        /// Everything on an enrollment.
        EnterpriseAdministrator = "enterpriseAdministrator",
        /// Reads everything on an enrollment.
        EnterpriseReader = "enterpriseReader",
        /// Buys for an enrollment.
        EnterprisePurchaser = "enterprisePurchaser",
        /// Manages a department of an enrollment.
        DepartmentAdministrator = "departmentAdministrator",
        /// Reads a department of an enrollment.
        DepartmentReader = "departmentReader",
        /// Owns an account of an enrollment.
        EnrollmentAccountOwner = "enrollmentAccountOwner",
    }
}

/// Ids of role definitions.
const DEFINITIONS: &[(&str, Role)] = &[
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Role::Owner),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", Role::Contributor),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", Role::Reader),
    (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        Role::UserAccessAdministrator,
    ),
    ("fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64", Role::BillingReader),
    ("72fafb9e-0641-4937-9268-a91bfd8191a3", Role::CostManagementReader),
    (
        "434105ed-43f6-45c7-a02f-909b2ba83430",
        Role::CostManagementContributor,
    ),
    ("50000000-aaaa-bbbb-cccc-100000000000", Role::BillingAccountOwner),
    (
        "50000000-aaaa-bbbb-cccc-100000000001",
        Role::BillingAccountContributor,
    ),
    ("50000000-aaaa-bbbb-cccc-100000000002", Role::BillingAccountReader),
    ("40000000-aaaa-bbbb-cccc-100000000000", Role::BillingProfileOwner),
    (
        "40000000-aaaa-bbbb-cccc-100000000001",
        Role::BillingProfileContributor,
    ),
    ("40000000-aaaa-bbbb-cccc-100000000002", Role::BillingProfileReader),
    ("40000000-aaaa-bbbb-cccc-100000000004", Role::InvoiceManager),
    ("30000000-aaaa-bbbb-cccc-100000000000", Role::InvoiceSectionOwner),
    (
        "30000000-aaaa-bbbb-cccc-100000000001",
        Role::InvoiceSectionContributor,
    ),
    ("30000000-aaaa-bbbb-cccc-100000000002", Role::InvoiceSectionReader),
    ("30000000-aaaa-bbbb-cccc-100000000006", Role::SubscriptionCreator),
    (
        "9f1983cb-2574-400c-87e9-34cf8e2280db",
        Role::EnterpriseAdministrator,
    ),
    ("24f8edb6-1668-4659-b5e2-40bb5f3a7d7e", Role::EnterpriseReader),
    ("da6647fb-7651-49ee-be91-c43c4877f0c4", Role::EnterprisePurchaser),
    (
        "fb2cf67f-be5b-42e7-8025-4683c668f840",
        Role::DepartmentAdministrator,
    ),
    ("db609904-a47f-4794-9be8-9bd86fbffd8a", Role::DepartmentReader),
    (
        "c15c22c0-9faf-424c-9b7e-bd91c06a240b",
        Role::EnrollmentAccountOwner,
    ),
    ("a0bcee42-bf30-4d1b-926a-48d21664ef71", Role::SubscriptionCreator),
];

impl Role {
    /// The role of a definition's id; one that is not known is somebody's own.
    pub fn of_definition(id: &str) -> Role {
        let known = DEFINITIONS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(id));
        known.map_or(Role::Custom, |(_, role)| *role)
    }

    /// The roles behind effective permissions on a subscription, each once: Azure lists the actions role by role. What
    /// is only inferred so is as good as told for the built-in ones, whose actions are published.
    pub fn behind(permissions: &Permissions) -> Vec<Role> {
        let mut roles = Vec::new();
        for entry in &permissions.entries {
            let role = Role::of_actions(entry);
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }

    fn of_actions(entry: &PermittedActions) -> Role {
        let has = |action: &str| entry.actions.iter().any(|each| each.eq_ignore_ascii_case(action));
        let leaves_out = |action: &str| {
            entry
                .not_actions
                .iter()
                .any(|each| each.eq_ignore_ascii_case(action))
        };
        match () {
            () if has("*") && entry.not_actions.is_empty() => Role::Owner,
            () if has("*") && leaves_out("Microsoft.Authorization/*/Write") => Role::Contributor,
            () if has("*/read") && has("Microsoft.Authorization/*") => Role::UserAccessAdministrator,
            () if has("*/read") && entry.not_actions.is_empty() => Role::Reader,
            () if has("Microsoft.Billing/*/read") && has("Microsoft.Commerce/*/read") => Role::BillingReader,
            () if has("Microsoft.CostManagement/*") => Role::CostManagementContributor,
            () if has("Microsoft.CostManagement/*/read") => Role::CostManagementReader,
            () => Role::Custom,
        }
    }

    /// Whether holders may give others a role that opens invoices.
    pub fn is_billing_owner(self) -> bool {
        matches!(
            self,
            Role::BillingProfileOwner | Role::BillingAccountOwner | Role::EnterpriseAdministrator
        )
    }

    /// Whether it is a role on an invoice section, which opens no invoices.
    pub fn is_of_invoice_section(self) -> bool {
        matches!(
            self,
            Role::InvoiceSectionOwner
                | Role::InvoiceSectionContributor
                | Role::InvoiceSectionReader
                | Role::SubscriptionCreator
        )
    }
}
