//! What is known about a place and a person, put together from Azure's answers; what is not known is said to be so.
//! Must not know: what follows from it.

use serde_json::Value;
use time::Date;

use crate::azure::json::{self, items, text};
use crate::azure::{
    Account, AgreementType, BillingAccount, BillingProfile, BillingProperty, Permissions, RoleAssignment,
    Subscription, Tenant, parse_date,
};

use super::answers::{Answer, Answers, BillingScope, Question};
use super::role::Role;

/// The answer to a question that may not have been asked, or not have been answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked<T> {
    /// Nobody has asked.
    #[default]
    Not,
    /// Azure did not answer.
    Unanswered,
    /// Azure keeps it from this person.
    Refused,
    /// Azure has no such thing there, for whomever.
    Absent,
    /// Azure told this.
    Told(T),
}

impl<T> Asked<T> {
    fn of(answer: Option<&Answer>, read: impl FnOnce(&Value) -> T) -> Asked<T> {
        match answer {
            None => Asked::Not,
            Some(Answer::Unanswered) => Asked::Unanswered,
            Some(Answer::Refused) => Asked::Refused,
            Some(Answer::Absent) => Asked::Absent,
            Some(Answer::Told(body)) => Asked::Told(read(body)),
        }
    }

    /// What was told.
    pub fn told(&self) -> Option<&T> {
        match self {
            Asked::Told(told) => Some(told),
            _ => None,
        }
    }
}

/// What kind of place facts are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKind {
    /// A subscription that has invoices of its own, or whose payer is not known.
    #[default]
    Subscription,
    /// A billing profile.
    BillingProfile,
    /// A billing account, an enrollment among them.
    BillingAccount,
}

/// A place that has invoices.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Its id in paths.
    pub id: String,
    /// Its name for people; its id where it has none.
    pub name: String,
}

/// Whether the account administrator lets others download.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Documents are offered to somebody who is not the administrator.
    On,
    /// They are kept from somebody whose role would be enough.
    Off,
    /// Nothing seen tells.
    #[default]
    Unknown,
}

/// An invoice as its list tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFacts {
    /// Its name.
    pub name: String,
    /// Its status as Azure spells it.
    pub status: String,
    /// What kind of charges, as Azure spells it.
    pub invoice_type: String,
    /// Last day of its period.
    pub period_end: Option<Date>,
    /// How many documents are offered.
    pub documents: usize,
    /// Whether one of them comes in several parts.
    pub is_split: bool,
    /// Whether one of them lies outside Azure.
    pub is_external: bool,
}

/// Everything known about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Which place.
    pub place: Place,
    /// The subscription itself, where the place is whoever is billed for it.
    pub subscription: Option<Place>,
    /// What is known about the other subscriptions that led to the same place.
    pub others: Vec<Facts>,
    /// The subscriptions that led to it, lower case.
    pub subscriptions: Vec<String>,
    /// Today.
    pub today: Date,
    /// Whether it lies in Azure Government.
    pub is_government: bool,
    /// The agreement; [`AgreementType::Other`] with nothing in it when it is not known.
    pub agreement: AgreementType,
    /// Under which offer, such as `PayAsYouGo_2014-09-01`; may be empty.
    pub offer: String,
    /// State of the subscription as Azure spells it; may be empty.
    pub state: String,
    /// Who is billed.
    pub property: Asked<BillingProperty>,
    /// Effective permissions on the subscription.
    pub permissions: Asked<Permissions>,
    /// Effective permissions on the billing account or profile.
    pub billing_permissions: Asked<Permissions>,
    /// The person's roles here, as told or as inferred.
    pub roles: Vec<Role>,
    /// Addresses of those who may give a role that opens the invoices.
    pub owners: Vec<String>,
    /// Whether the list of accounts or profiles says that the person may read it.
    pub has_read_access: Option<bool>,
    /// Whether a reseller stands between Azure and the enrollment.
    pub is_indirect: bool,
    /// Whether the billing account is in the person's list; `None` where that list, or which account, was not told.
    pub is_account_in_sight: Option<bool>,
    /// Name, or else id, of the directory of the billing account where it is not the person's own.
    pub other_directory: Option<(String, String)>,
    /// Its invoices of the last months.
    pub invoices: Asked<Vec<InvoiceFacts>>,
    /// Whether anything is being asked, so that more may be known soon.
    pub is_asking: bool,
}

