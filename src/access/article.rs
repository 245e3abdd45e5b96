//! Microsoft's articles that hints refer to.
//! Must not know: which hint refers to which.

/// An article of Microsoft's documentation of Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Article {
    /// How to download an invoice, and why there may be none.
    DownloadInvoice,
    /// Who may see billing of a pay-as-you-go subscription, and how others are let in.
    BillingAccess,
    /// Roles of a Microsoft Customer Agreement.
    CustomerAgreementRoles,
    /// Roles of an Enterprise Agreement.
    EnterpriseRoles,
    /// What partners' customers see.
    PartnerAgreement,
    /// How to switch directories.
    SwitchDirectory,
}

impl Article {
    /// Its address in a language, by the code that Microsoft's documentation uses, such as `de-de`.
    pub fn address(self, locale: &str) -> String {
        let path = match self {
            Article::DownloadInvoice => "cost-management-billing/understand/download-azure-invoice",
            Article::BillingAccess => "cost-management-billing/manage/manage-billing-access",
            Article::CustomerAgreementRoles => "cost-management-billing/manage/understand-mca-roles",
            Article::EnterpriseRoles => "cost-management-billing/manage/understand-ea-roles",
            Article::PartnerAgreement => "cost-management-billing/understand/mpa-overview",
            Article::SwitchDirectory => "azure-portal/set-preferences",
        };
        format!("https://learn.microsoft.com/{locale}/azure/{path}")
    }
}
