//! CSV files with numbers, ordered levels and one column of classes.

pub(crate) mod read;
mod write;

use std::io::Read;
use std::path::Path;

use crate::text::sha256_hex;
use crate::{Dataset, Input, Result};

pub(crate) use read::{header, sorted_classes};
pub use write::write_csv;
pub(crate) use write::{csv_text, write_records};

/// Which column holds the classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LabelColumn {
    /// The last column.
    #[default]
    Last,
    /// The column of this name.
    Name(String),
}

/// How a CSV file is to be read.
///
/// ```
/// use hsic_data::{CsvOptions, LabelColumn, read_csv_from};
/// let text = "kind;size;weight\ncat;small;4.1\ndog;big;30\ncat;big;5\n";
/// let options = CsvOptions {
///     label: LabelColumn::Name("kind".into()),
///     delimiter: b';',
///     ordinal: vec![("size".into(), vec!["small".into(), "big".into()])],
///     ..CsvOptions::default()
/// };
/// let data = read_csv_from(text.as_bytes(), "pets.csv", &options)?;
/// assert_eq!(data.feature_names(), ["size", "weight"]);
/// assert_eq!(data.class_names(), ["cat", "dog"]);
/// assert_eq!(data.features()[(1, 0)], 1.0);
/// # Ok::<(), hsic_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    /// The column of classes; all others are features.
    pub label: LabelColumn,
    /// The byte between fields.
    pub delimiter: u8,
    /// Whether the first line names the columns; without a header they are `x1`, `x2`, ….
    pub has_header: bool,
    /// Text columns with the order of their levels, which are read as 0, 1, 2, ….
    pub ordinal: Vec<(String, Vec<String>)>,
    /// The classes in order of their codes. Without it they are sorted: by value if all are integers, else as
    /// text.
    pub class_order: Option<Vec<String>>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            label: LabelColumn::Last,
            delimiter: b',',
            has_header: true,
            ordinal: Vec::new(),
            class_order: None,
        }
    }
}

/// Reads a CSV file, packed with gzip or not; the set is named by the file's stem.
///
/// A byte order mark, `\r\n` line ends, quoted fields, blank lines and blanks around fields are understood.
///
/// # Errors
/// [`Error::Read`](crate::Error::Read) if the file cannot be read; every other problem names the file, the line and the
/// column.
///
/// # Cost
/// Time linear in the file; memory for the file and the matrix.
pub fn read_csv(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Dataset> {
    let path = path.as_ref();
    let input = Input::open(path)?;
    let name =
        path.file_stem().map_or_else(|| input.name().into(), |stem| stem.to_string_lossy().into_owned());
    let file = input.name().to_owned();
    Ok(read_csv_from(input, &file, options)?.with_name(name))
}

/// Reads CSV text, packed with gzip or not, from any reader; `name` stands for it in messages and names the set.
///
/// # Errors
/// As [`read_csv`].
pub fn read_csv_from(reader: impl Read, name: &str, options: &CsvOptions) -> Result<Dataset> {
    let bytes = Input::new(reader, name).unpacked()?.bytes()?;
    read::parse(&bytes, name, options, sha256_hex(&[&bytes]))
}
