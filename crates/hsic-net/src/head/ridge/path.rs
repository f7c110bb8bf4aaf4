//! The regression with one kernel, for every ridge.

use faer::{Mat, MatRef, Par};
use hsic_kernels::Kernel;

use super::targets::Targets;
use super::{EXACT_ROWS, factor, spectrum};
use crate::Result;

/// Ridges that are kept: those of the lowest error.
pub(super) const KEPT_RIDGES: usize = 5;
/// A row's own part of its score is at most this close to 1.
const SMALLEST_REST: f64 = 1e-12;
/// Rows whose kernel values are held at a time.
const BLOCK: usize = 2048;

/// The regression with one kernel, at the ridges of the lowest leave-one-out error.
pub(super) struct Path {
    pub(super) kernel: Kernel,
    /// That of the lowest error first.
    pub(super) regressions: Vec<Regression>,
}

/// The regression at one ridge.
pub(super) struct Regression {
    pub(super) held_out: HeldOut,
    /// Of the kernel at the centres, m×c.
    pub(super) coefficients: Mat<f64>,
    /// Weighted mean of what the kernel gives, which the intercepts ȳ are lessened by: c.
    pub(super) shift: Vec<f64>,
}

/// Leave-one-out scores at one ridge.
pub(super) struct HeldOut {
    /// Number of the ridge.
    pub(super) ridge: usize,
    /// Of the rows they are asked of, ×c.
    pub(super) scores: Mat<f64>,
    /// Weighted mean of their squared distance from the one-hot classes.
    pub(super) error: f64,
}

impl HeldOut {
    /// Nothing yet.
    pub(super) fn new(ridge: usize, n: usize, c: usize) -> Self {
        Self { ridge, scores: Mat::zeros(n, c), error: 0.0 }
    }

    /// Sets the scores from a row on: y − s₋ᵢ(fᵢ) = (y − s(fᵢ))/(1 − hᵢ), `fitted` s without ȳ, `own` of a row of it hᵢ/wᵢ without
    /// 1/Σw, `row` its number among the targets.
    pub(super) fn add(
        &mut self,
        start: usize,
        fitted: MatRef<'_, f64>,
        own: impl Fn(usize) -> f64,
        targets: &Targets<'_>,
        row: impl Fn(usize) -> usize,
    ) {
        let (total, count) = (targets.n() as f64, self.scores.nrows() as f64);
        for i in 0..fitted.nrows() {
            let of_row = row(i);
            let weight = targets.weight(of_row);
            let rest = (1.0 - weight * (1.0 / total + own(i))).max(SMALLEST_REST);
            for a in 0..targets.n_classes() {
                let one_hot = targets.one_hot(of_row, a);
                let residual = (one_hot - targets.means()[a] - fitted[(i, a)]) / rest;
                self.scores[(start + i, a)] = one_hot - residual;
                self.error += weight * residual * residual / count;
            }
        }
    }

    /// Those of the lowest error, that first.
    pub(super) fn lowest(mut held_out: Vec<Self>) -> impl Iterator<Item = Self> {
        held_out.sort_by(|one, other| one.error.total_cmp(&other.error));
        held_out.into_iter().take(KEPT_RIDGES)
    }
}

impl Path {
    /// By one eigendecomposition of the kernel of all rows, where the centres are these, or of the scatter of the features of the
    /// span of the centres (Nyström). By a factorisation of that scatter a ridge of more than [`EXACT_ROWS`] centres, and where leave-one-out
    /// scores are not asked of all rows but of those `held`.
    pub(super) fn fit(
        rows: MatRef<'_, f64>,
        centres: MatRef<'_, f64>,
        kernel: Kernel,
        targets: &Targets<'_>,
        held: &[usize],
        par: Par,
    ) -> Result<Self> {
        let regressions = if centres.nrows() > EXACT_ROWS || held.len() < rows.nrows() {
            factor::fit(rows, centres, kernel, targets, held, par)?
        } else if centres.nrows() == rows.nrows() {
            spectrum::exact(rows, kernel, targets)?
        } else {
            spectrum::nystrom(rows, centres, kernel, targets)?
        };
        Ok(Self { kernel, regressions })
    }

    /// The coefficients of the kernel at the centres for a mean over regressions (places and weights), and what centring takes from
    /// the intercepts.
    pub(super) fn mean(&self, members: &[(usize, f64)]) -> (Mat<f64>, Vec<f64>) {
        let first = &self.regressions[0];
        let mut coefficients = Mat::zeros(first.coefficients.nrows(), first.coefficients.ncols());
        let mut shift = vec![0.0; first.shift.len()];
        for &(place, weight) in members {
            let of_one = &self.regressions[place];
            coefficients += &of_one.coefficients * faer::Scale(weight);
            shift.iter_mut().zip(&of_one.shift).for_each(|(sum, part)| *sum += weight * part);
        }
        (coefficients, shift)
    }
}

/// Starts and lengths of blocks of rows.
pub(super) fn blocks(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).step_by(BLOCK).map(move |start| (start, BLOCK.min(n - start)))
}
