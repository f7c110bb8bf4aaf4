//! An experiment in a folder: every method of a configuration cross-validated, files after every fold, pictures at the
//! end. What an earlier run has finished can be kept.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use faer::Par;
use hsic_eval::metrics::Values;
use hsic_eval::published::published;
use hsic_eval::records::{FoldRecord, MethodRecord, Results};
use hsic_eval::{CrossValidation, FoldRows, Schedule};
use hsic_kernels::all_threads;
use hsic_net::LayerSummary;
use serde_json::{Value, json};

use super::draft::{Draft, Replaced, finished};
use super::interrupt::{self, while_writing};
use super::method::Plan;
use crate::config::Method;
use crate::error::CliError;
use crate::progress::{Progress, fold_fields, layer_fields};
use hsic_report::{FolderLock, ResultsDir, figures, report, written};

/// The fold whose rows the pictures are drawn from.
const PICTURED: usize = 0;

/// An experiment ready to run: its configuration and data are right, and its folder can be written.
pub struct Experiment {
    draft: Draft,
    dir: ResultsDir,
}

/// What an experiment came to.
pub struct Outcome {
    /// Every fold that finished.
    pub results: Results,
    /// A line a fit that failed: method, fold, reason.
    pub failures: Vec<String>,
}

impl Experiment {
    /// Opens the folder of a draft, before any work: one that cannot be written must not cost a night. `lock` was taken before the
    /// draft was made, if there was a folder then. What would be lost of an earlier run is moved aside.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a folder that cannot be written, or that another run writes to.
    pub fn open(mut draft: Draft, lock: Option<FolderLock>) -> Result<Self, CliError> {
        interrupt::catch()?;
        let is_new = lock.is_none();
        let dir = ResultsDir::open(&draft.out, lock)?;
        warn_of(&dir);
        if is_new && dir.path().join(written::RESULTS).exists() {
            let dir = dir.path().display();
            return Err(CliError::Usage(format!(
                "{dir}: another run has just written here; give the command again"
            )));
        }
        if let Some(Replaced::Before { why }) = draft.replaced.take() {
            draft.replaced = Some(Replaced::Moved { why, to: dir.set_aside(&Method::names())? });
        }
        Ok(Self { draft, dir })
    }

    /// What it runs.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The folder of the results.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Cross-validates every method; the files are rewritten after every fold, the pictures drawn at the end. A fit that
    /// fails does not stop the others.
    ///
    /// # Errors
    /// [`CliError::Usage`] for data that cannot be standardised, [`CliError::Failed`] for a file that cannot be written.
    pub fn run(mut self, progress: &Progress, schedule: Schedule) -> Result<Outcome, CliError> {
        self.dir.tell(progress.log().told_of_files());
        progress.log().event("dataset_started", self.started()?);
        let draft = &self.draft;
        let seed = draft.config.solver_seed.unwrap_or(draft.config.seed);
        let validation = CrossValidation { dataset: &draft.data, folds: &draft.folds, seed, schedule };
        let recorder = Recorder { experiment: &self, progress, state: Mutex::new(State::of(&draft.results)) };
        let mut failures = Vec::new();
        for (method, plan) in &draft.plans {
            let method = *method;
            recorder.lock().record(&self, method)?;
            let of_method = OfMethod { recorder: &recorder, method, logged: true };
            let method_of = |fold: usize, par: Par| {
                of_method.log("fold_started", fold, json!({}));
                recorder.method_of(&validation, plan, fold, par)
            };
            let wanted = draft.wanted(method);
            let outcomes = validation.run_folds(&wanted, method_of, &of_method);
            for (fold, outcome) in wanted.into_iter().zip(outcomes) {
                match outcome {
                    Ok(_) => {}
                    Err(hsic_eval::Error::Data(error)) => return Err(error.into()),
                    Err(error) => {
                        let message = CliError::failed(&error).to_string();
                        of_method.log("fold_failed", fold, json!({ "error": message }));
                        failures.push(failure(method, fold, &error));
                    }
                }
            }
            if let Some(error) = recorder.lock().save_error.take() {
                return Err(error);
            }
            if let Plan::Fixed(network) = plan
                && !matches!(network, hsic_eval::Method::Baseline(_))
            {
                recorder.rows_again(&validation, method, network)?;
            }
        }
        let State { results, rows, .. } = recorder.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.save(&results)?;
        let figures = figures(&results, &rows)?;
        let report = report(&results, &figures, &self.draft.resolved);
        while_writing(|| self.dir.write_report(&figures, &report))?;
        Ok(Outcome { results, failures })
    }

    /// The event of a data set whose methods are about to run.
    fn started(&self) -> Result<Value, CliError> {
        let Draft { config, results, folds, .. } = &self.draft;
        let failed = |error: serde_json::Error| CliError::failed(&error);
        Ok(json!({
            "dataset": serde_json::to_value(&results.dataset).map_err(failed)?,
            "config": serde_json::to_value(config).map_err(failed)?,
            "folds": folds.len(),
        }))
    }

    fn save(&self, results: &Results) -> Result<(), CliError> {
        Ok(while_writing(|| self.dir.write(results, &self.draft.resolved))?)
    }

