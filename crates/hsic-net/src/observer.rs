//! What a caller may see of a fit while it runs.

use std::time::Duration;

use hsic_kernels::Bandwidth;
use hsic_layer::Solution;

use crate::SearchStep;

/// A layer as it was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSummary {
    /// Number of the layer, from 1.
    pub layer: usize,
    /// Columns of Z, q.
    pub width: usize,
    /// Bandwidth the layer was solved at.
    pub sigma: Bandwidth,
    /// Bandwidth of K, the Gram matrix of Z, as the solver says: of a spectral layer its own, of a closed form the one that
    /// maximises Tr(ΓK).
    pub metric_sigma: Bandwidth,
    /// Tr(ΓK), with the network's class weights.
    pub objective: f64,
    /// H* of K on the training rows, classes unweighted.
    pub hsic_normalized: f64,
    /// How the solver got there.
    pub solution: Solution,
    /// Time spent on the layer, its bandwidth search included.
    pub elapsed: Duration,
}

/// Sees every layer as soon as it is there. The time it takes is not counted as time of the fit. What a fit knows at its end is in
/// [`NetworkFit`](crate::NetworkFit).
pub trait Observer {
    /// A layer was fitted.
    fn layer(&mut self, summary: &LayerSummary);
    /// A search that looks ahead has done a layer.
    fn searched(&mut self, step: &SearchStep) {
        let _ = step;
    }
}

/// Nobody looks.
impl Observer for () {
    fn layer(&mut self, _: &LayerSummary) {}
}

impl<F: FnMut(&LayerSummary)> Observer for F {
    fn layer(&mut self, summary: &LayerSummary) {
        self(summary);
    }
}
