//! Counts and sums.

use faer::{Accum, Mat, MatRef};

use crate::linalg::matmul;
use crate::{CenteredLabelGram, ClassWeight, Error, Result};

/// Row counts and sums of every class: with K = RRᵀ all that Tr(ΓK) needs.
///
/// Sums are mergeable: of parts of the rows they add up to those of all, to rounding in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassTotals {
    counts: Vec<usize>,
    /// m×c.
    sums: Mat<f64>,
}

impl ClassTotals {
    /// Of no rows of `width` columns.
    pub fn new(width: usize, n_classes: usize) -> Self {
        Self { counts: vec![0; n_classes], sums: Mat::zeros(width, n_classes) }
    }

    /// Those of these row counts and sums (m×c), as [`counts`](Self::counts) and [`sums`](Self::sums) give them.
    ///
    /// # Errors
    /// [`Error::Shape`] where there is not a column a class.
    pub fn from_parts(counts: Vec<usize>, sums: Mat<f64>) -> Result<Self> {
        if sums.ncols() == counts.len() {
            return Ok(Self { counts, sums });
        }
        Err(Error::Shape {
            operation: "class totals",
            left_name: "the sums",
            left: sums.shape(),
            right_name: "the counts",
            right: (1, counts.len()),
        })
    }

    /// Adds rows (r×m) of these classes.
    ///
    /// # Panics
    /// If there is not a code below the number of classes for every row, or the rows have another width.
    pub fn update(&mut self, rows: MatRef<'_, f64>, codes: &[usize]) {
        assert_eq!(rows.shape(), (codes.len(), self.sums.nrows()), "a code a row, rows of one width");
        let mut one_hot = Mat::zeros(codes.len(), self.counts.len());
        for (i, &code) in codes.iter().enumerate() {
            self.counts[code] += 1;
            one_hot[(i, code)] = 1.0;
        }
        // a product is faster than sums by class, whose additions wait for each other
        matmul(self.sums.as_mut(), Accum::Add, rows.transpose(), one_hot.as_ref(), 1.0);
    }

    /// Adds the sums of other rows.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn merge(&mut self, other: &Self) {
        self.sums += &other.sums;
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, other)| *count += other);
    }

    /// Number of rows, n.
    pub fn n(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Number of rows of each class.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Σ of the rows of each class, m×c.
    pub fn sums(&self) -> MatRef<'_, f64> {
        self.sums.as_ref()
    }

    /// The mean of all rows, m numbers; zeros without rows.
    pub fn mean(&self) -> Vec<f64> {
        let n = self.n().max(1) as f64;
        (0..self.sums.nrows()).map(|k| self.sums.row(k).iter().sum::<f64>() / n).collect()
    }

    /// Γ of these class counts.
    pub fn label_gram(&self, class_weight: ClassWeight) -> CenteredLabelGram {
        CenteredLabelGram::of_counts(self.counts.clone(), class_weight)
    }

    /// RᵀHYD, the sums of the centred rows of each class, m×c (D = I, or diag(1/√n_a) for balanced classes): their left
    /// singular vectors are the leading eigenvectors of RᵀΓR.
    pub fn class_directions(&self, class_weight: ClassWeight) -> Mat<f64> {
        let mean = self.mean();
        Mat::from_fn(self.sums.nrows(), self.counts.len(), |k, a| {
            let count = self.counts[a];
            (self.sums[(k, a)] - count as f64 * mean[k]) * class_weight.scale(count)
        })
    }

    /// Tr(ΓK) = Σ_ab G\[a,b\]⟨s_a, s_b⟩ = ‖RᵀHYD‖² for K = RRᵀ, s_a the class sums.
    pub fn trace(&self, class_weight: ClassWeight) -> f64 {
        self.class_directions(class_weight).squared_norm_l2()
    }
}

#[cfg(test)]
mod tests {
    use faer::Par;

    use super::super::testing::{near, sample};
    use super::*;
    use crate::features::{Frequencies, RandomFeatures};
    use crate::random::stream;

    #[test]
    fn the_trace_is_that_of_the_explicit_matrices() {
        let (r, labels) = sample(150, 7, 0.0);
        let n = labels.len();
        let mut totals = ClassTotals::new(7, 3);
        totals.update(r.as_ref(), labels.codes());
        let k = &r * r.transpose();
        for class_weight in [ClassWeight::Plain, ClassWeight::Balanced] {
            let gram = CenteredLabelGram::new(&labels, class_weight);
            let mut trace = 0.0;
            for i in 0..n {
                for j in 0..n {
                    trace += gram.block(labels.codes()[i], labels.codes()[j]) * k[(i, j)];
                }
            }
            near(totals.trace(class_weight), trace);
        }
    }

    #[test]
    fn random_features_give_the_hsic_of_the_kernel_to_their_own_error() {
        let (x, labels) = sample(300, 4, 0.0);
        let sigma = crate::Bandwidth::new(2.0).unwrap();
        let exact = crate::hsic::against_labels(x.as_ref(), sigma, &labels, Par::Seq).unwrap();
        let map =
            RandomFeatures::draw(4, 20_000, sigma, Frequencies::Orthogonal, &mut stream(1, 97, 1)).unwrap();
        let totals = {
            let psi = map.transform(x.as_ref()).unwrap();
            let mut totals = ClassTotals::new(psi.ncols(), 3);
            totals.update(psi.as_ref(), labels.codes());
            totals
        };
        let relative = totals.trace(ClassWeight::Plain) / exact.statistics.trace() - 1.0;
        assert!(relative.abs() < 0.05, "{relative}");
    }
}
