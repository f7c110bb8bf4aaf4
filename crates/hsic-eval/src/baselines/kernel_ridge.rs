//! Kernel ridge regression of the classes, its bandwidth and ridge chosen by cross-validation.

use faer::{Mat, MatRef, Par};
use hsic_data::Fold;
use hsic_kernels::bandwidth::{Subsample, median_heuristic};
use hsic_kernels::gaussian::{cross_product, gram};
use hsic_kernels::linalg::{product, solve_positive_definite, symmetric_eigen};
use hsic_kernels::tiles::Points;
use hsic_kernels::{Bandwidth, Labels};

use crate::Result;
use crate::selection::inner_folds;
use hsic_net::head::largest_columns;

/// Bandwidths tried, in units of the median distance of the training rows.
pub const BANDWIDTH_GRID: [f64; 6] = [0.0625, 0.125, 0.25, 0.5, 1.0, 2.0];
/// Ridges tried; the kernel's diagonal is 1.
pub const RIDGE_GRID: [f64; 7] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
/// Inner folds; fewer where there are fewer rows.
pub const INNER_FOLDS: usize = 5;

/// f(x) = shares + k(x, X)·A with A = (K + λI)⁻¹(Y − 1·sharesᵀ): least squares on one-hot targets centred by the class
/// shares, in the space of a Gaussian kernel; the class of a row is that of its highest score.
///
/// (σ, λ) is the pair of the two grids with the most right answers over inner stratified folds of the training rows, of
/// equal ones that with the smallest squared error. One eigendecomposition K = V diag(s) Vᵀ a bandwidth serves every
/// ridge and every inner fold: with P = (K + λI)⁻¹, the residuals on held-out rows F of the regression on all others are
/// P_FF⁻¹ (P(Y − 1·sharesᵀ))_F, exactly (the shares stay those of all training rows).
///
/// # Cost
/// O(n³) a bandwidth, three n×n matrices.
///
/// # Source
/// An, Liu, Venkatesh (2007), Fast cross-validation algorithms for least squares support vector machine and kernel ridge
/// regression, eq. 21.
#[derive(Debug, Clone)]
pub(crate) struct KernelRidge {
    anchors: Mat<f64>,
    sigma: Bandwidth,
    /// The ridge λ.
    #[cfg_attr(not(test), expect(dead_code, reason = "part of what was fitted; tests check it"))]
    ridge: f64,
    /// A, n×c.
    coefficients: Mat<f64>,
    shares: Vec<f64>,
}

impl KernelRidge {
    /// Fits on one thread; `seed` shuffles the inner folds.
    pub(crate) fn fit(x: MatRef<'_, f64>, labels: &Labels, seed: u64) -> Result<Self> {
        labels.check_rows("kernel ridge regression", x.shape())?;
        let shares: Vec<f64> =
            labels.counts().iter().map(|&count| count as f64 / labels.len() as f64).collect();
        let codes = labels.codes();
        let targets =
            Mat::from_fn(codes.len(), shares.len(), |i, a| f64::from(u8::from(codes[i] == a)) - shares[a]);
        let folds = inner_folds(labels, INNER_FOLDS, seed)?;
        let median = median_heuristic(x, &Subsample { seed, ..Subsample::default() })?;
        let mut best: Option<(Score, Self)> = None;
        for factor in BANDWIDTH_GRID {
            let sigma = median.scaled(factor)?;
            let spectrum = Spectrum::of(gram(x, sigma, Par::Seq)?.as_ref(), targets.as_ref())?;
            for ridge in RIDGE_GRID {
                let coefficients = spectrum.solve(ridge);
                let score = spectrum.held_out(ridge, &coefficients, &targets, &shares, labels, &folds)?;
                if best.as_ref().is_none_or(|(best, _)| score.better_than(best)) {
                    let shares = shares.clone();
                    best = Some((score, Self { anchors: x.to_owned(), sigma, ridge, coefficients, shares }));
                }
            }
        }
        Ok(best.expect("the grids are not empty").1)
    }

    /// The bandwidth σ.
    pub(crate) fn sigma(&self) -> Bandwidth {
        self.sigma
    }

    /// f of every row, n×c.
    pub(crate) fn scores(&self, x: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let points = Points::new(self.anchors.as_ref())?;
        let mut scores = cross_product(x, &points, self.sigma, self.coefficients.as_ref(), Par::Seq)?;
        add_shares(&mut scores, &self.shares);
        Ok(scores)
    }
}

/// How well held-out rows are predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Score {
    right: usize,
    squared_error: f64,
}

impl Score {
    fn better_than(&self, other: &Self) -> bool {
        self.right > other.right || (self.right == other.right && self.squared_error < other.squared_error)
    }
}

/// K = V diag(s) Vᵀ, and the targets in that basis.
struct Spectrum {
    values: Vec<f64>,
    vectors: Mat<f64>,
    /// VᵀT.
    targets: Mat<f64>,
}

impl Spectrum {
    fn of(k: MatRef<'_, f64>, targets: MatRef<'_, f64>) -> Result<Self> {
        let (values, vectors) = symmetric_eigen(k)?;
        let targets = product(vectors.transpose(), targets);
        // rounding leaves eigenvalues of K slightly below 0
        Ok(Self { values: values.into_iter().map(|value| value.max(0.0)).collect(), vectors, targets })
    }

