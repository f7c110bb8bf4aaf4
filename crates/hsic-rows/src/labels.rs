//! Class labels: codes, counts and the class-sorted order.

use crate::{Error, Result};

/// The classes of `n` samples as codes `0..n_classes`.
///
/// A class may have no row (a training fold can lose one), so the number of classes is part of the value.
///
/// ```
/// use hsic_rows::Labels;
/// let labels = Labels::new(vec![1, 0, 1])?;
/// assert_eq!(labels.n_classes(), 2);
/// assert_eq!(labels.counts(), [1, 2]);
/// assert_eq!(labels.class_sorted_order(), [1, 0, 2]);
/// # Ok::<(), hsic_rows::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    codes: Vec<usize>,
    counts: Vec<usize>,
}

impl Labels {
    /// Labels whose number of classes is the largest code plus one.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for no rows at all.
    pub fn new(codes: Vec<usize>) -> Result<Self> {
        let n_classes = codes.iter().max().map_or(0, |&code| code + 1);
        Self::with_classes(codes, n_classes)
    }

    /// Labels with a given number of classes.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for no rows, [`Error::ClassCode`] for a code that is not below `n_classes`.
    pub fn with_classes(codes: Vec<usize>, n_classes: usize) -> Result<Self> {
        if codes.is_empty() {
            return Err(Error::TooFewRows { operation: "labels", needed: 1, got: 0 });
        }
        if let Some((row, &code)) = codes.iter().enumerate().find(|&(_, &code)| code >= n_classes) {
            return Err(Error::ClassCode { code, row, n_classes });
        }
        let mut counts = vec![0; n_classes];
        for &code in &codes {
            counts[code] += 1;
        }
        Ok(Self { codes, counts })
    }

    /// Number of samples, n.
    #[expect(clippy::len_without_is_empty, reason = "labels are never empty")]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Number of classes, c.
    pub fn n_classes(&self) -> usize {
        self.counts.len()
    }

    /// The class code of every sample.
    pub fn codes(&self) -> &[usize] {
        &self.codes
    }

    /// Number of samples of each class.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Number of classes that have a sample.
    pub fn n_present(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// The samples in order of class, the order within a class kept: `n` row indices.
    pub fn class_sorted_order(&self) -> Vec<usize> {
        let mut next: Vec<usize> = self
            .counts
            .iter()
            .scan(0, |start, &count| {
                let here = *start;
                *start += count;
                Some(here)
            })
            .collect();
        let mut order = vec![0; self.len()];
        for (row, &code) in self.codes.iter().enumerate() {
            order[next[code]] = row;
            next[code] += 1;
        }
        order
    }

    /// Whether the samples already stand in order of class.
    pub fn is_class_sorted(&self) -> bool {
        self.codes.is_sorted()
    }

    /// Refuses labels that do not belong to the rows of `x`.
    ///
    /// # Errors
    /// [`Error::Shape`] in the name of `operation`.
    pub fn check_rows(&self, operation: &'static str, x_shape: (usize, usize)) -> Result<()> {
        if x_shape.0 == self.len() {
            return Ok(());
        }
        let right = (self.len(), 1);
        Err(Error::Shape { operation, left_name: "x", left: x_shape, right_name: "the labels", right })
    }

    /// The labels of some rows, in the order given; the number of classes stays.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] for an empty selection.
    ///
    /// # Panics
    /// If an index is not below [`Labels::len`].
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        Self::with_classes(rows.iter().map(|&row| self.codes[row]).collect(), self.n_classes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_order_follow_the_codes() {
        let labels = Labels::with_classes(vec![2, 0, 2, 0, 3], 5).unwrap();
        assert_eq!(labels.counts(), [2, 0, 2, 1, 0]);
        assert_eq!(labels.n_present(), 3);
        assert_eq!(labels.class_sorted_order(), [1, 3, 0, 2, 4]);
        assert!(!labels.is_class_sorted());
        let sorted = labels.select(&labels.class_sorted_order()).unwrap();
        assert!(sorted.is_class_sorted());
        assert_eq!(sorted.n_classes(), 5);
    }

    #[test]
    fn bad_codes_are_named() {
        let error = Labels::with_classes(vec![0, 3], 2).unwrap_err();
        assert_eq!(error.to_string(), "class code 3 of row 1 is not below the number of classes, 2");
        assert_eq!(Labels::new(vec![]).unwrap_err().to_string(), "labels needs at least 1 rows, got 0");
    }
}
