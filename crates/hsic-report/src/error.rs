//! What can go wrong while results are written.

use std::io;

use thiserror::Error;

/// A file or a picture that could not be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The folder of the results cannot be used.
    #[error("{dir}: cannot write results here")]
    Directory {
        /// Path of the folder.
        dir: String,
        /// What the system says.
        source: io::Error,
    },
    /// Another run has the folder.
    #[error(
        "{dir}: another run{} is writing here; wait for it, or name another folder",
        process.map_or_else(String::new, |process| format!(" (process {process})"))
    )]
    Locked {
        /// Path of the folder.
        dir: String,
        /// The other process, where the system tells.
        process: Option<u32>,
    },
    /// A file cannot be written.
    #[error("{file}: cannot write")]
    Write {
        /// Path of the file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A record cannot be turned into text.
    #[error("{file}: cannot write the records")]
    Records {
        /// Path of the file.
        file: String,
        /// What the serialiser says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A picture cannot be drawn.
    #[error("{file}: cannot draw: {message}")]
    Draw {
        /// Path of the file.
        file: String,
        /// What the drawing library says; its error types differ by format.
        message: String,
    },
}
