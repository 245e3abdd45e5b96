//! Whole runs through random mishaps: whatever Azure and the network do, the rules of the pipeline hold and every
//! document ends in one state.
//!
//! `FAULT_CASES` sets how many scripts are tried; they come from one seed, so a run repeats the one before.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use futures_channel::mpsc::unbounded;
use portal_invoices::azure::ports::{Clock, HttpRequest, HttpResponse, Method, Transport, TransportError};
use portal_invoices::azure::{Arm, Blobs, Cloud, Tokens};
use portal_invoices::download::{Job, Journal, Listing, Order, Report, Run, ScopeAnswer, Verdict, run};
use portal_invoices::invoices::{Period, ScopeKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::date;

use crate::double::{Browser, Disk, NOW, StillClock, identity, response, token_with, with_headers};

const SEED: &[u8; 32] = b"portal invoices, random mishaps.";
const CASES: u32 = 500;

const ARM: &str = "management.azure.com";
const STORAGE: &str = "billingrppub.blob.core.windows.net";
const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";
const DOCUMENTS: usize = 3 + 4 + 3;
/// More requests than this for one address (its query aside) would be a loop.
const MOST_OF_ONE: usize = 60;

/// What happens to one request.
#[derive(Clone, Debug)]
enum Mishap {
    /// It is answered so, and never reaches the service.
    Answer(u16, Option<Wait>),
    /// It is refused as not authenticated, with this code.
    Unauthorized(&'static str),
    /// No answer.
    Reset,
    /// An answer that breaks off on the way, as the browser reports it.
    BrokenOff,
    /// An answer whose body ends in the middle, as nobody reports it.
    Truncated,
    /// Every link of the answer leads elsewhere.
    Hostile(&'static str),
    /// The answer comes so many seconds later.
    Late(u16),
}

/// How an answer asks to wait.
#[derive(Clone, Debug)]
enum Wait {
    Seconds(u16),
    Milliseconds(u16),
    Date(u16),
    CostManagement(u16),
    Nonsense,
}

impl Wait {
    fn header(&self, now: OffsetDateTime) -> (&'static str, String) {
        match self {
            Wait::Seconds(seconds) => ("Retry-After", seconds.to_string()),
            Wait::Milliseconds(milliseconds) => ("x-ms-retry-after-ms", milliseconds.to_string()),
            Wait::Date(seconds) => {
                let until = now + Duration::from_secs((*seconds).into());
                let (day, month, year) = (until.day(), &until.month().to_string()[..3], until.year());
                let (hour, minute, second) = (until.hour(), until.minute(), until.second());
                let date = format!("Mon, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT");
                ("retry-after", date)
            }
            Wait::CostManagement(seconds) => (
                "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after",
                seconds.to_string(),
            ),
            Wait::Nonsense => ("Retry-After", "soon".to_owned()),
        }
    }

    /// The least that must be waited; a date has whole seconds.
    fn least(&self) -> Duration {
        match self {
            Wait::Seconds(seconds) | Wait::CostManagement(seconds) => Duration::from_secs((*seconds).into()),
            Wait::Milliseconds(milliseconds) => Duration::from_millis((*milliseconds).into()),
            Wait::Date(seconds) => Duration::from_secs((*seconds).saturating_sub(1).into()),
            Wait::Nonsense => Duration::ZERO,
        }
    }
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let wait = prop_oneof![
        (0u16..90).prop_map(Wait::Seconds),
        (0u16..5_000).prop_map(Wait::Milliseconds),
        (0u16..90).prop_map(Wait::Date),
        (0u16..90).prop_map(Wait::CostManagement),
        Just(Wait::Seconds(3_600)),
        Just(Wait::Nonsense),
    ];
    let status = prop::sample::select(vec![
        302u16, 400, 403, 404, 408, 409, 410, 424, 429, 429, 429, 500, 502, 503, 503, 504,
    ]);
    let codes = vec![
        "ExpiredAuthenticationToken",
        "InvalidAuthenticationToken",
        "InvalidAuthenticationTokenTenant",
        "Unauthorized",
    ];
    let links = vec![
        "https://evil.example/providers/Microsoft.Billing/x",
        "http://management.azure.com/providers/Microsoft.Billing/x",
        "https://management.azure.com@evil.example/subscriptions",
        "https://management.azure.com\\@evil.example/subscriptions",
        "https://mаnagement.azure.com/subscriptions",
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/x",
        "/providers/Microsoft.Billing/billingAccounts/1/policies/default/../../cancel",
        "//evil.example/subscriptions",
    ];
    prop_oneof![
        4 => (status, prop::option::of(wait)).prop_map(|(status, wait)| Mishap::Answer(status, wait)),
        1 => prop::sample::select(codes).prop_map(Mishap::Unauthorized),
        1 => Just(Mishap::Reset),
        1 => Just(Mishap::BrokenOff),
        1 => Just(Mishap::Truncated),
        2 => prop::sample::select(links).prop_map(Mishap::Hostile),
        1 => (0u16..40).prop_map(Mishap::Late),
    ]
}

/// An Azure with a script of mishaps, and a judge of everything that reaches it.
struct FaultyAzure {
    clock: Rc<StillClock>,
    script: RefCell<VecDeque<Option<Mishap>>>,
    operations: Cell<u32>,
    judge: RefCell<Judge>,
}

#[derive(Default)]
struct Judge {
    broken: Vec<String>,
    sent: BTreeMap<String, usize>,
    /// From when on a bucket may be asked again.
    opens: BTreeMap<&'static str, OffsetDateTime>,
    /// From when on an operation may be looked at again, by the path of its address.
    due: BTreeMap<String, OffsetDateTime>,
}

impl Judge {
    fn on_request(&mut self, request: &HttpRequest, now: OffsetDateTime) {
        let url = request.url();
        let (host, path) = split(url);
        if request.bearer().is_some() != (host == ARM) || !url.starts_with("https://") {
            self.broken.push(format!("bearer: {url}"));
        }
        if host == ARM && !is_on_the_list(request.method(), path) || host != ARM && host != STORAGE {
            self.broken.push(format!("outside the list: {url}"));
        }
        let opens = self.opens.get(bucket(request.method(), host));
        if opens.is_some_and(|opens| now < *opens) || self.due.get(path).is_some_and(|due| now < *due) {
            self.broken.push(format!("too early: {url}"));
        }
        let sent = self
            .sent
            .entry(format!("{:?} {path}", request.method()))
            .or_default();
        *sent += 1;
        if *sent > MOST_OF_ONE {
            self.broken.push(format!("asked without end: {url}"));
        }
    }
}

/// Host and path, the query left out.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").unwrap().1;
    let (host, path) = rest.split_once('/').unwrap();
    (host, path.split('?').next().unwrap())
}

fn bucket(method: Method, host: &str) -> &'static str {
    match (method, host) {
        (_, STORAGE) => "storage",
        (Method::Get, _) => "reads",
        (Method::Post, _) => "preparations",
    }
}

/// The product's list, written a second time.
fn is_on_the_list(method: Method, path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let is_plain = !path.contains("..") && !path.contains('\\') && !path.contains("//");
    let is_listed = match method {
        Method::Get => {
            ["subscriptions", "tenants"].contains(&path.as_str())
                || path.starts_with("providers/microsoft.billing/")
                || path.starts_with("subscriptions/") && path.contains("/providers/microsoft.billing/")
        }
        Method::Post => {
            path.starts_with("providers/microsoft.billing/billingaccounts/")
                && ["/download", "/downloadsummary", "/transactionsdownload"]
                    .iter()
                    .any(|action| path.ends_with(action))
        }
    };
    is_plain && is_listed
}

#[async_trait(?Send)]
impl Transport for FaultyAzure {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.judge.borrow_mut().on_request(&request, self.clock.now());
        let mishap = self.script.borrow_mut().pop_front().flatten();
        let late = match mishap {
            Some(Mishap::Late(seconds)) => Duration::from_secs(seconds.into()),
            _ => Duration::ZERO,
        };
        self.clock.sleep(Duration::from_millis(20) + late).await;
        let (host, path) = split(request.url());
        let good = || self.serve(request.method(), host, path);
        let answer = match &mishap {
            None | Some(Mishap::Late(_)) => good(),
            Some(Mishap::Answer(status, wait)) => self.refuse(&request, *status, wait.as_ref()),
            Some(Mishap::Unauthorized(code)) => {
                let body = json!({ "error": { "code": code, "message": "m" } });
                response(401, body.to_string())
            }
            Some(Mishap::Reset) => return Err(TransportError::Network),
            Some(Mishap::BrokenOff) => return Err(TransportError::BrokenOff),
            Some(Mishap::Truncated) => {
                let mut answer = good();
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            Some(Mishap::Hostile(link)) => poisoned(good(), link),
        };
        if let Some(location) = answer
            .header("location")
            .filter(|link| link.contains("/operationResults/"))
        {
            let (_, path) = split(location);
            let due = self.clock.now() + Duration::from_secs(5);
            self.judge.borrow_mut().due.insert(path.to_owned(), due);
        }
        Ok(answer)
    }
}

impl FaultyAzure {
    fn refuse(&self, request: &HttpRequest, status: u16, wait: Option<&Wait>) -> HttpResponse {
        let now = self.clock.now();
        let headers: Vec<(&str, String)> = wait.iter().map(|wait| wait.header(now)).collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        if let Some(wait) = wait
            && matches!(status, 429 | 500..=599)
        {
            let (host, _) = split(request.url());
            let mut judge = self.judge.borrow_mut();
            let opens = judge.opens.entry(bucket(request.method(), host)).or_insert(now);
            *opens = (*opens).max(now + wait.least());
        }
        with_headers(response(status, "<html>not JSON</html>"), &headers)
    }

    fn serve(&self, method: Method, host: &str, path: &str) -> HttpResponse {
        if host == STORAGE {
            return match path.ends_with(".csv") {
                true => response(200, "Date,Amount\r\n2026-01-01,5.00\r\n"),
                false => response(200, "%PDF-1.7\n...\n%%EOF\n"),
            };
        }
        if method == Method::Post {
            let number = self.operations.replace(self.operations.get() + 1);
            let format = if path.ends_with("/transactionsDownload") {
                "csv"
            } else {
                "pdf"
            };
            let location = format!(
                "https://{ARM}/providers/Microsoft.Billing/billingAccounts/1/operationResults/{format}_{number}?t=1&s=2"
            );
            return with_headers(
                response(202, ""),
                &[("Location", &location), ("Retry-After", "5")],
            );
        }
        if let Some((_, operation)) = path.split_once("/operationResults/") {
            let format = operation.split('_').next().unwrap();
            let url = format!("https://{STORAGE}/invoices/{operation}.{format}?sig=s");
            return response(200, json!({ "url": url }).to_string());
        }
        response(200, list(path).to_string())
    }
}

/// The world: an enrolment, a Customer Agreement with two pages, a subscription of its own.
fn list(path: &str) -> Value {
    let account = |name: &str, agreement: &str| json!({ "name": name, "properties": { "agreementType": agreement, "displayName": name } });
    let invoice = |name: &str, documents: Vec<Value>| json!({ "name": name, "properties": { "invoiceDate": "2026-03-09T00:00:00Z", "documents": documents } });
    let url = |place: &str, name: &str, action: &str| {
        format!("https://{ARM}/providers/Microsoft.Billing/billingAccounts/{place}/invoices/{name}/{action}")
    };
    let named = |place: &str, name: &str| {
        let document = json!({ "kind": "Invoice", "name": "1", "url": url(place, name, "download") });
        invoice(name, vec![document])
    };
    let of_subscription = format!("default/billingSubscriptions/{SUBSCRIPTION}");
    match path {
        "providers/Microsoft.Billing/billingAccounts" => json!({ "value": [
            account("4711001", "EnterpriseAgreement"),
            account("a:b_2019-05-31", "MicrosoftCustomerAgreement"),
        ] }),
        "subscriptions" => json!({ "value": [{ "subscriptionId": SUBSCRIPTION, "displayName": "Contoso" }] }),
        "providers/Microsoft.Billing/billingAccounts/4711001/invoices" => {
            let actions = [
                ("Invoice", "download"),
                ("Summary", "downloadSummary"),
                ("Transactions", "transactionsDownload"),
            ];
            let documents =
                actions.map(|(kind, action)| json!({ "kind": kind, "url": url("4711001", "EA1", action) }));
            json!({ "value": [invoice("EA1", documents.into())] })
        }
        "providers/Microsoft.Billing/billingAccounts/a%3Ab_2019-05-31/invoices" => json!({
            "value": [named("a:b", "G1"), named("a:b", "G2")],
            "nextLink": "/providers/Microsoft.Billing/billingAccounts/a:b_2019-05-31/invoices?$skiptoken=a b%3D%3D",
        }),
        "providers/Microsoft.Billing/billingAccounts/a:b_2019-05-31/invoices" => {
            json!({ "value": [named("a:b", "G3"), named("a:b", "G4")] })
        }
        path if path.ends_with("/invoices") => json!({ "value": [
            named(&of_subscription, "E1"),
            named(&of_subscription, "E2"),
            named(&of_subscription, "E3"),
        ] }),
        _ => json!({ "value": [], "properties": {} }),
    }
}

/// The answer with every link in it leading elsewhere.
fn poisoned(mut answer: HttpResponse, link: &str) -> HttpResponse {
    for (name, value) in &mut answer.headers {
        if name == "Location" {
            link.clone_into(value);
        }
    }
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if body.get("nextLink").is_some() {
        body["nextLink"] = json!(link);
    }
    if body.get("url").is_some() {
        body["url"] = json!(link);
    }
    for item in body
        .get_mut("value")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        let documents = item
            .pointer_mut("/properties/documents")
            .and_then(Value::as_array_mut);
        for document in documents.into_iter().flatten() {
            document["url"] = json!(link);
        }
    }
    if body.is_object() {
        answer.body = body.to_string().into_bytes();
    }
    answer
}

