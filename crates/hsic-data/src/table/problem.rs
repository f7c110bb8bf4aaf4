//! What can be wrong with a table: the words of [`Error::Cell`](crate::Error::Cell) and
//! [`Error::Columns`](crate::Error::Columns).

use std::fmt;

use super::format::is_written_otherwise;
use super::{Decimal, Look, NumberFormat};
use crate::Choice;
use crate::text::first_few;

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CellProblem {
    /// Text in a column of numbers.
    #[error(
        "`{value}` is not a number; mend the cell, or take the whole column as text with {}",
        Choice::Text(column)
    )]
    NotANumber {
        /// The text found.
        value: String,
        /// Name of the column.
        column: String,
    },
    /// Text in a column that had numbers where the schema was inferred.
    #[error(
        "`{value}` is not a number{}, and the column had numbers alone where the model was fitted; {}",
        if format.is_plain() { String::new() } else { format!(" as they were written ({format})") },
        if is_written_otherwise(value, format) {
            format!("write it so, or tell how this file writes numbers with {}", Choice::Decimal)
        } else {
            "mend the cell".into()
        }
    )]
    NumberBefore {
        /// The text found.
        value: String,
        /// How the numbers were written.
        format: NumberFormat,
    },
    /// Text where a number was asked for.
    #[error("`{value}` is not a number: only columns of numbers can be compared by {}", Choice::Numbers)]
    NoNumber {
        /// The text found.
        value: String,
    },
    /// An infinity, or a number too large for a 64-bit float.
    #[error("`{value}` is not finite as a 64-bit float; mend the cell")]
    NonFinite {
        /// The text found.
        value: String,
    },
    /// A missing value where none can be.
    #[error("{}; {remedy}", missing(value))]
    Missing {
        /// The text found, empty for an empty cell.
        value: String,
        /// What to do about it.
        remedy: MissingRemedy,
    },
    /// A text that is not one of the categories or levels known.
    #[error(
        "`{value}` is not one of the known {what} {}; mend the cell, or take such cells as none of them with \
         {}",
        first_few(known),
        Choice::UnknownIgnored
    )]
    Unknown {
        /// The text found.
        value: String,
        /// `categories` or `levels`.
        what: &'static str,
        /// Those known.
        known: Vec<String>,
    },
    /// A text that is none of the levels listed for its column.
    #[error(
        "`{value}` is not one of the levels {}; mend the cell, or list it in its place under `ordinal`",
        first_few(levels)
    )]
    UnknownLevel {
        /// The text found.
        value: String,
        /// Those listed.
        levels: Vec<String>,
    },
    /// A class that is not among those known.
    #[error("`{value}` is not one of the classes {}", first_few(known))]
    UnknownClass {
        /// The class found.
        value: String,
        /// Those known.
        known: Vec<String>,
    },
    /// A number that cannot be standardised.
    #[error(
        "{value:e} standardised by mean {mean:e} and deviation {std:e} is beyond the range of a 64-bit float; correct or remove \
         the row"
    )]
    Overflow {
        /// The number.
        value: f64,
        /// The column's mean over the training rows.
        mean: f64,
        /// The column's deviation over the training rows.
        std: f64,
    },
    /// Bytes that are not UTF-8.
    #[error("the text is not UTF-8; {}", not_utf8())]
    NotUtf8,
}

/// What to do about a text that is not UTF-8: most of those come from Windows.
pub(crate) fn not_utf8() -> String {
    format!(
        "most such files are windows-1252: read it so with {}, or save the file as UTF-8",
        Choice::Encoding("windows-1252")
    )
}

fn missing(value: &str) -> String {
    if value.is_empty() {
        "the cell is empty".into()
    } else {
        format!("`{value}` stands for a missing value")
    }
}

/// What to do about a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingRemedy {
    /// Of a number that is read without a schema.
    Number,
    /// Of a cell, by a schema that has no fill values.
    Cell,
    /// Of a class, by a schema.
    Class,
    /// Of a class where the schema is inferred.
    TrainingClass {
        /// Whether its text would be a class if it were listed.
        listable: bool,
    },
}

impl fmt::Display for MissingRemedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (drop, fill) = (Choice::DropMissing, Choice::FillMissing);
        match self {
            Self::Number => write!(
                f,
                "fill in the value, leave such rows out with {drop}, or fill it with the column's mean with {fill}"
            ),
            Self::Cell => {
                write!(f, "fill in the value or remove the row; a model fitted with {fill} takes such rows")
            }
            Self::Class => write!(f, "fill in the class, or remove the row"),
            Self::TrainingClass { listable } => {
                write!(f, "fill in the class, or leave such rows out with {drop}")?;
                if *listable {
                    let order = Choice::ClassOrder;
                    write!(f, "; it is taken as a class where {order} lists it among all classes")?;
                }
                Ok(())
            }
        }
    }
}

