//! The Gaussian kernel: Gram matrices, and their product with a narrow matrix without ever holding them.

use std::marker::PhantomData;
use std::ops::Range;

use faer::{Accum, Mat, MatMut, MatRef, Par};

use crate::linalg::matmul;
use crate::tiles::{PairFunction, Points, Reducer, Source, Tile, reduce_cross, reduce_symmetric};
use crate::{Bandwidth, CenteredLabelGram, Error, Labels, Real, Result};

/// The Gram matrix K_ij = exp(−‖x_i − x_j‖²/2σ²) of the rows of `x`.
///
/// Its diagonal is exactly 1, equal rows give exactly 1, and it is exactly symmetric.
///
/// # Shapes
/// `x` n×d, the result n×n.
///
/// # Errors
/// [`Error::NonFinite`], [`Error::TooFewRows`] for no rows.
///
/// # Cost
/// n²(d + exp)/2 time, n² memory: with [`cross_gram`] the only function that allocates a pair matrix.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_kernels::{Bandwidth, gaussian::gram};
/// let x = mat![[0.0, 0.0], [3.0, 4.0]];
/// let k = gram(x.as_ref(), Bandwidth::new(5.0)?, Par::Seq)?;
/// assert_eq!(k[(0, 0)], 1.0);
/// assert!((k[(0, 1)] - (-0.5f64).exp()).abs() < 1e-15);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
pub fn gram<T: Real>(x: MatRef<'_, T>, sigma: Bandwidth, par: Par) -> Result<Mat<T>> {
    let mut dst = Mat::zeros(x.nrows(), x.nrows());
    gram_into(dst.as_mut(), x, sigma, par)?;
    Ok(dst)
}

/// [`gram`] into a matrix of the caller.
///
/// # Errors
/// As [`gram`], and [`Error::Shape`] where `dst` is not n×n.
pub fn gram_into<T: Real>(dst: MatMut<'_, T>, x: MatRef<'_, T>, sigma: Bandwidth, par: Par) -> Result<()> {
    check_destination("gram_into", &dst, (x.nrows(), x.nrows()))?;
    let points = Points::new(x)?;
    let source = [Source { points: &points, function: PairFunction::Kernel(sigma) }];
    reduce_symmetric(&source, &Write::new(dst), par);
    Ok(())
}

/// The Gram matrix K_ij = exp(−‖x_i − y_j‖²/2σ²) between the rows of `x` (n_x×d) and `y` (n_y×d).
///
/// # Errors
/// [`Error::Shape`] where the numbers of features differ, [`Error::NonFinite`].
///
/// # Cost
/// n_x·n_y(d + exp) time, n_x·n_y memory.
pub fn cross_gram<T: Real>(x: MatRef<'_, T>, y: MatRef<'_, T>, sigma: Bandwidth, par: Par) -> Result<Mat<T>> {
    let mut dst = Mat::zeros(x.nrows(), y.nrows());
    cross_gram_into(dst.as_mut(), x, y, sigma, par)?;
    Ok(dst)
}

/// [`cross_gram`] into a matrix of the caller.
///
/// # Errors
/// As [`cross_gram`], and [`Error::Shape`] where `dst` is not n_x×n_y.
pub fn cross_gram_into<T: Real>(
    dst: MatMut<'_, T>,
    x: MatRef<'_, T>,
    y: MatRef<'_, T>,
    sigma: Bandwidth,
    par: Par,
) -> Result<()> {
    check_destination("cross_gram_into", &dst, (x.nrows(), y.nrows()))?;
    let stored = Points::named(y, "y")?;
    let new = stored.against(x, "cross_gram_into")?;
    let function = PairFunction::Kernel(sigma);
    let sources = ([Source { points: &new, function }], [Source { points: &stored, function }]);
    reduce_cross(&sources.0, &sources.1, &Write::new(dst), par);
    Ok(())
}

fn check_destination<T>(operation: &'static str, dst: &MatMut<'_, T>, needed: (usize, usize)) -> Result<()> {
    let got = (dst.nrows(), dst.ncols());
    if got == needed {
        return Ok(());
    }
    Err(Error::Shape { operation, left_name: "dst", left: got, right_name: "the Gram matrix", right: needed })
}

