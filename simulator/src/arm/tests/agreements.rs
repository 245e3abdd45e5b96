//! What each agreement lists, refuses and hands out, as a client sees it.
//! It must not know how an answer is made: requests in, answers out.

use super::*;

#[test]
fn accounts_are_listed_with_what_their_agreement_has() {
    let mut client = Client::new("mixed", |_| {});
    let url = "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01";
    let names = |list: &Value| -> Vec<String> {
        let accounts = list["value"].as_array().unwrap().iter();
        let names = accounts.map(|account| account["properties"]["displayName"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    let readable = client.json(url);
    assert_eq!(
        names(&readable),
        [
            "Contoso Pay-as-you-go",
            "Contoso Group",
            "Contoso Enterprise",
            "Tailwind Group"
        ]
    );
    let all = client.json(&format!("{url}&includeAll=true"));
    assert_eq!(names(&all).last().unwrap(), "Fabrikam Enterprise");
    let properties = |at: usize| &all["value"][at]["properties"];
    assert_eq!(properties(0)["agreementType"], "MicrosoftOnlineServicesProgram");
    let tenants = client.json("/tenants?api-version=2022-12-01");
    assert_eq!(tenants["value"].as_array().unwrap().len(), 3);
    assert_eq!(
        properties(1)["primaryBillingTenantId"],
        tenants["value"][1]["tenantId"]
    );
    let details = &properties(2)["enrollmentDetails"];
    assert_eq!(
        (&details["channel"], &details["countryCode"]),
        (&json!("EaDirect"), &json!("LV "))
    );
    assert_eq!(details["startDate"], "6/1/2024 12:00:00 AM +00:00");
    assert_eq!(properties(4)["hasReadAccess"], false);
    assert!(properties(4).get("enrollmentDetails").is_none());
    let old = client.json(&url.replace("2024-04-01", "2020-05-01"));
    assert_eq!(
        old["value"][1]["properties"]["billingProfiles"]["hasMoreResults"],
        false
    );
    let one = client.json(&format!(
        "{}?api-version=2024-04-01",
        client.account("Contoso Enterprise")
    ));
    assert_eq!(one, all["value"][2]);
}

#[test]
fn a_profile_role_shows_one_profile_and_nothing_of_the_account() {
    let mut client = Client::new("profile-reader", |_| {});
    let account = client.account("Contoso Group");
    let list = client.json("/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01");
    assert_eq!(list, json!({"value": []}));
    let profiles = client.json(&format!("{account}/billingProfiles?api-version=2024-04-01"));
    let access = |at: usize| profiles["value"][at]["properties"]["hasReadAccess"].clone();
    assert_eq!((access(0), access(1)), (json!(true), json!(false)));
    assert_eq!(profiles["value"][1]["properties"]["currency"], "USD");
    let refused = (403, "AuthorizationFailed".to_owned());
    let invoices = |of: &str| format!("{of}/invoices?api-version=2024-04-01");
    assert_eq!(client.refusal(&invoices(&account)), refused);
    assert_eq!(
        client.refusal(&invoices(&client.profile("Contoso America"))),
        refused
    );
    let of_other = client.invoices_url("Contoso Storefront US", "2024-04-01");
    assert_eq!(client.refusal(&of_other), refused);

    let europe = client.profile("Contoso Europe");
    let seen = client.invoices(&europe);
    assert_eq!(seen.len(), 14);
    let by_subscription = client.json(&client.invoices_url("Contoso Production", "2024-04-01"));
    assert_eq!(by_subscription["value"][0]["name"], seen[0]["name"]);
    let documents = |invoice: &Value| invoice["properties"]["documents"][0]["name"].clone();
    assert_eq!(documents(&by_subscription["value"][0]), documents(&seen[0]));
    // The profile's list leads to the account, where the documents are had.
    for invoice in [&seen[0], &by_subscription["value"][0]] {
        let url = invoice["properties"]["documents"][0]["url"].as_str().unwrap();
        assert!(client.operation(url)["url"].is_string(), "{url}");
    }
    assert_eq!(client.rules(), []);
}

#[test]
fn an_account_answers_with_a_raw_colon_or_an_encoded_one() {
    let mut client = Client::new("customer-agreement", |settings| settings.page_size = 20);
    let account = client.account("Contoso Group");
    assert!(account.contains(':'));
    for path in [account.clone(), account.replace(':', "%3A")] {
        let list = client.json(&format!("{path}/invoices?api-version=2020-05-01&{PERIOD}"));
        let next = list["nextLink"].as_str().unwrap();
        assert!(next.starts_with(&account) && next.ends_with("%3D%3D"), "{next}");
        assert!(
            client.json(&next.replace(' ', "%20"))["value"]
                .as_array()
                .unwrap()
                .len()
                > 5
        );
    }
}

#[test]
fn a_profiles_invoices_tell_the_profile_and_how_they_replace_each_other() {
    let mut client = Client::new("customer-agreement", |_| {});
    let account = client.account("Contoso Group");
    let invoices = client.invoices(&account);
    let with = |field: &str| -> Vec<&Value> {
        let all = invoices.iter();
        all.filter(|invoice| invoice["properties"].get(field).is_some())
            .collect()
    };
    let purchase = invoices
        .iter()
        .find(|invoice| invoice["properties"]["invoiceType"] == "AzureMarketplace")
        .unwrap();
    assert_eq!(purchase["properties"]["isMonthlyInvoice"], false);
    assert_eq!(
        purchase["properties"]["invoicePeriodStartDate"],
        purchase["properties"]["invoicePeriodEndDate"]
    );
    assert_eq!(purchase["properties"]["billedAmount"]["currency"], "USD");
    assert!(
        invoices
            .iter()
            .any(|invoice| invoice["properties"]["totalAmount"]["value"] == 0.0)
    );
    let third = with("rebillDetails")[0];
    let second = with("rebillDetails")[1];
    let details = &third["properties"]["rebillDetails"];
    assert_eq!(details["invoiceDocumentId"], second["id"]);
    assert_eq!(
        details["rebillDetails"]["invoiceDocumentId"],
        second["properties"]["rebillDetails"]["invoiceDocumentId"]
    );
    assert!(details["rebillDetails"]["rebillDetails"].is_null());
    let note = with("creditForDocumentId")[0];
    assert_eq!(details["creditNoteDocumentId"], note["id"]);
    let without_slash = |id: &Value| id.as_str().unwrap().trim_start_matches('/').to_owned();
    assert_eq!(
        note["properties"]["creditForDocumentId"],
        without_slash(&second["id"])
    );
    assert!(note["properties"]["totalAmount"]["value"].as_f64().unwrap() < 0.0);
    assert_eq!(second["properties"]["status"], "Void");
    assert_eq!(
        second["properties"]["billedDocumentId"],
        without_slash(&third["id"])
    );
    let name = third["name"].as_str().unwrap();
    let alone = client.json(&format!("{account}/invoices/{name}?api-version=2024-04-01"));
    assert_eq!(alone, *third);
}

#[test]
fn an_enrolments_invoice_has_three_documents_without_names() {
    let mut client = Client::new("enterprise", |_| {});
    let account = client.account("Contoso Enterprise");
    let invoices = client.invoices(&account);
    assert_eq!(invoices.len(), 13);
    let split = &invoices[7]["properties"]["documents"];
    assert_eq!(split[0]["documentNumbers"].as_array().unwrap().len(), 2);
    let documents = &invoices[0]["properties"]["documents"];
    let expected = [
        ("Invoice", "download", "invoices", ".pdf", "invoiceDownload_"),
        (
            "Summary",
            "downloadSummary",
            "invoicesummaries",
            "_invoice_summary.pdf",
            "invoiceSummaryDownload_",
        ),
        (
            "Transactions",
            "transactionsDownload",
            "invoicetransactions",
            "_invoice_transactions.csv",
            "transactionsDownload_",
        ),
    ];
    for (at, (kind, action, container, ending, operation)) in expected.into_iter().enumerate() {
        let document = &documents[at];
        assert_eq!(document["kind"], kind);
        assert!(document.get("name").is_none());
        let url = document["url"].as_str().unwrap();
        assert!(
            url.ends_with(&format!("/{action}?api-version=2024-04-01")),
            "{url}"
        );
        let location = header(&client.send("POST", url), "location");
        assert!(
            location.contains(&format!("{account}/operationResults/{operation}")),
            "{location}"
        );
        let done = client.operation(url);
        let link = done["url"].as_str().unwrap();
        let (path, _) = link.split_once('?').unwrap();
        assert!(
            path.contains(&format!("/{container}/")) && path.ends_with(ending),
            "{path}"
        );
        let fetched = blob::answer(&mut client.state, &request("GET", link, &[]));
        let content_type = if kind == "Transactions" {
            "text/csv"
        } else {
            "application/octet-stream"
        };
        assert_eq!(header(&fetched, "content-type"), content_type);
    }
    assert_eq!(client.rules(), []);
    let old = format!("{account}/invoices?api-version=2020-05-01&{PERIOD}");
    assert_eq!(client.refusal(&old), (400, "BadRequest".to_owned()));
    let by_subscription = client.invoices_url("Contoso Production", "2024-04-01");
    assert_eq!(client.refusal(&by_subscription), (400, "BadRequest".to_owned()));
    let profiles = format!("{account}/billingProfiles?api-version=2024-04-01");
    assert_eq!(client.refusal(&profiles), (400, "BadRequest".to_owned()));
}

#[test]
fn an_account_of_the_online_services_programme_lists_its_subscriptions_and_its_support_plan() {
    let mut client = Client::new("mixed", |_| {});
    let account = client.account("Contoso Pay-as-you-go");
    let invoices = client.invoices(&account);
    assert_eq!(invoices.len(), 13 + 13 + 2);
    let support: Vec<&Value> = invoices
        .iter()
        .filter(|invoice| invoice["properties"]["invoiceType"] == "AzureSupport")
        .collect();
    assert_eq!(support.len(), 2);
    assert!(support[0]["properties"].get("subscriptionId").is_none());
    for invoice in [support[0], &invoices[0]] {
        let url = invoice["properties"]["documents"][0]["url"].as_str().unwrap();
        assert!(client.operation(url)["url"].is_string(), "{url}");
    }
    let failing = client.account("Tailwind Group");
    let status = client.send("GET", &format!("{failing}/invoices?api-version=2024-04-01"));
    assert_eq!(status.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn roles_on_subscriptions_alone_are_told_who_bills_and_hardly_more() {
    let mut client = Client::new("subscription-reader", |_| {});
    let list = "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01&includeAll=true";
    assert_eq!(client.json(list), json!({"value": []}));
    let hidden = format!(
        "{}/invoices?api-version=2024-04-01",
        client.account("Contoso Group")
    );
    assert_eq!(client.refusal(&hidden), (404, "NotFound".to_owned()));
    let list = |client: &mut Client, name: &str| {
        let url = client.invoices_url(name, "2024-04-01");
        client.refusal(&url)
    };
    assert_eq!(list(&mut client, "Contoso Production").0, 403);
    assert_eq!(
        list(&mut client, "Contoso Warehouse"),
        (400, "BadRequest".to_owned())
    );
    assert_eq!(
        list(&mut client, "Contoso Branch Office"),
        (404, "NotFound".to_owned())
    );
    let property = |client: &Client, name: &str| {
        let id = client.subscription(name);
        format!(
            "/subscriptions/{id}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01"
        )
    };
    let refused = property(&client, "Contoso Payroll");
    assert_eq!(client.refusal(&refused), (403, "AuthorizationFailed".to_owned()));
    let billed_by = client.json(&property(&client, "Contoso Production"))["properties"].clone();
    assert_eq!(
        billed_by["billingAccountAgreementType"],
        "MicrosoftCustomerAgreement"
    );
    assert_eq!(billed_by["billingProfileDisplayName"], "Contoso Europe");
    assert!(billed_by.get("accountAdminNotificationEmailAddress").is_none());
    let shared = client.json(&property(&client, "Contoso Website"))["properties"].clone();
    assert_eq!(
        shared["accountAdminNotificationEmailAddress"],
        "ilze.kalnina@contoso.example"
    );
    assert_eq!(shared["isAccountAdmin"], false);
}

#[test]
fn the_oldest_version_hands_out_links_of_its_own() {
    let mut client = Client::new("legacy", |_| {});
    let id = client.subscription("Contoso Workshop");
    for version in ["2024-04-01", "2020-05-01"] {
        let url = client.invoices_url("Contoso Workshop", version);
        assert_eq!(client.refusal(&url), (400, "BadRequest".to_owned()));
    }
    let path = format!("/subscriptions/{id}/providers/Microsoft.Billing/invoices");
    let version = "api-version=2018-03-01-preview";
    let plain = client.json(&format!("{path}?{version}"));
    assert_eq!(plain["value"].as_array().unwrap().len(), 14);
    assert!(plain["value"][0]["properties"].get("downloadUrl").is_none());
    let first = client.json(&format!("{path}?{version}&$expand=downloadUrl&$top=10"));
    let second = client.json(first["nextLink"].as_str().unwrap());
    assert_eq!(second["value"].as_array().unwrap().len(), 4);
    let link = &second["value"][3]["properties"]["downloadUrl"];
    let url = link["url"].as_str().unwrap();
    assert!(
        url.starts_with(&format!(
            "https://billinginsightsstore02.blob.core.windows.net/invoices/{id}-"
        )),
        "{url}"
    );
    let fetched = blob::answer(&mut client.state, &request("GET", url, &[]));
    assert_eq!(fetched.status, StatusCode::OK);
    let elsewhere = url.replace(hosts::OTHER_STORAGE, hosts::INVOICE_STORAGE);
    let elsewhere = blob::answer(&mut client.state, &request("GET", &elsewhere, &[]));
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let name = plain["value"][0]["name"].as_str().unwrap();
    for one in [name, "latest"] {
        let one = client.json(&format!("{path}/{one}?{version}"));
        assert_eq!(one["name"], name);
        assert!(one["properties"]["downloadUrl"]["expiryTime"].is_string());
    }
    let trial = client.subscription("Contoso Trial");
    let nothing = client.refusal(
        &path
            .replace(&id, &trial)
            .replace("invoices", &format!("invoices?{version}")),
    );
    assert_eq!(nothing, (404, "ResourceNotFound".to_owned()));
    assert_eq!(client.rules(), []);
}

#[test]
fn the_oldest_version_refuses_as_the_newer_ones_do() {
    let version = "api-version=2018-03-01-preview";
    let status = |scenario: &str, subscription: &str| {
        let mut client = Client::new(scenario, |_| {});
        let id = client.subscription(subscription);
        client.refusal(&format!(
            "/subscriptions/{id}/providers/Microsoft.Billing/invoices?{version}"
        ))
    };
    let told = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(
        status("shared-with-me", "Contoso Archive"),
        told(404, "ResourceNotFound")
    );
    assert_eq!(
        status("shared-with-me", "Contoso Payroll"),
        told(403, "AuthorizationFailed")
    );
    assert_eq!(
        status("shared-with-me", "Contoso Partner"),
        told(401, "Unauthorized")
    );
    assert_eq!(status("shared-with-me", "Contoso Moved"), told(404, "NotFound"));
    assert_eq!(status("shared-with-me", "Contoso Broken"), told(503, ""));
    assert_eq!(
        status("enterprise", "Contoso Production"),
        told(400, "BadRequest")
    );
    assert_eq!(status("pay-as-you-go", "Contoso Production"), told(200, ""));
}

#[test]
fn documents_outside_azure_have_an_address_of_their_own() {
    let mut client = Client::new("brazil", |_| {});
    let invoices = client.json(&client.invoices_url("Contoso São Paulo", "2024-04-01"));
    let document = |at: usize, of: usize| &invoices["value"][at]["properties"]["documents"][of];
    let note = document(0, 1);
    assert_eq!(note["source"], "ENF");
    assert!(note.get("url").is_none());
    let url = note["externalUrl"].as_str().unwrap();
    let mut fetch = |url: &str, headers: &[(&str, &str)]| {
        let request = request("GET", url, headers);
        client.state.watch_request(&request);
        crate::external::answer(&client.state, &request)
    };
    let fetched = fetch(url, &[]);
    assert!(fetched.body.starts_with(b"%PDF-"));
    let elsewhere = fetch("https://nfe.prefeitura.example/", &[]);
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    fetch(url, &[("authorization", "Bearer a.b.c")]);
    assert_eq!(
        client.rules(),
        [Rule::ForeignHost, Rule::BearerOutsideArm, Rule::ForeignHost]
    );
    assert!(
        document(3, 1)["externalUrl"]
            .as_str()
            .unwrap()
            .starts_with("http://")
    );
    assert!(
        document(4, 1)["externalUrl"]
            .as_str()
            .unwrap()
            .starts_with("https://user@")
    );
}

#[test]
fn poisoned_links_look_as_the_scenario_says() {
    let mut client = Client::new("hostile-links", |settings| settings.page_size = 50);
    let links = client.invoices_url("Poisoned operation links", "2024-04-01");
    let mut locations = Vec::new();
    for page in [0, 4] {
        let list = client.json(&format!("{links}&skip={page}"));
        for invoice in list["value"].as_array().unwrap() {
            let url = invoice["properties"]["documents"][0]["url"].as_str().unwrap();
            let answer = client.send("POST", url);
            locations.push(header(&answer, "location").chars().take(45).collect::<String>());
        }
    }
    assert_eq!(
        locations,
        [
            "https://storage.fabrikam.example/providers/Mi",
            "https://management.azure.com/subscriptions/00",
            "http://management.azure.com/providers/Microso",
            "https://management.azure.com@storage.fabrikam",
            "https://user@management.azure.com/providers/M",
            "https://storage.fabrikam.example\\@management.",
            "https://xn--mnagement-0yh.azure.com/providers",
            "https://management.azure.com/providers/Micros",
        ]
    );
    let cyrillic = client.json(&client.invoices_url("Next page: a look-alike", "2024-04-01"));
    let next = cyrillic["nextLink"].as_str().unwrap();
    assert!(next.starts_with("https://m\u{430}nagement.azure.com/"), "{next}");
}
