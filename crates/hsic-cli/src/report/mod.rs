//! What a run leaves behind: files, tables, pictures.

mod error;
mod files;
#[cfg(test)]
pub mod fixture;
mod number;
mod plots;
mod tables;

pub use error::ReportError;
pub use files::ResultsDir;
pub use plots::metrics_per_layer;
pub use tables::{layer_table, mean_table};
