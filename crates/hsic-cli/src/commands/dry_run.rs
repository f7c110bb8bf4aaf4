//! `--dry-run` of an experiment: what it would do, in words and as JSON.

use std::fmt;

use hsic_eval::Schedule;
use hsic_eval::memory::{Estimate, in_words};
use hsic_eval::records::DatasetRecord;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::draft::Draft;
use super::memory::sizes_of;
use hsic_report::text::{first_few, table};

/// What an experiment would do.
pub struct Preview<'a> {
    pub draft: &'a Draft,
    pub schedule: Schedule,
}

impl Preview<'_> {
    fn bytes(&self, plan: &hsic_eval::Method) -> Option<u64> {
        Estimate::of(plan, &sizes_of(self.draft, self.schedule)).map(|estimate| estimate.bytes())
    }

    fn to_json(&self) -> serde_json::Result<Value> {
        let Self { draft, schedule } = self;
        let sizes = sizes_of(draft, *schedule);
        let folds = draft.data.fold_sizes().into_iter().enumerate();
        let folds: Vec<Value> = folds
            .map(|(number, (train, test))| json!({ "fold": number, "train_rows": train, "test_rows": test }))
            .collect();
        let methods = draft.plans.iter().map(|(method, plan)| {
            Ok(json!({
                "method": method.as_str(),
                "settings": draft.config.settings(*method)?,
                "memory_bytes": self.bytes(plan),
                "folds_to_fit": draft.wanted(*method),
            }))
        });
        let warnings: Vec<String> = draft.data.warnings().iter().map(ToString::to_string).collect();
        Ok(json!({
            "dry_run": true,
            "version": env!("CARGO_PKG_VERSION"),
            "name": draft.config.name,
            "seed": draft.config.seed,
            "config": serde_json::to_value(&draft.config)?,
            "dataset": serde_json::to_value(&draft.results.dataset)?,
            "warnings": warnings,
            "folds": folds,
            "folds_at_once": sizes.folds_at_once,
            "threads": sizes.threads,
            "methods": methods.collect::<serde_json::Result<Vec<Value>>>()?,
            "out": draft.out.display().to_string(),
        }))
    }
}

impl Serialize for Preview<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl fmt::Display for Preview<'_> {
    /// The data, the folds, the methods with their memory, the configuration and the folder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let draft = self.draft;
        let sizes = draft.data.fold_sizes().into_iter().enumerate();
        let folds =
            sizes.map(|(number, (train, test))| [number, train, test].map(|n| n.to_string()).to_vec());
        let methods = draft.plans.iter().map(|(method, plan)| {
            let memory = self.bytes(plan).map_or_else(|| "not estimated".into(), in_words);
            vec![method.to_string(), memory, draft.wanted(*method).len().to_string()]
        });
        writeln!(
            f,
            "{}\n\n{}\n{}\nthe configuration, every key with its value\n\n{}\nresults would go to {}; nothing was fitted, \
             nothing written",
            loaded(draft),
            table(&["fold", "train", "test"].map(String::from), folds),
            table(&["method", "memory", "folds to fit"].map(String::from), methods),
            draft.resolved,
            draft.out.display()
        )
    }
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
