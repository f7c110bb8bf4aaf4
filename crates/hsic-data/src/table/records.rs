//! CSV records with the line each starts on, streamed.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use ::csv::{ByteRecord, ReaderBuilder, Trim};

use crate::{Error, Result};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A longer record is an unclosed quote, not a row.
pub(crate) const LONGEST_RECORD: usize = 64 << 20;

/// The error of a longer one.
pub(crate) fn too_long() -> io::Error {
    io::Error::other("a row is longer than 64 MB: is a quote left open?")
}

/// The records of a CSV text, read as they are asked for; blank lines are passed over, blanks around fields trimmed.
pub(crate) struct Records<R> {
    reader: ::csv::Reader<Window<R>>,
    seen: Rc<RefCell<Seen>>,
    file: String,
    line: usize,
}

/// The bytes between the last record's start and what was read so far: line ends are counted in them.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    /// Place of the first of them in the text.
    start: usize,
}

/// A reader that remembers, and that drops a byte order mark.
struct Window<R> {
    inner: R,
    seen: Rc<RefCell<Seen>>,
    /// What was read ahead to look for the mark.
    ahead: Option<Vec<u8>>,
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ahead = match &mut self.ahead {
            Some(ahead) => ahead,
            none => {
                let mut start = Vec::new();
                (&mut self.inner).take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut start)?;
                if start == BYTE_ORDER_MARK {
                    start.clear();
                }
                none.insert(start)
            }
        };
        let count = if ahead.is_empty() {
            self.inner.read(buffer)?
        } else {
            let count = ahead.len().min(buffer.len());
            buffer[..count].copy_from_slice(&ahead[..count]);
            ahead.drain(..count);
            count
        };
        let mut seen = self.seen.borrow_mut();
        seen.bytes.extend_from_slice(&buffer[..count]);
        if seen.bytes.len() > LONGEST_RECORD {
            return Err(too_long());
        }
        Ok(count)
    }
}

impl<R: Read> Records<R> {
    /// The records of `inner`, whose first line has the number `line`; `file` stands for it in messages.
    pub(crate) fn new(inner: R, file: &str, delimiter: u8, line: usize) -> Self {
        let seen = Rc::new(RefCell::new(Seen::default()));
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(Window { inner, seen: Rc::clone(&seen), ahead: None });
        Self { reader, seen, file: file.into(), line }
    }

    /// Reads the next record and tells its line, `None` at the end.
    pub(crate) fn next(&mut self, record: &mut ByteRecord) -> Result<Option<usize>> {
        // The reader places a record right after the one before: ahead of blank lines, and of the `\n` of a
        // `\r\n`.
        let before = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let read = self.reader.read_byte_record(record).map_err(|error| {
            let source = io::Error::from(error);
            Error::Read { file: self.file.clone(), source }
        })?;
        if !read {
            return Ok(None);
        }
        let mut seen = self.seen.borrow_mut();
        let before = before.saturating_sub(seen.start).min(seen.bytes.len());
        let blank = seen.bytes[before..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = before + blank;
        for i in 0..start {
            let ends_line = match seen.bytes[i] {
                b'\n' => true,
                b'\r' => seen.bytes.get(i + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += usize::from(ends_line);
        }
        seen.bytes.drain(..start);
        seen.start += start;
        Ok(Some(self.line))
    }
}
