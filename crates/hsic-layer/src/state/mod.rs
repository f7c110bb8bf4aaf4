//! A fitted layer as named tensors, and back, by a registry of solvers.

mod container;
mod error;
mod registry;
mod tensors;

use faer::Mat;

pub use container::{ContainerError, header_of, tensors_of, to_bytes};
pub use error::StateError;
pub use registry::{LayerParts, LayerReader, LayerRegistry};
pub use tensors::{Expected, Tensor, Tensors, check_entries, take, take_any, take_codes};

/// All that a [`FittedLayer`](crate::FittedLayer) is made of but its bandwidth.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerState {
    /// Name of the solver, by which a [`LayerRegistry`] knows how to read it.
    pub solver: &'static str,
    /// Which kind of the solver's layers it is, such as `random` or `exact` features.
    pub features: &'static str,
    /// Its tensors, by names of the solver's own.
    pub tensors: Vec<(&'static str, Tensor)>,
}

/// The kind of layers whose features are random.
pub(crate) const RANDOM: &str = "random";
/// The kind of layers whose features are the kernel's own.
pub(crate) const EXACT: &str = "exact";

impl LayerState {
    /// A state of matrices alone.
    pub fn new(
        solver: &'static str,
        features: &'static str,
        tensors: impl IntoIterator<Item = (&'static str, Mat<f64>)>,
    ) -> Self {
        let tensors = tensors.into_iter().map(|(name, matrix)| (name, Tensor::Matrix(matrix))).collect();
        Self { solver, features, tensors }
    }
}
