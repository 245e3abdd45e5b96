//! What Azure is and says: clouds, tokens, the one request pipeline, pages, operations and resources.
//! Must not know: any browser, any screen, any other room of this crate.

mod account;
mod blob;
mod cloud;
mod cost_details;
mod date;
mod decimal;
mod direct_link;
mod error;
mod gate;
mod invoice;
mod invoice_list;
pub mod json;
mod link;
mod operation;
mod page;
mod permissions;
mod pipeline;
pub mod ports;
mod retry;
mod role_assignment;
mod subscription;
mod token;
mod tokens;
mod usage_details;

pub use account::{
    AgreementType, BillingAccount, BillingProfile, list_billing_accounts, list_billing_profiles,
};
pub use blob::{Blob, BlobStream, Blobs, SasUrl};
pub use cloud::Cloud;
pub use cost_details::{CostReport, oldest_report_day};
pub use date::parse_date;
pub use decimal::Decimal;
pub use direct_link::DirectLink;
pub use error::{AzureError, Refusal};
pub use gate::Brake;
pub use invoice::{Amount, Document, DocumentKind, DocumentSource, Invoice};
pub use invoice_list::{InvoiceList, list_invoices};
pub use link::{ArmRequest, LinkRefused, segment};
pub use operation::Download;
pub use page::{Listed, Page, Pages, read_page, read_resource};
pub use permissions::{Permissions, PermittedActions};
pub use pipeline::{Arm, READS_UNDER_WAY};
pub use retry::{Decision, decide, retry_after};
pub use role_assignment::RoleAssignment;
pub use subscription::{
    BillingProperty, Subscription, Tenant, billing_property, list_subscriptions, list_tenants,
};
pub use token::{AccessToken, Account, Identity, TokenRefused};
pub use tokens::{TabId, Tokens};
pub use usage_details::{UsageDetails, UsageLine, UsagePages};
