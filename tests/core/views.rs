//! Every state of the dock, the popup and the page of options, as data.

use std::rc::Rc;
use std::time::Duration;

use icu_locale_core::Locale;
use icu_plurals::PluralCategory;
use portal_invoices::azure::{AccessToken, Account, Cloud, Decimal};
use portal_invoices::download::{
    Elsewhere, Failure, FailureCode, Listing, MonthTotal, NoLongerThere, Outcome, Place, PlaceMonth, Region,
    Report, ScopeAnswer, ScopeLine, Totals, Trouble, UsageReport, Verdict, Wanted,
};
use portal_invoices::invoices::{CalendarMonth, Corrected, Period, PeriodChoice, ScopeKind};
use portal_invoices::view::{
    Choices, Facts, Field, Kept, Language, Node, OptionsFacts, PluralRules, Strings, dock, grants, options,
    popup, report_page,
};
use time::macros::date;

use crate::double::{NOW, token};

/// The languages whose screens are written out: they show what the others share, and what plural forms and long words do.
const WRITTEN_OUT: [Language; 3] = [Language::English, Language::German, Language::Latvian];

/// Leaves only those among the languages that can be chosen: their list is long, and the same on every surface.
fn shorten(nodes: &mut [Node]) {
    for node in nodes {
        match node {
            Node::Choice {
                key: "language",
                options,
                ..
            } => options.retain(|option| {
                option.value == "auto" || WRITTEN_OUT.iter().any(|each| each.as_str() == option.value)
            }),
            Node::Section { nodes, .. } => shorten(nodes),
            _ => {}
        }
    }
}

/// CLDR's rules, which browsers follow, too.
struct Plurals;

impl PluralRules for Plurals {
    fn category(&self, language: &str, count: usize) -> String {
        plural_form(&plural_rules(language), count).to_owned()
    }
}

pub(crate) fn plural_rules(language: &str) -> icu_plurals::PluralRules {
    let locale: Locale = language.parse().unwrap();
    icu_plurals::PluralRules::try_new_cardinal(locale.into()).unwrap()
}

