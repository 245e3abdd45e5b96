//! The portal's own host and its frame host: documents, scripts and styles, the session, and the tokens.
//! It must not know about billing: its scripts ask Resource Manager, as the portal does.

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::sharing;
use crate::state::{Build, State, Theme};

/// A page of the simulated portal, for [`crate::Simulator::portal_url`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The start page: no billing page.
    Home,
    /// The list of subscriptions.
    Subscriptions,
    /// Cost Management + Billing > Invoices.
    Invoices,
    /// The same page by its older route.
    InvoicesOldRoute,
    /// Invoices in the menu of the signed-in account's nth subscription, counted from 0.
    SubscriptionInvoices(usize),
    /// Virtual machines: no billing page.
    VirtualMachines,
}

impl Page {
    pub(crate) fn url(self, state: &State) -> String {
        let account = state.world.people.get(state.signed_in);
        let route = match self {
            Self::Home => "#home".to_owned(),
            Self::Subscriptions => "#view/Microsoft_Azure_Billing/SubscriptionsBlade".to_owned(),
            Self::Invoices => "#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/Invoices".to_owned(),
            Self::InvoicesOldRoute => "#blade/Microsoft_Azure_GTM/ModernBillingMenuBlade/Invoices".to_owned(),
            Self::SubscriptionInvoices(index) => {
                let domain = account
                    .map(|account| account.directory.domain.as_str())
                    .unwrap_or_default();
                let subscription = account.and_then(|account| account.subscriptions.get(index));
                let id = subscription
                    .map(|subscription| subscription.id.as_str())
                    .unwrap_or_default();
                format!("#@{domain}/resource/subscriptions/{id}/billinginvoices")
            }
            Self::VirtualMachines => "#browse/Microsoft.Compute%2FVirtualMachines".to_owned(),
        };
        let [host, ..] = hosts::PORTAL;
        format!("https://{host}/{route}")
    }
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self' https://management.azure.com; worker-src 'self'; \
                      require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'";

/// Files that both hosts serve.
const FILES: [(&str, &str, &str); 12] = [
    (
        "/content/portal.css",
        "text/css; charset=utf-8",
        include_str!("../portal/portal.css"),
    ),
    (
        "/content/light.css",
        "text/css; charset=utf-8",
        include_str!("../portal/light.css"),
    ),
    (
        "/content/dark.css",
        "text/css; charset=utf-8",
        include_str!("../portal/dark.css"),
    ),
    (
        "/content/portal.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/portal.js"),
    ),
    (
        "/content/azure.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/azure.js"),
    ),
    (
        "/content/controls.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/controls.js"),
    ),
    (
        "/content/words.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/words.js"),
    ),
    (
        "/content/pane.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/pane.js"),
    ),
    (
        "/content/sharing.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/sharing.js"),
    ),
    (
        "/content/saving.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/saving.js"),
    ),
    (
        "/content/frame.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/frame.js"),
    ),
    (
        "/content/worker.js",
        "text/javascript; charset=utf-8",
        include_str!("../portal/worker.js"),
    ),
];

/// Answers a request to the portal.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    if let Some(answer) = sharing::answer(state, request) {
        return answer;
    }
    match (
        request.method.as_str(),
        request.path.to_ascii_lowercase().as_str(),
    ) {
        ("GET", "/api/session") => {
            Answer::json(StatusCode::OK, &session(state)).with("cache-control", "no-store")
        }
        ("POST", "/api/delegationtoken") => token(state, request).with("cache-control", "no-store"),
        // A directory may be named in the path.
        ("GET", path) if path == "/" || path.starts_with("/@") => {
            let policy = format!(
                "{POLICY}; frame-src https://{}; frame-ancestors 'none'",
                hosts::FRAME
            );
            document(state, include_str!("../portal/portal.html"), &policy)
        }
        _ => file(request),
    }
}

/// Answers a request to the frame host.
pub(crate) fn frame(state: &mut State, request: &Request) -> Answer {
    if let Some(answer) = sharing::answer(state, request) {
        return answer;
    }
    let [portal, ..] = hosts::PORTAL;
    if request.method == Method::GET && request.path == "/" {
        let policy = format!("{POLICY}; frame-ancestors https://{portal} https://*.{portal}");
        return document(state, include_str!("../portal/frame.html"), &policy);
    }
    file(request)
}

fn file(request: &Request) -> Answer {
    let found = FILES
        .iter()
        .find(|(path, ..)| request.method == Method::GET && *path == request.path);
    match found {
        Some((_, kind, text)) => Answer::new(StatusCode::OK, kind, *text)
            .with("cache-control", "no-cache")
            .with("x-content-type-options", "nosniff")
            // A worker has a policy of its own.
            .with("content-security-policy", POLICY),
        None if request.path == "/favicon.ico" => Answer::empty(StatusCode::NO_CONTENT),
        None => Answer::new(
            StatusCode::NOT_FOUND,
            "text/plain; charset=utf-8",
            "There is no such page.",
        ),
    }
}

