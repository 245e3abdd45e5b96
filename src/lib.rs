//! The core of Portal Invoices: what exists, what may be fetched, and what each surface shows.
//!
//! Everything but `browser` compiles and is tested on the host; the outside is reached through ports. The map and the
//! invariants stand in `ARCHITECTURE.md`.

pub mod access;
pub mod azure;
pub mod background;
#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "its functions are exported to JavaScript")]
mod browser;
pub mod download;
pub mod invoices;
mod mention;
pub mod message;
pub mod portal;
pub mod sharing;
mod spelling;
pub mod view;
