//! What can go wrong while a network is built or used.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// From a layer.
    #[error(transparent)]
    Layer(#[from] hsic_layer::Error),
    /// From a kernel computation.
    #[error(transparent)]
    Kernel(#[from] hsic_kernels::Error),
    /// Of labels, or of rows in blocks.
    #[error(transparent)]
    Rows(#[from] hsic_kernels::rows::Error),
    /// A stored network that does not fit together.
    #[error(transparent)]
    State(#[from] crate::state::StateError),
    /// A pass, or what came back of it.
    #[error(transparent)]
    Pass(#[from] crate::passes::PassError),
    /// A parameter outside its bounds.
    #[error("{name} must be {bound}, got {value}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// The bound in words.
        bound: &'static str,
        /// The refused value.
        value: f64,
    },
    /// A combination of parameters that has no meaning.
    #[error("{0}")]
    Combination(&'static str),
    /// The logistic regression did not converge.
    #[error("the logistic regression did not converge: {reason}")]
    Logistic {
        /// The optimiser's words.
        reason: String,
    },
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
