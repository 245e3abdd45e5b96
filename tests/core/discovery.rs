//! Discovery: which places are asked under each agreement, and what is told of each.

use std::cell::RefCell;
use std::rc::Rc;

use portal_invoices::azure::ports::{HttpResponse, TransportError};
use portal_invoices::azure::{Arm, AzureError, Cloud, Tokens};
use portal_invoices::invoices::{
    Corrections, Finding, ListedInvoice, Period, Refused, ScopeKind, ScopeOutcome, discover,
};
use serde_json::{Value, json};
use time::macros::date;

use crate::double::{NOW, Network, Sent, StillClock, TENANT, identity, listed, response, token};

pub(crate) const PERIOD: Period = Period {
    from: date!(2025 - 11 - 24),
    to: date!(2026 - 11 - 23),
};
const FIRST: &str = "11111111-2222-3333-4444-555555555555";
const SECOND: &str = "22222222-2222-3333-4444-555555555555";
const CUSTOMER_ACCOUNT: &str =
    "e261ef40-0000-4000-8000-000000000001:efd45d14-0000-4000-8000-000000000001_2019-05-31";

/// An Azure that answers the first route whose part the address has, and 404 elsewhere.
pub(crate) struct Azure {
    routes: Vec<(String, HttpResponse)>,
}

/// What discovery told, and what it sent for it.
pub(crate) struct Told {
    pub(crate) ended: Result<(), AzureError>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) sent: Vec<Sent>,
}

impl Azure {
    /// With these billing accounts and subscriptions.
    pub(crate) fn with(accounts: Value, subscriptions: Value) -> Azure {
        Azure { routes: Vec::new() }
            .ok("/billingAccounts?", json!({ "value": accounts }))
            .ok("/subscriptions?", json!({ "value": subscriptions }))
            .ok(
                "/tenants?",
                json!({ "value": [{ "tenantId": TENANT, "displayName": "Contoso SIA" }] }),
            )
    }

    pub(crate) fn ok(self, part: &str, body: Value) -> Azure {
        self.answer(part, 200, body)
    }

    pub(crate) fn answer(mut self, part: &str, status: u16, body: Value) -> Azure {
        self.routes
            .push((part.to_owned(), response(status, body.to_string())));
        self
    }

    /// With the billing property of a subscription.
    fn property(self, subscription: &str, properties: Value) -> Azure {
        let part = format!("/subscriptions/{subscription}/providers/Microsoft.Billing/billingProperty/");
        self.ok(&part, json!({ "properties": properties }))
    }

    pub(crate) fn discover(self) -> Told {
        let not_found = json!({ "code": "NotFound", "message": "The resource could not be found." });
        let routes = self.routes;
        self::discover_over(move |sent| {
            let known = routes.iter().find(|(part, _)| sent.url.contains(part.as_str()));
            Ok(known.map_or_else(
                || response(404, not_found.to_string()),
                |(_, answer)| answer.clone(),
            ))
        })
    }
}

pub(crate) fn discover_over(
    answer: impl Fn(&Sent) -> Result<HttpResponse, TransportError> + 'static,
) -> Told {
    let clock = StillClock::new();
    let network = Network::new(&clock, answer);
    let tokens = Tokens::default();
    tokens.offer(1, &token(), Cloud::Public, NOW).unwrap();
    let arm = Arm::new(identity(), tokens, network.clone(), clock.clone());
    let findings = Rc::new(RefCell::new(Vec::new()));
    let told = findings.clone();
    let ended =
        clock.run(async move { discover(&arm, PERIOD, |finding| told.borrow_mut().push(finding)).await });
    let findings = findings.borrow().clone();
    let sent = network.sent.borrow().clone();
    Told {
        ended: ended.unwrap(),
        findings,
        sent,
    }
}

impl Told {
    pub(crate) fn invoices(&self) -> Vec<&ListedInvoice> {
        let invoices = self.findings.iter().filter_map(|finding| match finding {
            Finding::Invoices(invoices) => Some(invoices),
            _ => None,
        });
        invoices.flatten().collect()
    }

