//! Cross-validation, fold by fold.

use std::time::Instant;

use faer::Par;
use hsic_kernels::all_threads;
use hsic_kernels::rows::MatrixRows;
use hsic_net::{Network, NetworkParams};
use rayon::prelude::*;

#[cfg(feature = "baselines")]
use crate::baselines::MlpParams;
use crate::baselines::{self, Baseline};
use crate::measure::{StandardisedFold, fold_seed};
use crate::records::FoldRecord;
use crate::selection::{Candidates, select};
use crate::{Error, FoldedData, Progress, Result, Sources, evaluate_in_blocks, network};

/// Up to this many rows folds run side by side, each fit on one thread; above, they run one after another, each on all.
const SIDE_BY_SIDE_ROWS: usize = 5000;

/// What is fitted on the training rows of a fold.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Method {
    /// A network. In a cross-validation its seed is that of the fold.
    Network(NetworkParams),
    /// A network fitted by [`hsic_net::Network::fit_rows`]: in passes over blocks of rows, linear in their number.
    NetworkInBlocks(NetworkParams),
    /// A network that is chosen on the training rows of each fold, by [`select`].
    Selected(Candidates),
    /// A classifier to compare with.
    Baseline(Baseline),
    /// A perceptron with as many hidden layers as a network has on the fold.
    #[cfg(feature = "baselines")]
    AsDeepAs {
        /// The network.
        network: NetworkParams,
        /// The perceptron, its depth not yet known.
        perceptron: MlpParams,
    },
}

impl From<NetworkParams> for Method {
    fn from(params: NetworkParams) -> Self {
        Self::Network(params)
    }
}

impl From<Baseline> for Method {
    fn from(baseline: Baseline) -> Self {
        Self::Baseline(baseline)
    }
}

impl Method {
    /// Refuses hyperparameters that cannot be fitted with.
    ///
    /// # Errors
    /// [`Error::Network`] with the name, the bound and the value.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Network(params) | Self::NetworkInBlocks(params) => Ok(params.check()?),
            Self::Selected(candidates) => candidates.check(),
            Self::Baseline(baseline) => baseline.check(),
            #[cfg(feature = "baselines")]
            Self::AsDeepAs { network, perceptron } => {
                network.check()?;
                Baseline::Mlp(*perceptron).check()
            }
        }
    }

    /// Whether it is a network, with layers and rows that leave them.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network(_) | Self::NetworkInBlocks(_) | Self::Selected(_))
    }

    /// A perceptron of this depth.
    #[cfg(feature = "baselines")]
    pub(crate) fn perceptron(perceptron: MlpParams, depth: usize) -> Self {
        Baseline::Mlp(MlpParams { depth, ..perceptron }).into()
    }
}

/// How folds share the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Schedule {
    /// Side by side where n is small, else one after another.
    #[default]
    Automatic,
    /// One after another, each fit on one thread: for times that nothing else disturbs.
    Timing,
}

/// How many folds of a data set of n rows may be fitted side by side, if there are as many threads.
pub fn folds_at_once(n: usize, folds: usize, schedule: Schedule) -> usize {
    if schedule == Schedule::Automatic && n <= SIDE_BY_SIDE_ROWS { folds } else { 1 }
}

/// The folds of a data set, on which any number of methods can be evaluated.
///
/// What is drawn for fold k comes from stream k of `seed`, the same for every method.
#[derive(Debug, Clone, Copy)]
pub struct CrossValidation<'a> {
    /// The rows, and which of them train and which test.
    pub data: &'a FoldedData,
    /// Seed of the fits.
    pub seed: u64,
    /// How folds share the processor. The records do not depend on it, times aside.
    pub schedule: Schedule,
}

