//! The questions about access, and Azure's answers as far as facts are read from them.
//! Must not know: which question is worth asking, or what follows from an answer.

use serde_json::Value;
use time::{Date, Duration, OffsetDateTime};
use vecmap::VecMap;

use crate::azure::json::{self, text};
use crate::azure::{Identity, segment};

/// How long an answer counts. Roles change seldom, and whoever has just been given one can ask again.
const LIFETIME: Duration = Duration::hours(1);
/// How long a question is left alone that Azure did not answer.
const PATIENCE: Duration = Duration::minutes(1);

/// A billing account, one of its billing profiles, or an invoice section of that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BillingScope {
    /// The account's name in paths.
    pub account: String,
    /// The profile's name in paths.
    pub profile: Option<String>,
    /// The name in paths of the profile's section.
    pub section: Option<String>,
}

impl BillingScope {
    /// The whole account.
    pub fn account(name: &str) -> BillingScope {
        BillingScope {
            account: name.to_owned(),
            profile: None,
            section: None,
        }
    }

    fn path(&self) -> String {
        let account = format!(
            "/providers/Microsoft.Billing/billingAccounts/{}",
            segment(&self.account)
        );
        let Some(profile) = &self.profile else {
            return account;
        };
        let profile = format!("{account}/billingProfiles/{}", segment(profile));
        match &self.section {
            Some(section) => format!("{profile}/invoiceSections/{}", segment(section)),
            None => profile,
        }
    }
}

/// A question to Azure. Ids are those of paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Which directories the person belongs to.
    Directories,
    /// Which subscriptions the person sees.
    Subscriptions,
    /// Which billing accounts the person sees.
    BillingAccounts,
    /// Which profiles of a billing account the person sees.
    BillingProfiles(String),
    /// Who is billed for a subscription.
    BillingProperty(String),
    /// What the person may do on a subscription.
    Permissions(String),
    /// Which roles the person was given on a subscription, through groups too.
    RoleAssignments(String),
    /// What the person may do on a billing account or profile.
    BillingPermissions(BillingScope),
    /// Who was given which role on a billing account, profile or section.
    BillingRoleAssignments(BillingScope),
    /// Which invoices of the last months a subscription has, and whether their documents are offered.
    Invoices(String),
    /// Whether a billing account or profile has any invoice of the last months.
    AnyInvoice(BillingScope),
}

impl Question {
    /// What its answer is kept under.
    pub fn key(&self) -> String {
        let (kind, of) = match self {
            Question::Directories => ("directories", String::new()),
            Question::Subscriptions => ("subscriptions", String::new()),
            Question::BillingAccounts => ("accounts", String::new()),
            Question::BillingProfiles(account) => ("profiles", account.clone()),
            Question::BillingProperty(id) => ("property", id.clone()),
            Question::Permissions(id) => ("permissions", id.clone()),
            Question::RoleAssignments(id) => ("roles", id.clone()),
            Question::BillingPermissions(scope) => ("billing-permissions", scope.path()),
            Question::BillingRoleAssignments(scope) => ("billing-roles", scope.path()),
            Question::Invoices(id) => ("invoices", id.clone()),
            Question::AnyInvoice(scope) => ("any-invoice", scope.path()),
        };
        format!("{kind} {}", of.to_ascii_lowercase())
    }

