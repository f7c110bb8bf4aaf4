//! Metrics: the name of each is its formula, and [`METRICS`] is the table of what is recorded of a fold and a layer.

mod calibration;
mod classification;
mod evidence;
mod geometry;
mod metric;
mod table;
pub(crate) mod values;

pub use calibration::*;
pub use classification::*;
pub use evidence::*;
pub use geometry::*;
pub(crate) use metric::Predicted;
pub use metric::{Better, Group, Kind, Metric, Place};
pub use table::{METRICS, Values};

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
