//! `hsic-cli validate`: whether experiment files could be run.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::draft::{Draft, Start, plans};
use crate::config::Config;
use crate::error::CliError;
use crate::input::is_stdin;
use crate::output::print;
use crate::places::argument;
use hsic_eval::records::Results;
use hsic_report::text;

/// The arguments of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Experiment files (TOML); - is standard input
    #[arg(required = true, value_name = "CONFIG")]
    pub configs: Vec<argument::Config>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a file is good for.
enum Verdict {
    /// It could be run: rows, columns, classes.
    Runs { n: usize, d: usize, classes: usize },
    /// Its data are not here; all else is right.
    WithoutData(String),
    /// What is wrong, a message a table of the file.
    Wrong(Vec<String>),
}

/// Checks files: keys, values, combinations, methods, the data set's name, and where the data are here, that they can be
/// read and split. All files are checked, whatever is wrong with one.
///
/// # Errors
/// [`CliError::Usage`] if one is not right, after all are told.
pub fn run(args: &ValidateArgs) -> Result<(), CliError> {
    let verdicts: Vec<(&Path, Verdict)> =
        args.configs.iter().map(|config| (&**config, check(config))).collect();
    let wrong = verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Wrong(_))).count();
    if args.json {
        let files: Vec<_> = verdicts
            .iter()
            .map(|(file, verdict)| {
                let file = file.display().to_string();
                match verdict {
                    Verdict::Runs { n, d, classes } => json!({
                        "file": file, "valid": true, "errors": [],
                        "dataset": { "n": n, "d": d, "classes": classes },
                    }),
                    Verdict::WithoutData(why) => json!({
                        "file": file, "valid": true, "errors": [], "dataset": null, "not_checked": why,
                    }),
                    Verdict::Wrong(errors) => {
                        json!({ "file": file, "valid": false, "errors": errors, "dataset": null })
                    }
                }
            })
            .collect();
        let json = json!({
            "command": "validate",
            "version": env!("CARGO_PKG_VERSION"),
            "valid": wrong == 0,
            "files": files,
        });
        print(&format!("{json:#}\n"))?;
    } else {
        let line = |(file, verdict): &(&Path, Verdict)| match verdict {
            Verdict::Runs { n, d, classes } => {
                format!("{}: OK, {n} rows, {d} columns, {classes} classes\n", file.display())
            }
            Verdict::WithoutData(why) => format!("{}: OK, but the data: {why}\n", file.display()),
            Verdict::Wrong(errors) => errors.iter().map(|error| told(file, error)).collect(),
        };
        print(&verdicts.iter().map(line).collect::<String>())?;
    }
    if wrong == 0 {
        return Ok(());
    }
    Err(CliError::Usage(format!("{wrong} of {} not right", text::count(args.configs.len(), "file"))))
}

/// A message with the name of the file, which those on the data do not bear.
fn told(file: &Path, error: &str) -> String {
    let file = file.display().to_string();
    if error.starts_with(&file) { format!("{error}\n") } else { format!("{file}: {error}\n") }
}

fn check(file: &Path) -> Verdict {
    match Config::load_or_problems(file) {
        Ok(config) => checked(config).unwrap_or_else(|error| Verdict::Wrong(vec![error.to_string()])),
        Err(problems) => {
            Verdict::Wrong(problems.iter().map(|error| CliError::usage(error).to_string()).collect())
        }
    }
}

fn checked(config: Config) -> Result<Verdict, CliError> {
    plans(&config)?;
    let path = config.dataset.path.as_deref();
    if let Some(path) = path.filter(|path| !is_stdin(path) && !path.exists()) {
        return Ok(Verdict::WithoutData(format!("{} is not here", path.display())));
    }
    match Draft::new(config, PathBuf::new(), Start::Nowhere) {
        Ok(Draft { results: Results { dataset, .. }, .. }) => {
            Ok(Verdict::Runs { n: dataset.n, d: dataset.d, classes: dataset.classes })
        }
        Err(CliError::MissingData(why)) => Ok(Verdict::WithoutData(why)),
        Err(error) => Err(error),
    }
}
