//! What a faithful run over the signed-in person's invoices ends with: documents, usage, and an outcome for each scope.
//! It must not know how documents are asked for.

mod usage;

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde::Serialize;
use sha2::{Digest, Sha256};
use time::Date;

pub use usage::{ExpectedUsage, UsageOutcome, UsageSource};

use crate::documents;
use crate::hosts;
use crate::scenario::{Agreement, External, NextLink, Served, Storage, Versions, Visibility};
use crate::state::State;
use crate::world::{DocumentKey, Found, InvoiceKey, Person, Scope, Standing};

/// A document that a run over a range of dates should end with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedDocument {
    /// Display name of the subscription, billing profile or billing account that is billed.
    pub billed_to: String,
    /// Name of the invoice.
    pub invoice: String,
    /// Kind of the document.
    pub kind: String,
    /// What kind of file it is: `pdf` or `csv`.
    pub extension: &'static str,
    /// Date of the invoice (UTC).
    pub invoice_date: Date,
    /// Name of the document; of an enrolment's, its first number, which all documents of the invoice share.
    pub document: String,
    /// The file's content.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// SHA-256 of the content, lower-case hexadecimal.
    pub sha256: String,
}

/// A document that exists but cannot be had, or not in the ordinary way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithheldDocument {
    /// Display name of the subscription, billing profile or billing account that is billed.
    pub billed_to: String,
    /// Name of the invoice.
    pub invoice: String,
    /// Kind of the document.
    pub kind: String,
    /// What kind of file it is: `pdf` or `csv`.
    pub extension: &'static str,
    /// Date of the invoice (UTC).
    pub invoice_date: Date,
    /// Name of the document.
    pub document: String,
    /// The scenario's setting that keeps it back, for example `served Html`, or `external ` and the host it lies on.
    pub because: String,
    /// The content that its own host has, for those that a browser may save by itself.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A list of invoices that a run should have asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedScope {
    /// Display name.
    pub name: String,
    /// What is billed.
    pub kind: ScopeKind,
    /// What the list answers.
    pub outcome: ScopeOutcome,
}

/// What is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ScopeKind {
    /// A billing account.
    BillingAccount,
    /// A billing profile.
    BillingProfile,
    /// A subscription.
    Subscription,
}

/// What a list of invoices answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ScopeOutcome {
    /// So many invoices in the range, at least one.
    Listed(usize),
    /// It answers, with nothing in the range.
    NothingVisible,
    /// The person may not see it, or there is no such list for this subscription.
    Refused,
    /// The service failed, or its list leads elsewhere or never ends.
    Failed,
}

impl State {
    /// The documents that can be had, of invoices dated `from` to `to`, both included.
    pub(crate) fn expected_documents(&self, from: Date, to: Date) -> Vec<ExpectedDocument> {
        self.judged(from, to)
            .filter(|(_, because)| because.is_none())
            .map(|(found, _)| {
                let bytes = documents::content(found);
                ExpectedDocument {
                    billed_to: found.billed.name.to_owned(),
                    invoice: found.billed.invoice.name.clone(),
                    kind: found.document.kind.clone(),
                    extension: documents::extension(found),
                    invoice_date: found.billed.invoice.date(),
                    document: found.document.name.clone(),
                    sha256: hex(&Sha256::digest(&bytes)),
                    bytes,
                }
            })
            .collect()
    }

    /// The others, each with what keeps it back.
    pub(crate) fn withheld_documents(&self, from: Date, to: Date) -> Vec<WithheldDocument> {
        self.judged(from, to)
            .filter_map(|(found, because)| {
                Some(WithheldDocument {
                    because: because?,
                    billed_to: found.billed.name.to_owned(),
                    invoice: found.billed.invoice.name.clone(),
                    kind: found.document.kind.clone(),
                    extension: documents::extension(found),
                    invoice_date: found.billed.invoice.date(),
                    document: found.document.name.clone(),
                    bytes: documents::content(found),
                })
            })
            .collect()
    }

