//! What is asked about a person's access for what they look at: how few questions, in which order, and how they are put.

use std::rc::Rc;

use portal_invoices::access::{
    Answer, Answers, BillingScope, HintCode, Inquiry, LARGEST_QUESTIONS, Question, Role, Visible, ask,
};
use portal_invoices::azure::ports::{HttpResponse, Method, TransportError};
use portal_invoices::azure::{Account, Arm, Cloud, Tokens};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::Duration;

use crate::double::{NOW, Network, PERSON, Sent, StillClock, identity, response, token};

/// Recorded names of billing accounts have a colon.
const CUSTOMER: &str = "00000000-1111-4222-8333-444444444444:55555555-6666-4777-8888-999999999999_2019-05-31";
const PROFILE: &str = "AAAA-BBBB-CCC-DDD";
const ENROLLMENT: &str = "7890123";
/// Places that are told of where no row is in sight.
const WITHOUT_ROWS: usize = 5;

fn id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

fn list(path: &str, items: impl IntoIterator<Item = Value>) -> Answer {
    let items: Vec<Value> = items.into_iter().collect();
    Answer::Told(json!({ path: items }))
}

fn subscriptions(count: usize) -> Answer {
    list(
        "value",
        (0..count).map(|number| {
            json!({
                "subscriptionId": id(number),
                "displayName": format!("Contoso {number}"),
                "state": "Enabled",
                "subscriptionPolicies": {"quotaId": "PayAsYouGo_2014-09-01"},
            })
        }),
    )
}

fn permissions(actions: &[&str]) -> Answer {
    list("value", [json!({"actions": actions, "notActions": []})])
}

fn property(properties: Value) -> Answer {
    Answer::Told(json!({ "properties": properties }))
}

/// What Azure tells somebody who may read pay-as-you-go subscriptions of an administrator who does not share.
fn of_reader(question: &Question) -> Answer {
    match question {
        Question::Subscriptions => subscriptions(50),
        Question::BillingProperty(_) => property(json!({
            "billingAccountAgreementType": "MicrosoftOnlineServicesProgram",
            "isAccountAdmin": false,
            "accountAdminNotificationEmailAddress": "ilze@contoso.example",
        })),
        Question::Permissions(_) => permissions(&["*/read"]),
        _ => list("value", []),
    }
}

/// What Azure tells somebody who reads the billing profile of one subscription, and holds no role on its account.
fn of_customer(question: &Question) -> Answer {
    let account = format!("/providers/Microsoft.Billing/billingAccounts/{CUSTOMER}");
    let reads = [
        "40000000-aaaa-bbbb-cccc-200000000006",
        "40000000-aaaa-bbbb-cccc-200000000007",
        "40000000-aaaa-bbbb-cccc-200000000008",
    ];
    match question {
        Question::Subscriptions => subscriptions(1),
        Question::BillingAccounts => list(
            "value",
            [json!({
                "name": CUSTOMER,
                "properties": {"displayName": "Contoso", "agreementType": "MicrosoftCustomerAgreement"},
            })],
        ),
        Question::BillingProfiles(_) => list(
            "value",
            [json!({"name": PROFILE, "properties": {"displayName": "Contoso Europe"}})],
        ),
        Question::BillingProperty(_) => property(json!({
            "billingAccountAgreementType": "MicrosoftCustomerAgreement",
            "billingAccountId": account,
            "billingProfileId": format!("{account}/billingProfiles/{PROFILE}"),
        })),
        Question::BillingPermissions(scope) if scope.profile.is_some() => permissions(&reads),
        Question::BillingPermissions(_) => permissions(&[]),
        _ => list("value", []),
    }
}

/// What Azure tells somebody who owns a subscription of an enrollment, and holds no role on that.
fn of_enterprise(question: &Question) -> Answer {
    match question {
        Question::Subscriptions => subscriptions(3),
        Question::BillingAccounts => list(
            "value",
            [json!({
                "name": ENROLLMENT,
                "properties": {"displayName": "Contoso", "agreementType": "EnterpriseAgreement"},
            })],
        ),
        Question::BillingProperty(_) => property(json!({
            "billingAccountAgreementType": "EnterpriseAgreement",
            "billingAccountId": format!("/providers/Microsoft.Billing/billingAccounts/{ENROLLMENT}"),
        })),
        Question::BillingPermissions(_) => permissions(&[]),
        _ => list("value", []),
    }
}

/// Fifty subscriptions: own, shared, kept from the person, billed under an agreement, and refused.
fn of_everybody(question: &Question) -> Answer {
    let number = |id: &str| usize::from_str_radix(&id[..8], 16).unwrap();
    match question {
        Question::BillingProperty(id) => match number(id) % 5 {
            0 => property(json!({
                "billingAccountAgreementType": "MicrosoftOnlineServicesProgram",
                "isAccountAdmin": true,
            })),
            1 => of_customer(question),
            2 => Answer::Refused,
            _ => of_reader(question),
        },
        Question::Invoices(id) if number(id).is_multiple_of(3) => Answer::Unanswered,
        Question::Permissions(id) if number(id).is_multiple_of(4) => Answer::Refused,
        Question::Subscriptions | Question::Permissions(_) | Question::RoleAssignments(_) => {
            of_reader(question)
        }
        _ => of_customer(question),
    }
}

