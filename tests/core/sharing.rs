//! The window of sharing: what it shows, who may make it change anything, and what comes of it.

use portal_invoices::access::Hint;
use portal_invoices::sharing::{PersonStep, SeenSharing, Surprise, WalkStep};
use portal_invoices::view::{
    Access, Choices, Language, SharedSubscription, SharingFacts, SharingLine, SharingOutcome, SharingPage,
    sharing,
};

use crate::views::{account, facts, strings};

fn shared(name: &str, seen: Option<bool>, is_ticked: bool) -> SharedSubscription {
    SharedSubscription {
        id: format!("{name} id"),
        name: name.into(),
        seen: seen.map(|allow| SeenSharing {
            allow,
            on: "2026-11-20".into(),
        }),
        is_ticked,
    }
}

fn line(name: &str, outcome: Option<SharingOutcome>) -> SharingLine {
    SharingLine {
        name: name.into(),
        allow: true,
        outcome,
    }
}

fn choose() -> SharingPage {
    SharingPage::Choose {
        subscriptions: vec![
            shared("Contoso Production", Some(false), true),
            shared("Grāmatvedība", Some(true), false),
            shared("Contoso Website", None, true),
        ],
    }
}

/// Snapshots a state of the window in English, German and Latvian.
fn snapshot(name: &str, make: impl Fn() -> SharingFacts) {
    for language in [Language::English, Language::German, Language::Latvian] {
        let (strings, account, choices) = (strings(language), account(), Choices::default());
        let hints: [Hint; 0] = [];
        let mut facts = facts(&strings, &choices);
        facts.account = Some(&account);
        facts.directory = Some("Contoso SIA");
        facts.access = Some(Access {
            hints: &hints,
            is_asking: false,
            may_share: true,
            portal: &strings,
            chosen: "",
        });
        let surface = sharing(&facts, &make(), &strings);
        insta::assert_json_snapshot!(format!("sharing-{name}.{}", language.as_str()), surface);
    }
}

fn state(page: SharingPage) -> SharingFacts {
    SharingFacts {
        page,
        has_portal: true,
        ..SharingFacts::default()
    }
}

#[test]
fn what_can_be_chosen() {
    snapshot("choose", || state(choose()));
    snapshot("choose-off", || SharingFacts {
        allow: false,
        ..state(choose())
    });
    snapshot("none", || {
        state(SharingPage::Choose {
            subscriptions: Vec::new(),
        })
    });
    snapshot("no-portal", || SharingFacts {
        has_portal: false,
        ..state(choose())
    });
    snapshot("another-under-way", || SharingFacts {
        is_another_under_way: true,
        ..state(choose())
    });
    snapshot("forbidden", || SharingFacts {
        may_share: false,
        ..state(choose())
    });
}

#[test]
fn a_change_under_way_and_what_came_of_it() {
    let run = |person, outcomes: [Option<SharingOutcome>; 3]| {
        let names = ["Contoso Production", "Contoso Website", "Grāmatvedība"];
        let lines = names
            .into_iter()
            .zip(outcomes)
            .map(|(name, outcome)| line(name, outcome));
        state(SharingPage::Run {
            lines: lines.collect(),
            step: Some(WalkStep::ChooseOption),
            person,
        })
    };
    let done = Some(SharingOutcome::Changed);
    snapshot("running", || run(None, [done, None, None]));
    snapshot("your-turn", || {
        run(Some(PersonStep::OpenForm), [done, None, None])
    });
    snapshot("choose-option", || {
        run(Some(PersonStep::ChooseOption), [None, None, None])
    });
    snapshot("done", || {
        run(None, [done, Some(SharingOutcome::AlreadySo), done])
    });
    let (so, chosen) = (Some(SharingOutcome::AlreadySo), Some(SharingOutcome::AsChosen));
    snapshot("already-so", || run(None, [so; 3]));
    snapshot("as-chosen", || run(None, [chosen, so, chosen]));
    let stopped = |surprise| {
        let stopped = Some(SharingOutcome::Stopped(surprise));
        run(None, [done, stopped, Some(SharingOutcome::NotTried)])
    };
    snapshot("refused", || stopped(Surprise::Refused));
    snapshot("nothing-to-press", || stopped(Surprise::NothingToPress));
}

#[test]
fn every_surprise_has_its_words() {
    for language in [Language::English, Language::German, Language::Latvian] {
        let strings = strings(language);
        let lines = Surprise::ALL.iter().map(|surprise| {
            let words = strings.sharing_surprise(*surprise);
            format!("{}: {words}\n", surprise.as_str())
        });
        insta::assert_snapshot!(
            format!("surprises.{}", language.as_str()),
            lines.collect::<String>()
        );
    }
}
