//! What stands in the cells, whatever they are written as.

use comfy_table::CellAlignment;
use hsic_eval::comparison::{Compared, Side};
use hsic_eval::metrics::Metric;

use super::super::cells::mean_and_std;
use super::super::number::{Format, UNDEFINED, number};
use super::super::tables::{new_table, trimmed};
use super::{MethodRow, Reproduction};

/// Columns after set and method.
pub fn header() -> Vec<&'static str> {
    Metric::of_comparison().map(|metric| metric.heading).chain(["mlp-ce ÷", "mlp-mse ÷"]).collect()
}

/// The table, row by row, and the reasons its marks stand for, the first of number 1.
pub struct Grid {
    pub rows: Vec<Row>,
    pub reasons: Vec<String>,
}

/// A measured or a published row.
pub struct Row {
    /// The set, in its first row.
    pub set: Option<String>,
    /// The method, or that the row is published.
    pub name: String,
    pub is_published: bool,
    /// Reasons that hold for the whole row.
    pub marks: Vec<usize>,
    pub cells: Vec<Cell>,
}

/// A number and its deviation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    pub mean: String,
    pub std: Option<String>,
    /// Whether it is the better of measured and published.
    pub is_better: bool,
    /// Why it cannot be compared.
    pub marks: Vec<usize>,
}

impl Grid {
    pub fn of(table: &Reproduction) -> Self {
        let mut grid = Self { rows: Vec::new(), reasons: Vec::new() };
        for set in &table.sets {
            for (at, method) in set.methods.iter().enumerate() {
                let name = (at == 0).then(|| set.name.clone());
                let mut row = grid.row(method, Side::Measured, table.folds);
                row.set = name;
                grid.rows.push(row);
                if method.metrics.iter().any(|metric| metric.published.is_some()) {
                    let row = grid.row(method, Side::Published, table.folds);
                    grid.rows.push(row);
                }
            }
        }
        grid
    }

    fn row(&mut self, method: &MethodRow, side: Side, folds: usize) -> Row {
        let is_published = side == Side::Published;
        let in_all = if is_published { reasons_of_all(&method.metrics) } else { Vec::new() };
        let mut cells: Vec<Cell> = method
            .metrics
            .iter()
            .zip(Metric::of_comparison())
            .map(|(metric, of)| Cell {
                is_better: metric.better == Some(side),
                marks: if is_published {
                    let own = metric.not_comparable.iter().filter(|reason| !in_all.contains(reason));
                    own.map(|reason| self.mark(reason)).collect()
                } else {
                    Vec::new()
                },
                ..moments(metric, of, side)
            })
            .collect();
        let ratio = |value: Option<f64>| Cell {
            mean: if is_published { String::new() } else { times(value) },
            ..Cell::default()
        };
        cells.extend(method.speedup.map(ratio));
        let marks = in_all.iter().map(|reason| self.mark(reason)).collect();
        let name = match side {
            Side::Published => "published".into(),
            Side::Measured if method.folds < folds => {
                format!("{} ({} of {folds} folds)", method.method, method.folds)
            }
            Side::Measured => method.method.clone(),
        };
        Row { set: None, name, is_published, marks, cells }
    }

    /// The number of a reason, from 1, in the order of their appearance.
    fn mark(&mut self, reason: &str) -> usize {
        if let Some(at) = self.reasons.iter().position(|known| known == reason) {
            return at + 1;
        }
        self.reasons.push(reason.to_owned());
        self.reasons.len()
    }
}

/// The reasons that every published number of a row has.
fn reasons_of_all(metrics: &[Compared]) -> Vec<&String> {
    let published = || metrics.iter().filter(|metric| metric.published.is_some());
    let Some(first) = published().next() else { return Vec::new() };
    let in_all = |reason: &&String| published().all(|metric| metric.not_comparable.contains(reason));
    first.not_comparable.iter().filter(in_all).collect()
}

fn moments(values: &Compared, metric: &Metric, side: Side) -> Cell {
    let text = match side {
        Side::Measured => mean_and_std((values.mean, values.std), metric.kind, 3),
        Side::Published => mean_and_std((values.published, values.published_std), metric.kind, 2),
    };
    let (mean, std) = match text.split_once('\n') {
        Some((mean, std)) => (mean.to_owned(), Some(std.to_owned())),
        None => (text, None),
    };
    Cell { mean, std, ..Cell::default() }
}

