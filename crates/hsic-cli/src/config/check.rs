//! The bounds of the values.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::error::ConfigError;
use super::schema::{ClosedFormConfig, Config, DatasetConfig, Method, MlpConfig, SpectralConfig};
use super::source::Source;
use super::width::Width;

/// Checks every value of a typed configuration.
///
/// # Errors
/// [`ConfigError::Invalid`] for the first that is out of its bounds.
pub fn check(config: &Config, source: &Source<'_>) -> Result<(), ConfigError> {
    let check = Check { source };
    check.name(&config.name)?;
    check.at_least(2, &["folds"], config.folds)?;
    check.methods(config)?;
    check.dataset(&config.dataset)?;
    check.spectral(&config.spectral)?;
    check.closed_form(&config.closed_form)?;
    check.mlp(&config.mlp)?;
    check.at_least(1, &["knn", "k"], config.knn.k)
}

struct Check<'a> {
    source: &'a Source<'a>,
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

    fn inside_unit(&self, key: &[&str], value: f64) -> Result<(), ConfigError> {
        self.holds(value > 0.0 && value < 1.0, key, "above 0 and below 1", value)
    }

    /// A target may be 1, which is never met before it is reached exactly.
    fn target(&self, key: &[&str], value: f64) -> Result<(), ConfigError> {
        self.holds(value > 0.0 && value <= 1.0, key, "above 0 and at most 1", value)
    }

    /// A gain of 0 asks for any gain at all.
    fn gain(&self, key: &[&str], value: f64) -> Result<(), ConfigError> {
        self.holds((0.0..1.0).contains(&value), key, "at least 0 and below 1", value)
    }

    fn even_features(&self, key: &[&str], value: usize) -> Result<(), ConfigError> {
        self.holds(value >= 2 && value.is_multiple_of(2), key, "even and at least 2", value)
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
            let names = Method::ALL.map(|method| format!("`{method}`")).join(", ");
            return Err(self.invalid(&["methods"], format_args!("must name at least one of {names}")));
        }
        let names: Vec<String> = config.methods.iter().map(|method| method.as_str().into()).collect();
        self.distinct(&["methods"], &names)
    }

    fn dataset(&self, dataset: &DatasetConfig) -> Result<(), ConfigError> {
        match (&dataset.name, &dataset.path) {
            (None, None) => {
                let message = "needs `name`, a registered data set, or `path`, a CSV file";
                return Err(self.invalid(&["dataset"], message));
            }
            (Some(_), Some(_)) => {
                return Err(
                    self.invalid(&["dataset", "path"], "cannot stand beside dataset.name: give one of them")
                );
            }
            (Some(_), None) => {
                let given = [
                    ("label", dataset.label.is_some()),
                    ("delimiter", dataset.delimiter.is_some()),
                    ("header", dataset.header.is_some()),
                    ("class_order", dataset.class_order.is_some()),
                    ("ordinal", !dataset.ordinal.is_empty()),
                ];
                if let Some((key, _)) = given.iter().find(|(_, given)| *given) {
                    let message = "belongs to dataset.path: a registered data set knows its own";
                    return Err(self.invalid(&["dataset", key], message));
                }
            }
            (None, Some(_)) if dataset.seed.is_some() => {
                let message = "belongs to dataset.name: a CSV file is not generated";
                return Err(self.invalid(&["dataset", "seed"], message));
            }
            (None, Some(_)) => {}
        }
        if let Some(delimiter) = &dataset.delimiter {
            let one_ascii =
                delimiter.len() == 1 && delimiter.is_ascii() && !["\"", "\n", "\r"].contains(&&**delimiter);
            self.holds(
                one_ascii || delimiter == "tab",
                &["dataset", "delimiter"],
                "one ASCII character or `tab`",
                format_args!("`{delimiter}`"),
            )?;
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

    fn spectral(&self, spectral: &SpectralConfig) -> Result<(), ConfigError> {
        let key = |name| ["spectral", name];
        if let Some(sigma) = spectral.sigma {
            self.positive(&key("sigma"), sigma)?;
        }
        self.positive(&key("bandwidth_scale"), spectral.bandwidth_scale)?;
        match spectral.width {
            Width::Share(share) => self.inside_unit(&["spectral", "width", "share"], share)?,
            Width::Columns(columns) => self.holds(columns >= 1, &key("width"), "at least 1", columns)?,
            Width::PositiveEigenvalues => {}
        }
        self.even_features(&key("n_features"), spectral.n_features)?;
        self.at_least(1, &key("max_layers"), spectral.max_layers)?;
        self.target(&key("target_hsic"), spectral.target_hsic)?;
        self.target(&key("target_silhouette"), spectral.target_silhouette)?;
        self.gain(&key("min_gain"), spectral.min_gain)?;
        self.at_least(1, &key("patience"), spectral.patience)?;
        self.inside_unit(&key("tolerance"), spectral.tolerance)?;
        self.at_least(1, &key("max_iterations"), spectral.max_iterations)
    }

    fn closed_form(&self, closed_form: &ClosedFormConfig) -> Result<(), ConfigError> {
        let key = |name| ["closed-form", name];
        if let Some(sigma) = closed_form.sigma {
            self.positive(&key("sigma"), sigma)?;
        }
        self.positive(&key("bandwidth_scale"), closed_form.bandwidth_scale)?;
        self.even_features(&key("n_features"), closed_form.n_features)?;
        self.at_least(1, &key("max_layers"), closed_form.max_layers)?;
        self.target(&key("target_hsic"), closed_form.target_hsic)?;
        self.gain(&key("min_gain"), closed_form.min_gain)?;
        self.at_least(2, &key("candidates"), closed_form.candidates)
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
