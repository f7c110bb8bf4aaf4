//! Rows one after the other, from any of the formats.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use ::csv::ByteRecord;
use flate2::read::MultiGzDecoder;

use super::npy::{Array, NpyProblem, parse_npz};
use super::{CellProblem, Records};
use crate::csv::header;
use crate::idx::{IdxProblem, parse_idx};
use crate::text::{list, sha256_hex, shortest};
use crate::{Error, Result};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";

/// Name of the label column of arrays, which have no names.
const LABEL: &str = "class";

/// How a text table is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOptions {
    /// The byte between fields; without it, the one of `,` `;` tab and `|` that the first line has most of.
    pub delimiter: Option<u8>,
    /// Whether the first line names the columns; without a header they are `x1`, `x2`, ….
    pub has_header: bool,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { delimiter: None, has_header: true }
    }
}

/// A table read into memory, to be passed over more than once.
#[derive(Debug, Clone)]
pub struct Content {
    file: String,
    sha256: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Text(Vec<u8>),
    Arrays(Arc<Arrays>),
}

/// Numbers in memory, row-major, and labels.
#[derive(Debug)]
struct Arrays {
    n: usize,
    d: usize,
    values: Vec<f64>,
    labels: Option<Vec<f64>>,
}

impl Content {
    /// Reads a file: CSV, idx (images), .npy, each packed with gzip or not, or .npz. `labels` is the file of the labels
    /// of an idx or .npy file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Idx`], [`Error::Npy`].
    ///
    /// # Cost
    /// Memory for the unpacked file, of an array 8 bytes a number.
    pub fn read(path: &Path, labels: Option<&Path>) -> Result<Self> {
        let (bytes, file) = read_file(path)?;
        let content = Self::from_bytes(bytes, &file)?;
        match labels {
            Some(labels) => content.with_labels(labels),
            None => Ok(content),
        }
    }

    /// A table of unpacked bytes; `file` stands for them in messages.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn from_bytes(bytes: Vec<u8>, file: &str) -> Result<Self> {
        let sha256 = sha256_hex(&[&bytes]);
        let npy = |problem| Error::Npy { file: file.into(), problem };
        let kind = match format(&bytes) {
            Format::Text => Kind::Text(bytes),
            Format::Npy => {
                let array = Array::parse(&bytes).map_err(npy)?;
                Kind::Arrays(Arc::new(Arrays::of(array, None).map_err(npy)?))
            }
            Format::Npz => Kind::Arrays(Arc::new(Arrays::of_npz(&bytes).map_err(npy)?)),
            Format::Idx => {
                let idx = parse_idx(&bytes, file)?;
                let shape = idx.dims().to_vec();
                let values = idx.data().iter().map(|&byte| f64::from(byte)).collect();
                Kind::Arrays(Arc::new(Arrays::of(Array { shape, values }, None).map_err(npy)?))
            }
        };
        Ok(Self { file: file.into(), sha256, kind })
    }

    fn with_labels(self, path: &Path) -> Result<Self> {
        let arrays = match self.kind {
            Kind::Text(_) => None,
            // nobody has opened it yet
            Kind::Arrays(arrays) => Arc::into_inner(arrays),
        };
        let Some(mut arrays) = arrays else {
            return Err(Error::Npy { file: self.file, problem: NpyProblem::NoLabels });
        };
        let (bytes, file) = read_file(path)?;
        let labels = match format(&bytes) {
            Format::Idx => {
                let idx = parse_idx(&bytes, &file)?;
                if idx.dims().len() != 1 {
                    let problem = IdxProblem::Dimensions { found: idx.dims().len(), expected: "1" };
                    return Err(Error::Idx { file, problem });
                }
                idx.data().iter().map(|&byte| f64::from(byte)).collect()
            }
            _ => Array::parse(&bytes).map_err(|problem| Error::Npy { file, problem })?.values,
        };
        arrays.labels = Some(labels);
        let arrays = arrays.checked().map_err(|problem| Error::Npy { file: self.file.clone(), problem })?;
        Ok(Self { kind: Kind::Arrays(Arc::new(arrays)), ..self })
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The sha256 of the unpacked bytes, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The rows from the first on.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], [`Error::DuplicateColumn`], [`Error::NotUtf8`].
    pub fn open(&self, options: &SourceOptions) -> Result<Source<'_>> {
        match &self.kind {
            Kind::Text(bytes) => Source::text(Box::new(bytes.as_slice()), &self.file, options),
            Kind::Arrays(arrays) => Ok(Source::arrays(Arc::clone(arrays), &self.file)),
        }
    }
}

