//! The brain: what every face is shown, and what follows from what it says.

use portal_invoices::access::{Answer, Answers, Question};
use portal_invoices::azure::{Cloud, Identity, Tokens};
use portal_invoices::background::{Awaited, Background, Beginning, Effect, Event, NEEDED_HOSTS};
use portal_invoices::download::{
    Elsewhere, Event as RunEvent, Failure, FailureCode, Order, Region, Report, Verdict, Wanted,
};
use portal_invoices::invoices::{NameTemplate, Period};
use portal_invoices::message::{FaceKind, OwnExtension, Sender, ToFace};
use portal_invoices::view::{Choices, Language, Surface};
use serde_json::{Value, json};
use time::Duration;
use time::macros::date;

use crate::double::{NOW, TENANT, identity, token, token_with};
use crate::views::{report, strings};

const INVOICES: &str = "https://portal.azure.com/#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices";
const TAB: i32 = 7;

fn own() -> OwnExtension {
    OwnExtension {
        id: "own".into(),
        root: "chrome-extension://own/".into(),
    }
}

/// An order as it is placed at the moment of the tests.
fn ordered(order: Order) -> Order {
    Order {
        ordered_at: "2026-11-23 09.00.00".into(),
        ..order
    }
}

fn dock_sender() -> Sender {
    Sender {
        id: "own".into(),
        url: INVOICES.into(),
        frame: Some(0),
        tab: Some(TAB),
    }
}

fn popup_sender() -> Sender {
    Sender {
        id: "own".into(),
        url: "chrome-extension://own/popup.html".into(),
        ..Sender::default()
    }
}

fn options_sender() -> Sender {
    Sender {
        id: "own".into(),
        url: "chrome-extension://own/options.html".into(),
        tab: Some(TAB + 1),
        frame: Some(0),
    }
}

struct Brain {
    brain: Background,
    now: time::OffsetDateTime,
}

impl Brain {
    fn new() -> Brain {
        Brain::beginning(Beginning::default()).0
    }

    fn beginning(beginning: Beginning) -> (Brain, Vec<Effect>) {
        let (brain, effects) = Background::new(own(), Tokens::default(), beginning);
        (Brain { brain, now: NOW }, effects)
    }

    /// A dock on the invoices page, its texts loaded.
    fn with_dock() -> Brain {
        Brain::with_dock_since(Beginning::default())
    }

    fn with_dock_since(beginning: Beginning) -> Brain {
        let (mut brain, _) = Brain::beginning(beginning);
        brain.on(Event::Opened(1, dock_sender()));
        brain.said(
            1,
            json!({ "kind": "hello", "location": INVOICES, "language": "en" }),
        );
        brain.on(Event::StringsLoaded(strings(Language::English)));
        brain
    }

    /// The page of options as face 3, its texts loaded.
    fn with_options() -> Brain {
        let mut brain = Brain::with_dock();
        let effects = brain.on(Event::Opened(3, options_sender()));
        assert_eq!(effects, [Effect::CheckGrants]);
        brain.said(3, json!({ "kind": "hello", "location": "", "language": "" }));
        brain
    }

    fn choose(&mut self, field: &str, value: &str) -> Vec<Effect> {
        self.said(3, json!({ "kind": "choose", "field": field, "value": value }))
    }

    fn type_in(&mut self, value: &str) -> Vec<Effect> {
        self.said(3, json!({ "kind": "type", "field": "template", "value": value }))
    }

    fn on(&mut self, event: Event) -> Vec<Effect> {
        self.brain.on(event, self.now)
    }

    fn said(&mut self, face: u32, message: Value) -> Vec<Effect> {
        let heard = Effect::Post(face, ToFace::Heard);
        let effects = self.on(Event::Said(face, message));
        effects.into_iter().filter(|effect| *effect != heard).collect()
    }

    fn press(&mut self, face: u32, action: &str) -> Vec<Effect> {
        self.said(face, json!({ "kind": "press", "action": action }))
    }

    fn sign_in(&mut self, header: String) -> Vec<Effect> {
        self.on(Event::HeaderSeen {
            tab: TAB,
            initiator: "https://portal.azure.com".into(),
            header,
        })
    }
}

fn shown(effects: &[Effect]) -> Option<&Surface> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Post(_, ToFace::Show { surface, .. }) => Some(surface),
        _ => None,
    })
}

/// All text of a surface, as a person reads it.
fn words(effects: &[Effect]) -> String {
    serde_json::to_string(shown(effects).expect("something is shown")).unwrap()
}

fn started(effects: &[Effect]) -> Option<&Order> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartRun(order) => Some(order),
        _ => None,
    })
}

#[test]
fn only_our_own_faces_are_let_in() {
    let with = |change: fn(&mut Sender)| {
        let mut sender = dock_sender();
        change(&mut sender);
        own().admit(&sender).is_some()
    };
    assert!(with(|_| {}));
    assert!(own().admit(&popup_sender()).is_some());
    assert_eq!(own().admit(&options_sender()), Some(FaceKind::Options));
    let alike = "chrome-extension://own/options.html.evil.html".to_owned();
    let alike = Sender {
        url: alike,
        ..options_sender()
    };
    assert_eq!(own().admit(&alike), None);
    assert!(!with(|sender| sender.id = "other".into()));
    assert!(
        !with(|sender| sender.frame = Some(3)),
        "a frame of the portal is not the portal"
    );
    assert!(!with(|sender| sender.frame = None));
    assert!(!with(|sender| sender.tab = None));
    assert!(!with(
        |sender| sender.url = "https://portal.azure.com.evil.example/".into()
    ));
    assert!(!with(
        |sender| sender.url = "https://evil.example/#https://portal.azure.com/".into()
    ));
    assert!(!with(
        |sender| sender.url = "chrome-extension://own/other.html".into()
    ));
    let mut brain = Brain::new();
    let foreign = Sender {
        id: "other".into(),
        ..dock_sender()
    };
    assert_eq!(brain.on(Event::Opened(1, foreign)), [Effect::Disconnect(1)]);
    assert!(
        brain.press(1, "download-all").is_empty(),
        "an unknown face is not heard"
    );
}

#[test]
fn a_message_that_fits_no_schema_ends_the_connection() {
    for message in [
        json!(null),
        json!("press"),
        json!({ "kind": "press" }),
        json!({ "kind": "press", "action": "delete-everything" }),
        json!({ "kind": "press", "action": "download-all", "url": "https://evil.example/" }),
        json!({ "kind": "fetch", "url": "https://management.azure.com/" }),
        json!({ "kind": "choose", "field": "period", "value": 7 }),
        json!({ "kind": "type", "field": "template" }),
        json!({ "kind": "type", "field": "template", "value": "", "action": "cancel" }),
        json!({ "kind": "session-record", "records": [{ "secret": 1 }] }),
    ] {
        let mut brain = Brain::with_dock();
        assert!(
            brain.said(1, message.clone()).contains(&Effect::Disconnect(1)),
            "{message}"
        );
        assert!(brain.press(1, "open-portal").is_empty());
    }
}

#[test]
fn pages_that_are_not_about_billing_stay_untouched() {
    let mut brain = Brain::with_dock();
    let elsewhere = json!({ "kind": "moved", "location": "https://portal.azure.com/#home" });
    assert_eq!(brain.said(1, elsewhere), [Effect::Post(1, ToFace::Hide)]);
    assert!(shown(&brain.said(1, json!({ "kind": "moved", "location": INVOICES }))).is_some());
    let foreign = json!({ "kind": "moved", "location": "https://evil.example/#view/Microsoft_Azure_GTM/x" });
    assert_eq!(brain.said(1, foreign), [Effect::Post(1, ToFace::Hide)]);
}

#[test]
fn without_a_session_the_dock_says_what_to_do_and_goes_on_by_itself() {
    let mut brain = Brain::with_dock();
    let effects = brain.press(1, "download-all");
    assert!(
        effects.contains(&Effect::Post(1, ToFace::ReadSessionRecord)),
        "it first looks at the portal's record"
    );
    assert!(words(&effects).contains("Refresh this page to start the download"));
    assert!(started(&brain.said(1, json!({ "kind": "session-record", "records": [] }))).is_none());
    let effects = brain.sign_in(token());
    assert_eq!(started(&effects).unwrap().identity, identity());
    assert!(words(&effects).contains("Ilze Kalniņa"));
}

