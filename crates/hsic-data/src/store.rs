//! The bytes of an input, in any order and more than once: in its file or in memory.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::gzip::{Limited, MAGIC};
use crate::text::hexadecimal;
use crate::{Error, Input};

/// Bytes read at once for a header of a page, and for a sum.
const BUFFER: usize = 1 << 13;

/// Where the bytes are.
#[derive(Debug)]
pub(crate) enum Store {
    /// In a file, with its length: read at the place wanted, so that columns do not move each other's place.
    File(Mutex<File>, u64),
    /// In memory.
    Memory(Bytes),
}

impl Store {
    /// An input: the file, or what comes out of a pipe.
    pub(crate) fn of(mut input: Input<'_>) -> crate::Result<Self> {
        let Some(file) = input.seekable() else { return Ok(Self::of_bytes(input.bytes()?)) };
        match file.metadata() {
            Ok(metadata) => Ok(Self::File(Mutex::new(file), metadata.len())),
            Err(source) => Err(Error::Read { file: input.name().into(), source }),
        }
    }

    /// Bytes that were read.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self::Memory(bytes.into())
    }

    /// Whether it starts as gzip does.
    pub(crate) fn is_packed(&self) -> io::Result<bool> {
        let mut start = [0; MAGIC.len()];
        Ok(self.read_at(0, &mut start)? == start.len() && start == MAGIC)
    }

    /// The bytes from the first on, unpacked if they start as gzip does, within the limit of [`Limited::new`].
    pub(crate) fn reader(self: &Arc<Self>) -> io::Result<Box<dyn Read>> {
        let plain = At::start(self);
        if !self.is_packed()? {
            return Ok(Box::new(plain));
        }
        let unpacked = MultiGzDecoder::new(BufReader::with_capacity(64 * BUFFER, plain));
        Ok(Box::new(Limited::new(unpacked, self.len())))
    }

    /// So many bytes from a place on, which must be there. Memory is taken for what is there, whatever a header declares.
    pub(crate) fn slice(self: &Arc<Self>, start: u64, length: usize) -> io::Result<Bytes> {
        let end = start.checked_add(length as u64).filter(|&end| end <= self.len());
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        if let Self::Memory(bytes) = &**self {
            return Ok(bytes.slice(start as usize..end as usize));
        }
        let mut bytes = vec![0; length];
        At { store: Arc::clone(self), place: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::File(_, length) => *length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// The first four bytes and the last eight, fewer of a shorter file.
    pub(crate) fn ends(&self) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let some = |from: u64, most| -> io::Result<Vec<u8>> {
            let mut bytes = vec![0; most];
            let mut found = 0;
            while found < most {
                match self.read_at(from + found as u64, &mut bytes[found..])? {
                    0 => break,
                    count => found += count,
                }
            }
            bytes.truncate(found);
            Ok(bytes)
        };
        Ok((some(0, 4)?, some(self.len().saturating_sub(8), 8)?))
    }

    /// The sha256 of all bytes, unpacked, in hexadecimal.
    pub(crate) fn sha256(self: &Arc<Self>) -> io::Result<String> {
        let (mut hasher, mut reader, mut buffer) = (Sha256::new(), self.reader()?, vec![0; 64 * BUFFER]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(hexadecimal(hasher)),
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn read_at(&self, place: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file, length) => {
                // what is written to the file meanwhile is not there
                let most = length.saturating_sub(place).min(buffer.len() as u64) as usize;
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(place))?;
                file.read(&mut buffer[..most])
            }
            Self::Memory(bytes) => {
                let from = usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[from..]).read(buffer)
            }
        }
    }
}

/// A store as the crate `parquet` takes it.
#[derive(Debug, Clone)]
pub(crate) struct Shared(pub Arc<Store>);

/// A place in a store.
pub(crate) struct At {
    store: Arc<Store>,
    place: u64,
}

impl At {
    /// The first byte.
    pub(crate) fn start(store: &Arc<Store>) -> Self {
        Self { store: Arc::clone(store), place: 0 }
    }
}

impl Seek for At {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.store.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        self.place = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.place)
    }
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.store.read_at(self.place, buffer)?;
        self.place += count as u64;
        Ok(count)
    }
}

/// A place in a store that more bytes must follow. The crate `parquet` passes over what a page header declares and takes the end of
/// the file for all of it: two bytes that declare a list of 2³¹ numbers would keep it at that for an hour.
pub(crate) struct Within(At);

impl Read for Within {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Shared {
    type T = BufReader<Within>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let at = At { store: Arc::clone(&self.0), place: start };
        Ok(BufReader::with_capacity(BUFFER, Within(at)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.0.slice(start, length).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                ParquetError::EOF(format!("{length} bytes from byte {start} on reach beyond its end"))
            }
            _ => error.into(),
        })
    }
}
