//! The built extension in Chromium, used as a person uses it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use browser_tests::{Browser, Family, expected_files};
use simulator::{Page, Settings, Simulator};

#[tokio::test(flavor = "multi_thread")]
async fn first() {
    let simulator = Simulator::start(Settings::fast()).await.unwrap();
    let browser = Browser::start(Family::Chromium, &simulator).await.unwrap();
    browser.open(&simulator.portal_url(Page::Invoices)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    println!("{:?}", browser.console_errors().await.unwrap());
    println!("dock {:?}", browser.has_dock().await);
    browser
        .screenshot(std::path::Path::new("/tmp/shot-0.png"))
        .await
        .unwrap();
    println!("bg {:?}", browser.background_is_running().await);
    for r in simulator.requests() {
        if r.host.contains("management") {
            println!("{:?} {} {}", r.from, r.path, r.status);
        }
    }
    let dock = match browser.dock().await {
        Ok(d) => d,
        Err(e) => {
            println!("{e}");
            return;
        }
    };
    let shot = |name: &str| std::path::PathBuf::from(format!("/tmp/shot-{name}.png"));
    browser.screenshot(&shot("1")).await.unwrap();
    println!("{}", dock.text().await.unwrap());
    dock.click("Download all invoices").await.unwrap();
    browser.screenshot(&shot("2")).await.unwrap();
    let r = dock.wait_for_status("saved").await;
    browser.screenshot(&shot("3")).await.unwrap();
    println!("{:?} {}", r.is_ok(), dock.text().await.unwrap());
    println!("{:?}", browser.console_errors().await.unwrap());
    println!("{:?}", simulator.violations());
    let _ = expected_files;
    for (k, v) in browser.downloaded_files().unwrap() {
        println!("{k} {}", v.len());
    }
}
