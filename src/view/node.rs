//! The closed vocabulary of components that every surface is made of.
//! Must not know: what any of them is used for.

use serde::Serialize;

use crate::spelling::spelled;

/// Everything one surface shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surface {
    /// BCP 47 code of the language of all its text.
    pub language: &'static str,
    /// Its heading and the name of its region.
    pub title: String,
    /// Its content, top to bottom.
    pub nodes: Vec<Node>,
    /// The one polite line that a screen reader hears; its text changes rarely.
    pub status: String,
    /// A run is under way: the face stays connected.
    pub live: bool,
    /// Name of the button that folds the surface.
    pub fold: String,
    /// Name of the button that unfolds it.
    pub unfold: String,
}

spelled! {
    /// What a press asks for. A face can ask for these and nothing else.
    pub enum Action {
        /// Download everything of the chosen period.
        DownloadAll = "download-all",
        /// Download the usage of the chosen period.
        DownloadUsage = "download-usage",
        /// Download again what failed.
        RetryFailed = "retry-failed",
        /// Have the browser save what lies at hosts that the extension may not read: the ones that are shown.
        SaveElsewhere = "save-elsewhere",
        /// Let nothing new begin.
        Pause = "pause",
        /// Go on.
        Resume = "resume",
        /// End the run.
        Cancel = "cancel",
        /// Show the saved files.
        OpenFolder = "open-folder",
        /// Show what became of every place and month, on a page of its own.
        ShowReport = "show-report",
        /// Save again what was saved and is no longer there.
        SaveAgain = "save-again",
        /// Remove everything that the extension keeps: asks first.
        Forget = "forget",
        /// Remove it now.
        ForgetEverything = "forget-everything",
        /// Keep it after all.
        Keep = "keep",
        /// Open the portal's billing page.
        OpenPortal = "open-portal",
        /// Open the popup in a window of its own: the browser is asked for nothing from inside a page.
        OpenPopup = "open-popup",
        /// The browser was asked for host access.
        HostsGranted = "hosts-granted",
        /// Ask, in a window of our own, for leave to read from the storage accounts that are shown.
        OpenGrants = "open-grants",
        /// The browser was asked for these storage accounts.
        StorageGranted = "storage-granted",
        /// Open the page of options.
        OpenOptions = "open-options",
        /// Name files as at first.
        ResetTemplate = "reset-template",
        /// Notify at the end of a run; the browser was asked for its leave.
        Notify = "notify",
        /// Notify no more.
        StopNotifying = "stop-notifying",
        /// Find out anew what the person may do.
        CheckAccess = "check-access",
        /// Let others download invoices: opens the window that lists and confirms.
        EnableSharing = "enable-sharing",
        /// Make the change that the window names.
        ConfirmSharing = "confirm-sharing",
        /// Stop it.
        CancelSharing = "cancel-sharing",
        /// Choose anew after a change.
        ShareMore = "share-more",
    }
}

spelled! {
    /// What a person can choose.
    pub enum Field {
        /// Which period.
        Period = "period",
        /// First day of a custom period.
        From = "from",
        /// Last day of a custom period.
        To = "to",
        /// Files, or one archive.
        Packing = "packing",
        /// Which run's report is shown.
        Run = "run",
        /// Whether usage is saved beside documents.
        Wanted = "wanted",
        /// Language of the product.
        Language = "language",
        /// What documents are named by.
        Template = "template",
        /// How spreadsheet programs read tables.
        Region = "region",
        /// Which row of the page the person asks about.
        Hint = "hint",
        /// Whether others are to be allowed.
        Sharing = "sharing",
        /// Which subscription is ticked, or not any more.
        Subscription = "subscription",
        /// Which step by hand is done, or not any more.
        GuideStep = "guide-step",
    }
}

