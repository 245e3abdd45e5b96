//! Access tokens as the portal hands them out, and what Resource Manager thinks of one that it is shown.
//! It must not know what a token lets anybody see.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::draw::Draw;
use crate::scenario::PersonKind;
use crate::world::Person;

/// What a token's `aud` claim says.
pub(crate) const AUDIENCE: &str = "https://management.core.windows.net/";

/// Every token issued so far.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: HashMap<String, Issued>,
    serial: u64,
}

#[derive(Debug)]
struct Issued {
    person: usize,
    expires: OffsetDateTime,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Missing,
    Expired(OffsetDateTime),
    Unknown,
}

impl Tokens {
    /// Tokens of another scenario: those of this one are unknown there, and none of them is issued again, which nobody
    /// who was refused one could tell from it.
    pub(crate) fn anew(&self) -> Self {
        Self {
            serial: self.serial,
            ..Self::default()
        }
    }

    /// A new token of a person, good for `lifetime` from now.
    pub(crate) fn issue(
        &mut self,
        seed: u64,
        person: usize,
        of: &Person,
        now: OffsetDateTime,
        lifetime: Duration,
    ) -> String {
        self.serial += 1;
        let mut draw = Draw::new(seed, &format!("token {} {}", self.serial, of.object));
        let expires = now + lifetime;
        let key = "8xPa1Bz2c3d4E5f6G7h8I9j0K1l";
        let header = json!({"typ": "JWT", "alg": "RS256", "x5t": key, "kid": key});
        let mut claims = json!({
            "aud": AUDIENCE,
            "iss": format!("https://sts.windows.net/{}/", of.directory.tenant),
            "iat": now.unix_timestamp(),
            "nbf": now.unix_timestamp(),
            "exp": expires.unix_timestamp(),
            "acr": "1",
            "amr": ["pwd", "mfa"],
            "appid": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
            "appidacr": "2",
            "idtyp": "user",
            "name": of.name,
            "oid": of.object,
            "scp": "user_impersonation",
            "tid": of.directory.tenant,
            "uti": draw.guid(),
            "ver": "1.0",
        });
        if let (Some(claims), Some(named)) = (claims.as_object_mut(), naming(of).as_object_mut()) {
            claims.append(named);
        }
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let token = format!(
            "{}.{}.{}",
            part(header.to_string().as_bytes()),
            part(claims.to_string().as_bytes()),
            part(&draw.bytes(256))
        );
        // The claim has whole seconds, so has the refusal.
        let expires = expires.replace_nanosecond(0).unwrap_or(expires);
        self.issued.insert(token.clone(), Issued { person, expires });
        token
    }

    /// From now on all tokens issued so far are past their time.
    pub(crate) fn expire_all(&mut self, now: OffsetDateTime) {
        for issued in self.issued.values_mut() {
            issued.expires = issued.expires.min(now);
        }
    }

    /// From now on the token of this `Authorization` header is past its time.
    pub(crate) fn expire(&mut self, authorization: Option<&str>, now: OffsetDateTime) {
        let token = authorization.and_then(|value| value.split_once(' '));
        if let Some(issued) = token.and_then(|(_, token)| self.issued.get_mut(token.trim())) {
            issued.expires = issued.expires.min(now);
        }
    }

    /// Whose token an `Authorization` header carries.
    pub(crate) fn person(&self, authorization: Option<&str>, now: OffsetDateTime) -> Result<usize, Refusal> {
        let authorization = authorization.ok_or(Refusal::Missing)?;
        let (scheme, token) = authorization.split_once(' ').ok_or(Refusal::Unknown)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Unknown);
        }
        let issued = self.issued.get(token.trim()).ok_or(Refusal::Unknown)?;
        if issued.expires <= now {
            return Err(Refusal::Expired(issued.expires));
        }
        Ok(issued.person)
    }
}

