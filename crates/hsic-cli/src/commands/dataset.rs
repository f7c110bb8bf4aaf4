//! The data of an experiment, as its file describes them.

use std::path::PathBuf;

use hsic_data::{Dataset, Fold, Scaling, registry};

use super::source::content;
use super::table::{infer_options, source_options};
use crate::config::schema::{self, Split};
use crate::config::{Config, DatasetConfig};
use crate::error::CliError;

/// Loads a registered set or a table, and where the split is given, the one fold: a set's own training rows, followed
/// by its test rows.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the name or the file.
pub fn load(config: &Config) -> Result<(Dataset, Option<Fold>), CliError> {
    let scaling = match config.dataset.scaling {
        Some(schema::Scaling::Common) => Scaling::Common,
        Some(schema::Scaling::Columns) | None => Scaling::Columns,
    };
    if config.dataset.split == Some(Split::Given) {
        let (train, test) = registry::load_mnist(registry::data_dir_from_env().as_deref())?;
        let (n_train, n) = (train.n(), train.n() + test.n());
        let fold = Fold { train: (0..n_train).collect(), test: (n_train..n).collect() };
        return Ok((train.followed_by(&test)?.with_scaling(scaling), Some(fold)));
    }
    Ok((load_rows(config)?.with_scaling(scaling), None))
}

/// The files that are read.
pub fn files(dataset: &DatasetConfig) -> Vec<PathBuf> {
    let entry = dataset.name.as_deref().and_then(|name| registry::entry(name).ok());
    let folder = registry::data_dir().unwrap_or_default();
    let of_registry = entry.into_iter().flat_map(|entry| &entry.files).flat_map(|file| {
        let path = folder.join(&file.path);
        // a packed file may be there unpacked
        [path.with_extension(""), path]
    });
    dataset.path.iter().chain(&dataset.labels).cloned().chain(of_registry).collect()
}

/// All rows of a registered set or a table, of a set with test rows of its own the training rows.
///
/// # Errors
/// As [`load`].
pub fn load_rows(config: &Config) -> Result<Dataset, CliError> {
    let dataset = &config.dataset;
    let loaded = match (&dataset.name, &dataset.path) {
        (Some(name), _) => {
            registry::load(name, dataset.seed.unwrap_or(config.seed), registry::data_dir().as_deref())
        }
        (None, Some(path)) => {
            let content = content(path, dataset.labels.as_deref())?;
            let source = source_options(dataset);
            let infer = infer_options(dataset, &content.open(&source)?)?;
            Dataset::of(&content, &source, &infer)
        }
        (None, None) => return Err(CliError::Usage("no data set is given".into())),
    };
    Ok(loaded?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_registered_set_takes_the_experiment_s_seed_or_its_own() -> Result<(), CliError> {
        let of = |seed, own| {
            let dataset =
                DatasetConfig { name: Some("spiral".into()), seed: own, ..DatasetConfig::default() };
            load_rows(&Config { seed, dataset, ..Config::default() })
        };
        assert_eq!(of(3, None)?, of(8, Some(3))?);
        assert_ne!(of(3, None)?.sha256(), of(4, None)?.sha256());
        Ok(())
    }

    #[test]
    fn a_csv_is_read_as_described() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("pets.csv");
        fs::write(&path, "kind\tsize\tweight\ncat\tsmall\t4\ndog\tbig\t30\ncat\tbig\t5\n")?;
        let dataset = DatasetConfig {
            path: Some(path),
            label: Some("kind".into()),
            delimiter: Some("tab".into()),
            class_order: Some(vec!["dog".into(), "cat".into()]),
            ordinal: [("size".to_owned(), vec!["small".to_owned(), "big".to_owned()])].into(),
            ..DatasetConfig::default()
        };
        let (data, fold) = load(&Config { dataset, ..Config::default() })?;
        assert_eq!(fold, None);
        assert_eq!((data.name(), data.n(), data.d()), ("pets", 3, 2));
        assert_eq!(data.class_names(), ["dog", "cat"]);
        assert_eq!((data.features()[(1, 0)], data.features()[(1, 1)]), (1.0, 30.0));
        Ok(())
    }

    #[test]
    fn an_unknown_name_lists_the_valid_ones() {
        let dataset = DatasetConfig { name: Some("iris".into()), ..DatasetConfig::default() };
        let error = load(&Config { dataset, ..Config::default() }).map(|(data, _)| data.n());
        let expected = "there is no data set `iris`; the sets are `random`, `adversarial`, `spiral`, `car`, `wine`, \
                        `cancer`, `divorce`, `face`, `mnist`";
        assert_eq!(error, Err(CliError::Usage(expected.into())));
    }
}
