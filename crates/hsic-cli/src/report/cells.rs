//! What stands in the cells of the tables, on a terminal and in the report.

use std::collections::BTreeMap;

use hsic_eval::published::PublishedRow;
use hsic_eval::records::{LayerRecord, MethodRecord, Summary};

use super::number::{Format, UNDEFINED, number};

/// Columns of a table of means; the first names the row.
pub const MEAN_HEADER: [&str; 12] =
    ["", "L", "σ", "train", "test", "balanced", "time s", "H*", "MSE", "CE", "C", "T"];

/// Columns of a table of layers.
pub const LAYER_HEADER: [&str; 14] = [
    "layer", "folds", "width", "σ", "H*", "MSE", "CE", "C", "T", "train", "test", "iter.", "residual",
    "stopped",
];

/// A mean with its deviation.
pub type Moments = (Option<f64>, Option<f64>);

/// What kind of number a column holds.
#[derive(Clone, Copy)]
pub enum Column {
    /// A mean count of layers.
    Layers,
    /// Any other.
    Number,
}

/// The columns of a method's row after its name.
pub fn measured(mean: &Summary, std: &Summary) -> [(Column, Moments); 11] {
    [
        (Column::Layers, (mean.layers, std.layers)),
        (Column::Number, (mean.sigma, std.sigma)),
        (Column::Number, (mean.train_accuracy, std.train_accuracy)),
        (Column::Number, (mean.test_accuracy, std.test_accuracy)),
        (Column::Number, (mean.balanced_test_accuracy, std.balanced_test_accuracy)),
        (Column::Number, (mean.seconds, std.seconds)),
        (Column::Number, (mean.hsic_normalized, std.hsic_normalized)),
        (Column::Number, (mean.mse, std.mse)),
        (Column::Number, (mean.ce, std.ce)),
        (Column::Number, (mean.cosine_ratio, std.cosine_ratio)),
        (Column::Number, (mean.scatter_trace_ratio, std.scatter_trace_ratio)),
    ]
}

/// The same columns of a published row.
pub fn published(row: &PublishedRow) -> [(Column, Moments); 11] {
    [
        (Column::Layers, (row.layers, row.layers_std)),
        (Column::Number, (row.sigma, row.sigma_std)),
        (Column::Number, (row.train_accuracy, row.train_accuracy_std)),
        (Column::Number, (row.test_accuracy, row.test_accuracy_std)),
        (Column::Number, (None, None)),
        (Column::Number, (row.seconds, row.seconds_std)),
        (Column::Number, (row.hsic_normalized, row.hsic_normalized_std)),
        (Column::Number, (row.mse, row.mse_std)),
        (Column::Number, (row.ce, row.ce_std)),
        (Column::Number, (row.cosine_ratio, row.cosine_ratio_std)),
        (Column::Number, (row.scatter_trace_ratio, row.scatter_trace_ratio_std)),
    ]
}

/// Two lines, since eleven times `0.97 ± 0.05` is wider than a terminal. No more than `decimals`: the published table
/// has two, and a third would be made up.
pub fn mean_and_std((mean, std): Moments, column: Column, decimals: usize) -> String {
    let Some(mean) = mean else { return UNDEFINED.into() };
    let format = match (column, Format::of(mean)) {
        (Column::Layers, _) => Format::Fixed(1),
        (Column::Number, Format::Fixed(own)) => Format::Fixed(own.min(decimals)),
        (Column::Number, Format::Scientific) => Format::Scientific,
    };
    let std = std.map_or_else(String::new, |std| format!("\n±{}", format.write(std)));
    format.write(mean) + &std
}

/// What is known against comparing measured and published numbers, each once.
pub fn notes(methods: &[MethodRecord]) -> Vec<&str> {
    let mut notes = Vec::new();
    let of_rows = methods.iter().filter_map(|method| method.published.as_ref()?.note.as_deref());
    for note in of_rows.flat_map(|note| note.split("; ")) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// A row a layer of a method, each number a mean over the folds that have the layer.
pub fn layer_rows(record: &MethodRecord) -> Vec<Vec<String>> {
    let mut layers: BTreeMap<usize, Vec<&LayerRecord>> = BTreeMap::new();
    for layer in record.folds.iter().flat_map(|fold| &fold.trace) {
        layers.entry(layer.layer).or_default().push(layer);
    }
    layers.iter().map(|(number, of_folds)| layer_row(*number, of_folds)).collect()
}

fn layer_row(layer: usize, of_folds: &[&LayerRecord]) -> Vec<String> {
    let mean = |value: &dyn Fn(&LayerRecord) -> Option<f64>| {
        let values: Vec<f64> = of_folds.iter().filter_map(|record| value(record)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let count = |value: &dyn Fn(&LayerRecord) -> usize| {
        mean(&|record| Some(value(record) as f64))
            .map_or_else(String::new, |mean| Format::Fixed(1).write(mean))
    };
    vec![
        layer.to_string(),
        of_folds.len().to_string(),
        count(&|record| record.width),
        number(mean(&|record| Some(record.sigma))),
        number(mean(&|record| Some(record.hsic_normalized))),
        number(mean(&|record| Some(record.mse))),
        number(mean(&|record| Some(record.ce))),
        number(mean(&|record| record.cosine_ratio)),
        number(mean(&|record| record.scatter_trace_ratio)),
        number(mean(&|record| Some(record.train_accuracy))),
        number(mean(&|record| Some(record.test_accuracy))),
        count(&|record| record.iterations),
        number(mean(&|record| record.residual)),
        commonest_stop(of_folds).into(),
    ]
}

/// The commonest stop reason, of equally common ones the first of the alphabet.
fn commonest_stop<'a>(of_folds: &[&'a LayerRecord]) -> &'a str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in of_folds {
        *counts.entry(&record.stop_reason).or_default() += 1;
    }
    let most = counts.values().copied().max();
    counts.into_iter().find(|(_, count)| Some(*count) == most).map_or("", |(reason, _)| reason)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn notes_of_several_rows_appear_once() {
        let mut results = fixture::results();
        for method in &mut results.methods {
            method.published = hsic_eval::published::published("car", &method.method);
        }
        assert_eq!(
            notes(&results.methods),
            [
                "the released car labels (3 x 576) copy the safety column",
                "UCI classes here (1210/384/69/65)",
                "mse used random-feature outputs whose scale is not normalised",
                "scatter ratio used unsquared distances",
            ]
        );
    }

    #[test]
    fn the_commonest_stop_reason_is_shown() {
        let stopped = |reason: &str| LayerRecord { stop_reason: reason.into(), ..fixture::layer(1, 0.5, 2) };
        let layers = [stopped("no-ascent"), stopped("converged"), stopped("no-ascent"), stopped("converged")];
        let layers: Vec<&LayerRecord> = layers.iter().collect();
        assert_eq!(commonest_stop(&layers), "converged");
        assert_eq!(commonest_stop(&layers[..3]), "no-ascent");
    }
}
