//! What the contexts say to each other, by direction, and who may say it.
//! Must not know: what is done about a message.

use serde::Serialize;
use serde_json::Value;

use crate::azure::json::{items, text};
use crate::azure::{Cloud, TabId};
use crate::portal::{SessionRecord, page_of};
use crate::sharing::Scene;
use crate::view::{Action, Field, Node, Surface};

/// The number of an open connection to a face.
pub type FaceId = u32;

/// From a face to the background.
pub enum FromFace {
    /// The first words: where the face stands.
    Hello {
        /// The page's address; empty for the extension's own pages.
        location: String,
        /// The portal's language tag; empty for the extension's own pages.
        language: String,
    },
    /// The page shows another address now.
    Moved {
        /// The page's address.
        location: String,
    },
    /// What the page shows in its lists now.
    Rows {
        /// Subscription ids, lower case, and invoice numbers.
        ids: Vec<String>,
    },
    /// What a document of the portal shows, upon [`ToFace::ReadControls`].
    Scene {
        /// Its controls.
        scene: Scene,
        /// Whether they are the same as a moment before.
        rest: bool,
    },
    /// A button was pressed by the person.
    Press {
        /// Which.
        action: Action,
    },
    /// The person is typing.
    Type {
        /// Into what.
        field: Field,
        /// What stands there now.
        value: String,
    },
    /// A value was chosen by the person.
    Choose {
        /// Of what.
        field: Field,
        /// Which.
        value: String,
    },
    /// The answer to [`ToFace::ReadSessionRecord`].
    SessionRecord {
        /// Access-token records of the portal; may be empty.
        records: Vec<SessionRecord>,
    },
}

impl FromFace {
    /// Reads a message; `None` unless it is one of the known kinds with its fields and no other.
    pub fn read(message: &Value) -> Option<FromFace> {
        let kind = text(message, "kind");
        let (fields, read): (&[&str], _) = match kind {
            "hello" => (
                &["location", "language"],
                FromFace::Hello {
                    location: string(message, "location")?,
                    language: string(message, "language")?,
                },
            ),
            "moved" => (
                &["location"],
                FromFace::Moved {
                    location: string(message, "location")?,
                },
            ),
            "rows" => (
                &["ids"],
                FromFace::Rows {
                    ids: row_ids(message)?,
                },
            ),
            "scene" => (
                &["scene", "rest"],
                FromFace::Scene {
                    scene: Scene::read(message.get("scene")?)?,
                    rest: message.get("rest")?.as_bool()?,
                },
            ),
            "press" => (
                &["action"],
                FromFace::Press {
                    action: Action::read(text(message, "action"))?,
                },
            ),
            "type" => (
                &["field", "value"],
                FromFace::Type {
                    field: Field::read(text(message, "field"))?,
                    value: string(message, "value")?,
                },
            ),
            "choose" => (
                &["field", "value"],
                FromFace::Choose {
                    field: Field::read(text(message, "field"))?,
                    value: string(message, "value")?,
                },
            ),
            "session-record" => {
                let records = items(message, "records")
                    .iter()
                    .map(SessionRecord::read)
                    .collect::<Option<_>>()?;
                (&["records"], FromFace::SessionRecord { records })
            }
            _ => return None,
        };
        let known = |field: &String| field == "kind" || fields.contains(&field.as_str());
        message.as_object()?.keys().all(known).then_some(read)
    }
}

/// Most rows that a page can have in sight, and the longest id of one.
const MOST_ROWS: usize = 200;
const LONGEST_ROW: usize = 64;

/// Ids of rows; a subscription's is the same one in any letter case.
fn row_ids(message: &Value) -> Option<Vec<String>> {
    let is_id = |id: &&str| {
        id.len() <= LONGEST_ROW
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let ids: Vec<String> = items(message, "ids")
        .iter()
        .map(|id| id.as_str().filter(is_id))
        .map(|id| {
            let id = id?;
            Some(if id.len() == 36 {
                id.to_ascii_lowercase()
            } else {
                id.to_owned()
            })
        })
        .collect::<Option<_>>()?;
    (message.get("ids")?.is_array() && ids.len() <= MOST_ROWS).then_some(ids)
}

/// A text that must be there but may be empty.
fn string(message: &Value, field: &str) -> Option<String> {
    message.get(field)?.as_str().map(str::to_owned)
}

/// What is to be said beside a row of the page, matched by its id.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowHint {
    /// Subscription id or invoice number, as the face has told it.
    pub id: String,
    /// One sentence.
    pub text: String,
    /// How much it matters.
    pub tone: &'static str,
    /// Which cell it stands in: that with this text, else that of the id.
    pub beside: String,
}

