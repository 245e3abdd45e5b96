//! Languages: which one is shown, that all words are of it, and that they have room.
//! Must not know: what is said in any of them; the extension's own texts tell.

use browser_tests::{Family, Launch, Surface, outside_brackets, pseudo, pseudo_extension};

use crate::case::{Case, DOWNLOAD_ALL};
use crate::look::picture;
use crate::texts::Texts;

/// What the portal's page can say of its language, the folder of our texts, and the name that a person chooses.
const PORTAL_LANGUAGES: [(&str, &str, &str); 19] = [
    ("id", "id", "Bahasa Indonesia"),
    ("cs", "cs", "Čeština"),
    ("de", "de", "Deutsch"),
    ("en", "en", "English"),
    ("es", "es", "Español"),
    ("fr", "fr", "Français"),
    ("it", "it", "Italiano"),
    ("hu", "hu", "Magyar"),
    ("nl", "nl", "Nederlands"),
    ("pl", "pl", "Polski"),
    ("pt-br", "pt_BR", "Português (Brasil)"),
    ("pt-pt", "pt_PT", "Português (Portugal)"),
    ("sv", "sv", "Svenska"),
    ("tr", "tr", "Türkçe"),
    ("ru", "ru", "Русский"),
    ("ko", "ko", "한국어"),
    ("zh-hans", "zh_CN", "中文(简体)"),
    ("zh-hant", "zh_TW", "中文(繁體)"),
    ("ja", "ja", "日本語"),
];

const LATVIAN: (&str, &str) = ("lv", "Latviešu");

/// The language that the dock says it speaks: it decides how a reader sounds and which glyphs are drawn.
async fn declared(case: &Case) -> String {
    let script =
        "return document.querySelector('portal-invoices-dock').shadowRoot.querySelector('section').lang;";
    let answer = case.browser.driver().execute(script, Vec::new()).await.unwrap();
    answer.convert().unwrap()
}

/// Unfolds whatever can be unfolded.
async fn unfold(case: &Case) {
    let script = "const root = document.querySelector('portal-invoices-dock')?.shadowRoot ?? document;
        for (const each of root.querySelectorAll('details')) each.open = true;";
    case.browser.driver().execute(script, Vec::new()).await.unwrap();
}

