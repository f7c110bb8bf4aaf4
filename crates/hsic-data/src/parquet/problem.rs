//! What can be wrong with a Parquet file: the words of [`Error::Parquet`](crate::Error::Parquet).

use crate::Choice;

/// What is wrong with a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParquetProblem {
    /// A file that does not end as it should.
    #[error(
        "it starts as a Parquet file but does not end as one, with the bytes PAR1: it was cut short; copy or write it again"
    )]
    Truncated,
    /// A footer longer than the file.
    #[error(
        "it declares a footer of {declared} bytes but holds {found}: it is damaged; copy or write it again"
    )]
    Footer {
        /// Bytes declared.
        declared: u32,
        /// Bytes there are beside the frame.
        found: u64,
    },
    /// Bytes that are not what the format asks for.
    #[error("it is damaged: {0}; copy or write it again")]
    Damaged(String),
    /// The same within a column.
    #[error("column `{name}` is damaged: {reason}; copy or write the file again")]
    DamagedColumn {
        /// The column.
        name: String,
        /// What the reader says.
        reason: String,
    },
    /// A column of fewer or more values than rows.
    #[error(
        "column `{name}` has not as many values as there are rows in group {group}; copy or write the file again"
    )]
    Rows {
        /// The column.
        name: String,
        /// The group of rows, from 1.
        group: usize,
    },
    /// A file that is encrypted.
    #[error("it is encrypted, which is not read here; write it without encryption")]
    Encrypted,
    /// A file without a column.
    #[error("it has no column; write the table with its columns")]
    NoColumns,
    /// Two columns of one name.
    #[error("columns {first} and {second} are both named `{name}`; rename one of them")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// The first of the two, from 1.
        first: usize,
        /// The second of the two, from 1.
        second: usize,
    },
    /// A compression that is not read.
    #[error(
        "column `{name}` is compressed with {codec}, which is not read here; write the file with snappy, gzip, zstd, lz4 or \
         no compression"
    )]
    Codec {
        /// The column.
        name: String,
        /// Its compression.
        codec: &'static str,
    },
    /// A column that holds other than a number, a boolean or a text a row.
    #[error(
        "column `{name}` holds {what}, not a number, a boolean or a text a row; {remedy}, or leave it out with {}",
        Choice::Ignore(name)
    )]
    Column {
        /// The column.
        name: String,
        /// What it holds.
        what: &'static str,
        /// What to make of it.
        remedy: &'static str,
    },
}
