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
pub(super) fn ascend<L: Landscape>(
    objective: &L,
    start: Mat<f64>,
    tolerance: f64,
    max_iterations: usize,
) -> std::result::Result<(Mat<f64>, Solution), L::Error> {
    let mut ascent = Ascent::new(start, tolerance, max_iterations);
    let (termination, residual) = ascent.climb(objective)?;
    Ok(ascent.finish(termination, residual)?)
}

/// A point on the Stiefel manifold with what is known there, and the last conjugate direction.
///
/// It moves at the end of a step alone, and what a landscape was asked before it moves depends on nothing else: where a
/// landscape fails because it cannot tell yet, [`climb`](Self::climb) is called again and asks the same until it can.
pub(super) struct Ascent {
    w: Mat<f64>,
    /// Q(W)·W, once it was asked for.
    q_times_w: Option<Mat<f64>>,
    /// Q(W), likewise.
    q: Option<Mat<f64>>,
    /// The basis nearest to W of the leading eigenvectors of Q(W), likewise.
    leading: Option<Mat<f64>>,
    conjugate: Option<Conjugate>,
    /// Steps until the next eigenvector step is tried.
    rest: usize,
    /// How many steps were left out last; 0 once an eigenvector step has won.
    last_rest: usize,
    /// The objective at the start and after every step.
    history: Vec<f64>,
    /// A step whose gain is still to be judged: whether it tried both kinds.
    last_step: Option<bool>,
    tolerance: f64,
    max_iterations: usize,
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

/// Where a step ends: the point, and when eigenvectors are tried again.
struct Landing {
    to: Trial,
    conjugate: Option<Conjugate>,
    rest: usize,
    last_rest: usize,
}

type Asked<T, L> = std::result::Result<T, <L as Landscape>::Error>;

impl Ascent {
    pub(super) fn new(start: Mat<f64>, tolerance: f64, max_iterations: usize) -> Self {
        Self {
            w: start,
            q_times_w: None,
            q: None,
            leading: None,
            conjugate: None,
            rest: 0,
            last_rest: 0,
            history: Vec::new(),
            last_step: None,
            tolerance,
            max_iterations,
        }
    }

    /// Climbs to the end: why it is one, and the residual there.
    pub(super) fn climb<L: Landscape>(&mut self, objective: &L) -> Asked<(Termination, f64), L> {
        let tolerance = self.tolerance.max(objective.resolution());
        let termination = loop {
            self.arrive(objective)?;
            if self.w.ncols() == self.w.nrows() {
                break Termination::WholeSpace;
            }
            if self.converged(objective, tolerance)? {
                break Termination::Converged;
            }
            if self.history.len() > self.max_iterations {
                break Termination::MaxIterations;
            }
            match self.step(objective)? {
                Some(landing) => self.land(landing),
                None => break Termination::NoAscent,
            }
            objective.at(self.w.as_ref());
        };
        Ok((termination, self.residual(objective)?))
    }

    /// The basis found, and how.
    pub(super) fn finish(&self, termination: Termination, residual: f64) -> Result<(Mat<f64>, Solution)> {
        let solution = Solution {
            termination,
            iterations: self.history.len() - 1,
            objective_history: self.history.clone(),
            residual: Some(residual),
        };
        Ok((self.canonical_basis()?, solution))
    }

    /// The objective at W, once it is known.
    fn value(&self) -> f64 {
        self.history.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// Asks for what every point needs: Q(W) where eigenvectors are to be tried, else Q(W)·W.
    fn arrive<L: Landscape>(&mut self, objective: &L) -> Asked<(), L> {
        if self.history.is_empty() {
            self.history.push(objective.value(self.w.as_ref())?);
        }
        if self.q_times_w.is_none() {
            self.q_times_w = Some(if self.rest > 0 {
                objective.q_times_w(self.w.as_ref())?
            } else {
                let w = self.w.clone();
                product(self.q(objective)?, w.as_ref())
            });
        }
        Ok(())
    }

    /// Judges the last step.
    fn converged<L: Landscape>(&mut self, objective: &L, tolerance: f64) -> Asked<bool, L> {
        let (Some(both), [.., before, value]) = (self.last_step, &self.history[..]) else { return Ok(false) };
        // a small gain alone can be one short step on a long slope, or the gradient's where eigenvectors gain more
        let small_gain = value - before <= tolerance * value.abs();
        if small_gain && both && self.residual(objective)? <= tolerance.sqrt() {
            return Ok(true);
        }
        if small_gain {
            self.rest = 0;
        }
        self.last_step = None;
        Ok(false)
    }

    /// Where the next step lands, on a point with a higher objective; `None` where none was found.
    fn step<L: Landscape>(&mut self, objective: &L) -> Asked<Option<Landing>, L> {
        let gradient = self.tangent();
        let (rest, last_rest) = (self.rest.saturating_sub(1), self.last_rest);
        if self.rest > 0
            && let Some((to, conjugate)) = self.gradient_trial(objective, &gradient)?
        {
            return Ok(Some(Landing { to, conjugate: Some(conjugate), rest, last_rest }));
        }
        let leading = self.leading(objective)?;
        let value = objective.value(leading.as_ref())?;
        let leading = Trial { w: leading, value, alpha: 1.0 };
        if value - self.value() > LARGE_GAIN * self.value().abs() {
            return Ok(Some(Landing { to: leading, conjugate: None, rest, last_rest: 0 }));
        }
        // near a fixed point, or where the iteration would cycle: shorten the step, and try the gradient beside it
        let towards = &leading.w - &self.w;
        let eigen = self.search(objective, &towards, &gradient, 1.0, Some(leading))?;
        match (eigen, self.gradient_trial(objective, &gradient)?) {
            (Some(to), along) if along.as_ref().is_none_or(|(along, _)| to.value >= along.value) => {
                Ok(Some(Landing { to, conjugate: None, rest, last_rest: 0 }))
            }
            (_, Some((to, conjugate))) => {
                let rest = (2 * last_rest).clamp(1, LONGEST_REST);
                Ok(Some(Landing { to, conjugate: Some(conjugate), rest, last_rest: rest }))
            }
            _ => Ok(None),
        }
    }

    fn land(&mut self, Landing { to, conjugate, rest, last_rest }: Landing) {
        self.last_step = Some(self.rest == 0);
        (self.rest, self.last_rest, self.conjugate) = (rest, last_rest, conjugate);
        (self.q, self.q_times_w, self.leading) = (None, None, None);
        self.w = to.w;
        self.history.push(to.value);
    }

    /// The best point found along the conjugate direction.
    fn gradient_trial<L: Landscape>(
        &self,
        objective: &L,
        gradient: &Mat<f64>,
    ) -> Asked<Option<(Trial, Conjugate)>, L> {
        let direction = self.conjugate_direction(gradient);
        let length = match &self.conjugate {
            Some(last) => last.alpha,
            // a turn by about one radian
            None => 1.0 / direction.norm_l2().max(f64::MIN_POSITIVE),
        };
        let along = self.search(objective, &direction, gradient, length, None)?;
        Ok(along.map(|along| {
            let alpha = along.alpha;
            (along, Conjugate { direction, gradient: gradient.clone(), alpha })
        }))
    }

    /// Q(W).
    fn q<L: Landscape>(&mut self, objective: &L) -> Asked<MatRef<'_, f64>, L> {
        let q = match self.q.take() {
            Some(q) => q,
            None => objective.q_matrix(self.w.as_ref())?,
        };
        Ok(self.q.insert(q).as_ref())
    }

