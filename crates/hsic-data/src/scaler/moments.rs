//! Mean and deviation of a column, and whether it varies.

use faer::{ColRef, MatMut, MatRef};
use hsic_rows::columns::{ColumnMoments, ColumnRange};
use rayon::prelude::*;

/// Deviations at or below this share of a column's largest magnitude may be rounding: they are told.
pub const NARROW: f64 = 1e-12;

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

/// The verdict on a column of this range with these moments.
fn judge(range: ColumnRange, mean: f64, std: f64) -> Variation {
    let share = std / range.largest();
    if range.highest <= range.lowest || std <= 0.0 {
        Variation::Constant
    } else if !range.whole && range.is_within(ROUNDED) {
        Variation::Rounding { share }
    } else {
        Variation::Varies { mean, std, share }
    }
}

/// The verdict on all blocks of a column.
pub(crate) fn merged_variation(moments: &ColumnMoments) -> Variation {
    judge(moments.range(), moments.mean(), moments.std())
}

/// Numbers from which on columns are shared out to threads.
const MANY: usize = 1 << 17;

/// [`variation`] of every column.
pub(crate) fn variations(rows: MatRef<'_, f64>) -> Vec<Variation> {
    if rows.nrows() * rows.ncols() < MANY {
        return rows.col_iter().map(variation).collect();
    }
    (0..rows.ncols()).into_par_iter().map(|column| variation(rows.col(column))).collect()
}

/// The moments of the finite numbers of a column.
///
/// Two passes over values divided by a power of two near the largest: squares neither overflow nor vanish,
/// and the division is exact, so ordinary columns have the same moments as without it. Of columns that hardly vary the lowest
/// value is subtracted before, exactly.
fn variation(column: ColRef<'_, f64>) -> Variation {
    let known = || column.iter().copied().filter(|value| value.is_finite());
    let n = known().count() as f64;
    let range = ColumnRange::of(known());
    if range.highest <= range.lowest || n == 0.0 {
        return Variation::Constant;
    }
    let (center, unit) = range.center_and_unit();
    let centred = || known().map(|value| (value - center) / unit);
    let mean = centred().sum::<f64>() / n;
    let variance = centred().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    judge(range, center + mean * unit, variance.sqrt() * unit)
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
    let range = ColumnRange::of(known());
    // divided first: the sum of large numbers may not be one
    known().map(|value| value / count).sum::<f64>().clamp(range.lowest, range.highest)
}
