//! Whether a dependence is more than chance: p-values of HSIC.
//!
//! Under independence every pairing of the rows of the two samples is as likely as the one observed, so the p-value is
//! the share of the n! permutations π with Tr(KHL_πH) at least as large. [`permute_labels`] and [`permute_samples`] draw some
//! of them; [`HsicStatistics::gamma_p_value`] draws none and puts a gamma distribution of the exact mean and variance over all
//! permutations in their place.
//!
//! The statistic is computed from terms that cancel: where it is 0 in exact arithmetic, as for variables that are independent
//! by design, rounding alone is left of it. So statistics count as equal if they differ by a small share of what the terms
//! could sum to, [`HsicStatistics::largest_trace`], and not of themselves.

use faer::{Mat, MatRef, Par};
use rand::seq::SliceRandom;
use rayon::prelude::*;
use statrs::function::gamma::gamma_ur;

use super::{HsicStatistics, against_labels, between_samples};
use crate::bandwidth::{Subsample, max_hsic};
use crate::random::stream;
use crate::{Bandwidth, CenteredLabelGram, ClassWeight, Error, Labels, Real, Result};

/// Stream component of the permutations, one stream each.
const COMPONENT: u32 = 12;

/// Statistics whose normalised values differ by no more than this count as equal: they differ by rounding alone. eps^(2/3) is
/// 4e-11 for `f64`, 2e-5 for `f32`.
fn tie<T: Real>() -> f64 {
    T::EPSILON.as_f64().powf(2.0 / 3.0)
}

/// The same where the bandwidth is chosen anew in every permutation: the choice is made partly in single precision, and the
/// classes' order changes its last bits.
const TIE_OF_CHOSEN: f64 = 1e-8;

/// A variance over permutations below this multiple of eps·(‖K̃‖‖L̃‖/n)² is a rounding error: by far most samples have one
/// near 2(‖K̃‖‖L̃‖/n)².
const NO_VARIANCE: f64 = 64.0 * f64::EPSILON;

/// The diagonal of a centred Gram matrix K̃ = HKH, from the row sums of J = K − 1 with a zero diagonal:
/// K̃_ii = −(2/n) Σ_j J_ij + (1/n²) Σ_jk J_jk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CentredDiagonal {
    /// Tr K̃.
    trace: f64,
    /// Σ_i K̃_ii².
    squares: f64,
}

impl CentredDiagonal {
    pub(super) fn of_row_sums(row_sums: impl Iterator<Item = f64> + Clone, n: f64) -> Self {
        let mean = row_sums.clone().sum::<f64>() / (n * n);
        let squares = row_sums.map(|sum| (mean - 2.0 / n * sum).powi(2)).sum();
        Self { trace: -n * mean, squares }
    }
}

impl HsicStatistics {
    /// Mean and variance of Tr(KHL_πH) over all n! permutations π of the rows of one sample, in closed form. With
    /// T = Tr K̃, T₂ = ‖K̃‖², S₂ = Σ K̃_ii², the same of L̃ with a prime, and K̃ = HKH,
    ///
    /// - mean TT′/(n−1);
    /// - variance 2((n−1)T₂ − T²)((n−1)T₂′ − T′²)/((n−1)²(n+1)(n−2))
    ///   + (n(n+1)S₂ − (n−1)(T²+2T₂))(n(n+1)S₂′ − (n−1)(T′²+2T₂′))/((n+1)n(n−1)(n−2)(n−3)).
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for n < 4.
    ///
    /// # Source
    /// Kazi-Aoual, Hitier, Sabatier, Lebreton (1995), Refined approximations to permutation tests for multivariate
    /// inference.
    pub fn permutation_moments(&self) -> Result<(f64, f64)> {
        self.at_least(4, "the moments of a permuted HSIC")?;
        let n = self.n;
        let [k, l] = self.diagonals;
        let (k_norm, l_norm) = (self.first_norm, self.second_norm);
        let spread = |diagonal: CentredDiagonal, norm: f64| (n - 1.0) * norm - diagonal.trace.powi(2);
        let fourth = |diagonal: CentredDiagonal, norm: f64| {
            n * (n + 1.0) * diagonal.squares - (n - 1.0) * (diagonal.trace.powi(2) + 2.0 * norm)
        };
        let variance = 2.0 * spread(k, k_norm) / ((n - 1.0).powi(2) * (n + 1.0)) * spread(l, l_norm)
            / (n - 2.0)
            + fourth(k, k_norm) / ((n + 1.0) * n * (n - 1.0)) * fourth(l, l_norm) / ((n - 2.0) * (n - 3.0));
        Ok((k.trace * l.trace / (n - 1.0), variance.max(0.0)))
    }

