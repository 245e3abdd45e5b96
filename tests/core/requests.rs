//! The pipeline: retries, throttling, tokens and the long-running operation.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use portal_invoices::azure::ports::{Clock, HttpResponse, Method, TransportError};
use portal_invoices::azure::{
    Arm, AzureError, Blobs, Cloud, Decision, Download, InvoiceList, Listed, Pages, SasUrl, Tokens, decide,
    list_invoices, list_subscriptions, retry_after,
};
use serde_json::json;
use time::macros::date;

use crate::double::{
    NOW, Network, Sent, StillClock, identity, json, response, token, token_with, with_headers,
};

const DOWNLOAD: &str = "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/11111111-2222-3333-4444-555555555555/invoices/E1/download?api-version=2024-04-01";
const OPERATION: &str = "https://management.azure.com/providers/Microsoft.Billing/billingAccounts/default/operationResults/invoiceDownload_1?t=";
const SAS: &str =
    "https://billingrppub.blob.core.windows.net/invoices/E1.pdf?se=2026-11-23T09%3A10%3A00Z&sig=s";

struct World {
    clock: Rc<StillClock>,
    network: Rc<Network>,
    tokens: Tokens,
    arm: Rc<Arm>,
}

fn world(answer: impl Fn(&Sent) -> Result<HttpResponse, TransportError> + 'static) -> World {
    let clock = StillClock::new();
    let network = Network::new(&clock, answer);
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let arm = Rc::new(Arm::new(
        identity(),
        tokens.clone(),
        network.clone(),
        clock.clone(),
    ));
    World {
        clock,
        network,
        tokens,
        arm,
    }
}

/// Answers one after the other; the last one stays.
fn in_turn(answers: Vec<HttpResponse>) -> impl Fn(&Sent) -> Result<HttpResponse, TransportError> {
    let turn = Cell::new(0);
    move |_| {
        let answer = answers[turn.get().min(answers.len() - 1)].clone();
        turn.set(turn.get() + 1);
        Ok(answer)
    }
}

fn error(status: u16, code: &str) -> HttpResponse {
    response(
        status,
        json!({ "error": { "code": code, "message": "words" } }).to_string(),
    )
}

/// How many items a list had, or why it is not whole.
fn whole<T>(listed: Listed<T>) -> Result<usize, AzureError> {
    match listed.broken_off {
        Some(error) => Err(error),
        None => Ok(listed.items.len()),
    }
}

impl World {
    fn subscriptions(&self) -> Option<Result<usize, AzureError>> {
        let arm = self.arm.clone();
        self.clock
            .run(async move { whole(list_subscriptions(&arm).await) })
    }

    fn prepare(&self) -> Option<Result<(), AzureError>> {
        let arm = self.arm.clone();
        self.clock
            .run(async move { Download::prepared(DOWNLOAD, &arm)?.prepare(&arm).await.map(drop) })
    }
}

#[test]
fn retry_decisions() {
    let ok = |status| Ok(response(status, ""));
    let seconds = Duration::from_secs;
    assert_eq!(decide(1, &ok(200), NOW, 0.5), Decision::Keep);
    assert_eq!(decide(1, &ok(404), NOW, 0.5), Decision::Keep);
    assert_eq!(decide(1, &ok(403), NOW, 0.5), Decision::Keep);
    for status in [408, 429, 500, 502, 503, 504] {
        assert!(
            matches!(decide(1, &ok(status), NOW, 0.5), Decision::Again(_)),
            "{status}"
        );
        assert_eq!(
            decide(6, &ok(status), NOW, 0.5),
            Decision::Keep,
            "attempts are bounded"
        );
    }
    assert!(matches!(
        decide(1, &Err(TransportError::Network), NOW, 0.5),
        Decision::Again(_)
    ));
    let told = Ok(with_headers(response(503, ""), &[("Retry-After", "7")]));
    assert_eq!(decide(1, &told, NOW, 0.5), Decision::Again(seconds(7)));
    let soon = |status| Ok(with_headers(response(status, ""), &[("Retry-After", "1")]));
    assert_eq!(decide(5, &soon(429), NOW, 1.0), Decision::Again(seconds(1)));
    assert_eq!(
        decide(5, &soon(503), NOW, 1.0),
        Decision::Again(seconds(16)),
        "sooner Chromium would not send it"
    );
    let Decision::Again(early) = decide(1, &ok(500), NOW, 0.0) else {
        panic!()
    };
    let Decision::Again(late) = decide(5, &ok(500), NOW, 1.0) else {
        panic!()
    };
    assert!(early >= Duration::from_millis(500) && late <= seconds(30));
}

