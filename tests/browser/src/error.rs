//! What can go wrong around a case, in words that say what to look at.
//! Must not know: what the case wanted to prove.

use std::path::PathBuf;
use std::time::Duration;

use thirtyfour::error::WebDriverError;

/// Why a step of a case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The extension is not there.
    #[error("{0} is missing: `cargo xtask build` builds it")]
    NotBuilt(PathBuf),
    /// A browser or driver did not start.
    #[error("{program} does not start: {reason}")]
    NotStarted {
        /// What was to be started.
        program: String,
        /// What it said, or what the system said.
        reason: String,
    },
    /// Something awaited did not come.
    #[error("after {limit:?} still not: {what}{seen}")]
    NotInTime {
        /// What was awaited.
        what: String,
        /// How long.
        limit: Duration,
        /// What was there instead, or nothing.
        seen: String,
    },
    /// The browser or its driver refused a command.
    #[error(transparent)]
    WebDriver(Box<WebDriverError>),
    /// A file or folder of the case could not be used.
    #[error(transparent)]
    Files(#[from] std::io::Error),
}

impl From<WebDriverError> for Error {
    fn from(error: WebDriverError) -> Self {
        Self::WebDriver(Box::new(error))
    }
}

impl Error {
    /// Whether the page was being redrawn just then, so that the same step may succeed a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        use thirtyfour::error::WebDriverErrorInner as Reason;
        let Self::WebDriver(error) = self else {
            return false;
        };
        matches!(
            error.as_inner(),
            Reason::StaleElementReference(_)
                | Reason::NoSuchElement(_)
                | Reason::ElementNotInteractable(_)
                | Reason::ElementClickIntercepted(_)
                | Reason::JavascriptError(_)
        )
    }
}
