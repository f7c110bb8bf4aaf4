//! What can go wrong while networks are evaluated.

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

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
