//! Writing to a path that a user has named, whatever it leads to.
//!
//! A regular file, or one that is not there yet, is whole or untouched: the bytes go to a temporary file in the same folder,
//! which takes its name, and its permissions, when all are written. A symbolic link is followed and stays, also one whose target does
//! not exist. Pipes, devices and open descriptors (`/dev/stdout`, `/dev/fd/3`) are written into as they are: to replace one by a
//! file would destroy it. A folder is refused.

mod sink;
mod target;
mod temporary;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use sink::Sink;
pub use target::FileId;
use target::Target;
use temporary::Temporary;
pub use temporary::remove_unfinished;

/// What is written to, buffered.
///
/// ```
/// use std::io::Write;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("table.csv");
/// let mut output = hsic_data::output::Output::open(&path)?;
/// output.write_all(b"weight,kind\n")?;
/// assert!(!path.exists());
/// output.finish()?;
/// assert_eq!(std::fs::read(&path)?, b"weight,kind\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Output {
    writer: BufWriter<File>,
    /// Of a file, the name that its bytes have while they are written, and its own.
    file: Option<(Temporary, PathBuf)>,
}

impl Output {
    /// Opens what a path leads to. A file that is there keeps its bytes until [`finish`](Self::finish), and for good if that is never
    /// called.
    ///
    /// # Errors
    /// What the system says; a folder, a socket and a file that must not be written are refused.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(match Target::of(path)? {
            Target::File(path) => {
                let (temporary, file) = Temporary::beside(&path)?;
                Self { writer: BufWriter::new(file), file: Some((temporary, path)) }
            }
            Target::Stream(stream) => Self { writer: BufWriter::new(stream.open()?), file: None },
        })
    }

    /// Whether nothing is to be seen of the bytes before [`finish`](Self::finish): true of files, not of pipes and devices.
    pub fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Writes what is buffered, and gives a file its name.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        match self.file.take() {
            Some((temporary, path)) => temporary.replace(&path),
            None => Ok(()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Writes all bytes of a file.
///
/// # Errors
/// As [`Output::open`] and [`Output::finish`].
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut output = Output::open(path)?;
    output.write_all(bytes)?;
    output.finish()
}

/// Opens a file to write after its end, or what [`Output`] would write into as it is.
///
/// # Errors
/// As [`Output::open`].
pub fn append(path: &Path) -> io::Result<File> {
    match Target::of(path)? {
        Target::File(path) => OpenOptions::new().append(true).create(true).open(path),
        Target::Stream(stream) => stream.open(),
    }
}

/// Tells whether [`Output::open`] and a write of 1 MiB would succeed, so that hours of work do not end in nothing. Pipes and devices
/// are not opened: whoever reads them would see it.
///
/// # Errors
/// As [`Output::open`], and of a disk that is full.
pub fn check(path: &Path) -> io::Result<()> {
    match Target::of(path)? {
        Target::File(path) => Temporary::probe(Temporary::beside(&path)?),
        Target::Stream(_) => Ok(()),
    }
}

/// The same for files that are to be made in a folder.
///
/// # Errors
/// As [`check`].
pub fn check_folder(folder: &Path) -> io::Result<()> {
    Temporary::probe(Temporary::in_folder(folder)?)
}

#[cfg(test)]
mod tests;