pub(crate) fn plural_form(rules: &icu_plurals::PluralRules, count: usize) -> &'static str {
    match rules.category_for(count) {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

pub(crate) fn messages(language: Language) -> String {
    let path = format!(
        "{}/extension/_locales/{}/messages.json",
        env!("CARGO_MANIFEST_DIR"),
        language.as_str().replace('-', "_")
    );
    std::fs::read_to_string(path).unwrap()
}

pub(crate) fn strings(language: Language) -> Rc<Strings> {
    Rc::new(Strings::read(language, &messages(language), Rc::new(Plurals)).unwrap())
}

fn line(kind: ScopeKind, name: &str, answer: ScopeAnswer) -> ScopeLine {
    let name = name.to_owned();
    let id = String::new();
    ScopeLine {
        kind,
        name,
        id,
        answer,
    }
}

/// A run that ended well.
pub(crate) fn report() -> Report {
    Report {
        ordered_at: "2026-11-23 09.00.00".into(),
        period: Period {
            from: date!(2025 - 11 - 24),
            to: date!(2026 - 11 - 23),
        },
        hosts: Vec::new(),
        paused: false,
        verdict: Verdict::Finished,
        listing: Listing::Ended,
        browser_asks: false,
        index: Some("Azure invoices/index 2026-11-23 09.00.00.csv".into()),
        newest: Some("Azure invoices/2026/2026-11-09 Contoso Production E0400012AB Invoice.pdf".into()),
        last_download: Some(4),
        documents: 40,
        saved: 36,
        bytes: 7_654_321,
        saved_before: 3,
        no_longer_there: Vec::new(),
        cancelled: 0,
        waiting_for_archive: 0,
        not_offered: vec!["2026-11-20 Grāmatvedība E0400012ZZ".into()],
        not_verified: Vec::new(),
        elsewhere: Vec::new(),
        failed: Vec::new(),
        scopes: vec![
            line(ScopeKind::Account, "Ilze Kalniņa", ScopeAnswer::Listed(41)),
            line(
                ScopeKind::Subscription,
                "Contoso Production",
                ScopeAnswer::Listed(1),
            ),
            line(
                ScopeKind::Subscription,
                "Grāmatvedība",
                ScopeAnswer::NothingVisible,
            ),
        ],
        other_directories: Vec::new(),
        corrections: Vec::new(),
        places: Vec::new(),
        totals: Totals::default(),
        usage: UsageReport::default(),
    }
}

pub(crate) fn account() -> Account {
    AccessToken::read(&token(), Cloud::Public, NOW)
        .ok()
        .unwrap()
        .account()
        .clone()
}

/// Nobody is there, and nothing has happened.
pub(crate) fn facts<'a>(strings: &'a Strings, choices: &'a Choices) -> Facts<'a> {
    Facts {
        strings,
        today: NOW.date(),
        account: None,
        directory: None,
        choices,
        report: None,
        running: false,
        waits_for_portal: false,
        awaited: false,
        stopped: None,
        remaining: None,
        region: Region::WITH_POINT,
        missing_hosts: &[],
        access: None,
    }
}

/// Snapshots a state of both surfaces in the languages that are written out.
fn snapshot(name: &str, change: impl Fn(&mut Facts<'_>)) {
    for language in &WRITTEN_OUT {
        let (strings, account, choices) = (strings(*language), account(), Choices::default());
        let mut facts = Facts {
            account: Some(&account),
            directory: Some("Contoso SIA"),
            ..facts(&strings, &choices)
        };
        change(&mut facts);
        let mut shown = dock(&facts);
        shorten(&mut shown.0.nodes);
        insta::assert_json_snapshot!(format!("{name}.dock.{}", language.as_str()), shown);
        insta::assert_json_snapshot!(format!("{name}.popup.{}", language.as_str()), popup(&facts));
    }
}

#[test]
fn ready() {
    snapshot("ready", |_| {});
}

#[test]
fn no_session() {
    snapshot("no-session", |facts| facts.account = None);
    snapshot("no-session-awaited", |facts| {
        (facts.account, facts.awaited) = (None, true)
    });
}

#[test]
fn hosts_withheld() {
    snapshot("hosts-withheld", |facts| {
        (facts.account, facts.missing_hosts) = (
            None,
            &["https://portal.azure.com/*", "https://management.azure.com/*"],
        );
    });
}

#[test]
fn custom_period() {
    let choices = |from: &str, to: &str| {
        let (from, to) = (from.to_owned(), to.to_owned());
        &*Box::leak(Box::new(Choices {
            period: PeriodChoice::Custom,
            from,
            to,
            language: None,
            ..Choices::default()
        }))
    };
    snapshot("custom-period", |facts| {
        facts.choices = choices("2026-01-01", "2026-06-30")
    });
    snapshot("custom-period-backwards", |facts| {
        facts.choices = choices("2026-06-30", "2026-01-01")
    });
}

/// How usage ends where every kind of end is there.
fn usage() -> UsageReport {
    let trouble = |what: &str, code| Trouble {
        what: what.into(),
        failure: Failure::plain(code),
    };
    UsageReport {
        wanted: Wanted::Both,
        periods: 12,
        saved: 5,
        saved_before: 3,
        nothing_used: vec!["2026-09-01 – 2026-09-30 Contoso Europe".into()],
        not_available: vec!["2025-09-01 – 2025-09-30 Contoso Europe".into()],
        refused: vec![trouble(
            "2026-09-01 – 2026-09-30 Contoso Asia",
            FailureCode::UsageRefused,
        )],
        failed: vec![trouble(
            "2026-08-01 – 2026-08-31 Contoso America",
            FailureCode::OtherColumns,
        )],
        ..UsageReport::default()
    }
}

fn during(change: impl Fn(&mut Report)) -> &'static Report {
    let mut report = Report {
        verdict: Verdict::Running,
        not_offered: Vec::new(),
        ..report()
    };
    change(&mut report);
    Box::leak(Box::new(report))
}

#[test]
fn running() {
    let run = |name: &str, report: Option<&'static Report>, waits: bool| {
        snapshot(name, |facts| {
            (facts.running, facts.report, facts.waits_for_portal) = (true, report, waits)
        });
    };
    run("running-started", None, false);
    let asking = |documents| {
        during(|report| {
            report.listing = Listing::Asking {
                scopes: Some(3),
                ended: 1,
            };
            (report.documents, report.saved, report.saved_before, report.newest) = (documents, 0, 0, None);
        })
    };
    run("running-asking", Some(asking(0)), false);
    run("running-found", Some(asking(21)), false);
    run(
        "running-usage",
        Some(during(|report| {
            report.usage = UsageReport {
                saved: 3,
                periods: 12,
                wanted: Wanted::Both,
                ..UsageReport::default()
            };
        })),
        false,
    );
    run(
        "running-usage-later",
        Some(during(|report| {
            (report.saved, report.usage.wanted) = (11, Wanted::Both)
        })),
        false,
    );
    run("running-saving", Some(during(|report| report.saved = 11)), false);
    snapshot("running-half-done", |facts| {
        facts.running = true;
        facts.report = Some(during(|report| (report.documents, report.saved) = (400, 200)));
        facts.remaining = Some(Duration::from_secs(130));
    });
    run(
        "running-paused",
        Some(during(|report| report.paused = true)),
        false,
    );
    run("running-waiting", Some(during(|report| report.saved = 11)), true);
    run(
        "running-browser-asks",
        Some(during(|report| report.browser_asks = true)),
        false,
    );
}

