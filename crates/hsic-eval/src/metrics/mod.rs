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

use faer::{Mat, MatRef};
use hsic_kernels::Labels;
use hsic_kernels::bandwidth::Subsample;
use hsic_net::head::LogisticHead;

use crate::Result;

/// Numbers of the rows that a logistic regression is fitted on for [`cross_entropy`], at most.
const CE_NUMBERS: usize = 1 << 22;

/// Mean −log p(yᵢ) of a multinomial logistic regression (L2, C = 1) fitted on these very rows: the CE column. Of more than 4 million
/// numbers (n·p) it is that of a stratified sample of the rows.
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
    let most = CE_NUMBERS / features.ncols().max(1);
    if features.nrows() <= most {
        return Ok(LogisticHead::fit(features, labels)?.cross_entropy(features, labels));
    }
    let picked = Subsample { rows: most.max(1), ..Subsample::default() }.stratified(labels);
    let rows = Mat::from_fn(picked.len(), features.ncols(), |i, k| features[(picked[i], k)]);
    let labels = labels.select(&picked)?;
    Ok(LogisticHead::fit(rows.as_ref(), &labels)?.cross_entropy(rows.as_ref(), &labels))
}
