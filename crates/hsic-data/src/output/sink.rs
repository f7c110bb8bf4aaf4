//! Text as it comes, for a file, a pipe or standard output.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::path::Path;

use super::Output;

/// A place for text, buffered. A reader that has seen enough and gone is no error: what follows is not written.
#[derive(Debug)]
pub struct Sink {
    place: Place,
    closed: bool,
}

#[derive(Debug)]
enum Place {
    Stdout(BufWriter<Stdout>),
    Path(Output),
}

impl Sink {
    /// Opens what a path leads to, or standard output.
    ///
    /// # Errors
    /// As [`Output::open`].
    pub fn open(path: Option<&Path>) -> io::Result<Self> {
        let place = match path {
            None => Place::Stdout(BufWriter::new(io::stdout())),
            Some(path) => Place::Path(Output::open(path)?),
        };
        Ok(Self { place, closed: false })
    }

    /// Whether nothing is seen of what is written before the end.
    pub fn is_file(&self) -> bool {
        matches!(&self.place, Place::Path(output) if output.is_file())
    }

    /// Writes a text. `false` where the reader has gone.
    ///
    /// # Errors
    /// What the system says.
    pub fn put(&mut self, text: &str) -> io::Result<bool> {
        if !self.closed {
            self.closed = is_closed(match &mut self.place {
                Place::Stdout(writer) => writer.write_all(text.as_bytes()),
                Place::Path(output) => output.write_all(text.as_bytes()),
            })?;
        }
        Ok(!self.closed)
    }

    /// Writes what is buffered, and gives a file its name; a sink that is dropped leaves no file.
    ///
    /// # Errors
    /// What the system says.
    pub fn end(self) -> io::Result<()> {
        is_closed(match self.place {
            Place::Stdout(mut writer) => writer.flush(),
            Place::Path(output) => output.finish(),
        })
        .map(drop)
    }
}

fn is_closed(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("out.csv");
        let mut sink = Sink::open(Some(&path))?;
        assert!(sink.is_file() && sink.put("half")?);
        drop(sink);
        assert_eq!(fs::read_dir(&folder)?.count(), 0);
        let mut sink = Sink::open(Some(&path))?;
        assert!(sink.put("who")? && sink.put("le")?);
        sink.end()?;
        assert_eq!((fs::read_to_string(&path)?.as_str(), fs::read_dir(&folder)?.count()), ("whole", 1));
        let nowhere = Sink::open(Some(&folder.path().join("no/out.csv")));
        assert_eq!(nowhere.unwrap_err().kind(), ErrorKind::NotFound);
        Ok(())
    }
}
