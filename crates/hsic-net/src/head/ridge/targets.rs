//! What is regressed on.

use std::ops::Range;

use faer::Mat;
use hsic_kernels::{ClassWeight, Labels};

/// One-hot classes of the rows, centred, with the rows' weights.
pub(super) struct Targets<'a> {
    codes: &'a [usize],
    /// Weight of a row by its class; the mean over the rows is 1.
    weights: Vec<f64>,
    /// Weighted share of every class.
    means: Vec<f64>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(labels: &'a Labels, class_weight: ClassWeight) -> Self {
        let (n, counts) = (labels.len() as f64, labels.counts());
        let present = labels.n_present() as f64;
        let weights: Vec<f64> = counts
            .iter()
            .map(|&count| match class_weight {
                ClassWeight::Balanced => n / (present * count.max(1) as f64),
                _ => 1.0,
            })
            .collect();
        let means = counts.iter().zip(&weights).map(|(&count, weight)| count as f64 * weight / n).collect();
        Self { codes: labels.codes(), weights, means }
    }

    pub(super) fn n(&self) -> usize {
        self.codes.len()
    }

    pub(super) fn n_classes(&self) -> usize {
        self.means.len()
    }

    /// ȳ.
    pub(super) fn means(&self) -> &[f64] {
        &self.means
    }

    pub(super) fn weight(&self, i: usize) -> f64 {
        self.weights[self.codes[i]]
    }

    /// W(y − ȳ) of some rows.
    pub(super) fn weighted(&self, rows: Range<usize>) -> Mat<f64> {
        Mat::from_fn(rows.len(), self.n_classes(), |i, a| {
            let i = rows.start + i;
            self.weight(i) * (self.one_hot(i, a) - self.means[a])
        })
    }

    /// Entry of y.
    pub(super) fn one_hot(&self, i: usize, a: usize) -> f64 {
        f64::from(u8::from(self.codes[i] == a))
    }
}