/// What is wrong with the columns of a table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnProblem {
    /// A column asked for that is not there.
    #[error("there is no column `{name}` ({asked}); the columns are {}{}", first_few(columns), respelt(&[name], columns))]
    NoSuchColumn {
        /// The name asked for.
        name: String,
        /// What named it.
        asked: Choice<'static>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A column that is not there.
    #[error("there is no column `{name}`; the columns are {}{}", first_few(columns), respelt(&[name], columns))]
    NoColumn {
        /// The name asked for.
        name: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// No column but the label.
    #[error("there is no column to learn from beside the label `{label}`")]
    NoFeatures {
        /// The label column.
        label: String,
    },
    /// Levels of the label, which has classes.
    #[error("`ordinal` lists levels of the label `{label}`; list its classes in order under `class_order`")]
    OrdinalLabel {
        /// The label column.
        label: String,
    },
    /// A column without a single value.
    #[error("column `{name}` has no value at all; leave it out with {}", Choice::Ignore(name))]
    Empty {
        /// Its name.
        name: String,
    },
    /// Numbers that can be read in two ways.
    #[error(
        "column `{name}`: `{value}` reads as {point} if its numbers have a decimal point and as {comma} if they have a decimal \
         comma, and no cell says which; tell with {}",
        Choice::Decimal
    )]
    TwoReadings {
        /// Name of the column.
        name: String,
        /// A cell.
        value: String,
        /// The number with a decimal point.
        point: f64,
        /// The number with a decimal comma.
        comma: f64,
    },
    /// A number without the decimal mark that was told.
    #[error(
        "column `{name}`: `{value}` is no number with a decimal `{decimal}`; tell the other with {}, or take the column as text \
         with {}",
        Choice::Decimal,
        Choice::Text(name)
    )]
    NotAsTold {
        /// Name of the column.
        name: String,
        /// A cell.
        value: String,
        /// The mark that was told.
        decimal: Decimal,
    },
    /// Numbers that are written in several ways.
    #[error(
        "column `{name}` writes numbers in more than one way: `{first}` and `{other}`; write them alike, or take the column \
         as text with {}",
        Choice::Text(name)
    )]
    MixedNumbers {
        /// Name of the column.
        name: String,
        /// A cell.
        first: String,
        /// One that does not go with it.
        other: String,
    },
    /// Texts that are written for dates or numbers, but not as numbers are read.
    #[error("column `{name}` has {}, first `{example}`; {}", look_words(*look).0, look_remedy(*look, name))]
    Looks {
        /// Name of the column.
        name: String,
        /// What they look like.
        look: Look,
        /// The first of them.
        example: String,
    },
    /// A text column that looks like a name of the row.
    #[error(
        "column `{name}` has more than {most} different texts, which look like names of the rows; leave it out with \
         {}, or raise {}",
        Choice::Ignore(name),
        Choice::MaxCategories
    )]
    TooManyCategories {
        /// Its name.
        name: String,
        /// The limit.
        most: usize,
    },
    /// Missing cells, where they are to be refused.
    #[error(
        "{cells} cells are missing in {rows} of {n} rows: {}; leave such rows out with {}, or fill the cells \
         with their column's training mean with {}",
        first_few_counts(columns),
        Choice::DropMissing,
        Choice::FillMissing
    )]
    Missing {
        /// Missing cells.
        cells: usize,
        /// Rows that have one.
        rows: usize,
        /// Rows in all.
        n: usize,
        /// Columns and their missing cells.
        columns: Vec<(String, usize)>,
    },
    /// All rows are left out since each misses a cell.
    #[error("each of the {n} rows misses a cell: {} leaves none", Choice::DropMissing)]
    AllDropped {
        /// Rows in all.
        n: usize,
    },
    /// Only one class.
    #[error(
        "all rows are of one class, `{class}`: there is nothing to tell apart; is `{label}` the right {}?",
        Choice::Label
    )]
    OneClass {
        /// The class.
        class: String,
        /// The label column.
        label: String,
    },
    /// More classes than half the rows.
    #[error(
        "the label `{label}` has {classes} different values in {n} rows: that is no column of classes; name another with \
         {}",
        Choice::Label
    )]
    TooManyClasses {
        /// The label column.
        label: String,
        /// Different values.
        classes: usize,
        /// Rows.
        n: usize,
    },
    /// Features of a model that are not there.
    #[error(
        "{} missing that the model was fitted on: {}; the columns are {}{}",
        is_are("column", names.len()),
        first_few(names),
        first_few(columns),
        respelt(names, columns)
    )]
    Absent {
        /// The features that are not there.
        names: Vec<String>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A table with names for a model of columns without any.
    #[error(
        "the model was fitted on columns without names, and these have some: {}; which is which cannot be told: give the \
         rows as an array, or without the header and with {}",
        first_few(columns),
        Choice::NoHeader
    )]
    Names {
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Columns a model does not know.
    #[error(
        "{} there that the model was not fitted on: {}; leave them out, or pass over them with {}{}",
        is_are("column", names.len()),
        first_few(names),
        Choice::ExtraIgnored,
        respelt(unused, names)
    )]
    Unexpected {
        /// The columns.
        names: Vec<String>,
        /// Columns that the model knows, does not need, and that are not there: its label, those that were ignored.
        unused: Vec<String>,
    },
    /// A table without names of another width than the model's.
    #[error("there are {found} columns, but the model was fitted on {expected}, and on the label `{label}`")]
    Count {
        /// Columns there.
        found: usize,
        /// Features of the model.
        expected: usize,
        /// Its label column.
        label: String,
    },
    /// No label where one is needed.
    #[error(
        "there is no label column `{label}` to compare predictions with; add it, or use {}{}",
        Choice::WithoutLabel,
        respelt(&[label], columns)
    )]
    NoLabel {
        /// The label column.
        label: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A schema that contradicts itself.
    #[error("{0}")]
    Schema(String),
}

