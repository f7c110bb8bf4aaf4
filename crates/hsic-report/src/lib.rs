#![doc = include_str!("../README.md")]

mod cells;
pub mod claims;
mod earlier;
mod error;
mod files;
#[cfg(test)]
mod fixture;
mod html;
mod lock;
pub mod number;
mod plots;
pub mod registry;
mod reproduction;
pub mod rows;
mod tables;
pub mod text;
pub mod written;

pub use earlier::{Earlier, RunSettings};
pub use error::ReportError;
pub use files::ResultsDir;
pub use html::report;
pub use lock::FolderLock;
pub use plots::{Figure, Whose, claim_figures, figures, layer_figures};
pub use reproduction::{Reproduction, overview};
pub use tables::{layer_table, mean_table, summary};
use tables::{new_table, trimmed};
