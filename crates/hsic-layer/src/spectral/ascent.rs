//! The safeguarded ascent: eigenvector steps that are shortened until the objective rises.

use faer::{Mat, MatRef};
use hsic_kernels::linalg::{polar_factor, product, symmetric_eigen};

use super::Objective;
use crate::stiefel::{align, fix_signs};
use crate::{Result, Solution, Termination};

/// A step is halved at most this often before it counts as not rising.
const HALVINGS: i32 = 24;

/// From `start` (p×q, orthonormal) to a stationary subspace.
pub(super) fn ascend(
    objective: &Objective,
    start: Mat<f64>,
    tolerance: f64,
    max_iterations: usize,
) -> Result<(Mat<f64>, Solution)> {
    let mut w = start;
    let mut value = objective.value(w.as_ref())?;
    let mut q = objective.q_matrix(w.as_ref())?;
    let mut history = vec![value];
    let whole_space = w.ncols() == w.nrows();
    let mut termination = Termination::MaxIterations;
    if whole_space {
        termination = Termination::WholeSpace;
    } else {
        while history.len() <= max_iterations {
            let Some((next, next_value)) = rising_step(objective, &w, &q, value)? else {
                termination = Termination::NoAscent;
                break;
            };
            let gain = next_value - value;
            (w, value) = (next, next_value);
            history.push(value);
            q = objective.q_matrix(w.as_ref())?;
            // a small gain alone can be one short step on a long slope
            if gain <= tolerance * value.abs() && residual(&q, &w) <= tolerance.sqrt() {
                termination = Termination::Converged;
                break;
            }
        }
    }
    // the objective depends on the subspace only: take the eigenvectors of the projected Q as its basis
    let projected = product(w.transpose(), product(q.as_ref(), w.as_ref()).as_ref());
    w = product(w.as_ref(), symmetric_eigen(projected.as_ref())?.1.as_ref());
    // once more orthonormal to rounding after many products
    w = polar_factor(w.as_ref())?;
    fix_signs(&mut w);
    let solution = Solution {
        termination,
        iterations: history.len() - 1,
        objective_history: history,
        residual: Some(residual(&q, &w)),
    };
    Ok((w, solution))
}

/// ‖QW − W(WᵀQW)‖_F/‖Q‖_F.
fn residual(q: &Mat<f64>, w: &Mat<f64>) -> f64 {
    let norm = q.norm_l2();
    if norm == 0.0 { 0.0 } else { tangent(q, w).norm_l2() / norm }
}

/// QW − W(WᵀQW), the Riemannian gradient up to a factor.
fn tangent(q: &Mat<f64>, w: &Mat<f64>) -> Mat<f64> {
    let qw = product(q.as_ref(), w.as_ref());
    let along = product(w.transpose(), qw.as_ref());
    &qw - product(w.as_ref(), along.as_ref())
}

/// A basis with a higher objective than `value`, or none.
fn rising_step(
    objective: &Objective,
    w: &Mat<f64>,
    q: &Mat<f64>,
    value: f64,
) -> Result<Option<(Mat<f64>, f64)>> {
    let leading = leading_eigenvectors(q.as_ref(), w.ncols())?;
    let leading_value = objective.value(leading.as_ref())?;
    if leading_value > value {
        return Ok(Some((leading, leading_value)));
    }
    let target = align(leading.as_ref(), w.as_ref())?;
    let gradient = tangent(q, w);
    let towards = &target - w;
    if inner(&gradient, &towards) > 0.0 {
        let step = halve(objective, value, 0.5, |alpha| w + &towards * faer::Scale(alpha))?;
        if step.is_some() {
            return Ok(step);
        }
    }
    let norm = gradient.norm_l2();
    if norm == 0.0 {
        return Ok(None);
    }
    // first try a turn by about one radian
    halve(objective, value, 1.0 / norm, |length| w + &gradient * faer::Scale(length))
}

/// Halves the step from `first` until the orthonormalised point rises above `value`.
fn halve(
    objective: &Objective,
    value: f64,
    first: f64,
    point: impl Fn(f64) -> Mat<f64>,
) -> Result<Option<(Mat<f64>, f64)>> {
    for halving in 0..HALVINGS {
        let candidate = polar_factor(point(first * 0.5f64.powi(halving)).as_ref())?;
        let candidate_value = objective.value(candidate.as_ref())?;
        if candidate_value > value {
            return Ok(Some((candidate, candidate_value)));
        }
    }
    Ok(None)
}

fn leading_eigenvectors(q: MatRef<'_, f64>, count: usize) -> Result<Mat<f64>> {
    let (_, vectors) = symmetric_eigen(q)?;
    Ok(vectors.subcols(0, count).to_owned())
}

fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    a.col_iter().zip(b.col_iter()).map(|(a, b)| a.transpose() * b).sum()
}
