//! What can go wrong with a model and its file.

use std::io;

use hsic_layer::state::ContainerError;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rows.
    #[error(transparent)]
    Data(#[from] hsic_data::Error),
    /// Labels, or rows in blocks.
    #[error(transparent)]
    Rows(#[from] hsic_rows::Error),
    /// The network.
    #[error(transparent)]
    Network(#[from] hsic_net::Error),
    /// A kernel computation.
    #[error(transparent)]
    Kernel(#[from] hsic_kernels::Error),
    /// An evaluation, where it is neither of these.
    #[error(transparent)]
    Eval(hsic_eval::Error),
    /// A table without rows.
    #[error("{file} has no rows: expected one row a sample")]
    NoRows {
        /// The file.
        file: String,
    },
    /// A bandwidth that is chosen by classes, where there are none.
    #[error("max-hsic needs classes")]
    NoClasses,
    /// A model file that cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: String,
        /// The reason the system gives.
        source: io::Error,
    },
    /// A model file that cannot be written.
    #[error("cannot write {file}")]
    Write {
        /// The file.
        file: String,
        /// The reason the system gives.
        source: io::Error,
    },
    /// A file that holds no model, or a damaged one.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: Box<FileProblem>,
    },
    /// A row the model cannot take.
    #[error("row {}, {}; correct or remove the row", .0.row, .0)]
    Row(Box<BadRow>),
    /// The same, of a row whose place in its file is known.
    #[error("{place}, {row}; correct or remove the row")]
    RowAt {
        /// File, and line or row.
        place: String,
        /// What is wrong with it.
        row: Box<BadRow>,
    },
    /// Rows that have an output each, and none together.
    #[error("the network's output is not a number")]
    NoOutput,
    /// Rows of another width than the model's.
    #[error("the model takes rows of {expected} encoded columns, got {got}")]
    Width {
        /// Columns of the model.
        expected: usize,
        /// Columns given.
        got: usize,
    },
    /// A fit of a table in partitions.
    #[error(transparent)]
    Partitions(#[from] crate::partitions::PartitionError),
    /// A layer the network does not have.
    #[error("layer must be from 1 to {layers}, got {layer}")]
    Layer {
        /// Layers of the network.
        layers: usize,
        /// The layer asked for.
        layer: usize,
    },
}

impl From<hsic_eval::Error> for Error {
    fn from(error: hsic_eval::Error) -> Self {
        match error {
            hsic_eval::Error::Data(error) => Self::Data(error),
            // there is one fit, not a fold
            hsic_eval::Error::Fold { source, .. } | hsic_eval::Error::Network(source) => {
                Self::Network(source)
            }
            hsic_eval::Error::Kernel(error) => Self::Kernel(error),
            error => Self::Eval(error),
        }
    }
}

/// A row that has no output.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("column `{column}`: {problem}")]
pub struct BadRow {
    /// Row, from 0.
    pub row: usize,
    /// Name of the encoded column at fault.
    pub column: String,
    /// What is wrong with it.
    pub problem: RowProblem,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// It cannot be standardised.
    #[error(
        "{value:e} standardised by mean {mean:e} and deviation {std:e} is beyond the range of a 64-bit float"
    )]
    Overflow {
        /// The value.
        value: f64,
        /// The column's mean over the training rows.
        mean: f64,
        /// The column's deviation over the training rows.
        std: f64,
    },
    /// The network's numbers are beyond the range of a 64-bit float.
    #[error(
        "{value:e} is {standardised:.1e} deviations from the mean of the training rows, too far for a 64-bit float within the \
         network"
    )]
    Network {
        /// The value.
        value: f64,
        /// The value standardised.
        standardised: f64,
    },
    /// A NaN where missing cells are refused, or an infinity.
    #[error("{value} is not finite")]
    NonFinite {
        /// The value.
        value: f64,
    },
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// Bytes that are no tensors.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The container of something else.
    #[error("it is a safetensors file, but holds no model of hsic: its metadata have no `hsic`")]
    NoModel,
    /// A header that is not as it should be.
    #[error("its header is damaged: {0}")]
    Header(String),
    /// A format this version does not know.
    #[error(
        "its format is version {found}, this program reads {known}: use the version of hsic that wrote it, or a newer one"
    )]
    Version {
        /// The file's version.
        found: u64,
        /// The version read here.
        known: u64,
    },
    /// Contents that are not those that were written.
    #[error("its checksum is {found}, the header has {expected}: the file was altered after it was written")]
    Checksum {
        /// Of the contents.
        found: String,
        /// In the header.
        expected: String,
    },
    /// Sizes of two parts that do not fit.
    #[error("{what} is {found}, expected {expected}")]
    Size {
        /// What was counted.
        what: &'static str,
        /// The size found.
        found: usize,
        /// The size the other parts ask for.
        expected: usize,
    },
    /// A fill value that is not finite.
    #[error("the fill value of column {column} is {value}, expected a finite number")]
    Fill {
        /// Encoded column, from 0.
        column: usize,
        /// The value.
        value: f64,
    },
    /// A network that does not fit together.
    #[error(transparent)]
    Network(#[from] hsic_net::Error),
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
