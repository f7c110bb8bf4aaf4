//! Whether probabilities are what they say.

use faer::MatRef;
use hsic_kernels::Labels;

/// The Brier score (1/n) Σᵢ Σ_a (p(a | xᵢ) − 1[yᵢ = a])²: 0 is perfect, 2 the worst.
///
/// # Shapes
/// `log_proba` n×c, log-probabilities.
///
/// # Panics
/// If there are not as many rows as labels.
///
/// # Source
/// Brier (1950), Verification of forecasts expressed in terms of probability.
///
/// ```
/// use faer::mat;
/// use hsic_eval::metrics::brier_score;
/// use hsic_kernels::Labels;
/// let log_proba = mat![[0.75f64.ln(), 0.25f64.ln()], [0.0, f64::NEG_INFINITY]];
/// let labels = Labels::with_classes(vec![0, 0], 2)?;
/// assert!((brier_score(log_proba.as_ref(), &labels) - 0.0625).abs() < 1e-15);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
pub fn brier_score(log_proba: MatRef<'_, f64>, labels: &Labels) -> f64 {
    assert_eq!(log_proba.nrows(), labels.len(), "a row a label");
    let sum: f64 = labels
        .codes()
        .iter()
        .enumerate()
        .map(|(i, &class)| {
            (0..log_proba.ncols())
                .map(|a| (log_proba[(i, a)].exp() - f64::from(u8::from(a == class))).powi(2))
                .sum::<f64>()
        })
        .sum();
    sum / labels.len() as f64
}

/// The log-loss (1/n) Σᵢ −log p(yᵢ | xᵢ); `None` where a class was given no chance at all, and came.
///
/// # Units
/// Nats.
///
/// # Panics
/// If there are not as many rows as labels.
pub fn log_loss(log_proba: MatRef<'_, f64>, labels: &Labels) -> Option<f64> {
    assert_eq!(log_proba.nrows(), labels.len(), "a row a label");
    let sum: f64 = labels.codes().iter().enumerate().map(|(i, &class)| log_proba[(i, class)]).sum();
    // no negative zero in a table
    Some(-sum / labels.len() as f64 + 0.0).filter(|loss| loss.is_finite())
}
