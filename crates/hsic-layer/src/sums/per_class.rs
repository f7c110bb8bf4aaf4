//! A matrix for each class that has a row.

use std::ops::Range;

use faer::{Mat, MatRef};
use hsic_kernels::rows::Block;
use hsic_kernels::{ClassSorted, Labels};

use crate::Result;

/// A matrix for each class that has a row, all of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassProducts {
    shape: (usize, usize),
    pub(super) of_class: Vec<Option<Mat<f64>>>,
}

impl ClassProducts {
    /// Of no rows.
    pub fn new(shape: (usize, usize), n_classes: usize) -> Self {
        Self { shape, of_class: vec![None; n_classes] }
    }

    /// Rows and columns of each.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Number of classes, with rows or without.
    pub fn n_classes(&self) -> usize {
        self.of_class.len()
    }

    /// That of a class; `None` where it has no row.
    pub fn of(&self, class: usize) -> Option<MatRef<'_, f64>> {
        self.of_class[class].as_ref().map(Mat::as_ref)
    }

    pub(super) fn set(&mut self, class: usize, matrix: Mat<f64>) {
        debug_assert_eq!(matrix.shape(), self.shape);
        self.of_class[class] = Some(matrix);
    }

    /// Adds those of other rows, of the same shape and classes.
    pub(super) fn merge(&mut self, other: Self) {
        for (sum, other) in self.of_class.iter_mut().zip(other.of_class) {
            match (sum.as_mut(), other) {
                (Some(sum), Some(other)) => *sum += other,
                (None, other) => *sum = other,
                (Some(_), None) => {}
            }
        }
    }

    /// Σ_b G\[a,b\]·this_b for every class a, whose rows need not be here.
    pub(crate) fn weighted(&self, blocks: MatRef<'_, f64>) -> Self {
        let of_class = |a: usize| {
            let mut terms = self.of_class.iter().enumerate().filter_map(|(b, of_b)| {
                let scale = faer::Scale(blocks[(a, b)]);
                of_b.as_ref().map(|of_b| of_b * scale)
            });
            let mut sum = terms.next()?;
            terms.for_each(|term| sum += term);
            Some(sum)
        };
        Self { shape: self.shape, of_class: (0..self.n_classes()).map(of_class).collect() }
    }
}

/// The rows of a block with those of a class next to each other, and their codes.
pub(super) fn in_class_order(block: Block, n_classes: usize) -> Result<(Labels, Mat<f64>)> {
    let labels = Labels::with_classes(block.codes, n_classes)?;
    let sorted = ClassSorted::new(block.rows.as_ref(), &labels)?;
    let rows = sorted.rows(block.rows.as_ref()).to_owned();
    Ok((sorted.labels().clone(), rows))
}

/// The classes that have rows, with their places in class order.
pub(super) fn class_ranges(labels: &Labels) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut start = 0;
    labels.counts().iter().enumerate().filter(|&(_, &count)| count > 0).map(move |(class, &count)| {
        start += count;
        (class, start - count..start)
    })
}