#[test]
fn a_press_that_waits_for_a_sign_in_outlives_the_background() {
    let mut brain = Brain::with_dock();
    let kept = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::KeepAwaited(TAB, awaited) => Some(*awaited),
            _ => None,
        })
    };
    let awaited = kept(&brain.press(1, "download-all")).unwrap().unwrap();
    let mut next = Brain::with_dock();
    next.on(Event::Awaited(TAB, awaited));
    let effects = next.sign_in(token());
    let order = started(&effects).unwrap();
    assert_eq!((order.period, order.wanted), (awaited.period, awaited.wanted));
    let stored = serde_json::to_value(awaited).unwrap();
    assert_eq!(Awaited::read(&stored), Some(awaited));
    assert_eq!(kept(&effects), Some(None), "it is not started twice");
    assert_eq!(kept(&brain.on(Event::TabGone(TAB))), Some(None));
}

#[test]
fn the_portals_own_record_serves_when_the_person_asked() {
    let record = |secret: &str| json!({ "realm": TENANT, "target": "https://management.core.windows.net//.default", "expiresOn": "1", "secret": secret });
    let message =
        json!({ "kind": "session-record", "records": [record(token().strip_prefix("Bearer ").unwrap())] });
    let mut brain = Brain::with_dock();
    assert!(
        started(&brain.said(1, message.clone())).is_none(),
        "unasked, it is not even read"
    );
    brain.press(1, "download-all");
    assert!(started(&brain.said(1, message)).is_some());
}

#[test]
fn only_the_portals_requests_are_believed() {
    for initiator in [
        "https://evil.example",
        "chrome-extension://own",
        "",
        "http://portal.azure.com",
    ] {
        let mut brain = Brain::with_dock();
        let seen = Event::HeaderSeen {
            tab: TAB,
            initiator: initiator.into(),
            header: token(),
        };
        assert!(
            !brain
                .on(seen)
                .iter()
                .any(|effect| matches!(effect, Effect::ReadAnswers(_))),
            "{initiator}"
        );
    }
    let mut brain = Brain::with_dock();
    let initiator = "https://sandbox-1.reactblade.portal.azure.net".to_owned();
    assert!(
        !brain
            .on(Event::HeaderSeen {
                tab: TAB,
                initiator,
                header: token()
            })
            .is_empty()
    );
}

#[test]
fn the_acting_account_and_directory_are_always_shown() {
    let mut brain = Brain::with_dock();
    let effects = brain.sign_in(token());
    assert!(effects.contains(&Effect::ReadAnswers(identity())));
    assert!(words(&effects).contains(TENANT), "until its name is known");
    brain.on(Event::AnswersRead(identity(), Answers::default()));
    let directories = json!({"value": [{"tenantId": TENANT, "displayName": "Contoso SIA"}]});
    let told = Answer::Told(directories);
    brain.on(Event::Answered(identity(), Question::Directories, told));
    let effects = brain.on(Event::Render);
    assert!(words(&effects).contains("ilze@contoso.example · Contoso SIA"));

    let other = token_with(json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "name": "Jānis Bērziņš" }));
    let effects = brain.sign_in(other);
    assert!(words(&effects).contains("Jānis Bērziņš") && !words(&effects).contains("Ilze"));
}

#[test]
fn a_press_starts_one_run_for_the_chosen_period() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let choose = |field: &str, value: &str| json!({ "kind": "choose", "field": field, "value": value });
    brain.said(1, choose("period", "last-year"));
    let effects = brain.press(1, "download-all");
    let period = Period {
        from: date!(2025 - 01 - 01),
        to: date!(2025 - 12 - 31),
    };
    assert_eq!(started(&effects), Some(&ordered(Order::new(identity(), period))));
    assert!(
        started(&brain.press(1, "download-all")).is_none(),
        "a second request joins the first"
    );
    for (action, wish) in [
        ("pause", RunEvent::Pause),
        ("resume", RunEvent::Resume),
        ("cancel", RunEvent::Cancel),
    ] {
        assert_eq!(brain.press(1, action), [Effect::TellRun(identity(), wish)]);
    }
}

#[test]
fn what_a_person_pressed_or_chose_is_confirmed() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    for message in [
        json!({ "kind": "press", "action": "pause" }),
        json!({ "kind": "choose", "field": "period", "value": "this-year" }),
    ] {
        let effects = brain.on(Event::Said(1, message));
        assert!(effects.contains(&Effect::Post(1, ToFace::Heard)), "{effects:?}");
    }
    let moved = json!({ "kind": "moved", "location": INVOICES });
    assert!(
        !brain
            .on(Event::Said(1, moved))
            .contains(&Effect::Post(1, ToFace::Heard))
    );
}

#[test]
fn a_press_for_a_run_is_confirmed_once_the_run_is_written_down() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let heard = Effect::Post(1, ToFace::Heard);
    let press = || Event::Said(1, json!({ "kind": "press", "action": "download-all" }));
    assert!(!brain.on(press()).contains(&heard));
    let moved = || Event::RunMoved(identity(), Box::new(report()));
    assert!(brain.on(moved()).contains(&heard));
    assert!(!brain.on(moved()).contains(&heard), "once");
    assert!(
        brain.on(press()).contains(&heard),
        "it joins the run that there is"
    );
    brain.on(Event::RunEnded(identity(), None));
    assert!(!brain.on(press()).contains(&heard));
    let ended = Event::RunEnded(identity(), Some(Failure::plain(FailureCode::DiskFull)));
    assert!(brain.on(ended).contains(&heard), "nothing is left to wait for");
}

#[test]
fn a_custom_period_begins_with_the_days_before_and_refuses_nonsense() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let choose = |field: &str, value: &str| json!({ "kind": "choose", "field": field, "value": value });
    let effects = brain.said(1, choose("period", "custom"));
    assert!(words(&effects).contains("2025-11-24") && words(&effects).contains("2026-11-23"));
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::KeepChoices(_)))
    );
    brain.said(1, choose("from", "2026-06-30"));
    let effects = brain.said(1, choose("to", "2026-06-01"));
    assert!(words(&effects).contains("Check the dates"));
    assert!(started(&brain.press(1, "download-all")).is_none());
    assert!(brain.said(1, choose("to", "tomorrow")).is_empty());
    assert!(brain.said(1, choose("period", "for-ever")).is_empty());
}

#[test]
fn a_run_belongs_to_its_person_and_nobody_else_sees_it() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.press(1, "download-all");
    brain.on(Event::RunMoved(identity(), Box::new(report())));
    assert!(words(&brain.on(Event::Render)).contains("Download progress"));
    let other = token_with(json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "name": "Jānis" }));
    assert!(!words(&brain.sign_in(other)).contains("Download progress"));
}

#[test]
fn two_accounts_of_one_name_in_two_tabs_are_two_persons() {
    let mut brain = Brain::with_dock();
    let other_tab = Sender {
        tab: Some(TAB + 1),
        ..dock_sender()
    };
    brain.on(Event::Opened(2, other_tab));
    brain.said(
        2,
        json!({ "kind": "hello", "location": INVOICES, "language": "en" }),
    );
    brain.sign_in(token());
    let namesake = json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "upn": "other@fabrikam.example" });
    brain.on(Event::HeaderSeen {
        tab: TAB + 1,
        initiator: "https://portal.azure.com".into(),
        header: token_with(namesake),
    });
    let first = brain.press(1, "download-all");
    let second = brain.press(2, "download-all");
    let (first, second) = (started(&first).unwrap(), started(&second).unwrap());
    assert_ne!(first.identity, second.identity);
    assert_ne!(first.identity.storage_key(), second.identity.storage_key());
    brain.on(Event::RunMoved(identity(), Box::new(report())));
    let effects = brain.on(Event::Render);
    let shown_to = |face| {
        effects.iter().any(|effect| match effect {
            Effect::Post(to, message) => *to == face && message.json().contains("Download progress"),
            _ => false,
        })
    };
    assert!(shown_to(1) && !shown_to(2), "each sees its own run");
}

#[test]
fn a_second_run_in_the_same_minute_names_its_files_differently() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let mut ordered_at = || {
        let order = started(&brain.press(1, "download-all")).cloned().unwrap();
        brain.on(Event::RunEnded(identity(), None));
        brain.now += Duration::SECOND;
        order.ordered_at
    };
    assert_eq!(ordered_at(), "2026-11-23 09.00.00");
    assert_eq!(ordered_at(), "2026-11-23 09.00.01");
}

