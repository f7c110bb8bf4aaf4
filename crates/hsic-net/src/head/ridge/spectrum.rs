//! The path of ridges from one eigendecomposition.

use faer::{Mat, MatRef, Par};
use hsic_kernels::Kernel;
use hsic_kernels::linalg::{add_lower_product, product, symmetric_eigen};

use super::RIDGES;
use super::path::{HeldOut, Regression, blocks};
use super::targets::Targets;
use crate::Result;

/// Directions of the centres' kernel with a smaller share of its largest eigenvalue are left out.
const RANK_TOLERANCE: f64 = 1e-13;

/// What every ridge shares.
struct Spectrum {
    /// From the kernel at the centres to Ψ, before that is centred: m×k.
    directions: Mat<f64>,
    /// Weighted mean of Ψ, k.
    mean: Vec<f64>,
    /// g, k.
    values: Vec<f64>,
    /// ΨᵀWT, k×c.
    targets: Mat<f64>,
}

/// With P = I − 1wᵀ/n and the weights W of the rows √W·PKPᵀ·√W = U diag(g) Uᵀ is ΨΨᵀ with weights: Ψ = W^(−1/2)·U·diag(√g).
pub(super) fn exact(
    rows: MatRef<'_, f64>,
    function: Kernel,
    targets: &Targets<'_>,
) -> Result<Vec<Regression>> {
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
    let spectrum = Spectrum { directions, mean, values: values[..kept].to_vec(), targets: toward };
    spectrum.regressions(targets, |start, count| Ok(psi.subrows(start, count).to_owned()))
}

/// The same of the features of the span of the centres.
pub(super) fn nystrom(
    rows: MatRef<'_, f64>,
    centres: MatRef<'_, f64>,
    kernel: Kernel,
    targets: &Targets<'_>,
) -> Result<Vec<Regression>> {
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
            column.iter_mut().zip(weights.col(0).iter()).for_each(|(value, weight)| *value *= weight.sqrt());
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
    let mean: Vec<f64> = mean.col(0).iter().map(|sum| sum / total).collect();
    // rounding leaves eigenvalues slightly below 0
    let values = values.into_iter().map(|value| value.max(0.0)).collect();
    let toward = product(vectors.transpose(), toward.as_ref());
    let directions = product(basis.as_ref(), vectors.as_ref());
    let spectrum = Spectrum { directions, mean, values, targets: toward };
    spectrum.regressions(targets, |start, count| {
        let mut psi = features(start, count, &spectrum.directions)?;
        for (column, mean) in psi.col_iter_mut().zip(&spectrum.mean) {
            column.iter_mut().for_each(|value| *value -= mean);
        }
        Ok(psi)
    })
}

impl Spectrum {
    /// The regressions of the lowest error, with the scores of all rows; `psi` gives a block of Ψ.
    fn regressions(
        &self,
        targets: &Targets<'_>,
        psi: impl Fn(usize, usize) -> Result<Mat<f64>>,
    ) -> Result<Vec<Regression>> {
        let (n, c) = (targets.n(), targets.n_classes());
        // diag(1/(g + λ))·ΨᵀWT
        let solutions: Vec<Mat<f64>> = RIDGES
            .into_iter()
            .map(|ridge| {
                Mat::from_fn(self.values.len(), c, |j, a| self.targets[(j, a)] / (self.values[j] + ridge))
            })
            .collect();
        let inverses =
            Mat::from_fn(self.values.len(), RIDGES.len(), |j, at| 1.0 / (self.values[j] + RIDGES[at]));
        let mut held_out: Vec<HeldOut> = (0..RIDGES.len()).map(|ridge| HeldOut::new(ridge, n, c)).collect();
        for (start, count) in blocks(n) {
            let psi = psi(start, count)?;
            let squared = Mat::from_fn(count, psi.ncols(), |i, j| psi[(i, j)] * psi[(i, j)]);
            let own = product(squared.as_ref(), inverses.as_ref());
            for (held_out, solution) in held_out.iter_mut().zip(&solutions) {
                let fitted = product(psi.as_ref(), solution.as_ref());
                let ridge = held_out.ridge;
                held_out.add(start, fitted.as_ref(), |i| own[(i, ridge)], targets, |i| start + i);
            }
        }
        Ok(HeldOut::lowest(held_out)
            .map(|held_out| {
                let solution = &solutions[held_out.ridge];
                let shift = |a: usize| self.mean.iter().zip(solution.col(a).iter()).map(|(m, s)| m * s).sum();
                let coefficients = product(self.directions.as_ref(), solution.as_ref());
                Regression { held_out, coefficients, shift: (0..c).map(shift).collect() }
            })
            .collect())
    }
}

/// U diag(s)^(−1/2) of the centres' kernel U diag(s) Uᵀ, without the directions in which it is 0 to rounding: m×k.
fn basis(centres: MatRef<'_, f64>, kernel: Kernel) -> Result<Mat<f64>> {
    let (values, vectors) = symmetric_eigen(kernel.gram(centres, Par::Seq)?.as_ref())?;
    let kept = values.iter().take_while(|&&value| value > RANK_TOLERANCE * values[0]).count();
    Ok(Mat::from_fn(vectors.nrows(), kept, |i, j| vectors[(i, j)] / values[j].sqrt()))
}
