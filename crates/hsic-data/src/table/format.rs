//! How the numbers of a column are written.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The mark between the whole of a number and its fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Decimal {
    /// `1.5`.
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1,5`.
    #[serde(rename = ",")]
    Comma,
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(mark: &str) -> Result<Self, String> {
        match mark {
            "." => Ok(Self::Point),
            "," => Ok(Self::Comma),
            _ => Err("expected . or ,".into()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mark())
    }
}

impl Decimal {
    /// The mark.
    pub fn mark(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// How the numbers of a column are written: the mark before the fraction, what stands between thousands, and the sign of a
/// currency or a percentage that every number has. By default as programs write them, `-1.5e3`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberFormat {
    /// The mark before the fraction.
    pub decimal: Decimal,
    /// What stands between thousands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// What stands before or after every number. The number is read without it: `12 %` is 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
}

/// What may stand between thousands: of the two marks the one that is not before the fraction, blanks and apostrophes.
const THOUSANDS: [char; 8] = [',', '.', ' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];

/// Signs that may stand before or after a number.
const SIGNS: [&str; 12] = ["%", "‰", "€", "$", "£", "¥", "₹", "EUR", "USD", "GBP", "CHF", "JPY"];

impl NumberFormat {
    /// Whether it is that of programs.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The number that a text is in this format, as programs write it. `inf` is one in all.
    pub(crate) fn plain<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if self.is_plain() {
            return Some(Cow::Borrowed(text));
        }
        let (sign, number) = without_sign(text);
        if sign != self.sign.as_deref() {
            return None;
        }
        let spelled = Spelled::of(&number, self.decimal)?;
        let fits = spelled.thousands.is_none() || spelled.thousands == self.thousands;
        fits.then_some(Cow::Owned(spelled.plain))
    }

    /// The format of this column in a file whose decimal mark is told.
    pub(crate) fn with_decimal(&self, decimal: Option<Decimal>) -> Self {
        match decimal {
            Some(decimal) if decimal != self.decimal => Self {
                decimal,
                thousands: match (decimal, self.thousands) {
                    (Decimal::Point, Some('.')) => Some(','),
                    (Decimal::Comma, Some(',')) => Some('.'),
                    (_, other) => other,
                },
                sign: self.sign.clone(),
            },
            _ => self.clone(),
        }
    }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decimal {}", self.decimal.mark())?;
        if let Some(thousands) = self.thousands {
            let word = match thousands {
                ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => "blank".to_owned(),
                other => other.to_string(),
            };
            write!(f, ", thousands {word}")?;
        }
        match &self.sign {
            Some(sign) => write!(f, ", sign {sign}"),
            None => Ok(()),
        }
    }
}

/// A text without the sign before or after it. A minus may stand before the sign of a currency.
pub(super) fn without_sign(text: &str) -> (Option<&'static str>, Cow<'_, str>) {
    // most cells end in a digit and begin with one
    let ends_plain = text.bytes().last().is_none_or(|byte| byte.is_ascii_digit());
    let (minus, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    if ends_plain && rest.bytes().next().is_none_or(|byte| byte.is_ascii_digit()) {
        return (None, Cow::Borrowed(text));
    }
    for sign in SIGNS {
        if let Some(number) = rest.strip_prefix(sign) {
            let number = number.trim_start();
            return (Some(sign), if minus.is_empty() { number.into() } else { format!("-{number}").into() });
        }
        if let Some(number) = text.strip_suffix(sign) {
            return (Some(sign), Cow::Borrowed(number.trim_end()));
        }
    }
    (None, Cow::Borrowed(text))
}

/// A number by one decimal mark.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spelled {
    /// As programs write it.
    pub(super) plain: String,
    pub(super) value: f64,
    pub(super) thousands: Option<char>,
}

impl Spelled {
    /// Sign, digits, in threes where something stands between them, a fraction, and an exponent where nothing does.
    pub(super) fn of(text: &str, decimal: Decimal) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        if !mantissa.bytes().any(|byte| byte.is_ascii_digit()) {
            let value = text.parse().ok().filter(|value: &f64| value.is_infinite())?;
            return Some(Self { plain: text.into(), value, thousands: None });
        }
        let (whole, fraction) = mantissa.split_once(decimal.mark()).unwrap_or((mantissa, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(fraction) {
            return None;
        }
        let thousands = whole.chars().find(|digit| !digit.is_ascii_digit());
        if let Some(between) = thousands {
            let mut groups = whole.split(between);
            let first = groups.next()?;
            let is_first = matches!(first.len(), 1..=3) && is_number(first) && !first.starts_with('0');
            let fits = is_first && groups.all(|group| group.len() == 3 && is_number(group));
            if !fits || exponent.is_some() || between == decimal.mark() || !THOUSANDS.contains(&between) {
                return None;
            }
        }
        // the reader of plain numbers rounds correctly
        let mut plain: String = text.chars().take(text.len() - unsigned.len()).collect();
        plain.extend(whole.chars().filter(char::is_ascii_digit));
        plain.push('.');
        plain.push_str(fraction);
        if let Some(exponent) = exponent {
            plain.push('e');
            plain.push_str(exponent);
        }
        let value = plain.parse().ok()?;
        Some(Self { plain, value, thousands })
    }
}

/// Whether a text is a number, in another format.
pub(super) fn is_written_otherwise(text: &str, format: &NumberFormat) -> bool {
    let other = if format.decimal == Decimal::Point { Decimal::Comma } else { Decimal::Point };
    without_sign(text).0 == format.sign.as_deref() && Spelled::of(&without_sign(text).1, other).is_some()
}
