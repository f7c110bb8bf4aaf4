//! The rows that a model is trained and tested on.

use faer::Mat;
use hsic_data::StratifiedHoldout;
use hsic_data::table::{EncodeOptions, LabelRule, RowEncoder, Source, Table};
use hsic_kernels::Labels;

use crate::{Error, Result};

/// Encoded rows to train and to test on; NaN stands for a missing cell.
#[derive(Debug, Clone)]
pub struct FitRows {
    /// The rows to train on.
    pub train: Mat<f64>,
    /// Their classes.
    pub train_labels: Labels,
    /// The rows to test on and their classes, if any are held out.
    pub test: Option<(Mat<f64>, Labels)>,
}

impl FitRows {
    /// All rows to train on, none to test.
    pub fn all(table: &Table) -> Self {
        Self { train: table.features.clone(), train_labels: table.labels.clone(), test: None }
    }

    /// A share of the rows held out, stratified by class; none of a share of 0.
    ///
    /// # Errors
    /// [`Error::Data`] for a share that leaves no rows.
    pub fn held_out(table: &Table, share: f64, seed: u64) -> Result<Self> {
        if share == 0.0 {
            return Ok(Self::all(table));
        }
        let split = StratifiedHoldout::new(share, seed).split(&table.labels)?;
        let (train, train_labels) = table.select(&split.train)?;
        Ok(Self { train, train_labels, test: Some(table.select(&split.test)?) })
    }

    /// All rows to train on, and those of another table to test on, by the schema of the first. What is odd about the test rows
    /// is said in words.
    ///
    /// # Errors
    /// [`Error::Data`] for rows that do not go with the schema, [`Error::NoRows`] where there are none.
    pub fn tested_on(table: &Table, rows: Source<'_>, options: EncodeOptions) -> Result<(Self, Vec<String>)> {
        let file = rows.file().to_owned();
        let options = EncodeOptions { label: LabelRule::Read, ..options };
        let mut encoder = RowEncoder::new(&table.schema, rows, options)?;
        let Some(chunk) = encoder.next_chunk(usize::MAX)? else { return Err(Error::NoRows { file }) };
        let labels = Labels::with_classes(chunk.codes.unwrap_or_default(), table.schema.classes().len())?;
        let warnings = encoder.warnings().iter().map(|warning| format!("{file}: {warning}")).collect();
        Ok((Self { test: Some((chunk.features, labels)), ..Self::all(table) }, warnings))
    }

    /// Numbers of rows to train and to test on.
    pub fn counts(&self) -> (usize, usize) {
        (self.train.nrows(), self.test.as_ref().map_or(0, |(rows, _)| rows.nrows()))
    }
}
