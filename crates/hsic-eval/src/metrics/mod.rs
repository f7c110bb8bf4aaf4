//! Metrics: the name of each is its formula.

mod calibration;
mod classification;
mod evidence;
mod geometry;

pub use calibration::{brier_score, log_loss};
pub use classification::{accuracy, balanced_accuracy, confusion};
pub use evidence::{binomial_tail, standard_error};
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
