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

/// Parses a text in which every number becomes a text of its own digits: the parser would keep them as far as 64 bits
/// go, and what it takes to keep them all would be forty kilobytes more to download.
pub(super) fn parse_with_digits(bytes: &[u8]) -> Value {
    let mut quoted = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    let (mut in_text, mut is_escaped, mut in_number) = (false, false, false);
    for byte in bytes.iter().copied() {
        let goes_on = in_number && matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let begins = !in_text && !in_number && matches!(byte, b'0'..=b'9' | b'-');
        if in_number && !goes_on || begins {
            quoted.push(b'"');
        }
        in_number = goes_on || begins;
        if byte == b'"' && !is_escaped {
            in_text = !in_text;
        }
        is_escaped = in_text && byte == b'\\' && !is_escaped;
        quoted.push(byte);
    }
    if in_number {
        quoted.push(b'"');
    }
    parse(&quoted)
}

/// Parses a text; null when it is no JSON. Everything that comes in from outside passes here: one parser keeps the core
/// small.
pub fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A value as JSON, if its numbers are texts of their digits. The writer for any value would be two kilobytes more to
/// download.
pub fn written_with_digits(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(",");
    match value {
        Value::Null | Value::Number(_) => "null".to_owned(),
        Value::Bool(is_so) => is_so.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", joined(items.iter().map(written_with_digits).collect())),
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| format!("{}:{}", quoted(name), written_with_digits(value));
            format!("{{{}}}", joined(fields.iter().map(field).collect()))
        }
    }
}
