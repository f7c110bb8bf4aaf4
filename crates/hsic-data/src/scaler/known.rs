//! Means and moments of columns with missing cells, of rows that come in blocks.

use faer::{Col, ColRef, MatRef, Par};
use hsic_rows::columns::ColumnMoments;
use hsic_rows::{Block, RowBlocks, reduce_blocks};
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct KnownMoments {
    rows: usize,
    columns: Vec<ColumnMoments>,
}

/// The numbers of every column, as stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    rows: usize,
    columns: Vec<[f64; 8]>,
}

impl From<KnownMoments> for Parts {
    fn from(known: KnownMoments) -> Self {
        Self { rows: known.rows, columns: known.columns.iter().map(ColumnMoments::to_numbers).collect() }
    }
}

impl TryFrom<Parts> for KnownMoments {
    type Error = String;

    fn try_from(Parts { rows, columns }: Parts) -> std::result::Result<Self, String> {
        let column = |(j, numbers): (usize, [f64; 8])| {
            let known = ColumnMoments::from_numbers(numbers).filter(|column| column.count() <= rows as f64);
            known.ok_or_else(|| format!("the moments of column {j} are those of no {rows} numbers"))
        };
        Ok(Self {
            rows,
            columns: columns.into_iter().enumerate().map(column).collect::<std::result::Result<_, _>>()?,
        })
    }
}

impl KnownMoments {
    /// Of no rows of this many columns.
    pub fn empty(width: usize) -> Self {
        Self { rows: 0, columns: vec![ColumnMoments::empty(); width] }
    }

    /// Of some rows.
    pub fn of_rows(rows: MatRef<'_, f64>) -> Self {
        Self { rows: rows.nrows(), columns: rows.col_iter().map(known).collect() }
    }

    /// Adds those of other rows of the same columns.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.columns.iter_mut().zip(&other.columns).for_each(|(column, part)| column.merge(part));
    }

    /// Of the rows of a source.
    ///
    /// # Errors
    /// [`Error::Rows`](crate::Error::Rows) for a source that cannot be read.
    ///
    /// # Cost
    /// One pass, O(d) memory.
    pub fn of(rows: &dyn RowBlocks, par: Par) -> Result<Self> {
        let mut all = Self::empty(rows.width());
        let of_block =
            |_, block: Block| -> hsic_rows::Result<Self> { Ok(Self::of_rows(block.rows.as_ref())) };
        reduce_blocks(rows, par, of_block, |part| all.merge(&part))?;
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
