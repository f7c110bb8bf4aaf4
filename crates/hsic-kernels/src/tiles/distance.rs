//! Squared distances of a tile.

use std::ops::Range;

use faer::{Accum, MatMut};

use super::Points;
use crate::Real;
use crate::linalg::matmul;
use crate::simd::{SimdOp, SimdPath};

/// A pair closer than this share of its squared norms is computed again from differences: a product cancels
/// there. So equal rows are at exactly 0 and the relative error of a squared distance stays below about
/// 4096 · eps · few.
const NEAR: f64 = 1.0 / 1024.0;

/// Fills `squared` (column by column, `rows.len()` a column) with ‖x_i − y_j‖² for i in `rows`, j in `columns`.
pub(super) fn squared_distances<T: Real>(
    path: SimdPath,
    x: &Points<'_, T>,
    rows: Range<usize>,
    y: &Points<'_, T>,
    columns: Range<usize>,
    squared: &mut [T],
) {
    let (height, width) = (rows.len(), columns.len());
    match (x.norms(), y.norms()) {
        (Some(x_norms), Some(y_norms)) => {
            matmul(
                MatMut::from_column_major_slice_mut(squared, height, width),
                Accum::Replace,
                x.packed().subrows(rows.start, height),
                y.packed().subrows(columns.start, width).transpose(),
                T::of(-2.0),
            );
            let mut x_slices = Vec::new();
            for (j, column) in columns.zip(squared.chunks_exact_mut(height)) {
                let x_norms = &x_norms[rows.clone()];
                if path.run(AddNorms { column, x_norms, y_norm: y_norms[j] }) {
                    if x_slices.is_empty() {
                        x_slices = slices(x, rows.clone());
                    }
                    recompute_near(path, &x_slices, x_norms, &slices(y, j..j + 1), y_norms[j], column);
                }
            }
        }
        _ => path.run(Differences { x: &slices(x, rows), y: &slices(y, columns), squared, height }),
    }
}

/// The rows `rows` of every feature.
fn slices<'p, T: Real>(points: &'p Points<'_, T>, rows: Range<usize>) -> Vec<&'p [T]> {
    points
        .packed()
        .col_iter()
        .map(|column| {
            &column.try_as_col_major().expect("a packed column is contiguous").as_slice()[rows.clone()]
        })
        .collect()
}

/// From −2⟨x,y⟩ to max(0, ‖x‖² + ‖y‖² − 2⟨x,y⟩) in one column; says whether any pair is near.
struct AddNorms<'a, T> {
    column: &'a mut [T],
    x_norms: &'a [T],
    y_norm: T,
}

impl<T: Real> SimdOp for AddNorms<'_, T> {
    type Output = bool;
    #[inline(always)]
    fn call<const FMA: bool>(self) -> bool {
        let near = T::of(NEAR);
        let mut lowest = [T::ONE; 16];
        let step = |value: &mut T, x_norm: T, lowest: &mut T| {
            let norms = x_norm + self.y_norm;
            let squared = *value + norms;
            *value = if squared > T::ZERO { squared } else { T::ZERO };
            let slack = squared - near * norms;
            *lowest = if slack < *lowest { slack } else { *lowest };
        };
        let mut values = self.column.chunks_exact_mut(16);
        let mut norms = self.x_norms.chunks_exact(16);
        for (values, norms) in (&mut values).zip(&mut norms) {
            for lane in 0..16 {
                step(&mut values[lane], norms[lane], &mut lowest[lane]);
            }
        }
        for (value, &norm) in values.into_remainder().iter_mut().zip(norms.remainder()) {
            step(value, norm, &mut lowest[0]);
        }
        lowest.iter().any(|&slack| slack <= T::ZERO)
    }
}

fn recompute_near<T: Real>(
    path: SimdPath,
    x: &[&[T]],
    x_norms: &[T],
    y: &[&[T]],
    y_norm: T,
    column: &mut [T],
) {
    let near = T::of(NEAR);
    let is_near = |value: T, x_norm: T| value <= near * (x_norm + y_norm);
    let height = column.len();
    let count = column.iter().zip(x_norms).filter(|&(&value, &x_norm)| is_near(value, x_norm)).count();
    if count * 8 > height {
        path.run(Differences { x, y, squared: column, height });
        return;
    }
    for (i, value) in column.iter_mut().enumerate() {
        if is_near(*value, x_norms[i]) {
            *value = x.iter().zip(y).fold(T::ZERO, |sum, (x, y)| sum + (x[i] - y[0]) * (x[i] - y[0]));
        }
    }
}

/// Sums of squared differences, four features at a time.
struct Differences<'a, T> {
    x: &'a [&'a [T]],
    y: &'a [&'a [T]],
    squared: &'a mut [T],
    height: usize,
}

impl<T: Real> SimdOp for Differences<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<const FMA: bool>(self) {
        let d = self.x.len();
        for (j, column) in self.squared.chunks_exact_mut(self.height).enumerate() {
            column.fill(T::ZERO);
            let mut k = 0;
            while k + 4 <= d {
                let (x0, x1, x2, x3) = (self.x[k], self.x[k + 1], self.x[k + 2], self.x[k + 3]);
                let (y0, y1, y2, y3) = (self.y[k][j], self.y[k + 1][j], self.y[k + 2][j], self.y[k + 3][j]);
                for ((((value, &x0), &x1), &x2), &x3) in column.iter_mut().zip(x0).zip(x1).zip(x2).zip(x3) {
                    let (a, b, c, e) = (x0 - y0, x1 - y1, x2 - y2, x3 - y3);
                    let sum = a.multiply_add::<FMA>(a, b.multiply_add::<FMA>(b, *value));
                    *value = c.multiply_add::<FMA>(c, e.multiply_add::<FMA>(e, sum));
                }
                k += 4;
            }
            while k < d {
                let y = self.y[k][j];
                for (value, &x) in column.iter_mut().zip(self.x[k]) {
                    let difference = x - y;
                    *value = difference.multiply_add::<FMA>(difference, *value);
                }
                k += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;

    /// Rows in two tight groups far apart, one pair of them equal.
    fn rows(n: usize, d: usize) -> Mat<f64> {
        let row = |i: usize| if i == 7 { 5 } else { i };
        Mat::from_fn(n, d, |i, k| {
            let (i, k) = (row(i) as f64, k as f64);
            (if i < 20.0 { 100.0 } else { -50.0 }) + (i * 1.7 + k * 0.3).sin()
        })
    }

    #[test]
    fn every_path_and_both_forms_agree_with_the_definition() {
        for d in [1, 3, 4, 11, 12, 13, 50] {
            let x = rows(37, d);
            let points = Points::new(x.as_ref()).unwrap();
            for path in SimdPath::available() {
                let (rows, columns) = (3..30, 2..37);
                let mut squared = vec![0.0; rows.len() * columns.len()];
                squared_distances(path, &points, rows.clone(), &points, columns.clone(), &mut squared);
                for (j, column) in columns.clone().zip(squared.chunks_exact(rows.len())) {
                    for (i, &got) in rows.clone().zip(column) {
                        let exact: f64 = (0..d).map(|k| (x[(i, k)] - x[(j, k)]).powi(2)).sum();
                        assert!((got - exact).abs() <= 1e-10 * exact, "{path:?}, d {d}: {got} for {exact}");
                    }
                }
            }
        }
    }
}
