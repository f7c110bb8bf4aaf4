//! The tables of a run, as text for a terminal of 100 columns.

use comfy_table::{Attribute, Cell, CellAlignment, LineStyle, Table, TableStyle};
use hsic_eval::records::Results;

use super::cells::{layer_header, layer_rows, mean_header, measured, notes, published};

/// Columns of a terminal.
const COLUMNS: usize = 100;

/// A rule below the header, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// The mean ± standard deviation of every method, the published row below each, and what is known against comparing
/// the two. `colour` dims the published rows.
pub fn mean_table(results: &Results, colour: bool) -> String {
    let rows = |gap: u16, colour: bool| {
        let mut table = new_table(&mean_header(), gap, colour);
        for method in &results.methods {
            table.add_row(row(&method.method, measured(method), false));
            if let Some(of_paper) = &method.published {
                table.add_row(row("published", published(of_paper), colour));
            }
        }
        trimmed(&table)
    };
    // codes of colours have no width
    let is_wide = rows(2, false).lines().any(|line| line.chars().count() > COLUMNS);
    let table = rows(if is_wide { 1 } else { 2 }, colour);
    let data = &results.dataset;
    let mut text = format!(
        "{}: {} rows, {} columns, {} classes; mean ± standard deviation over the folds\n\n{}\n",
        data.name, data.n, data.d, data.classes, table
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
    let layers = layer_rows(record);
    if layers.is_empty() {
        return None;
    }
    let header = layer_header();
    let mut table = new_table(&header, 1, false);
    for row in layers {
        table.add_row(row);
    }
    if let Some(column) = table.column_mut(header.len() - 1) {
        column.set_cell_alignment(CellAlignment::Left);
    }
    Some(format!(
        "{}, {method}, layer by layer: means over the folds that have the layer\n\n{}\n",
        results.dataset.name,
        trimmed(&table)
    ))
}

/// The tables of a run: every method layer by layer, then the means.
pub fn summary(results: &Results, colour: bool) -> String {
    let of_layers = results.methods.iter().filter_map(|method| layer_table(results, &method.method));
    of_layers.map(|table| table + "\n").collect::<String>() + &mean_table(results, colour)
}

/// A table with `gap` blanks between columns, numbers to the right.
pub fn new_table<S: AsRef<str>>(header: &[S], gap: u16, colour: bool) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header.iter().map(S::as_ref));
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
    if let Some(first) = table.column_mut(0).filter(|_| header[0].as_ref().is_empty()) {
        first.set_cell_alignment(CellAlignment::Left);
    }
    table
}

fn row(name: &str, cells: Vec<String>, dim: bool) -> Vec<Cell> {
    let styled = |text: String| {
        let cell = Cell::new(text);
        if dim { cell.add_attribute(Attribute::Dim) } else { cell }
    };
    std::iter::once(name.to_owned()).chain(cells).map(styled).collect()
}

/// The table without the blanks at the ends of its lines.
pub fn trimmed(table: &Table) -> String {
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
    fn the_tables_of_layers_come_first() {
        let text = summary(&fixture::results(), false);
        assert!(text.starts_with("random, spectral, layer by layer"), "{text}");
        assert!(text.ends_with(&mean_table(&fixture::results(), false)), "{text}");
    }

    #[test]
    fn columns_move_together_where_a_terminal_is_too_narrow() {
        let mut results = fixture::results();
        results.methods[0].method = "kernel-ridge".into();
        results.methods[0].mean.seconds = Some(123_456.0);
        results.methods[0].mean.mse = Some(7_654_321.0);
        let text = mean_table(&results, false);
        assert!((90..=100).contains(&widest(&text)), "{text}");
        assert!(text.contains(" 123456 ") && text.contains(" 7654321 "), "{text}");
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
}
