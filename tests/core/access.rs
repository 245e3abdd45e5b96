//! Which hints follow from what is known: one table, to be read and checked by whoever knows Azure's billing.

use portal_invoices::access::{
    Asked, Facts, HintCode, InvoiceFacts, May, PersonFacts, Place, PlaceKind, Role, verdict,
    verdict_on_invoice, verdict_on_person,
};
use portal_invoices::azure::{AgreementType, BillingProperty, Permissions};
use serde_json::{Value, json};
use time::macros::date;
use time::{Date, Duration};

const TODAY: Date = date!(2026 - 11 - 23);

/// Agreement | what the person holds there | invoices as listed | state | may see, download, share | hints.
///
/// MOSP: Microsoft Online Services Program (pay-as-you-go). MCA, MPA: Customer and Partner Agreement. EA: Enterprise
/// Agreement. Listed: `documents` with documents, `withheld` without, `refused`, `failed`, `nothing`, `absent` (no
/// such list), `-` not asked.
const TABLE: &str = "
MOSP | account administrator            | -         | -               | yes yes yes | administrator
MOSP | account administrator            | documents | -               | yes yes yes | administrator
MOSP | account administrator            | nothing   | -               | yes yes yes | administrator nothingListed
MOSP | account administrator            | nothing   | suspended       | yes yes yes | administrator nothingListed
MOSP | account administrator            | nothing   | free            | yes yes yes | administrator freeAccount
MOSP | account administrator            | nothing   | free by offer   | yes yes yes | administrator freeAccount
MOSP | account administrator            | nothing   | Visual Studio   | yes yes yes | administrator creditOffer
MOSP | account administrator            | nothing   | student         | yes yes yes | administrator creditOffer
MOSP | account administrator            | nothing   | credit is used  | yes yes yes | administrator creditOffer
MOSP | account administrator            | nothing   | credit is over  | yes yes yes | administrator nothingListed
MOSP | account administrator            | nothing   | sponsored       | yes yes yes | administrator creditOffer
MOSP | account administrator            | nothing   | pass            | yes yes yes | administrator creditOffer
MOSP | account administrator            | documents | dev and test    | yes yes yes | administrator
MOSP | account administrator            | failed    | -               | yes yes yes | administrator listingFailed
MOSP | account administrator            | documents | disabled        | yes yes yes | administrator disabled
MOSP | account administrator            | documents | past due        | yes yes yes | administrator
MOSP | account administrator            | documents | warned          | yes yes yes | administrator
MOSP | account administrator            | documents | deleted         | yes yes yes | administrator deleted
MOSP | account administrator            | documents | transferred     | yes yes yes | administrator transferred
MOSP | account administrator            | documents | other directory | yes yes yes | administrator
MOSP | account administrator            | overdue   | -               | yes yes yes | administrator notIssuedYet
MOSP | account administrator            | documents | government      | yes yes yes | administrator
MOSP | Owner                            | -         | -               | ?   ?   no  | sharingUnknown
MOSP | Owner                            | withheld  | -               | ?   no  no  | notShared
MOSP | Owner                            | refused   | -               | ?   no  no  | notShared
MOSP | Owner                            | documents | -               | yes yes no  | shared
MOSP | Contributor                      | withheld  | -               | ?   no  no  | notShared
MOSP | Contributor                      | documents | -               | yes yes no  | shared
MOSP | Reader                           | withheld  | -               | ?   no  no  | notShared
MOSP | Reader                           | documents | -               | yes yes no  | shared
MOSP | Reader                           | -         | -               | ?   ?   no  | sharingUnknown
MOSP | Reader                           | absent    | -               | ?   ?   no  | sharingUnknown
MOSP | Reader                           | nothing   | -               | ?   ?   no  | sharingUnknown nothingListed
MOSP | Reader                           | failed    | -               | ?   ?   no  | sharingUnknown listingFailed
MOSP | Reader                           | withheld  | government      | no  no  no  | governmentOwner
MOSP | Reader                           | -         | other directory | ?   ?   no  | sharingUnknown
MOSP | Reader                           | withheld  | other directory | ?   no  no  | notShared
MOSP | nothing                          | -         | other directory | no  no  no  | noRole
MOSP | Reader                           | documents | other directory | yes yes no  | shared
MOSP | Reader                           | withheld  | disabled        | ?   no  no  | notShared disabled
MOSP | Reader                           | nothing   | transitioned    | ?   ?   no  | sharingUnknown nothingListed transitioned
MOSP | User Access Administrator        | refused   | -               | ?   no  no  | notShared
MOSP | User Access Administrator        | documents | -               | yes yes no  | shared
MOSP | Billing Reader                   | withheld  | -               | ?   no  no  | notShared
MOSP | Billing Reader                   | documents | -               | yes yes no  | shared
MOSP | Billing Reader                   | -         | -               | ?   ?   no  | sharingUnknown
MOSP | Cost Management Reader           | refused   | -               | no  no  no  | roleWithoutInvoices
MOSP | Cost Management Contributor      | -         | -               | no  no  no  | roleWithoutInvoices
MOSP | Cost Management Reader, Reader   | documents | -               | yes yes no  | shared
MOSP | a role with Microsoft.Billing/*  | withheld  | -               | ?   no  no  | notShared
MOSP | a role without invoices/read     | refused   | -               | no  no  no  | roleWithoutInvoices
MOSP | a role of virtual machines       | -         | -               | no  no  no  | roleWithoutInvoices
MOSP | nothing                          | refused   | -               | no  no  no  | noRole
MOSP | nothing                          | -         | free            | no  no  no  | noRole freeAccount
MOSP | nobody knows: refused            | refused   | -               | ?   ?   ?   | accessUnknown
MOSP | nobody knows: unanswered         | -         | -               | ?   ?   ?   | accessUnknown
MOSP | nobody knows: unanswered         | documents | -               | yes yes no  | shared
MOSP | nobody has asked                 | -         | -               | ?   ?   ?   |
MOSP | nobody will ask                  | -         | -               | ?   ?   ?   | accessUnknown
MCA  | Billing profile owner            | -         | -               | yes yes no  | billingRole
MCA  | Invoice manager                  | -         | -               | yes yes no  | billingRole
MCA  | Billing profile reader           | -         | other directory | yes yes no  | billingRole
MCA  | Billing account reader           | -         | -               | yes yes no  | billingRole
MCA  | Owner                            | -         | -               | no  no  no  | billingRoleMissing
MCA  | nothing                          | -         | -               | no  no  no  | billingRoleMissing
MCA  | Invoice section owner            | -         | -               | no  no  no  | invoiceSectionRole
MCA  | Invoice section reader           | -         | -               | no  no  no  | invoiceSectionRole
MCA  | Azure subscription creator       | -         | -               | no  no  no  | invoiceSectionRole
MCA  | nothing                          | -         | other directory | no  no  no  | otherDirectory
MCA  | nothing                          | -         | transitioned    | no  no  no  | billingRoleMissing transitioned
MCA  | nobody knows: refused            | -         | -               | no  no  no  | billingRoleMissing
MCA  | nobody knows: unanswered         | -         | -               | ?   ?   ?   | accessUnknown
MCA  | nobody has asked                 | -         | -               | ?   ?   ?   |
MCA  | nobody will ask                  | -         | -               | ?   ?   ?   | accessUnknown
MPA  | Billing profile reader           | -         | -               | yes yes no  | billingRole
MPA  | nothing                          | -         | -               | no  no  no  | partnerRoleMissing
MPA  | nothing                          | -         | out of sight    | no  no  no  | billedByPartner
MPA  | nothing                          | -         | accounts unknown | ?   ?   ?   | accessUnknown
MPA  | Billing profile reader           | -         | CSP, partner    | yes yes no  | billingRole
MPA  | Owner                            | -         | CSP             | no  no  no  | billedByPartner
EA   | Enterprise administrator         | -         | -               | yes yes no  | enterprise
EA   | Enterprise administrator         | nothing   | -               | yes yes no  | enterprise enterpriseNothingListed
EA   | Enterprise reader                | -         | -               | yes yes no  | enterprise
EA   | Purchaser                        | -         | -               | no  no  no  | enterpriseRoleMissing
EA   | Department administrator         | -         | -               | no  no  no  | departmentRole
EA   | Account owner                    | -         | -               | no  no  no  | departmentRole
EA   | Owner                            | -         | -               | no  no  no  | enterpriseRoleMissing
EA   | nothing                          | -         | -               | no  no  no  | enterpriseRoleMissing
EA   | Enterprise administrator         | -         | indirect        | ?   ?   no  | enterpriseIndirect
EA   | nothing                          | -         | indirect        | ?   ?   no  | enterpriseIndirect
EA   | nothing                          | -         | other directory | no  no  no  | otherDirectory
EA   | nobody knows: refused            | -         | -               | no  no  no  | enterpriseRoleMissing
EA   | nobody knows: unanswered         | -         | -               | ?   ?   ?   | accessUnknown
?    | Reader                           | -         | -               | ?   ?   ?   | agreementUnknown
?    | Reader                           | -         | Visual Studio   | ?   ?   ?   | agreementUnknown
?    | Owner                            | -         | CSP             | no  no  no  | billedByPartner
?    | Owner                            | -         | CSP, unknown    | ?   ?   ?   | agreementUnknown
?    | nobody has asked                 | -         | -               | ?   ?   ?   |
?    | nobody will ask                  | -         | -               | ?   ?   ?   | agreementUnknown
new  | Owner                            | -         | -               | ?   ?   ?   | agreementUnknown
";

/// Built-in roles as Azure lists their actions.
fn actions(role: &str) -> Option<Value> {
    let (actions, not_actions): (&[&str], &[&str]) = match role {
        "Owner" => (&["*"], &[]),
        "Contributor" => (
            &["*"],
            &[
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
            ],
        ),
        "Reader" => (&["*/read"], &[]),
        "User Access Administrator" => (
            &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
            &[],
        ),
        "Billing Reader" => (
            &[
                "Microsoft.Authorization/*/read",
                "Microsoft.Billing/*/read",
                "Microsoft.Commerce/*/read",
                "Microsoft.Consumption/*/read",
                "Microsoft.CostManagement/*/read",
                "Microsoft.Support/*",
            ],
            &[],
        ),
        "Cost Management Reader" => (
            &[
                "Microsoft.Consumption/*/read",
                "Microsoft.CostManagement/*/read",
                "Microsoft.Billing/billingPeriods/read",
                "Microsoft.Billing/billingProperty/read",
                "Microsoft.Support/*",
            ],
            &[],
        ),
        "Cost Management Contributor" => (
            &[
                "Microsoft.Consumption/*",
                "Microsoft.CostManagement/*",
                "Microsoft.Billing/billingPeriods/read",
                "Microsoft.Support/*",
            ],
            &[],
        ),
        "a role with Microsoft.Billing/*" => (&["microsoft.billing/*"], &["Microsoft.Billing/*/write"]),
        "a role without invoices/read" => (&["*"], &["Microsoft.Billing/*"]),
        "a role of virtual machines" => (&["Microsoft.Compute/virtualMachines/*"], &[]),
        _ => return None,
    };
    Some(json!({"actions": actions, "notActions": not_actions}))
}

