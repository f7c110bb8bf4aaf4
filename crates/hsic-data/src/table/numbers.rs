//! Some columns of a table as numbers, without a schema.

use faer::Mat;

use super::{Cell, CellProblem, ColumnProblem, MissingRemedy, MissingRule, Source, is_missing_number};
use crate::warning::Rounding;
use crate::{DataWarning, Error, Result};

/// Columns of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// A row a row that was kept; NaN stands for a missing value under [`MissingRule::Keep`].
    pub rows: Mat<f64>,
    /// Rows left out because they miss a cell in one of the columns.
    pub dropped: usize,
    /// Numbers that were rounded.
    pub warnings: Vec<DataWarning>,
}

impl Numbers {
    /// Reads the rest of the rows of a table.
    ///
    /// # Errors
    /// [`Error::Cell`] for a cell that is no finite number, and for a missing one where they are refused;
    /// [`Error::Columns`] for a column that is not there or has no value, and where no row is left; any error of the source.
    pub fn read(source: &mut Source<'_>, names: &[String], missing: MissingRule) -> Result<Self> {
        let columns = names.iter().map(|name| source.column(name)).collect::<Result<Vec<_>>>()?;
        let (mut values, mut rounding) = (Vec::new(), vec![Rounding::default(); columns.len()]);
        let (mut known, mut n, mut dropped) = (vec![false; columns.len()], 0, 0);
        while let Some(row) = source.next_row()? {
            n += 1;
            let start = values.len();
            for (j, &column) in columns.iter().enumerate() {
                let cell = row.cell(column)?;
                let number = match cell {
                    Cell::Text(text) if is_missing_number(text) => Some(f64::NAN),
                    Cell::Text(text) => text.parse().ok(),
                    Cell::Number(_) | Cell::Integer(_) => cell.number(),
                };
                let value = || cell.to_text();
                match number {
                    Some(number) if number.is_finite() => {
                        known[j] = true;
                        rounding[j].see(&cell);
                        values.push(number);
                    }
                    Some(number) if number.is_nan() && missing == MissingRule::Refuse => {
                        let remedy = MissingRemedy::Number;
                        return Err(row.error(column, CellProblem::Missing { value: value(), remedy }));
                    }
                    Some(number) if number.is_nan() => values.push(number),
                    Some(_) => return Err(row.error(column, CellProblem::NonFinite { value: value() })),
                    None => return Err(row.error(column, CellProblem::NoNumber { value: value() })),
                }
            }
            if missing == MissingRule::Drop && values[start..].iter().any(|value: &f64| value.is_nan()) {
                values.truncate(start);
                dropped += 1;
            }
        }
        let failed = |problem| Err(Error::Columns { file: source.file().into(), problem });
        if n == 0 {
            return Err(Error::NoRows { file: source.file().into() });
        }
        if let Some(j) = known.iter().position(|known| !known) {
            return failed(ColumnProblem::Empty { name: names[j].clone() });
        }
        if dropped == n {
            return failed(ColumnProblem::AllDropped { n });
        }
        let d = columns.len();
        let rows = Mat::from_fn(n - dropped, d, |i, j| values[i * d + j]);
        let warnings =
            rounding.into_iter().zip(names).filter_map(|(seen, name)| seen.warning(name)).collect();
        Ok(Self { rows, dropped, warnings })
    }
}
