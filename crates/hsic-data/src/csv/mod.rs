//! CSV files with numbers, ordered levels and one column of classes.

pub(crate) mod read;
mod write;

use crate::LabelColumn;

pub(crate) use read::header;
pub use write::write_csv;
pub(crate) use write::{csv_text, write_records};

/// How a CSV file is to be read.
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