#[test]
fn every_spelling_of_retry_after_is_understood_and_the_longest_counts() {
    let wait = |headers: &[(&str, &str)]| retry_after(&with_headers(response(429, ""), headers), NOW);
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(wait(&[("Retry-After", "10")]), seconds(10));
    assert_eq!(wait(&[("retry-after", " 10 ")]), seconds(10));
    assert_eq!(
        wait(&[("Retry-After", "Mon, 23 Nov 2026 09:01:30 GMT")]),
        seconds(90)
    );
    assert_eq!(
        wait(&[("Retry-After", "Mon, 23 Nov 2026 08:00:00 GMT")]),
        seconds(0)
    );
    assert_eq!(
        wait(&[("x-ms-retry-after-ms", "1500")]),
        Some(Duration::from_millis(1500))
    );
    let qpu = "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after";
    assert_eq!(wait(&[("Retry-After", "5"), (qpu, "40")]), seconds(40));
    for nonsense in ["", "soon", "-1", "Mon, 99 Nov 2026 09:01:30 GMT", "1e9"] {
        assert_eq!(wait(&[("Retry-After", nonsense)]), None, "{nonsense}");
    }
}

#[test]
fn a_throttled_bucket_holds_everything_behind_it_back() {
    let turn = Cell::new(0);
    let world = world(move |_| {
        turn.set(turn.get() + 1);
        match turn.get() {
            1 => Ok(with_headers(
                error(429, "TooManyRequests"),
                &[("Retry-After", "30")],
            )),
            _ => json(json!({ "value": [] })),
        }
    });
    let (arm, clock) = (world.arm.clone(), world.clock.clone());
    let later = async move |arm: &Arm| {
        // Asked after the first was told to wait.
        clock.sleep(Duration::from_secs(1)).await;
        whole(list_subscriptions(arm).await)
    };
    let ended = world.clock.run(async move {
        futures_util::future::join(async { whole(list_subscriptions(&arm).await) }, later(&arm)).await
    });
    assert!(matches!(ended, Some((Ok(_), Ok(_)))));
    let sent = world.network.sent.borrow();
    assert!(
        sent.iter()
            .skip(1)
            .all(|sent| sent.at >= NOW + Duration::from_secs(30)),
        "{sent:?}"
    );
}

#[test]
fn what_waited_at_a_closed_bucket_goes_with_the_newest_token() {
    let turn = Cell::new(0);
    let world = world(move |_| {
        turn.set(turn.get() + 1);
        match turn.get() {
            1 => Ok(with_headers(
                error(429, "TooManyRequests"),
                &[("Retry-After", "30")],
            )),
            _ => json(json!({ "value": [] })),
        }
    });
    let fresh = token_with(json!({ "exp": NOW.unix_timestamp() + 7200 }));
    let (arm, clock, tokens, renewed) = (
        world.arm.clone(),
        world.clock.clone(),
        world.tokens.clone(),
        fresh.clone(),
    );
    let ended = world.clock.run(async move {
        let later = async {
            clock.sleep(Duration::from_secs(1)).await;
            whole(list_subscriptions(&arm).await)
        };
        let renewal = async {
            clock.sleep(Duration::from_secs(10)).await;
            tokens.offer(1, &renewed, Cloud::Public, clock.now()).unwrap();
        };
        futures_util::future::join3(async { whole(list_subscriptions(&arm).await) }, later, renewal).await
    });
    assert!(matches!(ended, Some((Ok(_), Ok(_), ()))));
    let sent = world.network.sent.borrow();
    assert_eq!(sent.len(), 3);
    assert!(
        sent.iter()
            .skip(1)
            .all(|sent| fresh.ends_with(sent.bearer.as_deref().unwrap_or("none"))),
        "{sent:?}"
    );
}

