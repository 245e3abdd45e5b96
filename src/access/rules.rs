//! The rules: facts to verdict and hints, as tables that a person who knows Azure's billing can read and check.
//! Must not know: where facts come from, or the words of a hint.
//!
//! Sources: Microsoft's articles named in [`Article`], and what Azure was recorded to answer.

use time::{Date, Duration, Month};

use crate::azure::AgreementType;

use super::article::Article;
use super::facts::{Asked, Facts, InvoiceFacts, PersonFacts, Sharing};
use super::hint::{Ask, Hint, HintCode as Code, May, RequestKind as Request, Severity, Verdict};
use super::role::Role;

use Article::{
    BillingAccess, CustomerAgreementRoles, DownloadInvoice, EnterpriseRoles, PartnerAgreement,
    SwitchDirectory,
};
use May::{No, Unknown, Yes};
use Severity::{Info, Success, Warning};

/// A billing period lasts about so long.
const PERIOD: Duration = Duration::days(30);
/// An invoice is issued at most so long after its period has ended.
const ISSUE: Duration = Duration::days(15);

/// A line of a table: what is said when its condition holds.
struct Rule {
    when: fn(&Facts) -> bool,
    code: Code,
    severity: Severity,
    ask: Option<Ask>,
    request: Option<Request>,
    article: Article,
}

/// A line of the table that decides: see the list, download, let others download.
struct Access {
    may: (May, May, May),
    rule: Rule,
}

const fn rule(
    when: fn(&Facts) -> bool,
    code: Code,
    severity: Severity,
    ask: Option<Ask>,
    request: Option<Request>,
    article: Article,
) -> Rule {
    Rule {
        when,
        code,
        severity,
        ask,
        request,
        article,
    }
}

const fn access(may: (May, May, May), rule: Rule) -> Access {
    Access { may, rule }
}

/// Who may see and download: the first line that holds decides.
#[rustfmt::skip]
static ACCESS: &[Access] = &[
    // A partner's customer, an indirect enrollment: the partner has the invoice.
    access((No, No, No), rule(is_partners_customer, Code::BilledByPartner, Warning, Some(Ask::Partner), Some(Request::Partner), PartnerAgreement)),
    access((Unknown, Unknown, No), rule(|it| is_enterprise(it) && it.is_indirect, Code::EnterpriseIndirect, Info, Some(Ask::Partner), Some(Request::Partner), EnterpriseRoles)),

    // Billing roles are had in the directory of the billing account; those on a pay-as-you-go subscription are not.
    access((No, No, No), rule(|it| !is_online(it) && it.other_directory.is_some() && !is_seen(it), Code::OtherDirectory, Warning, Some(Ask::SwitchDirectory), None, SwitchDirectory)),

    // Enterprise Agreement.
    access((Yes, Yes, No), rule(|it| is_enterprise(it) && has_billing_role(it), Code::Enterprise, Success, None, None, EnterpriseRoles)),
    access((No, No, No), rule(|it| is_enterprise(it) && has_department_role(it), Code::DepartmentRole, Warning, Some(Ask::EnterpriseAdministrator), Some(Request::EnterpriseRole), EnterpriseRoles)),
    access((No, No, No), rule(|it| is_enterprise(it) && lacks_billing_role(it), Code::EnterpriseRoleMissing, Warning, Some(Ask::EnterpriseAdministrator), Some(Request::EnterpriseRole), EnterpriseRoles)),

    // Microsoft Customer Agreement and Partner Agreement.
    access((Yes, Yes, No), rule(|it| has_profiles(it) && has_billing_role(it), Code::BillingRole, Success, None, None, CustomerAgreementRoles)),
    access((No, No, No), rule(|it| is_customer(it) && has_section_role(it), Code::InvoiceSectionRole, Warning, Some(Ask::ProfileOwner), Some(Request::BillingRole), CustomerAgreementRoles)),
    access((No, No, No), rule(|it| is_customer(it) && lacks_billing_role(it), Code::BillingRoleMissing, Warning, Some(Ask::ProfileOwner), Some(Request::BillingRole), CustomerAgreementRoles)),
    access((No, No, No), rule(|it| is_partner(it) && it.is_account_in_sight == Some(true) && lacks_billing_role(it), Code::PartnerRoleMissing, Warning, Some(Ask::PartnerDirectory), Some(Request::BillingRole), PartnerAgreement)),

    // Microsoft Online Services Program: the account administrator, and others whose role includes invoices, once allowed.
    access((Yes, Yes, Yes), rule(|it| is_online(it) && is_administrator(it), Code::Administrator, Success, Some(Ask::AllowOthers), None, BillingAccess)),
    access((Yes, Yes, No), rule(|it| is_online(it) && it.sharing() == Sharing::On, Code::Shared, Success, None, None, BillingAccess)),
    access((No, No, No), rule(|it| is_online(it) && it.is_government, Code::GovernmentOwner, Warning, Some(Ask::AdministratorForCopy), Some(Request::Copy), BillingAccess)),
    access((Unknown, No, No), rule(|it| is_online(it) && it.sharing() == Sharing::Off, Code::NotShared, Warning, Some(Ask::Administrator), Some(Request::Share), BillingAccess)),
    access((No, No, No), rule(|it| is_online(it) && holds_nothing(it), Code::NoRole, Warning, Some(Ask::OwnerAndAdministrator), Some(Request::RoleAndShare), BillingAccess)),
    access((No, No, No), rule(|it| is_online(it) && it.may_read_invoices() == Some(false), Code::RoleWithoutInvoices, Warning, Some(Ask::OwnerAndAdministrator), Some(Request::RoleAndShare), BillingAccess)),
    access((Unknown, Unknown, No), rule(|it| is_online(it) && it.may_read_invoices() == Some(true), Code::SharingUnknown, Info, Some(Ask::Administrator), Some(Request::Share), BillingAccess)),

    // What is not known is said to be so, once everything was asked.
    access((Unknown, Unknown, Unknown), rule(|it| !is_being_asked(it) && !is_known_agreement(it), Code::AgreementUnknown, Info, None, None, DownloadInvoice)),
    access((Unknown, Unknown, Unknown), rule(|it| !is_being_asked(it), Code::AccessUnknown, Info, None, None, DownloadInvoice)),
];

