//! The bandwidth σ of a Gaussian kernel, and how to choose one from data.

mod select;
mod unit;

pub use select::{Subsample, max_hsic, max_hsic_of, median_heuristic, rms_distance};

pub(crate) use select::median_of;
pub(crate) use unit::{in_range, is_ordinary};

use crate::{Error, Result};

/// A bandwidth σ of k(u, v) = exp(−‖u−v‖²/2σ²): positive and finite by construction.
///
/// # Units
/// Those of a distance between rows.
///
/// ```
/// use hsic_kernels::Bandwidth;
/// assert_eq!(Bandwidth::new(0.5)?.get(), 0.5);
/// assert_eq!(Bandwidth::new(0.0).unwrap_err().to_string(), "bandwidth must be positive and finite, got 0");
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Bandwidth(f64);

impl Bandwidth {
    /// A bandwidth of this value.
    ///
    /// # Errors
    /// [`Error::Bandwidth`] unless `sigma` is positive and finite.
    pub fn new(sigma: f64) -> Result<Self> {
        if sigma > 0.0 && sigma.is_finite() {
            Ok(Self(sigma))
        } else {
            Err(Error::Bandwidth { value: sigma })
        }
    }

    /// σ.
    pub fn get(self) -> f64 {
        self.0
    }

    /// fσ.
    ///
    /// # Errors
    /// [`Error::Bandwidth`] where the product is not positive and finite.
    pub fn scaled(self, factor: f64) -> Result<Self> {
        Self::new(self.0 * factor)
    }
}

impl std::fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
