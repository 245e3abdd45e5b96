//! Whether a text has another one in it, letter by letter: the standard library's search is fast in long texts, which
//! there are none of, and two kilobytes larger.
//! Must not know: what is looked for.

/// Whether `part`, which is not empty, stands somewhere in the text.
pub(crate) fn mentions(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|window| window == part.as_bytes())
}
