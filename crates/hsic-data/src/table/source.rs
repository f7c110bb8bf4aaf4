//! Rows one after the other, from any of the formats.

use std::path::Path;
use std::sync::Arc;

use ::csv::{ByteRecord, ReaderBuilder, Trim};

use super::content::{Arrays, Content, FORMAT_BYTES, Format};
use super::decode::text;
use super::lines::Cutter;
use super::names::header;
use super::row::Row;
use super::rows::{Heading, Rows};
use super::{ColumnProblem, Decimal, Encoding, Frame, Names, Records};
use crate::parquet;
use crate::store::Store;
use crate::{Error, Input, Result};

/// How a text table is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOptions {
    /// The byte between fields; without it, the one of `,` `;` tab and `|` that the first line has most of.
    pub delimiter: Option<u8>,
    /// Whether the first line names the columns; without a header they are called `x1`, `x2`, ….
    pub has_header: bool,
    /// The mark before the fraction of numbers; without it, the one that fits all cells of a column.
    pub decimal: Option<Decimal>,
    /// How characters are stored; a byte order mark goes before it, and without both it is UTF-8.
    pub encoding: Option<Encoding>,
    /// Lines that start with this byte are no rows, within quotes neither.
    pub comment: Option<u8>,
    /// Lines before the header that are passed over.
    pub skip: usize,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { delimiter: None, has_header: true, decimal: None, encoding: None, comment: None, skip: 0 }
    }
}

/// Rows that are taken off a source at a time, where they are asked for one by one.
const ROWS: usize = 1024;

/// The rows of a table, one after the other.
pub struct Source<'a> {
    heading: Arc<Heading>,
    rest: Rest<'a>,
    /// Taken and not handed out.
    taken: Option<Rows>,
    /// Columns whose numbers are copied ahead.
    numbers: Vec<Option<usize>>,
}

/// The rows that are still to be taken.
enum Rest<'a> {
    Text(Box<Cutter<'a>>, u8),
    Arrays(Arc<Arrays>, usize),
    Parquet(Box<parquet::Rows>),
    Frame(Arc<Frame>, usize),
}

impl Source<'static> {
    /// The rows of a file; `labels` is the file of the labels of an idx or .npy file.
    ///
    /// # Errors
    /// As [`Source::stream`].
    pub fn open(path: &Path, labels: Option<&Path>, options: &SourceOptions) -> Result<Self> {
        match labels {
            Some(_) => Content::read(path, labels)?.open(options),
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
        match Format::of(input.peek(FORMAT_BYTES as usize)?) {
            Format::Text => Self::text(input, options),
            Format::Parquet => {
                let table = parquet::Table::open(Arc::new(Store::of(input)?), &file)?;
                Ok(Self::parquet(Arc::new(table), &file))
            }
            _ => Content::from_bytes(input.bytes()?, &file)?.open(options),
        }
    }
}

impl<'a> Source<'a> {
    fn new(heading: Heading, rest: Rest<'a>) -> Self {
        Self { heading: Arc::new(heading), rest, taken: None, numbers: Vec::new() }
    }

    pub(super) fn arrays(arrays: Arc<Arrays>, file: &str) -> Self {
        let heading = Heading { label: arrays.label(), ..Heading::of(file, arrays.names()) };
        Self::new(heading, Rest::Arrays(arrays, 0))
    }

    pub(super) fn parquet(table: Arc<parquet::Table>, file: &str) -> Self {
        let names = Names::of_header(table.names().to_vec());
        let heading = Heading::of(file, names);
        Self::new(heading, Rest::Parquet(Box::new(parquet::Rows::new(table))))
    }

    pub(super) fn frame(frame: Arc<Frame>, file: &str) -> Result<Self> {
        let names = Names::of_header(frame.names().to_vec());
        for (second, name) in names.all().iter().enumerate() {
            if let Some(first) = names.all()[..second].iter().position(|other| other == name) {
                let (file, column, first, second) = (file.into(), name.clone(), first + 1, second + 1);
                return Err(Error::DuplicateColumn { file, line: 0, column, first, second });
            }
        }
        let heading = Heading::of(file, names);
        Ok(Self::new(heading, Rest::Frame(frame, 0)))
    }

