//! Rows standardised on the way.

use hsic_rows::{Block, Blocks, Deferred, RowBlocks};

use super::in_pass;
use crate::{Error, Result, Scaler};

/// Rows of a source as a [`Scaler`] standardises them.
#[derive(Clone, Copy)]
pub struct Standardised<'a> {
    rows: &'a dyn RowBlocks,
    scaler: &'a Scaler,
}

impl<'a> Standardised<'a> {
    /// The rows of a source, standardised.
    ///
    /// # Errors
    /// [`Error::Size`] for a scaler of another number of columns.
    pub fn new(rows: &'a dyn RowBlocks, scaler: &'a Scaler) -> Result<Self> {
        let (found, expected) = (rows.width(), scaler.columns());
        if found != expected {
            return Err(Error::Size { what: "columns of the rows to standardise", found, expected });
        }
        Ok(Self { rows, scaler })
    }
}

impl RowBlocks for Standardised<'_> {
    fn width(&self) -> usize {
        self.scaler.kept().len()
    }

    fn n_classes(&self) -> usize {
        self.rows.n_classes()
    }

    fn blocks(&self) -> hsic_rows::Result<Blocks<'_>> {
        let scaler = self.scaler;
        Ok(Box::new(self.rows.blocks()?.map(move |deferred| {
            let deferred = deferred?;
            let standardised: Deferred<'_> = Box::new(move || {
                let Block { rows, codes } = deferred()?;
                Ok(Block { rows: scaler.transform(rows.as_ref()).map_err(in_pass)?, codes })
            });
            Ok(standardised)
        })))
    }
}