fn document(state: &State, template: &'static str, policy: &str) -> Answer {
    let theme = match state.portal.theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let language: String = state
        .portal
        .language
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    let text = template
        .replace("{{language}}", &language)
        .replace("{{theme}}", theme);
    Answer::new(StatusCode::OK, "text/html; charset=utf-8", text)
        .with("cache-control", "no-cache, no-store")
        .with("content-security-policy", policy)
        .with("x-content-type-options", "nosniff")
        .with(
            "set-cookie",
            "portalId=1f0c; path=/; secure; httponly; samesite=none",
        )
}

/// Who is signed in and how the page is to behave. It holds no token.
fn session(state: &mut State) -> Value {
    let sharing = sharing::terms(state);
    let account = state.world.people.get(state.signed_in).map(|account| {
        json!({
            "name": account.name,
            "email": account.email,
            "directory": account.directory.name,
            "domain": account.directory.domain,
            "tenant": account.directory.tenant,
            "object": account.object
        })
    });
    // The real page asks Resource Manager; here the session tells, so that the page's requests stay as few as they are.
    let roles: Map<String, Value> = state
        .world
        .people
        .get(state.signed_in)
        .into_iter()
        .flat_map(|account| &account.subscriptions)
        .map(|of| (of.id.clone(), of.role_title().into()))
        .collect();
    json!({
        "account": account,
        "roles": roles,
        "frame": (state.portal.build == Build::Frame).then(|| format!("https://{}/", hosts::FRAME)),
        "theme": if state.portal.theme == Theme::Dark { "dark" } else { "light" },
        "language": state.portal.language,
        "armCalls": state.portal.arm_calls,
        "sessionRecord": state.portal.session_record,
        "sharing": sharing,
        "recallMilliseconds": u64::try_from(state.settings.page_recall.as_millis()).unwrap_or(u64::MAX)
    })
}

/// A fresh token of whoever is signed in, in the shape of the portal's own answer.
fn token(state: &mut State, request: &Request) -> Answer {
    let seconds = i64::from(state.portal.token_seconds);
    let Some(token) = state.issue_token(request.at) else {
        return Answer::empty(StatusCode::UNAUTHORIZED);
    };
    let header = format!("Bearer {token}");
    Answer::json(
        StatusCode::OK,
        &json!({
            "value": {
                "authHeader": header,
                "authorizationHeader": header,
                "expiresInMs": seconds * 1000,
                "refreshToken": null,
                "error": null,
                "errorMessage": null
            },
            "portalAuthorization": "simulated"
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::tests::request;
    use crate::scenario::Scenario;
    use crate::settings::Settings;

    #[test]
    fn the_page_is_told_the_role_on_each_subscription() {
        let mut state = State::new(Settings::fast(), &Scenario::named("roles").unwrap());
        let told = answer(
            &mut state,
            &request("GET", "https://portal.azure.com/api/session", &[]),
        );
        let told: Value = serde_json::from_slice(&told.body).unwrap();
        for (name, role) in [
            ("Billing Reader after sharing", "Billing Reader"),
            ("New", "Account admin"),
            ("No role", ""),
        ] {
            let of = &state.world.people[0].subscriptions;
            let id = &of.iter().find(|each| each.name == name).unwrap().id;
            assert_eq!(told["roles"][id], role, "{name}");
        }
    }

    #[test]
    fn every_language_has_a_word_for_every_term() {
        let count = |text: &str| text.matches('"').count() / 2;
        let words = include_str!("../portal/words.js");
        let (terms, rest) = words.split_once("];").unwrap();
        let (_, terms) = terms.split_once("TERMS = [").unwrap();
        let (languages, _) = rest.split_once("};").unwrap();
        let rows: Vec<&str> = languages.split("],").filter(|row| row.contains(": [")).collect();
        assert_eq!(rows.len(), 18);
        for row in rows {
            let (name, row) = row.split_once(": [").unwrap();
            assert_eq!(count(row), count(terms), "{name}");
        }
    }

    #[test]
    fn every_file_that_a_page_needs_is_served() {
        let pages = [
            include_str!("../portal/portal.html"),
            include_str!("../portal/frame.html"),
        ];
        let scripts = FILES.iter().map(|(_, _, text)| *text);
        for text in pages.into_iter().chain(scripts) {
            for needed in text.split('"').filter(|text| text.starts_with("/content/")) {
                let needed = needed.replace("{{theme}}", "dark");
                assert!(FILES.iter().any(|(path, ..)| *path == needed), "{needed}");
            }
        }
    }
}
