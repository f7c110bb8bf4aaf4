//! The regression with one kernel, for every ridge.

use std::ops::Range;

use faer::{Mat, MatRef, Par};
use hsic_kernels::linalg::{add_lower_product, product, symmetric_eigen};
use hsic_kernels::{ClassWeight, Kernel, Labels};

use super::RIDGES;
use crate::Result;

/// Directions of the centres' kernel with a smaller share of its largest eigenvalue are left out.
const RANK_TOLERANCE: f64 = 1e-13;
/// Ridges that are kept: those of the lowest error.
const KEPT_RIDGES: usize = 5;
/// Rows whose kernel values are held at a time.
const BLOCK: usize = 2048;
/// A row's own part of its score is at most this close to 1.
const SMALLEST_REST: f64 = 1e-12;

/// One-hot classes of the rows, centred, with the rows' weights.
pub(super) struct Targets<'a> {
    codes: &'a [usize],
    /// Weight of a row by its class; the mean over the rows is 1.
    weights: Vec<f64>,
    /// Weighted share of every class.
    means: Vec<f64>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(labels: &'a Labels, class_weight: ClassWeight) -> Self {
        let (n, counts) = (labels.len() as f64, labels.counts());
        let present = labels.n_present() as f64;
        let weights: Vec<f64> = counts
            .iter()
            .map(|&count| match class_weight {
                ClassWeight::Balanced => n / (present * count.max(1) as f64),
                _ => 1.0,
            })
            .collect();
        let means = counts.iter().zip(&weights).map(|(&count, weight)| count as f64 * weight / n).collect();
        Self { codes: labels.codes(), weights, means }
    }

    pub(super) fn n(&self) -> usize {
        self.codes.len()
    }

    pub(super) fn n_classes(&self) -> usize {
        self.means.len()
    }

    /// ȳ.
    pub(super) fn means(&self) -> &[f64] {
        &self.means
    }

    pub(super) fn weight(&self, i: usize) -> f64 {
        self.weights[self.codes[i]]
    }

    /// W(y − ȳ) of some rows.
    fn weighted(&self, rows: Range<usize>) -> Mat<f64> {
        Mat::from_fn(rows.len(), self.n_classes(), |i, a| {
            let i = rows.start + i;
            self.weight(i) * (self.one_hot(i, a) - self.means[a])
        })
    }

    /// Entry of y.
    pub(super) fn one_hot(&self, i: usize, a: usize) -> f64 {
        f64::from(u8::from(self.codes[i] == a))
    }
}

/// The regression with one kernel: what every ridge shares, and how well each predicts rows that were left out.
pub(super) struct Path {
    kernel: Kernel,
    /// From the kernel at the centres to Ψ, before that is centred: m×k.
    directions: Mat<f64>,
    /// Weighted mean of Ψ, k.
    mean: Vec<f64>,
    /// g, k.
    values: Vec<f64>,
    /// ΨᵀWT, k×c.
    targets: Mat<f64>,
    /// Of the ridges of the lowest error, that first.
    pub(super) held_out: Vec<HeldOut>,
}

/// Leave-one-out scores at one ridge.
pub(super) struct HeldOut {
    /// Number of the ridge.
    pub(super) ridge: usize,
    /// n×c.
    pub(super) scores: Mat<f64>,
    /// Weighted mean of their squared distance from the one-hot classes.
    pub(super) error: f64,
}

impl Path {
    /// By the kernel of all rows, where the centres are these, else by features of the span of the centres (Nyström).
    pub(super) fn fit(
        rows: MatRef<'_, f64>,
        centres: MatRef<'_, f64>,
        kernel: Kernel,
        targets: &Targets<'_>,
    ) -> Result<Self> {
        let mut path = match centres.nrows() == rows.nrows() {
            true => Self::exact(rows, kernel, targets)?,
            false => Self::nystrom(rows, centres, kernel, targets)?,
        };
        path.held_out.sort_by(|one, other| one.error.total_cmp(&other.error));
        path.held_out.truncate(KEPT_RIDGES);
        Ok(path)
    }

