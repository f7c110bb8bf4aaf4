//! The centred label Gram matrix Γ = H L H in its c×c block form.

use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};

use crate::Labels;

/// How the classes count in the label kernel L.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ClassWeight {
    /// L = YYᵀ, as published: large classes count more.
    #[default]
    Plain,
    /// L = Y diag(1/n_a) Yᵀ: every class counts alike, and blocks of different classes are all negative.
    Balanced,
}

impl ClassWeight {
    /// The names used in files.
    pub const NAMES: &[&str] = &["plain", "balanced"];

    /// d of a class of this many rows: L = Y diag(d²) Yᵀ, so that Γ = (HYD)(HYD)ᵀ with D = diag(d). 1, or 1/√n_a for
    /// balanced classes (1 for an empty one).
    pub fn scale(self, count: usize) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Balanced => 1.0 / (count.max(1) as f64).sqrt(),
        }
    }
}

/// Γ = H L H of n labels. Γ_ij depends on the two classes only, so c×c numbers hold it:
///
/// - [`Plain`](ClassWeight::Plain): `G[a,b] = δ_ab − π_a − π_b + Σ_k π_k²`, π the class shares;
/// - [`Balanced`](ClassWeight::Balanced): `G[a,b] = δ_ab/n_a − 1/n`.
///
/// ```
/// use hsic_kernels::{CenteredLabelGram, ClassWeight, Labels};
/// let labels = Labels::new(vec![0, 0, 0, 1])?;
/// let plain = CenteredLabelGram::new(&labels, ClassWeight::Plain);
/// assert_eq!(plain.block(0, 1), -1.0 + 0.75f64.powi(2) + 0.25f64.powi(2));
/// let balanced = CenteredLabelGram::new(&labels, ClassWeight::Balanced);
/// assert_eq!(balanced.block(1, 1), 1.0 - 0.25);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CenteredLabelGram {
    blocks: Mat<f64>,
    counts: Vec<usize>,
    weight: ClassWeight,
}

impl CenteredLabelGram {
    /// Γ of these labels.
    ///
    /// # Cost
    /// O(c²).
    pub fn new(labels: &Labels, weight: ClassWeight) -> Self {
        Self::of_counts(labels.counts().to_vec(), weight)
    }

    /// Γ of any labels with these numbers of rows.
    ///
    /// # Cost
    /// O(c²).
    pub fn of_counts(counts: Vec<usize>, weight: ClassWeight) -> Self {
        let (n, c) = (counts.iter().sum::<usize>() as f64, counts.len());
        let share = |class: usize| counts[class] as f64 / n;
        let same = |a: usize, b: usize, value: f64| if a == b { value } else { 0.0 };
        let blocks = match weight {
            ClassWeight::Plain => {
                let square_sum: f64 = (0..c).map(|class| share(class).powi(2)).sum();
                Mat::from_fn(c, c, |a, b| same(a, b, 1.0) - share(a) - share(b) + square_sum)
            }
            // a class without rows has no pair, so any finite block will do for it
            ClassWeight::Balanced => {
                Mat::from_fn(c, c, |a, b| same(a, b, 1.0 / counts[a].max(1) as f64) - 1.0 / n)
            }
        };
        Self { blocks, counts, weight }
    }

    /// Γ of other labels (a subsample, say) with the same class weights.
    pub fn of(&self, labels: &Labels) -> Self {
        Self::new(labels, self.weight)
    }

    /// `G[a, b]`, the value of Γ_ij for y_i = a, y_j = b.
    pub fn block(&self, a: usize, b: usize) -> f64 {
        self.blocks[(a, b)]
    }

    /// All blocks, c×c.
    pub fn blocks(&self) -> MatRef<'_, f64> {
        self.blocks.as_ref()
    }

    /// `‖Γ‖_F² = Σ_ab n_a n_b G[a,b]²`.
    pub fn squared_norm(&self) -> f64 {
        let mut sum = 0.0;
        for (b, column) in self.blocks.col_iter().enumerate() {
            for (a, block) in column.iter().enumerate() {
                sum += self.counts[a] as f64 * self.counts[b] as f64 * block * block;
            }
        }
        sum
    }

    /// `Σ_ab G[a,b] S[a,b]`: Tr(ΓK) where S holds the sums of K over the class blocks.
    ///
    /// # Panics
    /// If `block_sums` is not c×c.
    pub fn weighted_sum(&self, block_sums: MatRef<'_, f64>) -> f64 {
        assert_eq!((block_sums.nrows(), block_sums.ncols()), (self.blocks.nrows(), self.blocks.ncols()));
        self.blocks
            .col_iter()
            .zip(block_sums.col_iter())
            .map(|(g, s)| g.iter().zip(s.iter()).map(|(g, s)| g * s).sum::<f64>())
            .sum()
    }
}
