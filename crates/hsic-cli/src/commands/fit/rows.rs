//! The rows that a model is trained and tested on, as the command line says.

use hsic::fit::{FitData, TestPart};
use hsic_data::table::{Content, EncodeOptions, InferOptions, InspectedColumn, SourceOptions};
use hsic_kernels::all_threads;

use super::args::FitArgs;
use crate::commands::rows::of_model;
use crate::commands::source::content;
use crate::commands::table::{infer_options, source_options};
use crate::config::Config;
use crate::error::CliError;

/// The table that is learnt from, and how it is read.
pub struct Training {
    content: Content,
    source: SourceOptions,
    infer: InferOptions,
}

impl Training {
    /// Opens it.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a file that is not there or no table, and for columns named twice.
    pub fn open(args: &FitArgs, config: &Config) -> Result<Self, CliError> {
        let source = source_options(&config.dataset);
        let content = content(&args.data, args.labels.as_deref())?;
        let infer = infer_options(&config.dataset, &content.open(&source)?);
        Ok(Self { content, source, infer })
    }

    /// Reads it, holds out a share or reads the test file; and what is odd about the rows.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a table that is not right, a test file that does not go with it, and a share that leaves no rows.
    pub fn read(
        &self,
        args: &FitArgs,
        config: &Config,
        in_blocks: bool,
    ) -> Result<(FitData, Vec<String>), CliError> {
        let test = test_part(args, config, &self.content, &self.source)?;
        let read = FitData::read(&self.content, &self.source, &self.infer, test, in_blocks, all_threads());
        read.map_err(of_model)
    }

    /// What every column holds and becomes.
    ///
    /// # Errors
    /// [`CliError::Usage`] as [`Training::read`].
    pub fn columns(&self) -> Result<Vec<InspectedColumn>, CliError> {
        Ok(InspectedColumn::all(&self.content, &self.source, &self.infer)?)
    }
}

/// What is tested on.
fn test_part(
    args: &FitArgs,
    config: &Config,
    training: &Content,
    source: &SourceOptions,
) -> Result<TestPart, CliError> {
    let Some(path) = &args.test_file else {
        let seed = config.fold_seed.unwrap_or(config.seed);
        return Ok(TestPart::Share { share: args.test_size, seed });
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
    Ok(TestPart::Table(content, options))
}