#[test]
fn an_order_says_whether_usage_is_wanted_and_another_attempt_wants_the_same() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let mut wanted = |action: &str| {
        let order = started(&brain.press(1, action)).cloned().unwrap();
        let report = portal_invoices::download::Report::beginning(&order);
        brain.on(Event::RunMoved(identity(), Box::new(report)));
        brain.on(Event::RunEnded(identity(), None));
        order.wanted
    };
    assert_eq!(wanted("download-all"), Wanted::Documents);
    assert_eq!(wanted("download-usage"), Wanted::Usage);
    assert_eq!(wanted("retry-failed"), Wanted::Usage);
    let choose = |value: &str| json!({ "kind": "choose", "field": "wanted", "value": value });
    assert!(
        brain
            .said(1, choose("both"))
            .iter()
            .any(|effect| matches!(effect, Effect::KeepChoices(choices) if choices.wanted == Wanted::Both))
    );
    // It is no choice for the button that saves documents.
    let refused = brain.said(1, choose("usage"));
    assert!(
        !refused
            .iter()
            .any(|effect| matches!(effect, Effect::KeepChoices(_)))
    );
    let order = started(&brain.press(1, "download-all")).cloned().unwrap();
    assert_eq!(order.wanted, Wanted::Both);
    let stored = serde_json::to_value(&order).unwrap();
    assert_eq!(Order::read(&stored), Some(order));
}

#[test]
fn faces_hear_of_a_run_four_times_a_second_at_most() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.press(1, "download-all");
    brain.on(Event::Render);
    let mut told = 0;
    for _ in 0..100 {
        let effects = brain.on(Event::RunMoved(identity(), Box::new(report())));
        assert!(shown(&effects).is_none());
        told += effects.len();
    }
    assert!(told <= 1);
}

#[test]
fn the_toolbar_button_tells_how_far_a_run_is() {
    let badges = |effects: &[Effect]| -> Vec<String> {
        let badges = effects.iter().filter_map(|effect| match effect {
            Effect::ShowBadge(text) => Some(text.clone()),
            _ => None,
        });
        badges.collect()
    };
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    assert_eq!(badges(&brain.press(1, "download-all")), ["…"]);
    let half = portal_invoices::download::Report {
        documents: 78,
        ..report()
    };
    brain.on(Event::RunMoved(identity(), Box::new(half.clone())));
    assert_eq!(badges(&brain.on(Event::Render)), ["51%"]);
    let paused = portal_invoices::download::Report { paused: true, ..half };
    brain.on(Event::RunMoved(identity(), Box::new(paused)));
    assert_eq!(badges(&brain.on(Event::Render)), ["II"]);
    assert_eq!(badges(&brain.on(Event::RunEnded(identity(), None))), [""]);
}

#[test]
fn an_update_waits_for_the_end_of_a_run() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.press(1, "download-all");
    assert!(!brain.on(Event::UpdateReady).contains(&Effect::Reload));
    assert!(
        brain
            .on(Event::RunEnded(identity(), None))
            .contains(&Effect::Reload)
    );
    assert!(
        Brain::with_dock()
            .on(Event::UpdateReady)
            .contains(&Effect::Reload)
    );
}

#[test]
fn the_end_of_a_run_is_shown_and_outlives_the_background() {
    let ended = Beginning {
        reports: [(identity(), report())].into_iter().collect(),
        ..Beginning::default()
    };
    let (mut brain, _) = Brain::beginning(ended);
    brain.on(Event::Opened(1, dock_sender()));
    brain.said(
        1,
        json!({ "kind": "hello", "location": INVOICES, "language": "en" }),
    );
    brain.on(Event::StringsLoaded(strings(Language::English)));
    let effects = brain.sign_in(token());
    assert!(words(&effects).contains("Open folder"));
    assert_eq!(brain.press(1, "open-folder"), [Effect::ShowFolder(Some(4))]);
}

#[test]
fn an_interrupted_run_is_taken_up_and_waits_for_its_person() {
    let period = Period {
        from: date!(2026 - 01 - 01),
        to: date!(2026 - 12 - 31),
    };
    let order = ordered(Order {
        hosts: vec!["nfe.prefeitura.example".into()],
        ..Order::new(identity(), period)
    });
    let (_, effects) = Brain::beginning(Beginning {
        open_runs: vec![order.clone()],
        ..Beginning::default()
    });
    assert_eq!(started(&effects), Some(&order));
}

#[test]
fn the_browser_may_save_from_the_hosts_that_were_shown_and_from_no_others() {
    let elsewhere = |host: &str| Elsewhere {
        what: "2026-03-09 Contoso Brasil E1".into(),
        host: host.into(),
    };
    let mut report = report();
    report.elsewhere = ["nfe.prefeitura.example", "nfe.prefeitura.example", "b.example"]
        .map(elsewhere)
        .into();
    let period = report.period;
    let (mut brain, _) = Brain::beginning(Beginning {
        reports: [(identity(), report)].into_iter().collect(),
        ..Beginning::default()
    });
    brain.on(Event::Opened(1, dock_sender()));
    brain.said(
        1,
        json!({ "kind": "hello", "location": INVOICES, "language": "en" }),
    );
    brain.on(Event::StringsLoaded(strings(Language::English)));
    assert!(words(&brain.sign_in(token())).contains("fetch them from nfe.prefeitura.example, b.example."));
    let order = ordered(Order {
        hosts: vec!["nfe.prefeitura.example".into(), "b.example".into()],
        ..Order::new(identity(), period)
    });
    assert_eq!(started(&brain.press(1, "save-elsewhere")), Some(&order));
}

#[test]
fn a_run_that_cannot_be_recorded_says_so() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.press(1, "download-all");
    let effects = brain.on(Event::RunEnded(
        identity(),
        Some(Failure::plain(FailureCode::DiskFull)),
    ));
    assert!(
        words(&effects).contains("There is no room left.") && words(&effects).contains("Free some space")
    );
    assert!(started(&brain.press(1, "download-all")).is_some());
}

#[test]
fn the_popup_tells_of_missing_hosts_and_of_the_only_account() {
    let mut brain = Brain::new();
    let effects = brain.on(Event::Opened(2, popup_sender()));
    assert_eq!(effects, [Effect::CheckGrants, Effect::AskInFront(2)]);
    brain.said(2, json!({ "kind": "hello", "location": "", "language": "" }));
    brain.on(Event::StringsLoaded(strings(Language::English)));
    let effects = brain.on(Event::HostAccess(vec![NEEDED_HOSTS[0]]));
    assert!(
        words(&effects).contains("Access is switched off") && words(&effects).contains("portal.azure.com")
    );
    let effects = brain.on(Event::HostAccess(Vec::new()));
    assert!(!words(&effects).contains("Access is switched off"));
    assert!(words(&brain.sign_in(token())).contains("Ilze Kalniņa"));
    assert_eq!(brain.press(2, "open-portal"), [Effect::OpenPortal(Cloud::Public)]);
}

#[test]
fn what_is_kept_for_a_tab_goes_with_the_tab_and_with_the_token() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    assert_eq!(brain.on(Event::Closed(1)), [Effect::CheckTab(TAB)]);
    assert!(brain.on(Event::TabGone(TAB)).contains(&Effect::ForgetHeader(TAB)));

    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.now = NOW + Duration::hours(2);
    assert!(
        words(&brain.on(Event::Render)).contains("Refresh this page"),
        "an ended token is no session"
    );
}

#[test]
fn a_header_that_was_kept_past_its_tokens_end_is_forgotten() {
    let mut brain = Brain::with_dock();
    brain.now = NOW + Duration::hours(2);
    assert!(brain.sign_in(token()).contains(&Effect::ForgetHeader(TAB)));
    brain.now = NOW;
    assert!(!brain.sign_in(token()).contains(&Effect::ForgetHeader(TAB)));
}

