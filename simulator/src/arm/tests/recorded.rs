//! Our answers beside recorded ones, field by field, where a folder of recordings is at hand.
//! It must not know what the fields mean.

use std::path::PathBuf;

use super::*;

/// The keys of an answer, with those of the first element of lists.
fn keys(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}/{name}");
                keys(value, &path, into);
                into.insert(path);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                keys(first, path, into);
            }
        }
        _ => {}
    }
}

fn keys_of(value: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    keys(value, "", &mut all);
    all
}

#[test]
fn answers_have_every_field_that_was_recorded() {
    let Some(recordings) = std::env::var_os("RECORDED_RESPONSES").map(PathBuf::from) else {
        eprintln!("not run: RECORDED_RESPONSES does not name a folder of recorded answers");
        return;
    };
    let recorded = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(recordings.join("recorded").join(name)).unwrap()).unwrap()
    };
    let mut client = Client::new("pay-as-you-go", |_| {});
    let id = client.subscription("Grāmatvedība");

    let ours = keys_of(&client.json(&client.invoices_url("Grāmatvedība", "2024-04-01"))["value"][0]);
    let theirs = keys_of(&recorded("cliext_2024_ea_invoice_GET_200.json"));
    assert_eq!(
        theirs.difference(&ours).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );

    let ours = keys_of(&client.json("/subscriptions?api-version=2022-12-01"));
    let theirs = keys_of(&recorded("net_subscriptions_00_GET_200.json"));
    assert_eq!(
        theirs.difference(&ours).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );

    let property = format!(
        "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2020-05-01"
    );
    assert_eq!(
        keys_of(&client.json(&property)),
        keys_of(&recorded("cli_billingProperty_00_GET_200.json"))
    );

    let missing = client.send(
        "GET",
        &format!("/providers/Microsoft.Billing/billingAccounts/{id}?api-version=2020-05-01"),
    );
    let body: Value = serde_json::from_slice(&missing.body).unwrap();
    assert_eq!(body, recorded("cli_mosp_billingAccounts_00_GET_404.json"));

    let unknown = client.send(
        "GET",
        "/providers/Microsoft.Billing/billingAccounts?api-version=0001-07-01",
    );
    let body: Value = serde_json::from_slice(&unknown.body).unwrap();
    assert_eq!(
        keys_of(&body),
        keys_of(&recorded("net_err_invalidApiVersion_00_GET_404.json"))
    );
    assert_eq!(
        body["error"]["code"],
        recorded("net_err_invalidApiVersion_00_GET_404.json")["error"]["code"]
    );

    let list = client.json(&client.invoices_url("Grāmatvedība", "2024-04-01"));
    let done = client.operation(
        list["value"][0]["properties"]["documents"][0]["url"]
            .as_str()
            .unwrap(),
    );
    assert_eq!(
        keys_of(&done),
        keys_of(&recorded("net_mca_download_3_GET_200_object.json"))
    );
    let query_names = |url: &Value| -> BTreeSet<String> {
        let (_, query) = url.as_str().unwrap().split_once('?').unwrap();
        crate::exchange::parameters(query).map(|(name, _)| name).collect()
    };
    let theirs = recorded("cliext_2024_ea_downloadSummary_3_GET_200.json");
    assert_eq!(query_names(&done["url"]), query_names(&theirs["url"]));

    let mut enterprise = Client::new("enterprise", |_| {});
    let account = enterprise.account("Contoso Enterprise");
    let invoice = enterprise.invoices(&account).remove(0);
    assert_eq!(
        keys_of(&invoice),
        keys_of(&recorded("cliext_2024_ea_invoice_GET_200.json"))
    );
    let accounts = "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01";
    assert_eq!(
        keys_of(&enterprise.json(accounts)),
        keys_of(&recorded("cliext_2024_ea_billingAccounts_filter_GET_200.json"))
    );

    let mut customer = Client::new("customer-agreement", |_| {});
    assert_eq!(
        keys_of(&customer.json(accounts)),
        keys_of(&recorded("cliext_2024_mca_billingAccounts_GET_200.json"))
    );
    let account = customer.account("Contoso Group");
    let missing = |ours: &Value, theirs: &str, renamed: &str| -> Vec<String> {
        let (ours, theirs) = (keys_of(ours), keys_of(&recorded(theirs)));
        let missing = theirs.difference(&ours).filter(|key| !key.contains(renamed));
        missing.cloned().collect()
    };
    let none = Vec::<String>::new();
    // Older recordings call two fields otherwise.
    let profiles = customer.json(&format!("{account}/billingProfiles?api-version=2024-04-01"));
    let theirs = "net_mca_billingProfiles_00_GET_200.json";
    assert_eq!(missing(&profiles, theirs, "/address"), none);
    let list = customer.json(&format!("{account}/invoices?api-version=2024-04-01"));
    let theirs = "net_mca_invoices_ba_00_GET_200.json";
    assert_eq!(missing(&list, theirs, "/documentUrls"), none);
    let id = customer.subscription("Contoso Production");
    let property = format!(
        "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2020-05-01"
    );
    assert_eq!(
        keys_of(&customer.json(&property)),
        keys_of(&recorded("net_mca_billingProperty_00_GET_200.json"))
    );

    let mut partner = Client::new("partner-agreement", |_| {});
    assert_eq!(
        keys_of(&partner.json(&accounts.replace("2024-04-01", "2020-05-01"))),
        keys_of(&recorded("cli_mosp_billingAccounts_01_GET_200.json"))
    );

    let mut legacy = Client::new("legacy", |_| {});
    let path = |legacy: &Client, name: &str| {
        let id = legacy.subscription(name);
        format!("/subscriptions/{id}/providers/Microsoft.Billing/invoices")
    };
    let version = "api-version=2018-03-01-preview";
    for (target, theirs) in [
        (format!("?{version}"), "cli_legacy_invoices_00_GET_200.json"),
        (
            format!("?{version}&$expand=downloadUrl"),
            "cli_legacy_invoices_downloadUrl_00_GET_200.json",
        ),
        (
            format!("/latest?{version}"),
            "net_legacy_invoice_latest_00_GET_200.json",
        ),
    ] {
        let url = format!("{}{target}", path(&legacy, "Contoso Workshop"));
        assert_eq!(
            keys_of(&legacy.json(&url)),
            keys_of(&recorded(theirs)),
            "{target}"
        );
    }
    let nothing = legacy.send("GET", &format!("{}?{version}", path(&legacy, "Contoso Trial")));
    let nothing: Value = serde_json::from_slice(&nothing.body).unwrap();
    let theirs = recorded("net_legacy_invoices_noresult_00_GET_404.json");
    assert_eq!(keys_of(&nothing), keys_of(&theirs));
    assert_eq!(nothing["error"]["message"], theirs["error"]["message"]);

    let subscription = format!("/subscriptions/{}", legacy.subscription("Contoso Workshop"));
    let usage = legacy.json(&format!(
        "{subscription}/providers/Microsoft.Consumption/usageDetails?$top=5&api-version=2019-10-01"
    ));
    // The recording is older than the kinds.
    let mut ours = keys_of(&usage);
    assert!(ours.remove("/value/kind"));
    assert_eq!(
        ours,
        keys_of(&recorded("cli_consumption_usageDetails_00_GET_200.json"))
    );
}

