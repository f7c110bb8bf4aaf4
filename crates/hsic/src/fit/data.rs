//! A table and which of its rows train and which test, in memory or in blocks.

use faer::Par;
use hsic_data::rows::TableRows;
use hsic_data::table::{Content, EncodeOptions, InferOptions, SourceOptions, Table};
use hsic_eval::Progress;
use hsic_rows::RowBlocks as _;

use super::{FitBlocks, FitOptions, FitRows, Fitted, TableSummary, fit, fit_in_blocks, table};
use crate::Result;

/// The rows that a model is tested on.
#[derive(Debug, Clone)]
pub enum TestPart {
    /// A share of the table, stratified by class; none of a share of 0.
    Share {
        /// The share.
        share: f64,
        /// Seed of the split.
        seed: u64,
    },
    /// Another table, encoded by the schema of the first.
    Table(Content, EncodeOptions),
}

/// A table and which of its rows train and which test.
#[derive(Debug)]
#[non_exhaustive]
pub enum FitData {
    /// All rows are in memory.
    InMemory(Box<(Table, FitRows)>),
    /// The rows stay in their file.
    InBlocks(Box<FitBlocks>),
}

impl FitData {
    /// Reads a table, and says in words what is odd about it.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) for a table that is not right, [`Error::NoRows`](crate::Error::NoRows) for a test table
    /// without any.
    ///
    /// # Cost
    /// In memory two passes; in blocks up to five, and no memory that grows with the rows.
    pub fn read(
        content: &Content,
        source: &SourceOptions,
        infer: &InferOptions,
        test: TestPart,
        in_blocks: bool,
        par: Par,
    ) -> Result<(Self, Vec<String>)> {
        let mut of_test = Vec::new();
        if in_blocks {
            let rows = TableRows::open(content, source, infer, par)?;
            let blocks = match test {
                TestPart::Share { share, seed } => FitBlocks::held_out(rows, share, seed, par)?,
                TestPart::Table(test, options) => {
                    let (blocks, warnings) = FitBlocks::tested_on(rows, &test, source, options, par)?;
                    of_test = warnings;
                    blocks
                }
            };
            let warnings = [table::warnings_of_blocks(&blocks), of_test].concat();
            return Ok((Self::InBlocks(Box::new(blocks)), warnings));
        }
        let read = Table::read(content, source, infer)?;
        let rows = match test {
            TestPart::Share { share, seed } => FitRows::held_out(&read, share, seed)?,
            TestPart::Table(test, options) => {
                let (rows, warnings) = FitRows::tested_on(&read, test.open(source)?, options)?;
                of_test = warnings;
                rows
            }
        };
        let warnings = [table::warnings(&read, rows.train.as_ref()), of_test].concat();
        Ok((Self::InMemory(Box::new((read, rows))), warnings))
    }

    /// The table as it was understood.
    pub fn summary(&self) -> TableSummary {
        match self {
            Self::InMemory(rows) => TableSummary::of(&rows.0),
            Self::InBlocks(blocks) => TableSummary::of_rows(blocks.table()),
        }
    }

    /// Numbers of rows to train and to test on.
    pub fn counts(&self) -> (usize, usize) {
        match self {
            Self::InMemory(rows) => rows.1.counts(),
            Self::InBlocks(blocks) => blocks.counts(),
        }
    }

    /// Columns once they are encoded.
    pub fn width(&self) -> usize {
        match self {
            Self::InMemory(rows) => rows.1.train.ncols(),
            Self::InBlocks(blocks) => blocks.table().width(),
        }
    }

    /// Whether the rows stay in their file.
    pub fn is_in_file(&self) -> bool {
        matches!(self, Self::InBlocks(_))
    }

    /// [`fit`], or [`fit_in_blocks`].
    ///
    /// # Errors
    /// As there.
    pub fn fit(&self, options: &FitOptions, progress: &dyn Progress) -> Result<Fitted> {
        match self {
            Self::InMemory(rows) => fit(&rows.0, &rows.1, options, progress),
            Self::InBlocks(blocks) => fit_in_blocks(blocks, options, progress),
        }
    }
}
