//! What `selection = "cv"` chooses from: the tables `[spectral.cv]` and `[closed-form.cv]`.

use serde::{Deserialize, Serialize};

use super::schema::{ClassWeight, Head, Output, Width};

/// The grid of the spectral network. An empty list stands for the value of the key in `[spectral]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SpectralCv {
    /// Folds of the inner cross-validation.
    pub inner_folds: usize,
    /// Factors on the bandwidth.
    pub bandwidth_scales: Vec<f64>,
    /// Columns of a layer.
    pub widths: Vec<Width>,
    /// How classes count in the objective.
    pub class_weights: Vec<ClassWeight>,
    /// Most layers.
    pub max_layers: Vec<usize>,
    /// What the head sees of the last layer.
    pub outputs: Vec<Output>,
    /// From that to a class.
    pub heads: Vec<Head>,
}

impl Default for SpectralCv {
    fn default() -> Self {
        Self {
            inner_folds: 5,
            bandwidth_scales: vec![1.0, 0.8, 0.63, 0.5, 0.4, 0.32],
            widths: vec![Width::Share(0.5), Width::Share(0.8)],
            class_weights: vec![ClassWeight::Balanced],
            max_layers: vec![1, 2, 3],
            outputs: vec![Output::Kernel],
            heads: vec![Head::Bayes, Head::Knn, Head::NearestNeighbour],
        }
    }
}

/// The grid of the closed-form network. An empty list stands for the value of the key in `[closed-form]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ClosedFormCv {
    /// Folds of the inner cross-validation.
    pub inner_folds: usize,
    /// Factors on the bandwidth.
    pub bandwidth_scales: Vec<f64>,
    /// How classes count in the objective.
    pub class_weights: Vec<ClassWeight>,
    /// Whether a training row's own kernel term is left out of its activation.
    pub self_excluded: Vec<bool>,
    /// Most layers.
    pub max_layers: Vec<usize>,
    /// From the last layer to a class.
    pub heads: Vec<Head>,
}

impl Default for ClosedFormCv {
    fn default() -> Self {
        let SpectralCv { inner_folds, class_weights, max_layers, heads, .. } = SpectralCv::default();
        Self {
            inner_folds,
            bandwidth_scales: vec![1.0, 0.7, 0.5, 0.35, 0.25],
            class_weights,
            self_excluded: vec![true],
            max_layers,
            heads,
        }
    }
}
