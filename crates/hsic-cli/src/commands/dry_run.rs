//! `--dry-run` of an experiment: what it would do, in words and as JSON.

use hsic_eval::Schedule;
use hsic_eval::memory::{Estimate, in_words};
use hsic_eval::records::DatasetRecord;
use serde_json::{Value, json};

use super::draft::Draft;
use super::memory::sizes_of;
use crate::error::CliError;
use hsic_report::text::{first_few, table};

/// The data, the folds, the methods with their memory, the configuration and the folder.
pub fn to_text(draft: &Draft, schedule: Schedule) -> String {
    let words = |texts: &[&str]| texts.iter().map(|&text| String::from(text)).collect::<Vec<_>>();
    let sizes = draft.data.fold_sizes().into_iter().enumerate();
    let folds = sizes.map(|(number, (train, test))| [number, train, test].map(|n| n.to_string()).to_vec());
    let methods = draft.plans.iter().map(|(method, plan)| {
        let bytes = Estimate::of(plan, &sizes_of(draft, schedule)).map(|estimate| estimate.bytes());
        let memory = bytes.map_or_else(|| "not estimated".into(), in_words);
        vec![method.to_string(), memory, draft.wanted(*method).len().to_string()]
    });
    format!(
        "{}\n\n{}\n{}\nthe configuration, every key with its value\n\n{}\nresults would go to {}; nothing was fitted, \
         nothing written\n",
        loaded(draft),
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
    let folds = draft.data.fold_sizes().into_iter().enumerate();
    let folds: Vec<Value> = folds
        .map(|(number, (train, test))| json!({ "fold": number, "train_rows": train, "test_rows": test }))
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
pub fn loaded(draft: &Draft) -> String {
    /// The twenty classes of a set of faces would fill the screen.
    const SHOWN: usize = 10;
    let DatasetRecord { name, n, d, class_names, .. } = &draft.results.dataset;
    let counts = draft.data.class_counts();
    let classes: Vec<String> =
        class_names.iter().zip(counts).map(|(name, count)| format!("{name} ({count})")).collect();
    let place = if draft.data.is_in_file() { ", read in blocks" } else { "" };
    format!("{name}: {n} rows, {d} columns, classes {}{place}", first_few(&classes, SHOWN))
}
