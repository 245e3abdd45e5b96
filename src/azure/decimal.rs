//! Exact decimal numbers: sums of money are added without the rounding of binary fractions.
//! Must not know: currencies, or how a region writes numbers.

use std::ops::{Add, Neg};

use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

/// Digits after the point that are kept; Azure tells amounts with up to fifteen digits in all.
const MOST_PLACES: u32 = 18;

/// A decimal number, `units` of ten to the minus `places`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    units: i128,
    places: u32,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Decimal = Decimal { units: 0, places: 0 };

    /// Reads a number as JSON has it; `None` for what is none, or too large or too fine to be an amount.
    pub fn read(value: &Value) -> Option<Decimal> {
        match value {
            // The shortest digits that tell a binary number from its neighbours are the ones that were sent.
            Value::Number(number) => Decimal::of_number(number),
            Value::String(stored) => Decimal::parse(stored),
            _ => None,
        }
    }

    fn of_number(number: &Number) -> Option<Decimal> {
        Decimal::parse(&number.to_string())
    }

    /// Reads `-1234.5` or `1e-7`.
    fn parse(text: &str) -> Option<Decimal> {
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let fraction = fraction.trim_end_matches('0');
        let units: i128 = [whole, fraction].concat().parse().ok()?;
        let places = i32::try_from(fraction.len()).ok()? - exponent.parse::<i32>().ok()?;
        match u32::try_from(places) {
            Ok(places) => (places <= MOST_PLACES).then_some(Decimal { units, places }),
            Err(_) => {
                let units = units.checked_mul(10i128.checked_pow(places.unsigned_abs())?)?;
                Some(Decimal { units, places: 0 })
            }
        }
    }

    /// The same amount without its sign.
    #[must_use]
    pub fn abs(self) -> Decimal {
        Decimal {
            units: self.units.saturating_abs(),
            ..self
        }
    }

    /// Its digits, with this mark before the fraction, which has as many digits as it takes and at least `least`.
    pub fn written(&self, mark: char, least: usize) -> String {
        let mut digits = self.units.unsigned_abs().to_string();
        let places = self.places as usize;
        if digits.len() <= places {
            digits.insert_str(0, &"0".repeat(places + 1 - digits.len()));
        }
        let (whole, fraction) = digits.split_at_checked(digits.len() - places).unwrap_or_default();
        let fraction = fraction.trim_end_matches('0');
        let mut written = String::new();
        if self.units < 0 {
            written.push('-');
        }
        written.push_str(whole);
        if !fraction.is_empty() || least > 0 {
            written.push(mark);
            written.push_str(fraction);
            written.push_str(&"0".repeat(least.saturating_sub(fraction.len())));
        }
        written
    }

    /// How many units it is of a finer scale; an amount that no account ever reaches stays as large as can be.
    fn units_at(self, places: u32) -> i128 {
        let factor = 10i128.saturating_pow(places.saturating_sub(self.places));
        self.units.saturating_mul(factor)
    }
}

impl Add for Decimal {
    type Output = Decimal;

    fn add(self, other: Decimal) -> Decimal {
        let places = self.places.max(other.places);
        let units = self.units_at(places).saturating_add(other.units_at(places));
        Decimal { units, places }
    }
}

impl Neg for Decimal {
    type Output = Decimal;

    fn neg(self) -> Decimal {
        Decimal {
            units: self.units.saturating_neg(),
            ..self
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        let places = self.places.max(other.places);
        self.units_at(places) == other.units_at(places)
    }
}

/// Stored as text, which keeps every digit.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written('.', 0))
    }
}