    pub(super) fn text(input: Input<'a>, options: &SourceOptions) -> Result<Self> {
        let mut input = text(input, options)?;
        let file = input.name().to_owned();
        let start = match options.delimiter {
            // nothing is waited for that is not needed
            Some(_) => &[],
            None => input.peek(START)?,
        };
        let delimiter = options.delimiter.unwrap_or_else(|| likely_delimiter(start));
        let shape = Shape::of(start, delimiter);
        let mut cutter = Cutter::new(input, delimiter);
        let Some(lines) = cutter.next(1)? else { return Err(Error::EmptyFile { file }) };
        let mut record = ByteRecord::new();
        let Some(line) = Records::new(lines.clone(), delimiter).next(&mut record, &file)? else {
            return Err(Error::EmptyFile { file });
        };
        record.trim();
        if options.has_header
            && let Some(next) = shape.other_than_header()
        {
            let text = String::from_utf8_lossy(lines.bytes.trim_ascii()).into_owned();
            let (fields, remark) = (record.len(), remark(&lines.bytes));
            return Err(Error::NoHeaderLine { file, line, text, fields, next, remark });
        }
        let names = if options.has_header {
            header(&record, &file, line)?
        } else {
            cutter.give_back(&lines);
            Names::numbered(record.len(), false)
        };
        let heading = Heading {
            file,
            names,
            delimiter: Some(delimiter),
            label: None,
            decimal: options.decimal,
            trails: options.has_header && shape.trails(),
        };
        Ok(Self::new(heading, Rest::Text(Box::new(cutter), delimiter)))
    }

    /// File, and line (of an array or a Parquet file: row) of a row by its [`Row::number`].
    pub fn place(&self, number: usize) -> String {
        let what = match self.rest {
            Rest::Text(..) => "line",
            Rest::Arrays(..) | Rest::Parquet(_) | Rest::Frame(..) => "row",
        };
        format!("{}, {what} {number}", self.file())
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        &self.heading.file
    }

    /// Names of the columns; one that has none is called by its place.
    pub fn names(&self) -> &[String] {
        self.heading.names.all()
    }

    /// The columns that words name: each names one, or several separated by commas and quoted as in CSV. A name that a column bears
    /// is taken whole, whatever is in it.
    pub fn listed(&self, words: &[String]) -> Vec<String> {
        self.heading.names.listed(words)
    }

    /// Whether the table names a column itself.
    pub fn has_names(&self) -> bool {
        self.heading.names.any()
    }

    /// The column of a name.
    ///
    /// # Errors
    /// [`Error::Columns`] with the names there are.
    pub fn column(&self, name: &str) -> Result<usize> {
        self.heading.names.find(name).ok_or_else(|| {
            let problem = ColumnProblem::NoColumn { name: name.into(), columns: self.names().to_vec() };
            Error::Columns { file: self.file().into(), problem }
        })
    }

    /// The column of the labels that stand beside arrays.
    pub fn label(&self) -> Option<usize> {
        self.heading.label
    }

    /// Whether it is of arrays, whose labels stand beside them.
    pub fn is_array(&self) -> bool {
        matches!(self.rest, Rest::Arrays(..))
    }

    pub(super) fn all_names(&self) -> &Names {
        &self.heading.names
    }

    pub(crate) fn heading(&self) -> &Arc<Heading> {
        &self.heading
    }

    /// Rows that are taken from here on have the numbers of these columns.
    pub(super) fn copy_numbers(&mut self, columns: &[Option<usize>]) {
        self.numbers = columns.to_vec();
    }

    /// The byte between fields of a text.
    pub fn delimiter(&self) -> Option<u8> {
        self.heading.delimiter
    }

    /// The mark before the fraction of numbers, where it was told.
    pub fn decimal(&self) -> Option<Decimal> {
        self.heading.decimal
    }

