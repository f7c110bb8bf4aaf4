//! Standard output.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::error::CliError;

/// Writes text as it is. A reader that has seen enough, as in `hsic-cli data list | head -1`, is no error.
///
/// # Errors
/// [`CliError::Failed`] for anything else, such as a full disk.
pub fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Whether standard output may be styled: it is a terminal, and `NO_COLOR` (no-color.org) is unset or empty.
pub fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
