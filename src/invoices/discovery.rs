//! Asks Azure for everything billed to this person in a period, scope by scope, telling each finding at once.
//! Must not know: what is already saved, or what will be done with a finding.

use std::cell::RefCell;

use futures_util::future::{LocalBoxFuture, join};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use crate::azure::{
    AgreementType, Arm, AzureError, BillingAccount, BillingProfile, BillingProperty, Invoice, InvoiceList,
    Refusal, Subscription, billing_property, list_billing_accounts, list_billing_profiles, list_invoices,
    list_subscriptions, list_tenants,
};
use crate::spelling::spelled;

use super::billing_period::ProfileSubscription;
use super::document::ListedInvoice;
use super::period::Period;

spelled! {
    /// What kind of place a scope is.
    pub enum ScopeKind {
        /// The list of billing accounts itself; told only when it broke off.
        Accounts = "accounts",
        /// The list of subscriptions itself; told only when it broke off.
        Subscriptions = "subscriptions",
        /// A billing account.
        Account = "account",
        /// A billing profile.
        Profile = "profile",
        /// A subscription.
        Subscription = "subscription",
    }
}

/// A place in Azure that has invoices of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// Its name as people know it; its id where it has none; empty for the lists themselves.
    pub name: String,
    /// Its id in paths; empty for the lists themselves.
    pub id: String,
}

/// How asking a scope ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ScopeOutcome {
    /// It answered with this many invoices of the period.
    Listed(usize),
    /// It answered, with nothing that this person may see in the period.
    NothingVisible,
    /// This person may not see its invoices.
    Refused(Refused),
    /// It did not answer to the end; what was found before counts.
    Failed(AzureError),
    /// Its invoices are another scope's, which is asked in its place.
    BilledElsewhere,
}

/// Why a person may not see the invoices of a scope.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// Azure said so: a role is missing, or the place is not there for this person.
    ByAzure(Refusal),
    /// An Enterprise Agreement that is not in the person's list: only its administrators get invoices.
    EnterpriseAdministratorsOnly,
    /// A partner stands between, who gets the invoice and bills in turn.
    BilledByPartner,
    /// The billing account is at home in another directory.
    OtherDirectory,
    /// No version of the interface serves such an account or offer.
    NotServed,
}

/// One step of discovery.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// So many more scopes will be asked.
    Scopes(usize),
    /// Invoices of the period; one that two scopes have is told twice.
    Invoices(Vec<ListedInvoice>),
    /// A scope has been asked to the end.
    ScopeEnded(Scope, ScopeOutcome),
    /// A billing profile is billed for this subscription.
    Subscription(ProfileSubscription),
    /// Names of further directories that the person belongs to; only the signed-in one is asked.
    OtherDirectories(Vec<String>),
}

/// Asks every billing account, billing profile and subscription that the person can see for the invoices dated within
/// `period`.
///
/// A subscription whose invoices are its billing account's is not asked where that account has answered. An error is
/// that of the lists, when neither of them tells a single place to ask; everything else is a finding.
///
/// # Errors
/// Why not even the list of subscriptions could be had.
pub async fn discover(arm: &Arm, period: Period, tell: impl Fn(Finding)) -> Result<(), AzureError> {
    let places = async {
        let (accounts, subscriptions) = join(list_billing_accounts(arm), list_subscriptions(arm)).await;
        let found_none = accounts.items.is_empty() && subscriptions.items.is_empty();
        match subscriptions.broken_off {
            Some(error) if found_none => return Err(error),
            Some(error) => list_broke_off(ScopeKind::Subscriptions, error, &tell),
            None => {}
        }
        if let Some(error) = accounts.broken_off {
            list_broke_off(ScopeKind::Accounts, error, &tell);
        }
        let inquiry = Inquiry {
            arm,
            period,
            accounts: &accounts.items,
            subscriptions: &subscriptions.items,
            tell: &tell,
            answered: RefCell::default(),
            billed_by_account: RefCell::default(),
        };
        inquiry.ask_everywhere().await;
        Ok(())
    };
    join(places, other_directories(arm, &tell)).await.0
}

fn list_broke_off(kind: ScopeKind, error: AzureError, tell: &impl Fn(Finding)) {
    let (name, id) = (String::new(), String::new());
    tell(Finding::Scopes(1));
    tell(Finding::ScopeEnded(
        Scope { kind, name, id },
        outcome_of(Err(error), 0),
    ));
}

