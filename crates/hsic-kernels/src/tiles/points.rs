//! Rows prepared for distance tiles.

use faer::{Mat, MatRef};

use crate::{Error, Real, Result};

/// Up to this many features a distance is the sum of squared differences; above, it comes from a matrix product.
const DIRECT_FEATURES: usize = 12;

/// Rows of a matrix, checked and prepared once for any number of walks.
#[derive(Debug, Clone)]
pub struct Points<'a, T: Real> {
    /// The rows as given.
    original: MatRef<'a, T>,
    /// Copy with contiguous columns, shifted by `shift` where products are used.
    packed: Mat<T>,
    /// Squared norms of the packed rows; empty where differences are used.
    norms: Vec<T>,
    shift: Vec<T>,
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
        let shift = if x.ncols() > DIRECT_FEATURES { column_means(x) } else { Vec::new() };
        Ok(Self::shifted(x, shift))
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
        let shift = if self.norms.is_empty() { Vec::new() } else { self.shift.clone() };
        Ok(Points::shifted(x_new, shift))
    }

    fn shifted(x: MatRef<'a, T>, shift: Vec<T>) -> Self {
        let (n, d) = (x.nrows(), x.ncols());
        if !shift.is_empty() {
            let packed = Mat::from_fn(n, d, |i, k| x[(i, k)] - shift[k]);
            let mut norms = vec![T::ZERO; n];
            for column in packed.col_iter() {
                for (norm, &value) in norms.iter_mut().zip(column.iter()) {
                    *norm += value * value;
                }
            }
            // beyond this the product form could be ∞ − ∞
            let limit = T::MAX.as_f64() / 16.0;
            if norms.iter().all(|norm| norm.as_f64() < limit) {
                return Self { original: x, packed, norms, shift };
            }
        }
        Self { original: x, packed: x.to_owned(), norms: Vec::new(), shift: Vec::new() }
    }

    /// Number of rows, n.
    pub fn n(&self) -> usize {
        self.original.nrows()
    }

    /// Number of features, d.
    pub fn d(&self) -> usize {
        self.original.ncols()
    }

    pub(super) fn packed(&self) -> MatRef<'_, T> {
        self.packed.as_ref()
    }

    /// Squared norms where distances come from products.
    pub(super) fn norms(&self) -> Option<&[T]> {
        (!self.norms.is_empty()).then_some(&self.norms)
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
