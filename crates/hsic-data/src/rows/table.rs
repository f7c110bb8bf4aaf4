//! Rows of a table in any format, taken off its source in blocks and read on many threads.

use std::sync::Arc;

use faer::{Mat, Par};
use hsic_rows::{BLOCK_ROWS, Block, Blocks, Deferred, RowBlocks};

use super::holdout::{Present, classes_of};
use super::{FileRows, in_pass};
use crate::table::{
    Codec, Content, EncodeOptions, Encoded, Heading, InferOptions, MissingCells, MissingRule, Schema,
    SourceOptions, Survey, check_training, of_training,
};
use crate::{DataWarning, Result};

/// Rows of a table that are read anew in each pass. What a cell may hold, and every message, are those of
/// [`Table::read`](crate::table::Table::read).
///
/// # Cost
/// Opening reads the table twice: to type its columns, and to count its rows and what is missing in them. A pass reads it once; a
/// block a thread is held.
#[derive(Debug)]
pub struct TableRows {
    content: Content,
    source: SourceOptions,
    codec: Codec,
    heading: Arc<Heading>,
    counts: Vec<usize>,
    /// Of every block.
    present: Vec<Present>,
    missing: MissingCells,
    dropped: usize,
    warnings: Vec<DataWarning>,
}

impl TableRows {
    /// Types the columns of a table by its own rows and counts those. Rows with missing cells are refused, left out or
    /// kept, as `infer.missing` says; where they are kept NaN stands for them, which
    /// [`Standardised::filled`](super::Standardised::filled) fills.
    ///
    /// # Errors
    /// As [`Table::read`](crate::table::Table::read).
    pub fn open(content: &Content, source: &SourceOptions, infer: &InferOptions, par: Par) -> Result<Self> {
        let typed = Schema::infer_told(&mut content.open(source)?, infer, par)?;
        Self::typed(content, source, infer, typed, par)
    }

    /// The same where its columns are typed already; `told` is what is odd about them.
    pub(crate) fn typed(
        content: &Content,
        source: &SourceOptions,
        infer: &InferOptions,
        (schema, told): (Schema, Vec<DataWarning>),
        par: Par,
    ) -> Result<Self> {
        let drop = infer.missing == MissingRule::Drop;
        let missing = if drop { MissingRule::Drop } else { MissingRule::Keep };
        let options = EncodeOptions { missing, ..EncodeOptions::default() };
        let (mut rows, survey) =
            Self::surveyed(content, source, &schema, options, par).map_err(of_training)?;
        check_training(content.file(), &schema, &survey.counts, &survey.missing, survey.dropped, infer)?;
        rows.warnings = survey.warnings(told, &schema, &rows.heading, infer);
        if infer.missing == MissingRule::Refuse {
            // there is none, unless the file changes
            rows.codec.refuse_missing();
        }
        Ok(rows)
    }

    /// The rows of a table by the schema of another: those of a test part.
    ///
    /// # Errors
    /// [`crate::Error::Columns`] for columns that are not those of the schema, [`crate::Error::Cell`] for what cannot be encoded, any
    /// error of the source.
    pub fn by_schema(
        content: &Content,
        source: &SourceOptions,
        schema: &Schema,
        options: EncodeOptions,
        par: Par,
    ) -> Result<Self> {
        let (mut rows, survey) = Self::surveyed(content, source, schema, options, par)?;
        rows.warnings = survey.rounded(schema);
        Ok(rows)
    }

    /// The rows, and what a pass over them tells.
    fn surveyed(
        content: &Content,
        source: &SourceOptions,
        schema: &Schema,
        options: EncodeOptions,
        par: Par,
    ) -> Result<(Self, Survey)> {
        let mut opened = content.open(source)?;
        let (codec, heading) = (Codec::new(schema, &opened, options)?, Arc::clone(opened.heading()));
        let mut present = Vec::new();
        let keep = |_: Mat<f64>, encoded: &Encoded| present.push(classes_of(encoded.codes().to_vec()));
        let survey = Survey::of(&mut opened, &codec, par, keep)?;
        let rows = Self {
            content: content.clone(),
            source: source.clone(),
            codec,
            heading,
            counts: survey.counts.clone(),
            present,
            missing: survey.missing.clone(),
            dropped: survey.dropped,
            warnings: Vec::new(),
        };
        Ok((rows, survey))
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        self.content.file()
    }

    /// The stem of that name, which stands for the set.
    pub fn name(&self) -> String {
        self.content.stem()
    }

    /// The sha256 of the unpacked file, as it was when it was opened.
    pub fn sha256(&self) -> &str {
        self.content.sha256()
    }

    /// What the columns mean.
    pub fn schema(&self) -> &Schema {
        self.codec.schema()
    }

    /// Rows of every class.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The classes of every block.
    pub(super) fn present(&self) -> &[Present] {
        &self.present
    }

    /// What is missing in the rows kept.
    pub fn missing(&self) -> &MissingCells {
        &self.missing
    }

    /// Rows left out because they miss a cell.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The byte between fields of a text.
    pub fn delimiter(&self) -> Option<u8> {
        self.heading.delimiter
    }

    /// What is odd about the rows, as [`Table::read`](crate::table::Table::read) says it.
    pub fn warnings(&self) -> &[DataWarning] {
        &self.warnings
    }

    fn block(&self, encoded: &Encoded) -> Block {
        Block { rows: encoded.features(self.width()), codes: encoded.codes().to_vec() }
    }
}

impl FileRows for TableRows {
    fn n(&self) -> usize {
        self.counts.iter().sum()
    }

    fn class_names(&self) -> &[String] {
        self.schema().classes()
    }
}

impl RowBlocks for TableRows {
    fn width(&self) -> usize {
        self.schema().encoded_width()
    }

    fn n_classes(&self) -> usize {
        self.counts.len()
    }

    fn place(&self, block: usize, row: usize) -> Option<String> {
        let mut source = self.content.open(&self.source).ok()?;
        for _ in 0..block {
            source.next_rows(BLOCK_ROWS).ok()??;
        }
        let encoded = self.codec.encode(source.next_rows(BLOCK_ROWS).ok()??, &self.heading).ok()?;
        encoded.lines().get(row).map(|&line| source.place(line))
    }

    fn blocks(&self) -> hsic_rows::Result<Blocks<'_>> {
        let mut source = self.content.open(&self.source).map_err(in_pass)?;
        let next = move || source.next_rows(BLOCK_ROWS).map_err(in_pass).transpose();
        Ok(Box::new(std::iter::from_fn(next).map(move |rows| {
            let rows = rows?;
            let deferred: Deferred<'_> =
                Box::new(move || Ok(self.block(&self.codec.encode(rows, &self.heading).map_err(in_pass)?)));
            Ok(deferred)
        })))
    }
}
