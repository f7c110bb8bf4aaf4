//! A CSV text cut after lines that end outside quotes.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::memchr3_iter;

use crate::{Error, Input, Result};

/// A longer line is an unclosed quote, not a row.
const LONGEST: usize = 64 << 20;

/// Bytes read at once, at most.
const READ: usize = 1 << 20;

/// Whole lines of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lines {
    pub bytes: Arc<[u8]>,
    /// Number of the first line, from 1.
    pub first: usize,
}

/// A text being cut.
pub(crate) struct Cutter<'a> {
    input: Input<'a>,
    delimiter: u8,
    /// Read, and given up to `from`.
    held: Vec<u8>,
    from: usize,
    at_end: bool,
    /// The line that comes next.
    line: usize,
}

/// How far the search for a cut has come.
#[derive(Default)]
struct Search {
    /// Bytes searched.
    bytes: usize,
    /// Start of the row.
    row: usize,
    rows: usize,
    line_ends: usize,
    /// Whether a quote is open, and where the last one that closed stands.
    quoted: bool,
    closed: Option<usize>,
}

impl<'a> Cutter<'a> {
    /// The lines of an input from the first on.
    pub(crate) fn new(input: Input<'a>, delimiter: u8) -> Self {
        Self { input, delimiter, held: Vec::new(), from: 0, at_end: false, line: 1 }
    }

    /// The next lines that hold `most` rows, fewer at the end; `None` after the last.
    pub(crate) fn next(&mut self, most: usize) -> Result<Option<Lines>> {
        let mut search = Search::default();
        let end = loop {
            if self.finds(&mut search, most) {
                break search.row;
            }
            if self.at_end {
                break self.held.len() - self.from;
            }
            let read = if self.held.len() - self.from - search.row > LONGEST {
                Err(io::Error::other("a row is longer than 64 MB: is a quote left open?"))
            } else {
                self.read()
            };
            if let Err(source) = read {
                self.at_end = true;
                self.held.truncate(self.from);
                return Err(Error::Read { file: self.input.name().into(), source });
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let bytes = self.held[self.from..self.from + end].into();
        let lines = Lines { bytes, first: self.line };
        self.from += end;
        self.line += search.line_ends;
        Ok(Some(lines))
    }

    /// The lines that were given last are to be given again.
    pub(crate) fn give_back(&mut self, lines: &Lines) {
        self.from -= lines.bytes.len();
        self.line = lines.first;
    }

    /// Takes what is there, without waiting for more.
    fn read(&mut self) -> io::Result<()> {
        self.held.drain(..self.from);
        self.from = 0;
        let start = self.held.len();
        self.held.resize(start + READ, 0);
        let read = loop {
            match self.input.read(&mut self.held[start..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.held.truncate(start + read.as_ref().map_or(0, |&count| count));
        self.at_end = read? == 0;
        Ok(())
    }

    /// Goes on with a search in what is held; whether the wanted rows end there, at the start of another.
    fn finds(&self, search: &mut Search, most: usize) -> bool {
        let held = &self.held[self.from..];
        for at in memchr3_iter(b'\n', b'\r', b'"', &held[search.bytes..]) {
            let at = search.bytes + at;
            if held[at] == b'"' {
                if search.quoted {
                    search.quoted = false;
                    search.closed = Some(at);
                } else {
                    // a quote in the middle of a field is one of its letters; two within quotes are one
                    let before = at.checked_sub(1).filter(|_| at > search.row);
                    search.quoted = before
                        .is_none_or(|before| held[before] == self.delimiter || search.closed == Some(before));
                }
                continue;
            }
            if held[at] == b'\r' {
                match held.get(at + 1) {
                    // the line ends there
                    Some(b'\n') => continue,
                    None if !self.at_end => {
                        search.bytes = at;
                        return false;
                    }
                    _ => {}
                }
            }
            search.line_ends += 1;
            if search.quoted {
                continue;
            }
            let is_blank = held[search.row..at].iter().all(|byte| matches!(byte, b'\r' | b'\n'));
            search.rows += usize::from(!is_blank);
            search.row = at + 1;
            if search.rows == most {
                return true;
            }
        }
        search.bytes = held.len();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn cut(text: &str, most: usize) -> Vec<(usize, String)> {
        let of = |step| {
            let mut cutter = Cutter::new(Input::new(Slow(text.as_bytes(), step), "x"), b',');
            let mut found = Vec::new();
            while let Some(lines) = cutter.next(most).unwrap() {
                found.push((lines.first, String::from_utf8(lines.bytes.to_vec()).unwrap()));
            }
            found
        };
        let found = of(usize::MAX);
        assert_eq!((of(1), of(7)), (found.clone(), found.clone()), "{text:?}");
        found
    }

    fn strings(found: &[(usize, &str)]) -> Vec<(usize, String)> {
        found.iter().map(|&(line, text)| (line, text.to_owned())).collect()
    }

    #[test]
    fn rows_are_cut_where_lines_end_outside_quotes() {
        for (text, expected) in [
            ("a\nb\nc", vec![(1, "a\nb\n"), (3, "c")]),
            ("a\r\nb\r\nc\r\n", vec![(1, "a\r\nb\r\n"), (3, "c\r\n")]),
            ("a\rb\rc\r", vec![(1, "a\rb\r"), (3, "c\r")]),
            ("\n\na\n\r\nb\nc\n", vec![(1, "\n\na\n\r\nb\n"), (6, "c\n")]),
            ("\"a\nb\",1\n\"c\"\"\nd\"\ne", vec![(1, "\"a\nb\",1\n\"c\"\"\nd\"\n"), (5, "e")]),
            ("5\" pipe,1\n6\" pipe,2\n\"7\n\",3", vec![(1, "5\" pipe,1\n6\" pipe,2\n"), (3, "\"7\n\",3")]),
        ] {
            assert_eq!(cut(text, 2), strings(&expected));
        }
        assert_eq!(cut("", 2), []);
    }

    #[test]
    fn an_open_quote_ends_in_an_error_not_in_memory() {
        let mut cutter = Cutter::new(Input::new(io::repeat(b'"').take(1).chain(io::repeat(b'x')), "x"), b',');
        let Err(Error::Read { source, .. }) = cutter.next(1) else { panic!("no error") };
        assert_eq!(source.to_string(), "a row is longer than 64 MB: is a quote left open?");
        assert_eq!(cutter.next(1).unwrap(), None);
    }
}
