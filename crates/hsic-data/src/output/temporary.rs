//! Files under a name of their own until they are whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a probe writes: as much as a small result, so that a full disk is found too.
const PROBE: usize = 1 << 20;

/// Those of this process.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of this process, for a program that is about to exit without unwinding, as on Ctrl-C. From then on
/// no [`Output`](super::Output) of a file is opened or finished: whoever tries waits.
pub fn remove_unfinished() {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        // there is nobody left to be told
        let _ = fs::remove_file(path);
    }
    std::mem::forget(unfinished);
}

/// A temporary file, removed when it is dropped.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Makes one in a folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn in_folder(folder: &Path) -> io::Result<(Self, File)> {
        let mut unfinished = unfinished();
        let mut number = 0;
        loop {
            // not the file's name with something added, which can be too long for a name
            let path = folder.join(format!(".hsic-{}-{number}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    unfinished.push(path.clone());
                    return Ok((Self { path }, file));
                }
                // another thread's, or left by a process of the same number that was killed
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes one that is to replace a file, with its permissions.
    ///
    /// # Errors
    /// What the system says; of a file that is there also if it must not be written.
    pub fn beside(path: &Path) -> io::Result<(Self, File)> {
        let there = match OpenOptions::new().write(true).open(path) {
            Ok(file) => Some(file.metadata()?.permissions()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let (temporary, file) = Self::in_folder(path.parent().unwrap_or(Path::new(".")))?;
        if let Some(permissions) = there {
            file.set_permissions(permissions)?;
        }
        Ok((temporary, file))
    }

    /// Writes 1 MiB to one that was made for nothing else.
    ///
    /// # Errors
    /// What the system says.
    pub fn probe((_temporary, mut file): (Self, File)) -> io::Result<()> {
        file.write_all(&vec![0; PROBE])
    }

    /// Takes the place of a file. A rename is atomic; a file that cannot be renamed over, as one that is mounted by itself, is written
    /// over, since what was made must not be lost: if that fails too, the temporary file stays.
    ///
    /// # Errors
    /// What the system says.
    pub fn replace(self, path: &Path) -> io::Result<()> {
        let mut unfinished = unfinished();
        let refused = match fs::rename(&self.path, path) {
            Err(error) if path.is_file() => error,
            outcome => return outcome,
        };
        fs::copy(&self.path, path).map(drop).map_err(|_| {
            unfinished.retain(|path| *path != self.path);
            let message = format!("{refused}; what was to be written is in {}", self.path.display());
            io::Error::new(refused.kind(), message)
        })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut unfinished = unfinished();
        if let Some(place) = unfinished.iter().position(|path| *path == self.path) {
            unfinished.swap_remove(place);
            // one that has taken its place is gone from here
            let _ = fs::remove_file(&self.path);
        }
    }
}
