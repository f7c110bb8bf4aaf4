//! What is odd about a data set, in words, with its consequence.

mod cells;
mod classes;
mod dataset;

use std::fmt;

pub(crate) use cells::Rounding;
pub(crate) use classes::alike;
pub(crate) use dataset::warnings;
pub use dataset::{narrow_columns, narrow_moments};

use crate::text::first_few;
use crate::{Choice, text};

/// Something a user should know about a data set before fitting. `Display` says it in words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DataWarning {
    /// Columns that do not vary, by the rule of [`Scaler`](crate::Scaler).
    ConstantColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// Columns whose deviation is at most [`NARROW`](crate::scaler::NARROW) of their largest magnitude: it may be rounding.
    NarrowColumns {
        /// Their names.
        columns: Vec<String>,
        /// The largest deviation of them, as a share of its column's largest magnitude.
        share: f64,
        /// Whether they are kept; else they vary by rounding alone and are dropped.
        kept: bool,
    },
    /// Equal rows of different classes.
    ConflictingRows {
        /// Rows that have an equal row of another class.
        rows: usize,
        /// The first row, from 0, that contradicts an earlier one, after the earliest it contradicts.
        first: (usize, usize),
        /// The highest train accuracy any classifier can have: each group of equal rows gets its largest
        /// class.
        best_accuracy: f64,
    },
    /// Rows that repeat an earlier row.
    DuplicateRows {
        /// Number of different rows.
        distinct: usize,
        /// Number of rows, n.
        n: usize,
    },
    /// A header whose name of a column is a number, as a row has.
    NumberAsName {
        /// The name.
        name: String,
    },
    /// Rows left out since they miss a cell.
    DroppedRows {
        /// How many.
        rows: usize,
    },
    /// A class without a row.
    EmptyClass {
        /// Its name.
        class: String,
    },
    /// Whole numbers that no 64-bit float is.
    Rounded {
        /// Name of the column.
        column: String,
        /// How many.
        count: usize,
        /// The first of them.
        example: String,
    },
    /// A column with unknown categories alone, which were to be passed over.
    NothingKnown {
        /// Its name.
        column: String,
        /// Cells.
        cells: usize,
    },
    /// A column that was left out since it has no name and counts the rows, or has no value.
    LeftOut {
        /// What it is called.
        column: String,
        /// Whether it counts the rows; else it has no value.
        counts: bool,
    },
    /// A column that names the rows by its own name, and is different in each.
    NamesRows {
        /// Its name.
        column: String,
        /// Whether it counts the rows from 0 or 1.
        counts: bool,
    },
    /// A column from which the class can be told without error.
    TellsClass {
        /// Its name.
        column: String,
        /// Rows.
        n: usize,
        /// Its different values, each of which goes with one class; `None` where the ranges of the classes do not overlap.
        values: Option<usize>,
        /// The label, if the values are as many as the classes.
        renames: Option<String>,
    },
    /// A column from which the class of nearly all rows can be told.
    NearlyTellsClass {
        /// Its name.
        column: String,
        /// Rows asked.
        n: usize,
        /// Rows whose class it tells.
        right: usize,
        /// Rows that are not of the largest class.
        beyond: usize,
        /// Its different values, by the commonest class of each; `None` by ranges, as many as classes.
        values: Option<usize>,
    },
    /// Columns that are equal in every row.
    EqualColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// A column with one value in all rows but one.
    OneOddRow {
        /// Its name.
        column: String,
    },
    /// Rows that end in a delimiter, and a header that does not.
    TrailingDelimiter,
    /// Classes whose names differ as spellings of one thing do.
    AlikeClasses {
        /// The names, each with its rows.
        classes: Vec<(String, usize)>,
        /// Whether they are one number, else one text but for blanks and case.
        number: bool,
    },
}

