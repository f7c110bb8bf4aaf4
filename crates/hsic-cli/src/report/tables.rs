//! The tables of a run, as text for a terminal of 100 columns.

use std::collections::BTreeMap;

use comfy_table::{Attribute, Cell, CellAlignment, LineStyle, Table, TableStyle};
use hsic_eval::published::PublishedRow;
use hsic_eval::records::{LayerRecord, MethodRecord, Results, Summary};

use super::number::{Format, UNDEFINED, number};

const MEAN_HEADER: [&str; 12] =
    ["", "L", "σ", "train", "test", "balanced", "time s", "H*", "MSE", "CE", "C", "T"];

const LAYER_HEADER: [&str; 14] = [
    "layer", "folds", "width", "σ", "H*", "MSE", "CE", "C", "T", "train", "test", "iter.", "residual",
    "stopped",
];

/// A rule below the header, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// A mean with its deviation.
type Moments = (Option<f64>, Option<f64>);

/// The mean ± standard deviation of every method, the published row below each, and what is known against comparing
/// the two. `colour` dims the published rows.
pub fn mean_table(results: &Results, colour: bool) -> String {
    let mut table = new_table(&MEAN_HEADER, 2, colour);
    for method in &results.methods {
        let cells = measured(&method.mean, &method.std).map(|(what, moments)| mean_and_std(moments, what, 3));
        table.add_row(row(&method.method, cells, false));
        if let Some(published) = &method.published {
            let cells = self::published(published).map(|(what, moments)| mean_and_std(moments, what, 2));
            table.add_row(row("published", cells, colour));
        }
    }
    let data = &results.dataset;
    let mut text = format!(
        "{}: {} rows, {} columns, {} classes; mean ± standard deviation over the folds\n\n{}\n",
        data.name,
        data.n,
        data.d,
        data.classes,
        trimmed(&table)
    );
    let notes = notes(&results.methods);
    if !notes.is_empty() {
        text += "\nnot comparable cell by cell:\n";
        for note in notes {
            text += &format!("  - {note}\n");
        }
    }
    text
}

/// A line a layer of one method, each number a mean over the folds that have the layer; `None` if the method did not run
/// or has no fold yet.
pub fn layer_table(results: &Results, method: &str) -> Option<String> {
    let record = results.methods.iter().find(|record| record.method == method)?;
    let mut layers: BTreeMap<usize, Vec<&LayerRecord>> = BTreeMap::new();
    for layer in record.folds.iter().flat_map(|fold| &fold.trace) {
        layers.entry(layer.layer).or_default().push(layer);
    }
    if layers.is_empty() {
        return None;
    }
    let mut table = new_table(&LAYER_HEADER, 1, false);
    for (number, of_folds) in &layers {
        table.add_row(layer_row(*number, of_folds));
    }
    if let Some(column) = table.column_mut(LAYER_HEADER.len() - 1) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    Some(format!(
        "{}, {method}, layer by layer: means over the folds that have the layer\n\n{}\n",
        results.dataset.name,
        trimmed(&table)
    ))
}

/// A table with `gap` blanks between columns, numbers to the right.
fn new_table(header: &[&str], gap: u16, colour: bool) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header.to_vec());
    // the caller has decided; comfy-table must not ask the terminal again
    if colour {
        table.enforce_styling().style_text_only();
    } else {
        table.force_no_tty();
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, gap));
        column.set_cell_alignment(CellAlignment::Right);
    }
    if let Some(last) = table.column_mut(header.len() - 1) {
        last.set_padding((0, 0));
    }
    if let Some(first) = table.column_mut(0).filter(|_| header[0].is_empty()) {
        first.set_cell_alignment(CellAlignment::Left);
    }
    table
}

fn row(name: &str, cells: [String; 11], dim: bool) -> Vec<Cell> {
    let styled = |text: String| {
        let cell = Cell::new(text);
        if dim { cell.add_attribute(Attribute::Dim) } else { cell }
    };
    std::iter::once(name.to_owned()).chain(cells).map(styled).collect()
}

/// What kind of number a column holds.
#[derive(Clone, Copy)]
enum Column {
    Layers,
    Number,
}

