//! The Azure clouds and the hosts each of them consists of.
//! Must not know: which of these hosts the extension was granted.

use crate::spelling::spelled;

spelled! {
    /// One of the separate Azures; a session, a token and a run belong to exactly one.
    ///
    /// Hosts: Az PowerShell's `Get-AzEnvironment` and the Azure portal safelist article.
    pub enum Cloud {
        /// portal.azure.com and its preview hosts.
        Public = "public",
        /// Azure Government, portal.azure.us.
        UsGovernment = "us-government",
        /// Azure operated by 21Vianet, portal.azure.cn.
        China = "china",
    }
}

impl Cloud {
    /// The cloud whose portal has this web origin, for example `https://portal.azure.com`.
    pub fn of_portal_origin(origin: &str) -> Option<Cloud> {
        let host = origin.strip_prefix("https://")?;
        Cloud::ALL
            .iter()
            .copied()
            .find(|cloud| cloud.portal_hosts().contains(&host))
    }

    /// The cloud for which a portal-owned origin may speak: the portal itself, or one of the frames that its
    /// pages are built of.
    pub fn of_portal_or_frame_origin(origin: &str) -> Option<Cloud> {
        Cloud::of_portal_origin(origin).or_else(|| {
            let host = origin.strip_prefix("https://")?;
            host.ends_with(".portal.azure.net").then_some(Cloud::Public)
        })
    }

    /// Hosts of the portal; the first is the usual one.
    pub fn portal_hosts(self) -> &'static [&'static str] {
        match self {
            Cloud::Public => &[
                "portal.azure.com",
                "ms.portal.azure.com",
                "preview.portal.azure.com",
                "rc.portal.azure.com",
            ],
            Cloud::UsGovernment => &["portal.azure.us"],
            Cloud::China => &["portal.azure.cn"],
        }
    }

    /// The portal's page of invoices, by the route that Microsoft's own links use.
    pub fn invoices_page(self) -> String {
        let host = self.portal_hosts().first().copied().unwrap_or_default();
        format!("https://{host}/#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices")
    }

    /// The Azure Resource Manager host: the only one that may ever see a bearer token.
    pub fn arm_host(self) -> &'static str {
        match self {
            Cloud::Public => "management.azure.com",
            Cloud::UsGovernment => "management.usgovcloudapi.net",
            Cloud::China => "management.chinacloudapi.cn",
        }
    }

    /// What `aud` of a Resource Manager token may say, without the trailing slash.
    pub fn arm_audiences(self) -> &'static [&'static str] {
        match self {
            Cloud::Public => &[
                "https://management.core.windows.net",
                "https://management.azure.com",
                "797f4846-ba00-4fd7-ba43-dac1f8f63013",
            ],
            Cloud::UsGovernment => &[
                "https://management.core.usgovcloudapi.net",
                "https://management.usgovcloudapi.net",
            ],
            Cloud::China => &[
                "https://management.core.chinacloudapi.cn",
                "https://management.chinacloudapi.cn",
            ],
        }
    }

    /// The storage account that hands out prepared documents, where it is known: the one blob host that the extension
    /// is granted. Seen in recorded answers of the public cloud.
    pub fn invoice_storage(self) -> Option<&'static str> {
        match self {
            Cloud::Public => Some("billingrppub.blob.core.windows.net"),
            Cloud::UsGovernment | Cloud::China => None,
        }
    }

    /// Whether the person can let the extension read from a host: a storage account of the one cloud whose accounts the
    /// manifest lists as optional.
    pub fn is_grantable(self, host: &str) -> bool {
        self == Cloud::Public && host.ends_with(self.blob_suffix())
    }

    /// Suffix of every blob storage host, with its leading dot.
    pub fn blob_suffix(self) -> &'static str {
        match self {
            Cloud::Public => ".blob.core.windows.net",
            Cloud::UsGovernment => ".blob.core.usgovcloudapi.net",
            Cloud::China => ".blob.core.chinacloudapi.cn",
        }
    }
}
