//! The experiment file: read, laid over by the command line, typed, checked.
//!
//! [`Config::load`] is the only way to a [`Config`], so what the commands see is valid. A message names the place
//! (file and line, or the argument), the key, the bound and the value.

mod check;
mod document;
mod error;
mod given;
#[cfg(test)]
mod hostile;
mod overrides;
pub mod schema;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use error::ConfigError;
pub use given::Given;
pub use overrides::Override;
pub use schema::{Config, DatasetConfig, MethodName};

use document::Document;

use crate::input::{is_regular, is_stdin};

impl Config {
    /// Reads, merges and checks a configuration; `-` is standard input. A relative `dataset.path` or `dataset.labels` is taken from the folder of
    /// the file, or from the current one if there is none or the command line gave it, and made absolute.
    ///
    /// # Errors
    /// Any [`ConfigError`].
    pub fn load(path: &Path, overrides: &[Override]) -> Result<Self, ConfigError> {
        let source = Document::read(path, overrides)?;
        Self::from_source(&source, folder(path))
    }

    /// As [`load`](Self::load), with everything that it would refuse a file for, of each table the first.
    ///
    /// # Errors
    /// Any [`ConfigError`]s.
    pub fn load_or_problems(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let source = Document::read(path, &[]).map_err(|error| vec![error])?;
        let config = source.typed().map_err(|error| vec![error])?;
        let problems = check::all(&config, &source);
        if !problems.is_empty() {
            return Err(problems);
        }
        Self::from_source(&source, folder(path)).map_err(|error| vec![error])
    }

    /// A configuration from a text that stands for the file of that name in the current folder.
    ///
    /// # Errors
    /// Any [`ConfigError`].
    pub fn parse(file: &str, text: &str, overrides: &[Override]) -> Result<Self, ConfigError> {
        Self::from_source(&Document::new(file.into(), text.into(), overrides), Path::new(""))
    }

    /// As [`load`](Self::load), without a file the defaults with what the command line says laid over them; and which keys were
    /// given.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_or_defaults(
        path: Option<&Path>,
        overrides: &[Override],
    ) -> Result<(Self, Given), ConfigError> {
        let source = match path {
            Some(path) => Document::read(path, overrides)?,
            None => Document::new("the command line".into(), String::new(), overrides),
        };
        let config = Self::from_source(&source, path.map_or(Path::new(""), folder))?;
        Ok((config, Given::of(&source)))
    }

    fn from_source(source: &Document<'_>, folder: &Path) -> Result<Self, ConfigError> {
        let mut config = source.typed()?;
        check::check(&config, source)?;
        let DatasetConfig { path, labels, .. } = &mut config.dataset;
        for (key, path) in [("path", path), ("labels", labels)] {
            let Some(path) = path.as_mut().filter(|path| !is_stdin(path)) else { continue };
            let base = if source.is_overridden(&["dataset", key]) { Path::new("") } else { folder };
            // the resolved configuration is written elsewhere and must still find the data
            *path = std::path::absolute(base.join(&*path)).map_err(|error| ConfigError::Invalid {
                place: source.place(&["dataset", key]),
                message: format!("dataset.{key} cannot be made absolute: {error}"),
            })?;
        }
        Ok(config)
    }

    /// The configuration with every default spelled out, as TOML that [`load`](Self::load) reads back.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The hyperparameters of a method by their names in the file: `settings` in `results.json`.
    pub fn settings(&self, method: MethodName) -> Result<serde_json::Value, serde_json::Error> {
        match method {
            MethodName::Spectral => Ok(self.spectral.to_json()),
            MethodName::ClosedForm => Ok(self.closed_form.to_json()),
            MethodName::MlpCe | MethodName::MlpMse => serde_json::to_value(&self.mlp),
            MethodName::Knn => serde_json::to_value(&self.knn),
            MethodName::KernelRidge => Ok(serde_json::json!({})),
        }
    }
}

/// The folder that the paths within a file start from: of a pipe, whose place says nothing, the current one.
fn folder(path: &Path) -> &Path {
    let is_device = ["/dev", "/proc"].iter().any(|place| path.starts_with(place));
    let parent = if is_regular(path) && !is_device { path.parent() } else { None };
    parent.unwrap_or(Path::new(""))
}
