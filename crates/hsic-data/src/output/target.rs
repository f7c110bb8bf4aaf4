//! What a path leads to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// More links in a row lead in a circle; Linux has the same bound.
const LINKS: usize = 40;

/// Where bytes go.
pub enum Target {
    /// A file that is made or replaced, no link.
    File(PathBuf),
    /// What is written into.
    Stream(Stream),
}

/// A pipe, a device, or an open descriptor.
pub struct Stream {
    path: PathBuf,
    is_descriptor: bool,
}

impl Target {
    /// Follows every link.
    ///
    /// # Errors
    /// What the system says of the folder; a folder and a socket are refused.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            // `x/` and `x/..` can only be folders
            let last = path.as_os_str().as_encoded_bytes().last();
            let is_folder = last.is_some_and(|&byte| std::path::is_separator(byte.into()));
            let (false, Some(name)) = (is_folder, path.file_name()) else { return Err(folder()) };
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new(".")).canonicalize()?;
            let here = parent.join(name);
            if holds_descriptors(&parent) {
                let is_folder = fs::metadata(&here)?.is_dir();
                return if is_folder { Err(folder()) } else { Ok(Self::stream(here, true)) };
            }
            match fs::symlink_metadata(&here) {
                Ok(found) if found.is_symlink() => path = parent.join(fs::read_link(&here)?),
                Ok(found) if found.is_dir() => return Err(folder()),
                Ok(found) if found.is_file() => return Ok(Self::File(here)),
                Ok(found) if is_socket(&found) => {
                    return Err(io::Error::new(ErrorKind::Unsupported, "it is a socket"));
                }
                Ok(_) => return Ok(Self::stream(here, false)),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::File(here)),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("its links lead in a circle"))
    }

    fn stream(path: PathBuf, is_descriptor: bool) -> Self {
        Self::Stream(Stream { path, is_descriptor })
    }
}

impl Stream {
    /// Opens it; a pipe waits for its reader.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self) -> io::Result<File> {
        if !self.is_descriptor {
            return OpenOptions::new().write(true).open(&self.path);
        }
        if let Some(file) = standard_stream(&self.path)? {
            return Ok(file);
        }
        // opened anew it begins at the start, where something may be written already
        OpenOptions::new().append(true).open(&self.path)
    }
}

fn folder() -> io::Error {
    io::Error::new(ErrorKind::IsADirectory, "it is a folder")
}

/// Whether the entries of a folder are open descriptors. They look like links, whose targets are no paths.
fn holds_descriptors(folder: &Path) -> bool {
    cfg!(unix) && (folder == Path::new("/dev/fd") || folder.starts_with("/proc") && folder.ends_with("fd"))
}

/// Standard output or error itself, with its place in a file, if the path is theirs in this process.
#[cfg(unix)]
fn standard_stream(path: &Path) -> io::Result<Option<File>> {
    use std::os::fd::AsFd;

    let own = format!("/proc/{}/fd", std::process::id());
    let is_own = path.starts_with(own) || path.starts_with("/dev/fd");
    let descriptor = match path.file_name().and_then(|name| name.to_str()) {
        Some("1") if is_own => io::stdout().as_fd().try_clone_to_owned()?,
        Some("2") if is_own => io::stderr().as_fd().try_clone_to_owned()?,
        _ => return Ok(None),
    };
    Ok(Some(descriptor.into()))
}

#[cfg(not(unix))]
fn standard_stream(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

#[cfg(unix)]
fn is_socket(found: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&found.file_type())
}

#[cfg(not(unix))]
fn is_socket(_: &fs::Metadata) -> bool {
    false
}

/// The canonical path that a folder has once it is made, with those it is in.
fn to_be_made(folder: &Path) -> Option<PathBuf> {
    if folder.as_os_str().is_empty() {
        return to_be_made(Path::new("."));
    }
    match folder.canonicalize() {
        Ok(folder) => Some(folder),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut parent = to_be_made(folder.parent()?)?;
            match folder.components().next_back()? {
                Component::Normal(name) => parent.push(name),
                Component::ParentDir => drop(parent.pop()),
                _ => {}
            }
            Some(parent)
        }
        Err(_) => None,
    }
}

/// Which regular file a path leads to, however it is spelled: two paths are of one file if these are equal.
///
/// On Unix device and inode, which sees through every kind of link. Elsewhere the standard library has no stable number of a file,
/// and its canonical path is taken, which sees through `./` and symbolic links, not through hard ones. A file that is not there yet
/// is the canonical path of its folder and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileId(Id);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Id {
    #[cfg(unix)]
    Inode {
        device: u64,
        inode: u64,
    },
    Path(PathBuf),
}

impl FileId {
    /// The file of a path; none of a folder, a pipe or a device, which no output replaces, and of a path that leads nowhere.
    pub fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) => Self::there(path, &found),
            Err(error) if error.kind() == ErrorKind::NotFound => match Target::of(path) {
                Ok(Target::File(path)) => Some(Self(Id::Path(path))),
                Ok(Target::Stream(_)) => None,
                // its folder is to be made too
                Err(_) => Some(Self(Id::Path(to_be_made(path.parent()?)?.join(path.file_name()?)))),
            },
            Err(_) => None,
        }
    }

    /// Whether two paths are of one file.
    pub fn same(a: &Path, b: &Path) -> bool {
        Self::of(a).is_some_and(|a| Self::of(b) == Some(a))
    }

    /// The file behind an open descriptor.
    #[cfg(unix)]
    pub fn of_descriptor(descriptor: impl std::os::fd::AsFd) -> Option<Self> {
        let file = File::from(descriptor.as_fd().try_clone_to_owned().ok()?);
        Self::there(Path::new(""), &file.metadata().ok()?)
    }

    #[cfg(unix)]
    fn there(_: &Path, found: &fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;

        found.is_file().then(|| Self(Id::Inode { device: found.dev(), inode: found.ino() }))
    }

    #[cfg(not(unix))]
    fn there(path: &Path, found: &fs::Metadata) -> Option<Self> {
        if found.is_file() { Some(Self(Id::Path(path.canonicalize().ok()?))) } else { None }
    }
}
