//! One module a command.

pub mod data;
mod dataset;
mod experiment;
mod network;
pub mod run;
pub mod verify;

use crate::error::CliError;

/// The number of threads of everything that follows.
fn set_threads(threads: u16) -> Result<(), CliError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .map_err(|error| CliError::failed(&error))
}
