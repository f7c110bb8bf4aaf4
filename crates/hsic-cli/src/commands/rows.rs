//! Rows of a table through a model, chunk by chunk: what `predict`, `transform` and `evaluate` share.

use std::path::Path;

use clap::Args;
use hsic_data::table::{Chunk, EncodeOptions, LabelRule, MissingRule, RowEncoder};
use hsic_model::Model;
use serde_json::Value;

use super::source::{SourceArgs, Unknown};
use crate::error::CliError;
use crate::input;
use crate::output::print;
use crate::places::argument;

/// Rows that are in memory at a time.
const CHUNK: usize = 1024;

/// A model, and the table it is used on.
#[derive(Debug, Args)]
pub struct RowsArgs {
    /// The table: CSV (packed with gzip or not), .npy, .npz or idx; - is standard input
    #[arg(default_value = "-")]
    pub data: argument::Input,
    /// The model file that `fit` wrote
    #[arg(long, value_name = "FILE")]
    pub model: argument::Input,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Texts that are none of the categories the model knows: an error, or none of them
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub unknown: Unknown,
    /// Columns that the model does not know: an error, or passed over
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub extra: Unknown,
}

impl RowsArgs {
    /// Loads the model.
    ///
    /// # Errors
    /// [`CliError::Usage`] with what is wrong with the file.
    pub fn load(&self) -> Result<Model, CliError> {
        load(&self.model)
    }

    /// Prints what was written to a file: the fields of a command, and the names of the files.
    ///
    /// # Errors
    /// [`CliError::Failed`] where standard output cannot be written.
    pub fn print_written(&self, mut json: Value, out: &Path) -> Result<(), CliError> {
        json["version"] = env!("CARGO_PKG_VERSION").into();
        json["model"] = self.model.display().to_string().into();
        json["data"] = self.data.display().to_string().into();
        json["out"] = out.display().to_string().into();
        print(&format!("{json:#}\n"))
    }

    /// Opens the table and gives its rows to `each`, some at a time, until it returns false.
    ///
    /// # Errors
    /// [`CliError::Usage`] for what is wrong with the table, and the errors of `each`.
    pub fn for_each(
        &self,
        model: &Model,
        label: LabelRule,
        mut each: impl FnMut(Chunk) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        let missing =
            if model.preprocessing().fill().is_some() { MissingRule::Keep } else { MissingRule::Refuse };
        let options =
            EncodeOptions { missing, label, unknown: self.unknown.into(), extra: self.extra.into() };
        let source = self.source.stream(&self.data)?;
        let mut encoder = RowEncoder::new(model.schema(), source, options)?;
        while let Some(chunk) = encoder.next_chunk(CHUNK)? {
            if !each(chunk)? {
                break;
            }
        }
        let file = encoder.file();
        encoder.warnings().iter().for_each(|warning| eprintln!("warning: {file}: {warning}"));
        Ok(())
    }
}

/// Loads a model; `-` is standard input.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the file.
pub fn load(path: &Path) -> Result<Model, CliError> {
    let input = input::open(path)?;
    let file = input.name().to_owned();
    Model::from_bytes(&input.bytes()?, &file).map_err(|error| CliError::usage(&error))
}

/// An error of a model that was given rows: the rows' fault where it says so.
pub fn of_model(error: hsic_model::Error) -> CliError {
    match error {
        hsic_model::Error::Data(error) => error.into(),
        hsic_model::Error::Network(_) => CliError::failed(&error),
        _ => CliError::usage(&error),
    }
}
