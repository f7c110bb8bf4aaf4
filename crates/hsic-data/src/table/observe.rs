//! What is seen of a column in a pass over the rows, and what it becomes.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hasher as _};

use serde::{Deserialize, Serialize};

use super::formats::Formats;
use super::{Cell, CellProblem, ColumnProblem, Decimal, FeatureKind, Look, NumberFormat, Row};
use super::{is_missing, is_missing_number};
use crate::{DataWarning, Error, Result};

/// What was seen of a column, mergeable over parts of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// Numbers that never were text.
    numbers: usize,
    /// Numbers that are text, and how they are written.
    pub(super) formats: Formats,
    texts: usize,
    /// Texts that look like something else than words: how many, and one of them.
    looks: Vec<(Look, usize, String)>,
    /// The first text, and where it is, should the column turn out to be one of numbers.
    first_text: Option<FirstText>,
    /// Texts that are no missing value in a column of texts, up to one more than allowed.
    categories: BTreeSet<String>,
    /// Of a column that may name the rows; not known of parts of a table that are merged in any order.
    #[serde(skip)]
    ids: Option<RowNames>,
}

/// A text and its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct FirstText {
    part: usize,
    row: usize,
    place: String,
    value: String,
}

/// Whether a column has a name that says it names the rows.
pub(super) fn names_rows(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    const NAMES: [&str; 9] =
        ["id", "index", "idx", "row", "rowid", "rownames", "row_number", "uuid", "__index_level_0__"];
    NAMES.contains(&&*name) || name.ends_with("_id") || name.ends_with(" id")
}

/// Values that are remembered to see whether any is there twice.
const REMEMBERED: usize = 1 << 20;

/// Whether a column counts the rows, or is different in each.
#[derive(Debug, Clone, PartialEq, Default)]
struct RowNames {
    unnamed: bool,
    rows: usize,
    /// The number in the first row, where every row has one more than that before it.
    from: Option<f64>,
    repeats: bool,
    values: HashSet<u64>,
}

impl RowNames {
    fn see(&mut self, cell: &Cell<'_>) {
        let number = cell.number();
        self.go_on(number, 1);
        if !self.repeats && self.values.len() < REMEMBERED {
            let mut hasher = DefaultHasher::new();
            match number {
                Some(number) => {
                    // measurements are different in every row, too
                    self.repeats |= number.fract() != 0.0;
                    hasher.write_u64((number + 0.0).to_bits());
                }
                None => hasher.write(cell.to_text().as_bytes()),
            }
            self.repeats |= !self.values.insert(hasher.finish());
        }
    }

    /// Adds rows that count from a number on, or do not.
    fn go_on(&mut self, from: Option<f64>, rows: usize) {
        let from = from.map(|from| from - self.rows as f64);
        if self.rows == 0 {
            self.from = from;
        } else if rows > 0 && self.from != from {
            self.from = None;
        }
        self.rows += rows;
    }

    /// Adds those of the rows that follow.
    fn append(&mut self, later: Self) {
        self.go_on(later.from, later.rows);
        if self.values.len() < REMEMBERED {
            self.repeats |= later.repeats;
            for value in later.values {
                self.repeats |= !self.values.insert(value);
            }
        }
    }

    /// Whether the numbers are 0, 1, 2, … or 1, 2, 3, ….
    fn counts(&self) -> bool {
        self.rows > 0 && matches!(self.from, Some(0.0 | 1.0))
    }
}

/// Rows from which on a column that is different in each is spoken of.
const FEW_ROWS: usize = 10;

pub(super) enum Problem {
    Column(ColumnProblem),
    NotANumber(FirstText),
}

impl Problem {
    /// The error of a column of a file.
    pub(super) fn of(self, file: &str, column: &str) -> Error {
        match self {
            Self::Column(problem) => Error::Columns { file: file.into(), problem },
            Self::NotANumber(FirstText { place, value, .. }) => {
                let problem = CellProblem::NotANumber { value, column: column.into() };
                Error::Cell { place, column: column.into(), problem }
            }
        }
    }
}

impl Seen {
    /// Nothing yet; of a column that may name the rows, whether it has no name itself.
    pub(super) fn new(ids: Option<bool>) -> Self {
        Self { ids: ids.map(|unnamed| RowNames { unnamed, ..RowNames::default() }), ..Self::default() }
    }

