//! A table in memory, from any of the formats.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use super::{Cell, Names, Source, SourceOptions};
use crate::gzip::unpack;
use crate::idx::{IdxProblem, parse_idx};
use crate::npy::{Array, NpyProblem, Npz, Values, read_npz};
use crate::parquet::{self, Store, is_parquet};
use crate::text::sha256_hex;
use crate::{Error, Input, Result};

const ZIP: &[u8] = b"PK\x03\x04";

/// A table to be passed over more than once: in memory, or a Parquet file that is read anew.
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
    Parquet(Arc<parquet::Table>),
}

/// Numbers in memory, row-major, and labels.
#[derive(Debug)]
pub(super) struct Arrays {
    pub n: usize,
    d: usize,
    values: Values,
    labels: Option<Values>,
}

impl Content {
    /// Reads a file: CSV, idx (images), .npy, Parquet, each packed with gzip or not, or .npz. `labels` is the file of the
    /// labels of an idx or .npy file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Idx`], [`Error::Npy`], [`Error::Parquet`].
    ///
    /// # Cost
    /// Memory for the unpacked file, of an array 8 bytes a number; of a Parquet file nothing, its sum is read once.
    pub fn read(path: &Path, labels: Option<&Path>) -> Result<Self> {
        let content = Self::of(Input::open(path)?)?;
        match labels {
            Some(labels) => content.labelled(|| Input::open(labels)),
            None => Ok(content),
        }
    }

    /// The same of an input, read once to its end; a Parquet file is kept open and read where it is.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn of(input: Input<'_>) -> Result<Self> {
        let file = input.name().to_owned();
        let mut input = input.unpacked()?;
        if Format::of(input.peek(FORMAT_BYTES)?) == Format::Parquet {
            return Self::of_store(Store::of(input)?, &file);
        }
        Self::of_unpacked(input.bytes()?, &file)
    }

    /// A table of the bytes of such a file; `file` stands for them in messages.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn from_bytes(bytes: Vec<u8>, file: &str) -> Result<Self> {
        Self::of_unpacked(unpack(bytes.into(), file)?.into_owned(), file)
    }

    pub(super) fn of_unpacked(bytes: Vec<u8>, file: &str) -> Result<Self> {
        let sha256 = sha256_hex(&[&bytes]);
        let npy = |problem| Error::Npy { file: file.into(), problem };
        let kind = match Format::of(&bytes) {
            Format::Text => Kind::Text(bytes),
            Format::Parquet => return Self::of_store(Store::of_bytes(bytes), file),
            Format::Npy => {
                let array = Array::read(&bytes[..], file)?;
                Kind::Arrays(Arc::new(Arrays::of(array, None).map_err(npy)?))
            }
            Format::Npz => Kind::Arrays(Arc::new(Arrays::of_npz(&bytes, file)?)),
            Format::Idx => {
                let idx = parse_idx(&bytes, file)?;
                let shape = idx.dims().to_vec();
                let values = Values::of_bytes(idx.data());
                Kind::Arrays(Arc::new(Arrays::of(Array { shape, values }, None).map_err(npy)?))
            }
        };
        Ok(Self { file: file.into(), sha256, kind })
    }

    fn of_store(store: Store, file: &str) -> Result<Self> {
        let sha256 = store.sha256().map_err(|source| Error::Read { file: file.into(), source })?;
        let kind = Kind::Parquet(Arc::new(parquet::Table::open(store, file)?));
        Ok(Self { file: file.into(), sha256, kind })
    }

    /// With the labels of an idx or .npy table from an input, which is opened if this is one.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn labelled<'i>(self, labels: impl FnOnce() -> Result<Input<'i>>) -> Result<Self> {
        let arrays = match self.kind {
            Kind::Text(_) | Kind::Parquet(_) => None,
            // nobody has opened it yet
            Kind::Arrays(arrays) => Arc::into_inner(arrays),
        };
        let Some(mut arrays) = arrays else {
            return Err(Error::Npy { file: self.file, problem: NpyProblem::NoLabels });
        };
        let input = labels()?;
        let file = input.name().to_owned();
        let bytes = unpack(input.bytes()?.into(), &file)?;
        let labels = match Format::of(&bytes) {
            Format::Idx => {
                let idx = parse_idx(&bytes, &file)?;
                if idx.dims().len() != 1 {
                    let problem = IdxProblem::Dimensions { found: idx.dims().len(), expected: "1" };
                    return Err(Error::Idx { file, problem });
                }
                Values::of_bytes(idx.data())
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
            Kind::Text(bytes) => Source::text(Input::new(bytes.as_slice(), &self.file), options),
            Kind::Arrays(arrays) => Ok(Source::arrays(Arc::clone(arrays), &self.file)),
            Kind::Parquet(table) => Ok(Source::parquet(Arc::clone(table), &self.file)),
        }
    }

    /// The rows from the first on, which take the table with them.
    ///
    /// # Errors
    /// As [`Content::open`].
    pub fn into_source(self, options: &SourceOptions) -> Result<Source<'static>> {
        match self.kind {
            Kind::Text(bytes) => Source::text(Input::new(Cursor::new(bytes), &self.file), options),
            Kind::Arrays(arrays) => Ok(Source::arrays(arrays, &self.file)),
            Kind::Parquet(table) => Ok(Source::parquet(table, &self.file)),
        }
    }
}

impl Arrays {
    fn of(array: Array, labels: Option<Values>) -> std::result::Result<Self, NpyProblem> {
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

    /// Features and labels of an archive, all of whose arrays have a part.
    fn of_npz(bytes: &[u8], file: &str) -> Result<Self> {
        let Npz { arrays, all } = read_npz(bytes, file)?;
        let failed = |problem| Error::Npy { file: file.into(), problem };
        let whole = arrays.len() == all.len();
        let (mut tables, mut lists): (Vec<_>, Vec<_>) = arrays
            .into_iter()
            .filter(|(_, array)| !array.shape.is_empty())
            .partition(|(_, array)| array.shape.len() > 1);
        if !whole || tables.len() != 1 || lists.len() > 1 || tables.len() + lists.len() != all.len() {
            return Err(failed(NpyProblem::Arrays(all.join(", "))));
        }
        let (_, table) = tables.remove(0);
        let (rows, labels) = (table.shape[0], lists.pop().map(|(_, labels)| labels.values));
        if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != rows) {
            return Err(failed(NpyProblem::NamedLabels {
                rows,
                labels: labels.len(),
                arrays: all.join(", "),
            }));
        }
        Self::of(table, labels).map_err(failed)
    }

    /// A cell of a row; the last of a row that has one is its label.
    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'static> {
        match &self.labels {
            Some(labels) if column == self.d => labels.cell(row),
            _ => self.values.cell(row * self.d + column),
        }
    }

    pub(super) fn names(&self) -> Names {
        Names::numbered(self.d, self.labels.is_some())
    }

    /// The column of the labels.
    pub(super) fn label(&self) -> Option<usize> {
        self.labels.as_ref().map(|_| self.d)
    }
}

/// Bytes that tell the format.
pub(super) const FORMAT_BYTES: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Npy,
    Npz,
    Idx,
    Parquet,
}

impl Format {
    /// Told by the first bytes, not by the file's name.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            _ if Array::is_npy(bytes) => Self::Npy,
            _ if bytes.starts_with(ZIP) => Self::Npz,
            _ if is_parquet(bytes) => Self::Parquet,
            [0, 0, ..] => Self::Idx,
            _ => Self::Text,
        }
    }
}
