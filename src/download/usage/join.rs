//! Puts the parts of a report together: one table, its line of column names at the beginning only, all else untouched.
//! Must not know: where parts come from, or where the table goes.

use std::borrow::Cow;

use crate::download::verification::{Defect, is_table};

/// What marks a text as UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// Longest line of column names, in bytes; what has no end by then is no table.
const LONGEST_NAMES: usize = 64 * 1024;

/// A table that is being put together, piece by piece.
#[derive(Default)]
pub(crate) struct Join {
    /// The line of column names, without the mark and the end of the line.
    names: Option<Vec<u8>>,
    /// The beginning of a part, as long as its first line is not whole.
    head: Option<Vec<u8>>,
    /// Bytes of the part so far.
    length: u64,
    /// Whether the table so far ends with the end of a line.
    is_at_line_start: bool,
}

impl Join {
    /// The next part begins.
    pub(crate) fn begin_part(&mut self) {
        self.head = Some(Vec::new());
        self.length = 0;
    }

    /// Takes a piece of the part and gives back what is to be written.
    ///
    /// # Errors
    /// When it is no table, or none with the same columns.
    pub(crate) fn take<'a>(&mut self, piece: &'a [u8]) -> Result<Cow<'a, [u8]>, Defect> {
        self.length += piece.len() as u64;
        if piece.contains(&0) {
            return Err(Defect::NotATable);
        }
        let Some(head) = &mut self.head else {
            if let Some(last) = piece.last() {
                self.is_at_line_start = *last == b'\n';
            }
            return Ok(Cow::Borrowed(piece));
        };
        head.extend_from_slice(piece);
        if !head.contains(&b'\n') && head.len() < LONGEST_NAMES {
            return Ok(Cow::Borrowed(&[]));
        }
        self.begin_rows().map(Cow::Owned)
    }

    /// The part has ended; what is left of it is to be written.
    ///
    /// # Errors
    /// When it is not whole, or no table.
    pub(crate) fn end_part(&mut self, announced_length: Option<u64>) -> Result<Vec<u8>, Defect> {
        if self.length == 0 {
            return Err(Defect::Empty);
        }
        let rest = match self.head {
            Some(_) => self.begin_rows()?,
            None => Vec::new(),
        };
        match announced_length {
            Some(length) if length != self.length => Err(Defect::Truncated),
            _ => Ok(rest),
        }
    }

    /// The first line of a part is whole. Of a further part it is left out, if it names the same columns; a part may
    /// also begin with a row, and is taken whole then. Anything else would put numbers under other names.
    fn begin_rows(&mut self) -> Result<Vec<u8>, Defect> {
        let head = self.head.take().unwrap_or_default();
        if !is_table(&head) {
            return Err(Defect::NotATable);
        }
        let text = head.strip_prefix(MARK).unwrap_or(&head);
        let end = text.iter().position(|byte| *byte == b'\n');
        let (line, rows) = text.split_at(end.map_or(text.len(), |end| end + 1));
        let line = line.trim_ascii_end();
        let further = match &self.names {
            None => {
                self.names = Some(line.to_vec());
                self.is_at_line_start = head.ends_with(b"\n");
                return Ok(head);
            }
            Some(names) if names == line => rows,
            Some(names) if is_row_under(names, line) => text,
            Some(_) => return Err(Defect::OtherColumns),
        };
        let mut written = Vec::new();
        if !further.is_empty() {
            if !self.is_at_line_start {
                written.extend_from_slice(b"\r\n");
            }
            self.is_at_line_start = further.ends_with(b"\n");
            written.extend_from_slice(further);
        }
        Ok(written)
    }
}

/// Whether a line has a field for each column and names none of them.
fn is_row_under(names: &[u8], line: &[u8]) -> bool {
    let (names, fields) = (fields(names), fields(line));
    names.len() == fields.len()
        && !fields.iter().any(|field| {
            let is_name = |name: &&[u8]| name.eq_ignore_ascii_case(field);
            !field.is_empty() && names.iter().any(is_name)
        })
}

/// The fields of a line, their quotes included.
fn fields(line: &[u8]) -> Vec<&[u8]> {
    let mut is_quoted = false;
    line.split(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    })
    .collect()
}
