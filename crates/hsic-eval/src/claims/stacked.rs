//! A network fitted for its trace: every layer's input and Z.

use faer::Mat;
use hsic_kernels::{ClassSorted, Labels, all_threads};
use hsic_net::{LayerTrace, Network, NetworkFit, NetworkParams, Selection};

use crate::Result;
use crate::metrics::{accuracy, confusion};

/// Standardised rows in class order.
pub(super) struct Data {
    pub(super) x: Mat<f64>,
    pub(super) labels: Labels,
}

impl Data {
    pub(super) fn new(x: Mat<f64>, labels: &Labels) -> Result<Self> {
        let sorted = ClassSorted::new(x.as_ref(), labels)?;
        Ok(Self { x: sorted.rows(x.as_ref()).to_owned(), labels: sorted.labels().clone() })
    }

    /// Whether no two equal rows have different classes.
    pub(super) fn is_separable(&self) -> bool {
        let mut rows: Vec<(Vec<u64>, usize)> = (0..self.x.nrows())
            // −0 and 0 are equal
            .map(|i| {
                (self.x.row(i).iter().map(|value| (value + 0.0).to_bits()).collect(), self.labels.codes()[i])
            })
            .collect();
        rows.sort_unstable();
        rows.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1)
    }
}

/// The fit of a network by its name in the findings.
pub(super) struct Stacked {
    pub(super) name: &'static str,
    fit: NetworkFit,
}

impl Stacked {
    pub(super) fn fit(name: &'static str, params: NetworkParams, data: &Data) -> Result<Self> {
        let fit = Network::fit(&params, data.x.as_ref(), &data.labels, all_threads(), &mut ())?;
        Ok(Self { name, fit })
    }

    /// The layers of the network, each with Z of the training rows.
    pub(super) fn layers(&self) -> &[LayerTrace] {
        &self.fit.trace[..self.fit.network.layers().len()]
    }

    /// The spectral network as it is run.
    pub(super) fn spectral(data: &Data, seed: u64) -> Result<Self> {
        Self::fit("spectral", NetworkParams { seed, ..NetworkParams::spectral() }, data)
    }

    /// The closed form as it is run: the largest bandwidth that gains.
    pub(super) fn closed_form(data: &Data, seed: u64) -> Result<Self> {
        Self::fit("closed-form", NetworkParams { seed, ..NetworkParams::closed_form() }, data)
    }

    /// The spectral network stacked on: claims about a limit are not about a stack that was stopped early.
    pub(super) fn spectral_limit(data: &Data, seed: u64) -> Result<Self> {
        let params = NetworkParams {
            seed,
            target_silhouette: None,
            target_hsic: 1.0,
            min_gain: 0.0,
            ..NetworkParams::spectral()
        };
        Self::fit("spectral, to the limit", params, data)
    }

    /// The closed form with the bandwidths of the highest H*, for which convergence is claimed.
    pub(super) fn max_hsic(data: &Data, seed: u64) -> Result<Self> {
        let params = NetworkParams { seed, selection: Selection::MaxHsic, ..NetworkParams::closed_form() };
        Self::fit("closed-form, max-hsic", params, data)
    }

    /// Share of the training rows that the network cut after layer `depth` (from 0) classifies correctly.
    pub(super) fn train_accuracy(&self, data: &Data, depth: usize) -> Result<f64> {
        let LayerTrace { layer, z, .. } = &self.layers()[depth];
        let output = self.fit.output(depth + 1, all_threads())?;
        let predicted = output.predict(layer, z.as_ref(), all_threads())?;
        Ok(accuracy(&confusion(&data.labels, &predicted)).unwrap_or(0.0))
    }

    /// What the head of the network cut after layer `depth` sees of the training rows.
    pub(super) fn head_features(&self, depth: usize) -> Result<Mat<f64>> {
        let LayerTrace { layer, z, .. } = &self.layers()[depth];
        let output = self.fit.output(depth + 1, all_threads())?;
        Ok(output.features(layer, z.as_ref(), all_threads())?)
    }

    /// The input of layer `depth`.
    pub(super) fn input(&self, data: &Data, depth: usize) -> Result<Mat<f64>> {
        let Some(last) = depth.checked_sub(1) else { return Ok(data.x.clone()) };
        let LayerTrace { layer, z, .. } = &self.layers()[last];
        Ok(layer.activate(z.as_ref(), all_threads()).map_err(hsic_net::Error::from)?)
    }
}
