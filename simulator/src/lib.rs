//! A local Azure: portal pages, Resource Manager and blob storage under their real names, on one loopback port.
//! It must not know the product it is made for: it answers as the service would and writes down who broke its rules.
//!
//! ```text
//! Simulator (here)    start, steer, ask, stop
//!   server            sockets, TLS, HTTP, distance and line     line · certificate · proxy
//!   portal arm blob external   the services: (state, request) -> answer
//!                     sharing (behind the portal's forms)
//!                     arm/access · arm/invoices · arm/legacy · arm/costs · arm/consumption ·
//!                     arm/operations · arm/shapes
//!                     documents · usage
//!   rules log faults  what is watched, written down, broken on purpose      faults/script · poison
//!   expected          what a faithful run ends with                         expected/usage
//!   state             all that changes                                      token · draw · throttle · traffic
//!   world             a scenario laid out in time                 world/layout · world/access · world/lists · world/usage
//!   scenario settings what there is, and how it feels                       scenario/access · scenario/usage
//! ```

mod arm;
mod blob;
mod certificate;
mod control;
mod documents;
mod draw;
mod exchange;
mod expected;
mod external;
mod faults;
mod hosts;
mod line;
mod log;
mod poison;
mod portal;
mod proxy;
mod rules;
mod scenario;
mod server;
mod settings;
mod sharing;
mod state;
mod throttle;
mod token;
mod traffic;
mod usage;
mod world;

use std::sync::Arc;

use time::{Date, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use expected::{
    ExpectedDocument, ExpectedScope, ExpectedUsage, ScopeKind, ScopeOutcome, UsageOutcome, UsageSource,
    WithheldDocument,
};
pub use faults::{Effect, Fault};
pub use log::{LoggedRequest, Sender};
pub use poison::{LinkPlace, Poison};
pub use portal::Page;
pub use rules::{Rule, Violation};
pub use scenario::{
    Agreement, BillingAccountData, BillingProfileData, BillingRole, BillingType, Channel, DateShape,
    DocumentData, External, InvoiceData, Kind, Monthly, NextLink, NoData, Person, PersonKind, ResultShape,
    Role, RoleThrough, Scenario, SectionRole, Served, SpendingLimitType, Storage, SubscriptionData,
    UsageData, UsageFields, Versions, Visibility,
};
pub use settings::{Bucket, Quota, Settings};
pub use sharing::{SavedSharing, SharingMishap};
pub use state::{Build, PortalOptions, SharingPage, Theme};
pub use traffic::Traffic;

/// Why the simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port of the loopback interface could not be had.
    #[error("no port on the loopback interface: {0}")]
    Port(#[from] std::io::Error),
    /// The certificates could not be made.
    #[error("no certificate: {0}")]
    Certificate(String),
    /// There is no built-in scenario of that name.
    #[error("there is no scenario {0:?}; there are {names}", names = Scenario::NAMES.join(", "))]
    UnknownScenario(String),
    /// A scenario's text is not a scenario.
    #[error("not a scenario: {0}")]
    Scenario(String),
}

/// A running local Azure. Dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<server::Shared>,
    fingerprint: String,
    certificates: Vec<Vec<u8>>,
    tls_port: u16,
    control_port: u16,
    proxy_port: u16,
    tasks: JoinSet<()>,
}

impl Simulator {
    /// Starts on three free loopback ports. It runs on the caller's runtime.
    ///
    /// # Errors
    /// When a port, the certificates or the scenario of the settings cannot be had.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        let scenario = Scenario::named(&settings.scenario)?;
        let identity = certificate::create()?;
        let (tls, control, proxy) = (free_port().await?, free_port().await?, free_port().await?);
        let (tls_port, control_port, proxy_port) = (
            tls.local_addr()?.port(),
            control.local_addr()?.port(),
            proxy.local_addr()?.port(),
        );
        let doors = server::Doors::new(&settings, identity.servers);
        let shared = Arc::new(server::Shared::new(state::State::new(settings, &scenario)));

