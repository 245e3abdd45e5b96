//! JSON read field by field: what is absent, null or of another shape reads as empty, and spoils nothing else.
//! Must not know: what any field means.

use serde_json::Value;

/// A text field; empty when it is none.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A text field that says something.
pub fn given(object: &Value, field: &str) -> Option<String> {
    Some(text(object, field))
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The items of a list field; none when it is no list.
pub fn items<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    object
        .get(field)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// A whole number that is not negative.
pub fn number(object: &Value, field: &str) -> Option<u64> {
    object.get(field).and_then(Value::as_u64)
}

/// Parses a text; null when it is no JSON. Everything that comes in from outside passes here: one parser keeps the core
/// small.
pub fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}
