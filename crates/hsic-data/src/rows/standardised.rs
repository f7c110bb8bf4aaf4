//! Rows filled and standardised on the way.

use hsic_rows::{Block, Blocks, Deferred, RowBlocks};

use super::in_pass;
use crate::scaler::fill_missing;
use crate::table::CellProblem;
use crate::{Error, Result, Scaler};

/// Rows of a source as a [`Scaler`] standardises them. One that cannot be is told by its place and the name of its column, where
/// these are known.
#[derive(Clone)]
pub struct Standardised<'a> {
    rows: &'a dyn RowBlocks,
    fill: Option<&'a [f64]>,
    scaler: &'a Scaler,
    names: Vec<String>,
}

impl<'a> Standardised<'a> {
    /// The rows of a source, standardised.
    ///
    /// # Errors
    /// [`Error::Size`] for a scaler of another number of columns.
    pub fn new(rows: &'a dyn RowBlocks, scaler: &'a Scaler) -> Result<Self> {
        let (found, expected) = (rows.width(), scaler.columns());
        if found != expected {
            return Err(Error::Size { what: "columns of the rows to standardise", found, expected });
        }
        Ok(Self { rows, fill: None, scaler, names: Vec::new() })
    }

    /// With these numbers in place of missing cells, which are NaN, one a column; without any a missing cell is refused.
    ///
    /// # Errors
    /// [`Error::Size`] for another number of columns.
    pub fn filled(self, fill: Option<&'a [f64]>) -> Result<Self> {
        match fill.map_or(self.scaler.columns(), <[f64]>::len) {
            found if found != self.scaler.columns() => {
                Err(Error::Size { what: "fill values", found, expected: self.scaler.columns() })
            }
            _ => Ok(Self { fill, ..self }),
        }
    }

    /// With the names of the columns, for messages.
    #[must_use]
    pub fn named(self, names: Vec<String>) -> Self {
        Self { names, ..self }
    }

    fn standardise(&self, number: usize, block: Block) -> Result<Block> {
        let Block { mut rows, codes } = block;
        if let Some(fill) = self.fill {
            fill_missing(rows.as_mut(), fill);
        }
        match self.scaler.transform(rows.as_ref()) {
            Ok(rows) => Ok(Block { rows, codes }),
            Err(error) => Err(self.located(number, error)),
        }
    }

    /// The error of a row of a block, by the row's place.
    fn located(&self, number: usize, error: Error) -> Error {
        let (row, column, problem) = match &error {
            &Error::Overflow { row, column, value, mean, std } => {
                (row, Some(column), CellProblem::Overflow { value, mean, std })
            }
            Error::NonFinite { row, column, value } => {
                (*row, column.parse().ok(), CellProblem::NonFinite { value: value.to_string() })
            }
            _ => return error,
        };
        match (self.rows.place(number, row), column.and_then(|column: usize| self.names.get(column))) {
            (Some(place), Some(column)) => Error::Cell { place, column: column.clone(), problem },
            _ => error,
        }
    }
}

impl RowBlocks for Standardised<'_> {
    fn width(&self) -> usize {
        self.scaler.kept().len()
    }

    fn n_classes(&self) -> usize {
        self.rows.n_classes()
    }

    fn blocks(&self) -> hsic_rows::Result<Blocks<'_>> {
        Ok(Box::new(self.rows.blocks()?.enumerate().map(move |(number, deferred)| {
            let deferred = deferred?;
            let standardised: Deferred<'_> =
                Box::new(move || self.standardise(number, deferred()?).map_err(in_pass));
            Ok(standardised)
        })))
    }

    fn place(&self, block: usize, row: usize) -> Option<String> {
        self.rows.place(block, row)
    }
}
