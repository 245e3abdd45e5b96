//! Which role one holds, why an invoice is not available, whom to ask: where a person meets it.
//! Must not know: how hints are found out.

use browser_tests::{Family, Launch};
use simulator::Page;

use crate::case::Case;
use crate::look::picture;

#[tokio::test(flavor = "multi_thread")]
async fn first_look() {
    for (page, name) in [
        (Page::Subscriptions, "hints-subscriptions.png"),
        (Page::Invoices, "hints-invoices.png"),
    ] {
        let launch = Launch {
            window: (1700, 1100),
            ..Launch::new(Family::Chromium)
        };
        let case = Case::launched("roles", launch).await;
        case.open(page).await;
        let dock = case.browser.dock().await.unwrap();
        dock.wait_for_text("Your access").await.unwrap();
        dock.wait_for_text("Check again").await.unwrap();
        case.browser.screenshot(&picture(name)).await.unwrap();
        for request in case
            .simulator
            .requests()
            .iter()
            .filter(|request| request.from == simulator::Sender::Extension)
        {
            println!("{} {} {}", request.method, request.path, request.status);
        }
        case.end().await;
    }
}
#[tokio::test(flavor = "multi_thread")]
async fn debug_rows() {
    let case = Case::new("roles").await;
    case.open(Page::Subscriptions).await;
    let dock = case.browser.dock().await.unwrap();
    dock.wait_for_text("Check again").await.unwrap();
    let script = "return [document.querySelectorAll('[role=grid] [role=row]').length, document.querySelectorAll('portal-invoices-mark').length, document.querySelectorAll('[role=gridcell]').length, document.body.dataset.dbg]";
    let answer = case.browser.driver().execute(script, Vec::new()).await.unwrap();
    println!("{:?}", answer.json());
    println!("{:?}", case.browser.console_errors().await);
    case.end().await;
}
