//! Columns that alone nearly tell the class, in some of the rows.

use faer::MatRef;

use super::{FeatureKind, Schema};
use crate::DataWarning;

/// Rows that are asked at most, and their numbers.
const ASKED: usize = 4000;
const NUMBERS: usize = 1 << 22;

/// A column is spoken of that tells wrongly fewer than 1 in so many of the rows beyond the largest class. Of 52 tables of the literature
/// no column comes below 1 in 28 (docs/guide.md), so that what tells more is hardly a measurement.
const ONE_WRONG_IN: usize = 50;

/// Rows beyond the largest class from which on that is asked.
const FEW_ROWS: usize = 50;

/// Rows beyond the largest class for each value or range of a column, so that none is told by having many: with fewer than 1 row in 50
/// told wrongly, chance deals classes so with a probability below 2⁻³⁷.
const ROWS_A_VALUE: usize = 10;

/// Classes from which on ranges are not asked.
const MANY_CLASSES: usize = 16;

/// Encoded rows evenly spread over a table of any length: those whose number is a multiple of the least power of two that leaves so few.
#[derive(Debug, Clone)]
pub(crate) struct Spread {
    width: usize,
    most: usize,
    stride: usize,
    seen: usize,
    values: Vec<f64>,
    codes: Vec<usize>,
}

impl Spread {
    /// Of rows of so many numbers.
    pub(crate) fn new(width: usize) -> Self {
        let most = (NUMBERS / width.max(1)).clamp(1, ASKED);
        Self { width, most, stride: 1, seen: 0, values: Vec::new(), codes: Vec::new() }
    }

    /// Adds those among the next rows.
    pub(crate) fn see(&mut self, rows: MatRef<'_, f64>, codes: &[usize]) {
        let first = self.seen.next_multiple_of(self.stride) - self.seen;
        self.seen += codes.len();
        let mut row = first;
        while row < codes.len() {
            self.values.extend((0..self.width).map(|column| rows[(row, column)]));
            self.codes.push(codes[row]);
            row += self.stride;
            if self.codes.len() > self.most {
                self.halve();
                // of an even number of rows before it the next was to be left out
                row = (self.seen - codes.len() + row).next_multiple_of(self.stride) + codes.len() - self.seen;
            }
        }
    }

    fn halve(&mut self) {
        self.stride *= 2;
        let kept = self.codes.len().div_ceil(2);
        for row in 0..kept {
            self.codes[row] = self.codes[2 * row];
            self.values.copy_within(2 * row * self.width..(2 * row + 1) * self.width, row * self.width);
        }
        self.codes.truncate(kept);
        self.values.truncate(kept * self.width);
    }
}

/// The columns that alone nearly tell the class of some rows; those already `told` are passed over.
///
/// # Cost
/// Sorting up to 4000 values of every column, and 4000·c² steps a column for c ≤ 16 classes.
pub(crate) fn nearly_tells(schema: &Schema, rows: &Spread, told: &[DataWarning]) -> Vec<DataWarning> {
    let n = rows.codes.len();
    let mut counts = vec![0; schema.classes().len()];
    rows.codes.iter().for_each(|&code| counts[code] += 1);
    let beyond = n - counts.iter().max().copied().unwrap_or(0);
    if beyond < FEW_ROWS {
        return Vec::new();
    }
    let is_told = |name: &str| {
        told.iter().any(|told| matches!(told, DataWarning::TellsClass { column, .. } if column == name))
    };
    let (mut start, mut found) = (0, Vec::new());
    for feature in schema.features() {
        let (width, is_ordered) = (feature.kind.width(), !matches!(feature.kind, FeatureKind::OneHot { .. }));
        let value = |row: &[f64]| match &row[start..start + width] {
            // 0 and −0 are one number
            [number] if is_ordered => number + 0.0,
            categories => categories.iter().position(|&one| one == 1.0).unwrap_or(width) as f64,
        };
        let cells = rows.values.chunks_exact(rows.width.max(1)).map(value).zip(rows.codes.iter().copied());
        let mut cells: Vec<(f64, usize)> = cells.collect();
        start += width;
        if is_told(&feature.name) {
            continue;
        }
        cells.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let groups = groups(&cells, counts.len());
        let values = groups.len();
        let (right, values) = if ROWS_A_VALUE * values <= beyond {
            (groups.iter().filter_map(|group| group.iter().max()).sum(), Some(values))
        } else if is_ordered && counts.len() <= MANY_CLASSES && ROWS_A_VALUE * counts.len() <= beyond {
            (by_ranges(&groups), None)
        } else {
            continue;
        };
        if ONE_WRONG_IN * (n - right) < beyond {
            let column = feature.name.clone();
            found.push(DataWarning::NearlyTellsClass { column, n, right, beyond, values });
        }
    }
    found
}

/// Rows of every class with each value, by the value.
fn groups(cells: &[(f64, usize)], classes: usize) -> Vec<Vec<usize>> {
    let same = |a: &(f64, usize), b: &(f64, usize)| a.0.to_bits() == b.0.to_bits();
    let count = |group: &[(f64, usize)]| {
        let mut counts = vec![0; classes];
        group.iter().for_each(|&(_, class)| counts[class] += 1);
        counts
    };
    cells.chunk_by(same).map(count).collect()
}

