//! The Gaussian kernel: Gram matrices, and their product with a narrow matrix without ever holding them.

mod laplacian;
mod product;
mod write;

use faer::{Mat, MatMut, MatRef, Par};

pub(crate) use laplacian::Weigh;
pub use laplacian::{weighted_laplacian_form, weighted_laplacian_product};
pub(crate) use product::check_factor;
pub use product::{cross_product, kernel_times_matrix};
pub(crate) use write::Write;
use write::{write_cross, write_symmetric};

use crate::bandwidth::in_range;
use crate::tiles::{Exp2, Points};
use crate::{Bandwidth, Error, Real, Result};

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
/// # Accuracy
/// In `f64` within 1e-12, in `f32` within 2e-5 of exp of the exact squared distance of the rows as given, whatever σ: a
/// distance has a relative error of a few d·eps (d ≤ 12), else of at most about 1000·eps (`f64`) or 64·eps (`f32`) times √d,
/// since pairs nearer than that share of their norms are taken from differences, and |u·e^−u| ≤ 0.37 takes it no further.
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

/// [`gram`] into a matrix of the caller, with any strides.
///
/// Large matrices whose columns are contiguous and start at a cache line (a [`Mat`]'s do) are written past the caches, a whole
/// line at a time; others at the price of reading what is overwritten.
///
/// # Errors
/// As [`gram`], and [`Error::Shape`] where `dst` is not n×n.
pub fn gram_into<T: Real>(dst: MatMut<'_, T>, x: MatRef<'_, T>, sigma: Bandwidth, par: Par) -> Result<()> {
    check_destination("gram_into", &dst, (x.nrows(), x.nrows()))?;
    if let Some(([x], sigma)) = in_range([x], sigma) {
        return gram_into(dst, x.as_ref(), sigma, par);
    }
    let points = Points::new(x)?;
    write_symmetric(dst, &points, Exp2::kernel(sigma), par);
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
    if let Some(([y, x], sigma)) = in_range([y, x], sigma) {
        return cross_gram_into(dst, x.as_ref(), y.as_ref(), sigma, par);
    }
    let stored = Points::named(y, "y")?;
    let new = stored.against(x, "cross_gram_into")?;
    write_cross(dst, &new, &stored, Exp2::kernel(sigma), par);
    Ok(())
}

fn check_destination<T>(operation: &'static str, dst: &MatMut<'_, T>, needed: (usize, usize)) -> Result<()> {
    let got = (dst.nrows(), dst.ncols());
    if got == needed {
        return Ok(());
    }
    Err(Error::Shape { operation, left_name: "dst", left: got, right_name: "the Gram matrix", right: needed })
}
