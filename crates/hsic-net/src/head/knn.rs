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
    /// A training row a column, so that its numbers lie together: p×n.
    pub(crate) features: Mat<f64>,
    pub(crate) labels: Labels,
    pub(crate) k: usize,
}

impl KnnHead {
    pub(crate) fn fit(features: MatRef<'_, f64>, labels: &Labels, k: usize) -> Self {
        Self { features: features.transpose().to_owned(), labels: labels.clone(), k: k.min(labels.len()) }
    }

    /// log p(class | features), n×c.
    pub fn log_proba(&self, features: MatRef<'_, f64>) -> Mat<f64> {
        let c = self.labels.n_classes();
        let smoothing = 1.0 / c as f64;
        let mut log_proba = Mat::zeros(features.nrows(), c);
        let mut row = vec![0.0; features.ncols()];
        for i in 0..features.nrows() {
            for (k, value) in row.iter_mut().enumerate() {
                *value = features[(i, k)];
            }
            let nearest = self.nearest(&row);
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

    /// Squared distance and number of the k nearest training rows, nearest first, the lower number first of equals.
    fn nearest(&self, row: &[f64]) -> Vec<(f64, usize)> {
        let mut nearest: Vec<(f64, usize)> = Vec::with_capacity(self.k + 1);
        for (j, other) in self.features.col_iter().enumerate() {
            let squared: f64 = row.iter().zip(other.iter()).map(|(a, b)| (a - b).powi(2)).sum();
            if nearest.len() == self.k && nearest.last().is_some_and(|&(farthest, _)| squared >= farthest) {
                continue;
            }
            let place = nearest.partition_point(|&(held, _)| held <= squared);
            nearest.insert(place, (squared, j));
            nearest.truncate(self.k);
        }
        nearest
    }
}
