//! Zero-copy views between faer's and nalgebra's matrices (feature `nalgebra`).

use faer::MatRef;
use nalgebra::{DMatrix, DMatrixView, Dyn};

/// A [`DMatrix`] seen as a faer matrix; nothing is copied.
///
/// ```
/// use hsic_kernels::nalgebra::as_faer;
/// let m = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0]);
/// assert_eq!(as_faer(&m)[(1, 0)], 3.0);
/// ```
pub fn as_faer<T: nalgebra::Scalar>(matrix: &DMatrix<T>) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(matrix.as_slice(), matrix.nrows(), matrix.ncols())
}

/// A faer matrix whose columns are contiguous seen as a nalgebra matrix; `None` where they are not,
/// or where there is no entry. Nothing is
/// copied.
///
/// ```
/// use faer::mat;
/// use hsic_kernels::nalgebra::as_nalgebra;
/// let m = mat![[1.0, 2.0], [3.0, 4.0]];
/// assert_eq!(as_nalgebra(m.as_ref()).unwrap()[(1, 0)], 3.0);
/// assert!(as_nalgebra(m.transpose()).is_none());
/// ```
pub fn as_nalgebra<T: nalgebra::Scalar>(matrix: MatRef<'_, T>) -> Option<DMatrixView<'_, T, Dyn, Dyn>> {
    let (rows, columns) = matrix.shape();
    let stride = usize::try_from(matrix.col_stride()).ok()?;
    if rows == 0 || columns == 0 || matrix.row_stride() != 1 || stride < rows {
        return None;
    }
    // SAFETY: rows of a column are adjacent and columns `stride` apart, so all entries lie within this many
    // elements from the first one, in memory that `matrix` borrows for the lifetime of the result.
    let slice = unsafe { std::slice::from_raw_parts(matrix.as_ptr(), stride * (columns - 1) + rows) };
    Some(DMatrixView::from_slice_with_strides_generic(slice, Dyn(rows), Dyn(columns), Dyn(1), Dyn(stride)))
}
