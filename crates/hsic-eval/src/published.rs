//! The published table as data: mean ± standard deviation over ten folds, by data set and method.
//!
//! It is kept beside the measured numbers, not compared cell by cell: some of its cells were computed by other
//! formulas than ours, and the row's [`note`](PublishedRow::note) says which.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

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

/// The numbers of a published row; `None` is an empty cell.
///
/// # Units
/// Accuracies are shares in 0..1, `seconds` are of the authors' machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PublishedRow {
    /// Smallest bandwidth of the layers.
    pub sigma: Option<f64>,
    /// Standard deviation of `sigma` (never printed).
    pub sigma_std: Option<f64>,
    /// Number of layers, L.
    pub layers: Option<f64>,
    /// Standard deviation of `layers`.
    pub layers_std: Option<f64>,
    /// Share of the training rows classified correctly.
    pub train_accuracy: Option<f64>,
    /// Standard deviation of `train_accuracy`.
    pub train_accuracy_std: Option<f64>,
    /// Share of the test rows classified correctly.
    pub test_accuracy: Option<f64>,
    /// Standard deviation of `test_accuracy`.
    pub test_accuracy_std: Option<f64>,
    /// Seconds of training.
    pub seconds: Option<f64>,
    /// Standard deviation of `seconds`.
    pub seconds_std: Option<f64>,
    /// H*.
    pub hsic_normalized: Option<f64>,
    /// Standard deviation of `hsic_normalized`.
    pub hsic_normalized_std: Option<f64>,
    /// Mean squared error.
    pub mse: Option<f64>,
    /// Standard deviation of `mse`.
    pub mse_std: Option<f64>,
    /// Cross-entropy.
    pub ce: Option<f64>,
    /// Standard deviation of `ce`.
    pub ce_std: Option<f64>,
    /// C.
    pub cosine_ratio: Option<f64>,
    /// Standard deviation of `cosine_ratio`.
    pub cosine_ratio_std: Option<f64>,
    /// T.
    pub scatter_trace_ratio: Option<f64>,
    /// Standard deviation of `scatter_trace_ratio`.
    pub scatter_trace_ratio_std: Option<f64>,
    /// Which cells are not comparable with ours and why, parted by `; `.
    pub note: Option<String>,
}

fn parse(text: &str) -> Result<Vec<Published>, csv::Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    // `serde(flatten)` would make the numbers of a CSV text, so the keys and the numbers are read apart
    let columns: csv::StringRecord = reader.headers()?.iter().skip(2).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let numbers: csv::StringRecord = record.iter().skip(2).collect();
        rows.push(Published {
            dataset: record[0].to_owned(),
            method: record[1].to_owned(),
            row: numbers.deserialize(Some(&columns))?,
        });
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
/// assert_eq!((row.test_accuracy, row.test_accuracy_std), (Some(0.97), Some(0.05)));
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
        let expected = PublishedRow {
            sigma: Some(0.15),
            sigma_std: None,
            layers: Some(12.0),
            layers_std: Some(0.66),
            train_accuracy: Some(0.99),
            train_accuracy_std: Some(0.01),
            test_accuracy: Some(0.45),
            test_accuracy_std: Some(0.20),
            seconds: Some(0.52),
            seconds_std: Some(0.05),
            hsic_normalized: Some(0.92),
            hsic_normalized_std: Some(0.01),
            mse: Some(2.37),
            mse_std: Some(1.23),
            ce: Some(0.06),
            ce_std: Some(0.13),
            cosine_ratio: Some(0.05),
            cosine_ratio_std: Some(0.02),
            scatter_trace_ratio: Some(0.13),
            scatter_trace_ratio_std: Some(0.01),
            note: Some(
                "mse used random-feature outputs whose scale is not normalised; \
                 scatter ratio used unsquared distances"
                    .into(),
            ),
        };
        assert_eq!(published("random", "closed-form"), Some(expected));
        assert_eq!(published("random", "spectral").map(|row| row.note), Some(None));
        assert_eq!(published("divorce", "mlp-mse").and_then(|row| row.sigma), None);
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