/// K·V for a narrow V, without holding K.
///
/// # Shapes
/// `x` n×d, `v` n×q, the result n×q.
///
/// # Errors
/// [`Error::Shape`] where `v` has another number of rows, [`Error::NonFinite`].
///
/// # Cost
/// n²(d + exp)/2 + 2n²q flops; memory O(n·q) for each of at most 16 groups.
pub fn kernel_times_matrix<T: Real>(
    x: MatRef<'_, T>,
    sigma: Bandwidth,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    symmetric_product(&Points::new(x)?, sigma, v, None, par)
}

/// (Γ ⊙ K)·V, the kernel weighted by the centred label Gram; with a column of ones in V also its row sums.
///
/// # Errors
/// As [`kernel_times_matrix`], and where `labels` has another number of rows.
///
/// # Cost
/// As [`kernel_times_matrix`].
pub fn weighted_kernel_times_matrix<T: Real>(
    points: &Points<'_, T>,
    sigma: Bandwidth,
    labels: &Labels,
    label_gram: &CenteredLabelGram,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    labels.check_rows("weighted_kernel_times_matrix", (points.n(), points.d()))?;
    symmetric_product(points, sigma, v, Some((labels, label_gram)), par)
}

fn symmetric_product<T: Real>(
    points: &Points<'_, T>,
    sigma: Bandwidth,
    v: MatRef<'_, T>,
    weights: Option<(&Labels, &CenteredLabelGram)>,
    par: Par,
) -> Result<Mat<T>> {
    check_factor("kernel_times_matrix", points.n(), v)?;
    let source = [Source { points, function: PairFunction::Kernel(sigma) }];
    let mut partials = reduce_symmetric(&source, &Product { v, weights }, par).into_iter();
    let mut total = partials.next().map_or_else(|| Mat::zeros(points.n(), v.ncols()), |(_, product)| product);
    for (_, product) in partials {
        total += product;
    }
    Ok(total)
}

/// K(X_new, X)·V for new rows against stored ones.
///
/// # Shapes
/// `x_new` n_new×d, `points` n×d, `v` n×q, the result n_new×q.
///
/// # Errors
/// [`Error::Shape`], [`Error::NonFinite`].
///
/// # Cost
/// n_new·n(d + exp + 2q) flops; memory O(n_new·q).
pub fn cross_product<T: Real>(
    x_new: MatRef<'_, T>,
    points: &Points<'_, T>,
    sigma: Bandwidth,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    check_factor("cross_product", points.n(), v)?;
    let mut product = Mat::zeros(x_new.nrows(), v.ncols());
    if x_new.nrows() == 0 {
        return Ok(product);
    }
    let new = points.against(x_new, "cross_product")?;
    let function = PairFunction::Kernel(sigma);
    let sources = ([Source { points: &new, function }], [Source { points, function }]);
    for (rows, part) in reduce_cross(&sources.0, &sources.1, &Product { v, weights: None }, par) {
        product.subrows_mut(rows.start, rows.len()).copy_from(&part);
    }
    Ok(product)
}

fn check_factor<T: Real>(operation: &'static str, n: usize, v: MatRef<'_, T>) -> Result<()> {
    crate::tiles::check_finite(v, "v")?;
    if v.nrows() == n {
        return Ok(());
    }
    Err(Error::Shape {
        operation,
        left_name: "the kernel matrix",
        left: (n, n),
        right_name: "v",
        right: v.shape(),
    })
}

/// Reducer: a product with V, optionally weighted by Γ's blocks.
struct Product<'a, T> {
    v: MatRef<'a, T>,
    weights: Option<(&'a Labels, &'a CenteredLabelGram)>,
}

