//! One module a command.

pub mod data;
mod dataset;
pub mod evaluate;
mod experiment;
pub mod fit;
mod fit_report;
pub mod hsic;
pub mod inspect;
mod network;
pub mod predict;
mod quality;
mod rows;
pub mod run;
mod sink;
mod source;
mod text;
pub mod transform;
pub mod verify;

use crate::error::CliError;

/// The number of threads of everything that follows.
fn set_threads(threads: u16) -> Result<(), CliError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .map_err(|error| CliError::failed(&error))
}
