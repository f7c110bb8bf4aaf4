//! Stratified k-fold cross-validation.

use hsic_rows::Labels;
use hsic_rows::random::stream;
use rand::seq::SliceRandom;

use crate::{Dataset, Error, Result};

/// The component of the seed's streams that folds are drawn from.
pub const COMPONENT: u32 = 2;

/// One split of the rows: indices ascend, every row is in exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to test on.
    pub test: Vec<usize>,
}

/// Folds in which every class has its share.
///
/// The rows of each class are shuffled and dealt to the folds in turn, each class going on where the one
/// before stopped: within a class the folds' test rows differ by at most one in number, and so they do in
/// total.
///
/// ```
/// use hsic_data::StratifiedKFold;
/// use hsic_rows::Labels;
/// let labels = Labels::new(vec![0, 1, 0, 1, 0, 0])?;
/// let folds = StratifiedKFold::new(2, 0).split(&labels)?;
/// assert_eq!(folds.len(), 2);
/// assert_eq!(labels.select(&folds[0].test)?.counts(), [2, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StratifiedKFold {
    folds: usize,
    seed: u64,
}

impl StratifiedKFold {
    /// `folds` folds, shuffled by stream 0 of [`COMPONENT`] of a seed.
    pub fn new(folds: usize, seed: u64) -> Self {
        Self { folds, seed }
    }

    /// Splits rows with these classes; a class without a row is passed over.
    ///
    /// # Errors
    /// [`Error::TooFewFolds`] below two folds, [`Error::TooManyFolds`] for more folds than rows,
    /// [`Error::SmallClass`] for a class with fewer rows than folds, told by its code.
    ///
    /// # Cost
    /// O(n · folds) time and memory.
    pub fn split(&self, labels: &Labels) -> Result<Vec<Fold>> {
        self.split_named(labels, |code| code.to_string())
    }

    /// Splits a data set; as [`split`](Self::split), but a class that is too small is told by its name.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn split_dataset(&self, dataset: &Dataset) -> Result<Vec<Fold>> {
        self.split_named(dataset.labels(), |code| format!("`{}`", dataset.class_names()[code]))
    }

    fn split_named(&self, labels: &Labels, class_name: impl Fn(usize) -> String) -> Result<Vec<Fold>> {
        let (folds, rows) = (self.folds, labels.len());
        check_folds(folds, labels.counts(), class_name)?;
        let mut rng = stream(self.seed, COMPONENT, 0);
        let mut order = labels.class_sorted_order();
        let mut start = 0;
        for &count in labels.counts() {
            order[start..start + count].shuffle(&mut rng);
            start += count;
        }
        let mut fold_of = vec![0; rows];
        for (dealt, &row) in order.iter().enumerate() {
            fold_of[row] = dealt % folds;
        }
        let pick = |wanted: &dyn Fn(usize) -> bool| (0..rows).filter(|&row| wanted(fold_of[row])).collect();
        Ok((0..folds)
            .map(|fold| Fold { train: pick(&|of| of != fold), test: pick(&|of| of == fold) })
            .collect())
    }
}

/// Refuses a number of folds that cannot be dealt from so many rows of every class.
pub(crate) fn check_folds(
    folds: usize,
    counts: &[usize],
    class_name: impl Fn(usize) -> String,
) -> Result<()> {
    let rows = counts.iter().sum();
    if folds < 2 {
        return Err(Error::TooFewFolds { folds });
    }
    if folds > rows {
        return Err(Error::TooManyFolds { folds, rows });
    }
    match counts.iter().enumerate().find(|&(_, &count)| (1..folds).contains(&count)) {
        Some((code, &count)) => Err(Error::SmallClass { class: class_name(code), count, folds }),
        None => Ok(()),
    }
}
