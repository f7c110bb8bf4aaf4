//! Ctrl-C: what is finished stays, what is being written is written to its end or not at all.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hsic_data::output::remove_unfinished;
use indicatif::ProgressBar;
use serde_json::json;

use crate::error::CliError;
use crate::log::Log;

/// Exit code of an interrupted program, 128 + SIGINT.
const EXIT_CODE: i32 = 130;

/// Held while files are written that belong together.
static WRITING: Mutex<()> = Mutex::new(());

/// What an interruption is told with, and whether it is waited for.
static STATE: Mutex<State> = Mutex::new(State { is_caught: false, farewell: None });

struct State {
    is_caught: bool,
    farewell: Option<Farewell>,
}

struct Farewell {
    message: String,
    bar: ProgressBar,
    log: Log,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C removes what is not finished and ends the program with exit code 130.
///
/// # Errors
/// [`CliError::Failed`] where the system refuses a handler.
pub fn catch() -> Result<(), CliError> {
    let mut state = lock(&STATE);
    if !state.is_caught {
        ctrlc::set_handler(exit).map_err(|error| CliError::failed(&error))?;
        state.is_caught = true;
    }
    Ok(())
}

/// The same, after files that are being written; then the bar is taken off the screen, and `message` is printed on standard error and
/// is the last event of the log.
///
/// # Errors
/// As [`catch`].
pub fn exit_with(message: String, bar: ProgressBar, log: &Log) -> Result<(), CliError> {
    lock(&STATE).farewell = Some(Farewell { message, bar, log: log.clone() });
    catch()
}

fn exit() {
    let _guard = lock(&WRITING);
    remove_unfinished();
    if let Some(Farewell { message, bar, log }) = lock(&STATE).farewell.take() {
        bar.finish_and_clear();
        log.last("interrupted", json!({ "exit_code": EXIT_CODE, "message": message }));
        eprintln!("{message}");
    }
    std::process::exit(EXIT_CODE);
}

/// Writes files that an interruption must not leave half done.
pub fn while_writing<T>(write: impl FnOnce() -> T) -> T {
    let _guard = lock(&WRITING);
    write()
}