#[test]
fn the_language_follows_choice_browser_and_portal() {
    let pick = Language::pick;
    assert_eq!(
        pick(Some(Language::English), "lv", "en"),
        Language::English,
        "the person's choice"
    );
    assert_eq!(
        pick(None, "lv-LV", "en"),
        Language::Latvian,
        "the portal has no Latvian"
    );
    assert_eq!(pick(None, "en-US", "en.en-us"), Language::English);
    assert_eq!(pick(None, "xx", "yy"), Language::English);
    let mut brain = Brain::with_dock();
    let effects = brain.said(1, json!({ "kind": "choose", "field": "language", "value": "lv" }));
    assert!(effects.contains(&Effect::LoadStrings(Language::Latvian)));
    let effects = brain.on(Event::StringsLoaded(strings(Language::Latvian)));
    assert_eq!(shown(&effects).unwrap().language, "lv");
    assert!(words(&effects).contains("Lejupielādēt visus rēķinus"));
}

#[test]
fn nothing_that_a_face_hears_holds_a_token() {
    let mut brain = Brain::with_dock();
    let mut all = brain.sign_in(token());
    all.extend(brain.press(1, "download-all"));
    all.extend(brain.on(Event::Render));
    let heard = format!("{all:?}");
    let token = token();
    let secret = token.strip_prefix("Bearer ").unwrap();
    assert!(!heard.contains(secret) && !heard.contains(secret.split('.').nth(1).unwrap()));
}

fn reports_sender() -> Sender {
    Sender {
        id: "own".into(),
        url: "chrome-extension://own/reports.html".into(),
        tab: Some(TAB + 1),
        ..Sender::default()
    }
}

/// A page of reports of this owner, beside the dock.
fn open_reports(brain: &mut Brain, face: u32, owner: &str) -> Vec<Effect> {
    brain.on(Event::Opened(face, reports_sender()));
    let location = format!("chrome-extension://own/reports.html#{owner}");
    brain.said(
        face,
        json!({ "kind": "hello", "location": location, "language": "" }),
    )
}

#[test]
fn the_page_of_reports_shows_them_to_their_person_only() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.on(Event::RunEnded(identity(), None));
    let effects = brain.press(1, "show-report");
    assert!(effects.contains(&Effect::OpenReports(identity())));

    let effects = open_reports(&mut brain, 2, &identity().storage_key());
    assert!(effects.contains(&Effect::ReadHistory(identity())));
    let again = brain.on(Event::Render);
    assert!(!again.contains(&Effect::ReadHistory(identity())), "read once");
    let effects = brain.on(Event::HistoryRead(identity(), vec![report()]));
    assert!(words(&effects).contains("Everything that Azure offers you is saved"));

    let effects = open_reports(&mut brain, 3, "public.another.person");
    assert!(!words(&effects).contains("Everything that Azure offers you is saved"));
    assert!(!words(&effects).contains("ilze"));

    let effects = brain.on(Event::TabGone(TAB));
    assert!(
        words(&effects).contains("Reports are shown only to the account that made them"),
        "nobody is there any more"
    );
}

#[test]
fn the_page_of_reports_finds_out_about_what_was_kept_from_the_person() {
    let asked = |change: &dyn Fn(&mut Report)| {
        let mut brain = Brain::with_dock();
        brain.sign_in(token());
        let mut report = report();
        for line in &mut report.scopes {
            line.id = format!("{} of {:?}", line.name, line.kind);
        }
        change(&mut report);
        brain.on(Event::RunMoved(identity(), Box::new(report)));
        open_reports(&mut brain, 2, &identity().storage_key());
        brain.on(Event::Closed(1));
        let effects = brain.on(Event::AnswersRead(identity(), Answers::default()));
        let mut asked = Vec::new();
        let mut under_way = effects;
        for _ in 0..3 {
            let mut next = Vec::new();
            for effect in &under_way {
                if let Effect::Ask(_, question) = effect {
                    asked.push(question.clone());
                    let told = Answer::Told(json!({ "value": [] }));
                    next.extend(brain.on(Event::Answered(identity(), question.clone(), told)));
                }
            }
            under_way = next;
        }
        asked
    };
    let place = |id: &str| Question::BillingProperty(id.to_ascii_lowercase());
    let listed = place("Contoso Production of Subscription");
    let all_offered = asked(&|report| report.not_offered.clear());
    assert!(!all_offered.contains(&listed), "{all_offered:?}");
    let one_is_not = asked(&|report| report.not_offered = vec!["2026-11-20 Contoso E1".into()]);
    assert!(one_is_not.contains(&listed), "{one_is_not:?}");
}

#[test]
fn a_run_that_ends_while_its_reports_are_looked_at_is_read_anew() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    open_reports(&mut brain, 2, &identity().storage_key());
    brain.on(Event::HistoryRead(identity(), Vec::new()));
    let effects = brain.on(Event::RunEnded(identity(), None));
    assert!(effects.contains(&Effect::ReadHistory(identity())));
}

#[test]
fn everything_is_forgotten_only_from_our_own_page_and_only_after_a_question() {
    let forgets = |effects: &[Effect]| effects.contains(&Effect::ForgetEverything);
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    open_reports(&mut brain, 2, &identity().storage_key());
    brain.on(Event::HistoryRead(identity(), vec![report()]));
    for face in [1, 2] {
        assert!(
            !forgets(&brain.press(face, "forget-everything")),
            "nobody was asked"
        );
    }
    brain.press(1, "forget");
    assert!(
        !forgets(&brain.press(1, "forget-everything")),
        "a portal page cannot"
    );
    brain.press(2, "forget");
    brain.press(2, "keep");
    assert!(!forgets(&brain.press(2, "forget-everything")));
    brain.press(2, "forget");
    assert!(forgets(&brain.press(2, "forget-everything")));
    let effects = brain.on(Event::Forgotten);
    assert!(effects.contains(&Effect::ReadHistory(identity())));
}

#[test]
fn whoever_forgets_everything_cancels_all_runs_and_forgets_after_the_last() {
    let stranger = Identity {
        object_id: "cccccccc-0000-4000-8000-000000000001".into(),
        ..identity()
    };
    let mut brain = Brain::with_dock_since(Beginning {
        open_runs: vec![Order {
            ordered_at: "2026-11-23 08.00.00".into(),
            ..Order::new(stranger.clone(), report().period)
        }],
        ..Beginning::default()
    });
    brain.sign_in(token());
    brain.press(1, "download-all");
    open_reports(&mut brain, 2, &identity().storage_key());
    brain.on(Event::HistoryRead(identity(), Vec::new()));
    brain.press(2, "forget");
    let effects = brain.press(2, "forget-everything");
    for run in [identity(), stranger.clone()] {
        assert!(effects.contains(&Effect::TellRun(run, RunEvent::Cancel)));
    }
    assert!(!effects.contains(&Effect::ForgetEverything));
    let begins = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::StartRun(_)));
    assert!(
        !brain
            .on(Event::RunEnded(identity(), None))
            .contains(&Effect::ForgetEverything)
    );
    assert!(
        !begins(&brain.press(1, "download-all")),
        "nothing begins that would be forgotten"
    );
    let effects = brain.on(Event::RunEnded(stranger, None));
    assert!(effects.contains(&Effect::ForgetEverything));
    brain.on(Event::Forgotten);
    assert!(begins(&brain.press(1, "download-all")));
}

#[test]
fn what_is_gone_is_saved_again_over_the_same_days_from_the_same_hosts() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let hosts = vec!["nfe.prefeitura.example".to_owned()];
    let mut last = report();
    last.hosts.clone_from(&hosts);
    let period = last.period;
    brain.on(Event::RunMoved(identity(), Box::new(last)));
    brain.on(Event::RunEnded(identity(), None));
    let effects = brain.press(1, "save-again");
    let order = Order {
        hosts,
        again: true,
        ..Order::new(identity(), period)
    };
    assert_eq!(started(&effects), Some(&ordered(order)));
}

#[test]
fn the_time_that_is_left_is_told_once_it_means_something() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.press(1, "download-all");
    let mut told = |seconds, saved| {
        brain.now = NOW + Duration::seconds(seconds);
        let report = Report {
            verdict: Verdict::Running,
            documents: 400,
            saved,
            saved_before: 0,
            not_offered: Vec::new(),
            ..report()
        };
        brain.on(Event::RunMoved(identity(), Box::new(report)));
        words(&brain.on(Event::Render))
    };
    assert!(!told(0, 0).contains(" left"));
    assert!(!told(5, 20).contains(" left"), "not from the first moments");
    assert!(told(20, 40).contains("about 3 minutes left"));
    assert!(told(190, 380).contains("less than a minute left"));
    assert!(!told(200, 400).contains(" left"));
}

