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
                address: given(properties, "userEmailAddress"),
            })
        };
        items(body, "value").iter().filter_map(read).collect()
    }
}
