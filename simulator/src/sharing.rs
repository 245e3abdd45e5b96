//! The private interface behind the portal's sharing forms: who may call it, what it answers, and its mishaps on order.
//! It must not know how the forms look or who drives them.

use std::collections::HashMap;

use hyper::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::draw::Draw;
use crate::exchange::{Answer, Request};
use crate::hosts;
use crate::scenario::Agreement;
use crate::state::State;
use crate::world::{Person, Subscription};

/// What goes wrong when sharing of a subscription is saved, from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharingMishap {
    /// 403 with words, and nothing changes.
    Refused,
    /// It waits until the mishap is taken away or replaced, and then goes on as that says.
    Held,
    /// It is lost: nothing is answered and nothing changes.
    Lost,
    /// It changes the record, but nothing is answered.
    AnswerLost,
    /// 200, and nothing changes.
    WithoutEffect,
    /// 401: the session has ended. What the page asks here afterwards is answered so too, until it is loaded again.
    SessionEnded,
}

/// A change of the record that was saved in the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SavedSharing {
    /// Display name of the subscription.
    pub subscription: String,
    /// Whether others may download from then on.
    pub allow: bool,
    /// Sign-in name of whoever saved it.
    pub by: String,
}

/// The address and the seal are drawn at each start, so that nobody can know them but by the page.
#[derive(Debug)]
pub(crate) struct Forms {
    path: String,
    seal: String,
    mishaps: HashMap<String, SharingMishap>,
    changed: watch::Sender<()>,
    session_ended: bool,
    /// Saves that came in, by display name.
    arrived: HashMap<String, usize>,
    saved: Vec<SavedSharing>,
}

/// Whether a request is for the private address, and then whether it has the seal of a form of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Elsewhere,
    Sealed,
    Unsealed,
}

impl Default for Forms {
    fn default() -> Self {
        let mut draw = Draw::new(fastrand::u64(..), "sharing forms");
        Self {
            path: format!("/api/{}", draw.guid()),
            seal: draw.guid(),
            mishaps: HashMap::new(),
            changed: watch::Sender::default(),
            session_ended: false,
            arrived: HashMap::new(),
            saved: Vec::new(),
        }
    }
}

impl Forms {
    /// The same address and seal, and nothing of what was.
    pub(crate) fn anew(&self) -> Self {
        self.changed.send_replace(());
        Self {
            path: self.path.clone(),
            seal: self.seal.clone(),
            ..Self::default()
        }
    }

    /// Forgets what was saved; the mishaps stay.
    pub(crate) fn forget(&mut self) {
        self.arrived.clear();
        self.saved.clear();
    }

    pub(crate) fn set_mishap(&mut self, subscription: &str, mishap: Option<SharingMishap>) {
        match mishap {
            Some(mishap) => self.mishaps.insert(subscription.to_owned(), mishap),
            None => self.mishaps.remove(subscription),
        };
        self.changed.send_replace(());
    }

    pub(crate) fn arrived(&self, subscription: &str) -> usize {
        self.arrived.get(subscription).copied().unwrap_or_default()
    }

    pub(crate) fn saved(&self) -> &[SavedSharing] {
        &self.saved
    }

    /// Saves that came in and those that changed the record.
    pub(crate) fn told(&self) -> Value {
        json!({"arrived": self.arrived, "saved": self.saved})
    }

    pub(crate) fn judge(&self, request: &Request) -> Form {
        let service = hosts::service(&request.host);
        if !matches!(service, Some(hosts::Service::Portal | hosts::Service::Frame))
            || !request.path.eq_ignore_ascii_case(&self.path)
        {
            return Form::Elsewhere;
        }
        // Browsers say where a request comes from; an extension's own does not come from here.
        let is_from_here = request
            .header("origin")
            .is_none_or(|origin| origin == format!("https://{}", request.host))
            && request
                .header("sec-fetch-site")
                .is_none_or(|site| site == "same-origin");
        let is_sealed = request
            .header("x-ms-form")
            .and_then(|value| value.split_once('.'))
            .is_some_and(|(form, mark)| form.len() >= 16 && mark == self.mark(form));
        if is_from_here && is_sealed {
            Form::Sealed
        } else {
            Form::Unsealed
        }
    }