    /// The path to ask, with its query; none for a subscription's invoices, whose interface has several versions. Invoices
    /// are asked for within a period.
    pub fn path(&self, identity: &Identity, from: Date, to: Date) -> Option<String> {
        let of_subscription =
            |id: &str, rest: &str| format!("/subscriptions/{}/providers/{rest}", segment(id));
        Some(match self {
            Question::Directories => "/tenants?api-version=2022-12-01".to_owned(),
            Question::Subscriptions => "/subscriptions?api-version=2022-12-01".to_owned(),
            Question::BillingAccounts => {
                "/providers/Microsoft.Billing/billingAccounts?api-version=2024-04-01&includeAll=true"
                    .to_owned()
            }
            Question::BillingProfiles(account) => {
                format!(
                    "{}/billingProfiles?api-version=2024-04-01",
                    BillingScope::account(account).path()
                )
            }
            Question::BillingProperty(id) => of_subscription(
                id,
                "Microsoft.Billing/billingProperty/default?api-version=2024-04-01&includeTransitionStatus=true",
            ),
            Question::Permissions(id) => {
                of_subscription(id, "Microsoft.Authorization/permissions?api-version=2022-04-01")
            }
            Question::RoleAssignments(id) => {
                let person = &identity.object_id;
                // Without the first half those on resource groups are listed, too.
                let list = "Microsoft.Authorization/roleAssignments?api-version=2022-04-01";
                of_subscription(
                    id,
                    &format!("{list}&$filter=atScope()%20and%20assignedTo('{person}')"),
                )
            }
            Question::BillingPermissions(scope) => {
                format!("{}/billingPermissions?api-version=2024-04-01", scope.path())
            }
            Question::BillingRoleAssignments(scope) => {
                format!("{}/billingRoleAssignments?api-version=2024-04-01", scope.path())
            }
            Question::AnyInvoice(scope) => format!(
                "{}/invoices?api-version=2024-04-01&periodStartDate={from}&periodEndDate={to}",
                scope.path()
            ),
            Question::Invoices(_) => return None,
        })
    }
}

/// What Azure said.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The body, or the part of it that matters.
    Told(Value),
    /// The person may not know it, or it is not there for them.
    Refused,
    /// There is no such thing, which says nothing about the person.
    Absent,
    /// Azure did not answer.
    Unanswered,
}

/// The answers of one person, by question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    kept: VecMap<String, (i64, Answer)>,
}

impl Answers {
    /// Takes an answer.
    pub fn insert(&mut self, question: &Question, answer: Answer, now: OffsetDateTime) {
        self.kept.insert(question.key(), (now.unix_timestamp(), answer));
    }

    /// The answer to a question, if it was asked.
    pub fn get(&self, question: &Question) -> Option<&Answer> {
        self.kept.get(&question.key()).map(|(_, answer)| answer)
    }

    /// The body of an answer, if it was told.
    pub fn told(&self, question: &Question) -> Option<&Value> {
        match self.get(question) {
            Some(Answer::Told(body)) => Some(body),
            _ => None,
        }
    }

    /// Forgets what was said too long ago, and sooner what Azure did not answer. Says how many answers that were.
    pub fn forget_old(&mut self, now: OffsetDateTime) -> usize {
        let before = self.kept.len();
        self.kept.retain(|_, (at, answer)| {
            let lifetime = match answer {
                Answer::Unanswered => PATIENCE,
                _ => LIFETIME,
            };
            *at > (now - lifetime).unix_timestamp()
        });
        before - self.kept.len()
    }

    /// Forgets everything but the answer to this.
    pub fn keep_only(&mut self, question: &Question) {
        let key = question.key();
        self.kept.retain(|kept, _| *kept == key);
    }

    /// As it is kept between lives of the background. What Azure did not answer is asked again in the next one.
    pub fn json(&self) -> String {
        let kept = self.kept.iter().filter_map(|(key, (at, answer))| {
            let answer = match answer {
                Answer::Told(body) => json::written_with_digits(body),
                Answer::Refused => "false".to_owned(),
                Answer::Absent => "null".to_owned(),
                Answer::Unanswered => return None,
            };
            let key = json::quoted(key);
            Some(format!("{{\"key\":{key},\"at\":\"{at}\",\"answer\":{answer}}}"))
        });
        format!("{{\"kept\":[{}]}}", kept.collect::<Vec<_>>().join(","))
    }

    /// Reads what [`Answers::json`] wrote.
    pub fn read(stored: &Value) -> Answers {
        let read = |item: &Value| {
            let at = text(item, "at").parse().ok()?;
            let answer = match item.get("answer")? {
                Value::Bool(_) => Answer::Refused,
                Value::Null => Answer::Absent,
                body => Answer::Told(body.clone()),
            };
            Some((text(item, "key").to_owned(), (at, answer)))
        };
        Answers {
            kept: json::items(stored, "kept").iter().filter_map(read).collect(),
        }
    }
}
