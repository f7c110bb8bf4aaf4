//! The k nearest training rows.

use faer::{Mat, MatRef, Par};
use hsic_kernels::Labels;
use hsic_net::head::Head;
use hsic_net::{HeadKind, Result};

/// Shares of the classes among the k nearest training rows (a training row is a neighbour of itself), k at least 1, smoothed as
/// [`hsic_net::head::KnnHead`] says.
#[derive(Debug, Clone)]
pub(crate) struct Knn {
    head: Head,
}

impl Knn {
    pub(crate) fn fit(x: MatRef<'_, f64>, labels: &Labels, k: usize) -> Result<Self> {
        Ok(Self { head: Head::fit(HeadKind::Knn { k }, x, labels, Par::Seq)? })
    }

    /// p(class | row), n×c.
    pub(crate) fn scores(&self, x: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let log_proba = self.head.log_proba(x, Par::Seq)?;
        Ok(Mat::from_fn(log_proba.nrows(), log_proba.ncols(), |i, a| log_proba[(i, a)].exp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_neighbour_of_a_training_row_is_the_row() {
        let x = Mat::from_fn(12, 2, |i, k| ((i * 5 + k * 3) % 12) as f64);
        let labels = Labels::new((0..12).map(|i| i % 3).collect()).unwrap();
        let scores = Knn::fit(x.as_ref(), &labels, 1).unwrap().scores(x.as_ref()).unwrap();
        for (i, &class) in labels.codes().iter().enumerate() {
            assert!((scores.row(i).iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(scores[(i, class)] > 0.6);
        }
    }
}
