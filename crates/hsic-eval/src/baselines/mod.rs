//! What the networks are measured against: on the same folds, rows and metrics.
//!
//! A baseline's Z is its output: the output layer of a multilayer perceptron, the class scores of the others. H* and C are
//! taken on the Gaussian Gram matrix of Z at the bandwidth that maximises Tr(ΓK); the predicted class is that of the
//! highest score.

mod kernel_ridge;
mod knn;
#[cfg(feature = "baselines")]
mod mlp;

use std::time::Instant;

use faer::{Mat, MatRef, Par};
use hsic_kernels::bandwidth::{Subsample, max_hsic};
use hsic_kernels::hsic::against_labels;
use hsic_kernels::{Bandwidth, CenteredLabelGram, ClassWeight, Labels};
use hsic_net::head::largest_columns;
use serde_json::json;

pub use kernel_ridge::{BANDWIDTH_GRID, INNER_FOLDS, RIDGE_GRID};
#[cfg(feature = "baselines")]
pub use mlp::{MlpLoss, MlpParams, MlpStop};

use crate::measure::StandardisedFold;
use crate::metrics::{Predicted, Values, confusion};
use crate::records::FoldRecord;
use crate::{Error, Progress, Result};
use kernel_ridge::KernelRidge;
use knn::Knn;
#[cfg(feature = "baselines")]
use mlp::Mlp;

/// A classifier to compare with.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Baseline {
    /// A multilayer perceptron trained by backpropagation.
    #[cfg(feature = "baselines")]
    Mlp(MlpParams),
    /// The k nearest training rows.
    Knn {
        /// Number of neighbours.
        k: usize,
    },
    /// Regression of the centred one-hot classes with a Gaussian kernel. σ, of [`BANDWIDTH_GRID`] times the median
    /// distance, and the ridge, of [`RIDGE_GRID`], are those with the most right answers over [`INNER_FOLDS`] stratified
    /// folds of the training rows.
    KernelRidge,
}

impl Baseline {
    /// k-NN with k = 5.
    pub fn knn() -> Self {
        Self::Knn { k: 5 }
    }

    /// The name used in result files: `mlp-ce`, `mlp-mse`, `knn` or `kernel-ridge`.
    pub fn name(&self) -> &'static str {
        match self {
            #[cfg(feature = "baselines")]
            Self::Mlp(MlpParams { loss: MlpLoss::CrossEntropy, .. }) => "mlp-ce",
            #[cfg(feature = "baselines")]
            Self::Mlp(MlpParams { loss: MlpLoss::SquaredError, .. }) => "mlp-mse",
            Self::Knn { .. } => "knn",
            Self::KernelRidge => "kernel-ridge",
        }
    }

    /// Number of hidden layers; 0 of what has none.
    pub fn layers(&self) -> usize {
        match self {
            #[cfg(feature = "baselines")]
            Self::Mlp(params) => params.depth,
            Self::Knn { .. } | Self::KernelRidge => 0,
        }
    }

    /// The hyperparameters by name, as [`MethodRecord::settings`](crate::records::MethodRecord::settings) keeps them.
    pub fn settings(&self) -> serde_json::Value {
        match self {
            #[cfg(feature = "baselines")]
            Self::Mlp(params) => json!({
                "depth": params.depth,
                "width": params.width,
                "learning_rate": params.learning_rate,
                "batch_size": params.batch_size,
                "max_updates": params.max_updates,
                "patience": params.patience,
                "tolerance": params.tolerance,
            }),
            Self::Knn { k } => json!({ "k": k }),
            Self::KernelRidge => json!({
                "bandwidth_grid": BANDWIDTH_GRID,
                "ridge_grid": RIDGE_GRID,
                "inner_folds": INNER_FOLDS,
            }),
        }
    }

    /// Refuses hyperparameters that cannot be fitted with.
    ///
    /// # Errors
    /// [`Error::Network`] with the name, the bound and the value.
    pub fn check(&self) -> Result<()> {
        match self {
            #[cfg(feature = "baselines")]
            Self::Mlp(params) => Ok(params.check()?),
            Self::Knn { k: 0 } => {
                Err(hsic_net::Error::Parameter { name: "k", bound: "at least 1", value: 0.0 }.into())
            }
            Self::Knn { .. } | Self::KernelRidge => Ok(()),
        }
    }
}

