//! An experiment before it is run: configuration, data, folds and methods are right, and nothing is written yet.

use std::path::PathBuf;

use hsic_eval::FoldedData;
use hsic_eval::experiment::wanted;
use hsic_eval::records::{Results, SCHEMA_VERSION};

use super::method::plan;
use super::{dataset, resume};
use crate::config::{Config, MethodName};
use crate::error::CliError;

/// What becomes of results that are already in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// There is no folder.
    Nowhere,
    /// They are replaced if they are of the same settings, else moved aside.
    Fresh,
    /// Finished folds are kept if they are of the same settings; the words say how to start over if not.
    Resume(&'static str),
}

/// Finished results in the folder that the experiment would not bring back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// They are there.
    Before {
        /// How they differ.
        why: String,
    },
    /// They are in another folder.
    Moved {
        /// How they differ.
        why: String,
        /// The folder.
        to: PathBuf,
    },
}

/// An experiment that could be run.
pub struct Draft {
    /// The configuration, with the methods that an earlier run has finished.
    pub config: Config,
    /// The same as TOML.
    pub resolved: String,
    /// The rows, and which of them train and which test.
    pub data: FoldedData,
    /// What is fitted.
    pub plans: Vec<(MethodName, hsic_eval::Method)>,
    /// The folder of the results.
    pub out: PathBuf,
    /// What an earlier run has finished.
    pub results: Results,
    /// What another earlier run has finished, which is in the way.
    pub replaced: Option<Replaced>,
}

impl Draft {
    /// Loads the data, splits them, checks the parameters of every method and reads what is in the folder.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a configuration, data or earlier results that are not right, [`CliError::MissingData`] for a
    /// registered set that is not here.
    pub fn new(mut config: Config, out: PathBuf, start: Start) -> Result<Self, CliError> {
        let plans = plans(&config)?;
        let data = dataset::load(&config)?;
        let mut results = Results {
            schema_version: SCHEMA_VERSION,
            name: config.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: config.seed,
            dataset: data.record(),
            methods: Vec::new(),
        };
        let mut replaced = None;
        match start {
            Start::Nowhere => {}
            Start::Fresh => {
                let methods: Vec<&str> = config.methods.iter().map(|method| method.as_str()).collect();
                let lost = resume::find(&out, &config, &results)?.lost(&methods);
                replaced = lost.map(|why| Replaced::Before { why });
            }
            Start::Resume(remedy) => {
                if let Some(earlier) = resume::earlier(&out, &config, &results, remedy)? {
                    config.methods.extend(resume::kept_methods(&earlier, &config.methods));
                    results = earlier;
                }
            }
        }
        let resolved = config.to_toml().map_err(|error| CliError::failed(&error))?;
        Ok(Self { config, resolved, data, plans, out, results, replaced })
    }

    /// What was strange about the data, and what becomes of earlier results.
    pub fn warnings(&self) -> Vec<String> {
        let of_folder = self.replaced.as_ref().map(|replaced| match replaced {
            Replaced::Before { why } => format!("{}: {why}; a run would move them aside", self.out.display()),
            Replaced::Moved { why, to } => {
                format!("{}: {why}; they are in {} now", self.out.display(), to.display())
            }
        });
        let name = &self.results.dataset.name;
        let of_data = self.data.warnings().into_iter().map(|warning| format!("{name}: {warning}"));
        of_folder.into_iter().chain(of_data).collect()
    }

    /// Number of folds of all methods, and how many of them an earlier run has finished.
    pub fn counts(&self) -> (usize, usize) {
        let folds = self.data.fold_sizes().len();
        let finished = self.plans.iter().map(|(method, _)| folds - self.wanted(*method).len());
        (self.plans.len() * folds, finished.sum())
    }

    /// The folds of a method that no earlier run has finished.
    pub fn wanted(&self, method: MethodName) -> Vec<usize> {
        wanted(&self.results, method.as_str(), self.data.fold_sizes().len())
    }
}

/// What the methods of a configuration fit.
///
/// # Errors
/// [`CliError::Usage`] for a method that cannot be fitted with these values, or not by this program.
pub fn plans(config: &Config) -> Result<Vec<(MethodName, hsic_eval::Method)>, CliError> {
    config.methods.iter().map(|&method| Ok((method, plan(config, method)?))).collect()
}