/// What an answer means, after so many invoices.
fn outcome_of(answer: Result<(), AzureError>, count: usize) -> ScopeOutcome {
    match answer {
        Ok(()) if count == 0 => ScopeOutcome::NothingVisible,
        Ok(()) => ScopeOutcome::Listed(count),
        Err(AzureError::Forbidden(refusal) | AzureError::NotFound(refusal)) if count == 0 => {
            ScopeOutcome::Refused(Refused::ByAzure(refusal))
        }
        Err(AzureError::Rejected(refusal)) if count == 0 && refusal.status == 400 => {
            ScopeOutcome::Refused(Refused::NotServed)
        }
        Err(AzureError::WrongDirectory) if count == 0 => ScopeOutcome::Refused(Refused::OtherDirectory),
        Err(error) => ScopeOutcome::Failed(error),
    }
}

/// That the names cannot be had takes nothing away from what was asked.
async fn other_directories(arm: &Arm, tell: &impl Fn(Finding)) {
    let names: Vec<String> = list_tenants(arm)
        .await
        .items
        .into_iter()
        .filter(|tenant| !tenant.tenant_id.eq_ignore_ascii_case(&arm.identity().tenant_id))
        .map(|tenant| name_or_id(&tenant.display_name, &tenant.tenant_id))
        .collect();
    if !names.is_empty() {
        tell(Finding::OtherDirectories(names));
    }
}

/// What one discovery is about, and what it has learnt.
struct Inquiry<'a> {
    arm: &'a Arm,
    period: Period,
    accounts: &'a [BillingAccount],
    subscriptions: &'a [Subscription],
    tell: &'a dyn Fn(Finding),
    /// Which accounts, or which profiles of them, speak for their subscriptions.
    answered: RefCell<Vec<Answered<'a>>>,
    /// Subscriptions whose invoices may be their account's.
    billed_by_account: RefCell<Vec<BilledByAccount<'a>>>,
}

/// A place that speaks for the subscriptions that it bills.
struct Answered<'a> {
    account: &'a str,
    /// The profile's name; `None` when the account speaks for all of them.
    profile: Option<String>,
}

/// A subscription whose invoices are its billing account's, as far as that account tells them.
struct BilledByAccount<'a> {
    subscription: &'a Subscription,
    agreement: AgreementType,
    property: Option<BillingProperty>,
    /// What its own list answered, where it was asked: no version knew it.
    own: Option<ScopeOutcome>,
}

/// Puts questions side by side until each is answered. They are all of one type, which keeps the core small.
async fn ask_side_by_side<'a>(questions: impl Iterator<Item = LocalBoxFuture<'a, ()>>) {
    let mut questions: FuturesUnordered<_> = questions.collect();
    while questions.next().await.is_some() {}
}

impl<'a> Inquiry<'a> {
    async fn ask_everywhere(&self) {
        (self.tell)(Finding::Scopes(self.accounts.len() + self.subscriptions.len()));
        let accounts = self.accounts.iter();
        let subscriptions = self.subscriptions.iter();
        ask_side_by_side(
            accounts
                .map(|account| self.ask_account(account).boxed_local())
                .chain(subscriptions.map(|each| self.ask_subscription(each).boxed_local())),
        )
        .await;
        let billed = self.billed_by_account.take();
        let unanswered = self.settle(&billed);
        ask_side_by_side(
            unanswered
                .into_iter()
                .map(|billed| self.ask_in_place(billed).boxed_local()),
        )
        .await;
    }

