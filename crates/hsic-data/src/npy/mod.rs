//! NumPy's array files: `.npy`, and `.npz`, a zip archive of them.
//!
//! Own code, since the crate for it multiplies the declared sizes unchecked and so panics or wraps on a hostile header.
//! One header reader serves arrays read whole ([`Array`], for tables) and in blocks (`rows::ArrayRows`).

use crate::Choice;

mod array;
mod element;
mod header;

pub(crate) use array::{Array, Npz, Numbers, Values, read_npz};
pub(crate) use element::Element;
pub(crate) use header::read_header;

/// The first bytes of a .npy file.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// What is wrong with a `.npy` or `.npz` file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyProblem {
    /// Not the format.
    #[error("it is no .npy file: it does not start with the bytes \\x93NUMPY")]
    Magic,
    /// Fewer bytes than the header needs.
    #[error("it is no .npy file, or was cut short: it ends within the header")]
    ShortHeader,
    /// A header longer than any that NumPy writes.
    #[error("it is no .npy file: it declares a header of {0} bytes, NumPy writes some hundred")]
    LongHeader(usize),
    /// A version of the format other than 1, 2 or 3.
    #[error("its .npy format version is {0}, known are 1 to 3")]
    Version(u8),
    /// A header that is not the dictionary NumPy writes.
    #[error("its .npy header has no readable `{0}`")]
    Header(&'static str),
    /// Elements other than real numbers.
    #[error(
        "its elements are of type `{descr}`; floats, integers, booleans and, of labels, strings are read: save features with \
         numpy.save(file, x.astype(float)), labels with numpy.save(file, y.astype(str)), and texts and numbers together with \
         pandas.DataFrame(x).to_csv(file, index=False)"
    )]
    Element {
        /// The type in NumPy's notation, its first characters.
        descr: String,
        /// The shape, empty where it cannot be read.
        shape: Vec<usize>,
    },
    /// Strings where numbers are read.
    #[error(
        "its elements are strings, which are read of labels alone: if they are numbers, save it with numpy.save(file, \
         x.astype(float)), else as a table with pandas.DataFrame(x).to_csv(file, index=False)"
    )]
    Strings,
    /// Columns stored one after the other, in a file that is read row by row.
    #[error(
        "it is stored column by column (Fortran order); save numpy.ascontiguousarray of the array instead"
    )]
    FortranOrder,
    /// A number of dimensions other than expected.
    #[error("it has {found} dimensions, expected {expected}")]
    Dimensions {
        /// Dimensions declared.
        found: usize,
        /// Dimensions that can be read here, in words.
        expected: &'static str,
    },
    /// A declared size that no memory holds.
    #[error("it declares {0} values, more than can be addressed")]
    Huge(String),
    /// Fewer bytes than declared.
    #[error("it declares {declared} bytes of values but holds {found}; it may have been cut short")]
    Truncated {
        /// Bytes declared.
        declared: u64,
        /// Bytes found.
        found: u64,
    },
    /// More bytes than declared.
    #[error("bytes follow after the {declared} bytes of values it declares")]
    Trailing {
        /// Bytes declared.
        declared: u64,
    },
    /// An array without rows or columns, or of one number.
    #[error("its shape is {0:?}, expected one row a sample")]
    Shape(Vec<usize>),
    /// An archive that cannot be read.
    #[error("it is no .npz archive: {0}")]
    Archive(String),
    /// An archive in which features and labels cannot be told.
    #[error(
        "it holds {0}; expected one array of numbers of two or more dimensions, the features, and at most one list as long, \
         the labels: save those alone, numpy.savez(file, X=X, y=y)"
    )]
    Arrays(String),
    /// An archive with labels of another number than rows.
    #[error("it has {rows} rows, but there are {labels} labels: it holds {arrays}")]
    NamedLabels {
        /// Rows of the features.
        rows: usize,
        /// Labels.
        labels: usize,
        /// Both arrays, with their shapes.
        arrays: String,
    },
    /// A file of labels beside a text.
    #[error(
        "a file of labels belongs to idx and .npy files; a text or Parquet file has its classes in a column, {}",
        Choice::Label
    )]
    NoLabels,
    /// Labels of another number than rows.
    #[error("it has {rows} rows, but there are {labels} labels")]
    Labels {
        /// Rows of the features.
        rows: usize,
        /// Labels.
        labels: usize,
    },
}

/// An array in memory as a `.npy` file of NumPy, for tests.
#[cfg(test)]
fn file(header: &str, values: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}
