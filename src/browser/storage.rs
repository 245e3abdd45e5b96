//! Durable records in `storage.local`, one key each.
//! Must not know: what the records say. Tokens never come here.

use async_trait::async_trait;
use wasm_bindgen::{JsCast, JsValue};

use crate::download::ports::{PortError, Storage};
use crate::mention::mentions;

use super::extension_api::{local_get, local_remove, local_set, object, texts};

/// `storage.local`.
pub struct LocalStorage;

#[async_trait(?Send)]
impl Storage for LocalStorage {
    async fn read(&self, prefix: &str) -> Result<Vec<(String, String)>, PortError> {
        let all = local_get(&JsValue::NULL)
            .await
            .map_err(|error| port_error(&error))?;
        Ok(texts(&all)
            .into_iter()
            .filter(|(key, _)| key.starts_with(prefix))
            .collect())
    }

    async fn write(&self, key: &str, value: &str) -> Result<(), PortError> {
        local_set(&object(&[(key, value.into())]))
            .await
            .map_err(|error| port_error(&error))
    }

    async fn remove(&self, key: &str) -> Result<(), PortError> {
        local_remove(key).await.map_err(|error| port_error(&error))
    }
}

/// A rejected promise as a port's error.
pub fn port_error(error: &JsValue) -> PortError {
    let words = error
        .dyn_ref::<js_sys::Error>()
        .map(|error| (String::from(error.name()), String::from(error.message())))
        .unwrap_or_else(|| (String::new(), error.as_string().unwrap_or_default()));
    match words {
        (name, _) if name == "QuotaExceededError" => PortError::Full,
        (_, message) if mentions(&message, "QUOTA") || mentions(&message, "quota") => PortError::Full,
        (_, message) => PortError::Refused(message),
    }
}
