//! How the classes lie in the output of a layer.

use faer::{Mat, MatRef, Par};
use hsic_kernels::class_sums::class_sums;
use hsic_kernels::tiles::{PairFunction, Points};
use hsic_kernels::{Bandwidth, ClassSorted, Labels};

use crate::Result;

/// (1/n) Σᵢ ‖zᵢ − mean of class yᵢ‖².
///
/// # Panics
/// If `labels` has another number of rows.
pub fn within_class_mse(z: MatRef<'_, f64>, labels: &Labels) -> f64 {
    let Spread { within, .. } = Spread::of(z, labels);
    within.iter().sum::<f64>() / labels.len() as f64
}

/// T = Tr(S_w)/Tr(S_b) = Σ_same ‖zᵢ−zⱼ‖² / Σ_different ‖zᵢ−zⱼ‖², over ordered pairs; `None` where the denominator is 0.
///
/// Computed from class means in O(n·q), as sums of non-negative terms: nothing cancels.
///
/// # Panics
/// If `labels` has another number of rows.
///
/// # Source
/// Wu, Masoomi, Gretton, Dy, eq. 4–5.
pub fn scatter_trace_ratio(z: MatRef<'_, f64>, labels: &Labels) -> Option<f64> {
    let Spread { within, means } = Spread::of(z, labels);
    let counts: Vec<f64> = labels.counts().iter().map(|&count| count as f64).collect();
    let same: f64 = (0..counts.len()).map(|a| 2.0 * counts[a] * within[a]).sum();
    let mut different = 0.0;
    for a in 0..counts.len() {
        for b in 0..counts.len() {
            if a != b && counts[a] > 0.0 && counts[b] > 0.0 {
                let apart: f64 = (0..z.ncols()).map(|k| (means[(a, k)] - means[(b, k)]).powi(2)).sum();
                different += counts[b] * within[a] + counts[a] * within[b] + counts[a] * counts[b] * apart;
            }
        }
    }
    (different > 0.0).then(|| same / different).filter(|ratio| ratio.is_finite())
}

/// Class means and the summed squared distances to them.
struct Spread {
    within: Vec<f64>,
    /// c×q.
    means: Mat<f64>,
}

impl Spread {
    fn of(z: MatRef<'_, f64>, labels: &Labels) -> Self {
        assert_eq!(z.nrows(), labels.len(), "a label a row");
        let counts = labels.counts();
        let mut means = Mat::<f64>::zeros(counts.len(), z.ncols());
        let mut within = vec![0.0; counts.len()];
        for k in 0..z.ncols() {
            for (i, &class) in labels.codes().iter().enumerate() {
                means[(class, k)] += z[(i, k)] / counts[class] as f64;
            }
            for (i, &class) in labels.codes().iter().enumerate() {
                within[class] += (z[(i, k)] - means[(class, k)]).powi(2);
            }
        }
        Self { within, means }
    }
}

/// C = mean of K_ij over pairs of different classes / mean over pairs of the same class (i = j included), K the Gaussian
/// Gram matrix of `z`; `None` where there is one class only.
///
/// # Errors
/// [`crate::Error::Kernel`] for shapes that do not fit and non-finite numbers.
///
/// # Cost
/// n²/2 kernel values.
pub fn cosine_ratio(z: MatRef<'_, f64>, labels: &Labels, sigma: Bandwidth, par: Par) -> Result<Option<f64>> {
    let sorted = ClassSorted::new(z, labels)?;
    let (z, labels) = (sorted.rows(z), sorted.labels());
    let sums = class_sums(&Points::new(z)?, labels, &[PairFunction::Kernel(sigma)], par)?.remove(0);
    let blocks = sums.blocks(labels);
    let (mut same, mut different) = ((0.0, 0.0), (0.0, 0.0));
    for (a, &count_a) in labels.counts().iter().enumerate() {
        for (b, &count_b) in labels.counts().iter().enumerate() {
            let pairs = if a == b { &mut same } else { &mut different };
            *pairs = (pairs.0 + blocks[(a, b)], pairs.1 + count_a as f64 * count_b as f64);
        }
    }
    // the mean of K over the same class is never 0: the diagonal is 1
    Ok((different.1 > 0.0).then(|| (different.0 / different.1) / (same.0 / same.1)))
}
