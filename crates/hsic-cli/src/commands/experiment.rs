//! What `run` computes: every method of the configuration, cross-validated.

use std::sync::{Mutex, PoisonError};

use hsic_data::{Dataset, StratifiedKFold};
use hsic_eval::published::published;
use hsic_eval::records::{DatasetRecord, FoldRecord, MethodRecord, Results, SCHEMA_VERSION, Summary};
use hsic_eval::{CrossValidation, FoldRows, Schedule};
use hsic_net::LayerSummary;

use super::network;
use crate::config::{Config, Method};
use crate::error::CliError;
use crate::progress::Progress;

/// Where a running experiment reports to.
pub struct Watch<'a> {
    /// To be told of every layer and every finished fold.
    pub progress: &'a Progress,
    /// Rewrites the files with what there is so far.
    pub save: &'a (dyn Fn(&Results) -> Result<(), CliError> + Sync),
    /// Takes the training rows of each method's first fold, for the pictures.
    pub rows: &'a (dyn Fn(&str, FoldRows) + Sync),
}

/// An experiment on a loaded data set.
pub type Experiment = fn(&Config, &Dataset, &Watch<'_>) -> Result<Results, CliError>;

/// Cross-validates every method of the configuration; the files are rewritten after every fold.
///
/// # Errors
/// [`CliError::Usage`] for data that cannot be split or standardised, [`CliError::Failed`] for a fit or a file that
/// fails.
pub fn run_methods(config: &Config, data: &Dataset, watch: &Watch<'_>) -> Result<Results, CliError> {
    let folds =
        StratifiedKFold::new(config.folds, config.fold_seed.unwrap_or(config.seed)).split_dataset(data)?;
    // every method's parameters are checked before the first one runs
    let methods = config
        .methods
        .iter()
        .map(|&method| Ok((method, network::params(config, method)?)))
        .collect::<Result<Vec<_>, CliError>>()?;
    let mut results = Results {
        schema_version: SCHEMA_VERSION,
        name: config.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: config.seed,
        dataset: dataset_record(data),
        methods: Vec::new(),
    };
    for (method, params) in methods {
        results.methods.push(method_record(config, data, method)?);
        let recorder = Recorder { method, watch, state: Mutex::new((results, None)) };
        let validation = CrossValidation {
            dataset: data,
            folds: &folds,
            seed: params.seed,
            schedule: Schedule::Automatic,
        };
        let outcome = validation.run(&params.into(), &recorder);
        let (recorded, save_error) = recorder.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome.map_err(|error| match error {
            hsic_eval::Error::Data(error) => CliError::from(error),
            error => CliError::failed(&error),
        })?;
        if let Some(error) = save_error {
            return Err(error);
        }
        results = recorded;
    }
    Ok(results)
}

fn dataset_record(data: &Dataset) -> DatasetRecord {
    DatasetRecord {
        name: data.name().to_owned(),
        n: data.n(),
        d: data.d(),
        classes: data.n_classes(),
        class_names: data.class_names().to_vec(),
        sha256: data.sha256().to_owned(),
    }
}

fn method_record(config: &Config, data: &Dataset, method: Method) -> Result<MethodRecord, CliError> {
    Ok(MethodRecord {
        method: method.as_str().to_owned(),
        settings: config.settings(method).map_err(|error| CliError::failed(&error))?,
        folds: Vec::new(),
        mean: Summary::default(),
        std: Summary::default(),
        // a file of one's own may bear the name of a published set
        published: config.dataset.name.as_ref().and_then(|_| published(data.name(), method.as_str())),
    })
}

/// Puts finished folds into the results, in order, and has them saved.
struct Recorder<'a> {
    method: Method,
    watch: &'a Watch<'a>,
    /// The results so far, and the first error of saving them.
    state: Mutex<(Results, Option<CliError>)>,
}

impl hsic_eval::Progress for Recorder<'_> {
    fn layer(&self, fold: usize, layer: &LayerSummary) {
        self.watch.progress.layer(self.method.as_str(), fold, layer.layer, layer.hsic_normalized);
    }

    fn fold(&self, record: &FoldRecord) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (results, save_error) = &mut *state;
        if let Some(method) = results.methods.last_mut() {
            let place = method.folds.partition_point(|fold| fold.fold < record.fold);
            method.folds.insert(place, record.clone());
            (method.mean, method.std) = Summary::of(&method.folds);
        }
        if save_error.is_none() {
            *save_error = (self.watch.save)(results).err();
        }
        self.watch.progress.fold_done();
    }
    fn wants_rows(&self, fold: usize) -> bool {
        fold == 0
    }

    fn rows(&self, rows: FoldRows) {
        (self.watch.rows)(self.method.as_str(), rows);
    }
}
