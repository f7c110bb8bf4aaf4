//! What the claims say in passing, as numbers: how fast, after how many layers, and what it means for test rows.

use hsic_data::{Dataset, StratifiedKFold};
use hsic_net::{LayerTrace, NetworkParams};
use serde::{Deserialize, Serialize};

use super::Finding;
use super::convergence::{Pairs, mean};
use super::label_matching::Probe;
use super::stacked::{Data, Stacked};
use crate::metrics::{cross_entropy, scatter_trace_ratio, within_class_mse};
use crate::{CrossValidation, FoldedData, Method, Result, Schedule};

/// Folds on which test accuracy is measured.
const FOLDS: usize = 5;

/// A network layer by layer: what pictures are drawn of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Seed of the draws.
    pub seed: u64,
    /// Which network.
    pub network: String,
    /// H* of every layer.
    pub hsic: Vec<f64>,
    /// Tr(S_w)/Tr(S_b); null where it is not defined.
    pub scatter: Vec<Option<f64>>,
    /// Mean of K over pairs of the same class.
    pub same: Vec<f64>,
    /// Mean of K over pairs of different classes.
    pub different: Vec<f64>,
    /// Squared error of the kernel regression, as a share of the labels' variance.
    pub mse: Vec<f64>,
    /// What it is at most, by H*.
    pub mse_bound: Vec<f64>,
    /// Cross-entropy of the kernel regression.
    pub ce: Vec<f64>,
    /// Within-class MSE of Z as a share of its variance.
    pub mse_of_z: Vec<f64>,
    /// Cross-entropy of a logistic regression on the head's features.
    pub ce_of_logistic: Vec<f64>,
}

impl Curve {
    pub(super) fn of(data: &Data, network: &Stacked, seed: u64) -> Result<Self> {
        let mut curve = Self {
            seed,
            network: network.name.clone(),
            hsic: Vec::new(),
            scatter: Vec::new(),
            same: Vec::new(),
            different: Vec::new(),
            mse: Vec::new(),
            mse_bound: Vec::new(),
            ce: Vec::new(),
            mse_of_z: Vec::new(),
            ce_of_logistic: Vec::new(),
        };
        for (depth, LayerTrace { summary, z, .. }) in network.layers().iter().enumerate() {
            curve.hsic.push(summary.hsic_normalized);
            curve.scatter.push(scatter_trace_ratio(z.as_ref(), &data.labels));
            let pairs = Pairs::of(data, network, depth)?;
            curve.same.push(mean(&pairs.same));
            curve.different.push(mean(&pairs.different));
            let probe = Probe::of(data, z, network.metric_sigma(depth))?;
            curve.mse.push(probe.mse);
            curve.mse_bound.push(probe.bound);
            curve.ce.push(probe.ce);
            curve.mse_of_z.push(within_class_mse(z.as_ref(), &data.labels) / total_variance(z));
            curve.ce_of_logistic.push(cross_entropy(network.head_features(depth)?.as_ref(), &data.labels)?);
        }
        Ok(curve)
    }

    /// The first layer, from 1, whose H* is at least this.
    fn first(&self, hsic: f64) -> Option<usize> {
        self.hsic.iter().position(|&value| value >= hsic).map(|depth| depth + 1)
    }
}

/// (1/n) Σ ‖z − mean‖².
fn total_variance(z: &faer::Mat<f64>) -> f64 {
    let n = z.nrows() as f64;
    z.col_iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / n;
            column.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n
        })
        .sum()
}

/// The factor a quantity has from layer to layer, in the geometric mean; `None` for one layer.
fn factor(values: &[f64]) -> Option<f64> {
    let (first, last) = (values.first()?, values.last()?);
    (values.len() > 1).then(|| (last / first).powf(1.0 / (values.len() as f64 - 1.0)))
}

/// The rates of claims 2 and 3, and whether W* needs fewer layers than W_s to the same H* (the paper's first observation).
pub(super) fn rates(curves: &[Curve]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let undefined = f64::NAN;
    for curve in curves {
        let left: Vec<f64> = curve.hsic.iter().map(|hsic| (1.0 - hsic).max(1e-16)).collect();
        let quantity = format!("factor of 1 − H* from layer to layer, {}", curve.network);
        findings.push(Finding::reported(2, quantity, factor(&left).unwrap_or(undefined)));
        let scatter: Vec<f64> = curve.scatter.iter().flatten().map(|ratio| ratio.max(1e-32)).collect();
        let quantity = format!("factor of Tr(S_w)/Tr(S_b) from layer to layer, {}", curve.network);
        findings.push(Finding::reported(3, quantity, factor(&scatter).unwrap_or(undefined)));
    }
    let named = |name: &str| curves.iter().find(|curve| curve.network.starts_with(name));
    if let (Some(spectral), Some(closed_form)) = (named("spectral, to the limit"), named("closed-form")) {
        let highest = |curve: &Curve| curve.hsic.iter().fold(0.0f64, |top, &hsic| top.max(hsic));
        // a hundredth below what both reach
        let target = highest(spectral).min(highest(closed_form)) - 0.01;
        findings.push(Finding::reported(
            5,
            "H* that W* and W_s (default schedule) both reach, less 0.01",
            target,
        ));
        for (name, curve) in [("W*", spectral), ("W_s", closed_form)] {
            let layers = curve.first(target).map_or(undefined, |layers| layers as f64);
            findings.push(Finding::reported(5, format!("layers {name} needs to that H*"), layers));
        }
    }
    findings
}

/// Test accuracy of W* and of W_s at their defaults, over 5 folds (the paper's second observation); nothing where a class has fewer rows.
pub(super) fn generalisation(dataset: &Dataset, seed: u64) -> Result<Vec<Finding>> {
    let Ok(folds) = StratifiedKFold::new(FOLDS, seed).split(dataset.labels()) else { return Ok(Vec::new()) };
    let data = FoldedData::in_memory(dataset.clone(), folds);
    let validation = CrossValidation { data: &data, seed, schedule: Schedule::Automatic };
    let mut findings = Vec::new();
    for (name, params) in [("W*", NetworkParams::spectral()), ("W_s", NetworkParams::closed_form())] {
        let records = validation.run(&Method::Network(params), &())?;
        let accuracies: Vec<f64> = records.iter().filter_map(|record| record.values.test_accuracy).collect();
        findings.push(Finding::reported(
            5,
            format!("test accuracy of {name}, mean of {FOLDS} folds"),
            mean(&accuracies),
        ));
    }
    Ok(findings)
}
