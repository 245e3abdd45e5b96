//! Letting others download a subscription's invoices, by the portal's own controls: what is seen of the page, the walk
//! through it, and what came of it. There is no documented interface for it, and no undocumented one is ever called.
//! Must not know: how controls are found in a document, pressed, or shown to a person.

mod finding;
mod labels;
mod record;
mod scene;
mod walk;

pub use labels::{Label, Labels};
pub use record::{SeenSharing, SharingRecord};
pub use scene::{Control, ControlRole, Form, Scene};
pub use walk::{Act, PersonStep, Surprise, Target, Walk, WalkStep};