spelled! {
    /// How much a text weighs.
    #[derive(Default)]
    pub enum Tone {
        /// Running text.
        #[default]
        Plain = "plain",
        /// Less important.
        Quiet = "quiet",
        /// More important.
        Strong = "strong",
        /// Good news.
        Success = "success",
        /// Neutral news.
        Info = "info",
        /// Needs attention.
        Warning = "warning",
        /// Went wrong.
        Error = "error",
    }
}

spelled! {
    /// How much a button weighs; a surface has one primary button at most.
    pub enum Emphasis {
        /// The main one.
        Primary = "primary",
        /// An ordinary one.
        Plain = "plain",
        /// One that looks like a link.
        Quiet = "quiet",
    }
}

spelled! {
    /// What a field takes.
    pub enum InputKind {
        /// A calendar day, `2026-03-09`.
        Date = "date",
        /// A line of text, told while it is typed.
        Text = "text",
    }
}

spelled! {
    /// How a section lays its nodes out.
    pub enum Layout {
        /// Below each other.
        Stack = "stack",
        /// Beside each other, wrapping.
        Row = "row",
    }
}

/// One of the values of a choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptionItem {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListItem {
    /// Stable among its siblings.
    pub key: String,
    /// The line.
    pub text: String,
    /// Its weight.
    pub tone: Tone,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its heading.
    pub text: String,
    /// Numbers stand to the right.
    pub numeric: bool,
}

/// A row of a table; its first cell is its heading.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Stable among its siblings.
    pub key: String,
    /// From the first column on.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// What it shows; may be a sign.
    pub text: String,
    /// The sign in words.
    pub hint: Option<String>,
    /// Its weight.
    pub tone: Tone,
    /// How many columns it takes.
    pub span: usize,
}

/// What a person can grant, as the browser is asked for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grant {
    /// Host patterns.
    pub origins: Vec<String>,
    /// Names of permissions.
    pub permissions: Vec<&'static str>,
}

/// A component. Its key is stable and unique among its siblings; the renderer patches by it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[allow(
    missing_docs,
    reason = "the fields say what they are; the components are documented"
)]
pub enum Node {
    /// A paragraph.
    Text {
        key: &'static str,
        text: String,
        tone: Tone,
    },
    /// A link that opens beside the page.
    Link {
        key: &'static str,
        text: String,
        href: String,
    },
    /// A button that puts `content` on the clipboard, and says for a moment that it has.
    Copy {
        key: &'static str,
        text: String,
        done: String,
        content: String,
    },
    /// Something to tick, with its label.
    Check {
        key: String,
        label: String,
        field: Field,
        value: String,
        checked: bool,
    },
    /// A button. `grant` is what to ask the browser for first, in extension pages only.
    Button {
        key: &'static str,
        text: String,
        action: Action,
        emphasis: Emphasis,
        disabled: bool,
        grant: Option<Grant>,
    },
    /// An input with its label, and what is wrong with its value.
    Field {
        key: &'static str,
        label: String,
        field: Field,
        value: String,
        input: InputKind,
        min: Option<String>,
        max: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
    /// One of several values, with its label.
    Choice {
        key: &'static str,
        label: String,
        field: Field,
        value: String,
        options: Vec<OptionItem>,
    },
    /// A bar; without `max` it shows that something goes on.
    Progress {
        key: &'static str,
        label: String,
        value: usize,
        max: Option<usize>,
        text: String,
    },
    /// A message with its next steps.
    Notice {
        key: &'static str,
        tone: Tone,
        title: String,
        text: String,
        nodes: Vec<Node>,
    },
    /// Rows under headings, a hundred at most; the caption is its name.
    Table {
        key: &'static str,
        caption: String,
        columns: Vec<Column>,
        rows: Vec<Row>,
    },
    /// Lines of equal kind.
    List { key: &'static str, items: Vec<ListItem> },
    /// Nodes that belong together; a title alone is a heading, `folded` gives a disclosure and how it stands at first.
    Section {
        key: &'static str,
        title: Option<String>,
        folded: Option<bool>,
        layout: Layout,
        nodes: Vec<Node>,
    },
}
