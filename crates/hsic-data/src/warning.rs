//! What is odd about a data set, in words, with its consequence.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use faer::MatRef;
use hsic_rows::columns::ColumnMoments;

use crate::scaler::{NARROW, Variation, merged_variation, variation};
use crate::table::Cell;
use crate::text::first_few;
use crate::{Choice, Dataset, text};

/// Something a user should know about a data set before fitting. `Display` says it in words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DataWarning {
    /// Columns that do not vary, by the rule of [`Scaler`](crate::Scaler).
    ConstantColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// Columns whose deviation is at most [`NARROW`] of their largest magnitude: it may be rounding.
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

/// What became of the cells of a column: numbers that were rounded, categories that were passed over.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rounding {
    count: usize,
    first: Option<String>,
    /// Categories or levels that were known, and that were not and were passed over.
    known: usize,
    unknown: usize,
}

impl Rounding {
    /// Counts a number if it was.
    pub(crate) fn see(&mut self, cell: &Cell<'_>) {
        if cell.is_rounded() {
            self.count(&cell.to_text());
        }
    }

    /// With those of later rows.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.count += later.count;
        self.known += later.known;
        self.unknown += later.unknown;
        self.first = self.first.take().or_else(|| later.first.clone());
    }

    /// Counts a number that was.
    pub(crate) fn count(&mut self, text: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| text.into());
    }

    /// Counts a category or level.
    pub(crate) fn category(&mut self, known: bool) {
        *(if known { &mut self.known } else { &mut self.unknown }) += 1;
    }

    /// Whether a category or level was passed over, and none was known.
    pub(crate) fn nothing_known(&self, column: &str) -> Option<DataWarning> {
        let (column, cells) = (column.to_owned(), self.unknown);
        (self.known == 0 && cells > 0).then_some(DataWarning::NothingKnown { column, cells })
    }

    /// What is to be said of the column.
    pub(crate) fn warning(&self, column: &str) -> Option<DataWarning> {
        let example = self.first.clone()?;
        Some(DataWarning::Rounded { column: column.into(), count: self.count, example })
    }
}

/// The classes that may be spellings of one: of a number, or of a text but for blanks and case.
pub(crate) fn alike(names: &[String], counts: &[usize]) -> Vec<DataWarning> {
    let mut groups: BTreeMap<(bool, String), Vec<(String, usize)>> = BTreeMap::new();
    for (name, &count) in names.iter().zip(counts) {
        let key = match decimal(name.trim()) {
            Some(number) => (true, number),
            None => (false, name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()),
        };
        groups.entry(key).or_default().push((name.clone(), count));
    }
    let several = groups.into_iter().filter(|(_, classes)| classes.len() > 1);
    several.map(|((number, _), classes)| DataWarning::AlikeClasses { classes, number }).collect()
}

/// A number in one spelling of all, exactly: sign, digits without zeros around them, and a power of ten.
fn decimal(text: &str) -> Option<String> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches(['+', '-']));
    let significant = digits.trim_end_matches('0');
    let zeros = (digits.len() - significant.len()) as i64;
    let power = exponent.parse::<i64>().ok()?.checked_add(zeros - fraction.len() as i64)?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some("0".into());
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    Some(format!("{sign}{significant}e{power}"))
}

pub(crate) fn warnings(data: &Dataset) -> Vec<DataWarning> {
    let mut found = Vec::new();
    let constant = |&column: &usize| variation(data.features().col(column)) == Variation::Constant;
    let columns: Vec<String> =
        (0..data.d()).filter(constant).map(|column| data.feature_names()[column].clone()).collect();
    if !columns.is_empty() {
        found.push(DataWarning::ConstantColumns { columns });
    }
    found.extend(narrow_columns(data.features(), data.feature_names()));
    found.extend(repeated_rows(data));
    found.extend(data.notes().iter().cloned());
    let classes = data.class_names().iter().zip(data.labels().counts());
    found.extend(
        classes
            .filter(|&(_, &count)| count == 0)
            .map(|(class, _)| DataWarning::EmptyClass { class: class.clone() }),
    );
    found
}

/// What a [`Scaler`](crate::Scaler) makes of columns that hardly vary, as warnings: first those it keeps. Cells that are not
/// finite are passed over.
pub fn narrow_columns(rows: MatRef<'_, f64>, names: &[String]) -> Vec<DataWarning> {
    narrow(rows.col_iter().map(variation), names)
}