    fn mark(&self, form: &str) -> String {
        let digest = Sha256::digest(format!("{} {form}", self.seal));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What the page is told about it when it is loaded.
pub(crate) fn terms(state: &mut State) -> Value {
    state.forms.session_ended = false;
    json!({
        "path": state.forms.path,
        "seal": state.forms.seal,
        "page": state.portal.sharing_page,
        "leaves": state.portal.leaves_on_save
    })
}

/// Counts a save as it comes in.
pub(crate) fn count(state: &mut State, request: &Request) {
    if let Some(name) = saved_subscription(state, request) {
        *state.forms.arrived.entry(name).or_default() += 1;
    }
}

/// While a save is to wait: what changes when it is to be looked at again.
pub(crate) fn held(state: &State, request: &Request) -> Option<watch::Receiver<()>> {
    let name = saved_subscription(state, request)?;
    let is_held = state.forms.mishaps.get(&name) == Some(&SharingMishap::Held);
    is_held.then(|| state.forms.changed.subscribe())
}

/// Answers at the private address; `None` elsewhere.
pub(crate) fn answer(state: &mut State, request: &Request) -> Option<Answer> {
    let answer = match state.forms.judge(request) {
        Form::Elsewhere => return None,
        Form::Unsealed => refusal(StatusCode::FORBIDDEN, "This is no form of the portal."),
        Form::Sealed => sealed(state, request),
    };
    Some(answer.with("cache-control", "no-store"))
}

fn sealed(state: &mut State, request: &Request) -> Answer {
    let person = state.tokens.person(request.header("authorization"), request.at);
    let Some(index) = person.ok().filter(|_| !state.forms.session_ended) else {
        return session_ended();
    };
    let Some(person) = state.world.people.get(index) else {
        return session_ended();
    };
    if request.method == Method::POST {
        return match change(request) {
            Some(change) => save(state, index, &change),
            None => refusal(StatusCode::BAD_REQUEST, "The form is not complete."),
        };
    }
    let Some(id) = request.parameter("subscription") else {
        return Answer::json(StatusCode::OK, &json!({"value": offered(person)}));
    };
    match person.subscription(&id) {
        Some((_, of)) => Answer::json(
            StatusCode::OK,
            &json!({"subscription": of.id, "allow": of.is_shared}),
        ),
        None => unknown(),
    }
}

/// The subscriptions of the account that the form is for: those of the online services programme that the person
/// administers, or else those whose invoices somebody else pays for.
fn offered(person: &Person) -> Vec<Value> {
    let all = || {
        person
            .subscriptions
            .iter()
            .filter(|of| is_of_programme(person, of))
    };
    let is_administrator = all().any(|of| of.is_administrator);
    all()
        .filter(|of| of.is_administrator == is_administrator)
        .map(|of| json!({"subscription": of.id, "name": of.name}))
        .collect()
}

fn is_of_programme(person: &Person, of: &Subscription) -> bool {
    person
        .billing_accounts
        .get(of.account)
        .is_some_and(|account| account.agreement == Agreement::MicrosoftOnlineServicesProgram)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    subscription: String,
    allow: bool,
}

fn change(request: &Request) -> Option<Change> {
    serde_json::from_slice(&request.body).ok()
}

fn save(state: &mut State, person: usize, change: &Change) -> Answer {
    let Some(person) = state.world.people.get(person) else {
        return session_ended();
    };
    let Some((_, of)) = person.subscription(&change.subscription) else {
        return unknown();
    };
    let (name, by, is_administrator) = (of.name.clone(), person.email.clone(), of.is_administrator);
    let mishap = state.forms.mishaps.get(&name).copied();
    match mishap {
        Some(SharingMishap::Refused) => {
            return refusal(
                StatusCode::FORBIDDEN,
                "A policy of your organization does not let you change this.",
            );
        }
        Some(SharingMishap::SessionEnded) => {
            state.forms.session_ended = true;
            return session_ended();
        }
        Some(SharingMishap::Lost) => return Answer::none(),
        _ if !is_administrator => {
            return refusal(
                StatusCode::FORBIDDEN,
                "Only the account administrator of the subscription can change this.",
            );
        }
        Some(SharingMishap::WithoutEffect) => return Answer::json(StatusCode::OK, &json!({})),
        Some(SharingMishap::AnswerLost | SharingMishap::Held) | None => {}
    }
    state.set_sharing(&name, change.allow);
    state.forms.saved.push(SavedSharing {
        subscription: name,
        allow: change.allow,
        by,
    });
    if mishap == Some(SharingMishap::AnswerLost) {
        return Answer::none();
    }
    Answer::json(StatusCode::OK, &json!({}))
}

/// Display name of the subscription that a request of a form is to save.
fn saved_subscription(state: &State, request: &Request) -> Option<String> {
    if request.method != Method::POST || state.forms.judge(request) != Form::Sealed {
        return None;
    }
    let change = change(request)?;
    let mut people = state.world.people.iter();
    people.find_map(|person| Some(person.subscription(&change.subscription)?.1.name.clone()))
}

fn session_ended() -> Answer {
    refusal(StatusCode::UNAUTHORIZED, "")
}

fn unknown() -> Answer {
    refusal(StatusCode::NOT_FOUND, "There is no such subscription.")
}

fn refusal(status: StatusCode, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"error": {"code": status.as_u16(), "message": message}}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::tests::request;
    use crate::portal;
    use crate::rules::Rule;
    use crate::scenario::Scenario;
    use crate::settings::Settings;
    use crate::state::SharingPage;

    const ID_OF_FORM: &str = "0d9a8c3c-8c8e-4f0e-9d39-6d7b4f0f6a2e";

    fn state(scenario: &str) -> State {
        State::new(Settings::fast(), &Scenario::named(scenario).unwrap())
    }

    fn id(state: &State, person: usize, name: &str) -> String {
        let of = &state.world.people[person].subscriptions;
        of.iter().find(|of| of.name == name).unwrap().id.clone()
    }

    /// Asks as a form of the page does: a read of a subscription or of all, or a save.
    fn ask(
        state: &mut State,
        method: &str,
        subscription: Option<&str>,
        allow: Option<bool>,
    ) -> (StatusCode, Value) {
        let query = match (subscription, allow) {
            (Some(id), None) => format!("?subscription={id}"),
            _ => String::new(),
        };
        let url = format!("https://portal.azure.com{}{query}", state.forms.path);
        let token = state.issue_token(time::OffsetDateTime::now_utc()).unwrap();
        let mut request = request(
            method,
            &url,
            &[
                ("authorization", &format!("Bearer {token}")),
                (
                    "x-ms-form",
                    &format!("{ID_OF_FORM}.{}", state.forms.mark(ID_OF_FORM)),
                ),
                ("sec-fetch-site", "same-origin"),
            ],
        );
        if let Some(allow) = allow {
            request.body = json!({"subscription": subscription, "allow": allow})
                .to_string()
                .into();
        }
        state.watch_request(&request);
        let answer = portal::answer(state, &request);
        if answer.is_lost {
            return (StatusCode::NO_CONTENT, Value::Null);
        }
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    fn save(state: &mut State, id: &str, allow: bool) -> StatusCode {
        ask(state, "POST", Some(id), Some(allow)).0
    }

    fn stored(state: &mut State, id: &str) -> Value {
        ask(state, "GET", Some(id), None).1["allow"].clone()
    }

    #[test]
    fn the_administrator_saves_and_a_reader_of_the_same_name_may_download() {
        let mut state = state("sharing");
        let (production, archive) = (
            id(&state, 0, "Contoso Production"),
            id(&state, 0, "Contoso Archive"),
        );
        assert_eq!(stored(&mut state, &production), false);
        assert_eq!(save(&mut state, &production, true), StatusCode::OK);
        assert_eq!(save(&mut state, &archive, true), StatusCode::OK);
        assert_eq!(save(&mut state, &archive, false), StatusCode::OK);
        assert_eq!(stored(&mut state, &production), true);
        let anna = &state.world.people[1];
        let may = |at| !anna.is_denied_documents(crate::world::Scope::Subscription(at));
        assert_eq!([may(0), may(1), may(2), may(3)], [true, false, false, false]);
        let saved: Vec<_> = state.forms.saved().iter().map(|each| each.allow).collect();
        assert_eq!(saved, [true, true, false]);
        assert_eq!(
            state.forms.saved()[0],
            SavedSharing {
                subscription: "Contoso Production".to_owned(),
                allow: true,
                by: "ilze.kalnina@contoso.example".to_owned()
            }
        );
        assert_eq!(state.forms.arrived("Contoso Archive"), 2);
        assert!(state.watch.violations.is_empty());
        state.forget();
        assert_eq!(
            (state.forms.saved().len(), state.forms.arrived("Contoso Archive")),
            (0, 0)
        );
        assert_eq!(state.sharing("Contoso Production"), Some(true));
    }

    #[test]
    fn nobody_but_the_administrator_changes_anything() {
        let mut state = state("sharing");
        state.sign_in(1);
        let production = id(&state, 1, "Contoso Production");
        assert_eq!(save(&mut state, &production, true), StatusCode::FORBIDDEN);
        assert_eq!(state.sharing("Contoso Production"), Some(false));
        assert_eq!(
            (
                state.forms.arrived("Contoso Production"),
                state.forms.saved().len()
            ),
            (1, 0)
        );
        let another = id(&state, 0, "Contoso Production");
        assert_eq!(save(&mut state, &another, true), StatusCode::NOT_FOUND);
    }

    #[test]
    fn only_subscriptions_of_the_programme_are_offered() {
        let names = |scenario: &str| -> Vec<String> {
            let (_, all) = ask(&mut state(scenario), "GET", None, None);
            let all = all["value"].as_array().unwrap();
            all.iter()
                .map(|each| each["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            names("sharing"),
            [
                "Contoso Production",
                "Contoso Website",
                "Contoso Payroll",
                "Contoso Archive"
            ]
        );
        assert_eq!(names("shared-with-me").len(), 7);
        assert!(names("enterprise").is_empty());
        assert!(names("customer-agreement").is_empty());
    }

    #[test]
    fn each_mishap_does_what_it_says_until_it_is_taken_away() {
        let name = "Contoso Payroll";
        for (mishap, answered, is_on) in [
            (SharingMishap::Refused, 403, false),
            (SharingMishap::Lost, 204, false),
            (SharingMishap::AnswerLost, 204, true),
            (SharingMishap::WithoutEffect, 200, false),
            (SharingMishap::SessionEnded, 401, false),
        ] {
            let mut state = state("sharing");
            let payroll = id(&state, 0, name);
            state.forms.set_mishap(name, Some(mishap));
            let other = id(&state, 0, "Contoso Archive");
            assert_eq!(save(&mut state, &other, true), StatusCode::OK);
            assert_eq!(save(&mut state, &payroll, true), answered, "{mishap:?}");
            assert_eq!(state.sharing(name), Some(is_on), "{mishap:?}");
            assert_eq!(state.forms.saved().len(), 1 + usize::from(is_on), "{mishap:?}");
            let (status, _) = ask(&mut state, "GET", Some(&payroll), None);
            assert_eq!(status == 401, mishap == SharingMishap::SessionEnded);
            state.forms.set_mishap(name, None);
            // Loading the page signs in again.
            terms(&mut state);
            assert_eq!(save(&mut state, &payroll, true), StatusCode::OK, "{mishap:?}");
            assert_eq!(state.forms.arrived(name), 2);
        }
    }

    #[test]
    fn the_private_address_is_the_forms_alone() {
        let mut state = state("sharing");
        let path = state.forms.path.clone();
        let mark = format!("{ID_OF_FORM}.{}", state.forms.mark(ID_OF_FORM));
        let extension = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";
        let mut broken = |host: &str, headers: &[(&str, &str)]| -> Vec<Rule> {
            let request = request("POST", &format!("https://{host}{path}"), headers);
            state.watch.violations.clear();
            state.watch_request(&request);
            let is_refused = answer(&mut state, &request).unwrap().status == StatusCode::FORBIDDEN;
            let broken: Vec<_> = state.watch.violations.iter().map(|each| each.rule).collect();
            assert_eq!(is_refused, !broken.is_empty());
            broken
        };
        for host in ["portal.azure.com", hosts::FRAME] {
            let own = format!("https://{host}");
            assert_eq!(broken(host, &[("x-ms-form", &mark), ("origin", &own)]), []);
            assert_eq!(broken(host, &[]), [Rule::PrivateAddress]);
            assert_eq!(
                broken(host, &[("x-ms-form", &mark), ("origin", extension)]),
                [Rule::PrivateAddress]
            );
            assert_eq!(
                broken(host, &[("x-ms-form", &mark), ("sec-fetch-site", "none")]),
                [Rule::PrivateAddress]
            );
        }
        let guessed = format!("{ID_OF_FORM}.{}", "0".repeat(64));
        assert_eq!(
            broken(
                "portal.azure.com",
                &[("x-ms-form", &guessed), ("authorization", "Bearer a.b.c")]
            ),
            [Rule::PrivateAddress, Rule::BearerOutsideArm]
        );
    }

    #[test]
    fn address_and_seal_are_new_at_each_start_and_stay_when_a_scenario_is_loaded() {
        let (mut one, mut other) = (state("sharing"), state("sharing"));
        let (before, another) = (terms(&mut one), terms(&mut other));
        assert_ne!(before["path"], another["path"]);
        assert_ne!(before["seal"], another["seal"]);
        one.forms
            .set_mishap("Contoso Archive", Some(SharingMishap::Refused));
        one.portal.sharing_page = SharingPage::Details;
        one.portal.leaves_on_save = true;
        one.load(&Scenario::named("sharing").unwrap());
        let after = terms(&mut one);
        assert_eq!(
            (&after["path"], &after["seal"]),
            (&before["path"], &before["seal"])
        );
        assert_eq!(
            (&after["page"], &after["leaves"]),
            (&json!("Details"), &json!(true))
        );
        let archive = id(&one, 0, "Contoso Archive");
        assert_eq!(save(&mut one, &archive, true), StatusCode::OK);
    }
}
