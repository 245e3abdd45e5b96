//! The lists of invoices: which invoices each of them holds, and whether this person is answered.
//! It must not know how a list is asked for or written.

use std::cmp::Reverse;

use super::{InvoiceKey, List, Person, Scope, Subscription};
use crate::scenario::{Agreement, Versions, Visibility};

/// What a person stands to get from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// What the scenario says.
    As(Visibility),
    /// 400: there is no such list under this agreement.
    Unsupported,
}

impl Standing {
    pub(crate) const LISTED: Self = Self::As(Visibility::Listed);
}

impl Person {
    pub(crate) fn list(&self, of: Scope) -> Option<List> {
        match of {
            Scope::Account(at) => Some(self.billing_accounts.get(at)?.list),
            Scope::Profile(account, at) => Some(self.profile(account, at)?.list),
            Scope::Subscription(at) => Some(self.subscriptions.get(at)?.list),
        }
    }

    pub(crate) fn agreement(&self, of: Scope) -> Option<Agreement> {
        let account = match of {
            Scope::Account(at) | Scope::Profile(at, _) => at,
            Scope::Subscription(at) => self.subscriptions.get(at)?.account,
        };
        Some(self.billing_accounts.get(account)?.agreement)
    }

    /// Whether a list answers in version 2024-04-01.
    pub(crate) fn lists_in_2024(&self, of: Scope) -> bool {
        self.list(of).is_some_and(|list| list.versions == Versions::Both)
    }

    /// Whether it answers in version 2020-05-01, which knows accounts and profiles of two agreements only.
    pub(crate) fn lists_in_2020(&self, of: Scope) -> bool {
        let knows =
            matches!(of, Scope::Subscription(_)) || self.agreement(of).is_some_and(Agreement::has_profiles);
        knows
            && self
                .list(of)
                .is_some_and(|list| list.versions != Versions::Legacy)
    }

    pub(crate) fn standing(&self, of: Scope) -> Standing {
        let standing = match of {
            Scope::Account(at) => self.standing_with_account(at),
            Scope::Profile(account, at) => self.standing_with_profile(account, at),
            Scope::Subscription(at) => self.subscriptions.get(at).map(|of| self.standing_with(of)),
        };
        standing.unwrap_or(Standing::As(Visibility::NotFound))
    }

    fn standing_with_account(&self, at: usize) -> Option<Standing> {
        let account = self
            .billing_accounts
            .get(at)
            .filter(|account| account.is_listed)?;
        Some(Standing::As(account.list.visibility))
    }

    fn standing_with_profile(&self, account: usize, at: usize) -> Option<Standing> {
        self.billing_accounts
            .get(account)
            .filter(|account| account.is_listed)?;
        Some(Standing::As(self.profile(account, at)?.list.visibility))
    }

    /// A role on the subscription alone shows invoices under the online services programme only.
    fn standing_with(&self, subscription: &Subscription) -> Standing {
        if subscription.is_partners_customer() {
            return Standing::As(Visibility::NotFound);
        }
        let told = Standing::As(subscription.list.visibility);
        match self
            .billing_accounts
            .get(subscription.account)
            .map(|of| of.agreement)
        {
            Some(Agreement::EnterpriseAgreement) => Standing::Unsupported,
            Some(Agreement::MicrosoftCustomerAgreement | Agreement::MicrosoftPartnerAgreement)
                if told == Standing::LISTED =>
            {
                let account = subscription.account;
                let is_visible = self.standing(Scope::Account(account)) == Standing::LISTED
                    || subscription
                        .profile
                        .is_some_and(|at| self.standing(Scope::Profile(account, at)) == Standing::LISTED);
                if is_visible {
                    told
                } else {
                    Standing::As(Visibility::Forbidden)
                }
            }
            _ => told,
        }
    }

    /// Whether an invoice that a list holds may be had there: a role on its profile is enough.
    pub(crate) fn may_have(&self, at: Scope, invoice: InvoiceKey) -> bool {
        self.standing(at) == Standing::LISTED
            || (matches!(invoice.billed_to, Scope::Profile(..))
                && self.standing(invoice.billed_to) == Standing::LISTED)
    }

    /// What a list holds, newest first.
    pub(crate) fn listed(&self, of: Scope) -> Vec<InvoiceKey> {
        let held_by: Vec<Scope> = match of {
            Scope::Account(at) => {
                let Some(account) = self.billing_accounts.get(at) else {
                    return Vec::new();
                };
                let profiles = (0..account.profiles.len()).map(|profile| Scope::Profile(at, profile));
                let subscriptions = self
                    .subscriptions
                    .iter()
                    .enumerate()
                    .filter(|(_, subscription)| {
                        subscription.account == at && is_in_the_accounts_list(subscription)
                    })
                    .map(|(subscription, _)| Scope::Subscription(subscription));
                std::iter::once(of).chain(profiles).chain(subscriptions).collect()
            }
            Scope::Subscription(at) => match self
                .subscriptions
                .get(at)
                .and_then(|of| Some((of.account, of.profile?)))
            {
                Some((account, profile)) => vec![Scope::Profile(account, profile)],
                None => vec![of],
            },
            Scope::Profile(..) => vec![of],
        };
        let mut keys: Vec<_> = held_by
            .into_iter()
            .flat_map(|billed_to| {
                let invoices = self.invoices(billed_to).iter().enumerate();
                invoices.map(move |(invoice, of)| (of.issued, InvoiceKey { billed_to, invoice }))
            })
            .collect();
        keys.sort_by_key(|(issued, _)| Reverse(*issued));
        keys.into_iter().map(|(_, key)| key).collect()
    }
}

/// The account's own list knows what its administrator could see with the subscription, in the newest version.
fn is_in_the_accounts_list(subscription: &Subscription) -> bool {
    subscription.is_administrator
        && subscription.list.visibility == Visibility::Listed
        && subscription.list.versions == Versions::Both
}