/// The lists that facts about several places are read from.
pub(super) struct Lists {
    subscriptions: Vec<Subscription>,
    /// `None` where the list was not told.
    accounts: Option<Vec<BillingAccount>>,
    directories: Vec<Tenant>,
}

impl Lists {
    /// What was told of them.
    pub(super) fn read(answers: &Answers) -> Lists {
        let told = |question| answers.told(&question).map(|body| items(body, "value"));
        let subscriptions = told(Question::Subscriptions).unwrap_or_default();
        let directories = told(Question::Directories).unwrap_or_default();
        Lists {
            subscriptions: subscriptions.iter().filter_map(Subscription::read).collect(),
            accounts: told(Question::BillingAccounts)
                .map(|accounts| accounts.iter().filter_map(BillingAccount::read).collect()),
            directories: directories.iter().filter_map(Tenant::read).collect(),
        }
    }

    fn subscription(&self, id: &str) -> Option<&Subscription> {
        let mut known = self.subscriptions.iter();
        known.find(|known| known.subscription_id.eq_ignore_ascii_case(id))
    }

    fn account(&self, name: &str) -> Option<&BillingAccount> {
        let mut known = self.accounts.iter().flatten();
        known.find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// Whether an account is in the list. One without a name may be any partner's.
    fn is_in_sight(&self, name: &str) -> Option<bool> {
        let accounts = self.accounts.as_ref()?;
        let is_partners =
            |account: &BillingAccount| account.agreement == AgreementType::MicrosoftPartnerAgreement;
        match name {
            "" => (!accounts.iter().any(is_partners)).then_some(false),
            name => Some(self.account(name).is_some()),
        }
    }

    fn directory_name(&self, id: &str) -> String {
        let mut known = self.directories.iter();
        let known = known.find(|known| known.tenant_id.eq_ignore_ascii_case(id));
        known.map_or_else(|| id.to_owned(), |known| name_or_id(&known.display_name, id))
    }
}

/// What is known about the person as such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// Whether it is a guest in the directory.
    pub is_guest: bool,
    /// Whether it is a personal Microsoft account.
    pub is_personal: bool,
    /// Whether neither a subscription nor a billing account is seen; `None` while that is not known.
    pub sees_nothing: Option<bool>,
}

impl PersonFacts {
    /// What Azure's answers and the sign-in tell.
    pub fn of(account: &Account, answers: &Answers) -> PersonFacts {
        let count = |question| answers.told(&question).map(|body| items(body, "value").len());
        let seen = count(Question::Subscriptions).zip(count(Question::BillingAccounts));
        PersonFacts {
            is_guest: account.is_guest,
            is_personal: account.is_personal,
            sees_nothing: seen.map(|(subscriptions, accounts)| subscriptions + accounts == 0),
        }
    }
}

impl Facts {
    /// Nothing known about a place.
    pub fn unknown(place: Place, today: Date) -> Facts {
        Facts {
            place,
            subscription: None,
            others: Vec::new(),
            subscriptions: Vec::new(),
            today,
            is_government: false,
            agreement: AgreementType::Other(String::new()),
            offer: String::new(),
            state: String::new(),
            property: Asked::Not,
            permissions: Asked::Not,
            billing_permissions: Asked::Not,
            roles: Vec::new(),
            owners: Vec::new(),
            has_read_access: None,
            is_indirect: false,
            is_account_in_sight: None,
            other_directory: None,
            invoices: Asked::Not,
            is_asking: false,
        }
    }

