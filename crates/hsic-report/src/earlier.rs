//! What an earlier run has left in a folder, held against the one that would go on or start over there.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use hsic_eval::experiment::finished;
use hsic_eval::records::{Results, SCHEMA_VERSION};

use super::written::{CONFIG, RESULTS};

/// Every setting of a run but for its methods, by its dotted key, as text.
pub type RunSettings = BTreeMap<String, String>;

/// The results that are in a folder.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Earlier {
    /// There are none.
    Nothing,
    /// They are of these settings, of these data and of this version.
    Same(Results),
    /// They are of others, or are no results.
    Other {
        /// The first difference, or why they cannot be used.
        why: String,
        /// Whether a fold of them is finished, as far as is known.
        is_finished: bool,
    },
}

impl Earlier {
    /// Compares `results.json` and `config.toml` of a folder with a run of these settings, whose records, so far without folds, are
    /// `now`; `read` gives the settings of a configuration file.
    pub fn find<E: Display>(
        dir: &Path,
        settings: &RunSettings,
        now: &Results,
        read: impl FnOnce(&Path) -> Result<RunSettings, E>,
    ) -> Self {
        let unknown = |why: String| Self::Other { why, is_finished: true };
        let text = match fs::read(dir.join(RESULTS)) {
            Ok(text) => text,
            // a folder that cannot be there is told when it is to be written
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Self::Nothing;
            }
            Err(error) => return unknown(format!("cannot read {RESULTS}: {error}")),
        };
        let results: Results = match serde_json::from_slice(&text) {
            Ok(results) => results,
            Err(error) => return unknown(format!("{RESULTS} is not a file of results: {error}")),
        };
        let there = match read(&dir.join(CONFIG)) {
            Ok(there) => there,
            Err(error) => return unknown(format!("its configuration cannot be used: {error}")),
        };
        let (version, sha256) = (&results.version, &results.dataset.sha256);
        let of_program = [
            ("the version of their schema", results.schema_version.to_string(), SCHEMA_VERSION.to_string()),
            ("the version of the program", version.clone(), now.version.clone()),
        ];
        let of_data = [("the sha256 of the data", sha256.clone(), now.dataset.sha256.clone())];
        let setting = first_difference(&there, settings);
        let difference = (of_program.into_iter().map(named))
            .chain(setting.map(|(key, there, now)| (format!("`{key}`"), there, now)))
            .chain(of_data.into_iter().map(named))
            .find(|(_, there, now)| there != now);
        match difference {
            None => Self::Same(results),
            Some((what, there, now)) => Self::Other {
                why: format!("the results there differ in {what}: {there}, now {now}"),
                is_finished: results.methods.iter().any(|method| !method.folds.is_empty()),
            },
        }
    }

    /// Why finished results would be lost to a run of these methods that starts over: they are of other settings, data, versions or
    /// methods, or nobody can tell. None if it makes them again.
    pub fn lost(&self, methods: &[&str]) -> Option<String> {
        match self {
            Self::Other { why, is_finished: true } => Some(why.clone()),
            Self::Nothing | Self::Other { .. } => None,
            Self::Same(results) => {
                let mut others = results.methods.iter().map(|record| record.method.as_str());
                let lost =
                    |method: &&str| !methods.contains(method) && finished(results, method).next().is_some();
                others.find(lost).map(|method| format!("the results there have the method {method} too"))
            }
        }
    }
}

fn named((what, there, now): (&str, String, String)) -> (String, String, String) {
    (what.to_owned(), there, now)
}

/// The first key on which two runs differ, and both values.
fn first_difference(there: &RunSettings, now: &RunSettings) -> Option<(String, String, String)> {
    let shown = |settings: &RunSettings, key| settings.get(key).map_or("not set", String::as_str).to_owned();
    let differs = |key: &&String| there.get(*key) != now.get(*key);
    let key = there.keys().chain(now.keys()).filter(differs).min()?;
    Some((key.clone(), shown(there, key), shown(now, key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let settings = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect::<RunSettings>()
        };
        let there = settings(&[("folds", "10"), ("spectral.max_layers", "30")]);
        assert_eq!(first_difference(&there, &there), None);
        let named = |key: &str, there: &str, now: &str| Some((key.into(), there.into(), now.into()));
        for (now, expected) in [
            (
                settings(&[("folds", "5"), ("fold_seed", "3"), ("spectral.max_layers", "2")]),
                named("fold_seed", "not set", "3"),
            ),
            (settings(&[("folds", "5"), ("spectral.max_layers", "2")]), named("folds", "10", "5")),
            (settings(&[("folds", "10")]), named("spectral.max_layers", "30", "not set")),
        ] {
            assert_eq!(first_difference(&there, &now), expected);
        }
    }
}