    /// The lists that a run should ask, with what they answer about invoices dated `from` to `to`, both included.
    pub(crate) fn expected_scopes(&self, from: Date, to: Date) -> Vec<ExpectedScope> {
        let Some(person) = self.world.people.get(self.signed_in) else {
            return Vec::new();
        };
        let view = self.view(person, from..=to);
        let scopes = view.asked().into_iter().filter_map(|scope| {
            let (name, kind) = match scope {
                Scope::Account(at) => (&person.billing_accounts.get(at)?.name, ScopeKind::BillingAccount),
                Scope::Profile(account, at) => {
                    (&person.profile(account, at)?.name, ScopeKind::BillingProfile)
                }
                Scope::Subscription(at) => (&person.subscriptions.get(at)?.name, ScopeKind::Subscription),
            };
            Some(ExpectedScope {
                name: name.clone(),
                kind,
                outcome: view.outcome(scope),
            })
        });
        scopes.collect()
    }

    /// Whether a list shows the signed-in person this document.
    pub(crate) fn shows(&self, key: DocumentKey) -> bool {
        let person = self.world.people.get(key.person);
        person.is_some_and(|person| {
            let all = Date::MIN..=Date::MAX;
            self.view(person, all).shown().contains(&key.invoice)
        })
    }

    fn view<'a>(&self, person: &'a Person, range: RangeInclusive<Date>) -> View<'a> {
        View {
            person,
            range,
            page_size: self.page_size(),
        }
    }

    /// Every document in the range, with what keeps it back.
    fn judged(&self, from: Date, to: Date) -> impl Iterator<Item = (Found<'_>, Option<String>)> {
        let person = self.world.people.get(self.signed_in);
        let shown = person.map(|person| self.view(person, from..=to).shown());
        let shown = shown.unwrap_or_default();
        self.world
            .documents(self.signed_in)
            .into_iter()
            .filter_map(|key| Some((key, self.world.find(key)?)))
            .filter(move |(_, found)| (from..=to).contains(&found.billed.invoice.date()))
            .map(move |(key, found)| (found, withheld_because(&shown, key.invoice, found)))
    }
}

/// What one person sees of the invoices of a range of dates.
struct View<'a> {
    person: &'a Person,
    range: RangeInclusive<Date>,
    page_size: usize,
}

impl View<'_> {
    /// The lists that are asked: accounts, or their profiles where the account itself shows nothing, and each
    /// subscription that is not billed by one of them.
    fn asked(&self) -> Vec<Scope> {
        let mut asked = Vec::new();
        let accounts = self.person.billing_accounts.iter().enumerate();
        for (at, account) in accounts.filter(|(_, account)| account.is_listed) {
            if self.gives_way_to_profiles(at) {
                asked.extend((0..account.profiles.len()).map(|profile| Scope::Profile(at, profile)));
            } else {
                asked.push(Scope::Account(at));
            }
        }
        for (at, subscription) in self.person.subscriptions.iter().enumerate() {
            let account = subscription.account;
            let Some(billed_by) = self.person.billing_accounts.get(account) else {
                continue;
            };
            if subscription.is_partners_customer() {
                asked.push(Scope::Subscription(at));
                continue;
            }
            match billed_by.agreement {
                Agreement::EnterpriseAgreement if asked.contains(&Scope::Account(account)) => {}
                Agreement::EnterpriseAgreement => asked.push(Scope::Account(account)),
                Agreement::MicrosoftOnlineServicesProgram => asked.push(Scope::Subscription(at)),
                _ if self.is_answered(account) => {}
                _ => asked.push(Scope::Subscription(at)),
            }
        }
        asked
    }

    fn gives_way_to_profiles(&self, at: usize) -> bool {
        let scope = Scope::Account(at);
        self.person.billing_accounts.get(at).is_some_and(|account| {
            let is_empty = self.person.standing(scope) == Standing::As(Visibility::Empty)
                || self.person.listed(scope).is_empty();
            account.agreement.has_profiles()
                && !account.profiles.is_empty()
                && (self.outcome(scope) == ScopeOutcome::Refused || (is_empty && !account.has_read_access))
        })
    }

    /// Whether an account, or one of its profiles, answers for the subscriptions that it bills.
    fn is_answered(&self, account: usize) -> bool {
        let answers = |scope: Scope, has_read_access: bool| match self.outcome(scope) {
            ScopeOutcome::Listed(_) | ScopeOutcome::Failed => true,
            ScopeOutcome::NothingVisible => has_read_access,
            ScopeOutcome::Refused => false,
        };
        let Some(found) = self.person.billing_accounts.get(account) else {
            return false;
        };
        let mut profiles = found.profiles.iter().enumerate();
        answers(Scope::Account(account), found.has_read_access)
            || profiles.any(|(at, profile)| answers(Scope::Profile(account, at), profile.has_read_access))
    }

    fn outcome(&self, scope: Scope) -> ScopeOutcome {
        match self.person.standing(scope) {
            Standing::As(Visibility::Listed) if self.is_listed_in_some_version(scope) => {}
            Standing::As(Visibility::Empty) => return ScopeOutcome::NothingVisible,
            Standing::As(Visibility::Failing) => return ScopeOutcome::Failed,
            _ => return ScopeOutcome::Refused,
        }
        let dates: Vec<Date> = self
            .person
            .listed(scope)
            .into_iter()
            .filter_map(|key| Some(self.person.billed(key)?.invoice.date()))
            .collect();
        let asked = dates.iter().filter(|date| *date >= self.range.start()).count();
        let is_broken = match self.person.list(scope).map(|list| list.next_link) {
            Some(NextLink::Cycle) => true,
            Some(NextLink::Poisoned(_)) => asked > self.page_size,
            _ => false,
        };
        let in_range = dates.iter().filter(|date| self.range.contains(date)).count();
        match (is_broken, in_range) {
            (true, _) => ScopeOutcome::Failed,
            (false, 0) => ScopeOutcome::NothingVisible,
            (false, count) => ScopeOutcome::Listed(count),
        }
    }

    /// Subscriptions have a list in the oldest version too.
    fn is_listed_in_some_version(&self, scope: Scope) -> bool {
        matches!(scope, Scope::Subscription(_))
            || self.person.lists_in_2024(scope)
            || self.person.lists_in_2020(scope)
    }

    /// Every invoice that one of the lists shows; behind a poisoned link nothing is.
    fn shown(&self) -> HashSet<InvoiceKey> {
        let mut shown = HashSet::new();
        for scope in self.asked() {
            let is_listed = self.person.standing(scope) == Standing::LISTED;
            if !is_listed || !self.is_listed_in_some_version(scope) {
                continue;
            }
            let next_link = self.person.list(scope).map(|list| list.next_link);
            let visible = match next_link {
                Some(NextLink::Poisoned(_)) => self.page_size,
                _ => usize::MAX,
            };
            shown.extend(self.person.listed(scope).into_iter().take(visible));
        }
        shown
    }
}