/// What a billing role permits, as recorded: opaque ids under a Customer Agreement, words under an Enterprise Agreement.
fn billing_actions(role: &str) -> Vec<&'static str> {
    match role {
        "Billing profile owner" | "Invoice manager" | "Billing profile reader" | "Billing account reader" => {
            vec![
                "40000000-aaaa-bbbb-cccc-200000000000",
                "40000000-aaaa-bbbb-cccc-200000000006",
                "40000000-aaaa-bbbb-cccc-200000000007",
                "40000000-aaaa-bbbb-cccc-200000000008",
            ]
        }
        "Enterprise administrator" => vec![
            "Microsoft.Billing/billingAccounts/read",
            "Microsoft.Billing/billingAccounts/write",
            "Microsoft.Billing/billingAccounts/departments/read",
            "Microsoft.Billing/billingAccounts/enrollmentAccounts/read",
            "Microsoft.Billing/billingAccounts/purchase/action",
        ],
        "Enterprise reader" => vec![
            "Microsoft.Billing/billingAccounts/read",
            "Microsoft.Billing/billingAccounts/departments/read",
        ],
        "Purchaser" => vec![
            "Microsoft.Billing/billingAccounts/read",
            "Microsoft.Billing/billingAccounts/departments/read",
            "Microsoft.Billing/billingAccounts/purchase/action",
        ],
        "Department administrator" => vec!["Microsoft.Billing/billingAccounts/departments/read"],
        "Account owner" => vec!["Microsoft.Billing/billingAccounts/enrollmentAccounts/read"],
        _ => Vec::new(),
    }
}

