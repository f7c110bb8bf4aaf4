//! Rows one after the other, from any of the formats.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ::csv::ByteRecord;

use super::Records;
use super::content::{Arrays, Content, Format, Kind};
use super::row::{Cells, Row};
use crate::csv::header;
use crate::gzip::{Limited, unpacked};
use crate::{Error, Result};

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
        let Start { text, .. } = start(Box::new(File::open(path).map_err(failed)?)).map_err(failed)?;
        if text && labels.is_none() {
            return Self::stream(Box::new(File::open(path).map_err(failed)?), &file, None, options);
        }
        Self::whole(Content::read(path, labels)?, options)
    }

    /// The rows of a table from a reader, packed with gzip or not. A CSV text is read as its rows are asked for, arrays at
    /// once; `labels` is the file of the labels of such an idx or .npy stream.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn stream(
        reader: Box<dyn Read>,
        file: &str,
        labels: Option<&Path>,
        options: &SourceOptions,
    ) -> Result<Self> {
        let failed = |source| Error::Read { file: file.into(), source };
        let Start { mut reader, packed, text } = start(reader).map_err(failed)?;
        if text && labels.is_none() {
            return Self::text(reader, file, options);
        }
        if packed {
            // how much it is packed is not known before its end
            reader = Box::new(Limited::new(reader, 0));
        }
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(failed)?;
        Self::whole(Content::from_bytes(bytes, file)?.labelled(labels)?, options)
    }

    fn whole(content: Content, options: &SourceOptions) -> Result<Self> {
        match content.kind {
            Kind::Arrays(arrays) => Ok(Self::arrays(arrays, &content.file)),
            Kind::Text(bytes) => Self::text(Box::new(std::io::Cursor::new(bytes)), &content.file, options),
        }
    }
}

struct Start<'a> {
    /// Unpacked, from the first byte on.
    reader: Box<dyn Read + 'a>,
    packed: bool,
    /// Whether it starts as a text does.
    text: bool,
}

fn start<'a>(reader: Box<dyn Read + 'a>) -> std::io::Result<Start<'a>> {
    let (mut reader, packed) = unpacked(reader)?;
    let mut start = Vec::new();
    (&mut reader).take(8).read_to_end(&mut start)?;
    let text = matches!(Format::of(&start), Format::Text);
    Ok(Start { reader: Box::new(std::io::Cursor::new(start).chain(reader)), packed, text })
}

impl<'a> Source<'a> {
    pub(super) fn arrays(arrays: Arc<Arrays>, file: &str) -> Self {
        let (file, names) = (file.into(), arrays.names());
        Self { file, names, has_names: false, delimiter: None, state: State::Arrays { arrays, next: 0 } }
    }

    pub(super) fn text(mut reader: Box<dyn Read + 'a>, file: &str, options: &SourceOptions) -> Result<Self> {
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
                Ok(Some(Row::new(&self.file, &self.names, line, cells)))
            }
            State::Arrays { arrays, next } => {
                let row = *next;
                if row == arrays.n {
                    return Ok(None);
                }
                *next += 1;
                let (values, label) = arrays.row(row);
                let cells = Cells::Numbers(values, label);
                Ok(Some(Row::new(&self.file, &self.names, row + 1, cells)))
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
