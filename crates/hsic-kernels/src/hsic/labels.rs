//! HSIC of a Gaussian kernel against class labels.

use faer::{Mat, MatRef, Par};

use super::HsicStatistics;
use super::independence::CentredDiagonal;
use crate::bandwidth::{in_range, is_ordinary};
use crate::class_sums::class_sums;
use crate::tiles::{PairFunction, Points};
use crate::{Bandwidth, CenteredLabelGram, ClassWeight, Labels, Real, Result};

/// HSIC of labelled rows at one bandwidth.
#[derive(Debug, Clone)]
pub struct LabelHsic {
    /// The statistics against L = YYᵀ.
    pub statistics: HsicStatistics,
    /// Sums of J = K − 1 over the class blocks, c×c: [`CenteredLabelGram::weighted_sum`] of them is Tr(ΓK) for
    /// any class weights.
    pub block_sums: Mat<f64>,
}

/// HSIC of the rows of `x` (n×d) against their labels, L = YYᵀ, at one bandwidth.
///
/// # Errors
/// [`crate::Error::Shape`] where `labels` has another number of rows, [`crate::Error::NonFinite`].
///
/// # Cost
/// n²/2 kernel values, no n×n memory.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_kernels::{Bandwidth, Labels, hsic::against_labels};
/// let x = mat![[0.0], [0.1], [9.0], [9.1]];
/// let labels = Labels::new(vec![0, 0, 1, 1])?;
/// let hsic = against_labels(x.as_ref(), Bandwidth::new(1.0)?, &labels, Par::Seq)?;
/// assert!(hsic.statistics.normalized() > 0.99);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
pub fn against_labels<T: Real>(
    x: MatRef<'_, T>,
    sigma: Bandwidth,
    labels: &Labels,
    par: Par,
) -> Result<LabelHsic> {
    let mut all = against_labels_at(x, &[sigma], labels, par)?;
    Ok(all.remove(0))
}

/// [`against_labels`] at several bandwidths, from one distance tile each.
///
/// # Errors
/// As [`against_labels`].
///
/// # Cost
/// n²/2 distances and n²/2 kernel values a bandwidth.
pub fn against_labels_at<T: Real>(
    x: MatRef<'_, T>,
    sigmas: &[Bandwidth],
    labels: &Labels,
    par: Par,
) -> Result<Vec<LabelHsic>> {
    labels.check_rows("HSIC against labels", x.shape())?;
    // before sorting, so that an error names the caller's row
    crate::tiles::check_finite(x, "x")?;
    if sigmas.iter().any(|sigma| !is_ordinary::<T>(sigma.get())) {
        let one = |&sigma: &Bandwidth| match in_range([x], sigma) {
            Some(([x], sigma)) => in_one_unit(x.as_ref(), &[sigma], labels, par),
            None => in_one_unit(x, &[sigma], labels, par),
        };
        let each = sigmas.iter().map(one).collect::<Result<Vec<_>>>()?;
        return Ok(each.into_iter().flatten().collect());
    }
    in_one_unit(x, sigmas, labels, par)
}

/// [`against_labels_at`] of rows and bandwidths whose squares are within the range of the type.
fn in_one_unit<T: Real>(
    x: MatRef<'_, T>,
    sigmas: &[Bandwidth],
    labels: &Labels,
    par: Par,
) -> Result<Vec<LabelHsic>> {
    let sorted = crate::ClassSorted::new(x, labels)?;
    let (x, labels) = (sorted.rows(x), sorted.labels());
    let points = Points::new(x)?;
    let functions: Vec<_> = sigmas.iter().map(|&sigma| PairFunction::KernelMinusOne(sigma)).collect();
    let label_gram = CenteredLabelGram::new(labels, ClassWeight::Plain);
    let second_norm = label_gram.squared_norm();
    let n = labels.len() as f64;
    let (counts, codes) = (labels.counts(), labels.codes());
    Ok(class_sums(&points, labels, &functions, par)?
        .into_iter()
        .map(|sums| {
            let row_sums = sums.row_sums();
            let block_sums = sums.blocks(labels);
            let mean = sums.moments.mean;
            // ‖HJH‖² = Σ (J − μ)² − (2/n) Σ (row sum − nμ)², μ the mean of J: no large terms cancel
            let off: f64 = row_sums.iter().map(|sum| (sum - n * mean).powi(2)).sum();
            let statistics = HsicStatistics {
                n,
                trace: label_gram.weighted_sum(block_sums.as_ref()),
                first_norm: sums.moments.deviation - 2.0 / n * off,
                second_norm,
                product: (0..counts.len()).map(|a| block_sums[(a, a)]).sum(),
                sums: (
                    row_sums.iter().sum(),
                    counts.iter().map(|&count| count as f64 * (count as f64 - 1.0)).sum(),
                ),
                row_product: row_sums
                    .iter()
                    .zip(codes)
                    .map(|(sum, &code)| sum * (counts[code] as f64 - 1.0))
                    .sum(),
                diagonals: [
                    CentredDiagonal::of_row_sums(row_sums.iter().copied(), n),
                    // of M = L − 1
                    CentredDiagonal::of_row_sums(codes.iter().map(|&code| counts[code] as f64 - n), n),
                ],
            };
            LabelHsic { statistics, block_sums }
        })
        .collect())
}