/// Why a place may have no invoice, or not all: every line that holds is said.
#[rustfmt::skip]
static STATE: &[Rule] = &[
    rule(|it| is_enterprise(it) && has_billing_role(it) && lists_nothing(it), Code::EnterpriseNothingListed, Info, None, None, EnterpriseRoles),
    rule(|it| !is_enterprise(it) && lists_nothing(it) && !is_free(it) && !is_credit(it), Code::NothingListed, Info, None, None, DownloadInvoice),
    rule(is_newest_missing, Code::NotIssuedYet, Info, Some(Ask::Wait), None, DownloadInvoice),
    rule(|it| it.invoices == Asked::Unanswered, Code::ListingFailed, Info, None, None, DownloadInvoice),
];

/// Why a subscription may have none, or not all: of each one that led to the place every line that holds is said.
#[rustfmt::skip]
static SUBSCRIPTION: &[Rule] = &[
    rule(|it| is_online(it) && is_free(it), Code::FreeAccount, Info, None, None, DownloadInvoice),
    rule(|it| is_online(it) && !is_free(it) && is_credit(it), Code::CreditOffer, Info, None, None, DownloadInvoice),
    rule(|it| it.property.told().is_some_and(|of| of.was_transferred), Code::Transferred, Info, Some(Ask::FormerAccount), Some(Request::Copy), DownloadInvoice),
    rule(|it| it.property.told().is_some_and(|of| of.was_transitioned), Code::Transitioned, Info, Some(Ask::FormerAccount), None, DownloadInvoice),
    // Warned and past due ones are still active.
    rule(|it| it.state == "Disabled", Code::Disabled, Info, Some(Ask::PayOrEnable), None, DownloadInvoice),
    rule(|it| it.state == "Deleted", Code::Deleted, Info, None, None, DownloadInvoice),
];

/// What a person may do with the invoices of a place.
pub fn verdict(facts: &Facts) -> Verdict {
    let decided = ACCESS.iter().find(|line| (line.rule.when)(facts));
    let (list, download, share) = decided.map_or((Unknown, Unknown, Unknown), |line| line.may);
    let also = STATE.iter().filter(|rule| (rule.when)(facts));
    let mut hints: Vec<Hint> = decided
        .map(|line| &line.rule)
        .into_iter()
        .chain(also)
        .map(|rule| hint(rule, facts))
        .collect();
    for each in std::iter::once(facts).chain(&facts.others) {
        let of_subscription = SUBSCRIPTION.iter().filter(|rule| (rule.when)(each));
        hints.extend(of_subscription.map(|rule| hint_about_subscription(rule, each)));
    }
    // Nobody could act on why there is no invoice where none would be shown.
    if download == No {
        hints.retain(|hint| {
            !matches!(
                hint.code,
                Code::NothingListed | Code::NotIssuedYet | Code::ListingFailed
            )
        });
    }
    Verdict {
        list,
        download,
        share,
        hints,
    }
}

