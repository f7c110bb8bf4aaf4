//! Products of a kernel matrix with a narrow matrix, tile by tile.

use std::ops::Range;

use faer::{Accum, Mat, MatRef, Par};

use crate::linalg::matmul;
use crate::tiles::{PairFunction, PairSource, Points, Reducer, Tile, fold_symmetric, reduce_cross};
use crate::{Bandwidth, Error, Real, Result};

/// K·V for a narrow V, without holding K.
///
/// # Shapes
/// `x` n×d, `v` n×q, the result n×q.
///
/// # Errors
/// [`Error::Shape`] where `v` has another number of rows, [`Error::NonFinite`].
///
/// # Cost
/// n²(d + exp)/2 + 2n²q flops; memory O(n·q), about twice for each thread.
pub fn kernel_times_matrix<T: Real>(
    x: MatRef<'_, T>,
    sigma: Bandwidth,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    let points = Points::new(x)?;
    check_factor("kernel_times_matrix", points.n(), v)?;
    let source = [PairSource { points: &points, function: PairFunction::Kernel(sigma) }];
    let mut total = Mat::zeros(points.n(), v.ncols());
    fold_symmetric(&source, &Product { v, symmetric: true }, par, |(rows, product)| {
        let mut into = total.subrows_mut(rows.start, rows.len());
        into += product;
    });
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
    let sources = ([PairSource { points: &new, function }], [PairSource { points, function }]);
    for (rows, part) in reduce_cross(&sources.0, &sources.1, &Product { v, symmetric: false }, par) {
        product.subrows_mut(rows.start, rows.len()).copy_from(&part);
    }
    Ok(product)
}

pub(crate) fn check_factor<T: Real>(operation: &'static str, n: usize, v: MatRef<'_, T>) -> Result<()> {
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

/// Reducer: a product with V.
struct Product<'a, T> {
    v: MatRef<'a, T>,
    symmetric: bool,
}

impl<T: Real> Reducer<T> for Product<'_, T> {
    type Partial = (Range<usize>, Mat<T>);

    fn start(&self, rows: Range<usize>, columns: Range<usize>) -> Self::Partial {
        let rows = if self.symmetric { columns } else { rows };
        (rows.clone(), Mat::zeros(rows.len(), self.v.ncols()))
    }

    fn tile(&self, (group, product): &mut Self::Partial, _: usize, tile: Tile<'_, T>) {
        let (height, width) = (tile.rows.len(), tile.columns.len());
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
