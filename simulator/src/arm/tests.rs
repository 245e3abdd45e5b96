//! A download from list to link as a client sees it, and what every agreement has in common.
//! It must not know how an answer is made: requests in, answers out.

mod access;
mod agreements;
mod recorded;
mod usage;

use std::collections::BTreeSet;

use time::Duration as Span;
use time::macros::date;
use tokio::time::Duration;

use super::*;
use crate::exchange::tests::request;
use crate::log::Sender;
use crate::rules::Rule;
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::{blob, documents};

const PERIOD: &str = "periodStartDate=2025-06-01&periodEndDate=2026-11-23";

struct Client {
    state: State,
    bearer: String,
}

impl Client {
    fn new(scenario: &str, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            today: Some(date!(2026 - 11 - 23)),
            ..Settings::fast()
        };
        change(&mut settings);
        let mut state = State::new(settings, &Scenario::named(scenario).unwrap());
        let token = state.issue_token(OffsetDateTime::now_utc()).unwrap();
        Self {
            state,
            bearer: format!("Bearer {token}"),
        }
    }

    /// Signs in as another account.
    fn sign_in(&mut self, account: usize) {
        self.state.sign_in(account);
        let token = self.state.issue_token(OffsetDateTime::now_utc()).unwrap();
        self.bearer = format!("Bearer {token}");
    }

    fn person(&self) -> &Person {
        self.state.world.people.get(self.state.signed_in).unwrap()
    }

    fn request(&self, method: &str, url: &str) -> Request {
        let url = if url.starts_with('/') {
            format!("https://{}{url}", hosts::ARM)
        } else {
            url.to_owned()
        };
        request(method, &url, &[("authorization", &self.bearer)])
    }

    fn send(&mut self, method: &str, url: &str) -> Answer {
        let request = self.request(method, url);
        self.state.watch_request(&request);
        answer(&mut self.state, &request)
    }

    fn json(&mut self, url: &str) -> Value {
        let answer = self.send("GET", url);
        assert_eq!(answer.status, StatusCode::OK, "{url}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn subscription(&self, name: &str) -> String {
        let person = self.person();
        person
            .subscriptions
            .iter()
            .find(|each| each.name == name)
            .unwrap()
            .id
            .clone()
    }

    fn invoices_url(&self, subscription: &str, version: &str) -> String {
        let id = self.subscription(subscription);
        format!(
            "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{id}/invoices?api-version={version}&{PERIOD}"
        )
    }

    /// The address of a billing account, by its display name.
    fn account(&self, name: &str) -> String {
        let person = self.person();
        let named = person.billing_accounts.iter().position(|each| each.name == name);
        shapes::path(person, Scope::Account(named.unwrap()))
    }

    /// The address of a profile of the first billing account.
    fn profile(&self, name: &str) -> String {
        let person = self.person();
        let profiles = &person.billing_accounts.first().unwrap().profiles;
        let named = profiles.iter().position(|each| each.name == name);
        shapes::path(person, Scope::Profile(0, named.unwrap()))
    }

    /// The invoices of a list in the newest version.
    fn invoices(&mut self, of: &str) -> Vec<Value> {
        let list = self.json(&format!("{of}/invoices?api-version=2024-04-01"));
        list["value"].as_array().unwrap().clone()
    }

    /// Status and error code, wherever the body has it.
    fn refusal(&mut self, url: &str) -> (u16, String) {
        let answer = self.send("GET", url);
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = body["error"]["code"].as_str().or(body["code"].as_str());
        (answer.status.as_u16(), code.unwrap_or_default().to_owned())
    }

    /// Follows an operation to its end, without waiting: the polls come late enough by their clock.
    fn operation(&mut self, url: &str) -> Value {
        let mut answer = self.send("POST", url);
        let mut late = Duration::ZERO;
        while answer.status == StatusCode::ACCEPTED {
            assert!(answer.body.is_empty());
            late += Duration::from_secs(1);
            let location = header(&answer, "location");
            assert!(location.len() > 4_000, "{}", location.len());
            let mut poll = self.request("GET", &location);
            poll.arrived += late;
            answer = super::answer(&mut self.state, &poll);
        }
        assert_eq!(answer.status, StatusCode::OK);
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn rules(&self) -> Vec<Rule> {
        self.state
            .watch
            .violations
            .iter()
            .map(|violation| violation.rule)
            .collect()
    }
}

fn header(answer: &Answer, name: &str) -> String {
    answer.headers.get(name).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_document_is_had_by_list_operation_and_link() {
    for version in ["2024-04-01", "2020-05-01"] {
        let mut client = Client::new("pay-as-you-go", |_| {});
        let list = client.json(&client.invoices_url("Grāmatvedība", version));
        let document = list["value"][0]["properties"]["documents"][0].clone();
        assert_eq!(document.get("name").is_some(), version == "2024-04-01");
        let done = client.operation(document["url"].as_str().unwrap());
        let link = done["url"].as_str().unwrap();
        let fetched = blob::answer(&mut client.state, &request("GET", link, &[]));
        assert_eq!(fetched.status, StatusCode::OK);
        let key = client
            .state
            .world
            .documents(0)
            .into_iter()
            .find(|key| key.invoice.billed_to == Scope::Subscription(2))
            .unwrap();
        assert_eq!(
            fetched.body,
            documents::content(client.state.world.find(key).unwrap())
        );
        assert_eq!(header(&fetched, "content-type"), "application/octet-stream");
        assert!(!fetched.headers.contains_key("access-control-allow-origin"));
        assert_eq!(client.rules(), []);

        blob::answer(&mut client.state, &request("GET", link, &[]));
        assert_eq!(client.rules(), [Rule::FetchedTwice]);
    }
}

#[test]
fn each_poll_brings_a_new_address_and_an_old_or_altered_one_is_noticed() {
    let mut client = Client::new("pay-as-you-go", |settings| settings.polls = 2);
    let list = client.json(&client.invoices_url("Grāmatvedība", "2024-04-01"));
    let url = list["value"][0]["properties"]["documents"][0]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = header(&client.send("POST", &url), "location");
    let second = header(&client.send("GET", &first), "location");
    assert_ne!(first, second);
    client.send("GET", &first);
    assert_eq!(client.rules(), [Rule::SupersededLocation]);
    assert_eq!(
        client.send("GET", &second.replace("&h=", "&h=x")).status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(client.rules(), [Rule::SupersededLocation, Rule::AlteredLocation]);
}

#[test]
fn a_poll_before_its_time_brings_the_end_no_nearer() {
    let mut client = Client::new("pay-as-you-go", |_| {});
    let list = client.json(&client.invoices_url("Grāmatvedība", "2024-04-01"));
    let mut answer = client.send(
        "POST",
        list["value"][0]["properties"]["documents"][0]["url"]
            .as_str()
            .unwrap(),
    );
    for _ in 0..5 {
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        assert_eq!(header(&answer, "retry-after"), "1");
        answer = client.send("GET", &header(&answer, "location"));
    }
}

#[test]
fn links_refuse_a_bearer_and_end_in_time() {
    let mut client = Client::new("pay-as-you-go", |_| {});
    let list = client.json(&client.invoices_url("Grāmatvedība", "2024-04-01"));
    let done = client.operation(
        list["value"][0]["properties"]["documents"][0]["url"]
            .as_str()
            .unwrap(),
    );
    let link = done["url"].as_str().unwrap();
    let with_bearer = blob::answer(
        &mut client.state,
        &request("GET", link, &[("authorization", "Bearer a.b.c")]),
    );
    assert_eq!(with_bearer.status, StatusCode::BAD_REQUEST);
    let mut late = request("GET", link, &[]);
    late.at += Span::minutes(10);
    let late = blob::answer(&mut client.state, &late);
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(String::from_utf8_lossy(&late.body).contains("<Code>AuthenticationFailed</Code>"));
    let unknown = blob::answer(
        &mut client.state,
        &request("GET", &link.replace("sig=", "sig=x"), &[]),
    );
    assert_eq!(unknown.status, StatusCode::FORBIDDEN);
}

#[test]
fn pages_are_followed_by_relative_links_with_raw_spaces() {
    let mut client = Client::new("pay-as-you-go", |settings| settings.page_size = 5);
    let mut url = client.invoices_url("Contoso Production", "2020-05-01");
    let (mut names, mut pages) = (BTreeSet::new(), 0);
    loop {
        let page = client.json(&url.replace(' ', "%20"));
        assert_eq!(page["totalCount"], 16);
        names.extend(
            page["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|each| each["name"].to_string()),
        );
        pages += 1;
        let Some(next) = page["nextLink"].as_str() else {
            break;
        };
        assert!(
            next.starts_with('/')
                && next.contains("00:00:00Z&")
                && next.contains(' ')
                && next.ends_with("%3D%3D")
        );
        url = next.to_owned();
    }
    assert_eq!((pages, names.len()), (4, 16));
    let encoded_again = client.send("GET", &url.replace(' ', "%20").replace("%3D", "%253D"));
    assert_eq!(encoded_again.status, StatusCode::BAD_REQUEST);
}

#[test]
fn the_period_filters_periods_and_not_invoice_dates() {
    let mut client = Client::new("pay-as-you-go", |_| {});
    let id = client.subscription("Contoso Production");
    let url = format!(
        "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/{id}/invoices?api-version=2024-04-01\
         &periodStartDate=2026-11-01&periodEndDate=2026-11-30"
    );
    assert_eq!(client.json(&url)["totalCount"], 0);
    let without = url.split("&period").next().unwrap().to_owned();
    assert_eq!(client.json(&without)["totalCount"], 16);
    let old = client.send("GET", &without.replace("2024-04-01", "2020-05-01"));
    assert_eq!(old.status, StatusCode::BAD_REQUEST);
}

#[test]
fn hostile_answers_lead_where_the_scenario_says() {
    let mut client = Client::new("hostile", |_| {});
    let list = client.json(&client.invoices_url("Addresses that lead elsewhere", "2024-04-01"));
    let url = |list: &Value, at: usize| {
        list["value"][at]["properties"]["documents"][0]["url"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(url(&list, 0).starts_with("https://storage.fabrikam.example/"));
    assert!(url(&list, 1).contains("/initiateRefund?"));
    assert!(url(&list, 2).starts_with("http://management.azure.com/"));
    let abroad = client.json(&client.invoices_url("A list that goes abroad", "2024-04-01"));
    assert!(
        abroad["nextLink"]
            .as_str()
            .unwrap()
            .starts_with("https://storage.fabrikam.example/")
    );

    let mut next = client.invoices_url("A list that never ends", "2024-04-01");
    for _ in 0..6 {
        next = client.json(&next.replace(' ', "%20"))["nextLink"]
            .as_str()
            .unwrap()
            .to_owned();
    }
    let third = client.invoices_url("Addresses that lead elsewhere", "2024-04-01") + "&skip=3";
    let list = client.json(&third);
    let post = client.send("POST", &url(&list, 0));
    assert!(header(&post, "location").starts_with("https://storage.fabrikam.example/"));
    let done = client.operation(&url(&list, 1));
    assert!(
        done["url"]
            .as_str()
            .unwrap()
            .starts_with("https://storage.fabrikam.example/")
    );
}

#[test]
fn refusals_come_in_all_their_shapes() {
    let mut client = Client::new("shared-with-me", |_| {});
    let mut list = |name: &str, version: &str| {
        let answer = client.send("GET", &client.invoices_url(name, version));
        (
            answer.status.as_u16(),
            serde_json::from_slice::<Value>(&answer.body).unwrap_or_default(),
        )
    };
    assert_eq!(list("Contoso Archive", "2024-04-01"), (200, json!({"value": []})));
    assert_eq!(
        list("Contoso Payroll", "2024-04-01").1["error"]["code"],
        "AuthorizationFailed"
    );
    let (status, body) = list("Contoso Partner", "2024-04-01");
    assert_eq!((status, &body["error"]["code"]), (401, &json!("Unauthorized")));
    assert_eq!(list("Contoso Moved", "2024-04-01").1["code"], "NotFound");
    assert_eq!(list("Contoso Broken", "2024-04-01"), (503, Value::Null));
    assert_eq!(list("Contoso Legacy", "2024-04-01").0, 400);
    assert_eq!(list("Contoso Legacy", "2020-05-01").0, 200);
    assert_eq!(
        client.json("/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01"),
        json!({"value": []})
    );
    let nowhere = client.send("GET", "/nowhere");
    assert!(serde_json::from_slice::<Value>(&nowhere.body).unwrap()["messageDetail"].is_string());
}

#[test]
fn tokens_are_refused_as_the_service_does() {
    let mut client = Client::new("pay-as-you-go", |_| {});
    let url = "https://management.azure.com/subscriptions?api-version=2022-12-01";
    let code = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(header(answer, "www-authenticate").starts_with("Bearer "));
        serde_json::from_slice::<Value>(&answer.body).unwrap()["error"]["code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let missing = answer(&mut client.state, &request("GET", url, &[]));
    assert_eq!(code(&missing), "AuthenticationFailed");
    let foreign = answer(
        &mut client.state,
        &request("GET", url, &[("authorization", "Bearer a.b.c")]),
    );
    assert_eq!(code(&foreign), "InvalidAuthenticationToken");
    client.state.expire_tokens(OffsetDateTime::now_utc());
    assert_eq!(code(&client.send("GET", url)), "ExpiredAuthenticationToken");
}

#[test]
fn an_empty_bucket_answers_429() {
    let mut client = Client::new("pay-as-you-go", |settings| {
        settings.reads = crate::Bucket {
            capacity: 2,
            per_second: 0,
        };
    });
    let url = "/subscriptions?api-version=2022-12-01";
    assert_eq!(
        header(&client.send("GET", url), "x-ms-ratelimit-remaining-tenant-reads"),
        "1"
    );
    assert_eq!(client.send("GET", url).status, StatusCode::OK);
    let throttled = client.send("GET", url);
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&throttled, "retry-after"), "1");
}

#[test]
fn the_page_may_read_answers_and_others_may_not() {
    let mut client = Client::new("pay-as-you-go", |_| {});
    let url = "https://management.azure.com/subscriptions";
    let asks = ("access-control-request-method", "GET");
    let preflight = |origin: &str| request("OPTIONS", url, &[("origin", origin), asks]);
    assert_eq!(
        answer(&mut client.state, &preflight("https://portal.azure.com")).status,
        StatusCode::OK
    );
    assert_eq!(
        answer(&mut client.state, &preflight("https://contoso.example")).status,
        StatusCode::FORBIDDEN
    );
    let frame = format!("https://{}", hosts::FRAME);
    let from_frame = request(
        "GET",
        url,
        &[("authorization", &client.bearer), ("origin", &frame)],
    );
    assert_eq!(from_frame.sender(), Sender::Page);
    assert_eq!(
        header(
            &answer(&mut client.state, &from_frame),
            "access-control-allow-origin"
        ),
        frame
    );
}

#[test]
fn odd_values_are_written_over_the_ordinary_ones() {
    let mut client = Client::new("awkward-names", |_| {});
    let list = client.json(&client.invoices_url("Unknown values", "2024-04-01"));
    assert_eq!(list["value"][0]["properties"]["specialTaxationType"], "MoonLevel");
    assert!(list["value"][1]["properties"].get("amountDue").is_none());
    let dates = client.json(&client.invoices_url("Odd dates", "2024-04-01"));
    let date = |at: usize| {
        dates["value"][at]["properties"]["invoiceDate"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(!date(0).contains('Z') && date(1).ends_with("+02:00") && date(3).ends_with('Z'));
    let twice = client.json(&client.invoices_url("One file name twice", "2024-04-01"));
    for invoice in twice["value"].as_array().unwrap() {
        let url = invoice["properties"]["documents"][0]["url"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(client.operation(&url)["url"].is_string());
    }
}
