//! Rows of a two-dimensional array in a file, .npy or idx, and their classes in another.

use std::io::Read;
use std::path::Path;

use faer::Mat;
use hsic_rows::{BLOCK_ROWS, Block, Blocks, Deferred, RowBlocks};

use super::{FileRows, in_pass};
use crate::idx::{IdxProblem, declared_values as idx_values, read_header as read_idx_header};
use crate::input::Passes;
use crate::npy::{self, Element, NpyProblem};
use crate::{Error, Input, Result};

/// Bytes taken ahead for a block; more are taken as they turn out to be there.
const AHEAD: usize = 1 << 24;

/// An array in a file, its first dimension the rows.
#[derive(Debug, Clone)]
struct FileArray {
    passes: Passes,
    file: String,
    /// Bytes of the header, once unpacked.
    offset: u64,
    rows: usize,
    width: usize,
    dimensions: usize,
    element: Element,
    idx: bool,
}

impl FileArray {
    /// Opens a .npy or an idx file, packed by gzip or not; both are told by their first bytes.
    fn open(path: &Path) -> Result<Self> {
        let passes = Passes::of(path)?;
        let file = passes.file().to_owned();
        let mut reader = Input::new(passes.pass(0)?, &file);
        let idx = reader.peek(npy::MAGIC.len())? != npy::MAGIC;
        let (element, dims, offset, bytes) = if idx {
            let (dims, header) = read_idx_header(&mut reader, &file)?;
            let bytes = idx_values(&dims).map_err(|problem| Error::Idx { file: file.clone(), problem })?;
            (Element::BYTE, dims, header.len() as u64, bytes as u64)
        } else {
            let header = npy::read_header(&mut reader, &file)?;
            if header.fortran_order {
                return Err(Error::Npy { file, problem: NpyProblem::FortranOrder });
            }
            if header.element.is_text() {
                return Err(Error::Npy { file, problem: NpyProblem::Strings });
            }
            (header.element, header.shape, header.bytes, header.value_bytes)
        };
        let rows = dims.first().copied().unwrap_or(0);
        let width = dims.get(1..).unwrap_or(&[]).iter().product();
        let dimensions = dims.len();
        let found = passes.size()?.map(|size| size.saturating_sub(offset));
        let array = Self { passes, file, offset, rows, width, dimensions, element, idx };
        match found {
            Some(found) if found < bytes => return Err(array.truncated(bytes, found)),
            Some(found) if found > bytes => return Err(array.trailing(bytes)),
            _ => {}
        }
        Ok(array)
    }

    fn truncated(&self, declared: u64, found: u64) -> Error {
        let file = self.file.clone();
        if self.idx {
            let (declared, found) = (declared as usize, found as usize);
            Error::Idx { file, problem: IdxProblem::Truncated { declared, found } }
        } else {
            Error::Npy { file, problem: NpyProblem::Truncated { declared, found } }
        }
    }

    fn trailing(&self, declared: u64) -> Error {
        let file = self.file.clone();
        if self.idx {
            Error::Idx { file, problem: IdxProblem::Trailing { declared: declared as usize } }
        } else {
            Error::Npy { file, problem: NpyProblem::Trailing { declared } }
        }
    }

    fn dimensions(&self, expected: &'static str) -> Error {
        let (file, found) = (self.file.clone(), self.dimensions);
        if self.idx {
            Error::Idx { file, problem: IdxProblem::Dimensions { found, expected } }
        } else {
            Error::Npy { file, problem: NpyProblem::Dimensions { found, expected } }
        }
    }

    /// The bytes of the rows, [`BLOCK_ROWS`] rows at a time.
    fn chunks(&self) -> Result<Chunks<'_>> {
        Ok(Chunks { array: self, reader: self.passes.pass(self.offset)?, next: 0 })
    }
}

struct Chunks<'a> {
    array: &'a FileArray,
    reader: Box<dyn Read + Send>,
    /// Rows read.
    next: usize,
}

impl Iterator for Chunks<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        let array = self.array;
        let count = BLOCK_ROWS.min(array.rows - self.next);
        if count == 0 {
            return None;
        }
        let row = array.width * array.element.bytes();
        let wanted = count * row;
        let mut bytes = Vec::with_capacity(wanted.min(AHEAD));
        if let Err(source) = self.reader.by_ref().take(wanted as u64).read_to_end(&mut bytes) {
            self.next = array.rows;
            return Some(Err(Error::Read { file: array.file.clone(), source }));
        }
        if bytes.len() < wanted {
            let found = (self.next * row + bytes.len()) as u64;
            self.next = array.rows;
            return Some(Err(array.truncated((array.rows * row) as u64, found)));
        }
        self.next += count;
        // a packed file shows at its end alone how long it is, and a plain one may have grown
        if self.next == array.rows {
            match self.reader.read(&mut [0]) {
                Ok(0) => {}
                Ok(_) => return Some(Err(array.trailing((array.rows * row) as u64))),
                Err(source) => return Some(Err(Error::Read { file: array.file.clone(), source })),
            }
        }
        Some(Ok(bytes))
    }
}

