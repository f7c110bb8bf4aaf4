//! exp and expm1 of slices.

use super::{ExpFn, SimdOp, SimdPath};
use crate::Real;

struct MapExp<'a, T> {
    values: &'a mut [T],
    function: ExpFn,
}

impl<T: Real> SimdOp for MapExp<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<const FMA: bool>(self) {
        // one loop a function: the choice must not be made inside
        match self.function {
            ExpFn::Exp => {
                for value in self.values {
                    *value = value.exp_branchless::<FMA>(ExpFn::Exp);
                }
            }
            ExpFn::ExpM1 => {
                for value in self.values {
                    *value = value.exp_branchless::<FMA>(ExpFn::ExpM1);
                }
            }
        }
    }
}

/// Replaces every x ≤ 0 by exp(x).
///
/// # Units
/// Within 2 units in the last place of the exact value for x in (−708, 0] (`f64`) or (−87, 0] (`f32`); 0 below;
/// NaN stays NaN. Positive arguments are outside the contract: a Gaussian kernel has none.
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
    path.run(MapExp { values, function: ExpFn::Exp });
}

/// Replaces every x ≤ 0 by exp(x) − 1, accurate to a few units in the last place also near 0.
pub fn expm1_in_place<T: Real>(path: SimdPath, values: &mut [T]) {
    path.run(MapExp { values, function: ExpFn::ExpM1 });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance from the exact value, in units in the last place of that value. `exact` must itself be good to a
    /// fraction of one: for f32 it is the f64 function, for f64 the standard library's (≤ 1 ulp).
    fn ulps<T: Real>(got: T, exact: f64) -> f64 {
        let ulp = (exact.abs() * T::EPSILON.as_f64() / 2.0).max(f64::MIN_POSITIVE);
        (got.as_f64() - exact).abs() / ulp
    }

    fn grid(limit: f64) -> Vec<f64> {
        (0..200_000)
            .map(|i| -limit * f64::from(i) / 200_000.0)
            .chain((1..300).map(|i| -(0.9f64).powi(i)))
            .collect()
    }

    fn worst<T: Real>(path: SimdPath, function: ExpFn, limit: f64) -> f64 {
        let arguments: Vec<T> = grid(limit).into_iter().map(T::of).collect();
        let mut values = arguments.clone();
        path.run(MapExp { values: &mut values, function });
        arguments.iter().zip(&values).fold(0.0, |worst: f64, (x, &got)| {
            let exact = match function {
                ExpFn::Exp => x.as_f64().exp(),
                ExpFn::ExpM1 => x.as_f64().exp_m1(),
            };
            worst.max(ulps(got, exact))
        })
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place_on_every_path() {
        for path in SimdPath::available() {
            let (double, single) =
                (worst::<f64>(path, ExpFn::Exp, 708.0), worst::<f32>(path, ExpFn::Exp, 87.0));
            assert!(double <= 2.0 * 2.0, "{path:?}: f64 is off by {double} half units");
            assert!(single <= 2.0 * 2.0, "{path:?}: f32 is off by {single} half units");
        }
    }

    #[test]
    fn expm1_keeps_its_relative_accuracy_near_zero() {
        for path in SimdPath::available() {
            let (double, single) =
                (worst::<f64>(path, ExpFn::ExpM1, 40.0), worst::<f32>(path, ExpFn::ExpM1, 20.0));
            assert!(double <= 6.0, "{path:?}: f64 is off by {double} half units");
            assert!(single <= 6.0, "{path:?}: f32 is off by {single} half units");
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
