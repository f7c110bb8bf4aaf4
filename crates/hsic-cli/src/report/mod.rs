//! What a run leaves behind: files, tables, pictures, a report.

mod cells;
mod error;
mod files;
#[cfg(test)]
pub mod fixture;
mod html;
mod lock;
pub mod number;
mod plots;
mod reproduction;
mod tables;
pub mod written;

pub use error::ReportError;
pub use files::ResultsDir;
pub use html::report;
pub use lock::FolderLock;
pub use plots::figures;
pub use reproduction::{Reproduction, overview};
pub use tables::{layer_table, mean_table, new_table, trimmed};
