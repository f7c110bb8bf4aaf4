//! exp and expm1 of slices.

use super::{Lanes, SimdPath, VectorOp};
use crate::Real;

/// Which of the two exponential functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExpFn {
    /// exp(x)
    Exp,
    /// exp(x) − 1 without cancellation
    ExpM1,
}

/// `to = function(from)`, a register at a time.
///
/// # Panics
/// If the slices differ in length.
#[inline(always)]
fn map<T: Real, S: Lanes<T>>(simd: S, from: &[T], to: &mut [T], function: impl Fn(S::V) -> S::V) {
    assert_eq!(from.len(), to.len());
    let whole = from.len() - from.len() % S::LANES;
    // SAFETY: registers up to `whole` lie within both slices
    unsafe {
        let (from, to) = (from.as_ptr(), to.as_mut_ptr());
        let mut at = 0;
        while at < whole {
            simd.store(to.add(at), function(simd.load(from.add(at))));
            at += S::LANES;
        }
    }
    if whole < from.len() {
        let rest = from.len() - whole;
        let mut last = [T::ZERO; 16];
        last[..rest].copy_from_slice(&from[whole..]);
        // SAFETY: no register has more than 16 lanes
        unsafe {
            let value = function(simd.load(last.as_ptr()));
            simd.store(last.as_mut_ptr(), value);
        }
        to[whole..].copy_from_slice(&last[..rest]);
    }
}

struct InPlace<'a, T> {
    values: &'a mut [T],
    function: ExpFn,
}

impl<T: Real> VectorOp<T> for InPlace<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) {
        const BLOCK: usize = 256;
        let mut from = [T::ZERO; BLOCK];
        for to in self.values.chunks_mut(BLOCK) {
            let from = &mut from[..to.len()];
            from.copy_from_slice(to);
            // one loop a function: the choice must not be made inside
            match self.function {
                ExpFn::Exp => map(
                    simd,
                    from,
                    to,
                    #[inline(always)]
                    |v| simd.exp2::<true>(v, T::LOG2_E),
                ),
                ExpFn::ExpM1 => map(
                    simd,
                    from,
                    to,
                    #[inline(always)]
                    |v| simd.exp2_minus_one::<true>(v, T::LOG2_E),
                ),
            }
        }
    }
}

/// Replaces every x ≤ 0 by exp(x).
///
/// # Units
/// Within 2 units in the last place of the exact value for x in (−708, 0] (`f64`) or (−87, 0] (`f32`); 0 at underflow,
/// from about −708.1 (−87.1) on; NaN stays NaN. Positive arguments are outside the contract: a Gaussian kernel has none.
///
/// # Cost
/// About one nanosecond an entry or less on a processor with AVX2, no memory.
///
/// ```
/// use hsic_kernels::simd::{SimdPath, exp_in_place};
/// let mut x = [0.0, -1.0, -1e9];
/// exp_in_place(SimdPath::detect(), &mut x);
/// assert_eq!(x, [1.0, (-1f64).exp(), 0.0]);
/// ```
pub fn exp_in_place<T: Real>(path: SimdPath, values: &mut [T]) {
    T::run(path, InPlace { values, function: ExpFn::Exp });
}

/// Replaces every x ≤ 0 by exp(x) − 1, accurate to a few units in the last place also near 0.
pub fn expm1_in_place<T: Real>(path: SimdPath, values: &mut [T]) {
    T::run(path, InPlace { values, function: ExpFn::ExpM1 });
}
#[cfg(test)]
mod tests {
    use super::*;

    /// exp and expm1 by mpmath: `scripts/golden/exp.py`.
    fn reference(name: &str) -> Vec<[f64; 5]> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/golden/exp.json");
        let all: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        serde_json::from_value(all[name].clone()).unwrap()
    }

    /// The largest distance from the exact value (two doubles), in units in the last place of that value.
    fn worst<T: Real>(path: SimdPath, name: &str, function: ExpFn) -> f64 {
        let table = reference(name);
        let mut values: Vec<T> = table.iter().map(|row| T::of(row[0])).collect();
        T::run(path, InPlace { values: &mut values, function });
        values.iter().zip(&table).fold(0.0, |worst: f64, (&got, row)| {
            let [exact, rest] = if function == ExpFn::Exp { [row[1], row[2]] } else { [row[3], row[4]] };
            // the spacing of numbers of `T` at the exact value
            let ulp = 2f64.powi(exact.abs().log2().floor() as i32) * T::EPSILON.as_f64();
            worst.max(((got.as_f64() - exact) - rest).abs() / ulp)
        })
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place_on_every_path() {
        for path in SimdPath::available() {
            let (double, single) =
                (worst::<f64>(path, "f64", ExpFn::Exp), worst::<f32>(path, "f32", ExpFn::Exp));
            assert!(double <= 2.0, "{path:?}: f64 is off by {double} units");
            assert!(single <= 2.0, "{path:?}: f32 is off by {single} units");
        }
    }

    #[test]
    fn expm1_keeps_its_relative_accuracy_near_zero() {
        for path in SimdPath::available() {
            let (double, single) =
                (worst::<f64>(path, "f64", ExpFn::ExpM1), worst::<f32>(path, "f32", ExpFn::ExpM1));
            assert!(double <= 3.0, "{path:?}: f64 is off by {double} units");
            assert!(single <= 3.0, "{path:?}: f32 is off by {single} units");
        }
    }

    #[test]
    fn ends_of_the_range() {
        for path in SimdPath::available() {
            let mut x = [0.0, -0.0, -708.5, -1e308, f64::NEG_INFINITY, f64::NAN];
            exp_in_place(path, &mut x);
            assert_eq!(x[..5], [1.0, 1.0, 0.0, 0.0, 0.0]);
            assert!(x[5].is_nan());
            let mut x = [0.0f32, -87.5, f32::NEG_INFINITY, f32::NAN];
            exp_in_place(path, &mut x);
            assert_eq!(x[..3], [1.0, 0.0, 0.0]);
            assert!(x[3].is_nan());
            let mut x = [0.0, -1e-300, -1e9];
            expm1_in_place(path, &mut x);
            assert_eq!(x, [0.0, -1e-300, -1.0]);
        }
    }
}
