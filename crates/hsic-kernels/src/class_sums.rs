//! Sums of a pair function over the rows of each class, from one walk.

use std::ops::Range;

use faer::{Mat, MatRef, Par};

use crate::simd::{SimdOp, SimdPath, sum_lanes};
use crate::tiles::{PairFunction, Points, Reducer, Source, Tile, reduce_symmetric};
use crate::{Labels, Real, Result};

/// What one walk tells of a pair function f of n labelled rows.
#[derive(Debug, Clone)]
pub struct ClassSums {
    /// S[i, a] = Σ_{j in class a} f(x_i, x_j): n×c.
    pub sums: Mat<f64>,
    /// Number, mean and centred sum of squares of all n² values, i = j included.
    pub moments: Moments,
}

/// Number, mean and sum of squared deviations from the mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Σ (value − mean)².
    pub deviation: f64,
}

impl Moments {
    /// Joins the moments of two sets of values.
    ///
    /// # Source
    /// Chan, Golub, LeVeque (1979), Updating formulae and a pairwise algorithm for computing sample variances.
    pub fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        if count == 0.0 {
            return self;
        }
        let (difference, share) = (other.mean - self.mean, other.count / count);
        Self {
            count,
            mean: self.mean + difference * share,
            deviation: self.deviation + other.deviation + difference * difference * self.count * share,
        }
    }
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
/// n²/2 distances and n²/2 values a function; memory O(n·c) a function and group. Fastest where the rows stand in
/// order of class.
pub fn class_sums<T: Real>(
    points: &Points<'_, T>,
    labels: &Labels,
    functions: &[PairFunction],
    par: Par,
) -> Result<Vec<ClassSums>> {
    labels.check_rows("class_sums", (points.n(), points.d()))?;
    let sources: Vec<_> = functions.iter().map(|&function| Source { points, function }).collect();
    let reducer = ClassSumReducer { labels, functions: functions.len(), path: SimdPath::detect() };
    let mut partials = reduce_symmetric(&sources, &reducer, par).into_iter();
    let mut total = partials.next().unwrap_or_default();
    for partial in partials {
        for (total, partial) in total.iter_mut().zip(partial) {
            total.sums += partial.sums;
            total.moments = total.moments.merge(partial.moments);
        }
    }
    Ok(total)
}

struct ClassSumReducer<'a> {
    labels: &'a Labels,
    functions: usize,
    path: SimdPath,
}

impl<T: Real> Reducer<T> for ClassSumReducer<'_> {
    type Partial = Vec<ClassSums>;

    fn start(&self, rows: Range<usize>) -> Vec<ClassSums> {
        let empty = || ClassSums {
            sums: Mat::zeros(rows.len(), self.labels.n_classes()),
            moments: Moments::default(),
        };
        (0..self.functions).map(|_| empty()).collect()
    }

    fn tile(&self, partial: &mut Vec<ClassSums>, source: usize, tile: Tile<'_, T>) {
        let ClassSums { sums, moments } = &mut partial[source];
        let mut rows_of_class = vec![T::ZERO; tile.rows.len()];
        let (row_runs, column_runs) = (self.runs(tile.rows.clone()), self.runs(tile.columns.clone()));
        for (class, run) in column_runs {
            rows_of_class.fill(T::ZERO);
            for j in run {
                let height = tile.rows.len();
                let column = &tile.values[j * height..][..height];
                self.path.run(AddTo { into: &mut rows_of_class, from: column });
                if tile.mirrored {
                    for (class, run) in &row_runs {
                        sums[(tile.columns.start + j, *class)] +=
                            self.path.run(Sum(&column[run.clone()])).as_f64();
                    }
                }
            }
            for (i, &value) in tile.rows.clone().zip(&rows_of_class) {
                sums[(i, class)] += value.as_f64();
            }
        }
        let tile_moments = moments_of(self.path, tile.values);
        *moments = moments.merge(tile_moments);
        if tile.mirrored {
            *moments = moments.merge(tile_moments);
        }
    }
}

impl ClassSumReducer<'_> {
    /// Stretches of rows of one class, counted from the start of `rows`.
    fn runs(&self, rows: Range<usize>) -> Vec<(usize, Range<usize>)> {
        let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
        for (i, &class) in self.labels.codes()[rows].iter().enumerate() {
            match runs.last_mut() {
                Some((last, run)) if *last == class => run.end = i + 1,
                _ => runs.push((class, i..i + 1)),
            }
        }
        runs
    }
}

/// The moments of a tile, about its own mean: no cancellation where a kernel is all but constant.
pub(crate) fn moments_of<T: Real>(path: SimdPath, values: &[T]) -> Moments {
    let count = values.len() as f64;
    let mean = path.run(Sum(values)).as_f64() / count;
    let deviation = path.run(SquaredDeviations { values, mean: T::of(mean) }).as_f64();
    Moments { count, mean, deviation }
}

struct AddTo<'a, T> {
    into: &'a mut [T],
    from: &'a [T],
}

impl<T: Real> SimdOp for AddTo<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<const FMA: bool>(self) {
        for (into, &from) in self.into.iter_mut().zip(self.from) {
            *into += from;
        }
    }
}

struct Sum<'a, T>(&'a [T]);

impl<T: Real> SimdOp for Sum<'_, T> {
    type Output = T;
    #[inline(always)]
    fn call<const FMA: bool>(self) -> T {
        sum_lanes(self.0, |value| value)
    }
}

struct SquaredDeviations<'a, T> {
    values: &'a [T],
    mean: T,
}

impl<T: Real> SimdOp for SquaredDeviations<'_, T> {
    type Output = T;
    #[inline(always)]
    fn call<const FMA: bool>(self) -> T {
        sum_lanes(self.values, |value| (value - self.mean) * (value - self.mean))
    }
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