impl CrossValidation<'_> {
    /// Fits and evaluates a method on every fold. The records come in order of the folds.
    ///
    /// # Errors
    /// The first fold's error, as [`fold`](Self::fold); finished folds have been shown to `progress`.
    pub fn run(&self, method: &Method, progress: &dyn Progress) -> Result<Vec<FoldRecord>> {
        method.check()?;
        let wanted: Vec<usize> = (0..self.data.fold_sizes().len()).collect();
        self.run_folds(&wanted, |_, _| Ok(method.clone()), progress).into_iter().collect()
    }

    /// Evaluates some folds, each with the method that `method_of` gives for its number; every fold that can finish does,
    /// and is shown to `progress`. One result a wanted fold, in that order.
    pub fn run_folds(
        &self,
        wanted: &[usize],
        method_of: impl Fn(usize, Par) -> Result<Method> + Sync,
        progress: &dyn Progress,
    ) -> Vec<Result<FoldRecord>> {
        let run = |&index: &usize, par: Par| {
            let method = method_of(index, par)?;
            self.fold(&method, index, par, progress).inspect(|record| progress.fold(record))
        };
        if self.schedule == Schedule::Timing {
            wanted.iter().map(|index| run(index, Par::Seq)).collect()
        } else if folds_at_once(self.data.n(), wanted.len(), self.schedule) > 1 {
            wanted.into_par_iter().with_max_len(1).map(|index| run(index, Par::Seq)).collect()
        } else {
            wanted.iter().map(|index| run(index, all_threads())).collect()
        }
    }

    /// Fits a method on the training rows of one fold, standardised by themselves, and evaluates it: a network layer by
    /// layer, as if it ended there; a baseline on one thread.
    ///
    /// # Errors
    /// [`Error::Data`] where the rows cannot be standardised, [`Error::Fold`] where the fit fails, [`Error::Kernel`] and
    /// [`Error::Network`] for refused hyperparameters and where a metric cannot be computed, [`Error::InMemory`] for a method that
    /// needs rows in memory where they stay in their file.
    pub fn fold(
        &self,
        method: &Method,
        index: usize,
        par: Par,
        progress: &dyn Progress,
    ) -> Result<FoldRecord> {
        method.check()?;
        let rows = || self.rows(index);
        let seed = fold_seed(self.seed, index);
        match method {
            Method::Network(params) => {
                let params = NetworkParams { seed, ..*params };
                network::evaluate(&rows()?, &params, index, par, progress).map(|(_, record)| record)
            }
            Method::NetworkInBlocks(params) => {
                self.fold_in_blocks(&NetworkParams { seed, ..*params }, index, par, progress)
            }
            Method::Selected(candidates) => {
                let rows = rows()?;
                let start = Instant::now();
                let (params, selection) =
                    select(candidates, seed, rows.train.as_ref(), &rows.train_labels, None, par, progress)?;
                let selection_seconds = Some(start.elapsed().as_secs_f64());
                let (_, mut record) = network::evaluate(&rows, &params, index, par, progress)?;
                record.values.selection_seconds = selection_seconds;
                Ok(FoldRecord { selection: Some(selection), ..record })
            }
            Method::Baseline(baseline) => baselines::evaluate(&rows()?, baseline, seed, index, progress),
            #[cfg(feature = "baselines")]
            Method::AsDeepAs { network, perceptron } => {
                let depth = self.depth(network, index, par)?;
                self.fold(&Method::perceptron(*perceptron, depth), index, par, progress)
            }
        }
    }

    fn fold_in_blocks(
        &self,
        params: &NetworkParams,
        index: usize,
        par: Par,
        progress: &dyn Progress,
    ) -> Result<FoldRecord> {
        match self.data {
            FoldedData::InMemory { dataset, folds } => {
                let (train, train_labels) = dataset.select(&folds[index].train)?;
                let (test, test_labels) = dataset.select(&folds[index].test)?;
                let sources = Sources {
                    train: &MatrixRows::new(train.as_ref(), &train_labels)?,
                    test: &MatrixRows::new(test.as_ref(), &test_labels)?,
                    scaling: dataset.scaling(),
                    names: dataset.feature_names(),
                };
                evaluate_in_blocks(&sources, params, index, par, progress)
            }
            FoldedData::InFile { rows, folds, scaling } => {
                let sources = Sources {
                    train: &folds[index].train(&**rows),
                    test: &folds[index].test(&**rows),
                    scaling: *scaling,
                    names: &rows.schema().encoded_names(),
                };
                evaluate_in_blocks(&sources, params, index, par, progress)
            }
        }
    }

    /// The rows of a fold in memory.
    fn rows(&self, index: usize) -> Result<StandardisedFold> {
        match self.data {
            FoldedData::InMemory { dataset, folds } => StandardisedFold::new(dataset, &folds[index]),
            FoldedData::InFile { .. } => Err(Error::InMemory),
        }
    }

    /// The number of layers that [`fold`](Self::fold) gives a network, without evaluating it: the depth for a perceptron of
    /// the same size.
    ///
    /// # Errors
    /// As [`fold`](Self::fold).
    pub fn depth(&self, params: &NetworkParams, index: usize, par: Par) -> Result<usize> {
        let rows = self.rows(index)?;
        let params = NetworkParams { seed: fold_seed(self.seed, index), ..*params };
        let network = Network::fit(&params, rows.train.as_ref(), &rows.train_labels, par, &mut ())
            .map_err(|source| Error::Fold { fold: index, source })?
            .network;
        Ok(network.layers().len())
    }
}
