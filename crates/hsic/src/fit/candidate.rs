//! A network that a fit may choose.

use hsic_eval::Candidates;
use hsic_layer::LayerSolver;
use hsic_net::NetworkParams;
use hsic_net::settings::{ClosedFormSettings, Problem, Settings, SpectralSettings};

/// A network to choose, and what its hyperparameters are chosen from, if they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub(super) params: NetworkParams,
    pub(super) grid: Option<Candidates>,
    pub(super) inner_folds: usize,
    pub(super) given: Vec<String>,
    pub(super) searched: Vec<&'static str>,
}

impl Candidate {
    /// The network of some settings as they are; `given` are the keys that are no defaults, for the report.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub fn fixed(settings: Settings, given: &[&str]) -> Result<Self, Problem> {
        Self::new(settings, given, false)
    }

    /// The networks of some settings: what is given is fixed, the rest is chosen from their grid. A grid of settings whose
    /// `selection` is `cv` stays as it is.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub fn searched(settings: Settings, given: &[&str]) -> Result<Self, Problem> {
        Self::new(settings, given, true)
    }

    fn new(mut settings: Settings, given: &[&str], search: bool) -> Result<Self, Problem> {
        if settings.in_blocks() {
            let message = "is of experiments alone: a model is fitted in memory".into();
            return Err(Problem { key: "in_blocks".into(), message });
        }
        if !settings.is_chosen() {
            settings.fix(|key| given.contains(&key));
        }
        let searched = if search { settings.searched() } else { Vec::new() };
        let is_field = |key: &&&str| !key.starts_with("cv.") && !searched.contains(*key);
        Ok(Self {
            params: settings.params()?,
            grid: if searched.is_empty() { None } else { Some(Candidates::of(&settings)?) },
            inner_folds: settings.inner_folds(),
            given: given.iter().filter(is_field).map(ToString::to_string).collect(),
            searched,
        })
    }

    /// Both networks with all that the grids of their defaults search.
    pub fn defaults() -> Vec<Self> {
        let both = [
            Settings::Spectral(SpectralSettings::default()),
            Settings::ClosedForm(ClosedFormSettings::default()),
        ];
        both.into_iter()
            .map(|settings| Self::searched(settings, &[]).expect("defaults are allowed"))
            .collect()
    }

    /// Name of the solver.
    pub fn method(&self) -> &str {
        self.params.solver.name()
    }

    /// The network before anything is chosen.
    pub fn params(&self) -> &NetworkParams {
        &self.params
    }

    /// Whether hyperparameters of it are chosen.
    pub fn is_searched(&self) -> bool {
        self.grid.is_some()
    }
}
