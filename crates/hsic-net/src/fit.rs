//! What a fit knows beside the network.

use faer::{Mat, Par};
use hsic_kernels::Labels;
use hsic_layer::Layer;

use crate::head::{Output, OutputParams};
use crate::{Error, LayerSummary, Network, Result, StopReason};

/// A fitted network, and what its fit knows beside it.
///
/// The training rows are in order of class, as every layer saw them. Of a fit in blocks they are the sample that went along.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkFit {
    /// The network: the layers up to the best H*, or up to the one that reached a target, and the head.
    pub network: Network,
    /// Every layer that was fitted, first to last: those of the network, and those after them that gained nothing.
    pub trace: Vec<LayerTrace>,
    /// Labels of the training rows.
    pub labels: Labels,
    /// For each training row its place among the rows given, where that is another one.
    pub(crate) order: Option<Vec<usize>>,
    pub(crate) output: OutputParams,
}

/// A layer of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerTrace {
    /// The layer.
    pub layer: Layer,
    /// How it was fitted.
    pub summary: LayerSummary,
    /// Z of the training rows, n×q.
    pub z: Mat<f64>,
    /// Number of layers that are kept where stacking ends with this one.
    pub(crate) kept: usize,
}

impl NetworkFit {
    /// Z of the last layer for the training rows in the order they were given, n×q. Of a self-excluded layer it leaves out each
    /// row's own term, as [`Network::transform`] does not.
    pub fn train_output(&self) -> Mat<f64> {
        let z = &self.trace[self.network.layers().len() - 1].z;
        let Some(order) = &self.order else { return z.clone() };
        let mut restored = Mat::zeros(z.nrows(), z.ncols());
        for (i, &row) in order.iter().enumerate() {
            restored.row_mut(row).copy_from(z.row(i));
        }
        restored
    }

    /// Number of layers the network has where `max_layers` is this: those up to the best H* among them.
    pub fn kept_within(&self, max_layers: usize) -> usize {
        self.trace[max_layers.clamp(1, self.trace.len()) - 1].kept
    }

    /// The output of the first `depth` layers: what a head sees of the last of them and the head, fitted on the training rows.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a depth of 0 or beyond the layers fitted, else as [`Output::fit`].
    ///
    /// # Cost
    /// That of [`Output::fit`]; of the network's own a copy.
    pub fn output(&self, depth: usize, par: Par) -> Result<Output> {
        let layer = depth.checked_sub(1).and_then(|last| self.trace.get(last)).ok_or(Error::Parameter {
            name: "depth",
            bound: "from 1 to the number of layers fitted",
            value: depth as f64,
        })?;
        if depth == self.network.layers().len() {
            return Ok(self.network.output.clone());
        }
        Output::fit(&self.output, &layer.layer, layer.z.as_ref(), &self.labels, par)
    }

    /// The network of the first `depth` layers, with a head of its own. It is the one of
    /// [`max_layers`](crate::NetworkParams::max_layers) = k where `depth` is [`kept_within(k)`](Self::kept_within).
    ///
    /// # Errors
    /// As [`NetworkFit::output`].
    ///
    /// # Cost
    /// That of [`Output::fit`]; the layers are shared.
    ///
    /// ```
    /// use faer::{Mat, Par};
    /// use hsic_kernels::Labels;
    /// use hsic_net::{Network, NetworkParams};
    /// let x = Mat::from_fn(60, 2, |i, k| ((i % 2 * 3 + k) as f64) + (i as f64 * 0.7 + k as f64).sin());
    /// let labels = Labels::new((0..60).map(|i| i % 2).collect())?;
    /// let params = NetworkParams { target_hsic: 1.0, ..NetworkParams::closed_form() };
    /// let fit = Network::fit(&params, x.as_ref(), &labels, Par::Seq, &mut ())?;
    /// let first = fit.truncated(1, Par::Seq)?;
    /// let shallow = NetworkParams { max_layers: 1, ..params };
    /// let alone = Network::fit(&shallow, x.as_ref(), &labels, Par::Seq, &mut ())?.network;
    /// assert!(first.layers() == alone.layers() && first.output() == alone.output());
    /// # Ok::<(), hsic_net::Error>(())
    /// ```
    pub fn truncated(&self, depth: usize, par: Par) -> Result<Network> {
        if depth == self.network.layers().len() {
            return Ok(self.network.clone());
        }
        let output = self.output(depth, par)?;
        let trace = &self.trace[..depth];
        Ok(Network {
            layers: trace.iter().map(|layer| layer.layer.clone()).collect(),
            summaries: trace.iter().map(|layer| layer.summary.clone()).collect(),
            output,
            stop_reason: StopReason::MaxLayers,
            elapsed: trace.iter().map(|layer| layer.summary.elapsed).sum(),
        })
    }
}
