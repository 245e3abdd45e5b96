//! Private files in the origin private file system, and `blob:` addresses for them.
//! Must not know: what a file holds.

use std::cell::RefCell;

use async_trait::async_trait;
use futures_util::StreamExt;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemWritableFileStream, StorageManager, Url,
};

use crate::download::ports::{Part, PortError, PrivateFiles, PrivateWriter};

use super::extension_api::{CompressionStream, field, list, object, offscreen_create, send_message};
use super::storage::port_error;

/// The origin private file system.
#[derive(Default)]
pub struct OriginPrivateFiles {
    /// The offscreen document's creation, once begun; a service worker has no `createObjectURL` of its own.
    offscreen: RefCell<Option<Promise>>,
}

#[async_trait(?Send)]
impl PrivateFiles for OriginPrivateFiles {
    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        let mut file = self.begin(name).await?;
        file.write(bytes).await?;
        file.close().await
    }

    async fn begin(&self, name: &str) -> Result<Box<dyn PrivateWriter>, PortError> {
        match begin(name).await {
            Ok(stream) => Ok(Box::new(Writer {
                stream,
                is_closed: false,
            })),
            Err(error) => Err(port_error(&error)),
        }
    }

    async fn assemble(&self, name: &str, parts: Vec<Part>) -> Result<(), PortError> {
        assemble(name, &parts).await.map_err(|error| port_error(&error))
    }

    async fn deflate(&self, name: &str, into: &str) -> Result<u64, PortError> {
        deflate(name, into).await.map_err(|error| port_error(&error))
    }

    async fn room(&self) -> Option<u64> {
        let estimate = JsFuture::from(storage().estimate().ok()?).await.ok()?;
        let bytes = |name| field(&estimate, name).as_f64();
        Some((bytes("quota")? - bytes("usage")?).max(0.0) as u64)
    }

    async fn length(&self, name: &str) -> Option<u64> {
        Some(open(name).await.ok()?.size() as u64)
    }

    async fn address(&self, name: &str, media_type: &str) -> Result<String, PortError> {
        let address = async {
            if mints_addresses() {
                return Url::create_object_url_with_blob(&typed(name, media_type).await?);
            }
            self.open_offscreen().await?;
            let asked = object(&[
                ("target", "offscreen".into()),
                ("kind", "blob-url".into()),
                ("file", name.into()),
                ("mediaType", media_type.into()),
            ]);
            let address = field(&send_message(&asked).await?, "url").as_string();
            address.ok_or_else(|| JsValue::from_str("the offscreen document gave no address"))
        };
        address.await.map_err(|error| port_error(&error))
    }

    async fn release(&self, address: &str) {
        if mints_addresses() {
            // An address that is unknown needs no release.
            let _ = Url::revoke_object_url(address);
        } else {
            let told = object(&[
                ("target", "offscreen".into()),
                ("kind", "revoke".into()),
                ("url", address.into()),
            ]);
            let _ = send_message(&told).await;
        }
    }

    async fn remove(&self, name: &str) {
        if let Ok(folder) = folder().await {
            // A missing file is as good as a removed one.
            let _ = JsFuture::from(folder.remove_entry(name)).await;
        }
    }

    async fn names(&self) -> Vec<String> {
        let Ok(folder) = folder().await else {
            return Vec::new();
        };
        let mut names = wasm_bindgen_futures::stream::JsStream::from(folder.keys());
        let mut all = Vec::new();
        while let Some(Ok(name)) = names.next().await {
            all.extend(name.as_string());
        }
        all
    }
}

/// A file that takes its place when it is closed.
struct Writer {
    stream: FileSystemWritableFileStream,
    is_closed: bool,
}

#[async_trait(?Send)]
impl PrivateWriter for Writer {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let written = async { JsFuture::from(self.stream.write_with_u8_array(bytes)?).await };
        written.await.map(drop).map_err(|error| port_error(&error))
    }

    async fn close(&mut self) -> Result<(), PortError> {
        self.is_closed = true;
        let closed = JsFuture::from(self.stream.close()).await;
        closed.map(drop).map_err(|error| port_error(&error))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_closed {
            // Frees what it has taken of the disk at once; nobody waits for it.
            let _ = self.stream.abort();
        }
    }
}

impl OriginPrivateFiles {
    async fn open_offscreen(&self) -> Result<(), JsValue> {
        let creation = self.offscreen.borrow().clone();
        let creation = match creation {
            Some(creation) => creation,
            None => {
                let why = "Makes a blob address of a verified document, which the downloads read it from.";
                let creation = offscreen_create(&object(&[
                    ("url", "offscreen.html".into()),
                    ("reasons", list(&["BLOBS"])),
                    ("justification", why.into()),
                ]))?;
                self.offscreen.replace(Some(creation.clone()));
                creation
            }
        };
        // It is refused where the document outlived an earlier background: then it is there.
        let _ = JsFuture::from(creation).await;
        Ok(())
    }
}

/// Whether this background makes `blob:` addresses itself, as Firefox's event page does.
fn mints_addresses() -> bool {
    field(&field(&js_sys::global(), "URL"), "createObjectURL").is_function()
}

async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    Ok(JsFuture::from(storage().get_directory()).await?.unchecked_into())
}

fn storage() -> StorageManager {
    field(&field(&js_sys::global(), "navigator"), "storage").unchecked_into()
}

/// The browser reads, compresses and writes by itself, piece by piece.
async fn deflate(name: &str, into: &str) -> Result<u64, JsValue> {
    let compression = CompressionStream::new("deflate-raw")?;
    let compressed = open(name)
        .await?
        .stream()
        .pipe_through(compression.unchecked_ref());
    JsFuture::from(compressed.pipe_to(&begin(into).await?.into())).await?;
    Ok(open(into).await?.size() as u64)
}

async fn open(name: &str) -> Result<File, JsValue> {
    let handle: FileSystemFileHandle = JsFuture::from(folder().await?.get_file_handle(name))
        .await?
        .unchecked_into();
    Ok(JsFuture::from(handle.get_file()).await?.unchecked_into())
}

/// The file with a media type: Chromium saves an untyped one as `.txt`.
async fn typed(name: &str, media_type: &str) -> Result<Blob, JsValue> {
    let file = open(name).await?;
    file.slice_with_f64_and_f64_and_content_type(0.0, file.size(), media_type)
}

async fn assemble(name: &str, parts: &[Part]) -> Result<(), JsValue> {
    let stream = begin(name).await?;
    for part in parts {
        let written = match part {
            Part::Bytes(bytes) => stream.write_with_u8_array(bytes)?,
            // The browser copies it by itself.
            Part::File(other) => stream.write_with_blob(&open(other).await?.into())?,
        };
        JsFuture::from(written).await?;
    }
    JsFuture::from(stream.close()).await?;
    Ok(())
}

/// A stream into a file that is empty at first.
async fn begin(name: &str) -> Result<FileSystemWritableFileStream, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let folder = folder().await?;
    let handle: FileSystemFileHandle = JsFuture::from(folder.get_file_handle_with_options(name, &options))
        .await?
        .unchecked_into();
    Ok(JsFuture::from(handle.create_writable()).await?.unchecked_into())
}
