//! The data of an experiment, as its file describes them.

use std::path::PathBuf;

use hsic_data::rows::{BlockHoldout, TableRows};
use hsic_data::table::{Content, InferOptions, SourceOptions};
use hsic_data::{Dataset, Fold, StratifiedKFold, registry};
use hsic_eval::FoldedData;
use hsic_kernels::all_threads;

use super::source::content;
use super::table::{infer_options, source_options};
use crate::config::schema::Split;
use crate::config::{Config, DatasetConfig};
use crate::error::CliError;

/// Loads a registered set or a table and splits it: where the split is given in one fold, a set's own training rows, followed by its
/// test rows. A table stays in its file where all methods are fitted in blocks.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the name or the file.
pub fn load(config: &Config) -> Result<FoldedData, CliError> {
    let scaling = config.dataset.scaling.unwrap_or_default();
    let fold_seed = config.fold_seed.unwrap_or(config.seed);
    if config.dataset.split == Some(Split::Given) {
        let (train, test) = registry::load_mnist(registry::data_dir_from_env().as_deref())?;
        let (n_train, n) = (train.n(), train.n() + test.n());
        let fold = Fold { train: (0..n_train).collect(), test: (n_train..n).collect() };
        return Ok(FoldedData::in_memory(train.followed_by(&test)?.with_scaling(scaling), vec![fold]));
    }
    if config.is_in_file() {
        let par = all_threads();
        let (content, source, infer) = table(config)?;
        let rows = Box::new(TableRows::open(&content, &source, &infer, par)?);
        let folds = BlockHoldout::folds(&*rows, config.folds, fold_seed, par)?;
        return Ok(FoldedData::InFile { rows, folds, scaling });
    }
    let dataset = load_rows(config)?.with_scaling(scaling);
    let folds = StratifiedKFold::new(config.folds, fold_seed).split_dataset(&dataset)?;
    Ok(FoldedData::in_memory(dataset, folds))
}

/// The table of an experiment, and how it is read.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the file.
pub fn table(config: &Config) -> Result<(Content, SourceOptions, InferOptions), CliError> {
    let dataset = &config.dataset;
    let none = || CliError::Usage("no data set is given".into());
    let content = content(dataset.path.as_deref().ok_or_else(none)?, dataset.labels.as_deref())?;
    let source = source_options(dataset);
    let infer = infer_options(dataset, &content.open(&source)?);
    Ok((content, source, infer))
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
    if let Some(name) = &dataset.name {
        let seed = dataset.seed.unwrap_or(config.seed);
        return Ok(registry::load(name, seed, registry::data_dir().as_deref())?);
    }
    let (content, source, infer) = table(config)?;
    Ok(Dataset::of(&content, &source, &infer)?)
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
            delimiter: Some("tab".parse()?),
            class_order: Some(vec!["dog".into(), "cat".into()]),
            ordinal: [("size".to_owned(), vec!["small".to_owned(), "big".to_owned()])].into(),
            ..DatasetConfig::default()
        };
        let data = load_rows(&Config { dataset, ..Config::default() })?;
        assert_eq!((data.name(), data.n(), data.d()), ("pets", 3, 2));
        assert_eq!(data.class_names(), ["dog", "cat"]);
        assert_eq!((data.features()[(1, 0)], data.features()[(1, 1)]), (1.0, 30.0));
        Ok(())
    }

    #[test]
    fn an_unknown_name_lists_the_valid_ones() {
        let dataset = DatasetConfig { name: Some("iris".into()), ..DatasetConfig::default() };
        let error = load(&Config { dataset, ..Config::default() }).map(|data| data.n());
        let expected = "there is no data set `iris`; the sets are `random`, `adversarial`, `spiral`, `car`, `wine`, \
                        `cancer`, `divorce`, `face`, `mnist`";
        assert_eq!(error, Err(CliError::Usage(expected.into())));
    }
}
