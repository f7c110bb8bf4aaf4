//! Where rows are written: standard output, or a file that is whole or not there.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

use crate::disk::probe;
use crate::error::CliError;

/// A place for rows, buffered.
pub struct Sink {
    place: Place,
    /// Whether the reader of standard output has gone: what follows is not wanted.
    closed: bool,
}

enum Place {
    Stdout(BufWriter<Stdout>),
    /// A file under a temporary name.
    File {
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
    /// [`CliError::Usage`] where the file cannot be written.
    pub fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let place = match path {
            None => Place::Stdout(BufWriter::new(io::stdout())),
            Some(path) => {
                check_writable(path)?;
                let temporary = temporary(path);
                let file = File::create(&temporary).map_err(|error| cannot_write(path, &error))?;
                Place::File { writer: BufWriter::new(file), temporary, path: path.into() }
            }
        };
        Ok(Self { place, closed: false })
    }

    /// Writes a text. `false` where the reader of standard output has gone.
    ///
    /// # Errors
    /// [`CliError::Failed`] where it cannot be written.
    pub fn put(&mut self, text: &str) -> Result<bool, CliError> {
        let outcome = match &mut self.place {
            _ if self.closed => Ok(()),
            Place::Stdout(writer) => writer.write_all(text.as_bytes()),
            Place::File { writer, .. } => writer.write_all(text.as_bytes()),
        };
        self.check(outcome)?;
        Ok(!self.closed)
    }

    /// Ends a stream of rows. If it went wrong, the rows before the wrong one stay on standard output, for they are right,
    /// and no file is left; else `last` follows, and a file gets its name.
    ///
    /// # Errors
    /// That of the stream, or [`CliError::Failed`] where the end cannot be written.
    pub fn end(mut self, stream: Result<(), CliError>, last: &str) -> Result<(), CliError> {
        match (stream, &self.place) {
            (Err(error), Place::File { .. }) => Err(error),
            (Err(error), Place::Stdout(_)) => self.finish().and(Err(error)),
            (Ok(()), _) => {
                self.put(last)?;
                self.finish()
            }
        }
    }

    fn finish(mut self) -> Result<(), CliError> {
        let outcome = match &mut self.place {
            Place::Stdout(writer) => writer.flush(),
            Place::File { writer, temporary, path } => {
                writer.flush().and_then(|()| fs::rename(&*temporary, &*path))
            }
        };
        self.check(outcome)
    }

    /// A reader that has seen enough is no error.
    fn check(&mut self, outcome: io::Result<()>) -> Result<(), CliError> {
        let Err(error) = outcome else { return Ok(()) };
        match &self.place {
            Place::Stdout(_) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Place::Stdout(_) => Err(CliError::Failed(format!("cannot write to standard output: {error}"))),
            Place::File { path, .. } => Err(cannot_write(path, &error)),
        }
    }
}

impl Drop for Sink {
    /// Half a file is no file; one that was renamed is gone from here.
    fn drop(&mut self) {
        if let Place::File { temporary, .. } = &self.place {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Refuses, before any work, a file that could not be written after it.
///
/// # Errors
/// [`CliError::Usage`].
pub fn check_writable(path: &Path) -> Result<(), CliError> {
    if path.is_dir() {
        return Err(CliError::Usage(format!("{}: cannot write: it is a folder", path.display())));
    }
    probe(&temporary(path))
        .map_err(|error| CliError::Usage(format!("{}: cannot write: {error}", path.display())))
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
        assert!(sink.put("half")?);
        drop(sink);
        assert_eq!(fs::read_dir(&folder)?.count(), 0);
        let mut sink = Sink::open(Some(&path))?;
        assert!(sink.put("who")?);
        sink.end(Ok(()), "le")?;
        assert_eq!((fs::read_to_string(&path)?.as_str(), fs::read_dir(&folder)?.count()), ("whole", 1));
        let wrong = || CliError::Usage("a wrong row".into());
        let mut sink = Sink::open(Some(&folder.path().join("other.csv")))?;
        assert!(sink.put("rows before it")?);
        assert_eq!(sink.end(Err(wrong()), "the end"), Err(wrong()));
        assert_eq!(fs::read_dir(&folder)?.count(), 1);
        let nowhere = folder.path().join("no/out.csv");
        let expected = format!("{}: cannot write: No such file or directory (os error 2)", nowhere.display());
        assert_eq!(check_writable(&nowhere), Err(CliError::Usage(expected)));
        Ok(())
    }
}