    fn new(
        kernel: Kernel,
        directions: Mat<f64>,
        mean: Vec<f64>,
        values: Vec<f64>,
        toward: Mat<f64>,
        n: usize,
    ) -> Self {
        let held_out = |ridge| HeldOut { ridge, scores: Mat::zeros(n, toward.ncols()), error: 0.0 };
        let held_out = (0..RIDGES.len()).map(held_out).collect();
        Self { kernel, directions, mean, values, targets: toward, held_out }
    }

    /// With P = I − 1wᵀ/n and the weights W of the rows √W·PKPᵀ·√W = U diag(g) Uᵀ is ΨΨᵀ with weights: Ψ = W^(−1/2)·U·diag(√g).
    fn exact(rows: MatRef<'_, f64>, function: Kernel, targets: &Targets<'_>) -> Result<Self> {
        let kernel = function.gram(rows, Par::Seq)?;
        let n = targets.n();
        let roots: Vec<f64> = (0..n).map(|i| targets.weight(i).sqrt()).collect();
        let weights = Mat::from_fn(n, 1, |i, _| targets.weight(i) / n as f64);
        let means = product(kernel.as_ref(), weights.as_ref());
        let mean = product(weights.transpose(), means.as_ref())[(0, 0)];
        let centred = Mat::from_fn(n, n, |i, j| {
            roots[i] * roots[j] * (kernel[(i, j)] - means[(i, 0)] - means[(j, 0)] + mean)
        });
        let (values, vectors) = symmetric_eigen(centred.as_ref())?;
        let kept = values.iter().take_while(|&&value| value > RANK_TOLERANCE * values[0]).count();
        let psi = Mat::from_fn(n, kept, |i, j| vectors[(i, j)] / roots[i] * values[j].sqrt());
        let mut directions = Mat::from_fn(n, kept, |i, j| vectors[(i, j)] * roots[i] / values[j].sqrt());
        let sums: Vec<f64> = directions.col_iter().map(|column| column.iter().sum()).collect();
        for (column, sum) in directions.col_iter_mut().zip(sums) {
            column.iter_mut().zip(weights.col(0).iter()).for_each(|(value, weight)| *value -= weight * sum);
        }
        let toward = product(psi.transpose(), targets.weighted(0..n).as_ref());
        let mean = product(means.transpose(), directions.as_ref());
        let mean = mean.row(0).iter().copied().collect();
        let mut path = Self::new(function, directions, mean, values[..kept].to_vec(), toward, n);
        for (start, count) in blocks(n) {
            path.leave_out(start, psi.subrows(start, count), targets);
        }
        Ok(path)
    }

    fn nystrom(
        rows: MatRef<'_, f64>,
        centres: MatRef<'_, f64>,
        kernel: Kernel,
        targets: &Targets<'_>,
    ) -> Result<Self> {
        let basis = basis(centres, kernel)?;
        let (n, k) = (targets.n(), basis.ncols());
        let features = |start: usize, count: usize, map: &Mat<f64>| -> Result<Mat<f64>> {
            let values = kernel.cross_gram(rows.subrows(start, count), centres, Par::Seq)?;
            Ok(product(values.as_ref(), map.as_ref()))
        };
        let (mut squares, mut sums) = (Mat::zeros(k, k), Mat::zeros(k, 1));
        let mut toward = Mat::zeros(k, targets.n_classes());
        for (start, count) in blocks(n) {
            let mut phi = features(start, count, &basis)?;
            toward += product(phi.transpose(), targets.weighted(start..start + count).as_ref());
            let weights = Mat::from_fn(count, 1, |i, _| targets.weight(start + i));
            sums += product(phi.transpose(), weights.as_ref());
            for column in phi.col_iter_mut() {
                column
                    .iter_mut()
                    .zip(weights.col(0).iter())
                    .for_each(|(value, weight)| *value *= weight.sqrt());
            }
            add_lower_product(squares.as_mut(), phi.as_ref(), phi.as_ref());
        }
        // the weights' mean is 1
        let total = n as f64;
        for j in 0..k {
            for i in j..k {
                squares[(i, j)] -= sums[(i, 0)] * sums[(j, 0)] / total;
            }
        }
        let (values, vectors) = symmetric_eigen(squares.as_ref())?;
        let mean = product(vectors.transpose(), sums.as_ref());
        let mean = mean.col(0).iter().map(|sum| sum / total).collect();
        // rounding leaves eigenvalues slightly below 0
        let values = values.into_iter().map(|value| value.max(0.0)).collect();
        let toward = product(vectors.transpose(), toward.as_ref());
        let directions = product(basis.as_ref(), vectors.as_ref());
        let mut path = Self::new(kernel, directions, mean, values, toward, n);
        for (start, count) in blocks(n) {
            let mut psi = features(start, count, &path.directions)?;
            for (column, mean) in psi.col_iter_mut().zip(&path.mean) {
                column.iter_mut().for_each(|value| *value -= mean);
            }
            path.leave_out(start, psi.as_ref(), targets);
        }
        Ok(path)
    }

