//! Rows of a table through a model, chunk by chunk: what `predict`, `transform` and `evaluate` share.

use std::path::Path;

use clap::{Args, ValueEnum};
use faer::MatRef;
use hsic::{Batch, Model, Output};
use hsic_data::output::Sink;
use hsic_data::table::{EncodeOptions, LabelRule};
use hsic_kernels::all_threads;
use hsic_report::rows::{RowsText, csv_line};
use serde_json::{Value, json};

use super::sink::{cannot_write, check_writable};
use super::source::{SourceArgs, Unknown};
use crate::error::CliError;
use crate::input;
use crate::output::{object, print_json};
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

/// Where rows go.
#[derive(Debug, Args)]
pub struct RowsOut {
    /// File to write; - is standard output [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<argument::Rows>,
    /// Write one JSON object instead of CSV; with --out, the object is in the file, and one with the number of rows is printed
    #[arg(long)]
    pub json: bool,
}

impl RowsArgs {
    /// Loads the model.
    ///
    /// # Errors
    /// [`CliError::Usage`] with what is wrong with the file.
    pub fn load(&self) -> Result<Model, CliError> {
        load(&self.model)
    }

    /// Writes a line of CSV or a JSON value for every row of the table, as `cells` gives them, after the names of the columns or the
    /// fields of the command's object.
    ///
    /// # Errors
    /// As [`RowsArgs::for_each`], and what cannot be written. Then no file is left; elsewhere the rows before the wrong one
    /// stay, for they are right.
    pub fn write(
        &self,
        to: &RowsOut,
        (command, fields): (&str, Value),
        (model, output): (&Model, Output),
        columns: impl Fn(usize) -> Vec<String>,
        cells: impl Fn(MatRef<'_, f64>, std::result::Result<usize, &hsic::Error>) -> (Vec<String>, Value),
    ) -> Result<(), CliError> {
        let out = to.out.as_ref().and_then(argument::Rows::file);
        let failed = |error| CliError::Failed(cannot_write(out, &error));
        if let Some(out) = out {
            check_writable(out)?;
        }
        let mut sink = Sink::open(out).map_err(|error| CliError::Usage(cannot_write(out, &error)))?;
        let (mut told, begin) = match to.json {
            true => RowsText::json(&object(command, [fields.clone()])),
            false => (RowsText::csv(), String::new()),
        };
        sink.put(&begin).map_err(failed)?;
        let mut header = !to.json;
        let stream = self.for_each(model, LabelRule::Ignore, output, |batch| {
            let mut text = String::new();
            if header && !batch.rows.is_empty() {
                text += &csv_line(&columns(batch.values.ncols()));
                header = false;
            }
            for row in &batch.rows {
                let (line, value) = cells(batch.values.as_ref(), row.as_ref().copied());
                let has_output = row.is_ok();
                let row =
                    if to.json { told.json_row(&value, has_output) } else { told.csv_row(&line, has_output) };
                text += &row;
            }
            sink.put(&text).map_err(failed)
        });
        if stream.is_err() && sink.is_file() {
            return stream;
        }
        // of a table without rows those columns are named that do not depend on them
        let names = if header { columns(0) } else { Vec::new() };
        if !names.is_empty() {
            sink.put(&csv_line(&names)).map_err(failed)?;
        }
        let error = stream.as_ref().err().map(ToString::to_string);
        sink.put(&told.end(error.as_deref())).map_err(failed)?;
        sink.end().map_err(failed)?;
        stream?;
        if let (true, Some(out)) = (to.json, out) {
            let (model, data, out) = (self.model.display(), self.data.display(), out.display());
            let written = json!({
                "n": told.rows,
                "skipped": told.skipped,
                "model": model.to_string(),
                "data": data.to_string(),
                "out": out.to_string(),
            });
            return print_json(&object(command, [fields, written]));
        }
        Ok(())
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
