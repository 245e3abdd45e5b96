//! What a person may do somewhere, as Resource Manager and the billing service tell it: allowed actions and exceptions.
//! Must not know: what any action is needed for, or which role it comes from.

use serde_json::Value;

use super::json::items;

/// Effective permissions at one place, roles through groups and from above included. `Permissions_List` (Authorization,
/// 2022-04-01) and `BillingPermissions_List` (Billing, 2024-04-01), which answer in the same shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// One for each role, or one for all of them: Azure answers both ways.
    pub entries: Vec<PermittedActions>,
}

/// Actions that belong together: whatever matches one of `actions` and none of `not_actions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermittedActions {
    /// Patterns in which `*` stands for any characters, `/` included; under a Customer Agreement opaque ids.
    pub actions: Vec<String>,
    /// Patterns of what is taken out of them.
    pub not_actions: Vec<String>,
}

impl Permissions {
    /// Reads the body of the list. Nothing permitted is an empty list, or a list of an empty entry.
    pub fn read(body: &Value) -> Permissions {
        let texts = |entry: &Value, field: &str| {
            let texts = items(entry, field).iter();
            texts
                .filter_map(|action| action.as_str().map(str::to_owned))
                .collect()
        };
        let entries = items(body, "value").iter().map(|entry| PermittedActions {
            actions: texts(entry, "actions"),
            not_actions: texts(entry, "notActions"),
        });
        Permissions {
            entries: entries
                .filter(|entry: &PermittedActions| !entry.actions.is_empty())
                .collect(),
        }
    }

    /// Whether an action is permitted. What one entry takes out another may give; deny assignments are not seen here.
    pub fn allow(&self, action: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| has(&entry.actions, action) && !has(&entry.not_actions, action))
    }

    /// Whether nothing at all is permitted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn has(patterns: &[String], action: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| matches(pattern.as_bytes(), action.as_bytes()))
}

/// Whether the text fits the pattern, letter case apart. Of the stars only the last one passed is ever tried again.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(found) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(expected) if expected.eq_ignore_ascii_case(found) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((of_star, taken)) = &mut star else {
                    return false;
                };
                *taken += 1;
                (at, read) = (*of_star + 1, *taken);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}
