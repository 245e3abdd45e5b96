//! What a hint consists of: codes, weights, whom to ask and what for. Words and screens come later.
//! Must not know: when a hint applies.

use crate::spelling::spelled;

use super::article::Article;
use super::facts::Place;
use super::role::Role;

spelled! {
    /// What a hint says; each has a sentence and a reason in every language.
    pub enum HintCode {
        /// The person administers the pay-as-you-go account.
        Administrator = "administrator",
        /// The account administrator shares the invoices.
        Shared = "shared",
        /// The role would be enough, but the account administrator does not share.
        NotShared = "notShared",
        /// The role is enough if the account administrator shares, which is not known.
        SharingUnknown = "sharingUnknown",
        /// A role on the subscription that does not include invoices.
        RoleWithoutInvoices = "roleWithoutInvoices",
        /// No role on the subscription.
        NoRole = "noRole",
        /// Support plans are the account administrator's alone.
        SupportPlan = "supportPlan",
        /// Sharing does not reach before December 2016.
        Before2016 = "before2016",
        /// In Azure Government only the owner of the account gets invoices.
        GovernmentOwner = "governmentOwner",
        /// A billing role that includes invoices.
        BillingRole = "billingRole",
        /// A billing role is needed.
        BillingRoleMissing = "billingRoleMissing",
        /// A role on an invoice section only.
        InvoiceSectionRole = "invoiceSectionRole",
        /// A role in the partner's directory is needed.
        PartnerRoleMissing = "partnerRoleMissing",
        /// A partner is invoiced, and bills in turn.
        BilledByPartner = "billedByPartner",
        /// An Enterprise administrator, who gets the invoices.
        Enterprise = "enterprise",
        /// Only Enterprise administrators get the invoices.
        EnterpriseRoleMissing = "enterpriseRoleMissing",
        /// A role on a department or an account of an enrollment.
        DepartmentRole = "departmentRole",
        /// An enrollment that was bought through a partner.
        EnterpriseIndirect = "enterpriseIndirect",
        /// Billed in another directory.
        OtherDirectory = "otherDirectory",
        /// A free account.
        FreeAccount = "freeAccount",
        /// An offer that is paid from a credit.
        CreditOffer = "creditOffer",
        /// The period is over, its invoice not there yet.
        NotIssuedYet = "notIssuedYet",
        /// Nothing listed, and no reason known.
        NothingListed = "nothingListed",
        /// Nothing listed of an enrollment.
        EnterpriseNothingListed = "enterpriseNothingListed",
        /// Changed its billing account.
        Transferred = "transferred",
        /// Moved to a Microsoft Customer Agreement.
        Transitioned = "transitioned",
        /// Disabled.
        Disabled = "disabled",
        /// Deleted.
        Deleted = "deleted",
        /// An invoice without a document.
        DocumentMissing = "documentMissing",
        /// An invoice whose document is not offered to this person.
        DocumentWithheld = "documentWithheld",
        /// A void invoice.
        Voided = "voided",
        /// An invoice for Marketplace purchases or reservations.
        SeparateCharges = "separateCharges",
        /// An invoice in several parts.
        SeveralNumbers = "severalNumbers",
        /// A Brazilian invoice at the municipality.
        Municipal = "municipal",
        /// A guest in the directory.
        Guest = "guest",
        /// A personal Microsoft account.
        PersonalAccount = "personalAccount",
        /// Nothing is in sight.
        SeesNothing = "seesNothing",
        /// How it is billed is not known.
        AgreementUnknown = "agreementUnknown",
        /// What the person may do is not known.
        AccessUnknown = "accessUnknown",
        /// The list of invoices was not had.
        ListingFailed = "listingFailed",
    }
}

spelled! {
    /// How much a hint matters, the most first.
    pub enum Severity {
        /// Something stands in the way.
        Warning = "warning",
        /// Worth knowing.
        Info = "info",
        /// All is well.
        Success = "success",
    }
}

spelled! {
    /// The next step, which may name somebody; each has a sentence in every language, one more where nobody is known.
    pub enum Ask {
        /// The account administrator shares.
        Administrator = "administrator",
        /// An owner gives a role, and the account administrator shares.
        OwnerAndAdministrator = "ownerAndAdministrator",
        /// The account administrator sends a copy.
        AdministratorForCopy = "administratorForCopy",
        /// An owner of the billing profile gives a role.
        ProfileOwner = "profileOwner",
        /// An administrator of the partner's directory.
        PartnerDirectory = "partnerDirectory",
        /// The partner sends the invoice.
        Partner = "partner",
        /// An Enterprise administrator gives a role.
        EnterpriseAdministrator = "enterpriseAdministrator",
        /// Switch to the directory.
        SwitchDirectory = "switchDirectory",
        /// Use the other account.
        OtherAccount = "otherAccount",
        /// Wait.
        Wait = "wait",
        /// Share with others.
        AllowOthers = "allowOthers",
        /// Whoever manages the former billing account.
        FormerAccount = "formerAccount",
        /// See what is due.
        PayOrEnable = "payOrEnable",
    }
}

impl Ask {
    /// Whether its sentence names somebody, and there is another one for when nobody is known.
    pub fn names_somebody(self) -> bool {
        matches!(
            self,
            Ask::Administrator
                | Ask::OwnerAndAdministrator
                | Ask::AdministratorForCopy
                | Ask::ProfileOwner
                | Ask::EnterpriseAdministrator
        )
    }
}

spelled! {
    /// What a ready message asks for; each has a subject and a text in every language.
    pub enum RequestKind {
        /// To let others download.
        Share = "share",
        /// A role, and to let others download.
        RoleAndShare = "roleAndShare",
        /// A billing role.
        BillingRole = "billingRole",
        /// A role on an enrollment.
        EnterpriseRole = "enterpriseRole",
        /// The partner's invoices.
        Partner = "partner",
        /// Copies of invoices.
        Copy = "copy",
    }
}

/// Whether something is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Yes.
    Yes,
    /// No.
    No,
    /// That is not known.
    Unknown,
}

/// What a person may do with the invoices of a place, and what to say about it, the weightiest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// See which invoices there are.
    pub list: May,
    /// Download them.
    pub download: May,
    /// Let others download them.
    pub share: May,
    /// The hints.
    pub hints: Vec<Hint>,
}

/// One hint, ready to be put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it says.
    pub code: HintCode,
    /// How much it matters.
    pub severity: Severity,
    /// About which place; none where it is about the person.
    pub place: Option<Place>,
    /// Subscriptions of the place, lower case.
    pub subscriptions: Vec<String>,
    /// About which invoice.
    pub invoice: Option<String>,
    /// The person's roles there.
    pub roles: Vec<Role>,
    /// Addresses of who can help; empty where nobody is known.
    pub who: Vec<String>,
    /// The next step.
    pub ask: Option<Ask>,
    /// What a ready message would ask for.
    pub request: Option<RequestKind>,
    /// Name and id of a directory that it is about.
    pub directory: Option<(String, String)>,
    /// Where Microsoft says more.
    pub article: Article,
}
