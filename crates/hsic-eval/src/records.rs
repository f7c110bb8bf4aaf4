//! The records of a run: what `results.json` holds, field by field (`docs/results.md` says the same in a table).
//!
//! A value that is not defined is `None`, `null` in JSON; none is ever NaN or infinite.

use serde::{Deserialize, Serialize};

use crate::published::PublishedRow;

/// Version of the schema below; it rises when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// A run: one data set, one or more methods, k folds each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name of the experiment.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// The run's seed.
    pub seed: u64,
    /// The data.
    pub dataset: DatasetRecord,
    /// One entry a method, in the order they ran.
    pub methods: Vec<MethodRecord>,
}

/// The data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Name of the data set.
    pub name: String,
    /// Samples.
    pub n: usize,
    /// Features.
    pub d: usize,
    /// Number of classes.
    pub classes: usize,
    /// Names of the classes, in the order of their codes and of a confusion matrix.
    pub class_names: Vec<String>,
    /// SHA-256 of the data as CSV.
    pub sha256: String,
}

/// A method on all folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodRecord {
    /// `spectral`, `closed-form` or the name of a [`Baseline`](crate::baselines::Baseline).
    pub method: String,
    /// The resolved hyperparameters, by the names of the configuration file.
    pub settings: serde_json::Value,
    /// One entry a finished fold, by number.
    pub folds: Vec<FoldRecord>,
    /// Mean over the folds where a value is defined.
    pub mean: Summary,
    /// Population standard deviation (ddof 0) over the same folds.
    pub std: Summary,
    /// The published row of this data set and method, where there is one.
    pub published: Option<PublishedRow>,
}

/// One fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldRecord {
    /// Number of the fold, from 0.
    pub fold: usize,
    /// Number of layers, L; of a perceptron its hidden ones, 0 of a baseline without any.
    pub layers: usize,
    /// Smallest bandwidth of the fitted layers.
    pub sigma: Option<f64>,
    /// Share of the training rows classified correctly.
    pub train_accuracy: f64,
    /// Share of the test rows classified correctly.
    pub test_accuracy: f64,
    /// Mean over the classes of the share of their test rows classified correctly.
    pub balanced_test_accuracy: f64,
    /// Seconds of the fit alone.
    pub seconds: f64,
    /// Seconds of the choice of hyperparameters by inner cross-validation; `None` where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection_seconds: Option<f64>,
    /// H*, normalised HSIC of the last kernel on the training rows.
    pub hsic_normalized: f64,
    /// Mean squared distance of Z to its class mean.
    pub mse: f64,
    /// Mean cross-entropy of the logistic probe.
    pub ce: f64,
    /// Mean kernel value over pairs of different classes divided by that of the same class, C.
    pub cosine_ratio: Option<f64>,
    /// Tr(S_w)/Tr(S_b), T.
    pub scatter_trace_ratio: Option<f64>,
    /// Why stacking, or a baseline's training, stopped.
    pub stop_reason: String,
    /// Test rows by true class (rows) and predicted class (columns).
    pub confusion: Vec<Vec<usize>>,
    /// What the inner cross-validation chose from; `None` where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionRecord>,
    /// One entry a layer, first to last; none of a baseline.
    pub trace: Vec<LayerRecord>,
}

/// What an inner cross-validation found on the training rows of a fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionRecord {
    /// Number of inner folds.
    pub inner_folds: usize,
    /// The candidate the fold was fitted with.
    pub chosen: CandidateRecord,
    /// The best depth and head of every stack of layers, in the order of the grid.
    pub candidates: Vec<CandidateRecord>,
}

/// A candidate of an inner cross-validation, by the names of the configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateRecord {
    /// Factor on the bandwidth.
    pub bandwidth_scale: f64,
    /// Columns of a spectral layer: a number, `{"share": s}` or `"positive-eigenvalues"`; `None` of a closed form.
    pub width: Option<serde_json::Value>,
    /// `plain` or `balanced`.
    pub class_weight: String,
    /// Whether a closed form leaves out a training row's own term; `None` of a spectral network.
    pub self_excluded: Option<bool>,
    /// Most layers.
    pub max_layers: usize,
    /// What the head of a spectral network sees: `features` or `kernel`; `None` of a closed form.
    #[serde(default)]
    pub output: Option<String>,
    /// `bayes`, `nearest-mean`, `nearest-neighbour`, `knn` or `logistic`.
    pub head: String,
    /// Inner folds it was scored on; fewer than all of one that was dropped as hopeless.
    pub folds: usize,
    /// Share of the rows held out that were classified correctly; `None` where a candidate could not be fitted.
    pub accuracy: Option<f64>,
    /// Its mean over the classes.
    pub balanced_accuracy: Option<f64>,
    /// Mean of −log p(yᵢ) over the rows held out.
    pub log_loss: Option<f64>,
}

