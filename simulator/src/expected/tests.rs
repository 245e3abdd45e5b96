//! What each built-in scenario promises: its documents, and an outcome for each list.
//! It must not know how either is found out.

use std::collections::BTreeMap;

use time::macros::date;

use super::ScopeKind::{BillingAccount, BillingProfile, Subscription};
use super::ScopeOutcome::{Failed, Listed, NothingVisible, Refused};
use super::*;
use crate::scenario::Scenario;
use crate::settings::Settings;

const YEAR: (Date, Date) = (date!(2025 - 11 - 24), date!(2026 - 11 - 23));
const ALWAYS: (Date, Date) = (date!(2020 - 01 - 01), date!(2026 - 11 - 23));

fn state(name: &str) -> State {
    let settings = Settings {
        today: Some(date!(2026 - 11 - 23)),
        ..Settings::fast()
    };
    State::new(settings, &Scenario::named(name).unwrap())
}

fn documents(name: &str, (from, to): (Date, Date)) -> usize {
    state(name).expected_documents(from, to).len()
}

/// How many documents are withheld, by reason.
fn withheld(name: &str, (from, to): (Date, Date)) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for document in state(name).withheld_documents(from, to) {
        *reasons.entry(document.because).or_default() += 1;
    }
    reasons
}

fn scopes(name: &str) -> Vec<(String, ScopeKind, ScopeOutcome)> {
    let (from, to) = YEAR;
    let scopes = state(name).expected_scopes(from, to).into_iter();
    scopes
        .map(|scope| (scope.name, scope.kind, scope.outcome))
        .collect()
}

fn told(of: &[(&str, ScopeKind, ScopeOutcome)]) -> Vec<(String, ScopeKind, ScopeOutcome)> {
    let all = of.iter();
    all.map(|(name, kind, outcome)| ((*name).to_owned(), *kind, *outcome))
        .collect()
}

#[test]
fn the_range_is_of_invoice_dates_and_includes_both_ends() {
    let state = state("pay-as-you-go");
    let all = state.expected_documents(ALWAYS.0, ALWAYS.1);
    assert_eq!(all.len(), 45);
    let one_day = state.expected_documents(date!(2026 - 11 - 09), date!(2026 - 11 - 09));
    assert_eq!(one_day.len(), 1);
    assert_eq!(one_day[0].billed_to, "Contoso Production");
    assert_eq!((one_day[0].extension, one_day[0].sha256.len()), ("pdf", 64));
    assert_eq!(withheld("pay-as-you-go", ALWAYS), BTreeMap::new());
}

#[test]
fn documents_that_cannot_be_had_are_told_apart_with_the_reason() {
    let reasons: Vec<String> = state("hostile")
        .withheld_documents(ALWAYS.0, ALWAYS.1)
        .into_iter()
        .map(|document| document.because)
        .collect();
    assert_eq!(
        reasons,
        [
            "served Html",
            "served Truncated",
            "served Short",
            "url ForeignHost",
            "url OtherAction",
            "url Http",
            "location ForeignHost",
            "storage Foreign",
            "storage Other",
            "next_link ForeignHost",
            "next_link ForeignHost",
        ]
    );
    assert_eq!(documents("hostile", ALWAYS), 2 + 1 + 3 + 5);
}

#[test]
fn every_poison_stands_in_every_place() {
    let reasons = withheld("hostile-links", YEAR);
    for poison in crate::Poison::ALL {
        for place in ["url", "location", "external", "next_link"] {
            assert!(
                reasons.contains_key(&format!("{place} {poison:?}")),
                "{place} {poison:?}"
            );
        }
    }
    // Three good ones beside the poisoned, four on the first page of each poisoned list, and what is in order.
    assert_eq!(documents("hostile-links", YEAR), 3 + 7 * 4 + 5 + 6 + 4 + 9);
    let failed = scopes("hostile-links");
    assert_eq!(
        failed.iter().filter(|(_, _, outcome)| *outcome == Failed).count(),
        2 + 7 + 1
    );
}

#[test]
fn a_year_has_as_many_documents_as_the_name_says_whatever_the_day() {
    for (name, count) in [("large-240", 240), ("large-1000", 1000)] {
        assert_eq!(documents(name, YEAR), count);
    }
    for today in [
        date!(2027 - 01 - 01),
        date!(2028 - 02 - 29),
        date!(2026 - 12 - 31),
    ] {
        let settings = Settings {
            today: Some(today),
            ..Settings::fast()
        };
        let state = State::new(settings, &Scenario::named("large-1000").unwrap());
        let a_year_ago = today.replace_year(today.year() - 1);
        let from = a_year_ago.map_or(date!(2027 - 03 - 01), |date| date.next_day().unwrap());
        assert_eq!(state.expected_documents(from, today).len(), 1000, "{today}");
    }
}