/// What is shown on one face.
fn shown_on(face: u32, effects: &[Effect]) -> String {
    let shown = effects.iter().rev().find_map(|effect| match effect {
        Effect::Post(id, ToFace::Show { surface, .. }) if *id == face => Some(surface),
        _ => None,
    });
    serde_json::to_string(shown.expect("something is shown")).unwrap()
}

#[test]
fn who_types_a_pattern_sees_what_it_makes_four_times_a_second_at_most() {
    let mut brain = Brain::with_options();
    let effects = brain.type_in("{year}/{invoice");
    assert!(shown(&effects).is_none());
    assert_eq!(effects.len(), 2, "kept at once, shown soon: {effects:?}");
    assert_eq!(brain.type_in("{year}/{invoice}").len(), 1);
    let seen = shown_on(3, &brain.on(Event::Render));
    assert!(seen.contains("Azure invoices/2026/G004567123.pdf"), "{seen}");

    brain.type_in("{year}/{invoice}/{oops}");
    let seen = shown_on(3, &brain.on(Event::Render));
    assert!(seen.contains("no placeholder {oops}"), "{seen}");
    assert!(seen.contains("{year}/{invoice}/{oops}"), "what was typed stays");
    assert!(
        seen.contains("2026-03-09 Contoso Production"),
        "the one chosen before is in force"
    );
}

#[test]
fn a_run_is_named_by_what_was_in_force_when_it_was_ordered() {
    let naming = |effects: &[Effect]| started(effects).unwrap().template.as_str().to_owned();
    let mut brain = Brain::with_options();
    brain.sign_in(token());
    assert_eq!(naming(&brain.press(1, "download-all")), NameTemplate::STANDARD);
    let effects = brain.choose("template", "{invoice}");
    assert!(
        effects
            .iter()
            .all(|effect| !matches!(effect, Effect::TellRun(..) | Effect::StartRun(_))),
        "a run under way is left alone"
    );
    brain.on(Event::RunEnded(identity(), None));
    assert_eq!(naming(&brain.press(1, "download-all")), "{invoice}");
    brain.on(Event::RunEnded(identity(), None));
    brain.choose("template", "{invoice");
    assert_eq!(naming(&brain.press(1, "download-all")), "{invoice}", "no pattern");
    brain.on(Event::RunEnded(identity(), None));
    brain.press(3, "reset-template");
    assert_eq!(naming(&brain.press(1, "retry-failed")), NameTemplate::STANDARD);

    let before = ordered(Order {
        template: NameTemplate::read("{kind}").unwrap(),
        ..Order::new(identity(), report().period)
    });
    let interrupted = Beginning {
        open_runs: vec![before.clone()],
        ..Beginning::default()
    };
    let (_, effects) = Brain::beginning(interrupted);
    assert_eq!(
        started(&effects),
        Some(&before),
        "an interrupted run goes on with its own"
    );
}

#[test]
fn choices_outlive_the_background() {
    let mut brain = Brain::with_options();
    brain.choose("template", "{kind} {invoice}");
    brain.choose("region", "comma");
    brain.choose("packing", "zip");
    brain.press(3, "notify");
    let effects = brain.type_in("{kind");
    let kept = effects.iter().find_map(|effect| match effect {
        Effect::KeepChoices(choices) => Some(choices),
        _ => None,
    });
    let kept = kept.unwrap();
    let stored = serde_json::to_value(kept).unwrap();
    assert_eq!(Choices::read(&stored), *kept);
    assert_eq!(kept.template_text(), "{kind");
    let long = "x".repeat(5000);
    let keeps = |effect: &Effect| matches!(effect, Effect::KeepChoices(_));
    assert!(!brain.type_in(&long).iter().any(keeps), "no place for a book");
}

#[test]
fn tables_are_written_for_the_region_that_was_chosen() {
    let region = |effects: &[Effect]| started(effects).unwrap().region;
    let (mut brain, _) = Brain::beginning(Beginning {
        region: Region::WITH_COMMA,
        ..Beginning::default()
    });
    brain.on(Event::Opened(1, dock_sender()));
    brain.on(Event::Opened(3, options_sender()));
    brain.sign_in(token());
    assert_eq!(region(&brain.press(1, "download-all")), Region::WITH_COMMA);
    brain.on(Event::RunEnded(identity(), None));
    brain.choose("region", "point");
    assert_eq!(region(&brain.press(1, "download-all")), Region::WITH_POINT);
}

fn notified(effects: &[Effect]) -> Vec<(&str, &str)> {
    let all = effects.iter().filter_map(|effect| match effect {
        Effect::Notify { title, text, .. } => Some((&**title, &**text)),
        _ => None,
    });
    all.collect()
}

