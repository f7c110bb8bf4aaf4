//! Going on where an earlier run of the same experiment stopped.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use hsic_eval::records::{Results, SCHEMA_VERSION};
use toml::{Table, Value};

use crate::config::{Config, Method};
use crate::error::CliError;

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
    let file = dir.join("results.json");
    let refused = |what: String| {
        CliError::Usage(format!("{}: {what}; name another folder with --out, or {remedy}", dir.display()))
    };
    let text = match fs::read(&file) {
        Ok(text) => text,
        // a folder that cannot be there is told when it is to be written
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(refused(format!("cannot read results.json: {error}"))),
    };
    let results: Results = serde_json::from_slice(&text)
        .map_err(|error| refused(format!("results.json is not a file of results: {error}")))?;
    let there = Config::load(&dir.join("config.toml"), &[])
        .map_err(|error| refused(format!("its configuration cannot be used: {error}")))?;
    let difference = |what: &str, there: &dyn std::fmt::Display, now: &dyn std::fmt::Display| {
        Err(refused(format!("the results there differ in {what}: {there}, now {now}")))
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
    Ok(Some(results))
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
