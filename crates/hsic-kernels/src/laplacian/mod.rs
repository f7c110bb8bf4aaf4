//! The Laplacian kernel exp(−‖x − y‖₁/σ).

mod fill;

use faer::{Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

pub(crate) use fill::Fill;

use crate::bandwidth::{Subsample, median_of};
use crate::gaussian::check_factor;
use crate::linalg::product;
use crate::tiles::{Exp2, Points};
use crate::{Bandwidth, Real, Result};

/// Columns that one task fills.
const TASK_COLUMNS: usize = 64;
/// Rows whose kernel is held for a product.
const PRODUCT_ROWS: usize = 256;

/// The Gram matrix K_ij = exp(−‖x_i − x_j‖₁/σ) of the rows of `x`: its diagonal is exactly 1, and it is exactly symmetric.
///
/// # Shapes
/// `x` n×d, the result n×n.
///
/// # Errors
/// [`crate::Error::NonFinite`], [`crate::Error::TooFewRows`] for no rows.
///
/// # Cost
/// n²(4d + exp) time, n² memory.
///
/// # Source
/// Rahimi & Recht (2007), Random features for large-scale kernel machines, section 3.
pub fn gram<T: Real>(x: MatRef<'_, T>, sigma: Bandwidth, par: Par) -> Result<Mat<T>> {
    let points = Points::new(x)?;
    between(&points, &points, sigma, par)
}

/// The Gram matrix K_ij = exp(−‖x_i − y_j‖₁/σ) between the rows of `x` (n_x×d) and `y` (n_y×d).
///
/// # Errors
/// [`crate::Error::Shape`] where the numbers of features differ, else as [`gram`].
///
/// # Cost
/// n_x·n_y(4d + exp) time, n_x·n_y memory.
pub fn cross_gram<T: Real>(x: MatRef<'_, T>, y: MatRef<'_, T>, sigma: Bandwidth, par: Par) -> Result<Mat<T>> {
    let stored = Points::named(y, "y")?;
    between(&stored.against(x, "cross_gram")?, &stored, sigma, par)
}

/// K(x_new, points)·V, n_new×c.
///
/// # Errors
/// [`crate::Error::Shape`] where features or rows do not fit, [`crate::Error::NonFinite`].
///
/// # Cost
/// n_new·n(4d + exp + 2c) time, n numbers for each of 256 rows a thread.
pub fn cross_product<T: Real>(
    x_new: MatRef<'_, T>,
    points: &Points<'_, T>,
    sigma: Bandwidth,
    v: MatRef<'_, T>,
    par: Par,
) -> Result<Mat<T>> {
    check_factor("cross_product", points.n(), v)?;
    let starts: Vec<usize> = (0..x_new.nrows()).step_by(PRODUCT_ROWS).collect();
    let part = |&start: &usize| -> Result<Mat<T>> {
        let rows = x_new.subrows(start, PRODUCT_ROWS.min(x_new.nrows() - start));
        let new = points.against(rows, "cross_product")?;
        Ok(product(between(&new, points, sigma, Par::Seq)?.as_ref(), v))
    };
    let parts: Vec<Mat<T>> = match par {
        Par::Seq => starts.iter().map(part).collect::<Result<_>>()?,
        Par::Rayon(_) => starts.par_iter().map(part).collect::<Result<_>>()?,
    };
    let mut all = Mat::zeros(x_new.nrows(), v.ncols());
    for (start, part) in starts.into_iter().zip(parts) {
        all.subrows_mut(start, part.nrows()).copy_from(&part);
    }
    Ok(all)
}

/// The median of the distances ‖x_i − x_j‖₁, i < j, over a subsample; of the positive ones where more than half are 0.
///
/// # Errors
/// As [`crate::bandwidth::median_heuristic`].
pub fn median_heuristic<T: Real>(x: MatRef<'_, T>, subsample: &Subsample) -> Result<Bandwidth> {
    median_of(x, subsample, |i, j| {
        (0..x.ncols()).map(|k| (x[(i, k)].as_f64() - x[(j, k)].as_f64()).abs()).sum()
    })
}

/// The kernel between packed rows.
fn between<T: Real>(x: &Points<'_, T>, y: &Points<'_, T>, sigma: Bandwidth, par: Par) -> Result<Mat<T>> {
    // exp(−h/σ'²) with h = ‖·‖₁ and σ'² = σ
    let function = Exp2::kernel(Bandwidth::new(sigma.get().sqrt())?);
    let mut kernel = Mat::zeros(x.n(), y.n());
    let fill = |first: usize, to: MatMut<'_, T>| {
        T::fill_laplacian(x.path(), Fill { x, y, first, to, function });
    };
    match par {
        Par::Seq => fill(0, kernel.as_mut()),
        Par::Rayon(_) => {
            let tasks = kernel.as_mut().par_col_chunks_mut(TASK_COLUMNS).enumerate();
            tasks.for_each(|(task, to)| fill(task * TASK_COLUMNS, to));
        }
    }
    Ok(kernel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::simd::SimdPath;

    fn rows(n: usize, d: usize, shift: f64) -> Mat<f64> {
        Mat::from_fn(n, d, |i, k| ((i * 7 + k * 3) as f64).sin() * 3.0 + shift)
    }

    #[test]
    fn every_path_agrees_with_the_definition() {
        let sigma = Bandwidth::new(2.5).unwrap();
        for d in [1, 4, 13, 50] {
            let (x, y) = (rows(37, d, 1.0), rows(70, d, 0.5));
            for path in SimdPath::available() {
                let stored = Points::on_path(y.as_ref(), path);
                let new = stored.against(x.as_ref(), "test").unwrap();
                let got = between(&new, &stored, sigma, Par::Seq).unwrap();
                for i in 0..37 {
                    for j in 0..70 {
                        let distance: f64 = (0..d).map(|k| (x[(i, k)] - y[(j, k)]).abs()).sum();
                        assert!((got[(i, j)] - (-distance / 2.5).exp()).abs() < 1e-13, "{path:?}, d {d}");
                    }
                }
            }
        }
    }

    #[test]
    fn gram_matrices_are_symmetric_with_a_diagonal_of_one() {
        let x = rows(100, 20, 1e6);
        let sigma = median_heuristic(x.as_ref(), &Subsample::default()).unwrap();
        let k = gram(x.as_ref(), sigma, Par::rayon(0)).unwrap();
        assert_eq!(k, gram(x.as_ref(), sigma, Par::Seq).unwrap());
        for i in 0..100 {
            assert_eq!(k[(i, i)], 1.0);
            (0..i).for_each(|j| assert_eq!(k[(i, j)], k[(j, i)]));
        }
    }

    #[test]
    fn products_are_those_of_the_matrix() {
        let (x, y) = (rows(600, 5, 0.0), rows(90, 5, 0.1));
        let v = rows(90, 3, 0.2);
        let sigma = Bandwidth::new(4.0).unwrap();
        let points = Points::new(y.as_ref()).unwrap();
        let got = cross_product(x.as_ref(), &points, sigma, v.as_ref(), Par::rayon(0)).unwrap();
        let expected = cross_gram(x.as_ref(), y.as_ref(), sigma, Par::Seq).unwrap() * &v;
        assert!((&got - &expected).norm_max() < 1e-12);
        assert_eq!(got, cross_product(x.as_ref(), &points, sigma, v.as_ref(), Par::Seq).unwrap());
    }

    #[test]
    fn what_lies_beyond_every_number_is_zero_and_bad_rows_are_refused() {
        let x = faer::mat![[f64::MAX, f64::MAX], [-f64::MAX, -f64::MAX]];
        let sigma = Bandwidth::new(1.0).unwrap();
        assert_eq!(gram(x.as_ref(), sigma, Par::Seq).unwrap(), Mat::<f64>::identity(2, 2));
        assert!(matches!(median_heuristic(x.as_ref(), &Subsample::default()), Err(Error::Distances)));
        let equal = Mat::from_fn(3, 2, |_, _| 1.0);
        assert!(matches!(median_heuristic(equal.as_ref(), &Subsample::default()), Err(Error::AllRowsEqual)));
        let bad = faer::mat![[f64::NAN]];
        assert!(matches!(gram(bad.as_ref(), sigma, Par::Seq), Err(Error::NonFinite { .. })));
        assert!(matches!(
            cross_gram(x.as_ref(), faer::mat![[1.0]].as_ref(), sigma, Par::Seq),
            Err(Error::Shape { .. })
        ));
    }
}
