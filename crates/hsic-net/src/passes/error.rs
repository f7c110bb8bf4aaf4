//! What can be wrong between a pass and what comes back of it.

use hsic_layer::state::ContainerError;

use super::PassId;

/// A problem of a pass or partial.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PassError {
    /// Partials of two passes.
    #[error("a partial of pass {found} was given for pass {expected}: merge partials of one pass alone")]
    OtherPass {
        /// The pass in question.
        expected: PassId,
        /// The partial's.
        found: PassId,
    },
    /// Sums of another kind or shape.
    #[error("a partial holds {found}, its pass asks for {expected}: give back what the pass itself summed")]
    Shape {
        /// What the pass sums.
        expected: String,
        /// What was found.
        found: String,
    },
    /// Bytes that are no tensors.
    #[error("the bytes of a pass or partial: {0}; write them again")]
    Container(#[from] ContainerError),
    /// Bytes of something else.
    #[error("the bytes are tensors, but no {expected} of a fit: their metadata have no `{key}`")]
    Kind {
        /// `pass` or `partial`.
        expected: &'static str,
        /// What the metadata should have.
        key: &'static str,
    },
    /// A header that is not as it should be.
    #[error("the header of a pass or partial is damaged: {0}; write it again")]
    Header(String),
    /// A fit that ended, or failed, was given a partial.
    #[error("the fit asks for nothing more: it is done, or a step of it has failed; begin a new one")]
    Over,
    /// A fit that is not done was asked for its network.
    #[error("the fit is not done: it asks for pass {0}")]
    Unfinished(PassId),
}
