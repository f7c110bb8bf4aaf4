//! Mean and deviation of a column, and whether it varies.

use faer::{ColRef, MatMut, MatRef};
use hsic_kernels::power_of_two;

/// Deviations at or below this share of a column's largest magnitude may be rounding: they are told.
pub const NARROW: f64 = 1e-12;

/// Columns within this share of their largest magnitude are centred on one of their values before anything is summed. All that
/// vary more have moments that do not need it.
const CENTRED: f64 = 1e-6;

/// Numbers that are no whole ones and lie within this many epsilons of their largest magnitude differ by what a few operations
/// round off: 0.1 + 0.2 and 0.3.
const ROUNDED: f64 = 4.0 * f64::EPSILON;

/// What a column's numbers say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Variation {
    /// All are equal.
    Constant,
    /// They differ by rounding alone; the deviation, as a share of the largest magnitude.
    Rounding {
        /// The share.
        share: f64,
    },
    /// They differ.
    Varies {
        /// Mean.
        mean: f64,
        /// Population deviation.
        std: f64,
        /// The deviation as a share of the largest magnitude.
        share: f64,
    },
}

/// The ends of a column.
#[derive(Debug, Clone, Copy)]
struct Range {
    lowest: f64,
    highest: f64,
    /// Whether every number is whole, which arithmetic on whole numbers does not round.
    whole: bool,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let empty = Self { lowest: f64::INFINITY, highest: f64::NEG_INFINITY, whole: true };
        values.fold(empty, |range, value| range.with(value, value, value.fract() == 0.0))
    }

    fn with(self, lowest: f64, highest: f64, whole: bool) -> Self {
        Self {
            lowest: self.lowest.min(lowest),
            highest: self.highest.max(highest),
            whole: self.whole && whole,
        }
    }

    /// The largest magnitude; 0 without a number.
    fn largest(self) -> f64 {
        self.highest.abs().max(self.lowest.abs()).min(f64::MAX)
    }

    /// Whether highest − lowest is within a share of the largest magnitude.
    fn is_within(self, share: f64) -> bool {
        let unit = power_of_two(self.largest());
        self.highest / unit - self.lowest / unit <= share * (self.largest() / unit)
    }

    /// What is subtracted before anything is summed, and the unit of what is left.
    fn center_and_unit(self) -> (f64, f64) {
        if self.lowest.is_finite() && self.is_within(CENTRED) {
            (self.lowest, power_of_two(self.highest - self.lowest))
        } else {
            (0.0, power_of_two(self.largest()))
        }
    }

    /// The verdict on a column of this range with these moments.
    fn judge(self, mean: f64, std: f64) -> Variation {
        let share = std / self.largest();
        if self.highest <= self.lowest || std <= 0.0 {
            Variation::Constant
        } else if !self.whole && self.is_within(ROUNDED) {
            Variation::Rounding { share }
        } else {
            Variation::Varies { mean, std, share }
        }
    }
}

/// The moments of the finite numbers of a column.
///
/// Two passes over values divided by a power of two near the largest: squares neither overflow nor vanish,
/// and the division is exact, so ordinary columns have the same moments as without it. Of columns that hardly vary the lowest
/// value is subtracted before, exactly.
pub(crate) fn variation(column: ColRef<'_, f64>) -> Variation {
    let known = || column.iter().copied().filter(|value| value.is_finite());
    let n = known().count() as f64;
    let range = Range::of(known());
    if range.highest <= range.lowest || n == 0.0 {
        return Variation::Constant;
    }
    let (center, unit) = range.center_and_unit();
    let centred = || known().map(|value| (value - center) / unit);
    let mean = centred().sum::<f64>() / n;
    let variance = centred().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    range.judge(center + mean * unit, variance.sqrt() * unit)
}

/// The moments of a column whose values come in blocks.
///
/// The mean is `center + offset`, where the centre is a value of the block for a block that hardly varies, else 0. All but the
/// centre is in units of a power of two, so that squares neither overflow nor vanish.
#[derive(Clone, Copy)]
pub(super) struct ColumnMoments {
    pub(super) count: f64,
    range: Range,
    unit: f64,
    center: f64,
    offset: f64,
    /// Σ (value − mean)².
    deviation: f64,
}

impl ColumnMoments {
    pub(super) fn of(column: ColRef<'_, f64>) -> Self {
        let count = column.nrows() as f64;
        let range = Range::of(column.iter().copied());
        let (center, unit) = range.center_and_unit();
        let centred = || column.iter().map(|value| (value - center) / unit);
        let offset = centred().map(|value| value / count).sum::<f64>();
        let deviation = centred().map(|value| (value - offset).powi(2)).sum();
        Self { count, range, unit, center, offset, deviation }
    }

    /// Adds another block: Chan, Golub, LeVeque (1979).
    pub(super) fn merge(&mut self, other: Self) {
        if self.count == 0.0 || other.count == 0.0 {
            *self = if self.count == 0.0 { other } else { *self };
            return;
        }
        let Range { lowest, highest, whole } = other.range;
        self.range = self.range.with(lowest, highest, whole);
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

    /// The verdict on all blocks.
    pub(super) fn variation(&self) -> Variation {
        let std = (self.deviation / self.count).sqrt() * self.unit;
        self.range.judge(self.center + self.offset * self.unit, std)
    }
}

/// The mean of the known cells of every column, where NaN stands for one that is not; 0 where none is.
///
/// Within their range, so that a constant column stays constant when it is filled.
pub fn known_means(rows: MatRef<'_, f64>) -> Vec<f64> {
    rows.col_iter().map(known_mean).collect()
}

/// Puts the value of its column in place of every NaN.
///
/// # Panics
/// If there are fewer values than columns.
pub fn fill_missing(mut rows: MatMut<'_, f64>, values: &[f64]) {
    for (j, column) in rows.as_mut().col_iter_mut().enumerate() {
        column.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = values[j]);
    }
}

fn known_mean(column: ColRef<'_, f64>) -> f64 {
    let known = || column.iter().copied().filter(|value| !value.is_nan());
    let count = known().count() as f64;
    if count == 0.0 {
        return 0.0;
    }
    let range = Range::of(known());
    // divided first: the sum of large numbers may not be one
    known().map(|value| value / count).sum::<f64>().clamp(range.lowest, range.highest)
}
