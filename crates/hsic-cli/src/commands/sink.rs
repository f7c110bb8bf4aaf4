//! What is said of places that cannot be written.

use std::io;
use std::path::Path;

use hsic_data::output;

use super::interrupt;
use crate::error::CliError;

/// Refuses, before any work, what could not be written after it.
///
/// # Errors
/// [`CliError::Usage`].
pub fn check_writable(path: &Path) -> Result<(), CliError> {
    interrupt::catch()?;
    output::check(path).map_err(|error| CliError::Usage(cannot_write(Some(path), &error)))
}

/// What is said of a file, or of standard output, that cannot be written.
pub fn cannot_write(path: Option<&Path>, error: &io::Error) -> String {
    match path {
        Some(path) => format!("{}: cannot write: {error}", path.display()),
        None => format!("cannot write to standard output: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_made_is_named() -> io::Result<()> {
        let nowhere = tempfile::tempdir()?.path().join("no/out.csv");
        let expected = format!("{}: cannot write: No such file or directory (os error 2)", nowhere.display());
        assert_eq!(check_writable(&nowhere), Err(CliError::Usage(expected)));
        Ok(())
    }
}
