//! Letting others download: the simulator's own record is the judge of what was changed.
//! Must not know: how the portal's controls are found.

use std::time::Duration;

use browser_tests::{Family, Launch, Surface};
use simulator::{Build, Page, Sender, SharingMishap, SharingPage};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};
use crate::look::picture;
use crate::texts::Texts;

const NAMES: [&str; 4] = [
    "Contoso Production",
    "Contoso Website",
    "Contoso Payroll",
    "Contoso Archive",
];
const UNKNOWN: &str = "not known whether shared";
/// Longest time for a walk over four subscriptions, in a tab that is not in front.
const LONG: Duration = Duration::from_secs(120);

/// A portal of the account administrator of four subscriptions, of this build and language.
async fn portal(launch: Launch, build: Build, page: SharingPage, language: &str) -> Case {
    let case = Case::launched("sharing", launch).await;
    case.simulator.portal(|portal| {
        portal.build = build;
        portal.sharing_page = page;
        portal.language = language.to_owned();
    });
    case
}

/// Presses *Enable sharing* in the dock and goes to the window that opens.
async fn window<'a>(case: &'a Case, button: &str) -> Surface<'a> {
    let dock = case.open_invoices().await;
    dock.click(button).await.unwrap();
    case.browser
        .go_to_opened_page("sharing.html")
        .await
        .unwrap()
        .within(LONG)
}

/// Leaves only this subscription ticked.
async fn only(window: &Surface<'_>, wanted: &str, state: &str) {
    for name in NAMES.iter().filter(|name| **name != wanted) {
        window.tick(&format!("{name} · {state}")).await.unwrap();
    }
}

/// Which subscriptions are shared, by the simulator's record.
fn shared(case: &Case) -> Vec<&'static str> {
    NAMES
        .into_iter()
        .filter(|name| case.simulator.sharing(name))
        .collect()
}

/// How many saves the portal has sent.
fn saves(case: &Case) -> usize {
    NAMES.iter().map(|name| case.simulator.sharing_saves(name)).sum()
}

/// The extension has asked Azure for nothing but what it documents, and nobody for anything else.
fn assert_only_reads(case: &Case) {
    for request in case.simulator.requests() {
        if request.from == Sender::Extension {
            assert_eq!(
                (&*request.method, &*request.host),
                ("GET", "management.azure.com"),
                "{request:?}"
            );
        }
    }
}

/// Confirms for one subscription, in a portal of this build.
async fn confirm_one(window: &Surface<'_>, build: Build, texts: &Texts) {
    only(window, "Contoso Website", &texts.say("sharingStateUnknown")).await;
    window.click(&texts.say_count("sharingConfirm", 1)).await.unwrap();
    if build == Build::Frame {
        // The first walk finds no control in the top document, and the window asks for the frame.
        window.click(&texts.say("sharingAllowFrame")).await.unwrap();
    }
}

/// One press in the dock and one confirmation share one subscription, in a portal of this language.
async fn one_is_shared(
    launch: Launch,
    build: Build,
    page: SharingPage,
    portal_language: &str,
    language: &str,
) {
    let family = launch.family;
    let case = portal(launch, build, page, portal_language).await;
    let texts = Texts::of(language);
    let window = window(&case, &texts.say("enableSharing")).await;
    confirm_one(&window, build, &texts).await;
    window
        .wait_for_text(&texts.say("sharingDoneTitle"))
        .await
        .unwrap();
    let name =
        format!("sharing-{family:?}-{build:?}-{page:?}-{portal_language}-{language}.png").to_lowercase();
    case.browser.screenshot(&picture(&name)).await.unwrap();
    assert_eq!(shared(&case), ["Contoso Website"]);
    assert_eq!(saves(&case), 1);
    assert_only_reads(&case);
    case.end().await;
}

