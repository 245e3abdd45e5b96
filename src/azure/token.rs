//! The bearer token of the portal's own session: who it stands for, and whether it may be used.
//! Must not know: how it was seen, or which tab it came from.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::mention::mentions;

use super::cloud::Cloud;
use super::json::{self, given, text};

/// Tokens that end sooner than this are not taken: a request must be able to finish.
const SHORTEST_REST: Duration = Duration::seconds(60);
/// The directory of personal Microsoft accounts.
const PERSONAL_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// How far a person's clock may be off before `nbf` is believed.
const CLOCK_SKEW: Duration = Duration::minutes(10);

/// Whose session it is: a person in a directory of a cloud. Runs, journal and history belong to one identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Identity {
    /// The cloud that issued the token.
    pub cloud: Cloud,
    /// Directory (Entra tenant) id, lower case.
    pub tenant_id: String,
    /// The person's object id in that directory, lower case.
    pub object_id: String,
}

impl Identity {
    /// Reads an identity as it is stored.
    pub fn read(stored: &Value) -> Option<Identity> {
        Some(Identity {
            cloud: Cloud::read(text(stored, "cloud"))?,
            tenant_id: given(stored, "tenant_id")?,
            object_id: given(stored, "object_id")?,
        })
    }

    /// A short stable text for storage keys.
    pub fn storage_key(&self) -> String {
        let cloud = self.cloud.as_str();
        format!("{cloud}.{}.{}", self.tenant_id, self.object_id)
    }
}

/// How the acting account is shown to its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose session it is.
    pub identity: Identity,
    /// Display name; falls back to the sign-in name.
    pub name: String,
    /// Sign-in name, usually an e-mail address; may be empty.
    pub sign_in_name: String,
    /// Whether it is a guest in the directory.
    pub is_guest: bool,
    /// Whether it is a personal Microsoft account.
    pub is_personal: bool,
}

/// Why a token was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// Not `Bearer` followed by three base64url parts with a JSON object in the middle.
    #[error("not a bearer token of the known form")]
    Malformed,
    /// Meant for another service than Azure Resource Manager.
    #[error("issued for another service")]
    OtherAudience,
    /// Ended, or ends within a minute.
    #[error("expired")]
    Expired,
    /// Not valid yet, beyond any clock difference.
    #[error("not valid yet")]
    NotYetValid,
    /// Does not say which person and directory it stands for.
    #[error("does not name its person and directory")]
    Nameless,
    /// Bound to a key that only the portal holds (`cnf`), so it cannot be lent.
    #[error("bound to the portal")]
    Bound,
    /// Azure has refused this very token before.
    #[error("refused by Azure before")]
    RefusedBefore,
}

/// A bearer token for Azure Resource Manager, checked.
///
/// Neither printable nor serialisable. The signature is not verified: Azure does that, and nothing here is granted
/// on the token's word.
pub struct AccessToken {
    secret: String,
    account: Account,
    expires: OffsetDateTime,
}

impl AccessToken {
    /// Reads and checks a token, given with or without the `Bearer ` prefix.
    pub fn read(header: &str, cloud: Cloud, now: OffsetDateTime) -> Result<AccessToken, TokenRefused> {
        let secret = bearer_part(header).ok_or(TokenRefused::Malformed)?;
        let claims = claims_of(secret).ok_or(TokenRefused::Malformed)?;
        if !cloud
            .arm_audiences()
            .contains(&text(&claims, "aud").trim_end_matches('/'))
        {
            return Err(TokenRefused::OtherAudience);
        }
        let expires = moment(&claims, "exp").ok_or(TokenRefused::Malformed)?;
        if expires < now + SHORTEST_REST {
            return Err(TokenRefused::Expired);
        }
        if moment(&claims, "nbf").is_some_and(|from| from > now + CLOCK_SKEW) {
            return Err(TokenRefused::NotYetValid);
        }
        if claims.get("cnf").is_some() {
            return Err(TokenRefused::Bound);
        }
        let (Some(tenant_id), Some(object_id)) = (guid(text(&claims, "tid")), guid(text(&claims, "oid")))
        else {
            return Err(TokenRefused::Nameless);
        };
        let sign_in_name = ["upn", "preferred_username", "unique_name", "email"]
            .into_iter()
            .find_map(|claim| given(&claims, claim))
            .unwrap_or_default();
        // Whoever was signed in by another directory, or by Microsoft's service for personal accounts (claim `idp`).
        let provider = text(&claims, "idp");
        let is_personal = mentions(provider, "live.com") || mentions(provider, PERSONAL_ACCOUNTS);
        let is_guest = mentions(&sign_in_name, "#EXT#")
            || !provider.is_empty() && !is_personal && !mentions(provider, &tenant_id);
        // Personal accounts carry their provider in front: `live.com#ilze@example.com`.
        let sign_in_name = match sign_in_name.split_once('#') {
            Some(("live.com", address)) => address.to_owned(),
            _ => sign_in_name,
        };
        let name = text(&claims, "name").trim();
        let name = if name.is_empty() {
            sign_in_name.clone()
        } else {
            name.to_owned()
        };
        let account = Account {
            identity: Identity {
                cloud,
                tenant_id,
                object_id,
            },
            name,
            sign_in_name,
            is_guest,
            is_personal,
        };
        Ok(AccessToken {
            secret: secret.to_owned(),
            account,
            expires,
        })
    }

    /// The token itself, for the `Authorization` header and nothing else.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Whose session it is, as its owner knows it.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Whose session it is.
    pub fn identity(&self) -> &Identity {
        &self.account.identity
    }

    /// Whether a request sent now still has time to finish.
    pub fn is_fresh(&self, now: OffsetDateTime) -> bool {
        self.expires >= now + SHORTEST_REST
    }

    /// When it ends.
    pub(super) fn expires(&self) -> OffsetDateTime {
        self.expires
    }
}

pub(super) fn bearer_part(header: &str) -> Option<&str> {
    let header = header.trim();
    match header.split_once(' ') {
        None => Some(header),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim_start()),
        Some(_) => None,
    }
}

fn claims_of(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let base64url = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if parts.next().is_some() || ![header, payload, signature].into_iter().all(base64url) {
        return None;
    }
    let claims = json::parse(&Base64UrlUnpadded::decode_vec(payload).ok()?);
    claims.is_object().then_some(claims)
}

/// A claim in seconds since 1970.
fn moment(claims: &Value, claim: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(claims.get(claim)?.as_f64()? as i64).ok()
}

fn guid(claim: &str) -> Option<String> {
    let claim = claim.to_ascii_lowercase();
    let shape = [8, 4, 4, 4, 12];
    let fits = claim.split('-').count() == shape.len()
        && claim
            .split('-')
            .zip(shape)
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    fits.then_some(claim)
}
