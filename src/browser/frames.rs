//! The script for frames of the portal's blades, which goes where the person has granted it.
//! Must not know: what the script does there.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;

use super::extension_api::{self as api, field, list, object};

const ID: &str = "frame";
const HOSTS: &str = "https://*.reactblade.portal.azure.net/*";
const FILES: [&str; 2] = ["walker.js", "frame.js"];
/// Where such frames are.
const PORTALS: [&str; 4] = [
    "https://portal.azure.com/*",
    "https://ms.portal.azure.com/*",
    "https://preview.portal.azure.com/*",
    "https://rc.portal.azure.com/*",
];

/// Has the browser put the script into such frames from now on, or no more, as the person has it. What fails is tried
/// again at the next start.
pub async fn register() {
    let granted = api::permissions_contains(&object(&[("origins", list(&[HOSTS]))])).await;
    if !granted.is_ok_and(|granted| granted.as_bool() == Some(true)) {
        // Refused where there is nothing to take back.
        let _ = api::scripts_unregister(&object(&[("ids", list(&[ID]))])).await;
        return;
    }
    let script = object(&[
        ("id", ID.into()),
        ("matches", list(&[HOSTS])),
        ("js", list(&FILES)),
        ("allFrames", true.into()),
        ("runAt", "document_idle".into()),
    ]);
    // Refused where it is registered already, and then the open frames have it.
    if api::scripts_register(&Array::of1(&script)).await.is_ok() {
        enter_open_tabs().await;
    }
}

/// Puts the script into the frames that are there already, so that nothing has to be loaded again.
async fn enter_open_tabs() {
    let tabs = api::tabs_query(&object(&[("url", list(&PORTALS))])).await;
    let tabs = tabs.unwrap_or(JsValue::NULL);
    for tab in tabs.dyn_ref::<Array>().map(Array::iter).into_iter().flatten() {
        let target = object(&[("tabId", field(&tab, "id")), ("allFrames", true.into())]);
        // A tab that closes just now has no frames.
        let _ = api::scripts_execute(&object(&[("target", target), ("files", list(&FILES))])).await;
    }
}