/// Rows of an array with their classes: n×d and n numbers in a .npy or an idx file each, packed by gzip or not.
///
/// Classes are whole numbers from 0 and bear them as names; the number of classes is the largest plus one.
///
/// # Cost
/// A pass reads the file once; two blocks' bytes a thread are held.
#[derive(Debug, Clone)]
pub struct ArrayRows {
    features: FileArray,
    labels: FileArray,
    class_names: Vec<String>,
}

impl ArrayRows {
    /// Opens both files and reads the classes once.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Npy`], [`Error::Idx`], [`Error::RowCounts`] for different numbers of rows,
    /// [`Error::NoRows`], [`Error::ClassValue`] for a class that is not a whole number from 0.
    pub fn open(features: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self> {
        let (features, labels) = (FileArray::open(features.as_ref())?, FileArray::open(labels.as_ref())?);
        if features.dimensions < 2 {
            return Err(features.dimensions("2 or more for rows of features"));
        }
        if labels.dimensions != 1 {
            return Err(labels.dimensions("1 for labels"));
        }
        if features.rows != labels.rows {
            return Err(Error::RowCounts {
                features: features.file,
                n_rows: features.rows,
                labels: labels.file,
                n_labels: labels.rows,
            });
        }
        if features.rows == 0 || features.width == 0 {
            return Err(Error::NoRows { file: features.file });
        }
        let (mut largest, mut first) = (0, 0);
        for bytes in labels.chunks()? {
            let codes = codes(&labels, &bytes?, first)?;
            first += codes.len();
            largest = codes.into_iter().fold(largest, usize::max);
        }
        let class_names = (0..=largest).map(|code| code.to_string()).collect();
        Ok(Self { features, labels, class_names })
    }

    /// The same rows as classes of a larger set: a test part that lacks the last class.
    ///
    /// # Errors
    /// [`Error::Size`] for fewer classes than the rows have.
    pub fn with_classes(mut self, n_classes: usize) -> Result<Self> {
        let found = self.class_names.len();
        if n_classes < found {
            return Err(Error::Size { what: "classes of the rows", found, expected: n_classes });
        }
        self.class_names = (0..n_classes).map(|code| code.to_string()).collect();
        Ok(self)
    }
}

/// Most classes that numbers may stand for: one beyond is a column of something else.
const MOST_CLASSES: f64 = 65_536.0;

fn codes(labels: &FileArray, bytes: &[u8], first: usize) -> Result<Vec<usize>> {
    let whole = |(i, bytes)| {
        let value = labels.element.value(bytes);
        if value.fract() == 0.0 && (0.0..MOST_CLASSES).contains(&value) {
            return Ok(value as usize);
        }
        Err(Error::ClassValue { file: labels.file.clone(), row: first + i, value })
    };
    bytes.chunks_exact(labels.element.bytes()).enumerate().map(whole).collect()
}

impl FileRows for ArrayRows {
    fn n(&self) -> usize {
        self.features.rows
    }

    fn class_names(&self) -> &[String] {
        &self.class_names
    }
}

impl RowBlocks for ArrayRows {
    fn width(&self) -> usize {
        self.features.width
    }

    fn n_classes(&self) -> usize {
        self.class_names.len()
    }

    fn blocks(&self) -> hsic_rows::Result<Blocks<'_>> {
        let features = self.features.chunks().map_err(in_pass)?;
        let labels = self.labels.chunks().map_err(in_pass)?;
        Ok(Box::new(features.zip(labels).enumerate().map(move |(number, (features, labels))| {
            let (features, labels) = (features.map_err(in_pass)?, labels.map_err(in_pass)?);
            let deferred: Deferred<'_> = Box::new(move || {
                let (width, element) = (self.features.width, self.features.element);
                let codes = codes(&self.labels, &labels, number * BLOCK_ROWS).map_err(in_pass)?;
                let at = |i: usize, k: usize| {
                    element.value(&features[(i * width + k) * element.bytes()..][..element.bytes()])
                };
                Ok(Block { rows: Mat::from_fn(codes.len(), width, at), codes })
            });
            Ok(deferred)
        })))
    }
}