/// Documents of each place.
const PLACES: [(&str, usize); 3] = [("4711001", 3), ("a:b_2019-05-31", 4), ("Contoso", 3)];

/// Places of which documents are missing, though neither they nor the list that they stand in were told as failed or
/// refused.
fn missing_without_a_word(report: &Report, documents: &BTreeMap<String, usize>) -> Vec<&'static str> {
    let is_excused = |place: &str| {
        matches!(report.listing, Listing::Failed(_))
            || report.scopes.iter().any(|line| {
                let is_told = matches!(line.answer, ScopeAnswer::Failed(_) | ScopeAnswer::Refused(_));
                let is_its_list = match line.kind {
                    ScopeKind::Subscriptions => place == "Contoso",
                    ScopeKind::Accounts => place != "Contoso",
                    _ => line.name == place,
                };
                is_told && is_its_list
            })
    };
    let is_whole = |place: &str, count: usize| documents.get(place).is_some_and(|found| *found == count);
    PLACES
        .into_iter()
        .filter(|(place, count)| !is_whole(place, *count) && !is_excused(place))
        .map(|(place, _)| place)
        .collect()
}

/// One run through a script: its last report, how many documents of each place it found, and what the judge found.
fn live(script: Vec<Option<Mishap>>) -> (Option<Report>, BTreeMap<String, usize>, Vec<String>) {
    let (report, documents, broken, _) = live_with_portal(script, Duration::from_secs(7));
    (report, documents, broken)
}

