//! Inputs as named on the command line and in configurations: each is opened once, and `-` is standard input.

use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use hsic_data::{Error, Input};

/// What standard input is called in messages.
const STDIN: &str = "standard input";

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether a path is a file that can be read more than once.
pub fn is_regular(path: &Path) -> bool {
    !is_stdin(path) && path.is_file()
}

/// The name of an input, as in messages.
pub fn name(path: &Path) -> String {
    if is_stdin(path) { STDIN.into() } else { path.display().to_string() }
}

/// Opens an input.
///
/// # Errors
/// [`Error::Read`]: what the system says, and for standard input where it is asked for twice.
pub fn open(path: &Path) -> hsic_data::Result<Input<'static>> {
    if !is_stdin(path) {
        return Input::open(path);
    }
    match stdin() {
        Ok(stdin) => Ok(Input::new(stdin, STDIN)),
        Err(source) => Err(Error::Read { file: STDIN.into(), source }),
    }
}

/// Reads a text to its end.
///
/// # Errors
/// As [`open`], and for a text that is not UTF-8.
pub fn text(path: &Path) -> io::Result<String> {
    if !is_stdin(path) {
        return std::fs::read_to_string(path);
    }
    let mut text = String::new();
    stdin()?.read_to_string(&mut text)?;
    Ok(text)
}

fn stdin() -> io::Result<io::Stdin> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    // a second reader would find it empty, and say so of a table that is not
    if TAKEN.swap(true, Ordering::Relaxed) {
        return Err(io::Error::other(
            "two inputs are named -, and standard input can be read once; give a file for one of them",
        ));
    }
    Ok(io::stdin())
}
