//! Multinomial logistic regression, also the probe behind the cross-entropy metric.

use faer::{Accum, Mat, MatRef, Scale};
use hsic_kernels::Labels;
use hsic_kernels::linalg::matmul;

use super::normalize_log;
use crate::{Error, Result};

/// The gradient's norm, relative to that of the features, at which the fit counts as converged.
const TOLERANCE: f64 = 1e-11;
/// What rounding may leave of it where no step gains any more.
const ROUNDING: f64 = 1e-7;
const MAX_NEWTON_STEPS: usize = 100;
const MAX_CONJUGATE_STEPS: usize = 400;

/// Minimises ½‖W‖² + Σᵢ −log p(yᵢ), p = softmax(fᵢᵀW + b): L2 with C = 1 as scikit-learn scales it, the intercept b free.
///
/// By Newton's method, each step's system solved by conjugate gradients without forming the Hessian. (Of the
/// line searches of a general L-BFGS one gave up near the optimum and one never ended.)
///
/// # Cost
/// O(n·p·c) a conjugate gradient step, some tens to hundreds of them.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticHead {
    /// p×c.
    pub(crate) weights: Mat<f64>,
    pub(crate) intercepts: Vec<f64>,
}

impl LogisticHead {
    /// Fits features (n×p) to labels.
    ///
    /// # Errors
    /// [`Error::Logistic`] where it does not converge.
    pub fn fit(features: MatRef<'_, f64>, labels: &Labels) -> Result<Self> {
        let p = features.ncols();
        let loss = Loss::new(features, labels);
        let scale = 1.0 + loss.augmented.norm_l2();
        let mut point = Mat::zeros(p + 1, labels.n_classes());
        let mut at = loss.at(&point);
        for _ in 0..MAX_NEWTON_STEPS {
            if at.gradient_norm() <= TOLERANCE * scale {
                break;
            }
            let Some((next, next_at)) = loss.newton_step(&point, &at) else { break };
            (point, at) = (next, next_at);
        }
        if at.gradient_norm() > ROUNDING * scale {
            let reason = format!("the gradient's norm is still {:.1e}", at.gradient_norm());
            return Err(Error::Logistic { reason });
        }
        let weights = point.subrows(0, p).to_owned();
        Ok(Self { weights, intercepts: point.row(p).iter().copied().collect() })
    }

    /// log p(class | features), n×c.
    pub fn log_proba(&self, features: MatRef<'_, f64>) -> Mat<f64> {
        let mut scores = Mat::from_fn(features.nrows(), self.intercepts.len(), |_, a| self.intercepts[a]);
        matmul(scores.as_mut(), Accum::Add, features, self.weights.as_ref(), 1.0);
        normalize_log(&mut scores);
        scores
    }

    /// The mean of −log p(yᵢ) over the rows.
    pub fn cross_entropy(&self, features: MatRef<'_, f64>, labels: &Labels) -> f64 {
        let log_proba = self.log_proba(features);
        let sum: f64 = labels.codes().iter().enumerate().map(|(i, &class)| log_proba[(i, class)]).sum();
        -sum / labels.len() as f64
    }
}

/// The loss as a function of [W; bᵀ], (p+1)×c.
struct Loss<'a> {
    /// [F 1], n×(p+1).
    augmented: Mat<f64>,
    labels: &'a Labels,
}

/// The loss at a point.
struct At {
    value: f64,
    gradient: Mat<f64>,
    /// n×c.
    probabilities: Mat<f64>,
}

impl At {
    fn gradient_norm(&self) -> f64 {
        self.gradient.norm_l2()
    }
}

impl<'a> Loss<'a> {
    fn new(features: MatRef<'_, f64>, labels: &'a Labels) -> Self {
        let (n, p) = features.shape();
        let augmented = Mat::from_fn(n, p + 1, |i, k| if k < p { features[(i, k)] } else { 1.0 });
        Self { augmented, labels }
    }

