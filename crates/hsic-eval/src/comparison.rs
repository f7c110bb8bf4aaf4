//! Measured numbers beside published ones, metric by metric.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::metrics::{Better, Group, Metric};
use crate::published::PublishedRow;
use crate::records::MethodRecord;

/// Why the seconds of two machines are not compared.
const OTHER_MACHINE: &str = "time is of the authors' machine";

/// One of two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The number measured here.
    Measured,
    /// The number of the published table.
    Published,
}

/// A metric of a method on a data set, measured and published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Name of the metric.
    pub metric: String,
    /// Mean over the folds.
    pub mean: Option<f64>,
    /// Population standard deviation over the folds.
    pub std: Option<f64>,
    /// The published mean.
    pub published: Option<f64>,
    /// The published standard deviation.
    pub published_std: Option<f64>,
    /// The better side at the two decimals of the published table; null where they are equal there, one is not given, or
    /// they cannot be compared.
    pub better: Option<Side>,
    /// Why the two cannot be compared; empty where they can.
    pub not_comparable: Vec<String>,
}

/// Every metric of a method beside its published row.
pub fn compare(record: &MethodRecord) -> Vec<Compared> {
    Metric::of_comparison().map(|metric| compared(metric, record)).collect()
}

fn compared(metric: &Metric, record: &MethodRecord) -> Compared {
    let (mean, std) = (metric.of(&record.mean), metric.of(&record.std));
    let row = record.published.as_ref();
    let (published, published_std) = row.map_or((None, None), |row| row.moments(metric.name));
    let not_comparable = match (published, row) {
        (Some(_), Some(row)) => reasons(metric, row),
        _ => Vec::new(),
    };
    let better = match (mean, published) {
        (Some(mean), Some(published)) if not_comparable.is_empty() => better(metric, mean, published),
        _ => None,
    };
    Compared { metric: metric.name.to_owned(), mean, std, published, published_std, better, not_comparable }
}

fn better(metric: &Metric, mean: f64, published: f64) -> Option<Side> {
    let hundredths = |value: f64| (value * 100.0).round();
    let (mean, published) = (hundredths(mean), hundredths(published));
    let (low, high) = match mean.partial_cmp(&published)? {
        Ordering::Less => (Side::Measured, Side::Published),
        Ordering::Greater => (Side::Published, Side::Measured),
        Ordering::Equal => return None,
    };
    match metric.better {
        Better::Higher => Some(high),
        Better::Lower => Some(low),
        Better::Neither => None,
    }
}

/// The clauses of a row's note that concern a metric.
fn reasons(metric: &Metric, row: &PublishedRow) -> Vec<String> {
    let clauses = row.note().into_iter().flat_map(|note| note.split("; "));
    let machine = (metric.group == Group::Time).then(|| OTHER_MACHINE.to_owned());
    clauses.filter(|clause| concerns(clause, metric.name)).map(str::to_owned).chain(machine).collect()
}

/// Whether a clause is about a metric: those that name no metric are about the data, so about all.
fn concerns(clause: &str, metric: &str) -> bool {
    const SUBJECTS: [(&str, &[&str]); 3] =
        [("mse and ce ", &["mse", "ce"]), ("mse ", &["mse"]), ("scatter ratio ", &["scatter_trace_ratio"])];
    match SUBJECTS.iter().find(|(subject, _)| clause.starts_with(subject)) {
        Some((_, metrics)) => metrics.contains(&metric),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::metrics::Values;
    use crate::published::{published, published_table};

    fn record(dataset: &str, method: &str, mean: Values) -> MethodRecord {
        MethodRecord {
            method: method.into(),
            settings: serde_json::Value::Null,
            folds: Vec::new(),
            mean,
            std: Values::default(),
            published: published(dataset, method),
        }
    }

    fn of(compared: &[Compared], metric: &str) -> Compared {
        compared.iter().find(|entry| entry.metric == metric).cloned().unwrap()
    }

    #[test]
    fn the_better_side_is_that_of_the_arrow_at_two_decimals() {
        let mean = Values {
            layers: Some(3.1),
            sigma: Some(0.40),
            train_accuracy: Some(1.0),
            test_accuracy: Some(0.384),
            hsic_normalized: Some(0.98),
            seconds: Some(0.01),
            ..Values::default()
        };
        let compared = compare(&record("random", "spectral", mean));
        let better = |metric| of(&compared, metric).better;
        assert_eq!(better("layers"), Some(Side::Measured));
        assert_eq!(better("sigma"), Some(Side::Measured));
        assert_eq!(better("train_accuracy"), None);
        assert_eq!(better("test_accuracy"), None, "0.384 is 0.38");
        assert_eq!(better("hsic_normalized"), Some(Side::Published));
        assert_eq!(better("seconds"), None);
        assert_eq!(better("mse"), None, "nothing was measured");
        assert_eq!(of(&compared, "seconds").not_comparable, [OTHER_MACHINE]);
        assert_eq!(of(&compared, "balanced_test_accuracy").published, None);
    }

    #[test]
    fn a_note_marks_the_metrics_it_is_about() {
        let marked = |dataset, method| -> Vec<String> {
            let mean = Values { layers: Some(1.0), ..Values::default() };
            let compared = compare(&record(dataset, method, mean));
            let marked = compared.into_iter().filter(|entry| !entry.not_comparable.is_empty());
            marked.map(|entry| entry.metric).collect()
        };
        assert_eq!(marked("wine", "spectral"), ["seconds"]);
        assert_eq!(marked("wine", "closed-form"), ["seconds", "mse", "scatter_trace_ratio"]);
        assert_eq!(marked("wine", "mlp-ce"), ["seconds", "mse", "ce"]);
        // the data differ: nothing can be compared
        assert_eq!(marked("car", "spectral").len(), Metric::of_comparison().count() - 1);
        assert_eq!(
            marked("cancer", "mlp-mse").len(),
            Metric::of_comparison().count() - 2,
            "a perceptron has no σ"
        );
        assert_eq!(marked("wine", "knn"), [""; 0]);
    }

    #[test]
    fn every_clause_of_the_table_is_one_of_those_this_module_knows() {
        let notes = published_table().iter().filter_map(|entry| entry.row.note());
        let clauses: BTreeSet<&str> = notes.flat_map(|note| note.split("; ")).collect();
        assert_eq!(
            clauses.into_iter().collect::<Vec<_>>(),
            [
                "UCI classes here (1210/384/69/65)",
                "mse and ce of an MLP were measured on its logits or its summed output against the class index",
                "mse used random-feature outputs whose scale is not normalised",
                "scatter ratio used unsquared distances",
                "the released cancer file has 615 of the 683 rows",
                "the released car labels (3 x 576) copy the safety column",
            ]
        );
    }
}
