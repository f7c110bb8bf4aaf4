//! Methods over the folds of a data set, into records. What is finished already is not done again.

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use faer::Par;
use hsic_kernels::all_threads;
use hsic_net::{LayerSummary, SearchStep};

use crate::baselines::Baseline;
use crate::metrics::Values;
use crate::records::{FoldRecord, MethodRecord, Results, SCHEMA_VERSION};
use crate::{CrossValidation, Error, FoldRows, Method, Progress, Result};

/// A method of an experiment.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its record before any fold: name, settings and the published row.
    pub record: MethodRecord,
    /// What is fitted.
    pub method: Method,
}

impl Entry {
    /// A network; `settings` are its hyperparameters as its record has them.
    pub fn network(name: &str, method: Method, settings: serde_json::Value) -> Self {
        Self { record: MethodRecord::new(name, settings), method }
    }

    /// A classifier to compare with.
    pub fn baseline(baseline: Baseline) -> Self {
        Self { record: MethodRecord::new(baseline.name(), baseline.settings()), method: baseline.into() }
    }
}

/// Methods to cross-validate, one after another.
///
/// ```
/// use hsic_data::{StratifiedKFold, registry};
/// use hsic_eval::baselines::Baseline;
/// use hsic_eval::experiment::{Entry, Experiment};
/// use hsic_eval::{CrossValidation, FoldedData, Schedule};
/// let data = registry::load("wine", 0, None)?;
/// let folds = StratifiedKFold::new(3, 0).split_dataset(&data)?;
/// let validation = CrossValidation { data: &FoldedData::in_memory(data.clone(), folds.clone()), seed: 0, schedule: Schedule::Automatic };
/// let methods = [Entry::baseline(Baseline::knn())];
/// let experiment = Experiment { validation, methods: &methods, pictured: None };
/// let results = experiment.run(experiment.nothing("wine"), &())?.results;
/// assert!(results.methods[0].mean.test_accuracy > Some(0.9));
/// // all is finished: nothing is fitted again
/// assert_eq!(experiment.run(results.clone(), &())?.results, results);
/// # Ok::<(), hsic_eval::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Experiment<'a> {
    /// Data, folds, seed, and how folds share the processor.
    pub validation: CrossValidation<'a>,
    /// What is fitted, in this order.
    pub methods: &'a [Entry],
    /// The fold of which the training rows are kept as they leave every layer of a network.
    pub pictured: Option<usize>,
}

/// What a caller sees of a running experiment, from any thread.
pub trait Watch: Sync {
    /// A fold of a method begins.
    fn started(&self, _method: &str, _fold: usize) {}
    /// A layer of a fold was fitted; `again`, if only for the rows of a fold that is finished already.
    fn layer(&self, _method: &str, _fold: usize, _layer: &LayerSummary, _again: bool) {}
    /// As [`Progress::searched`].
    fn searched(&self, _method: &str, _fold: usize, _step: &SearchStep) {}
    /// As [`Progress::epoch`].
    fn epoch(&self, _method: &str, _fold: usize, _epoch: usize, _loss: f64) {}
    /// A fold is in the results, which are those of all folds so far; after a break no further method is begun.
    fn finished(&self, _method: &str, _record: &FoldRecord, _results: &Results) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// A fold failed; the others go on.
    fn failed(&self, _method: &str, _fold: usize, _error: &Error) {}
}

/// Nobody looks.
impl Watch for () {}

/// What an experiment came to.
#[derive(Debug)]
pub struct Outcome {
    /// Every fold that finished, now or earlier.
    pub results: Results,
    /// The rows of the pictured fold by method.
    pub rows: Vec<(String, FoldRows)>,
    /// The fits that failed.
    pub failures: Vec<Failure>,
}

/// A fit that failed.
#[derive(Debug)]
pub struct Failure {
    /// The method.
    pub method: String,
    /// The fold.
    pub fold: usize,
    /// The reason.
    pub error: Error,
}

/// The finished folds of a method.
pub fn finished<'a>(results: &'a Results, method: &str) -> impl Iterator<Item = &'a FoldRecord> {
    let of_method = results.methods.iter().filter(move |record| record.method == method);
    of_method.flat_map(|record| &record.folds)
}

/// The folds of a method, of `folds`, that are not finished.
pub fn wanted(results: &Results, method: &str, folds: usize) -> Vec<usize> {
    (0..folds).filter(|fold| !finished(results, method).any(|record| record.fold == *fold)).collect()
}

