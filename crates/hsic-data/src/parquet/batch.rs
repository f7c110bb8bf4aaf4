//! Some rows of a Parquet file, decoded.

use std::ops::Range;
use std::sync::Arc;

use ::parquet::data_type::ByteArray;

use super::{ParquetProblem, Table};

/// Successive rows, a list of values a column.
pub(crate) struct Batch {
    table: Arc<Table>,
    first: usize,
    len: usize,
    columns: Vec<Vec<Value>>,
}

/// A value as it is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// None.
    Null,
    /// A number that a 64-bit float holds as exactly as it was written.
    Number(f64),
    /// A text.
    Text(ByteArray),
    /// The digits of a number that no 64-bit float holds, for labels: as numbers they are rounded, as those of a CSV file.
    Digits(Box<str>),
}

/// A cell of a batch.
pub(crate) enum BatchCell<'b> {
    /// A number.
    Number(f64),
    /// A text that should be UTF-8, empty where there is no value.
    Text(&'b [u8]),
}

impl Batch {
    pub(super) fn new(table: Arc<Table>, first: usize) -> Self {
        let columns = table.columns.iter().map(|_| Vec::new()).collect();
        Self { table, first, len: 0, columns }
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Number in the file, from 0, of the first row.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// A cell, by its row in the batch.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Result<BatchCell<'_>, ParquetProblem> {
        if let Err(problem) = &self.table.columns[column].leaf {
            return Err(problem.clone());
        }
        Ok(match &self.columns[column][row] {
            Value::Null => BatchCell::Text(b""),
            Value::Number(number) => BatchCell::Number(*number),
            Value::Text(text) => BatchCell::Text(text.data().trim_ascii()),
            Value::Digits(digits) => BatchCell::Text(digits.as_bytes()),
        })
    }

    /// Copies the numbers of a column, in some rows; others are left as they are.
    pub(crate) fn copy_numbers<'n>(
        &self,
        rows: Range<usize>,
        column: usize,
        into: impl Iterator<Item = &'n mut f64>,
    ) {
        // a column that holds something else has none
        let values = self.columns[column].get(rows).unwrap_or_default();
        for (into, value) in into.zip(values) {
            if let Value::Number(number) = value {
                *into = *number;
            }
        }
    }

    pub(super) fn column(&mut self, column: usize) -> &mut Vec<Value> {
        &mut self.columns[column]
    }

    pub(super) fn grow(&mut self, rows: usize) {
        self.len += rows;
    }
}
