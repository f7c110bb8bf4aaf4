//! The published table as data: mean ± standard deviation over ten folds, by data set and method.
//!
//! It is kept beside the measured numbers, not compared cell by cell: some of its cells were computed by other
//! formulas than ours, and the row's [`note`](PublishedRow::note) says which.

use std::error::Error;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const TABLE: &str = include_str!("table1.csv");

static ROWS: LazyLock<Vec<Published>> =
    LazyLock::new(|| parse(TABLE).expect("the table in this crate is tested to parse"));

/// A row of the published table, and what it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Name of the data set.
    pub dataset: String,
    /// `spectral`, `closed-form`, `mlp-ce` or `mlp-mse`.
    pub method: String,
    /// Its numbers.
    pub row: PublishedRow,
}

/// The cells of a published row by their column: of each metric `NAME` and `NAME_std`, then `note`; null is an empty cell.
///
/// # Units
/// Accuracies are shares in 0..1, seconds are of the authors' machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublishedRow(pub Map<String, Value>);

impl PublishedRow {
    /// The mean of this metric over the folds, and its standard deviation.
    pub fn moments(&self, metric: &str) -> (Option<f64>, Option<f64>) {
        let number = |column: &str| self.0.get(column).and_then(Value::as_f64);
        (number(metric), number(&format!("{metric}_std")))
    }

    /// The mean alone.
    pub fn mean(&self, metric: &str) -> Option<f64> {
        self.moments(metric).0
    }

    /// Which cells are not comparable with ours and why, parted by `; `.
    pub fn note(&self) -> Option<&str> {
        self.0.get("note").and_then(Value::as_str)
    }
}

fn parse(text: &str) -> Result<Vec<Published>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers()?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let mut row = Map::new();
        for (column, cell) in columns.iter().zip(&record).skip(2) {
            let value = match (column, cell) {
                (_, "") => Value::Null,
                ("note", note) => note.into(),
                (_, number) => number.parse::<f64>()?.into(),
            };
            row.insert(column.to_owned(), value);
        }
        let row = PublishedRow(row);
        rows.push(Published { dataset: record[0].to_owned(), method: record[1].to_owned(), row });
    }
    Ok(rows)
}

/// All rows, in the order of the published table.
pub fn published_table() -> &'static [Published] {
    &ROWS
}

/// The published row of a data set and a method, `None` if there is none.
///
/// ```
/// let row = hsic_eval::published::published("wine", "spectral").ok_or("no such row")?;
/// assert_eq!(row.moments("test_accuracy"), (Some(0.97), Some(0.05)));
/// # Ok::<(), &str>(())
/// ```
pub fn published(dataset: &str, method: &str) -> Option<PublishedRow> {
    ROWS.iter()
        .find(|entry| entry.dataset == dataset && entry.method == method)
        .map(|entry| entry.row.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metric;

    #[test]
    fn every_set_has_every_method_once() {
        let sets = ["random", "adversarial", "spiral", "wine", "cancer", "car", "face", "divorce"];
        let methods = ["spectral", "closed-form", "mlp-ce", "mlp-mse"];
        let expected: Vec<_> = sets.iter().flat_map(|set| methods.map(|method| (*set, method))).collect();
        let found: Vec<_> =
            published_table().iter().map(|entry| (entry.dataset.as_str(), entry.method.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_row_is_read_cell_by_cell() {
        let expected =
            r#"{"sigma":0.15,"sigma_std":null,"layers":12.0,"layers_std":0.66,"train_accuracy":0.99,"#
                .to_owned()
                + r#""train_accuracy_std":0.01,"test_accuracy":0.45,"test_accuracy_std":0.2,"seconds":0.52,"seconds_std":0.05,"#
                + r#""hsic_normalized":0.92,"hsic_normalized_std":0.01,"mse":2.37,"mse_std":1.23,"ce":0.06,"ce_std":0.13,"#
                + r#""cosine_ratio":0.05,"cosine_ratio_std":0.02,"scatter_trace_ratio":0.13,"scatter_trace_ratio_std":0.01,"#
                + r#""note":"mse used random-feature outputs whose scale is not normalised; scatter ratio used unsquared distances"}"#;
        let row = published("random", "closed-form").unwrap();
        assert_eq!(serde_json::to_string(&row).unwrap(), expected);
        assert_eq!(row.moments("mse"), (Some(2.37), Some(1.23)));
        assert_eq!(row.moments("sigma"), (Some(0.15), None));
        assert_eq!(published("random", "spectral").unwrap().note(), None);
        assert_eq!(published("divorce", "mlp-mse").and_then(|row| row.mean("sigma")), None);
    }

    #[test]
    fn every_column_is_a_metric_that_is_compared() {
        let PublishedRow(row) = published("random", "spectral").unwrap();
        for column in row.keys().filter(|column| *column != "note") {
            let metric = Metric::named(column.strip_suffix("_std").unwrap_or(column));
            assert!(metric.is_some_and(|metric| metric.compared), "{column}");
        }
    }

    #[test]
    fn an_unknown_row_is_none() {
        assert_eq!(published("mnist", "spectral"), None);
        assert_eq!(published("wine", "kernel"), None);
    }

    #[test]
    fn a_row_survives_json() -> Result<(), serde_json::Error> {
        for entry in published_table() {
            let text = serde_json::to_string(&entry.row)?;
            assert_eq!(serde_json::from_str::<PublishedRow>(&text)?, entry.row);
        }
        Ok(())
    }
}
