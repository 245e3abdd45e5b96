//! What is worth asking now, for what a person is looking at: in order, few at once, never more than a budget.
//! Must not know: what follows from an answer.

use vecmap::VecSet;

use time::{Date, Duration, OffsetDateTime};

use crate::azure::json::items;
use crate::azure::{
    Account, AgreementType, Arm, AzureError, BillingAccount, BillingProfile, BillingProperty, DocumentSource,
    InvoiceList, Permissions, Subscription, list_invoices, read_page, read_resource,
};

use super::answers::{Answer, Answers, BillingScope, Question};
use super::facts::{
    Asked, Facts, InvoiceFacts, Lists, PersonFacts, opens_invoices, written_any, written_invoices,
};
use super::hint::Verdict;
use super::rules::verdict;

/// Questions under way at once.
pub const LARGEST_QUESTIONS: usize = 6;
/// What may be asked besides two questions for each place in sight: the three lists, and one more.
const BASE: usize = 4;
/// What may be asked besides for each place that the person has asked about.
const CHOSEN: usize = 3;
/// Places that the dock tells of where no row of the page is in sight.
const PLACES: usize = 5;
/// Places that are listed at all.
const MOST_PLACES: usize = 300;
/// How far back invoices are looked for: as far as the portal's own list goes by itself, and the period before.
const MONTHS_BACK: Duration = Duration::days(400);

/// What one page that the person is looking at shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// Whether it is about billing; else only who is acting is wanted.
    pub is_about_billing: bool,
    /// Whether every subscription is in sight, though only by who is billed for it.
    pub everything: bool,
    /// Whether it is a report, which is about the reported subscriptions alone.
    pub is_report: bool,
    /// The subscription that the page is about, lower case.
    pub subscription: Option<String>,
    /// Subscription ids and invoice numbers in sight, as the page shows them.
    pub rows: Vec<String>,
    /// Subscriptions that a report is about.
    pub reported: Vec<String>,
    /// Subscriptions in sight that the person has asked about.
    pub chosen: Vec<String>,
}

/// What is asked for one person.
#[derive(Debug, Default)]
pub struct Inquiry {
    answers: Answers,
    under_way: Vec<Question>,
    asked: usize,
    /// Everything that was in sight since the page was opened.
    seen: VecSet<String>,
    /// What the person has asked about since then.
    chosen: VecSet<String>,
    /// The pages that are open now.
    pages: Vec<Visible>,
}

impl Inquiry {
    /// Goes on from answers that were kept.
    pub fn new(mut answers: Answers, now: OffsetDateTime) -> Inquiry {
        answers.forget_old(now);
        Inquiry {
            answers,
            ..Inquiry::default()
        }
    }

