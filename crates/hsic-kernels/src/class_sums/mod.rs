//! Sums of a pair function over the rows of each class, from one walk.

mod sink;

use faer::{Mat, MatRef, Par};

pub(crate) use self::sink::ClassSink;
use self::sink::{ClassSinks, FunctionSums};
pub use crate::spread::Moments;
use crate::spread::Spread;
use crate::tiles::{Evaluate, PairFunction, PairSource, Points, fold_walk_symmetric};
use crate::{Labels, Real, Result};

/// Rows whose pairs tell what values are typical.
const TYPICAL_ROWS: usize = 16;

/// Where K − 1 is typically below −1/8, its sums are made of K, which is cheaper: an error of eps in K is one of 8 eps there.
const PLAIN: f64 = 0.125;

/// What one walk tells of a pair function f of n labelled rows.
#[derive(Debug, Clone)]
pub struct ClassSums {
    /// S[i, a] = Σ_{j in class a} f(x_i, x_j): n×c.
    pub sums: Mat<f64>,
    /// Number, mean and centred sum of squares of all n² values, i = j included.
    pub moments: Moments,
}

impl ClassSums {
    /// B[a, b] = Σ_{i in a, j in b} f(x_i, x_j): c×c.
    pub fn blocks(&self, labels: &Labels) -> Mat<f64> {
        let c = self.sums.ncols();
        let mut blocks = Mat::zeros(c, c);
        for b in 0..c {
            for (i, &a) in labels.codes().iter().enumerate() {
                blocks[(a, b)] += self.sums[(i, b)];
            }
        }
        blocks
    }

    /// Σ_j f(x_i, x_j) of every row i.
    pub fn row_sums(&self) -> Vec<f64> {
        (0..self.sums.nrows()).map(|i| (0..self.sums.ncols()).map(|a| self.sums[(i, a)]).sum()).collect()
    }
}

/// The class sums of several functions of the same rows, from one distance tile each.
///
/// # Shapes
/// `points` n×d, `labels` n; one [`ClassSums`] a function.
///
/// # Errors
/// [`crate::Error::Shape`] where `labels` has another number of rows.
///
/// # Cost
/// n²/2 distances and n²/2 values a function; memory O(n·c) a function, about twice for each thread. Fastest where the rows stand in
/// order of class.
pub fn class_sums<T: Real>(
    points: &Points<'_, T>,
    labels: &Labels,
    functions: &[PairFunction],
    par: Par,
) -> Result<Vec<ClassSums>> {
    labels.check_rows("class_sums", (points.n(), points.d()))?;
    let (n, sorted) = (points.n(), labels.is_class_sorted());
    let (functions, spreads): (Vec<_>, Vec<_>) = functions
        .iter()
        .map(|&function| match (function, typical(points, function)) {
            (PairFunction::KernelMinusOne(sigma), mean) if mean < -PLAIN => {
                ((PairFunction::Kernel(sigma), 1.0), Spread::about::<T>(mean + 1.0))
            }
            (_, mean) => ((function, 0.0), Spread::about::<T>(mean)),
        })
        .unzip();
    let sources: Vec<_> = functions.iter().map(|&(function, _)| PairSource { points, function }).collect();
    let empty = |start: usize| -> Vec<FunctionSums> {
        let sums = || Mat::zeros(n - start, labels.n_classes());
        spreads.iter().map(|&spread| FunctionSums { start, sums: sums(), spread }).collect()
    };
    let visitor = |rows: std::ops::Range<usize>| {
        Evaluate::new(&sources, &sources, ClassSinks::new(labels, sorted, empty(rows.start)))
    };
    let mut total = empty(0);
    fold_walk_symmetric(n, par, visitor, |group: Vec<FunctionSums>| {
        for (total, partial) in total.iter_mut().zip(group) {
            let mut into = total.sums.subrows_mut(partial.start, partial.sums.nrows());
            into += partial.sums;
            total.spread = total.spread.merge(partial.spread);
        }
    });
    let less = |(FunctionSums { mut sums, spread, .. }, (_, one)): (FunctionSums, (_, f64))| {
        for (column, &count) in sums.col_iter_mut().zip(labels.counts()) {
            column.iter_mut().for_each(|sum| *sum -= one * count as f64);
        }
        ClassSums { sums, moments: spread.less(one).moments() }
    };
    Ok(total.into_iter().zip(functions).map(less).collect())
}

/// The mean of a function over some pairs of different rows: as good a shift as any between its extremes.
fn typical<T: Real>(points: &Points<'_, T>, function: PairFunction) -> f64 {
    let n = points.n();
    let rows: Vec<usize> = (0..n).step_by(n.div_ceil(TYPICAL_ROWS)).collect();
    let mut sum = 0.0;
    for (count, &i) in rows.iter().enumerate() {
        for &j in &rows[..count] {
            sum += function.of_squared(points.squared_distance(i, j));
        }
    }
    sum / (rows.len() * (rows.len() - 1) / 2).max(1) as f64
}

