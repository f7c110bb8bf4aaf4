//! The keys of an experiment file, their types and their defaults.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use super::cv::{ClosedFormCv, SpectralCv};
pub use super::width::Width;

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
    /// What is run, in this order.
    pub methods: Vec<Method>,
    /// The data.
    pub dataset: DatasetConfig,
    /// Hyperparameters of [`Method::Spectral`].
    pub spectral: SpectralConfig,
    /// Hyperparameters of [`Method::ClosedForm`].
    #[serde(rename = "closed-form")]
    pub closed_form: ClosedFormConfig,
    /// Hyperparameters of [`Method::MlpCe`] and [`Method::MlpMse`].
    pub mlp: MlpConfig,
    /// Hyperparameters of [`Method::Knn`].
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
            methods: vec![Method::Spectral, Method::ClosedForm],
            dataset: DatasetConfig::default(),
            spectral: SpectralConfig::default(),
            closed_form: ClosedFormConfig::default(),
            mlp: MlpConfig::default(),
            knn: KnnConfig::default(),
        }
    }
}

/// What is fitted: a network by the solver of its layers, or a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
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

impl Method {
    /// Every method, in the order of a table: the two networks, the published baselines, the others.
    pub const ALL: [Self; 6] =
        [Self::Spectral, Self::ClosedForm, Self::MlpCe, Self::MlpMse, Self::Knn, Self::KernelRidge];

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

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A registered data set or a CSV file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct DatasetConfig {
    /// Name in the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Seed of a generator, instead of the experiment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// A CSV file; absolute once the configuration is loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Column of the classes, by default the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// One ASCII character or `tab`, by default a comma.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Whether the first line names the columns, by default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Classes in the order of their codes, by default sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_order: Option<Vec<String>>,
    /// Where the test rows come from, by default folds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// What columns are divided by, by default each by its own deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// Text columns and their levels in order.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ordinal: BTreeMap<String, Vec<String>>,
}

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
    /// Relative gain of the objective at which a layer's ascent stops.
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

/// Where test rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// Stratified cross-validation.
    Folds,
    /// The set has test rows of its own.
    Given,
}

/// What columns are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Each by its own deviation.
    Columns,
    /// All by one.
    Common,
}

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