    pub(super) fn see(
        &mut self,
        row: &Row<'_>,
        column: usize,
        as_text: bool,
        limit: usize,
        decimal: Option<Decimal>,
    ) -> Result<()> {
        let cell = row.cell(column)?;
        if let Some(ids) = &mut self.ids {
            ids.see(&cell);
        }
        let Cell::Text(text) = cell else {
            let missing = cell.number().is_some_and(f64::is_nan);
            self.numbers += usize::from(!missing);
            if as_text && !missing && self.categories.len() <= limit {
                self.categories.insert(cell.to_text().into_owned());
            }
            return Ok(());
        };
        if is_missing(text) {
            return Ok(());
        }
        if !self.formats.see(text, decimal) && !is_missing_number(text) {
            self.texts += 1;
            if let Some(look) = Look::of(text) {
                match self.looks.iter_mut().find(|(of, ..)| *of == look) {
                    Some((_, count, _)) => *count += 1,
                    None => self.looks.push((look, 1, text.into())),
                }
            }
            if self.first_text.is_none() {
                let (place, value) = (row.place(), text.into());
                self.first_text = Some(FirstText { part: 0, row: row.number(), place, value });
            }
        }
        if self.categories.len() <= limit && !self.categories.contains(text) {
            self.categories.insert(text.into());
        }
        Ok(())
    }

    /// Numbered as a part of a table.
    pub(super) fn set_part(&mut self, part: usize) {
        self.first_text.iter_mut().for_each(|first| first.part = part);
        self.forget_rows();
    }

    /// Whether the column names the rows is not asked any more.
    pub(super) fn forget_rows(&mut self) {
        self.ids = None;
    }

    /// Adds what was seen in the rows that follow. Apart from whether the column names the rows, nothing depends on the order.
    pub(super) fn append(&mut self, other: Self, limit: usize) {
        self.numbers += other.numbers;
        self.texts += other.texts;
        self.formats.merge(other.formats);
        for (look, count, example) in other.looks {
            match self.looks.iter_mut().find(|(of, ..)| *of == look) {
                Some((_, sum, known)) => {
                    *sum += count;
                    if example < *known {
                        *known = example;
                    }
                }
                None => self.looks.push((look, count, example)),
            }
        }
        self.looks.sort_by_key(|(look, ..)| *look);
        self.first_text = earliest(self.first_text.take(), other.first_text);
        self.categories.extend(other.categories);
        // one more than allowed says that they are too many
        while self.categories.len() > limit + 1 {
            self.categories.pop_last();
        }
        self.ids = match (self.ids.take(), other.ids) {
            (Some(mut ids), Some(later)) => {
                ids.append(later);
                Some(ids)
            }
            _ => None,
        };
    }

    /// What is to be said of a column that names the rows or has neither name nor value.
    pub(super) fn told(&self, name: &str, n: usize) -> Option<DataWarning> {
        let ids = self.ids.as_ref()?;
        let (column, counts) = (name.to_owned(), ids.counts());
        let empty = self.numbers + self.formats.count() == 0 && self.categories.is_empty();
        if ids.unnamed && (counts || empty) {
            return Some(DataWarning::LeftOut { column, counts });
        }
        let tells = (counts || !ids.repeats) && n >= FEW_ROWS && ids.values.len() > 1;
        tells.then_some(DataWarning::NamesRows { column, counts })
    }

    pub(super) fn kind(
        self,
        name: &str,
        levels: Option<Vec<String>>,
        as_text: bool,
        limit: usize,
        (decimal, commas): (Option<Decimal>, bool),
    ) -> std::result::Result<(FeatureKind, NumberFormat), Problem> {
        let plain = NumberFormat::default();
        if let Some(levels) = levels {
            return Ok((FeatureKind::Ordinal { levels }, plain));
        }
        let numbers = self.numbers + self.formats.count();
        if numbers == 0 && (self.categories.is_empty() || self.texts == 0 && !as_text) {
            return Err(Problem::Column(ColumnProblem::Empty { name: name.into() }));
        }
        if !as_text && numbers > self.texts {
            if let Some(first) = self.first_text {
                return Err(Problem::NotANumber(first));
            }
            let format = self.formats.found(decimal, commas).format(name).map_err(Problem::Column)?;
            return Ok((FeatureKind::Number, format));
        }
        let most = self.looks.into_iter().find(|(_, count, _)| 2 * count > numbers + self.texts);
        if let Some((look, _, example)) = most.filter(|_| !as_text) {
            return Err(Problem::Column(ColumnProblem::Looks { name: name.into(), look, example }));
        }
        if self.categories.len() > limit {
            return Err(Problem::Column(ColumnProblem::TooManyCategories { name: name.into(), most: limit }));
        }
        Ok((FeatureKind::OneHot { categories: self.categories.into_iter().collect() }, plain))
    }
}

/// The smaller of two, or the one there is.
pub(super) fn earliest<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
