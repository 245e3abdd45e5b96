//! What became of a document, in words that scripts and later versions may rely on.
//! Must not know: how it is shown to people.

use crate::spelling::spelled;

spelled! {
    /// How a document ended. The spellings stand in indexes (`docs/INDEX.md`) and are never changed.
    pub enum Outcome {
        /// Saved in this run.
        Saved = "saved",
        /// Saved in an earlier run.
        SavedEarlier = "saved earlier",
        /// Saved in an earlier run; the browser knows that the file is gone.
        NoLongerThere = "saved earlier, no longer there",
        /// Saved, now or earlier, from a host that the extension may not read.
        NotVerified = "saved, not verified",
        /// Azure offers no document for the invoice yet.
        NotOffered = "not offered yet",
        /// It lies at a host to which the person has not agreed.
        Elsewhere = "at another host",
        /// It could not be saved.
        Failed = "failed",
        /// The run was cancelled before.
        LeftOut = "left out",
    }
}