    /// The next row, `None` after the last.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::RaggedRow`], [`Error::ZeroByte`], [`Error::Parquet`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            if let Some(rows) = &mut self.taken
                && rows.advance(&self.heading)?
            {
                break;
            }
            self.taken = self.next_rows(ROWS)?;
            match &mut self.taken {
                Some(rows) => rows.copy_numbers(&self.numbers),
                None => break,
            }
        }
        Ok(self.taken.as_ref().map(|rows| rows.row(&self.heading)))
    }

    /// The next rows, as many as asked for but at the end, to be read elsewhere; `None` after the last.
    pub(crate) fn next_rows(&mut self, most: usize) -> Result<Option<Rows>> {
        match &mut self.rest {
            Rest::Text(cutter, delimiter) => {
                Ok(cutter.next(most)?.map(|lines| Rows::of_lines(lines, *delimiter)))
            }
            Rest::Arrays(arrays, next) => {
                let start = *next;
                *next = arrays.n.min(start.saturating_add(most));
                if start == *next {
                    return Ok(None);
                }
                let part = arrays.part(start..*next, &self.heading.file)?;
                Ok(Some(Rows::of_part(part, *next - start)))
            }
            Rest::Parquet(rows) => Ok(rows.next_batch(most)?.map(Rows::of_batch)),
            Rest::Frame(frame, next) => {
                let start = *next;
                *next = frame.rows().min(start.saturating_add(most));
                Ok((start < *next).then(|| Rows::of_frame(Arc::clone(frame), start..*next)))
            }
        }
    }
}

/// The first lines of a text: their fields.
#[derive(Default)]
struct Shape {
    /// Fields of up to three rows.
    fields: Vec<usize>,
    /// Whether the last field of each is empty.
    blank: Vec<bool>,
    /// Fields of the second by the delimiter it has most of itself.
    second: usize,
    remark: bool,
}

impl Shape {
    fn of(start: &[u8], delimiter: u8) -> Self {
        let records = |start: &[u8], delimiter| {
            let reader = ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                .flexible(true)
                .trim(Trim::All)
                .from_reader(start);
            reader.into_byte_records().take(4).filter_map(std::result::Result::ok).collect::<Vec<_>>()
        };
        let mut rows = records(start, delimiter);
        if rows.len() == 4 || start.len() == START {
            // what was looked at may end in the middle of it
            rows.pop();
        }
        let mut lines = start.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
        let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let second = records(second, likely_delimiter(second)).first().map_or(0, ByteRecord::len);
        Self {
            fields: rows.iter().map(ByteRecord::len).collect(),
            blank: rows.iter().map(|row| row.iter().next_back().is_some_and(<[u8]>::is_empty)).collect(),
            second,
            remark: remark(first).is_some(),
        }
    }

    /// Whether rows have one field more than the first line, an empty one at their end.
    fn trails(&self) -> bool {
        self.fields.len() > 1
            && self
                .fields
                .iter()
                .zip(&self.blank)
                .skip(1)
                .all(|(&fields, &blank)| fields == self.fields[0] + 1 && blank)
    }

    /// The fields of the lines after the first, where it cannot be the header of those.
    fn other_than_header(&self) -> Option<usize> {
        let (&first, rest) = self.fields.split_first()?;
        let next = *rest.first()?;
        if self.trails() {
            return None;
        }
        let is_remark = (self.remark || first == 1) && self.second != first && self.second > 1;
        let all_differ = rest.len() == 2 && next != first && rest[1] == next;
        if is_remark { Some(self.second) } else { Some(next).filter(|_| all_differ) }
    }
}

/// The mark that a line of remarks starts with.
fn remark(line: &[u8]) -> Option<char> {
    let start = line.trim_ascii_start();
    match start {
        [mark @ (b'#' | b'%'), ..] => Some(char::from(*mark)),
        [b'/', b'/', ..] => Some('/'),
        _ => None,
    }
}

/// Bytes of a text that are looked at before it is read.
const START: usize = 1 << 16;

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
