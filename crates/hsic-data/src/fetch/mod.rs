//! Getting the external data sets: download, unpack, convert to the tidy CSV, check its sha256, put it in its place.
//!
//! With the feature `fetch`. Nothing is believed: a file takes its place in the data folder only if it is the registry's,
//! to the byte, and only when it is whole.

mod archive;
mod convert;
mod http;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::idx::parse_idx;
use crate::output::{self, FileId};
use crate::registry::{DataFile, Entry};
use crate::text::sha256_hex;
use crate::{Error, Result};

/// How a set is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOptions {
    /// The data folder the files are put into; it is made if it is not there.
    pub dir: PathBuf,
    /// A folder with the source's archives or files, instead of a download.
    pub from: Option<PathBuf>,
    /// Address of a folder that has the archives by their names, instead of the source's.
    pub mirror: Option<String>,
    /// How often a download is tried.
    pub attempts: u32,
    /// How long the server may be silent.
    pub timeout: Duration,
}

impl FetchOptions {
    /// Downloads to this folder in up to three attempts, giving up after 30 seconds of silence.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        let timeout = Duration::from_secs(30);
        Self { dir: dir.into(), from: None, mirror: None, attempts: 3, timeout }
    }
}

/// What happens while a set is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchEvent {
    /// The file is there already, and the right one.
    Present(PathBuf),
    /// A download begins.
    Download {
        /// Its address.
        url: String,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// So many bytes have come, of so many where the server has said.
    Progress {
        /// Bytes so far.
        received: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
    /// The file is in its place.
    Written(PathBuf),
}

/// Puts the files of a set into the data folder. A file that is there and right stays.
///
/// # Errors
/// [`Error::NothingToFetch`] for a set that is generated, [`Error::Fetch`] for a download or an archive that fails,
/// [`Error::OverSource`] for a file of the source that would be replaced,
/// [`Error::Checksum`] for data that are not the registry's, [`Error::Read`] and [`Error::Place`] for the file system.
pub fn fetch(entry: &Entry, options: &FetchOptions, on_event: &mut dyn FnMut(FetchEvent)) -> Result<()> {
    if entry.download.is_empty() {
        return Err(Error::NothingToFetch { name: entry.name.clone() });
    }
    for (index, file) in entry.files.iter().enumerate() {
        let path = options.dir.join(&file.path);
        if fs::read(&path).is_ok_and(|bytes| is_right(file, &bytes)) {
            on_event(FetchEvent::Present(path));
            continue;
        }
        // one archive for a tidy CSV; an address a file where the files are as the source has them
        let url = &entry.download[index.min(entry.download.len() - 1)];
        let (bytes, from) = raw(entry, file, url, options, on_event)?;
        let failed = |reason: String| Error::Fetch { name: entry.name.clone(), from: from.clone(), reason };
        let tidy = if is_right(file, &bytes) {
            bytes
        } else {
            convert::tidy(entry, &from, bytes).map_err(failed)?
        };
        if !is_right(file, &tidy) {
            let (found, expected) = (sha256_hex(&[&tidy]), file.sha256.clone());
            return Err(Error::Checksum { name: entry.name.clone(), file: from, found, expected });
        }
        if options.from.is_some() && FileId::same(Path::new(&from), &path) {
            return Err(Error::OverSource { name: entry.name.clone(), file: from });
        }
        place(&path, &tidy)?;
        on_event(FetchEvent::Written(path));
    }
    Ok(())
}

/// Whether these are the bytes of the registry, packed or not.
fn is_right(file: &DataFile, bytes: &[u8]) -> bool {
    sha256_hex(&[bytes]) == file.sha256
        || (file.path.ends_with(".gz") && parse_idx(bytes, "").is_ok_and(|idx| idx.sha256() == file.sha256))
}

/// The source's bytes, and where they came from.
fn raw(
    entry: &Entry,
    file: &DataFile,
    url: &str,
    options: &FetchOptions,
    on_event: &mut dyn FnMut(FetchEvent),
) -> Result<(Vec<u8>, String)> {
    let archive = url.rsplit('/').next().unwrap_or(url);
    let Some(folder) = &options.from else {
        let url = match &options.mirror {
            Some(mirror) => format!("{}/{archive}", mirror.trim_end_matches('/')),
            None => url.to_owned(),
        };
        return match http::download(&url, options, on_event) {
            Ok(bytes) => Ok((bytes, url)),
            Err(reason) => Err(Error::Fetch { name: entry.name.clone(), from: url, reason }),
        };
    };
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let original = entry.original.as_ref().map(|original| last(&original.path));
    let names: Vec<String> =
        [Some(archive.to_owned()), Some(archive.replace('+', " ")), original, Some(last(&file.path))]
            .into_iter()
            .flatten()
            .collect();
    for name in &names {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => return Ok((bytes, path.display().to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Read { file: path.display().to_string(), source }),
        }
    }
    let reason = format!("it has none of {}", crate::text::list(&names));
    Err(Error::Fetch { name: entry.name.clone(), from: folder.display().to_string(), reason })
}

/// Writes a file of the data folder, which is made if it is not there.
fn place(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |source| Error::Place { file: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    output::write(path, bytes).map_err(failed)
}
