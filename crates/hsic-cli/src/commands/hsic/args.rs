//! What can be typed after `hsic`.

use clap::{Args, ValueEnum};
use hsic::independence::{PValue, Sigma};

use crate::commands::source::SourceArgs;
use crate::config::schema::Missing;
use crate::places::argument;

/// The arguments of `hsic`.
#[derive(Debug, Args)]
pub struct HsicArgs {
    /// The table: CSV (packed with gzip or not), Parquet, .npy, .npz or idx; - is standard input
    pub data: argument::Input,
    /// The column of classes, against all others [default: the last, unless --x and --y are given]
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["x", "y"])]
    pub label: Option<String>,
    /// Columns of numbers, against those of --y; may be repeated, or separated by commas and quoted as in CSV
    #[arg(long, value_name = "COLUMNS", requires = "y")]
    pub x: Vec<String>,
    /// Columns of numbers, against those of --x; may be repeated, or separated by commas and quoted as in CSV
    #[arg(long, value_name = "COLUMNS", requires = "x")]
    pub y: Vec<String>,
    /// Bandwidth of the columns (of --x): a number, `median` (of the distances) or, against classes, `max-hsic`, which
    /// the permutation test chooses anew in every permutation
    #[arg(long, value_name = "SIGMA", default_value = "median")]
    pub sigma: Sigma,
    /// Bandwidth of --y: a number or `median`
    #[arg(long, value_name = "SIGMA", default_value = "median", requires = "y")]
    pub sigma_y: Sigma,
    /// How the p-value is found [default: permutation up to 2000 rows, gamma above]
    #[arg(long, value_enum, value_name = "TEST")]
    pub p_value: Option<Test>,
    /// Permutations of the permutation test
    #[arg(long, value_name = "N", default_value_t = 999, value_parser = clap::value_parser!(u32).range(1..))]
    pub permutations: u32,
    /// Take the columns as they are, not standardised
    #[arg(long)]
    pub raw: bool,
    /// Rows with missing cells, in the columns compared: an error, left out, or filled with the column's mean
    #[arg(long, value_enum, default_value_t, value_name = "RULE")]
    pub missing: Missing,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Seed of the permutations and of the rows a bandwidth is chosen on
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How a p-value is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Test {
    /// By permuting the rows of one side.
    Permutation,
    /// By a gamma distribution of the same mean and variance.
    Gamma,
}

impl From<Test> for PValue {
    fn from(test: Test) -> Self {
        match test {
            Test::Permutation => Self::Permutation,
            Test::Gamma => Self::Gamma,
        }
    }
}
