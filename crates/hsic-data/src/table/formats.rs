//! Finding out how the numbers of a column are written.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::format::{Spelled, without_sign};
use super::observe::earliest;
use super::{ColumnProblem, Decimal, NumberFormat};

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
    examples: Examples,
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

/// Numbers that are shown where no format fits all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    /// One that fits no format of those before it.
    misfit: Option<String>,
    /// The first that is not plain.
    odd: Option<String>,
    first: Option<String>,
}

impl Examples {
    /// With those of other cells, which are like these or have no format in common with them. Of two texts that would do the smaller
    /// one is kept, so that the order does not matter.
    fn with(self, other: Self, unlike: bool) -> Self {
        match (&self.misfit, &other.misfit) {
            // a number and one that does not fit it stay together
            (Some(_), Some(_)) => self.min(other),
            (Some(_), None) => self,
            (None, Some(_)) => other,
            (None, None) if unlike => {
                let (one, another) = (self.odd.or(self.first), other.odd.or(other.first));
                Self { misfit: one.clone().max(another.clone()), odd: None, first: one.min(another) }
            }
            (None, None) => Self {
                misfit: None,
                odd: earliest(self.odd, other.odd),
                first: earliest(self.first, other.first),
            },
        }
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
                if self.examples.first.is_none() {
                    self.examples.first = Some(text.into());
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
            self.examples.odd.get_or_insert_with(|| text.into());
        }
        let alive = self.readings.iter().any(|reading| !reading.fails) && self.examples.misfit.is_none();
        if is_first {
            self.examples.first = Some(text.into());
            self.sign = sign.map(Into::into);
        } else if self.sign.as_deref() != sign {
            self.examples.misfit.get_or_insert_with(|| text.into());
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
            self.examples.misfit.get_or_insert_with(|| text.into());
        }
        true
    }

    /// Adds what other cells say, in any order.
    pub(super) fn merge(&mut self, other: Self) {
        if self.count == 0 || other.count == 0 {
            if self.count == 0 {
                *self = other;
            }
            return;
        }
        for (reading, other) in self.readings.iter_mut().zip(&other.readings) {
            reading.add(other.fails, other.thousands);
        }
        let unlike = self.sign != other.sign || self.readings.iter().all(|reading| reading.fails);
        self.count += other.count;
        self.odd |= other.odd;
        self.examples = std::mem::take(&mut self.examples).with(other.examples, unlike);
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
        self.examples.misfit.is_none() && self.readings[0].fails && !self.readings[1].fails
    }

    /// The format; `commas` says that another column of the table has decimal commas, which makes `1.234` doubtful.
    pub(super) fn found(&self, told: Option<Decimal>, commas: bool) -> Found {
        if let (Some(decimal), Some(value)) = (told, &self.otherwise) {
            return Found::Otherwise { value: value.clone(), decimal };
        }
        if let Some(other) = &self.examples.misfit {
            let first =
                self.examples.odd.as_ref().filter(|odd| *odd != other).or(self.examples.first.as_ref());
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

/// Whether a text has none of the marks that may be read in two ways.
fn is_digits(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'.' | b','))
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
    fn parts_that_have_no_format_in_common_show_a_number_of_each() {
        let of = |cells: &[&str]| {
            let mut formats = Formats::default();
            cells.iter().for_each(|cell| assert!(formats.see(cell, None)));
            formats
        };
        for (one, another, expected) in [
            (&["1.5"][..], &["0,3"][..], "0,3 and 1.5"),
            (&["9.5", "8"], &["€ 3"], "9.5 and € 3"),
            (&["9.5", "1,5"], &["1,5"], "9.5 and 1,5"),
            (&["9.5", "1,5"], &["2,5", "1.5"], "9.5 and 1,5"),
        ] {
            for (one, another) in [(one, another), (another, one)] {
                let mut all = of(one);
                all.merge(of(another));
                let Found::None { first, other } = all.found(None, false) else { panic!("{one:?}") };
                assert_eq!(format!("{first} and {other}"), expected);
            }
        }
    }
}
