//! What a stored network needs beside its tensors.

use std::time::Duration;

use hsic_kernels::Bandwidth;
use hsic_layer::{Solution, Termination};
use serde::{Deserialize, Serialize};

use super::StateError;
use crate::{LayerSummary, StopReason};

/// A network's plain numbers and names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkDescription {
    /// The layers, first to last.
    pub layers: Vec<LayerDescription>,
    /// The head.
    pub head: HeadDescription,
    /// Why stacking ended.
    pub stop_reason: String,
    /// Seconds of the fit.
    pub seconds: f64,
}

/// A layer: how it maps, and how it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerDescription {
    /// Name of the solver: `spectral`, `closed-form`, or another that a registry knows.
    pub solver: String,
    /// `random` or `exact`; of another solver what it says.
    pub features: String,
    /// Bandwidth the layer was solved at.
    pub sigma: f64,
    /// Bandwidth of the Gram matrix of Z that `objective` and `hsic_normalized` are of.
    pub metric_sigma: f64,
    /// Tr(ΓK).
    pub objective: f64,
    /// H* on the training rows.
    pub hsic_normalized: f64,
    /// Iterations of the solver.
    pub iterations: usize,
    /// The objective before the first and after every iteration.
    pub objective_history: Vec<f64>,
    /// Stationarity residual; null for a closed form.
    pub residual: Option<f64>,
    /// Why the solver stopped.
    pub stop_reason: String,
    /// Seconds spent on the layer.
    pub seconds: f64,
}

/// A head's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HeadDescription {
    /// Gaussians around the class means (`bayes`, `nearest-mean`).
    Gaussian {
        /// s².
        variance: f64,
    },
    /// The k nearest training rows.
    Knn {
        /// Number of neighbours.
        k: usize,
    },
    /// Multinomial logistic regression.
    Logistic {},
    /// Kernel ridge regression.
    Ridge {
        /// `gaussian` or `laplacian`, for every kernel.
        kernels: Vec<String>,
        /// Bandwidth of every kernel.
        sigmas: Vec<f64>,
        /// τ.
        temperature: f64,
        /// Share of the training rows classified correctly by a regression without them.
        leave_one_out_accuracy: f64,
        /// Mean of −log p(yᵢ) by such a regression.
        leave_one_out_log_loss: f64,
    },
}

impl LayerDescription {
    pub(super) fn of(summary: &LayerSummary, solver: &str, features: &str) -> Self {
        let solution = &summary.solution;
        Self {
            solver: solver.into(),
            features: features.into(),
            sigma: summary.sigma.get(),
            metric_sigma: summary.metric_sigma.get(),
            objective: summary.objective,
            hsic_normalized: summary.hsic_normalized,
            iterations: solution.iterations,
            objective_history: solution.objective_history.clone(),
            residual: solution.residual,
            stop_reason: solution.termination.name().into(),
            seconds: summary.elapsed.as_secs_f64(),
        }
    }

    /// The summary of layer `index` (from 0) of this width.
    pub(super) fn summary(&self, index: usize, width: usize) -> Result<LayerSummary, StateError> {
        let name = |what: &str| format!("{what} of layer {}", index + 1);
        let numbers = [("objective", self.objective), ("hsic_normalized", self.hsic_normalized)];
        let history = self.objective_history.iter().chain(&self.residual).map(|&value| ("history", value));
        for (what, value) in numbers.into_iter().chain(history) {
            if !value.is_finite() {
                return Err(StateError::Value { name: name(what), bound: "finite", value });
            }
        }
        let termination = Termination::from_name(&self.stop_reason)
            .ok_or_else(|| StateError::Name { name: name("stop_reason"), value: self.stop_reason.clone() })?;
        Ok(LayerSummary {
            layer: index + 1,
            width,
            sigma: bandwidth(name("sigma"), self.sigma)?,
            metric_sigma: bandwidth(name("metric_sigma"), self.metric_sigma)?,
            objective: self.objective,
            hsic_normalized: self.hsic_normalized,
            solution: Solution {
                termination,
                iterations: self.iterations,
                objective_history: self.objective_history.clone(),
                residual: self.residual,
            },
            elapsed: duration(name("seconds"), self.seconds)?,
        })
    }
}

impl NetworkDescription {
    pub(super) fn stop_reason(&self) -> Result<StopReason, StateError> {
        StopReason::from_name(&self.stop_reason)
            .ok_or_else(|| StateError::Name { name: "stop_reason".into(), value: self.stop_reason.clone() })
    }
}

pub(crate) fn bandwidth(name: String, value: f64) -> Result<Bandwidth, StateError> {
    Bandwidth::new(value).map_err(|_| StateError::Value { name, bound: "positive and finite", value })
}

pub(super) fn duration(name: String, value: f64) -> Result<Duration, StateError> {
    let bound = "at least 0 and not beyond what a clock can show";
    Duration::try_from_secs_f64(value).map_err(|_| StateError::Value { name, bound, value })
}
