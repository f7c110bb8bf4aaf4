//! Orthonormal bases: signs, alignment, distance.

use faer::{Mat, MatRef};
use hsic_kernels::linalg::{polar_factor, product};

use crate::Result;

/// Turns every column so that its entry of largest magnitude (the first of equals) is positive.
pub fn fix_signs(w: &mut Mat<f64>) {
    for j in 0..w.ncols() {
        let largest =
            w.col(j).iter().fold(0.0f64, |best, &value| if value.abs() > best.abs() { value } else { best });
        if largest < 0.0 {
            w.col_mut(j).iter_mut().for_each(|value| *value = -*value);
        }
    }
}

/// The basis of span(`w`) nearest to `target`: w·U Vᵀ with U Σ Vᵀ = wᵀ·target.
///
/// # Errors
/// [`crate::Error::Kernel`] where the decomposition does not converge.
pub fn align(w: MatRef<'_, f64>, target: MatRef<'_, f64>) -> Result<Mat<f64>> {
    let overlap = product(w.transpose(), target);
    Ok(product(w, polar_factor(overlap.as_ref())?.as_ref()))
}

/// ‖WWᵀ − VVᵀ‖_F of two orthonormal bases, √(p + q − 2‖WᵀV‖²): 0 for the same subspace, whatever the bases.
///
/// # Panics
/// If the bases differ in their number of rows.
pub fn projector_distance(w: MatRef<'_, f64>, v: MatRef<'_, f64>) -> f64 {
    let overlap = product(w.transpose(), v);
    let residual = v - product(w, overlap.as_ref());
    let back = w - product(v, overlap.transpose());
    // ‖(I − WWᵀ)V‖² + ‖(I − VVᵀ)W‖²: no cancellation for near subspaces
    (residual.squared_norm_l2() + back.squared_norm_l2()).sqrt()
}

/// ‖WᵀW − I‖_F, how far the columns are from orthonormal.
pub fn orthonormality_error(w: MatRef<'_, f64>) -> f64 {
    (product(w.transpose(), w) - Mat::<f64>::identity(w.ncols(), w.ncols())).norm_l2()
}
