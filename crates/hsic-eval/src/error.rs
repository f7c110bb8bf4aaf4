//! What can go wrong while networks are evaluated.

use std::error::Error as StdError;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data.
    #[error(transparent)]
    Data(#[from] hsic_data::Error),
    /// A fit that failed.
    #[error("fold {fold}: {source}")]
    Fold {
        /// Number of the fold, from 0.
        fold: usize,
        /// What failed.
        source: hsic_net::Error,
    },
    /// A metric that could not be computed.
    #[error(transparent)]
    Network(#[from] hsic_net::Error),
    /// A list of candidates that is none.
    #[error("{0}")]
    Candidates(&'static str),
    /// A method that needs its rows in memory, of a file that is read in blocks.
    #[error("rows that stay in their file are for networks fitted in blocks: in_blocks = true")]
    InMemory,
    /// A kernel computation.
    #[error(transparent)]
    Kernel(#[from] hsic_kernels::Error),
    /// Of labels, or of rows in blocks.
    #[error(transparent)]
    Rows(#[from] hsic_kernels::rows::Error),
}

impl Error {
    /// Whether the data are at fault: themselves, or in a pass over their file.
    pub fn is_of_data(&self) -> bool {
        let causes = std::iter::successors(StdError::source(self), |&error| error.source());
        matches!(self, Self::Data(_)) || causes.into_iter().any(<dyn StdError>::is::<hsic_data::Error>)
    }
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
