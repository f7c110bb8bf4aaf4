//! Rows of a table through a model, chunk by chunk: what `predict`, `transform` and `evaluate` share.

use std::path::Path;

use clap::{Args, ValueEnum};
use hsic::{Batch, Model, Output};
use hsic_data::table::{EncodeOptions, LabelRule};
use hsic_kernels::all_threads;
use serde_json::Value;

use super::source::{SourceArgs, Unknown};
use crate::error::CliError;
use crate::input;
use crate::output::print;
use crate::places::argument;
use hsic_report::text;

/// Skipped rows that are told one by one.
const TOLD: usize = 10;

/// A model, and the table it is used on.
#[derive(Debug, Args)]
pub struct RowsArgs {
    /// The table: CSV (packed with gzip or not), Parquet, .npy, .npz or idx; - is standard input
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
    /// Rows that cannot be read or are too far from the training rows: an error, or left without an output and told
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub on_bad_row: OnBadRow,
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

    /// Opens the table and gives the outputs of its rows to `each`, some at a time, until it returns false.
    ///
    /// # Errors
    /// [`CliError::Usage`] for what is wrong with the table, or with a row of it unless such rows are skipped, after the rows
    /// before it were given; and the errors of `each`.
    pub fn for_each(
        &self,
        model: &Model,
        label: LabelRule,
        output: Output,
        mut each: impl FnMut(Batch) -> Result<bool, CliError>,
    ) -> Result<(), CliError> {
        let options = EncodeOptions {
            label,
            unknown: self.unknown.into(),
            extra: self.extra.into(),
            ..EncodeOptions::default()
        };
        let source = self.source.stream(&self.data)?;
        let mut batches = model.batches(source, options, output, all_threads()).map_err(of_model)?;
        let skips = self.on_bad_row == OnBadRow::Skip;
        let mut skipped = Skipped::default();
        while let Some(batch) = batches.next(skips).map_err(of_model)? {
            let (batch, fault) = if skips { (batch, None) } else { batch.before_fault() };
            for fault in batch.rows.iter().filter_map(|row| row.as_ref().err()) {
                skipped.warn(&told(fault));
            }
            skipped.rows += batch.rows.len();
            if !each(batch)? {
                break;
            }
            if let Some(fault) = fault {
                return Err(CliError::Usage(told(&fault)));
            }
        }
        let encoder = batches.encoder();
        let file = encoder.file();
        encoder.warnings().iter().for_each(|warning| eprintln!("warning: {file}: {warning}"));
        skipped.sum_up(file);
        Ok(())
    }
}

/// What becomes of a row that cannot be read, or that the model cannot take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OnBadRow {
    /// It ends the command with an error; the rows before it are right.
    #[default]
    Fail,
    /// It has an empty output, and is told on standard error.
    Skip,
}

/// Why a row has no output, with the causes.
pub fn told(fault: &hsic::Error) -> String {
    CliError::usage(fault).to_string()
}

/// The rows that were passed over.
#[derive(Default)]
struct Skipped {
    rows: usize,
    skipped: usize,
}

impl Skipped {
    /// Tells one of the first.
    fn warn(&mut self, error: &str) {
        self.skipped += 1;
        if self.skipped <= TOLD {
            eprintln!("warning: a row is skipped: {error}");
        }
    }

    /// Tells how many there were.
    fn sum_up(&self, file: &str) {
        if self.skipped > 0 {
            let shown =
                if self.skipped > TOLD { format!(", the first {TOLD} told above") } else { String::new() };
            eprintln!(
                "warning: {file}: {} of {} skipped{shown}",
                self.skipped,
                text::count(self.rows, "row")
            );
        }
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
pub fn of_model(error: hsic::Error) -> CliError {
    match error {
        hsic::Error::Data(error) => error.into(),
        hsic::Error::Network(_) => CliError::failed(&error),
        _ => CliError::usage(&error),
    }
}

/// An error of a fit: a computation that fails is no fault of the rows.
pub fn of_fit(error: hsic::Error) -> CliError {
    match error {
        hsic::Error::Kernel(_) | hsic::Error::Eval(_) => CliError::failed(&error),
        error => of_model(error),
    }
}