fn account() -> Account {
    Account {
        identity: identity(),
        name: "Ilze Kalniņa".into(),
        sign_in_name: "ilze@contoso.example".into(),
        is_guest: false,
        is_personal: false,
    }
}

fn page() -> Visible {
    Visible {
        is_about_billing: true,
        ..Visible::default()
    }
}

/// A list of subscriptions of which these are in sight.
fn rows(numbers: impl IntoIterator<Item = usize>) -> Visible {
    Visible {
        rows: numbers.into_iter().map(id).collect(),
        ..page()
    }
}

/// The page of one subscription.
fn page_of(number: usize) -> Visible {
    Visible {
        subscription: Some(id(number)),
        ..page()
    }
}

fn fresh() -> Inquiry {
    Inquiry::new(Answers::default(), NOW)
}

/// Answers everything that is under way and whatever follows, a whole step at a time. Each item is a step.
fn walk(
    inquiry: &mut Inquiry,
    first: Vec<Question>,
    azure: impl Fn(&Question) -> Answer,
) -> Vec<Vec<Question>> {
    let mut steps = Vec::new();
    let mut under_way = first;
    while !under_way.is_empty() {
        let mut next = Vec::new();
        for question in &under_way {
            next.extend(inquiry.take(question, azure(question), NOW));
        }
        steps.push(std::mem::replace(&mut under_way, next));
    }
    steps
}

/// Everything that is asked for a page.
fn all_asked(inquiry: &mut Inquiry, visible: Visible, azure: impl Fn(&Question) -> Answer) -> Vec<Question> {
    let first = inquiry.turn_to(vec![visible], NOW);
    walk(inquiry, first, azure).concat()
}

/// After how many steps something is said, and what.
fn first_verdict(visible: Visible, azure: impl Fn(&Question) -> Answer) -> (usize, HintCode) {
    let mut inquiry = fresh();
    let mut under_way = inquiry.turn_to(vec![visible], NOW);
    for step in 1.. {
        assert!(!under_way.is_empty(), "nothing is ever said");
        let mut next = Vec::new();
        for question in &under_way {
            next.extend(inquiry.take(question, azure(question), NOW));
        }
        let said = inquiry.verdicts(&account(), NOW.date());
        if let Some(hint) = said.iter().flat_map(|(_, verdict)| &verdict.hints).next() {
            return (step, hint.code);
        }
        under_way = next;
    }
    unreachable!()
}

/// What the background does between two lives.
fn kept(inquiry: &Inquiry) -> Answers {
    let stored: Value = serde_json::from_str(&inquiry.answers().json()).unwrap();
    Answers::read(&stored)
}

#[test]
fn the_first_verdict_takes_three_steps_at_most() {
    let pages = || [page(), rows([0]), page_of(0)];
    for page in pages() {
        let (steps, said) = first_verdict(page, of_reader);
        assert!(steps <= 3, "{steps}");
        assert_eq!(said, HintCode::SharingUnknown);
    }
    for page in pages() {
        let (steps, said) = first_verdict(page, of_customer);
        assert!(steps <= 3, "{steps}");
        assert_eq!(said, HintCode::BillingRole);
    }
    for page in pages() {
        let (steps, said) = first_verdict(page, of_enterprise);
        assert!(steps <= 3, "{steps}");
        assert_eq!(said, HintCode::EnterpriseRoleMissing);
    }
}

#[test]
fn a_person_is_not_told_to_lack_a_role_before_every_profile_was_looked_at() {
    let no_subscription = |question: &Question| match question {
        Question::Subscriptions => subscriptions(0),
        _ => of_customer(question),
    };
    let (_, said) = first_verdict(page(), no_subscription);
    assert_eq!(said, HintCode::BillingRole);
}

