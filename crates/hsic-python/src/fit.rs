//! What a fit takes beside the rows, as Python says it, and the fit.

use std::time::Duration;

use hsic::data::table::{Feature, FeatureKind, MissingRule, NumberFormat, Schema};
use hsic::eval::Progress;
use hsic::eval::records::{FoldRecord, SelectionRecord};
use hsic::faer::Mat;
use hsic::fit::{Candidate, choose};
use hsic::kernels::all_threads;
use hsic::layer::LayerSolver;
use hsic::net::settings::{Problem, Settings};
use hsic::net::{LayerSummary, Network, NetworkParams};
use hsic::rows::Labels;
use hsic::{Preprocessing, Training};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::Value;

use crate::errors::value_error;
use crate::threads::Caller;

/// What is fitted: a dict of Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct How {
    pub fill: bool,
    pub solver: String,
    pub settings: String,
    pub search: bool,
    pub seed: u64,
}

/// How a fit runs, which its network does not depend on but for the budget: a dict of Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Run {
    pub n_jobs: Option<isize>,
    /// Seconds.
    budget: Option<f64>,
    /// A function that is called with lines.
    pub listener: Option<Py<PyAny>>,
}

impl Run {
    /// # Errors
    /// `ValueError` for what is no duration.
    fn budget(&self) -> PyResult<Option<Duration>> {
        let Some(seconds) = self.budget else { return Ok(None) };
        let budget = Duration::try_from_secs_f64(seconds);
        let told = |_| PyValueError::new_err(format!("budget must be at least 0 and finite, got {seconds}"));
        budget.map(Some).map_err(told)
    }
}

impl How {
    /// What is done with missing cells of a table.
    pub fn missing(&self) -> MissingRule {
        if self.fill { MissingRule::Keep } else { MissingRule::Refuse }
    }
}

/// The networks of a solver and some settings: `auto` takes those that have them all.
///
/// # Errors
/// `ValueError` that names the parameter.
pub fn candidates(solver: &str, settings: &str, search: bool) -> PyResult<Vec<Candidate>> {
    let settings: Value = serde_json::from_str(settings).map_err(value_error)?;
    let given: Vec<&str> = settings.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    if solver == "auto" && search && given.is_empty() {
        return Ok(Candidate::defaults());
    }
    let candidate = |method: &str| -> PyResult<Candidate> {
        let parsed = Settings::from_json(method, &settings)
            .map_err(|error| PyValueError::new_err(format!("solver=\"{method}\": {error}")))?;
        let of = if search { Candidate::searched } else { Candidate::fixed };
        of(parsed, &given).map_err(|problem: Problem| PyValueError::new_err(problem.to_string()))
    };
    match solver {
        "spectral" | "closed-form" => Ok(vec![candidate(solver)?]),
        "auto" => {
            // a parameter of one solver alone says which
            let has = |method: &str| Settings::from_json(method, &settings).is_ok();
            match (has("spectral"), has("closed-form"), search) {
                (true, true, true) => Ok(vec![candidate("spectral")?, candidate("closed-form")?]),
                (false, true, _) => Ok(vec![candidate("closed-form")?]),
                _ => Ok(vec![candidate("spectral")?]),
            }
        }
        _ => {
            let message =
                format!("solver must be \"auto\", \"spectral\" or \"closed-form\", got \"{solver}\"");
            Err(PyValueError::new_err(message))
        }
    }
}

/// The schema of columns of numbers.
pub fn schema(names: Vec<String>, label: String, classes: Vec<String>) -> PyResult<Schema> {
    let feature = |name| Feature { name, kind: FeatureKind::Number, format: NumberFormat::default() };
    Schema::new(names.into_iter().map(feature).collect(), label, classes, Vec::new()).map_err(value_error)
}

/// Where a model of no file comes from.
pub fn origin(file: &str, rows: usize, params: &NetworkParams) -> Training {
    Training {
        library_version: env!("CARGO_PKG_VERSION").into(),
        method: params.solver.name().into(),
        settings: params.settings(),
        seed: params.seed,
        file: file.into(),
        sha256: String::new(),
        rows,
        evaluation: Value::Null,
    }
}

/// The choice of a network, and its fit.
pub struct Choosing {
    candidates: Vec<Candidate>,
    seed: u64,
    budget: Option<Duration>,
}

impl Choosing {
    /// # Errors
    /// `ValueError` that names the parameter.
    pub fn new(how: &How, run: &Run) -> PyResult<Self> {
        let candidates = candidates(&how.solver, &how.settings, how.search)?;
        Ok(Self { candidates, seed: how.seed, budget: run.budget()? })
    }

    /// Chooses a network on prepared rows and fits it on all of them; with what the search found.
    pub fn fit(
        &self,
        preprocessing: Preprocessing,
        x: &Mat<f64>,
        labels: &Labels,
        caller: &Caller,
    ) -> hsic::Result<(hsic::Model, Option<SelectionRecord>)> {
        let (par, progress) = (all_threads(), Told(caller));
        let choice = choose(&self.candidates, x.as_ref(), labels, self.seed, self.budget, par, &progress)?;
        let method = self.candidates[choice.candidate].method();
        caller.tell(|| format!("fitting {method} on {} rows", x.nrows()));
        let mut observer = |layer: &LayerSummary| progress.layer(0, layer);
        let network = Network::fit(&choice.params, x.as_ref(), labels, par, &mut observer)?.network;
        let training = origin("an array of Python", x.nrows(), &choice.params);
        Ok((hsic::Model::new(preprocessing, network, training)?, choice.selection))
    }
}

/// Tells the caller how far a fit is.
struct Told<'a>(&'a Caller);

impl Progress for Told<'_> {
    fn choosing(&self, tried: &str, best: Option<f64>) {
        self.0.tell(|| {
            let best = best.map_or_else(String::new, |best| format!("; best so far right for {best:.3}"));
            format!("choosing: {tried}{best}")
        });
    }

    fn layer(&self, _: usize, layer: &LayerSummary) {
        self.0.tell(|| {
            let LayerSummary { layer, width, sigma, hsic_normalized, elapsed, .. } = layer;
            let (sigma, seconds) = (sigma.get(), elapsed.as_secs_f64());
            format!("layer {layer}: width {width}, sigma {sigma:.4}, H* {hsic_normalized:.4}, {seconds:.2} s")
        });
    }

    fn fold(&self, _: &FoldRecord) {}
}
