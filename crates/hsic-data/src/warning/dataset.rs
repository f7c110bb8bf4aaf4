//! What is odd about all rows: columns that hardly vary, rows that are equal, classes without one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use faer::MatRef;
use hsic_rows::BLOCK_ROWS;
use hsic_rows::columns::ColumnMoments;
use rayon::prelude::*;

use super::DataWarning;
use crate::Dataset;
use crate::scaler::{NARROW, Variation, merged_variation, variations};

pub(crate) fn warnings(data: &Dataset) -> Vec<DataWarning> {
    let mut found = Vec::new();
    let variations = variations(data.features());
    let named = variations.iter().zip(data.feature_names());
    let constant = named.filter(|(variation, _)| **variation == Variation::Constant);
    let columns: Vec<String> = constant.map(|(_, name)| name.clone()).collect();
    if !columns.is_empty() {
        found.push(DataWarning::ConstantColumns { columns });
    }
    found.extend(narrow(variations.into_iter(), data.feature_names()));
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
    narrow(variations(rows).into_iter(), names)
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
    let mut found = Vec::new();
    let (mut rows, mut first, mut fitted, mut distinct) = (0, None, n, n);
    for group in equal_rows(data) {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for &row in &group {
            *counts.entry(codes[row]).or_default() += 1;
        }
        fitted -= group.len() - counts.values().max().copied().unwrap_or(0);
        distinct -= group.len() - 1;
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
    if distinct < n {
        found.push(DataWarning::DuplicateRows { distinct, n });
    }
    found
}

/// The groups of two rows and more that have equal features, each in the order of the table.
fn equal_rows(data: &Dataset) -> Vec<Vec<usize>> {
    let (x, n) = (data.features(), data.n());
    let hashes = |block: usize| {
        let start = block * BLOCK_ROWS;
        let mut hashers = vec![DefaultHasher::new(); BLOCK_ROWS.min(n - start)];
        // column by column, as the matrix lies in memory
        for column in 0..data.d() {
            for (i, hasher) in hashers.iter_mut().enumerate() {
                // 0.0 and −0.0 are equal but differ in their bits
                hasher.write_u64((x[(start + i, column)] + 0.0).to_bits());
            }
        }
        hashers.into_iter().enumerate().map(move |(i, hasher)| (hasher.finish(), start + i))
    };
    let mut rows: Vec<(u64, usize)> =
        (0..n.div_ceil(BLOCK_ROWS)).into_par_iter().flat_map_iter(hashes).collect();
    rows.par_sort_unstable();
    let equal = |a: usize, b: usize| (0..data.d()).all(|column| x[(a, column)] == x[(b, column)]);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for alike in rows.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        let start = groups.len();
        for &(_, row) in alike {
            match groups[start..].iter_mut().find(|group| equal(group[0], row)) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
    }
    groups.retain(|group| group.len() > 1);
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
}
