//! Rows and bandwidths whose squares are beyond the range of their type, in a unit in which they are not.
//!
//! A power of two scales exactly, and a kernel of distances over bandwidths is the same in any unit.

use std::ops::Range;

use faer::{Mat, MatRef};

use super::Bandwidth;
use crate::Real;
use crate::power_of_two;

/// Whether squares of numbers a few orders of magnitude around this one are within the range of the type.
pub(crate) fn is_ordinary<T: Real>(value: f64) -> bool {
    // 2⁴⁰⁰ and 2⁵⁰: their squares leave a third of the exponents to what is far from them
    let limit = if T::MAX.as_f64() > 1e100 { 2f64.powi(400) } else { 2f64.powi(50) };
    (1.0 / limit..=limit).contains(&value)
}

/// Sets of rows, less the first row of the first set, and the bandwidth, all in a unit in which its square is within the range of the
/// type; none where it is as they are, and where no unit holds both it and the largest difference.
pub(crate) fn in_range<T: Real, const N: usize>(
    sets: [MatRef<'_, T>; N],
    sigma: Bandwidth,
) -> Option<([Mat<T>; N], Bandwidth)> {
    let comparable = |set: &MatRef<'_, T>| {
        set.nrows() > 0
            && set.ncols() == sets[0].ncols()
            // what is wrong with rows is said where they are packed
            && crate::tiles::check_finite(*set, "x").is_ok()
    };
    if is_ordinary::<T>(sigma.get()) || !sets.iter().all(comparable) {
        return None;
    }
    let largest =
        sets.iter().map(|set| largest_difference(*set, 0..set.nrows(), sets[0], 0)).fold(0.0, f64::max);
    // 24 powers of two below the largest number of the type, for the rows' differences from one another
    let unit = power_of_two(sigma.get()).max(power_of_two(largest / (T::MAX.as_f64() / 2f64.powi(24))));
    let scaled = sigma.get() / unit;
    if !is_ordinary::<T>(scaled) {
        return None;
    }
    Some((sets.map(|set| in_unit(set, sets[0], unit)), Bandwidth::new(scaled).ok()?))
}

/// The rows less the first of `origin`, divided by a power of two.
pub(super) fn in_unit<T: Real>(x: MatRef<'_, T>, origin: MatRef<'_, T>, unit: f64) -> Mat<T> {
    Mat::from_fn(x.nrows(), x.ncols(), |i, k| T::of(difference(x[(i, k)], origin[(0, k)], unit)))
}

/// (a − b) / unit for a power of two: exact but for the rounding of the difference, and without overflow in between.
fn difference<T: Real>(a: T, b: T, unit: f64) -> f64 {
    let (a, b) = (a.as_f64(), b.as_f64());
    if unit > 1.0 { (a / 2.0 - b / 2.0) / (unit / 2.0) } else { (a - b) / unit }
}

/// ‖x_i − x_j‖, infinite only where it is beyond a double.
pub(super) fn distance<T: Real>(x: MatRef<'_, T>, i: usize, j: usize) -> f64 {
    let squared =
        |unit: f64| (0..x.ncols()).map(|k| difference(x[(i, k)], x[(j, k)], unit).powi(2)).sum::<f64>();
    let plain = squared(1.0).sqrt();
    if is_ordinary::<f64>(plain) {
        return plain;
    }
    let unit = largest_difference(x, i..i + 1, x, j);
    if unit > 0.0 { squared(unit).sqrt() * unit } else { 0.0 }
}

/// The power of two next to the largest |x_ik − y_jk| over some rows i; 0 where all are equal to row j.
pub(super) fn largest_difference<T: Real>(
    x: MatRef<'_, T>,
    rows: Range<usize>,
    y: MatRef<'_, T>,
    j: usize,
) -> f64 {
    let largest = |unit: f64| {
        let of = |k: usize, i: usize| difference(x[(i, k)], y[(j, k)], unit).abs();
        let pairs = (0..x.ncols()).flat_map(|k| rows.clone().map(move |i| (k, i)));
        pairs.map(|(k, i)| of(k, i)).fold(0.0, f64::max)
    };
    match largest(1.0) {
        0.0 => 0.0,
        // a quarter of a difference beyond the largest number is none
        f64::INFINITY => (power_of_two(largest(4.0)) * 4.0).min(2f64.powi(1023)),
        largest => power_of_two(largest),
    }
}

#[cfg(test)]
mod tests {
    use faer::mat;

    use super::*;

    #[test]
    fn distances_have_no_range_of_their_own() {
        for unit in [1e-320, 1e-300, 1e-200, 1e-160, 1.0, 1e160, 1e200, 1e300, 1e307] {
            let x = mat![[3.0 * unit, 0.0], [0.0, 4.0 * unit], [0.0, 4.0 * unit]];
            let found = distance(x.as_ref(), 0, 1);
            let tolerance = if unit < f64::MIN_POSITIVE { 1e-3 } else { 1e-15 };
            assert!((found / unit / 5.0 - 1.0).abs() < tolerance, "{unit:e}: {found:e}");
            assert_eq!(distance(x.as_ref(), 1, 2), 0.0);
        }
        let ends = mat![[f64::MAX], [-f64::MAX]];
        assert_eq!(distance(ends.as_ref(), 0, 1), f64::INFINITY);
    }
}
