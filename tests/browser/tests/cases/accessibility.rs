//! Nobody is left out: axe-core finds nothing in any state of any surface, in light, dark and forced colours, and all of it
//! can be reached and read with a keyboard, in a narrow window and without motion.
//! Must not know: keys, classes or colours of what is shown.

use std::path::Path;

use browser_tests::{Family, Launch};
use serde_json::{Value, json};
use simulator::{Effect, Fault, Page, Scenario};
use thirtyfour::Key;

use crate::case::{Case, DOWNLOAD_ALL, SAVED};

const AXE: &str = include_str!("../../axe/axe.min.js");
const TOOLS: &str = include_str!("accessibility.js");
const RENDERER: &str = include_str!("../../../../extension/renderer.js");

/// How a person has the browser show pages.
#[derive(Clone, Copy, Debug)]
enum Look {
    Light,
    Dark,
    Forced,
}

impl Look {
    const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Forced];

    fn media(self) -> Value {
        let (scheme, forced) = match self {
            Self::Light => ("light", "none"),
            Self::Dark => ("dark", "none"),
            Self::Forced => ("light", "active"),
        };
        json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "forced-colors", "value": forced },
        ] })
    }

    fn theme(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light | Self::Forced => "light",
        }
    }
}

/// Looks at the surface in the tab that the browser is at, and remembers all that is wrong.
struct Eyes<'a> {
    case: &'a Case,
    findings: Vec<String>,
}

impl<'a> Eyes<'a> {
    fn of(case: &'a Case) -> Self {
        let findings = Vec::new();
        Self { case, findings }
    }

    /// Runs one of the tools in the page, where a driver may put them whatever the page's policy.
    async fn ask(&self, tool: &str, arguments: Value) -> Value {
        let driver = self.case.browser.driver();
        let script = "const [tool, parameters] = arguments;
            return (async () => window.accessibility ? [await accessibility[tool](...parameters)] : null)();";
        let asked = vec![json!(tool), arguments];
        let answer = driver.execute(script, asked.clone()).await.unwrap();
        if !answer.json().is_null() {
            return answer.json()[0].clone();
        }
        for source in [AXE, TOOLS] {
            driver.execute(source, Vec::new()).await.unwrap();
        }
        let answer = driver.execute(script, asked).await.unwrap();
        answer.json()[0].clone()
    }

    async fn wear(&self, look: Look) {
        let browser = &self.case.browser;
        browser
            .devtools("Emulation.setEmulatedMedia", look.media())
            .await
            .unwrap();
        self.ask("dress", json!([look.theme()])).await;
    }

    async fn note(&mut self, state: &str) {
        let findings: Vec<String> = serde_json::from_value(self.ask("findings", json!([])).await).unwrap();
        let told = findings.into_iter().map(|finding| format!("{state}: {finding}"));
        self.findings.extend(told);
    }

    /// Looks at a state in every look: as it is, and from then on with everything unfolded.
    async fn look(&mut self, state: &str) {
        for look in Look::ALL {
            self.wear(look).await;
            self.note(&format!("{state}, {look:?}")).await;
            if self.ask("unfold", json!([])).await == true {
                self.note(&format!("{state}, {look:?}, unfolded")).await;
            }
        }
    }

    /// Looks for what is cut off of a state with everything unfolded.
    async fn measure(&mut self, state: &str) {
        self.ask("unfold", json!([])).await;
        let cut: Vec<String> = serde_json::from_value(self.ask("cutOff", json!([])).await).unwrap();
        self.findings
            .extend(cut.into_iter().map(|cut| format!("{state}: {cut}")));
    }

    /// What is wrong is found, or nothing here says anything.
    async fn assert_open(&self) {
        let mut others = Self::of(self.case);
        self.wear(Look::Light).await;
        self.ask("spoil", json!([])).await;
        others.note("spoiled").await;
        for part in [
            "axe: button-name",
            "axe: color-contrast",
            "contrast 1.61 < 4.5 of text",
        ] {
            assert!(
                others.findings.iter().any(|finding| finding.contains(part)),
                "{part}: {:?}",
                others.findings
            );
        }
    }

