//! `table1.md`.

use super::Reproduction;
use super::grid::{Cell, Grid, header};

/// The table and the reasons below it.
pub fn markdown(table: &Reproduction, grid: &Grid) -> String {
    let header = header();
    let mut text = format!(
        "# Measured beside published\n\nMean ± standard deviation over {} folds, seed {}, version {}. Bold: the better of \
         measured and published, where they can be compared. The last two columns: how many times the seconds of a fit the \
         perceptrons took.\n\n| set | method | {} |\n|---|---|{}\n",
        table.folds,
        table.seed,
        table.version,
        header.join(" | "),
        "---|".repeat(header.len())
    );
    for row in &grid.rows {
        let set = row.set.as_deref().unwrap_or("");
        let name = if row.is_published { row.name.clone() } else { format!("**{}**", row.name) };
        let cells: Vec<String> = row.cells.iter().map(cell).collect();
        text += &format!("| {set} | {name}{} | {} |\n", marks(&row.marks), cells.join(" | "));
    }
    if !grid.reasons.is_empty() {
        text += "\nNot comparable:\n\n";
        for (at, reason) in grid.reasons.iter().enumerate() {
            text += &format!("{}. {reason}\n", at + 1);
        }
    }
    let failures = table.failures();
    if !failures.is_empty() {
        text += "\nNot finished:\n\n";
        for failure in failures {
            // a failure can have several lines
            text += &format!("- {}\n", failure.replace('\n', "\n  "));
        }
    }
    text
}

fn cell(cell: &Cell) -> String {
    let mean = if cell.is_better { format!("**{}**", cell.mean) } else { cell.mean.clone() };
    let std = cell.std.as_ref().map_or_else(String::new, |std| format!(" {std}"));
    format!("{mean}{std}{}", marks(&cell.marks))
}

fn marks(marks: &[usize]) -> String {
    marks.iter().map(|mark| format!(" [{mark}]")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn better_numbers_are_bold_and_reasons_are_numbered() {
        let table = table();
        let text = markdown(&table, &Grid::of(&table));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[6].starts_with(
            "| random | **spectral (2 of 10 folds)** | **1.5** ±0.5 | **0.600** ±0.100 | 0.950 ±0.050 | **0.800** ±0.050 |"
        ));
        assert!(
            lines[7].starts_with(
                "|  | published | 3.3 ±0.6 | 0.38 | **1.00** ±0.00 | 0.38 ±0.21 | — | 0.40 ±0.37 [1] |"
            ),
            "{}",
            lines[7]
        );
        assert!(text.contains("\n1. time is of the authors' machine\n"));
        assert!(text.ends_with("Not finished:\n\n- random: spectral, fold 2: no\n- face: not there\n"));
    }
}
