//! `fit --dry-run`: what would be fitted, in words and as JSON.

use hsic_data::table::Table;
use hsic_eval::memory::{Estimate, Sizes, in_words};
use serde_json::{Value, json};

use super::args::FitArgs;
use super::choose::Candidate;
use super::report::dataset_json;
use super::split::Split;
use crate::config::Config;
use crate::error::CliError;
use hsic_report::text::{count, table};

/// A fit that could begin.
pub struct Preview<'a> {
    /// What was typed.
    pub args: &'a FitArgs,
    /// The configuration, the command line laid over it.
    pub config: &'a Config,
    /// The table as it was understood.
    pub table: &'a Table,
    /// Its rows to train and to test on.
    pub split: &'a Split,
    /// The networks that are chosen among.
    pub candidates: &'a [Candidate],
}

impl Preview<'_> {
    fn rows(&self) -> (usize, usize) {
        (self.split.train.nrows(), self.split.test.as_ref().map_or(0, |(rows, _)| rows.nrows()))
    }

    /// Bytes that the fit of a candidate takes, beside what reading the table took.
    fn memory(&self, candidate: &Candidate) -> Option<u64> {
        let (train, test) = self.rows();
        let sizes = Sizes {
            n: train + test,
            n_train: train,
            d: self.split.train.ncols(),
            c: self.table.schema.classes().len(),
            folds_at_once: 1,
            threads: rayon::current_num_threads(),
            in_file: false,
        };
        Estimate::of(&candidate.params.into(), &sizes).map(|estimate| estimate.bytes())
    }

    /// What follows the lines on the table.
    ///
    /// # Errors
    /// [`CliError::Failed`] for a configuration that is no TOML.
    pub fn to_text(&self) -> Result<String, CliError> {
        let (train, test) = self.rows();
        let resolved = self.config.to_toml().map_err(|error| CliError::failed(&error))?;
        let methods = self.candidates.iter().map(|candidate| {
            let memory = self.memory(candidate).map_or_else(|| "not estimated".into(), in_words);
            let how = if candidate.grid.is_some() { "chosen by cross-validation" } else { "as configured" };
            vec![candidate.method.to_string(), memory, how.into()]
        });
        Ok(format!(
            "{} to train on, {test} to test\n\n{}\nthe configuration, every key with its value\n\n{resolved}\nthe model would \
             be in {}; nothing was fitted, nothing written\n",
            count(train, "row"),
            table(&["method", "memory", "hyperparameters"].map(String::from), methods),
            self.args.model.display(),
        ))
    }

    /// Everything by the names of results.json.
    ///
    /// # Errors
    /// [`CliError::Failed`] for a configuration that is no JSON.
    pub fn to_json(&self) -> Result<Value, CliError> {
        let (train, test) = self.rows();
        let methods = self.candidates.iter().map(|candidate| {
            json!({
                "method": candidate.method.as_str(),
                "selection": candidate.grid.is_some(),
                "memory_bytes": self.memory(candidate),
            })
        });
        Ok(json!({
            "command": "fit",
            "dry_run": true,
            "version": env!("CARGO_PKG_VERSION"),
            "model": self.args.model.display().to_string(),
            "seed": self.config.seed,
            "config": serde_json::to_value(self.config).map_err(|error| CliError::failed(&error))?,
            "dataset": dataset_json(self.table),
            "train_rows": train,
            "test_rows": test,
            "methods": methods.collect::<Vec<Value>>(),
        }))
    }
}
