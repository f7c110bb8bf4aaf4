//! Going on where an earlier run of the same experiment stopped.

use std::path::Path;

use hsic_eval::records::Results;
use hsic_report::{Earlier, RunSettings};
use toml::{Table, Value};

use crate::config::{Config, MethodName};
use crate::error::CliError;

/// What an earlier run has left in the folder of an experiment.
///
/// # Errors
/// [`CliError::Failed`] for a configuration that is no TOML.
pub fn find(dir: &Path, config: &Config, now: &Results) -> Result<Earlier, CliError> {
    let read = |file: &Path| settings(&Config::load(file, &[])?);
    Ok(Earlier::find(dir, &settings(config)?, now, read))
}

/// The results in a folder, if there are any and they are of these settings, the methods aside; `remedy` says how to
/// start over.
///
/// # Errors
/// [`CliError::Usage`] for results of other settings, data or versions, naming the first difference, and for files that
/// cannot be read.
pub fn earlier(
    dir: &Path,
    config: &Config,
    now: &Results,
    remedy: &str,
) -> Result<Option<Results>, CliError> {
    match find(dir, config, now)? {
        Earlier::Nothing => Ok(None),
        Earlier::Same(results) => Ok(Some(results)),
        Earlier::Other { why, .. } => Err(CliError::Usage(format!(
            "{}: {why}; name another folder with --out, or {remedy}",
            dir.display()
        ))),
    }
}

/// The methods of an earlier run that are not among these, which its folder keeps.
pub fn kept_methods(results: &Results, methods: &[MethodName]) -> Vec<MethodName> {
    let there = MethodName::ALL.into_iter();
    let there = there.filter(|method| results.methods.iter().any(|record| record.method == method.as_str()));
    there.filter(|method| !methods.contains(method)).collect()
}

/// Every value by its dotted key, methods aside.
fn settings(config: &Config) -> Result<RunSettings, CliError> {
    fn collect(table: Table, prefix: &str, settings: &mut RunSettings) {
        for (name, value) in table {
            match value {
                Value::Table(inner) => collect(inner, &format!("{prefix}{name}."), settings),
                value => drop(settings.insert(format!("{prefix}{name}"), value.to_string())),
            }
        }
    }
    let mut table = Table::try_from(config).map_err(|error| CliError::failed(&error))?;
    table.remove("methods");
    let mut settings = RunSettings::new();
    collect(table, "", &mut settings);
    Ok(settings)
}
