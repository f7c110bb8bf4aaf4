//! What is measured of an output, whatever it is the output of.

use faer::{Mat, MatRef, Par};
use hsic_data::{Dataset, Fold, Scaler};
use hsic_kernels::random::stream;
use hsic_kernels::{Bandwidth, Labels};
use rand::Rng;

use crate::Result;
use crate::metrics::{
    accuracy, confusion, cosine_ratio, cross_entropy, scatter_trace_ratio, within_class_mse,
};

/// Stream component of the folds' seeds, one stream a fold.
const COMPONENT: u32 = 5;

/// The seed of what is fitted on a fold: every classifier on a fold has the same one.
pub(crate) fn fold_seed(seed: u64, fold: usize) -> u64 {
    stream(seed, COMPONENT, fold as u32).next_u64()
}

/// The rows of a fold, standardised by the training rows.
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
        let (raw, train_labels) = dataset.select(&fold.train)?;
        let scaler = dataset.scaling().apply(Scaler::fit(raw.as_ref())?);
        let train = scaler.transform(raw.as_ref())?;
        drop(raw);
        let (raw, test_labels) = dataset.select(&fold.test)?;
        let test = scaler.transform(raw.as_ref())?;
        Ok(Self { train, train_labels, test, test_labels })
    }
}

/// An output and what is predicted from it.
pub(crate) struct Predicted<'a> {
    /// Z of the training rows.
    pub z: MatRef<'a, f64>,
    /// What the probe of the cross-entropy is fitted on.
    pub features: MatRef<'a, f64>,
    pub labels: &'a Labels,
    /// The training rows' classes as predicted.
    pub classes: &'a [usize],
    pub test_labels: &'a Labels,
    /// The test rows' classes as predicted.
    pub test_classes: &'a [usize],
}

/// The numbers that a layer's and a fold's record have in common.
pub(crate) struct Measures {
    pub mse: f64,
    pub ce: f64,
    pub cosine_ratio: Option<f64>,
    pub scatter_trace_ratio: Option<f64>,
    pub train_accuracy: f64,
    pub test_accuracy: f64,
    /// Of the test rows.
    pub confusion: Vec<Vec<usize>>,
}

impl Measures {
    /// Measures an output, C on its Gaussian Gram matrix at `sigma`.
    pub(crate) fn of(output: &Predicted<'_>, sigma: Bandwidth, par: Par) -> Result<Self> {
        let &Predicted { z, labels, .. } = output;
        let confusion_of = |labels, classes| {
            let confusion = confusion(labels, classes);
            (accuracy(&confusion).unwrap_or(0.0), confusion)
        };
        let (train_accuracy, _) = confusion_of(labels, output.classes);
        let (test_accuracy, confusion) = confusion_of(output.test_labels, output.test_classes);
        Ok(Self {
            mse: within_class_mse(z, labels),
            ce: cross_entropy(output.features, labels)?,
            cosine_ratio: cosine_ratio(z, labels, sigma, par)?,
            scatter_trace_ratio: scatter_trace_ratio(z, labels),
            train_accuracy,
            test_accuracy,
            confusion,
        })
    }
}
