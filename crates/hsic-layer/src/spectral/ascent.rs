//! The safeguarded ascent: eigenvector steps while they gain, conjugate gradient steps where they do not.
//!
//! An eigenvector step needs the whole of Q(W), a gradient step Q(W)·W alone, which costs a fraction where R has many
//! columns. So after an eigenvector step has lost to a gradient step, it is left out for one step, after the next loss for
//! two, and so on.

use faer::{Mat, MatRef, Scale};
use hsic_kernels::linalg::{polar_factor, product, symmetric_eigen};

use super::objective::Landscape;
use crate::stiefel::{align, fix_signs};
use crate::{Result, Solution, Termination};

/// An eigenvector step that gains this share of the objective is taken without a look at alternatives.
const LARGE_GAIN: f64 = 1e-2;

/// Eigenvector steps are left out at most this many times in a row.
const LONGEST_REST: usize = 4;

/// From `start` (p×q, orthonormal) to a stationary subspace.
pub(super) fn ascend(
    objective: &impl Landscape,
    start: Mat<f64>,
    tolerance: f64,
    max_iterations: usize,
) -> Result<(Mat<f64>, Solution)> {
    let tolerance = tolerance.max(objective.resolution());
    let whole_space = start.ncols() == start.nrows();
    let mut ascent = Ascent::new(objective, start)?;
    let mut history = vec![ascent.value];
    let mut termination = Termination::MaxIterations;
    if whole_space {
        termination = Termination::WholeSpace;
    } else {
        while history.len() <= max_iterations {
            let (before, both) = (ascent.value, ascent.rest == 0);
            if !ascent.step()? {
                termination = Termination::NoAscent;
                break;
            }
            history.push(ascent.value);
            // a small gain alone can be one short step on a long slope, or the gradient's where eigenvectors gain more
            let small_gain = ascent.value - before <= tolerance * ascent.value.abs();
            if small_gain && both && ascent.residual()? <= tolerance.sqrt() {
                termination = Termination::Converged;
                break;
            }
            if small_gain {
                ascent.rest = 0;
            }
        }
    }
    let residual = ascent.residual()?;
    let solution = Solution {
        termination,
        iterations: history.len() - 1,
        objective_history: history,
        residual: Some(residual),
    };
    Ok((ascent.canonical_basis()?, solution))
}

/// A point on the Stiefel manifold with its objective and gradient, and the last conjugate direction.
struct Ascent<'a, L> {
    objective: &'a L,
    w: Mat<f64>,
    value: f64,
    /// Q(W)·W.
    q_times_w: Mat<f64>,
    /// Q(W), once it was asked for.
    q: Option<Mat<f64>>,
    conjugate: Option<Conjugate>,
    /// Steps until the next eigenvector step is tried.
    rest: usize,
    /// How many steps were left out last; 0 once an eigenvector step has won.
    last_rest: usize,
}

/// What the next conjugate gradient step needs of the last one.
struct Conjugate {
    direction: Mat<f64>,
    gradient: Mat<f64>,
    alpha: f64,
}

/// A point that was tried.
struct Trial {
    w: Mat<f64>,
    value: f64,
    /// Its place on the path.
    alpha: f64,
}

impl<'a, L: Landscape> Ascent<'a, L> {
    fn new(objective: &'a L, w: Mat<f64>) -> Result<Self> {
        let value = objective.value(w.as_ref())?;
        let q = objective.q_matrix(w.as_ref())?;
        let q_times_w = product(q.as_ref(), w.as_ref());
        Ok(Self { objective, w, value, q_times_w, q: Some(q), conjugate: None, rest: 0, last_rest: 0 })
    }

