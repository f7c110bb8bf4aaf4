//! What can be wrong with an experiment file.

use std::io;

use thiserror::Error;

/// A problem of a configuration, with its place.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: cannot read the configuration")]
    Read {
        /// Path of the file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no TOML, has an unknown key or a value of another type.
    #[error("{file}:{line}:{column}: {message}\n{excerpt}")]
    Parse {
        /// Path of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong, with the valid names.
        message: String,
        /// The line with a caret below the place.
        excerpt: String,
    },
    /// A `--set` is not of the form KEY=VALUE, or its key or type is not one of the file's.
    #[error("{flag}: {message}")]
    Flag {
        /// The argument as typed.
        flag: String,
        /// What is wrong.
        message: String,
    },
    /// A value is out of its bounds.
    #[error("{place}: {message}")]
    Invalid {
        /// File and line, or the argument that set the value.
        place: String,
        /// The key, the bound and the value.
        message: String,
    },
}
