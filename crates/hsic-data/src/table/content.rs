//! A table that is passed over more than once, from any of the formats.

use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::{Cell, Frame, Names, Source, SourceOptions};
use crate::gzip::unpack;
use crate::idx::{self, IdxProblem, parse_idx};
use crate::npy::{Array, Element, NpyProblem, Npz, Numbers, Values, read_npz};
use crate::parquet::{self, is_parquet};
use crate::store::Store;
use crate::{Error, Input, Result};

const ZIP: &[u8] = b"PK\x03\x04";

/// A table to be passed over more than once. A file is kept open and read anew in each pass, as long as it was when it was opened;
/// what comes out of a pipe is in memory, and so are arrays that are packed, or stored column by column.
#[derive(Debug, Clone)]
pub struct Content {
    pub(super) file: String,
    sha256: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Text(Arc<Store>),
    Arrays(Arc<Arrays>),
    Parquet(Arc<parquet::Table>),
    Frame(Arc<Frame>),
}

/// Numbers of a store, row-major, and labels.
#[derive(Debug)]
pub(crate) struct Arrays {
    pub n: usize,
    d: usize,
    values: Values,
    labels: Option<LabelValues>,
}

/// Labels beside rows: numbers where they lie, or strings.
#[derive(Debug, Clone)]
enum LabelValues {
    Numbers(Values),
    Texts(Arc<Vec<String>>),
}

/// Those of some rows.
enum LabelPart {
    Numbers(Numbers),
    /// Those of all, and the place of the first.
    Texts(Arc<Vec<String>>, usize),
}

impl LabelValues {
    fn of(values: Values) -> io::Result<Self> {
        match values.texts() {
            Some(texts) => Ok(Self::Texts(Arc::new(texts?))),
            None => Ok(Self::Numbers(values)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(texts) => texts.len(),
        }
    }

    fn at(&self, rows: Range<usize>) -> io::Result<LabelPart> {
        Ok(match self {
            Self::Numbers(values) => LabelPart::Numbers(values.at(rows)?),
            Self::Texts(texts) => LabelPart::Texts(Arc::clone(texts), rows.start),
        })
    }
}

/// Some rows of them.
pub(crate) struct Part {
    pub first: usize,
    d: usize,
    values: Numbers,
    labels: Option<LabelPart>,
}

impl Content {
    /// Reads a file: CSV, idx (images), .npy, Parquet, each packed with gzip or not, or .npz. `labels` is the file of the
    /// labels of an idx or .npy file.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Idx`], [`Error::Npy`], [`Error::Parquet`].
    ///
    /// # Cost
    /// A file is read once, for its sum, an array twice.
    pub fn read(path: &Path, labels: Option<&Path>) -> Result<Self> {
        let content = Self::of(Input::open(path)?)?;
        match labels {
            Some(labels) => content.labelled(|| Input::open(labels)),
            None => Ok(content),
        }
    }

    /// The same of an input.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn of(input: Input<'_>) -> Result<Self> {
        let file = input.name().to_owned();
        Self::of_store(Store::of(input)?, &file)
    }

