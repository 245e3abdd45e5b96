//! What Azure tells about access: permissions and role assignments on subscriptions and on what is billed.
//! It must not know what a role shows of invoices or costs.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::shapes::{self, SECTION};
use super::{
    Version, bad_request, error, forbidden, not_found, subscription_not_found, unsupported_version_of,
};
use crate::exchange::{Answer, Request};
use crate::scenario::{Agreement, BillingRole, SectionRole};
use crate::state::State;
use crate::world::{Assignment, BillingAccount, BillingProfile, Owner, Person, Subscription};

const OLD: &str = "2015-07-01";
const NEW: &str = "2022-04-01";

/// Answers what is asked of authorization about a subscription.
pub(super) fn of_subscription(
    state: &State,
    person: usize,
    id: &str,
    what: &str,
    request: &Request,
) -> Answer {
    let version = request.parameter("api-version").unwrap_or_default();
    if version != OLD && version != NEW {
        return unsupported_version_of("Microsoft.Authorization", &version, &format!("{OLD},{NEW}"));
    }
    let Some(person) = state.world.people.get(person) else {
        return not_found();
    };
    let Some((_, subscription)) = person.subscription(id) else {
        return subscription_not_found(id);
    };
    match what {
        "permissions" => Answer::json(StatusCode::OK, &permissions(subscription, version == NEW)),
        _ => role_assignments(person, subscription, request),
    }
}

/// One entry for each role; whoever has none is told so, not refused.
fn permissions(subscription: &Subscription, with_data: bool) -> Value {
    let entries = subscription.roles.iter().map(|role| {
        let (actions, not_actions) = role.actions();
        let mut entry = Map::new();
        entry.insert("actions".to_owned(), json!(actions));
        entry.insert("notActions".to_owned(), json!(not_actions));
        if with_data {
            entry.insert("dataActions".to_owned(), json!([]));
            entry.insert("notDataActions".to_owned(), json!([]));
        }
        Value::from(entry)
    });
    json!({"value": entries.collect::<Vec<_>>()})
}

/// Which assignments a filter means.
enum Filter {
    All,
    /// Of a principal and, through them, of its groups.
    AssignedTo(String),
    /// Of exactly one principal.
    Principal(String),
}

fn filter(text: Option<&str>) -> Option<Filter> {
    let text = text.unwrap_or_default().trim();
    // At the scope and above lies everything that there is here.
    let rest = text
        .strip_prefix("atScope()")
        .map_or(text, |rest| rest.trim().trim_start_matches("and ").trim());
    if rest.is_empty() {
        return Some(Filter::All);
    }
    let quoted = |text: &str| Some(text.trim().strip_prefix('\'')?.strip_suffix('\'')?.to_owned());
    if let Some(inner) = rest
        .strip_prefix("assignedTo(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return quoted(inner).map(Filter::AssignedTo);
    }
    quoted(rest.strip_prefix("principalId eq ")?).map(Filter::Principal)
}

fn role_assignments(person: &Person, subscription: &Subscription, request: &Request) -> Answer {
    let action = "Microsoft.Authorization/roleAssignments/read";
    if !subscription.allows(action) {
        return forbidden(person, action, &format!("/subscriptions/{}", subscription.id));
    }
    let Some(filter) = filter(request.parameter("$filter").as_deref()) else {
        return error(
            StatusCode::BAD_REQUEST,
            "UnsupportedQuery",
            "The filter is not supported. Supported filters are 'atScope()', 'assignedTo('{value}')' and \
             'principalId eq '{value}''.",
        );
    };
    let is_meant = |assignment: &&Assignment| match &filter {
        Filter::All => true,
        Filter::AssignedTo(to) if to.eq_ignore_ascii_case(&person.object) => assignment.is_held,
        Filter::AssignedTo(to) | Filter::Principal(to) => to.eq_ignore_ascii_case(&assignment.principal),
    };
    let assignments = subscription.assignments.iter().filter(is_meant);
    let value: Vec<Value> = assignments
        .map(|assignment| role_assignment(subscription, assignment))
        .collect();
    Answer::json(StatusCode::OK, &json!({"value": value}))
}

fn role_assignment(subscription: &Subscription, assignment: &Assignment) -> Value {
    let of_subscription = format!("/subscriptions/{}", subscription.id);
    let scope = match &assignment.management_group {
        Some(group) => format!("/providers/Microsoft.Management/managementGroups/{group}"),
        None => of_subscription.clone(),
    };
    json!({
        "properties": {
            "roleDefinitionId": format!(
                "{of_subscription}/providers/Microsoft.Authorization/roleDefinitions/{}",
                assignment.definition
            ),
            "principalId": assignment.principal,
            "principalType": if assignment.is_to_group { "Group" } else { "User" },
            "scope": scope,
            "condition": null,
            "conditionVersion": null,
            "createdOn": "2024-08-02T21:26:04.0352240Z",
            "updatedOn": "2024-08-02T21:26:04.0352240Z",
            "createdBy": assignment.principal,
            "updatedBy": assignment.principal,
            "delegatedManagedIdentityResourceId": null,
            "description": null
        },
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{}", assignment.name),
        "type": "Microsoft.Authorization/roleAssignments",
        "name": assignment.name
    })
}

