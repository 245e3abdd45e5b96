//! The built extension, used as a person uses it, in real browsers.
//! Must not know: how it works inside; what counts is what is on the screen, on the disk and on the wire.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod accessibility;
mod agreements;
mod background;
mod case;
mod deaths;
mod documents;
mod firefox;
mod hints;
mod languages;
mod look;
mod mishaps;
mod options;
mod pages;
mod readers;
mod reports;
mod session;
mod sharing;
mod texts;
mod usage;
mod walker;