    /// A table of the bytes of such a file; `file` stands for them in messages.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn from_bytes(bytes: Vec<u8>, file: &str) -> Result<Self> {
        Self::of_store(Store::of_bytes(bytes), file)
    }

    /// A table that is in memory; `file` stands for it in messages.
    pub fn of_frame(frame: Frame, file: &str) -> Self {
        Self { file: file.into(), sha256: String::new(), kind: Kind::Frame(Arc::new(frame)) }
    }

    fn of_store(store: Store, file: &str) -> Result<Self> {
        let failed = |source| Error::Read { file: file.into(), source };
        let mut store = Arc::new(store);
        let mut start = Vec::new();
        store
            .reader()
            .and_then(|reader| reader.take(FORMAT_BYTES).read_to_end(&mut start))
            .map_err(failed)?;
        let format = Format::of(&start);
        if format != Format::Text && store.is_packed().map_err(failed)? {
            let mut bytes = Vec::new();
            store.reader().and_then(|mut reader| reader.read_to_end(&mut bytes)).map_err(failed)?;
            store = Arc::new(Store::of_bytes(bytes));
        }
        let sha256 = store.sha256().map_err(failed)?;
        let kind = match format {
            Format::Text => Kind::Text(store),
            Format::Parquet => Kind::Parquet(Arc::new(parquet::Table::open(store, file)?)),
            _ => Kind::Arrays(Arc::new(Arrays::read(format, &store, file)?)),
        };
        Ok(Self { file: file.into(), sha256, kind })
    }

    /// With the labels of an idx or .npy table from an input, which is opened if this is one.
    ///
    /// # Errors
    /// As [`Content::read`].
    pub fn labelled<'i>(self, labels: impl FnOnce() -> Result<Input<'i>>) -> Result<Self> {
        let arrays = match self.kind {
            Kind::Text(_) | Kind::Parquet(_) | Kind::Frame(_) => None,
            // nobody has opened it yet
            Kind::Arrays(arrays) => Arc::into_inner(arrays),
        };
        let Some(mut arrays) = arrays else {
            return Err(Error::Npy { file: self.file, problem: NpyProblem::NoLabels });
        };
        let input = labels()?;
        let file = input.name().to_owned();
        let bytes = unpack(input.bytes()?.into(), &file)?;
        let values = match Format::of(&bytes) {
            Format::Idx => {
                let idx = parse_idx(&bytes, &file)?;
                if idx.dims().len() != 1 {
                    let problem = IdxProblem::Dimensions { found: idx.dims().len(), expected: "1" };
                    return Err(Error::Idx { file, problem });
                }
                Values::of_bytes(Element::BYTE, idx.data().to_vec())
            }
            _ => Array::read(&bytes[..], &file, None)?.values,
        };
        let labels = LabelValues::of(values).map_err(|source| Error::Read { file, source })?;
        arrays.labels = Some(labels);
        let arrays = arrays.checked().map_err(|problem| Error::Npy { file: self.file.clone(), problem })?;
        Ok(Self { kind: Kind::Arrays(Arc::new(arrays)), ..self })
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The stem of that name.
    pub(crate) fn stem(&self) -> String {
        let stem = Path::new(&self.file).file_stem();
        stem.map_or_else(|| self.file.clone(), |stem| stem.to_string_lossy().into_owned())
    }

    /// The sha256 of the unpacked bytes, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The rows from the first on.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::EmptyFile`], [`Error::DuplicateColumn`], [`Error::NotUtf8`].
    pub fn open(&self, options: &SourceOptions) -> Result<Source<'static>> {
        match &self.kind {
            Kind::Text(store) => {
                let failed = |source| Error::Read { file: self.file.clone(), source };
                Source::text(Input::new(store.reader().map_err(failed)?, &self.file), options)
            }
            Kind::Arrays(arrays) => Ok(Source::arrays(Arc::clone(arrays), &self.file)),
            Kind::Parquet(table) => Ok(Source::parquet(Arc::clone(table), &self.file)),
            Kind::Frame(frame) => Source::frame(Arc::clone(frame), &self.file),
        }
    }
}

impl Arrays {
    /// The arrays in a file of this format.
    fn read(format: Format, store: &Arc<Store>, file: &str) -> Result<Self> {
        let reader = || store.reader().map_err(|source| Error::Read { file: file.into(), source });
        let array = match format {
            Format::Npz => return Self::of_npz(store, file),
            Format::Idx => {
                let (shape, offset, len) = idx::read_sizes(reader()?, file)?;
                Array { shape, values: Values::new(Element::BYTE, Arc::clone(store), offset, len) }
            }
            _ => Array::read(reader()?, file, Some((store, 0)))?,
        };
        Self::of(array, None).map_err(|problem| Error::Npy { file: file.into(), problem })
    }

    fn of(array: Array, labels: Option<LabelValues>) -> std::result::Result<Self, NpyProblem> {
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
    fn of_npz(store: &Arc<Store>, file: &str) -> Result<Self> {
        let Npz { arrays, all } = read_npz(store, file)?;
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
        let labels = lists.pop().map(|(_, labels)| LabelValues::of(labels.values)).transpose();
        let labels = labels.map_err(|source| Error::Read { file: file.into(), source })?;
        let rows = table.shape[0];
        if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != rows) {
            return Err(failed(NpyProblem::NamedLabels {
                rows,
                labels: labels.len(),
                arrays: all.join(", "),
            }));
        }
        Self::of(table, labels).map_err(failed)
    }

    /// Some rows; `file` names the array in messages.
    pub(super) fn part(&self, rows: Range<usize>, file: &str) -> Result<Part> {
        let read = || -> io::Result<Part> {
            let labels = self.labels.as_ref().map(|labels| labels.at(rows.clone())).transpose()?;
            let values = self.values.at(rows.start * self.d..rows.end * self.d)?;
            Ok(Part { first: rows.start, d: self.d, values, labels })
        };
        read().map_err(|source| Error::Read { file: file.into(), source })
    }

    pub(super) fn names(&self) -> Names {
        Names::numbered(self.d, self.labels.is_some())
    }

    /// The column of the labels.
    pub(super) fn label(&self) -> Option<usize> {
        self.labels.as_ref().map(|_| self.d)
    }
}

impl Part {
    /// A cell of a row; the last of a row that has one is its label.
    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.labels {
            Some(LabelPart::Numbers(labels)) if column == self.d => labels.cell(row),
            Some(LabelPart::Texts(labels, first)) if column == self.d => Cell::Text(&labels[first + row]),
            _ => self.values.cell(row * self.d + column),
        }
    }

    /// Copies the numbers of a column, in some rows; others are left as they are.
    pub(super) fn copy_numbers<'n>(
        &self,
        rows: Range<usize>,
        column: usize,
        into: impl Iterator<Item = &'n mut f64>,
    ) {
        for (into, row) in into.zip(rows) {
            if let Cell::Number(number) = self.cell(row, column) {
                *into = number;
            }
        }
    }
}

/// Bytes that tell the format.
pub(super) const FORMAT_BYTES: u64 = 8;

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