    /// The leading eigenvectors of Q(W), in the basis nearest to W: an objective of random features changes a little with it.
    fn leading<L: Landscape>(&mut self, objective: &L) -> Asked<Mat<f64>, L> {
        if let Some(leading) = &self.leading {
            return Ok(leading.clone());
        }
        let width = self.w.ncols();
        let leading = leading_eigenvectors(self.q(objective)?, width)?;
        let leading = align(leading.as_ref(), self.w.as_ref())?;
        Ok(self.leading.insert(leading).clone())
    }

    /// QW − W(WᵀQW), σ²/2 times the Riemannian gradient.
    fn tangent(&self) -> Mat<f64> {
        self.horizontal(self.q_times_w.as_ref().expect("known since the arrival"))
    }

    /// (I − WWᵀ)·X.
    fn horizontal(&self, x: &Mat<f64>) -> Mat<f64> {
        x - product(self.w.as_ref(), product(self.w.transpose(), x.as_ref()).as_ref())
    }

    /// ‖QW − W(WᵀQW)‖_F/‖Q‖_F.
    fn residual<L: Landscape>(&mut self, objective: &L) -> Asked<f64, L> {
        let norm = self.q(objective)?.norm_l2();
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
    fn search<L: Landscape>(
        &self,
        objective: &L,
        direction: &Mat<f64>,
        gradient: &Mat<f64>,
        first: f64,
        end: Option<Trial>,
    ) -> Asked<Option<Trial>, L> {
        let slope = objective.gradient_scale() * inner(gradient, direction);
        let rising = |trial: Trial| (trial.value > self.value()).then_some(trial);
        if slope <= 0.0 {
            return Ok(end.and_then(rising));
        }
        let end = match end {
            Some(end) => end,
            None => self.trial(objective, direction, first)?,
        };
        let curvature = slope * first - (end.value - self.value());
        let top = if curvature > 0.0 { 0.5 * slope * first / curvature } else { 4.0 };
        let mut alpha = first * top.clamp(0.05, 4.0);
        let mut best = rising(end);
        if best.is_some() && (0.8..1.25).contains(&top) {
            return Ok(best);
        }
        for _ in 0..objective.halvings() {
            let trial = self.trial(objective, direction, alpha)?;
            if trial.value > best.as_ref().map_or(self.value(), |best| best.value) {
                best = Some(trial);
            }
            if best.is_some() {
                break;
            }
            alpha *= 0.5;
        }
        Ok(best)
    }

    fn trial<L: Landscape>(&self, objective: &L, direction: &Mat<f64>, alpha: f64) -> Asked<Trial, L> {
        let w = retract(&self.w, direction, alpha)?;
        let value = objective.value(w.as_ref())?;
        Ok(Trial { w, value, alpha })
    }

    /// The eigenvectors of WᵀQW as basis of the subspace (the objective depends on nothing else), signs fixed.
    fn canonical_basis(&self) -> Result<Mat<f64>> {
        let projected =
            product(self.w.transpose(), self.q_times_w.as_ref().expect("known since the arrival").as_ref());
        let (_, rotation) = symmetric_eigen(projected.as_ref())?;
        // orthonormal to rounding after the products
        let mut w = polar_factor(product(self.w.as_ref(), rotation.as_ref()).as_ref())?;
        fix_signs(&mut w);
        Ok(w)
    }
}

/// orth(W + α·direction).
fn retract(w: &Mat<f64>, direction: &Mat<f64>, alpha: f64) -> Result<Mat<f64>> {
    Ok(polar_factor((w + direction * Scale(alpha)).as_ref())?)
}

fn leading_eigenvectors(q: MatRef<'_, f64>, count: usize) -> Result<Mat<f64>> {
    let (_, vectors) = symmetric_eigen(q)?;
    Ok(vectors.subcols(0, count).to_owned())
}

fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    a.col_iter().zip(b.col_iter()).map(|(a, b)| a.transpose() * b).sum()
}
