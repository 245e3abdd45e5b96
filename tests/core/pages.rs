//! Which portal addresses are about billing.

use portal_invoices::azure::Cloud;
use portal_invoices::portal::{Page, page_of};

#[test]
fn routes_are_read_by_the_names_in_them() {
    let cases = [
        ("", Page::Other),
        ("#home", Page::Other),
        (
            "#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices",
            Page::Invoices,
        ),
        (
            "#blade/Microsoft_Azure_GTM/ModernBillingMenuBlade/Invoices",
            Page::Invoices,
        ),
        (
            "#@contoso.example/blade/Microsoft_Azure_Billing/ModernBillingMenuBlade/Overview",
            Page::Billing,
        ),
        (
            "?feature.msaljs=true&l=en.en-us#view/Microsoft_Azure_Billing/SubscriptionsBladeV2",
            Page::Billing,
        ),
        (
            "#view/Microsoft_Azure_GTM/Billing.MenuView/~/overview/scopeId/%2Fproviders%2FMicrosoft.Billing",
            Page::Billing,
        ),
        (
            "#view/Microsoft_Azure_GTM/InvoiceDetailsBlade/invoiceId/G0/scopeId/%252Fproviders",
            Page::Invoices,
        ),
        (
            "#view/Microsoft_Azure_CostManagement/Menu/~/overview/openedBy/AzurePortal",
            Page::Costs,
        ),
        (
            "#@aaaaaaaa-0000-4000-8000-000000000001/resource/subscriptions/1-2/billinginvoices",
            Page::Invoices,
        ),
        (
            "#@contoso.example/resource/subscriptions/1-2/overview",
            Page::Billing,
        ),
        ("#@contoso.example/resource/subscriptions/1-2", Page::Billing),
        (
            "#@contoso.example/resource/subscriptions/1-2/resourceGroups/x/providers/Microsoft.Compute/y",
            Page::Other,
        ),
        ("#view/Microsoft_Azure_Compute/VirtualMachines", Page::Other),
        ("#view/Microsoft_Azure_GTM", Page::Billing),
        ("#create/Invoices.Something", Page::Other),
        ("#%%%/view", Page::Other),
        ("#@contoso.example", Page::Other),
    ];
    for (route, page) in cases {
        for host in [
            "portal.azure.com",
            "ms.portal.azure.com",
            "preview.portal.azure.com",
        ] {
            let address = format!("https://{host}/{route}");
            assert_eq!(page_of(&address), Some((Cloud::Public, page)), "{address}");
        }
    }
}

#[test]
fn other_sites_are_no_portal() {
    for address in [
        "https://portal.azure.com.evil.example/#view/Microsoft_Azure_GTM/x",
        "http://portal.azure.com/#view/Microsoft_Azure_GTM/x",
        "https://evil.example/portal.azure.com",
        "about:blank",
        "",
    ] {
        assert_eq!(page_of(address), None, "{address}");
    }
    assert_eq!(
        page_of("https://portal.azure.us/#home"),
        Some((Cloud::UsGovernment, Page::Other))
    );
}