fn measured(mean: &Summary, std: &Summary) -> [(Column, Moments); 11] {
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

fn published(row: &PublishedRow) -> [(Column, Moments); 11] {
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
fn mean_and_std((mean, std): Moments, column: Column, decimals: usize) -> String {
    let Some(mean) = mean else { return UNDEFINED.into() };
    let format = match (column, Format::of(mean)) {
        (Column::Layers, _) => Format::Fixed(1),
        (Column::Number, Format::Fixed(own)) => Format::Fixed(own.min(decimals)),
        (Column::Number, Format::Scientific) => Format::Scientific,
    };
    let std = std.map_or_else(String::new, |std| format!("\n±{}", format.write(std)));
    format.write(mean) + &std
}

fn notes(methods: &[MethodRecord]) -> Vec<&str> {
    let mut notes = Vec::new();
    let of_rows = methods.iter().filter_map(|method| method.published.as_ref()?.note.as_deref());
    for note in of_rows.flat_map(|note| note.split("; ")) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
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

/// The table without the blanks at the ends of its lines.
fn trimmed(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn widest(text: &str) -> usize {
        text.lines().map(|line| line.chars().count()).max().unwrap_or_default()
    }

    #[test]
    fn means_stand_above_the_published_row() {
        let expected = "\
random: 60 rows, 3 columns, 2 classes; mean ± standard deviation over the folds

                L       σ   train    test  balanced  time s      H*     MSE      CE       C       T
───────────────────────────────────────────────────────────────────────────────────────────────────
spectral      1.5   0.600   0.950   0.800     0.750   0.300   0.940   0.020   0.030   0.050   0.020
             ±0.5  ±0.100  ±0.050  ±0.050    ±0.050  ±0.050  ±0.040  ±0.010  ±0.010  ±0.010  ±0.000
published     3.3    0.38    1.00    0.38         —    0.40    1.00    0.00    0.05    0.00    0.02
             ±0.6           ±0.00   ±0.21             ±0.37   ±0.01   ±0.01   ±0.00   ±0.06   ±0.00
closed-form   1.0       —   0.800   0.600     0.550   0.001   0.800     125   0.300       —   0.500
             ±0.0          ±0.000  ±0.000    ±0.000  ±0.000  ±0.000      ±0  ±0.000          ±0.000
published    12.0    0.15    0.99    0.45         —    0.52    0.92    2.37    0.06    0.05    0.13
             ±0.7           ±0.01   ±0.20             ±0.05   ±0.01   ±1.23   ±0.13   ±0.02   ±0.01

not comparable cell by cell:
  - mse used random-feature outputs whose scale is not normalised
  - scatter ratio used unsquared distances
";
        let text = mean_table(&fixture::results(), false);
        assert_eq!(text, expected);
        assert!(widest(&text) <= 100);
    }

    #[test]
    fn only_published_rows_are_dimmed_and_only_with_colour() {
        let text = mean_table(&fixture::results(), true);
        let dimmed: Vec<&str> = text.lines().filter(|line| line.contains("\u{1b}[2m")).collect();
        assert_eq!(dimmed.len(), 4);
        assert!(dimmed[0].starts_with("\u{1b}[2mpublished\u{1b}[0m"));
        let plain = text.replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
        assert_eq!(plain, mean_table(&fixture::results(), false));
    }

    #[test]
    fn a_data_set_without_a_published_row_stands_alone() {
        let mut results = fixture::results();
        results.methods.truncate(1);
        results.methods[0].published = None;
        let expected = "\
random: 60 rows, 3 columns, 2 classes; mean ± standard deviation over the folds

             L       σ   train    test  balanced  time s      H*     MSE      CE       C       T
────────────────────────────────────────────────────────────────────────────────────────────────
spectral   1.5   0.600   0.950   0.800     0.750   0.300   0.940   0.020   0.030   0.050   0.020
          ±0.5  ±0.100  ±0.050  ±0.050    ±0.050  ±0.050  ±0.040  ±0.010  ±0.010  ±0.010  ±0.000
";
        assert_eq!(mean_table(&results, false), expected);
    }

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
    fn layers_are_means_over_the_folds_that_have_them() {
        let expected = "\
random, spectral, layer by layer: means over the folds that have the layer

layer folds width     σ    H*   MSE    CE     C     T train  test iter. residual stopped
──────────────────────────────────────────────────────────────────────────────────────────
    1     2   3.0 1.100 0.750 0.265 0.220 0.280 0.300 0.900 0.775  56.0    0.010 converged
    2     1   2.0 0.500 0.980 0.010 0.020 0.040 0.020 1.000 0.750   4.0     3e-5 converged
";
        assert_eq!(layer_table(&fixture::results(), "spectral").as_deref(), Some(expected));
        let expected = "\
random, closed-form, layer by layer: means over the folds that have the layer

layer folds width    σ    H* MSE    CE C     T train  test iter. residual stopped
─────────────────────────────────────────────────────────────────────────────────────
    1     1   2.0 2.00 0.800 125 0.300 — 0.500 0.800 0.600   0.0        — closed-form
";
        assert_eq!(layer_table(&fixture::results(), "closed-form").as_deref(), Some(expected));
    }

    #[test]
    fn a_method_that_did_not_run_has_no_layers() {
        let mut results = fixture::results();
        assert_eq!(layer_table(&results, "mlp-ce"), None);
        results.methods[0].folds.clear();
        assert_eq!(layer_table(&results, "spectral"), None);
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
