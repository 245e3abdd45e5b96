//! Tables, read by a reader of CSV that others wrote.

use portal_invoices::azure::Decimal;
use portal_invoices::download::{Cell, DecimalMark, Delimiter, Region, Table};
use proptest::prelude::*;
use serde_json::json;
use time::macros::date;

const WORLD: Region = Region {
    delimiter: Delimiter::Comma,
    decimal_mark: DecimalMark::Point,
};
const LATVIA: Region = Region {
    delimiter: Delimiter::Semicolon,
    decimal_mark: DecimalMark::Comma,
};

fn regions() -> impl Iterator<Item = Region> {
    [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab]
        .into_iter()
        .flat_map(|delimiter| {
            [DecimalMark::Point, DecimalMark::Comma].map(|decimal_mark| Region {
                delimiter,
                decimal_mark,
            })
        })
}

fn delimiter(region: Region) -> u8 {
    match region.delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
        Delimiter::Tab => b'\t',
    }
}

/// All rows, that of the names included, as the independent reader finds them.
fn read(table: &[u8], region: Region) -> Vec<Vec<String>> {
    let text = table.strip_prefix("\u{feff}".as_bytes()).unwrap();
    csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter(region))
        .from_reader(text)
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// A number as Azure's JSON has it.
fn decimal(amount: f64) -> Decimal {
    Decimal::read(&json!(amount)).unwrap()
}

/// A cell as it is written, without anything around it.
fn written(cell: Cell<'_>, region: Region) -> String {
    let mut table = Table::new(region, &["Column", "Next"]);
    table.take();
    table.row(&[cell, Cell::Empty]);
    let line = String::from_utf8(table.take()).unwrap();
    let end = format!("{}\r\n", char::from(delimiter(region)));
    line.strip_suffix(&end).unwrap().to_owned()
}

#[test]
fn a_table_is_what_a_spreadsheet_program_of_the_region_opens() {
    let table = |region| {
        let mut table = Table::new(region, &["Invoice number", "Date", "Total", "Bytes", "Note"]);
        table.row(&[
            Cell::Text("G004567123"),
            Cell::Date(date!(2026 - 03 - 09)),
            Cell::Amount(decimal(1730.89)),
            Cell::Whole(204_800),
            Cell::Text("say \"thanks\", then pay"),
        ]);
        table.row(&[
            Cell::Text("Größe; 請求書"),
            Cell::Empty,
            Cell::Amount(decimal(-12.5)),
            Cell::Whole(0),
            Cell::Empty,
        ]);
        String::from_utf8(table.take()).unwrap()
    };
    assert_eq!(
        table(WORLD),
        "\u{feff}Invoice number,Date,Total,Bytes,Note\r\n\
         G004567123,2026-03-09,1730.89,204800,\"say \"\"thanks\"\", then pay\"\r\n\
         Größe; 請求書,,-12.5,0,\r\n"
    );
    assert_eq!(
        table(LATVIA),
        "\u{feff}Invoice number;Date;Total;Bytes;Note\r\n\
         G004567123;2026-03-09;1730,89;204800;\"say \"\"thanks\"\", then pay\"\r\n\
         \"Größe; 請求書\";;-12,5;0;\r\n"
    );
}

#[test]
fn bytes_are_given_out_once_and_in_order() {
    let mut table = Table::new(WORLD, &["a"]);
    assert_eq!(table.take(), "\u{feff}a\r\n".as_bytes());
    assert!(table.take().is_empty());
    table.row(&[Cell::Whole(1)]);
    table.row(&[Cell::Whole(2)]);
    assert_eq!(table.take(), b"1\r\n2\r\n");
}

