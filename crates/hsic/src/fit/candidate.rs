//! A network that a fit may choose.

use hsic_eval::Candidates;
use hsic_layer::{LayerSolver, OutputKind, WidthRule};
use hsic_net::head::RidgeParams;
use hsic_net::settings::{ClosedFormSettings, Features, Problem, Settings, SpectralSettings};
use hsic_net::{HeadKind, NetworkParams};

/// What defaults try of a network, where the input alone is the measure.
const FOLDS: usize = 3;
const SCALES: [f64; 2] = [1.0, 0.5];
const DEPTHS: [usize; 2] = [1, 2];
/// Steps of an ascent in blocks, each of which is a pass or two over the file.
const STEPS: usize = 5;
const HEADS: [HeadKind; 3] = [HeadKind::Ridge(RidgeParams::DEFAULT), HeadKind::Bayes, HeadKind::Knn { k: 5 }];
/// The same of a network that is fitted in blocks: the kernel's own output keeps every row, and neighbours and centres among many
/// rows take long to be found.
const OUTPUTS_IN_BLOCKS: [OutputKind; 2] = [OutputKind::Features, OutputKind::Projection];
const HEADS_IN_BLOCKS: [HeadKind; 2] = [HeadKind::Bayes, HeadKind::Logistic];

/// A network to choose, and what its hyperparameters are chosen from, if they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub(super) params: NetworkParams,
    pub(super) grid: Option<Candidates>,
    pub(super) inner_folds: usize,
    in_blocks: bool,
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
        let in_blocks = settings.in_blocks();
        if in_blocks {
            grid_in_blocks(&mut settings, given);
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
            in_blocks,
            given: given.iter().filter(is_field).map(ToString::to_string).collect(),
            searched,
        })
    }

    /// What is tried where nothing is said: a kernel ridge regression of the input without a layer, and of both networks what is
    /// worth trying against that, with their defaults.
    pub fn defaults() -> Vec<Self> {
        [vec![Self::input()], Self::networks_of(SpectralSettings::default(), ClosedFormSettings::default())]
            .concat()
    }

    /// The same of networks that are fitted in blocks, with orthogonal features; the input alone is not among them.
    pub fn defaults_in_blocks() -> Vec<Self> {
        let (in_blocks, features) = (true, Features::Orthogonal);
        Self::networks_of(
            SpectralSettings { in_blocks, features, max_iterations: STEPS, ..SpectralSettings::default() },
            ClosedFormSettings { in_blocks, features, ..ClosedFormSettings::default() },
        )
    }

    fn networks_of(mut spectral: SpectralSettings, mut closed_form: ClosedFormSettings) -> Vec<Self> {
        let cv = &mut spectral.cv;
        (cv.inner_folds, cv.bandwidth_scales, cv.max_layers, cv.heads) =
            (FOLDS, SCALES.into(), DEPTHS.into(), HEADS.into());
        cv.widths = vec![WidthRule::SingularShare(0.8)];
        let cv = &mut closed_form.cv;
        (cv.inner_folds, cv.bandwidth_scales, cv.max_layers, cv.heads) =
            (FOLDS, SCALES.into(), DEPTHS.into(), HEADS.into());
        let network = |settings| Self::searched(settings, &[]).expect("defaults are allowed");
        vec![network(Settings::Spectral(spectral)), network(Settings::ClosedForm(closed_form))]
    }

    /// No layer: a kernel ridge regression of the input.
    fn input() -> Self {
        let params = NetworkParams { max_layers: 0, head: HEADS[0], ..NetworkParams::spectral() };
        Self {
            params,
            grid: None,
            inner_folds: FOLDS,
            in_blocks: false,
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

    /// What is fitted before anything is chosen, as an estimate of its memory takes it.
    pub fn method_fitted(&self) -> hsic_eval::Method {
        let of = if self.in_blocks { hsic_eval::Method::NetworkInBlocks } else { hsic_eval::Method::Network };
        of(self.params)
    }

    /// Whether it is fitted in blocks.
    pub fn in_blocks(&self) -> bool {
        self.in_blocks
    }

    /// Whether hyperparameters of it are chosen.
    pub fn is_searched(&self) -> bool {
        self.grid.is_some()
    }
}

/// Puts what a fit in blocks can have into the lists of the grid that are not given.
fn grid_in_blocks(settings: &mut Settings, given: &[&str]) {
    let is_given = |list| given.contains(&list);
    let heads = match settings {
        Settings::Spectral(settings) => {
            if !is_given("cv.outputs") {
                settings.cv.outputs = OUTPUTS_IN_BLOCKS.into();
            }
            &mut settings.cv.heads
        }
        Settings::ClosedForm(settings) => {
            // a row's own term is known of exact features alone
            if !is_given("cv.self_excluded") {
                settings.cv.self_excluded.clear();
            }
            &mut settings.cv.heads
        }
    };
    if !is_given("cv.heads") {
        *heads = HEADS_IN_BLOCKS.into();
    }
}
