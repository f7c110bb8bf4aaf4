//! Rows prepared for distance tiles.

use faer::MatRef;

use super::aligned::Aligned;
use crate::simd::SimdPath;
use crate::{Error, Real, Result};

/// Up to this many features a distance is the sum of squared differences; above, it comes from products.
const DIRECT_FEATURES: usize = 12;

/// Rows of a matrix, checked and prepared once for any number of walks.
///
/// They are packed in panels of two registers of rows, feature by feature, as the micro-kernel reads them. Where distances
/// come from products the rows are shifted to mean 0 first, which leaves the distances and shrinks the norms.
#[derive(Debug, Clone)]
pub struct Points<'a, T: Real> {
    original: MatRef<'a, T>,
    panels: Aligned<T>,
    norms: Option<Norms<T>>,
    /// What was taken from every row; empty for nothing.
    shift: Vec<T>,
    path: SimdPath,
}

/// Half the squared norms of the packed rows.
#[derive(Debug, Clone)]
pub(super) struct Norms<T> {
    /// Of every row, and 0 for the rows that fill the last panel up.
    pub(super) half: Vec<T>,
    /// The largest of every panel.
    pub(super) top: Vec<T>,
}

impl<'a, T: Real> Points<'a, T> {
    /// Prepares the rows of `x` (n×d).
    ///
    /// # Errors
    /// [`Error::NonFinite`] with the first NaN or infinity, [`Error::TooFewRows`] for no rows.
    ///
    /// # Cost
    /// Time and memory O(n·d).
    pub fn new(x: MatRef<'a, T>) -> Result<Self> {
        Self::named(x, "x")
    }

    /// As [`Points::new`], with the name an error message gives the matrix.
    pub(crate) fn named(x: MatRef<'a, T>, name: &'static str) -> Result<Self> {
        check_finite(x, name)?;
        if x.nrows() == 0 {
            return Err(Error::TooFewRows { operation: "a pairwise computation", needed: 1, got: 0 });
        }
        Ok(Self::on_path(x, SimdPath::detect()))
    }

    /// Checked rows, prepared for a path.
    pub(crate) fn on_path(x: MatRef<'a, T>, path: SimdPath) -> Self {
        if x.ncols() > DIRECT_FEATURES {
            let points = Self::packed(x, column_means(x), path);
            if points.norms.is_some() {
                return points;
            }
        }
        Self::packed(x, Vec::new(), path)
    }

    /// Rows to be compared with these: the same number of features, shifted alike.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of features, else as [`Points::new`].
    pub fn against<'b>(&self, x_new: MatRef<'b, T>, operation: &'static str) -> Result<Points<'b, T>> {
        if x_new.ncols() != self.d() {
            return Err(Error::Shape {
                operation,
                left_name: "the new rows",
                left: (x_new.nrows(), x_new.ncols()),
                right_name: "the stored rows",
                right: (self.n(), self.d()),
            });
        }
        check_finite(x_new, "x_new")?;
        Ok(Points::packed(x_new, self.shift.clone(), self.path))
    }

    fn packed(x: MatRef<'a, T>, shift: Vec<T>, path: SimdPath) -> Self {
        let (n, d) = x.shape();
        let height = path.panel_rows::<T>();
        let count = n.div_ceil(height);
        let mut panels = Aligned::zeros(count * height * d);
        let mut half = vec![T::ZERO; count * height];
        if d > 0 {
            let halves = half.chunks_exact_mut(height);
            let packed = panels.as_mut_slice().chunks_exact_mut(height * d);
            for (index, (panel, half)) in packed.zip(halves).enumerate() {
                let rows = x.subrows(index * height, height.min(n - index * height));
                for (k, packed) in panel.chunks_exact_mut(height).enumerate() {
                    let mean = shift.get(k).copied().unwrap_or(T::ZERO);
                    for ((packed, half), &value) in packed.iter_mut().zip(&mut *half).zip(rows.col(k).iter())
                    {
                        *packed = value - mean;
                        *half += *packed * *packed;
                    }
                }
            }
        }
        let share = T::of(0.5);
        half.iter_mut().for_each(|half| *half *= share);
        // beyond this the product form could be ∞ − ∞
        let limit = T::MAX.as_f64() / 32.0;
        let products = !shift.is_empty() && half.iter().all(|half| half.as_f64() < limit);
        let norms = products.then(|| {
            let largest = |panel: &[T]| {
                panel.iter().copied().fold(T::ZERO, |top, half| if half > top { half } else { top })
            };
            Norms { top: half.chunks_exact(height).map(largest).collect(), half }
        });
        Self { original: x, panels, norms, shift, path }
    }

    /// Number of rows, n.
    pub fn n(&self) -> usize {
        self.original.nrows()
    }

    /// Number of features, d.
    pub fn d(&self) -> usize {
        self.original.ncols()
    }

    /// ‖xᵢ − xⱼ‖².
    pub(crate) fn squared_distance(&self, i: usize, j: usize) -> f64 {
        let pairs = self.original.row(i).iter().zip(self.original.row(j).iter());
        pairs.map(|(a, b)| (a.as_f64() - b.as_f64()).powi(2)).sum()
    }

    /// The path the rows are packed for.
    pub(crate) fn path(&self) -> SimdPath {
        self.path
    }

    /// The panels, one after the other: d × [`SimdPath::panel_rows`] each, rows of a feature adjacent.
    pub(crate) fn panels(&self) -> &[T] {
        self.panels.as_slice()
    }

    /// Where the first feature of row i lies in the panels; the others follow [`SimdPath::panel_rows`] apart.
    pub(crate) fn place(&self, i: usize) -> usize {
        let height = self.path.panel_rows::<T>();
        i / height * self.d() * height + i % height
    }

    /// Norms, where distances come from products.
    pub(super) fn norms(&self) -> Option<&Norms<T>> {
        self.norms.as_ref()
    }
}

/// Refuses the first NaN or infinity of a matrix, named by row and column.
///
/// # Errors
/// [`Error::NonFinite`].
pub fn check_finite<T: Real>(x: MatRef<'_, T>, name: &'static str) -> Result<()> {
    let sum_is_finite = |column: usize| {
        // 0·x is 0 for finite x, else NaN; a sum needs no branch an entry
        (0..x.nrows()).fold(T::ZERO, |sum, row| sum + x[(row, column)] * T::ZERO) == T::ZERO
    };
    let mut first: Option<(usize, usize)> = None;
    for column in (0..x.ncols()).filter(|&column| !sum_is_finite(column)) {
        let row = (0..x.nrows()).find(|&row| !x[(row, column)].finite());
        first = match (first, row) {
            (Some(first), Some(row)) if first <= (row, column) => Some(first),
            (_, Some(row)) => Some((row, column)),
            (first, None) => first,
        };
    }
    match first {
        None => Ok(()),
        Some((row, column)) => Err(Error::NonFinite { name, row, column, value: x[(row, column)].as_f64() }),
    }
}

fn column_means<T: Real>(x: MatRef<'_, T>) -> Vec<T> {
    // divided before summing: the sum of large numbers could overflow
    let share = 1.0 / x.nrows() as f64;
    (0..x.ncols()).map(|k| T::of((0..x.nrows()).map(|i| x[(i, k)].as_f64() * share).sum())).collect()
}
