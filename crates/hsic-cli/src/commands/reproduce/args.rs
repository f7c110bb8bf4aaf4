//! What can be typed after `reproduce`.

use clap::Args;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser};

use super::shipped::NAMES;
use crate::commands::work::WorkArgs;
use crate::config::MethodName;
use crate::places::argument;

/// The arguments of `reproduce`.
#[derive(Debug, Args)]
pub struct ReproduceArgs {
    /// Data sets, parted by commas [default: all eight of the table]
    #[arg(long, value_name = "SET,…", value_delimiter = ',', value_parser = PossibleValuesParser::new(NAMES))]
    pub datasets: Vec<String>,
    /// Methods, parted by commas [default: all that this program can fit]
    #[arg(long, value_name = "METHOD,…", value_delimiter = ',', value_enum)]
    pub methods: Vec<MethodName>,
    /// Number of folds
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = RangedU64ValueParser::<usize>::new().range(2..=1_000_000))]
    pub folds: usize,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: u64,
    /// Set a value of every set's experiment file, e.g. --set mlp.width=100; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder of the results [default: results/reproduce]
    #[arg(long, value_name = "DIR")]
    pub out: Option<argument::ReproductionFolder>,
    /// Start over; without it, folds that an earlier run of the same settings has finished are kept
    #[arg(long)]
    pub fresh: bool,
    /// Train each perceptron for at most 1000 steps instead of 8000
    #[arg(long)]
    pub fast: bool,
    /// Run the folds one after another, each fit on one thread, for times that nothing disturbs
    #[arg(long)]
    pub timing: bool,
    #[command(flatten)]
    pub work: WorkArgs,
    /// Print one JSON object, table1.json, instead of tables
    #[arg(long)]
    pub json: bool,
}
