//! A table in memory, from any of the formats.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::{Source, SourceOptions};
use crate::gzip::unpack;
use crate::idx::{IdxProblem, parse_idx};
use crate::npy::{Array, NpyProblem, read_npz};
use crate::text::{list, sha256_hex};
use crate::{Error, Result};

const ZIP: &[u8] = b"PK\x03\x04";

/// Name of the label column of arrays, which have no names.
const LABEL: &str = "class";

/// A table read into memory, to be passed over more than once.
#[derive(Debug, Clone)]
pub struct Content {
    pub(super) file: String,
    sha256: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Text(Vec<u8>),
    Arrays(Arc<Arrays>),
}

/// Numbers in memory, row-major, and labels.
#[derive(Debug)]
pub(super) struct Arrays {
    pub n: usize,
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
        Self::from_bytes(bytes, &file)?.labelled(labels)
    }

    /// A table of the bytes of such a file; `file` stands for them in messages.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn from_bytes(bytes: Vec<u8>, file: &str) -> Result<Self> {
        let bytes = unpack(bytes.into(), file)?.into_owned();
        let sha256 = sha256_hex(&[&bytes]);
        let npy = |problem| Error::Npy { file: file.into(), problem };
        let kind = match Format::of(&bytes) {
            Format::Text => Kind::Text(bytes),
            Format::Npy => {
                let array = Array::read(&bytes[..], file)?;
                Kind::Arrays(Arc::new(Arrays::of(array, None).map_err(npy)?))
            }
            Format::Npz => Kind::Arrays(Arc::new(Arrays::of_npz(&bytes, file)?)),
            Format::Idx => {
                let idx = parse_idx(&bytes, file)?;
                let shape = idx.dims().to_vec();
                let values = idx.data().iter().map(|&byte| f64::from(byte)).collect();
                Kind::Arrays(Arc::new(Arrays::of(Array { shape, values }, None).map_err(npy)?))
            }
        };
        Ok(Self { file: file.into(), sha256, kind })
    }

    /// With the labels of an idx or .npy table from a file, where there is one.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn labelled(self, labels: Option<&Path>) -> Result<Self> {
        let Some(path) = labels else { return Ok(self) };
        let arrays = match self.kind {
            Kind::Text(_) => None,
            // nobody has opened it yet
            Kind::Arrays(arrays) => Arc::into_inner(arrays),
        };
        let Some(mut arrays) = arrays else {
            return Err(Error::Npy { file: self.file, problem: NpyProblem::NoLabels });
        };
        let (bytes, file) = read_file(path)?;
        let bytes = unpack(bytes.into(), &file)?;
        let labels = match Format::of(&bytes) {
            Format::Idx => {
                let idx = parse_idx(&bytes, &file)?;
                if idx.dims().len() != 1 {
                    let problem = IdxProblem::Dimensions { found: idx.dims().len(), expected: "1" };
                    return Err(Error::Idx { file, problem });
                }
                idx.data().iter().map(|&byte| f64::from(byte)).collect()
            }
            _ => Array::read(&bytes[..], &file)?.values,
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

    fn of_npz(bytes: &[u8], file: &str) -> Result<Self> {
        let arrays = read_npz(bytes, file)?;
        let names: Vec<String> = arrays.iter().map(|(name, _)| name.clone()).collect();
        let (mut tables, lists): (Vec<Array>, Vec<Array>) =
            arrays.into_iter().map(|(_, array)| array).partition(|array| array.shape.len() > 1);
        let mut labels: Vec<Array> = lists
            .into_iter()
            .filter(|array| tables.iter().any(|table| table.shape[0] == array.values.len()))
            .collect();
        if tables.len() != 1 || labels.len() > 1 {
            return Err(Error::Npy { file: file.into(), problem: NpyProblem::Arrays(list(&names)) });
        }
        Self::of(tables.remove(0), labels.pop().map(|labels| labels.values))
            .map_err(|problem| Error::Npy { file: file.into(), problem })
    }

    /// Features and label of a row.
    pub(super) fn row(&self, row: usize) -> (&[f64], Option<f64>) {
        let values = &self.values[row * self.d..(row + 1) * self.d];
        (values, self.labels.as_ref().map(|labels| labels[row]))
    }

    pub(super) fn names(&self) -> Vec<String> {
        let label = self.labels.as_ref().map(|_| LABEL.to_owned());
        (1..=self.d).map(|j| format!("x{j}")).chain(label).collect()
    }
}

pub(super) enum Format {
    Text,
    Npy,
    Npz,
    Idx,
}

impl Format {
    /// Told by the first bytes, not by the file's name.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            _ if Array::is_npy(bytes) => Self::Npy,
            _ if bytes.starts_with(ZIP) => Self::Npz,
            [0, 0, ..] => Self::Idx,
            _ => Self::Text,
        }
    }
}

fn read_file(path: &Path) -> Result<(Vec<u8>, String)> {
    let file = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => Ok((bytes, file)),
        Err(source) => Err(Error::Read { file, source }),
    }
}
