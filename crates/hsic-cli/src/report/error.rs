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
