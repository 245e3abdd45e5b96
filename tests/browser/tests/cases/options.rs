//! The page of options, and what it changes.
//! Must not know: every option; the core's own tests go through them.

use browser_tests::{Browser, Family, Launch, Surface};

use crate::case::{Case, DOWNLOAD_ALL, SAVED};
use crate::look::picture;

const STANDARD: &str = "Azure invoices/2026/2026-03-09 Contoso Production G004567123 Invoice.pdf";

/// The page of options in a tab of its own: in Firefox as the dock opens it; Chromium's driver sees no page that an
/// extension opened.
async fn opened(browser: &Browser) -> Surface<'_> {
    match browser.family() {
        Family::Chromium => {
            let page = browser.extension_page("options.html").await.unwrap();
            browser.open_tab(&page).await.unwrap();
        }
        Family::Firefox => {
            browser.dock().await.unwrap().click("Options").await.unwrap();
            browser.go_to_tab(1).await.unwrap();
        }
    }
    browser.page().await.unwrap()
}

async fn a_pattern_names_the_next_run_and_renames_nothing(family: Family) {
    let case = Case::launched("pay-as-you-go", Launch::new(family)).await;
    let dock = case.open_invoices().await;
    let options = opened(&case.browser).await;
    options.wait_for_text(STANDARD).await.unwrap();
    options.fill("Pattern", "{subscription}/{inv").await.unwrap();
    let problem = options.wait_for_status("not closed").await.unwrap();
    assert!(options.text().await.unwrap().contains(&problem));
    options
        .fill("Pattern", "{subscription}/{date} {invoice} {kind}")
        .await
        .unwrap();
    options
        .wait_for_text("Azure invoices/Contoso Production/2026-03-09 G004567123 Invoice.pdf")
        .await
        .unwrap();
    case.browser.close_tab().await.unwrap();

    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    let saved = case.saved();
    let (mut contents, mut expected): (Vec<_>, Vec<_>) = (
        saved.values().cloned().collect(),
        case.expected().into_values().collect(),
    );
    contents.sort();
    expected.sort();
    assert!(contents == expected, "other documents");
    for path in saved.keys() {
        let parts: Vec<&str> = path.split('/').collect();
        let [_, subscription, name] = parts.as_slice() else {
            panic!("{path} lies elsewhere");
        };
        assert!(name.ends_with(".pdf") && !name.contains(subscription), "{path}");
    }

    let options = opened(&case.browser).await;
    options.click("Reset").await.unwrap();
    options.wait_for_text(STANDARD).await.unwrap();
    case.browser.close_tab().await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status("Nothing new").await.unwrap();
    assert!(case.saved() == saved);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_of_the_persons_own_names_the_next_run() {
    a_pattern_names_the_next_run_and_renames_nothing(Family::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_of_the_persons_own_names_the_next_run_in_firefox_too() {
    a_pattern_names_the_next_run_and_renames_nothing(Family::Firefox).await;
}

/// In Firefox, whose driver can give leave where a person would be asked.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_allows_it_is_notified_at_the_end_of_a_run() {
    let case = Case::launched("pay-as-you-go", Launch::new(Family::Firefox)).await;
    let dock = case.open_invoices().await;
    let options = opened(&case.browser).await;
    options.click("Notify me").await.unwrap();
    options
        .wait_for_text("a click on the notification shows the files")
        .await
        .unwrap();
    // Without a screen a notification is closed before it is shown.
    let listen = "for (const event of ['onShown', 'onClosed'])
        browser.notifications[event].addListener(() => { document.body.dataset.notified = 'yes'; });";
    let driver = case.browser.driver();
    driver.execute(listen, Vec::new()).await.unwrap();
    case.browser.go_to_tab(0).await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_status(SAVED).await.unwrap();
    case.browser.go_to_tab(1).await.unwrap();
    let notified = options.until("there was a notification", async || {
        let script = "return document.body.dataset.notified === 'yes';";
        let was: bool = driver.execute(script, Vec::new()).await?.convert()?;
        Ok(was.then_some(()))
    });
    notified.await.unwrap();
    options.click("Stop notifying").await.unwrap();
    options
        .wait_for_text("It asks for your permission first")
        .await
        .unwrap();
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dock_and_popup_lead_to_the_options() {
    let case = Case::new("pay-as-you-go").await;
    let dock = case.open_invoices().await;
    dock.click("Options").await.unwrap();
    let popup = case.browser.open_popup().await.unwrap();
    let script =
        "return chrome.tabs.query({ url: chrome.runtime.getURL('options.html') }).then(tabs => tabs.length);";
    let open = popup.until("the options are open", async || {
        let tabs = case.browser.driver().execute(script, Vec::new()).await?;
        Ok((tabs.convert::<usize>()? == 1).then_some(()))
    });
    open.await.unwrap();
    assert!(popup.offers("Options").await.unwrap());
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn options_in_light_dark_and_narrow() {
    for (dark, window, name) in [
        (false, (1000, 1500), "options-light"),
        (true, (1000, 1500), "options-dark"),
        (false, (500, 1700), "options-narrow"),
    ] {
        let launch = Launch {
            dark,
            window,
            ..Launch::new(Family::Chromium)
        };
        let case = Case::launched("pay-as-you-go", launch).await;
        case.open_invoices().await;
        let options = opened(&case.browser).await;
        options.wait_for_text(STANDARD).await.unwrap();
        let shoot = async |name: String| case.browser.screenshot(&picture(&name)).await.unwrap();
        shoot(format!("{name}.png")).await;
        options.click("Placeholders").await.unwrap();
        options.fill("Pattern", "{year}/{mouth}").await.unwrap();
        options.wait_for_status("no placeholder {mouth}").await.unwrap();
        shoot(format!("{name}-problem.png")).await;
        options.choose("Language", "Latviešu").await.unwrap();
        options.wait_for_text("Failu nosaukumi").await.unwrap();
        shoot(format!("{name}-latvian.png")).await;
        let script =
            "return [...document.body.querySelectorAll('*')].filter(each => !each.closest('.status'))
            .every(each => each.scrollWidth <= each.clientWidth + 1
                || getComputedStyle(each).display === 'inline' || each.localName === 'input')
            && document.documentElement.scrollWidth <= innerWidth;";
        let answer = case.browser.driver().execute(script, Vec::new()).await.unwrap();
        assert!(answer.convert::<bool>().unwrap(), "something is cut off");
        case.end().await;
    }
}