#[test]
fn the_end_of_a_run_is_notified_of_where_the_person_wants_it() {
    let mut brain = Brain::with_options();
    brain.sign_in(token());
    let run = |brain: &mut Brain, report: Report| {
        brain.press(1, "download-all");
        brain.on(Event::RunMoved(identity(), Box::new(report)));
        brain.on(Event::RunEnded(identity(), None))
    };
    assert_eq!(notified(&run(&mut brain, report())), [], "nobody asked for it");

    assert!(brain.press(3, "notify").contains(&Effect::CheckGrants));
    let seen = shown_on(3, &brain.on(Event::MayNotify(true)));
    assert!(
        seen.contains("Your browser tells you when a download has ended"),
        "{seen}"
    );
    let effects = run(&mut brain, report());
    let [(title, text)] = notified(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(title, "Everything that Azure offers you is saved");
    assert!(text.contains("36 documents were saved."), "{text}");
    let key = identity().storage_key();
    let pressed = brain.on(Event::NotificationPressed(key));
    assert!(pressed.contains(&Effect::ShowFolder(Some(4))), "{pressed:?}");

    let cancelled = Report {
        verdict: Verdict::Cancelled,
        ..report()
    };
    assert_eq!(notified(&run(&mut brain, cancelled)), [], "the person knows");
    brain.press(1, "download-all");
    let failure = Failure::plain(FailureCode::DiskFull);
    let effects = brain.on(Event::RunEnded(identity(), Some(failure)));
    assert_eq!(notified(&effects)[0].0, "The download had to stop");

    let seen = shown_on(3, &brain.on(Event::MayNotify(false)));
    assert!(seen.contains("Notifications are not allowed"), "{seen}");
    brain.press(3, "stop-notifying");
    assert_eq!(notified(&run(&mut brain, report())), []);
}

#[test]
fn a_run_that_ends_with_nobody_looking_is_notified_of_once_the_texts_are_there() {
    let (mut brain, _) = Brain::beginning(Beginning {
        choices: Choices {
            notify: true,
            ..Choices::default()
        },
        browser_language: "lv".into(),
        open_runs: vec![ordered(Order::new(identity(), report().period))],
        ..Beginning::default()
    });
    brain.on(Event::RunMoved(identity(), Box::new(report())));
    let effects = brain.on(Event::RunEnded(identity(), None));
    assert!(effects.contains(&Effect::LoadStrings(Language::Latvian)));
    let effects = brain.on(Event::StringsLoaded(strings(Language::Latvian)));
    assert_eq!(notified(&effects).len(), 1);
    assert!(notified(&effects)[0].1.contains("Saglabāti 36 dokumenti."));
}

#[test]
fn dock_and_popup_lead_to_the_options() {
    let mut brain = Brain::with_dock();
    assert_eq!(brain.press(1, "open-options"), [Effect::OpenOptions]);
}

#[test]
fn storage_accounts_are_asked_for_in_a_window_of_their_own_and_the_run_goes_on_from_there() {
    let sender = Sender {
        url: "chrome-extension://own/grants.html".into(),
        ..options_sender()
    };
    let elsewhere = |host: &str| Elsewhere {
        what: "2026-03-09 Contoso E1".into(),
        host: host.into(),
    };
    let storage = "billinginsightsstore02.blob.core.windows.net";
    let left = Report {
        elsewhere: vec![elsewhere(storage), elsewhere("nfe.prefeitura.example")],
        ..report()
    };
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.press(1, "download-all");
    brain.on(Event::RunMoved(identity(), Box::new(left.clone())));
    let seen = words(&brain.on(Event::RunEnded(identity(), None)));
    assert!(seen.contains("Let Portal Invoices check them"), "{seen}");
    assert!(brain.press(1, "open-grants").contains(&Effect::OpenGrants));

    brain.on(Event::Opened(4, sender.clone()));
    let effects = brain.said(4, json!({ "kind": "hello", "location": "", "language": "" }));
    let seen = shown_on(4, &effects);
    assert!(seen.contains(&format!("\"https://{storage}/*\"")), "{seen}");
    assert!(
        !seen.contains("prefeitura"),
        "no leave is asked for what is no storage account"
    );

    let asked = Effect::CheckStorage(identity(), vec![storage.to_owned()]);
    assert!(brain.press(4, "storage-granted").contains(&asked));
    assert!(
        !brain.press(1, "storage-granted").contains(&asked),
        "a page cannot say so"
    );
    assert!(started(&brain.on(Event::StorageGranted(identity(), false))).is_none());
    let effects = brain.on(Event::StorageGranted(identity(), true));
    assert!(started(&effects).is_some());
    assert!(effects.contains(&Effect::Post(4, ToFace::Close)));

    // A background that ended meanwhile still knows whom the window is about.
    let (mut brain, _) = Brain::beginning(Beginning {
        reports: [(identity(), left)].into_iter().collect(),
        ..Beginning::default()
    });
    brain.on(Event::Opened(4, sender));
    brain.said(4, json!({ "kind": "hello", "location": "", "language": "" }));
    let effects = brain.on(Event::StringsLoaded(strings(Language::English)));
    assert!(shown_on(4, &effects).contains(storage));
}

// --- Sharing -------------------------------------------------------------------------------------------------------

const SHARED: &str = "11111111-2222-4333-8444-555555555555";

/// The window of sharing as face 5, of the account administrator of one subscription; the policy as told.
fn with_sharing(may_share: bool) -> Brain {
    with_shared(may_share, &[(SHARED, "Contoso Production", true)])
}

/// The same of somebody who sees these subscriptions: id, name, and whether as their account administrator.
fn with_shared(may_share: bool, subscriptions: &[(&str, &str, bool)]) -> Brain {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    brain.on(Event::MayShare(may_share));
    let url = format!("chrome-extension://own/sharing.html#{}", identity().storage_key());
    brain.on(Event::Opened(
        5,
        Sender {
            id: "own".into(),
            url: url.clone(),
            tab: Some(TAB + 2),
            frame: Some(0),
        },
    ));
    brain.said(5, json!({ "kind": "hello", "location": url, "language": "" }));
    brain.on(Event::AnswersRead(identity(), Answers::default()));
    let listed = subscriptions.iter().map(|(id, name, _)| {
        json!({"subscriptionId": id, "displayName": name, "state": "Enabled",
            "subscriptionPolicies": {"quotaId": "PayAsYouGo_2014-09-01"}})
    });
    let list = json!({ "value": listed.collect::<Vec<_>>() });
    brain.on(Event::Answered(
        identity(),
        Question::Subscriptions,
        Answer::Told(list),
    ));
    for (id, _, is_administrator) in subscriptions {
        administered(&mut brain, id, *is_administrator);
    }
    brain.on(Event::Render);
    brain
}

/// Azure has told whose subscription it is.
fn administered(brain: &mut Brain, id: &str, is_administrator: bool) {
    let property = json!({"properties": {"billingAccountAgreementType": "MicrosoftOnlineServicesProgram",
        "isAccountAdmin": is_administrator, "accountAdminNotificationEmailAddress": "ilze@contoso.example"}});
    brain.on(Event::Answered(
        identity(),
        Question::BillingProperty(id.into()),
        Answer::Told(property),
    ));
}

/// What a page shows on which nothing is known.
fn scene(controls: Value) -> Value {
    json!({ "kind": "scene", "scene": { "forms": [], "controls": controls }, "rest": true })
}

fn acts(effects: &[Effect]) -> usize {
    let is_act = |effect: &&Effect| matches!(effect, Effect::Post(_, ToFace::Act { .. }));
    effects.iter().filter(is_act).count()
}

fn begins(effects: &[Effect]) -> bool {
    let is_begin = |effect: &Effect| matches!(effect, Effect::LoadPortalLabels(_));
    effects.iter().any(is_begin)
}

/// The command as the page of an English portal has it.
fn command() -> Value {
    json!([{ "number": 1, "role": "button", "name": "Allow others to download invoice" }])
}

fn labels() -> portal_invoices::sharing::Labels {
    let path = format!("{}/extension/portal-labels.json", env!("CARGO_MANIFEST_DIR"));
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    portal_invoices::sharing::Labels::read(&all["en"])
}

#[test]
fn a_change_of_sharing_begins_in_the_window_alone() {
    let mut brain = with_sharing(true);
    assert!(
        !begins(&brain.press(1, "confirm-sharing")),
        "a page can redraw the dock"
    );
    assert!(begins(&brain.press(5, "confirm-sharing")));
    assert!(!begins(&brain.press(5, "confirm-sharing")), "one at a time");
}

#[test]
fn an_organization_can_forbid_it() {
    let mut brain = with_sharing(false);
    assert!(!begins(&brain.press(5, "confirm-sharing")));
}

#[test]
fn before_each_press_the_tab_must_be_the_confirmed_persons() {
    let mut brain = with_sharing(true);
    brain.press(5, "confirm-sharing");
    brain.on(Event::PortalLabels(labels()));
    brain.said(1, scene(json!([])));
    let other = token_with(json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "name": "Jānis Bērziņš" }));
    brain.sign_in(other);
    for _ in 0..6 {
        assert_eq!(acts(&brain.said(1, scene(command()))), 0);
    }
    // It has ended: the page is no longer read.
    let effects = brain.said(1, scene(command()));
    assert!(effects.contains(&Effect::Post(1, ToFace::StopReading)));
}

#[test]
fn the_walk_presses_what_has_come_to_rest_and_stops_when_the_page_goes() {
    let mut brain = with_sharing(true);
    brain.press(5, "confirm-sharing");
    brain.on(Event::PortalLabels(labels()));
    let mut moving = scene(command());
    moving["rest"] = false.into();
    assert_eq!(acts(&brain.said(1, moving)), 0, "still moving");
    let pressed: usize = (0..4).map(|_| acts(&brain.said(1, scene(command())))).sum();
    assert_eq!(pressed, 1, "and once");
    brain.on(Event::Closed(1));
    let told = words(&brain.on(Event::Render));
    assert!(
        told.contains("Stopped before the end") && told.contains("left or closed"),
        "{told}"
    );
}

const ALSO_SHARED: &str = "99999999-2222-4333-8444-555555555555";

/// The form as an English portal has it, with this subscription chosen in a list that tells names alone.
fn form(name: &str, on: bool) -> Value {
    let control = |number: u32, role: &str, name: &str| json!({ "number": number, "role": role, "name": name, "form": 0 });
    let mut controls = [
        control(2, "combobox", "Subscription"),
        control(3, "radio", "On"),
        control(4, "radio", "Off"),
        control(5, "button", "Save"),
    ];
    controls[0]["value"] = "0".into();
    controls[0]["options"] = json!([{ "value": "0", "text": name }]);
    (controls[1]["on"], controls[2]["on"]) = (on.into(), (!on).into());
    let title = "Allow others to download invoice";
    json!({ "kind": "scene", "scene": { "forms": [{ "title": title }], "controls": controls }, "rest": true })
}

/// What the window of sharing says once the walk has ended, looking at this again and again.
fn ends_with(brain: &mut Brain, scene: &Value) -> String {
    for _ in 0..20 {
        brain.now += Duration::seconds(2);
        let effects = brain.said(1, scene.clone());
        if effects.contains(&Effect::Post(1, ToFace::StopReading)) {
            return shown_on(5, &effects);
        }
    }
    panic!("it goes on");
}

#[test]
fn a_subscription_is_not_told_by_a_name_that_another_one_in_sight_bears() {
    let name = "Azure subscription 1";
    let mut brain = with_shared(
        true,
        &[
            (SHARED, name, true),
            (ALSO_SHARED, "azure  Subscription 1", false),
        ],
    );
    brain.press(5, "confirm-sharing");
    brain.on(Event::PortalLabels(labels()));
    let told = ends_with(&mut brain, &form(name, false));
    assert!(told.contains("does not offer this subscription"), "{told}");
}

