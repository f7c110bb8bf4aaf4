//! Standardisation by the training rows.

mod known;
mod moments;

use faer::{Mat, MatRef, Par};
use hsic_rows::columns::ColumnMoments;
use hsic_rows::power_of_two;
use hsic_rows::{Block, RowBlocks, reduce_rows};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};
pub use known::KnownMoments;
pub use moments::{NARROW, fill_missing, known_means};
pub(crate) use moments::{Variation, merged_variation, variations};

/// What columns are divided by, once their means are subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scaling {
    /// Each by its own deviation.
    #[default]
    Columns,
    /// All by one, see [`Scaler::with_common_deviation`].
    Common,
}

impl Scaling {
    /// The scaler that divides so.
    #[must_use]
    pub fn apply(self, scaler: Scaler) -> Scaler {
        match self {
            Self::Columns => scaler,
            Self::Common => scaler.with_common_deviation(),
        }
    }
}

/// Mean and deviation of every column that varies over the training rows.
///
/// ```text
/// x'_ij = (x_ij − mean_j) / s_j,    s_j² = (1/n) Σ_i (x_ij − mean_j)²
/// ```
///
/// with the population deviation (division by n). A column is dropped when all its numbers are equal, or differ by rounding
/// alone: not all of them are whole, and they lie within four epsilons of the largest magnitude. All others are kept, however
/// little they vary; of those whose deviation is at most [`NARROW`] of the largest magnitude
/// [`DataWarning`](crate::DataWarning) tells, kept or dropped. The mean is the 64-bit float next to it: where numbers differ in
/// their last digits alone, standardised ones are that far off centre. Test rows are standardised by the training rows' moments,
/// never by their own.
///
/// ```
/// use faer::mat;
/// use hsic_data::Scaler;
/// let train = mat![[1.0, 7.0], [3.0, 7.0]];
/// let scaler = Scaler::fit(train.as_ref())?;
/// assert_eq!(scaler.kept(), [0]);
/// assert_eq!(scaler.transform(mat![[4.0, 0.0]].as_ref())?, mat![[2.0]]);
/// # Ok::<(), hsic_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Scaler {
    columns: usize,
    kept: Vec<usize>,
    means: Vec<f64>,
    stds: Vec<f64>,
}

/// The fields as stored; [`Scaler::from_parts`] checks them on the way in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    columns: usize,
    kept: Vec<usize>,
    means: Vec<f64>,
    stds: Vec<f64>,
}

impl TryFrom<Parts> for Scaler {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::from_parts(parts.columns, parts.kept, parts.means, parts.stds)
    }
}

impl From<Scaler> for Parts {
    fn from(scaler: Scaler) -> Self {
        Self { columns: scaler.columns, kept: scaler.kept, means: scaler.means, stds: scaler.stds }
    }
}

impl Scaler {
    /// Learns means and deviations.
    ///
    /// # Shapes
    /// `train` is n×d, rows are samples.
    ///
    /// # Errors
    /// [`Error::NonFinite`] for the first NaN or infinity, [`Error::AllConstant`] if no column varies (also
    /// for no rows or no columns), [`Error::AllRounding`] if those that do vary by rounding alone.
    ///
    /// # Cost
    /// O(nd) time, O(d) memory.
    pub fn fit(train: MatRef<'_, f64>) -> Result<Self> {
        check_finite(train, |column| column.to_string())?;
        Self::of_columns(variations(train).into_iter(), train.nrows())
    }

    /// The scaler of columns that were judged.
    fn of_columns(columns: impl ExactSizeIterator<Item = Variation>, rows: usize) -> Result<Self> {
        let mut scaler =
            Self { columns: columns.len(), kept: Vec::new(), means: Vec::new(), stds: Vec::new() };
        let mut rounding = None;
        for (column, variation) in columns.enumerate() {
            match variation {
                Variation::Varies { mean, std, .. } => {
                    scaler.kept.push(column);
                    scaler.means.push(mean);
                    scaler.stds.push(std);
                }
                Variation::Rounding { share } => rounding = Some(share.max(rounding.unwrap_or(share))),
                Variation::Constant => {}
            }
        }
        let columns = scaler.columns;
        match rounding {
            _ if !scaler.kept.is_empty() => Ok(scaler),
            Some(share) => Err(Error::AllRounding { columns, rows, share }),
            None => Err(Error::AllConstant { columns, rows }),
        }
    }

    /// Learns means and deviations of rows that come in blocks, to rounding those of [`fit`](Self::fit).
    ///
    /// # Errors
    /// [`Error::AllConstant`], [`Error::AllRounding`] if no column varies, [`Error::Rows`] for a source that cannot be read or has non-finite
    /// rows.
    ///
    /// # Cost
    /// One pass, O(d) memory.
    pub fn fit_rows(rows: &dyn RowBlocks, par: Par) -> Result<Self> {
        let mut columns = vec![ColumnMoments::empty(); rows.width()];
        let of_block = |_, block: Block| -> hsic_rows::Result<Vec<ColumnMoments>> {
            Ok(block.rows.col_iter().map(ColumnMoments::of).collect())
        };
        reduce_rows(rows, par, of_block, |part| {
            columns.iter_mut().zip(&part).for_each(|(column, part)| column.merge(part));
        })?;
        Self::of_moments(&columns)
    }

