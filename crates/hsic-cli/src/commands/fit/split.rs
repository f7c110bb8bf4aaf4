//! The rows that a model is trained and tested on.

use std::path::Path;

use faer::Mat;
use hsic_data::StratifiedHoldout;
use hsic_data::table::{Content, EncodeOptions, LabelRule, RowEncoder, SourceOptions, Table};
use hsic_kernels::Labels;

use super::args::FitArgs;
use crate::commands::source::content;
use crate::config::Config;
use crate::error::CliError;

/// Encoded rows to train and to test on.
pub struct Split {
    /// The rows to train on.
    pub train: Mat<f64>,
    /// Their classes.
    pub train_labels: Labels,
    /// The rows to test on and their classes, if any are held out.
    pub test: Option<(Mat<f64>, Labels)>,
    /// What is odd about the test file.
    pub warnings: Vec<String>,
}

impl Split {
    /// Holds out a share, or reads the test file.
    ///
    /// # Errors
    /// [`CliError::Usage`] for a test file that does not go with the table, and for a share that leaves no rows.
    pub fn new(
        args: &FitArgs,
        config: &Config,
        table: &Table,
        content: &Content,
        source: &SourceOptions,
    ) -> Result<Self, CliError> {
        let (train, train_labels) = (table.features.clone(), table.labels.clone());
        let all = Self { train, train_labels, test: None, warnings: Vec::new() };
        if let Some(path) = &args.test_file {
            let labelled = content.open(source)?.label().is_some();
            return all.tested_on(args, config, path, table, labelled, source);
        }
        if args.test_size == 0.0 {
            return Ok(all);
        }
        let seed = config.fold_seed.unwrap_or(config.seed);
        let split = StratifiedHoldout::new(args.test_size, seed).split(&table.labels)?;
        let (train, train_labels) = table.select(&split.train)?;
        Ok(Self { train, train_labels, test: Some(table.select(&split.test)?), ..all })
    }

    /// With the rows of a test file, by the schema of the training table; `labelled` says whether labels stood beside that.
    fn tested_on(
        mut self,
        args: &FitArgs,
        config: &Config,
        path: &Path,
        table: &Table,
        labelled: bool,
        source: &SourceOptions,
    ) -> Result<Self, CliError> {
        let content = content(path, args.test_labels.as_deref())?;
        let options = EncodeOptions {
            missing: config.dataset.missing.unwrap_or_default().into(),
            unknown: args.unknown.into(),
            label: LabelRule::Read,
            ..EncodeOptions::default()
        };
        let rows = content.open(source)?;
        let file = rows.file().to_owned();
        if labelled && rows.is_array() && rows.label().is_none() {
            let remedy = "give the file of its classes with --test-labels";
            return Err(CliError::Usage(format!("{file}: there are no classes to test on; {remedy}")));
        }
        let mut encoder = RowEncoder::new(&table.schema, rows, options)?;
        let Some(chunk) = encoder.next_chunk(usize::MAX)? else {
            return Err(CliError::Usage(format!("{file} has no rows: expected one row a sample")));
        };
        let labels = Labels::with_classes(chunk.codes.unwrap_or_default(), table.schema.classes().len());
        let labels = labels.map_err(|error| CliError::failed(&error))?;
        self.warnings.extend(encoder.warnings().iter().map(|warning| format!("{file}: {warning}")));
        self.test = Some((chunk.features, labels));
        Ok(self)
    }
}
