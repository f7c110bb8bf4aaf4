//! The Laplacian of the kernel weighted by labels: its product with a matrix, and its quadratic form.

use std::ops::Range;

use faer::{Accum, Mat, MatRef, Par};

use super::product::check_factor;
use crate::linalg::matmul;
use crate::simd::{Lanes, SimdPath, VectorOp};
use crate::tiles::{PairFunction, PairSource, Points, Reducer, Tile, fold_symmetric};
use crate::{Bandwidth, CenteredLabelGram, Labels, Real, Result};

/// Vᵀ(Γ̂ − Diag(Γ̂1))V with Γ̂ = Γ ⊙ K, the kernel weighted by the centred label Gram: p×p, exactly symmetric.
///
/// With U the part of Γ̂ above the diagonal and half of what is on it, Γ̂ = U + Uᵀ: half of the products will do.
///
/// # Shapes
/// `points` n×q, `labels` n, `v` n×p.
///
/// # Errors
/// [`crate::Error::Shape`] where `v` or `labels` has another number of rows, [`crate::Error::NonFinite`].
///
/// # Cost
/// n²(q + exp)/2 + n²p + 2np² flops; memory O(n·p), about twice for each thread. Fastest where the rows stand in order of
/// class.
pub fn weighted_laplacian_form<T: Real>(
    points: &Points<'_, T>,
    sigma: Bandwidth,
    labels: &Labels,
    label_gram: &CenteredLabelGram,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    let weighted = Weighted { v, labels, label_gram, half: true, path: SimdPath::detect() };
    // Vᵀ(U − Diag/2)V, whose sum with its transpose is the form
    let product = laplacian_product("weighted_laplacian_form", points, sigma, weighted, par)?;
    let p = v.ncols();
    let mut form = Mat::zeros(p, p);
    matmul(form.as_mut(), Accum::Replace, v.transpose(), product.as_ref(), T::ONE);
    Ok(Mat::from_fn(p, p, |i, j| form[(i, j)] + form[(j, i)]))
}

/// (Γ̂ − Diag(Γ̂1))V with Γ̂ = Γ ⊙ K, n×q: what [`weighted_laplacian_form`] takes the form of, for a narrow V.
///
/// # Shapes
/// `points` n×d, `labels` n, `v` n×q.
///
/// # Errors
/// As [`weighted_laplacian_form`].
///
/// # Cost
/// n²(d + exp)/2 + 2n²q flops; memory O(n·q), about twice for each thread. Fastest where the rows stand in order of class.
pub fn weighted_laplacian_product<T: Real>(
    points: &Points<'_, T>,
    sigma: Bandwidth,
    labels: &Labels,
    label_gram: &CenteredLabelGram,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    let weighted = Weighted { v, labels, label_gram, half: false, path: SimdPath::detect() };
    laplacian_product("weighted_laplacian_product", points, sigma, weighted, par)
}

/// (Γ̂ − Diag(Γ̂1))V, or (U − ½Diag(Γ̂1))V.
fn laplacian_product<T: Real>(
    operation: &'static str,
    points: &Points<'_, T>,
    sigma: Bandwidth,
    reducer: Weighted<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    reducer.labels.check_rows(operation, (points.n(), points.d()))?;
    check_factor(operation, points.n(), reducer.v)?;
    let source = [PairSource { points, function: PairFunction::Kernel(sigma) }];
    let (n, p) = reducer.v.shape();
    let (mut product, mut row_sums) = (Mat::<T>::zeros(n, p), vec![T::ZERO; n]);
    fold_symmetric(&source, &reducer, par, |partial| {
        let mut into = product.subrows_mut(partial.start, partial.product.nrows());
        into += partial.product;
        for (sum, more) in row_sums[partial.start..].iter_mut().zip(partial.row_sums) {
            *sum += more;
        }
    });
    let share = T::of(if reducer.half { 0.5 } else { 1.0 });
    for k in 0..p {
        for (i, &sum) in row_sums.iter().enumerate() {
            product[(i, k)] -= share * sum * reducer.v[(i, k)];
        }
    }
    Ok(product)
}

