//! The tables `[spectral]` and `[closed-form]`.

use serde::{Deserialize, Serialize};

use super::words::{ClassWeight, ClosedFormSelection, Features, Head, Output, SpectralSelection};
use super::{ClosedFormCv, SpectralCv, Width};

/// Hyperparameters of the spectral network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SpectralConfig {
    /// How a layer's bandwidth is chosen.
    pub selection: SpectralSelection,
    /// A bandwidth for every layer instead of a selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma: Option<f64>,
    /// Factor on the selected bandwidth.
    pub bandwidth_scale: f64,
    /// How classes count in the objective.
    pub class_weight: ClassWeight,
    /// Columns of a layer.
    pub width: Width,
    /// The map between layers.
    pub features: Features,
    /// Number of random features.
    pub n_features: usize,
    /// Whether layers are fitted in passes over blocks of rows.
    pub in_blocks: bool,
    /// What the head sees of the last layer.
    pub output: Output,
    /// From that to a class.
    pub head: Head,
    /// Most layers.
    pub max_layers: usize,
    /// H* at which stacking stops.
    pub target_hsic: f64,
    /// Mean silhouette at which stacking stops.
    pub target_silhouette: f64,
    /// Gain in H* that counts as one.
    pub min_gain: f64,
    /// Layers without gain before stacking stops.
    pub patience: usize,
    /// Relative gain of the objective at which a layer's ascent stops; in blocks 1/`n_features`, if that is more.
    pub tolerance: f64,
    /// Most steps of a layer's ascent.
    pub max_iterations: usize,
    /// What [`SpectralSelection::Cv`] chooses from.
    pub cv: SpectralCv,
}

impl Default for SpectralConfig {
    fn default() -> Self {
        Self {
            selection: SpectralSelection::MaxTrace,
            sigma: None,
            bandwidth_scale: 1.0,
            class_weight: ClassWeight::Plain,
            width: Width::Share(0.5),
            features: Features::Random,
            n_features: 300,
            in_blocks: false,
            output: Output::Features,
            head: Head::Bayes,
            max_layers: 30,
            target_hsic: 0.99,
            target_silhouette: 0.95,
            min_gain: 1e-3,
            patience: 2,
            tolerance: 1e-4,
            max_iterations: 100,
            cv: SpectralCv::default(),
        }
    }
}

/// Hyperparameters of the closed-form network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ClosedFormConfig {
    /// How a layer's bandwidth is chosen.
    pub selection: ClosedFormSelection,
    /// A bandwidth for every layer instead of a selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma: Option<f64>,
    /// Factor on the bandwidths to select from.
    pub bandwidth_scale: f64,
    /// How classes count in the objective.
    pub class_weight: ClassWeight,
    /// The map between layers.
    pub features: Features,
    /// Number of random features.
    pub n_features: usize,
    /// Whether layers are fitted in passes over blocks of rows.
    pub in_blocks: bool,
    /// Whether a training row's own kernel term is left out of its activation.
    pub self_excluded: bool,
    /// From the last layer to a class.
    pub head: Head,
    /// Most layers.
    pub max_layers: usize,
    /// H* at which stacking stops.
    pub target_hsic: f64,
    /// Gain in H* that counts as one.
    pub min_gain: f64,
    /// Bandwidths tried a layer.
    pub candidates: usize,
    /// What [`ClosedFormSelection::Cv`] chooses from.
    pub cv: ClosedFormCv,
}

impl Default for ClosedFormConfig {
    fn default() -> Self {
        Self {
            selection: ClosedFormSelection::SmoothestGain,
            sigma: None,
            bandwidth_scale: 1.0,
            class_weight: ClassWeight::Plain,
            features: Features::Exact,
            n_features: 300,
            in_blocks: false,
            self_excluded: false,
            head: Head::NearestMean,
            max_layers: 30,
            target_hsic: 0.99,
            min_gain: 1e-3,
            candidates: 20,
            cv: ClosedFormCv::default(),
        }
    }
}
