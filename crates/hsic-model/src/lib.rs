#![doc = include_str!("../README.md")]

mod error;
mod file;
mod model;
mod outputs;
mod preprocessing;

pub use error::{BadRow, Error, FileProblem, Result, RowProblem};
pub use file::FORMAT_VERSION;
pub use model::{Model, Training};
pub use outputs::{Output, Outputs};
pub use preprocessing::Preprocessing;

/// Compiles the example of the guide.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
struct Guide;
