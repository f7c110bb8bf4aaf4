//! Rows of a table through a model, some at a time.

use faer::{Mat, Par};
use hsic_data::table::{Chunk, EncodeOptions, MissingRule, Refused, RowEncoder, Source};

use crate::{Error, Model, Output, Result};

/// Rows that are in memory at a time.
const ROWS: usize = 1024;

/// Some rows of a table, and their outputs.
#[derive(Debug)]
pub struct Batch {
    /// The outputs of the rows that have one.
    pub values: Mat<f64>,
    /// The class codes of those rows, where they are known.
    pub codes: Option<Vec<usize>>,
    /// Every row in order: the row of its output, or why it has none.
    pub rows: Vec<Result<usize>>,
}

impl Batch {
    /// The rows before the first that has no output, and why that has none.
    pub fn before_fault(mut self) -> (Self, Option<Error>) {
        let Some(at) = self.rows.iter().position(Result::is_err) else { return (self, None) };
        let fault = self.rows.drain(at..).next().and_then(Result::err);
        self.codes.iter_mut().for_each(|codes| codes.truncate(at));
        self.values = self.values.subrows(0, at).to_owned();
        (self, fault)
    }
}

/// The outputs of the rows of a source, batch by batch; a table of any length takes the memory of a few.
pub struct Batches<'a> {
    model: &'a Model,
    encoder: RowEncoder<'a>,
    output: Output,
    par: Par,
}

impl Model {
    /// The outputs of the rows of a source. Missing cells are filled if the model fills them, whatever the options say.
    ///
    /// ```
    /// use hsic::data::table::{Content, EncodeOptions, LabelRule, Table};
    /// use hsic::{Model, Output, kernels::all_threads, net::NetworkParams};
    /// let content = Content::from_bytes("x,kind\n1,a\n9,b\n2,a\n8,b\n".into(), "t.csv")?;
    /// let table = Table::read(&content, &Default::default(), &Default::default())?;
    /// let model = Model::fit(&table, &NetworkParams::closed_form(), all_threads())?;
    /// let rows = Content::from_bytes("x\n1.5\n?!\n".into(), "new.csv")?;
    /// let source = rows.open(&Default::default())?;
    /// let options = EncodeOptions { label: LabelRule::Ignore, ..EncodeOptions::default() };
    /// let mut batches = model.batches(source, options, Output::LogProba, all_threads())?;
    /// let batch = batches.next(true)?.expect("there are two rows");
    /// assert_eq!((batch.rows.len(), batch.values.nrows(), batch.rows[1].is_err()), (2, 1, true));
    /// # Ok::<(), hsic::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Data`] for columns that are not those of the model.
    pub fn batches<'a>(
        &'a self,
        source: Source<'a>,
        options: EncodeOptions,
        output: Output,
        par: Par,
    ) -> Result<Batches<'a>> {
        let is_filled = self.preprocessing().fill().is_some();
        let missing = if is_filled { MissingRule::Keep } else { MissingRule::Refuse };
        let encoder = RowEncoder::new(self.schema(), source, EncodeOptions { missing, ..options })?;
        Ok(Batches { model: self, encoder, output, par })
    }
}

impl Batches<'_> {
    /// The next rows; `None` after the last. With `goes_on` rows that cannot be read are passed over, else one ends the batch, and
    /// nothing after it is read.
    ///
    /// # Errors
    /// Any error that is not one row's fault.
    ///
    /// # Cost
    /// That of [`Model::outputs`] for at most 1024 rows.
    pub fn next(&mut self, goes_on: bool) -> Result<Option<Batch>> {
        let rule = if goes_on { Refused::PassOver } else { Refused::End };
        let Some(chunk) = self.encoder.next_rows(ROWS, rule)? else { return Ok(None) };
        let Chunk { features, codes, lines, refused, .. } = chunk;
        let outputs = self.model.outputs(features.as_ref(), self.output, self.par)?;
        let (mut refused, mut bad) = (refused.into_iter().peekable(), outputs.bad.into_iter().peekable());
        let (mut rows, mut good) = (Vec::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
        for (row, line) in lines.iter().map(Some).chain([None]).enumerate() {
            while let Some(refused) = refused.next_if(|refused| refused.after == row) {
                rows.push(Err(refused.error.into()));
            }
            let Some(&line) = line else { break };
            rows.push(match bad.next_if(|bad| bad.row == row) {
                Some(bad) => {
                    Err(Error::RowAt { place: self.encoder.source().place(line), row: Box::new(bad) })
                }
                None => {
                    good.push(row);
                    Ok(good.len() - 1)
                }
            });
        }
        let codes = codes.map(|codes| good.iter().map(|&row| codes[row]).collect());
        Ok(Some(Batch { values: outputs.values, codes, rows }))
    }

    /// The rows that are read.
    pub fn encoder(&self) -> &RowEncoder<'_> {
        &self.encoder
    }
}