/// One layer of one fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// Number of the layer, from 1.
    pub layer: usize,
    /// Columns of Z, q.
    pub width: usize,
    /// Bandwidth the layer was solved at.
    pub sigma: f64,
    /// Bandwidth of the Gram matrix of Z that the metrics of this row are taken on.
    pub metric_sigma: f64,
    /// Tr(ΓK) of that Gram matrix.
    pub objective: f64,
    /// H* of that Gram matrix.
    pub hsic_normalized: f64,
    /// As in [`FoldRecord`], for a network that ends with this layer.
    pub mse: f64,
    /// As in [`FoldRecord`], for a network that ends with this layer.
    pub ce: f64,
    /// As in [`FoldRecord`], for a network that ends with this layer.
    pub cosine_ratio: Option<f64>,
    /// As in [`FoldRecord`], for a network that ends with this layer.
    pub scatter_trace_ratio: Option<f64>,
    /// As in [`FoldRecord`], for a network that ends with this layer.
    pub train_accuracy: f64,
    /// As in [`FoldRecord`], for a network that ends with this layer.
    pub test_accuracy: f64,
    /// Seconds spent on this layer, its bandwidth search included.
    pub seconds: f64,
    /// Iterations of the solver; 0 for a closed form.
    pub iterations: usize,
    /// Stationarity residual ‖QW − W(WᵀQW)‖/‖Q‖; null for a closed form.
    pub residual: Option<f64>,
    /// Why the layer's solver stopped.
    pub stop_reason: String,
}

/// Mean or standard deviation of the numbers of the folds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// See [`FoldRecord`].
    pub layers: Option<f64>,
    /// See [`FoldRecord`].
    pub sigma: Option<f64>,
    /// See [`FoldRecord`].
    pub train_accuracy: Option<f64>,
    /// See [`FoldRecord`].
    pub test_accuracy: Option<f64>,
    /// See [`FoldRecord`].
    pub balanced_test_accuracy: Option<f64>,
    /// See [`FoldRecord`].
    pub seconds: Option<f64>,
    /// See [`FoldRecord`].
    pub hsic_normalized: Option<f64>,
    /// See [`FoldRecord`].
    pub mse: Option<f64>,
    /// See [`FoldRecord`].
    pub ce: Option<f64>,
    /// See [`FoldRecord`].
    pub cosine_ratio: Option<f64>,
    /// See [`FoldRecord`].
    pub scatter_trace_ratio: Option<f64>,
}

impl Summary {
    /// Mean and population standard deviation of each number over the folds where it is defined.
    pub fn of(folds: &[FoldRecord]) -> (Self, Self) {
        let moments = |number: &dyn Fn(&FoldRecord) -> Option<f64>| {
            let values: Vec<f64> = folds.iter().filter_map(number).collect();
            if values.is_empty() {
                return (None, None);
            }
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance =
                values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
            (Some(mean), Some(variance.sqrt()))
        };
        let (mut mean, mut std) = (Self::default(), Self::default());
        (mean.layers, std.layers) = moments(&|fold| Some(fold.layers as f64));
        (mean.sigma, std.sigma) = moments(&|fold| fold.sigma);
        (mean.train_accuracy, std.train_accuracy) = moments(&|fold| Some(fold.train_accuracy));
        (mean.test_accuracy, std.test_accuracy) = moments(&|fold| Some(fold.test_accuracy));
        (mean.balanced_test_accuracy, std.balanced_test_accuracy) =
            moments(&|fold| Some(fold.balanced_test_accuracy));
        (mean.seconds, std.seconds) = moments(&|fold| Some(fold.seconds));
        (mean.hsic_normalized, std.hsic_normalized) = moments(&|fold| Some(fold.hsic_normalized));
        (mean.mse, std.mse) = moments(&|fold| Some(fold.mse));
        (mean.ce, std.ce) = moments(&|fold| Some(fold.ce));
        (mean.cosine_ratio, std.cosine_ratio) = moments(&|fold| fold.cosine_ratio);
        (mean.scatter_trace_ratio, std.scatter_trace_ratio) = moments(&|fold| fold.scatter_trace_ratio);
        (mean, std)
    }
}