    /// Tells what is known of subscriptions by their accounts' answers; those that must be asked are given back.
    fn settle<'b>(&self, billed: &'b [BilledByAccount<'a>]) -> Vec<&'b BilledByAccount<'a>> {
        let mut unseen_enrolments: Vec<&str> = Vec::new();
        let mut unanswered = Vec::new();
        for billed in billed {
            let is_enrolment =
                |account: &BillingAccount| account.agreement == AgreementType::EnterpriseAgreement;
            let is_in_sight = self.accounts.iter().any(|account| match &billed.property {
                Some(_) => billed.is_billed_by(&account.name),
                // Which enrolment bills it cannot be learnt; the one in sight does.
                None => is_enrolment(account),
            });
            let is_enterprise = billed.agreement == AgreementType::EnterpriseAgreement;
            if self.is_answered_for(billed) || is_enterprise && is_in_sight {
                let name = name_of(billed.subscription);
                let id = &billed.subscription.subscription_id;
                self.ended(ScopeKind::Subscription, name, id, ScopeOutcome::BilledElsewhere);
            } else if is_enterprise {
                // One line for the enrolment, whichever and however many of its subscriptions are seen.
                let refused = ScopeOutcome::Refused(Refused::EnterpriseAdministratorsOnly);
                let account = billed
                    .property
                    .as_ref()
                    .map_or("", |property| &property.billing_account);
                let (kind, name, outcome) = match billed.property.as_ref().filter(|_| !account.is_empty()) {
                    None => (ScopeKind::Subscription, name_of(billed.subscription), refused),
                    Some(_) if unseen_enrolments.contains(&account) => (
                        ScopeKind::Account,
                        account.to_owned(),
                        ScopeOutcome::BilledElsewhere,
                    ),
                    Some(property) => {
                        unseen_enrolments.push(account);
                        let name = name_or_id(&property.billing_account_display_name, account);
                        (ScopeKind::Account, name, refused)
                    }
                };
                let id = match kind {
                    ScopeKind::Subscription => &billed.subscription.subscription_id,
                    _ => account,
                };
                self.ended(kind, name, id, outcome);
            } else if billed.agreement == AgreementType::MicrosoftPartnerAgreement && !is_in_sight {
                let refused = ScopeOutcome::Refused(Refused::BilledByPartner);
                let id = &billed.subscription.subscription_id;
                self.ended(ScopeKind::Subscription, name_of(billed.subscription), id, refused);
            } else {
                unanswered.push(billed);
            }
        }
        unanswered
    }

    fn is_answered_for(&self, billed: &BilledByAccount<'_>) -> bool {
        let profile = billed
            .property
            .as_ref()
            .map_or("", |property| &property.billing_profile);
        self.answered.borrow().iter().any(|answered| {
            let is_its_profile = |name: &String| name.eq_ignore_ascii_case(profile);
            billed.is_billed_by(answered.account) && answered.profile.as_ref().is_none_or(is_its_profile)
        })
    }

    fn ended(&self, kind: ScopeKind, name: String, id: &str, outcome: ScopeOutcome) {
        let id = id.to_owned();
        (self.tell)(Finding::ScopeEnded(Scope { kind, name, id }, outcome));
    }

    /// Asks an account; where it keeps its invoices to itself, each of its profiles, for a role on one of them is
    /// enough to see that one's.
    async fn ask_account(&self, account: &'a BillingAccount) {
        let name = name_or_id(&account.display_name, &account.name);
        let list = InvoiceList::Account(&account.name, &account.agreement);
        let mut outcome = self.ask(&list, &name, Payer::account(account)).await;
        let keeps = match &outcome {
            ScopeOutcome::Refused(_) => true,
            ScopeOutcome::NothingVisible => !account.has_read_access,
            ScopeOutcome::Listed(_) | ScopeOutcome::Failed(_) | ScopeOutcome::BilledElsewhere => false,
        };
        let has_profiles = account.agreement.has_billing_profiles();
        if keeps && has_profiles {
            let profiles = list_billing_profiles(self.arm, &account.name).await;
            if !profiles.items.is_empty() {
                (self.tell)(Finding::Scopes(profiles.items.len()));
                let each = profiles.items.iter();
                ask_side_by_side(each.map(|profile| self.ask_profile(account, profile).boxed_local())).await;
                outcome = ScopeOutcome::BilledElsewhere;
            }
            if let Some(error) = profiles.broken_off {
                outcome = outcome_of(Err(error), 0);
            }
        }
        // One that failed is told as failed; its subscriptions would be asked in vain, too, or told twice. Without
        // profiles only a list that is not empty is known to be everybody's.
        let speaks = !keeps && (has_profiles || matches!(outcome, ScopeOutcome::Listed(_)));
        if speaks {
            self.answered.borrow_mut().push(Answered {
                account: &account.name,
                profile: None,
            });
        }
        if account.is_indirect && matches!(outcome, ScopeOutcome::Refused(_)) {
            outcome = ScopeOutcome::Refused(Refused::BilledByPartner);
        }
        self.ended(ScopeKind::Account, name, &account.name, outcome);
    }

