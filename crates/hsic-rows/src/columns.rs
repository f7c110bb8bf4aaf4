//! Range, mean and deviation of a column of numbers, mergeable over blocks.

use faer::{ColRef, col};

/// Columns within this share of their largest magnitude are centred on one of their values before anything is summed. All that
/// vary more have moments that do not need it.
const CENTRED: f64 = 1e-6;

/// The largest power of two not above a positive number (for subnormal ones and 0 the smallest normal number).
pub fn power_of_two(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    f64::from_bits(value.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

/// The ends of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnRange {
    /// The smallest number; ∞ without one.
    pub lowest: f64,
    /// The largest; −∞ without one.
    pub highest: f64,
    /// Whether every number is whole, which arithmetic on whole numbers does not round.
    pub whole: bool,
}

impl ColumnRange {
    /// Of these numbers.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let empty = Self { lowest: f64::INFINITY, highest: f64::NEG_INFINITY, whole: true };
        values.fold(empty, |range, value| {
            let of_value = Self { lowest: value, highest: value, whole: value.fract() == 0.0 };
            range.with(of_value)
        })
    }

    fn with(self, other: Self) -> Self {
        Self {
            lowest: self.lowest.min(other.lowest),
            highest: self.highest.max(other.highest),
            whole: self.whole && other.whole,
        }
    }

    /// The largest magnitude; 0 without a number.
    pub fn largest(self) -> f64 {
        self.highest.abs().max(self.lowest.abs()).min(f64::MAX)
    }

    /// Whether highest − lowest is within a share of the largest magnitude.
    pub fn is_within(self, share: f64) -> bool {
        let unit = power_of_two(self.largest());
        self.highest / unit - self.lowest / unit <= share * (self.largest() / unit)
    }

    /// What is subtracted before anything is summed, and the unit of what is left.
    pub fn center_and_unit(self) -> (f64, f64) {
        if self.lowest.is_finite() && self.is_within(CENTRED) {
            (self.lowest, power_of_two(self.highest - self.lowest))
        } else {
            (0.0, power_of_two(self.largest()))
        }
    }
}

/// The moments of a column whose values come in blocks.
///
/// The mean is `center + offset`, where the centre is a value of the block for a block that hardly varies, else 0. All but the
/// centre is in units of a power of two, so that squares neither overflow nor vanish.
///
/// # Source
/// Chan, Golub, LeVeque (1979), Updating formulae and a pairwise algorithm for computing sample variances.
///
/// ```
/// use faer::col;
/// use hsic_rows::columns::ColumnMoments;
/// let mut moments = ColumnMoments::of(col![1.0, 2.0].as_ref());
/// moments.merge(&ColumnMoments::of(col![6.0].as_ref()));
/// assert_eq!((moments.count(), moments.mean()), (3.0, 3.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnMoments {
    count: f64,
    range: ColumnRange,
    unit: f64,
    center: f64,
    offset: f64,
    /// Σ (value − mean)².
    deviation: f64,
}

impl ColumnMoments {
    /// Of no numbers.
    pub fn empty() -> Self {
        let range = ColumnRange::of(std::iter::empty());
        Self { count: 0.0, range, unit: 1.0, center: 0.0, offset: 0.0, deviation: 0.0 }
    }

    /// Of a block.
    pub fn of(column: ColRef<'_, f64>) -> Self {
        let count = column.nrows() as f64;
        let range = ColumnRange::of(column.iter().copied());
        let (center, unit) = range.center_and_unit();
        let centred = || column.iter().map(|value| (value - center) / unit);
        let offset = centred().map(|value| value / count).sum::<f64>();
        let deviation = centred().map(|value| (value - offset).powi(2)).sum();
        Self { count, range, unit, center, offset, deviation }
    }

    /// Of one number, so many times.
    pub fn repeated(value: f64, count: usize) -> Self {
        match count {
            0 => Self::empty(),
            _ => Self { count: count as f64, ..Self::of(col![value].as_ref()) },
        }
    }

    /// Adds another block.
    pub fn merge(&mut self, other: &Self) {
        if self.count == 0.0 || other.count == 0.0 {
            *self = if self.count == 0.0 { *other } else { *self };
            return;
        }
        self.range = self.range.with(other.range);
        // a difference of centres that are near is exact
        let apart = other.center / 2.0 - self.center / 2.0;
        let unit = power_of_two(apart.abs()).max(self.unit).max(other.unit);
        let (a, b) = (self.in_unit(unit), other.in_unit(unit));
        let (count, share) = (a.count + b.count, b.count / (a.count + b.count));
        let difference = apart / unit * 2.0 + (b.offset - a.offset);
        self.unit = unit;
        self.offset = a.offset + difference * share;
        self.deviation = a.deviation + (b.deviation + difference * difference * a.count * share);
        self.count = count;
    }

    /// The same in a larger unit.
    fn in_unit(self, unit: f64) -> Self {
        let ratio = self.unit / unit;
        Self { unit, offset: self.offset * ratio, deviation: self.deviation * ratio * ratio, ..self }
    }

    /// How many numbers.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Their ends.
    pub fn range(&self) -> ColumnRange {
        self.range
    }

    /// Their mean; 0 without a number.
    pub fn mean(&self) -> f64 {
        self.center + self.offset * self.unit
    }

    /// The population deviation (division by n); NaN without a number.
    pub fn std(&self) -> f64 {
        (self.deviation / self.count).sqrt() * self.unit
    }

    /// All that it is made of; zeros without a number.
    pub fn to_numbers(&self) -> [f64; 8] {
        let Self { count, range, unit, center, offset, deviation } = *self;
        if count == 0.0 {
            return [0.0; 8];
        }
        let whole = f64::from(u8::from(range.whole));
        [count, range.lowest, range.highest, whole, unit, center, offset, deviation]
    }

    /// What [`to_numbers`](Self::to_numbers) gave; `None` for numbers no column leaves.
    pub fn from_numbers(numbers: [f64; 8]) -> Option<Self> {
        if numbers == [0.0; 8] {
            return Some(Self::empty());
        }
        let [count, lowest, highest, whole, unit, center, offset, deviation] = numbers;
        let possible = numbers.iter().all(|number| number.is_finite())
            && count >= 1.0
            && lowest <= highest
            && (whole == 0.0 || whole == 1.0)
            && unit > 0.0
            && deviation >= 0.0;
        let range = ColumnRange { lowest, highest, whole: whole == 1.0 };
        possible.then_some(Self { count, range, unit, center, offset, deviation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_bound_from_below() {
        for value in [1.0, 1.5, 2.0, 1e300, 3e-300, f64::MAX, f64::MIN_POSITIVE] {
            let unit = power_of_two(value);
            assert!(unit <= value && value / unit < 2.0, "{value}: {unit}");
        }
        assert_eq!(power_of_two(5e-324), f64::MIN_POSITIVE);
    }
}
