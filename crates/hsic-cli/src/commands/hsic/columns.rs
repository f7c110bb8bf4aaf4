//! The columns that `hsic` compares.

use faer::Mat;
use hsic_data::table::{Cell, CellProblem, Source};

use crate::commands::text;
use crate::error::CliError;

/// Missing cells as their column's mean; 0 after standardisation.
pub fn filled(rows: &Mat<f64>) -> Mat<f64> {
    let mean = |column: usize| {
        let known = || rows.col(column).iter().copied().filter(|value| !value.is_nan());
        let count = known().count() as f64;
        known().map(|value| value / count).sum::<f64>()
    };
    let means: Vec<f64> = (0..rows.ncols()).map(mean).collect();
    Mat::from_fn(
        rows.nrows(),
        rows.ncols(),
        |i, j| if rows[(i, j)].is_nan() { means[j] } else { rows[(i, j)] },
    )
}

/// Columns of numbers, without missing cells.
///
/// # Errors
/// [`CliError::Usage`] for a column that is not there, a cell that is no number, and a table without rows.
pub fn numbers(source: &mut Source<'_>, names: &[String]) -> Result<Mat<f64>, CliError> {
    let find = |name: &String| {
        source.names().iter().position(|other| other == name).ok_or_else(|| {
            let columns = source.names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let columns = text::first_few(&columns, 8);
            CliError::Usage(format!(
                "{}: there is no column `{name}`; the columns are {columns}",
                source.file()
            ))
        })
    };
    let columns = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let mut values = Vec::new();
    while let Some(row) = source.next_row()? {
        for &column in &columns {
            let cell = row.cell(column)?;
            let number = match cell {
                Cell::Number(number) => Some(number),
                Cell::Text(text) => text.parse().ok(),
            };
            match number {
                Some(number) if number.is_finite() => values.push(number),
                _ => {
                    let value = cell.to_text();
                    let problem = match number {
                        Some(_) => CellProblem::NonFinite { value },
                        None => CellProblem::NoNumber { value },
                    };
                    return Err(row.error(column, problem).into());
                }
            }
        }
    }
    let d = columns.len();
    if values.is_empty() {
        return Err(CliError::Usage(format!("{} has no rows: expected one row a sample", source.file())));
    }
    Ok(Mat::from_fn(values.len() / d, d, |i, j| values[i * d + j]))
}