    /// Every scope with its outcome, those whose invoices are another's left out.
    pub(crate) fn scopes(&self) -> Vec<(ScopeKind, &str, &ScopeOutcome)> {
        let mut scopes: Vec<_> = self
            .findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::ScopeEnded(scope, outcome) => Some((scope.kind, &*scope.name, outcome)),
                _ => None,
            })
            .filter(|(.., outcome)| **outcome != ScopeOutcome::BilledElsewhere)
            .collect();
        scopes.sort_by_key(|(kind, name, _)| (*kind, *name));
        scopes
    }

    /// Announced and ended scopes agree, so that progress is true.
    fn counts_agree(&self) {
        let announced = self.findings.iter().map(|finding| match finding {
            Finding::Scopes(more) => *more,
            _ => 0,
        });
        let ended = self
            .findings
            .iter()
            .filter(|finding| matches!(finding, Finding::ScopeEnded(..)));
        assert_eq!(announced.sum::<usize>(), ended.count());
    }

    pub(crate) fn asked(&self, part: &str) -> usize {
        self.sent.iter().filter(|sent| sent.url.contains(part)).count()
    }
}

pub(crate) fn account(name: &str, agreement: &str, display_name: &str) -> Value {
    json!({ "name": name, "properties": {
        "agreementType": agreement, "displayName": display_name, "hasReadAccess": true,
    } })
}

pub(crate) fn subscription(id: &str, name: &str, quota: &str) -> Value {
    json!({ "subscriptionId": id, "displayName": name, "subscriptionPolicies": { "quotaId": quota } })
}

pub(crate) fn invoice(name: &str) -> Value {
    json!({ "name": name, "properties": { "invoiceDate": "2026-03-09T00:00:00.0000000Z" } })
}

fn customer_property() -> Value {
    json!({
        "billingAccountAgreementType": "MicrosoftCustomerAgreement",
        "billingAccountId": format!("/providers/Microsoft.Billing/billingAccounts/{CUSTOMER_ACCOUNT}"),
        "billingProfileId": format!("/providers/Microsoft.Billing/billingAccounts/{CUSTOMER_ACCOUNT}/billingProfiles/P1"),
        "billingTenantId": TENANT,
    })
}

#[test]
fn an_empty_list_of_the_newest_version_is_not_believed_before_an_older_one_has_said_so() {
    let azure = || {
        Azure::with(
            json!([]),
            json!([subscription(FIRST, "Contoso Legacy", "MSDN_2014-09-01")]),
        )
        .ok("api-version=2024-04-01&period", json!({ "value": [] }))
    };
    let (status, unknown) = (
        400,
        json!({ "error": { "code": "BadRequest", "message": "not supported" } }),
    );
    for (of_2020, outcome) in [
        (Some(json!({ "value": [invoice("E1")] })), ScopeOutcome::Listed(1)),
        (Some(json!({ "value": [] })), ScopeOutcome::NothingVisible),
        (None, ScopeOutcome::NothingVisible),
    ] {
        let version = "api-version=2020-05-01&period";
        let told = match of_2020 {
            Some(list) => azure().ok(version, list),
            None => azure().answer(version, status, unknown.clone()),
        };
        assert_eq!(
            told.discover().scopes(),
            [(ScopeKind::Subscription, "Contoso Legacy", &outcome)]
        );
    }
}

#[test]
fn pay_as_you_go_is_asked_for_the_account_and_for_each_subscription() {
    let told = Azure::with(
        json!([account("a-1", "MicrosoftOnlineServicesProgram", "Ilze Kalniņa")]),
        json!([subscription(FIRST, "Contoso Production", "PayAsYouGo_2014-09-01")]),
    )
    .property(
        FIRST,
        json!({ "billingAccountAgreementType": "MicrosoftOnlineServicesProgram" }),
    )
    .ok(
        "/billingAccounts/a-1/invoices?",
        json!({ "value": [invoice("E1"), invoice("E2")] }),
    )
    .ok(
        &format!("/billingSubscriptions/{FIRST}/invoices?"),
        json!({ "value": [invoice("E1")] }),
    )
    .discover();
    told.counts_agree();
    assert_eq!(
        told.scopes(),
        [
            (ScopeKind::Account, "Ilze Kalniņa", &ScopeOutcome::Listed(2)),
            (
                ScopeKind::Subscription,
                "Contoso Production",
                &ScopeOutcome::Listed(1)
            ),
        ]
    );
    assert_eq!(told.invoices().len(), 3, "one that two scopes have is told twice");
}

