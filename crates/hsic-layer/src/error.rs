//! What can go wrong while a layer is solved.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input of a kernel computation.
    #[error(transparent)]
    Kernel(#[from] hsic_kernels::Error),
    /// Of labels, or of rows in blocks.
    #[error(transparent)]
    Rows(#[from] hsic_kernels::rows::Error),
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
    /// Rows that do not have the width a layer was fitted on.
    #[error("a layer fitted on {expected} columns was given {got}")]
    Width {
        /// Columns of the training input.
        expected: usize,
        /// Columns given.
        got: usize,
    },
    /// Fewer than two classes with a row: the objective is 0 whatever the layer does.
    #[error("a layer needs rows of at least two classes, got {present}")]
    TooFewClasses {
        /// Classes that have a row.
        present: usize,
    },
    /// Exact features of rows that come in blocks: an exact layer keeps every row.
    #[error("rows in blocks need random features: an exact layer keeps every row")]
    ExactInBlocks,
    /// Rows in blocks for a solver that takes rows in memory alone.
    #[error("rows in blocks need a solver that is fitted in passes, and {solver} needs all rows in memory")]
    NotInBlocks {
        /// Name of the solver.
        solver: &'static str,
    },
    /// Sums over rows that are not those that were asked for.
    #[error("{expected} were asked for, got {found}: give back what the pass itself summed")]
    Sums {
        /// What was asked for.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A stored layer that does not fit together.
    #[error(transparent)]
    State(#[from] crate::state::StateError),
    /// An input without any variation.
    #[error("all rows of the layer's input are equal")]
    AllRowsEqual,
    /// An input whose squared distances are beyond the range of a 64-bit float.
    #[error(
        "the rows of the layer's input differ by at most {largest:.1e}, and squares of such distances are beyond the range of a \
         64-bit float; standardise the rows"
    )]
    Scale {
        /// The largest difference of a column from its first row.
        largest: f64,
    },
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
