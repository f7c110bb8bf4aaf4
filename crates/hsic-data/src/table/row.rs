//! A row of a table and its cells.

use std::borrow::Cow;

use ::csv::ByteRecord;

use super::content::Part;
use super::{CellProblem, Frame};
use crate::parquet::{Batch, BatchCell};
use crate::text::shortest;
use crate::{Error, Result};

/// A row, with its place.
pub struct Row<'r> {
    file: &'r str,
    names: &'r [String],
    number: usize,
    cells: Cells<'r>,
    numbers: &'r [f64],
}

#[derive(Clone, Copy)]
pub(super) enum Cells<'r> {
    Text(&'r ByteRecord),
    /// A row of arrays.
    Arrays(&'r Part, usize),
    /// A row of a batch.
    Batch(&'r Batch, usize),
    /// A row of a table in memory.
    Frame(&'r Frame, usize),
}

/// A cell: text, or a number that never was text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'r> {
    /// Of a CSV or Parquet file, without blanks around it.
    Text(&'r str),
    /// Of an array or a Parquet file.
    Number(f64),
    /// A whole number of an array that a 64-bit float may not hold.
    Integer(i128),
}

impl<'r> Row<'r> {
    pub(super) fn new(
        file: &'r str,
        names: &'r [String],
        number: usize,
        cells: Cells<'r>,
        numbers: &'r [f64],
    ) -> Self {
        Self { file, names, number, cells, numbers }
    }

    /// The numbers of the columns that were copied ahead, NaN for a cell that must be looked at; nothing where none were.
    pub(super) fn numbers(&self) -> &[f64] {
        self.numbers
    }

    /// A cell.
    ///
    /// # Errors
    /// [`Error::Cell`] for a text that is not UTF-8, [`Error::Parquet`] for a column that holds something else.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn cell(&self, column: usize) -> Result<Cell<'_>> {
        match self.cells {
            Cells::Text(record) => self.text(column, record[column].trim_ascii()),
            Cells::Batch(batch, row) => match batch.cell(row, column) {
                Ok(BatchCell::Number(number)) => Ok(Cell::Number(number)),
                Ok(BatchCell::Text(text)) => self.text(column, text),
                Err(problem) => Err(Error::Parquet { file: self.file.into(), problem }),
            },
            Cells::Arrays(part, row) => Ok(part.cell(row, column)),
            Cells::Frame(frame, row) => Ok(frame.cell(row, column)),
        }
    }

    fn text<'t>(&self, column: usize, bytes: &'t [u8]) -> Result<Cell<'t>> {
        std::str::from_utf8(bytes).map(Cell::Text).map_err(|_| self.error(column, CellProblem::NotUtf8))
    }

    /// File, and line (of an array or a Parquet file: row) from 1.
    pub fn place(&self) -> String {
        let what = match self.cells {
            Cells::Text(_) => "line",
            Cells::Arrays(..) | Cells::Batch(..) | Cells::Frame(..) => "row",
        };
        format!("{}, {what} {}", self.file, self.number)
    }

    /// Line (of an array or a Parquet file: row) from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Name of a column.
    pub fn name(&self, column: usize) -> &str {
        &self.names[column]
    }

    /// An error of a cell of this row.
    pub fn error(&self, column: usize, problem: CellProblem) -> Error {
        Error::Cell { place: self.place(), column: self.names[column].clone(), problem }
    }
}

impl<'r> Cell<'r> {
    /// The cell as text; a number in its shortest form.
    pub fn to_text(self) -> Cow<'r, str> {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => shortest(number).into(),
            Self::Integer(number) => number.to_string().into(),
        }
    }

    /// The cell as the 64-bit float next to it, if it is a number.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(number),
            Self::Integer(number) => Some(number as f64),
        }
    }

    /// Whether it is a whole number that no 64-bit float is.
    pub(crate) fn is_rounded(&self) -> bool {
        match *self {
            Self::Text(text) => is_rounded(text),
            Self::Number(_) => false,
            Self::Integer(number) => number as f64 as i128 != number,
        }
    }
}

/// Whether a text is a whole number that no 64-bit float is.
pub(crate) fn is_rounded(text: &str) -> bool {
    // all of up to 15 digits are
    if text.len() <= 15 {
        return false;
    }
    let digits = text.trim_start_matches(['+', '-']).trim_start_matches('0');
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    // the whole of a float is written out
    digits.parse::<f64>().is_ok_and(|number| number.is_finite() && format!("{number:.0}") != digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_that_are_no_floats_are_told() {
        for (text, rounded) in [
            ("9007199254740992", false),
            ("9007199254740993", true),
            ("-9007199254740993", true),
            ("+0009007199254740993", true),
            ("9007199254740994", false),
            ("18446744073709551615", true),
            ("18446744073709551616", false),
            ("000000000000000000001", false),
            ("00000000000000000000", false),
            ("0.1000000000000000055", false),
            ("123456789012345678901234567890", true),
            ("no number at all, 17", false),
        ] {
            assert_eq!(is_rounded(text), rounded, "{text}");
            if let Ok(number) = text.parse::<i128>() {
                assert_eq!(Cell::Integer(number).is_rounded(), rounded, "{text}");
            }
        }
    }
}