#[test]
fn accounts_and_the_subscriptions_of_the_online_services_programme_are_scopes() {
    assert_eq!(
        scopes("pay-as-you-go"),
        told(&[
            ("Ilze Kalniņa", BillingAccount, Listed(38)),
            ("Contoso Production", Subscription, Listed(14)),
            ("Contoso Development/Test", Subscription, Listed(12)),
            ("Grāmatvedība", Subscription, Listed(12)),
        ])
    );
    assert_eq!(
        scopes("shared-with-me"),
        told(&[
            ("Contoso Production", Subscription, Listed(6)),
            ("Contoso Archive", Subscription, NothingVisible),
            ("Contoso Payroll", Subscription, Refused),
            ("Contoso Partner", Subscription, Refused),
            ("Contoso Legacy", Subscription, Listed(3)),
            ("Contoso Moved", Subscription, Refused),
            ("Contoso Broken", Subscription, Failed),
        ])
    );
    assert_eq!(scopes("empty"), []);
}

#[test]
fn a_customer_agreement_answers_for_all_that_it_bills() {
    assert_eq!(
        scopes("customer-agreement"),
        told(&[("Contoso Group", BillingAccount, Listed(29))])
    );
    assert_eq!(documents("customer-agreement", YEAR), 31);
    assert_eq!(
        scopes("partner-agreement"),
        told(&[("Fabrikam Cloud Resale", BillingAccount, Listed(13))])
    );
    assert_eq!(documents("partner-agreement", YEAR), 14);
}

#[test]
fn profiles_stand_in_for_an_account_that_shows_nothing() {
    assert_eq!(
        scopes("profile-reader"),
        told(&[
            ("Contoso Europe", BillingProfile, Listed(12)),
            ("Contoso America", BillingProfile, Refused),
        ])
    );
    assert_eq!(documents("profile-reader", YEAR), 12);
    assert_eq!(
        withheld("profile-reader", YEAR),
        BTreeMap::from([("visibility Forbidden".to_owned(), 12)])
    );
}

#[test]
fn an_enrolment_is_one_scope_and_its_files_are_of_two_kinds() {
    assert_eq!(
        scopes("enterprise"),
        told(&[("Contoso Enterprise", BillingAccount, Listed(11))])
    );
    let documents = state("enterprise").expected_documents(YEAR.0, YEAR.1);
    assert_eq!(documents.len(), 33);
    let tables = documents.iter().filter(|document| document.extension == "csv");
    assert!(tables.clone().all(|document| document.kind == "Transactions"));
    assert_eq!(tables.count(), 11);
    assert_eq!(
        scopes("enterprise-indirect"),
        told(&[("Contoso Enterprise", BillingAccount, Refused)])
    );
}

#[test]
fn the_oldest_version_lists_what_a_browser_must_fetch_by_itself() {
    assert_eq!(
        scopes("legacy"),
        told(&[
            ("Jānis Bērziņš", BillingAccount, NothingVisible),
            ("Contoso Workshop", Subscription, Listed(12)),
            ("Contoso Depot", Subscription, Listed(11)),
            ("Contoso Trial", Subscription, NothingVisible),
        ])
    );
    assert_eq!(
        withheld("legacy", YEAR),
        BTreeMap::from([("storage Other".to_owned(), 23)])
    );
    assert_eq!(documents("legacy", YEAR), 0);
}

#[test]
fn accounts_that_are_not_in_the_list_leave_their_subscriptions_to_themselves() {
    assert_eq!(
        scopes("subscription-reader"),
        told(&[
            ("Contoso Website", Subscription, Listed(12)),
            ("Contoso Payroll", Subscription, Refused),
            ("Contoso Production", Subscription, Refused),
            ("Contoso Enterprise", BillingAccount, Refused),
            ("Contoso Branch Office", Subscription, Refused),
        ])
    );
}

