//! What can be wrong with data: each message names the place and the remedy.

use std::io;

use crate::Choice;
use crate::idx::IdxProblem;
use crate::npy::NpyProblem;
use crate::parquet::ParquetProblem;
use crate::table::{CellProblem, ColumnProblem};
use crate::text::list;

/// An error of this crate.
///
/// CSV variants name the file, the line (from 1; a header is line 1) and the column. An I/O error carries the
/// system's reason as its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be opened or read.
    #[error("cannot read {file}")]
    Read {
        /// The path, or the display name of a reader.
        file: String,
        /// The reason the system gives.
        source: io::Error,
    },
    /// A pipe or a device where a file is read more than once.
    #[error(
        "{file} is no regular file: rows in blocks are read in several passes; write it to a file first, and name that"
    )]
    OnePass {
        /// The file.
        file: String,
    },
    /// A data set that cannot be written.
    #[error("cannot write data set `{name}` as CSV")]
    Write {
        /// Name of the data set.
        name: String,
        /// The reason the system gives.
        source: io::Error,
    },
    /// A file without a single line.
    #[error("{file} is empty: expected a header row and then one row a sample")]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// A file with a header, or an idx file with dimensions, and no sample.
    #[error("{file} has no rows: expected one row a sample")]
    NoRows {
        /// The file.
        file: String,
    },
    /// A row with more or fewer fields than the first.
    #[error(
        "{file}, line {line}: found {found} fields, expected {expected} as in the first line; mend the row, and quote a field that holds the delimiter"
    )]
    RaggedRow {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Fields in this row.
        found: usize,
        /// Fields in the first row.
        expected: usize,
    },
    /// A zero byte, which no text has.
    #[error(
        "{file}, line {line}, field {field}: it holds a zero byte, which no text has; take the zero bytes out, or read the file with {} if it is in that encoding",
        Choice::Encoding("utf-16le")
    )]
    ZeroByte {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Number of the field in its row, from 1.
        field: usize,
    },
    /// A first line that cannot be the header of those after it.
    #[error(
        "{file}, line {line}: this does not look like a header: `{text}` has {fields} {}, the lines after it have {next}; {}",
        if *fields == 1 { "field" } else { "fields" },
        pass_over(*remark)
    )]
    NoHeaderLine {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The line.
        text: String,
        /// Its fields.
        fields: usize,
        /// Fields of the lines after it.
        next: usize,
        /// What it starts with, if it looks like a remark.
        remark: Option<char>,
    },
    /// A text that is stored otherwise than as UTF-8.
    #[error(
        "{file}: the text is not UTF-8, and looks like {likely}; read it so with {}, or save it as UTF-8",
        Choice::Encoding(likely)
    )]
    Encoding {
        /// The file.
        file: String,
        /// What it looks like.
        likely: &'static str,
    },
    /// Bytes that are not UTF-8.
    #[error("{file}, line {line}, column `{column}`: the text is not UTF-8; {}", crate::table::not_utf8())]
    NotUtf8 {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column name, or its number within the header.
        column: String,
    },
    /// Two columns of one name.
    #[error(
        "{file}, line {line}: columns {first} and {second} are both named `{column}`; rename one of them"
    )]
    DuplicateColumn {
        /// The file.
        file: String,
        /// Line of the header.
        line: usize,
        /// The name.
        column: String,
        /// The first of the two, from 1.
        first: usize,
        /// The second of the two, from 1.
        second: usize,
    },
    /// The same level or class listed twice.
    #[error("{what} lists `{value}` twice")]
    DuplicateLevel {
        /// The list.
        what: String,
        /// The repeated value.
        value: String,
    },
    /// Parts of a data set, or of a scaler, whose sizes do not fit.
    #[error("{what}: found {found}, expected {expected}")]
    Size {
        /// What was counted.
        what: &'static str,
        /// The size found.
        found: usize,
        /// The size the other parts ask for.
        expected: usize,
    },
    /// A NaN or an infinity in a matrix.
    #[error("row {row}, column `{column}` is {value}: values must be finite")]
    NonFinite {
        /// Row, from 0.
        row: usize,
        /// Column name, or its number from 0 where columns have no names.
        column: String,
        /// The value found.
        value: f64,
    },
    /// A row number beyond the last row.
    #[error("row {row} is not below the number of rows, {n}")]
    RowOutOfRange {
        /// The row asked for, from 0.
        row: usize,
        /// Number of rows.
        n: usize,
    },
    /// An idx file that is not one, or not one of bytes.
    #[error("{file} is not an idx file of bytes: {problem}")]
    Idx {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: IdxProblem,
    },
    /// A class that is not a whole number from 0.
    #[error("{file}, row {row}: {value} is not a class; classes are whole numbers from 0 to 65535")]
    ClassValue {
        /// The file of labels.
        file: String,
        /// Row, from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// An array of rows and one of labels of different length.
    #[error("{features} holds {n_rows} rows but {labels} holds {n_labels} labels")]
    RowCounts {
        /// The file of rows.
        features: String,
        /// Number of rows.
        n_rows: usize,
        /// The file of labels.
        labels: String,
        /// Number of labels.
        n_labels: usize,
    },
    /// Images and labels of different number.
    #[error(
        "{images} holds {n_images} images but {labels} holds {n_labels} labels; take both from one download"
    )]
    IdxCounts {
        /// The file of images.
        images: String,
        /// Number of images.
        n_images: usize,
        /// The file of labels.
        labels: String,
        /// Number of labels.
        n_labels: usize,
    },
    /// A data set the registry does not have.
    #[error("there is no data set `{name}`; the sets are {}", list(valid))]
    UnknownSet {
        /// The name asked for.
        name: String,
        /// The valid names.
        valid: Vec<String>,
    },
    /// A set that must be downloaded, and is not there.
    #[error(
        "data set `{name}`: {reason}; get it with {}, or from its source, {source_note}, and set HSIC_DATA_DIR to the folder \
         that has {file} (datasets/README.md describes the file)",
        Choice::Fetch(name)
    )]
    Missing {
        /// Name of the set.
        name: String,
        /// Where it was looked for.
        reason: String,
        /// The file relative to the data folder.
        file: String,
        /// Title, number in the repository and address.
        source_note: String,
    },
    /// A set that is made here.
    #[error("there is nothing to fetch of data set `{name}`: it is generated, {}", Choice::Generate(name))]
    NothingToFetch {
        /// Name of the set.
        name: String,
    },
    /// A download or an archive that fails.
    #[error(
        "cannot fetch data set `{name}` from {from}: {reason}; where the source has moved, download it by hand and give its \
         folder with {}",
        Choice::FetchFrom
    )]
    Fetch {
        /// Name of the set.
        name: String,
        /// Address or folder.
        from: String,
        /// What went wrong.
        reason: String,
    },
    /// A source's file where its converted one would go.
    #[error(
        "{file} would be replaced by the data set `{name}` that is made of it; move it to a folder of its own"
    )]
    OverSource {
        /// Name of the set.
        name: String,
        /// The source's file.
        file: String,
    },
    /// A fetched file that cannot be put in its place.
    #[error("cannot write {file}")]
    Place {
        /// The file.
        file: String,
        /// The reason the system gives.
        source: io::Error,
    },
    /// A file whose sha256 is not the registry's.
    #[error(
        "{file}: sha256 is {found}, the registry has {expected}; \
         the file is not the data set `{name}` as published, fetch it again"
    )]
    Checksum {
        /// Name of the set.
        name: String,
        /// The file.
        file: String,
        /// The file's sum.
        found: String,
        /// The registry's sum.
        expected: String,
    },
    /// No column varies over the training rows.
    #[error(
        "all {columns} columns are constant over the {rows} training rows: there is nothing to learn from"
    )]
    AllConstant {
        /// Number of columns.
        columns: usize,
        /// Number of training rows.
        rows: usize,
    },
    /// No column varies over the training rows by more than rounding.
    #[error(
        "all {columns} columns are constant over the {rows} training rows, or vary by at most {share:.1e} of their size, which is \
         the rounding of their numbers: there is nothing to learn from; if that difference means something, subtract what the \
         numbers have in common"
    )]
    AllRounding {
        /// Number of columns.
        columns: usize,
        /// Number of training rows.
        rows: usize,
        /// The largest deviation, as a share of its column's largest magnitude.
        share: f64,
    },
    /// A standardised value beyond the range of a 64-bit float.
    #[error(
        "row {row}, column {column}: {value:e} standardised by mean {mean:e} and deviation {std:e} \
         is beyond the range of a 64-bit float; correct or remove the row"
    )]
    Overflow {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value before.
        value: f64,
        /// The column's mean over the training rows.
        mean: f64,
        /// The column's deviation over the training rows.
        std: f64,
    },
    /// Fewer than two folds.
    #[error("the number of folds must be at least 2, got {folds}")]
    TooFewFolds {
        /// The number asked for.
        folds: usize,
    },
    /// More folds than rows.
    #[error("{folds} folds need at least {folds} rows, got {rows}: use {} or fewer", Choice::Folds(*rows))]
    TooManyFolds {
        /// The number asked for.
        folds: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A class with fewer rows than there are folds.
    #[error("class {class} has {count} {}, fewer than the {folds} folds: {}", rows(*count), smaller_folds(*count))]
    SmallClass {
        /// The class: its code, or its name in backticks.
        class: String,
        /// Its rows.
        count: usize,
        /// The number of folds asked for.
        folds: usize,
    },
    /// A share of test rows that is none.
    #[error("the share of test rows must be above 0 and below 1, got {share}")]
    HoldoutShare {
        /// The share asked for.
        share: f64,
    },
    /// A share that is less than a row.
    #[error("a share of {share} of {n} rows is no test row; give a larger share, or test on another file")]
    EmptyHoldout {
        /// The share asked for.
        share: f64,
        /// Number of rows.
        n: usize,
    },
    /// A cell of a table.
    #[error("{place}, column `{column}`: {problem}")]
    Cell {
        /// File, and line or row, from 1.
        place: String,
        /// Name of the column.
        column: String,
        /// What is wrong with it.
        problem: CellProblem,
    },
    /// The columns of a table.
    #[error("{file}: {problem}")]
    Columns {
        /// The file.
        file: String,
        /// What is wrong with them.
        problem: ColumnProblem,
    },
    /// A .npy or .npz file that cannot be read as rows of numbers.
    #[error("{file}: {problem}")]
    Npy {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: NpyProblem,
    },
    /// A Parquet file that cannot be read as rows of numbers and texts.
    #[error("{file}: {problem}")]
    Parquet {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: ParquetProblem,
    },
    /// Labels that contradict themselves, or rows in blocks that cannot be read; the error of the source of rows is the source.
    #[error(transparent)]
    Rows(#[from] hsic_rows::Error),
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

fn rows(count: usize) -> &'static str {
    if count == 1 { "row" } else { "rows" }
}

fn smaller_folds(count: usize) -> String {
    // One fold is no cross-validation, so a class of one row has only the other remedy.
    if count < 2 {
        "leave the class out".into()
    } else {
        format!("use {} or fewer, or leave the class out", Choice::Folds(count))
    }
}

/// How to pass over a line that is no header.
fn pass_over(remark: Option<char>) -> String {
    let skip = format!("pass over the lines before the header with {}", Choice::Skip(1));
    match remark {
        Some(mark) => {
            format!("pass over lines that start with `{mark}` with {}, or {skip}", Choice::Comment(mark))
        }
        None => format!("{skip}; a header has a name for every column, of row names too"),
    }
}