async fn assert_whole(surface: &Surface<'_>, what: &str) {
    assert_eq!(surface.cut_off().await.unwrap(), Vec::<String>::new(), "{what}");
    assert_eq!(
        surface.choices_cut_off().await.unwrap(),
        Vec::<String>::new(),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latvian_browser_in_an_english_portal_shows_latvian() {
    let launch = Launch {
        language: "lv".to_owned(),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("pay-as-you-go", launch).await;
    let dock = case.open_invoices().await;
    dock.wait_for_text(&Texts::of("lv").say("downloadAll"))
        .await
        .unwrap();
    assert_eq!(declared(&case).await, "lv");
    case.end().await;
}

/// In an English browser, after a run that has much to tell.
#[tokio::test(flavor = "multi_thread")]
async fn the_dock_speaks_the_portals_language_and_every_one_has_room() {
    let case = Case::new("hostile").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status("Not everything could be saved")
        .await
        .unwrap();
    for (tag, folder, _) in PORTAL_LANGUAGES {
        case.simulator.portal(|portal| portal.language = tag.to_owned());
        case.browser.reload().await.unwrap();
        let dock = case.browser.dock().await.unwrap();
        dock.wait_for_text(&Texts::of(folder).say("doneWithFailuresTitle"))
            .await
            .unwrap();
        assert_eq!(declared(&case).await, folder.replace('_', "-"));
        let command = case.browser.command_bar().await.unwrap();
        command
            .wait_for_text(&Texts::of(folder).say("downloadAll"))
            .await
            .unwrap();
        unfold(&case).await;
        let name = format!("language-{folder}.png");
        case.browser.screenshot(&picture(&name)).await.unwrap();
        assert_whole(&dock, tag).await;
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_options_have_room_in_every_language() {
    let launch = Launch {
        window: (640, 700),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("pay-as-you-go", launch).await;
    let address = case.browser.extension_page("options.html").await.unwrap();
    case.browser.open(&address).await.unwrap();
    let options = case.browser.page().await.unwrap();
    unfold(&case).await;
    let languages = PORTAL_LANGUAGES.map(|(_, folder, endonym)| (folder, endonym));
    let mut before = "en";
    for (folder, endonym) in languages.into_iter().chain([LATVIAN]) {
        options
            .choose(&Texts::of(before).say("language"), endonym)
            .await
            .unwrap();
        options
            .wait_for_text(&Texts::of(folder).say("optionsNames"))
            .await
            .unwrap();
        assert_whole(&options, folder).await;
        before = folder;
    }
    case.end().await;
}

/// Each surface in a language that is longer than English, and in which nothing but data can hide that is no text of ours.
async fn in_the_pseudo_language(window: (u32, u32), name: &str) {
    let extension = pseudo_extension(&Family::Chromium.extension().unwrap()).unwrap();
    let launch = Launch {
        window,
        extension: Some(extension.path().to_owned()),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("hostile", launch).await;
    let check = async |surface: &Surface<'_>, what: &str| {
        let file = picture(&format!("pseudo-{name}-{what}.png"));
        case.browser.screenshot(&file).await.unwrap();
        assert_translated(surface, what).await;
        match (name, what) {
            // There is no room for the portal's own commands either.
            ("narrow", "command") => {}
            // There a choice shows how its text begins, and all of it when it is opened.
            ("narrow", "reports" | "options") => {
                assert_eq!(surface.cut_off().await.unwrap(), Vec::<String>::new(), "{what}");
            }
            _ => assert_whole(surface, what).await,
        }
    };
    let dock = case.open_invoices().await;
    check(&dock, "dock").await;
    check(&case.browser.command_bar().await.unwrap(), "command").await;
    dock.click(&pseudo(DOWNLOAD_ALL)).await.unwrap();
    dock.wait_for_status(&pseudo("Not everything could be saved"))
        .await
        .unwrap();
    unfold(&case).await;
    check(&dock, "ended").await;

    dock.click(&pseudo("Show report")).await.unwrap();
    let page = case.browser.go_to_opened_page("reports.html").await.unwrap();
    page.wait_for_text(&pseudo("Totals by month of the billing period"))
        .await
        .unwrap();
    unfold(&case).await;
    check(&page, "reports").await;
    case.browser.close_tab().await.unwrap();

    for what in ["popup", "options"] {
        let address = case
            .browser
            .extension_page(&format!("{what}.html"))
            .await
            .unwrap();
        case.browser.open_tab(&address).await.unwrap();
        let page = case.browser.page().await.unwrap();
        unfold(&case).await;
        check(&page, what).await;
        case.browser.close_tab().await.unwrap();
    }
    case.end().await;
}

/// Whatever has a letter and stands outside of the texts is a name.
async fn assert_translated(surface: &Surface<'_>, what: &str) {
    let of_the_world = [
        "Ilze Kalniņa",
        "A list that goes abroad",
        "A list that never ends",
        "Addresses that lead elsewhere",
        "Documents that are not what they say",
        "EUR",
        // Whom a ready message goes to, and who signs it.
        "janis.berzins@contoso.example",
        LATVIAN.1,
    ];
    let is_name = |rest: &str| {
        let mut lines = rest.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.all(|line| {
            of_the_world.contains(&line) || PORTAL_LANGUAGES.iter().any(|(_, _, endonym)| *endonym == line)
        })
    };
    let words = surface.words().await.unwrap();
    let bypassed: Vec<String> = words
        .iter()
        .map(|text| outside_brackets(text))
        .filter(|rest| rest.chars().any(char::is_alphabetic) && !is_name(rest))
        .collect();
    assert_eq!(bypassed, Vec::<String>::new(), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_narrow_window_long_words_have_room_and_none_is_untranslated() {
    in_the_pseudo_language((500, 700), "narrow").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_normal_window_long_words_have_room_and_none_is_untranslated() {
    in_the_pseudo_language((1280, 960), "normal").await;
}
