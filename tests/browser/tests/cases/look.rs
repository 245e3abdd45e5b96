//! How it looks: the dock takes the portal's colours; pictures of it are left for eyes.
//! Must not know: colours; the portal decides them.

use std::path::{Path, PathBuf};

use browser_tests::{Family, Launch};
use simulator::{Effect, Fault, Theme};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};

pub(crate) fn picture(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let folder = target.canonicalize().unwrap().join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// Luminance of the dock's background and of its text, 0 to 255.
async fn luminance(case: &Case) -> (f64, f64) {
    let script = "const root = document.querySelector('portal-invoices-dock').shadowRoot;
        const style = getComputedStyle(root.querySelector('section'));
        return [style.backgroundColor, style.color].map(colour => {
            const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        });";
    let answer = case.browser.driver().execute(script, Vec::new()).await.unwrap();
    answer.convert().unwrap()
}

async fn in_theme(theme: Theme, name: &str) -> (f64, f64) {
    let case = Case::new("pay-as-you-go").await;
    case.simulator.portal(|portal| portal.theme = theme);
    let dock = case.open_invoices().await;
    case.browser.command_bar().await.unwrap();
    case.browser
        .screenshot(&picture(&format!("{name}.png")))
        .await
        .unwrap();
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(7)]);
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("8 of 40 documents").await.unwrap();
    case.browser
        .screenshot(&picture(&format!("{name}-running.png")))
        .await
        .unwrap();
    case.simulator.set_faults(Vec::new());
    dock.wait_for_status(SAVED).await.unwrap();
    case.browser
        .screenshot(&picture(&format!("{name}-saved.png")))
        .await
        .unwrap();
    let luminance = luminance(&case).await;
    case.end().await;
    luminance
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_light_portal_the_dock_is_light() {
    let (background, text) = in_theme(Theme::Light, "light").await;
    assert!(background > 200.0 && text < 80.0, "{background} {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_dark_portal_the_dock_is_dark() {
    let (background, text) = in_theme(Theme::Dark, "dark").await;
    assert!(background < 60.0 && text > 180.0, "{background} {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_every_place_in_light_and_dark() {
    for (theme, name) in [
        (Theme::Light, "report-light.png"),
        (Theme::Dark, "report-dark.png"),
    ] {
        let launch = Launch {
            window: (1280, 1400),
            ..Launch::new(Family::Chromium)
        };
        let case = Case::launched("subscription-reader", launch).await;
        case.simulator.portal(|portal| portal.theme = theme);
        let dock = case.open_invoices().await;
        dock.click(DOWNLOAD_ALL).await.unwrap();
        dock.wait_for_status(SAVED).await.unwrap();
        dock.click("Where invoices were looked for (5 places)")
            .await
            .unwrap();
        dock.wait_for_text("Contoso Website").await.unwrap();
        case.browser.screenshot(&picture(name)).await.unwrap();
        case.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_elsewhere_with_their_hosts() {
    let case = Case::new("brazil").await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("nfe.prefeitura.example").await.unwrap();
    case.browser.screenshot(&picture("elsewhere.png")).await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_of_grants() {
    let launch = Launch {
        window: (500, 560),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("legacy", launch).await;
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("Let Portal Invoices check them")
        .await
        .unwrap();
    case.browser
        .screenshot(&picture("elsewhere-storage.png"))
        .await
        .unwrap();
    let page = case.browser.extension_page("grants.html").await.unwrap();
    case.browser.open_tab(&page).await.unwrap();
    let window = case.browser.page().await.unwrap();
    window.wait_for_text("Check these documents, too?").await.unwrap();
    case.browser.screenshot(&picture("grants.png")).await.unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_narrow_window_nothing_is_cut_off() {
    let launch = Launch {
        window: (500, 700),
        ..Launch::new(Family::Chromium)
    };
    let case = Case::launched("hostile", launch).await;
    let dock = case.open_invoices().await;
    dock.choose("Language", "Latviešu").await.unwrap();
    dock.click("Lejupielādēt visus rēķinus").await.unwrap();
    dock.wait_for_text("Ne visu izdevās saglabāt").await.unwrap();
    case.browser
        .screenshot(&picture("narrow-latvian.png"))
        .await
        .unwrap();
    let script = "const dock = document.querySelector('portal-invoices-dock').shadowRoot.querySelector('section');
        const wide = [dock, ...dock.querySelectorAll('*')].filter(each => !each.closest('.status'));
        const box = dock.getBoundingClientRect();
        return [box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight,
            wide.every(each => each.scrollWidth <= each.clientWidth + 1 || getComputedStyle(each).display === 'inline')];";
    let answer = case.browser.driver().execute(script, Vec::new()).await.unwrap();
    let (inside, uncut): (bool, bool) = answer.convert().unwrap();
    assert!(inside, "the dock leaves the window");
    assert!(uncut, "something is cut off");
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_popup_in_light_and_dark() {
    for dark in [false, true] {
        let launch = Launch {
            dark,
            window: (500, 700),
            ..Launch::new(Family::Chromium)
        };
        let case = Case::launched("pay-as-you-go", launch).await;
        case.open_invoices().await;
        let popup = case.browser.open_popup().await.unwrap();
        popup.wait_for_text("ilze.kalnina@contoso.example").await.unwrap();
        let name = if dark { "popup-dark.png" } else { "popup-light.png" };
        case.browser.screenshot(&picture(name)).await.unwrap();
        case.end().await;
    }
}
