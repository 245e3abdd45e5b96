//! The browser: what the shim calls, and the adapters behind every port.
//! Must not know: what to do about anything; it carries events to the brain and effects to the browser.

mod clock;
mod downloads;
mod extension_api;
mod frames;
mod intl;
mod private_files;
mod runtime;
mod storage;
mod transport;

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::background::Event;
use extension_api::{DownloadDelta, Port};

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Loads what is kept and takes interrupted runs up again. Call once, before anything else.
#[wasm_bindgen]
pub async fn start() -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    runtime::start().await
}

/// A face connected under this number.
#[wasm_bindgen(js_name = faceOpened)]
pub fn face_opened(face: u32, port: Port) {
    runtime::face_opened(face, port);
}

/// A face said something.
#[wasm_bindgen(js_name = faceSaid)]
pub fn face_said(face: u32, message: JsValue) {
    // What is not even JSON is passed on as null, which fits no message.
    let text = js_sys::JSON::stringify(&message)
        .map(String::from)
        .unwrap_or_default();
    let message = crate::azure::json::parse(text.as_bytes());
    runtime::take(Event::Said(face, message));
}

/// A face is gone.
#[wasm_bindgen(js_name = faceClosed)]
pub fn face_closed(face: u32) {
    runtime::face_closed(face);
}

/// A page asked Resource Manager something, with this `Authorization` header.
#[wasm_bindgen(js_name = headerSeen)]
pub fn header_seen(tab: i32, initiator: String, header: String) {
    runtime::take(Event::HeaderSeen {
        tab,
        initiator,
        header,
    });
}

/// A tab was closed.
#[wasm_bindgen(js_name = tabGone)]
pub fn tab_gone(tab: i32) {
    runtime::take(Event::TabGone(tab));
}

/// A download changed.
#[wasm_bindgen(js_name = downloadChanged)]
pub fn download_changed(delta: DownloadDelta) {
    downloads::changed(delta.id());
}

/// A newer version of the extension is ready to take over.
#[wasm_bindgen(js_name = updateReady)]
pub fn update_ready() {
    runtime::take(Event::UpdateReady);
}

/// The person granted something or took it back.
#[wasm_bindgen(js_name = grantsChanged)]
pub fn grants_changed() {
    runtime::check_grants();
}

/// A notification was pressed.
#[wasm_bindgen(js_name = notificationPressed)]
pub fn notification_pressed(key: String) {
    runtime::take(Event::NotificationPressed(key));
}
