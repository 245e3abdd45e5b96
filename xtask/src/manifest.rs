//! The manifest of one browser: the shared part, the browser's own part, and the version.
//! Must not know: what the keys mean.

use anyhow::{Context, Result};
use serde_json::Value;

/// Lays `addition` over `base`: objects are merged, arrays appended, anything else replaced.
pub(crate) fn merge(base: &mut Value, addition: Value) {
    match (base, addition) {
        (Value::Object(base), Value::Object(addition)) => {
            for (key, value) in addition {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(addition)) => base.extend(addition),
        (base, addition) => *base = addition,
    }
}

/// The finished manifest as it is shipped.
///
/// # Errors
/// When a part is no JSON.
pub(crate) fn finished(shared: &[u8], own: &[u8], version: &str) -> Result<Vec<u8>> {
    let mut manifest: Value = serde_json::from_slice(shared).context("the shared manifest is no JSON")?;
    merge(
        &mut manifest,
        serde_json::from_slice(own).context("the browser's manifest is no JSON")?,
    );
    merge(&mut manifest, serde_json::json!({ "version": version }));
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    Ok(text)
}

/// The files that a manifest names, so that a missing one is found by the build and not by the browser.
pub(crate) fn named_files(manifest: &[u8]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect_files(&serde_json::from_slice(manifest)?, &mut files);
    Ok(files)
}

fn collect_files(value: &Value, files: &mut Vec<String>) {
    const ENDINGS: [&str; 6] = [".css", ".html", ".js", ".json", ".png", ".svg"];
    match value {
        Value::String(text)
            if !text.contains(['*', ':']) && ENDINGS.iter().any(|end| text.ends_with(end)) =>
        {
            files.push(text.trim_start_matches('/').to_owned());
        }
        Value::Array(values) => values.iter().for_each(|value| collect_files(value, files)),
        Value::Object(entries) => entries.values().for_each(|value| collect_files(value, files)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_browsers_part_is_merged_into_the_shared_one() {
        let shared = json!({
            "name": "Portal Invoices",
            "permissions": ["storage"],
            "background": {"type": "module"},
        });
        let own = json!({
            "permissions": ["offscreen"],
            "background": {"service_worker": "background.js"},
            "name": "Other",
        });
        let finished = finished(shared.to_string().as_bytes(), own.to_string().as_bytes(), "1.2.3").unwrap();
        let finished: Value = serde_json::from_slice(&finished).unwrap();
        assert_eq!(
            finished,
            json!({
                "name": "Other",
                "permissions": ["storage", "offscreen"],
                "background": {"type": "module", "service_worker": "background.js"},
                "version": "1.2.3",
            })
        );
    }

    #[test]
    fn files_are_told_from_patterns_and_names() {
        let manifest = json!({
            "background": {"scripts": ["background.js"]},
            "icons": {"16": "/icons/16.png"},
            "web_accessible_resources": [{"resources": ["fonts/*.css"], "matches": ["https://example.com/a.js"]}],
        });
        let files = named_files(manifest.to_string().as_bytes()).unwrap();
        assert_eq!(files, ["background.js", "icons/16.png"]);
    }
}
