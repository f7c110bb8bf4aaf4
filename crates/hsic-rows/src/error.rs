//! What can be wrong with labels and rows.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error of this crate. Messages name the operation, the bound and the value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// A NaN or an infinity among rows.
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
    /// A class code outside `0..n_classes`.
    #[error("class code {code} of row {row} is not below the number of classes, {n_classes}")]
    ClassCode {
        /// The refused code.
        code: usize,
        /// Row, counted from 0.
        row: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// Fewer rows than are needed.
    #[error("{operation} needs at least {needed} rows, got {got}")]
    TooFewRows {
        /// The public function that was called.
        operation: &'static str,
        /// The smallest number of rows it is defined for.
        needed: usize,
        /// Rows given.
        got: usize,
    },
    /// A source of rows that cannot be read; its own error is the source of this one.
    #[error("{0}")]
    Source(#[source] SourceError),
}

impl Error {
    /// The error of a source of rows, as it is.
    ///
    /// ```
    /// use std::error::Error as _;
    /// let error = hsic_rows::Error::of_source(std::io::Error::other("the disk is gone"));
    /// assert_eq!(error.to_string(), "the disk is gone");
    /// assert!(error.source().is_some_and(|source| source.is::<std::io::Error>()));
    /// ```
    pub fn of_source(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Source(SourceError(error.into().into()))
    }
}

/// The error of a source of rows, of whatever type; shared, so that errors can be cloned.
#[derive(Debug, Clone)]
pub struct SourceError(Arc<dyn StdError + Send + Sync>);

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// not an error itself: the source of an `Error` is the error in here, of its own type
impl std::ops::Deref for SourceError {
    type Target = dyn StdError + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for SourceError {
    /// Whether they are one error.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
