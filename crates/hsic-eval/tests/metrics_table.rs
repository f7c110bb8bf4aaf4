//! The table of metrics: consistent in itself, what docs/results.md says, and what records are written by.

use std::collections::BTreeSet;

use hsic_eval::metrics::{Better, Group, METRICS, Metric, Place, Values};
use hsic_eval::records::{FoldRecord, LayerRecord};
use serde_json::json;

const DOCS: &str = include_str!("../../../docs/results.md");

/// A section of docs/results.md by its heading.
fn section(heading: &str) -> &'static str {
    let (_, rest) = DOCS.split_once(&format!("\n### {heading}")).expect("the section is there");
    rest.split("\n### ").next().unwrap_or(rest)
}

#[test]
fn every_metric_is_documented_as_the_table_has_it() {
    let (of_method, of_fold, of_layer) = (section("methods[]"), section("folds[]"), section("trace[]"));
    let means: Vec<String> = Metric::of_mean().map(|metric| format!("`{}`", metric.name)).collect();
    assert!(of_method.contains(&format!("| object | of {}: the mean", means.join(", "))));
    let row = |metric: &Metric| format!("| `{}` | {} | {} |", metric.name, metric.unit, metric.definition);
    for metric in Metric::of_fold() {
        assert!(of_fold.contains(&row(metric)), "docs/results.md lacks, of folds: {}", row(metric));
    }
    let as_of_a_fold: Vec<&str> =
        of_layer.lines().filter(|line| line.ends_with("| as of a fold |")).collect();
    for metric in Metric::of_layer() {
        let name = format!("`{}`", metric.name);
        let is_told = match metric.of_layer {
            Some(formula) => of_layer.lines().any(|line| {
                line.starts_with(&format!("| {name} |")) && line.ends_with(&format!("| {formula} |"))
            }),
            None if metric.fold == Place::Absent => of_layer.contains(&row(metric)),
            None => as_of_a_fold.iter().any(|line| line.contains(&name)),
        };
        assert!(is_told, "docs/results.md lacks, of layers: {name}");
    }
}

#[test]
fn entries_are_whole() {
    let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), METRICS.len());
    for metric in METRICS {
        let is_shown = [metric.fold, metric.layer].contains(&Place::Tables);
        assert_eq!(is_shown, !metric.heading.is_empty() && !metric.meaning.is_empty(), "{}", metric.name);
        assert!(metric.fold != Place::Absent || metric.layer != Place::Absent, "{}", metric.name);
        assert!(metric.axis.is_none() || metric.layer != Place::Absent, "{} is drawn by layer", metric.name);
        assert_eq!(metric.group == Group::Time, metric.unit == "seconds", "{}", metric.name);
        assert!(!metric.compared || metric.better != Better::Neither, "{} is compared", metric.name);
        // get and set are of the same field, and of no other
        let mut values = Values::default();
        metric.set(&mut values, Some(0.5));
        let set: Vec<&str> =
            METRICS.iter().filter(|other| other.of(&values).is_some()).map(|other| other.name).collect();
        assert_eq!(set, [metric.name]);
        assert_eq!(Metric::named(metric.name).map(|found| found.name), Some(metric.name));
    }
    assert!(Metric::named("fold").is_none());
}

#[test]
fn metrics_of_test_rows_need_only_their_confusion_matrix() {
    let told: Vec<(&str, Option<f64>)> =
        Metric::of_test_rows(&[vec![3, 1], vec![0, 4]]).map(|(metric, value)| (metric.name, value)).collect();
    assert_eq!(
        told,
        [
            ("test_accuracy", Some(0.875)),
            ("balanced_test_accuracy", Some(0.875)),
            ("test_macro_f1", Some((6.0 / 7.0 + 8.0 / 9.0) / 2.0)),
        ]
    );
    assert!(Metric::of_test_rows(&[vec![0, 0], vec![0, 0]]).all(|(_, value)| value.is_none()));
}

fn fold(sigma: f64) -> FoldRecord {
    let values = Values { layers: Some(2.0), sigma: Some(sigma), mse: Some(0.5), ..Values::default() };
    FoldRecord {
        fold: 3,
        values,
        stop_reason: "no-gain".into(),
        confusion: Vec::new(),
        selection: None,
        trace: Vec::new(),
    }
}

#[test]
fn a_record_has_its_metrics_as_fields_in_the_order_of_the_table() -> Result<(), serde_json::Error> {
    let record = fold(0.25);
    let text = serde_json::to_string(&record)?;
    assert_eq!(
        text,
        r#"{"fold":3,"layers":2,"sigma":0.25,"train_accuracy":null,"test_accuracy":null,"balanced_test_accuracy":null,"test_macro_f1":null,"#
            .to_owned()
            + r#""seconds":null,"hsic_normalized":null,"mse":0.5,"ce":null,"cosine_ratio":null,"#
            + r#""scatter_trace_ratio":null,"stop_reason":"no-gain","confusion":[],"trace":[]}"#
    );
    assert_eq!(serde_json::from_str::<FoldRecord>(&text)?, record);
    let layer = json!({ "layer": 1, "width": 3, "stop_reason": "converged", "a_later_one": "text" });
    let layer: LayerRecord = serde_json::from_value(layer)?;
    assert_eq!((layer.width, layer.residual), (Some(3.0), None), "what is missing is not defined");
    Ok(())
}

#[test]
fn what_is_not_a_number_is_refused() {
    let record = json!({ "fold": 0, "mse": "0.5", "stop_reason": "", "confusion": [], "trace": [] });
    let message = serde_json::from_value::<FoldRecord>(record).map_err(|error| error.to_string()).err();
    assert_eq!(message.as_deref(), Some(r#"`mse` is not a number: "0.5""#));
}

#[test]
fn moments_are_of_the_folds_that_have_a_value() {
    let mut folds = [fold(1.0), fold(3.0), fold(9.0)];
    folds[2].values.sigma = None;
    let (mean, std) = Values::moments(&folds);
    assert_eq!((mean.sigma, std.sigma), (Some(2.0), Some(1.0)));
    assert_eq!((mean.layers, std.layers, mean.ce, std.ce), (Some(2.0), Some(0.0), None, None));
    assert_eq!(Values::moments(&[]), (Values::default(), Values::default()));
}
