//! Rows one after the other, from any of the formats.

use std::path::Path;
use std::sync::Arc;

use ::csv::ByteRecord;

use super::content::{Arrays, Content, FORMAT_BYTES, Format};
use super::row::{Cells, Row};
use super::{ColumnProblem, Names, Records};
use crate::csv::header;
use crate::parquet::{self, Batch, Store};
use crate::{Error, Input, Result};

/// How a text table is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOptions {
    /// The byte between fields; without it, the one of `,` `;` tab and `|` that the first line has most of.
    pub delimiter: Option<u8>,
    /// Whether the first line names the columns; without a header they are called `x1`, `x2`, ….
    pub has_header: bool,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { delimiter: None, has_header: true }
    }
}

/// The rows of a table, one after the other.
pub struct Source<'a> {
    file: String,
    names: Names,
    delimiter: Option<u8>,
    state: State<'a>,
}

enum State<'a> {
    Text(Box<Text<'a>>),
    Arrays { arrays: Arc<Arrays>, next: usize },
    Parquet { rows: Box<parquet::Rows>, batch: Option<Batch>, next: usize },
}

/// Rows of a Parquet file that are decoded at a time.
const BATCH: usize = 1024;

/// A text being read.
struct Text<'a> {
    records: Records<Input<'a>>,
    record: ByteRecord,
    /// Line of the record, where it is the first row and has not been handed out.
    first: Option<usize>,
}

impl Source<'static> {
    /// The rows of a file; `labels` is the file of the labels of an idx or .npy file.
    ///
    /// # Errors
    /// As [`Source::stream`].
    pub fn open(path: &Path, labels: Option<&Path>, options: &SourceOptions) -> Result<Self> {
        match labels {
            Some(_) => Content::read(path, labels)?.into_source(options),
            None => Self::stream(Input::open(path)?, options),
        }
    }

    /// The rows of an input, packed with gzip or not. A CSV text and a Parquet file are read as their rows are asked for,
    /// arrays at once.
    ///
    /// # Errors
    /// As [`Content::read`] and [`Content::open`].
    pub fn stream(input: Input<'static>, options: &SourceOptions) -> Result<Self> {
        let mut input = input.unpacked()?;
        let file = input.name().to_owned();
        match Format::of(input.peek(FORMAT_BYTES)?) {
            Format::Text => Self::text(input, options),
            Format::Parquet => {
                let table = parquet::Table::open(Store::of(input)?, &file)?;
                Ok(Self::parquet(Arc::new(table), &file))
            }
            _ => Content::of_unpacked(input.bytes()?, &file)?.into_source(options),
        }
    }
}

impl<'a> Source<'a> {
    pub(super) fn arrays(arrays: Arc<Arrays>, file: &str) -> Self {
        let (file, names) = (file.into(), arrays.names());
        Self { file, names, delimiter: None, state: State::Arrays { arrays, next: 0 } }
    }

    pub(super) fn parquet(table: Arc<parquet::Table>, file: &str) -> Self {
        let (file, names) = (file.into(), Names::of_header(table.names().to_vec()));
        let state = State::Parquet { rows: Box::new(parquet::Rows::new(table)), batch: None, next: 0 };
        Self { file, names, delimiter: None, state }
    }

    pub(super) fn text(mut input: Input<'a>, options: &SourceOptions) -> Result<Self> {
        let delimiter = match options.delimiter {
            Some(delimiter) => delimiter,
            None => likely_delimiter(input.peek(1 << 16)?),
        };
        let file = &input.name().to_owned();
        let mut records = Records::new(input, file, delimiter, 1);
        let mut record = ByteRecord::new();
        let Some(line) = records.next(&mut record)? else {
            return Err(Error::EmptyFile { file: file.into() });
        };
        let (names, first) = if options.has_header {
            (header(&record, file, line)?, None)
        } else {
            (Names::numbered(record.len(), false), Some(line))
        };
        let state = State::Text(Box::new(Text { records, record, first }));
        Ok(Self { file: file.into(), names, delimiter: Some(delimiter), state })
    }

