//! What can be typed after `fit`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::commands::source::Unknown;
use crate::commands::table::TableArgs;
use crate::commands::work::WorkArgs;
use crate::places::argument;

/// The arguments of `fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// The training table: CSV (packed with gzip or not), Parquet, .npy, .npz or idx; - is standard input
    pub data: argument::Input,
    /// The model file to write
    #[arg(long, value_name = "FILE")]
    pub model: argument::Output,
    /// Experiment file (TOML) with the hyperparameters, and with ordinal, class_order and the like of its table dataset
    #[arg(long, value_name = "FILE")]
    pub config: Option<argument::Config>,
    /// Set a value of the configuration, e.g. --set spectral.head=knn; may be repeated, the last one wins
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// How layers are solved [default: the one that does better in the cross-validation; the configuration's]
    #[arg(long, value_enum)]
    pub solver: Option<Solver>,
    /// Take the hyperparameters as they are; otherwise those that neither --config nor --set gives, and the solver, are chosen
    /// by cross-validation on the training rows
    #[arg(long)]
    pub no_search: bool,
    /// Seconds after which no further network is tried for the choice; the result then depends on how fast the machine is [default:
    /// no clock is looked at]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "no_search")]
    pub budget: Option<Duration>,
    /// Share of the rows held out for testing; 0 trains on all of them
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share, conflicts_with = "test_file")]
    pub test_size: f64,
    /// Table of the test rows, in place of a share of the training table
    #[arg(long, value_name = "FILE")]
    pub test_file: Option<argument::Input>,
    /// File of the classes of an idx or .npy test file
    #[arg(long, value_name = "FILE", requires = "test_file")]
    pub test_labels: Option<argument::Input>,
    /// Categories of the test file that the training table does not have: an error, or none of them
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub unknown: Unknown,
    /// File of the classes of an idx or .npy file; - is standard input
    #[arg(long, value_name = "FILE")]
    pub labels: Option<argument::Input>,
    #[command(flatten)]
    pub table: TableArgs,
    /// Seed of the split and of the network [default: 0, or the configuration's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub seed: Option<i64>,
    #[command(flatten)]
    pub work: WorkArgs,
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub json: bool,
}

/// How layers are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Solver {
    /// W*, the spectral ascent.
    Spectral,
    /// W_s, class means in feature space.
    ClosedForm,
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected seconds, at least 0".into())
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("expected a share from 0 up to, but not, 1".into()),
    }
}
