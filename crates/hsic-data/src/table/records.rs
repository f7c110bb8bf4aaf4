//! CSV records with the line each starts on.

use std::io::{self, Cursor};
use std::sync::Arc;

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use memchr::{memchr, memchr2_iter};

use super::lines::Lines;
use crate::{Error, Result};

/// The records of some lines of a CSV text; blank lines are passed over.
pub(crate) struct Records {
    reader: Reader<Cursor<Arc<[u8]>>>,
    bytes: Arc<[u8]>,
    /// Bytes whose line ends are counted.
    counted: usize,
    line: usize,
}

impl Records {
    /// The records of some lines.
    pub(crate) fn new(lines: Lines, delimiter: u8) -> Self {
        let Lines { bytes, first } = lines;
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Cursor::new(Arc::clone(&bytes)));
        Self { reader, bytes, counted: 0, line: first }
    }

    /// Reads the next record and tells its line, `None` at the end; `file` stands for the text in messages.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::ZeroByte`].
    pub(crate) fn next(&mut self, record: &mut ByteRecord, file: &str) -> Result<Option<usize>> {
        // The reader places a record right after the one before: ahead of blank lines, and of the `\n` of a
        // `\r\n`.
        let before = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let read = self.reader.read_byte_record(record).map_err(|error| {
            let source = io::Error::from(error);
            Error::Read { file: file.into(), source }
        })?;
        if !read {
            return Ok(None);
        }
        let before = before.min(self.bytes.len());
        let blank = self.bytes[before..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = before + blank;
        let ends_line = |&at: &usize| {
            let i = self.counted + at;
            self.bytes[i] == b'\n' || self.bytes.get(i + 1) != Some(&b'\n')
        };
        self.line += memchr2_iter(b'\n', b'\r', &self.bytes[self.counted..start]).filter(ends_line).count();
        self.counted = start;
        if memchr(0, record.as_slice()).is_some() {
            let field = record.iter().take_while(|field| memchr(0, field).is_none()).count() + 1;
            return Err(Error::ZeroByte { file: file.into(), line: self.line, field });
        }
        Ok(Some(self.line))
    }
}
