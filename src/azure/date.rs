//! Calendar dates in every spelling that Azure has been recorded to use.
//! Must not know: time zones; a date is what Azure wrote, not what it would be elsewhere.

use time::{Date, Month};

/// Reads the calendar date out of `2024-02-10`, `2024-02-10T00:00:00.0000000Z`, the same without a zone, or the
/// Enterprise Agreement's `6/1/2020 12:00:00 AM +00:00`. `None` for anything else, also for the 30th of February.
pub fn parse_date(text: &str) -> Option<Date> {
    let day = text.trim().split(['T', ' ']).next()?;
    let parts: Vec<&str> = day.split(['-', '/']).collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let (year, month, day_of_month) = if day.contains('/') {
        (third, first, second)
    } else {
        (first, second, third)
    };
    let are_digits = parts
        .iter()
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if year.len() != 4 || !are_digits || day.contains('/') && day.contains('-') {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day_of_month.parse().ok()?).ok()
}
