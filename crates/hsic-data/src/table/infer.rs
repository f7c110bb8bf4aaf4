//! Typing the columns of a training table.

use std::collections::BTreeSet;

use super::observe::{Problem, Seen, names_rows};
use super::{Cell, CellProblem, ColumnProblem, Feature, Row, Schema, Source};
use super::{MissingRemedy, MissingRule, is_missing};
use crate::{Choice, DataWarning, Error, Result};

/// Which column holds the classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LabelColumn {
    /// The last column.
    #[default]
    Last,
    /// The column of this name.
    Name(String),
}

/// What is known of a table beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// One pass over the rows; memory for the categories.
    pub fn infer(source: &mut Source<'_>, options: &InferOptions) -> Result<Self> {
        Self::infer_told(source, options).map(|(schema, _)| schema)
    }

    /// The same, and what is odd about columns that name the rows or have no name.
    pub(crate) fn infer_told(
        source: &mut Source<'_>,
        options: &InferOptions,
    ) -> Result<(Self, Vec<DataWarning>)> {
        check_lists(options.class_order.as_deref(), &options.ordinal)?;
        let (file, all) = (source.file().to_owned(), source.all_names().clone());
        let names = all.all();
        let failed = |problem| Error::Columns { file: file.clone(), problem };
        let find = |name: &String, asked: Choice<'static>| {
            all.find(name).ok_or_else(|| {
                failed(ColumnProblem::NoSuchColumn { name: name.clone(), asked, columns: names.to_vec() })
            })
        };
        let find_all = |list: &[String], asked| {
            list.iter().map(|name| find(name, asked)).collect::<Result<Vec<usize>>>()
        };
        let label = match &options.label {
            LabelColumn::Last => names.len() - 1,
            LabelColumn::Name(name) => find(name, Choice::Label)?,
        };
        let ignored = find_all(&options.ignore, Choice::Ignored)?;
        let text = find_all(&options.text, Choice::Texts)?;
        let mut ordinal = Vec::new();
        for (name, levels) in &options.ordinal {
            let column = find(name, Choice::Ordinal)?;
            if column == label {
                return Err(failed(ColumnProblem::OrdinalLabel { label: name.clone() }));
            }
            ordinal.push((column, levels));
        }
        let columns: Vec<usize> =
            (0..names.len()).filter(|column| *column != label && !ignored.contains(column)).collect();
        if columns.is_empty() {
            return Err(failed(ColumnProblem::NoFeatures { label: names[label].clone() }));
        }

        let limit = options.max_categories;
        let ids = |column: usize| {
            let unnamed = all.any() && all.is_invented(column);
            (unnamed || names_rows(&names[column])).then_some(unnamed)
        };
        let mut seen: Vec<Seen> = columns.iter().map(|&column| Seen::new(ids(column))).collect();
        let mut classes = BTreeSet::new();
        let (mut n, decimal) = (0, source.decimal());
        while let Some(row) = source.next_row()? {
            n += 1;
            let order = options.class_order.as_ref();
            match class_of(&row, label, |text| {
                order.is_some_and(|order| order.iter().any(|class| class == text))
            })? {
                Some(class) => {
                    if let Some(order) = options.class_order.as_ref().filter(|order| !order.contains(&class))
                    {
                        return Err(row
                            .error(label, CellProblem::UnknownClass { value: class, known: order.clone() }));
                    }
                    classes.insert(class);
                }
                None if options.missing == MissingRule::Drop => {}
                None => {
                    let value = row.cell(label)?.to_text();
                    let remedy = MissingRemedy::TrainingClass { listable: !value.is_empty() };
                    return Err(row.error(label, CellProblem::Missing { value, remedy }));
                }
            }
            for (seen, &column) in seen.iter_mut().zip(&columns) {
                seen.see(&row, column, text.contains(&column), limit, decimal)?;
            }
        }
        if n == 0 {
            return Err(Error::NoRows { file });
        }
        let label_name = names[label].clone();
        if classes.len() < 2 {
            return Err(failed(match classes.into_iter().next() {
                Some(class) => ColumnProblem::OneClass { class, label: label_name },
                None => ColumnProblem::AllDropped { n },
            }));
        }
        if classes.len() > 10 && 2 * classes.len() > n {
            return Err(failed(ColumnProblem::TooManyClasses {
                label: label_name,
                classes: classes.len(),
                n,
            }));
        }
        let (mut told, mut left_out) = (Vec::new(), Vec::new());
        for (seen, &column) in seen.iter().zip(&columns) {
            let chosen = text.contains(&column) || ordinal.iter().any(|(of, _)| *of == column);
            let warning = seen.told(&names[column], n).filter(|_| !chosen);
            if matches!(warning, Some(DataWarning::LeftOut { .. })) {
                left_out.push(column);
            }
            told.extend(warning);
        }
        if left_out.len() == columns.len() {
            return Err(failed(ColumnProblem::NoFeatures { label: label_name }));
        }
        let commas = seen.iter().any(|seen| seen.formats.has_comma());
        let features = seen
            .into_iter()
            .zip(&columns)
            .filter(|(_, column)| !left_out.contains(column))
            .map(|(seen, &column)| {
                let levels =
                    ordinal.iter().find(|(of, _)| *of == column).map(|(_, levels)| (*levels).clone());
                let kind =
                    seen.kind(&names[column], levels, text.contains(&column), limit, (decimal, commas));
                kind.map_err(|problem| match problem {
                    Problem::Column(problem) => failed(problem),
                    Problem::Cell(error) => error,
                })
                .map(|(kind, format)| Feature { name: names[column].clone(), kind, format })
            })
            .collect::<Result<Vec<_>>>()?;
        let classes =
            options.class_order.clone().unwrap_or_else(|| sorted_classes(classes.into_iter().collect()));
        let ignored =
            ignored.into_iter().chain(left_out.iter().copied()).map(|column| names[column].clone()).collect();
        let unnamed = (0..names.len()).filter(|&column| all.is_invented(column));
        let unnamed = unnamed.map(|column| names[column].clone()).collect();
        Ok((Self::new(features, label_name, classes, ignored)?.with_unnamed(unnamed), told))
    }
}

/// The classes once each, by value if all are integers, else as text.
fn sorted_classes(mut names: Vec<String>) -> Vec<String> {
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
pub(super) fn class_of(
    row: &Row<'_>,
    label: usize,
    is_class: impl Fn(&str) -> bool,
) -> Result<Option<String>> {
    let text = match row.cell(label)? {
        // 0 and −0 are one number
        Cell::Number(number) => Cell::Number(number + 0.0).to_text(),
        cell => cell.to_text(),
    };
    Ok(Some(text).filter(|text| !is_missing(text) || is_class(text)))
}

/// Refuses a list that names something twice.
fn check_lists(class_order: Option<&[String]>, ordinal: &[(String, Vec<String>)]) -> Result<()> {
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