#[test]
fn what_is_told_of_access_has_the_recorded_form() {
    let Some(recordings) = std::env::var_os("RECORDED_RESPONSES").map(PathBuf::from) else {
        eprintln!("not run: RECORDED_RESPONSES does not name a folder of recorded answers");
        return;
    };
    let recorded = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(recordings.join("recorded").join(name)).unwrap()).unwrap()
    };
    let mut client = Client::new("section-owner", |_| {});
    let profile = client.profile("Contoso Europe");
    assert_eq!(
        client.json(&format!("{profile}/billingPermissions?api-version=2024-04-01")),
        recorded("cliext_2024_mca_billingPermissions_empty_GET_200.json")
    );
    let theirs = recorded("cli_mca_roleAssignments_01_GET_200.json");
    assert_eq!(
        keys_of(&client.json(&format!(
            "{profile}/billingRoleAssignments?api-version=2020-05-01"
        ))),
        keys_of(&theirs)
    );

    let id = client.subscription("Contoso Production");
    let url = format!(
        "/subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=atScope()"
    );
    let ours = keys_of(&client.json(&url));
    let theirs = keys_of(&recorded("net_roleAssignments_atScope_00_GET_200.json"));
    let missing: Vec<&String> = theirs.difference(&ours).collect();
    // A preview version had it.
    assert_eq!(missing, ["/value/properties/canDelegate"]);
}