impl<T: Real> Reducer<T> for Product<'_, T> {
    type Partial = (Range<usize>, Mat<T>);

    fn start(&self, rows: Range<usize>) -> Self::Partial {
        (rows.clone(), Mat::zeros(rows.len(), self.v.ncols()))
    }

    fn tile(&self, (group, product): &mut Self::Partial, _: usize, tile: Tile<'_, T>) {
        let (height, width) = (tile.rows.len(), tile.columns.len());
        if let Some((labels, label_gram)) = self.weights {
            let row_codes = &labels.codes()[tile.rows.clone()];
            for (column, &b) in
                tile.values.chunks_exact_mut(height).zip(&labels.codes()[tile.columns.clone()])
            {
                for (run, &a) in column.chunk_by_codes(row_codes) {
                    let weight = T::of(label_gram.block(a, b));
                    for value in run {
                        *value *= weight;
                    }
                }
            }
        }
        let values = MatRef::from_column_major_slice(tile.values, height, width);
        let v = |range: &Range<usize>| self.v.subrows(range.start, range.len());
        let into = product.subrows_mut(tile.rows.start - group.start, height);
        matmul(into, Accum::Add, values, v(&tile.columns), T::ONE);
        if tile.mirrored {
            let into = product.subrows_mut(tile.columns.start - group.start, width);
            matmul(into, Accum::Add, values.transpose(), v(&tile.rows), T::ONE);
        }
    }
}

/// Splits a column into stretches of rows of one class.
trait ChunkByCodes<T> {
    fn chunk_by_codes<'a>(&'a mut self, codes: &'a [usize]) -> impl Iterator<Item = (&'a mut [T], &'a usize)>
    where
        T: 'a;
}

impl<T> ChunkByCodes<T> for [T] {
    fn chunk_by_codes<'a>(&'a mut self, codes: &'a [usize]) -> impl Iterator<Item = (&'a mut [T], &'a usize)>
    where
        T: 'a,
    {
        let mut rest = self;
        codes.chunk_by(|a, b| a == b).map(move |run| {
            let (now, later) = std::mem::take(&mut rest).split_at_mut(run.len());
            rest = later;
            (now, &run[0])
        })
    }
}

/// Reducer: the tiles themselves, written to a matrix (and to its mirror image).
struct Write<'a, T> {
    start: *mut T,
    row_stride: isize,
    column_stride: isize,
    matrix: PhantomData<MatMut<'a, T>>,
}

// SAFETY: the pointer is to a matrix borrowed for 'a by this value alone, and two tiles of a walk never share an
// entry (nor does a tile's mirror image share one with another tile), so threads write disjoint entries.
unsafe impl<T: Send> Sync for Write<'_, T> {}

impl<'a, T> Write<'a, T> {
    fn new(dst: MatMut<'a, T>) -> Self {
        Self {
            row_stride: dst.row_stride(),
            column_stride: dst.col_stride(),
            start: dst.as_ptr_mut(),
            matrix: PhantomData,
        }
    }

    /// # Safety
    /// (row, column) is inside the matrix and no other thread accesses this entry.
    #[inline(always)]
    unsafe fn set(&self, row: usize, column: usize, value: T) {
        // SAFETY: the entry is inside the matrix, so the offset stays inside its allocation
        unsafe {
            self.start
                .offset(row as isize * self.row_stride + column as isize * self.column_stride)
                .write(value);
        }
    }
}

impl<T: Real> Reducer<T> for Write<'_, T> {
    type Partial = ();

    fn start(&self, _: Range<usize>) {}

    fn tile(&self, (): &mut (), _: usize, tile: Tile<'_, T>) {
        let height = tile.rows.len();
        // SAFETY (both loops): the walk's ranges are within the checked shape of the destination, and its tiles
        // with their mirror images are disjoint
        for (j, column) in tile.columns.clone().zip(tile.values.chunks_exact(height)) {
            for (i, &value) in tile.rows.clone().zip(column) {
                // SAFETY: above
                unsafe { self.set(i, j, value) };
            }
        }
        if tile.mirrored {
            for (i, offset) in tile.rows.zip(0..) {
                for (j, column) in tile.columns.clone().zip(tile.values.chunks_exact(height)) {
                    // SAFETY: above
                    unsafe { self.set(j, i, column[offset]) };
                }
            }
        }
    }
}
