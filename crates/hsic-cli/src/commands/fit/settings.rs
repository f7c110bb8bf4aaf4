//! What the command line and a configuration say of a fit and its table.

use hsic_data::LabelColumn;
use hsic_data::table::{InferOptions, Source, SourceOptions};
use toml::Value;

use super::args::FitArgs;
use crate::commands::source::columns;
use crate::config::{Config, Given, Override};
use crate::error::CliError;

/// The configuration, with what the command line says of the table laid over it, and which keys were given.
///
/// # Errors
/// [`CliError::Usage`] for a file, a key or a value that is not right.
pub fn config(args: &FitArgs) -> Result<(Config, Given), CliError> {
    let mut overrides = args.set.iter().map(|set| Override::parse(set)).collect::<Result<Vec<_>, _>>()?;
    let mut text = |key: &str, value: &str| -> Result<(), CliError> {
        overrides.push(Override::parse(&format!("{key}={}", Value::from(value)))?);
        Ok(())
    };
    // a run has a name and a path of its own; here they are those of the arguments
    text("name", "fit")?;
    text("dataset.path", &args.data.display().to_string())?;
    if let Some(label) = &args.label {
        text("dataset.label", label)?;
    }
    overrides.extend(args.seed.map(|seed| Override::option("--seed", &["seed"], seed)));
    Ok(Config::load_or_defaults(args.config.as_deref(), &overrides)?)
}

/// How a text is read.
pub fn source_options(args: &FitArgs, config: &Config) -> SourceOptions {
    let dataset = &config.dataset;
    let of_config = dataset.delimiter.as_deref().map(|delimiter| match delimiter {
        "tab" => b'\t',
        // the configuration is checked to hold one byte
        other => other.bytes().next().unwrap_or(b','),
    });
    SourceOptions {
        delimiter: args.source.delimiter.or(of_config),
        has_header: !args.source.no_header && dataset.header.unwrap_or(true),
    }
}

/// How the columns of a table are typed.
///
/// # Errors
/// [`CliError::Usage`] for a list of columns that cannot be read.
pub fn infer_options(args: &FitArgs, config: &Config, rows: &Source<'_>) -> Result<InferOptions, CliError> {
    let dataset = &config.dataset;
    Ok(InferOptions {
        label: dataset.label.clone().map_or(LabelColumn::Last, LabelColumn::Name),
        ignore: columns(&args.ignore, rows)?,
        text: columns(&args.text, rows)?,
        ordinal: dataset.ordinal.iter().map(|(column, levels)| (column.clone(), levels.clone())).collect(),
        class_order: dataset.class_order.clone(),
        max_categories: args.max_categories,
        missing: args.missing.into(),
    })
}
