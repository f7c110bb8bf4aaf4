//! Errors as Python's exceptions.

use std::error::Error;

use hsic::Error as HsicError;
use pyo3::PyErr;
use pyo3::exceptions::{PyOSError, PyValueError};

/// What went wrong, and why, joined by colons.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // a transparent error has said it already
        if !text.ends_with(&cause) {
            text += ": ";
            text += &cause;
        }
        source = error.source();
    }
    text
}

/// `ValueError`: data and parameters.
pub fn value_error(error: impl Error) -> PyErr {
    PyValueError::new_err(chain(&error))
}

/// `OSError` for a file that cannot be read or written, else `ValueError`.
pub fn model_error(error: HsicError) -> PyErr {
    match &error {
        HsicError::Read { source, file } | HsicError::Write { source, file } => {
            let message = chain(&error);
            match source.raw_os_error() {
                // Python makes FileNotFoundError and its like of the number
                Some(number) => PyOSError::new_err((number, message, file.clone())),
                None => PyOSError::new_err(message),
            }
        }
        _ => value_error(error),
    }
}
