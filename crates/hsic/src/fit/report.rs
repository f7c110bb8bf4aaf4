//! What a fit comes to: what was understood, chosen and measured, and whether there was anything to learn.

use std::fmt;

use hsic_eval::metrics::{METRICS, Metric};
use hsic_eval::records::{FoldRecord, LayerRecord};
use hsic_report::number::{measured, number};
use hsic_report::text;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Candidate, Measured, TEST_ROWS, TableSummary};
use crate::{Quality, Training};

/// All that was measured of a fit: text for a terminal, and JSON by the names of results.json.
#[derive(Debug, Clone)]
pub struct Report {
    /// The table as it was understood.
    pub dataset: TableSummary,
    /// Where the model comes from; what was measured is in the other fields.
    pub training: Training,
    /// The hyperparameters that were given.
    pub given: Vec<String>,
    /// The hyperparameters that were chosen.
    pub searched: Vec<&'static str>,
    /// The network layer by layer; nothing of test rows where there are none.
    pub record: FoldRecord,
    /// The five nearest neighbours on the same rows.
    pub neighbours: FoldRecord,
    /// How well the network does on the test rows.
    pub quality: Quality,
    /// Share of the commonest class among the training rows.
    pub majority_train: f64,
    /// p-value of the test whether classes depend on the training rows.
    pub independence: f64,
    /// Of a table in blocks, the training rows of the sample: the network was chosen on it, and k-NN and the test of independence are
    /// of it. None where all rows are in memory.
    pub sample: Option<usize>,
}

impl Report {
    /// Puts the measurements together.
    pub(super) fn new(
        measured: Measured<'_>,
        mut neighbours: FoldRecord,
        independence: f64,
        training: &Training,
        candidate: &Candidate,
    ) -> Self {
        let Measured { dataset, mut record, quality, counts, sample } = measured;
        if quality.n() == 0 {
            // what was measured instead are the training rows
            let of_layers = record.trace.iter_mut().map(|layer| &mut layer.values);
            for values in [&mut record.values, &mut neighbours.values].into_iter().chain(of_layers) {
                let of_test_rows = METRICS.iter().filter(|metric| metric.is_of_test_rows());
                of_test_rows.for_each(|metric| metric.set(values, None));
            }
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        Self {
            dataset,
            given: candidate.given.clone(),
            searched: candidate.searched.clone(),
            record,
            neighbours,
            quality,
            majority_train: most as f64 / training.rows as f64,
            independence,
            sample,
            training: training.clone(),
        }
    }

    /// Whether there are test rows.
    fn tested(&self) -> bool {
        self.quality.n() > 0
    }

    /// What the model file keeps.
    pub fn evaluation(&self) -> Value {
        let mut json = self.quality.to_json();
        json["train_accuracy"] = json!(self.record.train_accuracy);
        json["test_rows"] = json!(self.quality.n());
        json["independence_p_value"] = json!(self.independence);
        json
    }

    fn to_json(&self) -> Value {
        let mut json = json!({
            "dataset": self.dataset,
            "method": self.training.method,
            "settings": self.training.settings,
            "set": self.given,
            "searched": self.searched,
            "seed": self.training.seed,
            "train_rows": self.training.rows,
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
        if let Some(rows) = self.sample {
            json["in_blocks"] = json!({ "sample_rows": rows });
        }
        if let Value::Object(all) = &mut json {
            // a fold of one has no number
            all.shift_remove("fold");
        }
        json
    }

    /// What an inner cross-validation chose, and what was given.
    fn chosen(&self) -> String {
        let word = |name: &str| text::setting(name, &self.training.settings[name]);
        let words = |names: Vec<String>| names.join(", ");
        let mut out = String::new();
        if !self.given.is_empty() {
            let given = self.given.iter().map(|name| word(name)).collect();
            out += &format!("set, and not searched: {}\n", words(given));
        }
        if let Some(selection) = &self.record.selection {
            let mut searched: Vec<String> = self.searched.iter().map(|name| word(name)).collect();
            if searched.is_empty() {
                searched.push(self.training.method.clone());
            }
            out += &format!(
                "chosen by {}-fold cross-validation on {} training rows: {} (accuracy {})\n",
                selection.inner_folds,
                self.sample.map_or_else(|| "the".into(), |rows| format!("a sample of {rows}")),
                words(searched),
                number(selection.chosen.accuracy),
            );
            if selection.out_of_time {
                let whole =
                    selection.candidates.iter().filter(|one| one.folds == selection.chosen.folds).count();
                out += &format!(
                    "the time for the choice was over: {whole} of {} on {} of {}\n",
                    text::count(selection.candidates.len(), "stack"),
                    selection.chosen.folds,
                    text::count(selection.inner_folds, "fold"),
                );
            }
        }
        out
    }

    fn independence_words(&self) -> String {
        let p = number(Some(self.independence));
        let rows = text::count(self.training.rows.min(TEST_ROWS), "training row");
        if self.independence < 0.05 {
            format!("HSIC finds the classes of {rows} to depend on the columns (permutation test, p = {p}).")
        } else {
            format!(
                "HSIC finds no sign that the classes of {rows} depend on the columns (permutation test, p = {p})."
            )
        }
    }

    /// What of the numbers is of a sample, and what of all rows.
    fn in_blocks(&self) -> String {
        self.sample.map_or_else(String::new, |rows| {
            format!(
                "the rows were read in blocks: H*, the objective, what is measured of test rows and the last layer's train accuracy are \
                 of all rows, what else is measured of a layer of the {} it was begun on, and the nearest neighbours of a sample of \
                 {rows}; equal rows were not looked for\n",
                self.training.settings["sample_rows"],
            )
        })
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

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Report {
    /// Of what the table of layers is.
    fn layers_of(&self) -> String {
        match self.record.values.layers {
            Some(0.0) => "the input, no layer solved".into(),
            _ => format!("{}, layer by layer", self.training.method),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} to train on, {} to test\n{}{}\n{} (stacking stopped by {})\n\n{}",
            text::count(self.training.rows, "row"),
            self.quality.n(),
            self.chosen(),
            self.in_blocks(),
            self.layers_of(),
            self.record.stop_reason,
            self.layer_table(),
        )?;
        let row = |name: &str, train: Option<f64>, test: Option<f64>| {
            vec![name.to_owned(), number(train), number(test)]
        };
        let rows = [
            row("this model", self.record.train_accuracy, self.record.test_accuracy),
            row("5 nearest neighbours", self.neighbours.train_accuracy, self.neighbours.test_accuracy),
            row(
                &format!("always `{}`", self.quality.majority()),
                Some(self.majority_train),
                self.quality.majority_share(),
            ),
        ];
        f.write_str(&text::table(&["accuracy", "train", "test"].map(String::from), rows.into_iter()))?;
        if self.tested() {
            writeln!(f, "\ntest {}\n\ntest {}", self.quality.confusion_text(), self.quality.line())?;
        }
        writeln!(f, "\nWas there anything to learn? {} {}", self.quality.verdict(), self.independence_words())
    }
}