#[test]
fn nobody_is_told_to_lack_a_role_on_an_account_whose_profiles_are_not_known() {
    // Many people have subscriptions besides.
    for (count, of_account) in [
        (0, permissions(&[])),
        (1, permissions(&[])),
        (5, permissions(&[])),
        (0, Answer::Refused),
        (5, Answer::Refused),
    ] {
        let of_account = &of_account;
        let of_others = move |question: &Question| match question {
            Question::Subscriptions => subscriptions(count),
            Question::BillingProperty(_) => of_reader(question),
            Question::BillingPermissions(scope) if scope.profile.is_none() => of_account.clone(),
            _ => of_customer(question),
        };
        let codes = |inquiry: &Inquiry| -> Vec<HintCode> {
            let said = inquiry.verdicts(&account(), NOW.date());
            let hints = said.iter().flat_map(|(_, verdict)| &verdict.hints);
            hints.map(|hint| hint.code).collect()
        };
        let mut inquiry = fresh();
        let asked = all_asked(&mut inquiry, page(), of_others);
        assert!(
            asked.contains(&Question::BillingProfiles(CUSTOMER.into())),
            "{count}"
        );
        assert!(codes(&inquiry).contains(&HintCode::BillingRole), "{count}");
        for silence in [Answer::Unanswered, Answer::Refused] {
            let mut inquiry = fresh();
            all_asked(&mut inquiry, page(), |question| match question {
                Question::BillingProfiles(_) => silence.clone(),
                _ => of_others(question),
            });
            assert!(codes(&inquiry).contains(&HintCode::AccessUnknown), "{silence:?}");
            assert!(
                !codes(&inquiry).contains(&HintCode::BillingRoleMissing),
                "{silence:?}"
            );
        }
    }
}

#[test]
fn what_happened_to_a_subscription_is_said_of_that_one_not_of_its_payer() {
    let azure = |question: &Question| {
        match question {
        Question::Subscriptions => list(
            "value",
            (0..4).map(|number| {
                let state = ["Enabled", "Disabled", "Warned", "Deleted"][number];
                json!({"subscriptionId": id(number), "displayName": format!("Contoso {number}"), "state": state})
            }),
        ),
        Question::BillingProperty(of) if *of == id(0) => {
            let Answer::Told(mut body) = of_customer(question) else {
                unreachable!()
            };
            body["properties"]["subscriptionBillingStatusDetails"] = json!([{"reason": "Transferred"}]);
            Answer::Told(body)
        }
        Question::AnyInvoice(_) => list("value", [json!({})]),
        _ => of_customer(question),
    }
    };
    let mut inquiry = fresh();
    all_asked(&mut inquiry, rows(0..4), azure);
    let verdicts = inquiry.verdicts(&account(), NOW.date());
    assert_eq!(verdicts.len(), 1, "one profile");
    let said: Vec<(HintCode, &str, &[String])> = verdicts[0]
        .1
        .hints
        .iter()
        .map(|hint| {
            (
                hint.code,
                &*hint.place.as_ref().unwrap().name,
                &*hint.subscriptions,
            )
        })
        .collect();
    let all: Vec<String> = (0..4).map(id).collect();
    assert_eq!(
        said,
        [
            (HintCode::BillingRole, PROFILE, &*all),
            (HintCode::Transferred, "Contoso 0", &all[..1]),
            (HintCode::Disabled, "Contoso 1", &all[1..2]),
            (HintCode::Deleted, "Contoso 3", &all[3..]),
        ]
    );
}

#[test]
fn two_questions_for_each_place_in_sight_and_four_besides() {
    for count in [1, 2, 20, 50] {
        let mut inquiry = fresh();
        let asked = all_asked(&mut inquiry, rows(0..count), of_reader);
        assert!(asked.len() <= 4 + 2 * count, "{} for {count}", asked.len());
        // Who is billed, and what the person may do, of each.
        for place in (0..count).map(id) {
            assert!(asked.contains(&Question::BillingProperty(place.clone())));
            assert!(asked.contains(&Question::Permissions(place)));
        }
    }
}

#[test]
fn in_whatever_order_azure_answers_no_place_goes_without_its_own_questions() {
    let mut inquiry = fresh();
    let mut under_way = inquiry.turn_to(vec![rows(0..5)], NOW);
    let mut asked = under_way.clone();
    // The newest question is always answered first.
    while let Some(question) = under_way.pop() {
        let next = inquiry.take(&question, of_reader(&question), NOW);
        asked.extend(next.iter().cloned());
        under_way.extend(next);
    }
    assert!(asked.len() <= 4 + 2 * 5);
    for place in (0..5).map(id) {
        assert!(asked.contains(&Question::BillingProperty(place.clone())));
        assert!(asked.contains(&Question::Permissions(place)));
    }
    assert!(
        asked.contains(&Question::Invoices(id(0))),
        "the first place's invoices"
    );
}

#[test]
fn nothing_is_asked_about_rows_out_of_sight() {
    let mut inquiry = fresh();
    let asked = all_asked(&mut inquiry, rows(10..30), of_reader);
    let about = |number| {
        let place = id(number);
        asked.iter().any(|question| question.key().contains(&place))
    };
    assert!((10..30).all(about));
    assert!(!(0..10).chain(30..50).any(about));
}

#[test]
fn rows_that_come_into_sight_later_are_asked_about_too() {
    let mut inquiry = fresh();
    let before = all_asked(&mut inquiry, rows(0..20), of_reader);
    let after = all_asked(&mut inquiry, rows(15..35), of_reader);
    assert!(before.len() + after.len() <= 4 + 2 * 35);
    for place in (20..35).map(id) {
        assert!(after.contains(&Question::BillingProperty(place.clone())));
        assert!(after.contains(&Question::Permissions(place)));
    }
    assert!(after.iter().all(|question| !before.contains(question)));
    assert_eq!(
        all_asked(&mut inquiry, rows(0..20), of_reader),
        [],
        "scrolled back"
    );
}