/// What is said about one invoice of a place, besides what is said about the place.
pub fn verdict_on_invoice(facts: &Facts, invoice: &InvoiceFacts) -> Option<Hint> {
    let is_withheld = is_online(facts) && !is_administrator(facts) && invoice.documents == 0;
    let (code, severity, ask, request) = match () {
        () if invoice.status == "Void" => (Code::Voided, Info, None, None),
        () if is_withheld && invoice.invoice_type == "AzureSupport" => (
            Code::SupportPlan,
            Warning,
            Some(Ask::AdministratorForCopy),
            Some(Request::Copy),
        ),
        () if is_withheld && is_before_sharing(invoice.period_end) => (
            Code::Before2016,
            Warning,
            Some(Ask::AdministratorForCopy),
            Some(Request::Copy),
        ),
        () if is_withheld && facts.sharing() == Sharing::Off => (
            Code::DocumentWithheld,
            Warning,
            Some(Ask::Administrator),
            Some(Request::Share),
        ),
        () if invoice.documents == 0 => (Code::DocumentMissing, Info, None, None),
        () if invoice.is_external => (Code::Municipal, Info, None, None),
        () if invoice.is_split => (Code::SeveralNumbers, Info, None, None),
        () if invoice.invoice_type == "AzureMarketplace" => (Code::SeparateCharges, Info, None, None),
        () => return None,
    };
    let rule = rule(|_| true, code, severity, ask, request, DownloadInvoice);
    Some(Hint {
        invoice: Some(invoice.name.clone()),
        ..hint(&rule, facts)
    })
}

/// What is said about the person where hardly anything is in sight.
pub fn verdict_on_person(person: PersonFacts) -> Vec<Hint> {
    let lines = [
        (person.sees_nothing == Some(true), Code::SeesNothing, Warning),
        (person.is_personal, Code::PersonalAccount, Info),
        (person.is_guest, Code::Guest, Info),
    ];
    lines
        .into_iter()
        .filter(|(holds, ..)| *holds)
        .map(|(_, code, severity)| Hint {
            code,
            severity,
            place: None,
            subscriptions: Vec::new(),
            invoice: None,
            roles: Vec::new(),
            who: Vec::new(),
            ask: Some(Ask::OtherAccount),
            request: None,
            directory: None,
            article: SwitchDirectory,
        })
        .collect()
}

fn hint(rule: &Rule, facts: &Facts) -> Hint {
    let administrator = facts
        .property
        .told()
        .and_then(|of| of.account_administrator.clone());
    let who = match rule.ask {
        Some(Ask::Administrator | Ask::OwnerAndAdministrator | Ask::AdministratorForCopy) => {
            administrator.into_iter().collect()
        }
        Some(Ask::ProfileOwner | Ask::EnterpriseAdministrator) => facts.owners.clone(),
        _ => Vec::new(),
    };
    Hint {
        code: rule.code,
        severity: rule.severity,
        place: Some(facts.place.clone()),
        subscriptions: facts.subscriptions.clone(),
        invoice: None,
        roles: facts.roles.clone(),
        who,
        ask: rule.ask,
        request: rule.request,
        directory: facts.other_directory.clone(),
        article: rule.article,
    }
}

/// Names and marks that subscription alone, not whoever is billed for it.
fn hint_about_subscription(rule: &Rule, facts: &Facts) -> Hint {
    let mut hint = hint(rule, facts);
    if let Some(own) = &facts.subscription {
        hint.subscriptions = vec![own.id.clone()];
        hint.place = Some(own.clone());
    }
    hint
}

fn is_online(facts: &Facts) -> bool {
    facts.agreement == AgreementType::MicrosoftOnlineServicesProgram
}

fn is_enterprise(facts: &Facts) -> bool {
    facts.agreement == AgreementType::EnterpriseAgreement
}

fn is_customer(facts: &Facts) -> bool {
    facts.agreement == AgreementType::MicrosoftCustomerAgreement
}

fn is_partner(facts: &Facts) -> bool {
    facts.agreement == AgreementType::MicrosoftPartnerAgreement
}

fn has_profiles(facts: &Facts) -> bool {
    facts.agreement.has_billing_profiles()
}

fn is_known_agreement(facts: &Facts) -> bool {
    is_online(facts) || is_enterprise(facts) || has_profiles(facts)
}

