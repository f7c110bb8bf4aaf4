//! Rows in the coordinates of their right singular vectors, from the eigenvectors of the smaller of RᵀR and RRᵀ.

use faer::{Accum, Mat, MatRef};
use hsic_kernels::linalg::{add_lower_product, matmul, orthonormalize, product, symmetric_eigen};

use crate::Result;

/// Singular values come as roots of the eigenvalues of RᵀR, which are good to the precision times the largest: below this
/// share they are rounding.
const SMALLEST_SHARE: f64 = 1e-7;

/// Rows R (n×p) in the r directions they vary in.
pub(super) struct Compressed {
    /// R·V, n×r.
    pub(super) rows: Mat<f64>,
    /// V, p×r, orthonormal columns.
    pub(super) basis: Mat<f64>,
    /// The r singular values kept, descending.
    pub(super) singular_values: Vec<f64>,
}

impl Compressed {
    /// The directions of singular values above `tolerance` of the largest, or above 1e-7 of it.
    ///
    /// What is lost, R − RVVᵀ, has a spectral norm of that share of R's.
    ///
    /// # Cost
    /// n·p·min(n, p) flops for the products and an eigenproblem of size min(n, p).
    pub(super) fn new(rows: MatRef<'_, f64>, tolerance: f64) -> Result<Self> {
        let (n, p) = rows.shape();
        let (basis, singular_values) = if p <= n {
            let mut squares = Mat::zeros(p, p);
            add_lower_product(squares.as_mut(), rows, rows);
            principal(squares.as_ref(), tolerance)?
        } else {
            let mut squares = Mat::zeros(n, n);
            add_lower_product(squares.as_mut(), rows.transpose(), rows.transpose());
            let (left, singular_values) = principal(squares.as_ref(), tolerance)?;
            let mut basis = Mat::zeros(p, left.ncols());
            matmul(basis.as_mut(), Accum::Replace, rows.transpose(), left.as_ref(), 1.0);
            for (column, value) in basis.col_iter_mut().zip(&singular_values) {
                column.iter_mut().for_each(|entry| *entry /= value);
            }
            // the columns of the smallest singular values are orthogonal to a few digits only
            orthonormalize(&mut basis)?;
            (basis, singular_values)
        };
        Ok(Self { rows: product(rows, basis.as_ref()), basis, singular_values })
    }
}

/// The eigenvectors of RᵀR (its lower triangle is read) to singular values above the tolerance, and those values.
pub(super) fn principal(squares: MatRef<'_, f64>, tolerance: f64) -> Result<(Mat<f64>, Vec<f64>)> {
    let (values, vectors) = symmetric_eigen(squares)?;
    let mut singular_values: Vec<f64> = values.iter().map(|value| value.max(0.0).sqrt()).collect();
    let least = tolerance.max(SMALLEST_SHARE) * singular_values[0];
    let rank = singular_values.iter().take_while(|&&value| value > least).count();
    singular_values.truncate(rank);
    Ok((vectors.subcols(0, rank).to_owned(), singular_values))
}

#[cfg(test)]
mod tests {
    use hsic_kernels::linalg::thin_svd;

    use super::*;

    /// Rows whose singular values fall by a factor of about 3, far below the precision.
    fn decaying(n: usize, p: usize) -> Mat<f64> {
        let wave = |n: usize| {
            Mat::from_fn(n, 30, |i, k| ((i as f64 + 0.5) * (k as f64 + 1.0) * 2.0 / n as f64).cos())
        };
        let middle = Mat::from_fn(30, 30, |i, j| if i == j { 3.0f64.powi(-(i as i32)) } else { 0.0 });
        wave(n) * middle * wave(p).transpose()
    }

    #[test]
    fn what_is_lost_is_below_the_tolerance_and_the_rest_is_the_thin_svd() {
        for (n, p) in [(200, 40), (40, 200), (60, 60), (5, 300), (300, 1)] {
            for tolerance in [1e-12, 1e-5, 1e-2] {
                let rows = decaying(n, p);
                let Compressed { rows: compressed, basis, singular_values } =
                    Compressed::new(rows.as_ref(), tolerance).unwrap();
                let r = singular_values.len();
                let identity = Mat::<f64>::identity(r, r);
                assert!((basis.transpose() * &basis - identity).norm_l2() < 1e-13, "{n}x{p}");
                let svd = thin_svd(rows.as_ref()).unwrap();
                let bound = tolerance.max(SMALLEST_SHARE) * svd.s[0];
                let lost = thin_svd((&rows - &compressed * basis.transpose()).as_ref()).unwrap().s[0];
                assert!(
                    lost <= 1.1 * bound + 1e-14 * svd.s[0],
                    "{n}x{p} at {tolerance}: {lost} above {bound}"
                );
                for (value, expected) in singular_values.iter().zip(&svd.s) {
                    let error = 1e-14 * svd.s[0] * svd.s[0] / expected;
                    assert!((value - expected).abs() <= error, "{n}x{p}: {value} and {expected}");
                }
            }
        }
    }
}