/// Reducer: Γ̂V or UV, and the row sums of Γ̂.
struct Weighted<'a, T> {
    v: MatRef<'a, T>,
    labels: &'a Labels,
    label_gram: &'a CenteredLabelGram,
    /// U in place of Γ̂.
    half: bool,
    path: SimdPath,
}

/// Rows from `start` on.
struct Partial<T> {
    start: usize,
    product: Mat<T>,
    row_sums: Vec<T>,
}

impl<T: Real> Reducer<T> for Weighted<'_, T> {
    type Partial = Partial<T>;

    fn start(&self, rows: Range<usize>, columns: Range<usize>) -> Partial<T> {
        let reached = if self.half { rows.clone() } else { columns.clone() };
        Partial {
            start: rows.start,
            product: Mat::zeros(reached.len(), self.v.ncols()),
            row_sums: vec![T::ZERO; columns.len()],
        }
    }

    fn tile(&self, Partial { start, product, row_sums }: &mut Partial<T>, _: usize, tile: Tile<'_, T>) {
        let (height, width) = (tile.rows.len(), tile.columns.len());
        let codes = self.labels.codes();
        let mut sums = [T::ZERO; crate::tiles::TILE];
        let sums = &mut sums[..height];
        for (j, column) in tile.columns.clone().zip(tile.values.chunks_exact_mut(height)) {
            let mut from = 0;
            let mut sum = T::ZERO;
            for run in codes[tile.rows.clone()].chunk_by(|a, b| a == b) {
                let end = from + run.len();
                let weight = T::of(self.label_gram.block(run[0], codes[j]));
                let stretch = Weigh { values: &mut column[from..end], sums: &mut sums[from..end], weight };
                sum += T::weigh(self.path, stretch);
                from = end;
            }
            if tile.mirrored {
                row_sums[j - *start] += sum;
            }
        }
        for (row_sum, &sum) in row_sums[tile.rows.start - *start..].iter_mut().zip(&*sums) {
            *row_sum += sum;
        }
        let values = MatRef::from_column_major_slice(tile.values, height, width);
        // a square on the diagonal holds both halves
        let share = T::of(if self.half && !tile.mirrored { 0.5 } else { 1.0 });
        let into = product.subrows_mut(tile.rows.start - *start, height);
        matmul(into, Accum::Add, values, self.v.subrows(tile.columns.start, width), share);
        if tile.mirrored && !self.half {
            let into = product.subrows_mut(tile.columns.start - *start, width);
            matmul(into, Accum::Add, values.transpose(), self.v.subrows(tile.rows.start, height), T::ONE);
        }
    }
}

/// Multiplies a stretch of a column by a weight, adds it to sums of rows, and returns its own sum.
pub struct Weigh<'a, T> {
    values: &'a mut [T],
    sums: &'a mut [T],
    weight: T,
}

impl<T: Real> VectorOp<T> for Weigh<'_, T> {
    type Output = T;
    #[inline(always)]
    fn call<S: Lanes<T>>(self, simd: S) -> T {
        let whole = self.values.len().min(self.sums.len()) / S::LANES * S::LANES;
        let (weight, mut total) = (simd.splat(self.weight), simd.splat(T::ZERO));
        for at in (0..whole).step_by(S::LANES) {
            // SAFETY: a register at `at` lies within both slices
            unsafe {
                let (value, sum) = (self.values.as_mut_ptr().add(at), self.sums.as_mut_ptr().add(at));
                let weighed = simd.mul(simd.load(value), weight);
                simd.store(value, weighed);
                simd.store(sum, simd.add(simd.load(sum), weighed));
                total = simd.add(total, weighed);
            }
        }
        let mut total = simd.sum(total);
        for (value, sum) in self.values[whole..].iter_mut().zip(&mut self.sums[whole..]) {
            *value *= self.weight;
            *sum += *value;
            total += *value;
        }
        total
    }
}
