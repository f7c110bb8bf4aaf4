//! What `fit` says: what it understood, what it measured, whether there was anything to learn.

use std::path::Path;

use faer::Mat;
use hsic::Training;
use hsic_data::table::Table;
use hsic_eval::StandardisedFold;
use hsic_eval::metrics::{METRICS, Metric};
use hsic_eval::records::{FoldRecord, LayerRecord};
use hsic_kernels::all_threads;
use hsic_kernels::bandwidth::{Subsample, median_heuristic};
use hsic_kernels::hsic::permute_labels;
use serde_json::{Value, json};

use crate::commands::inspect::features;
use crate::commands::quality::Quality;
use crate::error::CliError;
use crate::progress::fold_fields;
use hsic_report::number::{measured, number};
use hsic_report::text::{self, first_few};

/// Rows of the independence test: as many as a strong dependence needs.
const TEST_ROWS: usize = 500;
/// Permutations of the independence test.
const PERMUTATIONS: u32 = 199;

/// What was made of the table.
pub fn understood(table: &Table) -> String {
    let schema = &table.schema;
    let counts = table.labels.counts();
    let classes: Vec<String> =
        schema.classes().iter().zip(counts).map(|(name, count)| format!("{name} ({count})")).collect();
    let mut text = format!(
        "{}: {}, {}, {} of `{}`: {}\n",
        table.file,
        text::count(table.features.nrows(), "row"),
        text::count(schema.features().len(), "column"),
        text::count(classes.len(), "class"),
        schema.label(),
        first_few(&classes, 10),
    );
    if let Some(delimiter) = table.delimiter.filter(|&delimiter| delimiter != b',') {
        text += &format!(
            "delimiter   {}\n",
            if delimiter == b'\t' { "tab".into() } else { char::from(delimiter).to_string() }
        );
    }
    text += &features(schema.features());
    if !schema.ignored().is_empty() {
        text += &format!("ignored     {}\n", schema.ignored().join(", "));
    }
    let missing = &table.missing;
    if missing.cells > 0 {
        let columns: Vec<String> =
            missing.columns.iter().map(|(name, count)| format!("{count} in {name}")).collect();
        text += &format!(
            "missing     {} in {}, filled with their column's training mean: {}\n",
            text::count(missing.cells, "cell"),
            text::count(missing.rows, "row"),
            first_few(&columns, 8)
        );
    }
    text + "\n"
}

/// The same by the names of results.json.
pub fn dataset_json(table: &Table) -> Value {
    let schema = &table.schema;
    json!({
        "name": table.file,
        "n": table.features.nrows(),
        "d": schema.features().len(),
        "classes": schema.classes().len(),
        "class_names": schema.classes(),
        "sha256": table.sha256,
        "label": schema.label(),
        "features": schema.features(),
        "ignored": schema.ignored(),
        "missing_cells": table.missing.cells,
        "dropped_rows": table.dropped,
    })
}

/// Where the hyperparameters come from that are not defaults.
pub struct Origin {
    /// Those that were given.
    pub given: Vec<String>,
    /// Those that were chosen.
    pub searched: Vec<&'static str>,
}

/// All that was measured of a fit.
pub struct Report<'a> {
    table: &'a Table,
    record: FoldRecord,
    neighbours: FoldRecord,
    quality: Quality,
    majority: usize,
    majority_train: f64,
    train_rows: usize,
    independence: f64,
    training: Training,
    origin: Origin,
}

impl<'a> Report<'a> {
    /// Puts the measurements together and tests whether classes depend on the training rows at all.
    ///
    /// # Errors
    /// [`CliError::Failed`] where the test fails.
    pub fn new(
        table: &'a Table,
        rows: &StandardisedFold,
        mut record: FoldRecord,
        mut neighbours: FoldRecord,
        quality: Quality,
        training: &Training,
        origin: Origin,
    ) -> Result<Self, CliError> {
        if quality.n() == 0 {
            // what was measured instead are the training rows
            let of_layers = record.trace.iter_mut().map(|layer| &mut layer.values);
            for values in [&mut record.values, &mut neighbours.values].into_iter().chain(of_layers) {
                let of_test_rows = METRICS.iter().filter(|metric| metric.is_of_test_rows());
                of_test_rows.for_each(|metric| metric.set(values, None));
            }
        }
        let counts = rows.train_labels.counts();
        let majority = (0..counts.len()).fold(0, |best, a| if counts[a] > counts[best] { a } else { best });
        let train_rows = rows.train.nrows();
        Ok(Self {
            table,
            record,
            neighbours,
            majority,
            majority_train: counts[majority] as f64 / train_rows as f64,
            train_rows,
            independence: independence(rows, training.seed)?,
            quality,
            training: training.clone(),
            origin,
        })
    }

    /// Whether there are test rows.
    fn tested(&self) -> bool {
        self.quality.n() > 0
    }

    /// What the model file keeps.
    pub fn evaluation(&self) -> Value {
        let mut json = self.quality.to_json(self.majority, self.table.schema.classes());
        json["train_accuracy"] = json!(self.record.train_accuracy);
        json["test_rows"] = json!(self.quality.n());
        json["independence_p_value"] = json!(self.independence);
        json
    }