    /// What Azure's answers tell about a subscription, or about whoever is billed for it.
    pub(super) fn of_subscription(
        answers: &Answers,
        lists: &Lists,
        account: &Account,
        id: &str,
        today: Date,
    ) -> Facts {
        let subscription = lists.subscription(id);
        let own_name = subscription.map_or("", |known| &*known.display_name);
        let place = Place {
            kind: PlaceKind::Subscription,
            id: id.to_ascii_lowercase(),
            name: name_or_id(own_name, id),
        };
        let mut facts = Facts::unknown(place, today);
        facts.is_government = account.identity.cloud == crate::azure::Cloud::UsGovernment;
        facts.subscriptions = vec![id.to_ascii_lowercase()];
        if let Some(subscription) = subscription {
            facts.offer.clone_from(&subscription.quota_id);
            facts.state.clone_from(&subscription.state);
        }
        let property = answers.get(&Question::BillingProperty(id.to_owned()));
        facts.property = Asked::of(property, BillingProperty::read);
        facts.permissions = Asked::of(
            answers.get(&Question::Permissions(id.to_owned())),
            Permissions::read,
        );
        facts.roles = match answers.told(&Question::RoleAssignments(id.to_owned())) {
            Some(body) => {
                let mut given = RoleAssignment::read_all(body);
                given.retain(|assignment| !assignment.is_below_subscription());
                roles(&given)
            }
            None => facts.permissions.told().map(Role::behind).unwrap_or_default(),
        };
        facts.invoices = Asked::of(answers.get(&Question::Invoices(id.to_owned())), read_invoices);
        let Some(property) = facts.property.told().cloned() else {
            facts.agreement = agreement_of_offer(&facts.offer);
            facts.is_account_in_sight = lists.is_in_sight("");
            return facts;
        };
        let payer = lists.account(&property.billing_account);
        facts.is_account_in_sight = lists.is_in_sight(&property.billing_account);
        facts.is_indirect = payer.is_some_and(|payer| payer.is_indirect);
        facts.agreement = match &property.agreement {
            AgreementType::Other(said) if said.is_empty() => payer.map_or_else(
                || agreement_of_offer(&facts.offer),
                |payer| payer.agreement.clone(),
            ),
            said => said.clone(),
        };
        if !property.billing_tenant_id.is_empty() && property.billing_tenant_id != account.identity.tenant_id
        {
            let id = property.billing_tenant_id.clone();
            facts.other_directory = Some((lists.directory_name(&id), id));
        }
        if property.is_account_administrator == Some(true)
            && facts.agreement == AgreementType::MicrosoftOnlineServicesProgram
        {
            facts.roles.insert(0, Role::AccountAdministrator);
        }
        facts.move_to_payer(answers, account, &property);
        facts
    }

    /// The invoices of a subscription may be its profile's or its enrollment's: then the facts are about that.
    fn move_to_payer(&mut self, answers: &Answers, account: &Account, property: &BillingProperty) {
        let is_enterprise = self.agreement == AgreementType::EnterpriseAgreement;
        if property.billing_account.is_empty() || !is_enterprise && !self.agreement.has_billing_profiles() {
            return;
        }
        // A partner's customer knows the subscription, not what the partner calls its account.
        if self.agreement == AgreementType::MicrosoftPartnerAgreement
            && self.is_account_in_sight != Some(true)
        {
            return;
        }
        let profile = Some(&property.billing_profile).filter(|profile| !is_enterprise && !profile.is_empty());
        let scope = BillingScope {
            account: property.billing_account.clone(),
            profile: profile.cloned(),
            section: None,
        };
        let (kind, id, name) = match profile {
            Some(profile) => (
                PlaceKind::BillingProfile,
                profile,
                &property.billing_profile_display_name,
            ),
            None => (
                PlaceKind::BillingAccount,
                &property.billing_account,
                &property.billing_account_display_name,
            ),
        };
        let payer = Place {
            kind,
            id: id.clone(),
            name: name_or_id(name, id),
        };
        self.subscription = Some(std::mem::replace(&mut self.place, payer));
        self.take_billing_roles(answers, account, &scope);
        let section = Some(&property.invoice_section).filter(|name| !name.is_empty() && profile.is_some());
        if let Some(section) = section {
            let section = Some(section.clone());
            let scope = BillingScope { section, ..scope };
            let given = assignments(answers, &scope);
            self.add_roles(roles(&own(&given, account)));
        }
    }

