//! A network fitted for its trace: every layer's input and Z.

use faer::{Mat, MatRef};
use hsic_kernels::{Bandwidth, ClassSorted, Labels, all_threads};
use hsic_layer::{Context, Fit, LayerSolver, Objective, Spectral, SpectralLayer};
use hsic_net::{LayerTrace, Network, NetworkFit, NetworkParams, Observer};

use crate::Result;
use crate::metrics::{accuracy, confusion};

/// Standardised rows in class order.
pub(super) struct Data {
    pub(super) x: Mat<f64>,
    pub(super) labels: Labels,
    /// What is wrong on purpose.
    #[cfg(test)]
    pub(super) fault: Option<super::faults::Fault>,
}

impl Data {
    pub(super) fn new(x: Mat<f64>, labels: &Labels) -> Result<Self> {
        let sorted = ClassSorted::new(x.as_ref(), labels)?;
        Ok(Self {
            x: sorted.rows(x.as_ref()).to_owned(),
            labels: sorted.labels().clone(),
            #[cfg(test)]
            fault: None,
        })
    }

    /// What centring takes off.
    pub(super) fn centred(&self, mean: f64) -> f64 {
        #[cfg(test)]
        if self.fault == Some(super::faults::Fault::Centring) {
            return 0.0;
        }
        mean
    }

    /// Q(W) of eq. 7.
    pub(super) fn q_matrix(&self, objective: &Objective, w: MatRef<'_, f64>) -> hsic_layer::Result<Mat<f64>> {
        let q = objective.q_matrix(w)?;
        #[cfg(test)]
        if self.fault == Some(super::faults::Fault::Sign) {
            return Ok(-q);
        }
        Ok(q)
    }

    /// A spectral layer alone.
    pub(super) fn solve(
        &self,
        solver: &Spectral,
        input: &Mat<f64>,
        sigma: Bandwidth,
        context: &Context,
    ) -> Result<Fit<SpectralLayer>> {
        let fit = solver.fit(input.as_ref(), &self.labels, sigma, context).map_err(hsic_net::Error::from)?;
        #[cfg(test)]
        if self.fault == Some(super::faults::Fault::Sign) {
            return super::faults::lowest(fit, input, &self.labels, sigma);
        }
        Ok(fit)
    }
}

/// The fit of a network by its name in the findings.
pub(super) struct Stacked {
    pub(super) name: String,
    fit: NetworkFit,
}

impl Stacked {
    pub(super) fn fit(name: impl Into<String>, params: NetworkParams, data: &Data) -> Result<Self> {
        Self::observed(name, params, data, &mut ())
    }

    pub(super) fn observed(
        name: impl Into<String>,
        params: NetworkParams,
        data: &Data,
        observer: &mut impl Observer,
    ) -> Result<Self> {
        let (name, x) = (name.into(), data.x.as_ref());
        #[cfg(test)]
        if let Some(fault) = data.fault {
            let params = params.with_solver(super::faults::Faulty { solver: params.solver, fault });
            let fit = Network::fit(&params, x, &data.labels, all_threads(), observer)?;
            return Ok(Self { name, fit });
        }
        let fit = Network::fit(&params, x, &data.labels, all_threads(), observer)?;
        Ok(Self { name, fit })
    }

    /// H* of the last layer.
    pub(super) fn hsic(&self) -> f64 {
        self.layers()[self.layers().len() - 1].summary.hsic_normalized
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

    /// The Gram matrix's bandwidth of a layer.
    pub(super) fn metric_sigma(&self, depth: usize) -> Bandwidth {
        self.layers()[depth].summary.metric_sigma
    }
}
