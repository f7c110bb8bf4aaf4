//! What all rows of a table say once their columns are typed, mergeable over parts of the table.

use serde::{Deserialize, Serialize};

use super::{InferOptions, MissingCells, RowEncoder, Schema, check_training, of_training};
use crate::scaler::KnownMoments;
use crate::{Error, Result};

/// Rows held at a time.
const ROWS: usize = hsic_rows::BLOCK_ROWS;

/// Rows of every class, missing cells and the moments of the known ones, of a table or of some of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Rows of every class.
    pub counts: Vec<usize>,
    /// What is missing.
    pub missing: MissingCells,
    /// The moments of the encoded columns.
    pub moments: KnownMoments,
}

impl Known {
    /// Of no rows.
    pub fn new(schema: &Schema) -> Self {
        let counts = vec![0; schema.classes().len()];
        Self {
            counts,
            missing: MissingCells::default(),
            moments: KnownMoments::empty(schema.encoded_width()),
        }
    }

    /// Of all rows of an encoder that keeps those with missing cells.
    ///
    /// # Errors
    /// As [`RowEncoder::next_chunk`].
    ///
    /// # Cost
    /// One pass; a block of rows is held.
    pub fn of(schema: &Schema, encoder: &mut RowEncoder<'_>) -> Result<Self> {
        let mut all = Self::new(schema);
        while let Some(chunk) = encoder.next_chunk(ROWS).map_err(of_training)? {
            chunk.codes.iter().flatten().for_each(|&code| all.counts[code] += 1);
            all.missing.merge(MissingCells::of(schema, &chunk.features));
            all.moments.merge(&KnownMoments::of_rows(chunk.features.as_ref()));
        }
        Ok(all)
    }

    /// Adds that of other rows.
    ///
    /// # Errors
    /// [`Error::Size`] for one of other columns or classes.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        let sizes = [
            ("classes", other.counts.len(), self.counts.len()),
            ("columns", other.moments.columns().len(), self.moments.columns().len()),
        ];
        for (what, found, expected) in sizes {
            if found != expected {
                return Err(Error::Size { what, found, expected });
            }
        }
        self.counts.iter_mut().zip(other.counts).for_each(|(sum, rows)| *sum += rows);
        self.missing.merge(other.missing);
        self.moments.merge(&other.moments);
        Ok(())
    }

    /// Refuses rows that nothing can be learnt from, in the words of a table that is read at once; `file` stands for it.
    ///
    /// # Errors
    /// [`Error::Columns`] for missing cells where they are refused, and where there are not two classes.
    pub fn check(&self, file: &str, schema: &Schema, infer: &InferOptions) -> Result<()> {
        let mut missing = self.missing.clone();
        // whichever part was first
        missing.sort(schema);
        check_training(file, schema, &self.counts, &missing, 0, infer)
    }
}
