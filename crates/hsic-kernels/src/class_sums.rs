//! Sums of a pair function over the rows of each class, from one walk.

use std::ops::Range;

use faer::{Mat, MatRef, Par};

use crate::simd::{Lanes, SimdPath, VectorOp};
pub use crate::spread::Moments;
use crate::spread::Spread;
use crate::tiles::{PairFunction, Points, Reducer, Source, TILE, Tile, reduce_symmetric};
use crate::{Labels, Real, Result};

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
    let empty = || (Mat::<f64>::zeros(points.n(), labels.n_classes()), Spread::default());
    let mut total: Vec<_> = functions.iter().map(|_| empty()).collect();
    for partial in reduce_symmetric(&sources, &reducer, par) {
        for ((sums, spread), partial) in total.iter_mut().zip(partial) {
            let mut into = sums.subrows_mut(partial.start, partial.sums.nrows());
            into += partial.sums;
            *spread = spread.merge(partial.spread);
        }
    }
    Ok(total.into_iter().map(|(sums, spread)| ClassSums { sums, moments: spread.moments() }).collect())
}

/// Reducer: sums over the rows of each class. Its tiles stay in the first-level cache, and one pass over them makes the sums of
/// rows, the sums of columns and the sum of squares.
struct ClassSumReducer<'a> {
    labels: &'a Labels,
    functions: usize,
    path: SimdPath,
}

struct FunctionSums {
    /// The first row that has sums.
    start: usize,
    sums: Mat<f64>,
    spread: Spread,
}

impl<T: Real> Reducer<T> for ClassSumReducer<'_> {
    type Partial = Vec<FunctionSums>;
    const COLUMNS: usize = STRIP;

    fn start(&self, rows: Range<usize>, columns: Range<usize>) -> Vec<FunctionSums> {
        let empty = || FunctionSums {
            start: rows.start,
            sums: Mat::zeros(columns.len(), self.labels.n_classes()),
            spread: Spread::default(),
        };
        (0..self.functions).map(|_| empty()).collect()
    }

    fn tile(&self, partial: &mut Vec<FunctionSums>, source: usize, tile: Tile<'_, T>) {
        let FunctionSums { start: first, sums, spread } = &mut partial[source];
        let shift = spread.shift_by(tile.values);
        let (height, codes) = (tile.rows.len(), self.labels.codes());
        let mut squares = T::ZERO;
        let mut from = 0;
        let columns = &codes[tile.columns.clone()];
        for column_run in columns.chunk_by(|a, b| a == b) {
            let mut rows = [T::ZERO; TILE];
            let mut start = 0;
            for row_run in codes[tile.rows.clone()].chunk_by(|a, b| a == b) {
                let strip = Strip {
                    values: &tile.values[from * height + start..],
                    stride: height,
                    rows: &mut rows[start..start + row_run.len()],
                    columns: column_run.len(),
                    shift,
                };
                let (column_sums, more) = T::run(self.path, strip);
                squares += more;
                spread.sum_of(&column_sums[..column_run.len()], tile.mirrored);
                if tile.mirrored {
                    let start = tile.columns.start + from - *first;
                    add(sums, start, row_run[0], &column_sums[..column_run.len()]);
                }
                start += row_run.len();
            }
            add(sums, tile.rows.start - *first, column_run[0], &rows[..height]);
            from += column_run.len();
        }
        spread.squares_of(squares, height * columns.len(), tile.mirrored);
    }
}

/// Adds to the sums of one class, from a row on.
fn add<T: Real>(sums: &mut Mat<f64>, start: usize, class: usize, more: &[T]) {
    let column =
        sums.col_mut(class).try_as_col_major_mut().expect("a matrix of its own has contiguous columns");
    for (sum, &more) in column.as_slice_mut()[start..].iter_mut().zip(more) {
        *sum += more.as_f64();
    }
}

/// Columns of the tiles that sums are made of.
pub(crate) const STRIP: usize = 8;

/// One pass over columns of a tile: adds them up by rows and by columns, and their squares about a shift.
struct Strip<'a, T> {
    /// From the first entry on.
    values: &'a [T],
    /// From one column to the next.
    stride: usize,
    /// Sums of rows, added to; says how many rows.
    rows: &'a mut [T],
    columns: usize,
    shift: T,
}

impl<T: Real> VectorOp<T> for Strip<'_, T> {
    /// Sums of columns, and the sum of squares.
    type Output = ([T; STRIP], T);
    #[inline(always)]
    fn call<S: Lanes<T>>(mut self, simd: S) -> ([T; STRIP], T) {
        let mut sums = [T::ZERO; STRIP];
        let mut squares = T::ZERO;
        if self.columns == STRIP {
            (sums, squares) = self.pass::<S, STRIP>(simd);
        } else {
            for j in 0..self.columns {
                let ([sum], square) = self.pass::<S, 1>(simd);
                sums[j] = sum;
                squares += square;
                self.values = &self.values[self.stride.min(self.values.len())..];
            }
        }
        (sums, squares)
    }
}

impl<T: Real> Strip<'_, T> {
    #[inline(always)]
    fn pass<S: Lanes<T>, const COLUMNS: usize>(&mut self, simd: S) -> ([T; COLUMNS], T) {
        let height = self.rows.len();
        assert!(self.values.len() >= (COLUMNS - 1) * self.stride + height);
        let whole = height / S::LANES * S::LANES;
        let zero = simd.splat(T::ZERO);
        let shift = simd.splat(self.shift);
        let mut sums = [zero; COLUMNS];
        let mut squares = [zero; 4];
        for at in (0..whole).step_by(S::LANES) {
            // SAFETY: a register at `at` lies within the rows, and in each column by the assertion
            unsafe {
                let into = self.rows.as_mut_ptr().add(at);
                let mut row = simd.load(into);
                for j in 0..COLUMNS {
                    let value = simd.load(self.values.as_ptr().add(j * self.stride + at));
                    row = simd.add(row, value);
                    sums[j] = simd.add(sums[j], value);
                    let off = simd.sub(value, shift);
                    squares[j % 4] = simd.mul_add(off, off, squares[j % 4]);
                }
                simd.store(into, row);
            }
        }
        let mut total =
            simd.sum(simd.add(simd.add(squares[0], squares[1]), simd.add(squares[2], squares[3])));
        let mut column_sums = [T::ZERO; COLUMNS];
        for j in 0..COLUMNS {
            column_sums[j] = simd.sum(sums[j]);
            for i in whole..height {
                let value = self.values[j * self.stride + i];
                self.rows[i] += value;
                column_sums[j] += value;
                total += (value - self.shift) * (value - self.shift);
            }
        }
        (column_sums, total)
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