    /// Takes over what another way to the same place told.
    pub(super) fn join(&mut self, other: Facts) {
        self.subscriptions.extend(other.subscriptions.iter().cloned());
        self.add_roles(other.roles.iter().copied());
        self.others.push(other);
    }

    fn add_roles(&mut self, more: impl IntoIterator<Item = Role>) {
        for role in more {
            if !self.roles.contains(&role) {
                self.roles.push(role);
            }
        }
    }

    /// What Azure's answers tell about a billing account.
    pub(super) fn of_account(
        answers: &Answers,
        account: &Account,
        payer: &BillingAccount,
        today: Date,
    ) -> Facts {
        let place = Place {
            kind: PlaceKind::BillingAccount,
            id: payer.name.clone(),
            name: name_or_id(&payer.display_name, &payer.name),
        };
        let mut facts = Facts::unknown(place, today);
        facts.agreement = payer.agreement.clone();
        facts.has_read_access = Some(payer.has_read_access);
        facts.is_indirect = payer.is_indirect;
        facts.is_account_in_sight = Some(true);
        facts.take_billing_roles(answers, account, &BillingScope::account(&payer.name));
        facts
    }

    /// What Azure's answers tell about a billing profile of an account.
    pub(super) fn of_profile(
        answers: &Answers,
        account: &Account,
        payer: &BillingAccount,
        profile: &BillingProfile,
        today: Date,
    ) -> Facts {
        let mut facts = Facts::of_account(answers, account, payer, today);
        facts.place = Place {
            kind: PlaceKind::BillingProfile,
            id: profile.name.clone(),
            name: name_or_id(&profile.display_name, &profile.name),
        };
        facts.has_read_access = Some(profile.has_read_access);
        let scope = BillingScope {
            profile: Some(profile.name.clone()),
            ..BillingScope::account(&payer.name)
        };
        facts.take_billing_roles(answers, account, &scope);
        facts
    }

    fn take_billing_roles(&mut self, answers: &Answers, account: &Account, scope: &BillingScope) {
        let permissions = answers.get(&Question::BillingPermissions(scope.clone()));
        self.billing_permissions = Asked::of(permissions, Permissions::read);
        // That there are some says nothing about any of them.
        self.invoices = match answers.told(&Question::AnyInvoice(scope.clone())) {
            Some(body) if items(body, "value").is_empty() => Asked::Told(Vec::new()),
            _ => Asked::Not,
        };
        let given = assignments(answers, scope);
        self.roles = roles(&own(&given, account));
        let is_own = |assignment: &RoleAssignment| assignment.principal == account.identity.object_id;
        for assignment in &given {
            if let Some(address) = assignment.address.as_ref().filter(|_| !is_own(assignment))
                && Role::of_definition(&assignment.role).is_billing_owner()
                && !self.owners.contains(address)
            {
                self.owners.push(address.clone());
            }
        }
    }

    /// Whether the account administrator shares the invoices, by what their list offered.
    pub fn sharing(&self) -> Sharing {
        let is_administrator = self
            .property
            .told()
            .and_then(|property| property.is_account_administrator);
        match &self.invoices {
            _ if is_administrator != Some(false)
                || self.agreement != AgreementType::MicrosoftOnlineServicesProgram =>
            {
                Sharing::Unknown
            }
            Asked::Told(invoices) if invoices.iter().any(|invoice| invoice.documents > 0) => Sharing::On,
            Asked::Told(invoices) if !invoices.is_empty() => Sharing::Off,
            Asked::Refused if self.may_read_invoices() == Some(true) => Sharing::Off,
            _ => Sharing::Unknown,
        }
    }

    /// Whether the person's roles on the subscription include invoices; `None` where that is not known. Reader and Billing
    /// Reader may download without holding the action of that name, so it is not what is asked for.
    pub fn may_read_invoices(&self) -> Option<bool> {
        let permissions = self.permissions.told()?;
        Some(permissions.allow("Microsoft.Billing/invoices/read"))
    }

    /// Whether the person's billing role includes invoices; `None` where that is not known.
    pub fn may_read_billing(&self) -> Option<bool> {
        self.billing_permissions.told().map(opens_invoices)
    }
}

