//! From the bytes of a text file to UTF-8, and without the lines that are no rows.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult, UTF_8};
use serde::{Deserialize, Serialize};

use super::SourceOptions;
use crate::{Error, Input, Result};

/// Bytes read at once.
const READ: usize = 1 << 16;

/// How the characters of a text are stored, by any name that browsers know: `utf-8`, `utf-16le`, `windows-1252`, `latin1`
/// (which means windows-1252 there), `shift_jis`, ….
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Encoding(&'static encoding_rs::Encoding);

impl FromStr for Encoding {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let known = encoding_rs::Encoding::for_label_no_replacement(name.as_bytes());
        known
            .map(Self)
            .ok_or_else(|| "expected an encoding such as utf-8, utf-16le, windows-1252 or shift_jis".into())
    }
}

impl TryFrom<String> for Encoding {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, String> {
        name.parse()
    }
}

impl From<Encoding> for String {
    fn from(encoding: Encoding) -> Self {
        encoding.to_string()
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_ascii_lowercase())
    }
}

/// The text of an input as UTF-8, without a byte order mark, and with blank lines for those that are passed over, so that
/// lines keep their numbers. A mark at the start tells the encoding, before what is said of it. What is UTF-8 already is not
/// copied.
///
/// # Errors
/// [`Error::Read`]; [`Error::Encoding`] where every other byte of the first is zero.
pub(super) fn text<'a>(mut input: Input<'a>, options: &SourceOptions) -> Result<Input<'a>> {
    let file = input.name().to_owned();
    let start = input.peek(4)?;
    let (encoding, mark) = match encoding_rs::Encoding::for_bom(start) {
        Some((encoding, mark)) => (encoding, mark),
        None => (options.encoding.map_or(UTF_8, |Encoding(encoding)| encoding), 0),
    };
    let likely = likely_utf16(start).filter(|_| mark == 0);
    if let Some(likely) = likely.filter(|_| encoding == UTF_8) {
        return Err(Error::Encoding { file, likely });
    }
    let mut skipped = [0; 4];
    let passed = input.read_exact(&mut skipped[..mark]);
    passed.map_err(|source| Error::Read { file: file.clone(), source })?;
    if encoding != UTF_8 {
        input = Input::new(Decoded::new(input, encoding, mark as u64), &file);
    }
    if options.skip > 0 || options.comment.is_some() {
        input = Input::new(Blanked::new(input, options.skip, options.comment), &file);
    }
    Ok(input)
}

/// UTF-16 that a text without a mark is likely to be by its first characters: every other byte is zero, of most texts. One zero byte alone
/// may be part of a name.
fn likely_utf16(start: &[u8]) -> Option<&'static str> {
    let pairs = || start.chunks_exact(2);
    let are_low =
        |zero: usize| pairs().len() > 0 && pairs().all(|pair| pair[zero] == 0 && pair[1 - zero] != 0);
    if are_low(1) {
        return Some("utf-16le");
    }
    are_low(0).then_some("utf-16be")
}

/// A stream decoded to UTF-8.
struct Decoded<R> {
    reader: R,
    name: &'static str,
    decoder: Decoder,
    /// Read and not decoded yet, from `at` on.
    held: Vec<u8>,
    at: usize,
    /// Bytes of the file before those held.
    before: u64,
    /// Decoded and not given yet, from `given` on.
    decoded: Vec<u8>,
    given: usize,
    at_end: bool,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    /// From a byte of the file on.
    fn new(reader: R, encoding: &'static encoding_rs::Encoding, before: u64) -> Self {
        Self {
            reader,
            name: encoding.name(),
            decoder: encoding.new_decoder_without_bom_handling(),
            held: Vec::new(),
            at: 0,
            before,
            decoded: Vec::new(),
            given: 0,
            at_end: false,
            finished: false,
        }
    }