/// From the background to a face. Nothing in it is secret: a page may read along.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ToFace {
    /// Show this.
    Show {
        /// The surface.
        surface: Surface,
        /// What stands in the portal's command bar, where the dock finds one.
        #[serde(rename = "commandBar")]
        command_bar: Option<Vec<Node>>,
        /// What is to be said beside rows of the page.
        rows: Vec<RowHint>,
    },
    /// What the person pressed or chose has arrived: a background that ends at that very moment never says so.
    Heard,
    /// Show nothing: the page is not about billing.
    Hide,
    /// The window has served its purpose.
    Close,
    /// Read the portal's own token record; sent only upon a person's press.
    ReadSessionRecord,
    /// Tell what the page shows, and again whenever that changes.
    ReadControls,
    /// Use a control of the page.
    Act {
        /// Press this one.
        #[serde(skip_serializing_if = "Option::is_none")]
        press: Option<u32>,
        /// Choose a value of this one.
        #[serde(skip_serializing_if = "Option::is_none")]
        choose: Option<u32>,
        /// Which.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Go to another page of the portal.
    Go {
        /// Its route, `#view/…`.
        hash: &'static str,
    },
    /// Tell no more what the page shows.
    StopReading,
}

impl ToFace {
    /// Presses a control.
    pub fn press(number: u32) -> ToFace {
        ToFace::Act {
            press: Some(number),
            choose: None,
            value: None,
        }
    }

    /// Chooses a value of a control.
    pub fn choose(number: u32, value: String) -> ToFace {
        ToFace::Act {
            press: None,
            choose: Some(number),
            value: Some(value),
        }
    }

    /// The message as it is sent.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Who speaks, as the browser attests it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sender {
    /// Id of the speaking extension.
    pub id: String,
    /// Address of the speaking document.
    pub url: String,
    /// Its frame; 0 is the top document.
    pub frame: Option<i32>,
    /// Its tab, if it stands in one.
    pub tab: Option<TabId>,
}

/// A face that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceKind {
    /// The dock in the top document of a portal page.
    Dock {
        /// The page's tab.
        tab: TabId,
        /// The page's cloud.
        cloud: Cloud,
    },
    /// The popup.
    Popup,
    /// The page of reports.
    Reports,
    /// The page of options.
    Options,
    /// The window that asks for further grants.
    Grants,
    /// The window of sharing.
    Sharing,
    /// A frame of a portal page, where the person lets the extension work there.
    Frame {
        /// The page's tab.
        tab: TabId,
    },
}

/// Hosts of the frames that the portal builds its newer pages of.
const FRAME_HOSTS: &str = ".reactblade.portal.azure.net";

/// Who our own extension is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnExtension {
    /// The extension's id.
    pub id: String,
    /// Address of its root, ending in `/`.
    pub root: String,
}

impl OwnExtension {
    /// Lets a speaker in, or not: one of our own pages, or our content script in the top document of a portal page.
    pub fn admit(&self, sender: &Sender) -> Option<FaceKind> {
        if sender.id != self.id {
            return None;
        }
        if let Some(page) = sender.url.strip_prefix(&self.root) {
            return match page.split(['?', '#']).next() {
                Some("popup.html") => Some(FaceKind::Popup),
                Some("grants.html") => Some(FaceKind::Grants),
                Some("options.html") => Some(FaceKind::Options),
                Some("reports.html") => Some(FaceKind::Reports),
                Some("sharing.html") => Some(FaceKind::Sharing),
                _ => None,
            };
        }
        let host = sender
            .url
            .strip_prefix("https://")
            .and_then(|rest| rest.split('/').next());
        if host.is_some_and(|host| host.ends_with(FRAME_HOSTS)) {
            let tab = sender
                .tab
                .filter(|_| sender.frame.is_some_and(|frame| frame != 0))?;
            return Some(FaceKind::Frame { tab });
        }
        let (cloud, _) = page_of(&sender.url)?;
        let tab = sender.tab.filter(|_| sender.frame == Some(0))?;
        Some(FaceKind::Dock { tab, cloud })
    }
}
