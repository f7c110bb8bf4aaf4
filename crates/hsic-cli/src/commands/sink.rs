//! Where rows are written: standard output, or what a path leads to.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

use hsic_data::output::{self, Output};
use serde_json::json;

use super::interrupt;
use crate::error::CliError;

/// A place for rows, buffered.
pub struct Sink {
    place: Place,
    /// Whether the reader has gone: what follows is not wanted.
    closed: bool,
}

enum Place {
    Stdout(BufWriter<Stdout>),
    Path { output: Output, path: PathBuf },
}

impl Sink {
    /// Opens what a path leads to, or standard output.
    ///
    /// # Errors
    /// [`CliError::Usage`] where it cannot be written.
    pub fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let place = match path {
            None => Place::Stdout(BufWriter::new(io::stdout())),
            Some(path) => {
                check_writable(path)?;
                let output =
                    Output::open(path).map_err(|error| CliError::Usage(cannot_write(path, &error)))?;
                Place::Path { output, path: path.into() }
            }
        };
        Ok(Self { place, closed: false })
    }

    /// Whether nothing is seen of what is written before the end.
    fn is_file(&self) -> bool {
        matches!(&self.place, Place::Path { output, .. } if output.is_file())
    }

    /// Writes a text. `false` where the reader has gone.
    ///
    /// # Errors
    /// [`CliError::Failed`] where it cannot be written.
    pub fn put(&mut self, text: &str) -> Result<bool, CliError> {
        if !self.closed {
            self.closed = match &mut self.place {
                Place::Stdout(writer) => is_closed(None, writer.write_all(text.as_bytes())),
                Place::Path { output, path } => is_closed(Some(path), output.write_all(text.as_bytes())),
            }?;
        }
        Ok(!self.closed)
    }

    /// Ends a stream of rows with a text, which may depend on what went wrong. Then no file is left; elsewhere the rows before the
    /// wrong one stay, for they are right.
    ///
    /// # Errors
    /// That of the stream, or [`CliError::Failed`] where the end cannot be written.
    pub fn end(
        mut self,
        stream: Result<(), CliError>,
        last: impl FnOnce(Option<&CliError>) -> String,
    ) -> Result<(), CliError> {
        if stream.is_err() && self.is_file() {
            return stream;
        }
        self.put(&last(stream.as_ref().err()))?;
        match self.place {
            Place::Stdout(mut writer) => is_closed(None, writer.flush()),
            Place::Path { output, path } => is_closed(Some(&path), output.finish()),
        }?;
        stream
    }
}

/// The end of an object whose last field so far is a list of rows: their number, how many of them are skipped, and the error if one
/// came in between, so that the object is whole whatever happened.
pub fn json_end(rows: usize, skipped: usize, error: Option<&CliError>) -> String {
    let error = error.map_or_else(String::new, |error| format!(",\"error\":{}", json!(error.to_string())));
    format!("\n],\"n\":{rows},\"skipped\":{skipped}{error}}}\n")
}

/// Whether the reader has gone: one that has seen enough is no error.
fn is_closed(path: Option<&Path>, outcome: io::Result<()>) -> Result<bool, CliError> {
    match (outcome, path) {
        (Ok(()), _) => Ok(false),
        (Err(error), _) if error.kind() == ErrorKind::BrokenPipe => Ok(true),
        (Err(error), None) => Err(CliError::Failed(format!("cannot write to standard output: {error}"))),
        (Err(error), Some(path)) => Err(CliError::Failed(cannot_write(path, &error))),
    }
}

/// Refuses, before any work, what could not be written after it.
///
/// # Errors
/// [`CliError::Usage`].
pub fn check_writable(path: &Path) -> Result<(), CliError> {
    interrupt::catch()?;
    output::check(path).map_err(|error| CliError::Usage(cannot_write(path, &error)))
}

/// What is said of a file that cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("{}: cannot write: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        sink.end(Ok(()), |_| "le".into())?;
        assert_eq!((fs::read_to_string(&path)?.as_str(), fs::read_dir(&folder)?.count()), ("whole", 1));
        let wrong = || CliError::Usage("a wrong row".into());
        let mut sink = Sink::open(Some(&folder.path().join("other.csv")))?;
        assert!(sink.put("rows before it")?);
        assert_eq!(sink.end(Err(wrong()), |_| "the end".into()), Err(wrong()));
        assert_eq!(fs::read_dir(&folder)?.count(), 1);
        let nowhere = folder.path().join("no/out.csv");
        let expected = format!("{}: cannot write: No such file or directory (os error 2)", nowhere.display());
        assert_eq!(check_writable(&nowhere), Err(CliError::Usage(expected)));
        Ok(())
    }

    #[test]
    fn an_object_is_closed_whatever_happened() -> Result<(), Box<dyn std::error::Error>> {
        let wrong = CliError::Usage("t.csv, line 3: `a\"b`".into());
        for error in [None, Some(&wrong)] {
            let text = format!("{{\"rows\":[{}", json_end(0, 0, error));
            let object: serde_json::Value = serde_json::from_str(&text)?;
            assert_eq!(object["n"], 0);
            assert_eq!(object["error"].as_str(), error.map(ToString::to_string).as_deref());
        }
        Ok(())
    }
}
