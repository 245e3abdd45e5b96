//! Everything that changes while the local Azure runs, and the few ways in which it is steered from outside.
//! It must not know about sockets, threads or waiting.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tokio::time::Instant;

use crate::arm::operations::Operations;
use crate::blob::Links;
use crate::draw::Draw;
use crate::exchange::Request;
use crate::external;
use crate::faults::{Effect, Fault, Faults};
use crate::log::LoggedRequest;
use crate::rules::{Known, Watch};
use crate::scenario::Scenario;
use crate::settings::{Quota, Settings};
use crate::sharing::{self, Forms};
use crate::throttle::{Enough, Level, Window};
use crate::token::Tokens;
use crate::traffic::Counter;
use crate::world::World;

/// How the portal's page behaves, from its next load on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PortalOptions {
    /// Where the blades' content lives.
    pub build: Build,
    /// Colours.
    pub theme: Theme,
    /// `lang` of the page.
    pub language: String,
    /// Whether the page calls Resource Manager by itself; otherwise only after its *Refresh* button was pressed.
    pub arm_calls: bool,
    /// Whether `sessionStorage` holds the sign-in library's records, decoys included.
    pub session_record: bool,
    /// Lifetime of the tokens that the page is given.
    pub token_seconds: u32,
    /// How the page looks on which the account administrator lets others download invoices.
    pub sharing_page: SharingPage,
    /// Whether that page goes to the start page by itself as soon as *Save* is pressed; what is saved still arrives.
    pub leaves_on_save: bool,
}

/// How the portal offers *Allow others to download invoice*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum SharingPage {
    /// A command of the invoices page opens a form with *On*, *Off* and *Save*.
    Article,
    /// The command *Edit invoice details* opens a list of links, one of which leads to a form with two sentences to
    /// choose from.
    Details,
    /// As `Article`, under words that Microsoft has never printed.
    Renamed,
    /// As `Article`, but the command, *On* and *Save* are each there twice.
    Twice,
}

/// Where the content and the command bar of a blade live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Build {
    /// In the portal's own document, with its older toolkit's hooks.
    TopDocument,
    /// In a frame of another origin.
    Frame,
}

/// The portal's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Default for PortalOptions {
    fn default() -> Self {
        Self {
            build: Build::TopDocument,
            theme: Theme::Light,
            language: "en".to_owned(),
            arm_calls: true,
            session_record: true,
            token_seconds: 4_500,
            sharing_page: SharingPage::Article,
            leaves_on_save: false,
        }
    }
}

/// The whole of it.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) world: World,
    pub(crate) portal: PortalOptions,
    pub(crate) signed_in: usize,
    pub(crate) tokens: Tokens,
    pub(crate) operations: Operations,
    pub(crate) links: Links,
    pub(crate) faults: Faults,
    pub(crate) watch: Watch,
    pub(crate) forms: Forms,
    pub(crate) log: Vec<LoggedRequest>,
    pub(crate) traffic: Counter,
    pub(crate) draw: Draw,
    reads: Vec<Level>,
    writes: Vec<Level>,
    costs: Vec<Window>,
    consumption: Vec<Window>,
}

impl State {
    pub(crate) fn new(settings: Settings, scenario: &Scenario) -> Self {
        let today = settings.today.unwrap_or_else(|| OffsetDateTime::now_utc().date());
        let world = World::new(scenario, settings.seed, today);
        let draw = Draw::new(settings.seed, "while running");
        let people = world.people.len();
        Self {
            reads: vec![Level::full(settings.reads); people],
            writes: vec![Level::full(settings.writes); people],
            costs: vec![Window::default(); people],
            consumption: vec![Window::default(); people],
            settings,
            world,
            portal: PortalOptions::default(),
            signed_in: 0,
            tokens: Tokens::default(),
            operations: Operations::default(),
            links: Links::default(),
            faults: Faults::default(),
            watch: Watch::default(),
            forms: Forms::default(),
            log: Vec::new(),
            traffic: Counter::default(),
            draw,
        }
    }

