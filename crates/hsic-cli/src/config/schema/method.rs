//! `methods`: what is fitted.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What is fitted: a network by the solver of its layers, or a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// W*, the spectral ascent.
    Spectral,
    /// W_s, the class means in feature space.
    ClosedForm,
    /// A perceptron trained by backpropagation, cross-entropy.
    MlpCe,
    /// A perceptron trained by backpropagation, squared error.
    MlpMse,
    /// The k nearest training rows.
    Knn,
    /// Kernel ridge regression.
    KernelRidge,
}

impl MethodName {
    /// Every method, in the order of a table: the two networks, the published baselines, the others.
    pub const ALL: [Self; 6] =
        [Self::Spectral, Self::ClosedForm, Self::MlpCe, Self::MlpMse, Self::Knn, Self::KernelRidge];

    /// The names of all.
    pub fn names() -> [&'static str; 6] {
        Self::ALL.map(Self::as_str)
    }

    /// Its name in files and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spectral => "spectral",
            Self::ClosedForm => "closed-form",
            Self::MlpCe => "mlp-ce",
            Self::MlpMse => "mlp-mse",
            Self::Knn => "knn",
            Self::KernelRidge => "kernel-ridge",
        }
    }

    /// Whether it is trained by backpropagation, which this program does only if it was built with `baselines`.
    pub const fn is_perceptron(self) -> bool {
        matches!(self, Self::MlpCe | Self::MlpMse)
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
