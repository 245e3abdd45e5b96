//! Links that lead where a client must not follow: a good address becomes a bad one, alone or inside an answer.
//! It must not know who hands them out.

use serde::{Deserialize, Serialize};

use crate::hosts;

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum Poison {
    /// It names another host.
    ForeignHost,
    /// Its host is right, but it names an action, or a resource, that nobody asked for.
    OtherAction,
    /// It goes without TLS.
    Http,
    /// The right host stands before an `@`, another one behind it.
    HostAsUserInfo,
    /// A user stands before the right host.
    UserInfo,
    /// A backslash hides the other host from those who read addresses by the older rules.
    Backslash,
    /// The host looks like the right one: a letter of it is Cyrillic.
    LookAlike,
}

impl Poison {
    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::ForeignHost,
        Self::OtherAction,
        Self::Http,
        Self::HostAsUserInfo,
        Self::UserInfo,
        Self::Backslash,
        Self::LookAlike,
    ];

    /// A good `https:` address, spoiled.
    pub(crate) fn spoil(self, address: &str) -> String {
        let rest = address.strip_prefix("https://").unwrap_or(address);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let foreign = hosts::FOREIGN;
        match self {
            Self::ForeignHost => format!("https://{foreign}/{path}"),
            Self::OtherAction => other_action(host, path),
            Self::Http => format!("http://{host}/{path}"),
            Self::HostAsUserInfo => format!("https://{host}@{foreign}/{path}"),
            Self::UserInfo => format!("https://user@{host}/{path}"),
            Self::Backslash => format!("https://{foreign}\\@{host}/{path}"),
            Self::LookAlike => format!("https://{}/{path}", host.replacen('a', "\u{430}", 1)),
        }
    }

    /// The same for a header, which takes no letter beyond ASCII.
    pub(crate) fn spoil_in_header(self, address: &str) -> String {
        let look_alike = hosts::ARM.replacen('a', "\u{430}", 1);
        self.spoil(address).replacen(&look_alike, hosts::LOOK_ALIKE, 1)
    }
}

/// Another action on the same invoice, or else a resource that has nothing to do with billing.
fn other_action(host: &str, rest: &str) -> String {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    match path.rsplit_once('/') {
        Some((invoice, "download" | "downloadSummary" | "transactionsDownload")) => {
            format!("https://{host}/{invoice}/initiateRefund?{query}")
        }
        _ => format!(
            "https://{host}/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups?api-version=2021-04-01"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_poison_keeps_the_address_and_breaks_one_thing() {
        let good = "https://management.azure.com/providers/a/invoices/E1/download?documentName=1";
        let spoiled: Vec<String> = Poison::ALL.iter().map(|poison| poison.spoil(good)).collect();
        assert_eq!(
            spoiled,
            [
                "https://storage.fabrikam.example/providers/a/invoices/E1/download?documentName=1",
                "https://management.azure.com/providers/a/invoices/E1/initiateRefund?documentName=1",
                "http://management.azure.com/providers/a/invoices/E1/download?documentName=1",
                "https://management.azure.com@storage.fabrikam.example/providers/a/invoices/E1/download?documentName=1",
                "https://user@management.azure.com/providers/a/invoices/E1/download?documentName=1",
                "https://storage.fabrikam.example\\@management.azure.com/providers/a/invoices/E1/download?documentName=1",
                "https://m\u{430}nagement.azure.com/providers/a/invoices/E1/download?documentName=1",
            ]
        );
        for poison in Poison::ALL {
            assert!(poison.spoil_in_header(good).is_ascii(), "{poison:?}");
        }
    }
}
