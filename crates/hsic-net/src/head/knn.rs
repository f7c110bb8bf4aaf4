//! The k nearest training rows.

use faer::{Mat, MatRef};
use hsic_kernels::Labels;

/// p(a | f) = (votes for a + w)/(k + wc) among the k nearest training rows, w = 1/c; of classes with equal votes the one
/// of the nearer row counts first.
///
/// # Cost
/// n_train distances a row; the training features are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KnnHead {
    pub(crate) features: Mat<f64>,
    pub(crate) labels: Labels,
    pub(crate) k: usize,
}

impl KnnHead {
    pub(crate) fn fit(features: MatRef<'_, f64>, labels: &Labels, k: usize) -> Self {
        Self { features: features.to_owned(), labels: labels.clone(), k: k.min(labels.len()) }
    }

    /// log p(class | features), n×c.
    pub fn log_proba(&self, features: MatRef<'_, f64>) -> Mat<f64> {
        let c = self.labels.n_classes();
        let smoothing = 1.0 / c as f64;
        let mut log_proba = Mat::zeros(features.nrows(), c);
        for i in 0..features.nrows() {
            let mut nearest: Vec<(f64, usize)> = (0..self.features.nrows())
                .map(|j| {
                    let squared: f64 = (0..features.ncols())
                        .map(|k| (features[(i, k)] - self.features[(j, k)]).powi(2))
                        .sum();
                    (squared, j)
                })
                .collect();
            let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
            if self.k < nearest.len() {
                nearest.select_nth_unstable_by(self.k - 1, order);
                nearest.truncate(self.k);
            }
            nearest.sort_by(order);
            let mut votes = vec![smoothing; c];
            for (rank, &(_, j)) in nearest.iter().enumerate() {
                // the nearer of equal votes wins by a billionth
                votes[self.labels.codes()[j]] += 1.0 - 1e-9 * rank as f64;
            }
            let total: f64 = votes.iter().sum();
            for (a, votes) in votes.into_iter().enumerate() {
                log_proba[(i, a)] = (votes / total).ln();
            }
        }
        log_proba
    }
}
