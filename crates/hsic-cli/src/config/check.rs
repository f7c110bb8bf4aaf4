//! The bounds of the values.

use std::collections::BTreeSet;
use std::fmt::Display;

use hsic_data::registry;

use super::error::ConfigError;
use super::schema::{
    ClosedFormConfig, ClosedFormSelection, Config, DatasetConfig, Features, Method, MlpConfig, Output,
    SpectralConfig, SpectralSelection, Split,
};
use super::source::Source;
use super::width::Width;

/// Checks every value of a typed configuration.
///
/// # Errors
/// [`ConfigError::Invalid`] for the first that is out of its bounds.
pub fn check(config: &Config, source: &Source<'_>) -> Result<(), ConfigError> {
    all(config, source).into_iter().next().map_or(Ok(()), Err)
}

/// What is wrong with a typed configuration: of the name, the folds, the methods and of each table the first value that is out
/// of its bounds.
pub fn all(config: &Config, source: &Source<'_>) -> Vec<ConfigError> {
    let check = Check { source };
    let outcomes = [
        check.name(&config.name),
        check.at_least(2, &["folds"], config.folds),
        check.methods(config),
        check.dataset(&config.dataset),
        check.spectral(&config.spectral),
        check.closed_form(&config.closed_form),
        check.mlp(&config.mlp),
        check.at_least(1, &["knn", "k"], config.knn.k),
    ];
    outcomes.into_iter().filter_map(Result::err).collect()
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
        if dataset.split == Some(Split::Given) {
            let has_test = |name: &String| registry::entry(name).is_ok_and(|entry| entry.n_test.is_some());
            if !dataset.name.as_ref().is_some_and(has_test) {
                let message = "`given` needs a registered data set with test rows of its own: mnist";
                return Err(self.invalid(&["dataset", "split"], message));
            }
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
        self.width(&key("width"), &["spectral", "width", "share"], spectral.width)?;
        self.even_features(&key("n_features"), spectral.n_features)?;
        let chosen = spectral.selection == SpectralSelection::Cv;
        self.in_blocks(&key("in_blocks"), spectral.in_blocks, spectral.features, chosen)?;
        if spectral.in_blocks && spectral.output == Output::Kernel {
            let message = "must be `features` or `projection` where rows come in blocks: the kernel's own output keeps every row";
            return Err(self.invalid(&key("output"), message));
        }
        self.at_least(1, &key("max_layers"), spectral.max_layers)?;
        self.target(&key("target_hsic"), spectral.target_hsic)?;
        self.target(&key("target_silhouette"), spectral.target_silhouette)?;
        self.gain(&key("min_gain"), spectral.min_gain)?;
        self.at_least(1, &key("patience"), spectral.patience)?;
        self.inside_unit(&key("tolerance"), spectral.tolerance)?;
        self.at_least(1, &key("max_iterations"), spectral.max_iterations)?;
        let (sigma, cv) = (spectral.sigma.is_some(), &spectral.cv);
        self.one_bandwidth("spectral", sigma && spectral.selection == SpectralSelection::Cv)?;
        let key = |name| ["spectral", "cv", name];
        self.values(&key("widths"), &cv.widths, |&width| self.width(&key("widths"), &key("widths"), width))?;
        self.grid("spectral", cv.inner_folds, &cv.bandwidth_scales, &cv.max_layers)?;
        self.values(&key("class_weights"), &cv.class_weights, |_| Ok(()))?;
        self.values(&key("outputs"), &cv.outputs, |_| Ok(()))?;
        self.values(&key("heads"), &cv.heads, |_| Ok(()))
    }

    fn width(&self, key: &[&str], share_key: &[&str], width: Width) -> Result<(), ConfigError> {
        match width {
            Width::Share(share) => self.inside_unit(share_key, share),
            Width::Columns(columns) => self.holds(columns >= 1, key, "at least 1", columns),
            Width::PositiveEigenvalues => Ok(()),
        }
    }

    fn one_bandwidth(&self, table: &str, both: bool) -> Result<(), ConfigError> {
        if !both {
            return Ok(());
        }
        Err(self.invalid(
            &[table, "sigma"],
            "cannot stand beside selection = \"cv\", which chooses the bandwidth",
        ))
    }

    /// What the grids of both networks have in common.
    fn grid(
        &self,
        table: &str,
        inner_folds: usize,
        scales: &[f64],
        max_layers: &[usize],
    ) -> Result<(), ConfigError> {
        let key = |name| [table, "cv", name];
        self.at_least(2, &key("inner_folds"), inner_folds)?;
        let scale_key = key("bandwidth_scales");
        self.values(&scale_key, scales, |&scale| self.positive(&scale_key, scale))?;
        let depth_key = key("max_layers");
        self.values(&depth_key, max_layers, |&depth| self.at_least(1, &depth_key, depth))
    }

    /// Checks each value of a list, and that no two are the same.
    fn values<T: PartialEq>(
        &self,
        key: &[&str],
        values: &[T],
        check: impl Fn(&T) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        values.iter().try_for_each(check)?;
        match values.iter().enumerate().any(|(i, value)| values[..i].contains(value)) {
            true => Err(self.invalid(key, "names a value twice")),
            false => Ok(()),
        }
    }

    fn closed_form(&self, closed_form: &ClosedFormConfig) -> Result<(), ConfigError> {
        let key = |name| ["closed-form", name];
        if let Some(sigma) = closed_form.sigma {
            self.positive(&key("sigma"), sigma)?;
        }
        self.positive(&key("bandwidth_scale"), closed_form.bandwidth_scale)?;
        self.even_features(&key("n_features"), closed_form.n_features)?;
        let chosen = closed_form.selection == ClosedFormSelection::Cv;
        self.in_blocks(&key("in_blocks"), closed_form.in_blocks, closed_form.features, chosen)?;
        self.at_least(1, &key("max_layers"), closed_form.max_layers)?;
        self.target(&key("target_hsic"), closed_form.target_hsic)?;
        self.gain(&key("min_gain"), closed_form.min_gain)?;
        self.at_least(2, &key("candidates"), closed_form.candidates)?;
        let (sigma, cv) = (closed_form.sigma.is_some(), &closed_form.cv);
        self.one_bandwidth("closed-form", sigma && closed_form.selection == ClosedFormSelection::Cv)?;
        let key = |name| ["closed-form", "cv", name];
        self.grid("closed-form", cv.inner_folds, &cv.bandwidth_scales, &cv.max_layers)?;
        self.values(&key("class_weights"), &cv.class_weights, |_| Ok(()))?;
        self.values(&key("self_excluded"), &cv.self_excluded, |_| Ok(()))?;
        self.values(&key("heads"), &cv.heads, |_| Ok(()))
    }

    /// `chosen`: the hyperparameters, by cross-validation.
    fn in_blocks(
        &self,
        key: &[&str],
        in_blocks: bool,
        features: Features,
        chosen: bool,
    ) -> Result<(), ConfigError> {
        if in_blocks && features == Features::Exact {
            let message = "needs features `random` or `orthogonal`: an exact layer keeps every row";
            return Err(self.invalid(key, message));
        }
        if in_blocks && chosen {
            let message = "cannot stand beside selection = \"cv\": candidates are fitted in memory";
            return Err(self.invalid(key, message));
        }
        Ok(())
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
