//! Hyperparameters as files write them, and what is known of each.
//!
//! One table ([`SpectralSettings`], [`ClosedFormSettings`]) is where a hyperparameter has its name, its type, the values it may
//! have and its documentation; defaults are those of [`NetworkParams`]. The tables of an experiment file, `--set`, the grids of
//! a cross-validation, `settings` in the files of results and of models, and any page or binding in another language
//! ([`fields`](SpectralSettings::fields)) are made of it.
//!
//! ```
//! use hsic_net::settings::SpectralSettings;
//! let settings: SpectralSettings = serde_json::from_str(r#"{ "max_layers": 3, "head": { "knn": 7 } }"#)?;
//! assert_eq!(settings.params().unwrap().max_layers, 3);
//! let wrong = SpectralSettings { patience: 0, ..settings };
//! assert_eq!(wrong.params().unwrap_err().to_string(), "patience must be at least 1, got 0");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod allowed;
mod table;
mod words;

use std::fmt;

use hsic_kernels::Bandwidth;
use hsic_layer::{
    Activation, ClosedForm, Hyperparameters, KernelFeatures, LayerSolver, OutputKind, Spectral,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use allowed::Allowed;
pub use table::{ClosedFormGrid, ClosedFormSettings, SpectralGrid, SpectralSettings};
pub use words::{Features, SelectionRule};

use crate::{Error, NetworkParams, Selection, SolverParams};

/// What is known of a hyperparameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in files.
    pub name: &'static str,
    /// A line of documentation.
    pub doc: &'static str,
    /// The values it may have.
    pub allowed: Allowed,
    /// Its default; null where it has none.
    pub default: Value,
    /// The list of the grid it can be chosen from.
    pub axis: Option<&'static str>,
}

fn fields_of(
    entries: &[(&'static str, &'static str, Allowed)],
    axes: &[(&'static str, &'static str)],
    defaults: &Value,
) -> Vec<Field> {
    let axis = |name| axes.iter().find(|(of, _)| *of == name).map(|(_, axis)| *axis);
    let field = |&(name, doc, allowed)| Field {
        name,
        doc,
        allowed,
        default: defaults[name].clone(),
        axis: axis(name),
    };
    entries.iter().map(field).collect()
}

fn value_of(settings: &impl Serialize) -> Value {
    serde_json::to_value(settings).expect("numbers and words can be written")
}

/// A value that is not allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Its key below the table of the network, with dots.
    pub key: String,
    /// What is wrong, to be read after the key.
    pub message: String,
}

impl Problem {
    fn new(key: &str, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }

    /// The problem of a value in a list of the grid that stands for the key `of`.
    fn in_axis(self, of: &str, axis: &str) -> Self {
        let is_of = self.key.split('.').next() == Some(of);
        if is_of { Self { key: axis.into(), ..self } } else { self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.message)
    }
}

impl std::error::Error for Problem {}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Parameter { name, bound, value }
            | Error::Layer(hsic_layer::Error::Parameter { name, bound, value }) => {
                Self::new(name, format!("must be {bound}, got {value}"))
            }
            other => Self::new("selection", format!("has no meaning here: {other}")),
        }
    }
}

/// Every value of a list for every one of the settings so far.
fn expand<S: Clone, T>(all: Vec<S>, values: &[T], set: impl Fn(&mut S, &T)) -> Vec<S> {
    if values.is_empty() {
        return all;
    }
    let with = |settings: &S, value| {
        let mut settings = settings.clone();
        set(&mut settings, value);
        settings
    };
    all.iter()
        .flat_map(|settings| values.iter().map(move |value| (settings, value)))
        .map(|(s, v)| with(s, v))
        .collect()
}

fn fixed(selection: Selection) -> Option<f64> {
    match selection {
        Selection::Fixed(sigma) => Some(sigma.get()),
        _ => None,
    }
}

fn selection(rule: SelectionRule, sigma: Option<f64>, own: Selection) -> Result<Selection, Problem> {
    let Some(sigma) = sigma else { return Ok(rule.selection(own)) };
    let out_of_bounds = |_| Problem::new("sigma", format!("must be {}, got {sigma}", Allowed::Positive));
    Bandwidth::new(sigma).map(Selection::Fixed).map_err(out_of_bounds)
}

