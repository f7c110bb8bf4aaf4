#![doc = include_str!("../README.md")]

mod error;
mod file;
mod model;
mod outputs;
mod preprocessing;

pub use faer;
pub use hsic_data as data;
pub use hsic_eval as eval;
pub use hsic_kernels as kernels;
pub use hsic_layer as layer;
pub use hsic_net as net;
pub use hsic_rows as rows;

pub use error::{BadRow, Error, FileProblem, Result, RowProblem};
pub use file::FORMAT_VERSION;
pub use model::{Model, Training};
pub use outputs::{Output, Outputs};
pub use preprocessing::{PreparedRows, Preprocessing};

/// Compiles the example of the guide.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
struct Guide;