/// What is billed, and what of it is asked about.
#[derive(Clone, Copy)]
struct Billed<'a> {
    account: &'a BillingAccount,
    profile: Option<&'a BillingProfile>,
    is_section: bool,
}

/// Answers `billingPermissions` and `billingRoleAssignments` of a scope, given by its words in small letters.
pub(super) fn of_billing(person: &Person, scope: &[&str], what: &str, version: Version) -> Answer {
    let Some(billed) = billed(person, scope) else {
        return not_found();
    };
    let account = billed.account;
    if account.agreement == Agreement::MicrosoftOnlineServicesProgram {
        return bad_request("Billing roles are not supported for this agreement type.");
    }
    if what == "billingpermissions" {
        return Answer::json(StatusCode::OK, &billing_permissions(billed));
    }
    // Permissions are told of an account that is not in the list; who has them is not.
    if !account.is_listed {
        return not_found();
    }
    if !account.agreement.has_profiles() && account.role == BillingRole::None {
        return not_found();
    }
    let value = billing_role_assignments(person, billed, version);
    Answer::json(StatusCode::OK, &json!({"value": value}))
}

fn billed<'a>(person: &'a Person, scope: &[&str]) -> Option<Billed<'a>> {
    let is = |name: &str, id: &str| name.eq_ignore_ascii_case(id);
    let ["billingaccounts", account, rest @ ..] = scope else {
        return None;
    };
    let account = person.billing_accounts.iter().find(|of| is(&of.id, account))?;
    let profile = |id: &str| account.profiles.iter().find(|of| is(&of.id, id));
    let (profile, is_section) = match rest {
        [] => (None, false),
        ["billingprofiles", id] => (Some(profile(id)?), false),
        ["billingprofiles", id, "invoicesections", section] if is(SECTION, section) => {
            (Some(profile(id)?), true)
        }
        _ => return None,
    };
    Some(Billed {
        account,
        profile,
        is_section,
    })
}

impl Billed<'_> {
    fn path(&self) -> String {
        let account = shapes::account_path(self.account);
        match self.profile {
            None => account,
            Some(profile) => {
                let profile = shapes::profile_path(&account, profile);
                if self.is_section {
                    format!("{profile}/invoiceSections/{SECTION}")
                } else {
                    profile
                }
            }
        }
    }

    fn owners(&self) -> &[Owner] {
        match self.profile {
            None => &self.account.owners,
            Some(_) if self.is_section => &[],
            Some(profile) => &profile.owners,
        }
    }

    /// Whether the person has a role here, above, or inside.
    fn is_known(&self) -> bool {
        match self.profile {
            None => self.account.has_role_inside(),
            Some(profile) => self.account.role != BillingRole::None || profile.has_role_inside(),
        }
    }
}

fn billing_permissions(billed: Billed<'_>) -> Value {
    let actions = actions(billed);
    if actions.is_empty() {
        // As it was recorded.
        return json!({"value": [{"actions": []}]});
    }
    json!({"value": [{"actions": actions, "notActions": []}]})
}

fn actions(billed: Billed<'_>) -> Vec<String> {
    let account = billed.account.role;
    match billed.profile {
        None if billed.account.agreement == Agreement::EnterpriseAgreement => of_enrolment(account)
            .iter()
            .map(|action| format!("Microsoft.Billing/billingAccounts/{action}"))
            .collect(),
        None => ids(of_account(account), |_| true),
        Some(profile) => {
            let (kind, own) = if billed.is_section {
                (3, of_section(profile.section_role))
            } else {
                (4, of_profile(profile.role))
            };
            // A role on the account reaches further in.
            let mut all = ids(own, |_| true);
            let from_above = ids(of_account(account), |group| group == kind);
            all.extend(from_above);
            all.sort();
            all.dedup();
            all
        }
    }
}

/// What a role allows: groups of opaque ids, each with the numbers in it.
type Opaque = &'static [(u8, &'static [u8])];

fn ids(of: Opaque, is_meant: impl Fn(u8) -> bool) -> Vec<String> {
    let groups = of.iter().filter(|(group, _)| is_meant(*group));
    groups
        .flat_map(|(group, numbers)| {
            let id = move |number: &u8| format!("{group}0000000-aaaa-bbbb-cccc-2000000000{number:02}");
            numbers.iter().map(id)
        })
        .collect()
}

