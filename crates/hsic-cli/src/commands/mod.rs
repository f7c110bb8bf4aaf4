//! The commands, a public module each; the private ones are what several of them share.

pub mod completions;
pub mod data;
mod dataset;
mod draft;
mod dry_run;
pub mod evaluate;
mod experiment;
mod fetch;
pub mod fit;
pub mod hsic;
pub mod inspect;
mod interrupt;
mod memory;
mod method;
pub mod predict;
pub mod reproduce;
mod resume;
mod rows;
pub mod run;
mod sink;
mod source;
mod table;
pub mod transform;
pub mod validate;
pub mod verify;
mod work;

use hsic_eval::Schedule;

use crate::error::CliError;

/// The number of threads of everything that follows.
///
/// # Errors
/// [`CliError::Failed`] where they cannot be started.
pub fn set_threads(threads: u16) -> Result<(), CliError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .map_err(|error| CliError::failed(&error))
}

/// How folds share the processor.
fn schedule(timing: bool) -> Schedule {
    if timing { Schedule::Timing } else { Schedule::Automatic }
}

/// After everything that could be done is done and shown.
fn failed(what: &str, failures: &[String]) -> Result<(), CliError> {
    if failures.is_empty() {
        return Ok(());
    }
    Err(CliError::Failed(format!("{what}:\n  {}", failures.join("\n  "))))
}