#[test]
fn a_customer_agreement_is_asked_once_for_all_its_subscriptions() {
    let told = Azure::with(
        json!([account(
            CUSTOMER_ACCOUNT,
            "MicrosoftCustomerAgreement",
            "Contoso Group"
        )]),
        json!([
            subscription(FIRST, "Contoso Production", "PayAsYouGo_2014-09-01"),
            subscription(SECOND, "Contoso Test", "PayAsYouGo_2014-09-01"),
        ]),
    )
    .property(FIRST, customer_property())
    .property(SECOND, customer_property())
    .ok("_2019-05-31/invoices?", json!({ "value": [invoice("G1")] }))
    .discover();
    told.counts_agree();
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Contoso Group", &ScopeOutcome::Listed(1))]
    );
    assert_eq!(told.asked("billingSubscriptions"), 0);
    assert_eq!(
        told.asked("%3Aefd45d14"),
        1,
        "the colon of the name is sent encoded"
    );
}

#[test]
fn a_role_on_one_profile_is_enough_for_that_profile() {
    let mut reader = account(CUSTOMER_ACCOUNT, "MicrosoftCustomerAgreement", "Contoso Group");
    reader["properties"]["hasReadAccess"] = json!(false);
    let profile = |name: &str, display_name: &str| json!({ "name": name, "properties": { "displayName": display_name } });
    let refused = json!({ "error": { "code": "Forbidden", "message": "no" } });
    let mut of_another_profile = customer_property();
    of_another_profile["billingProfileId"] = json!("/providers/x/billingProfiles/P3");
    for (status, body) in [(403, refused.clone()), (200, json!({ "value": [] }))] {
        let told = Azure::with(
            json!([reader]),
            json!([
                subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01"),
                subscription(SECOND, "Contoso Asia", "PayAsYouGo_2014-09-01"),
            ]),
        )
        .property(FIRST, customer_property())
        .property(SECOND, of_another_profile.clone())
        .answer("_2019-05-31/invoices?", status, body)
        .ok(
            "/billingProfiles?",
            json!({ "value": [profile("P1", "Europe"), profile("P2", "America")] }),
        )
        .ok(
            "/billingProfiles/P1/invoices?",
            json!({ "value": [invoice("G1")] }),
        )
        .answer("/billingProfiles/P2/invoices?", 403, refused.clone())
        .answer("/billingSubscriptions/", 403, refused.clone())
        .discover();
        told.counts_agree();
        let [america, europe, asia] = told.scopes()[..] else {
            panic!("{:?}", told.scopes())
        };
        assert_eq!(europe, (ScopeKind::Profile, "Europe", &ScopeOutcome::Listed(1)));
        let is_refused =
            |outcome: &ScopeOutcome| matches!(outcome, ScopeOutcome::Refused(Refused::ByAzure(_)));
        assert!(america.1 == "America" && is_refused(america.2));
        assert!(
            asia.1 == "Contoso Asia" && is_refused(asia.2),
            "billed to a profile out of sight"
        );
    }
}

#[test]
fn a_broken_list_of_profiles_is_told() {
    let mut reader = account(CUSTOMER_ACCOUNT, "MicrosoftCustomerAgreement", "Contoso Group");
    reader["properties"]["hasReadAccess"] = json!(false);
    let page = json!({
        "value": [{ "name": "P1", "properties": { "displayName": "Europe" } }],
        "nextLink": "https://evil.example/billingProfiles",
    });
    let told = Azure::with(json!([reader]), json!([]))
        .answer("_2019-05-31/invoices?", 403, json!({}))
        .ok("/billingProfiles?", page)
        .ok(
            "/billingProfiles/P1/invoices?",
            json!({ "value": [invoice("G1")] }),
        )
        .discover();
    told.counts_agree();
    let [account, europe] = told.scopes()[..] else {
        panic!("{:?}", told.scopes())
    };
    assert!(matches!(
        account,
        (
            ScopeKind::Account,
            "Contoso Group",
            ScopeOutcome::Failed(AzureError::Link(_))
        )
    ));
    assert_eq!(europe, (ScopeKind::Profile, "Europe", &ScopeOutcome::Listed(1)));
}