/// The number is checked even where features are exact: a perceptron can be as wide.
fn check_features(n_features: usize) -> Result<(), Problem> {
    if n_features >= 2 && n_features.is_multiple_of(2) {
        return Ok(());
    }
    Err(Problem::new("n_features", format!("must be {}, got {n_features}", Allowed::Even)))
}

fn check_blocks(
    in_blocks: bool,
    features: Features,
    selection: SelectionRule,
    max_layers: usize,
) -> Result<(), Problem> {
    if in_blocks && max_layers == 0 {
        return Err(Problem::new(
            "in_blocks",
            "needs max_layers of at least 1: the head alone is fitted in memory",
        ));
    }
    if in_blocks && features == Features::Exact {
        let message = "needs features `random` or `orthogonal`: an exact layer keeps every row";
        return Err(Problem::new("in_blocks", message));
    }
    if in_blocks && selection == SelectionRule::Cv {
        let message = "cannot stand beside selection = \"cv\": candidates are fitted in memory";
        return Err(Problem::new("in_blocks", message));
    }
    Ok(())
}

impl SpectralSettings {
    fn features_of(solver: &Spectral) -> (Features, usize) {
        match solver.activation {
            Activation::Random { m, frequencies } => (Features::of(frequencies), m),
            _ => (Features::Exact, DEFAULT_FEATURES),
        }
    }

    fn exact_tolerance(solver: &Spectral) -> f64 {
        match (solver.activation, Activation::EXACT) {
            (Activation::Exact { tolerance }, _) | (_, Activation::Exact { tolerance }) => tolerance,
            _ => unreachable!("the exact activation is exact"),
        }
    }

    fn with_features(&self, solver: Spectral) -> Spectral {
        let activation = match self.features.frequencies() {
            Some(frequencies) => Activation::Random { m: self.n_features, frequencies },
            None => Activation::Exact { tolerance: self.exact_tolerance },
        };
        Spectral { activation, ..solver }
    }

    fn check_own(&self) -> Result<(), Problem> {
        // checked where features are random, too, as their number is where they are exact
        if !(self.exact_tolerance > 0.0 && self.exact_tolerance < 1.0) {
            let message = format!("must be {}, got {}", Allowed::Share, self.exact_tolerance);
            return Err(Problem::new("exact_tolerance", message));
        }
        // a solver of no steps is W₀, which is for who studies it
        if self.max_iterations == 0 {
            return Err(Problem::new("max_iterations", format!("must be {}, got 0", Allowed::AtLeast(1))));
        }
        if self.in_blocks && self.output == OutputKind::Kernel {
            let message = "must be `features` or `projection` where rows come in blocks: the kernel's own output keeps every row";
            return Err(Problem::new("output", message));
        }
        Ok(())
    }
}

impl ClosedFormSettings {
    fn features_of(solver: &ClosedForm) -> (Features, usize) {
        match solver.features {
            KernelFeatures::Random { m, frequencies } => (Features::of(frequencies), m),
            _ => (Features::Exact, DEFAULT_FEATURES),
        }
    }

    fn with_features(&self, solver: ClosedForm) -> ClosedForm {
        let features = match self.features.frequencies() {
            Some(frequencies) => KernelFeatures::Random { m: self.n_features, frequencies },
            None => KernelFeatures::Exact,
        };
        ClosedForm { features, ..solver }
    }

    fn check_own(&self) -> Result<(), Problem> {
        if self.selection == SelectionRule::Construction && self.self_excluded {
            let message =
                "cannot stand beside selection = \"construction\", which lives on a row's own kernel term";
            return Err(Problem::new("self_excluded", message));
        }
        Ok(())
    }
}

/// Number of random features where none are drawn.
const DEFAULT_FEATURES: usize = 300;

/// The settings of either network.
#[derive(Debug, Clone, PartialEq)]
pub enum Settings {
    /// Those of the spectral network.
    Spectral(SpectralSettings),
    /// Those of the closed form.
    ClosedForm(ClosedFormSettings),
}

/// The same expression of whichever settings they are.
macro_rules! either {
    ($settings:expr, $of:ident => $body:expr) => {
        match $settings {
            Settings::Spectral($of) => $body,
            Settings::ClosedForm($of) => $body,
        }
    };
}