fn chromium() -> Launch {
    Launch::new(Family::Chromium)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_and_a_confirmation_share_one_subscription() {
    one_is_shared(chromium(), Build::TopDocument, SharingPage::Article, "en", "en").await;
    one_is_shared(chromium(), Build::TopDocument, SharingPage::Details, "en", "en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_german_and_a_japanese_portal_too() {
    for language in ["de", "ja"] {
        one_is_shared(
            chromium(),
            Build::TopDocument,
            SharingPage::Article,
            language,
            language,
        )
        .await;
        one_is_shared(
            chromium(),
            Build::TopDocument,
            SharingPage::Details,
            language,
            language,
        )
        .await;
    }
}

/// The newer page in a Polish portal, whose words for it no source tells, and whose grammar leaves none of those that are
/// told as it is: the person chooses, and the rest goes by itself.
async fn one_is_shared_with_a_press(launch: Launch, build: Build) {
    let case = portal(launch, build, SharingPage::Details, "pl").await;
    let texts = Texts::of("pl");
    let window = window(&case, &texts.say("enableSharing")).await;
    confirm_one(&window, build, &texts).await;
    window
        .wait_for_text(&texts.say("sharingPerson_chooseOption"))
        .await
        .unwrap();
    choose_the_other_option(&case, build).await;
    // What the words mean is not known, so that no more than this can be told.
    let told = window
        .wait_for_text(&texts.say("sharingResultAsChosen"))
        .await
        .unwrap();
    assert!(!told.contains(&texts.say("sharingResultOn")), "{told}");
    assert_eq!(shared(&case), ["Contoso Website"]);
    assert_eq!(saves(&case), 1);
    assert_only_reads(&case);
    case.end().await;
}

/// What the person does in the portal's own tab: they take the option that is not taken yet. The window of the
/// extension is in front again afterwards.
async fn choose_the_other_option(case: &Case, build: Build) {
    let driver = case.browser.driver();
    let window = driver.window().await.unwrap();
    case.browser.go_to_tab(0).await.unwrap();
    let other = match build {
        Build::TopDocument => "[role=radio][aria-checked=false]",
        Build::Frame => {
            driver.enter_frame(0).await.unwrap();
            "input[type=radio]:not(:checked)"
        }
    };
    let other = driver.find(thirtyfour::By::Css(other)).await.unwrap();
    other.click().await.unwrap();
    driver.switch_to_window(window).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_word_is_unknown_the_person_presses_and_the_walk_goes_on() {
    one_is_shared_with_a_press(chromium(), Build::TopDocument).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_it_does_in_a_frame_of_the_portal() {
    one_is_shared_with_a_press(firefox(), Build::Frame).await;
}

/// The page goes elsewhere as it saves: what became of it is told as not known, and nothing is pressed again.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_leaves_while_it_saves_is_told() {
    let case = portal(chromium(), Build::TopDocument, SharingPage::Article, "en").await;
    case.simulator.portal(|portal| portal.leaves_on_save = true);
    let window = window(&case, "Enable sharing").await;
    window.click("Allow for 4 subscriptions").await.unwrap();
    let told = window.wait_for_text("Stopped before the end").await.unwrap();
    let line = "Contoso Production: The portal did not answer. Look there whether it was saved.";
    assert!(told.contains(line), "{told}");
    assert_eq!(saves(&case), 1);
    assert!(shared(&case).len() <= 1);
    case.browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latvian_reader_shares_in_an_english_portal() {
    let launch = Launch {
        language: "lv".into(),
        ..chromium()
    };
    one_is_shared(launch, Build::TopDocument, SharingPage::Article, "en", "lv").await;
}

/// In Firefox, whose driver can give leave where a person would be asked.
fn firefox() -> Launch {
    Launch::new(Family::Firefox)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_frame_of_the_portal_once_the_person_lets_it() {
    one_is_shared(firefox(), Build::Frame, SharingPage::Article, "en", "en").await;
    one_is_shared(firefox(), Build::Frame, SharingPage::Details, "en", "en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_frame_of_a_german_portal_too() {
    one_is_shared(firefox(), Build::Frame, SharingPage::Article, "de", "de").await;
    one_is_shared(firefox(), Build::Frame, SharingPage::Details, "de", "de").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_frame_of_a_japanese_portal_too() {
    one_is_shared(firefox(), Build::Frame, SharingPage::Article, "ja", "ja").await;
    one_is_shared(firefox(), Build::Frame, SharingPage::Details, "ja", "ja").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_in_one_run_and_a_refusal_stops_the_rest() {
    let case = portal(chromium(), Build::TopDocument, SharingPage::Article, "en").await;
    let refused = Some(SharingMishap::Refused);
    case.simulator.set_sharing_mishap("Contoso Payroll", refused);
    let window = window(&case, "Enable sharing").await;
    window.click("Allow for 4 subscriptions").await.unwrap();
    let text = window.wait_for_text("Stopped before the end").await.unwrap();
    assert_eq!(shared(&case), ["Contoso Production", "Contoso Website"]);
    assert_eq!(saves(&case), 3);
    for line in [
        "Contoso Production: Others may download now; read back from the portal.",
        "Contoso Website: Others may download now; read back from the portal.",
        "Contoso Payroll: The portal refused to save.",
        "Contoso Archive: Not tried.",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    case.browser
        .screenshot(&picture("sharing-stopped.png"))
        .await
        .unwrap();
    // What is done is known, and only the rest is offered.
    case.simulator.set_sharing_mishap("Contoso Payroll", None);
    window.click("Share more").await.unwrap();
    window
        .wait_for_text("shared, read in the portal on")
        .await
        .unwrap();
    window.click("Allow for 2 subscriptions").await.unwrap();
    window.wait_for_text("The setting is changed").await.unwrap();
    assert_eq!(shared(&case), NAMES);
    assert_only_reads(&case);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_expected_ends_without_an_unwanted_change() {
    for (page, mishap, told, saved) in [
        (
            SharingPage::Renamed,
            None,
            "The button for it was not found on the page",
            0,
        ),
        (SharingPage::Twice, None, "A button of the form is there twice", 0),
        (
            SharingPage::Article,
            Some(SharingMishap::WithoutEffect),
            "After saving, the portal still shows the old setting.",
            1,
        ),
        (
            SharingPage::Article,
            Some(SharingMishap::SessionEnded),
            "Stopped before the end",
            1,
        ),
        (
            SharingPage::Article,
            Some(SharingMishap::Lost),
            "Stopped before the end",
            1,
        ),
    ] {
        let case = portal(chromium(), Build::TopDocument, page, "en").await;
        case.simulator.set_sharing_mishap("Contoso Website", mishap);
        let window = window(&case, "Enable sharing").await;
        only(&window, "Contoso Website", UNKNOWN).await;
        window.click("Allow for one subscription").await.unwrap();
        window.wait_for_text(told).await.unwrap();
        // The steps by hand are there, unfolded.
        window.wait_for_text("Choose the subscription.").await.unwrap();
        assert_eq!(shared(&case), [""; 0], "{page:?} {mishap:?}");
        assert_eq!(saves(&case), saved, "{page:?} {mishap:?}");
        assert_only_reads(&case);
        let name = format!("sharing-{page:?}-{mishap:?}.png")
            .to_lowercase()
            .replace(['(', ')'], "");
        case.browser.screenshot(&picture(&name)).await.unwrap();
        // The portal's page writes its own failures to the console.
        case.browser.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_already_so_is_left_alone_and_can_be_taken_back() {
    let case = portal(chromium(), Build::TopDocument, SharingPage::Article, "en").await;
    case.simulator.set_sharing("Contoso Website", true);
    let window = window(&case, "Enable sharing").await;
    only(&window, "Contoso Website", UNKNOWN).await;
    window.click("Allow for one subscription").await.unwrap();
    window
        .wait_for_text("It was so before; nothing was changed.")
        .await
        .unwrap();
    assert_eq!(saves(&case), 0);
    window.click("Share more").await.unwrap();
    window
        .choose("Others", "may not download invoices")
        .await
        .unwrap();
    window.click("Stop sharing one subscription").await.unwrap();
    window
        .wait_for_text("Others may not download any more")
        .await
        .unwrap();
    assert_eq!(shared(&case), [""; 0]);
    assert_eq!(saves(&case), 1);
    assert_only_reads(&case);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn afterwards_a_reader_downloads_what_was_refused_before() {
    let case = portal(chromium(), Build::TopDocument, SharingPage::Article, "en").await;
    case.simulator.sign_in(1);
    let dock = case.open_invoices().await;
    dock.wait_for_text("Anna Liepa").await.unwrap();
    dock.wait_for_text("not shared with you").await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("48 invoices have no document yet.")
        .await
        .unwrap();
    assert!(case.saved().is_empty());

    case.simulator.sign_in(0);
    case.browser.reload().await.unwrap();
    dock.wait_for_text("Ilze Kalniņa").await.unwrap();
    let window = window(&case, "Enable sharing").await;
    window.click("Allow for 4 subscriptions").await.unwrap();
    window.wait_for_text("The setting is changed").await.unwrap();
    assert_eq!(shared(&case), NAMES);

    case.browser.close_tab().await.unwrap();
    case.simulator.sign_in(1);
    case.browser.reload().await.unwrap();
    dock.wait_for_text("Anna Liepa").await.unwrap();
    dock.click("Check again").await.unwrap();
    dock.wait_for_text("You can download the invoices of")
        .await
        .unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.assert_saved(&case.expected());
    case.end().await;
}

/// A script of the page sees and changes everything in the page, and only that.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fakes_presses_and_redraws_the_dock_changes_nothing() {
    let case = portal(chromium(), Build::TopDocument, SharingPage::Article, "en").await;
    case.open(Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Enable sharing").await.unwrap();
    let script = "const root = document.querySelector('portal-invoices-dock').shadowRoot;
        for (const button of root.querySelectorAll('button')) {
            button.textContent = 'Enable sharing';
            button.click();
            button.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true }));
            button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        }
        const messages = [{ kind: 'press', action: 'confirm-sharing' }, { kind: 'act', press: 1 }, { kind: 'read-controls' }];
        for (const message of messages) {
            window.postMessage(message, '*');
            document.dispatchEvent(new CustomEvent('portal-invoices', { detail: message }));
        }
        return typeof globalThis.portalInvoicesWalker + typeof globalThis.portalInvoicesDock;";
    let seen = case.browser.driver().execute(script, Vec::new()).await.unwrap();
    assert_eq!(
        seen.json(),
        "undefinedundefined",
        "nothing of ours is in the page's own world"
    );
    // A real press, on the button that the page has relabelled, does what is drawn there and no more.
    dock.click("Enable sharing").await.unwrap();
    dock.wait_for_text("Portal Invoices").await.unwrap();
    // The window still asks for the confirmation: nothing of the above has begun a change.
    case.browser.reload().await.unwrap();
    let window = window(&case, "Enable sharing").await;
    window.wait_for_text("Allow for 4 subscriptions").await.unwrap();
    assert_eq!(shared(&case), [""; 0]);
    assert_eq!(saves(&case), 0);
    case.browser.close().await.unwrap();
}
