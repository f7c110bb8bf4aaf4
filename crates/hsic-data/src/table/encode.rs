//! Rows of a table as numbers, by a schema.

use faer::Mat;
use serde::{Deserialize, Serialize};

use super::codec::{Codec, Encoded};
use super::{ExtraRule, Feature, Schema, Source};
use crate::warning::Rounding;
use crate::{DataWarning, Error, Result};

/// What becomes of a row that misses a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MissingRule {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out.
    Drop,
    /// It stays, with NaN for the cell (in all columns of its categories).
    Keep,
}

/// What becomes of a text that is none of the known categories or levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownRule {
    /// It is an error.
    #[default]
    Refuse,
    /// A category: none of those known, zeros. A level: a missing value.
    Ignore,
}

/// How rows are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EncodeOptions {
    /// Missing cells.
    pub missing: MissingRule,
    /// Unknown categories and levels.
    pub unknown: UnknownRule,
    /// Unknown columns.
    pub extra: ExtraRule,
    /// The label column.
    pub label: LabelRule,
}

/// What becomes of the label column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelRule {
    /// It must be there, with a known class in every row.
    #[default]
    Read,
    /// It is passed over where it is there.
    Ignore,
}

/// Some rows as numbers.
#[derive(Debug)]
pub struct Chunk {
    /// The encoded features, a row a row; NaN stands for a missing value under [`MissingRule::Keep`].
    pub features: Mat<f64>,
    /// The class codes; `None` for a table without a label column.
    pub codes: Option<Vec<usize>>,
    /// Line (of an array: row), from 1, of every row.
    pub lines: Vec<usize>,
    /// The rows among them that cannot be encoded, in order.
    pub refused: Vec<RefusedRow>,
}

/// A row that cannot be encoded.
#[derive(Debug)]
pub struct RefusedRow {
    /// The encoded rows of the chunk before it.
    pub after: usize,
    /// What is wrong with it, and where it is.
    pub error: Error,
}

/// Whether a chunk ends at a row that cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It does, and the row is its last: what follows is not read.
    End,
    /// It goes on.
    PassOver,
}

/// Encodes the rows of a source, chunk by chunk.
pub struct RowEncoder<'s> {
    codec: Codec,
    source: Source<'s>,
    dropped: usize,
    /// Numbers that were rounded, of every feature.
    rounding: Vec<Rounding>,
}

impl<'s> RowEncoder<'s> {
    /// An encoder of rows by a schema. Columns are found by their names, in any order.
    ///
    /// # Errors
    /// [`Error::Columns`] for columns that are not there, or that the schema does not know.
    pub fn new(schema: &Schema, mut source: Source<'s>, options: EncodeOptions) -> Result<Self> {
        let codec = Codec::new(schema, &source, options)?;
        source.copy_numbers(codec.numbers());
        let rounding = codec.start().rounding;
        Ok(Self { codec, source, dropped: 0, rounding })
    }

    /// The name of the file, as in messages.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// What was odd about the rows so far: numbers that were rounded.
    pub fn warnings(&self) -> Vec<DataWarning> {
        rounded(self.codec.schema(), &self.rounding)
    }

    /// The rows that are encoded.
    pub fn source(&self) -> &Source<'s> {
        &self.source
    }

    /// Rows left out so far.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Up to `most` rows, `None` after the last.
    ///
    /// # Errors
    /// [`Error::Cell`] for what cannot be encoded, any error of the source.
    ///
    /// # Cost
    /// Memory for the rows of the chunk.
    pub fn next_chunk(&mut self, most: usize) -> Result<Option<Chunk>> {
        let mut chunk = self.next_rows(most, Refused::End)?;
        match chunk.as_mut().and_then(|chunk| chunk.refused.pop()) {
            Some(refused) => Err(refused.error),
            None => Ok(chunk),
        }
    }

    /// Up to `most` rows, and what is wrong with those among them that cannot be encoded; `None` after the last.
    ///
    /// # Errors
    /// Any error of the source that is not one row's.
    ///
    /// # Cost
    /// Memory for the rows of the chunk.
    pub fn next_rows(&mut self, most: usize, rule: Refused) -> Result<Option<Chunk>> {
        let mut encoded = Encoded { rounding: std::mem::take(&mut self.rounding), ..Encoded::default() };
        let mut refused = Vec::new();
        let read = self.fill(&mut encoded, &mut refused, most, rule);
        self.rounding = std::mem::take(&mut encoded.rounding);
        self.dropped += encoded.dropped;
        read?;
        if encoded.len() == 0 && refused.is_empty() {
            return Ok(None);
        }
        let features = encoded.features(self.codec.schema().encoded_width());
        let codes = self.codec.is_labelled().then_some(encoded.codes);
        Ok(Some(Chunk { features, codes, lines: encoded.lines, refused }))
    }

    fn fill(
        &mut self,
        encoded: &mut Encoded,
        refused: &mut Vec<RefusedRow>,
        most: usize,
        rule: Refused,
    ) -> Result<()> {
        while encoded.len() + refused.len() < most {
            let pushed = match self.source.next_row() {
                Ok(None) => break,
                Ok(Some(row)) => self.codec.push(&row, encoded),
                Err(error) => Err(error),
            };
            match pushed {
                Ok(()) => {}
                Err(error @ (Error::Cell { .. } | Error::RaggedRow { .. } | Error::ZeroByte { .. })) => {
                    refused.push(RefusedRow { after: encoded.len(), error });
                    if rule == Refused::End {
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What is to be said of numbers that were rounded and categories that were passed over, of every feature.
pub(crate) fn rounded(schema: &Schema, rounding: &[Rounding]) -> Vec<DataWarning> {
    let features = schema.features().iter();
    let of = |(seen, feature): (&Rounding, &Feature)| {
        seen.warning(&feature.name).or_else(|| seen.nothing_known(&feature.name))
    };
    rounding.iter().zip(features).filter_map(of).collect()
}