/// As recorded, with the one that the service has added since to all that may download.
fn of_account(role: BillingRole) -> Opaque {
    match role {
        BillingRole::Owner => &[
            (5, &[0, 1, 2, 3, 4, 6]),
            (1, &[1, 2, 3, 6, 7]),
            (5, &[5]),
            (3, &[0, 1, 4, 7, 9, 10, 15]),
            (4, &[0, 6, 7, 8, 12]),
        ],
        BillingRole::Contributor => &[
            (5, &[1, 2, 3, 4, 6]),
            (1, &[1, 2, 3, 6, 7]),
            (5, &[5]),
            (3, &[1, 4, 7, 9, 10, 15]),
            (4, &[6, 7, 8, 12]),
        ],
        BillingRole::Reader => &[
            (5, &[1, 6]),
            (1, &[3]),
            (5, &[5]),
            (3, &[1, 4, 7, 10, 15]),
            (4, &[6, 7, 8, 12]),
        ],
        _ => &[],
    }
}

fn of_profile(role: BillingRole) -> Opaque {
    match role {
        BillingRole::Owner => &[(4, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12])],
        BillingRole::Contributor => &[(4, &[1, 2, 3, 4, 5, 6, 7, 8, 11, 12])],
        BillingRole::Reader => &[(4, &[6, 7, 8, 12])],
        BillingRole::InvoiceManager => &[(4, &[7, 6, 11, 8, 12])],
        _ => &[],
    }
}

fn of_section(role: SectionRole) -> Opaque {
    match role {
        SectionRole::Owner => &[(3, &[0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16])],
        SectionRole::Contributor => &[(3, &[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16])],
        SectionRole::Reader => &[(3, &[1, 7, 4, 15])],
        SectionRole::SubscriptionCreator => &[(3, &[1, 13])],
        SectionRole::None => &[],
    }
}

/// Below `Microsoft.Billing/billingAccounts/`: as recorded; of departments and accounts nothing was.
fn of_enrolment(role: BillingRole) -> &'static [&'static str] {
    match role {
        BillingRole::EnterpriseAdministrator => &[
            "read",
            "write",
            "action",
            "enrollmentPolicies/read",
            "enrollmentPolicies/write",
            "enrollmentPolicies/action",
            "enrollmentNotificationContacts/read",
            "enrollmentNotificationContacts/write",
            "enrollmentNotificationContacts/delete",
            "enrollmentNotificationContacts/action",
            "departments/read",
            "departments/write",
            "departments/action",
            "departments/delete",
            "enrollmentAccounts/read",
            "enrollmentAccounts/write",
            "enrollmentAccounts/action",
            "enrollmentAccounts/delete",
            "enrollmentAccounts/billingSubscriptions/read",
            "enrollmentAccounts/billingSubscriptions/write",
            "enrollmentAccounts/billingSubscriptions/action",
            "purchase/action",
            "commitments/read",
        ],
        BillingRole::EnterpriseReader => &[
            "read",
            "enrollmentPolicies/read",
            "enrollmentNotificationContacts/read",
            "departments/read",
            "enrollmentAccounts/read",
            "enrollmentAccounts/billingSubscriptions/read",
            "commitments/read",
        ],
        BillingRole::Purchaser => &[
            "read",
            "enrollmentPolicies/read",
            "enrollmentNotificationContacts/read",
            "departments/read",
            "enrollmentAccounts/read",
            "enrollmentAccounts/billingSubscriptions/read",
            "purchase/action",
            "commitments/read",
        ],
        BillingRole::DepartmentAdministrator => &[
            "departments/read",
            "departments/write",
            "enrollmentAccounts/read",
            "enrollmentAccounts/write",
        ],
        BillingRole::DepartmentReader => &["departments/read", "enrollmentAccounts/read"],
        BillingRole::AccountOwner => &[
            "enrollmentAccounts/read",
            "enrollmentAccounts/billingSubscriptions/read",
            "enrollmentAccounts/billingSubscriptions/write",
        ],
        _ => &[],
    }
}

/// The person's own role exactly here, and the owners; whoever has no role hereabouts gets an empty list.
fn billing_role_assignments(person: &Person, billed: Billed<'_>, version: Version) -> Vec<Value> {
    if !billed.is_known() {
        return Vec::new();
    }
    let is_enrolment = billed.account.agreement == Agreement::EnterpriseAgreement;
    let own = match billed.profile {
        None if is_enrolment => enrolment_role(billed.account.role),
        None => account_role(billed.account.role),
        Some(profile) if billed.is_section => section_role(profile.section_role),
        Some(profile) => profile_role(profile.role),
    };
    let owner = match billed.profile {
        None if is_enrolment => enrolment_role(BillingRole::EnterpriseAdministrator),
        None => account_role(BillingRole::Owner),
        Some(_) => profile_role(BillingRole::Owner),
    };
    let own = own.map(|definition| (definition, person.object.as_str(), Some(person.email.as_str())));
    let owners = billed.owners().iter().filter_map(|of| {
        let address = of.address.as_deref();
        Some((owner?, of.principal.as_str(), address))
    });
    own.into_iter()
        .chain(owners)
        .map(|(definition, principal, address)| {
            assignment(person, billed, version, definition, principal, address)
        })
        .collect()
}

