//! From encoded rows to what the network sees.

use faer::{Mat, MatRef, Par};
use hsic_data::Scaler;
use hsic_data::rows::Standardised;
use hsic_data::scaler::{KnownMoments, fill_missing, known_means};
use hsic_data::table::Schema;
use hsic_rows::RowBlocks;
use serde::{Deserialize, Serialize};

use crate::error::FileProblem;
use crate::{Error, Result};

/// Everything between a row of a table and the network: what the columns mean, what stands for a missing cell, and the
/// moments they are standardised by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    schema: Schema,
    /// What stands for a missing cell, an encoded column each; `None` where a missing cell is refused.
    fill: Option<Vec<f64>>,
    scaler: Scaler,
}

impl Preprocessing {
    /// Learns from encoded training rows, where NaN stands for a missing cell. With `fill`, missing cells become the mean of
    /// their column's known training cells, of a category the categories' shares; after standardisation that is 0, which
    /// says nothing either way.
    ///
    /// # Shapes
    /// `train` n×[`Schema::encoded_width`].
    ///
    /// # Errors
    /// [`Error::Data`] for NaN without `fill`, infinities, and where no column varies; [`Error::Width`].
    pub fn fit(schema: Schema, train: MatRef<'_, f64>, fill: bool) -> Result<Self> {
        check_width(&schema, train)?;
        let fill = fill.then(|| known_means(train));
        let scaler = match &fill {
            Some(fill) => Scaler::fit(filled(train, fill).as_ref())?,
            None => Scaler::fit(train)?,
        };
        Ok(Self { schema, fill, scaler })
    }

    /// Learns from encoded training rows that come in blocks, to rounding what [`fit`](Self::fit) learns from them.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and [`Error::Data`] for a source that cannot be read.
    ///
    /// # Cost
    /// One pass, O(d) memory.
    pub fn fit_rows(schema: Schema, train: &dyn RowBlocks, fill: bool, par: Par) -> Result<Self> {
        let (expected, got) = (schema.encoded_width(), train.width());
        if got != expected {
            return Err(Error::Width { expected, got });
        }
        if !fill {
            return Ok(Self { schema, fill: None, scaler: Scaler::fit_rows(train, par)? });
        }
        Self::of_moments(schema, &KnownMoments::of(train, par)?, fill)
    }

    /// What [`fit_rows`](Self::fit_rows) learns from rows whose moments are known.
    ///
    /// # Errors
    /// [`Error::Data`] where no column varies.
    pub fn of_moments(schema: Schema, known: &KnownMoments, fill: bool) -> Result<Self> {
        let means = known.means();
        let scaler = Scaler::of_moments(&known.filled(&means))?;
        Ok(Self { schema, fill: fill.then_some(means), scaler })
    }

    /// Encoded rows that come in blocks, filled and standardised on the way.
    ///
    /// # Errors
    /// [`Error::Width`].
    pub fn rows<'a>(&'a self, rows: &'a dyn RowBlocks) -> Result<Standardised<'a>> {
        let (expected, got) = (self.schema.encoded_width(), rows.width());
        if got != expected {
            return Err(Error::Width { expected, got });
        }
        Ok(Standardised::new(rows, &self.scaler)?.filled(self.fill())?.named(self.schema.encoded_names()))
    }

    /// Fills and standardises encoded rows; constant columns are gone.
    ///
    /// # Errors
    /// [`Error::Width`], [`Error::Data`] for NaN where missing cells are refused, infinities and overflow.
    pub fn transform(&self, rows: MatRef<'_, f64>) -> Result<Mat<f64>> {
        check_width(&self.schema, rows)?;
        Ok(match &self.fill {
            Some(fill) => self.scaler.transform(filled(rows, fill).as_ref())?,
            None => self.scaler.transform(rows)?,
        })
    }

    /// What the columns mean.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What stands for a missing cell, an encoded column each; `None` where a missing cell is refused.
    pub fn fill(&self) -> Option<&[f64]> {
        self.fill.as_deref()
    }

    /// The moments of the training rows.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// What a file may have got wrong.
    pub(crate) fn check(&self) -> std::result::Result<(), FileProblem> {
        let width = self.schema.encoded_width();
        let size = |what, found, expected| {
            if found == expected { Ok(()) } else { Err(FileProblem::Size { what, found, expected }) }
        };
        size("the number of columns of the scaler", self.scaler.columns(), width)?;
        let Some(fill) = &self.fill else { return Ok(()) };
        size("the number of fill values", fill.len(), width)?;
        match fill.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            Some((column, &value)) => Err(FileProblem::Fill { column, value }),
            None => Ok(()),
        }
    }
}

fn check_width(schema: &Schema, rows: MatRef<'_, f64>) -> Result<()> {
    let (expected, got) = (schema.encoded_width(), rows.ncols());
    if got == expected { Ok(()) } else { Err(Error::Width { expected, got }) }
}

fn filled(rows: MatRef<'_, f64>, fill: &[f64]) -> Mat<f64> {
    let mut filled = rows.to_owned();
    fill_missing(filled.as_mut(), fill);
    filled
}
