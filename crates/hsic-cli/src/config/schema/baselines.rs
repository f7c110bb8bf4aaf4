//! The tables `[mlp]` and `[knn]`.

use serde::{Deserialize, Serialize};

/// Hyperparameters of the perceptrons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct MlpConfig {
    /// Hidden layers, by default as many as the spectral network has on the fold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// Units of a hidden layer, by default as many as the spectral network has random features.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Rows of a minibatch.
    pub batch_size: usize,
    /// Most steps of Adam.
    pub max_updates: usize,
    /// Steps of Adam without a fall of the loss before training stops.
    pub patience: usize,
    /// Loss at which training has converged.
    pub tolerance: f64,
}

impl Default for MlpConfig {
    fn default() -> Self {
        Self {
            depth: None,
            width: None,
            learning_rate: 1e-3,
            batch_size: 32,
            max_updates: 8000,
            patience: 2000,
            tolerance: 1e-4,
        }
    }
}

/// Hyperparameters of the nearest neighbours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct KnnConfig {
    /// Number of neighbours.
    pub k: usize,
}

impl Default for KnnConfig {
    fn default() -> Self {
        Self { k: 5 }
    }
}
