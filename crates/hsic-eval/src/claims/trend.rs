//! Whether one quantity falls as another rises.

use hsic_kernels::random::stream;
use rand::seq::SliceRandom;

/// Stream component of the permutations.
const COMPONENT: u32 = 15;

/// Up to this many values every permutation is counted.
const EXACT: usize = 8;

/// Permutations drawn of more values.
const DRAWN: usize = 9999;

/// Spearman's rank correlation, and how often it comes out as low, or as high, where the order means nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trend {
    pub(super) correlation: f64,
    /// P(ρ ≤ measured) over permutations.
    pub(super) falls: f64,
    /// P(ρ ≥ measured).
    pub(super) rises: f64,
}

impl Trend {
    /// Of `a` against `b`; every permutation of up to 8 values, else 9999 drawn ones and the order as it is.
    pub(super) fn of(a: &[f64], b: &[f64], seed: u64) -> Self {
        let (a, b) = (ranks(a), ranks(b));
        let measured = correlation(&a, &b);
        let (mut low, mut high, mut all) = (0usize, 0usize, 0usize);
        let mut count = |permuted: &[f64]| {
            let value = correlation(permuted, &b);
            all += 1;
            // rounding must not tell equal correlations apart
            low += usize::from(value <= measured + 1e-12);
            high += usize::from(value >= measured - 1e-12);
        };
        let mut order = a.clone();
        if a.len() <= EXACT {
            permutations(&mut order, a.len(), &mut count);
        } else {
            count(&a);
            let mut rng = stream(seed, COMPONENT, 0);
            for _ in 0..DRAWN {
                order.shuffle(&mut rng);
                count(&order);
            }
        }
        Self { correlation: measured, falls: low as f64 / all as f64, rises: high as f64 / all as f64 }
    }
}

/// Every order of the first `k` values (Heap 1963).
fn permutations(values: &mut [f64], k: usize, visit: &mut impl FnMut(&[f64])) {
    if k <= 1 {
        return visit(values);
    }
    for i in 0..k {
        permutations(values, k - 1, visit);
        values.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
    }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|value| {
            let below = values.iter().filter(|other| *other < value).count();
            let equal = values.iter().filter(|other| *other == value).count();
            below as f64 + (equal as f64 - 1.0) / 2.0
        })
        .collect()
}

/// Pearson's correlation, NaN where either is constant.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum =
        |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| f(a - mean_a, b - mean_b)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_of_known_orders() {
        let of = |a: &[f64], b: &[f64]| Trend::of(a, b, 0).correlation;
        assert_eq!(of(&[1.0, 2.0, 3.0], &[10.0, 20.0, 90.0]), 1.0);
        assert_eq!(of(&[1.0, 2.0, 3.0], &[5.0, 4.0, -1.0]), -1.0);
        // scipy.stats.spearmanr([1, 2, 2, 4], [4, 3, 1, 2]) = -0.6324555320336758
        let got = of(&[1.0, 2.0, 2.0, 4.0], &[4.0, 3.0, 1.0, 2.0]);
        assert!((got - -0.632_455_532_033_675_8).abs() < 1e-15, "{got}");
    }

    #[test]
    fn a_full_order_is_one_permutation_of_all() {
        let up: Vec<f64> = (0..5).map(f64::from).collect();
        let down: Vec<f64> = up.iter().map(|value| -value).collect();
        let trend = Trend::of(&down, &up, 0);
        assert_eq!((trend.correlation, trend.falls, trend.rises), (-1.0, 1.0 / 120.0, 1.0));
        let long: Vec<f64> = (0..20).map(f64::from).collect();
        let opposite: Vec<f64> = long.iter().map(|value| -value).collect();
        assert_eq!(Trend::of(&opposite, &long, 3).falls, 1e-4);
    }
}
