//! Rows of a table in any format, taken off its source in blocks and read on many threads.

use std::sync::Arc;

use faer::Par;
use hsic_rows::{BLOCK_ROWS, Block, Blocks, Deferred, RowBlocks};
use rayon::prelude::*;

use super::{FileRows, in_pass};
use crate::table::{
    Codec, ColumnProblem, Content, EncodeOptions, Encoded, Heading, InferOptions, MissingCells, MissingRule,
    Schema, SourceOptions, of_training,
};
use crate::{Error, Result};

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
    missing: MissingCells,
    dropped: usize,
    fill: Option<Vec<f64>>,
}

impl TableRows {
    /// Types the columns of a table by its own rows and counts those. Rows with missing cells are refused, left out or
    /// kept, as `infer.missing` says; where they are kept, [`with_fill`](Self::with_fill) is to follow.
    ///
    /// # Errors
    /// As [`Table::read`](crate::table::Table::read).
    pub fn open(content: &Content, source: &SourceOptions, infer: &InferOptions, par: Par) -> Result<Self> {
        let schema = Schema::infer(&mut content.open(source)?, infer)?;
        let drop = infer.missing == MissingRule::Drop;
        let missing = if drop { MissingRule::Drop } else { MissingRule::Keep };
        let rows = Self::by_schema(
            content,
            source,
            &schema,
            EncodeOptions { missing, ..EncodeOptions::default() },
            par,
        )
        .map_err(of_training)?;
        let failed = |problem| Err(Error::Columns { file: content.file().into(), problem });
        if infer.missing == MissingRule::Refuse && rows.missing.cells > 0 {
            let n = rows.n();
            let MissingCells { cells, rows, columns } = rows.missing;
            return failed(ColumnProblem::Missing { cells, rows, n, columns });
        }
        let mut present = rows.counts.iter().zip(schema.classes()).filter(|(count, _)| **count > 0);
        match (present.next(), present.next()) {
            (None, _) => failed(ColumnProblem::AllDropped { n: rows.dropped }),
            (Some((_, class)), None) => {
                failed(ColumnProblem::OneClass { class: class.clone(), label: schema.label().into() })
            }
            _ => Ok(rows),
        }
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
            missing: MissingCells::default(),
            dropped: 0,
            fill: None,
        };
        rows.count(par)?;
        Ok(rows)
    }

    /// The same rows with these numbers in place of missing cells, one an encoded column.
    ///
    /// # Errors
    /// [`Error::Size`] for another number of columns.
    pub fn with_fill(mut self, fill: Vec<f64>) -> Result<Self> {
        let (found, expected) = (fill.len(), self.width());
        if found != expected {
            return Err(Error::Size { what: "fill values", found, expected });
        }
        self.fill = Some(fill);
        Ok(self)
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        self.content.file()
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

    /// What is missing in the rows kept.
    pub fn missing(&self) -> &MissingCells {
        &self.missing
    }

    /// Rows left out because they miss a cell.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    fn count(&mut self, par: Par) -> Result<()> {
        let threads = match par {
            Par::Seq => 1,
            Par::Rayon(threads) => threads.get(),
        };
        let mut source = self.content.open(&self.source)?;
        loop {
            let mut batch = Vec::with_capacity(threads);
            while batch.len() < threads
                && let Some(rows) = source.next_rows(BLOCK_ROWS)?
            {
                batch.push(rows);
            }
            if batch.is_empty() {
                return Ok(());
            }
            let of = |rows| {
                let encoded = self.codec.encode(rows, &self.heading)?;
                let missing = MissingCells::of(self.schema(), &encoded.features(self.width()));
                Ok::<_, Error>((encoded, missing))
            };
            let parts: Vec<_> = match par {
                Par::Seq => batch.into_iter().map(of).collect(),
                Par::Rayon(_) => batch.into_par_iter().map(of).collect(),
            };
            for part in parts {
                let (encoded, missing) = part?;
                self.dropped += encoded.dropped();
                encoded.codes().iter().for_each(|&code| self.counts[code] += 1);
                self.missing.merge(missing);
            }
        }
    }

    fn block(&self, encoded: &Encoded) -> Block {
        let mut rows = encoded.features(self.width());
        for (j, &fill) in self.fill.iter().flatten().enumerate() {
            rows.col_mut(j).iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = fill);
        }
        Block { rows, codes: encoded.codes().to_vec() }
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
