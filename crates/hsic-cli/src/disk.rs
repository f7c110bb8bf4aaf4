//! Whether a file could be written, asked before the work.

use std::fs;
use std::io;
use std::path::Path;

/// What a probe writes: as much as a small result, so that a full disk is found too.
const BYTES: usize = 1 << 20;

/// Writes a file of 1 MiB and removes it.
///
/// # Errors
/// What the system says of a folder that is not there or cannot be written, and of a disk that is full.
pub fn probe(path: &Path) -> io::Result<()> {
    let written = fs::write(path, vec![0; BYTES]);
    // of a file that could not be made there is nothing to remove
    let removed = fs::remove_file(path);
    written.and(removed)
}
