//! From the last layer's output to a class.

mod gaussian;
mod knn;
mod logistic;
mod output;
mod ridge;

use faer::{Mat, MatRef, Par};
use hsic_kernels::{ClassWeight, Labels};

pub use gaussian::GaussianHead;
pub use knn::KnnHead;
pub use logistic::LogisticHead;
pub(crate) use output::leading_directions;
pub use output::{Output, OutputParams, Projection};
pub use ridge::{BANDWIDTHS, CENTRES, EXACT_ROWS, LeaveOneOut, RIDGES, RidgeHead, RidgeKernel, RidgeParams};

use crate::Result;

/// Which classifier stands on the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum HeadKind {
    /// Gaussians of one isotropic variance around the class means, class priors: Bayes rule (claim 4).
    #[default]
    Bayes,
    /// The same with equal priors: the nearest class mean.
    NearestMean,
    /// The k nearest training rows.
    Knn {
        /// Number of neighbours.
        k: usize,
    },
    /// Multinomial logistic regression.
    Logistic,
    /// Kernel ridge regression, its bandwidths and ridges by leave-one-out.
    Ridge(RidgeParams),
}

impl HeadKind {
    /// The name used in files: `bayes`, `nearest-mean`, `nearest-neighbour` (k = 1), `knn` (any other k), `logistic`,
    /// `ridge`, `balanced-ridge` or `metric-ridge`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bayes => "bayes",
            Self::NearestMean => "nearest-mean",
            Self::Knn { k: 1 } => "nearest-neighbour",
            Self::Knn { .. } => "knn",
            Self::Logistic => "logistic",
            Self::Ridge(RidgeParams { learns_metric: true, .. }) => "metric-ridge",
            Self::Ridge(RidgeParams { class_weight: ClassWeight::Balanced, .. }) => "balanced-ridge",
            Self::Ridge(_) => "ridge",
        }
    }
}

/// A fitted head.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// `bayes` and `nearest-mean`.
    Gaussian(GaussianHead),
    /// `knn`.
    Knn(KnnHead),
    /// `logistic`.
    Logistic(LogisticHead),
    /// `ridge`, `balanced-ridge` and `metric-ridge`.
    Ridge(RidgeHead),
}

impl Head {
    /// Fits a head on features (n×p) and labels.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for non-finite features, [`crate::Error::Logistic`].
    ///
    /// # Cost
    /// That of the head; `par` is used by [`RidgeHead`] alone.
    pub fn fit(kind: HeadKind, features: MatRef<'_, f64>, labels: &Labels, par: Par) -> Result<Self> {
        labels.check_rows("a head", features.shape())?;
        hsic_kernels::tiles::check_finite(features, "the head's features")?;
        Ok(match kind {
            HeadKind::Bayes => Self::Gaussian(GaussianHead::fit(features, labels, true)),
            HeadKind::NearestMean => Self::Gaussian(GaussianHead::fit(features, labels, false)),
            HeadKind::Knn { k } => Self::Knn(KnnHead::fit(features, labels, k)),
            HeadKind::Logistic => Self::Logistic(LogisticHead::fit(features, labels)?),
            HeadKind::Ridge(params) => Self::Ridge(RidgeHead::fit(features, labels, params, par)?),
        })
    }

    /// Number of classes, c.
    pub fn n_classes(&self) -> usize {
        match self {
            Self::Gaussian(head) => head.means.nrows(),
            Self::Knn(head) => head.labels.n_classes(),
            Self::Logistic(head) => head.weights.ncols(),
            Self::Ridge(head) => head.intercepts.len(),
        }
    }

    /// log p(class | features), n×c.
    ///
    /// # Errors
    /// As [`KnnHead::log_proba`].
    pub fn log_proba(&self, features: MatRef<'_, f64>, par: Par) -> Result<Mat<f64>> {
        match self {
            Self::Gaussian(head) => Ok(head.log_proba(features)),
            Self::Knn(head) => head.log_proba(features, par),
            Self::Logistic(head) => Ok(head.log_proba(features)),
            Self::Ridge(head) => head.log_proba(features, par),
        }
    }
}

/// Turns each row of scores into log-probabilities: s − log Σ exp(s), shifted by the largest first.
pub(crate) fn normalize_log(scores: &mut Mat<f64>) {
    for i in 0..scores.nrows() {
        let top = scores.row(i).iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let log_sum = scores.row(i).iter().map(|score| (score - top).exp()).sum::<f64>().ln();
        scores.row_mut(i).iter_mut().for_each(|score| *score = *score - top - log_sum);
    }
}

/// The class of the largest entry of every row, the first of equals.
pub fn largest_columns(scores: MatRef<'_, f64>) -> Vec<usize> {
    (0..scores.nrows())
        .map(|i| {
            (0..scores.ncols()).fold(0, |best, a| if scores[(i, a)] > scores[(i, best)] { a } else { best })
        })
        .collect()
}