#[test]
fn a_subscription_is_billed_as_the_account_that_its_property_names() {
    let mut unsaid = customer_property();
    unsaid
        .as_object_mut()
        .unwrap()
        .remove("billingAccountAgreementType");
    let told = Azure::with(
        json!([account(
            CUSTOMER_ACCOUNT,
            "MicrosoftCustomerAgreement",
            "Contoso Group"
        )]),
        json!([subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01")]),
    )
    .property(FIRST, unsaid)
    .ok("_2019-05-31/invoices?", json!({ "value": [invoice("G1")] }))
    .discover();
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Contoso Group", &ScopeOutcome::Listed(1))]
    );
}

#[test]
fn an_account_that_lists_a_subscriptions_invoices_keeps_it_from_being_asked_in_2018() {
    let told = Azure::with(
        json!([account("a-1", "MicrosoftOnlineServicesProgram", "Ilze Kalniņa")]),
        json!([subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01")]),
    )
    .property(
        FIRST,
        json!({ "billingAccountId": "/providers/Microsoft.Billing/billingAccounts/a-1" }),
    )
    .ok(
        "/billingAccounts/a-1/invoices?",
        json!({ "value": [invoice("E1")] }),
    )
    .discover();
    told.counts_agree();
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Ilze Kalniņa", &ScopeOutcome::Listed(1))],
        "its numbers differ there, so every invoice would be saved twice"
    );
    assert_eq!(told.asked("2018-03-01-preview"), 0);
}

#[test]
fn a_customer_agreement_that_is_not_in_sight_is_asked_by_its_subscriptions() {
    let elsewhere = |tenant: &str| {
        let mut property = customer_property();
        property["billingTenantId"] = json!(tenant);
        property
    };
    let told = Azure::with(
        json!([]),
        json!([
            subscription(FIRST, "Contoso Here", "PayAsYouGo_2014-09-01"),
            subscription(SECOND, "Contoso There", "PayAsYouGo_2014-09-01"),
        ]),
    )
    .property(FIRST, customer_property())
    .property(SECOND, elsewhere("cccccccc-0000-4000-8000-000000000009"))
    .ok(
        &format!("/billingSubscriptions/{FIRST}/invoices?"),
        json!({ "value": [invoice("G1")] }),
    )
    .answer(
        &format!("/billingSubscriptions/{SECOND}/invoices?"),
        403,
        json!({ "code": "Forbidden", "message": "no" }),
    )
    .discover();
    told.counts_agree();
    assert_eq!(
        told.scopes(),
        [
            (ScopeKind::Subscription, "Contoso Here", &ScopeOutcome::Listed(1)),
            (
                ScopeKind::Subscription,
                "Contoso There",
                &ScopeOutcome::Refused(Refused::OtherDirectory)
            ),
        ]
    );
}

#[test]
fn an_enterprise_agreement_is_asked_by_its_enrolment_alone() {
    let property = json!({
        "billingAccountAgreementType": "EnterpriseAgreement",
        "billingAccountId": "/providers/Microsoft.Billing/billingAccounts/6575495",
        "billingAccountDisplayName": "Contoso Group",
    });
    let subscriptions = json!([
        subscription(FIRST, "Contoso Production", "EnterpriseAgreement_2014-09-01"),
        subscription(SECOND, "Contoso Test", "EnterpriseAgreement_2014-09-01"),
    ]);
    let told = Azure::with(
        json!([account("6575495", "EnterpriseAgreement", "Contoso Group")]),
        subscriptions.clone(),
    )
    .property(FIRST, property.clone())
    .property(SECOND, property.clone())
    .ok(
        "/billingAccounts/6575495/invoices?",
        json!({ "value": [invoice("EA1")] }),
    )
    .discover();
    told.counts_agree();
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Contoso Group", &ScopeOutcome::Listed(1))]
    );
    assert_eq!(told.asked("billingSubscriptions"), 0);
    assert_eq!(told.invoices()[0].billed_to, "Contoso Group");

    let unseen = Azure::with(json!([]), subscriptions)
        .property(FIRST, property.clone())
        .property(SECOND, property)
        .discover();
    unseen.counts_agree();
    let only_administrators = ScopeOutcome::Refused(Refused::EnterpriseAdministratorsOnly);
    assert_eq!(
        unseen.scopes(),
        [(ScopeKind::Account, "Contoso Group", &only_administrators)],
        "one line, not one for each subscription"
    );
    assert_eq!(unseen.asked("/invoices?"), 0);
}

#[test]
fn an_offer_that_two_agreements_share_is_asked_for_its_invoices() {
    let told = Azure::with(
        json!([]),
        json!([subscription(FIRST, "Contoso", "EnterpriseAgreement_2014-09-01")]),
    )
    .ok(
        &format!("/billingSubscriptions/{FIRST}/invoices?"),
        json!({ "value": [invoice("G1")] }),
    )
    .discover();
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Subscription, "Contoso", &ScopeOutcome::Listed(1))]
    );
}