/// The partner itself has the account that bills it in sight.
fn is_partners_customer(facts: &Facts) -> bool {
    let is_by_offer = !is_known_agreement(facts) && facts.offer.starts_with("CSP_");
    (is_partner(facts) || is_by_offer) && facts.is_account_in_sight == Some(false)
}

fn is_administrator(facts: &Facts) -> bool {
    let property = facts.property.told();
    property.and_then(|of| of.is_account_administrator) == Some(true)
}

/// Whether the invoices are offered although another directory is named.
fn is_seen(facts: &Facts) -> bool {
    has_billing_role(facts) || facts.invoices.told().is_some_and(|invoices| !invoices.is_empty())
}

/// The list of accounts says of an enrollment what its permissions do not; it says it also of those who may read little.
fn has_billing_role(facts: &Facts) -> bool {
    let said = facts.may_read_billing();
    let is_unsaid = said.is_none() && facts.billing_permissions != Asked::Not;
    said == Some(true) || is_unsaid && is_enterprise(facts) && facts.has_read_access == Some(true)
}

fn lacks_billing_role(facts: &Facts) -> bool {
    facts.may_read_billing() == Some(false)
        || facts.has_read_access == Some(false) && is_enterprise(facts)
        || matches!(facts.billing_permissions, Asked::Refused)
}

fn has_department_role(facts: &Facts) -> bool {
    let of_part = [
        Role::DepartmentAdministrator,
        Role::DepartmentReader,
        Role::EnrollmentAccountOwner,
    ];
    let permits = |action| {
        facts
            .billing_permissions
            .told()
            .is_some_and(|of| of.allow(action))
    };
    let sees_part = permits("Microsoft.Billing/billingAccounts/departments/read")
        || permits("Microsoft.Billing/billingAccounts/enrollmentAccounts/read");
    facts.roles.iter().any(|role| of_part.contains(role))
        || sees_part && !permits("Microsoft.Billing/billingAccounts/read")
}

fn has_section_role(facts: &Facts) -> bool {
    lacks_billing_role(facts) && facts.roles.iter().any(|role| role.is_of_invoice_section())
}

fn holds_nothing(facts: &Facts) -> bool {
    let permissions = facts.permissions.told();
    permissions.is_some_and(|permissions| permissions.is_empty()) && facts.roles.is_empty()
}

/// Whether an answer that decides is still to come.
fn is_being_asked(facts: &Facts) -> bool {
    let of_subscription = facts.has_read_access.is_none();
    let decides_on_subscription = is_online(facts) || !is_known_agreement(facts);
    match () {
        () if !facts.is_asking => false,
        () if of_subscription && facts.property == Asked::Not => true,
        () if of_subscription && decides_on_subscription => facts.permissions == Asked::Not,
        () => facts.billing_permissions == Asked::Not,
    }
}

fn is_free(facts: &Facts) -> bool {
    let property = facts.property.told();
    facts.offer.starts_with("FreeTrial_")
        || property.is_some_and(|of| of.billing_type == "Free" || of.spending_limit == "FreeAccount")
}

fn is_credit(facts: &Facts) -> bool {
    const OFFERS: [&str; 6] = [
        "MSDN",
        "AzureForStudents",
        "Sponsored",
        "AzurePass",
        "MPN",
        "Internal",
    ];
    let property = facts.property.told();
    // Development and test under a Visual Studio agreement is paid as it is used.
    let is_by_offer =
        OFFERS.iter().any(|offer| facts.offer.starts_with(offer)) && !facts.offer.starts_with("MSDNDevTest_");
    is_by_offer || property.is_some_and(|of| of.billing_type == "Benefit" || !of.spending_limit.is_empty())
}

fn lists_nothing(facts: &Facts) -> bool {
    facts.invoices.told().is_some_and(Vec::is_empty)
}

/// Whether the period after the newest invoice's is over, and its invoice may still be on its way.
fn is_newest_missing(facts: &Facts) -> bool {
    let ends = facts
        .invoices
        .told()
        .into_iter()
        .flatten()
        .filter_map(|invoice| invoice.period_end);
    let next_end = ends.max().and_then(|newest| newest.checked_add(PERIOD));
    next_end.is_some_and(|next| next < facts.today && facts.today - next <= ISSUE)
}

/// Sharing does not reach invoices from before December 2016.
fn is_before_sharing(period_end: Option<Date>) -> bool {
    period_end.is_some_and(|end| (end.year(), end.month() as u8) < (2016, Month::December as u8))
}
