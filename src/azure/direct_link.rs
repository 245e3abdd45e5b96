//! An address on a host that the extension may not read: the browser itself saves what lies there, unseen by us.
//! Must not know: whether the person has agreed to that host, or how the browser saves.

use super::blob::SasUrl;
use super::link::LinkRefused;

/// A checked https address of another host, for the browser's downloads alone: never fetched by us, never with a
/// token. Neither printable nor serialisable: it may be signed.
pub struct DirectLink {
    address: String,
    host: String,
}

impl DirectLink {
    /// Checks the address of a document outside Azure: https, on the default port, without user info, its host a plain
    /// name. A name in another script must come in its ASCII form (`xn--…`), so that it is seen for what it is.
    ///
    /// # Errors
    /// Why the address is not followed.
    pub fn read(address: &str) -> Result<DirectLink, LinkRefused> {
        if address
            .bytes()
            .any(|byte| !byte.is_ascii_graphic() || byte == b'\\')
        {
            return Err(LinkRefused::Characters);
        }
        let rest = address
            .strip_prefix("https://")
            .ok_or(LinkRefused::NotPlainHttps)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority
            .strip_suffix(":443")
            .unwrap_or(authority)
            .to_ascii_lowercase();
        let labels: Vec<&str> = host.split('.').collect();
        let is_label = |label: &&str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // Browsers read a last label of digits, also of hexadecimal ones, as the address of a machine.
        let is_name = labels.len() > 1
            && labels.iter().all(is_label)
            && labels
                .last()
                .is_some_and(|last| last.starts_with(|first: char| first.is_ascii_alphabetic()));
        if !is_name {
            return Err(LinkRefused::NotPlainHttps);
        }
        Ok(DirectLink {
            address: address.to_owned(),
            host,
        })
    }

    /// The host, as the person is shown it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address itself, for the browser's downloads and nothing else.
    pub fn into_address(self) -> String {
        self.address
    }
}

impl From<SasUrl> for DirectLink {
    /// A signed address in a storage account that the extension was not granted.
    fn from(signed: SasUrl) -> DirectLink {
        DirectLink {
            host: signed.host().to_owned(),
            address: signed.into_address(),
        }
    }
}
