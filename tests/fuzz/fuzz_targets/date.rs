//! Input: a date as Azure might write it. Claim: what is read is the day that was written, and written out it stays so.
//! Must not know: which spellings the core takes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portal_invoices::azure::parse_date;

fuzz_target!(|text: &str| {
    let Some(date) = parse_date(text) else {
        return;
    };
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    assert_eq!(parse_date(&date.to_string()), Some(date), "{text:?}");
    let american = format!("{month}/{day}/{year:04} 12:00:00 AM +00:00");
    assert_eq!(parse_date(&american), Some(date), "{text:?}");

    let written: Vec<i32> = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .take(3)
        .collect();
    let (month, day) = (i32::from(month), i32::from(day));
    assert!(
        written == [year, month, day] || written == [month, day, year],
        "{text:?} is read as {date}"
    );
});
