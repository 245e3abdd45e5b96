//! Who was given which role, as Resource Manager and the billing service tell it.
//! Must not know: what any role allows.

use serde_json::Value;

use super::json::{given, items, text};
use super::subscription::last_segment;

/// A role that was given to somebody. `RoleAssignments_ListForSubscription` (Authorization, 2022-04-01) and
/// `BillingRoleAssignments_List…` (Billing, 2024-04-01), which answer in the same shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAssignment {
    /// Id of the role definition: a GUID, or what stands for one in the billing service. Lower case.
    pub role: String,
    /// Object id of the person or group. Lower case.
    pub principal: String,
    /// Id of the place that it was given on; may be empty.
    pub scope: String,
    /// The person's address, where Azure tells it.
    pub address: Option<String>,
}

impl RoleAssignment {
    /// Reads the body of the list; one without a role is left out.
    pub fn read_all(body: &Value) -> Vec<RoleAssignment> {
        let read = |item: &Value| {
            let properties = item.get("properties")?;
            let role = given(properties, "roleDefinitionId")?;
            Some(RoleAssignment {
                role: last_segment(&role).to_ascii_lowercase(),
                principal: text(properties, "principalId").to_ascii_lowercase(),
                scope: text(properties, "scope").to_owned(),
                address: given(properties, "userEmailAddress"),
            })
        };
        items(body, "value").iter().filter_map(read).collect()
    }

    /// Whether it was given on a resource group or a resource, which opens nothing of the subscription itself.
    pub fn is_below_subscription(&self) -> bool {
        let parts = self.scope.trim_matches('/').split('/');
        let mut parts = parts.filter(|part| !part.is_empty());
        parts
            .next()
            .is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"))
            && parts.nth(1).is_some()
    }
}