    async fn ask_profile(&self, account: &'a BillingAccount, profile: &BillingProfile) {
        let name = name_or_id(&profile.display_name, &profile.name);
        let list = InvoiceList::Profile(&account.name, &profile.name);
        let outcome = self.ask(&list, &name, Payer::account(account)).await;
        // Also when it refuses: a role on one of its subscriptions opens no invoices of a profile.
        self.answered.borrow_mut().push(Answered {
            account: &account.name,
            profile: Some(profile.name.clone()),
        });
        self.ended(ScopeKind::Profile, name, &profile.name, outcome);
    }

    /// Asks a subscription that has invoices of its own; one that is billed by its account is kept for later, and so
    /// is one that no current version knows.
    async fn ask_subscription(&self, subscription: &'a Subscription) {
        // Roles that may not read who is billed may still read invoices.
        let property = billing_property(self.arm, &subscription.subscription_id)
            .await
            .ok();
        let agreement = self.agreement_of(subscription, property.as_ref());
        if let Some(property) = property.as_ref()
            && !property.billing_profile.is_empty()
        {
            (self.tell)(Finding::Subscription(ProfileSubscription {
                id: subscription.subscription_id.clone(),
                name: name_of(subscription),
                account: property.billing_account.clone(),
                profile: property.billing_profile.clone(),
            }));
        }
        let mut own = None;
        if matches!(
            agreement,
            AgreementType::MicrosoftOnlineServicesProgram | AgreementType::Other(_)
        ) {
            let list = InvoiceList::Subscription(&subscription.subscription_id);
            let name = name_of(subscription);
            let outcome = self
                .ask(&list, &name, Payer::of(property.as_ref(), &agreement))
                .await;
            let is_unknown = match &outcome {
                ScopeOutcome::Refused(Refused::ByAzure(refusal)) => refusal.status == 404,
                outcome => *outcome == ScopeOutcome::Refused(Refused::NotServed),
            };
            if !is_unknown {
                self.ended(
                    ScopeKind::Subscription,
                    name,
                    &subscription.subscription_id,
                    outcome,
                );
                return;
            }
            own = Some(outcome);
        }
        self.billed_by_account.borrow_mut().push(BilledByAccount {
            subscription,
            agreement,
            property,
            own,
        });
    }

    /// Asks a subscription because its billing account told nothing: its own list, or the interface of 2018 where that
    /// list is known to no other.
    async fn ask_in_place(&self, billed: &BilledByAccount<'_>) {
        let id = &billed.subscription.subscription_id;
        let name = name_of(billed.subscription);
        let list = match billed.own {
            Some(_) => InvoiceList::SubscriptionIn2018(id),
            None => InvoiceList::Subscription(id),
        };
        let payer = Payer::of(billed.property.as_ref(), &billed.agreement);
        let mut outcome = self.ask(&list, &name, payer).await;
        if let (ScopeOutcome::Refused(_), Some(own)) = (&outcome, &billed.own) {
            outcome = own.clone();
        }
        let home = billed
            .property
            .as_ref()
            .map_or("", |property| &*property.billing_tenant_id);
        if matches!(outcome, ScopeOutcome::Refused(_))
            && !home.is_empty()
            && home != self.arm.identity().tenant_id
        {
            outcome = ScopeOutcome::Refused(Refused::OtherDirectory);
        }
        self.ended(ScopeKind::Subscription, name, id, outcome);
    }

    /// Under which agreement a subscription is billed: as Azure says, by itself or by the account that it names, else as the
    /// offer tells. That of an enrolment is a Customer Agreement's too, and tells it only where an enrolment is in sight.
    fn agreement_of(&self, subscription: &Subscription, property: Option<&BillingProperty>) -> AgreementType {
        let offer = &subscription.quota_id;
        let unsaid = AgreementType::Other(String::new());
        let of_account = property.and_then(|property| {
            let name = &property.billing_account;
            let mut accounts = self.accounts.iter();
            accounts.find(|account| account.name.eq_ignore_ascii_case(name))
        });
        match property.map(|property| &property.agreement) {
            Some(said) if *said != unsaid => said.clone(),
            _ if of_account.is_some() => of_account.map_or(unsaid, |account| account.agreement.clone()),
            _ if offer.starts_with("CSP_") => AgreementType::MicrosoftPartnerAgreement,
            _ if offer.starts_with("EnterpriseAgreement_") && self.sees_enrolment() => {
                AgreementType::EnterpriseAgreement
            }
            _ => unsaid,
        }
    }

