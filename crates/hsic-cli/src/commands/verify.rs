//! `hsic-cli verify`: the paper's seven claims, each with its numbers and a verdict.

use std::path::Path;

use clap::Args;
use hsic_data::{Dataset, registry};
use hsic_eval::claims::verify;
use hsic_report::claims::{findings, verdicts};
use serde_json::json;

use super::dataset;
use crate::config::Config;
use crate::error::CliError;
use crate::output::{object, print, print_json, value};

/// The arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Registered data sets, or experiment files whose data are meant
    #[arg(value_name = "SET", default_values_t = ["spiral", "random", "adversarial", "wine"].map(String::from))]
    pub sets: Vec<String>,
    /// Seed of the generators and the networks
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Show the numbers without a verdict too, layer by layer
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object with every number
    #[arg(long, conflicts_with = "all")]
    pub json: bool,
}

/// Checks the claims on the named sets.
///
/// # Errors
/// [`CliError::Usage`] for data that are not there, [`CliError::Failed`] where a claim failed (after everything is
/// printed) or a fit did.
pub fn run(args: &VerifyArgs) -> Result<(), CliError> {
    // all of them before any work: a name mistyped last must not cost the first ones
    let sets = args.sets.iter().map(|set| load(set, args.seed)).collect::<Result<Vec<_>, _>>()?;
    let mut reports = Vec::new();
    for set in &sets {
        let report = verify(set, args.seed).map_err(|error| match error {
            hsic_eval::Error::Data(error) => CliError::from(error),
            error => CliError::failed(&error),
        })?;
        if !args.json {
            print(&findings(&report, args.all))?;
        }
        reports.push(report);
    }
    let failed: Vec<&str> =
        reports.iter().filter(|report| report.failed()).map(|report| report.dataset.as_str()).collect();
    if args.json {
        let of_all = json!({ "seed": args.seed, "failed": failed, "sets": value(&reports)? });
        print_json(&object("verify", [of_all]))?;
    } else {
        print(&verdicts(&reports))?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(CliError::Failed(format!("a claim failed on {}", failed.join(", "))))
}

/// A registered set by name, or the data of an experiment file.
fn load(set: &str, seed: u64) -> Result<Dataset, CliError> {
    if Path::new(set).extension().is_some_and(|extension| extension == "toml") {
        return dataset::load_rows(&Config::load(Path::new(set), &[])?);
    }
    Ok(registry::load(set, seed, registry::data_dir().as_deref())?)
}
