//! Rows of a table in any format, taken off its source in blocks and read on many threads.

use std::sync::Arc;

use faer::Par;
use hsic_rows::{BLOCK_ROWS, Block, Blocks, Deferred, RowBlocks};
use rayon::prelude::*;

use super::holdout::{Present, classes_of};
use super::{FileRows, in_pass};
use crate::table::{
    Codec, Content, EncodeOptions, Encoded, Evidence, Heading, InferOptions, MissingCells, MissingRule,
    Schema, SourceOptions, Spread, check_training, nearly_tells, oddities, of_training, rounded,
};
use crate::{DataWarning, Error, Result};

/// Rows of a table that are read anew in each pass. What a cell may hold, and every message, are those of
/// [`Table::read`](crate::table::Table::read).
///
/// # Cost
/// Opening reads the table twice: to type its columns, on one thread, and to count its rows and what is missing in them. A
/// pass reads it once; a block a thread is held.
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
    /// What all rows say of the columns, until it is told.
    evidence: Option<Evidence>,
    /// Some rows, until it is told whether a column nearly tells their classes.
    spread: Spread,
}

impl TableRows {
    /// Types the columns of a table by its own rows and counts those. Rows with missing cells are refused, left out or
    /// kept, as `infer.missing` says; where they are kept NaN stands for them, which
    /// [`Standardised::filled`](super::Standardised::filled) fills.
    ///
    /// # Errors
    /// As [`Table::read`](crate::table::Table::read).
    pub fn open(content: &Content, source: &SourceOptions, infer: &InferOptions, par: Par) -> Result<Self> {
        let typed = Schema::infer_told(&mut content.open(source)?, infer)?;
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
        let mut rows = Self::by_schema(content, source, &schema, options, par).map_err(of_training)?;
        check_training(content.file(), &schema, &rows.counts, &rows.missing, rows.dropped, infer)?;
        let of_rows = std::mem::take(&mut rows.warnings);
        let of_columns = rows.evidence.take().map(|evidence| evidence.warnings(&schema)).unwrap_or_default();
        let spread = std::mem::replace(&mut rows.spread, Spread::new(0));
        let nearly = nearly_tells(&schema, &spread, &of_columns);
        let told = [told, of_rows, of_columns, nearly].concat();
        rows.warnings = oddities(&rows.heading, &schema, &rows.counts, rows.dropped, told, infer);
        if infer.missing == MissingRule::Refuse {
            // there is none, unless the file changes
            rows.codec.refuse_missing();
        }
        Ok(rows)
    }

    /// The rows of a table by the schema of another: those of a test part.
    ///
    /// # Errors
    /// [`Error::Columns`] for columns that are not those of the schema, [`Error::Cell`] for what cannot be encoded, any
    /// error of the source.
    pub fn by_schema(
        content: &Content,
        source: &SourceOptions,
        schema: &Schema,
        options: EncodeOptions,
        par: Par,
    ) -> Result<Self> {
        let opened = content.open(source)?;
        let (codec, heading) = (Codec::new(schema, &opened, options)?, Arc::clone(opened.heading()));
        let mut rows = Self {
            content: content.clone(),
            source: source.clone(),
            codec,
            heading,
            counts: vec![0; schema.classes().len()],
            present: Vec::new(),
            missing: MissingCells::default(),
            dropped: 0,
            warnings: Vec::new(),
            evidence: None,
            spread: Spread::new(schema.encoded_width()),
        };
        rows.count(par)?;
        Ok(rows)
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

    fn count(&mut self, par: Par) -> Result<()> {
        let threads = match par {
            Par::Seq => 1,
            Par::Rayon(threads) => threads.get(),
        };
        let mut source = self.content.open(&self.source)?;
        let mut rounding = self.codec.start().rounding().to_vec();
        loop {
            let mut batch = Vec::with_capacity(threads);
            while batch.len() < threads
                && let Some(rows) = source.next_rows(BLOCK_ROWS)?
            {
                batch.push(rows);
            }
            if batch.is_empty() {
                self.warnings = rounded(self.schema(), &rounding);
                return Ok(());
            }
            let known = self.evidence.as_ref();
            let of = |rows| {
                let encoded = self.codec.encode(rows, &self.heading)?;
                let rows = encoded.features(self.width());
                let missing = MissingCells::of(self.schema(), &rows);
                let evidence = Evidence::of(self.schema(), |i, j| rows[(i, j)], encoded.codes(), known);
                Ok::<_, Error>((encoded, rows, missing, evidence))
            };
            let parts: Vec<_> = match par {
                Par::Seq => batch.into_iter().map(of).collect(),
                Par::Rayon(_) => batch.into_par_iter().map(of).collect(),
            };
            for part in parts {
                let (encoded, rows, missing, of_columns) = part?;
                self.spread.see(rows.as_ref(), encoded.codes());
                match &mut self.evidence {
                    Some(evidence) => evidence.merge(of_columns),
                    None => self.evidence = Some(of_columns),
                }
                self.dropped += encoded.dropped();
                encoded.codes().iter().for_each(|&code| self.counts[code] += 1);
                self.present.push(classes_of(encoded.codes().to_vec()));
                self.missing.merge(missing);
                rounding.iter_mut().zip(encoded.rounding()).for_each(|(all, part)| all.merge(part));
            }
        }
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
