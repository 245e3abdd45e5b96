//! What a person may do with invoices and why: questions to Azure, facts from its answers, verdicts and hints by rule.
//! Must not know: how anything is asked or shown, or any word of any language.

mod answers;
mod article;
mod facts;
mod hint;
mod inquiry;
mod role;
mod rules;

pub use answers::{Answer, Answers, BillingScope, Question};
pub use article::Article;
pub use facts::{Asked, Facts, InvoiceFacts, PersonFacts, Place, PlaceKind, Sharing};
pub use hint::{Ask, Hint, HintCode, May, RequestKind, Severity, Verdict};
pub use inquiry::{Inquiry, LARGEST_QUESTIONS, Visible, ask};
pub use role::Role;
pub use rules::{verdict, verdict_on_invoice, verdict_on_person};
