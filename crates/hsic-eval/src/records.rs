//! The records of a run: what `results.json` holds, field by field (`docs/results.md` says the same in a table).
//!
//! The metrics among the fields are [`Values`], in the order of the table of metrics.
//!
//! A value that is not defined is `None`, `null` in JSON; none is ever NaN or infinite.

use std::ops::Deref;

use hsic_data::Dataset;
use serde::{Deserialize, Serialize};

use crate::metrics::{Values, values};
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

impl DatasetRecord {
    /// The record of a data set.
    pub fn of(data: &Dataset) -> Self {
        Self {
            name: data.name().to_owned(),
            n: data.n(),
            d: data.d(),
            classes: data.n_classes(),
            class_names: data.class_names().to_vec(),
            sha256: data.sha256().to_owned(),
        }
    }
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
    #[serde(with = "values::of_mean")]
    pub mean: Values,
    /// Population standard deviation (ddof 0) over the same folds.
    #[serde(with = "values::of_mean")]
    pub std: Values,
    /// The published row of this data set and method, where there is one.
    pub published: Option<PublishedRow>,
}

impl MethodRecord {
    /// A method without folds.
    pub fn new(method: &str, settings: serde_json::Value) -> Self {
        Self {
            method: method.to_owned(),
            settings,
            folds: Vec::new(),
            mean: Values::default(),
            std: Values::default(),
            published: None,
        }
    }
}

/// One fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldRecord {
    /// Number of the fold, from 0.
    pub fold: usize,
    /// Its metrics, which are also fields of the record: `record.test_accuracy`.
    #[serde(flatten, with = "values::of_fold")]
    pub values: Values,
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
    /// Whether a budget of time ended the search before every candidate was tried on every fold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub out_of_time: bool,
}

/// A candidate of an inner cross-validation, by the names of the configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateRecord {
    /// The hyperparameters that were chosen among; a file of before has null for those of another network.
    #[serde(flatten)]
    pub settings: serde_json::Map<String, serde_json::Value>,
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
    /// The metrics of a network that ends with this layer, which are also fields of the record.
    #[serde(flatten, with = "values::of_layer")]
    pub values: Values,
    /// Why the layer's solver stopped.
    pub stop_reason: String,
}

impl Deref for FoldRecord {
    type Target = Values;

    fn deref(&self) -> &Values {
        &self.values
    }
}

impl Deref for LayerRecord {
    type Target = Values;

    fn deref(&self) -> &Values {
        &self.values
    }
}