fn assignment(
    person: &Person,
    billed: Billed<'_>,
    version: Version,
    definition: &str,
    principal: &str,
    address: Option<&str>,
) -> Value {
    let is_enrolment = billed.account.agreement == Agreement::EnterpriseAgreement;
    let path = billed.path();
    // Whoever administers a part of an enrolment does so there.
    let scope = match definition {
        DEPARTMENT_ADMINISTRATOR | DEPARTMENT_READER => format!("{path}/departments/122522"),
        ACCOUNT_OWNER => format!("{path}/enrollmentAccounts/339368"),
        _ => path,
    };
    let name = format!("{definition}_{principal}");
    let mut properties = Map::new();
    let mut add = |name: &str, value: &str| properties.insert(name.to_owned(), value.into());
    add("createdOn", "2024-06-21T21:34:12.2363515+00:00");
    add("createdByPrincipalTenantId", "");
    add("createdByPrincipalId", "");
    add("modifiedOn", "0001-01-01T00:00:00+00:00");
    add("principalId", principal);
    add("principalTenantId", &person.directory.tenant);
    add(
        "roleDefinitionId",
        &format!("{scope}/billingRoleDefinitions/{definition}"),
    );
    add("scope", &scope);
    // The older version tells no address.
    if let Some(address) = address.filter(|_| version == Version::V2024) {
        add("userEmailAddress", address);
        if is_enrolment {
            add("userAuthenticationType", "Organization");
        }
    }
    json!({
        "id": format!("{scope}/billingRoleAssignments/{name}"),
        "name": name,
        "properties": properties,
        "type": "Microsoft.Billing/billingRoleAssignments"
    })
}

const DEPARTMENT_ADMINISTRATOR: &str = "fb2cf67f-be5b-42e7-8025-4683c668f840";
const DEPARTMENT_READER: &str = "db609904-a47f-4794-9be8-9bd86fbffd8a";
const ACCOUNT_OWNER: &str = "c15c22c0-9faf-424c-9b7e-bd91c06a240b";

fn account_role(role: BillingRole) -> Option<&'static str> {
    Some(match role {
        BillingRole::Owner => "50000000-aaaa-bbbb-cccc-100000000000",
        BillingRole::Contributor => "50000000-aaaa-bbbb-cccc-100000000001",
        BillingRole::Reader => "50000000-aaaa-bbbb-cccc-100000000002",
        _ => return None,
    })
}

fn profile_role(role: BillingRole) -> Option<&'static str> {
    Some(match role {
        BillingRole::Owner => "40000000-aaaa-bbbb-cccc-100000000000",
        BillingRole::Contributor => "40000000-aaaa-bbbb-cccc-100000000001",
        BillingRole::Reader => "40000000-aaaa-bbbb-cccc-100000000002",
        BillingRole::InvoiceManager => "40000000-aaaa-bbbb-cccc-100000000004",
        _ => return None,
    })
}

fn section_role(role: SectionRole) -> Option<&'static str> {
    Some(match role {
        SectionRole::Owner => "30000000-aaaa-bbbb-cccc-100000000000",
        SectionRole::Contributor => "30000000-aaaa-bbbb-cccc-100000000001",
        SectionRole::Reader => "30000000-aaaa-bbbb-cccc-100000000002",
        SectionRole::SubscriptionCreator => "30000000-aaaa-bbbb-cccc-100000000006",
        SectionRole::None => return None,
    })
}

fn enrolment_role(role: BillingRole) -> Option<&'static str> {
    Some(match role {
        BillingRole::EnterpriseAdministrator => "9f1983cb-2574-400c-87e9-34cf8e2280db",
        BillingRole::EnterpriseReader => "24f8edb6-1668-4659-b5e2-40bb5f3a7d7e",
        BillingRole::Purchaser => "da6647fb-7651-49ee-be91-c43c4877f0c4",
        BillingRole::DepartmentAdministrator => DEPARTMENT_ADMINISTRATOR,
        BillingRole::DepartmentReader => DEPARTMENT_READER,
        BillingRole::AccountOwner => ACCOUNT_OWNER,
        _ => return None,
    })
}