/// The claims that say how somebody is called, and who vouches for that if it is not the directory itself.
fn naming(of: &Person) -> Value {
    match of.kind {
        PersonKind::Work => json!({"unique_name": of.email, "upn": of.email}),
        PersonKind::Personal => json!({
            "email": of.email,
            "idp": "live.com",
            "unique_name": format!("live.com#{}", of.email)
        }),
        PersonKind::Guest => {
            let known_as = format!("{}#EXT#@{}", of.email.replace('@', "_"), of.directory.domain);
            json!({
                "email": of.email,
                "idp": format!("https://sts.windows.net/{}/", of.home_tenant),
                "unique_name": known_as,
                "upn": known_as
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;
    use crate::scenario::Scenario;
    use crate::world::World;

    fn world(scenario: &str) -> World {
        World::new(&Scenario::named(scenario).unwrap(), 1, date!(2026 - 11 - 23))
    }

    #[test]
    fn a_token_is_good_until_its_time_and_only_if_it_was_issued() {
        let world = world("two-accounts");
        let now = datetime!(2026-11-23 10:00:00.5 UTC);
        let mut tokens = Tokens::default();
        let token = tokens.issue(1, 1, &world.people[1], now, Duration::minutes(60));
        let bearer = format!("Bearer {token}");
        assert_eq!(tokens.person(Some(&bearer), now), Ok(1));
        let late = now + Duration::minutes(60);
        assert!(matches!(
            tokens.person(Some(&bearer), late),
            Err(Refusal::Expired(_))
        ));
        assert_eq!(tokens.person(Some("Bearer a.b.c"), now), Err(Refusal::Unknown));
        assert_eq!(tokens.person(None, now), Err(Refusal::Missing));

        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["aud"], AUDIENCE);
        assert_eq!(claims["tid"], world.people[1].directory.tenant.as_str());
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(),
            3600
        );

        tokens.expire_all(now);
        assert!(matches!(
            tokens.person(Some(&bearer), now),
            Err(Refusal::Expired(_))
        ));
        let renewed = tokens.issue(1, 1, &world.people[1], now, Duration::minutes(60));
        assert_ne!(renewed, token);
        assert_eq!(tokens.person(Some(&format!("Bearer {renewed}")), now), Ok(1));
    }

    #[test]
    fn another_scenario_knows_no_token_of_the_one_before_and_issues_none_again() {
        let world = world("two-accounts");
        let now = datetime!(2026-11-23 10:00:00.5 UTC);
        let mut tokens = Tokens::default();
        let issue = |tokens: &mut Tokens| tokens.issue(1, 1, &world.people[1], now, Duration::minutes(60));
        let before = issue(&mut tokens);
        let mut tokens = tokens.anew();
        let bearer = format!("Bearer {before}");
        assert_eq!(tokens.person(Some(&bearer), now), Err(Refusal::Unknown));
        assert_ne!(issue(&mut tokens), before);
    }

    #[test]
    fn a_token_says_which_directory_vouches_for_its_person() {
        let claims = |scenario: &str| -> Value {
            let world = world(scenario);
            let mut tokens = Tokens::default();
            let person = &world.people[0];
            let now = datetime!(2026-11-23 10:00:00 UTC);
            let token = tokens.issue(1, 0, person, now, Duration::minutes(60));
            let claims = token.split('.').nth(1).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
        };
        let work = claims("roles");
        assert_eq!(work["upn"], "anna.liepa@contoso.example");
        assert!(work.get("idp").is_none());
        let personal = claims("personal");
        assert_eq!(personal["idp"], "live.com");
        assert_eq!(personal["unique_name"], "live.com#janis.berzins@outlook.example");
        assert!(personal.get("upn").is_none());
        let guest = claims("guest");
        let home = guest["idp"].as_str().unwrap();
        assert!(home.starts_with("https://sts.windows.net/"));
        assert_ne!(home, guest["iss"].as_str().unwrap());
        assert_eq!(
            guest["unique_name"],
            "martins.ozols_fabrikam.example#EXT#@contoso.example"
        );
    }
}