    /// The probability of a Tr(KHLH) at least as large under independence, by the gamma distribution of the
    /// [permutation moments](Self::permutation_moments); 1 where all permutations have the same statistic, as those of a
    /// constant sample.
    ///
    /// Good where p-values matter, above about 0.001; far in the tail it is an approximation of an approximation.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for n < 4.
    ///
    /// # Cost
    /// O(1).
    ///
    /// ```
    /// use faer::{Mat, Par};
    /// use hsic_kernels::{Bandwidth, Labels, hsic::against_labels};
    /// let x = Mat::from_fn(60, 1, |i, _| (i as f64 * 0.7).sin());
    /// let sigma = Bandwidth::new(0.5)?;
    /// let p = |codes: Vec<usize>| {
    ///     against_labels(x.as_ref(), sigma, &Labels::new(codes)?, Par::Seq)?.statistics.gamma_p_value()
    /// };
    /// assert!(p((0..60).map(|i| usize::from(x[(i, 0)] > 0.0)).collect())? < 1e-6);
    /// assert!(p((0..60).map(|i| i % 2).collect())? > 0.1);
    /// # Ok::<(), hsic_kernels::Error>(())
    /// ```
    ///
    /// # Source
    /// The gamma distribution as in Gretton et al. (2007), A kernel statistical test of independence, section 3.
    pub fn gamma_p_value(&self) -> Result<f64> {
        let (mean, variance) = self.permutation_moments()?;
        let least = NO_VARIANCE * (self.largest_trace() / self.n).powi(2);
        if !(mean > 0.0 && variance > least && self.trace > 0.0) {
            return Ok(1.0);
        }
        let (shape, x) = (mean * mean / variance, self.trace * mean / variance);
        if !(shape.is_finite() && x.is_finite()) {
            return Ok(if self.trace > mean { 0.0 } else { 1.0 });
        }
        Ok(gamma_ur(shape, x).clamp(0.0, 1.0))
    }
}

/// The outcome of a permutation test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PermutationTest {
    /// HSIC of the rows as they are paired.
    pub statistics: HsicStatistics,
    /// Permutations drawn, B.
    pub permutations: u32,
    /// Permutations whose Tr(KHL_πH) is at least as large.
    pub at_least_as_large: u32,
}

impl PermutationTest {
    /// (1 + permutations at least as large)/(1 + B): never 0, and valid for any B.
    ///
    /// # Source
    /// Phipson, Smyth (2010), Permutation p-values should never be zero.
    pub fn p_value(&self) -> f64 {
        (1.0 + f64::from(self.at_least_as_large)) / (1.0 + f64::from(self.permutations))
    }
}

/// Tests whether labels depend on the rows of `x` (n×d), by shuffling them.
///
/// Permutation b is drawn from stream b of the seed: the outcome does not depend on the number of threads.
///
/// # Errors
/// As [`against_labels`]; [`Error::Parameter`] for no permutations.
///
/// # Cost
/// B times n²/2 kernel values, memory O(n) a thread.
pub fn permute_labels<T: Real>(
    x: MatRef<'_, T>,
    sigma: Bandwidth,
    labels: &Labels,
    permutations: u32,
    seed: u64,
    par: Par,
) -> Result<PermutationTest> {
    let statistics = against_labels(x, sigma, labels, par)?.statistics;
    test(statistics, tie::<T>(), permutations, seed, par, |order| {
        Ok(against_labels(x, sigma, &labels.select(order)?, Par::Seq)?.statistics)
    })
}

