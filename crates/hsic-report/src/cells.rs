//! What stands in the cells of the tables, on a terminal and in the report.

use std::collections::BTreeMap;

use hsic_eval::metrics::{Kind, Metric};
use hsic_eval::published::PublishedRow;
use hsic_eval::records::{LayerRecord, MethodRecord};

use super::number::{Format, UNDEFINED, number};

/// Columns of a table of means; the first names the row.
pub fn mean_header() -> Vec<&'static str> {
    [""].into_iter().chain(Metric::of_mean().map(|metric| metric.heading)).collect()
}

/// Columns of a table of layers.
pub fn layer_header() -> Vec<&'static str> {
    let metrics = Metric::of_layer_table().map(|metric| metric.heading);
    ["layer", "folds"].into_iter().chain(metrics).chain(["stopped"]).collect()
}

/// The columns of a method's row after its name.
pub fn measured(record: &MethodRecord) -> Vec<String> {
    let moments = |metric: &Metric| (metric.of(&record.mean), metric.of(&record.std));
    Metric::of_mean().map(|metric| mean_and_std(moments(metric), metric.kind, 3)).collect()
}

/// The same columns of a published row.
pub fn published(row: &PublishedRow) -> Vec<String> {
    Metric::of_mean().map(|metric| mean_and_std(row.moments(metric.name), metric.kind, 2)).collect()
}

/// Two lines, since eleven times `0.97 ± 0.05` is wider than a terminal. No more than `decimals`: the published table
/// has two, and a third would be made up.
pub fn mean_and_std((mean, std): (Option<f64>, Option<f64>), kind: Kind, decimals: usize) -> String {
    let Some(mean) = mean else { return UNDEFINED.into() };
    let format = match (kind, Format::of(mean)) {
        (Kind::Count, _) => Format::Fixed(1),
        (_, Format::Fixed(own)) => Format::Fixed(own.min(decimals)),
        (_, Format::Scientific) => Format::Scientific,
    };
    let std = std.map_or_else(String::new, |std| format!("\n±{}", format.write(std)));
    format.write(mean) + &std
}

/// What is known against comparing measured and published numbers, each once.
pub fn notes(methods: &[MethodRecord]) -> Vec<&str> {
    let mut notes = Vec::new();
    let of_rows = methods.iter().filter_map(|method| method.published.as_ref()?.note());
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
    let cell = |metric: &Metric| {
        let mean = metric.moments(of_folds.iter().map(|record| &record.values)).map(|(mean, _)| mean);
        match metric.kind {
            Kind::Count => mean.map_or_else(String::new, |mean| Format::Fixed(1).write(mean)),
            _ => number(mean),
        }
    };
    let before = [layer.to_string(), of_folds.len().to_string()];
    let stopped = commonest_stop(of_folds).to_owned();
    before.into_iter().chain(Metric::of_layer_table().map(cell)).chain([stopped]).collect()
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