#[test]
fn an_expired_token_is_replaced_by_the_portals_next_one() {
    let world = world(|sent| {
        let fresh = token_with(json!({ "name": "Fresh", "exp": NOW.unix_timestamp() + 7200 }));
        if sent.bearer.as_deref() == fresh.strip_prefix("Bearer ") {
            return json(json!({ "value": [{ "subscriptionId": "1" }] }));
        }
        Ok(error(401, "ExpiredAuthenticationToken"))
    });
    let (tokens, clock) = (world.tokens.clone(), world.clock.clone());
    let arm = world.arm.clone();
    let found = world.clock.run(async move {
        let renewal = async {
            clock.sleep(Duration::from_secs(5)).await;
            assert!(
                tokens.is_waiting_for(&identity()),
                "the run says whom it waits for"
            );
            assert!(
                tokens.offer(1, &token(), Cloud::Public, NOW).is_err(),
                "the refused token is not taken again"
            );
            let fresh = token_with(json!({ "name": "Fresh", "exp": NOW.unix_timestamp() + 7200 }));
            tokens.offer(1, &fresh, Cloud::Public, NOW).unwrap();
        };
        whole(
            futures_util::future::join(list_subscriptions(&arm), renewal)
                .await
                .0,
        )
    });
    assert_eq!(found, Some(Ok(1)));
}

#[test]
fn another_persons_token_is_never_used() {
    let world = world(|_| Ok(error(401, "ExpiredAuthenticationToken")));
    let (tokens, clock, arm) = (world.tokens.clone(), world.clock.clone(), world.arm.clone());
    let found = world.clock.run(async move {
        let other_person = async {
            clock.sleep(Duration::from_secs(5)).await;
            let other = token_with(json!({ "oid": "cccccccc-0000-4000-8000-000000000001" }));
            tokens.offer(2, &other, Cloud::Public, NOW).unwrap();
        };
        futures_util::future::join(list_subscriptions(&arm), other_person)
            .await
            .0
    });
    assert!(found.is_none(), "it waits for its own person");
    assert_eq!(world.network.sent.borrow().len(), 1);
}

#[test]
fn a_401_for_want_of_a_role_is_no_token_problem() {
    let flat = response(
        401,
        json!({ "code": "Unauthorized", "message": "No claims present" }).to_string(),
    );
    let world = world(in_turn(vec![flat]));
    assert!(matches!(
        world.subscriptions(),
        Some(Err(AzureError::Forbidden(_)))
    ));
    assert_eq!(world.network.sent.borrow().len(), 1, "never a refresh loop");
    assert!(world.tokens.account_of_tab(1, NOW).is_some(), "the token stays");
}

