//! Ridges one at a time, for more centres than are decomposed.

use faer::{Accum, Mat, MatMut, MatRef, Par};
use hsic_kernels::Kernel;
use hsic_kernels::linalg::{Cholesky, add_lower_product, matmul, product};
use rayon::prelude::*;

use super::RIDGES;
use super::path::{HeldOut, KEPT_RIDGES, Regression, blocks};
use super::targets::Targets;
use crate::Result;

/// Number of the ridge that is tried first.
const FIRST_RIDGE: usize = 8;
/// Columns of a matrix that are worked on at a time: the bits do not depend on the threads.
const STRIPE: usize = 512;

/// The coefficients A solve (S + λK_CC)A = Σ wᵢkᵢ(yᵢ − ȳ)ᵀ, with kᵢ = k(C, fᵢ) and S = Σ wᵢ(kᵢ − k̄)(kᵢ − k̄)ᵀ. From [`FIRST_RIDGE`] on the
/// neighbouring ridges are tried as long as the error falls, each by S + λK_CC = LLᵀ; a row's own part is hᵢ/wᵢ = 1/Σw + ‖L⁻¹(kᵢ − k̄)‖². Scores
/// and errors are those of the rows `held`. Where S + λK_CC is singular to rounding its diagonal is raised, which is a penalty on A as well, and
/// leave-one-out is exact for both.
///
/// # Cost
/// nm(p + exp) + nm² flops, and m³/3 + |held|·m² a ridge; 2m² + |held|·m numbers.
pub(super) fn fit(
    rows: MatRef<'_, f64>,
    centres: MatRef<'_, f64>,
    kernel: Kernel,
    targets: &Targets<'_>,
    held: &[usize],
    par: Par,
) -> Result<Vec<Regression>> {
    let Sums { scatter, mean, toward } = Sums::of(rows, centres, kernel, targets, par)?;
    let held_rows = Mat::from_fn(held.len(), rows.ncols(), |i, k| rows[(held[i], k)]);
    // a column a row
    let mut values = kernel.cross_gram(centres, held_rows.as_ref(), par)?;
    for column in values.col_iter_mut() {
        column.iter_mut().zip(mean.col(0).iter()).for_each(|(value, mean)| *value -= mean);
    }
    let at = |ridge: usize| -> Result<Regression> {
        let penalty = |i, j| if i == j { 1.0 } else { scatter[(j, i)] };
        let system = |i, j| scatter[(i, j)] + RIDGES[ridge] * penalty(i, j);
        let factor = Cholesky::of(centres.nrows(), system)?;
        let mut coefficients = toward.clone();
        factor.solve_lower(coefficients.as_mut());
        factor.solve_upper(coefficients.as_mut());
        let own = own_parts(&factor, values.as_ref(), par);
        let fitted = product(values.transpose(), coefficients.as_ref());
        let mut held_out = HeldOut::new(ridge, held.len(), targets.n_classes());
        held_out.add(0, fitted.as_ref(), |i| own[i], targets, |i| held[i]);
        let shift = product(mean.transpose(), coefficients.as_ref()).row(0).iter().copied().collect();
        Ok(Regression { held_out, coefficients, shift })
    };
    let mut tried = descend(at)?;
    tried.sort_by(|one, other| one.held_out.error.total_cmp(&other.held_out.error));
    tried.truncate(KEPT_RIDGES);
    Ok(tried)
}

/// ‖L⁻¹v‖² of every column v.
fn own_parts(factor: &Cholesky<f64>, values: MatRef<'_, f64>, par: Par) -> Vec<f64> {
    let of_stripe = |stripe: MatRef<'_, f64>| -> Vec<f64> {
        let mut solved = stripe.to_owned();
        factor.solve_lower(solved.as_mut());
        solved.col_iter().map(|column| column.squared_norm_l2()).collect()
    };
    let stripes = values.par_col_chunks(STRIPE).with_min_len(stripes_at_once(par));
    stripes.map(of_stripe).collect::<Vec<_>>().concat()
}

/// Tries ridges from [`FIRST_RIDGE`] on, down as long as the error falls, and up if it did not at once.
fn descend(at: impl Fn(usize) -> Result<Regression>) -> Result<Vec<Regression>> {
    let mut tried = vec![at(FIRST_RIDGE)?];
    for step in [-1, 1] {
        let (mut ridge, mut lowest) = (FIRST_RIDGE, tried[0].held_out.error);
        while let Some(next) = ridge.checked_add_signed(step).filter(|&next| next < RIDGES.len()) {
            let of_next = at(next)?;
            let falls = of_next.held_out.error < lowest;
            (ridge, lowest) = (next, of_next.held_out.error);
            tried.push(of_next);
            if !falls {
                break;
            }
        }
        if tried.len() > 2 {
            break;
        }
    }
    Ok(tried)
}

/// Sums over the rows: of the kernel at the centres k.
struct Sums {
    /// S in the lower triangle, K_CC above it; the diagonal of that is 1. m×m.
    scatter: Mat<f64>,
    /// k̄, m×1.
    mean: Mat<f64>,
    /// Σ wᵢkᵢ(yᵢ − ȳ)ᵀ, m×c.
    toward: Mat<f64>,
}

impl Sums {
    fn of(
        rows: MatRef<'_, f64>,
        centres: MatRef<'_, f64>,
        kernel: Kernel,
        targets: &Targets<'_>,
        par: Par,
    ) -> Result<Self> {
        let (n, m) = (targets.n(), centres.nrows());
        let (mut scatter, mut mean) = (kernel.gram(centres, par)?, Mat::zeros(m, 1));
        for (j, column) in scatter.col_iter_mut().enumerate() {
            column.subrows_mut(j, m - j).fill(0.0);
        }
        let mut toward = Mat::zeros(m, targets.n_classes());
        for (start, count) in blocks(n) {
            let mut values = kernel.cross_gram(rows.subrows(start, count), centres, par)?;
            toward += product(values.transpose(), targets.weighted(start..start + count).as_ref());
            let weights = Mat::from_fn(count, 1, |i, _| targets.weight(start + i));
            mean += product(values.transpose(), weights.as_ref());
            for column in values.col_iter_mut() {
                column
                    .iter_mut()
                    .zip(weights.col(0).iter())
                    .for_each(|(value, weight)| *value *= weight.sqrt());
            }
            stripes(scatter.as_mut(), par, |first, stripe| {
                let width = stripe.ncols();
                let of_stripe = values.subcols(first, width);
                let (at, below) = stripe.subrows_mut(first, m - first).split_at_row_mut(width);
                add_lower_product(at, of_stripe, of_stripe);
                let rest = values.subcols(first + width, m - first - width);
                matmul(below, Accum::Add, rest.transpose(), of_stripe, 1.0);
            });
        }
        // the weights' mean is 1
        let total = n as f64;
        mean *= faer::Scale(1.0 / total);
        for j in 0..m {
            for i in j..m {
                scatter[(i, j)] -= total * mean[(i, 0)] * mean[(j, 0)];
            }
        }
        Ok(Self { scatter, mean, toward })
    }
}

/// Calls `each` for stripes of the columns of a matrix, with the number of the first.
fn stripes(matrix: MatMut<'_, f64>, par: Par, each: impl Fn(usize, MatMut<'_, f64>) + Sync) {
    let of_stripes = matrix.par_col_chunks_mut(STRIPE).enumerate().with_min_len(stripes_at_once(par));
    of_stripes.for_each(|(place, stripe)| each(place * STRIPE, stripe));
}

fn stripes_at_once(par: Par) -> usize {
    if par == Par::Seq { usize::MAX } else { 1 }
}
