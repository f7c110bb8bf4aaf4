//! Gaussians around the class means.

use faer::{Mat, MatRef};
use hsic_kernels::Labels;
use hsic_kernels::class_moments::ClassMoments;
use hsic_kernels::linalg::product;

use super::normalize_log;

/// The variance is at least this share of the total one.
const VARIANCE_FLOOR: f64 = 1e-12;

/// And the standard deviation at least this share of the features' size: what differs by less is rounding.
const ROUNDING: f64 = 1e-13;

/// Class-conditional Gaussians N(mean of the class, s²I) with one variance s² = (1/np) Σᵢ ‖fᵢ − mean of class yᵢ‖², and
/// log p(a | f) = log prior_a − ‖f − mean_a‖²/2s² − log-sum.
///
/// # Cost
/// O(n·p) to fit, O(n·p·c) to predict.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianHead {
    /// c×p.
    pub(crate) means: Mat<f64>,
    pub(crate) variance: f64,
    /// −∞ for a class without rows.
    pub(crate) log_priors: Vec<f64>,
}

impl GaussianHead {
    /// Fits the means and the variance; priors are the class shares, or equal.
    pub(crate) fn fit(features: MatRef<'_, f64>, labels: &Labels, class_priors: bool) -> Self {
        let (n, p) = features.shape();
        let counts = labels.counts();
        let mut means = Mat::<f64>::zeros(counts.len(), p);
        for k in 0..p {
            for (i, &class) in labels.codes().iter().enumerate() {
                means[(class, k)] += features[(i, k)] / counts[class] as f64;
            }
        }
        let (mut within, mut total) = (0.0, 0.0);
        for k in 0..p {
            let center = features.col(k).iter().sum::<f64>() / n as f64;
            for (i, &class) in labels.codes().iter().enumerate() {
                within += (features[(i, k)] - means[(class, k)]).powi(2);
                total += (features[(i, k)] - center).powi(2);
            }
        }
        Self::of(means, within, total, counts, class_priors)
    }

    /// The head of rows whose moments are known, projected on the columns of `directions` where there are some.
    pub(crate) fn of_moments(
        moments: &ClassMoments,
        directions: Option<MatRef<'_, f64>>,
        class_priors: bool,
    ) -> Self {
        let (sums, counts) = (moments.totals().sums(), moments.totals().counts());
        let projected = directions.map_or_else(|| sums.to_owned(), |d| product(d.transpose(), sums));
        let mean = |a: usize, k: usize| projected[(k, a)] / counts[a].max(1) as f64;
        let means = Mat::from_fn(counts.len(), projected.nrows(), mean);
        Self::of(means, moments.within(directions), moments.total(directions), counts, class_priors)
    }

    /// Σ of the squared deviations from the class means, and from the mean of all.
    fn of(means: Mat<f64>, within: f64, total: f64, counts: &[usize], class_priors: bool) -> Self {
        let n: usize = counts.iter().sum();
        let n_present = counts.iter().filter(|&&count| count > 0).count();
        let scale = 1.0 / (n as f64 * means.ncols() as f64);
        let of_mean =
            |k: usize| counts.iter().enumerate().map(|(a, &count)| count as f64 * means[(a, k)]).sum::<f64>();
        let sizes = total + (0..means.ncols()).map(|k| of_mean(k).powi(2)).sum::<f64>() / n as f64;
        // features that are all 0 have no variance at all: any positive one leaves the priors
        let floor = (VARIANCE_FLOOR * total).max(ROUNDING.powi(2) * sizes) * scale;
        let floor = floor.max(f64::MIN_POSITIVE);
        let log_priors = counts
            .iter()
            .map(|&count| match (count, class_priors) {
                (0, _) => f64::NEG_INFINITY,
                (_, true) => (count as f64 / n as f64).ln(),
                (_, false) => -(n_present as f64).ln(),
            })
            .collect();
        Self { means, variance: (within * scale).max(floor), log_priors }
    }

    /// s², the shared variance a coordinate.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// log p(class | features), n×c.
    pub fn log_proba(&self, features: MatRef<'_, f64>) -> Mat<f64> {
        let mut scores = Mat::from_fn(features.nrows(), self.means.nrows(), |i, a| {
            let squared: f64 =
                (0..features.ncols()).map(|k| (features[(i, k)] - self.means[(a, k)]).powi(2)).sum();
            // finite even where the variance is at its floor, so that no ∞ − ∞ follows
            self.log_priors[a] - (squared / (2.0 * self.variance)).min(f64::MAX / 4.0)
        });
        normalize_log(&mut scores);
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class means that differ by rounding alone tell nothing: without a floor at its size the noise decides.
    #[test]
    fn features_that_differ_by_rounding_leave_the_priors() {
        let labels = Labels::new((0..40).map(|i| usize::from(i % 4 == 0)).collect()).unwrap();
        for size in [1e-3, 1.0, 1e6] {
            let noise = |i: usize, k: usize| size * (1.0 + ((i * 7 + k) % 5) as f64 * f64::EPSILON);
            let features = Mat::from_fn(40, 2, noise);
            let log_proba = GaussianHead::fit(features.as_ref(), &labels, true).log_proba(features.as_ref());
            for i in 0..40 {
                assert!((log_proba[(i, 0)].exp() - 0.75).abs() < 1e-4, "{}", log_proba[(i, 0)].exp());
            }
        }
    }
}