#[test]
fn text_is_never_a_formula() {
    let cases = [
        ("=1+1", "'=1+1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("-12.5", "'-12.5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "\"'\r=1\""),
        ("\n=1", "\"'\n=1\""),
        ("\r\n=1", "\"'\r\n=1\""),
        ("\0=1", "'\0=1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM", "'＠SUM"),
        ("=\"a\",1", "\"'=\"\"a\"\",1\""),
        ("=", "'="),
        ("1+1=2", "1+1=2"),
        ("a@b.example", "a@b.example"),
        ("'=1", "'=1"),
        ("\"=1\"", "\"\"\"=1\"\"\""),
        (" =1", "\" =1\""),
        ("", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(written(Cell::Text(text), WORLD), expected, "{text:?}");
    }
    let table = Table::new(WORLD, &["=1+1"]).take();
    assert_eq!(table, "\u{feff}'=1+1\r\n".as_bytes(), "a column's name neither");
}

#[test]
fn what_would_break_a_cell_is_quoted() {
    for region in regions() {
        let own = char::from(delimiter(region));
        for mark in [',', ';', '\t'] {
            let text = format!("a{mark}b");
            let expected = match mark == own {
                true => format!("\"{text}\""),
                false => text.clone(),
            };
            assert_eq!(written(Cell::Text(&text), region), expected);
        }
        for text in ["a\rb", "a\nb", "a\r\nb", " a", "a ", " "] {
            assert_eq!(written(Cell::Text(text), region), format!("\"{text}\""));
        }
        assert_eq!(written(Cell::Text("a\"b"), region), "\"a\"\"b\"");
        assert_eq!(written(Cell::Text("a b"), region), "a b");
    }
    let both_commas = Region {
        delimiter: Delimiter::Comma,
        decimal_mark: DecimalMark::Comma,
    };
    assert_eq!(written(Cell::Amount(decimal(0.1)), both_commas), "\"0,1\"");
}

#[test]
fn a_row_with_nothing_in_its_only_cell_is_still_a_row() {
    let mut table = Table::new(WORLD, &["a"]);
    table.row(&[Cell::Empty]);
    table.row(&[Cell::Text("")]);
    table.row(&[Cell::Whole(1)]);
    assert_eq!(read(&table.take(), WORLD), [["a"], [""], [""], ["1"]]);
}

#[test]
fn amounts_are_written_in_full_and_by_the_region() {
    let cases = [
        (0.1, "0.1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (730.89, "730.89"),
        (-12.5, "-12.5"),
        (100.0, "100"),
        (1200.0, "1200"),
        (1e15, "1000000000000000"),
        (1e16, "10000000000000000"),
        (1e21, "1000000000000000000000"),
        (-1.5e21, "-1500000000000000000000"),
        (1e-7, "0.0000001"),
        (-1.25e-7, "-0.000000125"),
        (0.000_012, "0.000012"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.01, "-0.01"),
        (9_007_199_254_740_993.0, "9007199254740992"),
    ];
    for (amount, expected) in cases {
        assert_eq!(written(Cell::Amount(decimal(amount)), WORLD), expected);
        assert_eq!(
            written(Cell::Amount(decimal(amount)), LATVIA),
            expected.replace('.', ",")
        );
    }
}

#[test]
fn dates_and_whole_numbers_are_the_same_everywhere() {
    for region in regions() {
        assert_eq!(written(Cell::Date(date!(2026 - 03 - 09)), region), "2026-03-09");
        assert_eq!(written(Cell::Whole(u64::MAX), region), "18446744073709551615");
        assert_eq!(written(Cell::Empty, region), "");
    }
}

/// A text as it stands in the table.
fn inert(text: &str) -> String {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
    let mark = if text.starts_with(signs) { "'" } else { "" };
    format!("{mark}{text}")
}

proptest! {
    /// Whatever Azure calls things, each cell is read as one cell, and none begins a formula.
    #[test]
    fn tables_round_trip(rows in proptest::collection::vec(prop::array::uniform3(text()), 0..20)) {
        for region in regions() {
            let mut table = Table::new(region, &["=a", "b,;\tc", "d"]);
            let mut expected = vec![["'=a", "b,;\tc", "d"].map(str::to_owned).to_vec()];
            for row in &rows {
                table.row(&row.each_ref().map(|text| Cell::Text(text)));
                expected.push(row.iter().map(|text| inert(text)).collect());
            }
            prop_assert_eq!(read(&table.take(), region), expected);
        }
    }

    /// An amount that is read is the one that was written, without an exponent.
    #[test]
    fn amounts_round_trip(amount in -1e15..1e15f64, cents in -1_000_000_000_000_000i64..1_000_000_000_000_000) {
        for amount in [amount, cents as f64 / 100.0] {
            let text = written(Cell::Amount(decimal(amount)), WORLD);
            prop_assert_eq!(text.parse::<f64>().unwrap(), amount);
            // Of two shortest forms that are equally near, another writer may choose the other.
            prop_assert_eq!(text.len(), (amount + 0.0).to_string().len(), "no digit more than it takes");
            prop_assert!(!text.contains('e'));
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[-=+@\t\r\n\0,;\"' a]{0,6}", "\\PC{0,20}"]
}