fn invoice(documents: usize, period_end: Date) -> InvoiceFacts {
    InvoiceFacts {
        name: "E0400012AB".into(),
        status: "Paid".into(),
        invoice_type: "AzureServices".into(),
        period_end: Some(period_end),
        documents,
        ..InvoiceFacts::default()
    }
}

/// The facts of a line.
fn facts(agreement: &str, role: &str, listed: &str, state: &str) -> Facts {
    let place = Place {
        kind: PlaceKind::Subscription,
        id: "11111111-2222-4333-8444-555555555555".into(),
        name: "Contoso Production".into(),
    };
    let mut facts = Facts::unknown(place, TODAY);
    facts.offer = "PayAsYouGo_2014-09-01".into();
    facts.state = "Enabled".into();
    facts.agreement = AgreementType::read(match agreement {
        "MOSP" => "MicrosoftOnlineServicesProgram",
        "MCA" => "MicrosoftCustomerAgreement",
        "MPA" => "MicrosoftPartnerAgreement",
        "EA" => "EnterpriseAgreement",
        "new" => "MicrosoftLunarAgreement",
        _ => "",
    });
    facts.is_account_in_sight = match state {
        "out of sight" | "CSP" => Some(false),
        "accounts unknown" | "CSP, unknown" => None,
        _ => Some(true),
    };
    facts.is_indirect = state == "indirect";
    facts.is_asking = role == "nobody has asked";
    facts.is_government = state == "government";
    if state == "other directory" {
        facts.other_directory = Some(("Fabrikam".into(), "fabrikam".into()));
    }
    let mut property = json!({
        "billingAccountAgreementType": agreement,
        "isAccountAdmin": role == "account administrator",
        "accountAdminNotificationEmailAddress": "ilze@contoso.example",
        "subscriptionBillingType": "Paid",
    });
    match state {
        // The day is that of the suspension, which says nothing about the beginning.
        "suspended" => {
            let suspended = (TODAY - Duration::days(10)).to_string();
            property["subscriptionBillingStatusDetails"] =
                json!([{"effectiveDate": suspended, "reason": "PastDue"}]);
        }
        "free" => property["subscriptionBillingType"] = "Free".into(),
        "free by offer" => facts.offer = "FreeTrial_2014-09-01".into(),
        "Visual Studio" => facts.offer = "MSDN_2014-09-01".into(),
        "student" => {
            property["spendingLimitDetails"] = json!({"type": "AzureForStudents", "status": "Active"});
        }
        "sponsored" => {
            property["billingProfileSpendingLimitDetails"] =
                json!([{"type": "Sponsorship", "status": "Active"}]);
        }
        "credit is used" => {
            property["billingProfileSpendingLimitDetails"] =
                json!([{"type": "MSDN", "status": "LimitReached"}]);
        }
        "credit is over" => {
            property["billingProfileSpendingLimitDetails"] = json!([
                {"type": "FreeAccount", "status": "Expired"},
                {"type": "MSDN", "status": "LimitRemoved"},
            ]);
        }
        "pass" => facts.offer = "AzurePass_2014-09-01".into(),
        "dev and test" => facts.offer = "MSDNDevTest_2014-09-01".into(),
        "CSP" | "CSP, unknown" | "CSP, partner" => facts.offer = "CSP_2015-05-01".into(),
        "disabled" => facts.state = "Disabled".into(),
        "warned" => facts.state = "Warned".into(),
        "past due" => facts.state = "PastDue".into(),
        "deleted" => facts.state = "Deleted".into(),
        "transferred" => {
            property["subscriptionBillingStatusDetails"] =
                json!([{"effectiveDate": "2025-01-01", "reason": "Transferred"}]);
        }
        "transitioned" => property["isTransitionedBillingAccount"] = true.into(),
        "-" | "other directory" | "government" | "indirect" | "out of sight" | "accounts unknown" => {}
        other => panic!("no such state: {other}"),
    }
    facts.property = match role {
        "nobody has asked" | "nobody will ask" => Asked::Not,
        _ => Asked::Told(BillingProperty::read(&json!({"properties": property}))),
    };
    let (permissions, billing) = match role {
        "nobody has asked" | "nobody will ask" | "account administrator" => (Asked::Not, Asked::Not),
        "nobody knows: refused" => (Asked::Refused, Asked::Refused),
        "nobody knows: unanswered" => (Asked::Unanswered, Asked::Unanswered),
        held => {
            let entries: Vec<Value> = held.split(", ").filter_map(actions).collect();
            (
                Asked::Told(Permissions::read(&json!({"value": entries}))),
                Asked::Told(Permissions::read(
                    &json!({"value": [{"actions": billing_actions(held)}]}),
                )),
            )
        }
    };
    facts.permissions = permissions;
    facts.billing_permissions = billing;
    facts.roles = match role {
        "Invoice section owner" => vec![Role::InvoiceSectionOwner],
        "Invoice section reader" => vec![Role::InvoiceSectionReader],
        "Azure subscription creator" => vec![Role::SubscriptionCreator],
        _ => Vec::new(),
    };
    let recent = TODAY - Duration::days(10);
    facts.invoices = match listed {
        "-" => Asked::Not,
        "documents" => Asked::Told(vec![invoice(1, recent)]),
        "overdue" => Asked::Told(vec![invoice(1, TODAY - Duration::days(35))]),
        "withheld" => Asked::Told(vec![invoice(0, recent)]),
        "nothing" => Asked::Told(Vec::new()),
        "refused" => Asked::Refused,
        "absent" => Asked::Absent,
        "failed" => Asked::Unanswered,
        other => panic!("no such list: {other}"),
    };
    facts
}