#[test]
fn where_numbers_of_invoices_are_in_sight_as_many_subscriptions_are_asked_about() {
    let invoices = |count: usize| Visible {
        rows: (0..count).map(|number| format!("E04000{number:04}")).collect(),
        ..page()
    };
    let about = |asked: &[Question]| {
        let is_property = |question: &&Question| matches!(question, Question::BillingProperty(_));
        asked.iter().filter(is_property).count()
    };
    let mut inquiry = fresh();
    let none_in_sight = all_asked(&mut inquiry, page(), of_reader);
    assert_eq!(about(&none_in_sight), WITHOUT_ROWS);
    assert!(none_in_sight.len() <= 4 + 2 * WITHOUT_ROWS);
    let some_in_sight = all_asked(&mut inquiry, invoices(20), of_reader);
    assert_eq!(about(&some_in_sight), 20 - WITHOUT_ROWS);
    assert!(none_in_sight.len() + some_in_sight.len() <= 4 + 2 * 20);
}

#[test]
fn the_page_of_one_subscription_asks_about_that_one_alone() {
    let mut inquiry = fresh();
    let visible = Visible {
        rows: vec!["E0400000AB".into(), id(3)],
        ..page_of(7)
    };
    let mut asked = all_asked(&mut inquiry, visible, of_reader);
    asked.sort();
    let of = id(7);
    let mut expected = [
        Question::Directories,
        Question::Subscriptions,
        Question::BillingProperty(of.clone()),
        Question::Permissions(of.clone()),
        Question::RoleAssignments(of.clone()),
        Question::Invoices(of),
    ];
    expected.sort();
    assert_eq!(asked, expected);
}

#[test]
fn on_the_page_of_one_subscription_only_its_own_payer_is_asked_about() {
    let asked = all_asked(&mut fresh(), page_of(0), of_customer);
    let own = BillingScope {
        account: CUSTOMER.into(),
        profile: Some(PROFILE.into()),
        section: None,
    };
    assert!(asked.contains(&Question::BillingPermissions(own)));
    assert!(!asked.contains(&Question::BillingPermissions(BillingScope::account(CUSTOMER))));
    assert!(!asked.contains(&Question::BillingProfiles(CUSTOMER.into())));
}

#[test]
fn each_of_two_pages_is_told_about_its_own_subscription() {
    let mut inquiry = fresh();
    let pages = vec![page_of(3), page_of(7)];
    let first = inquiry.turn_to(pages.clone(), NOW);
    let asked = walk(&mut inquiry, first, of_reader).concat();
    assert!(asked.len() <= 4 + 2 * 2);
    for (page, number) in pages.iter().zip([3, 7]) {
        assert!(asked.contains(&Question::Permissions(id(number))));
        let said = inquiry.verdicts_on(page, &account(), NOW.date());
        let places: Vec<&str> = said.iter().map(|(facts, _)| &*facts.place.id).collect();
        assert_eq!(places, [id(number)]);
    }
    assert_eq!(inquiry.verdicts(&account(), NOW.date()).len(), 2);
    // A list beside it is no less a list.
    let beside = vec![page_of(3), rows(10..12)];
    let first = inquiry.turn_to(beside.clone(), NOW);
    walk(&mut inquiry, first, of_reader);
    assert_eq!(inquiry.verdicts_on(&beside[1], &account(), NOW.date()).len(), 2);
}

#[test]
fn an_offer_tells_of_a_partner_only_where_its_account_is_certainly_out_of_sight() {
    let said = |offer: &'static str, property: Answer, accounts: Answer| {
        let azure = move |question: &Question| match question {
            Question::Subscriptions => list(
                "value",
                [json!({"subscriptionId": id(0), "subscriptionPolicies": {"quotaId": offer}})],
            ),
            Question::BillingProperty(_) => property.clone(),
            Question::BillingAccounts => accounts.clone(),
            _ => of_reader(question),
        };
        let mut inquiry = fresh();
        all_asked(&mut inquiry, page_of(0), azure);
        let said = inquiry.verdicts(&account(), NOW.date());
        said[0].1.hints[0].code
    };
    let of_partner = || {
        property(json!({
            "billingAccountAgreementType": "MicrosoftPartnerAgreement",
            "billingAccountId": "/providers/Microsoft.Billing/billingAccounts/partner",
        }))
    };
    let (none, silent) = (|| list("value", []), Answer::Unanswered);
    let partner = json!({"name": "partner", "properties": {"agreementType": "MicrosoftPartnerAgreement"}});
    let partner = list("value", [partner]);
    for offer in ["CSP_2015-05-01", "EnterpriseAgreement_2014-09-01"] {
        assert_eq!(said(offer, of_partner(), none()), HintCode::BilledByPartner);
        assert_eq!(said(offer, of_partner(), silent.clone()), HintCode::AccessUnknown);
        assert_eq!(
            said(offer, of_partner(), partner.clone()),
            HintCode::PartnerRoleMissing
        );
    }
    let csp = |accounts| said("CSP_2015-05-01", Answer::Refused, accounts);
    assert_eq!(csp(none()), HintCode::BilledByPartner);
    assert_eq!(csp(silent), HintCode::AccessUnknown);
    assert_eq!(csp(partner), HintCode::AccessUnknown);
    // The Azure Plan of a Customer Agreement has the same offer as an enrollment.
    let enterprise = said("EnterpriseAgreement_2014-09-01", Answer::Refused, none());
    assert_eq!(enterprise, HintCode::AgreementUnknown);
}

