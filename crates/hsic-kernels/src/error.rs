//! What can be wrong with the input of a kernel computation.

/// An error of this crate. Messages name the operation, the bound and the value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A bandwidth that is zero, negative, infinite or NaN.
    #[error("bandwidth must be positive and finite, got {value}")]
    Bandwidth {
        /// The refused value.
        value: f64,
    },
    /// Two operands whose shapes do not fit.
    #[error("{operation}: {left_name} is {}x{}, {right_name} is {}x{}", left.0, left.1, right.0, right.1)]
    Shape {
        /// The public function that was called.
        operation: &'static str,
        /// Name of the first operand.
        left_name: &'static str,
        /// Rows and columns of the first operand.
        left: (usize, usize),
        /// Name of the second operand.
        right_name: &'static str,
        /// Rows and columns of the second operand.
        right: (usize, usize),
    },
    /// A NaN or an infinity in the input.
    #[error("{name} must be finite, got {value} at row {row}, column {column}")]
    NonFinite {
        /// Name of the operand.
        name: &'static str,
        /// Row, counted from 0.
        row: usize,
        /// Column, counted from 0.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// Fewer rows than the quantity needs.
    #[error("{operation} needs at least {needed} rows, got {got}")]
    TooFewRows {
        /// The public function that was called.
        operation: &'static str,
        /// The smallest number of rows it is defined for.
        needed: usize,
        /// Rows given.
        got: usize,
    },
    /// No two rows differ, so no bandwidth can be read off the data.
    #[error("all rows are equal, so no bandwidth can be chosen from their distances")]
    AllRowsEqual,
    /// Distances of which none is a number of 64 bits.
    #[error(
        "the distances between the rows are beyond the range of a 64-bit float; divide the rows by a number"
    )]
    Distances,
    /// An iteration that did not converge.
    #[error("{operation} of size {size} did not converge")]
    NoConvergence {
        /// The decomposition.
        operation: &'static str,
        /// Its size.
        size: usize,
    },
    /// Of labels, or of rows in blocks.
    #[error(transparent)]
    Rows(#[from] hsic_rows::Error),
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
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
