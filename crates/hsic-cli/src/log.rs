//! `--log`: what a run does, a JSON object a line, as it happens.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hsic_data::output;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::CliError;

/// A log, or none. Clones write to the same file, from any thread.
///
/// Each line is handed to the system whole as soon as it is there: whatever ends the program, the lines before are
/// valid.
#[derive(Debug, Clone, Default)]
pub struct Log(Option<Arc<Open>>);

#[derive(Debug)]
struct Open {
    /// None once nothing may follow: the last event is written, or one could not be.
    file: Mutex<Option<File>>,
    path: String,
    start: Instant,
}

impl Log {
    /// Opens the file, after whose last line is written, with the event `started`; does nothing without a path.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a file that cannot be written: this is before the work.
    pub fn start(path: Option<&Path>, command: &str, fields: Value) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let shown = path.display().to_string();
        let refused = |error: io::Error| CliError::Usage(format!("{shown}: cannot write the log: {error}"));
        let file = output::append(path).map_err(refused)?;
        let open = Open { file: Mutex::new(Some(file)), path: shown.clone(), start: Instant::now() };
        let mut started = json!({
            "command": command,
            "version": env!("CARGO_PKG_VERSION"),
            "threads": rayon::current_num_threads(),
        });
        extend(&mut started, fields);
        open.write(&mut open.lock(), "started", started).map_err(refused)?;
        Ok(Self(Some(Arc::new(open))))
    }

    /// Writes an event and its fields. A log that cannot be written any longer ends with a warning; the work goes on.
    pub fn event(&self, event: &str, fields: Value) {
        self.write(event, fields, false);
    }

    /// Tells of files that are written.
    pub fn told_of_files(&self) -> impl Fn(&Path) + Send + Sync + use<> {
        let log = self.clone();
        move |file| log.event("written", json!({ "file": file.display().to_string() }))
    }

    /// Tells a warning on standard error and in the log.
    pub fn warn(&self, warning: &str) {
        eprintln!("warning: {warning}");
        self.event("warning", json!({ "message": warning }));
    }

    /// Writes the last event; what other threads still have to say is dropped.
    pub fn last(&self, event: &str, fields: Value) {
        self.write(event, fields, true);
    }

    /// Ends the log with `finished` or `failed`.
    pub fn end(&self, outcome: &Result<(), CliError>) {
        match outcome {
            Ok(()) => self.last("finished", json!({ "exit_code": 0 })),
            Err(error) => {
                self.last("failed", json!({ "exit_code": error.code(), "error": error.to_string() }));
            }
        }
    }

    fn write(&self, event: &str, fields: Value, last: bool) {
        let Some(open) = &self.0 else { return };
        let mut file = open.lock();
        if file.is_none() {
            return;
        }
        let outcome = open.write(&mut file, event, fields);
        if let Err(error) = &outcome {
            eprintln!("warning: {}: cannot write the log, which ends here: {error}", open.path);
        }
        if last || outcome.is_err() {
            *file = None;
        }
    }
}

impl Open {
    fn lock(&self) -> MutexGuard<'_, Option<File>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time is taken under the lock, so that it does not go back from line to line.
    fn write(&self, file: &mut Option<File>, event: &str, fields: Value) -> io::Result<()> {
        let Some(file) = file else { return Ok(()) };
        let mut line = json!({
            "time": format!("{:.3}", Timestamp::now()),
            "elapsed_seconds": self.start.elapsed().as_secs_f64(),
            "event": event,
        });
        extend(&mut line, fields);
        // one write a line: no part of one is ever left to a buffer
        file.write_all(format!("{line}\n").as_bytes())?;
        file.flush()
    }
}

fn extend(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn lines_are_whole_and_none_follows_the_last() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("log.jsonl");
        fs::write(&path, "{\"event\":\"finished\"}\n")?;
        let log = Log::start(Some(&path), "run", json!({ "seed": 3 }))?;
        std::thread::scope(|scope| {
            for fold in 0..8 {
                let log = log.clone();
                scope.spawn(move || log.event("fold_started", json!({ "fold": fold })));
            }
        });
        log.last("interrupted", json!({}));
        log.event("fold_started", json!({}));
        log.end(&Ok(()));
        let text = fs::read_to_string(&path)?;
        let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        assert_eq!(lines.len(), 11);
        assert_eq!((&lines[1]["event"], &lines[1]["seed"]), (&json!("started"), &json!(3)));
        assert_eq!(lines[10]["event"], "interrupted");
        for pair in lines[1..].windows(2) {
            assert!(pair[0]["time"].as_str() <= pair[1]["time"].as_str());
            assert!(pair[0]["elapsed_seconds"].as_f64() <= pair[1]["elapsed_seconds"].as_f64());
        }
        let time = lines[1]["time"].as_str().ok_or("no time")?;
        assert!(time.len() == "2026-11-25T03:46:05.123Z".len() && time.ends_with('Z'), "{time}");
        Ok(())
    }
}
