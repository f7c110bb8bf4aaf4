//! Some columns of a table as numbers, without a schema.

use faer::Mat;

use super::formats::Formats;
use super::{
    Cell, CellProblem, ColumnProblem, Content, MissingRemedy, MissingRule, NumberFormat, Source,
    SourceOptions, is_missing_number,
};
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
    /// Reads the columns of a table, each in the one format that fits all its cells.
    ///
    /// # Errors
    /// As [`Numbers::read`]; [`Error::Columns`] for numbers that can be read in two ways, or are written in several.
    ///
    /// # Cost
    /// Two passes over the rows.
    pub fn of(
        content: &Content,
        options: &SourceOptions,
        names: &[String],
        missing: MissingRule,
    ) -> Result<Self> {
        let mut source = content.open(options)?;
        let columns = names.iter().map(|name| source.column(name)).collect::<Result<Vec<_>>>()?;
        let mut seen = vec![Formats::default(); columns.len()];
        let decimal = source.decimal();
        while let Some(row) = source.next_row()? {
            for (seen, &column) in seen.iter_mut().zip(&columns) {
                if let Cell::Text(text) = row.cell(column)? {
                    // what is no number is told when it is read
                    let _ = is_missing_number(text) || seen.see(text, decimal);
                }
            }
        }
        let commas = seen.iter().any(Formats::has_comma);
        let format = |(seen, name): (&Formats, &String)| {
            let found = seen.found(decimal, commas).format(name);
            found.map_err(|problem| Error::Columns { file: content.file().into(), problem })
        };
        let formats = seen.iter().zip(names).map(format).collect::<Result<Vec<_>>>()?;
        Self::read_as(&mut content.open(options)?, names, &formats, missing)
    }

    /// Reads the rest of the rows of a table, numbers as programs write them.
    ///
    /// # Errors
    /// [`Error::Cell`] for a cell that is no finite number, and for a missing one where they are refused;
    /// [`Error::Columns`] for a column that is not there or has no value, and where no row is left; any error of the source.
    pub fn read(source: &mut Source<'_>, names: &[String], missing: MissingRule) -> Result<Self> {
        Self::read_as(source, names, &vec![NumberFormat::default(); names.len()], missing)
    }

    fn read_as(
        source: &mut Source<'_>,
        names: &[String],
        formats: &[NumberFormat],
        missing: MissingRule,
    ) -> Result<Self> {
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
                    Cell::Text(text) => formats[j].plain(text).and_then(|plain| plain.parse().ok()),
                    Cell::Number(_) | Cell::Integer(_) => cell.number(),
                };
                let value = || cell.to_text().into_owned();
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