    fn sees_enrolment(&self) -> bool {
        let mut accounts = self.accounts.iter();
        accounts.any(|account| account.agreement == AgreementType::EnterpriseAgreement)
    }

    async fn ask(&self, list: &InvoiceList<'_>, scope_name: &str, payer: Payer) -> ScopeOutcome {
        let mut count = 0;
        let asked = self.period.with_margin();
        let result = list_invoices(self.arm, list, asked.from, asked.to, &mut |invoices| {
            let listed: Vec<ListedInvoice> = invoices
                .into_iter()
                .map(|mut invoice| {
                    // Older interfaces leave out what the question says.
                    if let InvoiceList::Subscription(id) | InvoiceList::SubscriptionIn2018(id) = list {
                        invoice.subscription_id.get_or_insert_with(|| id.to_string());
                    }
                    invoice.subscription_name = self.subscription_of(&invoice);
                    ListedInvoice {
                        billed_to: self.billed_to(&invoice, scope_name),
                        account: payer.account.clone(),
                        agreement: payer.agreement.clone(),
                        invoice,
                    }
                })
                // An invoice without any readable date cannot be shown to lie outside.
                .filter(|listed| listed.date().is_none_or(|date| self.period.contains(date)))
                .collect();
            count += listed.len();
            if !listed.is_empty() {
                (self.tell)(Finding::Invoices(listed));
            }
        })
        .await;
        outcome_of(result, count)
    }

    /// The name of the subscription that an invoice bills: today's, else the one that the invoice tells.
    fn subscription_of(&self, invoice: &Invoice) -> Option<String> {
        let is_it = |known: &&Subscription| {
            let id = invoice.subscription_id.as_deref();
            id.is_some_and(|id| known.subscription_id.eq_ignore_ascii_case(id))
        };
        let known = self.subscriptions.iter().find(is_it);
        let names = [
            known.map(|known| &known.display_name),
            invoice.subscription_name.as_ref(),
        ];
        let mut names = names.into_iter().flatten().map(|name| name.trim());
        names.find(|name| !name.is_empty()).map(str::to_owned)
    }

    /// Who an invoice bills, as far as it says the same whichever scope tells it: files are named after it.
    fn billed_to(&self, invoice: &Invoice, scope_name: &str) -> String {
        let names = [&invoice.subscription_name, &invoice.billing_profile_name];
        let mut names = names.into_iter().flatten().map(|name| name.trim());
        names
            .find(|name| !name.is_empty())
            .unwrap_or(scope_name)
            .to_owned()
    }
}

impl BilledByAccount<'_> {
    fn is_billed_by(&self, account: &str) -> bool {
        self.property
            .as_ref()
            .is_some_and(|property| property.billing_account.eq_ignore_ascii_case(account))
    }
}

/// Whom the invoices of a place bill.
struct Payer {
    /// The billing account's name for people, and in paths.
    account: (String, String),
    agreement: AgreementType,
}

impl Payer {
    fn account(account: &BillingAccount) -> Payer {
        Payer {
            account: (account.display_name.clone(), account.name.clone()),
            agreement: account.agreement.clone(),
        }
    }

    /// Whoever is billed for a subscription, as far as Azure tells it.
    fn of(property: Option<&BillingProperty>, agreement: &AgreementType) -> Payer {
        let account = property.map_or_else(Default::default, |property| {
            let name = property.billing_account_display_name.clone();
            (name, property.billing_account.clone())
        });
        Payer {
            account,
            agreement: agreement.clone(),
        }
    }
}

fn name_of(subscription: &Subscription) -> String {
    name_or_id(&subscription.display_name, &subscription.subscription_id)
}

fn name_or_id(name: &str, id: &str) -> String {
    match name.trim() {
        "" => id.to_owned(),
        name => name.to_owned(),
    }
}