impl Experiment<'_> {
    /// Results without a fold, of an experiment of that name.
    pub fn nothing(&self, name: &str) -> Results {
        Results {
            schema_version: SCHEMA_VERSION,
            name: name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.validation.seed,
            dataset: self.validation.data.record(),
            methods: Vec::new(),
        }
    }

    /// Fits and evaluates every method on the folds that `results` lack. A fit that fails does not stop the others.
    ///
    /// # Errors
    /// That of data that cannot be read or standardised, and any error of a pictured fold that is fitted again.
    ///
    /// # Cost
    /// A fit for each fold that is not finished, and one for each method whose pictured fold is.
    pub fn run(&self, results: Results, watch: &dyn Watch) -> Result<Outcome> {
        let state = State { results, rows: Vec::new(), stops: false };
        let running = Running { experiment: self, watch, state: Mutex::new(state) };
        let mut failures = Vec::new();
        for Entry { record, method } in self.methods {
            let name = record.method.as_str();
            let wanted = {
                let results = &mut running.lock().results;
                if results.methods.iter().all(|of| of.method != name) {
                    results.methods.push(record.clone());
                }
                wanted(results, name, self.validation.data.fold_sizes().len())
            };
            let of_method = OfMethod { running: &running, name, again: false };
            let method_of = |fold: usize, _: Par| {
                watch.started(name, fold);
                Ok(running.known(method, fold))
            };
            let outcomes = self.validation.run_folds(&wanted, method_of, &of_method);
            for (fold, outcome) in wanted.into_iter().zip(outcomes) {
                match outcome {
                    Ok(_) => {}
                    Err(error) if error.is_of_data() => return Err(error),
                    Err(error) => {
                        watch.failed(name, fold, &error);
                        failures.push(Failure { method: name.into(), fold, error });
                    }
                }
            }
            if running.lock().stops {
                break;
            }
            if let Some(fold) = self.pictured {
                running.rows_again(name, method, fold)?;
            }
        }
        let State { results, rows, .. } = running.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Outcome { results, rows, failures })
    }
}

struct State {
    results: Results,
    rows: Vec<(String, FoldRows)>,
    stops: bool,
}

struct Running<'a> {
    experiment: &'a Experiment<'a>,
    watch: &'a dyn Watch,
    state: Mutex<State>,
}

impl Running<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A method on a fold; the depth that a perceptron takes from a network need not be found where that one is finished.
    #[cfg_attr(
        not(feature = "baselines"),
        expect(unused_variables, reason = "only perceptrons need a depth")
    )]
    fn known(&self, method: &Method, fold: usize) -> Method {
        match method {
            #[cfg(feature = "baselines")]
            Method::AsDeepAs { network, perceptron } => {
                use hsic_layer::LayerSolver;
                let depth = finished(&self.lock().results, network.solver.name())
                    .find(|record| record.fold == fold)
                    .and_then(|record| record.layers);
                depth.map_or_else(|| method.clone(), |depth| Method::perceptron(*perceptron, depth as usize))
            }
            method => method.clone(),
        }
    }

    /// Fits the pictured fold of a network again if it is finished: its rows are not in the records.
    fn rows_again(&self, name: &str, method: &Method, fold: usize) -> Result<()> {
        let is_known = {
            let state = self.lock();
            !finished(&state.results, name).any(|record| record.fold == fold)
                || state.rows.iter().any(|(of, _)| of == name)
        };
        if !method.is_network() || is_known {
            return Ok(());
        }
        let of_method = OfMethod { running: self, name, again: true };
        self.experiment.validation.fold(method, fold, all_threads(), &of_method).map(drop)
    }
}

/// What is running, of one method.
struct OfMethod<'a> {
    running: &'a Running<'a>,
    name: &'a str,
    /// Whether it is fitted for its rows alone.
    again: bool,
}

impl Progress for OfMethod<'_> {
    fn layer(&self, fold: usize, layer: &LayerSummary) {
        self.running.watch.layer(self.name, fold, layer, self.again);
    }

    fn searched(&self, fold: usize, step: &SearchStep) {
        self.running.watch.searched(self.name, fold, step);
    }

    fn epoch(&self, fold: usize, epoch: usize, loss: f64) {
        self.running.watch.epoch(self.name, fold, epoch, loss);
    }

    fn fold(&self, record: &FoldRecord) {
        let state = &mut *self.running.lock();
        if let Some(method) = state.results.methods.iter_mut().find(|of| of.method == self.name) {
            let place = method.folds.partition_point(|fold| fold.fold < record.fold);
            method.folds.insert(place, record.clone());
            (method.mean, method.std) = Values::moments(&method.folds);
        }
        state.stops |= self.running.watch.finished(self.name, record, &state.results).is_break();
    }

    fn wants_rows(&self, fold: usize) -> bool {
        self.running.experiment.pictured == Some(fold)
    }

    fn rows(&self, rows: FoldRows) {
        self.running.lock().rows.push((self.name.to_owned(), rows));
    }
}
