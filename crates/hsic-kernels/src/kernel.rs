//! Kernels that are told apart by a value: the Gaussian and the Laplacian.

use faer::{Mat, MatRef, Par};

use crate::bandwidth::{Subsample, median_heuristic};
use crate::tiles::Points;
use crate::{Bandwidth, Real, Result, gaussian, laplacian};

/// A function of the distance between two rows, 1 where they are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelKind {
    /// exp(−‖x − y‖²/2σ²).
    Gaussian,
    /// exp(−‖x − y‖₁/σ): a product of one kernel a column, which knows the axes where the Gaussian is the same in every
    /// direction.
    Laplacian,
}

impl KernelKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Gaussian, Self::Laplacian];

    /// `gaussian` or `laplacian`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Laplacian => "laplacian",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The median of its distances (‖x_i − x_j‖ or ‖x_i − x_j‖₁) over a subsample.
    ///
    /// # Errors
    /// As [`median_heuristic`].
    pub fn median<T: Real>(self, x: MatRef<'_, T>, subsample: &Subsample) -> Result<Bandwidth> {
        match self {
            Self::Gaussian => median_heuristic(x, subsample),
            Self::Laplacian => laplacian::median_heuristic(x, subsample),
        }
    }
}

/// A kernel with its bandwidth.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_kernels::{Bandwidth, Kernel, KernelKind};
/// let kernel = Kernel { kind: KernelKind::Laplacian, sigma: Bandwidth::new(2.0)? };
/// let k = kernel.gram(mat![[0.0, 1.0], [3.0, 0.0]].as_ref(), Par::Seq)?;
/// assert!((k[(0, 1)] - (-2.0f64).exp()).abs() < 1e-15);
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kernel {
    /// The function.
    pub kind: KernelKind,
    /// σ.
    pub sigma: Bandwidth,
}

impl Kernel {
    /// K of the rows of `x`, n×n.
    ///
    /// # Errors
    /// As [`gaussian::gram`].
    pub fn gram<T: Real>(self, x: MatRef<'_, T>, par: Par) -> Result<Mat<T>> {
        match self.kind {
            KernelKind::Gaussian => gaussian::gram(x, self.sigma, par),
            KernelKind::Laplacian => laplacian::gram(x, self.sigma, par),
        }
    }

    /// K between the rows of `x` and those of `y`, n_x×n_y.
    ///
    /// # Errors
    /// As [`gaussian::cross_gram`].
    pub fn cross_gram<T: Real>(self, x: MatRef<'_, T>, y: MatRef<'_, T>, par: Par) -> Result<Mat<T>> {
        match self.kind {
            KernelKind::Gaussian => gaussian::cross_gram(x, y, self.sigma, par),
            KernelKind::Laplacian => laplacian::cross_gram(x, y, self.sigma, par),
        }
    }

    /// K(x_new, points)·V without the kernel: n_new×c.
    ///
    /// # Errors
    /// As [`gaussian::cross_product`].
    pub fn cross_product<T: Real>(
        self,
        x_new: MatRef<'_, T>,
        points: &Points<'_, T>,
        v: MatRef<'_, T>,
        par: Par,
    ) -> Result<Mat<T>> {
        match self.kind {
            KernelKind::Gaussian => gaussian::cross_product(x_new, points, self.sigma, v, par),
            KernelKind::Laplacian => laplacian::cross_product(x_new, points, self.sigma, v, par),
        }
    }
}