    /// The kernel.
    pub(super) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// diag(1/(g + λ))·ΨᵀWT.
    fn solution(&self, ridge: f64) -> Mat<f64> {
        Mat::from_fn(self.targets.nrows(), self.targets.ncols(), |j, a| {
            self.targets[(j, a)] / (self.values[j] + ridge)
        })
    }

    /// The coefficients of the kernel at the centres for a mean over ridges (numbers and weights), and what centring takes from
    /// the intercept.
    pub(super) fn coefficients(&self, ridges: &[(usize, f64)]) -> (Mat<f64>, Vec<f64>) {
        let mut solution = Mat::zeros(self.targets.nrows(), self.targets.ncols());
        for &(ridge, weight) in ridges {
            solution += self.solution(RIDGES[ridge]) * faer::Scale(weight);
        }
        let shift = |a: usize| self.mean.iter().enumerate().map(|(j, mean)| mean * solution[(j, a)]).sum();
        let shifts = (0..solution.ncols()).map(shift).collect();
        (product(self.directions.as_ref(), solution.as_ref()), shifts)
    }

    /// The scores of the rows of a block by regressions without them.
    fn leave_out(&mut self, start: usize, psi: MatRef<'_, f64>, targets: &Targets<'_>) {
        let squared = Mat::from_fn(psi.nrows(), psi.ncols(), |i, j| psi[(i, j)] * psi[(i, j)]);
        let inverses = Mat::from_fn(psi.ncols(), RIDGES.len(), |j, at| 1.0 / (self.values[j] + RIDGES[at]));
        let own = product(squared.as_ref(), inverses.as_ref());
        let total = targets.n() as f64;
        for (at, ridge) in RIDGES.into_iter().enumerate() {
            let fitted = product(psi, self.solution(ridge).as_ref());
            let HeldOut { scores, error, .. } = &mut self.held_out[at];
            for i in 0..psi.nrows() {
                let weight = targets.weight(start + i);
                let rest = (1.0 - weight * (1.0 / total + own[(i, at)])).max(SMALLEST_REST);
                for a in 0..targets.n_classes() {
                    let one_hot = targets.one_hot(start + i, a);
                    let residual = (one_hot - targets.means[a] - fitted[(i, a)]) / rest;
                    scores[(start + i, a)] = one_hot - residual;
                    *error += weight * residual * residual / total;
                }
            }
        }
    }
}

/// Starts and lengths of blocks of rows.
fn blocks(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).step_by(BLOCK).map(move |start| (start, BLOCK.min(n - start)))
}

/// U diag(s)^(−1/2) of the centres' kernel U diag(s) Uᵀ, without the directions in which it is 0 to rounding: m×k.
fn basis(centres: MatRef<'_, f64>, kernel: Kernel) -> Result<Mat<f64>> {
    let (values, vectors) = symmetric_eigen(kernel.gram(centres, Par::Seq)?.as_ref())?;
    let kept = values.iter().take_while(|&&value| value > RANK_TOLERANCE * values[0]).count();
    Ok(Mat::from_fn(vectors.nrows(), kept, |i, j| vectors[(i, j)] / values[j].sqrt()))
}