impl Arrays {
    fn of(array: Array, labels: Option<Vec<f64>>) -> std::result::Result<Self, NpyProblem> {
        let (n, d) = array.as_rows()?;
        Self { n, d, values: array.values, labels }.checked()
    }

    fn checked(self) -> std::result::Result<Self, NpyProblem> {
        match &self.labels {
            Some(labels) if labels.len() != self.n => {
                Err(NpyProblem::Labels { rows: self.n, labels: labels.len() })
            }
            _ => Ok(self),
        }
    }

    fn of_npz(bytes: &[u8]) -> std::result::Result<Self, NpyProblem> {
        let arrays = parse_npz(bytes)?;
        let names: Vec<String> = arrays.iter().map(|(name, _)| name.clone()).collect();
        let (mut tables, lists): (Vec<Array>, Vec<Array>) =
            arrays.into_iter().map(|(_, array)| array).partition(|array| array.shape.len() > 1);
        let mut labels: Vec<Array> = lists
            .into_iter()
            .filter(|array| tables.iter().any(|table| table.shape[0] == array.shape.iter().product()))
            .collect();
        if tables.len() != 1 || labels.len() > 1 {
            return Err(NpyProblem::Arrays(list(&names)));
        }
        Self::of(tables.remove(0), labels.pop().map(|labels| labels.values))
    }

    fn names(&self) -> Vec<String> {
        let label = self.labels.as_ref().map(|_| LABEL.to_owned());
        (1..=self.d).map(|j| format!("x{j}")).chain(label).collect()
    }
}

enum Format {
    Text,
    Npy,
    Npz,
    Idx,
}

/// Told by the first bytes, not by the file's name.
fn format(bytes: &[u8]) -> Format {
    match bytes {
        _ if Array::is_npy(bytes) => Format::Npy,
        _ if bytes.starts_with(ZIP) => Format::Npz,
        [0, 0, ..] => Format::Idx,
        _ => Format::Text,
    }
}

fn read_file(path: &Path) -> Result<(Vec<u8>, String)> {
    let file = path.display().to_string();
    let failed = |source| Error::Read { file: file.clone(), source };
    let mut bytes = Vec::new();
    unpacked(Box::new(File::open(path).map_err(failed)?))
        .and_then(|mut reader| reader.read_to_end(&mut bytes))
        .map_err(failed)?;
    Ok((bytes, file))
}

/// The reader itself, or what it unpacks to if it starts as gzip does.
fn unpacked<'a>(mut reader: Box<dyn Read + 'a>) -> std::io::Result<Box<dyn Read + 'a>> {
    let mut start = Vec::new();
    (&mut reader).take(GZIP.len() as u64).read_to_end(&mut start)?;
    let packed = start == GZIP;
    let whole = std::io::Cursor::new(start).chain(reader);
    Ok(if packed { Box::new(MultiGzDecoder::new(BufReader::new(whole))) } else { Box::new(whole) })
}

/// The rows of a table, one after the other.
pub struct Source<'a> {
    file: String,
    names: Vec<String>,
    has_names: bool,
    delimiter: Option<u8>,
    state: State<'a>,
}

enum State<'a> {
    Text(Box<Text<'a>>),
    Arrays { arrays: Arc<Arrays>, next: usize },
}

/// A text being read.
struct Text<'a> {
    records: Records<Box<dyn Read + 'a>>,
    record: ByteRecord,
    /// Line of the record, where it is the first row and has not been handed out.
    first: Option<usize>,
}

