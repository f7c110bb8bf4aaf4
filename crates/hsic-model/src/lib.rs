#![doc = include_str!("../README.md")]

mod error;
mod file;
mod model;
mod preprocessing;
mod settings;

pub use error::{Error, FileProblem, Result};
pub use file::FORMAT_VERSION;
pub use model::{Model, Training};
pub use preprocessing::Preprocessing;
pub use settings::settings;

/// Compiles the example of the guide.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
struct Guide;