        let mut tasks = JoinSet::new();
        tasks.spawn(server::serve(tls, Arc::new(doors), Arc::clone(&shared)));
        tasks.spawn(control::serve(control, Arc::clone(&shared)));
        tasks.spawn(proxy::serve(proxy, tls_port));
        Ok(Self {
            shared,
            fingerprint: identity.fingerprint,
            certificates: identity.certificates,
            tls_port,
            control_port,
            proxy_port,
            tasks,
        })
    }

    /// Port of all services, told apart by their host names.
    #[must_use]
    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Port of the control interface: plain HTTP and JSON.
    #[must_use]
    pub fn control_port(&self) -> u16 {
        self.control_port
    }

    /// Port of the CONNECT proxy.
    #[must_use]
    pub fn proxy_port(&self) -> u16 {
        self.proxy_port
    }

    /// Arguments with which Chromium finds the local Azure under its real names, trusts its key, and finds no other
    /// host at all. The certificate argument takes effect only beside a `--user-data-dir`.
    #[must_use]
    pub fn chromium_arguments(&self) -> Vec<String> {
        let known = hosts::all().map(|host| format!("MAP {host} 127.0.0.1:{}", self.tls_port));
        let rules: Vec<String> = known
            .chain(["MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1", "EXCLUDE localhost"].map(str::to_owned))
            .collect();
        vec![
            format!("--host-resolver-rules={}", rules.join(", ")),
            format!("--ignore-certificate-errors-spki-list={}", self.fingerprint),
        ]
    }

    /// The certificates of the services in DER, one for each name: a client that takes them as roots trusts the local
    /// Azure, if it looks the names up on 127.0.0.1.
    #[must_use]
    pub fn certificates_der(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// A new access token of the signed-in account, as the portal's page would be given one.
    #[must_use]
    pub fn access_token(&self) -> String {
        let token = self.shared.state().issue_token(OffsetDateTime::now_utc());
        // Every scenario has somebody.
        token.unwrap_or_default()
    }

    /// Address of a page of the portal.
    #[must_use]
    pub fn portal_url(&self, page: Page) -> String {
        page.url(&self.shared.state())
    }

    /// Serves another scenario from now on. Log, violations, operations and faults start anew; tokens issued so far
    /// are no longer known; the portal's options stay.
    pub fn load(&self, scenario: Scenario) {
        self.shared.state().load(&scenario);
    }

    /// Changes how the portal's page behaves, from its next load on.
    pub fn portal(&self, change: impl FnOnce(&mut PortalOptions)) {
        change(&mut self.shared.state().portal);
    }

    /// Signs the portal in as the scenario's nth account, counted from 0: from the next page load or token renewal
    /// on. Tokens of the account before stay good until their time. A number that nobody has is ignored.
    pub fn sign_in(&self, account: usize) {
        self.shared.state().sign_in(account);
    }

    /// Resource Manager refuses every token issued so far as expired; the page renews its own at its next call.
    pub fn expire_tokens(&self) {
        self.shared.state().expire_tokens(OffsetDateTime::now_utc());
    }

    /// Replaces the mishaps; an empty list ends them.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.state().set_faults(faults);
    }

    /// Says that something outside disturbs the run, such as a browser that is killed: documents may be fetched again.
    pub fn expect_repetition(&self) {
        self.shared.state().watch.disturb();
    }

    /// Forgets log, violations, operations and links; scenario, tokens and faults stay.
    pub fn forget(&self) {
        self.shared.state().forget();
    }

    /// The documents that a run of the signed-in account over these invoice dates (both included) ends with.
    #[must_use]
    pub fn expected_documents(&self, from: Date, to: Date) -> Vec<ExpectedDocument> {
        self.shared.state().expected_documents(from, to)
    }

    /// The documents of these invoice dates that exist but cannot be had in the ordinary way, each with the reason.
    #[must_use]
    pub fn withheld_documents(&self, from: Date, to: Date) -> Vec<WithheldDocument> {
        self.shared.state().withheld_documents(from, to)
    }

    /// The lists of invoices that a run of the signed-in account should ask, and what each answers about these invoice
    /// dates (both included).
    #[must_use]
    pub fn expected_scopes(&self, from: Date, to: Date) -> Vec<ExpectedScope> {
        self.shared.state().expected_scopes(from, to)
    }

    /// The usage behind the invoices of these dates (both included) that the signed-in account's lists show, one entry
    /// for each billing period and purchase.
    #[must_use]
    pub fn expected_usage(&self, from: Date, to: Date) -> Vec<ExpectedUsage> {
        self.shared.state().expected_usage(from, to)
    }

    /// Every request so far, in the order of the answers.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.state().log.clone()
    }

    /// Whether the account administrator allows others to download the invoices of a subscription, by its display name:
    /// the local Azure's own record, whatever was asked or shown. `false` for a name that nobody has.
    #[must_use]
    pub fn sharing(&self, subscription: &str) -> bool {
        self.shared.state().sharing(subscription).unwrap_or_default()
    }

    /// Switches that on or off, for everybody who has a subscription of that name. A name that nobody has is ignored.
    pub fn set_sharing(&self, subscription: &str, is_on: bool) {
        self.shared.state().set_sharing(subscription, is_on);
    }

    /// What goes wrong from now on when the sharing of a subscription of this name is saved in the portal; `None` ends
    /// it, and lets go of what is held.
    pub fn set_sharing_mishap(&self, subscription: &str, mishap: Option<SharingMishap>) {
        self.shared.state().forms.set_mishap(subscription, mishap);
    }

    /// How many times the portal was to save the sharing of a subscription of this name, whatever became of it, since
    /// the start, the last [`Simulator::load`] or the last [`Simulator::forget`].
    #[must_use]
    pub fn sharing_saves(&self, subscription: &str) -> usize {
        self.shared.state().forms.arrived(subscription)
    }

    /// What was saved in the portal and changed the record, in order, since then.
    #[must_use]
    pub fn saved_sharing(&self) -> Vec<SavedSharing> {
        self.shared.state().forms.saved().to_vec()
    }

    /// How many requests the extension has sent to Resource Manager, and how many of them were under way at once at
    /// the most, since the start, the last [`Simulator::load`] or the last [`Simulator::forget`].
    #[must_use]
    pub fn resource_manager_traffic(&self) -> Traffic {
        self.shared.state().traffic.told()
    }

    /// Every broken rule so far.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.state().watch.violations.clone()
    }

    /// Stops and waits until every connection is closed.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

async fn free_port() -> Result<TcpListener, Error> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?)
}

/// The calls of the control interface, one a line.
#[must_use]
pub fn control_calls() -> &'static str {
    control::CALLS
}