#[test]
fn what_the_window_has_not_shown_yet_is_not_confirmed() {
    let mut brain = with_shared(
        true,
        &[
            (SHARED, "Contoso Production", true),
            (ALSO_SHARED, "Contoso Test", false),
        ],
    );
    administered(&mut brain, ALSO_SHARED, true);
    let effects = brain.press(5, "confirm-sharing");
    assert!(!begins(&effects), "it was drawn for one subscription");
    assert!(shown_on(5, &effects).contains("Allow for 2 subscriptions"));
    assert!(begins(&brain.press(5, "confirm-sharing")));
}

/// A frame of the portal's blades connects.
fn frame_comes(brain: &mut Brain, id: u32) -> Vec<Effect> {
    let sender = Sender {
        id: "own".into(),
        url: "https://invoices.reactblade.portal.azure.net/".into(),
        frame: Some(id as i32),
        tab: Some(TAB),
    };
    let mut effects = brain.on(Event::Opened(id, sender));
    effects.extend(brain.said(id, json!({ "kind": "hello", "location": "", "language": "en" })));
    effects
}

/// Who is told to use a control, and which.
fn pressed(effects: &[Effect]) -> Vec<(u32, u32)> {
    let act = |effect: &Effect| match effect {
        Effect::Post(face, ToFace::Act { press, choose, .. }) => Some((*face, press.or(*choose)?)),
        _ => None,
    };
    effects.iter().filter_map(act).collect()
}

#[test]
fn each_frame_of_the_tab_is_seen_and_one_that_goes_takes_away_its_own() {
    let mut brain = with_sharing(true);
    brain.on(Event::MayUseFrames(true));
    // It was there before anything was confirmed.
    frame_comes(&mut brain, 8);
    let reads = |effects: &[Effect], id| effects.contains(&Effect::Post(id, ToFace::ReadControls));
    assert!(reads(&brain.press(5, "confirm-sharing"), 8));
    assert!(reads(&frame_comes(&mut brain, 9), 9));
    brain.on(Event::PortalLabels(labels()));
    for id in [1, 9] {
        assert_eq!(acts(&brain.said(id, scene(json!([])))), 0);
    }
    let told = |brain: &mut Brain, id, scene: Value| -> Vec<(u32, u32)> {
        let effects = (0..8).map(|_| brain.said(id, scene.clone()));
        effects.flat_map(|effects| pressed(&effects)).collect()
    };
    assert_eq!(told(&mut brain, 8, scene(command())), [(8, 1)]);
    brain.on(Event::Closed(9));
    let opened = form("Contoso Production", false);
    assert_eq!(
        told(&mut brain, 8, opened),
        [(8, 3)],
        "still the frame with the form"
    );
}

#[test]
fn nothing_is_pressed_while_any_document_of_the_tab_is_moving() {
    let mut brain = with_sharing(true);
    brain.on(Event::MayUseFrames(true));
    brain.press(5, "confirm-sharing");
    brain.on(Event::PortalLabels(labels()));
    frame_comes(&mut brain, 8);
    let mut moving = scene(json!([]));
    moving["rest"] = false.into();
    brain.said(8, moving);
    for _ in 0..4 {
        assert_eq!(acts(&brain.said(1, scene(command()))), 0);
    }
    brain.said(8, scene(json!([])));
    let pressed: usize = (0..4).map(|_| acts(&brain.said(1, scene(command())))).sum();
    assert_eq!(pressed, 1);
}

/// A walk that has just pressed what saves, or is just about to.
fn with_saving(does_press: bool) -> Brain {
    let mut brain = with_sharing(true);
    brain.press(5, "confirm-sharing");
    brain.on(Event::PortalLabels(labels()));
    let name = "Contoso Production";
    let told: Vec<(u32, u32)> = (0..8)
        .flat_map(|_| pressed(&brain.said(1, form(name, false))))
        .collect();
    assert_eq!(told, [(1, 3)]);
    if does_press {
        let told: Vec<(u32, u32)> = (0..2)
            .flat_map(|_| pressed(&brain.said(1, form(name, true))))
            .collect();
        assert_eq!(told, [(1, 5)]);
    }
    brain
}

#[test]
fn what_stops_a_walk_after_saving_never_tells_that_nothing_was_done() {
    type Stop = fn(&mut Brain) -> Vec<Effect>;
    let stops: [(&str, Stop); 3] = [
        ("You stopped it", |brain| brain.press(5, "cancel-sharing")),
        ("left or closed", |brain| {
            brain.on(Event::Closed(1));
            brain.on(Event::Render)
        }),
        ("Another account", |brain| {
            let other =
                token_with(json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "name": "Jānis Bērziņš" }));
            brain.sign_in(other);
            brain.said(1, form("Contoso Production", true));
            // Their window is shown to that person no more; it is once they are back.
            brain.said(1, form("Contoso Production", true));
            brain.sign_in(token())
        }),
    ];
    for (words, stop) in stops {
        let told = shown_on(5, &stop(&mut with_saving(false)));
        assert!(told.contains(words), "{words}: {told}");
    }
    for (words, stop) in &stops[..2] {
        let told = shown_on(5, &stop(&mut with_saving(true)));
        assert!(
            told.contains("whether it was saved") && !told.contains(words),
            "{told}"
        );
    }
}

#[test]
fn what_the_person_chose_in_unknown_words_is_told_as_their_choice_and_not_kept_as_known() {
    let path = format!("{}/extension/portal-labels.json", env!("CARGO_MANIFEST_DIR"));
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut words = all["en"].clone();
    for unknown in ["on", "off"] {
        words.as_object_mut().unwrap().remove(unknown);
    }
    let mut brain = with_sharing(true);
    brain.press(5, "confirm-sharing");
    brain.on(Event::PortalLabels(portal_invoices::sharing::Labels::read(
        &words,
    )));
    let name = "Contoso Production";
    let mut opened = form(name, false);
    for _ in 0..8 {
        assert_eq!(acts(&brain.said(1, opened.clone())), 0, "the person chooses");
    }
    let chosen = form(name, true);
    let told: Vec<(u32, u32)> = (0..10)
        .flat_map(|_| pressed(&brain.said(1, chosen.clone())))
        .collect();
    assert_eq!(told, [(1, 5)], "and the walk saves");
    for _ in 0..4 {
        brain.said(1, scene(command()));
    }
    opened = form(name, true);
    for control in opened["scene"]["controls"].as_array_mut().unwrap() {
        control["number"] = (control["number"].as_u64().unwrap() + 100).into();
    }
    let effects: Vec<Effect> = (0..8).flat_map(|_| brain.said(1, opened.clone())).collect();
    let told = shown_on(5, &effects);
    assert!(
        told.contains("as you chose it") && !told.contains("may download now"),
        "{told}"
    );
    let kept = Effect::KeepSharing(identity(), r#"{"seen":[]}"#.into());
    assert!(effects.contains(&kept));
}

#[test]
fn an_update_waits_until_a_walk_has_ended_and_its_result_was_read() {
    for reads in [true, false] {
        let mut brain = with_sharing(true);
        brain.press(5, "confirm-sharing");
        assert!(!brain.on(Event::UpdateReady).contains(&Effect::Reload));
        assert!(!brain.press(5, "cancel-sharing").contains(&Effect::Reload));
        assert!(!brain.on(Event::Render).contains(&Effect::Reload));
        let effects = match reads {
            true => brain.press(5, "share-more"),
            false => {
                brain.on(Event::Closed(5));
                brain.on(Event::Render)
            }
        };
        assert!(effects.contains(&Effect::Reload));
    }
}

#[test]
fn a_walk_of_whose_page_nothing_is_told_ends_by_itself() {
    let looks_again = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::RenderIn(_)));
    let ends = |effects: &[Effect]| effects.contains(&Effect::Post(1, ToFace::StopReading));
    for (is_saving, words) in [(false, "nothing was saved"), (true, "whether it was saved")] {
        let mut brain = with_saving(is_saving);
        brain.now += Duration::seconds(110);
        let effects = brain.on(Event::Render);
        assert!(looks_again(&effects) && !ends(&effects), "as long as it lives");
        brain.now += Duration::seconds(20);
        let effects = brain.on(Event::Render);
        assert!(ends(&effects));
        assert!(shown_on(5, &effects).contains(words), "{words}");
        // The browser would end a background that is silent, and with it what the window tells.
        brain.now += Duration::seconds(30);
        let effects = brain.on(Event::Render);
        assert!(looks_again(&effects) && effects.contains(&Effect::CheckGrants));
        brain.on(Event::Closed(5));
        brain.on(Event::Render);
        assert!(!looks_again(&brain.on(Event::Render)));
    }
}

