//! What `run` computes.

use hsic_data::Dataset;
use hsic_eval::records::Results;

use crate::config::Config;
use crate::error::CliError;
use crate::progress::Progress;

/// Where a running experiment reports to.
#[allow(dead_code, reason = "the experiment, plugged in at commands/experiment.rs, uses it")]
pub struct Watch<'a> {
    /// To be told of every layer and every finished fold.
    pub progress: &'a Progress,
    /// Rewrites the files with what there is so far.
    pub save: &'a (dyn Fn(&Results) -> Result<(), CliError> + Sync),
}

/// An experiment on a loaded data set.
pub type Experiment = fn(&Config, &Dataset, &Watch<'_>) -> Result<Results, CliError>;

/// Cross-validates every method of the configuration.
//
// PLUG IN HERE: the one place that joins the configuration to hsic-net and hsic-eval. `Config::settings(method)` is the
// `settings` of a method's record.
pub const EXPERIMENT: Experiment = |_, data, _| {
    Err(CliError::Failed(format!("{}: cross-validation is not connected in this build", data.name())))
};
