//! Standard output: what a command came to, as text or as one JSON object.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::CliError;

/// Prints what a command came to: as JSON with the name of the command and the version before it, or as text.
///
/// # Errors
/// As [`print()`], and [`CliError::Failed`] for an outcome that is no JSON.
pub fn tell(command: &str, json: bool, outcome: &(impl Serialize + Display)) -> Result<(), CliError> {
    if json { print_json(&object(command, [value(outcome)?])) } else { print(&outcome.to_string()) }
}

/// One object of a command: its name, the version if no part has it, and the fields of all parts in their order. A field that is
/// there already keeps its place and gets the later value.
pub fn object(command: &str, parts: impl IntoIterator<Item = Value>) -> Value {
    let mut all = Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    all.shift_insert(0, "command".into(), command.into());
    if !all.contains_key("version") {
        all.shift_insert(1, "version".into(), env!("CARGO_PKG_VERSION").into());
    }
    Value::Object(all)
}

/// An outcome as JSON.
///
/// # Errors
/// [`CliError::Failed`] for what is no JSON.
pub fn value(outcome: &impl Serialize) -> Result<Value, CliError> {
    serde_json::to_value(outcome).map_err(|error| CliError::failed(&error))
}

/// Writes JSON as a person can read it.
///
/// # Errors
/// As [`print()`].
pub fn print_json(json: &Value) -> Result<(), CliError> {
    print(&format!("{json:#}\n"))
}

/// Writes text as it is. A reader that has seen enough, as in `hsic-cli data list | head -1`, is no error.
///
/// # Errors
/// [`CliError::Failed`] for anything else, such as a full disk.
pub fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Whether standard output may be styled: it is a terminal, and `NO_COLOR` (no-color.org) is unset or empty.
pub fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