/// Whether a billing role with these permissions includes invoices. Under a Customer or Partner Agreement actions are
/// opaque ids, and three of them every role has which may download. Of an enrollment no role names invoices: whoever
/// reads all of it gets them, other than whoever reads it only to buy.
pub(super) fn opens_invoices(permissions: &Permissions) -> bool {
    let of_enrollment =
        |action: &str| permissions.allow(&format!("Microsoft.Billing/billingAccounts/{action}"));
    let only_buys = of_enrollment("purchase/action") && !of_enrollment("write");
    let of_profile = ["6", "7", "8"].iter().all(|last| {
        let id = format!("40000000-aaaa-bbbb-cccc-20000000000{last}");
        permissions.allow(&id)
    });
    of_profile || of_enrollment("invoices/read") || of_enrollment("read") && !only_buys
}

fn assignments(answers: &Answers, scope: &BillingScope) -> Vec<RoleAssignment> {
    let given = answers.told(&Question::BillingRoleAssignments(scope.clone()));
    given.map(RoleAssignment::read_all).unwrap_or_default()
}

/// The person's own.
fn own(given: &[RoleAssignment], account: &Account) -> Vec<RoleAssignment> {
    let own = given
        .iter()
        .filter(|assignment| assignment.principal == account.identity.object_id);
    own.cloned().collect()
}

/// The part of a list of invoices that is kept: no address of any document.
pub(super) fn written_invoices(invoices: &[InvoiceFacts]) -> Value {
    let mark = |is_so: bool| if is_so { "true" } else { "false" };
    let items = invoices.iter().map(|invoice| {
        let end = invoice.period_end.map_or_else(String::new, |day| day.to_string());
        format!(
            "{{\"name\":{},\"status\":{},\"type\":{},\"end\":\"{end}\",\"documents\":\"{}\",\"split\":{},\"external\":{}}}",
            json::quoted(&invoice.name),
            json::quoted(&invoice.status),
            json::quoted(&invoice.invoice_type),
            invoice.documents,
            mark(invoice.is_split),
            mark(invoice.is_external),
        )
    });
    let items = items.collect::<Vec<_>>().join(",");
    json::parse(format!("{{\"value\":[{items}]}}").as_bytes())
}

/// The first page of a list of invoices, as far as it matters whether there are any. An empty page before others says
/// nothing.
pub(super) fn written_any(body: &Value) -> Value {
    let is_empty = items(body, "value").is_empty();
    json::parse(match body.get("value") {
        Some(Value::Array(_)) if !is_empty => br#"{"value":[{}]}"#,
        Some(Value::Array(_)) if json::given(body, "nextLink").is_none() => br#"{"value":[]}"#,
        _ => b"{}",
    })
}

fn read_invoices(body: &Value) -> Vec<InvoiceFacts> {
    let is_set = |item: &Value, field: &str| item.get(field).and_then(Value::as_bool) == Some(true);
    let read = |item: &Value| InvoiceFacts {
        name: text(item, "name").to_owned(),
        status: text(item, "status").to_owned(),
        invoice_type: text(item, "type").to_owned(),
        period_end: parse_date(text(item, "end")),
        documents: text(item, "documents").parse().unwrap_or_default(),
        is_split: is_set(item, "split"),
        is_external: is_set(item, "external"),
    };
    items(body, "value").iter().map(read).collect()
}

/// Roles, each once.
fn roles(given: &[RoleAssignment]) -> Vec<Role> {
    let mut roles = Vec::new();
    for assignment in given {
        let role = Role::of_definition(&assignment.role);
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles
}

/// Under which agreement an offer is made, where that is certain.
fn agreement_of_offer(offer: &str) -> AgreementType {
    match offer {
        _ if offer.starts_with("CSP_") => AgreementType::MicrosoftPartnerAgreement,
        // `EnterpriseAgreement_` is that of the Azure Plan of a Customer Agreement, too.
        _ if offer.starts_with("PayAsYouGo_") => AgreementType::MicrosoftOnlineServicesProgram,
        _ => AgreementType::Other(String::new()),
    }
}

fn name_or_id(name: &str, id: &str) -> String {
    match name.trim() {
        "" => id.to_owned(),
        name => name.to_owned(),
    }
}
