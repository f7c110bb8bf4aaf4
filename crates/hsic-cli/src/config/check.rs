//! The bounds of the values.

use std::collections::BTreeSet;
use std::fmt::Display;

use hsic_data::registry;
use hsic_net::settings::Problem;

use toml::Table;

use super::document::Document;
use super::error::ConfigError;
use super::schema::{Config, DatasetConfig, MethodName, MlpConfig, Split};

/// Keys of `dataset` that go with a registered set; the others say how a table is read.
const OF_A_SET: [&str; 4] = ["name", "seed", "split", "scaling"];

/// Checks every value of a typed configuration.
///
/// # Errors
/// [`ConfigError::Invalid`] for the first that is out of its bounds.
pub fn check(config: &Config, source: &Document<'_>) -> Result<(), ConfigError> {
    all(config, source).into_iter().next().map_or(Ok(()), Err)
}

/// What is wrong with a typed configuration: of the name, the folds, the methods and of each table the first value that is out
/// of its bounds.
pub fn all(config: &Config, source: &Document<'_>) -> Vec<ConfigError> {
    let check = Check { source };
    let outcomes = [
        check.name(&config.name),
        check.at_least(2, &["folds"], config.folds),
        check.methods(config),
        check.dataset(&config.dataset),
        check.network("spectral", config.spectral.check()),
        check.network("closed-form", config.closed_form.check()),
        check.mlp(&config.mlp),
        check.at_least(1, &["knn", "k"], config.knn.k),
    ];
    outcomes.into_iter().filter_map(Result::err).collect()
}

struct Check<'a> {
    source: &'a Document<'a>,
}

impl Check<'_> {
    fn invalid(&self, key: &[&str], message: impl Display) -> ConfigError {
        let message = format!("{} {message}", key.join("."));
        ConfigError::Invalid { place: self.source.place(key), message }
    }

    fn holds(&self, holds: bool, key: &[&str], bound: &str, value: impl Display) -> Result<(), ConfigError> {
        if holds { Ok(()) } else { Err(self.invalid(key, format_args!("must be {bound}, got {value}"))) }
    }

    fn at_least(&self, least: usize, key: &[&str], value: usize) -> Result<(), ConfigError> {
        self.holds(value >= least, key, &format!("at least {least}"), value)
    }

    fn positive(&self, key: &[&str], value: f64) -> Result<(), ConfigError> {
        self.holds(value > 0.0 && value.is_finite(), key, "positive and finite", value)
    }

    fn distinct(&self, key: &[&str], names: &[String]) -> Result<(), ConfigError> {
        let mut seen = BTreeSet::new();
        match names.iter().find(|name| !seen.insert(name.as_str())) {
            Some(twice) => Err(self.invalid(key, format_args!("names `{twice}` twice"))),
            None => Ok(()),
        }
    }

    fn name(&self, name: &str) -> Result<(), ConfigError> {
        if name.is_empty() {
            return Err(self.invalid(&["name"], "is missing or empty: results go to a folder of that name"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        self.holds(
            name.chars().all(allowed),
            &["name"],
            "of letters a-z and A-Z, digits, - and _",
            format!("`{name}`"),
        )
    }

    fn methods(&self, config: &Config) -> Result<(), ConfigError> {
        if config.methods.is_empty() {
            let names = MethodName::ALL.map(|method| format!("`{method}`")).join(", ");
            return Err(self.invalid(&["methods"], format_args!("must name at least one of {names}")));
        }
        let in_memory = config.methods.iter().find(|method| config.network(**method).is_none());
        if let Some(method) = in_memory.filter(|_| config.in_blocks && config.dataset.path.is_some()) {
            let message = format_args!(
                "cannot stand beside the method {method}, which is fitted in memory: leave one of them out"
            );
            return Err(self.invalid(&["in_blocks"], message));
        }
        let names: Vec<String> = config.methods.iter().map(|method| method.as_str().into()).collect();
        self.distinct(&["methods"], &names)
    }

    fn dataset(&self, dataset: &DatasetConfig) -> Result<(), ConfigError> {
        match (&dataset.name, &dataset.path) {
            (None, None) => {
                let message = "needs `name`, a registered data set, or `path`, a table";
                return Err(self.invalid(&["dataset"], message));
            }
            (Some(_), Some(_)) => {
                return Err(
                    self.invalid(&["dataset", "path"], "cannot stand beside dataset.name: give one of them")
                );
            }
            (Some(_), None) => {
                // what is not said is not written
                let said = Table::try_from(dataset).unwrap_or_default();
                if let Some(key) = said.keys().find(|key| !OF_A_SET.contains(&key.as_str())) {
                    let message = "belongs to dataset.path: a registered data set knows its own";
                    return Err(self.invalid(&["dataset", key], message));
                }
            }
            (None, Some(_)) if dataset.seed.is_some() => {
                let message = "belongs to dataset.name: a table is not generated";
                return Err(self.invalid(&["dataset", "seed"], message));
            }
            (None, Some(_)) => {}
        }
        if dataset.split == Some(Split::Given) {
            let has_test = |name: &String| registry::entry(name).is_ok_and(|entry| entry.n_test.is_some());
            if !dataset.name.as_ref().is_some_and(has_test) {
                let message = "`given` needs a registered data set with test rows of its own: mnist";
                return Err(self.invalid(&["dataset", "split"], message));
            }
        }
        if let Some(most) = dataset.max_categories {
            self.at_least(1, &["dataset", "max_categories"], most)?;
        }
        if let Some(order) = &dataset.class_order {
            self.at_least_two(&["dataset", "class_order"], order, "classes")?;
            self.distinct(&["dataset", "class_order"], order)?;
        }
        for (column, levels) in &dataset.ordinal {
            self.at_least_two(&["dataset", "ordinal", column], levels, "levels")?;
            self.distinct(&["dataset", "ordinal", column], levels)?;
        }
        Ok(())
    }

    fn at_least_two(&self, key: &[&str], names: &[String], what: &str) -> Result<(), ConfigError> {
        if names.len() >= 2 {
            return Ok(());
        }
        Err(self.invalid(key, format_args!("must name at least 2 {what}, got {}", names.len())))
    }

    /// Gives a problem of a network's settings its place.
    fn network(&self, table: &str, outcome: Result<(), Problem>) -> Result<(), ConfigError> {
        outcome.map_err(|Problem { key, message }| {
            let path: Vec<&str> = std::iter::once(table).chain(key.split('.')).collect();
            self.invalid(&path, message)
        })
    }

    fn mlp(&self, mlp: &MlpConfig) -> Result<(), ConfigError> {
        let key = |name| ["mlp", name];
        for (name, value) in [("depth", mlp.depth), ("width", mlp.width)] {
            self.at_least(1, &key(name), value.unwrap_or(1))?;
        }
        self.positive(&key("learning_rate"), mlp.learning_rate)?;
        self.at_least(1, &key("batch_size"), mlp.batch_size)?;
        self.at_least(1, &key("max_updates"), mlp.max_updates)?;
        self.at_least(1, &key("patience"), mlp.patience)?;
        self.positive(&key("tolerance"), mlp.tolerance)
    }
}
