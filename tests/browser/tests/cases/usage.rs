//! Usage on disk: the files that the scenario says a faithful run ends with, and a reason for every other period.
//! Must not know: which requests are sent for it.

use std::collections::BTreeMap;

use browser_tests::{Family, Launch, expected_files, last_twelve_months};
use serde_json::Value;
use simulator::{ExpectedUsage, UsageOutcome};
use time::Date;

use crate::case::{Case, DOWNLOAD_ALL, assert_same};
use crate::look::picture;

const NOT_EVERYTHING: &str = "Not everything could be saved";
const BOTH: &str = "Also the daily usage of each billing period";

/// What is expected of the usage of these invoice dates, with the path of its file.
fn expected(case: &Case, from: Date, to: Date) -> Vec<(String, ExpectedUsage)> {
    let dates: BTreeMap<String, Date> = case
        .simulator
        .expected_documents(from, to)
        .into_iter()
        .map(|document| (document.invoice, document.invoice_date))
        .collect();
    let usage = case.simulator.expected_usage(from, to).into_iter();
    usage
        .map(|usage| {
            let invoice = &usage.invoices[0];
            let (date, billed_to) = (dates[invoice], &usage.billed_to);
            let name = format!("{date} {billed_to} {invoice} Usage.csv");
            (format!("Azure invoices/{}/usage/{name}", date.year()), usage)
        })
        .collect()
}

/// How many of them end so.
fn count(all: &[(String, ExpectedUsage)], ends: fn(&UsageOutcome) -> bool) -> usize {
    all.iter().filter(|(_, usage)| ends(&usage.outcome)).count()
}

fn is_file(outcome: &UsageOutcome) -> bool {
    matches!(outcome, UsageOutcome::Table { .. } | UsageOutcome::Details { .. })
}

/// The disk holds exactly the files of these periods.
fn assert_usage_saved(case: &Case, expected: &[(String, ExpectedUsage)]) {
    let saved = case.saved_usage();
    let mut paths: Vec<&String> = expected
        .iter()
        .filter(|(_, usage)| is_file(&usage.outcome))
        .map(|(path, _)| path)
        .collect();
    paths.sort();
    assert_eq!(saved.keys().collect::<Vec<_>>(), paths);
    for (path, usage) in expected {
        match &usage.outcome {
            UsageOutcome::Table { bytes, .. } => assert!(saved[path] == *bytes, "{path} has other bytes"),
            UsageOutcome::Details { items, .. } => assert_lines(path, &saved[path], items),
            _ => {}
        }
    }
}

/// A table of usage details tells every value of these lines.
fn assert_lines(path: &str, bytes: &[u8], items: &[Value]) {
    let text = std::str::from_utf8(bytes)
        .unwrap()
        .strip_prefix('\u{feff}')
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), items.len(), "{path}");
    for (row, item) in rows.iter().zip(items) {
        assert_eq!(row["lineId"], item["name"].as_str().unwrap());
        assert_eq!(row["otherFields"], "", "{path}");
        let tags: Value = serde_json::from_str(&row["tags"]).unwrap_or_default();
        assert_eq!(tags, item["tags"]);
        for (field, value) in item["properties"].as_object().unwrap() {
            let column = match field.as_str() {
                "usageStart" => "date",
                "usageQuantity" => "quantity",
                "pretaxCost" => "cost",
                "currency" => "billingCurrency",
                "subscriptionGuid" => "subscriptionId",
                "instanceId" => "resourceId",
                "instanceName" => "resourceName",
                "instanceLocation" => "resourceLocation",
                "meterDetails" => continue,
                field => field,
            };
            let told = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let is_day = [
                "date",
                "usageEnd",
                "billingPeriodStartDate",
                "billingPeriodEndDate",
            ];
            let told = match is_day.contains(&column) {
                true => told.chars().take(10).collect(),
                false => told,
            };
            assert_eq!(row[column], told, "{column} in {path}");
        }
    }
}

