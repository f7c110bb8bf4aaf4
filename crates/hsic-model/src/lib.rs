#![doc = include_str!("../README.md")]

mod error;
mod file;
mod model;
mod outputs;
mod preprocessing;
mod settings;

pub use error::{BadRow, Error, FileProblem, Result, RowProblem};
pub use file::FORMAT_VERSION;
pub use model::{Model, Training};
pub use outputs::{Output, Outputs};
pub use preprocessing::Preprocessing;
pub use settings::settings;

/// Compiles the example of the guide.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
struct Guide;
