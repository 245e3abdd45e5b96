//! What Azure tells about a person's access, and that its lists of invoices agree with it.
//! It must not know how roles are kept.

use super::*;

const DOWNLOADS: [&str; 4] = [
    "40000000-aaaa-bbbb-cccc-200000000006",
    "40000000-aaaa-bbbb-cccc-200000000007",
    "40000000-aaaa-bbbb-cccc-200000000008",
    "40000000-aaaa-bbbb-cccc-200000000012",
];

impl Client {
    fn authorization(&self, subscription: &str, what: &str) -> String {
        let id = self.subscription(subscription);
        format!("/subscriptions/{id}/providers/Microsoft.Authorization/{what}")
    }

    fn permissions(&mut self, subscription: &str, version: &str) -> Value {
        let url = self.authorization(subscription, &format!("permissions?api-version={version}"));
        self.json(&url)["value"].clone()
    }

    fn assignments_url(&self, subscription: &str, filter: &str) -> String {
        self.authorization(
            subscription,
            &format!("roleAssignments?api-version=2022-04-01&$filter={filter}"),
        )
    }

    /// The person's own assignments: role, kind of principal, scope.
    fn assignments(&mut self, subscription: &str) -> Vec<(String, String, String)> {
        let filter = format!("assignedTo('{}')", self.person().object);
        let url = self.assignments_url(subscription, &filter);
        let list = self.json(&url);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let told = |each: &Value| {
            let each = &each["properties"];
            let role = text(&each["roleDefinitionId"]);
            let (_, role) = role.rsplit_once('/').unwrap();
            (
                role.to_owned(),
                text(&each["principalType"]),
                text(&each["scope"]),
            )
        };
        list["value"].as_array().unwrap().iter().map(told).collect()
    }

    fn property(&mut self, subscription: &str) -> Value {
        let id = self.subscription(subscription);
        let url = format!(
            "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01&includeTransitionStatus=true"
        );
        self.json(&url)["properties"].clone()
    }

    fn actions(&mut self, scope: &str) -> Vec<String> {
        let told = self.json(&format!("{scope}/billingPermissions?api-version=2024-04-01"));
        assert_eq!(told["value"].as_array().unwrap().len(), 1);
        let actions = told["value"][0]["actions"].as_array().unwrap().iter();
        actions.map(|each| each.as_str().unwrap().to_owned()).collect()
    }

    fn may_download(&mut self, scope: &str) -> bool {
        let actions = self.actions(scope);
        let held = DOWNLOADS
            .iter()
            .filter(|id| actions.iter().any(|each| each == *id));
        match held.count() {
            0 => false,
            4 => true,
            some => panic!("{some} of four in {scope}"),
        }
    }

    /// Role and address of everybody in a list of billing roles.
    fn holders(&mut self, scope: &str) -> Vec<(String, Option<String>)> {
        let list = self.json(&format!("{scope}/billingRoleAssignments?api-version=2024-04-01"));
        let told = |each: &Value| {
            let id = each["properties"]["roleDefinitionId"].as_str().unwrap();
            let (_, role) = id.rsplit_once('/').unwrap();
            let address = each["properties"]["userEmailAddress"].as_str();
            (role.to_owned(), address.map(str::to_owned))
        };
        list["value"].as_array().unwrap().iter().map(told).collect()
    }
}

fn holder(role: &str, address: &str) -> (String, Option<String>) {
    (role.to_owned(), Some(address.to_owned()))
}

const ACCOUNT_OWNER: &str = "50000000-aaaa-bbbb-cccc-100000000000";
const PROFILE_OWNER: &str = "40000000-aaaa-bbbb-cccc-100000000000";
const ILZE: &str = "ilze.kalnina@contoso.example";
const ANNA: &str = "anna.liepa@contoso.example";