    fn assert_nothing(self) {
        assert!(
            self.findings.is_empty(),
            "{} findings\n{}",
            self.findings.len(),
            self.findings.join("\n")
        );
    }
}

/// The views that the core's own tests have described, by name: those whose file ends so.
fn described(ending: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/snapshots");
    let mut all: Vec<(String, Value)> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name()?.to_str()?.strip_prefix("core__views__")?;
            let name = name.strip_suffix(ending)?.to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let (_, view) = text.split_once("\n---\n").unwrap();
            Some((name, serde_json::from_str(view).unwrap()))
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// A window that all of a surface fits into: axe judges only what is in sight.
fn tall() -> Launch {
    Launch {
        window: (1280, 3000),
        ..Launch::new(Family::Chromium)
    }
}

/// The end of a case whose pages axe was in. It tries styles that the portal's policy refuses, which is no fault of ours.
async fn end(case: Case) {
    let errors = case.browser.console_errors().await.unwrap();
    let ours = errors
        .into_iter()
        .filter(|error| !error.contains("Applying inline style violates"));
    assert_eq!(ours.collect::<Vec<_>>(), Vec::<String>::new());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_any_dock_that_the_core_describes() {
    let case = Case::launched("pay-as-you-go", tall()).await;
    case.open_invoices().await;
    case.browser.command_bar().await.unwrap();
    case.browser.driver().execute(RENDERER, Vec::new()).await.unwrap();
    let mut eyes = Eyes::of(&case);
    for (state, view) in described(".dock.en.snap") {
        eyes.ask("show", view).await;
        eyes.look(&state).await;
    }
    eyes.assert_open().await;
    eyes.assert_nothing();
    end(case).await;
}

/// The pages of the extension with the views that belong there. One page more, `grants.html`, closes where there is
/// nothing to grant.
const PAGES: [(&str, &str); 3] = [("popup", ".popup"), ("reports", ".reports"), ("options", "")];

/// The views of a page in a language.
fn of_page((page, ending): (&str, &str), language: &str) -> Vec<(String, Value)> {
    let mut views = described(&format!("{ending}.{language}.snap"));
    views.retain(|(state, _)| !ending.is_empty() || state.starts_with(page));
    assert!(!views.is_empty());
    views
}

async fn open_page(case: &Case, page: &str) {
    let address = case
        .browser
        .extension_page(&format!("{page}.html"))
        .await
        .unwrap();
    case.browser.open(&address).await.unwrap();
    case.browser.page().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_any_page_that_the_core_describes() {
    let case = Case::launched("pay-as-you-go", tall()).await;
    let mut eyes = Eyes::of(&case);
    for page in PAGES {
        open_page(&case, page.0).await;
        for (state, view) in of_page(page, "en") {
            eyes.ask("show", json!([view])).await;
            eyes.look(&format!("{}: {state}", page.0)).await;
        }
    }
    eyes.assert_open().await;
    eyes.assert_nothing();
    end(case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_from_the_first_visit_to_the_last_report() {
    let case = Case::launched("pay-as-you-go", tall()).await;
    let mut eyes = Eyes::of(&case);
    case.simulator.portal(|portal| {
        portal.arm_calls = false;
        portal.session_record = false;
    });
    case.open(Page::Invoices).await;
    let dock = case.browser.dock().await.unwrap();
    eyes.look("no session").await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("the download then starts by itself")
        .await
        .unwrap();
    eyes.look("no session, awaited").await;
    case.browser.open_popup().await.unwrap();
    eyes.look("popup, no session").await;
    case.browser.close_tab().await.unwrap();

    case.simulator
        .set_faults(vec![Fault::on_extension("/invoices", Effect::Hold)]);
    case.simulator.portal(|portal| portal.arm_calls = true);
    case.browser.reload().await.unwrap();
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Asking Azure").await.unwrap();
    case.browser.command_bar().await.unwrap();
    eyes.look("asking").await;
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(7)]);
    dock.wait_for_text("8 of 40 documents").await.unwrap();
    eyes.look("running").await;
    case.browser.open_popup().await.unwrap();
    eyes.look("popup, running").await;
    case.browser.close_tab().await.unwrap();
    dock.click("Pause").await.unwrap();
    dock.wait_for_status("Paused").await.unwrap();
    eyes.look("paused").await;
    dock.click("Resume").await.unwrap();
    case.simulator.set_faults(Vec::new());
    dock.wait_for_status(SAVED).await.unwrap();
    eyes.look("saved").await;
    dock.click("Collapse").await.unwrap();
    eyes.look("folded").await;
    dock.click("Expand").await.unwrap();

    dock.choose("Period", "Custom").await.unwrap();
    dock.fill("Invoices dated from", "2026-01-02").await.unwrap();
    dock.fill("to", "2026-01-01").await.unwrap();
    dock.wait_for_text("Check the dates").await.unwrap();
    eyes.look("backwards").await;

    let reports = case.browser.extension_page("reports.html").await.unwrap();
    case.browser.open_tab(&reports).await.unwrap();
    let page = case.browser.page().await.unwrap();
    page.wait_for_text("Totals by month").await.unwrap();
    eyes.look("report").await;
    page.click("Forget everything").await.unwrap();
    page.wait_for_text("Forget everything?").await.unwrap();
    eyes.look("forgetting").await;
    page.click("Yes, forget everything").await.unwrap();
    page.wait_for_text("No run of this account has been kept yet.")
        .await
        .unwrap();
    eyes.look("forgotten").await;
    open_page(&case, "options").await;
    let page = case.browser.page().await.unwrap();
    page.fill("Pattern", "{mouth}").await.unwrap();
    page.wait_for_status("no placeholder {mouth}").await.unwrap();
    eyes.look("options, wrong pattern").await;
    page.click("Reset").await.unwrap();
    case.browser.close_tab().await.unwrap();

    case.simulator.load(Scenario::named("legacy").unwrap());
    let dock = case.open_invoices().await;
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("Let Portal Invoices check them")
        .await
        .unwrap();
    eyes.look("elsewhere").await;
    let grants = case.browser.extension_page("grants.html").await.unwrap();
    case.browser.open_tab(&grants).await.unwrap();
    let page = case.browser.page().await.unwrap();
    page.wait_for_text("Check these documents, too?").await.unwrap();
    eyes.look("grants").await;

    case.browser.withhold_hosts().await.unwrap();
    let popup = case.browser.open_popup().await.unwrap();
    popup.wait_for_text("Access is switched off").await.unwrap();
    eyes.look("popup, hosts withheld").await;
    eyes.assert_nothing();
    end(case).await;
}

/// Goes all the way with the Tab key, there and back, past every control once, and sees each time where it is.
async fn assert_reached_by_tab(eyes: &mut Eyes<'_>, surface: &str) {
    let driver = eyes.case.browser.driver();
    let controls: Vec<String> = serde_json::from_value(eyes.ask("controls", json!([])).await).unwrap();
    assert!(controls.len() > 1, "{surface}");
    eyes.ask("begin", json!([])).await;
    for backwards in [false, true] {
        let mut wanted = controls.clone();
        if backwards {
            wanted.reverse();
        }
        let mut met = vec![wanted[0].clone()];
        // A date has a stop for each of its parts.
        for _ in 0..controls.len() * 5 {
            if met.len() == wanted.len() {
                break;
            }
            let keys = driver.action_chain();
            let keys = match backwards {
                true => keys.key_down(Key::Shift).send_keys(Key::Tab).key_up(Key::Shift),
                false => keys.send_keys(Key::Tab),
            };
            keys.perform().await.unwrap();
            let focus = eyes.ask("focus", json!([])).await;
            let Some([control, wrong]) = serde_json::from_value::<Option<[String; 2]>>(focus).unwrap() else {
                break;
            };
            if !wrong.is_empty() {
                eyes.findings.push(format!("{surface}: {wrong} at {control}"));
            }
            if met.last() != Some(&control) {
                met.push(control);
            }
        }
        assert_eq!(met, wanted, "{surface}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tab_key_goes_to_every_control_in_reading_order_and_is_seen_there() {
    let case = Case::new("pay-as-you-go").await;
    let mut eyes = Eyes::of(&case);
    case.open_invoices().await;
    case.browser.driver().execute(RENDERER, Vec::new()).await.unwrap();
    for look in Look::ALL {
        eyes.wear(look).await;
        assert_reached_by_tab(&mut eyes, &format!("dock, {look:?}")).await;
    }
    for (state, view) in described(".dock.en.snap") {
        let has_more = [
            "custom-period",
            "ended-with-failures",
            "ended-with-documents-in-other-storage",
        ];
        if has_more.contains(&&*state) {
            eyes.ask("show", view).await;
            eyes.ask("unfold", json!([])).await;
            assert_reached_by_tab(&mut eyes, &state).await;
        }
    }
    for page in PAGES {
        open_page(&case, page.0).await;
        let (state, view) = of_page(page, "en").swap_remove(0);
        eyes.ask("show", json!([view])).await;
        eyes.wear(Look::Light).await;
        assert_reached_by_tab(&mut eyes, &state).await;
    }
    eyes.assert_nothing();
    end(case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_does_everything_and_keeps_its_place() {
    let case = Case::new("pay-as-you-go").await;
    let eyes = Eyes::of(&case);
    case.simulator
        .set_faults(vec![Fault::on_storage(Effect::Hold).after(7)]);
    let dock = case.open_invoices().await;
    let driver = case.browser.driver();
    let press = async |key: Key| driver.action_chain().send_keys(key).perform().await.unwrap();
    eyes.ask("begin", json!([])).await;
    press(Key::Enter).await;
    assert!(!dock.text().await.unwrap().contains("Period"), "it is folded");
    assert!(dock.buttons().await.unwrap().contains(&"Expand".to_owned()));
    press(Key::Enter).await;
    dock.wait_for_text("Period").await.unwrap();

    let at = async || {
        eyes.ask("focus", json!([])).await[0]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    while !at().await.contains(DOWNLOAD_ALL) {
        press(Key::Tab).await;
    }
    press(Key::Enter).await;
    dock.wait_for_text("8 of 40 documents").await.unwrap();
    // The button is gone; the next stop is what stands in its place.
    assert_ne!(at().await, "");
    press(Key::Tab).await;
    assert!(at().await.contains("Pause"), "{}", at().await);
    press(Key::Space).await;
    dock.wait_for_status("Paused").await.unwrap();
    assert!(at().await.contains("Resume"), "{}", at().await);
    press(Key::Space).await;
    case.simulator.set_faults(Vec::new());
    dock.wait_for_status(SAVED).await.unwrap();
    assert_ne!(at().await, "");
    end(case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_width_of_a_phone_or_at_four_times_the_size_nothing_scrolls_to_the_side() {
    let case = Case::new("pay-as-you-go").await;
    let mut eyes = Eyes::of(&case);
    let zoom = async |width: u32, height: u32| {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": false });
        let command = "Emulation.setDeviceMetricsOverride";
        case.browser.devtools(command, metrics).await.unwrap();
    };
    case.open_invoices().await;
    zoom(320, 256).await;
    case.browser.driver().execute(RENDERER, Vec::new()).await.unwrap();
    for (state, view) in described(".dock.lv.snap") {
        eyes.ask("show", view).await;
        eyes.measure(&state).await;
    }
    for page in PAGES {
        open_page(&case, page.0).await;
        // The popup makes its window as wide as it needs.
        zoom(if page.0 == "popup" { 360 } else { 320 }, 256).await;
        for (state, view) in of_page(page, "lv") {
            eyes.ask("show", json!([view])).await;
            eyes.measure(&format!("{}: {state}", page.0)).await;
        }
    }
    eyes.assert_nothing();
    end(case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_for_whoever_wants_no_motion() {
    let case = Case::new("pay-as-you-go").await;
    let eyes = Eyes::of(&case);
    case.open_invoices().await;
    case.browser.driver().execute(RENDERER, Vec::new()).await.unwrap();
    for (state, view) in described(".dock.en.snap") {
        if state == "running-asking" {
            eyes.ask("show", view).await;
        }
    }
    for (motion, animations) in [("no-preference", 1), ("reduce", 0)] {
        let media = json!({ "features": [{ "name": "prefers-reduced-motion", "value": motion }] });
        case.browser
            .devtools("Emulation.setEmulatedMedia", media)
            .await
            .unwrap();
        assert_eq!(eyes.ask("animations", json!([])).await, animations, "{motion}");
    }
    end(case).await;
}
