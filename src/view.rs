//! What each surface shows, as data: built here, drawn by the one renderer.
//! Must not know: the browser, its documents, or how a press will be carried out.

mod choices;
mod language;
mod node;
mod outcome;
mod panel;
mod phrases;
mod strings;

pub use choices::Choices;
pub use language::Language;
pub use node::{Action, Emphasis, Field, InputKind, Layout, ListItem, Node, OptionItem, Surface, Tone};
pub use panel::{Facts, dock, popup};
pub use phrases::Phrase;
pub use strings::{PluralRules, Strings};
