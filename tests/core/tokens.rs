//! Which tokens are taken, and how long they are kept.

use portal_invoices::azure::{AccessToken, Cloud, TokenRefused, Tokens};
use serde_json::json;
use time::Duration;

use crate::double::{NOW, identity, token, token_with};

fn read(header: &str) -> Result<String, TokenRefused> {
    AccessToken::read(header, Cloud::Public, NOW).map(|token| token.account().name.clone())
}

#[test]
fn a_token_of_the_portal_is_taken_with_its_person() {
    assert_eq!(read(&token()).unwrap(), "Ilze Kalniņa");
    assert_eq!(
        read(token().strip_prefix("Bearer ").unwrap()).unwrap(),
        "Ilze Kalniņa"
    );
    let nameless = token_with(json!({ "name": null }));
    assert_eq!(
        read(&nameless).unwrap(),
        "ilze@contoso.example",
        "the sign-in name stands in for the name"
    );
}

#[test]
fn every_other_token_is_refused_with_its_reason() {
    let soon = NOW.unix_timestamp() + 59;
    let cases = [
        ("", TokenRefused::Malformed),
        ("Basic aWx6ZTpzZWNyZXQ=", TokenRefused::Malformed),
        ("Bearer one.two", TokenRefused::Malformed),
        ("Bearer one.two.three.four", TokenRefused::Malformed),
        ("Bearer a.!!!.c", TokenRefused::Malformed),
        ("Bearer a.bm90IGpzb24.c", TokenRefused::Malformed),
        (
            &token_with(json!({ "aud": "https://graph.microsoft.com" })),
            TokenRefused::OtherAudience,
        ),
        (
            &token_with(json!({ "aud": "https://management.azure.com.evil.example" })),
            TokenRefused::OtherAudience,
        ),
        (&token_with(json!({ "aud": null })), TokenRefused::OtherAudience),
        (&token_with(json!({ "exp": soon })), TokenRefused::Expired),
        (&token_with(json!({ "exp": "tomorrow" })), TokenRefused::Malformed),
        (
            &token_with(json!({ "nbf": NOW.unix_timestamp() + 3000 })),
            TokenRefused::NotYetValid,
        ),
        (&token_with(json!({ "tid": null })), TokenRefused::Nameless),
        (
            &token_with(json!({ "oid": "not-a-guid" })),
            TokenRefused::Nameless,
        ),
        (&token_with(json!({ "cnf": { "kid": "x" } })), TokenRefused::Bound),
    ];
    for (header, reason) in cases {
        assert_eq!(read(header), Err(reason), "{header}");
    }
}

#[test]
fn a_clock_ten_minutes_off_does_no_harm() {
    assert!(read(&token_with(json!({ "nbf": NOW.unix_timestamp() + 599 }))).is_ok());
}

#[test]
fn every_audience_of_resource_manager_is_known() {
    for audience in [
        "https://management.core.windows.net/",
        "https://management.core.windows.net",
        "https://management.azure.com/",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    ] {
        assert!(
            read(&token_with(json!({ "aud": audience }))).is_ok(),
            "{audience}"
        );
    }
}

#[test]
fn a_token_is_kept_while_a_tab_or_a_run_of_its_person_needs_it() {
    let tokens = Tokens::default();
    let account = tokens.offer(7, &token(), Cloud::Public, NOW).unwrap();
    assert_eq!(account.identity, identity());
    assert!(tokens.account_of_tab(7, NOW).is_some());
    assert!(
        tokens.account_of_tab(8, NOW).is_none(),
        "another tab has its own person"
    );

    tokens.set_working(&identity(), true);
    tokens.tab_gone(7);
    assert!(tokens.account_of_tab(7, NOW).is_none());
    assert_eq!(tokens.accounts(NOW).len(), 1, "the run still needs it");
    tokens.set_working(&identity(), false);
    assert!(tokens.accounts(NOW).is_empty(), "nobody needs it any more");
}

#[test]
fn a_token_is_never_kept_past_its_end() {
    let tokens = Tokens::default();
    tokens.offer(7, &token(), Cloud::Public, NOW).unwrap();
    assert!(tokens.account_of_tab(7, NOW + Duration::hours(1)).is_none());
}

#[test]
fn another_person_in_the_same_tab_takes_the_tab_over() {
    let tokens = Tokens::default();
    tokens.offer(7, &token(), Cloud::Public, NOW).unwrap();
    let other = token_with(json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "name": "Jānis" }));
    tokens.offer(7, &other, Cloud::Public, NOW).unwrap();
    assert_eq!(tokens.account_of_tab(7, NOW).unwrap().name, "Jānis");
    assert_eq!(
        tokens.accounts(NOW).len(),
        1,
        "the first person's token is dropped"
    );
}

#[test]
fn a_token_of_another_cloud_is_not_lent_to_this_one() {
    let government = token_with(json!({ "aud": "https://management.usgovcloudapi.net/" }));
    assert!(
        Tokens::default()
            .offer(7, &government, Cloud::Public, NOW)
            .is_err()
    );
    assert!(
        Tokens::default()
            .offer(7, &government, Cloud::UsGovernment, NOW)
            .is_ok()
    );
}

#[test]
fn nothing_waits_for_a_person_who_is_there() {
    let tokens = Tokens::default();
    tokens.offer(7, &token(), Cloud::Public, NOW).unwrap();
    assert!(!tokens.is_waiting_for(&identity()));
}