#[test]
fn one_person_may_have_all_of_them() {
    assert_eq!(
        scopes("mixed"),
        told(&[
            ("Contoso Pay-as-you-go", BillingAccount, Listed(26)),
            ("Contoso Group", BillingAccount, Listed(24)),
            ("Contoso Enterprise", BillingAccount, Listed(12)),
            ("Tailwind Group", BillingAccount, Failed),
            ("Fabrikam Enterprise", BillingAccount, Refused),
            ("Contoso Website", Subscription, Listed(12)),
            ("Contoso Development", Subscription, Listed(12)),
        ])
    );
    let documents = state("mixed").expected_documents(YEAR.0, YEAR.1);
    assert_eq!(documents.len(), 26 + 24 + 36);
    let of_support = documents
        .iter()
        .filter(|document| document.billed_to == "Contoso Pay-as-you-go");
    assert_eq!(of_support.count(), 2);
}

#[test]
fn what_lies_outside_azure_is_withheld_with_its_content() {
    assert_eq!(
        withheld("brazil", YEAR),
        BTreeMap::from([
            ("external Http".to_owned(), 1),
            ("external UserInfo".to_owned(), 1),
            ("external nfe.prefeitura.example".to_owned(), 3),
        ])
    );
    assert_eq!(documents("brazil", YEAR), 11);
    let outside = state("brazil").withheld_documents(YEAR.0, YEAR.1);
    assert!(
        outside
            .iter()
            .all(|document| document.bytes.starts_with(b"%PDF-"))
    );
}

/// How often each outcome is told, by who is billed.
fn usage(state: &State, (from, to): (Date, Date)) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for usage in state.expected_usage(from, to) {
        let outcome = match usage.outcome {
            UsageOutcome::Table { blobs, .. } => format!("Table in {blobs}"),
            UsageOutcome::Details { .. } => "Details".to_owned(),
            other => format!("{other:?}"),
        };
        *told.entry(format!("{}: {outcome}", usage.billed_to)).or_default() += 1;
    }
    told
}

fn counts(of: &[(&str, usize)]) -> BTreeMap<String, usize> {
    of.iter()
        .map(|(what, count)| ((*what).to_owned(), *count))
        .collect()
}

#[test]
fn every_agreement_tells_a_year_of_usage_in_its_own_way() {
    assert_eq!(
        usage(&state("pay-as-you-go"), YEAR),
        counts(&[
            ("Contoso Production: Details", 12),
            ("Contoso Development/Test: Details", 12),
            ("Grāmatvedība: Details", 12),
        ])
    );
    assert_eq!(
        usage(&state("customer-agreement"), YEAR),
        counts(&[
            ("Contoso Europe: Table in 1", 12),
            ("Contoso America: Table in 1", 13)
        ])
    );
    assert_eq!(
        usage(&state("partner-agreement"), YEAR),
        counts(&[("Fabrikam Baltics: Table in 1", 12)])
    );
    assert_eq!(
        usage(&state("enterprise"), YEAR),
        counts(&[("Contoso Enterprise: Table in 1", 11)])
    );
    assert_eq!(
        usage(&state("mixed"), YEAR),
        counts(&[
            ("Contoso America: Table in 1", 12),
            ("Contoso Development: Details", 12),
            ("Contoso Enterprise: Table in 1", 12),
            ("Contoso Europe: Table in 1", 12),
            ("Contoso Website: Details", 12),
        ])
    );
    assert_eq!(usage(&state("enterprise-indirect"), YEAR), counts(&[]));
}

#[test]
fn usage_may_come_in_parts_or_not_at_all() {
    let mut state = state("usage");
    assert_eq!(
        usage(&state, ALWAYS),
        counts(&[
            ("Contoso America: Failed(\"failing\")", 1),
            ("Contoso America: NothingUsed", 1),
            ("Contoso America: Table in 1", 2),
            ("Contoso Asia: Refused", 2),
            ("Contoso Development: Details", 2),
            ("Contoso Enterprise: NothingUsed", 1),
            ("Contoso Enterprise: Table in 2", 2),
            ("Contoso Europe: NothingUsed", 2),
            ("Contoso Europe: Table in 3", 11),
            ("Contoso Europe: TooOld", 1),
            ("Contoso Payroll: Refused", 2),
            ("Contoso Website: Details", 2),
            ("Contoso Website: NothingUsed", 1),
        ])
    );
    state.sign_in(1);
    assert_eq!(
        usage(&state, ALWAYS),
        counts(&[
            ("Fabrikam Abroad: Failed(\"storage Foreign\")", 1),
            ("Fabrikam Astray: Failed(\"location ForeignHost\")", 1),
            ("Fabrikam Baltics: Table in 2", 2),
            ("Fabrikam Endless: Failed(\"next_link Cycle\")", 1),
            ("Fabrikam Next Door: Failed(\"next_link ForeignHost\")", 1),
            ("Fabrikam Website: Details", 1),
        ])
    );
}