impl Settings {
    /// The settings of the network of that name, from an object with some of its keys.
    ///
    /// # Errors
    /// What is wrong with a key or a value, as serde says it.
    pub fn from_json(method: &str, settings: &Value) -> Result<Self, serde_json::Error> {
        match method {
            "spectral" => SpectralSettings::deserialize(settings).map(Self::Spectral),
            "closed-form" => ClosedFormSettings::deserialize(settings).map(Self::ClosedForm),
            _ => Err(serde::de::Error::unknown_variant(method, &["spectral", "closed-form"])),
        }
    }

    /// As [`SpectralSettings::params`].
    ///
    /// # Errors
    /// As there.
    pub fn params(&self) -> Result<NetworkParams, Problem> {
        either!(self, settings => settings.params())
    }

    /// As [`SpectralSettings::candidates`].
    ///
    /// # Errors
    /// As there.
    pub fn candidates(&self) -> Result<Vec<NetworkParams>, Problem> {
        either!(self, settings => settings.candidates())
    }

    /// As [`SpectralSettings::check`].
    ///
    /// # Errors
    /// As there.
    pub fn check(&self) -> Result<(), Problem> {
        either!(self, settings => settings.check())
    }

    /// Folds of the inner cross-validation.
    pub fn inner_folds(&self) -> usize {
        either!(self, settings => settings.cv.inner_folds)
    }

    /// Whether the hyperparameters are chosen by cross-validation.
    pub fn is_chosen(&self) -> bool {
        either!(self, settings => settings.selection == SelectionRule::Cv)
    }

    /// Whether layers are fitted in passes over blocks of rows.
    pub fn in_blocks(&self) -> bool {
        either!(self, settings => settings.in_blocks)
    }

    /// As [`SpectralSettings::fix`].
    pub fn fix(&mut self, is_given: impl Fn(&str) -> bool) {
        either!(self, settings => settings.fix(is_given));
    }

    /// As [`SpectralSettings::searched`].
    pub fn searched(&self) -> Vec<&'static str> {
        either!(self, settings => settings.searched())
    }

    /// As [`SpectralSettings::chosen`].
    pub fn chosen(&self) -> serde_json::Map<String, Value> {
        either!(self, settings => settings.chosen())
    }

    /// As [`SpectralSettings::to_json`].
    pub fn to_json(&self) -> Value {
        either!(self, settings => settings.to_json())
    }
}

impl From<&NetworkParams> for Settings {
    fn from(params: &NetworkParams) -> Self {
        match &params.solver {
            SolverParams::Spectral(solver) => Self::Spectral(SpectralSettings::of(params, solver)),
            SolverParams::ClosedForm(solver) => Self::ClosedForm(ClosedFormSettings::of(params, solver)),
        }
    }
}

impl SolverParams {
    /// The hyperparameters of the solver alone, by name.
    pub(crate) fn named(&self) -> Hyperparameters {
        let (settings, of_solver) = match self {
            Self::Spectral(solver) => {
                let settings = SpectralSettings::of(&NetworkParams::spectral(), solver);
                (settings.to_json(), SpectralSettings::OF_SOLVER)
            }
            Self::ClosedForm(solver) => {
                let settings = ClosedFormSettings::of(&NetworkParams::closed_form(), solver);
                (settings.to_json(), ClosedFormSettings::OF_SOLVER)
            }
        };
        of_solver.iter().map(|&name| (name.to_owned(), settings[name].clone())).collect()
    }
}

impl<S: LayerSolver> NetworkParams<S> {
    /// The hyperparameters by name, as an experiment file writes them: those of the network and those its solver names.
    pub fn settings(&self) -> Value {
        let mut all = SpectralSettings::of(self, &Spectral::default()).to_json();
        let sees_all_alike =
            self.solver.output(OutputKind::Features) == self.solver.output(OutputKind::Kernel);
        if let Some(all) = all.as_object_mut() {
            all.retain(|name, _| !SpectralSettings::OF_SOLVER.contains(&name.as_str()));
            if sees_all_alike {
                all.shift_remove("output");
            }
            all.extend(self.solver.hyperparameters());
        }
        all
    }
}