#[test]
fn permissions_are_those_of_the_roles_one_entry_each() {
    let mut client = Client::new("roles", |_| {});
    let empty = json!([]);
    let owner = json!([{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]);
    assert_eq!(client.permissions("Owner before sharing", "2022-04-01"), owner);
    let older = json!([{"actions": ["*/read"], "notActions": []}]);
    assert_eq!(client.permissions("Reader before sharing", "2015-07-01"), older);
    assert_eq!(client.permissions("No role", "2022-04-01"), empty);
    let custom = client.permissions("Custom role without invoices", "2022-04-01");
    assert_eq!(custom[0]["notActions"], json!(["Microsoft.Billing/invoices/*"]));
    let costs = client.permissions("Cost Management Reader", "2022-04-01");
    let costs = costs[0]["actions"].as_array().unwrap().clone();
    assert!(costs.contains(&json!("Microsoft.CostManagement/*/read")));
    assert!(!costs.contains(&json!("Microsoft.Billing/*/read")));
    // Own subscriptions and those of others, where the scenario says nothing.
    assert_eq!(client.permissions("New", "2022-04-01"), owner);
    let reader = client.permissions("Disabled", "2022-04-01");
    assert_eq!(reader[0]["actions"], json!(["*/read"]));

    let mut client = Client::new("awkward-access", |_| {});
    let several = client.permissions("<script>alert(1)</script>", "2022-04-01");
    assert_eq!(several.as_array().unwrap().len(), 3);

    let unknown = client.authorization("=1+1", "permissions?api-version=2018-07-01");
    assert_eq!(client.refusal(&unknown), (404, "InvalidResourceType".to_owned()));
    let unsaid = client.authorization("=1+1", "permissions");
    assert_eq!(
        client.refusal(&unsaid),
        (400, "MissingApiVersionParameter".to_owned())
    );
    let nobodys = "/subscriptions/1/providers/Microsoft.Authorization/permissions?api-version=2022-04-01";
    assert_eq!(client.refusal(nobodys), (404, "SubscriptionNotFound".to_owned()));
    assert_eq!(client.rules(), []);
}

#[test]
fn assignments_tell_how_a_role_was_given() {
    let mut client = Client::new("roles", |_| {});
    let scope = |client: &Client, name: &str| format!("/subscriptions/{}", client.subscription(name));
    let told = |role: &str, kind: &str, scope: String| vec![(role.to_owned(), kind.to_owned(), scope)];
    let direct = client.assignments("Owner before sharing");
    let at = scope(&client, "Owner before sharing");
    assert_eq!(direct, told("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "User", at));
    let grouped = client.assignments("Role through a group");
    let at = scope(&client, "Role through a group");
    assert_eq!(grouped, told("b24988ac-6180-42a0-ab88-20f7382dd24c", "Group", at));
    let above = client.assignments("Role through a management group");
    let at = "/providers/Microsoft.Management/managementGroups/contoso-root".to_owned();
    assert_eq!(above, told("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User", at));

    // Through a group it is the group that has the role.
    let object = client.person().object.clone();
    let exactly = client.assignments_url("Role through a group", &format!("principalId%20eq%20'{object}'"));
    assert_eq!(client.json(&exactly), json!({"value": []}));
    // The administrator's own role is there too, and is nobody else's.
    let all = client.assignments_url("Role through a group", "atScope()");
    assert_eq!(client.json(&all)["value"].as_array().unwrap().len(), 2);
    let both = client.assignments_url(
        "Role through a group",
        &format!("atScope()%20and%20assignedTo('{object}')"),
    );
    assert_eq!(client.json(&both)["value"].as_array().unwrap().len(), 1);
    let odd = client.assignments_url("Role through a group", "roleName%20eq%20'Owner'");
    assert_eq!(client.refusal(&odd).0, 400);

    for hidden in ["Cost Management Reader", "No role"] {
        let url = client.assignments_url(hidden, "atScope()");
        assert_eq!(
            client.refusal(&url),
            (403, "AuthorizationFailed".to_owned()),
            "{hidden}"
        );
    }
    assert_eq!(client.rules(), []);
}

#[test]
fn lists_and_downloads_agree_with_roles_and_sharing() {
    let mut client = Client::new("roles", |_| {});
    for (name, has_documents) in [
        ("Owner after sharing", true),
        ("Billing Reader after sharing", true),
        ("Role through a group", true),
        ("Owner before sharing", false),
        ("Reader before sharing", false),
        ("Unknown administrator", false),
        ("Role through a management group", false),
        ("Billed in another directory", false),
        ("Disabled", false),
    ] {
        for version in ["2024-04-01", "2020-05-01"] {
            let list = client.json(&client.invoices_url(name, version));
            let list = list["value"].as_array().unwrap();
            assert!(!list.is_empty(), "{name}");
            let has = |invoice: &Value| invoice["properties"].get("documents").is_some();
            assert!(list.iter().all(|invoice| has(invoice) == has_documents), "{name}");
        }
    }
    for name in [
        "Cost Management Reader",
        "No role",
        "Custom role without invoices",
    ] {
        let url = client.invoices_url(name, "2024-04-01");
        assert_eq!(
            client.refusal(&url),
            (403, "AuthorizationFailed".to_owned()),
            "{name}"
        );
    }
    for name in ["New", "Free trial", "Visual Studio credit", "Transferred"] {
        let list = client.json(&client.invoices_url(name, "2024-04-01"));
        assert_eq!(list["value"], json!([]), "{name}");
    }
}

#[test]
fn sharing_decides_about_documents_from_the_next_request_on() {
    let mut client = Client::new("roles", |_| {});
    let name = "Reader before sharing";
    let list = client.invoices_url(name, "2024-04-01");
    let invoice = client.json(&list)["value"][0].clone();
    let download = format!(
        "{}/download?api-version=2024-04-01",
        invoice["id"].as_str().unwrap()
    );
    let refused = client.send("POST", &download);
    let body: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(
        (refused.status, &body["code"]),
        (StatusCode::FORBIDDEN, &json!("Forbidden"))
    );
    assert_eq!(client.state.sharing(name), Some(false));

    client.state.set_sharing(name, true);
    assert_eq!(client.state.sharing(name), Some(true));
    let shared = client.json(&list)["value"][0].clone();
    let url = shared["properties"]["documents"][0]["url"].as_str().unwrap();
    assert!(client.operation(url)["url"].is_string());

    client.state.set_sharing(name, false);
    assert_eq!(client.json(&list)["value"][0], invoice);
    assert_eq!(client.state.sharing("Nobody's"), None);
    assert_eq!(client.rules(), []);
}

#[test]
fn the_administrator_has_the_documents_shared_or_not() {
    let mut client = Client::new("administrator", |_| {});
    for name in ["Contoso Production", "Contoso Website"] {
        let property = client.property(name);
        assert_eq!(property["isAccountAdmin"], true);
        let list = client.json(&client.invoices_url(name, "2024-04-01"));
        assert!(list["value"][0]["properties"]["documents"].is_array(), "{name}");
    }
    assert_eq!(client.state.sharing("Contoso Production"), Some(false));
    let account = client.account("Contoso Pay-as-you-go");
    let all = client.invoices(&account);
    let plans = all
        .iter()
        .filter(|each| each["properties"]["invoiceType"] == "AzureSupport");
    assert_eq!(plans.count(), 2);
    // There are no billing roles under this agreement.
    let roles = format!("{account}/billingPermissions?api-version=2024-04-01");
    assert_eq!(client.refusal(&roles).0, 400);
}

#[test]
fn a_legacy_list_gives_no_links_before_sharing() {
    let scenario = json!({
        "name": "legacy", "summary": "", "accounts": [{
            "name": "Anna", "email": ANNA, "directory": "Contoso", "domain": "contoso.example",
            "subscriptions": [{
                "name": "Old", "administrator": ILZE, "versions": "Legacy", "shared": false,
                "monthly": {"months": 2, "amount": 1.0}
            }]
        }]
    });
    let mut client = Client::new("empty", |_| {});
    client
        .state
        .load(&Scenario::from_json(&scenario.to_string()).unwrap());
    client.sign_in(0);
    let id = client.subscription("Old");
    let url = format!(
        "/subscriptions/{id}/providers/Microsoft.Billing/invoices?api-version=2018-03-01-preview&$expand=downloadUrl"
    );
    assert!(
        client.json(&url)["value"][0]["properties"]
            .get("downloadUrl")
            .is_none()
    );
    client.state.set_sharing("Old", true);
    assert!(client.json(&url)["value"][0]["properties"]["downloadUrl"]["url"].is_string());
}

#[test]
fn a_bill_says_what_it_is_like() {
    let mut client = Client::new("roles", |_| {});
    let shared = client.property("Owner after sharing");
    assert_eq!(
        (&shared["subscriptionBillingType"], &shared["isAccountAdmin"]),
        (&json!("Paid"), &json!(false))
    );
    assert_eq!(shared["accountAdminNotificationEmailAddress"], ILZE);
    assert_eq!(shared["isTransitionedBillingAccount"], false);
    assert!(shared.get("subscriptionBillingStatusDetails").is_none());
    let unknown = client.property("Unknown administrator");
    assert!(unknown.get("accountAdminNotificationEmailAddress").is_none());

    let suspended = client.property("Disabled");
    assert_eq!(
        suspended["subscriptionBillingStatusDetails"],
        json!([{"reason": "PastDue", "effectiveDate": "2026-11-13T00:00:00Z"}])
    );
    let trial = client.property("Free trial");
    assert_eq!(trial["subscriptionBillingType"], "Free");
    assert_eq!(
        trial["billingProfileSpendingLimitDetails"][0]["type"],
        "FreeAccount"
    );
    let credit = client.property("Visual Studio credit");
    assert_eq!(credit["subscriptionBillingType"], "Benefit");
    assert_eq!(credit["billingProfileSpendingLimitDetails"][0]["type"], "MSDN");
    let moved = client.property("Transferred");
    assert_eq!(
        moved["subscriptionBillingStatusDetails"][0]["reason"],
        "Transferred"
    );
    assert_eq!(moved["isTransitionedBillingAccount"], true);
    let elsewhere = client.property("Billed in another directory");
    assert_ne!(
        elsewhere["billingTenantId"],
        client.person().directory.tenant.as_str()
    );
    assert_eq!(client.property("Cost Management Reader")["isAccountAdmin"], false);

    let id = client.subscription("No role");
    let url = format!(
        "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01"
    );
    assert_eq!(client.refusal(&url), (403, "AuthorizationFailed".to_owned()));
    let id = client.subscription("Transferred");
    let unasked = client.json(&format!(
        "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01"
    ));
    assert!(
        unasked["properties"]
            .get("isTransitionedBillingAccount")
            .is_none()
    );
}

#[test]
fn a_role_on_a_profile_downloads_there_and_nowhere_else() {
    for scenario in ["invoice-manager", "profile-reader-role"] {
        let mut client = Client::new(scenario, |_| {});
        let (account, profile) = (client.account("Contoso Group"), client.profile("Contoso Europe"));
        assert!(client.may_download(&profile));
        assert!(!client.may_download(&account));
        assert!(!client.invoices(&profile).is_empty());
        let refused = format!("{account}/invoices?api-version=2024-04-01");
        assert_eq!(client.refusal(&refused).0, 403);
        assert_eq!(client.property("Contoso Production")["isAccountAdmin"], false);
    }
    let mut client = Client::new("invoice-manager", |_| {});
    let (account, other) = (client.account("Contoso Group"), client.profile("Contoso America"));
    assert_eq!(client.actions(&other), Vec::<String>::new());
    let refused = format!("{other}/invoices?api-version=2024-04-01");
    assert_eq!(client.refusal(&refused).0, 403);
    assert_eq!(client.holders(&other), []);
    let own = client.profile("Contoso Europe");
    assert_eq!(
        client.holders(&own),
        [
            holder("40000000-aaaa-bbbb-cccc-100000000004", ANNA),
            holder(PROFILE_OWNER, ILZE),
            holder(PROFILE_OWNER, "janis.berzins@contoso.example"),
        ]
    );
    // The address of the second owner is not told.
    assert_eq!(
        client.holders(&account),
        [holder(ACCOUNT_OWNER, ILZE), (ACCOUNT_OWNER.to_owned(), None)]
    );
    assert_eq!(client.rules(), []);
}

#[test]
fn a_role_on_a_section_shows_no_invoice_but_who_to_ask() {
    let mut client = Client::new("section-owner", |_| {});
    let (account, profile) = (client.account("Contoso Group"), client.profile("Contoso Europe"));
    let property = client.property("Contoso Production");
    let section = property["invoiceSectionId"].as_str().unwrap().to_owned();
    assert!(section.starts_with(&profile));
    assert!(
        client
            .actions(&section)
            .contains(&"30000000-aaaa-bbbb-cccc-200000000000".to_owned())
    );
    for scope in [&account, &profile, &section] {
        assert!(!client.may_download(scope), "{scope}");
    }
    for scope in [&account, &profile] {
        let url = format!("{scope}/invoices?api-version=2024-04-01");
        assert_eq!(client.refusal(&url).0, 403);
    }
    let list = client.invoices_url("Contoso Production", "2024-04-01");
    assert_eq!(client.refusal(&list).0, 403);
    assert_eq!(
        client.holders(&section),
        [holder("30000000-aaaa-bbbb-cccc-100000000000", ANNA)]
    );
    assert_eq!(
        client.holders(&profile),
        [
            holder(PROFILE_OWNER, ILZE),
            holder(PROFILE_OWNER, "martins.ozols@contoso.example")
        ]
    );
    assert_eq!(
        client.holders(&account),
        [holder(ACCOUNT_OWNER, "janis.berzins@contoso.example")]
    );
}

#[test]
fn a_role_on_the_account_reaches_into_its_profiles() {
    let mut client = Client::new("customer-agreement", |_| {});
    let (account, profile) = (client.account("Contoso Group"), client.profile("Contoso America"));
    assert!(client.may_download(&account));
    assert!(client.may_download(&profile));
    assert!(!client.may_download(&format!("{profile}/invoiceSections/ICYS-ZE5B-PJA-PGB")));
    assert_eq!(client.holders(&account), [holder(ACCOUNT_OWNER, ILZE)]);
    assert_eq!(client.holders(&profile), []);
    let none = format!("{profile}/invoiceSections/NONE/billingPermissions?api-version=2024-04-01");
    assert_eq!(client.refusal(&none), (404, "NotFound".to_owned()));
    // The older version tells no address.
    let older = client.json(&format!(
        "{account}/billingRoleAssignments?api-version=2020-05-01"
    ));
    assert!(older["value"][0]["properties"].get("userEmailAddress").is_none());
}

#[test]
fn nobody_is_told_of_roles_on_what_is_not_listed_yet_permissions_are() {
    let mut client = Client::new("subscription-reader", |_| {});
    for name in ["Contoso Group", "Contoso Enterprise"] {
        let account = client.account(name);
        let told = client.json(&format!("{account}/billingPermissions?api-version=2024-04-01"));
        assert_eq!(told, json!({"value": [{"actions": []}]}));
        let holders = format!("{account}/billingRoleAssignments?api-version=2024-04-01");
        assert_eq!(client.refusal(&holders), (404, "NotFound".to_owned()));
    }
}

#[test]
fn an_enrolment_is_for_its_administrators() {
    let mut client = Client::new("enterprise-roles", |_| {});
    let account = client.account("Contoso Enterprise");
    let read = "Microsoft.Billing/billingAccounts/read".to_owned();
    assert!(client.actions(&account).contains(&read));
    assert!(!client.invoices(&account).is_empty());
    assert_eq!(client.property("Contoso Production")["isAccountAdmin"], true);
    let administrator = "9f1983cb-2574-400c-87e9-34cf8e2280db";
    assert_eq!(
        client.holders(&account),
        [
            holder(administrator, ILZE),
            holder(administrator, "janis.berzins@contoso.example")
        ]
    );

    client.sign_in(1);
    let account = client.account("Contoso Enterprise");
    assert!(!client.actions(&account).contains(&read));
    let list = format!("{account}/invoices?api-version=2024-04-01");
    assert_eq!(client.refusal(&list).0, 403);
    assert_eq!(client.property("Contoso Warehouse")["isAccountAdmin"], false);
    assert_eq!(
        client.holders(&account),
        [
            holder("fb2cf67f-be5b-42e7-8025-4683c668f840", ANNA),
            holder(administrator, ILZE)
        ]
    );

    client.sign_in(2);
    let account = client.account("Fabrikam Enterprise");
    let list = format!("{account}/invoices?api-version=2024-04-01");
    assert_eq!(client.refusal(&list).0, 401);
}

#[test]
fn one_address_may_be_two_people() {
    let mut client = Client::new("awkward-access", |_| {});
    let profile = client.profile("<i>y</i>");
    let url = format!("{profile}/billingRoleAssignments?api-version=2024-04-01");
    let list = client.json(&url);
    let list = list["value"].as_array().unwrap();
    let principals: BTreeSet<&str> = list
        .iter()
        .map(|each| each["properties"]["principalId"].as_str().unwrap())
        .collect();
    assert_eq!((list.len(), principals.len()), (4, 4));
    let first = client.person().object.clone();
    let address = client.person().email.clone();
    client.sign_in(1);
    assert_eq!(client.person().email, address);
    assert_ne!(client.person().object, first);
}

#[test]
fn who_sees_nothing_is_told_why() {
    let mut client = Client::new("sees-nothing", |_| {});
    for (name, status) in [
        ("Contoso Costs", 403),
        ("Contoso Archive", 403),
        ("Contoso Production", 403),
        ("Contoso Warehouse", 400),
        ("Contoso Branch Office", 404),
    ] {
        let url = client.invoices_url(name, "2024-04-01");
        assert_eq!(client.refusal(&url).0, status, "{name}");
    }
    let account = client.account("Contoso Enterprise");
    let list = format!("{account}/invoices?api-version=2024-04-01");
    assert_eq!(client.refusal(&list).0, 403);
}