    /// The scaler of columns whose moments are known.
    ///
    /// # Errors
    /// [`Error::AllConstant`], [`Error::AllRounding`] if no column varies.
    pub fn of_moments(columns: &[ColumnMoments]) -> Result<Self> {
        let n = columns.first().map_or(0, |column| column.count() as usize);
        let scaler = Self::of_columns(columns.iter().map(merged_variation), n)?;
        Self::from_parts(scaler.columns, scaler.kept, scaler.means, scaler.stds)
    }

    /// The same scaler with one deviation for all columns, the root of their mean variance: for columns of one unit, such
    /// as the pixels of an image, whose differences in spread mean something.
    #[must_use]
    pub fn with_common_deviation(mut self) -> Self {
        // relative to the largest, so that no square overflows
        let largest = self.stds.iter().copied().fold(0.0, f64::max);
        let mean = self.stds.iter().map(|std| (std / largest).powi(2)).sum::<f64>() / self.stds.len() as f64;
        self.stds.fill(largest * mean.sqrt());
        self
    }

    /// A scaler from stored numbers: the number of columns of the raw rows and, for every kept column, its
    /// index (ascending), mean and deviation.
    ///
    /// # Errors
    /// [`Error::Size`] for lists of different lengths or indices that do not ascend below `columns`,
    /// [`Error::NonFinite`] for a mean that is not finite or a deviation that is not positive and finite.
    pub fn from_parts(columns: usize, kept: Vec<usize>, means: Vec<f64>, stds: Vec<f64>) -> Result<Self> {
        for (what, found) in [("means of the scaler", means.len()), ("deviations of the scaler", stds.len())]
        {
            if found != kept.len() {
                return Err(Error::Size { what, found, expected: kept.len() });
            }
        }
        if kept.is_empty() {
            return Err(Error::AllConstant { columns, rows: 0 });
        }
        let ascending = kept.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || kept.last().is_some_and(|&last| last >= columns) {
            let what = "columns of the scaler (its indices must ascend and stay below)";
            return Err(Error::Size {
                what,
                found: kept.last().map_or(0, |last| last + 1),
                expected: columns,
            });
        }
        for (row, (&mean, &std)) in means.iter().zip(&stds).enumerate() {
            let column = kept[row].to_string();
            if !mean.is_finite() {
                return Err(Error::NonFinite { row: 0, column, value: mean });
            }
            if !(std.is_finite() && std > 0.0) {
                return Err(Error::NonFinite { row: 1, column, value: std });
            }
        }
        Ok(Self { columns, kept, means, stds })
    }

    /// Standardises rows and drops the constant columns.
    ///
    /// # Shapes
    /// `rows` is n×d with the d of the training rows; the result is n×(number of kept columns).
    ///
    /// # Errors
    /// [`Error::Size`] for another number of columns, [`Error::NonFinite`] for a NaN or an infinity,
    /// [`Error::Overflow`] if a result is beyond the range of a 64-bit float.
    ///
    /// # Cost
    /// O(nd) time.
    pub fn transform(&self, rows: MatRef<'_, f64>) -> Result<Mat<f64>> {
        if rows.ncols() != self.columns {
            let what = "columns of the rows to standardise";
            return Err(Error::Size { what, found: rows.ncols(), expected: self.columns });
        }
        check_finite(rows, |column| column.to_string())?;
        let mut out = Mat::zeros(rows.nrows(), self.kept.len());
        for (j, &column) in self.kept.iter().enumerate() {
            let (mean, std) = (self.means[j], self.stds[j]);
            // x − mean may overflow where the quotient does not; a power of two scales exactly
            let inverse = 1.0 / power_of_two(std);
            let (center, spread) = (mean * inverse, std * inverse);
            for row in 0..rows.nrows() {
                let value = rows[(row, column)];
                let scaled = (value * inverse - center) / spread;
                if !scaled.is_finite() {
                    return Err(Error::Overflow { row, column, value, mean, std });
                }
                out[(row, j)] = scaled;
            }
        }
        Ok(out)
    }

    /// Number of columns of the raw rows, d.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The columns that vary, ascending.
    pub fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// The columns that do not vary over the training rows, ascending.
    pub fn dropped(&self) -> Vec<usize> {
        (0..self.columns).filter(|column| self.kept.binary_search(column).is_err()).collect()
    }

    /// Means of the kept columns, in their order.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Population standard deviations of the kept columns, in their order.
    pub fn stds(&self) -> &[f64] {
        &self.stds
    }
}

/// The first NaN or infinity, in order of columns, as an error.
pub(crate) fn check_finite(matrix: MatRef<'_, f64>, column_name: impl Fn(usize) -> String) -> Result<()> {
    for column in 0..matrix.ncols() {
        for row in 0..matrix.nrows() {
            let value = matrix[(row, column)];
            if !value.is_finite() {
                return Err(Error::NonFinite { row, column: column_name(column), value });
            }
        }
    }
    Ok(())
}
