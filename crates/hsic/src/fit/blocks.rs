//! The rows of a table larger than memory that a model is trained and tested on, read in blocks in every pass.

use faer::Par;
use hsic_data::rows::{BlockHoldout, FileRows as _, HeldRows, TableRows};
use hsic_data::scaler::KnownMoments;
use hsic_data::table::{Content, EncodeOptions, LabelRule, SourceOptions};
use hsic_rows::RowBlocks;

use crate::{Error, Result};

/// A table in blocks, which of its rows train and which test. Nothing is held but some numbers a column, and a few for each class of
/// a block.
#[derive(Debug)]
pub struct FitBlocks {
    table: TableRows,
    test: TestRows,
    moments: KnownMoments,
}

#[derive(Debug)]
enum TestRows {
    None,
    Share(BlockHoldout),
    Table(Box<TableRows>),
}

/// Rows of one of the two kinds.
pub(super) enum Part<'a> {
    Table(&'a TableRows),
    Held(HeldRows<'a>),
}

impl Part<'_> {
    pub(super) fn rows(&self) -> &dyn RowBlocks {
        match self {
            Self::Table(rows) => *rows,
            Self::Held(rows) => rows,
        }
    }
}

impl FitBlocks {
    /// All rows to train on, none to test.
    ///
    /// # Errors
    /// [`Error::Data`] for a file that cannot be read.
    ///
    /// # Cost
    /// One pass.
    pub fn all(table: TableRows, par: Par) -> Result<Self> {
        Self::new(table, TestRows::None, par)
    }

    /// A share of the rows held out, stratified by class as [`BlockHoldout`] does; none of a share of 0.
    ///
    /// # Errors
    /// [`Error::Data`] for a share that leaves no rows, and for a file that cannot be read.
    ///
    /// # Cost
    /// One pass.
    pub fn held_out(table: TableRows, share: f64, seed: u64, par: Par) -> Result<Self> {
        if share == 0.0 {
            return Self::all(table, par);
        }
        let split = BlockHoldout::of_table(&table, share, seed)?;
        Self::new(table, TestRows::Share(split), par)
    }

    /// All rows to train on, and those of another table to test on, by the schema of the first. What is odd about the test rows
    /// is said in words.
    ///
    /// # Errors
    /// [`Error::Data`] for rows that do not go with the schema, [`Error::NoRows`] where there are none.
    ///
    /// # Cost
    /// A pass over either table.
    pub fn tested_on(
        table: TableRows,
        test: &Content,
        source: &SourceOptions,
        options: EncodeOptions,
        par: Par,
    ) -> Result<(Self, Vec<String>)> {
        let options = EncodeOptions { label: LabelRule::Read, ..options };
        let test = TableRows::by_schema(test, source, table.schema(), options, par)?;
        if test.n() == 0 {
            return Err(Error::NoRows { file: test.file().into() });
        }
        let warnings = test.warnings().iter().map(|warning| format!("{}: {warning}", test.file())).collect();
        Ok((Self::new(table, TestRows::Table(Box::new(test)), par)?, warnings))
    }

    fn new(table: TableRows, test: TestRows, par: Par) -> Result<Self> {
        let moments = match &test {
            TestRows::Share(split) => KnownMoments::of(&split.train(&table), par)?,
            _ => KnownMoments::of(&table, par)?,
        };
        Ok(Self { table, test, moments })
    }

    /// The table.
    pub fn table(&self) -> &TableRows {
        &self.table
    }

    /// The moments of the known cells of the rows to train on.
    pub fn moments(&self) -> &KnownMoments {
        &self.moments
    }

    /// Numbers of rows to train and to test on.
    pub fn counts(&self) -> (usize, usize) {
        let test = match &self.test {
            TestRows::None => 0,
            TestRows::Share(split) => split.test_counts().iter().sum(),
            TestRows::Table(test) => test.n(),
        };
        (self.train_counts().iter().sum(), test)
    }

    /// Rows of every class to train on.
    pub fn train_counts(&self) -> &[usize] {
        match &self.test {
            TestRows::Share(split) => split.train_counts(),
            _ => self.table.counts(),
        }
    }

    pub(super) fn train(&self) -> Part<'_> {
        match &self.test {
            TestRows::Share(split) => Part::Held(split.train(&self.table)),
            _ => Part::Table(&self.table),
        }
    }

    pub(super) fn test(&self) -> Option<Part<'_>> {
        match &self.test {
            TestRows::None => None,
            TestRows::Share(split) => Some(Part::Held(split.test(&self.table))),
            TestRows::Table(test) => Some(Part::Table(test)),
        }
    }
}