#[test]
fn refusals_are_told_apart_in_all_four_shapes() {
    let cases = [
        (error(403, "AuthorizationFailed"), "403 AuthorizationFailed words"),
        (
            response(404, json!({ "code": "NotFound", "message": "m" }).to_string()),
            "404 NotFound m",
        ),
        (
            response(400, json!({ "message": "m", "messageDetail": "d" }).to_string()),
            "400  m",
        ),
        (response(403, "<html>no</html>"), "403  "),
        (
            error(401, "InvalidAuthenticationTokenTenant"),
            "another directory",
        ),
    ];
    for (answer, words) in cases {
        let world = world(in_turn(vec![answer]));
        let error = world.subscriptions().unwrap().unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn pages_are_followed_relative_links_with_spaces_included() {
    let world = world(|sent| {
        let second = sent.url.contains("skiptoken=a%3D%3D");
        let link = "/subscriptions?api-version=2022-12-01&from=2000-01-01 00:00:00Z&$skiptoken=a%3D%3D";
        let next = if second { None } else { Some(link) };
        json(json!({ "value": [{ "subscriptionId": "1" }], "nextLink": next }))
    });
    assert_eq!(world.subscriptions(), Some(Ok(2)));
    assert!(
        world.network.urls()[1]
            .ends_with("?api-version=2022-12-01&from=2000-01-01%2000:00:00Z&$skiptoken=a%3D%3D")
    );
}

#[test]
fn a_link_that_is_refused_takes_nothing_from_its_page() {
    let world =
        world(|_| json(json!({ "value": [{ "name": "E1" }], "nextLink": "https://evil.example/invoices" })));
    let read = Rc::new(Cell::new(0));
    let (arm, count) = (world.arm.clone(), read.clone());
    let listed = world.clock.run(async move {
        let (from, to) = (date!(2026 - 01 - 01), date!(2026 - 11 - 23));
        let list = InvoiceList::Subscription("11111111-2222-3333-4444-555555555555");
        list_invoices(&arm, &list, from, to, &mut |invoices| {
            count.set(count.get() + invoices.len());
        })
        .await
    });
    assert!(matches!(listed, Some(Err(AzureError::Link(_)))));
    assert_eq!(read.get(), 1);
    assert_eq!(world.network.sent.borrow().len(), 1);
}

#[test]
fn a_poisoned_or_circular_list_ends_with_an_error_and_no_request() {
    let foreign = world(|_| json(json!({ "value": [], "nextLink": "https://evil.example/subscriptions" })));
    assert!(matches!(foreign.subscriptions(), Some(Err(AzureError::Link(_)))));
    assert_eq!(foreign.network.sent.borrow().len(), 1);

    let circle = world(|sent| json(json!({ "value": [], "nextLink": sent.url })));
    assert!(matches!(
        circle.subscriptions(),
        Some(Err(AzureError::Unreadable(_)))
    ));
    assert_eq!(circle.network.sent.borrow().len(), 1);

    for body in ["", "[]", "{}", "\"text\"", "{\"value\":{}}"] {
        let odd = world(move |_| Ok(response(200, body)));
        assert!(
            matches!(odd.subscriptions(), Some(Err(AzureError::Unreadable(_)))),
            "{body}"
        );
    }
    let world = world(|_| json(json!({ "value": [] })));
    assert!(Pages::from("https://evil.example/", &world.arm).is_err());
}

#[test]
fn the_older_version_is_asked_where_the_newer_does_not_know_the_subscription() {
    for status in [400, 404] {
        let world = world(move |sent| match sent.url.contains("2024-04-01") {
            true => Ok(error(status, "InvalidResourceType")),
            false => json(json!({ "value": [{ "name": "E1" }] })),
        });
        let arm = world.arm.clone();
        let found = world.clock.run(async move {
            let count = Cell::new(0);
            let list = InvoiceList::Subscription("11111111-2222-3333-4444-555555555555");
            let mut told = |invoices: Vec<_>| count.set(count.get() + invoices.len());
            list_invoices(
                &arm,
                &list,
                date!(2026 - 01 - 01),
                date!(2026 - 02 - 01),
                &mut told,
            )
            .await
            .map(|()| count.get())
        });
        assert_eq!(found, Some(Ok(1)));
        assert!(world.network.urls()[0].contains("periodStartDate=2026-01-01&periodEndDate=2026-02-01"));
    }
}

fn accepted(location: &str, wait: &str) -> HttpResponse {
    with_headers(
        response(202, ""),
        &[("Location", location), ("Retry-After", wait)],
    )
}

#[test]
fn an_operation_follows_the_newest_location_and_waits_as_told() {
    let ready = response(200, json!({ "url": SAS }).to_string());
    let first = format!("{OPERATION}1");
    let second = format!("{OPERATION}2");
    let world = world(in_turn(vec![
        accepted(&first, "10"),
        accepted(&second, "3"),
        ready,
    ]));
    world.prepare().unwrap().unwrap();
    let sent = world.network.sent.borrow();
    assert_eq!(sent[0].method, Method::Post);
    assert_eq!(
        (sent[1].url.as_str(), sent[2].url.as_str()),
        (first.as_str(), second.as_str())
    );
    assert!(sent[1].at >= sent[0].at + Duration::from_secs(10));
    assert!(sent[2].at >= sent[1].at + Duration::from_secs(3));
}

#[test]
fn an_operation_without_a_named_wait_is_looked_at_early_once() {
    let without_wait = || with_headers(response(202, ""), &[("location", OPERATION)]);
    let ready = response(200, json!({ "url": SAS }).to_string());
    let world = world(in_turn(vec![without_wait(), without_wait(), ready]));
    world.prepare().unwrap().unwrap();
    let sent = world.network.sent.borrow();
    let waits: Vec<_> = sent
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at).whole_seconds())
        .collect();
    assert_eq!(waits, [2, 10]);
}

#[test]
fn an_operation_may_answer_at_once_or_with_a_bare_text() {
    world(in_turn(vec![response(200, json!({ "url": SAS }).to_string())]))
        .prepare()
        .unwrap()
        .unwrap();
    let bare = response(200, json!(SAS).to_string());
    world(in_turn(vec![accepted(OPERATION, "1"), bare]))
        .prepare()
        .unwrap()
        .unwrap();
}