    /// File, and line (of an array or a Parquet file: row) of a row by its [`Row::number`].
    pub fn place(&self, number: usize) -> String {
        let what = match self.state {
            State::Text(_) => "line",
            State::Arrays { .. } | State::Parquet { .. } => "row",
        };
        format!("{}, {what} {number}", self.file)
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Names of the columns; one that has none is called by its place.
    pub fn names(&self) -> &[String] {
        self.names.all()
    }

    /// Whether the table names a column itself.
    pub fn has_names(&self) -> bool {
        self.names.any()
    }

    /// The column of a name.
    ///
    /// # Errors
    /// [`Error::Columns`] with the names there are.
    pub fn column(&self, name: &str) -> Result<usize> {
        self.names.find(name).ok_or_else(|| {
            let problem = ColumnProblem::NoColumn { name: name.into(), columns: self.names().to_vec() };
            Error::Columns { file: self.file.clone(), problem }
        })
    }

    /// The column of the labels that stand beside arrays.
    pub fn label(&self) -> Option<usize> {
        match &self.state {
            State::Arrays { arrays, .. } => arrays.label(),
            State::Text(_) | State::Parquet { .. } => None,
        }
    }

    /// Whether it is of arrays, whose labels stand beside them.
    pub fn is_array(&self) -> bool {
        matches!(self.state, State::Arrays { .. })
    }

    pub(super) fn all_names(&self) -> &Names {
        &self.names
    }

    /// The byte between fields of a text.
    pub fn delimiter(&self) -> Option<u8> {
        self.delimiter
    }

    /// The next row, `None` after the last.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::RaggedRow`], [`Error::Parquet`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        match &mut self.state {
            State::Text(text) => {
                let Text { records, record, first } = &mut **text;
                let line = match first.take() {
                    Some(line) => Some(line),
                    None => records.next(record)?,
                };
                let Some(line) = line else { return Ok(None) };
                if record.len() != self.names.all().len() {
                    let (found, expected) = (record.len(), self.names.all().len());
                    return Err(Error::RaggedRow { file: self.file.clone(), line, found, expected });
                }
                let cells = Cells::Text(record);
                Ok(Some(Row::new(&self.file, self.names.all(), line, cells)))
            }
            State::Arrays { arrays, next } => {
                let row = *next;
                if row == arrays.n {
                    return Ok(None);
                }
                *next += 1;
                let cells = Cells::Arrays(arrays, row);
                Ok(Some(Row::new(&self.file, self.names.all(), row + 1, cells)))
            }
            State::Parquet { rows, batch, next } => {
                if batch.as_ref().is_none_or(|batch| *next == batch.len()) {
                    *batch = rows.next_batch(BATCH)?;
                    *next = 0;
                }
                let Some(batch) = batch else { return Ok(None) };
                let row = *next;
                *next += 1;
                let number = batch.first() + row + 1;
                Ok(Some(Row::new(&self.file, self.names.all(), number, Cells::Batch(batch, row))))
            }
        }
    }
}

/// The candidate the first line has most of outside quotes, the first of equals; a comma if it has none.
fn likely_delimiter(start: &[u8]) -> u8 {
    let line =
        start.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
    let count = |candidate: u8| {
        let mut quoted = false;
        line.iter()
            .filter(|&&byte| {
                quoted ^= byte == b'"';
                byte == candidate && !quoted
            })
            .count()
    };
    let candidates = [b',', b';', b'\t', b'|'];
    candidates.into_iter().rev().max_by_key(|&candidate| count(candidate)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_the_first_line_has_most_of() {
        for (line, delimiter) in [
            ("a,b", b','),
            ("a;b,c;d", b';'),
            ("a\tb", b'\t'),
            ("x", b','),
            ("\"a;b;c\",d", b','),
            ("\n\na|b", b'|'),
        ] {
            assert_eq!(likely_delimiter(line.as_bytes()), delimiter, "{line}");
        }
    }
}
