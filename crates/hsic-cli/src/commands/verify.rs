//! `hsic-cli verify`: the paper's seven claims, each with its numbers and a verdict.

use std::path::Path;

use clap::Args;
use hsic_data::{Dataset, registry};
use hsic_eval::claims::{Certificate, ClaimReport, replay, verify};
use hsic_report::claims::{Replayed, ReplayedCertificate, claims_page, findings, verdicts};
use serde::Deserialize;
use serde_json::json;

use super::dataset;
use super::sink::{cannot_write, check_writable};
use crate::config::Config;
use crate::error::CliError;
use crate::log::Log;
use crate::output::{object, print, print_json, tell, value};
use crate::places::argument;
use crate::progress::Progress;

/// The arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Registered data sets, or experiment files whose data are meant
    #[arg(value_name = "SET", default_values_t = ["spiral", "random", "adversarial", "wine"].map(String::from))]
    pub sets: Vec<String>,
    /// Seeds of the generators and the networks, with commas between
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [0, 1, 2])]
    pub seed: Vec<u64>,
    /// Show the numbers without a verdict too, layer by layer
    #[arg(long)]
    pub all: bool,
    /// Print one JSON object with every number
    #[arg(long, conflicts_with = "all")]
    pub json: bool,
    /// Write one page with the verdicts, pictures and bandwidths
    #[arg(long, value_name = "FILE")]
    pub report: Option<argument::Output>,
    /// Run the layers of every certificate in the JSON of an earlier run, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "report", "seed", "sets"])]
    pub replay: Option<argument::Input>,
}

/// Checks the claims on the named sets.
///
/// # Errors
/// [`CliError::Usage`] for data that are not there, [`CliError::Failed`] where a claim failed (after everything is
/// printed) or a fit did.
pub fn run(args: &VerifyArgs) -> Result<(), CliError> {
    if let Some(path) = &args.replay {
        return replay_all(path, args.json);
    }
    // all of them before any work: a name mistyped last must not cost the first ones
    let of_seeds = |set: &String| args.seed.iter().map(|&seed| Ok((seed, load(set, seed)?))).collect();
    let sets = args.sets.iter().map(of_seeds).collect::<Result<Vec<Vec<(u64, Dataset)>>, CliError>>()?;
    if let Some(path) = &args.report {
        check_writable(path)?;
    }
    let mut reports = Vec::new();
    for set in &sets {
        let report = report_of(set)?;
        if !args.json {
            print(&findings(&report, args.all))?;
        }
        reports.push(report);
    }
    if let Some(path) = &args.report {
        let page =
            claims_page(&reports, env!("CARGO_PKG_VERSION")).map_err(|error| CliError::failed(&error))?;
        hsic_data::output::write(path, page.as_bytes())
            .map_err(|error| CliError::Failed(cannot_write(Some(path), &error)))?;
    }
    let failed: Vec<&str> =
        reports.iter().filter(|report| report.failed()).map(|report| report.dataset.as_str()).collect();
    if args.json {
        let of_all =
            json!({ "seeds": args.seed, "sources": args.sets, "failed": failed, "sets": value(&reports)? });
        print_json(&object("verify", [of_all]))?;
    } else {
        print(&verdicts(&reports))?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(CliError::Failed(format!("a claim failed on {}", failed.join(", "))))
}

/// The findings of all seeds on a set.
fn report_of(seeds: &[(u64, Dataset)]) -> Result<ClaimReport, CliError> {
    let progress = Progress::of_fit(false, &Log::default());
    let name = seeds.first().map_or("", |(_, set)| set.name());
    verify(seeds, &|what| progress.say(&format!("{name}, {what}"))).map_err(|error| match error {
        hsic_eval::Error::Data(error) => CliError::from(error),
        error => CliError::failed(&error),
    })
}

/// Runs the layers of the certificates in a file.
fn replay_all(path: &Path, json: bool) -> Result<(), CliError> {
    let refused = |what: &str| {
        let how = "write one with `hsic-cli verify --json`";
        CliError::Usage(format!("{}: {what}: {how}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| refused(&format!("cannot be read: {error}")))?;
    let file: Certified =
        serde_json::from_str(&text).map_err(|error| refused(&format!("is no JSON of verify ({error})")))?;
    let mut certificates = Vec::new();
    for (source, report) in file.sources.iter().zip(file.sets) {
        for certificate in report.certificates {
            let set = load(source, certificate.seed)?;
            let replay = replay(&set, &certificate).map_err(|error| CliError::failed(&error))?;
            certificates.push(ReplayedCertificate { dataset: report.dataset.clone(), certificate, replay });
        }
    }
    let replayed = Replayed { certificates };
    tell("verify", json, &replayed)?;
    if replayed.agrees() { Ok(()) } else { Err(CliError::Failed("a certificate does not agree".into())) }
}

/// What `--json` wrote, as far as certificates go.
#[derive(Deserialize)]
struct Certified {
    sources: Vec<String>,
    sets: Vec<OfSet>,
}

#[derive(Deserialize)]
struct OfSet {
    dataset: String,
    certificates: Vec<Certificate>,
}

/// A registered set by name, or the data of an experiment file.
fn load(set: &str, seed: u64) -> Result<Dataset, CliError> {
    if Path::new(set).extension().is_some_and(|extension| extension == "toml") {
        return dataset::load_rows(&Config::load(Path::new(set), &[])?);
    }
    Ok(registry::load(set, seed, registry::data_dir().as_deref())?)
}
