//! Rows brought into order of class, and back.

use faer::{Mat, MatRef};

use crate::{Labels, Real, Result};

/// Labelled rows in order of class: Γ is constant on blocks of them. Nothing is copied where they already are.
#[derive(Debug, Clone)]
pub struct ClassSorted<T> {
    sorted: Option<(Vec<usize>, Mat<T>)>,
    labels: Labels,
}

impl<T: Real> ClassSorted<T> {
    /// Sorts the rows of `x` (n×d) by class.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] where `labels` has another number of rows.
    ///
    /// # Cost
    /// O(n·d) unless the rows are sorted.
    pub fn new(x: MatRef<'_, T>, labels: &Labels) -> Result<Self> {
        labels.check_rows("class order", x.shape())?;
        if labels.is_class_sorted() {
            return Ok(Self { sorted: None, labels: labels.clone() });
        }
        let order = labels.class_sorted_order();
        let rows = Mat::from_fn(x.nrows(), x.ncols(), |i, k| x[(order[i], k)]);
        Ok(Self { labels: labels.select(&order)?, sorted: Some((order, rows)) })
    }

    /// The sorted rows; `original` is the matrix this was made of.
    pub fn rows<'a>(&'a self, original: MatRef<'a, T>) -> MatRef<'a, T> {
        self.sorted.as_ref().map_or(original, |(_, rows)| rows.as_ref())
    }

    /// The labels in the same order.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Rows in class order back into the original order.
    pub fn restore(&self, rows: Mat<T>) -> Mat<T> {
        let Some((order, _)) = &self.sorted else { return rows };
        let mut restored = Mat::zeros(rows.nrows(), rows.ncols());
        for (i, &row) in order.iter().enumerate() {
            restored.row_mut(row).copy_from(rows.row(i));
        }
        restored
    }
}