impl Source<'static> {
    /// The rows of a file. A CSV file is read as its rows are asked for, arrays at once.
    ///
    /// # Errors
    /// As [`Content::read`] and [`Content::open`].
    pub fn open(path: &Path, labels: Option<&Path>, options: &SourceOptions) -> Result<Self> {
        let file = path.display().to_string();
        let failed = |source| Error::Read { file: file.clone(), source };
        let mut start = Vec::new();
        unpacked(Box::new(File::open(path).map_err(failed)?))
            .and_then(|reader| reader.take(8).read_to_end(&mut start))
            .map_err(failed)?;
        if matches!(format(&start), Format::Text) && labels.is_none() {
            return Self::stream(Box::new(File::open(path).map_err(failed)?), &file, options);
        }
        let content = Content::read(path, labels)?;
        match content.kind {
            Kind::Arrays(arrays) => Ok(Self::arrays(arrays, &content.file)),
            Kind::Text(bytes) => Self::text(Box::new(std::io::Cursor::new(bytes)), &content.file, options),
        }
    }

    /// The rows of a CSV text that is read as they are asked for, packed with gzip or not.
    ///
    /// # Errors
    /// As [`Content::open`].
    pub fn stream(reader: Box<dyn Read>, file: &str, options: &SourceOptions) -> Result<Self> {
        let reader = unpacked(reader).map_err(|source| Error::Read { file: file.into(), source })?;
        Self::text(reader, file, options)
    }
}

impl<'a> Source<'a> {
    fn arrays(arrays: Arc<Arrays>, file: &str) -> Self {
        let (file, names) = (file.into(), arrays.names());
        Self { file, names, has_names: false, delimiter: None, state: State::Arrays { arrays, next: 0 } }
    }

    fn text(mut reader: Box<dyn Read + 'a>, file: &str, options: &SourceOptions) -> Result<Self> {
        let delimiter = match options.delimiter {
            Some(delimiter) => delimiter,
            None => {
                let mut start = Vec::new();
                (&mut reader)
                    .take(1 << 16)
                    .read_to_end(&mut start)
                    .map_err(|source| Error::Read { file: file.into(), source })?;
                let delimiter = likely_delimiter(&start);
                reader = Box::new(std::io::Cursor::new(start).chain(reader));
                delimiter
            }
        };
        let mut records = Records::new(reader, file, delimiter, 1);
        let mut record = ByteRecord::new();
        let Some(line) = records.next(&mut record)? else {
            return Err(Error::EmptyFile { file: file.into() });
        };
        let unnamed = |j: usize| format!("x{}", j + 1);
        let (names, first) = if options.has_header {
            let names = header(&record, file, line)?;
            let name = |(j, name): (usize, String)| if name.is_empty() { unnamed(j) } else { name };
            (names.into_iter().enumerate().map(name).collect(), None)
        } else {
            ((0..record.len()).map(unnamed).collect(), Some(line))
        };
        let state = State::Text(Box::new(Text { records, record, first }));
        let has_names = options.has_header;
        Ok(Self { file: file.into(), names, has_names, delimiter: Some(delimiter), state })
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the names are the table's own.
    pub fn has_names(&self) -> bool {
        self.has_names
    }

    /// The byte between fields of a text.
    pub fn delimiter(&self) -> Option<u8> {
        self.delimiter
    }

    /// The next row, `None` after the last.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::RaggedRow`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        match &mut self.state {
            State::Text(text) => {
                let Text { records, record, first } = &mut **text;
                let line = match first.take() {
                    Some(line) => Some(line),
                    None => records.next(record)?,
                };
                let Some(line) = line else { return Ok(None) };
                if record.len() != self.names.len() {
                    let (found, expected) = (record.len(), self.names.len());
                    return Err(Error::RaggedRow { file: self.file.clone(), line, found, expected });
                }
                let cells = Cells::Text(record);
                Ok(Some(Row { file: &self.file, names: &self.names, number: line, cells }))
            }
            State::Arrays { arrays, next } => {
                let row = *next;
                if row == arrays.n {
                    return Ok(None);
                }
                *next += 1;
                let values = &arrays.values[row * arrays.d..(row + 1) * arrays.d];
                let label = arrays.labels.as_ref().map(|labels| labels[row]);
                let cells = Cells::Numbers(values, label);
                Ok(Some(Row { file: &self.file, names: &self.names, number: row + 1, cells }))
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

/// A row, with its place.
pub struct Row<'r> {
    file: &'r str,
    names: &'r [String],
    number: usize,
    cells: Cells<'r>,
}

#[derive(Clone, Copy)]
enum Cells<'r> {
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

impl Row<'_> {
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
