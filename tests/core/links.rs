//! Invariant 1: the bearer goes to listed methods and paths of Resource Manager, and nowhere else.

use portal_invoices::azure::{ArmRequest, Cloud, LinkRefused, SasUrl};
use proptest::prelude::*;

const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-3333-4444-555555555555";
const INVOICES: &str = "/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/11111111-2222-3333-4444-555555555555/invoices";

fn get(link: &str) -> Result<String, LinkRefused> {
    ArmRequest::get(link, Cloud::Public).map(|request| request.url().to_owned())
}

fn post(link: &str) -> Result<String, LinkRefused> {
    ArmRequest::post(link, Cloud::Public).map(|request| request.url().to_owned())
}

#[test]
fn what_the_product_reads_is_listed() {
    for path in [
        "/subscriptions?api-version=2022-12-01",
        "/tenants?api-version=2022-12-01",
        INVOICES,
        "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01",
        "/providers/Microsoft.Billing/billingAccounts/6575495/operationResults/invoiceDownload_1?t=1&c=2&s=3&h=4",
        &format!("{SUBSCRIPTION}/providers/Microsoft.Billing/billingProperty/default"),
        &format!("{SUBSCRIPTION}/providers/Microsoft.Consumption/usageDetails"),
        &format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/permissions"),
        &format!("{SUBSCRIPTION}/providers/Microsoft.CostManagement/costDetailsOperationResults/1"),
        "/providers/Microsoft.Billing/billingAccounts/1/providers/Microsoft.CostManagement/x",
    ] {
        assert_eq!(get(path).unwrap(), format!("https://management.azure.com{path}"));
    }
}

#[test]
fn what_the_product_prepares_is_listed() {
    for path in [
        format!("{INVOICES}/E0123/download?api-version=2024-04-01&documentName=1"),
        "/providers/Microsoft.Billing/billingAccounts/6575495/invoices/EA1/downloadSummary".to_owned(),
        "/providers/Microsoft.Billing/billingAccounts/6575495/invoices/EA1/transactionsDownload".to_owned(),
        "/providers/Microsoft.Billing/billingAccounts/a:b_2019-05-31/downloadDocuments".to_owned(),
        format!("{SUBSCRIPTION}/providers/Microsoft.CostManagement/generateCostDetailsReport"),
        "/providers/Microsoft.Billing/billingAccounts/a%3Ab_2019-05-31/billingProfiles/P1/providers/Microsoft.CostManagement/generateCostDetailsReport"
            .to_owned(),
    ] {
        assert!(post(&path).is_ok(), "{path}");
    }
}

#[test]
fn anything_else_is_refused_before_a_request_exists() {
    let cases = [
        ("/subscriptions/1/resourceGroups/x", LinkRefused::NotListed),
        (
            "/providers/Microsoft.Compute/virtualMachines",
            LinkRefused::NotListed,
        ),
        (
            "/providers/Microsoft.Billing/x/providers/Microsoft.Compute/y",
            LinkRefused::NotListed,
        ),
        ("/batch?api-version=2020-06-01", LinkRefused::NotListed),
        (
            "http://management.azure.com/subscriptions",
            LinkRefused::ForeignHost,
        ),
        (
            "https://management.azure.com.evil.example/subscriptions",
            LinkRefused::ForeignHost,
        ),
        (
            "https://management.azure.com@evil.example/subscriptions",
            LinkRefused::ForeignHost,
        ),
        (
            "https://user@management.azure.com/subscriptions",
            LinkRefused::ForeignHost,
        ),
        (
            "https://management.azure.com:8443/subscriptions",
            LinkRefused::ForeignHost,
        ),
        (
            "https://billing-preview.windowsazure.com/subscriptions",
            LinkRefused::ForeignHost,
        ),
        ("https://management.azure.com", LinkRefused::ForeignHost),
        ("//evil.example/subscriptions", LinkRefused::ForeignHost),
        ("javascript:alert(1)", LinkRefused::ForeignHost),
        (
            "https://management.azure.com\\@evil.example/",
            LinkRefused::Characters,
        ),
        ("/subscriptions#x", LinkRefused::Characters),
        (
            "https://mаnagement.azure.com/subscriptions",
            LinkRefused::Characters,
        ),
        ("/subscriptions\r\nHost: evil.example", LinkRefused::Characters),
        (
            "/providers/Microsoft.Billing/../../subscriptions",
            LinkRefused::Path,
        ),
        ("/providers/Microsoft.Billing/%2e%2e/x", LinkRefused::Path),
        ("/providers/Microsoft.Billing%2F..%2Fx", LinkRefused::Path),
        ("/providers//Microsoft.Billing/x", LinkRefused::Path),
        (
            "/providers/Microsoft.Billing/billingAccounts/1/%70roviders/Microsoft.Compute/invoices/1/download",
            LinkRefused::Path,
        ),
        ("/providers/Microsoft.Billing/%0a", LinkRefused::Path),
        ("/providers/Microsoft.Billing/%zz", LinkRefused::Path),
        ("/providers/Microsoft.Billing/x%", LinkRefused::Path),
        ("/providers/Microsoft.Billing/x%+a", LinkRefused::Path),
    ];
    for (link, reason) in cases {
        assert_eq!(get(link), Err(reason), "{link}");
        assert!(post(link).is_err(), "{link}");
    }
}

