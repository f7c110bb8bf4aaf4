//! The metric a regression's own gradients give.

use faer::{Accum, Mat, MatRef, Par};
use hsic_kernels::linalg::{add_lower_product, matmul, product, symmetric_eigen};
use hsic_kernels::{KernelKind, Labels};

use super::{RidgeHead, sample_of};
use crate::Result;

/// Rows whose gradients are averaged.
const ROWS: usize = 4000;

/// T = t·M^(1/4), p×p, M the mean of ∇s_a(fᵢ)∇s_a(fᵢ)ᵀ over classes and a sample of the rows, s the scores of a regression with
/// Gaussian kernels and t such that the variance of all columns together stays. ‖Tᵀ(f − f')‖² is the squared distance in the metric M^(1/2): a direction
/// counts by how much the scores change along it.
///
/// ∇s_a(f) = Σ_k σ_k⁻² Σ_j A_k[j,a]·k(f, cⱼ)(cⱼ − f).
///
/// # Cost
/// 2|S|mpc for each kernel and |S|p²c flops, |S| ≤ 4000 rows, and an eigenproblem of size p.
///
/// # Source
/// Radhakrishnan, Beaglehole, Pandit, Belkin (2024), Mechanism for feature learning in neural networks and backpropagation-free
/// machine learning models; the power as in their xRFM (Beaglehole et al. 2025).
pub(super) fn of_gradients(
    features: MatRef<'_, f64>,
    labels: &Labels,
    regression: &RidgeHead,
    par: Par,
) -> Result<Option<Mat<f64>>> {
    let (rows, _) = sample_of(features, labels, ROWS)?;
    let (n, p) = rows.shape();
    let centres = regression.centres.as_ref();
    let gaussian = |of: &&super::RidgeKernel| of.kernel.kind == KernelKind::Gaussian;
    let mut values = Vec::new();
    for of in regression.kernels.iter().filter(gaussian) {
        values.push((of, of.kernel.cross_gram(rows.as_ref(), centres, par)?));
    }
    let mut squares = Mat::zeros(p, p);
    for a in 0..regression.intercepts.len() {
        let mut gradients = Mat::<f64>::zeros(n, p);
        for (of, values) in &values {
            let share = of.kernel.sigma.get().powi(-2);
            let terms =
                Mat::from_fn(n, centres.nrows(), |i, j| share * values[(i, j)] * of.coefficients[(j, a)]);
            matmul(gradients.as_mut(), Accum::Add, terms.as_ref(), centres, 1.0);
            let sums = product(terms.as_ref(), Mat::from_fn(centres.nrows(), 1, |_, _| 1.0).as_ref());
            for k in 0..p {
                let columns = gradients.col_mut(k).iter_mut().zip(rows.col(k).iter().zip(sums.col(0).iter()));
                columns.for_each(|(gradient, (value, sum))| *gradient -= value * sum);
            }
        }
        add_lower_product(squares.as_mut(), gradients.as_ref(), gradients.as_ref());
    }
    let (values, vectors) = symmetric_eigen(squares.as_ref())?;
    if values[0] <= 0.0 {
        // scores that change nowhere
        return Ok(None);
    }
    let root = |value: f64| (value.max(0.0) / values[0]).powf(0.25);
    let scaled = Mat::from_fn(p, p, |i, k| vectors[(i, k)] * root(values[k]));
    let metric = product(scaled.as_ref(), vectors.transpose());
    let (before, after) =
        (variance(rows.as_ref()), variance(product(rows.as_ref(), metric.as_ref()).as_ref()));
    // rows that differ in directions without a gradient alone
    Ok((after > 0.0).then(|| metric * faer::Scale((before / after).sqrt())))
}

/// Sum of the columns' variances.
fn variance(rows: MatRef<'_, f64>) -> f64 {
    let n = rows.nrows() as f64;
    let of_column = |column: faer::ColRef<'_, f64>| {
        let mean = column.iter().sum::<f64>() / n;
        column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n
    };
    rows.col_iter().map(of_column).sum()
}