    /// The answers so far.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Whether anything is being asked.
    pub fn is_asking(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Turns to what is in sight now, and says what is to be asked: each question once, a few at a time. What was said too
    /// long ago is asked again, and sooner what was not answered.
    pub fn turn_to(&mut self, pages: Vec<Visible>, now: OffsetDateTime) -> Vec<Question> {
        let of_single = |page: &Visible| page.subscription.clone();
        let were: VecSet<String> = self.pages.iter().filter_map(of_single).collect();
        let are: VecSet<String> = pages.iter().filter_map(of_single).collect();
        if were != are {
            self.asked = 0;
            self.seen.clear();
            self.chosen.clear();
        }
        let forgotten = self.answers.forget_old(now);
        self.asked = self.asked.saturating_sub(forgotten);
        for page in &pages {
            self.seen.extend(page.rows.iter().chain(&page.reported).cloned());
            self.chosen.extend(page.chosen.iter().cloned());
        }
        self.pages = pages;
        self.next()
    }

    /// Takes an answer, and says what is to be asked next.
    pub fn take(&mut self, question: &Question, answer: Answer, now: OffsetDateTime) -> Vec<Question> {
        self.under_way.retain(|asked| asked != question);
        self.answers.insert(question, answer, now);
        self.next()
    }

    /// Forgets every answer, so that all is asked anew; but not what the directories are called.
    pub fn begin_anew(&mut self) -> Vec<Question> {
        self.answers.keep_only(&Question::Directories);
        self.asked = 0;
        self.next()
    }

    fn next(&mut self) -> Vec<Question> {
        // Several subscriptions may lead to the same question.
        let wanted: VecSet<Question> = self.wanted().into_iter().collect();
        let is_asked =
            |question: &Question| self.answers.get(question).is_some() || self.under_way.contains(question);
        let payers: usize = self.pages.iter().map(|page| self.payers_in_sight(page)).sum();
        let places = (self.all_subscriptions().len() + payers).max(1);
        let shown = self
            .pages
            .iter()
            .flat_map(|page| page.rows.iter().chain(&page.reported));
        let shown: VecSet<&String> = shown.collect();
        let in_sight = places.max(shown.len());
        let budget = |places: usize| BASE + 2 * places + CHOSEN * self.chosen.len();
        let of_page = budget(self.seen.len().max(places)).saturating_sub(self.asked);
        // What an earlier background has asked about the same places counts, or each would go a little further.
        let known = wanted.iter().filter(|question| is_asked(question)).count();
        let of_places = budget(in_sight).saturating_sub(known);
        let places_free = LARGEST_QUESTIONS.saturating_sub(self.under_way.len());
        let next: Vec<Question> = wanted
            .iter()
            .filter(|question| !is_asked(question))
            .take(of_page.min(of_places).min(places_free))
            .cloned()
            .collect();
        self.asked += next.len();
        self.under_way.extend(next.iter().cloned());
        next
    }

    /// The subscriptions of all pages, each once.
    fn all_subscriptions(&self) -> Vec<String> {
        let each = self.pages.iter().flat_map(|page| self.subscriptions(page));
        each.collect::<VecSet<String>>().into_iter().collect()
    }

    /// The subscriptions that facts are wanted of for a page.
    fn subscriptions(&self, page: &Visible) -> Vec<String> {
        if !page.is_about_billing {
            return Vec::new();
        }
        if page.everything {
            return self.listed_subscriptions().take(MOST_PLACES).collect();
        }
        if let Some(id) = &page.subscription {
            return vec![id.clone()];
        }
        let is_id = |row: &&String| row.len() == 36;
        let mut ids: Vec<String> = page.rows.iter().filter(is_id).cloned().collect();
        if ids.is_empty() && !page.is_report {
            // Numbers of invoices do not tell whose they are.
            let most = PLACES.max(page.rows.len());
            ids.extend(self.listed_subscriptions().take(most));
        }
        for reported in &page.reported {
            if !ids.contains(reported) {
                ids.push(reported.clone());
            }
        }
        ids
    }

    fn listed_subscriptions(&self) -> impl Iterator<Item = String> {
        let list = self.answers.told(&Question::Subscriptions);
        let list = list.map(|body| items(body, "value")).unwrap_or_default();
        let known = list.iter().filter_map(Subscription::read);
        known.map(|known| known.subscription_id.to_ascii_lowercase())
    }

    /// The billing accounts that facts are wanted of for a page: those with invoices of their own, where no single
    /// subscription is meant.
    fn accounts(&self, page: &Visible) -> Vec<BillingAccount> {
        let is_of_subscriptions = page.subscription.is_some() || page.everything || page.is_report;
        if is_of_subscriptions || !page.is_about_billing {
            return Vec::new();
        }
        let list = self.answers.told(&Question::BillingAccounts);
        let list = list.map(|body| items(body, "value")).unwrap_or_default();
        let has_invoices = |account: &BillingAccount| {
            account.agreement.has_billing_profiles()
                || account.agreement == AgreementType::EnterpriseAgreement
        };
        let accounts = list.iter().filter_map(BillingAccount::read);
        accounts.filter(has_invoices).take(PLACES).collect()
    }

    /// Where no row is in sight the billing accounts and their profiles are what the person looks at.
    fn payers_in_sight(&self, page: &Visible) -> usize {
        if !page.rows.is_empty() {
            return 0;
        }
        let of_account = |account| 1 + self.profiles(&account).len();
        self.accounts(page).into_iter().map(of_account).sum()
    }

    fn profiles(&self, account: &BillingAccount) -> Vec<BillingProfile> {
        let list = self
            .answers
            .told(&Question::BillingProfiles(account.name.clone()));
        let list = list.map(|body| items(body, "value")).unwrap_or_default();
        list.iter()
            .filter_map(BillingProfile::read)
            .take(PLACES)
            .collect()
    }

    /// Whether the person holds no role on the account, and so maybe one on a profile of it.
    fn is_seen_by_profile(&self, account: &BillingAccount) -> bool {
        let scope = BillingScope::account(&account.name);
        let holds_nothing = match self.answers.get(&Question::BillingPermissions(scope)) {
            Some(Answer::Told(told)) => Permissions::read(told).is_empty(),
            Some(Answer::Refused) => true,
            _ => false,
        };
        account.agreement.has_billing_profiles() && holds_nothing
    }

    /// Of a single subscription the accounts matter only where its own word leaves something open: whether a partner stands
    /// between, or how it is billed at all.
    fn needs_accounts(&self, page: &Visible) -> bool {
        let Some(id) = &page.subscription else {
            return true;
        };
        match self.answers.get(&Question::BillingProperty(id.clone())) {
            None => false,
            Some(Answer::Told(told)) => !matches!(
                BillingProperty::read(told).agreement,
                AgreementType::MicrosoftCustomerAgreement | AgreementType::MicrosoftOnlineServicesProgram
            ),
            Some(_) => {
                let list = self.answers.told(&Question::Subscriptions);
                let list = list.map(|body| items(body, "value")).unwrap_or_default();
                let mut known = list.iter().filter_map(Subscription::read);
                let own = known.find(|known| known.subscription_id.eq_ignore_ascii_case(id));
                own.is_some_and(|own| own.quota_id.starts_with("CSP_"))
            }
        }
    }

    /// Everything worth asking by what is known, the worthiest first.
    fn wanted(&self) -> Vec<Question> {
        let (mut wanted, mut later) = (Vec::new(), Vec::new());
        for page in &self.pages {
            self.want_for(page, &mut wanted, &mut later);
        }
        // What leads to the worthier questions about other places may still be on its way.
        let leads_on = |question: &Question| {
            matches!(
                question,
                Question::Subscriptions
                    | Question::BillingAccounts
                    | Question::BillingProfiles(_)
                    | Question::BillingProperty(_)
            )
        };
        let is_open = |question: &Question| leads_on(question) && self.answers.get(question).is_none();
        if !wanted.iter().any(is_open) {
            wanted.extend(later);
        }
        wanted
    }

    fn want_for(&self, page: &Visible, wanted: &mut Vec<Question>, later: &mut Vec<Question>) {
        if !page.is_about_billing {
            wanted.push(Question::Directories);
            return;
        }
        wanted.push(Question::Subscriptions);
        if self.needs_accounts(page) {
            wanted.push(Question::BillingAccounts);
        }
        let subscriptions = self.subscriptions(page);
        let mut chosen = Vec::new();
        for id in page.chosen.iter().filter(|id| subscriptions.contains(id)) {
            wanted.push(Question::BillingProperty(id.clone()));
            self.want_about_subscription(page, id, wanted, &mut chosen);
        }
        wanted.extend(chosen);
        wanted.extend(subscriptions.iter().cloned().map(Question::BillingProperty));
        wanted.push(Question::Directories);
        for id in subscriptions.iter().filter(|_| !page.everything) {
            self.want_about_subscription(page, id, wanted, later);
        }
        for account in self.accounts(page) {
            let scope = BillingScope::account(&account.name);
            let permissions = Question::BillingPermissions(scope.clone());
            let told = self.answers.told(&permissions);
            if told.is_some_and(|told| opens_invoices(&Permissions::read(told))) {
                later.push(Question::AnyInvoice(scope));
            }
            wanted.push(permissions);
            if self.is_seen_by_profile(&account) {
                wanted.push(Question::BillingProfiles(account.name.clone()));
                for profile in self.profiles(&account) {
                    let scope = BillingScope {
                        profile: Some(profile.name),
                        ..BillingScope::account(&account.name)
                    };
                    self.want_about_scope(page, scope, None, wanted, later);
                }
            }
        }
    }

    fn want_about_subscription(
        &self,
        page: &Visible,
        id: &str,
        wanted: &mut Vec<Question>,
        later: &mut Vec<Question>,
    ) {
        let property = self.answers.get(&Question::BillingProperty(id.to_owned()));
        let told = match property {
            None => return,
            Some(Answer::Told(body)) => Some(BillingProperty::read(body)),
            Some(_) => None,
        };
        if let Some(told) = &told
            && !told.billing_account.is_empty()
            && (told.agreement.has_billing_profiles() || told.agreement == AgreementType::EnterpriseAgreement)
        {
            let profile = Some(told.billing_profile.clone());
            let profile = profile.filter(|name| !name.is_empty() && told.agreement.has_billing_profiles());
            let section = Some(told.invoice_section.clone());
            let section = section.filter(|name| !name.is_empty() && profile.is_some());
            let scope = BillingScope {
                account: told.billing_account.clone(),
                profile,
                section: None,
            };
            self.want_about_scope(page, scope, section, wanted, later);
            return;
        }
        let is_administrator = told.is_some_and(|told| told.is_account_administrator == Some(true));
        if !is_administrator {
            wanted.push(Question::Permissions(id.to_owned()));
        }
        later.push(Question::Invoices(id.to_owned()));
        if !is_administrator && page.subscription.is_some() {
            later.push(Question::RoleAssignments(id.to_owned()));
        }
    }

    /// Who could give a role is asked where it is needed, and so is whether the person has one further inside, on the
    /// section; which role it is, where a single subscription is meant.
    fn want_about_scope(
        &self,
        page: &Visible,
        scope: BillingScope,
        section: Option<String>,
        wanted: &mut Vec<Question>,
        later: &mut Vec<Question>,
    ) {
        let permissions = Question::BillingPermissions(scope.clone());
        let is_missing = match self.answers.get(&permissions) {
            Some(Answer::Told(body)) => !opens_invoices(&Permissions::read(body)),
            Some(_) => true,
            None => false,
        };
        let is_known = self.answers.get(&permissions).is_some();
        wanted.push(permissions);
        if is_missing || is_known && page.subscription.is_some() {
            later.push(Question::BillingRoleAssignments(scope.clone()));
        }
        if is_known && !is_missing {
            later.push(Question::AnyInvoice(scope.clone()));
        }
        if is_missing && section.is_some() {
            later.push(Question::BillingRoleAssignments(BillingScope {
                section,
                ..scope
            }));
        }
    }

    /// What is known about every place of every page, each once.
    pub fn places(&self, account: &Account, today: Date) -> Vec<Facts> {
        let mut payers: Vec<BillingAccount> = Vec::new();
        for payer in self.pages.iter().flat_map(|page| self.accounts(page)) {
            if !payers.iter().any(|known| known.name == payer.name) {
                payers.push(payer);
            }
        }
        self.places_of(self.all_subscriptions(), payers, account, today)
    }

    fn places_of(
        &self,
        subscriptions: Vec<String>,
        payers: Vec<BillingAccount>,
        account: &Account,
        today: Date,
    ) -> Vec<Facts> {
        let lists = Lists::read(&self.answers);
        let mut places: Vec<Facts> = Vec::new();
        for id in subscriptions {
            let facts = Facts::of_subscription(&self.answers, &lists, account, &id, today);
            match places.iter_mut().find(|known| known.place == facts.place) {
                Some(known) => known.join(facts),
                None => places.push(facts),
            }
        }
        for payer in payers {
            let of_profiles = Question::BillingProfiles(payer.name.clone());
            let profiles = self.profiles(&payer);
            let mut of_account = Facts::of_account(&self.answers, account, &payer, today);
            // Nobody is told to lack a role while one may yet be found on a profile.
            if self.is_seen_by_profile(&payer) && self.answers.told(&of_profiles).is_none() {
                if self.is_asking() && self.answers.get(&of_profiles).is_none() {
                    continue;
                }
                of_account.billing_permissions = Asked::Unanswered;
            }
            let of_profiles = profiles.iter();
            let of_profiles = of_profiles
                .map(|profile| Facts::of_profile(&self.answers, account, &payer, profile, today))
                .collect();
            let found: Vec<Facts> = match profiles.is_empty() {
                true => vec![of_account],
                false => of_profiles,
            };
            for facts in found {
                let is_known = places
                    .iter()
                    .any(|known| known.place.id.eq_ignore_ascii_case(&facts.place.id));
                if !is_known {
                    places.push(facts);
                }
            }
        }
        for facts in &mut places {
            facts.is_asking = self.is_asking();
        }
        places
    }

    /// What is to be said about every place of every page.
    pub fn verdicts(&self, account: &Account, today: Date) -> Vec<(Facts, Verdict)> {
        judged(self.places(account, today))
    }

    /// What is to be said about every place of one page.
    pub fn verdicts_on(&self, page: &Visible, account: &Account, today: Date) -> Vec<(Facts, Verdict)> {
        judged(self.places_of(self.subscriptions(page), self.accounts(page), account, today))
    }

    /// What is known about the person.
    pub fn person(&self, account: &Account) -> PersonFacts {
        PersonFacts::of(account, &self.answers)
    }
}

fn judged(places: Vec<Facts>) -> Vec<(Facts, Verdict)> {
    let judge = |facts| {
        let verdict = verdict(&facts);
        (facts, verdict)
    };
    places.into_iter().map(judge).collect()
}

/// Asks Azure a question, and not again where it fails: a hint can wait, and an address that has failed several times
/// Chromium does not let an extension repeat, which a run may have to (<https://www.chromium.org/throttling/>).
pub async fn ask(arm: &Arm, question: &Question, today: Date) -> Answer {
    let arm = &arm.gentle();
    let from = today - MONTHS_BACK;
    let told = match (question, question.path(arm.identity(), from, today)) {
        (Question::AnyInvoice(_), Some(path)) => read_page(arm, &path).await.map(|page| written_any(&page)),
        (_, Some(path)) => read_resource(arm, &path).await,
        (Question::Invoices(id), _) => ask_for_invoices(arm, id, today).await,
        (_, None) => return Answer::Unanswered,
    };
    match told {
        Ok(body) if is_answer(question, &body) => Answer::Told(body),
        // What cannot be read says nothing, least of all that there is nothing.
        Ok(_) => Answer::Unanswered,
        Err(AzureError::Forbidden(_)) => Answer::Refused,
        // A subscription without such a list, or one that another interface serves, keeps nothing from the person.
        Err(AzureError::NotFound(_) | AzureError::Rejected(_) | AzureError::WrongDirectory) => match question
        {
            Question::Invoices(_) | Question::AnyInvoice(_) => Answer::Absent,
            // Elsewhere such a place has no such thing, which says as much as a refusal.
            _ => Answer::Refused,
        },
        Err(_) => Answer::Unanswered,
    }
}

fn is_answer(question: &Question, body: &serde_json::Value) -> bool {
    match question {
        Question::BillingProperty(_) => body.is_object(),
        _ => body.get("value").is_some_and(serde_json::Value::is_array),
    }
}

async fn ask_for_invoices(arm: &Arm, id: &str, today: Date) -> Result<serde_json::Value, AzureError> {
    let mut found = Vec::new();
    let list = InvoiceList::Subscription(id);
    list_invoices(arm, &list, today - MONTHS_BACK, today, &mut |invoices| {
        found.extend(invoices.iter().map(|invoice| {
            InvoiceFacts {
                name: invoice.name.clone(),
                status: invoice.status.clone(),
                invoice_type: invoice.invoice_type.clone(),
                period_end: invoice.period_end,
                documents: invoice
                    .documents
                    .iter()
                    .filter(|document| document.source != DocumentSource::NotOffered)
                    .count(),
                is_split: invoice.documents.iter().any(|document| document.is_split),
                is_external: invoice
                    .documents
                    .iter()
                    .any(|document| matches!(document.source, DocumentSource::Elsewhere(_))),
            }
        }));
    })
    .await?;
    Ok(written_invoices(&found))
}
