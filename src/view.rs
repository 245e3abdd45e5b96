//! What each surface shows, as data: built here, drawn by the one renderer.
//! Must not know: the browser, its documents, or how a press will be carried out.

mod access;
mod choices;
mod grants;
mod language;
mod node;
mod options;
mod outcome;
mod panel;
mod phrases;
mod questions;
mod report_page;
mod sharing;
mod strings;
mod usage;

pub use access::{Access, row_sentence};
pub use choices::{Choices, RegionChoice};
pub use grants::grants;
pub use language::Language;
pub use node::{
    Action, Cell, Column, Emphasis, Field, Grant, InputKind, Layout, ListItem, Node, OptionItem, Row,
    Surface, Tone,
};
pub use options::{OptionsFacts, options};
pub use outcome::ending;
pub use panel::{Facts, dock, popup};
pub use phrases::Phrase;
pub use report_page::{Kept, report_page};
pub use sharing::{
    SharedSubscription, SharingFacts, SharingLine, SharingOutcome, SharingPage, sharing, steps_done,
};
pub use strings::{PluralRules, Strings};
