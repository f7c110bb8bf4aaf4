//! The rows that a model is trained and tested on.

use std::path::Path;

use faer::Mat;
use hsic_data::StratifiedHoldout;
use hsic_data::table::{Content, EncodeOptions, LabelRule, RowEncoder, SourceOptions, Table};
use hsic_kernels::Labels;

use super::args::FitArgs;
use crate::error::CliError;

/// Encoded rows to train and to test on.
pub struct Split {
    /// The rows to train on.
    pub train: Mat<f64>,
    /// Their classes.
    pub train_labels: Labels,
    /// The rows to test on and their classes, if any are held out.
    pub test: Option<(Mat<f64>, Labels)>,
}

impl Split {
    /// Holds out a share, or reads the test file.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a test file that does not go with the table, and for a share that leaves no rows.
    pub fn new(args: &FitArgs, table: &Table, source: &SourceOptions, seed: u64) -> Result<Self, CliError> {
        let all = |test| Self { train: table.features.clone(), train_labels: table.labels.clone(), test };
        if let Some(path) = &args.test_file {
            return Ok(all(Some(test_rows(args, path, table, source)?)));
        }
        if args.test_size == 0.0 {
            return Ok(all(None));
        }
        let split = StratifiedHoldout::new(args.test_size, seed).split(&table.labels)?;
        let (train, train_labels) = table.select(&split.train)?;
        Ok(Self { train, train_labels, test: Some(table.select(&split.test)?) })
    }
}

/// The rows of a test file, by the schema of the training table.
fn test_rows(
    args: &FitArgs,
    path: &Path,
    table: &Table,
    source: &SourceOptions,
) -> Result<(Mat<f64>, Labels), CliError> {
    let content = Content::read(path, None)?;
    let options = EncodeOptions {
        missing: args.missing.into(),
        unknown: args.unknown.into(),
        label: LabelRule::Read,
        ..EncodeOptions::default()
    };
    let mut encoder = RowEncoder::new(&table.schema, content.open(source)?, options)?;
    let Some(chunk) = encoder.next_chunk(usize::MAX)? else {
        return Err(CliError::Usage(format!("{} has no rows: expected one row a sample", path.display())));
    };
    let labels = Labels::with_classes(chunk.codes.unwrap_or_default(), table.schema.classes().len());
    Ok((chunk.features, labels.map_err(|error| CliError::failed(&error))?))
}