fn look_remedy(look: Look, name: &str) -> String {
    format!(
        "{}, leave it out with {}, or take each as a category with {}",
        look_words(look).1,
        Choice::Ignore(name),
        Choice::Text(name)
    )
}

/// What such cells are called, and how they become numbers.
fn look_words(look: Look) -> (&'static str, &'static str) {
    match look {
        Look::Date => (
            "dates or times",
            "write what matters of them as numbers (days since the first, the month, the hour)",
        ),
        Look::Hexadecimal => ("hexadecimal numbers", "write them in decimal"),
        Look::Underscored => ("numbers with underscores", "write them without"),
        Look::Grouped => ("numbers with commas that are not between thousands", "write them without"),
    }
}

/// Which of the names wanted are there but for case and blanks, as the rest of a sentence.
fn respelt(wanted: &[impl AsRef<str>], columns: &[String]) -> String {
    const SHOWN: usize = 3;
    let plain = |name: &str| name.split_whitespace().collect::<String>().to_lowercase();
    let pair = |wanted: &str| {
        let alike = |column: &&String| *column != wanted && plain(column) == plain(wanted);
        columns.iter().find(alike).map(|column| format!("`{column}` is `{wanted}`"))
    };
    let pairs: Vec<String> = wanted.iter().filter_map(|wanted| pair(wanted.as_ref())).collect();
    if pairs.is_empty() {
        return String::new();
    }
    let more = if pairs.len() > SHOWN { format!(", … ({} in all)", pairs.len()) } else { String::new() };
    let shown = pairs[..pairs.len().min(SHOWN)].join(", ");
    format!("; {shown}{more} but for case and blanks: if they are one, name them alike")
}

fn is_are(noun: &str, count: usize) -> String {
    if count == 1 { format!("a {noun} is") } else { format!("{count} {noun}s are") }
}

fn first_few_counts(columns: &[(String, usize)]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> =
        columns.iter().take(SHOWN).map(|(name, count)| format!("{count} in `{name}`")).collect();
    let more = columns.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(", and some in {more} more columns") } else { String::new() };
    shown.join(", ") + &tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_another_case_is_named_beside_the_one_missed() {
        let columns = ["AGE", "body  mass", "x", "Y", "Z"].map(String::from).to_vec();
        let of = |wanted: &[&str]| respelt(wanted, &columns);
        let tail = " but for case and blanks: if they are one, name them alike";
        assert_eq!(of(&["x", "w"]), "");
        assert_eq!(of(&["age", "w"]), format!("; `AGE` is `age`{tail}"));
        assert_eq!(of(&["age", "Body mass"]), format!("; `AGE` is `age`, `body  mass` is `Body mass`{tail}"));
        assert_eq!(
            of(&["age", "X", "y", "z"]),
            format!("; `AGE` is `age`, `x` is `X`, `Y` is `y`, … (4 in all){tail}")
        );
    }
}
