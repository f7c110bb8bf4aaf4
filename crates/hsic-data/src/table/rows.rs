//! Successive rows of a table, taken off its source, to be read on any thread.

use std::ops::Range;
use std::sync::Arc;

use ::csv::ByteRecord;

use super::content::Part;
use super::lines::Lines;
use super::row::{Cells, Row};
use super::{Decimal, Frame, Names, Records};
use crate::parquet::Batch;
use crate::{Error, Result};

/// What all rows of a table have in common.
#[derive(Debug)]
pub(crate) struct Heading {
    /// The name of the file, as in messages.
    pub file: String,
    /// The names of the columns.
    pub names: Names,
    /// The byte between fields of a text.
    pub delimiter: Option<u8>,
    /// The column of the labels that stand beside arrays.
    pub label: Option<usize>,
    /// The mark before the fraction of numbers, where it was told.
    pub decimal: Option<Decimal>,
    /// Whether every row of a text ends in a delimiter that its header has not.
    pub trails: bool,
}

impl Heading {
    /// Of a file that is no text.
    pub(crate) fn of(file: &str, names: Names) -> Self {
        Self { file: file.into(), names, delimiter: None, label: None, decimal: None, trails: false }
    }
}

/// Some rows, read one after the other.
pub(crate) enum Rows {
    /// Of a text: the rows that follow, and the one that is read.
    Text { records: Box<Records>, record: ByteRecord, line: usize },
    /// Of arrays.
    Arrays { part: Part, rest: Range<usize>, row: usize },
    /// Of a Parquet file.
    Parquet { batch: Batch, rest: Range<usize>, row: usize },
    /// Of a table in memory.
    Frame { frame: Arc<Frame>, rest: Range<usize>, row: usize },
}

impl Rows {
    /// The rows in some lines of a text.
    pub(crate) fn of_lines(lines: Lines, delimiter: u8) -> Self {
        let records = Box::new(Records::new(lines, delimiter));
        Self::Text { records, record: ByteRecord::new(), line: 0 }
    }

    /// Some rows of arrays.
    pub(crate) fn of_part(part: Part, rows: usize) -> Self {
        Self::Arrays { part, rest: 0..rows, row: 0 }
    }

    /// The rows of a batch.
    pub(crate) fn of_batch(batch: Batch) -> Self {
        Self::Parquet { rest: 0..batch.len(), batch, row: 0 }
    }

    /// Some rows of a table in memory.
    pub(crate) fn of_frame(frame: Arc<Frame>, rest: Range<usize>) -> Self {
        Self::Frame { frame, rest, row: 0 }
    }

    /// Goes on to the next row; whether there is one.
    pub(crate) fn advance(&mut self, heading: &Heading) -> Result<bool> {
        match self {
            Self::Text { records, record, line } => {
                let Some(next) = records.next(record, &heading.file)? else { return Ok(false) };
                *line = next;
                let (found, expected) = (record.len(), heading.names.all().len());
                let trails = heading.trails && found == expected + 1 && record[expected].is_empty();
                if found != expected + usize::from(heading.trails) || heading.trails != trails {
                    return Err(Error::RaggedRow { file: heading.file.clone(), line: next, found, expected });
                }
                Ok(true)
            }
            Self::Arrays { rest, row, .. }
            | Self::Parquet { rest, row, .. }
            | Self::Frame { rest, row, .. } => Ok(rest.next().map(|next| *row = next).is_some()),
        }
    }

    /// The row it has gone on to.
    pub(crate) fn row<'r>(&'r self, heading: &'r Heading) -> Row<'r> {
        let (number, cells) = match self {
            Self::Text { record, line, .. } => (*line, Cells::Text(record)),
            Self::Arrays { part, row, .. } => (part.first + row + 1, Cells::Arrays(part, *row)),
            Self::Parquet { batch, row, .. } => (batch.first() + row + 1, Cells::Batch(batch, *row)),
            Self::Frame { frame, row, .. } => (frame.before() + row + 1, Cells::Frame(frame, *row)),
        };
        Row::new(&heading.file, heading.names.all(), number, cells)
    }
}
