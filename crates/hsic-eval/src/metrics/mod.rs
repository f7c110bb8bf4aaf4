//! Metrics: the name of each is its formula.

mod classification;
mod geometry;

pub use classification::{accuracy, balanced_accuracy, confusion};
pub use geometry::{cosine_ratio, scatter_trace_ratio, within_class_mse};

use faer::MatRef;
use hsic_kernels::Labels;
use hsic_net::head::LogisticHead;

use crate::Result;

/// Mean −log p(yᵢ) of a multinomial logistic regression (L2, C = 1) fitted on these very rows: the CE column.
///
/// # Shapes
/// `features` n×p, the head's input of the training rows.
///
/// # Units
/// Nats.
///
/// # Errors
/// [`crate::Error::Network`] where the regression fails.
pub fn cross_entropy(features: MatRef<'_, f64>, labels: &Labels) -> Result<f64> {
    Ok(LogisticHead::fit(features, labels)?.cross_entropy(features, labels))
}