    /// (K + λI)⁻¹T.
    fn solve(&self, ridge: f64) -> Mat<f64> {
        let scaled = Mat::from_fn(self.targets.nrows(), self.targets.ncols(), |i, a| {
            self.targets[(i, a)] / (self.values[i] + ridge)
        });
        product(self.vectors.as_ref(), scaled.as_ref())
    }

    /// The score of predicting each fold's test rows from its training rows.
    fn held_out(
        &self,
        ridge: f64,
        coefficients: &Mat<f64>,
        targets: &Mat<f64>,
        shares: &[f64],
        labels: &Labels,
        folds: &[Fold],
    ) -> Result<Score> {
        let mut score = Score { right: 0, squared_error: 0.0 };
        for fold in folds {
            let rows = &fold.test;
            let residuals = self.residuals(ridge, coefficients, rows)?;
            let mut predicted =
                Mat::from_fn(rows.len(), shares.len(), |i, a| targets[(rows[i], a)] - residuals[(i, a)]);
            add_shares(&mut predicted, shares);
            let classes = largest_columns(predicted.as_ref());
            score.right +=
                rows.iter().zip(classes).filter(|&(&row, class)| labels.codes()[row] == class).count();
            score.squared_error += residuals.squared_norm_l2();
        }
        Ok(score)
    }

    /// P_FF⁻¹ (PT)_F: targets less predictions on rows F, of the regression on all other rows.
    fn residuals(&self, ridge: f64, coefficients: &Mat<f64>, rows: &[usize]) -> Result<Mat<f64>> {
        let n = self.values.len();
        let roots: Vec<f64> = self.values.iter().map(|value| (value + ridge).sqrt().recip()).collect();
        let half = Mat::from_fn(rows.len(), n, |i, j| self.vectors[(rows[i], j)] * roots[j]);
        let block = product(half.as_ref(), half.transpose());
        let picked = Mat::from_fn(rows.len(), coefficients.ncols(), |i, a| coefficients[(rows[i], a)]);
        Ok(solve_positive_definite(block.as_ref(), picked)?)
    }
}

fn add_shares(scores: &mut Mat<f64>, shares: &[f64]) {
    for (a, share) in shares.iter().enumerate() {
        scores.col_mut(a).iter_mut().for_each(|score| *score += share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Mat<f64>, Labels) {
        let x = Mat::from_fn(40, 2, |i, k| ((i * (7 + 4 * k) + i * i * (k + 1)) % 23) as f64 / 7.0);
        let labels =
            Labels::new((0..40).map(|i| usize::from(x[(i, 0)] * x[(i, 1)] > 2.0)).collect()).unwrap();
        (x, labels)
    }

    /// (K + λI)⁻¹T by faer's pivoted elimination.
    fn direct(x: MatRef<'_, f64>, sigma: Bandwidth, ridge: f64, targets: &Mat<f64>) -> Mat<f64> {
        use faer::linalg::solvers::Solve;
        let n = x.nrows();
        let regularized = gram(x, sigma, Par::Seq).unwrap() + Mat::<f64>::identity(n, n) * faer::Scale(ridge);
        regularized.partial_piv_lu().solve(targets)
    }

    #[test]
    fn the_solution_is_that_of_the_dense_system() {
        let (x, labels) = sample();
        let fitted = KernelRidge::fit(x.as_ref(), &labels, 1).unwrap();
        let share = labels.counts()[0] as f64 / 40.0;
        let shares = [share, 1.0 - share];
        let targets = Mat::from_fn(40, 2, |i, a| f64::from(u8::from(labels.codes()[i] == a)) - shares[a]);
        let expected = direct(x.as_ref(), fitted.sigma, fitted.ridge, &targets);
        let scale = expected.norm_l2();
        assert!((&fitted.coefficients - &expected).norm_l2() <= 1e-8 * scale);
        let scores = fitted.scores(x.as_ref()).unwrap();
        let by_hand = gram(x.as_ref(), fitted.sigma, Par::Seq).unwrap() * &expected;
        for i in 0..40 {
            assert!((scores[(i, 0)] - by_hand[(i, 0)] - shares[0]).abs() <= 1e-8 * scale);
        }
    }

    #[test]
    fn held_out_residuals_are_those_of_a_regression_without_the_rows() {
        let (x, labels) = sample();
        let targets = Mat::from_fn(40, 2, |i, a| f64::from(u8::from(labels.codes()[i] == a)) - 0.5);
        let sigma = Bandwidth::new(0.7).unwrap();
        let spectrum =
            Spectrum::of(gram(x.as_ref(), sigma, Par::Seq).unwrap().as_ref(), targets.as_ref()).unwrap();
        for ridge in [1e-4, 1e-1] {
            for fold in inner_folds(&labels, INNER_FOLDS, 3).unwrap() {
                let pick = |m: &Mat<f64>, rows: &[usize]| Mat::from_fn(rows.len(), 2, |i, k| m[(rows[i], k)]);
                let (train, test) = (pick(&x, &fold.train), pick(&x, &fold.test));
                let coefficients = direct(train.as_ref(), sigma, ridge, &pick(&targets, &fold.train));
                let points = Points::new(train.as_ref()).unwrap();
                let predicted =
                    cross_product(test.as_ref(), &points, sigma, coefficients.as_ref(), Par::Seq).unwrap();
                let expected = pick(&targets, &fold.test) - predicted;
                let got = spectrum.residuals(ridge, &spectrum.solve(ridge), &fold.test).unwrap();
                assert!((&got - &expected).norm_l2() <= 1e-8 * expected.norm_l2().max(1.0));
            }
        }
    }
}
