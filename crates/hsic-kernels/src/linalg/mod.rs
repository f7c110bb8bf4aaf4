//! The one place dense linear algebra is issued from: faer on the calling thread.
//!
//! One thread, because parallelism comes from tiles and folds, and faer's results differ between one thread and
//! several. After each call the upper halves of the AVX registers are cleared: faer's matrix product leaves
//! them dirty, after which scalar `exp` and its like run 10 to 100 times slower, in other threads too.

pub(crate) mod routines;

use faer::{Accum, Mat, MatMut, MatRef};

pub use routines::clear_upper_registers;

use crate::{Real, Result};

/// `dst = alpha · a · b`, or `dst += alpha · a · b` with [`Accum::Add`].
///
/// # Panics
/// If the shapes do not fit.
///
/// # Cost
/// 2·m·n·k flops.
pub fn matmul<T: Real>(dst: MatMut<'_, T>, accumulate: Accum, a: MatRef<'_, T>, b: MatRef<'_, T>, alpha: T) {
    T::matmul(dst, accumulate, a, b, alpha);
}

/// The product a·b.
///
/// # Panics
/// If the shapes do not fit.
pub fn product<T: Real>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut dst = Mat::zeros(a.nrows(), b.ncols());
    matmul(dst.as_mut(), Accum::Replace, a, b, T::ONE);
    dst
}

/// Adds the lower triangle of AᵀB, a symmetric product, to that of `dst`; what is above the diagonal is left as it is.
///
/// # Panics
/// If the shapes do not fit.
///
/// # Cost
/// n·m² flops for A and B n×m, half of a full product's.
pub fn add_lower_product<T: Real>(dst: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    T::add_lower_product(dst, a, b);
}

/// Eigenvalues in descending order and the eigenvectors to them, one a column, of a symmetric matrix (its lower
/// triangle is read).
///
/// # Errors
/// [`crate::Error::NonFinite`], [`crate::Error::NoConvergence`].
///
/// # Panics
/// If `a` is not square.
///
/// # Cost
/// O(n³).
pub fn symmetric_eigen<T: Real>(a: MatRef<'_, T>) -> Result<(Vec<T>, Mat<T>)> {
    crate::tiles::check_finite(a, "the matrix")?;
    T::symmetric_eigen(a)
}

/// The thin singular value decomposition a = U diag(s) Vᵀ.
#[derive(Debug, Clone)]
pub struct ThinSvd<T> {
    /// Left singular vectors, one a column (rows × k, k the smaller dimension).
    pub u: Mat<T>,
    /// Singular values, descending.
    pub s: Vec<T>,
    /// Right singular vectors, one a column (columns × k).
    pub v: Mat<T>,
}

/// The thin singular value decomposition of `a`.
///
/// # Errors
/// [`crate::Error::NonFinite`], [`crate::Error::NoConvergence`].
///
/// # Cost
/// O(m·n·min(m, n)).
pub fn thin_svd<T: Real>(a: MatRef<'_, T>) -> Result<ThinSvd<T>> {
    crate::tiles::check_finite(a, "the matrix")?;
    T::thin_svd(a)
}

/// The matrix with orthonormal columns nearest to `a` (m×n, m ≥ n): UVᵀ of its thin SVD, the polar factor.
///
/// # Errors
/// As [`thin_svd`].
pub fn polar_factor<T: Real>(a: MatRef<'_, T>) -> Result<Mat<T>> {
    let ThinSvd { u, v, .. } = thin_svd(a)?;
    Ok(product(u.as_ref(), v.transpose()))
}

/// Replaces the columns of `v` (p×r, linearly independent) by orthonormal ones of the same spans: those of the first one, of the
/// first two, and so on (two rounds of Cholesky QR).
///
/// # Errors
/// [`crate::Error::NoConvergence`] where columns depend on each other to rounding.
///
/// # Cost
/// 4pr² flops.
pub fn orthonormalize<T: Real>(v: &mut Mat<T>) -> Result<()> {
    let r = v.ncols();
    for _ in 0..2 {
        let mut squares = Mat::zeros(r, r);
        add_lower_product(squares.as_mut(), v.as_ref(), v.as_ref());
        T::cholesky(&mut squares)?;
        // LX = Vᵀ for V := Xᵀ
        T::solve_lower(squares.as_ref(), v.as_mut().transpose_mut());
    }
    Ok(())
}

/// The solution of A·X = B for a symmetric positive definite A (its lower triangle is read), by [`Cholesky::of`].
///
/// # Errors
/// [`crate::Error::NonFinite`]; [`crate::Error::NoConvergence`] for a matrix that is not positive semidefinite at all.
///
/// # Panics
/// If the numbers of rows differ.
///
/// # Cost
/// n³/3 flops and 2n² a column of B.
pub fn solve_positive_definite<T: Real>(a: MatRef<'_, T>, mut b: Mat<T>) -> Result<Mat<T>> {
    crate::tiles::check_finite(b.as_ref(), "the right-hand side")?;
    let factor = Cholesky::of(a.nrows(), |i, j| a[(i, j)])?;
    factor.solve_lower(b.as_mut());
    factor.solve_upper(b.as_mut());
    Ok(b)
}

/// A = LLᵀ.
#[derive(Debug, Clone)]
pub struct Cholesky<T> {
    /// L in its lower triangle.
    factor: Mat<T>,
}

