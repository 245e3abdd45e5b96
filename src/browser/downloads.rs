//! The browser's downloads.
//! Must not know: what is saved, or what follows from how it ended.

use std::cell::RefCell;

use async_trait::async_trait;
use futures_channel::oneshot;
use js_sys::Array;
use sha2::{Digest, Sha256};
use vecmap::VecMap;
use wasm_bindgen::{JsCast, JsValue};

use crate::download::ports::{Conflict, DownloadItem, DownloadNumber, DownloadState, Downloads, PortError};

use super::extension_api::{
    EXTENSION_ID, download, downloads_cancel, downloads_erase, downloads_remove_file, downloads_search,
    field, list, object,
};
use super::storage::port_error;

thread_local! {
    /// Who waits for news of which download.
    static WAITING: RefCell<VecMap<DownloadNumber, Vec<oneshot::Sender<()>>>> = const { RefCell::new(VecMap::new()) };
}

/// Something about this download changed.
pub fn changed(number: DownloadNumber) {
    let waiting = WAITING.with(|waiting| waiting.borrow_mut().remove(&number));
    for waiter in waiting.into_iter().flatten() {
        // Whoever waited may have been cancelled.
        let _ = waiter.send(());
    }
}

/// `downloads`.
pub struct BrowserDownloads;

/// What `danger` says of a file that nobody is to be asked about, scans that end by themselves included.
const NO_QUESTION: [&str; 7] = [
    "",
    "safe",
    "accepted",
    "allowlistedByPolicy",
    "deepScannedSafe",
    "asyncScanning",
    "asyncLocalPasswordScanning",
];

fn read(item: &JsValue) -> Option<DownloadItem> {
    let state = match field(item, "state").as_string().as_deref() {
        Some("complete") => DownloadState::Complete,
        Some("interrupted") => {
            DownloadState::Interrupted(field(item, "error").as_string().unwrap_or_default())
        }
        _ => DownloadState::InProgress,
    };
    let number = |name| field(item, name).as_f64().unwrap_or_default().max(0.0) as u64;
    let danger = field(item, "danger").as_string().unwrap_or_default();
    Some(DownloadItem {
        number: field(item, "id").as_f64()? as DownloadNumber,
        state,
        path: field(item, "filename").as_string().unwrap_or_default(),
        bytes: number("fileSize"),
        received: number("bytesReceived"),
        is_held_back: !NO_QUESTION.contains(&danger.as_str()),
        media_type: field(item, "mime").as_string().unwrap_or_default(),
    })
}

async fn search(by: &str, value: JsValue) -> Option<DownloadItem> {
    let found: Array = downloads_search(&object(&[(by, value)]))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    read(&found.get(0))
}

#[async_trait(?Send)]
impl Downloads for BrowserDownloads {
    async fn save(&self, address: &str, path: &str, conflict: Conflict) -> Result<DownloadNumber, PortError> {
        let action = match conflict {
            Conflict::Uniquify => "uniquify",
            Conflict::Overwrite => "overwrite",
        };
        let options = object(&[
            ("url", address.into()),
            ("filename", path.into()),
            ("conflictAction", action.into()),
            ("saveAs", false.into()),
        ]);
        let number = download(&options).await.map_err(|error| port_error(&error))?;
        number
            .as_f64()
            .map(|number| number as DownloadNumber)
            .ok_or(PortError::Refused(String::new()))
    }

    async fn item(&self, number: DownloadNumber) -> Option<DownloadItem> {
        search("id", number.into()).await
    }

    async fn ended(&self, number: DownloadNumber) -> Option<DownloadItem> {
        loop {
            let (sender, news) = oneshot::channel();
            WAITING.with(|waiting| waiting.borrow_mut().entry(number).or_default().push(sender));
            let item = self.item(number).await?;
            if item.state != DownloadState::InProgress {
                return Some(item);
            }
            // Asked before the wait began, so no news is missed; a lost sender means that there was some.
            let _ = news.await;
        }
    }

    async fn find(&self, address: &str) -> Option<DownloadItem> {
        search("url", address.into()).await
    }

    async fn find_own(&self, digest: &str, path: &str) -> Option<DownloadItem> {
        let query = object(&[("orderBy", list(&["-startTime"])), ("limit", 1000.into())]);
        let newest_first: Array = downloads_search(&query).await.ok()?.dyn_into().ok()?;
        let own = EXTENSION_ID.with(Clone::clone);
        let text = |item: &JsValue, name| field(item, name).as_string().unwrap_or_default();
        let item = newest_first.iter().find(|item| {
            let of_address: String = Sha256::digest(text(item, "url"))
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let on_disk = text(item, "filename").replace('\\', "/");
            text(item, "byExtensionId") == own && (of_address == digest || on_disk.ends_with(path))
        })?;
        read(&item)
    }

    async fn gone(&self) -> Vec<String> {
        let Ok(items) = downloads_search(&object(&[("state", "complete".into()), ("limit", 0.into())])).await
        else {
            return Vec::new();
        };
        let items: Array = items.unchecked_into();
        let own = EXTENSION_ID.with(Clone::clone);
        let paths = |exists: bool| -> Vec<String> {
            let is_ours = |item: &JsValue| field(item, "byExtensionId").as_string().as_ref() == Some(&own);
            let is_meant = |item: &JsValue| is_ours(item) && field(item, "exists").as_bool() == Some(exists);
            let path = |item: JsValue| field(&item, "filename").as_string();
            items.iter().filter(is_meant).filter_map(path).collect()
        };
        let there = paths(true);
        let mut gone = paths(false);
        gone.retain(|path| !there.contains(path));
        gone
    }

    async fn discard(&self, number: DownloadNumber) {
        // Cancelling ends a question that is still open; a whole file is removed by itself, a partial one by erasing.
        let _ = downloads_cancel(number).await;
        let _ = downloads_remove_file(number).await;
        let _ = downloads_erase(&object(&[("id", number.into())])).await;
    }
}
