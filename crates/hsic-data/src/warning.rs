//! What is odd about a data set, in words, with its consequence.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use crate::scaler::moments;
use crate::text::first_few;
use crate::{Dataset, text};

/// Something a user should know about a data set before fitting. `Display` says it in words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DataWarning {
    /// Columns that do not vary, by the rule of [`Scaler`](crate::Scaler).
    ConstantColumns {
        /// Their names.
        columns: Vec<String>,
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
    /// A class without a row.
    EmptyClass {
        /// Its name.
        class: String,
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
            Self::EmptyClass { class } => {
                write!(f, "class `{class}` has no row: it is never predicted")
            }
        }
    }
}

pub(crate) fn warnings(data: &Dataset) -> Vec<DataWarning> {
    let mut found = Vec::new();
    let constant = |&column: &usize| moments(data.features(), column).is_none();
    let columns: Vec<String> =
        (0..data.d()).filter(constant).map(|column| data.feature_names()[column].clone()).collect();
    if !columns.is_empty() {
        found.push(DataWarning::ConstantColumns { columns });
    }
    found.extend(repeated_rows(data));
    let classes = data.class_names().iter().zip(data.labels().counts());
    found.extend(
        classes
            .filter(|&(_, &count)| count == 0)
            .map(|(class, _)| DataWarning::EmptyClass { class: class.clone() }),
    );
    found
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
    use hsic_kernels::Labels;

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
}