/// The setting of the scenario that keeps a document back.
fn withheld_because(shown: &HashSet<InvoiceKey>, key: InvoiceKey, found: Found<'_>) -> Option<String> {
    let Found { billed, document } = found;
    if !shown.contains(&key) {
        return Some(unlisted_because(billed.person, billed.to));
    }
    if billed.person.is_denied_documents(billed.to) {
        return Some("not shared".to_owned());
    }
    match document.external {
        Some(External::Municipality) => return Some(format!("external {}", hosts::MUNICIPALITY)),
        Some(External::Poisoned(poison)) => return Some(format!("external {poison:?}")),
        None => {}
    }
    if let Some(poison) = document.url {
        return Some(format!("url {poison:?}"));
    }
    if let Some(poison) = document.location {
        return Some(format!("location {poison:?}"));
    }
    let is_legacy = billed
        .person
        .list(billed.to)
        .is_some_and(|list| list.versions == Versions::Legacy);
    let storage = if is_legacy {
        Storage::Other
    } else {
        document.storage
    };
    if storage != Storage::Invoices {
        return Some(format!("storage {storage:?}"));
    }
    (document.served != Served::Pdf).then(|| format!("served {:?}", document.served))
}

/// The setting of the list that an invoice would be in, or of the account's.
fn unlisted_because(person: &Person, billed_to: Scope) -> String {
    let account = match billed_to {
        Scope::Account(at) | Scope::Profile(at, _) => Some(at),
        Scope::Subscription(_) => None,
    };
    let lists = [Some(billed_to), account.map(Scope::Account)];
    let because = lists.into_iter().flatten().find_map(|scope| {
        let poison = match person.list(scope)?.next_link {
            NextLink::Poisoned(poison) => Some(poison),
            _ => None,
        };
        match (person.standing(scope), poison) {
            (Standing::As(Visibility::Listed), Some(poison)) => Some(format!("next_link {poison:?}")),
            (Standing::As(Visibility::Listed) | Standing::Unsupported, _) => None,
            (Standing::As(visibility), _) => Some(format!("visibility {visibility:?}")),
        }
    });
    because.unwrap_or_else(|| "unlisted".to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
