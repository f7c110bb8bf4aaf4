//! What a caller sees of a running cross-validation.

use faer::Mat;
use hsic_kernels::{Bandwidth, Labels};
use hsic_net::{LayerSummary, LayerTrace, NetworkFit, Observer, SearchStep};

use crate::records::FoldRecord;

/// What a caller sees of a running cross-validation, from any thread.
pub trait Progress: Sync {
    /// A layer of a fold was fitted.
    fn layer(&self, fold: usize, layer: &LayerSummary);
    /// A search over the bandwidths of a fold's stack has done a layer.
    fn searched(&self, _fold: usize, _step: &SearchStep) {}
    /// Hyperparameters are chosen: what is tried now, and the accuracy of the best so far.
    fn choosing(&self, _tried: &str, _best: Option<f64>) {}
    /// An epoch of a multilayer perceptron is over: its number from 1, and the loss of the training rows.
    fn epoch(&self, _fold: usize, _epoch: usize, _loss: f64) {}
    /// A fold is finished.
    fn fold(&self, record: &FoldRecord);
    /// Whether [`rows`](Self::rows) is to be told of this fold; by default of none.
    fn wants_rows(&self, fold: usize) -> bool {
        let _ = fold;
        false
    }
    /// The training rows of a fold it wanted, layer by layer, before the fold is finished.
    fn rows(&self, rows: FoldRows) {
        let _ = rows;
    }
}

/// Nobody looks.
impl Progress for () {
    fn layer(&self, _: usize, _: &LayerSummary) {}
    fn fold(&self, _: &FoldRecord) {}
}

/// The fit of a fold, as a progress sees it.
pub(crate) struct OfFold<'a> {
    pub(crate) progress: &'a dyn Progress,
    pub(crate) fold: usize,
}

impl Observer for OfFold<'_> {
    fn layer(&mut self, summary: &LayerSummary) {
        self.progress.layer(self.fold, summary);
    }

    fn searched(&mut self, step: &SearchStep) {
        self.progress.searched(self.fold, step);
    }
}

/// What pictures of a fold are drawn from: the training rows as they leave every layer.
#[derive(Debug, Clone)]
pub struct FoldRows {
    /// Number of the fold, from 0.
    pub fold: usize,
    /// Classes of the training rows, sorted.
    pub labels: Labels,
    /// One entry a layer, first to last.
    pub layers: Vec<LayerRows>,
}

impl FoldRows {
    /// Those of the layers that a fit kept.
    pub fn of(fold: usize, fit: &NetworkFit) -> Self {
        let layer = |LayerTrace { summary, z, .. }: &LayerTrace| LayerRows {
            layer: summary.layer,
            metric_sigma: summary.metric_sigma,
            z: z.clone(),
        };
        let layers = fit.trace[..fit.network.layers().len()].iter().map(layer).collect();
        Self { fold, labels: fit.labels.clone(), layers }
    }
}

/// The training rows of a fold as they leave one layer.
#[derive(Debug, Clone)]
pub struct LayerRows {
    /// Number of the layer, from 1.
    pub layer: usize,
    /// Bandwidth of the Gram matrix of Z that the metrics are taken on.
    pub metric_sigma: Bandwidth,
    /// Z, a row a training row in the order of the labels (n × q).
    pub z: Mat<f64>,
}
