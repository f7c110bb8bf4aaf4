//! From scores to probabilities by one number.

use faer::MatRef;
use hsic_kernels::Labels;

const LOWEST: f64 = 1e-3;
const HIGHEST: f64 = 1e4;
const STEPS: usize = 60;

/// τ of the highest likelihood of softmax(τs), each row's class with probability 1 − ε and the others with the rest, ε = 1/(n + 2)
/// as if one row more were wrong: without that a τ of perfect scores would have no bound.
///
/// The likelihood is concave in τ; its slope is halved in the logarithm.
///
/// # Source
/// Platt (1999), Probabilistic outputs for support vector machines, section 2.2, for the targets.
pub(super) fn fit(scores: MatRef<'_, f64>, labels: &Labels) -> f64 {
    let present: Vec<usize> = (0..labels.n_classes()).filter(|&a| labels.counts()[a] > 0).collect();
    let wrong = 1.0 / (labels.len() + 2) as f64;
    let others = wrong / (present.len().max(2) - 1) as f64;
    // d/dτ of the log-likelihood: Σᵢₐ (qᵢₐ − pᵢₐ)sᵢₐ
    let slope = |temperature: f64| -> f64 {
        let mut slope = 0.0;
        let mut row = vec![0.0; present.len()];
        for (i, &code) in labels.codes().iter().enumerate() {
            let top = present.iter().map(|&a| scores[(i, a)]).fold(f64::NEG_INFINITY, f64::max);
            for (value, &a) in row.iter_mut().zip(&present) {
                *value = (temperature * (scores[(i, a)] - top)).exp();
            }
            let total: f64 = row.iter().sum();
            for (value, &a) in row.iter().zip(&present) {
                let target = if a == code { 1.0 - wrong } else { others };
                slope += (target - value / total) * (scores[(i, a)] - top);
            }
        }
        slope
    };
    let (mut low, mut high) = (LOWEST.ln(), HIGHEST.ln());
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if slope(middle.exp()) > 0.0 { low = middle } else { high = middle }
    }
    (0.5 * (low + high)).exp()
}