#[test]
fn an_indirect_enrolment_that_refuses_is_the_partners() {
    let mut indirect = account("7217421", "EnterpriseAgreement", "Contoso Group");
    indirect["properties"]["enrollmentDetails"] = json!({ "channel": "EaIndirect", "countryCode": "IN " });
    let told = Azure::with(json!([indirect]), json!([]))
        .answer(
            "/invoices?",
            401,
            json!({ "code": "Unauthorized", "message": "No claims" }),
        )
        .discover();
    let by_partner = ScopeOutcome::Refused(Refused::BilledByPartner);
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Contoso Group", &by_partner)]
    );
}

#[test]
fn a_partners_customer_is_told_so_without_a_request_for_invoices() {
    let told = Azure::with(
        json!([]),
        json!([subscription(FIRST, "Contoso Retail", "CSP_2015-05-01")]),
    )
    .discover();
    let by_partner = ScopeOutcome::Refused(Refused::BilledByPartner);
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Subscription, "Contoso Retail", &by_partner)]
    );
    assert_eq!(told.asked("/invoices?"), 0);
}

#[test]
fn a_partner_agreement_is_asked_like_a_customer_agreement() {
    let told = Azure::with(
        json!([account(
            CUSTOMER_ACCOUNT,
            "MicrosoftPartnerAgreement",
            "Contoso Partner"
        )]),
        json!([]),
    )
    .ok(
        "_2019-05-31/invoices?",
        json!({ "value": [invoice("G1"), invoice("G2")] }),
    )
    .discover();
    assert_eq!(
        told.scopes(),
        [(ScopeKind::Account, "Contoso Partner", &ScopeOutcome::Listed(2))]
    );
}

#[test]
fn a_subscription_that_only_2018_knows_is_asked_there() {
    let item = json!({
        "id": format!("/subscriptions/{FIRST}/providers/Microsoft.Billing/invoices/202603-217994100075389"),
        "name": "202603-217994100075389",
        "properties": { "invoicePeriodStartDate": "2026-02-10", "invoicePeriodEndDate": "2026-03-09" },
    });
    let unknown = json!({ "error": { "code": "BadRequest", "message": "not supported" } });
    let azure = || {
        Azure::with(
            json!([]),
            json!([subscription(FIRST, "Contoso Legacy", "MSDN_2014-09-01")]),
        )
        .answer("/billingSubscriptions/", 400, unknown.clone())
    };
    let told = azure()
        .ok(
            "/invoices?api-version=2018-03-01-preview",
            json!({ "value": [item] }),
        )
        .discover();
    assert_eq!(
        told.scopes(),
        [(
            ScopeKind::Subscription,
            "Contoso Legacy",
            &ScopeOutcome::Listed(1)
        )]
    );
    assert_eq!(told.invoices()[0].date(), Some(date!(2026 - 03 - 09)));
    let versions: Vec<bool> = ["2024-04-01&period", "2020-05-01&period", "2018-03-01-preview"]
        .map(|version| told.asked(version) == 1)
        .into();
    assert_eq!(versions, [true; 3], "the newest first, each once");

    let none = json!({ "error": { "code": "ResourceNotFound", "message": "Could not find invoice for the subscription." } });
    let empty = azure().answer("2018-03-01-preview", 404, none).discover();
    assert_eq!(
        empty.scopes(),
        [(
            ScopeKind::Subscription,
            "Contoso Legacy",
            &ScopeOutcome::NothingVisible
        )]
    );
    let not_served = ScopeOutcome::Refused(Refused::NotServed);
    assert_eq!(
        azure().discover().scopes(),
        [(ScopeKind::Subscription, "Contoso Legacy", &not_served)],
        "an offer without invoices is no failure"
    );
}

