//! The one way to Azure Resource Manager: gate, token, send, learn, retry, read the error.
//! Must not know: what a resource means, or any host but the cloud's Resource Manager.

use std::rc::Rc;

use super::error::{AzureError, Unauthorized, refused, unauthorized};
use super::gate::{Brake, Gate};
use super::link::{ArmRequest, Bucket};
use super::ports::{Clock, HttpRequest, HttpResponse, Transport};
use super::retry::{Decision, decide};
use super::token::Identity;
use super::tokens::Tokens;

/// Fresh tokens asked for during one request before its 401 is believed.
const FRESH_TOKENS: u32 = 3;
/// Reads under way at once, polls included.
pub const READS_UNDER_WAY: usize = 12;
/// Download POSTs under way at once: at the start, and at most. The billing service's own bucket is unpublished.
const FIRST_DOWNLOADS: usize = 3;
const MOST_DOWNLOADS: usize = 20;
/// Requests about costs under way at once: about eight are allowed in a window.
const COSTS: usize = 2;
/// How we name ourselves to Azure.
const PRODUCT: &str = concat!("PortalInvoices/", env!("CARGO_PKG_VERSION"));

/// A client of Azure Resource Manager, acting as one person.
#[derive(Clone)]
pub struct Arm {
    identity: Identity,
    tokens: Tokens,
    transport: Rc<dyn Transport>,
    clock: Rc<dyn Clock>,
    reads: Gate,
    downloads: Gate,
    costs: Gate,
    is_gentle: bool,
    brake: Brake,
}

impl Arm {
    /// A client that acts as `identity` and never as anyone else.
    pub fn new(
        identity: Identity,
        tokens: Tokens,
        transport: Rc<dyn Transport>,
        clock: Rc<dyn Clock>,
    ) -> Arm {
        let reads = Gate::new(clock.clone(), READS_UNDER_WAY, READS_UNDER_WAY);
        let downloads = Gate::new(clock.clone(), FIRST_DOWNLOADS, MOST_DOWNLOADS);
        let costs = Gate::new(clock.clone(), COSTS, COSTS);
        Arm {
            identity,
            tokens,
            transport,
            clock,
            reads,
            downloads,
            costs,
            is_gentle: false,
            brake: Brake::default(),
        }
    }

    /// The same client, through the same gates, for what nobody waits for: where Azure fails, it is left alone.
    #[must_use]
    pub fn gentle(&self) -> Arm {
        Arm {
            is_gentle: true,
            ..self.clone()
        }
    }

    /// The same client, through the same gates, as long as this brake lets it begin something.
    #[must_use]
    pub fn braked(&self, brake: Brake) -> Arm {
        Arm {
            brake,
            ..self.clone()
        }
    }

    /// Whom it acts as.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Sends a checked request and gives back a success (2xx).
    ///
    /// Waits for the bucket, for a token of this identity, and between retries; ends in an error only when nothing
    /// is left to try.
    pub async fn send(&self, request: &ArmRequest) -> Result<HttpResponse, AzureError> {
        let gate = match request.bucket() {
            Bucket::Reads => &self.reads,
            Bucket::Preparations => &self.downloads,
            Bucket::Costs => &self.costs,
        };
        let (mut attempt, mut fresh_tokens) = (1, 0);
        loop {
            self.brake.released().await;
            // The token first: waiting for a person must not hold a place at the gate.
            let mut token = self.tokens.lend(&self.identity, self.clock.now()).await;
            let outcome = {
                let _pass = gate.enter(request.goes_on(), &self.brake).await?;
                // A closed gate may outlast a token.
                if let Some(newest) = self.tokens.held(&self.identity, self.clock.now()) {
                    token = newest;
                }
                let sent = HttpRequest::authorized(
                    request.method(),
                    request.url().to_owned(),
                    self.headers(request),
                    request.body().map(str::to_owned),
                    token.clone(),
                );
                let outcome = self.transport.send(sent).await;
                if let Ok(response) = &outcome {
                    gate.learn(response);
                }
                outcome
            };
            if let Ok(response) = &outcome
                && response.status == 401
            {
                match unauthorized(response) {
                    Unauthorized::Directory => return Err(AzureError::WrongDirectory),
                    Unauthorized::Role => return Err(refused(response)),
                    Unauthorized::Token | Unauthorized::Claims => {
                        self.tokens.refuse(&token);
                        fresh_tokens += 1;
                        if fresh_tokens <= FRESH_TOKENS {
                            continue;
                        }
                        return Err(AzureError::SignInAgain);
                    }
                }
            }
            let has_failed = outcome.as_ref().is_ok_and(|response| response.status >= 500);
            match decide(attempt, &outcome, self.clock.now(), self.clock.chance()) {
                Decision::Again(wait) if !(has_failed && self.is_gentle) => {
                    attempt += 1;
                    self.clock.sleep(wait).await;
                }
                _ => {
                    let response = outcome?;
                    return if response.status < 300 {
                        Ok(response)
                    } else {
                        Err(refused(&response))
                    };
                }
            }
        }
    }

    fn headers(&self, request: &ArmRequest) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            ("x-ms-command-name", PRODUCT.to_owned()),
            ("x-ms-client-request-id", self.request_id()),
        ];
        if request.body().is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        headers
    }

    /// A random id (RFC 9562, version 4) by which Microsoft's support finds one request in its logs.
    fn request_id(&self) -> String {
        let mut digits = String::with_capacity(36);
        for at in 0..32 {
            if matches!(at, 8 | 12 | 16 | 20) {
                digits.push('-');
            }
            let random = (self.clock.chance() * 16.0) as u32;
            let digit = match at {
                12 => 4,
                16 => 8 | (random & 3),
                _ => random & 15,
            };
            digits.push(char::from_digit(digit, 16).unwrap_or('0'));
        }
        digits
    }
}