/// The same with a portal that looks so often whether anybody waits for its token; and how long it took.
fn live_with_portal(
    script: Vec<Option<Mishap>>,
    look: Duration,
) -> (
    Option<Report>,
    BTreeMap<String, usize>,
    Vec<String>,
    time::Duration,
) {
    let clock = StillClock::new();
    let azure = Rc::new(FaultyAzure {
        clock: clock.clone(),
        script: RefCell::new(script.into()),
        operations: Cell::new(0),
        judge: RefCell::default(),
    });
    let tokens = Tokens::default();
    let renew = move |tokens: &Tokens, now: OffsetDateTime| {
        let claims =
            json!({ "exp": now.unix_timestamp() + 3_600, "uti": now.unix_timestamp_nanos().to_string() });
        tokens.offer(1, &token_with(claims), Cloud::Public, now).unwrap();
    };
    renew(&tokens, NOW);
    let disk = Rc::new(Disk::default());
    let browser = || Rc::new(Browser(disk.clone()));
    let means = Run {
        arm: Rc::new(Arm::new(identity(), tokens.clone(), azure.clone(), clock.clone())),
        blobs: Blobs::new(azure.clone(), clock.clone()),
        journal: Journal::of(identity(), browser()),
        files: browser(),
        downloads: browser(),
        clock: clock.clone(),
    };
    let last = Rc::new(RefCell::new(None));
    let (slot, renewing) = (last.clone(), clock.clone());
    let (tell, told) = unbounded();
    clock.run(async move {
        let period = Period {
            from: date!(2026 - 01 - 01),
            to: date!(2026 - 12 - 31),
        };
        let order = Order::new(identity(), period);
        let changed = |job: &Job| {
            let mut documents: BTreeMap<String, usize> = BTreeMap::new();
            for (document, _) in job.documents() {
                *documents.entry(document.billed_to.clone()).or_default() += 1;
            }
            drop(slot.replace(Some((job.report(), documents))));
        };
        let work = run(&means, order, tell, told, changed, async |_| {});
        // The portal renews its token whenever somebody waits for one.
        let portal = async {
            loop {
                renewing.sleep(look).await;
                if tokens.is_waiting_for(&identity()) {
                    renew(&tokens, renewing.now());
                }
            }
        };
        let ended = futures_util::future::select(Box::pin(work), Box::pin(portal)).await;
        drop(ended);
    });
    let (report, documents) = last.take().unzip();
    let broken = azure.judge.borrow().broken.clone();
    (report, documents.unwrap_or_default(), broken, clock.now() - NOW)
}

