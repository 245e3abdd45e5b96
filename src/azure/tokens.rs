//! The tokens on loan: one per person, kept while a portal tab of that person is open or a run of theirs needs it.
//! Must not know: headers, storage or messages; it is told what was seen and which tabs are gone.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use vecmap::{VecMap, VecSet};

use super::cloud::Cloud;
use super::token::{AccessToken, Account, Identity, TokenRefused, bearer_part};

/// A browser tab, by the browser's own number.
pub type TabId = i32;

/// A shared handle to the tokens on loan.
#[derive(Clone, Default)]
pub struct Tokens(Rc<RefCell<Loans>>);

#[derive(Default)]
struct Loans {
    held: VecMap<Identity, Rc<AccessToken>>,
    tabs: VecMap<TabId, Identity>,
    working: VecSet<Identity>,
    refused: VecSet<[u8; 32]>,
    refused_tabs: Vec<TabId>,
    waiting: Vec<(Identity, oneshot::Sender<Rc<AccessToken>>)>,
}

impl Tokens {
    /// Whether this token is held already, and this tab's: a page uses the same one all day.
    pub fn is_lent_by(&self, tab: TabId, header: &str) -> bool {
        let loans = self.0.borrow();
        let held = loans.tabs.get(&tab).and_then(|owner| loans.held.get(owner));
        held.is_some_and(|held| bearer_part(header) == Some(held.secret()))
    }

    /// Takes a token that this tab's portal page has just used. The tab belongs to its person from now on.
    pub fn offer(
        &self,
        tab: TabId,
        header: &str,
        cloud: Cloud,
        now: OffsetDateTime,
    ) -> Result<Account, TokenRefused> {
        let token = AccessToken::read(header, cloud, now)?;
        let account = token.account().clone();
        let mut loans = self.0.borrow_mut();
        if loans.refused.contains(&fingerprint(token.secret())) {
            return Err(TokenRefused::RefusedBefore);
        }
        let identity = account.identity.clone();
        loans.tabs.insert(tab, identity.clone());
        let newer = loans
            .held
            .get(&identity)
            .is_none_or(|held| held.expires() <= token.expires());
        if newer {
            let token = Rc::new(token);
            loans.held.insert(identity.clone(), token.clone());
            for (wanted, reply) in std::mem::take(&mut loans.waiting) {
                if wanted == identity {
                    // A dropped receiver means that the run was cancelled meanwhile.
                    let _ = reply.send(token.clone());
                } else {
                    loans.waiting.push((wanted, reply));
                }
            }
        }
        loans.drop_unneeded();
        Ok(account)
    }

    /// Whose portal page this tab shows, as long as a usable token of theirs is held.
    pub fn account_of_tab(&self, tab: TabId, now: OffsetDateTime) -> Option<Account> {
        let loans = self.0.borrow();
        let held = loans.held.get(loans.tabs.get(&tab)?)?;
        held.is_fresh(now).then(|| held.account().clone())
    }

    /// Whose portal page this tab showed last, with or without a usable token.
    pub fn owner_of_tab(&self, tab: TabId) -> Option<Identity> {
        self.0.borrow().tabs.get(&tab).cloned()
    }

    /// Every person of whom a usable token is held.
    pub fn accounts(&self, now: OffsetDateTime) -> Vec<Account> {
        self.0
            .borrow()
            .held
            .values()
            .filter(|held| held.is_fresh(now))
            .map(|held| held.account().clone())
            .collect()
    }

    /// The tab was closed or left the portal.
    pub fn tab_gone(&self, tab: TabId) {
        let mut loans = self.0.borrow_mut();
        loans.tabs.remove(&tab);
        loans.drop_unneeded();
    }

    /// A run of this person began (`true`) or ended.
    pub fn set_working(&self, identity: &Identity, working: bool) {
        let mut loans = self.0.borrow_mut();
        if working {
            loans.working.insert(identity.clone());
        } else {
            loans.working.remove(identity);
            loans.drop_unneeded();
        }
    }

    /// Whether something waits for this person to open the portal.
    pub fn is_waiting_for(&self, identity: &Identity) -> bool {
        self.0
            .borrow()
            .waiting
            .iter()
            .any(|(wanted, reply)| wanted == identity && !reply.is_canceled())
    }

    /// Drops tokens that have ended.
    pub fn drop_expired(&self, now: OffsetDateTime) {
        self.0.borrow_mut().held.retain(|_, held| held.is_fresh(now));
    }

    /// Tabs whose token Azure has refused since the last call: what was kept for them is worthless.
    pub fn take_refused_tabs(&self) -> Vec<TabId> {
        std::mem::take(&mut self.0.borrow_mut().refused_tabs)
    }

    /// Azure refused this token: it is dropped and never taken again.
    pub(super) fn refuse(&self, token: &AccessToken) {
        let mut loans = self.0.borrow_mut();
        loans.refused.insert(fingerprint(token.secret()));
        if loans
            .held
            .get(token.identity())
            .is_some_and(|held| held.secret() == token.secret())
        {
            loans.held.remove(token.identity());
            let tabs = loans
                .tabs
                .iter()
                .filter(|(_, owner)| *owner == token.identity())
                .map(|(tab, _)| *tab);
            let tabs: Vec<TabId> = tabs.collect();
            loans.refused_tabs.extend(tabs);
        }
    }

    /// The newest token of this person, if it is fresh.
    pub(super) fn held(&self, identity: &Identity, now: OffsetDateTime) -> Option<Rc<AccessToken>> {
        let loans = self.0.borrow();
        loans
            .held
            .get(identity)
            .filter(|held| held.is_fresh(now))
            .cloned()
    }

    /// Lends a token of this person; waits until their portal page has used a fresh one.
    pub(super) async fn lend(&self, identity: &Identity, now: OffsetDateTime) -> Rc<AccessToken> {
        loop {
            if let Some(held) = self.held(identity, now) {
                return held;
            }
            let reply = {
                let mut loans = self.0.borrow_mut();
                let (sender, receiver) = oneshot::channel();
                loans.waiting.retain(|(_, reply)| !reply.is_canceled());
                loans.waiting.push((identity.clone(), sender));
                receiver
            };
            if let Ok(token) = reply.await {
                return token;
            }
        }
    }
}

impl Loans {
    fn drop_unneeded(&mut self) {
        let (tabs, working) = (&self.tabs, &self.working);
        self.held
            .retain(|identity, _| working.contains(identity) || tabs.values().any(|of| of == identity));
    }
}

fn fingerprint(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}
