//! One method on rows split once, and what was fitted.

use faer::Par;
use hsic_net::{Network, NetworkParams};

use crate::baselines::{self, Baseline};
use crate::records::FoldRecord;
use crate::{Progress, Result, StandardisedFold, network};

impl StandardisedFold {
    /// Fits a network on the training rows and evaluates it layer by layer; the network itself comes with the record.
    ///
    /// # Errors
    /// [`crate::Error::Fold`] where the fit fails, [`crate::Error::Kernel`] and [`crate::Error::Network`] for refused
    /// hyperparameters and where a metric cannot be computed.
    pub fn evaluate_network(
        &self,
        params: &NetworkParams,
        par: Par,
        progress: &dyn Progress,
    ) -> Result<(Network, FoldRecord)> {
        params.check()?;
        network::evaluate(self, params, 0, par, progress)
    }

    /// Fits a baseline on the training rows and evaluates it.
    ///
    /// # Errors
    /// As [`StandardisedFold::evaluate_network`].
    pub fn evaluate_baseline(&self, baseline: &Baseline, seed: u64) -> Result<FoldRecord> {
        baseline.check()?;
        baselines::evaluate(self, baseline, seed, 0, &())
    }
}
