//! What the rows of a table say of its columns: those that give the class away, repeat another, or hardly say anything.

use std::collections::HashMap;

use super::{FeatureKind, Schema};
use crate::DataWarning;

/// A column of more values than this is not asked whether each goes with one class.
const MOST_VALUES: usize = 1000;

/// A column that tells the class is spoken of where chance would make one of the table's columns do so with less than this
/// probability.
const CHANCE: f64 = 1e-6;

/// Rows from which on a column that is constant but for one row is spoken of.
const FEW_ROWS: usize = 10;

/// What was seen of every feature; that of successive rows can be merged.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    counts: Vec<usize>,
    features: Vec<OfFeature>,
}

#[derive(Debug, Clone)]
struct OfFeature {
    /// The lowest and highest number of every class; none of categories.
    ranges: Vec<(f64, f64)>,
    /// The class of every value, and its rows; `None` once a value has two classes, or there are too many.
    class_of: Option<HashMap<u64, (usize, usize)>>,
    /// A sum that hardly two columns have in common: Σᵢ hᵢ Pⁿ⁻ⁱ.
    sum: u64,
    /// The first two values with their rows, and whether there are more.
    two: [Option<(u64, usize)>; 2],
    more: bool,
}

/// An odd number; powers of it run through many values.
const P: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(key: u64) -> u64 {
    let key = (key ^ (key >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    key ^ (key >> 32)
}

/// One for all numbers that are equal, and one for a missing value.
fn key_of(value: f64) -> u64 {
    if value.is_nan() { u64::MAX } else { (value + 0.0).to_bits() }
}

impl Evidence {
    /// What encoded rows say, by their numbers and their classes. What earlier rows have settled is not asked again.
    pub(crate) fn of(
        schema: &Schema,
        value: impl Fn(usize, usize) -> f64,
        codes: &[usize],
        earlier: Option<&Self>,
    ) -> Self {
        let classes = schema.classes().len();
        let mut counts = vec![0; classes];
        codes.iter().for_each(|&code| counts[code] += 1);
        let mut column = 0;
        let of = |(feature, kind): (usize, &FeatureKind)| {
            let (start, width) = (column, kind.width());
            column += width;
            let is_categories = matches!(kind, FeatureKind::OneHot { .. });
            let mut seen = OfFeature::new(if is_categories { 0 } else { classes });
            if let Some(earlier) = earlier.map(|earlier| &earlier.features[feature]) {
                seen.more = earlier.more;
                seen.class_of = seen.class_of.filter(|_| earlier.class_of.is_some());
            }
            for (row, &code) in codes.iter().enumerate() {
                let first = value(row, start);
                if !is_categories {
                    seen.range(first, code);
                    seen.see(key_of(first), code);
                } else if first.is_nan() {
                    seen.see(u64::MAX, code);
                } else {
                    let one = (0..width).find(|&k| value(row, start + k) == 1.0);
                    seen.see(one.unwrap_or(width) as u64, code);
                }
            }
            seen
        };
        let features = schema.features().iter().map(|feature| &feature.kind).enumerate().map(of).collect();
        Self { counts, features }
    }

    /// With what later rows say.
    pub(crate) fn merge(&mut self, later: Self) {
        let rows: usize = later.counts.iter().sum();
        let shift = P.wrapping_pow(rows as u32);
        for (feature, other) in self.features.iter_mut().zip(later.features) {
            feature.merge(other, shift);
        }
        self.counts.iter_mut().zip(later.counts).for_each(|(count, other)| *count += other);
    }

    /// What is to be said of the columns.
    pub(crate) fn warnings(&self, schema: &Schema) -> Vec<DataWarning> {
        let n: usize = self.counts.iter().sum();
        let name = |feature: usize| schema.features()[feature].name.clone();
        let mut found = Vec::new();
        for (j, feature) in self.features.iter().enumerate() {
            found.extend(self.tells(feature, name(j), schema));
            if let [Some((_, first)), Some((_, second))] = feature.two
                && !feature.more
                && n >= FEW_ROWS
                && first.min(second) == 1
            {
                found.push(DataWarning::OneOddRow { column: name(j) });
            }
        }
        let mut groups: HashMap<u64, Vec<usize>> = HashMap::new();
        for (j, feature) in self.features.iter().enumerate().filter(|(_, feature)| feature.two[1].is_some()) {
            groups.entry(feature.sum).or_default().push(j);
        }
        let mut equal: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
        equal.sort_unstable();
        let equal = equal.into_iter().map(|group| group.into_iter().map(name).collect());
        found.extend(equal.map(|columns| DataWarning::EqualColumns { columns }));
        found
    }

    /// Whether a feature alone tells the class, and chance would hardly make it.
    fn tells(&self, feature: &OfFeature, column: String, schema: &Schema) -> Option<DataWarning> {
        let n: usize = self.counts.iter().sum();
        let most = (CHANCE / self.features.len() as f64).ln();
        let present = |class: &usize| self.counts[*class] > 0;
        if let Some(class_of) = &feature.class_of {
            // P(every value has one class) where classes are dealt without regard to it: Πⱼ Σ_c p_c^mⱼ
            let share = |&count: &usize| count as f64 / n as f64;
            let of_value = |&(_, rows): &(usize, usize)| {
                self.counts.iter().map(|count| share(count).powi(rows as i32)).sum::<f64>().ln()
            };
            if class_of.values().map(of_value).sum::<f64>() < most {
                let values = class_of.len();
                let classes = self.counts.iter().filter(|&&count| count > 0).count();
                let renames = (values == classes).then(|| schema.label().to_owned());
                return Some(DataWarning::TellsClass { column, n, values: Some(values), renames });
            }
        }
        // P(the ranges of c classes do not overlap) where they are dealt so: c! Π n_c! / n!
        let chance = ln_factorial(self.counts.iter().filter(|&&count| count > 0).count())
            + self.counts.iter().map(|&count| ln_factorial(count)).sum::<f64>()
            - ln_factorial(n);
        let mut ranges: Vec<(f64, f64)> =
            (0..feature.ranges.len()).filter(present).map(|class| feature.ranges[class]).collect();
        ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
        let known = ranges.iter().all(|(low, high)| low <= high);
        let apart = ranges.windows(2).all(|pair| pair[0].1 < pair[1].0);
        (ranges.len() > 1 && known && apart && chance < most).then_some(DataWarning::TellsClass {
            column,
            n,
            values: None,
            renames: None,
        })
    }
}

impl OfFeature {
    fn new(classes: usize) -> Self {
        Self {
            ranges: vec![(f64::INFINITY, f64::NEG_INFINITY); classes],
            class_of: Some(HashMap::new()),
            sum: 0,
            two: [None; 2],
            more: false,
        }
    }

    fn range(&mut self, value: f64, class: usize) {
        let range = &mut self.ranges[class];
        *range = (range.0.min(value), range.1.max(value));
    }

    fn see(&mut self, key: u64, class: usize) {
        self.sum = self.sum.wrapping_mul(P).wrapping_add(mixed(key));
        self.count(key, 1);
        self.classify(key, class, 1);
    }

    fn count(&mut self, key: u64, rows: usize) {
        if self.more {
            return;
        }
        for slot in &mut self.two {
            match slot {
                Some((of, count)) if *of == key => {
                    *count += rows;
                    return;
                }
                Some(_) => {}
                None => {
                    *slot = Some((key, rows));
                    return;
                }
            }
        }
        self.more = true;
    }

    fn classify(&mut self, key: u64, class: usize, rows: usize) {
        let Some(class_of) = &mut self.class_of else { return };
        let (of, count) = class_of.entry(key).or_insert((class, 0));
        *count += rows;
        if *of != class || class_of.len() > MOST_VALUES {
            self.class_of = None;
        }
    }

    fn merge(&mut self, later: Self, shift: u64) {
        for (range, other) in self.ranges.iter_mut().zip(later.ranges) {
            *range = (range.0.min(other.0), range.1.max(other.1));
        }
        self.sum = self.sum.wrapping_mul(shift).wrapping_add(later.sum);
        later.two.into_iter().flatten().for_each(|(key, count)| self.count(key, count));
        self.more |= later.more;
        match later.class_of {
            Some(classes) => {
                classes.into_iter().for_each(|(key, (class, rows))| self.classify(key, class, rows));
            }
            None => self.class_of = None,
        }
    }
}

/// ln n!, by Stirling's series where n is large.
fn ln_factorial(n: usize) -> f64 {
    if n < 32 {
        return (1..=n).map(|i| (i as f64).ln()).sum();
    }
    let n = n as f64;
    n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + 1.0 / (12.0 * n)
}

#[cfg(test)]
mod tests {
    use super::super::{Feature, NumberFormat};
    use super::*;

    fn schema(d: usize) -> Schema {
        let feature =
            |j| Feature { name: format!("x{j}"), kind: FeatureKind::Number, format: NumberFormat::default() };
        Schema::new((0..d).map(feature).collect(), "y".into(), vec!["no".into(), "yes".into()], vec![])
            .unwrap()
    }

    #[test]
    fn blocks_say_what_all_rows_say() {
        // x0 is the class, x1 in ranges, x2 equals x4, x3 constant but for one row, x5 nothing
        let value = |i: usize, j: usize| match j {
            0 => (i % 2) as f64,
            1 => (i % 2) as f64 * 10.0 + (i as f64 * 0.1).sin(),
            2 | 4 => (i as f64).sqrt(),
            3 => f64::from(u8::from(i == 37)),
            _ => ((i * 31 + 7) % 101) as f64,
        };
        let (schema, codes) = (schema(6), (0..120).map(|i| i % 2).collect::<Vec<_>>());
        let whole = Evidence::of(&schema, value, &codes, None);
        let words: Vec<String> = whole.warnings(&schema).iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "column `x0` is the label `y` by other names: each of its 2 values goes with one class, in all 120 rows; if it \
                 is not known before the class is, leave it out with `InferOptions::ignore`",
                "column `x1` alone tells the class: the ranges of its numbers in the classes do not overlap, in all 120 rows; if \
                 it is not known before the class is, leave it out with `InferOptions::ignore`",
                "column `x3` is constant but for one row",
                "columns `x2`, `x4` are equal in every row; leave out all but one with `InferOptions::ignore`",
            ]
        );
        for cut in [1, 50, 119] {
            let first = Evidence::of(&schema, value, &codes[..cut], None);
            for earlier in [None, Some(&first)] {
                let mut parts = first.clone();
                parts.merge(Evidence::of(&schema, |i, j| value(i + cut, j), &codes[cut..], earlier));
                assert_eq!(parts.warnings(&schema), whole.warnings(&schema), "{cut}");
            }
        }
        // in 8 rows chance does so often enough
        assert_eq!(Evidence::of(&schema, value, &codes[..8], None).warnings(&schema).len(), 1);
    }

    #[test]
    fn factorials_are_those_of_the_product() {
        for n in [0, 1, 5, 31, 32, 40, 100] {
            let product: f64 = (1..=n).map(|i| (i as f64).ln()).sum();
            assert!((ln_factorial(n) - product).abs() < 1e-6, "{n}");
        }
    }
}