    fn method_record(&self, method: Method) -> Result<MethodRecord, CliError> {
        let draft = &self.draft;
        Ok(MethodRecord {
            method: method.as_str().to_owned(),
            settings: draft.config.settings(method).map_err(|error| CliError::failed(&error))?,
            folds: Vec::new(),
            mean: Values::default(),
            std: Values::default(),
            // a file of one's own may bear the name of a published set
            published: draft
                .config
                .dataset
                .name
                .as_ref()
                .and_then(|_| published(draft.data.name(), method.as_str())),
        })
    }
}

/// Tells where a folder cannot be locked.
pub fn warn_of(dir: &ResultsDir) {
    if let Some(warning) = dir.warning() {
        eprintln!("warning: {warning}");
    }
}

fn failure(method: Method, fold: usize, error: &hsic_eval::Error) -> String {
    let message = CliError::failed(error).to_string();
    let prefix = format!("fold {fold}: ");
    format!("{method}, {prefix}{}", message.strip_prefix(&prefix).unwrap_or(&message))
}

/// What a running experiment has so far.
struct State {
    results: Results,
    /// The first error of saving them.
    save_error: Option<CliError>,
    /// The training rows of the pictured fold by method.
    rows: Vec<(String, FoldRows)>,
}

impl State {
    fn of(results: &Results) -> Self {
        Self { results: results.clone(), save_error: None, rows: Vec::new() }
    }

    /// Makes a record for a method that has none yet.
    fn record(&mut self, experiment: &Experiment, method: Method) -> Result<(), CliError> {
        if self.results.methods.iter().all(|record| record.method != method.as_str()) {
            self.results.methods.push(experiment.method_record(method)?);
        }
        Ok(())
    }
}

/// Puts finished folds into the results, in order, and saves them.
struct Recorder<'a> {
    experiment: &'a Experiment,
    progress: &'a Progress,
    state: Mutex<State>,
}

impl Recorder<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is fitted on a fold; a perceptron needs the depth of a network there, which a finished fold of it tells.
    #[cfg_attr(
        not(feature = "baselines"),
        expect(unused_variables, reason = "only perceptrons need a depth")
    )]
    fn method_of(
        &self,
        validation: &CrossValidation<'_>,
        plan: &Plan,
        fold: usize,
        par: Par,
    ) -> hsic_eval::Result<hsic_eval::Method> {
        match plan {
            Plan::Fixed(method) => Ok(method.clone()),
            #[cfg(feature = "baselines")]
            Plan::DepthOf { network, perceptron } => {
                let known = finished(&self.lock().results, Method::Spectral)
                    .find(|record| record.fold == fold)
                    .and_then(|record| record.layers)
                    .map(|layers| layers as usize);
                let depth = known.map_or_else(|| validation.depth(network, fold, par), Ok)?;
                let perceptron = hsic_eval::baselines::MlpParams { depth, ..*perceptron };
                Ok(hsic_eval::baselines::Baseline::Mlp(perceptron).into())
            }
        }
    }

    /// Fits the pictured fold again if an earlier run has finished it: its rows are not in the files.
    fn rows_again(
        &self,
        validation: &CrossValidation<'_>,
        method: Method,
        network: &hsic_eval::Method,
    ) -> Result<(), CliError> {
        let state = self.lock();
        let has_fold = finished(&state.results, method).any(|record| record.fold == PICTURED);
        let has_rows = state.rows.iter().any(|(of, _)| of == method.as_str());
        drop(state);
        if has_fold && !has_rows {
            // a fold that is done already: not for the log
            let of_method = OfMethod { recorder: self, method, logged: false };
            let fitted = validation.fold(network, PICTURED, all_threads(), &of_method);
            fitted.map_err(|error| CliError::failed(&error))?;
        }
        Ok(())
    }
}

/// A recorder that knows which method is running.
struct OfMethod<'a> {
    recorder: &'a Recorder<'a>,
    method: Method,
    /// Whether its folds go to the log.
    logged: bool,
}

impl OfMethod<'_> {
    /// An event of a fold, told to the log.
    fn log(&self, event: &str, fold: usize, more: Value) {
        if !self.logged {
            return;
        }
        let dataset = self.recorder.experiment.draft.data.name();
        let mut fields = json!({ "dataset": dataset, "method": self.method.as_str(), "fold": fold });
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more);
        }
        self.recorder.progress.log().event(event, fields);
    }
}

impl hsic_eval::Progress for OfMethod<'_> {
    fn layer(&self, fold: usize, layer: &LayerSummary) {
        self.recorder.progress.layer(self.method, fold, layer.layer, layer.hsic_normalized);
        self.log("layer", fold, layer_fields(layer));
    }

    fn epoch(&self, fold: usize, epoch: usize, loss: f64) {
        self.recorder.progress.epoch(self.method, fold, epoch, loss);
    }

    fn fold(&self, record: &FoldRecord) {
        self.log("fold_finished", record.fold, fold_fields(record));
        let State { results, save_error, .. } = &mut *self.recorder.lock();
        if let Some(method) = results.methods.iter_mut().find(|of| of.method == self.method.as_str()) {
            let place = method.folds.partition_point(|fold| fold.fold < record.fold);
            method.folds.insert(place, record.clone());
            (method.mean, method.std) = Values::moments(&method.folds);
        }
        if save_error.is_none() {
            *save_error = self.recorder.experiment.save(results).err();
        }
        self.recorder.progress.fold_done();
    }

    fn wants_rows(&self, fold: usize) -> bool {
        fold == PICTURED
    }

    fn rows(&self, rows: FoldRows) {
        self.recorder.lock().rows.push((self.method.as_str().to_owned(), rows));
    }
}