#[test]
fn ended() {
    let end = |name: &str, change: &dyn Fn(&mut Report)| {
        let mut report = report();
        change(&mut report);
        let report: &'static Report = Box::leak(Box::new(report));
        snapshot(name, |facts| facts.report = Some(report));
    };
    end("ended-well", &|_| {});
    end("ended-with-usage", &|report| report.usage = usage());
    end("ended-with-usage-alone", &|report| {
        (report.saved, report.saved_before, report.documents) = (0, 0, 0);
        (report.index, report.not_offered) = (None, Vec::new());
        report.usage = UsageReport {
            wanted: Wanted::Usage,
            saved: 12,
            periods: 12,
            ..UsageReport::default()
        };
    });
    end("ended-without-usage", &|report| {
        (report.saved, report.saved_before, report.documents) = (0, 0, 0);
        (report.index, report.not_offered) = (None, Vec::new());
        report.usage.wanted = Wanted::Usage;
    });
    end("ended-nothing-new", &|report| {
        (report.saved, report.saved_before, report.documents) = (0, 39, 39);
        report.not_offered.clear();
    });
    end("ended-nothing-visible", &|report| {
        (
            report.saved,
            report.saved_before,
            report.documents,
            report.last_download,
        ) = (0, 0, 0, None);
        report.not_offered.clear();
    });
    end("ended-with-one-cause", &|report| {
        let declined = |what: &str| Trouble {
            what: what.into(),
            failure: Failure::plain(FailureCode::BrowserAsks),
        };
        report.failed = vec![
            declined("2026-02-09 Contoso E1"),
            declined("2026-03-09 Contoso E2"),
        ];
    });
    end("ended-with-failures", &|report| {
        let failure = |code, detail: &str| Failure {
            code,
            detail: detail.into(),
        };
        report.failed = vec![
            Trouble {
                what: "2026-02-09 Contoso E1".into(),
                failure: failure(FailureCode::NotAPdf, ""),
            },
            Trouble {
                what: "2026-03-09 Contoso E2".into(),
                failure: failure(
                    FailureCode::NotAllowed,
                    "AuthorizationFailed: The client has no authorization.",
                ),
            },
        ];
        let failed = ScopeAnswer::Failed(failure(FailureCode::Throttled, ""));
        report
            .scopes
            .push(line(ScopeKind::Subscription, "Contoso Development/Test", failed));
    });
    end("ended-with-refusals", &|report| {
        let refused = |code, detail: &str| {
            let detail = detail.to_owned();
            ScopeAnswer::Refused(Failure { code, detail })
        };
        let said = "AuthorizationFailed: The client has no authorization.";
        report.scopes.extend([
            line(
                ScopeKind::Profile,
                "Contoso Europe",
                refused(FailureCode::NotVisible, said),
            ),
            line(
                ScopeKind::Account,
                "Contoso Group",
                refused(FailureCode::EnterpriseAdministratorsOnly, ""),
            ),
            line(
                ScopeKind::Subscription,
                "Contoso Retail",
                refused(FailureCode::BilledByPartner, ""),
            ),
            line(
                ScopeKind::Subscription,
                "Contoso Lab",
                refused(FailureCode::WrongDirectory, ""),
            ),
            line(
                ScopeKind::Accounts,
                "",
                ScopeAnswer::Failed(Failure::plain(FailureCode::Network)),
            ),
        ]);
        report.other_directories = vec!["Fabrikam".into(), "Tailspin Toys".into()];
    });
    end("ended-with-corrections", &|report| {
        let corrected = |invoice: &str, date, is_credit_note| Corrected {
            invoice: invoice.into(),
            date,
            is_credit_note,
        };
        report.corrections = vec![vec![
            corrected("G004567001", Some(date!(2026 - 07 - 09)), false),
            corrected("G004567002", Some(date!(2026 - 07 - 14)), true),
            corrected("G004567003", None, false),
        ]];
        report.scopes.push(line(
            ScopeKind::Account,
            "Contoso Group",
            ScopeAnswer::Refused(Failure::plain(FailureCode::NotVisible)),
        ));
    });
    end("ended-with-documents-elsewhere", &|report| {
        let elsewhere = |what: &str| Elsewhere {
            what: what.into(),
            host: "nfe.prefeitura.example".into(),
        };
        report.elsewhere = vec![elsewhere("2026-03-09 Contoso Brasil E1")];
    });
    end("ended-with-documents-in-other-storage", &|report| {
        report.elsewhere = vec![Elsewhere {
            what: "2026-03-09 Contoso E1".into(),
            host: "billinginsightsstore02.blob.core.windows.net".into(),
        }];
    });
    end("ended-not-verified", &|report| {
        report.not_verified = vec![Elsewhere {
            what: "2026-03-09 Contoso Brasil E1".into(),
            host: "nfe.prefeitura.example".into(),
        }];
    });
    end("ended-many", &|report| {
        (report.documents, report.saved) = (240, 236);
    });
    end("ended-no-longer-there", &|report| {
        (report.saved, report.saved_before) = (0, 38);
        report.no_longer_there = vec![NoLongerThere {
            what: "2026-03-09 Contoso Production E0400012AB".into(),
            on: "2026-03-10".into(),
        }];
    });
    end("ended-cancelled", &|report| {
        (report.verdict, report.saved, report.cancelled) = (Verdict::Cancelled, 6, 30);
    });
    end("ended-unlisted", &|report| {
        report.listing = Listing::Failed(Failure::plain(FailureCode::Unavailable));
        (
            report.documents,
            report.saved,
            report.saved_before,
            report.last_download,
        ) = (0, 0, 0, None);
        report.not_offered.clear();
    });
    snapshot("stopped", |facts| {
        facts.stopped = Some(Box::leak(Box::new(Failure::plain(FailureCode::DiskFull))));
    });
}

