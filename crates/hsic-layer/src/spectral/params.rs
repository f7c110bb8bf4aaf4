//! Hyperparameters of the spectral solver.

use hsic_kernels::ClassWeight;
use hsic_kernels::features::Frequencies;

use super::WidthRule;
use crate::solver::check_features;
use crate::{Error, Result};

/// The spectral solver W* (eq. 6–7).
///
/// With Γ̂ = Γ ⊙ K_σ(RW) and Q(W) = Rᵀ(Γ̂ − Diag(Γ̂1))R, the gradient of the objective Tr(ΓK_σ(RW)) is (2/σ²)Q(W)W, so
/// a fixed point of "W ← the leading eigenvectors of Q(W)" satisfies the first-order condition on the Stiefel
/// manifold. The plain iteration often cycles and lowers the objective; this one never does:
///
/// 1. R is compressed once to its numerical rank by the eigenvectors of RᵀR, or of RRᵀ where that is smaller.
/// 2. W₀ holds the leading eigenvectors of RᵀΓR (the limit σ → ∞), filled up with principal directions of R.
/// 3. Each step goes to the leading eigenvectors of Q(W) while that gains more than 1 %. Otherwise the step is
///    shortened along W(α) = orth((1−α)W + αW_new), W_new aligned to W, a conjugate gradient step is tried beside it, and the
///    better of the two is taken if it rises. Gradient steps cost much less, so when they win, the next one, two and then
///    four steps are gradient steps alone.
/// 4. It stops where the relative gain is below `tolerance` (in blocks 1/m, if that is larger) and the residual below its
///    square root, or where nothing rises.
///
/// # Cost
/// n·p·min(n, p) flops and an eigenproblem of size min(n, p) to compress; then n²/2 kernel values for each objective,
/// O(n²·q + n·r·q) flops more for a gradient and O(n²·r + r³) for an eigenvector step, r the numerical rank; O(n·r) memory.
///
/// # Source
/// Wu, Masoomi, Gretton, Dy, eq. 6–7; Wu et al. (2018), Iterative spectral method for alternative clustering.
///
/// ```
/// use faer::mat;
/// use hsic_kernels::{Bandwidth, Labels};
/// use hsic_layer::{Context, LayerSolver, Spectral};
/// let x = mat![[0.0, 1.0], [0.1, -1.0], [5.0, 1.1], [5.1, -0.9]];
/// let labels = Labels::new(vec![0, 0, 1, 1])?;
/// let fit = Spectral::default().fit(x.as_ref(), &labels, Bandwidth::new(2.0)?, &Context::default())?;
/// assert!(fit.solution.objective_history.is_sorted());
/// # Ok::<(), hsic_layer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectral {
    /// Width q of the layer.
    pub width: WidthRule,
    /// How classes count in the objective.
    pub class_weight: ClassWeight,
    /// Relative gain of the objective below which the ascent stops, once the residual is below its square root: 1e-4 in
    /// a network, 1e-9 for certificates. In blocks ([`fit_rows`](Self::fit_rows)) it is at least 1/m, for m random features.
    pub tolerance: f64,
    /// At most this many steps.
    pub max_iterations: usize,
    /// Directions of R whose singular value is below this share of the largest are left out; below 1e-7 always, since they
    /// come from the eigenvectors of RᵀR or RRᵀ, whose precision ends there.
    pub rank_tolerance: f64,
    /// The map to the next layer's input.
    pub activation: Activation,
}

impl Default for Spectral {
    fn default() -> Self {
        Self {
            width: WidthRule::default(),
            class_weight: ClassWeight::Plain,
            tolerance: 1e-4,
            max_iterations: 100,
            rank_tolerance: 1e-7,
            activation: Activation::default(),
        }
    }
}

impl Spectral {
    pub(crate) fn check_bounds(&self) -> Result<()> {
        let positive = |name, value: f64| {
            if value > 0.0 && value < 1.0 {
                Ok(())
            } else {
                Err(Error::Parameter { name, bound: "above 0 and below 1", value })
            }
        };
        positive("tolerance", self.tolerance)?;
        positive("rank_tolerance", self.rank_tolerance)?;
        match self.activation {
            Activation::Random { m, .. } => check_features(m)?,
            Activation::Exact { tolerance } => positive("exact_tolerance", tolerance)?,
        }
        match self.width {
            WidthRule::Fixed(0) => Err(Error::Parameter { name: "width", bound: "at least 1", value: 0.0 }),
            WidthRule::SingularShare(share) => positive("width.share", share),
            WidthRule::Fixed(_) | WidthRule::PositiveEigenvalues => Ok(()),
        }
    }
}

/// The map ψ from Z to the next layer's input.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// m random Fourier features.
    Random {
        /// Number of features, even.
        m: usize,
        /// How the frequencies are drawn.
        frequencies: Frequencies,
    },
    /// R = K(Z)·U Λ^(−1/2) in the eigenbasis of K(Z), eigenvalues above `tolerance` of the largest: the infinitely wide
    /// layer itself, free of sampling noise. Costs n² memory and O(n³) time.
    Exact {
        /// Share of the largest eigenvalue below which directions are left out.
        tolerance: f64,
    },
}

impl Default for Activation {
    fn default() -> Self {
        Self::Random { m: 300, frequencies: Frequencies::Independent }
    }
}

impl Activation {
    /// The exact layer with directions above 1e-6 of the largest eigenvalue.
    pub const EXACT: Self = Self::Exact { tolerance: 1e-6 };
}