#[test]
fn the_invoices_of_one_period_share_its_usage() {
    let all = state("customer-agreement").expected_usage(ALWAYS.0, ALWAYS.1);
    let june = all
        .iter()
        .find(|usage| usage.billed_to == "Contoso Europe" && usage.period_start == date!(2026 - 06 - 01))
        .unwrap();
    assert_eq!(june.period_end, date!(2026 - 06 - 30));
    assert_eq!(june.kind, BillingProfile);
    assert_eq!(june.source, UsageSource::ProfileByInvoice);
    let state = state("customer-agreement");
    let person = &state.world.people[0];
    let names: Vec<&str> = june.invoices.iter().map(String::as_str).collect();
    let of_period = person.invoices(Scope::Profile(0, 0)).iter();
    let of_period =
        of_period.filter(|invoice| invoice.period_start == june.period_start && invoice.kind != "CreditNote");
    assert_eq!(
        names,
        of_period.map(|invoice| invoice.name.as_str()).collect::<Vec<_>>()
    );
    assert!(names.len() > 1);
    let purchase = all.iter().find(|usage| usage.is_purchase).unwrap();
    assert_eq!(purchase.period_start, purchase.period_end);
    assert!(matches!(purchase.outcome, UsageOutcome::Table { lines: 1, .. }));
    assert_eq!(all.iter().filter(|usage| usage.is_purchase).count(), 1);
    let too_old = all.iter().filter(|usage| usage.outcome == UsageOutcome::TooOld);
    assert_eq!(
        too_old.map(|usage| usage.period_start).collect::<Vec<_>>(),
        [date!(2025 - 09 - 01); 2]
    );
    let enrolment = &self::state("enterprise").expected_usage(YEAR.0, YEAR.1)[0];
    assert_eq!(
        enrolment.source,
        UsageSource::EnrolmentByPeriod("202610".to_owned())
    );
}

#[test]
fn what_roles_and_sharing_keep_back_is_told_with_the_reason() {
    let because = |reasons: &[(&str, usize)]| -> BTreeMap<String, usize> {
        let reasons = reasons.iter();
        reasons.map(|(why, count)| ((*why).to_owned(), *count)).collect()
    };
    for (name, count, reasons) in [
        (
            "roles",
            18,
            because(&[("not shared", 34), ("visibility Forbidden", 18)]),
        ),
        ("administrator", 26, because(&[])),
        ("invoice-manager", 12, because(&[("visibility Forbidden", 12)])),
        ("profile-reader-role", 12, because(&[])),
        ("section-owner", 0, because(&[("visibility Forbidden", 12)])),
        ("enterprise-roles", 36, because(&[])),
        ("guest", 6, because(&[("not shared", 6)])),
        ("personal", 12, because(&[("not shared", 6)])),
        ("sees-nothing", 0, because(&[("visibility Forbidden", 48)])),
        (
            "fifty-subscriptions",
            360,
            because(&[("not shared", 180), ("visibility Forbidden", 60)]),
        ),
    ] {
        assert_eq!(documents(name, YEAR), count, "{name}");
        assert_eq!(withheld(name, YEAR), reasons, "{name}");
    }
    let mut shared = state("roles");
    shared.set_sharing("Reader before sharing", true);
    assert_eq!(shared.expected_documents(YEAR.0, YEAR.1).len(), 24);
}

#[test]
fn what_is_not_shared_is_listed_all_the_same() {
    let outcomes: BTreeMap<String, ScopeOutcome> = scopes("roles")
        .into_iter()
        .map(|(name, _, outcome)| (name, outcome))
        .collect();
    assert_eq!(outcomes["Reader before sharing"], Listed(6));
    assert_eq!(outcomes["Owner after sharing"], Listed(6));
    for refused in ["Cost Management Reader", "No role", "Customer of a partner"] {
        assert_eq!(outcomes[refused], Refused, "{refused}");
    }
    for empty in ["New", "Free trial", "Visual Studio credit", "Transferred"] {
        assert_eq!(outcomes[empty], NothingVisible, "{empty}");
    }
    assert_eq!(scopes("fifty-subscriptions").len(), 1 + 50);
}