#[test]
fn a_role_on_a_resource_group_is_none_on_the_subscription() {
    let given = |role: &str, scope: String| json!({"properties": {"roleDefinitionId": role, "scope": scope}});
    let azure = |question: &Question| match question {
        Question::RoleAssignments(of) => list(
            "value",
            [
                given(
                    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
                    format!("/subscriptions/{of}/resourceGroups/web"),
                ),
                given(
                    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
                    format!("/subscriptions/{of}"),
                ),
                given(
                    "fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64",
                    "/providers/Microsoft.Management/managementGroups/all".into(),
                ),
            ],
        ),
        _ => of_reader(question),
    };
    let mut inquiry = fresh();
    all_asked(&mut inquiry, page_of(0), azure);
    let said = inquiry.verdicts(&account(), NOW.date());
    assert_eq!(said[0].0.roles, [Role::Reader, Role::BillingReader]);
}

#[test]
fn another_subscriptions_page_has_a_budget_of_its_own() {
    let mut inquiry = fresh();
    for number in 0..10 {
        let asked = all_asked(&mut inquiry, page_of(number), of_reader);
        assert!(asked.contains(&Question::Invoices(id(number))), "{number}");
    }
}

#[test]
fn where_it_is_not_about_billing_only_the_directories_are_asked() {
    let mut inquiry = fresh();
    let elsewhere = Visible {
        is_about_billing: false,
        ..rows(0..20)
    };
    assert_eq!(
        all_asked(&mut inquiry, elsewhere, of_reader),
        [Question::Directories]
    );
    assert_eq!(all_asked(&mut inquiry, Visible::default(), of_reader), [], "once");
}

#[test]
fn subscriptions_of_a_report_are_asked_about_like_rows() {
    let reported = Visible {
        reported: vec![id(40), id(41)],
        ..page()
    };
    let mut inquiry = fresh();
    let asked = all_asked(&mut inquiry, reported, of_reader);
    assert!(asked.len() <= 4 + 2 * (2 + WITHOUT_ROWS));
    // An old run's do not stand for all others.
    for place in [id(40), id(41)].into_iter().chain((0..WITHOUT_ROWS).map(id)) {
        assert!(asked.contains(&Question::Permissions(place)));
    }
    assert_eq!(inquiry.verdicts(&account(), NOW.date()).len(), 2 + WITHOUT_ROWS);
}

#[test]
fn a_report_asks_about_its_own_subscriptions_alone() {
    let report = Visible {
        is_report: true,
        reported: vec![id(40), id(41)],
        ..page()
    };
    let mut inquiry = fresh();
    let asked = all_asked(&mut inquiry, report, of_customer);
    assert!(asked.len() <= 4 + 2 * 2);
    let is_property = |question: &&Question| matches!(question, Question::BillingProperty(_));
    assert_eq!(asked.iter().filter(is_property).count(), 2);
    let (facts, _) = &inquiry.verdicts(&account(), NOW.date())[0];
    assert_eq!(facts.subscriptions, [id(40), id(41)]);
}

#[test]
fn what_was_kept_is_not_asked_again_in_another_life() {
    for visible in [page(), rows(0..20), page_of(7)] {
        for azure in [of_reader, of_customer, of_enterprise] {
            let mut inquiry = fresh();
            let asked = all_asked(&mut inquiry, visible.clone(), azure);
            assert!(!asked.is_empty());
            assert_eq!(all_asked(&mut inquiry, visible.clone(), azure), [], "same life");
            let mut next = Inquiry::new(kept(&inquiry), NOW);
            // Rows are told a moment after the page.
            let without_rows = Visible {
                rows: Vec::new(),
                ..visible.clone()
            };
            assert_eq!(all_asked(&mut next, without_rows, azure), [], "before its rows");
            assert_eq!(all_asked(&mut next, visible.clone(), azure), [], "with its rows");
            let verdicts = |inquiry: &Inquiry| inquiry.verdicts(&account(), NOW.date());
            assert_eq!(verdicts(&next), verdicts(&inquiry));
        }
    }
}

