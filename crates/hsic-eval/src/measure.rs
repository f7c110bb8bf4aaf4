//! The rows of a fold and its seed, the same for every classifier.

use faer::Mat;
use hsic_data::scaler::{fill_missing, known_means};
use hsic_data::{Dataset, Fold, Scaler};
use hsic_kernels::Labels;
use hsic_kernels::random::stream;
use rand::Rng;

use crate::Result;

/// Stream component of the folds' seeds, one stream a fold.
const COMPONENT: u32 = 5;

/// The seed of what is fitted on a fold: every classifier on a fold has the same one.
pub(crate) fn fold_seed(seed: u64, fold: usize) -> u64 {
    stream(seed, COMPONENT, fold as u32).next_u64()
}

/// The rows of a fold, standardised by the training rows; a missing cell is the mean of its column's known training cells.
#[derive(Debug, Clone)]
pub struct StandardisedFold {
    /// The rows to fit on.
    pub train: Mat<f64>,
    /// Their classes.
    pub train_labels: Labels,
    /// The rows to test on.
    pub test: Mat<f64>,
    /// Their classes.
    pub test_labels: Labels,
}

impl StandardisedFold {
    pub(crate) fn new(dataset: &Dataset, fold: &Fold) -> Result<Self> {
        let (mut raw, train_labels) = dataset.select(&fold.train)?;
        let means = known_means(raw.as_ref());
        fill_missing(raw.as_mut(), &means);
        let scaler = dataset.scaling().apply(Scaler::fit(raw.as_ref())?);
        let train = scaler.transform(raw.as_ref())?;
        drop(raw);
        let (mut raw, test_labels) = dataset.select(&fold.test)?;
        fill_missing(raw.as_mut(), &means);
        let test = scaler.transform(raw.as_ref())?;
        Ok(Self { train, train_labels, test, test_labels })
    }
}