#[test]
fn a_subscription_is_named_by_its_own_name_or_not_at_all() {
    let of = |name: &str, id: &str, told: &str| {
        let mut listed = invoice(name);
        listed["properties"]["subscriptionId"] = json!(id);
        listed["properties"]["subscriptionDisplayName"] = json!(told);
        listed
    };
    let unseen = "33333333-2222-3333-4444-555555555555";
    let told = Azure::with(
        json!([account("a-1", "MicrosoftOnlineServicesProgram", "Contoso Group")]),
        json!([
            subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01"),
            subscription(SECOND, " ", "PayAsYouGo_2014-09-01"),
        ]),
    )
    .ok(
        "/billingAccounts/a-1/invoices?",
        json!({ "value": [
            of("E1", &FIRST.to_uppercase(), "Before"),
            of("E2", SECOND, ""),
            of("E3", unseen, ""),
            of("E4", unseen, "Fabrikam"),
        ] }),
    )
    .discover();
    let invoices = told.invoices();
    let names: Vec<_> = invoices
        .iter()
        .map(|listed| (&*listed.invoice.name, listed.subscription(), &*listed.billed_to))
        .collect();
    assert_eq!(
        names,
        [
            ("E1", Some("Contoso"), "Contoso"),
            ("E2", None, "Contoso Group"),
            ("E3", None, "Contoso Group"),
            ("E4", Some("Fabrikam"), "Fabrikam"),
        ]
    );
}

#[test]
fn one_list_that_breaks_off_takes_nothing_from_the_other() {
    let told = Azure::with(
        json!(null),
        json!([subscription(FIRST, "Contoso", "PayAsYouGo_2014-09-01")]),
    )
    .ok("/billingSubscriptions/", json!({ "value": [invoice("E1")] }))
    .discover();
    told.counts_agree();
    let scopes = told.scopes();
    assert!(matches!(
        scopes[0],
        (ScopeKind::Accounts, "", ScopeOutcome::Failed(_))
    ));
    assert_eq!(
        scopes[1],
        (ScopeKind::Subscription, "Contoso", &ScopeOutcome::Listed(1))
    );

    let told = Azure::with(
        json!([account("6575495", "EnterpriseAgreement", "Contoso Group")]),
        json!(null),
    )
    .ok(
        "/billingAccounts/6575495/invoices?",
        json!({ "value": [invoice("EA1")] }),
    )
    .discover();
    assert_eq!(told.ended, Ok(()));
    assert_eq!(told.invoices().len(), 1);

    let told = Azure::with(json!(null), json!(null)).discover();
    assert!(told.ended.is_err(), "with neither list there is nothing to ask");
}

#[test]
fn other_directories_are_named_and_not_asked() {
    let told = Azure { routes: Vec::new() }
        .ok(
            "/tenants?",
            json!({ "value": [
            { "tenantId": TENANT.to_uppercase(), "displayName": "Contoso SIA" },
            { "tenantId": "t-3", "displayName": "Tailspin Toys" },
            { "tenantId": "t-2", "displayName": "" },
        ] }),
        )
        .ok("/billingAccounts?", json!({ "value": [] }))
        .ok("/subscriptions?", json!({ "value": [] }))
        .discover();
    let others = Finding::OtherDirectories(vec!["Tailspin Toys".into(), "t-2".into()]);
    assert!(told.findings.contains(&others), "{:?}", told.findings);
}

#[test]
fn the_first_invoices_are_told_before_the_last_scope_has_answered() {
    let accounts = json!([
        account("1000001", "EnterpriseAgreement", "Quick"),
        account("1000002", "EnterpriseAgreement", "Slow"),
    ]);
    let told = discover_over(move |sent| {
        Ok(match &sent.url {
            url if url.contains("/billingAccounts?") => {
                response(200, json!({ "value": accounts }).to_string())
            }
            url if url.contains("1000001") => response(200, json!({ "value": [invoice("EA1")] }).to_string()),
            url if url.contains("1000002") => response(503, ""),
            _ => response(200, json!({ "value": [] }).to_string()),
        })
    });
    let place = |wanted: fn(&Finding) -> bool| told.findings.iter().position(wanted);
    let first = place(|finding| matches!(finding, Finding::Invoices(_)));
    let slow = place(
        |finding| matches!(finding, Finding::ScopeEnded(scope, ScopeOutcome::Failed(_)) if scope.name == "Slow"),
    );
    assert!(first < slow && first.is_some(), "{:?}", told.findings);
}