#[test]
fn a_walk_that_nobody_can_see_any_more_ends_and_is_not_taken_up() {
    let mut brain = with_saving(false);
    let effects = brain.on(Event::Closed(5));
    assert!(effects.contains(&Effect::Post(1, ToFace::StopReading)));
    let granted = brain.on(Event::MayUseFrames(true));
    assert!(!granted.contains(&Effect::Post(1, ToFace::ReadControls)));
    assert_eq!(acts(&brain.said(1, scene(command()))), 0);
}

#[test]
fn from_the_press_that_saves_until_the_result_is_read_nothing_counts_as_known() {
    let mut brain = with_saving(false);
    let forgets =
        |effects: &[Effect]| effects.contains(&Effect::KeepSharing(identity(), r#"{"seen":[]}"#.into()));
    let form = form("Contoso Production", true);
    let effects = loop {
        let effects = brain.said(1, form.clone());
        if acts(&effects) > 0 {
            break effects;
        }
        assert!(!forgets(&effects));
    };
    assert!(forgets(&effects));
}

#[test]
fn an_ended_session_does_not_hide_what_came_of_the_walk() {
    let mut brain = with_saving(true);
    brain.now += Duration::hours(3);
    let told = shown_on(5, &brain.on(Event::Render));
    assert!(told.contains("whether it was saved"), "{told}");
}

#[test]
fn a_page_that_says_what_it_cannot_say_ends_the_walk() {
    let mut brain = with_saving(false);
    let effects = brain.said(1, json!({ "kind": "scene", "scene": 5 }));
    assert!(effects.contains(&Effect::Disconnect(1)));
    assert!(shown_on(5, &effects).contains("left or closed"));
}

#[test]
fn a_grant_takes_up_only_a_change_whose_page_is_there_and_that_is_still_allowed() {
    type Meanwhile = fn(&mut Brain) -> Vec<Effect>;
    let cases: [(Meanwhile, bool); 4] = [
        (|_| Vec::new(), true),
        (|brain| brain.on(Event::Closed(1)), false),
        (|brain| brain.on(Event::MayShare(false)), false),
        (|brain| brain.press(5, "share-more"), false),
    ];
    for (at, (meanwhile, does)) in cases.into_iter().enumerate() {
        let mut brain = with_sharing(true);
        brain.press(5, "confirm-sharing");
        brain.on(Event::PortalLabels(labels()));
        let told = ends_with(&mut brain, &scene(json!([])));
        assert!(told.contains("was not found on the page"), "{told}");
        meanwhile(&mut brain);
        let effects = brain.on(Event::MayUseFrames(true));
        assert_eq!(effects.contains(&Effect::WakeFrames(TAB)), does, "{at}");
        let pressed: usize = (0..4).map(|_| acts(&brain.said(1, scene(command())))).sum();
        assert_eq!(pressed, usize::from(does), "{at}");
    }
}

#[test]
fn no_frame_is_worked_in_once_the_permission_was_taken_back() {
    let mut brain = with_sharing(true);
    brain.on(Event::MayUseFrames(true));
    let effects = brain.press(5, "confirm-sharing");
    assert!(effects.contains(&Effect::WakeFrames(TAB)));
    brain.on(Event::PortalLabels(labels()));
    frame_comes(&mut brain, 8);
    brain.said(8, scene(command()));
    let effects = brain.on(Event::MayUseFrames(false));
    assert!(effects.contains(&Effect::Disconnect(8)));
    for _ in 0..4 {
        assert_eq!(acts(&brain.said(8, scene(command()))), 0);
        let effects = brain.said(1, scene(json!([])));
        assert_eq!(acts(&effects), 0);
        assert!(!effects.contains(&Effect::WakeFrames(TAB)));
    }
    let effects = frame_comes(&mut brain, 9);
    assert!(!effects.contains(&Effect::Post(9, ToFace::ReadControls)));
}

#[test]
fn the_window_of_another_person_says_that_a_change_is_under_way() {
    let mut brain = with_sharing(true);
    brain.press(5, "confirm-sharing");
    let other = json!({ "oid": "cccccccc-0000-4000-8000-000000000001", "name": "Jānis Bērziņš" });
    brain.on(Event::HeaderSeen {
        tab: TAB + 5,
        initiator: "https://portal.azure.com".into(),
        header: token_with(other),
    });
    let theirs = portal_invoices::azure::Identity {
        object_id: "cccccccc-0000-4000-8000-000000000001".into(),
        ..identity()
    };
    let url = format!("chrome-extension://own/sharing.html#{}", theirs.storage_key());
    let sender = Sender {
        id: "own".into(),
        url: url.clone(),
        tab: Some(TAB + 6),
        frame: Some(0),
    };
    brain.on(Event::Opened(6, sender));
    brain.said(6, json!({ "kind": "hello", "location": url, "language": "" }));
    brain.on(Event::AnswersRead(theirs.clone(), Answers::default()));
    let list = json!({"value": [{"subscriptionId": ALSO_SHARED, "displayName": "Contoso Test", "state": "Enabled",
        "subscriptionPolicies": {"quotaId": "PayAsYouGo_2014-09-01"}}]});
    let property = json!({"properties": {"billingAccountAgreementType": "MicrosoftOnlineServicesProgram",
        "isAccountAdmin": true, "accountAdminNotificationEmailAddress": "janis@contoso.example"}});
    for (question, body) in [
        (Question::Subscriptions, list),
        (Question::BillingProperty(ALSO_SHARED.into()), property),
    ] {
        brain.on(Event::Answered(theirs.clone(), question, Answer::Told(body)));
    }
    let told = shown_on(6, &brain.on(Event::Render));
    assert!(
        told.contains("Contoso Test") && told.contains("Changing the setting"),
        "{told}"
    );
    let told = shown_on(6, &brain.press(5, "cancel-sharing"));
    assert!(!told.contains("Changing the setting"), "{told}");
}

#[test]
fn a_change_is_made_where_it_was_asked_for_and_no_other_page_is_led_away() {
    const ALL: &str = "https://portal.azure.com/#allservices";
    /// Docks in tabs, by their pages; which was asked in; which is chosen, and whether it is led to the invoices.
    type Case = (&'static [&'static str], usize, usize, bool);
    let cases: [Case; 4] = [
        (&[INVOICES, INVOICES], 0, 0, false),
        (&[INVOICES, INVOICES], 1, 1, false),
        (&[INVOICES, ALL], 1, 0, false),
        (&[ALL, ALL], 1, 1, true),
    ];
    for (pages, asked_in, chosen, is_led) in cases {
        let mut brain = with_sharing(true);
        for (at, page) in pages.iter().enumerate() {
            let id = 20 + at as u32;
            let sender = Sender {
                tab: Some(TAB + 10 + at as i32),
                ..dock_sender()
            };
            brain.on(Event::HeaderSeen {
                tab: TAB + 10 + at as i32,
                initiator: "https://portal.azure.com".into(),
                header: token(),
            });
            brain.on(Event::Opened(id, sender));
            brain.said(
                id,
                json!({ "kind": "hello", "location": INVOICES, "language": "en" }),
            );
            if at == asked_in {
                brain.press(id, "enable-sharing");
            }
            brain.said(id, json!({ "kind": "moved", "location": page }));
        }
        brain.on(Event::Closed(1));
        brain.on(Event::Render);
        let effects = brain.press(5, "confirm-sharing");
        let chosen = 20 + chosen as u32;
        assert!(
            effects.contains(&Effect::Post(chosen, ToFace::ReadControls)),
            "{pages:?} {asked_in}"
        );
        let is_go = |effect: &Effect| matches!(effect, Effect::Post(_, ToFace::Go { .. }));
        assert_eq!(effects.iter().any(is_go), is_led, "{pages:?} {asked_in}");
    }
}

#[test]
fn where_hosts_are_withheld_the_dock_leads_to_a_page_that_can_ask_for_them() {
    let mut brain = Brain::with_dock();
    brain.sign_in(token());
    let seen = words(&brain.on(Event::HostAccess(vec!["https://management.azure.com/*"])));
    assert!(seen.contains("Access is switched off"), "{seen}");
    assert!(brain.press(1, "open-popup").contains(&Effect::OpenPopup));
}