/// Fits a baseline on the training rows of fold `index`, on one thread, and evaluates it.
///
/// In the record `layers` is the number of hidden layers of a perceptron, 0 for the others; `sigma` is the bandwidth a
/// kernel ridge regression chose; `trace` is empty.
///
/// # Errors
/// [`Error::Fold`] where the fit fails, [`Error::Kernel`] and [`Error::Network`] where a metric cannot be computed.
pub(crate) fn evaluate(
    rows: &StandardisedFold,
    baseline: &Baseline,
    seed: u64,
    index: usize,
    progress: &dyn Progress,
) -> Result<FoldRecord> {
    let StandardisedFold { train, train_labels: labels, test, test_labels } = rows;
    let start = Instant::now();
    let in_fold = |source| Error::Fold { fold: index, source };
    let fitted = Fitted::fit(baseline, train.as_ref(), labels, seed, &mut |epoch, loss| {
        progress.epoch(index, epoch, loss);
    })
    .map_err(|error| match error {
        Error::Network(source) => in_fold(source),
        Error::Kernel(source) => in_fold(source.into()),
        other => other,
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let (z, test_z) = (fitted.scores(train.as_ref())?, fitted.scores(test.as_ref())?);
    let sigma = metric_sigma(z.as_ref(), labels, seed)?;
    let (measures, confusion) = Predicted {
        z: z.as_ref(),
        features: z.as_ref(),
        labels,
        classes: &largest_columns(z.as_ref()),
        of_test: confusion(test_labels, &largest_columns(test_z.as_ref())),
        sigma,
        par: Par::Seq,
    }
    .measure()?;
    let hsic = against_labels(z.as_ref(), sigma, labels, Par::Seq)?.statistics.normalized();
    Ok(FoldRecord {
        fold: index,
        values: Values {
            layers: Some(baseline.layers() as f64),
            sigma: fitted.sigma().map(Bandwidth::get),
            seconds: Some(seconds),
            hsic_normalized: Some(hsic),
            ..measures
        },
        stop_reason: fitted.stop_reason().to_owned(),
        confusion,
        selection: None,
        trace: Vec::new(),
    })
}

/// A fitted baseline.
enum Fitted {
    #[cfg(feature = "baselines")]
    Mlp(Mlp),
    Knn(Knn),
    KernelRidge(KernelRidge),
}

impl Fitted {
    #[cfg_attr(not(feature = "baselines"), expect(unused_variables, reason = "only a perceptron has epochs"))]
    fn fit(
        baseline: &Baseline,
        x: MatRef<'_, f64>,
        labels: &Labels,
        seed: u64,
        observe: &mut dyn FnMut(usize, f64),
    ) -> Result<Self> {
        Ok(match baseline {
            #[cfg(feature = "baselines")]
            Baseline::Mlp(params) => Self::Mlp(Mlp::fit(params, x, labels, seed, observe)?),
            Baseline::Knn { k } => Self::Knn(Knn::fit(x, labels, *k)?),
            Baseline::KernelRidge => Self::KernelRidge(KernelRidge::fit(x, labels, seed)?),
        })
    }

    /// The output of every row, n×c.
    fn scores(&self, x: MatRef<'_, f64>) -> Result<Mat<f64>> {
        match self {
            #[cfg(feature = "baselines")]
            Self::Mlp(mlp) => Ok(mlp.scores(x)),
            Self::Knn(knn) => Ok(knn.scores(x)?),
            Self::KernelRidge(ridge) => ridge.scores(x),
        }
    }

    fn sigma(&self) -> Option<Bandwidth> {
        match self {
            Self::KernelRidge(ridge) => Some(ridge.sigma()),
            _ => None,
        }
    }

    fn stop_reason(&self) -> &'static str {
        match self {
            #[cfg(feature = "baselines")]
            Self::Mlp(mlp) => mlp.stop().name(),
            Self::Knn(_) | Self::KernelRidge(_) => "closed-form",
        }
    }
}

/// argmax Tr(ΓK_σ(Z)); where Z has collapsed to one point any bandwidth gives H* = 0.
fn metric_sigma(z: MatRef<'_, f64>, labels: &Labels, seed: u64) -> Result<Bandwidth> {
    let label_gram = CenteredLabelGram::new(labels, ClassWeight::Plain);
    let subsample = Subsample { seed, ..Subsample::default() };
    match max_hsic(z, labels, &label_gram, &subsample, Par::Seq) {
        Err(hsic_kernels::Error::AllRowsEqual) => Ok(Bandwidth::new(1.0)?),
        found => Ok(found?),
    }
}