/// A run with everything that the page of reports can tell.
fn told() -> Report {
    let month = |text| CalendarMonth::read(text);
    let line = |of, outcomes: &[(Outcome, usize)]| PlaceMonth {
        month: month(of),
        outcomes: outcomes.to_vec(),
    };
    let place = |name: &str, id: &str, months| Place {
        name: name.into(),
        id: id.into(),
        months,
    };
    let total = |of, currency: &str, invoices, net, tax, total: &str| MonthTotal {
        month: month(of),
        currency: currency.into(),
        invoices,
        net: decimal(net),
        tax: decimal(tax),
        total: decimal(total).unwrap(),
    };
    Report {
        places: vec![
            place(
                "Contoso Production",
                "11111111-2222-3333-4444-555555555555",
                vec![
                    line("2025-12", &[(Outcome::SavedEarlier, 1)]),
                    line("2026-01", &[(Outcome::Saved, 2)]),
                    line("2026-02", &[(Outcome::Saved, 1), (Outcome::Failed, 1)]),
                    line("2026-03", &[(Outcome::NoLongerThere, 1)]),
                ],
            ),
            place(
                "Contoso Production",
                "66666666-7777-8888-9999-000000000000",
                vec![
                    line("2026-03", &[(Outcome::NotOffered, 1)]),
                    line("", &[(Outcome::LeftOut, 1)]),
                ],
            ),
        ],
        totals: Totals {
            months: vec![
                total("2025-12", "EUR", 12, "1234567.8", "0", "1234567.8"),
                total("2026-01", "EUR", 1, "", "", "-12.345"),
                total("2026-01", "USD", 2, "100", "21", "121"),
                total("", "", 1, "", "", "7"),
            ],
            void: 1,
            without_amount: 3,
        },
        ..report()
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::read(&serde_json::json!(text))
}

#[test]
fn the_page_of_reports() {
    let page = |name: &str, has_account: bool, kept: &Kept<'_>| {
        for language in &WRITTEN_OUT {
            let (strings, account, choices) = (strings(*language), account(), Choices::default());
            let facts = Facts {
                account: has_account.then_some(&account),
                region: Region::WITH_COMMA,
                ..facts(&strings, &choices)
            };
            insta::assert_json_snapshot!(
                format!("{name}.reports.{}", language.as_str()),
                report_page(&facts, kept)
            );
        }
    };
    let earlier = Report {
        ordered_at: "2026-10-12 16.05.31".into(),
        ..report()
    };
    let runs = [told(), earlier];
    let kept = |runs, chosen, forgetting| Kept {
        runs,
        chosen,
        forgetting,
    };
    page("kept", true, &kept(&runs, "", false));
    page("kept-earlier", true, &kept(&runs, "2026-10-12 16.05.31", false));
    page("none-kept", true, &kept(&[], "", false));
    page("another-account", false, &kept(&[], "", false));
    page("forgetting", true, &kept(&[], "", true));
}

