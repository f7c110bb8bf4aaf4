//! The rows that a model is trained and tested on, as the command line says: in memory, or in blocks.

use hsic::fit::{self, FitBlocks, FitOptions, FitRows, Fitted, TableSummary};
use hsic_data::rows::TableRows;
use hsic_data::table::{Content, EncodeOptions, InferOptions, SourceOptions, Table};
use hsic_eval::Progress;
use hsic_kernels::all_threads;
use hsic_kernels::rows::RowBlocks as _;

use super::args::FitArgs;
use crate::commands::rows::{of_fit, of_model};
use crate::commands::source::content;
use crate::commands::table::{infer_options, source_options};
use crate::config::Config;
use crate::error::CliError;

/// A table, and which of its rows train and which test.
pub enum Rows {
    Memory(Box<(Table, FitRows)>),
    Blocks(Box<FitBlocks>),
}

impl Rows {
    /// Reads the table, holds out a share or reads the test file; and what is odd about them.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a table that is not right, a test file that does not go with it, and a share that leaves no rows.
    pub fn read(args: &FitArgs, config: &Config, in_blocks: bool) -> Result<(Self, Vec<String>), CliError> {
        let source = source_options(&config.dataset);
        let content = content(&args.data, args.labels.as_deref())?;
        let infer = infer_options(&config.dataset, &content.open(&source)?)?;
        if in_blocks {
            Self::blocks(args, config, &content, &source, &infer)
        } else {
            Self::memory(args, config, &content, &source, &infer)
        }
    }

    fn memory(
        args: &FitArgs,
        config: &Config,
        content: &Content,
        source: &SourceOptions,
        infer: &InferOptions,
    ) -> Result<(Self, Vec<String>), CliError> {
        let table = Table::read(content, source, infer)?;
        let (rows, of_test_file) = match test_file(args, config, content, source)? {
            None => {
                (FitRows::held_out(&table, args.test_size, split_seed(config)).map_err(of_model)?, Vec::new())
            }
            Some((test, options)) => {
                FitRows::tested_on(&table, test.open(source)?, options).map_err(of_model)?
            }
        };
        let warnings = [fit::warnings(&table, rows.train.as_ref()), of_test_file].concat();
        Ok((Self::Memory(Box::new((table, rows))), warnings))
    }

    fn blocks(
        args: &FitArgs,
        config: &Config,
        content: &Content,
        source: &SourceOptions,
        infer: &InferOptions,
    ) -> Result<(Self, Vec<String>), CliError> {
        let par = all_threads();
        let table = TableRows::open(content, source, infer, par)?;
        let (blocks, of_test_file) = match test_file(args, config, content, source)? {
            None => {
                let held_out = FitBlocks::held_out(table, args.test_size, split_seed(config), par);
                (held_out.map_err(of_model)?, Vec::new())
            }
            Some((test, options)) => {
                FitBlocks::tested_on(table, &test, source, options, par).map_err(of_model)?
            }
        };
        let warnings = [fit::warnings_of_blocks(&blocks), of_test_file].concat();
        Ok((Self::Blocks(Box::new(blocks)), warnings))
    }

    /// The table as it was understood.
    pub fn summary(&self) -> TableSummary {
        match self {
            Self::Memory(rows) => TableSummary::of(&rows.0),
            Self::Blocks(blocks) => TableSummary::of_rows(blocks.table()),
        }
    }

    /// Numbers of rows to train and to test on.
    pub fn counts(&self) -> (usize, usize) {
        match self {
            Self::Memory(rows) => rows.1.counts(),
            Self::Blocks(blocks) => blocks.counts(),
        }
    }

    /// Columns once they are encoded.
    pub fn width(&self) -> usize {
        match self {
            Self::Memory(rows) => rows.1.train.ncols(),
            Self::Blocks(blocks) => blocks.table().width(),
        }
    }

    /// Whether they stay in their file.
    pub fn is_in_file(&self) -> bool {
        matches!(self, Self::Blocks(_))
    }

    /// Fits a model.
    ///
    /// # Errors
    /// [`CliError::Usage`] for rows that are not right, [`CliError::Failed`] for a fit that fails.
    pub fn fit(&self, options: &FitOptions, progress: &dyn Progress) -> Result<Fitted, CliError> {
        let fitted = match self {
            Self::Memory(rows) => fit::fit(&rows.0, &rows.1, options, progress),
            Self::Blocks(blocks) => fit::fit_in_blocks(blocks, options, progress),
        };
        fitted.map_err(of_fit)
    }
}

fn split_seed(config: &Config) -> u64 {
    config.fold_seed.unwrap_or(config.seed)
}

/// The test file, if there is one, and how its rows are encoded.
fn test_file(
    args: &FitArgs,
    config: &Config,
    training: &Content,
    source: &SourceOptions,
) -> Result<Option<(Content, EncodeOptions)>, CliError> {
    let Some(path) = &args.test_file else { return Ok(None) };
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
    Ok(Some((content, options)))
}
