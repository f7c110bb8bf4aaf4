//! Where rows are written: standard output, or a file that is whole or not there.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// A place for rows, buffered.
pub enum Sink {
    /// Standard output.
    Stdout(BufWriter<Stdout>),
    /// A file under a temporary name.
    File {
        /// The file.
        writer: BufWriter<File>,
        /// Its name while it is written.
        temporary: PathBuf,
        /// Its name when it is whole.
        path: PathBuf,
    },
}

impl Sink {
    /// Opens a file, or standard output.
    ///
    /// # Errors
    /// [`CliError::Failed`] where the file cannot be made.
    pub fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(io::stdout()))) };
        let temporary = temporary(path);
        let writer = BufWriter::new(File::create(&temporary).map_err(|error| cannot_write(path, &error))?);
        Ok(Self::File { writer, temporary, path: path.into() })
    }

    /// Writes what is buffered, and gives a file its name.
    ///
    /// # Errors
    /// [`CliError::Failed`], but not for a reader that has seen enough.
    pub fn finish(mut self) -> Result<(), CliError> {
        match &mut self {
            Self::Stdout(writer) => Self::ignore_closed(writer.flush()),
            Self::File { writer, temporary, path } => writer
                .flush()
                .and_then(|()| fs::rename(&*temporary, &*path))
                .map_err(|error| cannot_write(path, &error)),
        }
    }

    /// The outcome of writing, for the user. `false` where the reader of standard output has gone.
    ///
    /// # Errors
    /// [`CliError::Failed`].
    pub fn written(&self, outcome: io::Result<()>) -> Result<bool, CliError> {
        match (outcome, self) {
            (Ok(()), _) => Ok(true),
            (Err(error), Self::Stdout(_)) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            (Err(error), Self::Stdout(_)) => Self::ignore_closed(Err(error)).map(|()| false),
            (Err(error), Self::File { path, .. }) => Err(cannot_write(path, &error)),
        }
    }

    fn ignore_closed(outcome: io::Result<()>) -> Result<(), CliError> {
        match outcome {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(CliError::Failed(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(writer) => writer.write(bytes),
            Self::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(writer) => writer.flush(),
            Self::File { writer, .. } => writer.flush(),
        }
    }
}

impl Drop for Sink {
    /// Half a file is no file; one that was renamed is gone from here.
    fn drop(&mut self) {
        if let Self::File { temporary, .. } = self {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Refuses, before any work, a file that could not be written after it.
///
/// # Errors
/// [`CliError::Failed`].
pub fn check_writable(path: &Path) -> Result<(), CliError> {
    if path.is_dir() {
        return Err(CliError::Failed(format!("{}: cannot write: it is a folder", path.display())));
    }
    Sink::open(Some(path)).map(drop)
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    name.into()
}

fn cannot_write(path: &Path, error: &io::Error) -> CliError {
    CliError::Failed(format!("{}: cannot write: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out.csv");
        let mut sink = Sink::open(Some(&path))?;
        sink.write_all(b"half")?;
        drop(sink);
        assert_eq!(fs::read_dir(&folder)?.count(), 0);
        let mut sink = Sink::open(Some(&path))?;
        sink.write_all(b"whole")?;
        sink.finish()?;
        assert_eq!((fs::read_to_string(&path)?.as_str(), fs::read_dir(&folder)?.count()), ("whole", 1));
        let nowhere = folder.path().join("no/out.csv");
        let expected = format!("{}: cannot write: No such file or directory (os error 2)", nowhere.display());
        assert_eq!(check_writable(&nowhere), Err(CliError::Failed(expected)));
        Ok(())
    }
}