    fn scores(&self, point: &Mat<f64>) -> Mat<f64> {
        let mut scores = Mat::zeros(self.augmented.nrows(), point.ncols());
        matmul(scores.as_mut(), Accum::Replace, self.augmented.as_ref(), point.as_ref(), 1.0);
        scores
    }

    /// [F 1]ᵀ·rows + [V; 0]: what gradient and Hessian have in common.
    fn pull_back(&self, rows: &Mat<f64>, regularized: &Mat<f64>) -> Mat<f64> {
        let mut result = regularized.clone();
        result.row_mut(regularized.nrows() - 1).fill(0.0);
        matmul(result.as_mut(), Accum::Add, self.augmented.transpose(), rows.as_ref(), 1.0);
        result
    }

    fn at(&self, point: &Mat<f64>) -> At {
        let mut log_proba = self.scores(point);
        normalize_log(&mut log_proba);
        let codes = self.labels.codes();
        let fit: f64 = codes.iter().enumerate().map(|(i, &class)| log_proba[(i, class)]).sum();
        let weights = point.subrows(0, point.nrows() - 1);
        let value = 0.5 * weights.squared_norm_l2() - fit;
        let probabilities = Mat::from_fn(codes.len(), point.ncols(), |i, a| log_proba[(i, a)].exp());
        let mut excess = probabilities.clone();
        for (i, &class) in codes.iter().enumerate() {
            excess[(i, class)] -= 1.0;
        }
        At { value, gradient: self.pull_back(&excess, point), probabilities }
    }

    /// The Hessian times a direction.
    fn hessian(&self, at: &At, direction: &Mat<f64>) -> Mat<f64> {
        let mut change = self.scores(direction);
        let p = &at.probabilities;
        let means: Vec<f64> =
            (0..p.nrows()).map(|i| (0..p.ncols()).map(|a| p[(i, a)] * change[(i, a)]).sum()).collect();
        for a in 0..p.ncols() {
            for (i, mean) in means.iter().enumerate() {
                change[(i, a)] = p[(i, a)] * (change[(i, a)] - mean);
            }
        }
        self.pull_back(&change, direction)
    }

    /// The Newton direction by conjugate gradients, to a residual that shrinks with the gradient.
    fn newton_direction(&self, at: &At) -> Mat<f64> {
        let mut direction = Mat::zeros(at.gradient.nrows(), at.gradient.ncols());
        let mut residual = &at.gradient * Scale(-1.0);
        let mut search = residual.clone();
        let mut squared = residual.squared_norm_l2();
        let target = squared * squared.sqrt().min(0.01);
        for _ in 0..MAX_CONJUGATE_STEPS {
            let image = self.hessian(at, &search);
            let curvature = inner(&search, &image);
            if curvature <= 0.0 {
                break;
            }
            let step = squared / curvature;
            direction += &search * Scale(step);
            residual -= &image * Scale(step);
            let next = residual.squared_norm_l2();
            if next <= target {
                break;
            }
            search = &residual + &search * Scale(next / squared);
            squared = next;
        }
        direction
    }

    /// A point that is better by value, or by gradient where values differ by rounding only.
    fn newton_step(&self, point: &Mat<f64>, at: &At) -> Option<(Mat<f64>, At)> {
        let direction = self.newton_direction(at);
        let slope = inner(&at.gradient, &direction);
        let mut alpha = 1.0;
        for _ in 0..40 {
            let next = point + &direction * Scale(alpha);
            let next_at = self.at(&next);
            let falls = next_at.value <= at.value + 1e-4 * alpha * slope;
            let same = (next_at.value - at.value).abs() <= 1e-12 * at.value.abs();
            if (falls && !same) || (same && next_at.gradient_norm() < at.gradient_norm()) {
                return Some((next, next_at));
            }
            alpha *= 0.5;
        }
        None
    }
}

fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    a.col_iter().zip(b.col_iter()).map(|(a, b)| a.transpose() * b).sum()
}