#[test]
fn answers_count_for_an_hour() {
    let mut inquiry = fresh();
    let asked = all_asked(&mut inquiry, rows(0..3), of_reader);
    let after = |minutes| {
        let mut later = Inquiry::new(kept(&inquiry), NOW + Duration::minutes(minutes));
        all_asked(&mut later, rows(0..3), of_reader)
    };
    assert_eq!(after(59), []);
    assert_eq!(after(61), asked);
}

#[test]
fn what_was_refused_or_not_answered_is_not_asked_again_in_the_same_life() {
    let silent = Question::BillingProperty(id(0));
    let refused = Question::BillingProperty(id(1));
    let azure = |question: &Question| match question {
        question if *question == silent => Answer::Unanswered,
        question if *question == refused => Answer::Refused,
        question => of_reader(question),
    };
    let mut inquiry = fresh();
    let asked = all_asked(&mut inquiry, rows(0..2), azure);
    assert!(asked.contains(&silent) && asked.contains(&refused));
    assert_eq!(all_asked(&mut inquiry, rows(0..2), azure), []);
    assert_eq!(all_asked(&mut inquiry, rows([1, 0]), azure), []);

    let mut next = Inquiry::new(kept(&inquiry), NOW);
    let again = all_asked(&mut next, rows(0..2), azure);
    assert!(again.contains(&silent), "silence is no answer");
    assert!(!again.contains(&refused), "a refusal is one");
}

#[test]
fn what_was_not_answered_is_asked_again_after_a_minute_and_everything_after_an_hour() {
    let silent = [Question::Subscriptions, Question::BillingProperty(id(0))];
    let azure = |question: &Question| match silent.contains(question) {
        true => Answer::Unanswered,
        false => of_reader(question),
    };
    let mut inquiry = fresh();
    all_asked(&mut inquiry, rows(0..2), azure);
    let mut after = |time| inquiry.turn_to(vec![rows(0..2)], NOW + time);
    assert_eq!(after(Duration::seconds(59)), []);
    assert_eq!(after(Duration::seconds(61)), silent);
    let mut inquiry = fresh();
    let asked = all_asked(&mut inquiry, rows(0..2), of_reader);
    let first = inquiry.turn_to(vec![rows(0..2)], NOW + Duration::minutes(61));
    assert_eq!(walk(&mut inquiry, first, of_reader).concat(), asked);
}

#[test]
fn once_nothing_is_asked_any_more_what_is_not_known_is_said_to_be_so() {
    let azure = |question: &Question| match question {
        Question::BillingProperty(_) => Answer::Unanswered,
        Question::Permissions(_) => Answer::Refused,
        Question::Invoices(_) => Answer::Absent,
        _ => of_reader(question),
    };
    let mut inquiry = fresh();
    let first = inquiry.turn_to(vec![rows(0..2)], NOW);
    let hints = |inquiry: &Inquiry| -> Vec<HintCode> {
        let said = inquiry.verdicts(&account(), NOW.date());
        let hints = said.into_iter().flat_map(|(_, verdict)| verdict.hints);
        hints.map(|hint| hint.code).collect()
    };
    assert_eq!(hints(&inquiry), []);
    walk(&mut inquiry, first, azure);
    assert_eq!(
        hints(&inquiry),
        [HintCode::AccessUnknown, HintCode::AccessUnknown]
    );
}

#[test]
fn whoever_wants_to_know_anew_has_everything_asked_again() {
    let mut inquiry = fresh();
    let before = all_asked(&mut inquiry, rows(0..20), of_reader);
    let first = inquiry.begin_anew();
    assert!(inquiry.answers().told(&Question::Subscriptions).is_none());
    let mut after = walk(&mut inquiry, first, of_reader).concat();
    after.sort();
    // What directories are called stays.
    let mut expected = before;
    expected.retain(|question| *question != Question::Directories);
    expected.sort();
    assert_eq!(after, expected);
}

#[test]
fn beginning_anew_asks_nothing_twice_at_the_same_time() {
    let mut inquiry = fresh();
    let under_way = inquiry.turn_to(vec![rows(0..20)], NOW);
    assert_eq!(under_way.len(), LARGEST_QUESTIONS);
    assert_eq!(inquiry.begin_anew(), []);
}

