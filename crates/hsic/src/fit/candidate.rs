//! A network that a fit may choose.

use hsic_eval::Candidates;
use hsic_kernels::ClassWeight;
use hsic_layer::{LayerSolver, WidthRule};
use hsic_net::settings::{ClosedFormSettings, Problem, Settings, SpectralSettings};
use hsic_net::{HeadKind, NetworkParams};

/// What defaults try of a network, where the input alone is the measure.
const FOLDS: usize = 3;
const SCALES: [f64; 2] = [1.0, 0.5];
const DEPTHS: [usize; 2] = [1, 2];
const HEADS: [HeadKind; 3] =
    [HeadKind::Ridge { class_weight: ClassWeight::Plain }, HeadKind::Bayes, HeadKind::Knn { k: 5 }];

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

    /// What is tried where nothing is said: a kernel ridge regression of the input without a layer, and of both networks what is
    /// worth trying against that, with their defaults.
    pub fn defaults() -> Vec<Self> {
        let (mut spectral, mut closed_form) = (SpectralSettings::default(), ClosedFormSettings::default());
        let cv = &mut spectral.cv;
        (cv.inner_folds, cv.bandwidth_scales, cv.max_layers, cv.heads) =
            (FOLDS, SCALES.into(), DEPTHS.into(), HEADS.into());
        cv.widths = vec![WidthRule::SingularShare(0.8)];
        let cv = &mut closed_form.cv;
        (cv.inner_folds, cv.bandwidth_scales, cv.max_layers, cv.heads) =
            (FOLDS, SCALES.into(), DEPTHS.into(), HEADS.into());
        let network = |settings| Self::searched(settings, &[]).expect("defaults are allowed");
        vec![Self::input(), network(Settings::Spectral(spectral)), network(Settings::ClosedForm(closed_form))]
    }

    /// No layer: a kernel ridge regression of the input.
    fn input() -> Self {
        let params = NetworkParams { max_layers: 0, head: HEADS[0], ..NetworkParams::spectral() };
        Self {
            params,
            grid: None,
            inner_folds: FOLDS,
            given: Vec::new(),
            searched: vec!["max_layers", "head"],
        }
    }

    /// The networks that are chosen among.
    pub(super) fn networks(&self) -> &[NetworkParams] {
        self.grid.as_ref().map_or(std::slice::from_ref(&self.params), |grid| &grid.params)
    }

    /// Name of the solver, `input` where there is no layer.
    pub fn method(&self) -> &str {
        if self.params.max_layers == 0 { "input" } else { self.params.solver.name() }
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