/// The same of columns whose moments are known.
pub fn narrow_moments(columns: &[ColumnMoments], names: &[String]) -> Vec<DataWarning> {
    narrow(columns.iter().map(merged_variation), names)
}

fn narrow(columns: impl Iterator<Item = Variation>, names: &[String]) -> Vec<DataWarning> {
    let mut found = [(true, Vec::new(), 0.0), (false, Vec::new(), 0.0)];
    for (variation, name) in columns.zip(names) {
        let (into, share) = match variation {
            Variation::Varies { share, .. } if share <= NARROW => (0, share),
            Variation::Rounding { share } => (1, share),
            _ => continue,
        };
        found[into].1.push(name.clone());
        found[into].2 = share.max(found[into].2);
    }
    let told = found.into_iter().filter(|(_, columns, _)| !columns.is_empty());
    told.map(|(kept, columns, share)| DataWarning::NarrowColumns { columns, share, kept }).collect()
}

fn repeated_rows(data: &Dataset) -> Vec<DataWarning> {
    let (n, codes) = (data.n(), data.labels().codes());
    let groups = equal_rows(data);
    let mut found = Vec::new();
    let (mut rows, mut first, mut fitted) = (0, None, 0);
    for group in &groups {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for &row in group {
            *counts.entry(codes[row]).or_default() += 1;
        }
        fitted += counts.values().max().copied().unwrap_or(0);
        if let Some(&other) = group.iter().find(|&&row| codes[row] != codes[group[0]]) {
            rows += group.len();
            if first.is_none_or(|(_, row)| other < row) {
                first = Some((group[0], other));
            }
        }
    }
    if let Some(first) = first {
        found.push(DataWarning::ConflictingRows { rows, first, best_accuracy: fitted as f64 / n as f64 });
    }
    if groups.len() < n {
        found.push(DataWarning::DuplicateRows { distinct: groups.len(), n });
    }
    found
}