    /// Another scenario from now on; log, violations, operations and faults start anew, the portal's options stay.
    pub(crate) fn load(&mut self, scenario: &Scenario) {
        let portal = self.portal.clone();
        let traffic = self.traffic.clone();
        traffic.forget();
        *self = Self {
            portal,
            forms: self.forms.anew(),
            tokens: self.tokens.anew(),
            traffic,
            ..Self::new(self.settings.clone(), scenario)
        };
    }

    /// Forgets what happened; the scenario, the tokens and the faults stay as they are.
    pub(crate) fn forget(&mut self) {
        self.log.clear();
        self.traffic.forget();
        self.watch = Watch::default();
        self.forms.forget();
        self.operations = Operations::default();
        self.links = Links::default();
    }

    /// The portal is signed in as another account. A number that nobody has is ignored.
    pub(crate) fn sign_in(&mut self, account: usize) {
        if account < self.world.people.len() && account != self.signed_in {
            self.signed_in = account;
            self.watch.disturb();
        }
    }

    pub(crate) fn expire_tokens(&mut self, now: OffsetDateTime) {
        self.tokens.expire_all(now);
        self.watch.disturb();
    }

    /// Whether subscriptions of a name are shared; `None` when nobody has one.
    pub(crate) fn sharing(&self, subscription: &str) -> Option<bool> {
        let people = self.world.people.iter();
        let mut named = people
            .flat_map(|person| &person.subscriptions)
            .filter(|of| of.name == subscription)
            .peekable();
        named.peek()?;
        Some(named.all(|of| of.is_shared))
    }

    /// Shares them or no longer does. A name that nobody has is ignored.
    pub(crate) fn set_sharing(&mut self, subscription: &str, is_on: bool) {
        let people = self.world.people.iter_mut();
        for named in people
            .flat_map(|person| &mut person.subscriptions)
            .filter(|of| of.name == subscription)
        {
            named.is_shared = is_on;
        }
    }

    pub(crate) fn set_faults(&mut self, faults: Vec<Fault>) {
        // Waiting alone is no reason to ask twice.
        if faults.iter().any(|fault| fault.effect != Effect::Hold) {
            self.watch.disturb();
        }
        self.faults.set(faults);
    }

    /// Judges a request as it comes in.
    pub(crate) fn watch_request(&mut self, request: &Request) {
        let known = Known {
            is_linked: external::is_linked(self, request),
            form: self.forms.judge(request),
        };
        self.watch.on_request(request, known);
        sharing::count(self, request);
    }

    /// A new token of whoever is signed in, as the page is given them.
    pub(crate) fn issue_token(&mut self, now: OffsetDateTime) -> Option<String> {
        let person = self.world.people.get(self.signed_in)?;
        let lifetime = Duration::seconds(i64::from(self.portal.token_seconds));
        Some(
            self.tokens
                .issue(self.settings.seed, self.signed_in, person, now, lifetime),
        )
    }

    pub(crate) fn page_size(&self) -> usize {
        self.world.page_size.unwrap_or(self.settings.page_size).max(1)
    }

    /// Takes one from a person's bucket of reads or writes: how many are left, or `None` when it was empty.
    pub(crate) fn take(&mut self, person: usize, is_read: bool, now: Instant) -> Option<u32> {
        let (levels, bucket) = if is_read {
            (&mut self.reads, self.settings.reads)
        } else {
            (&mut self.writes, self.settings.writes)
        };
        levels.get_mut(person)?.take(bucket, now)
    }

    /// Takes one from a person's window with Cost Management: how many are left, or how long to wait.
    pub(crate) fn take_cost(&mut self, person: usize, now: Instant) -> Result<u32, Enough> {
        take_from(&mut self.costs, person, self.settings.costs, now)
    }

    /// The same with Consumption.
    pub(crate) fn take_consumption(&mut self, person: usize, now: Instant) -> Result<u32, Enough> {
        take_from(&mut self.consumption, person, self.settings.costs, now)
    }
}

fn take_from(windows: &mut [Window], person: usize, quota: Quota, now: Instant) -> Result<u32, Enough> {
    windows
        .get_mut(person)
        .map_or(Ok(quota.requests), |window| window.take(quota, now))
}
