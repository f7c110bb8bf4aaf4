//! Means and moments of columns with missing cells, of rows that come in blocks.

use faer::{Col, ColRef, Par};
use hsic_rows::columns::ColumnMoments;
use hsic_rows::{Block, RowBlocks, reduce_blocks};

use crate::Result;

/// The moments of the known cells of every column of rows in blocks, where NaN stands for a missing one.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_data::{Scaler, scaler::KnownMoments};
/// use hsic_rows::{Labels, MatrixRows};
/// let (x, labels) = (mat![[1.0], [f64::NAN], [5.0]], Labels::new(vec![0, 1, 0])?);
/// let known = KnownMoments::of(&MatrixRows::new(x.as_ref(), &labels)?, Par::Seq)?;
/// assert_eq!(known.means(), [3.0]);
/// let scaler = Scaler::of_moments(&known.filled(&known.means()))?;
/// assert_eq!(scaler.stds()[0], (8.0f64 / 3.0).sqrt());
/// # Ok::<(), hsic_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KnownMoments {
    rows: usize,
    columns: Vec<ColumnMoments>,
}

impl KnownMoments {
    /// Of the rows of a source.
    ///
    /// # Errors
    /// [`Error::Rows`](crate::Error::Rows) for a source that cannot be read.
    ///
    /// # Cost
    /// One pass, O(d) memory.
    pub fn of(rows: &dyn RowBlocks, par: Par) -> Result<Self> {
        let mut all = Self { rows: 0, columns: vec![ColumnMoments::empty(); rows.width()] };
        let of_block = |_, block: Block| -> hsic_rows::Result<Self> {
            let columns = block.rows.col_iter().map(known).collect();
            Ok(Self { rows: block.codes.len(), columns })
        };
        reduce_blocks(rows, par, of_block, |part| {
            all.rows += part.rows;
            all.columns.iter_mut().zip(&part.columns).for_each(|(column, part)| column.merge(part));
        })?;
        Ok(all)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The moments of the known cells.
    pub fn columns(&self) -> &[ColumnMoments] {
        &self.columns
    }

    /// Missing cells of all columns.
    pub fn missing(&self) -> usize {
        self.columns.iter().map(|column| self.rows - column.count() as usize).sum()
    }

    /// The mean of the known cells of every column, to rounding that of [`known_means`](super::known_means): within their range, 0
    /// where none is known.
    pub fn means(&self) -> Vec<f64> {
        let mean = |column: &ColumnMoments| {
            let range = column.range();
            if range.lowest <= range.highest { column.mean().clamp(range.lowest, range.highest) } else { 0.0 }
        };
        self.columns.iter().map(mean).collect()
    }

    /// The moments of the columns with these values in place of missing cells.
    ///
    /// # Panics
    /// If there are fewer values than columns.
    pub fn filled(&self, values: &[f64]) -> Vec<ColumnMoments> {
        let fill = |(j, column): (usize, &ColumnMoments)| {
            let mut filled = *column;
            filled.merge(&ColumnMoments::repeated(values[j], self.rows - column.count() as usize));
            filled
        };
        self.columns.iter().enumerate().map(fill).collect()
    }
}

/// The moments of the known cells of a block's column.
fn known(column: ColRef<'_, f64>) -> ColumnMoments {
    if !column.iter().any(|value| value.is_nan()) {
        return ColumnMoments::of(column);
    }
    let known: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    ColumnMoments::of(Col::from_fn(known.len(), |i| known[i]).as_ref())
}