#[test]
fn a_poisoned_document_link_cannot_make_us_post_another_action() {
    for path in [
        INVOICES.to_owned(),
        format!("{SUBSCRIPTION}/providers/Microsoft.Billing/cancel"),
        "/providers/Microsoft.Billing/billingAccounts/1/policies/default".to_owned(),
        "/providers/Microsoft.Billing/billingAccounts/1/invoices/G1/initiateRefund".to_owned(),
        "/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.Subscription/cancel"
            .to_owned(),
        "/providers/Microsoft.Billing/invoices/x/providers/Microsoft.Compute/invoices/x/download".to_owned(),
        format!("{SUBSCRIPTION}/providers/Microsoft.Billing/generateCostDetailsReport"),
        format!(
            "{SUBSCRIPTION}/providers/Microsoft.Compute/disks/1/providers/Microsoft.CostManagement/generateCostDetailsReport"
        ),
    ] {
        assert_eq!(post(&path), Err(LinkRefused::NotListed), "{path}");
    }
}

#[test]
fn links_are_followed_byte_for_byte_but_for_spaces() {
    let recorded = format!("{INVOICES}?periodStartDate=2000-01-01 00:00:00Z&$skiptoken=abc%3D%3D");
    let followed = recorded.replace(' ', "%20");
    assert_eq!(
        get(&recorded).unwrap(),
        format!("https://management.azure.com{followed}")
    );
    let with_port = format!("https://management.azure.com:443{INVOICES}");
    assert_eq!(
        get(&with_port).unwrap(),
        format!("https://management.azure.com{INVOICES}")
    );
    let raw_colon = "/providers/Microsoft.Billing/billingAccounts/a:b_2019-05-31/invoices";
    assert_eq!(
        get(raw_colon).unwrap(),
        format!("https://management.azure.com{raw_colon}")
    );
}

#[test]
fn signed_addresses_are_https_in_blob_storage_only() {
    let read = |address: &str| SasUrl::read(address, Cloud::Public).is_ok();
    assert!(read(
        "https://billingrppub.blob.core.windows.net/invoices/1.pdf?sig=x"
    ));
    for address in [
        "http://billingrppub.blob.core.windows.net/invoices/1.pdf",
        "https://blob.core.windows.net/x",
        "https://evil.example/x.blob.core.windows.net/",
        "https://a.b.blob.core.windows.net/x",
        "https://x@billingrppub.blob.core.windows.net/",
        "https://billingrppub.blob.core.windows.net:8443/",
        "https://billingrppub.blob.core.windows.net.evil.example/x",
        "https://management.azure.com/subscriptions",
        "data:application/pdf;base64,AAAA",
    ] {
        assert!(!read(address), "{address}");
    }
}

proptest! {
    /// Whatever the link, a request that exists goes to Resource Manager over https.
    #[test]
    fn no_link_leads_elsewhere(link in "\\PC{0,60}") {
        for request in [ArmRequest::get(&link, Cloud::Public), ArmRequest::post(&link, Cloud::Public)].into_iter().flatten() {
            prop_assert!(request.url().starts_with("https://management.azure.com/"));
        }
    }

    /// The same for links that nearly are right.
    #[test]
    fn no_nearly_right_link_leads_elsewhere(
        scheme in prop::sample::select(vec!["https://", "http://", "//", "/", ""]),
        user in prop::sample::select(vec!["", "x@", "management.azure.com@", "x:y@"]),
        host in prop::sample::select(vec!["management.azure.com", "management.azure.com.", "evil.example", ""]),
        port in prop::sample::select(vec!["", ":443", ":80", ":0443"]),
        path in prop::sample::select(vec!["/subscriptions", "/tenants", "/providers/Microsoft.Billing/x", "/..", "\\"]),
    ) {
        let link = format!("{scheme}{user}{host}{port}{path}");
        if let Ok(request) = ArmRequest::get(&link, Cloud::Public) {
            prop_assert!(request.url().starts_with("https://management.azure.com/"));
            prop_assert!(user.is_empty() && host != "evil.example");
        }
    }
}
