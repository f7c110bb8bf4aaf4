//! Going on where an earlier run of the same experiment stopped.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use hsic_eval::experiment::finished;
use hsic_eval::records::{Results, SCHEMA_VERSION};
use toml::{Table, Value};

use crate::config::{Config, Method};
use crate::error::CliError;
use hsic_report::written::{CONFIG, RESULTS};

/// What is in the folder of an experiment.
enum Found {
    Nothing,
    /// Results of these settings, the methods aside.
    Same(Results),
    /// Others, or what is no results.
    Other {
        /// How they differ.
        why: String,
        /// Whether a fold of them is finished, as far as is known.
        is_finished: bool,
    },
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
        Found::Nothing => Ok(None),
        Found::Same(results) => Ok(Some(results)),
        Found::Other { why, .. } => Err(CliError::Usage(format!(
            "{}: {why}; name another folder with --out, or {remedy}",
            dir.display()
        ))),
    }
}

/// Why finished results in a folder would be lost to an experiment that starts over: they are of other settings, data, versions or
/// methods, or nobody can tell. None if it makes them again.
///
/// # Errors
/// [`CliError::Failed`] for a configuration that is no TOML.
pub fn lost(dir: &Path, config: &Config, now: &Results) -> Result<Option<String>, CliError> {
    Ok(match find(dir, config, now)? {
        Found::Other { why, is_finished: true } => Some(why),
        Found::Nothing | Found::Other { .. } => None,
        Found::Same(results) => {
            let kept = kept_methods(&results, &config.methods).into_iter();
            let mut kept = kept.filter(|method| finished(&results, method.as_str()).next().is_some());
            kept.next().map(|method| format!("the results there have the method {method} too"))
        }
    })
}

fn find(dir: &Path, config: &Config, now: &Results) -> Result<Found, CliError> {
    let unknown = |why: String| Ok(Found::Other { why, is_finished: true });
    let text = match fs::read(dir.join(RESULTS)) {
        Ok(text) => text,
        // a folder that cannot be there is told when it is to be written
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Found::Nothing);
        }
        Err(error) => return unknown(format!("cannot read results.json: {error}")),
    };
    let results: Results = match serde_json::from_slice(&text) {
        Ok(results) => results,
        Err(error) => return unknown(format!("results.json is not a file of results: {error}")),
    };
    let there = match Config::load(&dir.join(CONFIG), &[]) {
        Ok(there) => there,
        Err(error) => return unknown(format!("its configuration cannot be used: {error}")),
    };
    let is_finished = results.methods.iter().any(|method| !method.folds.is_empty());
    let difference = |what: &str, there: &dyn std::fmt::Display, now: &dyn std::fmt::Display| {
        let why = format!("the results there differ in {what}: {there}, now {now}");
        Ok(Found::Other { why, is_finished })
    };
    if results.schema_version != SCHEMA_VERSION {
        return difference("the version of their schema", &results.schema_version, &SCHEMA_VERSION);
    }
    if results.version != now.version {
        return difference("the version of the program", &results.version, &now.version);
    }
    if let Some((key, there, now)) = first_difference(&there, config)? {
        return difference(&format!("`{key}`"), &there, &now);
    }
    if results.dataset.sha256 != now.dataset.sha256 {
        return difference("the sha256 of the data", &results.dataset.sha256, &now.dataset.sha256);
    }
    Ok(Found::Same(results))
}

/// The methods of an earlier run that are not among these, which its folder keeps.
pub fn kept_methods(results: &Results, methods: &[Method]) -> Vec<Method> {
    let there = Method::ALL.into_iter();
    let there = there.filter(|method| results.methods.iter().any(|record| record.method == method.as_str()));
    there.filter(|method| !methods.contains(method)).collect()
}

/// The first key, methods aside, on which two configurations differ, and both values.
fn first_difference(there: &Config, now: &Config) -> Result<Option<(String, String, String)>, CliError> {
    let (there, now) = (flat(there)?, flat(now)?);
    let keys = there.keys().chain(now.keys()).filter(|key| *key != "methods");
    let shown = |values: &BTreeMap<String, Value>, key: &str| {
        values.get(key).map_or_else(|| "not set".to_owned(), ToString::to_string)
    };
    let differs = |key: &&String| there.get(*key) != now.get(*key);
    Ok(keys
        .min_by_key(|key| (!differs(key), (*key).clone()))
        .filter(differs)
        .map(|key| (key.clone(), shown(&there, key), shown(&now, key))))
}

/// Every value by its dotted key.
fn flat(config: &Config) -> Result<BTreeMap<String, Value>, CliError> {
    fn collect(table: Table, prefix: &str, values: &mut BTreeMap<String, Value>) {
        for (name, value) in table {
            match value {
                Value::Table(inner) => collect(inner, &format!("{prefix}{name}."), values),
                value => drop(values.insert(format!("{prefix}{name}"), value)),
            }
        }
    }
    let table = Table::try_from(config).map_err(|error| CliError::failed(&error))?;
    let mut values = BTreeMap::new();
    collect(table, "", &mut values);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_and_methods_do_not_count() -> Result<(), CliError> {
        let config = Config::default();
        let other = Config { methods: vec![Method::Knn], ..config.clone() };
        assert_eq!(first_difference(&config, &other)?, None);
        let mut other = Config { folds: 5, fold_seed: Some(3), ..other };
        other.spectral.max_layers = 2;
        let named = |key: &str, there: &str, now: &str| Some((key.into(), there.into(), now.into()));
        assert_eq!(first_difference(&config, &other)?, named("fold_seed", "not set", "3"));
        other.fold_seed = None;
        assert_eq!(first_difference(&config, &other)?, named("folds", "10", "5"));
        other.folds = 10;
        assert_eq!(first_difference(&config, &other)?, named("spectral.max_layers", "30", "2"));
        Ok(())
    }
}