#[test]
fn a_long_list_of_failures_is_cut_and_counted() {
    let failure = Failure::plain(FailureCode::Network);
    let failed = (0..120)
        .map(|number| Trouble {
            what: format!("E{number}"),
            failure: failure.clone(),
        })
        .collect();
    let report = Report { failed, ..report() };
    let (strings, choices, account) = (strings(Language::English), Choices::default(), account());
    let facts = Facts {
        account: Some(&account),
        report: Some(&report),
        ..facts(&strings, &choices)
    };
    let shown = serde_json::to_string(&dock(&facts)).unwrap();
    assert!(shown.contains("and 70 more") && !shown.contains("E50:"));
}

#[test]
fn the_names_that_stay_are_there() {
    let text = messages(Language::English);
    for name in [
        "Download all invoices",
        "Pause",
        "Resume",
        "Cancel",
        "Retry failed",
        "Open folder",
        "Download usage",
        "Download progress",
    ] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn the_page_of_options() {
    let snapshot = |name: &str, may_notify: bool, change: &dyn Fn(&mut Choices)| {
        for language in &WRITTEN_OUT {
            let mut choices = Choices::default();
            change(&mut choices);
            let facts = OptionsFacts {
                strings: &strings(*language),
                today: NOW.date(),
                choices: &choices,
                region: Region::WITH_COMMA,
                may_notify,
            };
            let mut shown = options(&facts);
            shorten(&mut shown.nodes);
            insta::assert_json_snapshot!(format!("options-{name}.{}", language.as_str()), shown);
        }
    };
    snapshot("at-first", false, &|_| {});
    snapshot("wrong-pattern", true, &|choices| {
        choices.choose(Field::Template, "{year}/{invoice}", NOW.date());
        choices.type_in(Field::Template, "{year}/{mouth}");
    });
    snapshot("own", true, &|choices| {
        choices.choose(
            Field::Template,
            "{billing-account}/{period} {amount} {currency}",
            NOW.date(),
        );
        choices.choose(Field::Period, "custom", NOW.date());
        choices.choose(Field::Region, "point", NOW.date());
        choices.notify = true;
    });
    snapshot("notifications-taken-back", false, &|choices| {
        choices.notify = true
    });
}

#[test]
fn every_language_can_be_chosen_by_its_own_name() {
    let (strings, choices) = (strings(Language::English), Choices::default());
    let (shown, _) = dock(&facts(&strings, &choices));
    let offered = shown.nodes.iter().find_map(|node| match node {
        Node::Choice {
            key: "language",
            options,
            ..
        } => Some(options),
        _ => None,
    });
    let offered = offered.unwrap().iter();
    let offered: Vec<(&str, &str)> = offered.map(|option| (&*option.value, &*option.text)).collect();
    let all = Language::ALL.iter().map(|each| (each.as_str(), each.endonym()));
    let expected: Vec<_> = std::iter::once(("auto", "Automatic")).chain(all).collect();
    assert_eq!(offered, expected);
}

#[test]
fn the_window_of_grants() {
    for language in &WRITTEN_OUT {
        let hosts = ["billinginsightsstore02.blob.core.windows.net".to_owned()];
        let name = format!("grants.{}", language.as_str());
        insta::assert_json_snapshot!(name, grants(&strings(*language), &hosts));
    }
}
