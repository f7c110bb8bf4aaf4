//! One run in a folder at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::error::ReportError;

/// A folder that no other run writes to. The lock is the system's: a process that ends, however it does, keeps none, and on Unix no
/// file is made for it.
#[derive(Debug)]
pub struct FolderLock {
    /// Locked as long as it is open.
    _folder: File,
    warning: Option<String>,
}

impl FolderLock {
    /// Locks a folder if it is there.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn of_existing(dir: &Path) -> Result<Option<Self>, ReportError> {
        dir.is_dir().then(|| Self::of(dir)).transpose()
    }

    /// Locks a folder. On a file system without locks a [`warning`](Self::warning) is all that can be done.
    ///
    /// # Errors
    /// [`ReportError::Locked`] where another run has it, [`ReportError::Directory`] where it cannot be opened.
    pub fn of(dir: &Path) -> Result<Self, ReportError> {
        let shown = || dir.display().to_string();
        let failed = |source| ReportError::Directory { dir: shown(), source };
        loop {
            let folder = open(dir).map_err(failed)?;
            let mut warning = None;
            match folder.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    return Err(ReportError::Locked { dir: shown(), process: holder(&folder) });
                }
                Err(TryLockError::Error(error)) => {
                    warning =
                        Some(format!("{}: cannot be locked, so start no other run here: {error}", shown()));
                }
                // what was locked may have been removed and made anew before it was
                Ok(()) if !is_at(&folder, dir).map_err(failed)? => continue,
                Ok(()) => {}
            }
            return Ok(Self { _folder: folder, warning });
        }
    }

    /// That nobody knows whether another run writes here, where the system cannot tell.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

#[cfg(unix)]
fn open(dir: &Path) -> io::Result<File> {
    File::open(dir)
}

/// Elsewhere a folder cannot be opened like a file.
#[cfg(not(unix))]
fn open(dir: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create(true).truncate(false).open(dir.join(".lock"))
}

#[cfg(unix)]
fn is_at(folder: &File, dir: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let (locked, there) = (folder.metadata()?, fs::metadata(dir)?);
    Ok((locked.dev(), locked.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// The process that has locked a file, where the system tells.
#[cfg(target_os = "linux")]
fn holder(folder: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    let locked = folder.metadata().ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:5398981 0 EOF
    let processes = locks.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let is_lock = words.next() == Some("FLOCK");
        let (process, place) = (words.nth(2)?, words.next()?);
        let inode = place.rsplit(':').next()?.parse::<u64>().ok()?;
        if is_lock && inode == locked.ino() { process.parse::<u32>().ok() } else { None }
    });
    // inodes are of one device; which, the line does not always say as the folder's metadata do
    let has_opened = |process: &u32| {
        let opened = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        let mut files = opened.filter_map(|entry| fs::metadata(entry.path()).ok());
        files.any(|file| (file.dev(), file.ino()) == (locked.dev(), locked.ino()))
    };
    processes.into_iter().find(has_opened)
}

#[cfg(not(target_os = "linux"))]
fn holder(_: &File) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_until_the_lock_is_dropped() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let dir = folder.path().join("out");
        assert!(FolderLock::of_existing(&dir)?.is_none());
        fs::create_dir(&dir)?;
        let lock = FolderLock::of_existing(&dir)?;
        assert!(lock.is_some());
        let process = if cfg!(target_os = "linux") {
            format!(" (process {})", std::process::id())
        } else {
            String::new()
        };
        let message = FolderLock::of(&dir).map(drop).map_err(|error| error.to_string());
        let expected = format!(
            "{}: another run{process} is writing here; wait for it, or name another folder",
            dir.display()
        );
        assert_eq!(message, Err(expected));
        // folders within are others
        fs::create_dir(dir.join("wine"))?;
        FolderLock::of(&dir.join("wine"))?;
        drop(lock);
        FolderLock::of(&dir)?;
        Ok(())
    }
}
