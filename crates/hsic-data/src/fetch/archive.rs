//! The files inside zip, tar and gzip, however nested.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

/// An archive in an archive in an archive in an archive is an attack.
const DEEPEST: usize = 4;

/// More than any source has, unpacked.
const LONGEST: u64 = 1 << 30;

/// Unpacks archives and keeps the files that are asked for.
pub(super) struct Unpacking<'a> {
    /// Whether a file of this path is asked for.
    pub wanted: &'a dyn Fn(&str) -> bool,
    /// The files asked for, with their paths.
    pub found: Vec<(String, Vec<u8>)>,
    /// Paths of the others.
    pub others: Vec<String>,
    left: u64,
}

impl<'a> Unpacking<'a> {
    pub(super) fn new(wanted: &'a dyn Fn(&str) -> bool) -> Self {
        Self { wanted, found: Vec::new(), others: Vec::new(), left: LONGEST }
    }

    /// Unpacks a file, and what is in it.
    pub(super) fn unpack(&mut self, path: &str, bytes: Vec<u8>, depth: usize) -> Result<(), String> {
        let bad = |error: &dyn std::fmt::Display| format!("{path} cannot be unpacked: {error}");
        if depth > DEEPEST {
            return Err(bad(&"it is nested too deeply"));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| bad(&error))?;
            for index in 0..archive.len() {
                let mut entry = archive.by_index(index).map_err(|error| bad(&error))?;
                if entry.is_file() {
                    let inner = entry.name().map_err(|error| bad(&error))?.into_owned();
                    let bytes = self.read(&mut entry).map_err(|error| bad(&error))?;
                    self.unpack(&inner, bytes, depth + 1)?;
                }
            }
        } else if bytes.starts_with(&[0x1f, 0x8b]) {
            let unpacked = self.read(&mut MultiGzDecoder::new(&bytes[..])).map_err(|error| bad(&error))?;
            let inner = path.trim_end_matches(".gz").replace(".tgz", ".tar");
            self.unpack(&inner, unpacked, depth + 1)?;
        } else if path.ends_with(".tar") || bytes.get(257..262) == Some(b"ustar") {
            let mut archive = tar::Archive::new(&bytes[..]);
            for entry in archive.entries().map_err(|error| bad(&error))? {
                let mut entry = entry.map_err(|error| bad(&error))?;
                if entry.header().entry_type().is_file() {
                    let inner = entry.path().map_err(|error| bad(&error))?.to_string_lossy().into_owned();
                    let bytes = self.read(&mut entry).map_err(|error| bad(&error))?;
                    self.unpack(&inner, bytes, depth + 1)?;
                }
            }
        } else if (self.wanted)(path) {
            self.found.push((path.into(), bytes));
        } else {
            self.others.push(path.into());
        }
        Ok(())
    }

    /// Reads to the end, but not for ever.
    fn read(&mut self, reader: &mut dyn Read) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader.take(self.left).read_to_end(&mut bytes)?;
        self.left -= bytes.len() as u64;
        if self.left == 0 {
            return Err(std::io::Error::other("it unpacks to more than 1 GB"));
        }
        Ok(bytes)
    }
}
