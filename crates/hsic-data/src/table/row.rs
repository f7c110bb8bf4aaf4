//! A row of a table and its cells.

use ::csv::ByteRecord;

use super::CellProblem;
use crate::text::shortest;
use crate::{Error, Result};

/// A row, with its place.
pub struct Row<'r> {
    file: &'r str,
    names: &'r [String],
    number: usize,
    cells: Cells<'r>,
}

#[derive(Clone, Copy)]
pub(super) enum Cells<'r> {
    Text(&'r ByteRecord),
    Numbers(&'r [f64], Option<f64>),
}

/// A cell: text, or a number that never was text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'r> {
    /// Of a CSV file, without blanks around it.
    Text(&'r str),
    /// Of an array.
    Number(f64),
}

impl<'r> Row<'r> {
    pub(super) fn new(file: &'r str, names: &'r [String], number: usize, cells: Cells<'r>) -> Self {
        Self { file, names, number, cells }
    }

    /// A cell.
    ///
    /// # Errors
    /// [`Error::Cell`] for a text that is not UTF-8.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn cell(&self, column: usize) -> Result<Cell<'_>> {
        match self.cells {
            Cells::Text(record) => match std::str::from_utf8(&record[column]) {
                Ok(text) => Ok(Cell::Text(text)),
                Err(_) => Err(self.error(column, CellProblem::NotUtf8)),
            },
            Cells::Numbers(values, label) => {
                let number = values.get(column).copied().or(label).expect("a cell a column");
                Ok(Cell::Number(number))
            }
        }
    }

    /// File, and line (of an array: row) from 1.
    pub fn place(&self) -> String {
        let what = match self.cells {
            Cells::Text(_) => "line",
            Cells::Numbers(..) => "row",
        };
        format!("{}, {what} {}", self.file, self.number)
    }

    /// Line (of an array: row) from 1.
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

impl Cell<'_> {
    /// The cell as text; a number in its shortest form.
    pub fn to_text(self) -> String {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => shortest(number),
        }
    }
}
