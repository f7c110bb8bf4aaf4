//! The data of an experiment, as its file describes them.

use hsic_data::{CsvOptions, Dataset, LabelColumn, read_csv, registry};

use crate::config::{Config, DatasetConfig};
use crate::error::CliError;

/// Loads a registered set or a CSV file.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the name or the file.
pub fn load(config: &Config) -> Result<Dataset, CliError> {
    let dataset = &config.dataset;
    let loaded = match (&dataset.name, &dataset.path) {
        (Some(name), _) => {
            registry::load(name, dataset.seed.unwrap_or(config.seed), registry::data_dir().as_deref())
        }
        (None, Some(path)) => read_csv(path, &csv_options(dataset)),
        (None, None) => return Err(CliError::Usage("no data set is given".into())),
    };
    Ok(loaded?)
}

fn csv_options(dataset: &DatasetConfig) -> CsvOptions {
    let defaults = CsvOptions::default();
    CsvOptions {
        label: dataset.label.clone().map_or(defaults.label, LabelColumn::Name),
        delimiter: match dataset.delimiter.as_deref() {
            Some("tab") => b'\t',
            // the configuration is checked to hold one byte
            Some(other) => other.bytes().next().unwrap_or(defaults.delimiter),
            None => defaults.delimiter,
        },
        has_header: dataset.header.unwrap_or(defaults.has_header),
        ordinal: dataset.ordinal.iter().map(|(column, levels)| (column.clone(), levels.clone())).collect(),
        class_order: dataset.class_order.clone(),
    }
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
            load(&Config { seed, dataset, ..Config::default() })
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
        let data = load(&Config { dataset, ..Config::default() })?;
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
