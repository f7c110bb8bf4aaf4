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
pub(crate) struct Rows {
    kind: Kind,
    /// Numbers of the rows that never were text, copied column by column.
    numbers: Vec<f64>,
    /// Of a row.
    width: usize,
    /// The row of the first.
    start: usize,
}

enum Kind {
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
    fn new(kind: Kind) -> Self {
        Self { kind, numbers: Vec::new(), width: 0, start: 0 }
    }

    /// The rows in some lines of a text.
    pub(crate) fn of_lines(lines: Lines, delimiter: u8) -> Self {
        let records = Box::new(Records::new(lines, delimiter));
        Self::new(Kind::Text { records, record: ByteRecord::new(), line: 0 })
    }

    /// Some rows of arrays.
    pub(crate) fn of_part(part: Part, rows: usize) -> Self {
        Self::new(Kind::Arrays { part, rest: 0..rows, row: 0 })
    }

    /// The rows of a batch.
    pub(crate) fn of_batch(batch: Batch) -> Self {
        Self::new(Kind::Parquet { rest: 0..batch.len(), batch, row: 0 })
    }

    /// Some rows of a table in memory.
    pub(crate) fn of_frame(frame: Arc<Frame>, rest: Range<usize>) -> Self {
        Self::new(Kind::Frame { frame, rest, row: 0 })
    }

    /// Copies the numbers of some columns for [`Row::numbers`]: column by column is many times as fast as cell by cell. What is no
    /// number there, or no column, is NaN; nothing is copied of a text.
    pub(crate) fn copy_numbers(&mut self, columns: &[Option<usize>]) {
        let rest = match &self.kind {
            Kind::Text { .. } => return,
            Kind::Arrays { rest, .. } | Kind::Parquet { rest, .. } | Kind::Frame { rest, .. } => rest.clone(),
        };
        (self.width, self.start) = (columns.len(), rest.start);
        self.numbers.clear();
        self.numbers.resize(rest.len() * columns.len(), f64::NAN);
        for (place, &column) in columns.iter().enumerate() {
            let Some(column) = column else { continue };
            let into = self.numbers.iter_mut().skip(place).step_by(self.width);
            match &self.kind {
                Kind::Text { .. } => {}
                Kind::Arrays { part, .. } => part.copy_numbers(rest.clone(), column, into),
                Kind::Parquet { batch, .. } => batch.copy_numbers(rest.clone(), column, into),
                Kind::Frame { frame, .. } => frame.copy_numbers(rest.clone(), column, into),
            }
        }
    }

    /// Goes on to the next row; whether there is one.
    pub(crate) fn advance(&mut self, heading: &Heading) -> Result<bool> {
        match &mut self.kind {
            Kind::Text { records, record, line } => {
                let Some(next) = records.next(record, &heading.file)? else { return Ok(false) };
                *line = next;
                let (found, expected) = (record.len(), heading.names.all().len());
                let trails =
                    heading.trails && found == expected + 1 && record[expected].trim_ascii().is_empty();
                if found != expected + usize::from(heading.trails) || heading.trails != trails {
                    return Err(Error::RaggedRow { file: heading.file.clone(), line: next, found, expected });
                }
                Ok(true)
            }
            Kind::Arrays { rest, row, .. }
            | Kind::Parquet { rest, row, .. }
            | Kind::Frame { rest, row, .. } => Ok(rest.next().map(|next| *row = next).is_some()),
        }
    }

    /// The row it has gone on to.
    pub(crate) fn row<'r>(&'r self, heading: &'r Heading) -> Row<'r> {
        let (number, cells, row) = match &self.kind {
            Kind::Text { record, line, .. } => (*line, Cells::Text(record), 0),
            Kind::Arrays { part, row, .. } => (part.first + row + 1, Cells::Arrays(part, *row), *row),
            Kind::Parquet { batch, row, .. } => (batch.first() + row + 1, Cells::Batch(batch, *row), *row),
            Kind::Frame { frame, row, .. } => (frame.before() + row + 1, Cells::Frame(frame, *row), *row),
        };
        let numbers = match self.numbers.is_empty() {
            true => &[],
            false => &self.numbers[(row - self.start) * self.width..][..self.width],
        };
        Row::new(&heading.file, heading.names.all(), number, cells, numbers)
    }
}
