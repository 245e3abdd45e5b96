//! The core through its public face, on the host.
//! Must not know: a browser; Azure and the browser are doubles here.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod access;
mod archive;
mod background;
mod cost_details;
mod discovery;
mod double;
mod faults;
mod files;
mod hints;
mod inquiries;
mod links;
mod locales;
mod names;
mod pages;
mod pitfalls;
mod recorded;
mod renames;
mod reports;
mod requests;
mod runs;
mod scene;
mod sharing;
mod table;
mod tokens;
mod usage;
mod views;
mod walk;
