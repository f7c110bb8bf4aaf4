//! The rows that a model is trained and tested on, as the command line says.

use hsic::fit::FitRows;
use hsic_data::table::{Content, EncodeOptions, SourceOptions, Table};

use super::args::FitArgs;
use crate::commands::rows::of_model;
use crate::commands::source::content;
use crate::config::Config;
use crate::error::CliError;

/// Holds out a share, or reads the test file, of which the warnings are.
///
/// # Errors
/// [`CliError::Usage`] for a test file that does not go with the table, and for a share that leaves no rows.
pub fn rows(
    args: &FitArgs,
    config: &Config,
    table: &Table,
    training: &Content,
    source: &SourceOptions,
) -> Result<(FitRows, Vec<String>), CliError> {
    let Some(path) = &args.test_file else {
        let seed = config.fold_seed.unwrap_or(config.seed);
        let rows = FitRows::held_out(table, args.test_size, seed).map_err(of_model)?;
        return Ok((rows, Vec::new()));
    };
    let is_labelled = training.open(source)?.label().is_some();
    let content = content(path, args.test_labels.as_deref())?;
    let test = content.open(source)?;
    if is_labelled && test.is_array() && test.label().is_none() {
        let remedy = "give the file of its classes with --test-labels";
        return Err(CliError::Usage(format!("{}: there are no classes to test on; {remedy}", test.file())));
    }
    let options = EncodeOptions {
        missing: config.dataset.missing.unwrap_or_default().into(),
        unknown: args.unknown.into(),
        ..EncodeOptions::default()
    };
    FitRows::tested_on(table, test, options).map_err(of_model)
}
