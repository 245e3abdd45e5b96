//! The control interface: what the Rust interface offers, as plain HTTP and JSON for use by hand.
//! It must not know how the services work.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use serde_json::{Value, json};
use time::macros::{date, format_description};
use time::{Date, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::exchange::parameters;
use crate::faults::Fault;
use crate::scenario::Scenario;
use crate::server::Shared;
use crate::state::State;

/// Every call, for `--help` and for an unknown path.
pub(crate) const CALLS: &str = "\
GET  /requests                        every request so far
GET  /violations                      every broken rule so far
GET  /traffic                         requests of the extension to Resource Manager, and how many at once
GET  /sharing?subscription=NAME       whether others may download its invoices
POST /sharing?subscription=NAME&on=true
                                      allow it, or no longer
GET  /sharing/saves                   what the portal was to save, and what it has saved
POST /sharing/mishap?subscription=NAME&kind=held
                                      what goes wrong when it is saved; without a kind nothing any more
                                      kinds: refused, held, lost, answer-lost, without-effect, session-ended
GET  /scenario                        what is loaded, who is signed in
GET  /expected?from=DATE&to=DATE      documents that a run over these invoice dates ends with
GET  /withheld?from=DATE&to=DATE      documents that cannot be had, and why
GET  /usage?from=DATE&to=DATE         usage behind these invoices: where it is told, and what
GET  /scopes?from=DATE&to=DATE        lists that such a run asks, and what each answers
POST /scenario/NAME                   load a built-in scenario
POST /scenario                        load the scenario in the body
POST /sign-in/N                       sign the portal in as the nth account, counted from 0
POST /expire-tokens                   refuse every token issued so far
POST /portal                          change options: {\"build\":\"Frame\",\"theme\":\"Dark\",\"armCalls\":false,
                                      \"sharingPage\":\"Details\",\"leavesOnSave\":true,…}
POST /faults                          replace the mishaps: [{\"path_contains\":\"/download\",\"nth\":1,
                                      \"effect\":{\"kind\":\"answer\",\"status\":429,\"headers\":[[\"retry-after\",\"2\"]]}}]
                                      kinds: answer, delay, hold, reset, truncate, expire-token, hostile-link
POST /faults/script?seed=1&route=/invoices&route=/download
                                      replace them by a script for these routes, and tell it
POST /reset                           forget log, violations and operations
";

/// Accepts connections until it is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        while open.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        open.spawn(async move {
            let service = service_fn(move |request| exchange(request, Arc::clone(&shared)));
            // Whoever asks may leave before the answer.
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn exchange(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, 1 << 20)
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    // A web page may send requests to this port too; only a client that is no page is heard.
    let answer = if head.headers.contains_key("origin") {
        Err((StatusCode::FORBIDDEN, "not for web pages".to_owned()))
    } else {
        let query = head.uri.query().unwrap_or_default();
        call(
            &mut shared.state(),
            head.method.as_str(),
            head.uri.path(),
            query,
            &body,
        )
    };
    let (status, text) = match answer {
        Ok(value) => (StatusCode::OK, format!("{value:#}\n")),
        Err((status, message)) => (status, format!("{message}\n")),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    Ok(response)
}

fn call(
    state: &mut State,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<Value, (StatusCode, String)> {
    let bad = |error: &dyn std::fmt::Display| (StatusCode::BAD_REQUEST, error.to_string());
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match (method, segments.as_slice()) {
        ("GET", ["requests"]) => Ok(json!(state.log)),
        ("GET", ["violations"]) => Ok(json!(state.watch.violations)),
        ("GET", ["traffic"]) => Ok(json!(state.traffic.told())),
        ("GET", ["sharing"]) => sharing(state, query),
        ("POST", ["sharing"]) => {
            let on = parameter(query, "on").unwrap_or_default();
            let is_on = on.parse().map_err(|error| bad(&error))?;
            state.set_sharing(&parameter(query, "subscription").unwrap_or_default(), is_on);
            sharing(state, query)
        }
        ("GET", ["sharing", "saves"]) => Ok(state.forms.told()),
        ("POST", ["sharing", "mishap"]) => {
            let kind = parameter(query, "kind").map(|kind| serde_json::from_value(kind.into()));
            let mishap = kind.transpose().map_err(|error| bad(&error))?;
            let name = parameter(query, "subscription").unwrap_or_default();
            state.forms.set_mishap(&name, mishap);
            sharing(state, query)
        }
        ("GET", ["scenario"]) => {
            let accounts: Vec<&str> = state
                .world
                .people
                .iter()
                .map(|person| person.email.as_str())
                .collect();
            Ok(json!({
                "scenario": state.world.scenario,
                "accounts": accounts,
                "signedIn": state.signed_in,
                "portal": state.portal
            }))
        }
        ("GET", ["expected"]) => {
            let (from, to) = range(query).map_err(|error| bad(&error))?;
            Ok(json!(state.expected_documents(from, to)))
        }
        ("GET", ["withheld"]) => {
            let (from, to) = range(query).map_err(|error| bad(&error))?;
            Ok(json!(state.withheld_documents(from, to)))
        }
        ("GET", ["scopes"]) => {
            let (from, to) = range(query).map_err(|error| bad(&error))?;
            Ok(json!(state.expected_scopes(from, to)))
        }
        ("GET", ["usage"]) => {
            let (from, to) = range(query).map_err(|error| bad(&error))?;
            Ok(json!(state.expected_usage(from, to)))
        }
        ("POST", ["scenario", name]) => {
            state.load(&Scenario::named(name).map_err(|error| bad(&error))?);
            Ok(json!({"scenario": state.world.scenario}))
        }
        ("POST", ["scenario"]) => {
            state.load(&Scenario::from_json(&String::from_utf8_lossy(body)).map_err(|error| bad(&error))?);
            Ok(json!({"scenario": state.world.scenario}))
        }
        ("POST", ["sign-in", account]) => {
            state.sign_in(account.parse().map_err(|error| bad(&error))?);
            Ok(json!({"signedIn": state.signed_in}))
        }
        ("POST", ["expire-tokens"]) => {
            state.expire_tokens(OffsetDateTime::now_utc());
            Ok(json!({}))
        }
        ("POST", ["portal"]) => {
            let mut options = json!(state.portal);
            let changes: serde_json::Map<String, Value> =
                serde_json::from_slice(body).map_err(|error| bad(&error))?;
            if let Some(options) = options.as_object_mut() {
                options.extend(changes);
            }
            state.portal = serde_json::from_value(options).map_err(|error| bad(&error))?;
            Ok(json!(state.portal))
        }
        ("POST", ["faults"]) => {
            state.set_faults(serde_json::from_slice(body).map_err(|error| bad(&error))?);
            Ok(json!({}))
        }
        ("POST", ["faults", "script"]) => {
            let script = script(query).map_err(|error| bad(&error))?;
            let told = json!(script);
            state.set_faults(script);
            Ok(told)
        }
        ("POST", ["reset"]) => {
            state.forget();
            Ok(json!({}))
        }
        _ => Err((StatusCode::NOT_FOUND, CALLS.to_owned())),
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    parameters(query)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

fn sharing(state: &State, query: &str) -> Result<Value, (StatusCode, String)> {
    let name = parameter(query, "subscription").unwrap_or_default();
    match state.sharing(&name) {
        Some(is_on) => Ok(json!({"subscription": name, "on": is_on})),
        None => Err((
            StatusCode::NOT_FOUND,
            format!("nobody has a subscription {name:?}"),
        )),
    }
}

fn script(query: &str) -> Result<Vec<Fault>, std::num::ParseIntError> {
    let seed = parameter(query, "seed");
    let seed = seed.map_or(Ok(0), |seed| seed.parse())?;
    let routes = parameters(query)
        .filter(|(key, _)| key == "route")
        .map(|(_, route)| route);
    Ok(Fault::script(seed, routes))
}

fn range(query: &str) -> Result<(Date, Date), time::error::Parse> {
    let day = |name: &str, otherwise: Date| {
        let value = parameter(query, name);
        value.map_or(Ok(otherwise), |value| {
            Date::parse(&value, format_description!("[year]-[month]-[day]"))
        })
    };
    Ok((
        day("from", date!(2000 - 01 - 01))?,
        day("to", date!(9999 - 12 - 31))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn the_interface_steers_and_tells() {
        let scenario = Scenario::named("two-accounts").unwrap();
        let mut state = State::new(Settings::fast(), &scenario);
        let mut call = |method: &str, target: &str, body: &str| {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            call(&mut state, method, path, query, body.as_bytes())
        };
        assert_eq!(call("POST", "/sign-in/1", "").unwrap()["signedIn"], 1);
        let expected = call("GET", "/expected?from=2000-01-01&to=2999-12-31", "").unwrap();
        assert_eq!(expected.as_array().unwrap().len(), 8);
        let portal = call("POST", "/portal", r#"{"theme":"Dark"}"#).unwrap();
        assert_eq!(
            (&portal["theme"], &portal["armCalls"]),
            (&json!("Dark"), &json!(true))
        );
        assert!(call("POST", "/portal", r#"{"colour":"Dark"}"#).is_err());
        assert!(call("POST", "/scenario/none", "").is_err());
        assert_eq!(call("POST", "/scenario/empty", "").unwrap()["scenario"], "empty");
        assert_eq!(call("GET", "/scenario", "").unwrap()["portal"]["theme"], "Dark");
        assert!(call("POST", "/faults", r#"[{"effect":{"kind":"reset"}}]"#).is_ok());
        let script = call(
            "POST",
            "/faults/script?seed=3&route=/invoices&route=/download",
            "",
        )
        .unwrap();
        assert_eq!(script, json!(Fault::script(3, ["/invoices", "/download"])));
        assert!(call("POST", "/faults/script?seed=three", "").is_err());
        call("POST", "/scenario/enterprise", "").unwrap();
        call("POST", "/scenario/two-accounts", "").unwrap();
        let named = "/sharing?subscription=Contoso%20Production";
        assert_eq!(call("GET", named, "").unwrap()["on"], true);
        call("POST", &format!("{named}&on=false"), "").unwrap();
        assert_eq!(call("GET", named, "").unwrap()["on"], false);
        assert!(call("POST", &format!("{named}&on=perhaps"), "").is_err());
        assert!(call("GET", "/sharing?subscription=Nobody", "").is_err());
        let mishap = "/sharing/mishap?subscription=Contoso%20Production";
        assert!(call("POST", &format!("{mishap}&kind=answer-lost"), "").is_ok());
        assert!(call("POST", &format!("{mishap}&kind=never"), "").is_err());
        assert!(call("POST", mishap, "").is_ok());
        assert_eq!(call("GET", "/sharing/saves", "").unwrap()["saved"], json!([]));
        let portal = call("POST", "/portal", r#"{"sharingPage":"Twice"}"#).unwrap();
        assert_eq!(
            (&portal["sharingPage"], &portal["leavesOnSave"]),
            (&json!("Twice"), &json!(false))
        );
        assert_eq!(call("GET", "/traffic", "").unwrap()["requests"], 0);
        call("POST", "/scenario/enterprise", "").unwrap();
        let scopes = call("GET", "/scopes?from=2000-01-01&to=2999-12-31", "").unwrap();
        assert_eq!(scopes[0]["kind"], "BillingAccount");
        assert!(scopes[0]["outcome"]["Listed"].is_u64());
        let usage = call("GET", "/usage?from=2000-01-01&to=2999-12-31", "").unwrap();
        assert!(usage[0]["outcome"]["Table"]["sha256"].is_string());
        assert_eq!(call("GET", "/nothing", "").unwrap_err().0, StatusCode::NOT_FOUND);
    }
}