#[test]
fn a_token_that_is_gone_for_an_hour_is_waited_for() {
    for spared in 0..40 {
        let mut script: Vec<Option<Mishap>> = vec![None; spared];
        script.push(Some(Mishap::Unauthorized("ExpiredAuthenticationToken")));
        let (report, _, broken, took) = live_with_portal(script, Duration::from_secs(3_600));
        assert_eq!(broken, Vec::<String>::new());
        assert_eq!(report.unwrap().saved, DOCUMENTS, "after {spared} requests");
        let was_hit = took >= time::Duration::hours(1);
        assert!(was_hit || spared > 20, "after {spared} requests: {took}");
    }
}

#[test]
fn without_a_mishap_everything_is_saved() {
    let (report, documents, broken) = live(Vec::new());
    let report = report.unwrap();
    assert_eq!(broken, Vec::<String>::new());
    assert_eq!((report.documents, report.saved), (DOCUMENTS, DOCUMENTS));
    assert_eq!(
        documents,
        PLACES.map(|(place, count)| (place.to_owned(), count)).into()
    );
}

#[test]
fn whatever_goes_wrong_the_rules_hold_and_every_document_ends_in_one_state() {
    let cases = std::env::var("FAULT_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, SEED));
    let script = prop::collection::vec(prop::option::weighted(0.6, mishap()), 0..60);
    runner
        .run(&script, |script| {
            let (report, documents, broken) = live(script);
            prop_assert_eq!(broken, Vec::<String>::new());
            let report = report.unwrap();
            prop_assert_eq!(report.verdict, Verdict::Finished);
            prop_assert_eq!(report.ended(), report.documents);
            prop_assert!(report.documents <= DOCUMENTS);
            for missing in missing_without_a_word(&report, &documents) {
                prop_assert!(false, "{missing} is missing without a word: {report:?}");
            }
            Ok(())
        })
        .unwrap();
}
