//! Writes rows as CSV in the way that a person's spreadsheet program opens them.
//! Must not know: what the columns are, or where the bytes go.

use serde::Serialize;
use serde_json::Value;
use time::Date;

use crate::azure::Decimal;
use crate::azure::json::text;
use crate::spelling::spelled;

/// How spreadsheet programs of a region read CSV: in much of the world the comma stands in numbers, and something else
/// between the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Region {
    /// What stands between the cells.
    pub delimiter: Delimiter,
    /// What stands before the fraction of a number.
    pub decimal_mark: DecimalMark,
}

impl Default for Region {
    fn default() -> Region {
        Region::WITH_POINT
    }
}

impl Region {
    /// Where a point stands in numbers: English, Japanese, Chinese and others.
    pub const WITH_POINT: Region = Region {
        delimiter: Delimiter::Comma,
        decimal_mark: DecimalMark::Point,
    };
    /// Where a comma does: most of Europe and South America.
    pub const WITH_COMMA: Region = Region {
        delimiter: Delimiter::Semicolon,
        decimal_mark: DecimalMark::Comma,
    };

    /// Reads a region as it is stored; the one with a point where there is none.
    pub fn read(stored: &Value) -> Region {
        let delimiter = Delimiter::read(text(stored, "delimiter"));
        let decimal_mark = DecimalMark::read(text(stored, "decimal_mark"));
        delimiter
            .zip(decimal_mark)
            .map_or(Region::WITH_POINT, |(delimiter, decimal_mark)| Region {
                delimiter,
                decimal_mark,
            })
    }
}

spelled! {
    /// What stands between the cells.
    pub enum Delimiter {
        /// `,`
        Comma = "comma",
        /// `;`
        Semicolon = "semicolon",
        /// A tab.
        Tab = "tab",
    }
}

spelled! {
    /// What stands before the fraction of a number.
    pub enum DecimalMark {
        /// `.`
        Point = "point",
        /// `,`
        Comma = "comma",
    }
}

impl DecimalMark {
    /// The mark itself.
    pub fn sign(self) -> char {
        match self {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        }
    }
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Words or a mark; never calculated with, whatever it begins with.
    Text(&'a str),
    /// A whole number, such as a length.
    Whole(u64),
    /// An amount of money, with all its digits.
    Amount(Decimal),
    /// A number with just the digits that it was told with, `1E-05` included; what is none is a text.
    Number(&'a str),
    /// A day, as `2026-03-09`.
    Date(Date),
    /// Nothing is known.
    Empty,
}

/// A table that is being written, with as many cells in each row as there are columns.
#[derive(Clone, Debug)]
pub struct Table<const COLUMNS: usize> {
    region: Region,
    unread: Vec<u8>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with the names of its columns as first row.
    pub fn new(region: Region, columns: &[&str; COLUMNS]) -> Table<COLUMNS> {
        // Without the mark Excel takes the text for one of its older encodings.
        let unread = "\u{feff}".as_bytes().to_vec();
        let mut table = Table { region, unread };
        table.row(&columns.map(Cell::Text));
        table
    }

    /// Appends a row.
    pub fn row(&mut self, cells: &[Cell<'_>; COLUMNS]) {
        write_row(self.region, cells, &mut self.unread);
    }

    /// The bytes since they were last taken, for the caller to write.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }
}

fn write_row(region: Region, cells: &[Cell<'_>], out: &mut Vec<u8>) {
    let delimiter = match region.delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
        Delimiter::Tab => b'\t',
    };
    for (position, cell) in cells.iter().enumerate() {
        if position > 0 {
            out.push(delimiter);
        }
        let written = match cell {
            Cell::Text(text) => inert(text),
            Cell::Whole(number) => number.to_string(),
            Cell::Amount(amount) => amount.written(region.decimal_mark.sign(), 0),
            Cell::Number(digits) if is_number(digits) => match region.decimal_mark {
                DecimalMark::Point => (*digits).to_owned(),
                DecimalMark::Comma => digits.replace('.', ","),
            },
            Cell::Number(text) => inert(text),
            Cell::Date(date) => inert(&date.to_string()),
            Cell::Empty => String::new(),
        };
        // An empty line is no row to many readers.
        let is_empty_line = cells.len() == 1 && written.is_empty();
        if is_empty_line || needs_quotes(&written, delimiter) {
            out.push(b'"');
            for byte in written.bytes() {
                if byte == b'"' {
                    out.push(b'"');
                }
                out.push(byte);
            }
            out.push(b'"');
        } else {
            out.extend_from_slice(written.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// Text that no spreadsheet program takes for a formula. The wide signs begin formulas too in East Asian editions; a NUL
/// is dropped by some programs, and what follows it is the beginning then.
fn inert(text: &str) -> String {
    let begins_formula = matches!(
        text.chars().next(),
        Some(
            '=' | '+'
                | '-'
                | '@'
                | '\t'
                | '\r'
                | '\n'
                | '\0'
                | '\u{ff1d}'
                | '\u{ff0b}'
                | '\u{ff0d}'
                | '\u{ff20}'
        )
    );
    let mark = if begins_formula { "'" } else { "" };
    [mark, text].concat()
}

/// Whether a text is a number as JSON has them, which no spreadsheet program calculates with.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

fn needs_quotes(written: &str, delimiter: u8) -> bool {
    let is_special = |byte| byte == delimiter || matches!(byte, b'"' | b'\r' | b'\n');
    written.starts_with(' ') || written.ends_with(' ') || written.bytes().any(is_special)
}
