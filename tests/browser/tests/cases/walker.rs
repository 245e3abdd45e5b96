//! What the walker tells of a document, and that what it is told to do is done, in the markup of either toolkit.
//! Must not know: which controls a walk looks for.

use std::time::Duration;

use browser_tests::{Family, Launch, copied_extension, until};
use serde_json::{Value, json};
use simulator::{Build, Page};
use tempfile::TempDir;

use crate::case::{Case, DOWNLOAD_ALL};

const WALKER: &str = include_str!("../../../../extension/walker.js");
const CONTROLS: &str = include_str!("walker.html");
const EAR: &str = include_str!("ear.js");
const LIMIT: Duration = Duration::from_secs(60);

/// A document of every kind of control, with the walker in it.
async fn every_control(family: Family) -> Case {
    let case = Case::launched("pay-as-you-go", Launch::new(family)).await;
    case.browser.open("about:blank").await.unwrap();
    let script = "document.open(); document.write(arguments[0]); document.close();";
    ask(&case, script, vec![json!(CONTROLS)]).await;
    enter(&case).await;
    case
}

/// Puts the walker into the page.
async fn enter(case: &Case) {
    // What a driver runs in Firefox has a global object of its own each time.
    let script = format!("{WALKER} window.portalInvoicesWalker = globalThis.portalInvoicesWalker;");
    ask(case, &script, Vec::new()).await;
}

async fn ask(case: &Case, script: &str, arguments: Vec<Value>) -> Value {
    let answer = case.browser.driver().execute(script, arguments).await.unwrap();
    answer.json().clone()
}

async fn read(case: &Case) -> Value {
    ask(case, "return portalInvoicesWalker.read();", Vec::new()).await
}

async fn act(case: &Case, message: Value) -> Value {
    let script = "portalInvoicesWalker.act(arguments[0]); return noticed.splice(0);";
    ask(case, script, vec![message]).await
}

/// The number of the one control with this name.
fn number(scene: &Value, name: &str) -> u64 {
    let controls = scene["controls"].as_array().unwrap();
    let mut named = controls.iter().filter(|control| control["name"] == name);
    let number = named.next().unwrap()["number"].as_u64().unwrap();
    assert!(named.next().is_none(), "{name}");
    number
}

/// One line for each form and each control, in the order of telling, without numbers.
fn table(scene: &Value) -> Vec<String> {
    let forms = scene["forms"].as_array().unwrap().iter().map(|form| {
        let mut line = format!("form {} {}", form["title"], form["status"]);
        for state in ["alert", "busy"] {
            if form[state].as_bool().unwrap() {
                line += &format!(" {state}");
            }
        }
        line
    });
    let all = scene["controls"].as_array().unwrap();
    let controls = all.iter().map(|control| {
        let mut line = format!("{} {}", control["role"].as_str().unwrap(), control["name"]);
        for field in ["hook", "value"] {
            if !control[field].as_str().unwrap().is_empty() {
                line += &format!(" {field}={}", control[field].as_str().unwrap());
            }
        }
        if let Some(on) = control["on"].as_bool() {
            line += if on { " on" } else { " off" };
        }
        if control["disabled"].as_bool().unwrap() {
            line += " disabled";
        }
        if let Some(form) = control["form"].as_u64() {
            line += &format!(" in {form}");
        }
        if !control["group"].is_null() {
            let first = all.iter().find(|each| each["group"] == control["group"]).unwrap();
            line += &format!(" beside {}", first["name"]);
        }
        for option in control["options"].as_array().unwrap() {
            line += &format!(" {}={}", option["value"].as_str().unwrap(), option["text"]);
        }
        line
    });
    forms.chain(controls).collect()
}

const TOLD: &str = r#"
form "Allow others to download invoice" "Saving…" busy
form "Are you sure?" "Could not be saved." alert
form "Names" ""
link "Billing scopes"
link "G001"
menuitem "Invoices" hook=Menu-Invoices
tab "Details" on
tab "Access" off
button "Edit invoice details" hook=Command-EditInvoiceDetails
button "Refresh page" hook=Refresh
button "Give feedback"
button "Columns"
button "Delete" disabled
button "Move" disabled
button "Pin" off
button "Beside"
radio "On" off in 0 beside "On"
radio "Off" on in 0 beside "On"
button "Save" in 0
combobox "Subscription" hook=subscription value=b in 1 a="Contoso Website" b="Contoso Shop"
combobox "Period" value=This year in 1
radio "Users with access" hook=access off in 1 beside "Users with access"
combobox "" value=x in 1 x="x"
radio "Nobody" hook=access on in 1 beside "Users with access"
checkbox "Tell me" on disabled in 1
switch "Remember" off in 1
switch "Some" in 1
"#;