#[test]
fn a_fresh_operation_may_be_unknown_for_a_moment() {
    let unknown = || response(404, json!({ "code": "NotFound", "message": "" }).to_string());
    let ready = || response(200, json!({ "url": SAS }).to_string());
    let patient = vec![accepted(OPERATION, "1"), unknown(), unknown(), unknown(), ready()];
    world(in_turn(patient)).prepare().unwrap().unwrap();
    let gone = world(in_turn(vec![accepted(OPERATION, "1"), unknown()]));
    assert!(matches!(gone.prepare(), Some(Err(AzureError::NotFound(_)))));
    assert_eq!(gone.network.sent.borrow().len(), 1 + 6);
}

#[test]
fn an_operation_that_never_ends_is_given_up() {
    let world = world(in_turn(vec![accepted(OPERATION, "10")]));
    assert_eq!(world.prepare(), Some(Err(AzureError::Unfinished)));
    assert!(world.network.sent.borrow().len() <= 32);
}

#[test]
fn a_poisoned_operation_leads_to_no_request() {
    for location in [
        "https://evil.example/x",
        "/subscriptions/1/resourceGroups/x",
        "http://management.azure.com/tenants",
    ] {
        let world = world(in_turn(vec![accepted(location, "1")]));
        assert!(
            matches!(world.prepare(), Some(Err(AzureError::Link(_)))),
            "{location}"
        );
        assert_eq!(world.network.sent.borrow().len(), 1, "{location}");
    }
    for address in [
        "https://evil.example/1.pdf",
        "http://billingrppub.blob.core.windows.net/1.pdf",
        "",
    ] {
        let world = world(in_turn(vec![response(
            200,
            json!({ "url": address }).to_string(),
        )]));
        assert!(
            matches!(world.prepare(), Some(Err(AzureError::Link(_)))),
            "{address}"
        );
    }
    let empty = world(in_turn(vec![response(200, "{}")]));
    assert!(matches!(empty.prepare(), Some(Err(AzureError::Unreadable(_)))));
}

#[test]
fn a_cancelled_request_gives_its_place_back() {
    let world = world(|_| json(json!({ "value": [] })));
    let arm = world.arm.clone();
    let clock = world.clock.clone();
    let done = world.clock.run(async move {
        for _ in 0..50 {
            let request = Box::pin(list_subscriptions(&arm));
            let moment = Box::pin(clock.sleep(Duration::from_millis(5)));
            drop(futures_util::future::select(request, moment).await);
        }
        whole(list_subscriptions(&arm).await).is_ok()
    });
    assert_eq!(done, Some(true));
}

#[test]
fn a_waiter_that_is_gone_when_its_turn_comes_gives_its_place_back() {
    let world = world(|_| json(json!({ "value": [] })));
    let (arm, clock) = (world.arm.clone(), world.clock.clone());
    let done = world.clock.run(async move {
        for _ in 0..20 {
            let crowd = (0..40).map(|_| list_subscriptions(&arm));
            let crowd = Box::pin(futures_util::future::join_all(crowd));
            // An answer takes 20 ms: at this moment the turn has just been called and nobody has come.
            let moment = Box::pin(clock.sleep(Duration::from_millis(20)));
            drop(futures_util::future::select(moment, crowd).await);
        }
        whole(list_subscriptions(&arm).await).is_ok()
    });
    assert_eq!(done, Some(true));
}

#[test]
fn a_date_to_wait_for_counts_by_the_servers_clock() {
    // The person's clock is ten minutes fast, or slow.
    for minutes in [-10i64, 10] {
        let answer = with_headers(
            response(503, ""),
            &[
                ("Date", "Mon, 23 Nov 2026 09:00:00 GMT"),
                ("Retry-After", "Mon, 23 Nov 2026 09:00:30 GMT"),
            ],
        );
        let here = NOW + time::Duration::minutes(minutes);
        assert_eq!(retry_after(&answer, here), Some(Duration::from_secs(30)));
    }
}

