//! Multinomial logistic regression, also the probe behind the cross-entropy metric.

use argmin::core::{CostFunction, Executor, Gradient, State, TerminationReason, TerminationStatus};
use argmin::solver::linesearch::HagerZhangLineSearch;
use argmin::solver::quasinewton::LBFGS;
use faer::{Accum, Mat, MatRef};
use hsic_kernels::Labels;
use hsic_kernels::linalg::matmul;

use super::normalize_log;
use crate::{Error, Result};

/// The gradient's norm at which the fit counts as converged.
const GRADIENT_TOLERANCE: f64 = 1e-9;
const MAX_ITERATIONS: u64 = 2000;

/// Minimises ½‖W‖² + Σᵢ −log p(yᵢ), p = softmax(fᵢᵀW + b): L2 with C = 1 as scikit-learn scales it, the intercept b free.
///
/// # Cost
/// O(n·p·c) a step of L-BFGS.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticHead {
    /// p×c.
    weights: Mat<f64>,
    intercepts: Vec<f64>,
}

impl LogisticHead {
    /// Fits features (n×p) to labels.
    ///
    /// # Errors
    /// [`Error::Logistic`] where the optimiser fails.
    pub fn fit(features: MatRef<'_, f64>, labels: &Labels) -> Result<Self> {
        let (p, c) = (features.ncols(), labels.n_classes());
        let loss = Loss { features, labels };
        let solver = LBFGS::new(HagerZhangLineSearch::new(), 10)
            .with_tolerance_grad(GRADIENT_TOLERANCE)
            .and_then(|solver| solver.with_tolerance_cost(0.0))
            .map_err(|error| Error::Logistic { reason: error.to_string() })?;
        let outcome = Executor::new(loss, solver)
            .configure(|state| state.param(vec![0.0; (p + 1) * c]).max_iters(MAX_ITERATIONS))
            .ctrlc(false)
            .run();
        let best = match outcome {
            Ok(result) => {
                if let TerminationStatus::Terminated(TerminationReason::SolverExit(reason)) =
                    result.state().get_termination_status()
                {
                    return Err(Error::Logistic { reason: reason.clone() });
                }
                result.state().get_best_param().cloned()
            }
            Err(error) => return Err(Error::Logistic { reason: error.to_string() }),
        };
        let best = best.unwrap_or_else(|| vec![0.0; (p + 1) * c]);
        let weights = MatRef::from_column_major_slice(&best[..p * c], p, c).to_owned();
        Ok(Self { weights, intercepts: best[p * c..].to_vec() })
    }

    /// log p(class | features), n×c.
    pub fn log_proba(&self, features: MatRef<'_, f64>) -> Mat<f64> {
        log_softmax(features, self.weights.as_ref(), &self.intercepts)
    }

    /// The mean of −log p(yᵢ) over the rows.
    pub fn cross_entropy(&self, features: MatRef<'_, f64>, labels: &Labels) -> f64 {
        let log_proba = self.log_proba(features);
        let sum: f64 = labels.codes().iter().enumerate().map(|(i, &class)| log_proba[(i, class)]).sum();
        -sum / labels.len() as f64
    }
}

fn log_softmax(features: MatRef<'_, f64>, weights: MatRef<'_, f64>, intercepts: &[f64]) -> Mat<f64> {
    let mut scores = Mat::from_fn(features.nrows(), intercepts.len(), |_, a| intercepts[a]);
    matmul(scores.as_mut(), Accum::Add, features, weights, 1.0);
    normalize_log(&mut scores);
    scores
}

struct Loss<'a> {
    features: MatRef<'a, f64>,
    labels: &'a Labels,
}

impl Loss<'_> {
    fn split<'p>(&self, parameters: &'p [f64]) -> (MatRef<'p, f64>, &'p [f64]) {
        let (p, c) = (self.features.ncols(), self.labels.n_classes());
        let (weights, intercepts) = parameters.split_at(p * c);
        (MatRef::from_column_major_slice(weights, p, c), intercepts)
    }
}

impl CostFunction for Loss<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> std::result::Result<f64, argmin::core::Error> {
        let (weights, intercepts) = self.split(parameters);
        let log_proba = log_softmax(self.features, weights, intercepts);
        let fit: f64 = self.labels.codes().iter().enumerate().map(|(i, &class)| log_proba[(i, class)]).sum();
        Ok(0.5 * weights.squared_norm_l2() - fit)
    }
}

impl Gradient for Loss<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> std::result::Result<Vec<f64>, argmin::core::Error> {
        let (weights, intercepts) = self.split(parameters);
        let mut excess = log_softmax(self.features, weights, intercepts);
        for column in excess.col_iter_mut() {
            column.iter_mut().for_each(|value| *value = value.exp());
        }
        for (i, &class) in self.labels.codes().iter().enumerate() {
            excess[(i, class)] -= 1.0;
        }
        let mut gradient = weights.to_owned();
        matmul(gradient.as_mut(), Accum::Add, self.features.transpose(), excess.as_ref(), 1.0);
        let mut flat: Vec<f64> = gradient.col_iter().flat_map(|column| column.iter().copied()).collect();
        flat.extend(excess.col_iter().map(|column| column.iter().sum::<f64>()));
        Ok(flat)
    }
}
