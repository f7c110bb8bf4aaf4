//! `hsic-cli validate`: whether experiment files could be run.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::draft::{Draft, Start, plans};
use crate::config::Config;
use crate::error::CliError;
use crate::input::is_stdin;
use crate::output::tell;
use crate::places::argument;
use hsic_eval::records::DatasetRecord;
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

/// What the files are good for.
#[derive(Serialize)]
struct Verdicts {
    valid: bool,
    files: Vec<Verdict>,
}

/// What a file is good for.
#[derive(Serialize)]
struct Verdict {
    file: String,
    valid: bool,
    /// What is wrong, a message a table of the file.
    errors: Vec<String>,
    /// What it could be run on.
    dataset: Option<Sizes>,
    /// Why the data were not looked at; all else is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_checked: Option<String>,
}

#[derive(Serialize)]
struct Sizes {
    n: usize,
    d: usize,
    classes: usize,
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|verdict| verdict.fmt(f))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match (&self.dataset, &self.not_checked) {
            (Some(Sizes { n, d, classes }), _) => {
                writeln!(f, "{file}: OK, {n} rows, {d} columns, {classes} classes")
            }
            (None, Some(why)) => writeln!(f, "{file}: OK, but the data: {why}"),
            // messages on the data do not bear the name of the file
            (None, None) => self.errors.iter().try_for_each(|error| match error.starts_with(file) {
                true => writeln!(f, "{error}"),
                false => writeln!(f, "{file}: {error}"),
            }),
        }
    }
}

/// Checks files: keys, values, combinations, methods, the data set's name, and where the data are here, that they can be
/// read and split. All files are checked, whatever is wrong with one.
///
/// # Errors
/// [`CliError::Usage`] if one is not right, after all are told.
pub fn run(args: &ValidateArgs) -> Result<(), CliError> {
    let files: Vec<Verdict> = args.configs.iter().map(|config| check(config)).collect();
    let wrong = files.iter().filter(|verdict| !verdict.valid).count();
    tell("validate", args.json, &Verdicts { valid: wrong == 0, files })?;
    if wrong == 0 {
        return Ok(());
    }
    Err(CliError::Usage(format!("{wrong} of {} not right", text::count(args.configs.len(), "file"))))
}

fn check(file: &Path) -> Verdict {
    let (mut dataset, mut not_checked) = (None, None);
    let errors = match Config::load_or_problems(file).map(checked) {
        Ok(Ok(sizes)) => {
            dataset = Some(sizes);
            Vec::new()
        }
        Ok(Err(CliError::MissingData(why))) => {
            not_checked = Some(why);
            Vec::new()
        }
        Ok(Err(error)) => vec![error.to_string()],
        Err(problems) => problems.iter().map(|error| CliError::usage(error).to_string()).collect(),
    };
    Verdict { file: file.display().to_string(), valid: errors.is_empty(), errors, dataset, not_checked }
}

fn checked(config: Config) -> Result<Sizes, CliError> {
    plans(&config)?;
    let path = config.dataset.path.as_deref();
    if let Some(path) = path.filter(|path| !is_stdin(path) && !path.exists()) {
        return Err(CliError::MissingData(format!("{} is not here", path.display())));
    }
    let DatasetRecord { n, d, classes, .. } =
        Draft::new(config, PathBuf::new(), Start::Nowhere)?.results.dataset;
    Ok(Sizes { n, d, classes })
}
