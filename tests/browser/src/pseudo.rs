//! A language of no country, made from English: longer, accented and in brackets, so that what is not translated and what
//! does not fit stand out.
//! Must not know: what any text says.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::Error;

/// What stands around every text of it, and nowhere else.
pub const BRACKETS: [char; 2] = ['⟦', '⟧'];

/// A copy of an unpacked extension whose English is that language. It goes when it is dropped.
///
/// # Errors
/// When the extension cannot be read or copied.
pub fn pseudo_extension(extension: &Path) -> Result<TempDir, Error> {
    let copy = copied_extension(extension)?;
    let file = copy.path().join("_locales/en/messages.json");
    let mut messages: Value =
        serde_json::from_slice(&std::fs::read(&file)?).map_err(std::io::Error::other)?;
    for entry in messages
        .as_object_mut()
        .into_iter()
        .flat_map(|all| all.values_mut())
    {
        if let Some(message) = entry.get_mut("message") {
            *message = Value::from(pseudo(message.as_str().unwrap_or_default()));
        }
    }
    std::fs::write(&file, messages.to_string())?;
    Ok(copy)
}

/// A copy of an unpacked extension, to be changed. It goes when it is dropped.
///
/// # Errors
/// When the extension cannot be read or copied.
pub fn copied_extension(extension: &Path) -> Result<TempDir, Error> {
    let copy = tempfile::Builder::new()
        .prefix("portal-invoices-copy-")
        .tempdir()?;
    copy_folder(extension, copy.path())?;
    Ok(copy)
}

/// What of a text stands outside of all brackets: what was shown without being translated.
pub fn outside_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let [open, close] = BRACKETS;
    let outside = text.chars().filter(|letter| {
        if *letter == open {
            depth += 1;
        } else if *letter == close {
            depth = depth.saturating_sub(1);
            return false;
        }
        depth == 0
    });
    outside.collect::<String>().trim().to_owned()
}

/// An English text as that language has it. Vowels are doubled, which makes it about 40 % longer; placeholders stay.
pub fn pseudo(text: &str) -> String {
    let [open, close] = BRACKETS;
    let mut made = String::from(open);
    let mut is_name = false;
    for letter in text.chars() {
        is_name ^= letter == '$';
        match ACCENTED.iter().find(|(plain, _)| *plain == letter) {
            Some((_, accented)) if !is_name => made.push_str(accented),
            _ => made.push(letter),
        }
    }
    made.push(close);
    made
}

const ACCENTED: [(char, &str); 22] = [
    ('a', "áá"),
    ('e', "éé"),
    ('i', "íí"),
    ('o', "óó"),
    ('u', "úú"),
    ('y', "ýý"),
    ('A', "ÅÅ"),
    ('E', "ÊÊ"),
    ('I', "ÎÎ"),
    ('O', "ÖÖ"),
    ('U', "ÛÛ"),
    ('c', "ç"),
    ('d', "đ"),
    ('g', "ğ"),
    ('l', "ļ"),
    ('n', "ñ"),
    ('r', "ř"),
    ('s', "š"),
    ('t', "ţ"),
    ('D', "Đ"),
    ('N', "Ñ"),
    ('S', "Š"),
];

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{outside_brackets, pseudo};

    #[test]
    fn placeholders_stay_and_the_text_is_longer() {
        assert_eq!(pseudo("$COUNT$ documents"), "⟦$COUNT$ đóóçúúmééñţš⟧");
    }

    #[test]
    fn only_what_bypassed_the_texts_is_outside() {
        assert_eq!(outside_brackets("⟦Wéé ⟦šéé⟧ it⟧"), "");
        assert_eq!(outside_brackets("E1: ⟦ñóó⟧"), "E1:");
    }
}
