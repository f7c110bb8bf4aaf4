//! Ctrl-C: what is finished stays, what is being written is written to its end.

use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;
use serde_json::json;

use crate::error::CliError;
use crate::log::Log;

/// Exit code of an interrupted program, 128 + SIGINT.
const EXIT_CODE: i32 = 130;

/// Held while files are written.
static WRITING: Mutex<()> = Mutex::new(());

/// From now on Ctrl-C takes the bar off the screen, waits for files that are being written, prints `message` on standard
/// error and as the last event of the log, and ends the program with exit code 130.
///
/// # Errors
/// [`CliError::Failed`] where the system refuses a handler.
pub fn exit_with(message: String, bar: ProgressBar, log: &Log) -> Result<(), CliError> {
    let log = log.clone();
    ctrlc::set_handler(move || {
        let _guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        bar.finish_and_clear();
        log.last("interrupted", json!({ "exit_code": EXIT_CODE, "message": message }));
        eprintln!("{message}");
        std::process::exit(EXIT_CODE);
    })
    .map_err(|error| CliError::failed(&error))
}

/// Writes files that an interruption must not leave half done.
pub fn while_writing<T>(write: impl FnOnce() -> T) -> T {
    let _guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}
