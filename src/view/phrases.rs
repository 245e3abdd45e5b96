//! The names of all texts, so that none can be misspelt or forgotten.
//! Must not know: any language.

use crate::spelling::spelled;

spelled! {
    /// A text of the product by its key in `messages.json`; a counted one adds `_` and a plural category.
    #[allow(missing_docs, reason = "the English text is the documentation")]
    pub enum Phrase {
    Product = "extensionName",
    Fold = "fold",
    Unfold = "unfold",
    SignInAndDirectory = "signInAndDirectory",
    Language = "language",
    LanguageAutomatic = "languageAutomatic",
    Period = "period",
    PeriodLast12Months = "periodLast12Months",
    PeriodThisYear = "periodThisYear",
    PeriodLastYear = "periodLastYear",
    PeriodCustom = "periodCustom",
    PeriodFrom = "periodFrom",
    PeriodTo = "periodTo",
    PeriodBackwardsTitle = "periodBackwardsTitle",
    PeriodBackwards = "periodBackwards",
    DownloadAll = "downloadAll",
    Cancel = "cancel",
    OpenFolder = "openFolder",
    RetryFailed = "retryFailed",
    OpenPortal = "openPortal",
    NoSessionTitle = "noSessionTitle",
    NoSession = "noSession",
    NoSessionYetTitle = "noSessionYetTitle",
    NoSessionYet = "noSessionYet",
    DownloadProgress = "downloadProgress",
    Asking = "asking",
    AskingScopes = "askingScopes",
    DocumentsDone = "documentsDone",
    DocumentsSoFar = "documentsSoFar",
    WaitingTitle = "waitingTitle",
    Waiting = "waiting",
    BrowserAsksTitle = "browserAsksTitle",
    BrowserAsks = "browserAsks",
    DoneTitle = "doneTitle",
    DoneWithFailuresTitle = "doneWithFailuresTitle",
    CancelledTitle = "cancelledTitle",
    Cancelled = "cancelled",
    NothingNewTitle = "nothingNewTitle",
    NothingVisibleTitle = "nothingVisibleTitle",
    NothingVisible = "nothingVisible",
    PeriodDates = "periodDates",
    SavedCount = "savedCount",
    SavedBeforeCount = "savedBeforeCount",
    NotOfferedCount = "notOfferedCount",
    NotOfferedStep = "notOfferedStep",
    FailedCount = "failedCount",
    FailedScopesCount = "failedScopesCount",
    CancelledCount = "cancelledCount",
    MoreCount = "moreCount",
    ListingFailedTitle = "listingFailedTitle",
    RunStoppedTitle = "runStoppedTitle",
    WhatAndWhy = "whatAndWhy",
    TheySay = "theySay",
    StatusRunning = "statusRunning",
    GrantTitle = "grantTitle",
    Grant = "grant",
    GrantAccess = "grantAccess",
    PopupNoSession = "popupNoSession",
    }
}

impl Phrase {
    /// Phrases that come in plural forms and carry a count.
    pub const COUNTED: &'static [Phrase] = &[
        Phrase::SavedCount,
        Phrase::SavedBeforeCount,
        Phrase::NotOfferedCount,
        Phrase::FailedCount,
        Phrase::FailedScopesCount,
        Phrase::CancelledCount,
        Phrase::MoreCount,
        Phrase::DocumentsSoFar,
    ];
}