fn may(may: May) -> &'static str {
    match may {
        May::Yes => "yes",
        May::No => "no",
        May::Unknown => "?",
    }
}

#[test]
fn every_line_of_the_table_holds() {
    let lines: Vec<&str> = TABLE.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 60);
    let mut wrong = Vec::new();
    for line in &lines {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [agreement, role, listed, state, expected_may, expected] = columns[..] else {
            panic!("{line}")
        };
        let verdict = verdict(&facts(agreement, role, listed, state));
        let said = [verdict.list, verdict.download, verdict.share].map(may).join(" ");
        let hints: Vec<&str> = verdict.hints.iter().map(|hint| hint.code.as_str()).collect();
        let expected_may: Vec<&str> = expected_may.split_whitespace().collect();
        if said != expected_may.join(" ") || hints.join(" ") != expected {
            wrong.push(format!("{line}\n    is: {said} | {}", hints.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_stands_in_the_way_names_whom_to_ask_and_has_a_request() {
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let verdict = verdict(&facts(columns[0], columns[1], columns[2], columns[3]));
        if verdict.download == May::No {
            let first = &verdict.hints[0];
            assert!(first.ask.is_some(), "{line}");
            assert!(
                first.request.is_some() || first.code == HintCode::OtherDirectory,
                "{line}"
            );
        }
    }
}

#[test]
fn the_account_administrator_is_named_where_azure_tells_the_address() {
    let known = verdict(&facts("MOSP", "Reader", "withheld", "-"));
    assert_eq!(known.hints[0].who, ["ilze@contoso.example"]);
    let mut unknown = facts("MOSP", "Reader", "withheld", "-");
    let property = json!({"properties": {"isAccountAdmin": false}});
    unknown.property = Asked::Told(BillingProperty::read(&property));
    let unknown = verdict(&unknown);
    assert_eq!(unknown.hints[0].code, HintCode::NotShared);
    assert_eq!(unknown.hints[0].who, Vec::<String>::new());
}

#[test]
fn an_invoice_without_a_document_has_its_own_reason() {
    let reader = facts("MOSP", "Reader", "withheld", "-");
    let shared = facts("MOSP", "Reader", "documents", "-");
    let administrator = facts("MOSP", "account administrator", "documents", "-");
    let invoice_manager = facts("MCA", "Invoice manager", "-", "-");
    let recent = invoice(0, TODAY);
    let with = |change: fn(&mut InvoiceFacts)| {
        let mut invoice = invoice(0, TODAY);
        change(&mut invoice);
        invoice
    };
    let support = with(|invoice| invoice.invoice_type = "AzureSupport".into());
    let void = with(|invoice| invoice.status = "Void".into());
    let old = with(|invoice| invoice.period_end = Some(date!(2016 - 11 - 30)));
    let not_old = with(|invoice| invoice.period_end = Some(date!(2016 - 12 - 01)));
    let marketplace = with(|invoice| {
        invoice.documents = 1;
        invoice.invoice_type = "AzureMarketplace".into();
    });
    let split = with(|invoice| {
        invoice.documents = 1;
        invoice.is_split = true;
    });
    let municipal = with(|invoice| {
        invoice.documents = 1;
        invoice.is_external = true;
    });
    let ordinary = invoice(1, TODAY);
    for (facts, invoice, expected) in [
        (&reader, &recent, "documentWithheld"),
        (&shared, &recent, "documentMissing"),
        (&administrator, &recent, "documentMissing"),
        (&invoice_manager, &recent, "documentMissing"),
        (&reader, &support, "supportPlan"),
        (&administrator, &support, "documentMissing"),
        (&reader, &void, "voided"),
        (&administrator, &void, "voided"),
        (&reader, &old, "before2016"),
        (&shared, &not_old, "documentMissing"),
        (&administrator, &old, "documentMissing"),
        (&administrator, &marketplace, "separateCharges"),
        (&invoice_manager, &split, "severalNumbers"),
        (&administrator, &municipal, "municipal"),
        (&administrator, &ordinary, ""),
        (&reader, &ordinary, ""),
    ] {
        let hint = verdict_on_invoice(facts, invoice);
        assert_eq!(hint.map_or("", |hint| hint.code.as_str()), expected);
    }
}

#[test]
fn a_day_beyond_all_calendars_is_no_reason_to_fail() {
    let mut administrator = facts("MOSP", "account administrator", "documents", "-");
    administrator.invoices = Asked::Told(vec![invoice(1, date!(9999 - 12 - 31))]);
    assert_eq!(verdict(&administrator).hints.len(), 1);
}

#[test]
fn a_person_who_sees_nothing_is_told_where_else_to_look() {
    let codes = |person| -> Vec<&str> {
        verdict_on_person(person)
            .iter()
            .map(|hint| hint.code.as_str())
            .collect()
    };
    let person = PersonFacts::default();
    assert_eq!(codes(person), [""; 0]);
    let nothing = PersonFacts {
        sees_nothing: Some(true),
        ..person
    };
    assert_eq!(codes(nothing), ["seesNothing"]);
    let guest = PersonFacts {
        is_guest: true,
        ..nothing
    };
    assert_eq!(codes(guest), ["seesNothing", "guest"]);
    let personal = PersonFacts {
        is_personal: true,
        sees_nothing: None,
        ..person
    };
    assert_eq!(codes(personal), ["personalAccount"]);
}

#[test]
fn every_hint_of_the_list_follows_from_some_facts() {
    let mut seen: Vec<HintCode> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let verdict = verdict(&facts(columns[0], columns[1], columns[2], columns[3]));
        seen.extend(verdict.hints.iter().map(|hint| hint.code));
    }
    // Those of invoices and of persons have tests of their own.
    let others = [
        HintCode::SupportPlan,
        HintCode::Before2016,
        HintCode::DocumentMissing,
        HintCode::DocumentWithheld,
        HintCode::Voided,
        HintCode::SeparateCharges,
        HintCode::SeveralNumbers,
        HintCode::Municipal,
        HintCode::Guest,
        HintCode::PersonalAccount,
        HintCode::SeesNothing,
    ];
    for code in HintCode::ALL {
        assert!(seen.contains(code) || others.contains(code), "{}", code.as_str());
    }
}

#[test]
fn wildcards_and_exceptions_are_read_as_azure_means_them() {
    let permissions = |entries: Value| Permissions::read(&json!({"value": entries}));
    let action = "Microsoft.Billing/invoices/read";
    for (entries, expected) in [
        (json!([]), false),
        (json!([{"actions": []}]), false),
        (json!([{"actions": ["*"]}]), true),
        (json!([{"actions": ["*/read"]}]), true),
        (json!([{"actions": ["*/write"]}]), false),
        (json!([{"actions": ["MICROSOFT.BILLING/*/READ"]}]), true),
        (
            json!([{"actions": ["Microsoft.Billing/*"], "notActions": ["*/invoices/*"]}]),
            false,
        ),
        // What one role takes out another may give.
        (
            json!([{"actions": ["*"], "notActions": ["Microsoft.Billing/*"]}, {"actions": ["*/read"]}]),
            true,
        ),
        (
            json!([{"actions": ["Microsoft.Billing/invoices/download/action"]}]),
            false,
        ),
        (json!([{"actions": ["Microsoft.Billing/invoices/rea"]}]), false),
        (json!([{"actions": ["Microsoft.*ing/inv**ces/r*"]}]), true),
        (json!([{"actions": "not a list"}, 7, null]), false),
    ] {
        assert_eq!(permissions(entries.clone()).allow(action), expected, "{entries}");
    }
}