    /// Moves to a point with a higher objective; false where none was found.
    fn step(&mut self) -> Result<bool> {
        let gradient = self.tangent();
        if self.rest > 0 {
            self.rest -= 1;
            if let Some((along, conjugate)) = self.gradient_trial(&gradient)? {
                self.move_to(along, Some(conjugate))?;
                return Ok(true);
            }
        }
        // the nearest basis of that subspace: an objective of random features changes a little with the basis
        let width = self.w.ncols();
        let leading = leading_eigenvectors(self.q()?, width)?;
        let leading = align(leading.as_ref(), self.w.as_ref())?;
        let value = self.objective.value(leading.as_ref())?;
        let leading = Trial { w: leading, value, alpha: 1.0 };
        if value - self.value > LARGE_GAIN * self.value.abs() {
            self.last_rest = 0;
            self.move_to(leading, None)?;
            return Ok(true);
        }
        // near a fixed point, or where the iteration would cycle: shorten the step, and try the gradient beside it
        let towards = &leading.w - &self.w;
        let eigen = self.search(&towards, &gradient, 1.0, Some(leading))?;
        match (eigen, self.gradient_trial(&gradient)?) {
            (Some(eigen), along) if along.as_ref().is_none_or(|(along, _)| eigen.value >= along.value) => {
                self.last_rest = 0;
                self.move_to(eigen, None)?;
                Ok(true)
            }
            (_, Some((along, conjugate))) => {
                self.last_rest = (2 * self.last_rest).clamp(1, LONGEST_REST);
                self.rest = self.last_rest;
                self.move_to(along, Some(conjugate))?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The best point found along the conjugate direction.
    fn gradient_trial(&self, gradient: &Mat<f64>) -> Result<Option<(Trial, Conjugate)>> {
        let direction = self.conjugate_direction(gradient);
        let length = match &self.conjugate {
            Some(last) => last.alpha,
            // a turn by about one radian
            None => 1.0 / direction.norm_l2().max(f64::MIN_POSITIVE),
        };
        let along = self.search(&direction, gradient, length, None)?;
        Ok(along.map(|along| {
            let alpha = along.alpha;
            (along, Conjugate { direction, gradient: gradient.clone(), alpha })
        }))
    }

    fn move_to(&mut self, to: Trial, conjugate: Option<Conjugate>) -> Result<()> {
        (self.q, self.q_times_w) = if self.rest > 0 {
            (None, self.objective.q_times_w(to.w.as_ref())?)
        } else {
            let q = self.objective.q_matrix(to.w.as_ref())?;
            let q_times_w = product(q.as_ref(), to.w.as_ref());
            (Some(q), q_times_w)
        };
        (self.w, self.value, self.conjugate) = (to.w, to.value, conjugate);
        Ok(())
    }

    /// Q(W).
    fn q(&mut self) -> Result<MatRef<'_, f64>> {
        if self.q.is_none() {
            self.q = Some(self.objective.q_matrix(self.w.as_ref())?);
        }
        Ok(self.q.as_ref().expect("just made").as_ref())
    }

    /// QW − W(WᵀQW), σ²/2 times the Riemannian gradient.
    fn tangent(&self) -> Mat<f64> {
        self.horizontal(&self.q_times_w)
    }

    /// (I − WWᵀ)·X.
    fn horizontal(&self, x: &Mat<f64>) -> Mat<f64> {
        x - product(self.w.as_ref(), product(self.w.transpose(), x.as_ref()).as_ref())
    }

    /// ‖QW − W(WᵀQW)‖_F/‖Q‖_F.
    fn residual(&mut self) -> Result<f64> {
        let norm = self.q()?.norm_l2();
        Ok(if norm == 0.0 { 0.0 } else { self.tangent().norm_l2() / norm })
    }

    /// The gradient plus the last direction where that is conjugate to it (Polak–Ribière, restarted when negative).
    fn conjugate_direction(&self, gradient: &Mat<f64>) -> Mat<f64> {
        let Some(last) = &self.conjugate else { return gradient.clone() };
        let change = gradient - self.horizontal(&last.gradient);
        let beta = inner(gradient, &change) / inner(&last.gradient, &last.gradient);
        let direction = gradient + self.horizontal(&last.direction) * Scale(beta.max(0.0));
        if inner(gradient, &direction) > 0.0 { direction } else { gradient.clone() }
    }

    /// The best point found on W(α) = orth(W + α·direction), or none above the current objective.
    ///
    /// Tries α = `first` (or takes `end` for it), then the top of the parabola through the start, its slope and that
    /// point, then halves until something rises.
    fn search(
        &self,
        direction: &Mat<f64>,
        gradient: &Mat<f64>,
        first: f64,
        end: Option<Trial>,
    ) -> Result<Option<Trial>> {
        let slope = self.objective.gradient_scale() * inner(gradient, direction);
        let rising = |trial: Trial| (trial.value > self.value).then_some(trial);
        if slope <= 0.0 {
            return Ok(end.and_then(rising));
        }
        let end = match end {
            Some(end) => end,
            None => self.trial(direction, first)?,
        };
        let curvature = slope * first - (end.value - self.value);
        let top = if curvature > 0.0 { 0.5 * slope * first / curvature } else { 4.0 };
        let mut alpha = first * top.clamp(0.05, 4.0);
        let mut best = rising(end);
        if best.is_some() && (0.8..1.25).contains(&top) {
            return Ok(best);
        }
        for _ in 0..self.objective.halvings() {
            let trial = self.trial(direction, alpha)?;
            if trial.value > best.as_ref().map_or(self.value, |best| best.value) {
                best = Some(trial);
            }
            if best.is_some() {
                break;
            }
            alpha *= 0.5;
        }
        Ok(best)
    }

    fn trial(&self, direction: &Mat<f64>, alpha: f64) -> Result<Trial> {
        let w = polar_factor((&self.w + direction * Scale(alpha)).as_ref())?;
        let value = self.objective.value(w.as_ref())?;
        Ok(Trial { w, value, alpha })
    }

    /// The eigenvectors of WᵀQW as basis of the subspace (the objective depends on nothing else), signs fixed.
    fn canonical_basis(self) -> Result<Mat<f64>> {
        let projected = product(self.w.transpose(), self.q_times_w.as_ref());
        let (_, rotation) = symmetric_eigen(projected.as_ref())?;
        // orthonormal to rounding after the products
        let mut w = polar_factor(product(self.w.as_ref(), rotation.as_ref()).as_ref())?;
        fix_signs(&mut w);
        Ok(w)
    }
}

fn leading_eigenvectors(q: MatRef<'_, f64>, count: usize) -> Result<Mat<f64>> {
    let (_, vectors) = symmetric_eigen(q)?;
    Ok(vectors.subcols(0, count).to_owned())
}

fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    a.col_iter().zip(b.col_iter()).map(|(a, b)| a.transpose() * b).sum()
}