/// One press saves documents and usage; the status tells the rest.
async fn usage_is_saved_beside_the_documents(case: Case, from: Date, to: Date) -> Case {
    let dock = case.browser.dock().await.unwrap();
    dock.choose("What to save", BOTH).await.unwrap();
    dock.click(DOWNLOAD_ALL).await.unwrap();
    dock.wait_for_text("Usage: ").await.unwrap();
    let name = format!("usage-running-{:?}.png", case.browser.family());
    case.browser.screenshot(&picture(&name)).await.unwrap();
    let status = dock.wait_for_status(NOT_EVERYTHING).await.unwrap();
    case.browser
        .screenshot(&picture(&name.replace("running", "ended")))
        .await
        .unwrap();
    assert_same(
        &case.saved(),
        &expected_files(&case.simulator.expected_documents(from, to)),
    );
    let expected = expected(&case, from, to);
    assert_usage_saved(&case, &expected);
    for (words, ends) in [
        ("usage files were saved", is_file as fn(&UsageOutcome) -> bool),
        ("could not be saved", |outcome| {
            matches!(outcome, UsageOutcome::Failed(_))
        }),
        ("not available any more", |outcome| {
            *outcome == UsageOutcome::TooOld
        }),
        ("not visible to you", |outcome| *outcome == UsageOutcome::Refused),
        ("Nothing was used in", |outcome| {
            *outcome == UsageOutcome::NothingUsed
        }),
    ] {
        let count = count(&expected, ends);
        let sentence = status
            .split_inclusive(". ")
            .find(|sentence| sentence.contains(words));
        let is_told = sentence.is_some_and(|sentence| sentence.contains(&count.to_string()));
        assert!(
            is_told || count == 0 && sentence.is_none(),
            "{count} {words}: {status}"
        );
    }
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_of_every_agreement_lies_beside_its_invoices() {
    let case = Case::new("usage").await;
    let dock = case.open_invoices().await;
    let (_, to) = last_twelve_months();
    // Reports reach thirteen months back; these invoices reach further.
    let from = to.saturating_sub(time::Duration::days(450));
    dock.choose("Period", "Custom").await.unwrap();
    dock.fill("Invoices dated from", &from.to_string()).await.unwrap();
    dock.fill("to", &to.to_string()).await.unwrap();
    let case = usage_is_saved_beside_the_documents(case, from, to).await;
    let all = expected(&case, from, to);
    assert!(count(&all, |outcome| *outcome == UsageOutcome::TooOld) > 0);

    // What was saved is not asked for again; what may have changed is.
    let dock = case.browser.dock().await.unwrap();
    dock.click("Download usage").await.unwrap();
    let files = count(&all, is_file);
    dock.wait_for_status(&format!("{files} usage files were saved earlier"))
        .await
        .unwrap();
    assert_usage_saved(&case, &all);
    case.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_saved_in_firefox_too() {
    let case = Case::launched("usage", Launch::new(Family::Firefox)).await;
    case.open_invoices().await;
    let (from, to) = last_twelve_months();
    usage_is_saved_beside_the_documents(case, from, to)
        .await
        .end()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_that_lies_elsewhere_or_leads_astray_is_told_and_never_fetched() {
    let case = Case::new("usage").await;
    case.simulator.sign_in(1);
    let dock = case.open_invoices().await;
    dock.click("Download usage").await.unwrap();
    dock.wait_for_status(NOT_EVERYTHING).await.unwrap();
    let (from, to) = last_twelve_months();
    let mut all = expected(&case, from, to);
    // Two files at a storage account become one only where the extension may read.
    all.retain(|(_, usage)| usage.billed_to != "Fabrikam Baltics");
    assert_usage_saved(&case, &all);
    assert!(case.saved().is_empty(), "documents were not asked for");
    let failed = count(&all, |outcome| matches!(outcome, UsageOutcome::Failed(_)));
    let title = format!("The usage of {failed} billing periods could not be saved.");
    dock.click(&title).await.unwrap();
    for reason in [
        "2 documents lie at other hosts",
        "never asks",
        "could not be read",
    ] {
        dock.wait_for_text(reason).await.unwrap();
    }
    case.end().await;
}