impl fmt::Display for DataWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConstantColumns { columns } if columns.len() == 1 => {
                write!(f, "column {} is constant and is dropped", text::list(columns))
            }
            Self::ConstantColumns { columns } => {
                write!(f, "columns {} are constant and are dropped", first_few(columns))
            }
            Self::NarrowColumns { columns, share, kept } => {
                let [varies, its, it_is] = if columns.len() == 1 {
                    [format!("column {} varies by", text::list(columns)), "its".into(), "it is".into()]
                } else {
                    let varies = format!("columns {} vary by at most", first_few(columns));
                    [varies, "their".into(), "they are".into()]
                };
                let verdict = if *kept {
                    "kept, and standardised as any other; leave out what is rounding"
                } else {
                    "dropped as rounding; if the difference means something, subtract what the numbers have in common"
                };
                write!(f, "{varies} {share:.1e} of {its} size: {it_is} {verdict}")
            }
            Self::ConflictingRows { rows, first, best_accuracy } => write!(
                f,
                "{rows} rows have an equal row of another class, first rows {} and {} (from 1, without the header): \
                 no classifier can reach a train accuracy of 1.0 (at best {best_accuracy:.4})",
                first.0 + 1,
                first.1 + 1
            ),
            Self::DuplicateRows { distinct, n } => write!(
                f,
                "only {distinct} of {n} rows are distinct: equal rows can fall into training and test folds alike, \
                 which flatters the test accuracy"
            ),
            Self::NumberAsName { name } => {
                write!(
                    f,
                    "the first line names a column `{name}`; if it is a row already, give {}",
                    Choice::NoHeader
                )
            }
            Self::DroppedRows { rows: 1 } => write!(f, "1 row with missing cells left out"),
            Self::DroppedRows { rows } => write!(f, "{rows} rows with missing cells left out"),
            Self::EmptyClass { class } => {
                write!(f, "class `{class}` has no row: it is never predicted")
            }
            Self::Rounded { column, count, example } => {
                let (numbers, are) =
                    if *count == 1 { ("whole number", "is") } else { ("whole numbers", "are") };
                // the whole of a float is written out
                let read = example.parse::<f64>().map_or_else(|_| "NaN".into(), |read| format!("{read:.0}"));
                write!(
                    f,
                    "column `{column}`: {count} {numbers} {are} no 64-bit float and rounded, first {example} to {read}; if \
                     these are names of things, take the column as text or leave it out"
                )
            }
            Self::NothingKnown { column, cells } => write!(
                f,
                "column `{column}`: nothing in it is known to the model ({cells} {}), which goes by the other columns alone",
                if *cells == 1 { "cell" } else { "cells" }
            ),
            Self::LeftOut { column, counts } => {
                let what = if *counts { "counts the rows" } else { "has no value" };
                write!(f, "column `{column}` {what} and is left out; to keep it, name it in the header")
            }
            Self::NamesRows { column, counts } => {
                let what = if *counts { "counts the rows" } else { "is different in every row" };
                write!(
                    f,
                    "column `{column}` {what}: if it names them, it can give the class away or mislead; leave it out with {}",
                    Choice::Ignore(column)
                )
            }
            Self::TellsClass { column, n, values, renames } => {
                match (renames, values) {
                    (Some(label), _) => {
                        write!(f, "column `{column}` is the label `{label}` by other names: ")?
                    }
                    (None, _) => write!(f, "column `{column}` alone tells the class: ")?,
                }
                match values {
                    Some(values) => write!(f, "each of its {values} values goes with one class")?,
                    None => f.write_str("the ranges of its numbers in the classes do not overlap")?,
                }
                write!(
                    f,
                    ", in all {n} rows; if it is not known before the class is, leave it out with {}",
                    Choice::Ignore(column)
                )
            }
            Self::NearlyTellsClass { column, n, right, beyond, values } => {
                let how = match values {
                    Some(values) => format!("the commonest class of each of its {values} values"),
                    None => "ranges of its numbers, one a class".into(),
                };
                write!(
                    f,
                    "column `{column}` alone tells the class of {right} of {n} rows, of which {} are of the largest class, by \
                     {how}; if it is not known before the class is, leave it out with {}",
                    n - beyond,
                    Choice::Ignore(column)
                )
            }
            Self::EqualColumns { columns } => write!(
                f,
                "columns {} are equal in every row; leave out all but one with {}",
                first_few(columns),
                Choice::Ignored
            ),
            Self::OneOddRow { column } => write!(f, "column `{column}` is constant but for one row"),
            Self::TrailingDelimiter => f.write_str(
                "every row ends in a delimiter and the header does not: what follows it is left out",
            ),
            Self::AlikeClasses { classes, number } => {
                let of = |(name, count): &(String, usize)| {
                    let rows = if *count == 1 { "row" } else { "rows" };
                    // a no-break space is to be seen
                    format!("`{}` ({count} {rows})", name.escape_debug())
                };
                let list: Vec<String> = classes.iter().map(of).collect();
                let list = list.join(", ");
                let why = if *number { "are one number" } else { "are one text but for blanks and case" };
                write!(
                    f,
                    "the classes {list} {why}, and are taken as different; if they are one, write them alike"
                )
            }
        }
    }
}
