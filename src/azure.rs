//! What Azure is and says: clouds, tokens, the one request pipeline, pages, operations and resources.
//! Must not know: any browser, any screen, any other room of this crate.

mod billing;
mod blob;
mod cloud;
mod date;
mod error;
mod gate;
pub mod json;
mod link;
mod operation;
mod page;
mod pipeline;
pub mod ports;
mod retry;
mod token;
mod tokens;

pub use billing::{Amount, Document, DocumentKind, Invoice, InvoiceStatus, Subscription, Tenant};
pub use billing::{list_invoices, list_subscriptions, list_tenants};
pub use blob::{Blob, Blobs, SasUrl};
pub use cloud::Cloud;
pub use date::parse_date;
pub use error::{AzureError, Refusal};
pub use link::{ArmRequest, LinkRefused};
pub use operation::Download;
pub use page::Pages;
pub use pipeline::Arm;
pub use retry::{Decision, decide, retry_after};
pub use token::{AccessToken, Account, Identity, TokenRefused};
pub use tokens::{TabId, Tokens};