async fn told_in(family: Family) {
    let case = every_control(family).await;
    let told = table(&read(&case).await);
    assert_eq!(told, TOLD.trim().lines().collect::<Vec<_>>());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_control_is_told_by_role_name_and_state() {
    told_in(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_control_is_told_in_firefox_too() {
    told_in(Family::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_keeps_its_number_and_no_other_gets_it() {
    let case = every_control(Family::Chromium).await;
    let before = read(&case).await;
    let script = "document.querySelector('#command').remove();
        document.querySelector('nav').prepend(document.querySelector('#save'));
        document.body.append(Object.assign(document.createElement('button'), { textContent: 'New' }));";
    ask(&case, script, Vec::new()).await;
    let after = read(&case).await;
    for name in ["Save", "Refresh page", "Users with access"] {
        assert_eq!(number(&after, name), number(&before, name), "{name}");
    }
    let known = before["controls"].as_array().unwrap();
    assert!(
        known
            .iter()
            .all(|control| control["number"] != number(&after, "New"))
    );
    case.end().await;
}

/// Presses and chooses in the markup of both toolkits; what the page notices is what a person's own press would cause.
async fn acts_in(family: Family) {
    let case = every_control(family).await;
    let scene = read(&case).await;
    let press = |name: &str| json!({ "kind": "act", "press": number(&scene, name) });
    let choose =
        |name: &str, value: &str| json!({ "kind": "act", "choose": number(&scene, name), "value": value });
    assert_eq!(act(&case, press("On")).await, json!(["chosen On"]));
    assert_eq!(act(&case, press("Save")).await, json!(["click save "]));
    assert_eq!(
        act(&case, press("Users with access")).await,
        json!([
            "click react-on true",
            "input react-on true",
            "change react-on true"
        ])
    );
    let focused = "return document.activeElement.id;";
    assert_eq!(ask(&case, focused, Vec::new()).await, "react-on");
    assert_eq!(
        act(&case, choose("Subscription", "a")).await,
        json!(["input react-list a", "change react-list a"])
    );
    // What is not offered, cannot be used, or is gone.
    assert_eq!(act(&case, choose("Subscription", "z")).await, json!([]));
    assert_eq!(act(&case, choose("Save", "a")).await, json!([]));
    assert_eq!(act(&case, press("Tell me")).await, json!([]));
    assert_eq!(
        act(&case, json!({ "kind": "act", "press": 4711 })).await,
        json!([])
    );
    let after = table(&read(&case).await);
    for line in [
        "radio \"On\" on in 0 beside \"On\"",
        "radio \"Off\" off in 0 beside \"On\"",
        "combobox \"Subscription\" hook=subscription value=a in 1 a=\"Contoso Website\" b=\"Contoso Shop\"",
        "radio \"Users with access\" hook=access on in 1 beside \"Users with access\"",
        "radio \"Nobody\" hook=access off in 1 beside \"Users with access\"",
    ] {
        assert!(after.iter().any(|told| told == line), "{line} in {after:#?}");
    }
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pressed_and_chosen_reaches_the_page_as_if_a_person_did_it() {
    acts_in(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pressed_and_chosen_reaches_the_page_in_firefox_too() {
    acts_in(Family::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_portal_its_commands_are_told_and_ours_are_not() {
    let case = Case::new("pay-as-you-go").await;
    case.open_invoices().await;
    case.browser.command_bar().await.unwrap();
    enter(&case).await;
    let told = table(&read(&case).await);
    for line in [
        "button \"Edit invoice details\" hook=Command-EditInvoiceDetails",
        "button \"Refresh\" hook=Command-Refresh",
        "link \"Invoices\" hook=Menu-Invoices",
        "button \"Account menu\"",
    ] {
        assert!(told.iter().any(|each| each == line), "{line} in {told:#?}");
    }
    assert!(
        told.iter().any(|each| each.starts_with("button \"Download ")),
        "{told:#?}"
    );
    assert!(!told.iter().any(|each| each.contains(DOWNLOAD_ALL)), "{told:#?}");
    case.end().await;
}

/// Where frames of blades come from.
const FRAMES: &str = "https://*.reactblade.portal.azure.net/*";

/// The extension with other lines for its background; what they replace is `real.js`.
fn with_background(family: Family, background: &str) -> TempDir {
    let extension = copied_extension(&family.extension().unwrap()).unwrap();
    let own = extension.path().join("background.js");
    std::fs::rename(&own, extension.path().join("real.js")).unwrap();
    std::fs::write(own, background).unwrap();
    extension
}

/// Has an extension enter the frames of blades without being asked.
fn enter_frames(extension: &TempDir) {
    let file = extension.path().join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    manifest["host_permissions"]
        .as_array_mut()
        .unwrap()
        .push(json!(FRAMES));
    let frames = json!({ "matches": [FRAMES], "js": ["walker.js", "frame.js"], "all_frames": true });
    manifest["content_scripts"].as_array_mut().unwrap().push(frames);
    std::fs::write(file, manifest.to_string()).unwrap();
}

/// The invoices page, which loads nothing by itself, and a page of the extension in another window, where the case then
/// is: a frame comes by itself only while it is seen.
async fn beside_the_portal(family: Family, build: Build, extension: &TempDir) -> Case {
    let launch = Launch {
        extension: Some(extension.path().to_owned()),
        ..Launch::new(family)
    };
    let case = Case::launched("pay-as-you-go", launch).await;
    case.simulator.portal(|portal| {
        portal.build = build;
        portal.arm_calls = false;
    });
    case.open(Page::Invoices).await;
    let page = case.browser.extension_page("options.html").await.unwrap();
    let window = case.browser.driver().new_window().await.unwrap();
    case.browser.driver().switch_to_window(window).await.unwrap();
    case.browser.open(&page).await.unwrap();
    case
}

/// Says something to a face, if there is something to say, and returns what it said since.
async fn converse(case: &Case, face: &str, message: Value) -> Vec<Value> {
    let script = "return chrome.runtime.sendMessage({ ear: arguments[0], message: arguments[1] });";
    let heard = ask(case, script, vec![json!(face), message]).await;
    heard.as_array().unwrap().clone()
}

/// Waits until a face says such a thing.
async fn hear(case: &Case, face: &str, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let what = format!("the {face} tells {what}");
    until(&what, LIMIT, async || {
        let heard = converse(case, face, Value::Null).await;
        Ok(heard.into_iter().find(&is_it))
    })
    .await
    .unwrap()
}

/// Waits for a scene at rest with a control whose name begins so.
async fn hear_scene(case: &Case, face: &str, name: &str) -> Value {
    let has = |control: &Value| control["name"].as_str().unwrap().starts_with(name);
    let is_it = |said: &Value| {
        let controls = said["scene"]["controls"].as_array();
        said["rest"] == true && controls.is_some_and(|all| all.iter().any(has))
    };
    hear(case, face, name, is_it).await["scene"].clone()
}

/// A walk's messages to a face, and what it answers.
async fn walk_through(case: &Case, face: &str) {
    let hello = hear(case, face, "where it stands", |said| said["kind"] == "hello").await;
    assert_eq!(hello["language"], "en");
    converse(case, face, json!({ "kind": "read-controls" })).await;
    let scene = hear_scene(case, face, "Refresh").await;
    assert!(
        !table(&scene)
            .iter()
            .any(|line| line.starts_with("button \"Download "))
    );
    // Nothing changes, and it goes on saying so.
    assert_eq!(hear_scene(case, face, "Refresh").await, scene);
    let refresh = number(&scene, "Refresh");
    converse(case, face, json!({ "kind": "act", "press": refresh })).await;
    hear_scene(case, face, "Download ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dock_serves_a_walk_until_it_is_over() {
    let extension = with_background(Family::Chromium, EAR);
    let case = beside_the_portal(Family::Chromium, Build::TopDocument, &extension).await;
    walk_through(&case, "dock").await;
    for hash in [
        "#home",
        "https://example.com/",
        "#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Payments",
    ] {
        converse(&case, "dock", json!({ "kind": "go", "hash": hash })).await;
    }
    let moved = hear(&case, "dock", "where it went", |said| said["kind"] == "moved").await;
    assert!(
        moved["location"].as_str().unwrap().ends_with("/Payments"),
        "{moved}"
    );
    hear_scene(&case, "dock", "Payment methods").await;
    converse(&case, "dock", json!({ "kind": "stop-reading" })).await;
    converse(&case, "dock", Value::Null).await;
    let invoices = "#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices";
    converse(&case, "dock", json!({ "kind": "go", "hash": invoices })).await;
    until(
        "the dock has moved, and tells nothing else any more",
        LIMIT,
        async || {
            let said = converse(&case, "dock", Value::Null).await;
            assert!(said.iter().all(|said| said["kind"] == "moved"), "{said:#?}");
            Ok((!said.is_empty()).then_some(()))
        },
    )
    .await
    .unwrap();
    case.end().await;
}

/// The frame lets go of the background after a walk, and comes when it is called.
async fn frame_serves(family: Family) {
    let extension = with_background(family, EAR);
    enter_frames(&extension);
    let case = beside_the_portal(family, Build::Frame, &extension).await;
    walk_through(&case, "frame").await;
    converse(&case, "frame", json!({ "kind": "stop-reading" })).await;
    until("the frame lets go", LIMIT, async || {
        let script = "return chrome.runtime.sendMessage({ faces: true });";
        let faces = ask(&case, script, Vec::new()).await;
        Ok((!faces.as_array().unwrap().contains(&json!("frame"))).then_some(()))
    })
    .await
    .unwrap();
    converse(&case, "frame", Value::Null).await;
    let script = "return chrome.tabs.query({ url: 'https://portal.azure.com/*' })
        .then(([{ id }]) => chrome.tabs.sendMessage(id, { kind: 'wake-frame' }).catch(() => {}));";
    ask(&case, script, Vec::new()).await;
    hear(&case, "frame", "where it stands", |said| said["kind"] == "hello").await;
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_serves_a_walk_and_lets_go() {
    frame_serves(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_serves_a_walk_in_firefox_too() {
    frame_serves(Family::Firefox).await;
}

/// Firefox alone can be told to grant without asking, so it is the one to show it.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_reaches_frames_that_are_open_and_ends_when_it_is_taken_back() {
    let background = format!("import \"./real.js\";\n{EAR}");
    let extension = with_background(Family::Firefox, &background);
    let case = beside_the_portal(Family::Firefox, Build::Frame, &extension).await;
    hear(&case, "dock", "where it stands", |said| said["kind"] == "hello").await;
    assert_eq!(converse(&case, "frame", Value::Null).await, [] as [Value; 0]);
    let script = "const button = Object.assign(document.createElement('button'), { id: 'grant', textContent: 'Grant' });
        const origins = [arguments[0]];
        button.addEventListener('click', () => chrome.permissions.request({ origins }));
        document.body.prepend(button);";
    ask(&case, script, vec![json!(FRAMES)]).await;
    let button = case
        .browser
        .driver()
        .find(thirtyfour::By::Id("grant"))
        .await
        .unwrap();
    button.click().await.unwrap();
    hear(&case, "frame", "that it comes", |said| said["kind"] == "comes").await;
    let registered = "return chrome.scripting.getRegisteredContentScripts().then(all => all.map(({ js, allFrames }) => [js, allFrames]));";
    assert_eq!(
        ask(&case, registered, Vec::new()).await,
        json!([[["walker.js", "frame.js"], true]])
    );
    let script = "return chrome.permissions.remove({ origins: [arguments[0]] });";
    ask(&case, script, vec![json!(FRAMES)]).await;
    until("the script is no longer registered", LIMIT, async || {
        Ok((ask(&case, registered, Vec::new()).await == json!([])).then_some(()))
    })
    .await
    .unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_says_whose_it_is_and_shows_what_it_is_told() {
    let extension = with_background(Family::Chromium, EAR);
    let case = beside_the_portal(Family::Chromium, Build::TopDocument, &extension).await;
    let boxes = |ticked: bool| {
        let check = |key: &str, label: &str, checked: bool, disabled: bool| {
            json!({
                "type": "check", "key": key, "field": "target", "value": key, "label": label, "checked": checked,
                "disabled": disabled,
            })
        };
        let nodes = [
            check("website", "Contoso Website", ticked, false),
            check(
                "shop",
                "Contoso Shop, which others may download already",
                true,
                true,
            ),
        ];
        json!({ "kind": "show", "surface": {
            "language": "en", "title": "Boxes", "status": "", "live": false, "fold": "", "unfold": "", "nodes": nodes,
        } })
    };
    let driver = case.browser.driver();
    hear(&case, "page", "where it stands", |said| said["kind"] == "hello").await;
    converse(&case, "page", boxes(false)).await;
    let page = case.browser.page().await.unwrap();
    page.wait_for_text("Contoso Website").await.unwrap();
    case.browser
        .screenshot(&crate::look::picture("boxes.png"))
        .await
        .unwrap();
    let all = driver.find_all(thirtyfour::By::Css(".check")).await.unwrap();
    for label in all {
        label.click().await.unwrap();
    }
    let said = hear(&case, "page", "what was ticked", |said| said["kind"] == "choose").await;
    assert_eq!(
        said,
        json!({ "kind": "choose", "field": "target", "value": "website" })
    );
    assert!(converse(&case, "page", boxes(false)).await.is_empty());
    let ticked =
        "return [...document.querySelectorAll('.check input')].map(each => [each.checked, each.disabled]);";
    for is_ticked in [false, true] {
        converse(&case, "page", boxes(is_ticked)).await;
        until("the boxes are as they were told to be", LIMIT, async || {
            let now = ask(&case, ticked, Vec::new()).await;
            Ok((now == json!([[is_ticked, false], [true, true]])).then_some(()))
        })
        .await
        .unwrap();
    }
    case.end().await;
}