/// k(x_new, x) Y for other rows: the class sums of new rows against stored ones, n_new×c.
///
/// # Errors
/// [`crate::Error::Shape`] where the numbers of features or of labels differ.
///
/// # Cost
/// n_new·n kernel values.
pub fn cross_class_sums<T: Real>(
    x_new: MatRef<'_, T>,
    points: &Points<'_, T>,
    labels: &Labels,
    sigma: crate::Bandwidth,
    par: Par,
) -> Result<Mat<T>> {
    labels.check_rows("cross_class_sums", (points.n(), points.d()))?;
    let one_hot =
        Mat::from_fn(
            labels.len(),
            labels.n_classes(),
            |i, a| {
                if labels.codes()[i] == a { T::ONE } else { T::ZERO }
            },
        );
    crate::gaussian::cross_product(x_new, points, sigma, one_hot.as_ref(), par)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bandwidth;
    use crate::random::stream;
    use crate::simd::SimdPath;
    use rand::RngExt as _;
    use rand_distr::StandardNormal;

    /// Sums of 331² values in another order, and the error of one value.
    fn tolerance<T: Real>() -> f64 {
        1e3 * T::EPSILON.as_f64()
    }

    /// Large classes, one of a single row, and tiny ones next to each other; a block of equal rows.
    fn sample<T: Real>(d: usize, in_order: bool) -> (Mat<T>, Labels) {
        let mut rng = stream(3, 97, d as u32);
        let mut codes: Vec<usize> = (0..331)
            .map(|i| match i {
                0..150 => 0,
                150..280 => 1,
                280 => 2,
                _ => 3 + (i - 281) / 5,
            })
            .collect();
        if !in_order {
            codes.sort_by_key(|code| (code * 7919 + 13) % 101);
            codes.rotate_left(77);
        }
        let mut x = Mat::from_fn(331, d, |_, _| T::of(rng.sample(StandardNormal)));
        for i in 40..60 {
            for k in 0..d {
                x[(i, k)] = x[(40, k)];
            }
        }
        (x, Labels::new(codes).unwrap())
    }

    fn every_path_agrees_with_the_definition<T: Real>() {
        for (d, in_order) in [(3, true), (3, false), (16, true), (16, false)] {
            let (x, labels) = sample::<T>(d, in_order);
            let n = labels.len();
            let narrow = Bandwidth::new(1.5).unwrap();
            // K is nearly constant: K − 1 is not made of it
            let wide = Bandwidth::new(1e4).unwrap();
            let functions = [
                PairFunction::KernelMinusOne(narrow),
                PairFunction::KernelMinusOne(wide),
                PairFunction::Distance,
            ];
            for path in SimdPath::available() {
                let points = Points::on_path(x.as_ref(), path);
                let together = class_sums(&points, &labels, &functions, Par::Seq).unwrap();
                for (function, together) in functions.into_iter().zip(together) {
                    let alone =
                        class_sums(&points, &labels, &[function], crate::all_threads()).unwrap().remove(0);
                    let value =
                        |i: usize, j: usize| -> f64 { function.of_squared(points.squared_distance(i, j)) };
                    let mut sums = Mat::<f64>::zeros(n, labels.n_classes());
                    let mut total = 0.0;
                    for i in 0..n {
                        for (j, &class) in labels.codes().iter().enumerate() {
                            sums[(i, class)] += value(i, j);
                            total += value(i, j);
                        }
                    }
                    let mean = total / (n * n) as f64;
                    let deviation: f64 = (0..n * n).map(|at| (value(at / n, at % n) - mean).powi(2)).sum();
                    for got in [alone, together] {
                        let error = (&got.sums - &sums).norm_l2() / sums.norm_l2();
                        assert!(error < tolerance::<T>(), "{path:?}, d {d}, {function:?}: {error}");
                        let Moments { count, mean: got_mean, deviation: got_deviation } = got.moments;
                        assert_eq!(count, (n * n) as f64);
                        assert!((got_mean / mean - 1.0).abs() < tolerance::<T>(), "{path:?}, {function:?}");
                        let error = got_deviation / deviation - 1.0;
                        assert!(error.abs() < tolerance::<T>(), "{path:?}, d {d}, {function:?}: {error}");
                    }
                }
            }
        }
    }

    #[test]
    fn doubles_agree_with_the_definition() {
        every_path_agrees_with_the_definition::<f64>();
    }

    #[test]
    fn floats_agree_with_the_definition() {
        every_path_agrees_with_the_definition::<f32>();
    }
}