    /// Everything, by the names of results.json.
    pub fn to_json(&self, model: &Path) -> Value {
        let mut json = json!({
            "command": "fit",
            "version": env!("CARGO_PKG_VERSION"),
            "model": model.display().to_string(),
            "dataset": dataset_json(self.table),
            "method": self.training.method,
            "settings": self.training.settings,
            "set": self.origin.given,
            "searched": self.origin.searched,
            "seed": self.training.seed,
            "train_rows": self.train_rows,
        });
        let record = serde_json::to_value(&self.record).unwrap_or_default();
        for part in [record, self.evaluation()] {
            if let (Value::Object(all), Value::Object(of)) = (&mut json, part) {
                all.extend(of);
            }
        }
        json["majority_train_accuracy"] = json!(self.majority_train);
        json["knn_train_accuracy"] = json!(self.neighbours.train_accuracy);
        json["knn_test_accuracy"] = json!(self.neighbours.test_accuracy);
        if !self.tested() {
            json["confusion"] = Value::Null;
        }
        if let Value::Object(all) = &mut json {
            // a fold of one has no number
            all.shift_remove("fold");
        }
        json
    }

    /// The numbers for the log.
    pub fn to_log(&self) -> Value {
        let mut json = fold_fields(&self.record);
        if let (Value::Object(all), Value::Object(of)) = (&mut json, self.evaluation()) {
            all.shift_remove("fold");
            all.insert("method".into(), json!(self.training.method));
            all.insert("set".into(), json!(self.origin.given));
            all.insert("searched".into(), json!(self.origin.searched));
            all.extend(of);
            all.shift_remove("confusion");
        }
        json
    }

    /// The report for a terminal.
    pub fn to_text(&self, model: &Path) -> String {
        let names = self.table.schema.classes();
        let mut out = format!(
            "{} to train on, {} to test\n{}\n{}, layer by layer (stacking stopped by {})\n\n{}\n",
            text::count(self.train_rows, "row"),
            self.quality.n(),
            self.chosen(),
            self.training.method,
            self.record.stop_reason,
            self.layer_table(),
        );
        let row = |name: &str, train: Option<f64>, test: Option<f64>| {
            vec![name.to_owned(), number(train), number(test)]
        };
        let rows = [
            row("this model", self.record.train_accuracy, self.record.test_accuracy),
            row("5 nearest neighbours", self.neighbours.train_accuracy, self.neighbours.test_accuracy),
            row(
                &format!("always `{}`", names[self.majority]),
                Some(self.majority_train),
                self.quality.share_of(self.majority),
            ),
        ];
        out += &text::table(&["accuracy", "train", "test"].map(String::from), rows.into_iter());
        if self.tested() {
            out +=
                &format!("\ntest {}\n\ntest {}\n", self.quality.confusion_text(names), self.quality.line());
        }
        out += &format!(
            "\nWas there anything to learn? {} {}\n\nthe model is in {}\n",
            self.quality.verdict(self.majority, names),
            self.independence_words(),
            model.display()
        );
        out
    }

    /// What an inner cross-validation chose, and what was given.
    fn chosen(&self) -> String {
        let word = |name: &str| text::setting(name, &self.training.settings[name]);
        let words = |names: Vec<String>| names.join(", ");
        let mut out = String::new();
        if !self.origin.given.is_empty() {
            let given = self.origin.given.iter().map(|name| word(name)).collect();
            out += &format!("set, and not searched: {}\n", words(given));
        }
        if let Some(selection) = &self.record.selection {
            let mut searched: Vec<String> = self.origin.searched.iter().map(|name| word(name)).collect();
            if searched.is_empty() {
                searched.push(self.training.method.clone());
            }
            out += &format!(
                "chosen by {}-fold cross-validation on the training rows: {} (accuracy {})\n",
                selection.inner_folds,
                words(searched),
                number(selection.chosen.accuracy),
            );
        }
        out
    }

    fn independence_words(&self) -> String {
        let p = number(Some(self.independence));
        let rows = text::count(self.train_rows.min(TEST_ROWS), "training row");
        if self.independence < 0.05 {
            format!("HSIC finds the classes of {rows} to depend on the columns (permutation test, p = {p}).")
        } else {
            format!(
                "HSIC finds no sign that the classes of {rows} depend on the columns (permutation test, p = {p})."
            )
        }
    }

    fn layer_table(&self) -> String {
        // how near a solver came to its limit is for who compares solvers
        let metrics = || Metric::of_layer_table().filter(|metric| metric.name != "residual");
        let headings = metrics().map(|metric| metric.heading);
        let header: Vec<_> =
            ["layer"].into_iter().chain(headings).chain(["stopped"]).map(String::from).collect();
        let row = |layer: &LayerRecord| {
            let cells = metrics().map(|metric| measured(metric, &layer.values));
            [layer.layer.to_string()].into_iter().chain(cells).chain([layer.stop_reason.clone()]).collect()
        };
        text::table(&header, self.record.trace.iter().map(row))
    }
}

/// p-value of the permutation test of the training rows and their classes, at the median distance, on a stratified
/// subsample.
fn independence(rows: &StandardisedFold, seed: u64) -> Result<f64, CliError> {
    let subsample = Subsample { rows: TEST_ROWS, seed };
    let picked = subsample.stratified(&rows.train_labels);
    let x = Mat::from_fn(picked.len(), rows.train.ncols(), |i, k| rows.train[(picked[i], k)]);
    let test = || -> hsic_kernels::Result<f64> {
        let labels = rows.train_labels.select(&picked)?;
        let sigma = median_heuristic(x.as_ref(), &subsample)?;
        Ok(permute_labels(x.as_ref(), sigma, &labels, PERMUTATIONS, seed, all_threads())?.p_value())
    };
    match test() {
        // rows that are all equal say nothing of their classes
        Err(hsic_kernels::Error::AllRowsEqual) => Ok(1.0),
        outcome => outcome.map_err(|error| CliError::failed(&error)),
    }
}
