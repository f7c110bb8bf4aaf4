#![doc = include_str!("../README.md")]

mod batches;
mod describe;
mod error;
mod file;
pub mod fit;
pub mod independence;
mod model;
mod outputs;
pub mod partitions;
mod preprocessing;
mod quality;

pub use faer;
pub use hsic_data as data;
pub use hsic_eval as eval;
pub use hsic_kernels as kernels;
pub use hsic_layer as layer;
pub use hsic_net as net;
pub use hsic_report as report;
pub use hsic_rows as rows;

pub use batches::{Batch, Batches};
pub use describe::Description;
pub use error::{BadRow, Error, FileProblem, Result, RowProblem};
pub use file::FORMAT_VERSION;
pub use model::{Model, Training};
pub use outputs::{Output, Outputs};
pub use preprocessing::Preprocessing;
pub use quality::Quality;

/// Compiles the example of the guide.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
struct Guide;