/// The most rows that are told right by cutting successive values into as many ranges as there are classes, one class each.
fn by_ranges(groups: &[Vec<usize>]) -> usize {
    let classes = groups.first().map_or(0, Vec::len);
    // the most by so many ranges of which the last is of a class; and of any
    let mut of_class = vec![vec![0; classes]; classes];
    let mut of_any = vec![0; classes];
    for group in groups {
        let before = of_any.clone();
        for (ranges, of_class) in of_class.iter_mut().enumerate() {
            let fewer = if ranges == 0 { 0 } else { before[ranges - 1] };
            for (most, count) in of_class.iter_mut().zip(group) {
                *most = (*most).max(fewer) + count;
            }
            of_any[ranges] = of_class.iter().max().copied().unwrap_or(0);
        }
    }
    of_any.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::super::{Feature, NumberFormat};
    use super::*;

    fn told(kind: FeatureKind, n: usize, classes: usize, value: impl Fn(usize) -> f64) -> Vec<String> {
        let width = kind.width();
        let feature = Feature { name: "x".into(), kind: kind.clone(), format: NumberFormat::default() };
        let names = (0..classes).map(|class| format!("c{class}")).collect();
        let schema = Schema::new(vec![feature], "y".into(), names, vec![]).unwrap();
        let codes: Vec<usize> = (0..n).map(|i| i % classes).collect();
        let rows = Mat::from_fn(n, width, |i, k| match kind {
            FeatureKind::OneHot { .. } => f64::from(u8::from(value(i) == k as f64)),
            _ => value(i),
        });
        let mut spread = Spread::new(width);
        spread.see(rows.as_ref(), &codes);
        let found = nearly_tells(&schema, &spread, &[]);
        found.iter().map(ToString::to_string).collect()
    }

    fn categories(count: usize) -> FeatureKind {
        FeatureKind::OneHot { categories: (0..count).map(|k| format!("k{k}")).collect() }
    }

    /// A number in the range of its class, but for `wrong` rows.
    fn in_ranges(i: usize, classes: usize, wrong: usize) -> f64 {
        let class = if i < wrong { (i + 1) % classes } else { i % classes };
        class as f64 * 10.0 + (i as f64 * 0.37).sin()
    }

    #[test]
    fn a_column_that_nearly_tells_the_class_is_told_with_its_numbers() {
        let number = |wrong: usize| told(FeatureKind::Number, 200, 2, |i| in_ranges(i, 2, wrong));
        let expected = |right: usize| {
            format!(
                "column `x` alone tells the class of {right} of 200 rows, of which 100 are of the largest class, by ranges of its \
                 numbers, one a class; if it is not known before the class is, leave it out with `InferOptions::ignore`"
            )
        };
        assert_eq!(number(1), [expected(199)]);
        assert_eq!(number(0), [expected(200)]);
        assert_eq!(number(2), [""; 0]);
        let three = told(FeatureKind::Number, 300, 3, |i| in_ranges(i, 3, 3));
        assert!(
            three[0].starts_with("column `x` alone tells the class of 297 of 300 rows, of which 100 are"),
            "{three:?}"
        );
        let texts = told(categories(4), 200, 2, |i| if i == 7 { 0.0 } else { (i % 4) as f64 });
        assert!(texts[0].contains("of 199 of 200 rows, of which 100 are of the largest class, by the commonest class of each of its 4 values;"), "{texts:?}");
        // more rows than are asked: every second
        let many = told(FeatureKind::Number, 6001, 3, |i| in_ranges(i, 3, 40));
        assert!(many[0].starts_with("column `x` alone tells the class of 2981 of 3001 rows"), "{many:?}");
    }

    #[test]
    fn few_rows_and_many_values_tell_nothing() {
        assert_eq!(told(FeatureKind::Number, 98, 2, |i| in_ranges(i, 2, 0)), [""; 0]);
        assert_eq!(told(categories(60), 200, 2, |i| (i % 60) as f64), [""; 0]);
        assert_eq!(told(FeatureKind::Number, 400, 2, |i| (i * 7919 % 401) as f64), [""; 0]);
    }

    #[test]
    fn rows_are_spread_alike_however_they_come() {
        let n = 40_000;
        let rows = Mat::from_fn(n, 1, |i, _| i as f64);
        let codes: Vec<usize> = (0..n).collect();
        for (n, stride) in [(3999, 1), (4000, 1), (4001, 2), (8000, 2), (8001, 4), (40_000, 16)] {
            let expected: Vec<usize> = (0..n).step_by(stride).collect();
            for block in [1, 7, 2048, n] {
                let mut spread = Spread::new(1);
                for from in (0..n).step_by(block) {
                    let more = block.min(n - from);
                    spread.see(rows.as_ref().subrows(from, more), &codes[from..from + more]);
                }
                assert_eq!(spread.codes, expected, "{n} rows, {block} at a time");
                assert!(spread.values.iter().zip(&expected).all(|(&value, &row)| value == row as f64));
            }
        }
    }

    #[test]
    fn ranges_are_the_best_of_all_cuts() {
        let groups = [vec![3, 0], vec![1, 2], vec![0, 4], vec![2, 1]];
        let of = |range: &[Vec<usize>]| {
            (0..2).map(|class| range.iter().map(|group| group[class]).sum::<usize>()).max()
        };
        let best = (0..=4).map(|cut| of(&groups[..cut]).unwrap_or(0) + of(&groups[cut..]).unwrap_or(0)).max();
        assert_eq!(Some(by_ranges(&groups)), best);
    }
}
