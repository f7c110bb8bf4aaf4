//! An experiment in a folder: every method of a configuration cross-validated, files after every fold, pictures at the
//! end. What an earlier run has finished can be kept.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use hsic_eval::experiment::{self, Entry, Failure, Watch};
use hsic_eval::published::published;
use hsic_eval::records::{FoldRecord, MethodRecord, Results};
use hsic_eval::{CrossValidation, Schedule};
use hsic_net::{LayerSummary, SearchStep};
use hsic_report::{FolderLock, ResultsDir, figures, report, written};
use serde_json::{Value, json};

use super::draft::{Draft, Replaced};
use super::interrupt::{self, while_writing};
use crate::config::MethodName;
use crate::error::CliError;
use crate::output::value;
use crate::progress::{Progress, fold_fields, layer_fields};

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
            draft.replaced = Some(Replaced::Moved { why, to: dir.set_aside(&MethodName::names())? });
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
        let entry = |(method, fitted): &(MethodName, hsic_eval::Method)| {
            Ok(Entry { record: self.method_record(*method)?, method: fitted.clone() })
        };
        let methods = draft.plans.iter().map(entry).collect::<Result<Vec<_>, CliError>>()?;
        let validation = CrossValidation { data: &draft.data, seed, schedule };
        let running = experiment::Experiment { validation, methods: &methods, pictured: Some(PICTURED) };
        let recorder = Recorder { experiment: &self, progress, save_error: Mutex::new(None) };
        let outcome = running.run(draft.results.clone(), &recorder).map_err(|error| match error {
            hsic_eval::Error::Data(error) => error.into(),
            error => CliError::failed(&error),
        })?;
        if let Some(error) = recorder.save_error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let results = outcome.results;
        self.save(&results)?;
        let figures = figures(&results, &outcome.rows)?;
        let report = report(&results, &figures, &self.draft.resolved);
        while_writing(|| self.dir.write_report(&figures, &report))?;
        Ok(Outcome { results, failures: outcome.failures.iter().map(told).collect() })
    }

    /// The event of a data set whose methods are about to run.
    fn started(&self) -> Result<Value, CliError> {
        let Draft { config, results, data, .. } = &self.draft;
        Ok(json!({
            "dataset": value(&results.dataset)?,
            "config": value(config)?,
            "folds": data.fold_sizes().len(),
        }))
    }

    fn save(&self, results: &Results) -> Result<(), CliError> {
        Ok(while_writing(|| self.dir.write(results, &self.draft.resolved))?)
    }

    fn method_record(&self, method: MethodName) -> Result<MethodRecord, CliError> {
        let draft = &self.draft;
        let settings = draft.config.settings(method).map_err(|error| CliError::failed(&error))?;
        // a file of one's own may bear the name of a published set
        let is_registered = draft.config.dataset.name.is_some();
        let published = published(&draft.results.dataset.name, method.as_str()).filter(|_| is_registered);
        Ok(MethodRecord { published, ..MethodRecord::new(method.as_str(), settings) })
    }
}

/// Tells where a folder cannot be locked.
pub fn warn_of(dir: &ResultsDir) {
    if let Some(warning) = dir.warning() {
        eprintln!("warning: {warning}");
    }
}

fn told(failure: &Failure) -> String {
    let Failure { method, fold, error } = failure;
    let message = CliError::failed(error).to_string();
    let prefix = format!("fold {fold}: ");
    format!("{method}, {prefix}{}", message.strip_prefix(&prefix).unwrap_or(&message))
}

/// Saves finished folds, and tells the bar and the log.
struct Recorder<'a> {
    experiment: &'a Experiment,
    progress: &'a Progress,
    /// The first error of saving them.
    save_error: Mutex<Option<CliError>>,
}

impl Recorder<'_> {
    /// An event of a fold, told to the log.
    fn log(&self, event: &str, method: &str, fold: usize, more: Value) {
        let mut fields =
            json!({ "dataset": self.experiment.draft.results.dataset.name, "method": method, "fold": fold });
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more);
        }
        self.progress.log().event(event, fields);
    }
}

impl Watch for Recorder<'_> {
    fn started(&self, method: &str, fold: usize) {
        self.log("fold_started", method, fold, json!({}));
    }

    fn layer(&self, method: &str, fold: usize, layer: &LayerSummary, again: bool) {
        self.progress.layer(method, fold, layer.layer, layer.hsic_normalized);
        // a fold that is done already is not for the log
        if !again {
            self.log("layer", method, fold, layer_fields(layer));
        }
    }

    fn searched(&self, method: &str, fold: usize, step: &SearchStep) {
        self.progress.searched(method, fold, step);
    }

    fn epoch(&self, method: &str, fold: usize, epoch: usize, loss: f64) {
        self.progress.epoch(method, fold, epoch, loss);
    }

    fn finished(&self, method: &str, record: &FoldRecord, results: &Results) -> ControlFlow<()> {
        self.log("fold_finished", method, record.fold, fold_fields(record));
        let save_error = &mut *self.save_error.lock().unwrap_or_else(PoisonError::into_inner);
        if save_error.is_none() {
            *save_error = self.experiment.save(results).err();
        }
        self.progress.fold_done();
        if save_error.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn failed(&self, method: &str, fold: usize, error: &hsic_eval::Error) {
        self.log("fold_failed", method, fold, json!({ "error": CliError::failed(error).to_string() }));
    }
}