#[test]
fn invoices_bill_the_same_name_whichever_scope_tells_them() {
    let mut of_subscription = invoice("E1");
    of_subscription["properties"]["subscriptionId"] = json!(FIRST);
    let mut of_profile = invoice("G1");
    of_profile["properties"]["billingProfileDisplayName"] = json!("Contoso Europe");
    let told = Azure::with(
        json!([account("a-1", "MicrosoftOnlineServicesProgram", "Ilze Kalniņa")]),
        json!([subscription(FIRST, "Contoso Production", "PayAsYouGo_2014-09-01")]),
    )
    .ok(
        "/billingAccounts/a-1/invoices?",
        json!({ "value": [of_subscription.clone(), of_profile, invoice("E9")] }),
    )
    .ok("/billingSubscriptions/", json!({ "value": [of_subscription] }))
    .discover();
    let mut names: Vec<(&str, &str)> = told
        .invoices()
        .into_iter()
        .map(|listed| (&*listed.invoice.name, &*listed.billed_to))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
        [
            ("E1", "Contoso Production"),
            ("E9", "Ilze Kalniņa"),
            ("G1", "Contoso Europe"),
        ]
    );
}

#[test]
fn invoices_that_correct_each_other_are_found_whichever_of_them_says_so() {
    let dated = |name: &str, date: &str, properties: Value| {
        let mut item = json!({ "name": name, "properties": properties });
        item["properties"]["invoiceDate"] = json!(date);
        item
    };
    let path = |name: &str| format!("/providers/Microsoft.Billing/billingAccounts/a/invoices/{name}");
    let rebilled = json!({ "rebillDetails": {
        "invoiceDocumentId": path("G2"), "creditNoteDocumentId": path("C2"),
        "rebillDetails": { "invoiceDocumentId": path("G1"), "creditNoteDocumentId": path("C1"), "rebillDetails": null },
    } });
    let items = [
        dated("G3", "2026-07-20", rebilled),
        dated("G1", "2026-07-09", json!({})),
        dated(
            "C1",
            "2026-07-11",
            json!({ "documentType": "CreditNote", "creditForDocumentId": path("G1") }),
        ),
        dated(
            "V1",
            "2026-05-09",
            json!({ "status": "Void", "billedDocumentId": path("B1") }),
        ),
        dated("A1", "2026-05-09", json!({})),
    ];
    let mut corrections = Corrections::default();
    for item in &items {
        let invoice = portal_invoices::azure::Invoice::read(item).unwrap();
        let billed_to = String::new();
        corrections.add(&listed(invoice, billed_to));
    }
    let groups: Vec<Vec<(String, bool)>> = corrections
        .groups()
        .into_iter()
        .map(|group| {
            group
                .into_iter()
                .map(|corrected| (corrected.invoice, corrected.is_credit_note))
                .collect()
        })
        .collect();
    let named = |names: &[(&str, bool)]| -> Vec<(String, bool)> {
        names
            .iter()
            .map(|(name, credit)| (name.to_string(), *credit))
            .collect()
    };
    assert_eq!(
        groups,
        [
            named(&[
                ("G1", false),
                ("C1", true),
                ("G3", false),
                ("C2", false),
                ("G2", false)
            ]),
            named(&[("V1", false), ("B1", false)]),
        ]
    );
}

#[test]
fn a_rebill_chain_as_deep_as_json_can_be_is_cut() {
    let mut chain = json!(null);
    for number in 0..100 {
        chain = json!({ "invoiceDocumentId": format!("G{number}"), "rebillDetails": chain });
    }
    let item = json!({ "name": "G", "properties": { "rebillDetails": chain } });
    let invoice = portal_invoices::azure::Invoice::read(&item).unwrap();
    assert_eq!(invoice.corrections.len(), 50);
}
