//! The words that keys of the networks take.

use serde::{Deserialize, Serialize};

/// Bandwidth selections of the spectral network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpectralSelection {
    /// The bandwidth with the largest Tr(ΓK) of the layer's input.
    MaxTrace,
    /// That times a factor that is chosen, with more, by cross-validation on the training rows.
    Cv,
}

/// Bandwidth selections of the closed-form network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosedFormSelection {
    /// The largest bandwidth whose layer raises H*.
    SmoothestGain,
    /// The bandwidth whose layer has the highest H*.
    MaxHsic,
    /// The bandwidth whose layer has the highest H* with every row's own term left out.
    LeaveOneOut,
    /// As the smoothest gain, its factor chosen, with more, by cross-validation on the training rows.
    Cv,
}

/// How classes count in the objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeight {
    /// By their number of rows.
    Plain,
    /// All alike.
    Balanced,
}

/// The map between layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Features {
    /// Random Fourier features with independent frequencies.
    Random,
    /// Random Fourier features with orthogonal frequencies.
    Orthogonal,
    /// The kernel itself.
    Exact,
}

/// What the head of a spectral network sees of the last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// The features another layer would get.
    Features,
    /// The kernel's own features.
    Kernel,
    /// The projected rows themselves.
    Projection,
}

/// From the output to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// Gaussians around the class means, Bayes' rule.
    Bayes,
    /// The nearest class mean.
    NearestMean,
    /// The five nearest neighbours.
    Knn,
    /// The nearest neighbour.
    NearestNeighbour,
    /// Multinomial logistic regression.
    Logistic,
}
