//! Typing the columns of a training table.

use std::borrow::Cow;

use faer::Par;
use serde::{Deserialize, Serialize};

use super::{Cell, MissingRule, Row, Scan, Schema, Source, is_missing};
use crate::{DataWarning, Error, Result};

/// Which column holds the classes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LabelColumn {
    /// The last column.
    #[default]
    Last,
    /// The column of this name.
    Name(String),
}

/// What is known of a table beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InferOptions {
    /// The column of classes.
    pub label: LabelColumn,
    /// Columns to leave out.
    pub ignore: Vec<String>,
    /// Columns to take as texts even where they read as numbers.
    pub text: Vec<String>,
    /// Text columns with the order of their levels.
    pub ordinal: Vec<(String, Vec<String>)>,
    /// The classes in order of their codes; without it they are sorted.
    pub class_order: Option<Vec<String>>,
    /// A text column of more categories than this is refused.
    pub max_categories: usize,
    /// What becomes of missing cells; here it matters to the label alone, which can be left out and nothing else.
    pub missing: MissingRule,
}

impl Default for InferOptions {
    fn default() -> Self {
        Self {
            label: LabelColumn::Last,
            ignore: Vec::new(),
            text: Vec::new(),
            ordinal: Vec::new(),
            class_order: None,
            max_categories: 100,
            missing: MissingRule::Refuse,
        }
    }
}

impl Schema {
    /// Types the columns of a table by all its rows.
    ///
    /// - A column of numbers is one. So is one where numbers are in the majority: a text in it is then an error. Numbers are
    ///   written with a decimal point or a decimal comma, with or without marks between thousands and the sign of a currency
    ///   or a percentage: in the one [`NumberFormat`](super::NumberFormat) that fits all cells of the column. Where none does, or
    ///   two do that read a cell otherwise, the column is refused.
    /// - A column most of whose cells are dates, times, hexadecimal or underscored numbers is refused.
    /// - A column with levels in `ordinal` becomes their places.
    /// - Any other is text and becomes one column of zeros and ones a category.
    ///
    /// An empty cell, `?`, `NA`, `N/A`, `#N/A`, `<NA>`, `NaN` and `null` stand for a missing value, among numbers `none`, `-`
    /// and `.` too.
    ///
    /// # Errors
    /// [`Error::DuplicateLevel`] for a list that names something twice; [`Error::Columns`] for columns that are not there or
    /// say nothing, and for a label that is no column of classes;
    /// [`Error::Cell`] for a text among numbers and a missing class; any error of the source.
    ///
    /// # Cost
    /// One pass over the rows, on all threads; memory for the categories.
    pub fn infer(source: &mut Source<'_>, options: &InferOptions) -> Result<Self> {
        Self::infer_told(source, options, Par::rayon(0)).map(|(schema, _)| schema)
    }

    /// The same, and what is odd about columns that name the rows or have no name.
    pub(crate) fn infer_told(
        source: &mut Source<'_>,
        options: &InferOptions,
        par: Par,
    ) -> Result<(Self, Vec<DataWarning>)> {
        Scan::of(source, options, par)?.schema_told(source.file(), options)
    }
}

/// The classes once each, by value if all are integers, else as text.
pub(super) fn sorted_classes(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    if names.iter().all(|name| name.parse::<i64>().is_ok()) {
        // stable, so `1` and `01` keep their order as text
        names.sort_by_key(|name| name.parse::<i64>().ok());
    }
    names
}

/// The class of a row, `None` where it is missing: a text that stands for a missing value and is no known class, or NaN in
/// an array.
pub(super) fn class_of<'r>(
    row: &'r Row<'_>,
    label: usize,
    is_class: impl Fn(&str) -> bool,
) -> Result<Option<Cow<'r, str>>> {
    let text = match row.cell(label)? {
        // 0 and −0 are one number
        Cell::Number(number) => Cell::Number(number + 0.0).to_text(),
        cell => cell.to_text(),
    };
    Ok(Some(text).filter(|text| !is_missing(text) || is_class(text)))
}

/// Refuses a list that names something twice.
pub(super) fn check_lists(class_order: Option<&[String]>, ordinal: &[(String, Vec<String>)]) -> Result<()> {
    let orders = class_order.map(|order| ("the class order".to_string(), order));
    let levels =
        ordinal.iter().map(|(column, levels)| (format!("`ordinal` of column `{column}`"), &levels[..]));
    for (what, list) in orders.into_iter().chain(levels) {
        if let Some(i) = (1..list.len()).find(|&i| list[..i].contains(&list[i])) {
            return Err(Error::DuplicateLevel { what, value: list[i].clone() });
        }
    }
    let names: Vec<&String> = ordinal.iter().map(|(column, _)| column).collect();
    match (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
        Some(i) => Err(Error::DuplicateLevel { what: "`ordinal`".into(), value: names[i].clone() }),
        None => Ok(()),
    }
}