impl<T: Real> Cholesky<T> {
    /// Factors the symmetric positive semidefinite matrix of size n with these entries, which are asked for row and column on and below
    /// the diagonal.
    ///
    /// Where rounding has left it indefinite, its diagonal is raised, by n epsilons of its largest entry and then tenfold, until it
    /// is not; its entries are then asked for again.
    ///
    /// # Errors
    /// [`crate::Error::NonFinite`]; [`crate::Error::NoConvergence`] for a matrix that is not positive semidefinite at all.
    ///
    /// # Cost
    /// n³/3 flops.
    pub fn of(n: usize, entry: impl Fn(usize, usize) -> T) -> Result<Self> {
        let lower = |i: usize, j: usize| if i < j { T::ZERO } else { entry(i, j) };
        let mut factor = Mat::from_fn(n, n, lower);
        crate::tiles::check_finite(factor.as_ref(), "the matrix")?;
        let largest =
            (0..n).map(|i| entry(i, i)).fold(T::ZERO, |top, value| if value > top { value } else { top });
        let mut jitter = T::of(n as f64) * T::EPSILON * largest;
        while let Err(error) = T::cholesky(&mut factor) {
            if !(jitter > T::ZERO && jitter < largest) {
                return Err(error);
            }
            for j in 0..n {
                for i in j..n {
                    factor[(i, j)] = if i == j { entry(i, j) + jitter } else { entry(i, j) };
                }
            }
            jitter *= T::of(10.0);
        }
        Ok(Self { factor })
    }

    /// B := L⁻¹B.
    ///
    /// # Panics
    /// If the numbers of rows differ.
    ///
    /// # Cost
    /// n² flops a column.
    pub fn solve_lower(&self, b: MatMut<'_, T>) {
        T::solve_lower(self.factor.as_ref(), b);
    }

    /// B := L⁻ᵀB.
    ///
    /// # Panics
    /// If the numbers of rows differ.
    ///
    /// # Cost
    /// n² flops a column.
    pub fn solve_upper(&self, b: MatMut<'_, T>) {
        T::solve_upper(self.factor.transpose(), b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(m: usize, n: usize) -> Mat<f64> {
        Mat::from_fn(m, n, |i, j| ((i * 7 + j * 13 + i * j) % 17) as f64 - 8.0)
    }

    #[test]
    fn decompositions_satisfy_their_defining_identities() {
        for n in [1, 2, 5, 20, 60] {
            for a in [sample(n, n), Mat::zeros(n, n), Mat::identity(n, n), Mat::full(n, n, 1.0)] {
                let a = &a + a.transpose();
                let tolerance = 1e-14 * (n as f64).sqrt() * a.norm_l2().max(1.0) * 4.0;
                let (values, vectors) = symmetric_eigen(a.as_ref()).unwrap();
                assert!(values.is_sorted_by(|a, b| a >= b));
                let scaled = Mat::from_fn(n, n, |i, j| vectors[(i, j)] * values[j]);
                assert!((&a - scaled * vectors.transpose()).norm_l2() <= tolerance);
            }
            let a = sample(n + 3, n);
            let ThinSvd { u, s, v } = thin_svd(a.as_ref()).unwrap();
            let scaled = Mat::from_fn(n + 3, n, |i, j| u[(i, j)] * s[j]);
            assert!((&a - scaled * v.transpose()).norm_l2() <= 1e-13 * a.norm_l2());
            let q = polar_factor(a.as_ref()).unwrap();
            assert!((q.transpose() * &q - Mat::<f64>::identity(n, n)).norm_l2() <= 1e-13);
        }
    }

    #[test]
    fn positive_definite_systems_are_solved_and_columns_made_orthonormal() {
        for n in [1, 2, 5, 20, 60] {
            let a = sample(n, n) * sample(n, n).transpose() + Mat::<f64>::identity(n, n);
            let b = Mat::from_fn(n, 3, |i, c| (i + c) as f64 - 4.0);
            let x = solve_positive_definite(a.as_ref(), b.clone()).unwrap();
            assert!((&a * &x - &b).norm_l2() <= 1e-12 * a.norm_l2() * x.norm_l2());
            let mut v =
                sample(n + 3, n) + Mat::<f64>::from_fn(n + 3, n, |i, j| if i == j { 30.0 } else { 0.0 });
            let before = v.clone();
            orthonormalize(&mut v).unwrap();
            assert!((v.transpose() * &v - Mat::<f64>::identity(n, n)).norm_l2() <= 1e-13);
            // the first column keeps its direction, all of them their span
            let first = before.col(0) * (1.0 / before.col(0).norm_l2());
            assert!((v.col(0) - first).norm_l2() <= 1e-13);
            assert!((&before - &v * (v.transpose() * &before)).norm_l2() <= 1e-12 * before.norm_l2());
        }
    }

    #[test]
    fn a_singular_matrix_gives_finite_numbers_and_dependent_columns_an_error() {
        let x = solve_positive_definite(Mat::<f64>::full(4, 4, 1.0).as_ref(), Mat::full(4, 1, 1.0)).unwrap();
        assert!(x.col(0).iter().all(|value| value.is_finite()));
        assert!(((0..4).map(|i| x[(i, 0)]).sum::<f64>() - 1.0).abs() < 1e-6, "{x:?}");
        assert!(
            solve_positive_definite(Mat::<f64>::full(1, 1, -1.0).as_ref(), Mat::full(1, 1, 1.0)).is_err()
        );
        let mut v = Mat::<f64>::zeros(5, 2);
        assert!(orthonormalize(&mut v).is_err());
    }
}
