//! The keys of an experiment file, their types and their defaults.

mod baselines;
mod dataset;
mod method;

use hsic_net::settings::{ClosedFormSettings, Features, Settings, SpectralSettings};
use serde::{Deserialize, Serialize};

pub use baselines::{KnnConfig, MlpConfig};
pub use dataset::{DatasetConfig, Missing, Split};
pub use method::MethodName;

/// An experiment: a data set, one or more methods, k folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Config {
    /// Name of the experiment and of its folder below `results`.
    pub name: String,
    /// The one seed; folds and solver draw from streams of their own.
    pub seed: u64,
    /// Seed of the folds alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold_seed: Option<u64>,
    /// Seed of the solvers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solver_seed: Option<u64>,
    /// Number of folds.
    pub folds: usize,
    /// Whether a table stays in its file, to be read in blocks: `in_blocks` of both networks, and features `orthogonal` where none
    /// are named.
    pub in_blocks: bool,
    /// What is run, in this order.
    pub methods: Vec<MethodName>,
    /// The data.
    pub dataset: DatasetConfig,
    /// Hyperparameters of [`MethodName::Spectral`].
    pub spectral: SpectralSettings,
    /// Hyperparameters of [`MethodName::ClosedForm`].
    #[serde(rename = "closed-form")]
    pub closed_form: ClosedFormSettings,
    /// Hyperparameters of [`MethodName::MlpCe`] and [`MethodName::MlpMse`].
    pub mlp: MlpConfig,
    /// Hyperparameters of [`MethodName::Knn`].
    pub knn: KnnConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: String::new(),
            seed: 0,
            fold_seed: None,
            solver_seed: None,
            folds: 10,
            in_blocks: false,
            methods: vec![MethodName::Spectral, MethodName::ClosedForm],
            dataset: DatasetConfig::default(),
            spectral: SpectralSettings::default(),
            closed_form: ClosedFormSettings::default(),
            mlp: MlpConfig::default(),
            knn: KnnConfig::default(),
        }
    }
}

impl Config {
    /// Says to both networks what is said of all; `is_given` tells whether a key of a table has a value.
    pub fn spread(&mut self, is_given: impl Fn(&[&str]) -> bool) {
        if !self.in_blocks {
            return;
        }
        let Self { spectral, closed_form, .. } = self;
        for (table, in_blocks, features) in [
            (MethodName::Spectral, &mut spectral.in_blocks, &mut spectral.features),
            (MethodName::ClosedForm, &mut closed_form.in_blocks, &mut closed_form.features),
        ] {
            *in_blocks = true;
            if !is_given(&[table.as_str(), "features"]) {
                *features = Features::Orthogonal;
            }
        }
    }

    /// Whether rows stay in their file: those of a table, where every method is a network that is fitted in blocks.
    pub fn is_in_file(&self) -> bool {
        let in_blocks =
            |&method: &MethodName| self.network(method).is_some_and(|network| network.in_blocks());
        self.dataset.path.is_some() && self.methods.iter().all(in_blocks)
    }

    /// The settings of a network; `None` of any other method.
    pub fn network(&self, method: MethodName) -> Option<Settings> {
        match method {
            MethodName::Spectral => Some(Settings::Spectral(self.spectral.clone())),
            MethodName::ClosedForm => Some(Settings::ClosedForm(self.closed_form.clone())),
            _ => None,
        }
    }
}