#[derive(Clone, Debug)]
enum Act {
    /// This one of those under way is answered next.
    Answer(usize),
    /// These rows are in sight now.
    Look(usize, usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        8 => any::<usize>().prop_map(Act::Answer),
        1 => (0..50_usize, 0..25_usize).prop_map(|(from, count)| Act::Look(from, count)),
    ];
    proptest::collection::vec(act, 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes into sight, and in whatever order Azure answers.
    #[test]
    fn each_question_once_few_at_a_time_and_never_more_than_the_places_seen_are_worth(acts in acts()) {
        let mut inquiry = fresh();
        let (mut asked, mut under_way) = (Vec::new(), Vec::new());
        let mut seen = std::collections::BTreeSet::new();
        let the_rest = (0..2000).map(Act::Answer);
        for act in acts.into_iter().chain(the_rest) {
            let next = match act {
                Act::Look(from, count) => {
                    let in_sight = from..(from + count).min(50);
                    seen.extend(in_sight.clone());
                    inquiry.turn_to(vec![rows(in_sight)], NOW)
                }
                Act::Answer(which) if !under_way.is_empty() => {
                    let question: Question = under_way.swap_remove(which % under_way.len());
                    inquiry.take(&question, of_everybody(&question), NOW)
                }
                Act::Answer(_) => Vec::new(),
            };
            for question in next {
                prop_assert!(!asked.contains(&question), "{question:?} is asked twice");
                asked.push(question.clone());
                under_way.push(question);
            }
            prop_assert!(under_way.len() <= LARGEST_QUESTIONS);
            prop_assert_eq!(inquiry.is_asking(), !under_way.is_empty());
            // Without a row the account and its profile are looked at besides.
            prop_assert!(asked.len() <= 4 + 2 * seen.len().max(WITHOUT_ROWS + 2));
        }
        prop_assert!(under_way.is_empty());
    }
}

struct World {
    clock: Rc<StillClock>,
    network: Rc<Network>,
    arm: Rc<Arm>,
}

fn world(answer: impl Fn(&Sent) -> Result<HttpResponse, TransportError> + 'static) -> World {
    let clock = StillClock::new();
    let network = Network::new(&clock, answer);
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let arm = Rc::new(Arm::new(identity(), tokens, network.clone(), clock.clone()));
    World { clock, network, arm }
}

impl World {
    fn ask(&self, question: &Question) -> Answer {
        let (arm, question) = (self.arm.clone(), question.clone());
        let asked = async move { ask(&arm, &question, NOW.date()).await };
        self.clock.run(asked).unwrap()
    }
}

#[test]
fn each_question_is_put_as_documented() {
    let encoded = CUSTOMER.replace(':', "%3A");
    let of = id(7);
    let account = BillingScope::account(CUSTOMER);
    let profile = BillingScope {
        account: CUSTOMER.into(),
        profile: Some(PROFILE.into()),
        section: None,
    };
    let billing = "/providers/Microsoft.Billing/billingAccounts";
    let cases = [
        (
            Question::Directories,
            "/tenants?api-version=2022-12-01".to_owned(),
        ),
        (
            Question::Subscriptions,
            "/subscriptions?api-version=2022-12-01".to_owned(),
        ),
        (
            Question::BillingAccounts,
            format!("{billing}?api-version=2024-04-01&includeAll=true"),
        ),
        (
            Question::BillingProfiles(CUSTOMER.into()),
            format!("{billing}/{encoded}/billingProfiles?api-version=2024-04-01"),
        ),
        (
            Question::BillingProperty(of.clone()),
            format!(
                "/subscriptions/{of}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01\
                 &includeTransitionStatus=true"
            ),
        ),
        (
            Question::Permissions(of.clone()),
            format!(
                "/subscriptions/{of}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
            ),
        ),
        (
            Question::RoleAssignments(of.clone()),
            format!(
                "/subscriptions/{of}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01\
                 &$filter=atScope()%20and%20assignedTo('{PERSON}')"
            ),
        ),
        (
            Question::BillingPermissions(account.clone()),
            format!("{billing}/{encoded}/billingPermissions?api-version=2024-04-01"),
        ),
        (
            Question::BillingPermissions(profile.clone()),
            format!(
                "{billing}/{encoded}/billingProfiles/{PROFILE}/billingPermissions?api-version=2024-04-01"
            ),
        ),
        (
            Question::BillingRoleAssignments(account),
            format!("{billing}/{encoded}/billingRoleAssignments?api-version=2024-04-01"),
        ),
        (
            Question::BillingRoleAssignments(profile),
            format!(
                "{billing}/{encoded}/billingProfiles/{PROFILE}/billingRoleAssignments?api-version=2024-04-01"
            ),
        ),
        (
            Question::AnyInvoice(BillingScope::account(ENROLLMENT)),
            format!(
                "{billing}/{ENROLLMENT}/invoices?api-version=2024-04-01\
                 &periodStartDate=2025-10-19&periodEndDate=2026-11-23"
            ),
        ),
        (
            Question::Invoices(of.clone()),
            format!(
                "{billing}/default/billingSubscriptions/{of}/invoices?api-version=2024-04-01\
                 &periodStartDate=2025-10-19&periodEndDate=2026-11-23"
            ),
        ),
    ];
    for (question, path) in cases {
        let world = world(|_| Ok(response(200, r#"{"value":[]}"#)));
        let answer = world.ask(&question);
        assert!(matches!(answer, Answer::Told(_)), "{question:?}");
        let sent = world.network.sent.borrow();
        let urls: Vec<&str> = sent.iter().map(|sent| &*sent.url).collect();
        let mut asked = vec![format!("https://management.azure.com{path}")];
        if matches!(question, Question::Invoices(_)) {
            // An empty list may only say that this version does not serve the subscription.
            asked.push(asked[0].replace("2024-04-01", "2020-05-01"));
        }
        assert_eq!(urls, asked);
        assert_eq!(sent[0].method, Method::Get);
        assert!(sent[0].bearer.is_some() && sent[0].body.is_none());
    }
}

#[test]
fn whoever_gets_an_enrollments_invoices_is_told_why_there_may_be_none() {
    let said = |invoices: Answer| -> Vec<HintCode> {
        let azure = move |question: &Question| match question {
            Question::BillingPermissions(_) => permissions(&["Microsoft.Billing/billingAccounts/read"]),
            Question::AnyInvoice(_) => invoices.clone(),
            _ => of_enterprise(question),
        };
        let mut inquiry = fresh();
        all_asked(&mut inquiry, page(), azure);
        let said = inquiry.verdicts(&account(), NOW.date());
        let hints = said.into_iter().flat_map(|(_, verdict)| verdict.hints);
        hints.map(|hint| hint.code).collect()
    };
    let nothing = [HintCode::Enterprise, HintCode::EnterpriseNothingListed];
    assert_eq!(said(list("value", [])), nothing);
    for other in [
        list("value", [json!({})]),
        Answer::Absent,
        Answer::Refused,
        Answer::Unanswered,
    ] {
        assert_eq!(said(other), [HintCode::Enterprise]);
    }
}

#[test]
fn whether_there_is_any_invoice_takes_one_page() {
    let question = Question::AnyInvoice(BillingScope::account(ENROLLMENT));
    let next = "https://management.azure.com/providers/next?api-version=2024-04-01";
    for (page, expected) in [
        (json!({"value": []}), list("value", [])),
        (
            json!({"value": [{"name": "E1"}], "nextLink": next}),
            list("value", [json!({})]),
        ),
        (json!({"value": [], "nextLink": next}), Answer::Unanswered),
    ] {
        let world = world(move |_| Ok(response(200, page.to_string())));
        assert_eq!(world.ask(&question), expected);
        assert_eq!(world.network.urls().len(), 1);
    }
}

#[test]
fn a_refusal_is_told_apart_from_silence() {
    let error = |status| {
        let body = json!({"error": {"code": "Code", "message": "words"}}).to_string();
        Ok(response(status, body))
    };
    for question in [
        Question::Permissions(id(7)),
        Question::Invoices(id(7)),
        Question::BillingPermissions(BillingScope::account(ENROLLMENT)),
    ] {
        for status in [400, 403, 404] {
            // That there is no list of invoices does not mean that it is kept from the person.
            let expected = match question {
                Question::Invoices(_) if status != 403 => Answer::Absent,
                _ => Answer::Refused,
            };
            assert_eq!(world(move |_| error(status)).ask(&question), expected, "{status}");
        }
        for status in [500, 503] {
            let failing = world(move |_| error(status));
            assert_eq!(failing.ask(&question), Answer::Unanswered, "{status}");
            let sent = failing.network.sent.borrow();
            for one in sent.iter() {
                let times = sent.iter().filter(|other| other.url == one.url).count();
                assert_eq!(times, 1, "{status}: {}", one.url);
            }
        }
        let silent = world(|_| Err(TransportError::Network));
        assert_eq!(silent.ask(&question), Answer::Unanswered);
    }
}

#[test]
fn a_name_leads_nowhere_else() {
    let hostile = "../../subscriptions?x=1#";
    for question in [
        Question::BillingProperty(hostile.into()),
        Question::BillingProfiles(hostile.into()),
        Question::BillingPermissions(BillingScope::account(hostile)),
        Question::Invoices(hostile.into()),
    ] {
        let world = world(|_| Ok(response(200, "{}")));
        assert_eq!(world.ask(&question), Answer::Unanswered, "{question:?}");
        assert_eq!(world.network.urls(), Vec::<String>::new());
    }
}

#[test]
fn of_an_invoice_no_address_is_kept() {
    let world = world(|_| {
        let invoice = json!({
            "name": "E0400000AB",
            "properties": {
                "status": "Paid",
                "invoiceType": "AzureServices",
                "invoicePeriodEndDate": "2026-10-31T00:00:00Z",
                "documents": [{
                    "name": "E0400000AB",
                    "kind": "Invoice",
                    "url": "https://management.azure.com/providers/Microsoft.Billing/billingAccounts/default/invoices/E0400000AB/download?api-version=2024-04-01",
                }],
            },
        });
        Ok(response(200, json!({"value": [invoice]}).to_string()))
    });
    let question = Question::Invoices(id(7));
    let mut answers = Answers::default();
    answers.insert(&question, world.ask(&question), NOW);
    let stored = answers.json();
    assert!(stored.contains("E0400000AB"));
    assert!(!stored.contains("https:"), "{stored}");
}