/// Tests whether the rows of `x` (n×d₁) and of `y` (n×d₂) depend on each other, by shuffling those of `y`.
///
/// # Errors
/// As [`between_samples`]; [`Error::Parameter`] for no permutations.
///
/// # Cost
/// B times n² kernel values, memory O(n·d₂) a thread.
///
/// ```
/// use faer::{Mat, Par};
/// use hsic_kernels::{Bandwidth, hsic::permute_samples};
/// let x = Mat::from_fn(40, 1, |i, _| (i as f64 * 0.7).sin());
/// let y = Mat::from_fn(40, 1, |i, _| x[(i, 0)].abs());
/// let sigma = Bandwidth::new(0.5)?;
/// let test = permute_samples(x.as_ref(), sigma, y.as_ref(), sigma, 199, 0, Par::Seq)?;
/// assert_eq!(test.p_value(), 1.0 / 200.0);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
pub fn permute_samples<T: Real>(
    x: MatRef<'_, T>,
    sigma_x: Bandwidth,
    y: MatRef<'_, T>,
    sigma_y: Bandwidth,
    permutations: u32,
    seed: u64,
    par: Par,
) -> Result<PermutationTest> {
    let statistics = between_samples(x, sigma_x, y, sigma_y, par)?;
    test(statistics, tie::<T>(), permutations, seed, par, |order| {
        let permuted = Mat::from_fn(y.nrows(), y.ncols(), |i, k| y[(order[i], k)]);
        between_samples(x, sigma_x, permuted.as_ref(), sigma_y, Par::Seq)
    })
}

/// Tests whether labels depend on the rows of `x` (n×d) at the bandwidth of the largest Tr(ΓK), by shuffling them.
///
/// A bandwidth chosen on the labels makes HSIC with them larger than with labels it was not chosen on. The test is valid if the
/// statistic is one function of rows and labels: HSIC at the bandwidth that these rows and these labels choose. So it is chosen
/// anew for every permutation.
///
/// # Errors
/// As [`max_hsic`] and [`permute_labels`].
///
/// # Cost
/// A permutation: n²/2 kernel values, and about 20 of each pair of the subsample.
pub fn permute_labels_max_hsic<T: Real>(
    x: MatRef<'_, T>,
    labels: &Labels,
    subsample: &Subsample,
    permutations: u32,
    seed: u64,
    par: Par,
) -> Result<PermutationTest> {
    let of = |labels: &Labels, par: Par| {
        let label_gram = CenteredLabelGram::new(labels, ClassWeight::Plain);
        let sigma = max_hsic(x, labels, &label_gram, subsample, par)?;
        Ok(against_labels(x, sigma, labels, par)?.statistics)
    };
    let tie = tie::<T>().max(TIE_OF_CHOSEN);
    test(of(labels, par)?, tie, permutations, seed, par, |order| of(&labels.select(order)?, Par::Seq))
}

fn test(
    statistics: HsicStatistics,
    tie: f64,
    permutations: u32,
    seed: u64,
    par: Par,
    permuted: impl Fn(&[usize]) -> Result<HsicStatistics> + Sync,
) -> Result<PermutationTest> {
    if permutations == 0 {
        let (name, bound) = ("the number of permutations", "at least 1");
        return Err(Error::Parameter { name, bound, value: 0.0 });
    }
    let least = statistics.trace() - tie * statistics.largest_trace();
    let as_large = |b: u32| -> Result<u32> {
        let mut order: Vec<usize> = (0..statistics.n()).collect();
        order.shuffle(&mut stream(seed, COMPONENT, b));
        Ok(u32::from(permuted(&order)?.trace() >= least))
    };
    let counts: Result<Vec<u32>> = match par {
        Par::Seq => (0..permutations).map(as_large).collect(),
        _ => (0..permutations).into_par_iter().map(as_large).collect(),
    };
    Ok(PermutationTest { statistics, permutations, at_least_as_large: counts?.iter().sum() })
}
