//! The Hilbert–Schmidt Independence Criterion, streamed: one walk gives every normalisation.
//!
//! With H = I − 11ᵀ/n and Gram matrices K and L,
//!
//! - [`trace`](HsicStatistics::trace): Tr(KHLH);
//! - [`biased`](HsicStatistics::biased): Tr(KHLH)/(n−1)² (Gretton et al. 2005);
//! - [`unbiased`](HsicStatistics::unbiased): the U-statistic of Song et al. 2012, eq. 5;
//! - [`normalized`](HsicStatistics::normalized): Tr(K̃L̃)/(‖K̃‖‖L̃‖) with K̃ = HKH, the centred kernel alignment H*.
//!
//! Everything is computed from J = K − 1 (by expm1), which has the same HSIC since H1 = 0: at a large σ the same
//! formulas on K would cancel to nonsense.

mod independence;
mod labels;
mod samples;

pub use independence::{PermutationTest, permute_labels, permute_labels_max_hsic, permute_samples};
pub use labels::{LabelHsic, against_labels, against_labels_at};
pub(crate) use samples::PairColumn;
pub use samples::between_samples;

use crate::{Error, Result};

/// The sums every normalisation of HSIC is made of. All are of J = K − 1 and M = L − 1 or any other shift by a
/// constant; their diagonals are kept apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HsicStatistics {
    n: f64,
    /// Tr(KHLH).
    trace: f64,
    /// ‖HKH‖².
    first_norm: f64,
    /// ‖HLH‖².
    second_norm: f64,
    /// Σ_{i≠j} J_ij M_ij.
    product: f64,
    /// Σ_{i≠j} J_ij and Σ_{i≠j} M_ij.
    sums: (f64, f64),
    /// Σ_i (Σ_{j≠i} J_ij)(Σ_{j≠i} M_ij).
    row_product: f64,
    /// Of HKH and HLH.
    diagonals: [independence::CentredDiagonal; 2],
}

impl HsicStatistics {
    /// Number of samples, n.
    pub fn n(&self) -> usize {
        self.n as usize
    }

    /// Tr(KHLH) = Tr(ΓK).
    pub fn trace(&self) -> f64 {
        self.trace
    }

    /// Tr(KHLH)/(n−1)².
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for n < 2.
    pub fn biased(&self) -> Result<f64> {
        self.at_least(2, "the biased HSIC")?;
        Ok(self.trace / (self.n - 1.0).powi(2))
    }

    /// The unbiased estimator: with K̃ and L̃ the Gram matrices without their diagonals,
    /// (Tr(K̃L̃) + 1ᵀK̃1·1ᵀL̃1/((n−1)(n−2)) − 2·1ᵀK̃L̃1/(n−2)) / (n(n−3)). It can be negative.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for n < 4.
    ///
    /// # Source
    /// Song, Smola, Gretton, Bedo, Borgwardt (2012), Feature selection via dependence maximization, eq. 5.
    pub fn unbiased(&self) -> Result<f64> {
        self.at_least(4, "the unbiased HSIC")?;
        let n = self.n;
        let sum = self.product + self.sums.0 * self.sums.1 / ((n - 1.0) * (n - 2.0))
            - 2.0 / (n - 2.0) * self.row_product;
        Ok(sum / (n * (n - 3.0)))
    }

    /// H* = Tr(K̃L̃)/(‖K̃‖_F ‖L̃‖_F), both doubly centred, in [0, 1]; 0 where either is constant.
    ///
    /// # Source
    /// Cortes, Mohri, Rostamizadeh (2012), Algorithms for learning kernels based on centered alignment, eq. 3.
    pub fn normalized(&self) -> f64 {
        let largest = self.largest_trace();
        if largest > 0.0 { (self.trace / largest).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// ‖K̃‖_F ‖L̃‖_F, the most that [`trace`](Self::trace) can be, by the Cauchy–Schwarz inequality.
    pub fn largest_trace(&self) -> f64 {
        self.first_norm.max(0.0).sqrt() * self.second_norm.max(0.0).sqrt()
    }

    fn at_least(&self, needed: usize, operation: &'static str) -> Result<()> {
        if self.n() >= needed {
            return Ok(());
        }
        Err(Error::TooFewRows { operation, needed, got: self.n() })
    }
}