/// A ratio with two digits.
fn times(ratio: Option<f64>) -> String {
    match ratio {
        None => UNDEFINED.into(),
        Some(ratio) if ratio < 10.0 => format!("{ratio:.1}×"),
        Some(ratio) => format!("{}×", Format::Fixed(0).write(ratio)),
    }
}

/// Test accuracy of every set and method for a terminal, the published one in brackets, and how much longer the
/// perceptrons took than the spectral network.
pub fn overview(table: &Reproduction) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for row in table.sets.iter().flat_map(|set| &set.methods) {
        if !methods.contains(&row.method.as_str()) {
            methods.push(&row.method);
        }
    }
    let with_times = table.sets.iter().flat_map(|set| &set.methods).any(|row| row.speedup != [None; 2]);
    let mut header = vec![""];
    header.extend(&methods);
    if with_times {
        header.extend(["mlp-ce ÷ spectral", "mlp-mse ÷ spectral"]);
    }
    let mut text = new_table(&header, 2, false);
    for column in text.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Left);
    }
    for set in &table.sets {
        let of = |name: &str| set.methods.iter().find(|row| row.method == name);
        let mut cells = vec![set.name.clone()];
        cells.extend(methods.iter().map(|method| of(method).map_or_else(|| UNDEFINED.into(), accuracy)));
        if with_times {
            cells.extend(of("spectral").map_or([None; 2], |row| row.speedup).map(times));
        }
        text.add_row(cells);
    }
    format!(
        "test accuracy (published), and time of a fit against the spectral network's\n\n{}\n",
        trimmed(&text)
    )
}

fn accuracy(row: &MethodRow) -> String {
    let Some(metric) = row.metrics.iter().find(|metric| metric.metric == "test_accuracy") else {
        return UNDEFINED.into();
    };
    let published = match metric.published {
        Some(published) if metric.not_comparable.is_empty() => format!(" ({published:.2})"),
        Some(_) => " (other data)".into(),
        None => String::new(),
    };
    format!("{}{published}", number(metric.mean))
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn a_published_row_follows_and_marks_are_numbered() {
        let grid = Grid::of(&table());
        let names: Vec<&str> = grid.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "spectral (2 of 10 folds)",
                "published",
                "closed-form (1 of 10 folds)",
                "published",
                "mlp-ce (2 of 10 folds)",
                "published"
            ]
        );
        assert_eq!(grid.reasons[0], "time is of the authors' machine");
        assert_eq!(grid.reasons.len(), 4);
        assert_eq!(grid.rows[0].set.as_deref(), Some("random"));
        let test = &grid.rows[0].cells[3];
        assert_eq!(
            (test.mean.as_str(), test.std.as_deref(), test.is_better),
            ("0.800", Some("±0.050"), true)
        );
        assert_eq!(grid.rows[1].cells[5].marks, [1]);
        assert!(grid.rows.iter().all(|row| row.cells.len() == header().len() && row.marks.is_empty()));
        assert_eq!(grid.rows[0].cells[11].mean, "20×");
    }

    #[test]
    fn a_reason_of_all_numbers_marks_the_row() {
        let mut results = super::super::super::fixture::results();
        for method in &mut results.methods {
            method.published = hsic_eval::published::published("cancer", &method.method);
        }
        let mut table = Reproduction::new(0, 2);
        table.push("cancer", &results, &[]);
        let grid = Grid::of(&table);
        assert_eq!((grid.rows[1].marks.len(), grid.rows[1].cells[3].marks.len()), (1, 0));
        assert!(overview(&table).contains("(other data)"));
    }

    #[test]
    fn the_overview_has_a_line_a_set() {
        let expected = "\
test accuracy (published), and time of a fit against the spectral network's

        spectral      closed-form   mlp-ce        mlp-ce ÷ spectral  mlp-mse ÷ spectral
───────────────────────────────────────────────────────────────────────────────────────
random  0.800 (0.38)  0.600 (0.45)  0.800 (0.48)  20×                —
face    —             —             —             —                  —
";
        assert_eq!(overview(&table()), expected);
    }
}
