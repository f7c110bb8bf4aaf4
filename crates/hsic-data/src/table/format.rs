//! How the numbers of a column are written, and finding out.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ColumnProblem;
use super::observe::earliest;

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
fn without_sign(text: &str) -> (Option<&'static str>, Cow<'_, str>) {
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
struct Spelled {
    /// As programs write it.
    plain: String,
    value: f64,
    thousands: Option<char>,
}

impl Spelled {
    /// Sign, digits, in threes where something stands between them, a fraction, and an exponent where nothing does.
    fn of(text: &str, decimal: Decimal) -> Option<Self> {
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

/// What the cells of a column say of how its numbers are written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Formats {
    /// Numbers seen.
    count: usize,
    /// By a decimal point and by a comma: what stands between thousands, while all fit.
    readings: [Reading; 2],
    /// The sign of all, while they have the same.
    sign: Option<String>,
    /// A number that no plain reader takes was seen.
    odd: bool,
    /// The first number, the first that is not plain, and one that fits no format of those before it.
    first: Option<String>,
    first_odd: Option<String>,
    misfit: Option<String>,
    /// The first that does not have the mark that is told.
    otherwise: Option<String>,
    /// The first that a decimal point and a comma read otherwise.
    differing: Option<(String, f64, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Reading {
    fails: bool,
    thousands: Option<char>,
}

impl Reading {
    /// Adds whether other numbers fit, and what stands between their thousands.
    fn add(&mut self, fails: bool, thousands: Option<char>) {
        self.fails |= fails || thousands.is_some_and(|new| self.thousands.is_some_and(|old| old != new));
        self.thousands = self.thousands.or(thousands);
    }
}

/// What the numbers of a column come to.
pub(super) enum Found {
    /// One format.
    One(NumberFormat),
    /// Two formats fit all and read a number otherwise.
    Two { value: String, point: f64, comma: f64 },
    /// A number is not written as was told.
    Otherwise { value: String, decimal: Decimal },
    /// No format fits all.
    None { first: String, other: String },
}

impl Found {
    /// The one format of a column of this name.
    pub(super) fn format(self, name: &str) -> Result<NumberFormat, ColumnProblem> {
        let name = name.to_owned();
        match self {
            Self::One(format) => Ok(format),
            Self::Two { value, point, comma } => {
                Err(ColumnProblem::TwoReadings { name, value, point, comma })
            }
            Self::Otherwise { value, decimal } => Err(ColumnProblem::NotAsTold { name, value, decimal }),
            Self::None { first, other } => Err(ColumnProblem::MixedNumbers { name, first, other }),
        }
    }
}

impl Formats {
    /// Sees a cell; whether it is a number, in the format that is told or in any.
    pub(super) fn see(&mut self, text: &str, told: Option<Decimal>) -> bool {
        let (sign, number) = match text.parse::<f64>() {
            // the quick way of most cells: nothing of it could be read otherwise
            Ok(_) if told.is_none() && !self.odd && (self.readings[1].fails || is_digits(text)) => {
                self.count += 1;
                if self.first.is_none() {
                    self.first = Some(text.into());
                }
                return true;
            }
            Ok(_) => (None, Cow::Borrowed(text)),
            Err(_) => without_sign(text),
        };
        let spelled = [Decimal::Point, Decimal::Comma].map(|decimal| Spelled::of(&number, decimal));
        if spelled == [None, None] {
            return false;
        }
        if told.is_some_and(|told| spelled[told as usize].is_none()) {
            self.otherwise.get_or_insert_with(|| text.into());
        }
        let is_first = self.count == 0;
        self.count += 1;
        if text.parse::<f64>().is_err() {
            self.odd = true;
            self.first_odd.get_or_insert_with(|| text.into());
        }
        let alive = self.readings.iter().any(|reading| !reading.fails) && self.misfit.is_none();
        if is_first {
            self.first = Some(text.into());
            self.sign = sign.map(Into::into);
        } else if self.sign.as_deref() != sign {
            self.misfit.get_or_insert_with(|| text.into());
        }
        for (reading, spelled) in self.readings.iter_mut().zip(&spelled) {
            match spelled {
                Some(spelled) if !reading.fails => {
                    reading.add(false, spelled.thousands);
                }
                Some(_) => {}
                None => reading.fails = true,
            }
        }
        if let [Some(point), Some(comma)] = &spelled
            && point.value != comma.value
            && self.differing.is_none()
        {
            self.differing = Some((text.into(), point.value, comma.value));
        }
        if alive && self.readings.iter().all(|reading| reading.fails) {
            self.misfit.get_or_insert_with(|| text.into());
        }
        true
    }

    /// Adds what other cells say. Of texts that stand for many the smaller one is kept, so that the order of merges does not matter.
    pub(super) fn merge(&mut self, other: Self) {
        if self.count == 0 || other.count == 0 {
            if self.count == 0 {
                *self = other;
            }
            return;
        }
        let alive = self.misfit.is_none() && other.misfit.is_none();
        for (reading, other) in self.readings.iter_mut().zip(&other.readings) {
            reading.add(other.fails, other.thousands);
        }
        let unlike = self.sign != other.sign || self.readings.iter().all(|reading| reading.fails);
        self.count += other.count;
        self.odd |= other.odd;
        self.first = earliest(self.first.take(), other.first);
        self.first_odd = earliest(self.first_odd.take(), other.first_odd);
        self.misfit = earliest(self.misfit.take(), other.misfit);
        if alive && unlike {
            self.misfit = self.first_odd.clone().or_else(|| self.first.clone());
        }
        self.otherwise = earliest(self.otherwise.take(), other.otherwise);
        self.differing = match (self.differing.take(), other.differing) {
            (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
            (one, other) => one.or(other),
        };
    }

    /// How many numbers were seen.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether they are written with a decimal comma, without any doubt.
    pub(super) fn has_comma(&self) -> bool {
        self.misfit.is_none() && self.readings[0].fails && !self.readings[1].fails
    }

    /// The format; `commas` says that another column of the table has decimal commas, which makes `1.234` doubtful.
    pub(super) fn found(&self, told: Option<Decimal>, commas: bool) -> Found {
        if let (Some(decimal), Some(value)) = (told, &self.otherwise) {
            return Found::Otherwise { value: value.clone(), decimal };
        }
        if let Some(other) = &self.misfit {
            let first = self.first_odd.as_ref().filter(|odd| *odd != other).or(self.first.as_ref());
            return Found::None { first: first.cloned().unwrap_or_default(), other: other.clone() };
        }
        let of = |decimal| {
            let thousands = self.readings[decimal as usize].thousands;
            Found::One(NumberFormat { decimal, thousands, sign: self.sign.clone() })
        };
        match (told, self.readings.map(|reading| reading.fails)) {
            (Some(decimal), _) => of(decimal),
            (None, [_, true]) => of(Decimal::Point),
            (None, [true, false]) => of(Decimal::Comma),
            (None, [false, false]) => match &self.differing {
                Some((value, point, comma)) if self.odd || commas => {
                    Found::Two { value: value.clone(), point: *point, comma: *comma }
                }
                _ => of(Decimal::Point),
            },
        }
    }
}

/// Whether a text is a number, in another format.
pub(super) fn is_written_otherwise(text: &str, format: &NumberFormat) -> bool {
    let other = if format.decimal == Decimal::Point { Decimal::Comma } else { Decimal::Point };
    without_sign(text).0 == format.sign.as_deref() && Spelled::of(&without_sign(text).1, other).is_some()
}

/// Whether a text has none of the marks that may be read in two ways.
fn is_digits(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'.' | b','))
}

/// What texts look like that are no numbers here, but are written for something like them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Look {
    /// `2020-01-17`, `17.1.2020 12:30`, `12:30`.
    Date,
    /// `0x1f`.
    Hexadecimal,
    /// `1_000`.
    Underscored,
    /// `12,34,567`.
    Grouped,
}

impl Look {
    /// What a text looks like.
    pub(super) fn of(text: &str) -> Option<Self> {
        // most texts are words
        let start = text.strip_prefix(['+', '-']).unwrap_or(text);
        if !start.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let hexadecimal = start.strip_prefix("0x").or_else(|| start.strip_prefix("0X"));
        if hexadecimal
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            return Some(Self::Hexadecimal);
        }
        if is_date(text) {
            return Some(Self::Date);
        }
        let marked = |mark| start.contains(mark) && start.replace(mark, "").parse::<f64>().is_ok();
        if marked('_') { Some(Self::Underscored) } else { marked(',').then_some(Self::Grouped) }
    }
}

/// Whether a text is a day, a time, or both: three numbers with `-`, `/` or `.` between them of which one may be a year, and
/// hours and minutes.
fn is_date(text: &str) -> bool {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (Some(day), Some(time)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    day.is_none_or(is_day) && time.is_none_or(is_time)
}

fn is_day(text: &str) -> bool {
    ['-', '/', '.'].into_iter().any(|between| {
        let parts: Vec<&str> = text.split(between).collect();
        let [first, second, third] = parts[..] else { return false };
        let number = |text: &str, sizes: &[usize]| {
            sizes.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let of = |text: &str, most: u32| {
            number(text, &[1, 2]) && text.parse().is_ok_and(|part: u32| (1..=most).contains(&part))
        };
        let month = |month: &str, day: &str| of(month, 12) && of(day, 31);
        (number(first, &[4]) && month(second, third))
            || (number(third, &[2, 4]) && (month(first, second) || month(second, first)))
    })
}

fn is_time(text: &str) -> bool {
    let text = text.trim_end_matches('Z');
    let text = text.rsplit_once(['+', '-']).map_or(text, |(time, _)| time);
    let parts: Vec<&str> = text.split(':').collect();
    let number = |text: &str, most: f64| text.parse().is_ok_and(|part: f64| (0.0..most).contains(&part));
    match parts[..] {
        [hours, minutes] => number(hours, 24.0) && minutes.len() == 2 && number(minutes, 60.0),
        [hours, minutes, seconds] => number(hours, 24.0) && number(minutes, 60.0) && number(seconds, 61.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::shortest;

    fn found(cells: &[&str], told: Option<Decimal>) -> String {
        let mut formats = Formats::default();
        let numbers = cells.iter().filter(|cell| formats.see(cell, told)).count();
        if numbers < cells.len() {
            return format!("{numbers} numbers");
        }
        match formats.found(told, false) {
            Found::One(format) => {
                let value = |cell: &&str| format.plain(cell)?.parse().ok().map(shortest);
                let values: Vec<String> = cells.iter().map(|cell| value(cell).unwrap_or_default()).collect();
                format!("{format}: {}", values.join(" "))
            }
            Found::Two { value, point, comma } => format!("{value} is {point} or {comma}"),
            Found::Otherwise { value, decimal } => format!("{value} has no {decimal}"),
            Found::None { first, other } => format!("{first} and {other}"),
        }
    }

    #[test]
    fn a_column_has_the_one_format_that_fits_all_cells() {
        for (cells, expected) in [
            (&["1.5", "-2", "1e3"][..], "decimal .: 1.5 -2 1000"),
            (&["0,3", "7,5", "2"], "decimal ,: 0.3 7.5 2"),
            (&["2", "3", "0,25"], "decimal ,: 2 3 0.25"),
            (&["1,234", "5,678"], "1,234 is 1234 or 1.234"),
            (&["1,234", "5,6"], "decimal ,: 1.234 5.6"),
            (&["1,234", "0,678"], "decimal ,: 1.234 0.678"),
            (&["1,234", "5,678,901"], "decimal ., thousands ,: 1234 5678901"),
            (&["1,234", "5.25"], "decimal ., thousands ,: 1234 5.25"),
            (&["1.234", "5.678"], "decimal .: 1.234 5.678"),
            (&["1.234,5", "12"], "decimal ,, thousands .: 1234.5 12"),
            (&["1 234", "12\u{a0}345"], "1 234 and 12\u{a0}345"),
            (&["1'234.5", "12"], "decimal ., thousands ': 1234.5 12"),
            (&["1,5", "1.5"], "1,5 and 1.5"),
            (&["1.5", "1,5"], "1.5 and 1,5"),
            (&["12 %", "3.5%"], "decimal ., sign %: 12 3.5"),
            (&["12 %", "3"], "12 % and 3"),
            (&["€ 3.50", "-€1,200.00"], "decimal ., thousands ,, sign €: 3.5 -1200"),
            (&["3,50 €", "2 €"], "decimal ,, sign €: 3.5 2"),
            (&["1.234.567", "1.2"], "1.234.567 and 1.2"),
            (&["1,23,456"], "0 numbers"),
            (&["01,234"], "decimal ,: 1.234"),
        ] {
            assert_eq!(found(cells, None).replace(", thousands blank", ""), expected, "{cells:?}");
        }
        assert_eq!(found(&["1,234", "2"], Some(Decimal::Comma)), "decimal ,: 1.234 2");
        assert_eq!(found(&["1,234", "2"], Some(Decimal::Point)), "decimal ., thousands ,: 1234 2");
        assert_eq!(found(&["1.234", "2"], Some(Decimal::Comma)), "decimal ,, thousands .: 1234 2");
        assert_eq!(found(&["1.5", "2"], Some(Decimal::Comma)), "1.5 has no ,");
    }

    #[test]
    fn dates_and_numbers_of_programs_are_told_by_their_look() {
        for date in [
            "2020-01-17",
            "17.1.2020",
            "1/17/20",
            "2020-01-17T12:30:05.25Z",
            "2020/1/7 12:30",
            "12:30",
            "2020-01-17 12:30:00+01:00",
        ] {
            assert_eq!(Look::of(date), Some(Look::Date), "{date}");
        }
        for other in
            ["2020-13-17", "1.2", "1-2", "192.168.0.1", "12:75", "cat", "a-b-c", "1.2.3.4", "2020", "3 T"]
        {
            assert_eq!(Look::of(other), None, "{other}");
        }
        assert_eq!(Look::of("0x1F"), Some(Look::Hexadecimal));
        assert_eq!(Look::of("1_000"), Some(Look::Underscored));
        assert_eq!(Look::of("12,34,567"), Some(Look::Grouped));
    }
}