    /// Decodes what is held, or some of it, after reading where nothing is.
    fn decode(&mut self) -> io::Result<()> {
        if self.at == self.held.len() && !self.at_end {
            self.before += self.at as u64;
            self.at = 0;
            self.held.resize(READ, 0);
            let read = self.reader.read(&mut self.held);
            self.held.truncate(*read.as_ref().unwrap_or(&0));
            self.at_end = read? == 0;
        }
        self.given = 0;
        self.decoded.resize(READ, 0);
        let rest = &self.held[self.at..];
        let (result, used, written) =
            self.decoder.decode_to_utf8_without_replacement(rest, &mut self.decoded, self.at_end);
        self.decoded.truncate(written);
        self.at += used;
        match result {
            DecoderResult::Malformed(..) => {
                self.finished = true;
                let byte = self.before + self.at as u64;
                Err(io::Error::other(format!("the text is not {}: see byte {byte}", self.name)))
            }
            DecoderResult::InputEmpty => {
                self.finished = self.at_end;
                Ok(())
            }
            DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && !self.finished {
            self.decode()?;
        }
        let count = (&self.decoded[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// A text whose first lines, and those that start with a byte, are blank.
struct Blanked<R> {
    reader: R,
    /// Lines that are still to be blank.
    skip: usize,
    comment: Option<u8>,
    /// Whether a line starts here, and whether this one is blank.
    starts: bool,
    blank: bool,
    /// Whether the last byte was the first half of a line end.
    half: bool,
}

impl<R: Read> Blanked<R> {
    fn new(reader: R, skip: usize, comment: Option<u8>) -> Self {
        Self { reader, skip, comment, starts: true, blank: false, half: false }
    }
}

impl<R: Read> Read for Blanked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.reader.read(buffer)?;
            let mut kept = 0;
            for i in 0..read {
                let byte = buffer[i];
                // \r\n is one line end
                let goes_on = self.half && byte == b'\n';
                self.half = byte == b'\r';
                if self.starts && !goes_on {
                    self.blank = self.skip > 0 || self.comment == Some(byte);
                    self.skip = self.skip.saturating_sub(1);
                }
                let ends = matches!(byte, b'\n' | b'\r');
                self.starts = ends;
                if !self.blank || ends {
                    buffer[kept] = byte;
                    kept += 1;
                }
            }
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], options: &SourceOptions) -> std::result::Result<String, String> {
        let mut decoded = String::new();
        let mut input = text(Input::new(bytes, "x"), options).map_err(|error| error.to_string())?;
        // a few bytes at a time, and the rest
        input.peek(3).map_err(|error| match error {
            Error::Read { source, .. } => source.to_string(),
            error => error.to_string(),
        })?;
        input.read_to_string(&mut decoded).map_err(|error| error.to_string())?;
        Ok(decoded)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn marks_decide_and_names_help() {
        let long = "größe;€ 3,5;𝄞\n".repeat(20_000);
        let plain = SourceOptions::default();
        let named = |name: &str| SourceOptions { encoding: name.parse().ok(), ..SourceOptions::default() };
        let marked = format!("\u{feff}{long}");
        for bytes in
            [marked.clone().into_bytes(), utf16(&marked, u16::to_le_bytes), utf16(&marked, u16::to_be_bytes)]
        {
            assert!(read(&bytes, &plain).as_deref() == Ok(&long));
            assert!(read(&bytes, &named("windows-1252")).as_deref() == Ok(&long));
        }
        let bytes = utf16(&long, u16::to_le_bytes);
        assert!(read(&bytes, &named("utf-16le")).as_deref() == Ok(&long));
        assert_eq!(read(b"gr\xf6\xdfe,\x80", &named("latin1")).as_deref(), Ok("größe,€"));
        let ascii = [utf16("a,b\n", u16::to_le_bytes), utf16("a,b\n", u16::to_be_bytes)];
        for (bytes, likely) in ascii.iter().zip(["utf-16le", "utf-16be"]) {
            let error = read(bytes, &plain).unwrap_err();
            assert!(
                error.starts_with(&format!("x: the text is not UTF-8, and looks like {likely}")),
                "{error}"
            );
        }
        for name in ["1\0\0\0,a\n", "\0", "\u{0}1\0\0\n"] {
            assert_eq!(read(name.as_bytes(), &plain).as_deref(), Ok(name));
        }
        let odd = [&b"\xff\xfe"[..], &utf16("ab", u16::to_le_bytes), &[0x00, 0xd8, 0x61, 0x00]].concat();
        assert_eq!(read(&odd, &plain).unwrap_err(), "the text is not UTF-16LE: see byte 8");
    }

    #[test]
    fn lines_that_are_no_rows_are_blank() {
        let of = |text: &str, skip, comment| {
            read(text.as_bytes(), &SourceOptions { skip, comment, ..SourceOptions::default() })
        };
        assert_eq!(of("#x\r\na\r\n#\r\nb#", 0, Some(b'#')).as_deref(), Ok("\r\na\r\n\r\nb#"));
        assert_eq!(of("x\n\ny\na,b\n", 3, None).as_deref(), Ok("\n\n\na,b\n"));
        assert_eq!(of("x\ry\ra\r", 2, None).as_deref(), Ok("\r\ra\r"));
        assert_eq!(of("\u{feff}#x\na\n", 0, Some(b'#')).as_deref(), Ok("\na\n"));
        assert_eq!(of("x", 4, None).as_deref(), Ok(""));
    }
}