#[test]
fn every_spelling_of_a_date_is_understood() {
    for date in [
        "Mon, 23 Nov 2026 09:01:30 GMT",
        "Monday, 23-Nov-26 09:01:30 GMT",
        "Mon Nov 23 09:01:30 2026",
    ] {
        let answer = with_headers(response(429, ""), &[("Retry-After", date)]);
        assert_eq!(retry_after(&answer, NOW), Some(Duration::from_secs(90)), "{date}");
    }
}

#[test]
fn a_wait_of_more_than_ten_minutes_is_told_instead_of_waited_for() {
    let world = world(|_| {
        Ok(with_headers(
            error(429, "TooManyRequests"),
            &[("Retry-After", "3600")],
        ))
    });
    assert!(matches!(
        world.subscriptions(),
        Some(Err(AzureError::Throttled(_)))
    ));
    assert!(
        matches!(world.subscriptions(), Some(Err(AzureError::Throttled(_)))),
        "the bucket stays closed"
    );
    assert_eq!(world.network.sent.borrow().len(), 1);
}

#[test]
fn a_bucket_that_closes_leaves_the_others_open() {
    let world = world(|sent| match sent.method {
        Method::Post => Ok(with_headers(
            error(429, "TooManyRequests"),
            &[("Retry-After", "60")],
        )),
        Method::Get => json(json!({ "value": [] })),
    });
    let (arm, clock) = (world.arm.clone(), world.clock.clone());
    let read_at = world.clock.run(async move {
        let prepare = Box::pin(async { Download::prepared(DOWNLOAD, &arm).unwrap().prepare(&arm).await });
        let read = Box::pin(async {
            clock.sleep(Duration::from_secs(1)).await;
            whole(list_subscriptions(&arm).await).unwrap();
            clock.now()
        });
        match futures_util::future::select(prepare, read).await {
            futures_util::future::Either::Right((at, _)) => at,
            futures_util::future::Either::Left(_) => panic!("the refused one was first"),
        }
    });
    assert!(read_at.unwrap() < NOW + Duration::from_secs(2));
}

#[test]
fn requests_say_honestly_who_sends_them_and_carry_an_id() {
    let world = world(in_turn(vec![
        error(500, "InternalServerError"),
        response(200, json!({ "value": [] }).to_string()),
    ]));
    world.subscriptions().unwrap().unwrap();
    let sent = world.network.sent.borrow();
    let header = |at: usize, wanted: &str| {
        let headers = sent[at].headers.iter();
        let found = headers
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value.clone());
        found.collect::<Vec<_>>()
    };
    assert!(header(0, "x-ms-command-name")[0].starts_with("PortalInvoices/"));
    let id = &header(0, "x-ms-client-request-id")[0];
    let shape: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(shape, [8, 4, 4, 4, 12], "{id}");
}

/// Fetches so many blobs of a length at once, drops them as they come if so wished, and tells when each was asked for.
fn asked_at(blobs: usize, length: usize, drops: bool) -> Vec<Duration> {
    let clock = StillClock::new();
    let network = Network::new(&clock, move |_| Ok(response(200, vec![0; length])));
    let client = Rc::new(Blobs::new(network.clone(), clock.clone()));
    let fetches = (0..blobs).map(move |_| {
        let client = client.clone();
        async move {
            let blob = client
                .fetch(&SasUrl::read(SAS, Cloud::Public).unwrap())
                .await
                .unwrap();
            (!drops).then_some(blob)
        }
    });
    let ended = clock.run(join_all(fetches));
    assert_eq!(ended.is_some(), drops);
    let sent = network.sent.borrow();
    sent.iter()
        .map(|sent| Duration::try_from(sent.at - NOW).unwrap())
        .collect()
}

#[test]
fn six_blobs_lie_in_memory_at_most() {
    assert_eq!(asked_at(8, 100, false), [Duration::ZERO; 6]);
    assert_eq!(asked_at(8, 100, true).len(), 8);
}

#[test]
fn fewer_blobs_are_fetched_at_once_where_they_are_large() {
    let most_at_once = |times: Vec<Duration>| {
        let later = times.into_iter().skip(6).collect::<Vec<_>>();
        let at_once = |time: &Duration| later.iter().filter(|other| *other == time).count();
        later.iter().map(at_once).max()
    };
    assert_eq!(most_at_once(asked_at(60, 100, true)), Some(6));
    assert!(most_at_once(asked_at(60, 2_000_000, true)) <= Some(4));
}
