//! `--dry-run` of an experiment: what it would do, in words and as JSON.

use hsic_data::Dataset;
use hsic_eval::Schedule;
use hsic_eval::memory::{Estimate, in_words};
use serde_json::{Value, json};

use super::draft::Draft;
use super::memory::sizes_of;
use crate::error::CliError;
use hsic_report::text::{first_few, table};

/// The data, the folds, the methods with their memory, the configuration and the folder.
pub fn to_text(draft: &Draft, schedule: Schedule) -> String {
    let words = |texts: &[&str]| texts.iter().map(|&text| String::from(text)).collect::<Vec<_>>();
    let folds = draft.folds.iter().enumerate().map(|(number, fold)| {
        vec![number.to_string(), fold.train.len().to_string(), fold.test.len().to_string()]
    });
    let methods = draft.plans.iter().map(|(method, plan)| {
        let bytes = Estimate::of(plan, &sizes_of(draft, schedule)).map(|estimate| estimate.bytes());
        let memory = bytes.map_or_else(|| "not estimated".into(), in_words);
        vec![method.to_string(), memory, draft.wanted(*method).len().to_string()]
    });
    format!(
        "{}\n\n{}\n{}\nthe configuration, every key with its value\n\n{}\nresults would go to {}; nothing was fitted, \
         nothing written\n",
        loaded(&draft.data),
        table(&words(&["fold", "train", "test"]), folds),
        table(&words(&["method", "memory", "folds to fit"]), methods),
        draft.resolved,
        draft.out.display()
    )
}

/// The same by the names of results.json.
///
/// # Errors
/// [`CliError::Failed`] for a configuration that is no JSON.
pub fn to_json(draft: &Draft, schedule: Schedule) -> Result<Value, CliError> {
    let value = |value: Result<Value, serde_json::Error>| value.map_err(|error| CliError::failed(&error));
    let sizes = sizes_of(draft, schedule);
    let folds = draft.folds.iter().enumerate();
    let folds: Vec<Value> = folds
        .map(|(number, fold)| {
            json!({ "fold": number, "train_rows": fold.train.len(), "test_rows": fold.test.len() })
        })
        .collect();
    let methods = draft.plans.iter().map(|(method, plan)| {
        Ok(json!({
            "method": method.as_str(),
            "settings": value(draft.config.settings(*method))?,
            "memory_bytes": Estimate::of(plan, &sizes).map(|estimate| estimate.bytes()),
            "folds_to_fit": draft.wanted(*method),
        }))
    });
    let warnings: Vec<String> = draft.data.warnings().iter().map(ToString::to_string).collect();
    Ok(json!({
        "dry_run": true,
        "version": env!("CARGO_PKG_VERSION"),
        "name": draft.config.name,
        "seed": draft.config.seed,
        "config": value(serde_json::to_value(&draft.config))?,
        "dataset": value(serde_json::to_value(&draft.results.dataset))?,
        "warnings": warnings,
        "folds": folds,
        "folds_at_once": sizes.folds_at_once,
        "threads": sizes.threads,
        "methods": methods.collect::<Result<Vec<Value>, CliError>>()?,
        "out": draft.out.display().to_string(),
    }))
}

/// A line on the data.
pub fn loaded(data: &Dataset) -> String {
    /// The twenty classes of a set of faces would fill the screen.
    const SHOWN: usize = 10;
    let counts = data.labels().counts();
    let classes: Vec<String> =
        data.class_names().iter().zip(counts).map(|(name, count)| format!("{name} ({count})")).collect();
    let (n, d) = (data.n(), data.d());
    format!("{}: {n} rows, {d} columns, classes {}", data.name(), first_few(&classes, SHOWN))
}