/// The rows grouped by equal features, in order of first appearance.
fn equal_rows(data: &Dataset) -> Vec<Vec<usize>> {
    let x = data.features();
    // hashed column by column, as the matrix lies in memory
    let mut hashers = vec![DefaultHasher::new(); data.n()];
    for column in 0..data.d() {
        for (row, hasher) in hashers.iter_mut().enumerate() {
            // 0.0 and −0.0 are equal but differ in their bits
            hasher.write_u64((x[(row, column)] + 0.0).to_bits());
        }
    }
    let equal = |a: usize, b: usize| (0..data.d()).all(|column| x[(a, column)] == x[(b, column)]);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
    for (row, hasher) in hashers.iter().enumerate() {
        let candidates = by_hash.entry(hasher.finish()).or_default();
        match candidates.iter().find(|&&group| equal(groups[group][0], row)) {
            Some(&group) => groups[group].push(row),
            None => {
                candidates.push(groups.len());
                groups.push(vec![row]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use faer::{Mat, mat};
    use hsic_rows::Labels;

    use super::*;

    fn dataset(features: Mat<f64>, codes: Vec<usize>, n_classes: usize) -> Dataset {
        let feature_names = (0..features.ncols()).map(|j| format!("f{j}")).collect();
        let class_names = (0..n_classes).map(|class| format!("c{class}")).collect();
        let labels = Labels::with_classes(codes, n_classes).unwrap();
        Dataset::new("toy", features, labels, feature_names, class_names).unwrap()
    }

    fn words(data: &Dataset) -> Vec<String> {
        data.warnings().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sound_set_has_no_warning() {
        assert_eq!(words(&dataset(mat![[0.0, 1.0], [1.0, 0.0]], vec![0, 1], 2)), [""; 0]);
    }

    #[test]
    fn constant_columns_are_named() {
        let one = dataset(mat![[0.1, 1.0], [0.1, 0.0], [0.1, 2.0]], vec![0, 1, 1], 2);
        assert_eq!(words(&one), ["column `f0` is constant and is dropped"]);
        let many = dataset(Mat::from_fn(2, 12, |i, j| if j == 3 { i as f64 } else { 5.0 }), vec![0, 1], 2);
        assert_eq!(
            words(&many),
            [
                "columns `f0`, `f1`, `f2`, `f4`, `f5`, `f6`, `f7`, `f8`, … (11 in all) are constant and are dropped"
            ]
        );
    }

    #[test]
    fn columns_that_hardly_vary_are_named_with_their_share() {
        let far = |i: usize, by: f64| 1e15 + by * (i % 2) as f64;
        let one = dataset(Mat::from_fn(4, 2, |i, j| [far(i, 1.0), i as f64][j]), vec![0, 1, 0, 1], 2);
        assert_eq!(
            words(&one),
            [
                "column `f0` varies by 5.0e-16 of its size: it is kept, and standardised as any other; leave out what is \
                 rounding"
            ]
        );
        let sums = [0.3, 0.1 + 0.2];
        let x = Mat::from_fn(4, 5, |i, j| {
            [far(i, 1.0), far(i, 100.0), sums[i % 2], 1.0 / sums[i % 2], i as f64][j]
        });
        assert_eq!(
            words(&dataset(x, vec![0, 1, 0, 1], 2)),
            [
                "columns `f0`, `f1` vary by at most 5.0e-14 of their size: they are kept, and standardised as any other; \
                 leave out what is rounding",
                "columns `f2`, `f3` vary by at most 9.3e-17 of their size: they are dropped as rounding; if the difference \
                 means something, subtract what the numbers have in common"
            ]
        );
    }

    #[test]
    fn conflicting_rows_bound_the_train_accuracy() {
        // rows 1, 3, 4 are equal (classes 0, 0, 1), rows 2 and 5 too (classes 1, 0; 0.0 equals −0.0)
        let x = mat![
            [9.0, 9.0],
            [1.0, 2.0],
            [0.0, 3.0],
            [1.0, 2.0],
            [1.0, 2.0],
            [-0.0, 3.0],
            [7.0, 7.0],
            [7.0, 7.0]
        ];
        let data = dataset(x, vec![0, 0, 1, 0, 1, 0, 1, 1], 2);
        assert_eq!(
            words(&data),
            [
                "5 rows have an equal row of another class, first rows 2 and 5 (from 1, without the header): no \
                 classifier can reach a train accuracy of 1.0 (at best 0.7500)",
                "only 4 of 8 rows are distinct: equal rows can fall into training and test folds alike, which \
                 flatters the test accuracy"
            ]
        );
        let expected = DataWarning::ConflictingRows { rows: 5, first: (1, 4), best_accuracy: 0.75 };
        assert_eq!(data.warnings()[0], expected);
    }

    #[test]
    fn empty_classes_are_named() {
        let data = dataset(mat![[0.0], [1.0]], vec![0, 2], 3);
        assert_eq!(words(&data), ["class `c1` has no row: it is never predicted"]);
    }

    #[test]
    fn one_number_has_one_spelling() {
        for same in [
            &["1", "01", "1.0", "1e0", "+1", "10e-1", "0.1E1"][..],
            &["0", "-0", "0.0", "0e5", "000"],
            &["-2.50", "-25e-1"],
            &["9007199254740993", "9007199254740993.0"],
        ] {
            let all: Vec<_> = same.iter().map(|text| decimal(text)).collect();
            assert!(all[0].is_some() && all.iter().all(|other| *other == all[0]), "{same:?}: {all:?}");
        }
        let numbers = ["1", "-1", "10", "0.1", "9007199254740992", "9007199254740993"].map(decimal);
        for (i, number) in numbers.iter().enumerate() {
            assert!(number.is_some() && !numbers[..i].contains(number), "{number:?}");
        }
        for text in ["", "one", "nan", "inf", "1e", ".", "1e999"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn classes_that_may_be_one_are_named() {
        let names = ["0", "0.0", "1", "Cat", "cat", "dog\u{a0}", "dog", "cow"].map(String::from);
        let found: Vec<String> =
            alike(&names, &[3, 1, 9, 1, 2, 1, 5, 4]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "the classes `Cat` (1 row), `cat` (2 rows) are one text but for blanks and case, and are taken as \
                 different; if they are one, write them alike",
                "the classes `dog\\u{a0}` (1 row), `dog` (5 rows) are one text but for blanks and case, and are taken as \
                 different; if they are one, write them alike",
                "the classes `0` (3 rows), `0.0` (1 row) are one number, and are taken as different; if they are one, write \
                 them alike",
            ]
        );
    }

    #[test]
    fn rounded_numbers_are_counted() {
        let mut seen = Rounding::default();
        for text in ["1", "9007199254740993", "18446744073709551615"] {
            seen.see(&Cell::Text(text));
        }
        assert_eq!(
            seen.warning("id").map(|warning| warning.to_string()).as_deref(),
            Some(
                "column `id`: 2 whole numbers are no 64-bit float and rounded, first 9007199254740993 to 9007199254740992; \
                 if these are names of things, take the column as text or leave it out"
            )
        );
        assert_eq!(Rounding::default().warning("id"), None);
    }
}
