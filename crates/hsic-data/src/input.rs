//! An input that is opened once: its first bytes are looked at and not lost, so that pipes are read as files are.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use crate::gzip::{Limited, MAGIC};
use crate::{Error, Result};

/// A named stream of bytes, read from the front to the end once. What is looked at ahead stays to be read.
pub struct Input<'a> {
    name: String,
    reader: Box<dyn Read + 'a>,
    /// Looked at and not read yet, from `at` on.
    ahead: Vec<u8>,
    at: usize,
    /// Packed bytes taken so far, of a stream that is unpacked as it is read.
    packed: Option<Rc<Cell<u64>>>,
    /// The file itself, where it can be read at any place.
    file: Option<File>,
}

impl Input<'static> {
    /// Opens a file, a pipe or a device: once, and it is not opened again.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => {
                // a file of the system's own may say that it has no length
                let is_regular = |metadata: fs::Metadata| metadata.is_file() && metadata.len() > 0;
                let again = file.metadata().is_ok_and(is_regular).then(|| file.try_clone().ok());
                Ok(Self { file: again.flatten(), ..Self::new(file, &name) })
            }
            Err(source) => Err(Error::Read { file: name, source }),
        }
    }
}

impl<'a> Input<'a> {
    /// A reader that `name` stands for in messages.
    pub fn new(reader: impl Read + 'a, name: &str) -> Self {
        Self {
            name: name.into(),
            reader: Box::new(reader),
            ahead: Vec::new(),
            at: 0,
            packed: None,
            file: None,
        }
    }

    /// The name, as in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next bytes, which stay to be read: as many as asked for, fewer at the end alone.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn peek(&mut self, count: usize) -> Result<&[u8]> {
        let held = self.ahead.len() - self.at;
        if held < count {
            let more = (&mut self.reader).take((count - held) as u64).read_to_end(&mut self.ahead);
            more.map_err(|source| Error::Read { file: self.name.clone(), source })?;
        }
        let end = self.ahead.len().min(self.at + count);
        Ok(&self.ahead[self.at..end])
    }

    /// What it unpacks to if it starts as gzip does, else itself.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn unpacked(mut self) -> Result<Self> {
        if self.peek(MAGIC.len())? != MAGIC {
            return Ok(self);
        }
        let (name, count) = (self.name.clone(), Rc::new(Cell::new(0)));
        let counted = Counted { reader: self, count: Rc::clone(&count) };
        let unpacked = Self::new(MultiGzDecoder::new(BufReader::new(counted)), &name);
        Ok(Self { packed: Some(count), ..unpacked })
    }

    /// The file, if it is one as it stands and can be read at any place.
    pub(crate) fn seekable(&mut self) -> Option<File> {
        self.file.take()
    }

    /// All bytes. Of one that is unpacked there is a limit: 1 GB, or 100 times the packed bytes where that is more.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub fn bytes(mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = match self.packed.clone() {
            Some(packed) => Limited::counting(&mut self, packed).read_to_end(&mut bytes),
            None => self.read_to_end(&mut bytes),
        };
        match read {
            Ok(_) => Ok(bytes),
            Err(source) => Err(Error::Read { file: self.name, source }),
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ahead.len() {
            return self.reader.read(buffer);
        }
        let count = (&self.ahead[self.at..]).read(buffer)?;
        self.at += count;
        if self.at == self.ahead.len() {
            self.ahead = Vec::new();
            self.at = 0;
        }
        Ok(count)
    }
}

/// A reader that counts what is taken from it.
struct Counted<R> {
    reader: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// A regular file, packed with gzip or not, that is read from the front in several passes.
#[derive(Debug, Clone)]
pub(crate) struct Passes {
    path: PathBuf,
    file: String,
    packed: bool,
}

impl Passes {
    /// A file to be read more than once; what can be read once alone is refused before it is opened.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let kind = fs::metadata(path).map_err(|source| Error::Read { file: file.clone(), source })?;
        if !kind.is_file() && !kind.is_dir() {
            return Err(Error::OnePass { file });
        }
        let packed = Input::open(path)?.peek(MAGIC.len())? == MAGIC;
        Ok(Self { path: path.into(), file, packed })
    }

    /// Its name, as in messages.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Its size where that is known: not of a packed file, which shows at its end alone how long it is.
    pub(crate) fn size(&self) -> Result<Option<u64>> {
        if self.packed {
            return Ok(None);
        }
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(source) => Err(Error::Read { file: self.file.clone(), source }),
        }
    }

    /// A pass over the unpacked bytes, from this one on.
    pub(crate) fn pass(&self, from: u64) -> Result<Box<dyn Read + Send>> {
        let open = || -> io::Result<Box<dyn Read + Send>> {
            let mut file = File::open(&self.path)?;
            if self.packed {
                let mut reader = MultiGzDecoder::new(BufReader::new(file));
                io::copy(&mut (&mut reader).take(from), &mut io::sink())?;
                return Ok(Box::new(reader));
            }
            file.seek(SeekFrom::Start(from))?;
            Ok(Box::new(file))
        };
        open().map_err(|source| Error::Read { file: self.file.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// Hands out a byte at a time, as a slow pipe does.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1);
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn what_is_looked_at_stays_to_be_read() -> Result<()> {
        let mut input = Input::new(Slow(b"abcdef"), "x");
        assert_eq!(input.peek(2)?, b"ab");
        assert_eq!(input.peek(4)?, b"abcd");
        let mut first = [0; 3];
        input.read_exact(&mut first).expect("three bytes");
        assert_eq!((&first, input.peek(2)?), (b"abc", &b"de"[..]));
        assert_eq!(input.peek(9)?, b"def");
        assert_eq!(input.name(), "x");
        assert_eq!(input.bytes()?, b"def");
        Ok(())
    }

    #[test]
    fn a_packed_stream_is_unpacked_and_any_other_left() -> Result<()> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"a,b\n").expect("memory");
        let packed = packed.finish().expect("memory");
        for bytes in [&packed[..], b"a,b\n"] {
            let mut input = Input::new(Slow(bytes), "x").unpacked()?;
            assert_eq!(input.peek(3)?, b"a,b");
            assert_eq!(input.bytes()?, b"a,b\n");
        }
        assert_eq!(Input::new(&b"\x1f"[..], "x").unpacked()?.bytes()?, b"\x1f");
        Ok(())
    }
}
