//! `hsic-cli verify`: the paper's seven claims, each with its numbers and a verdict.

use std::path::Path;

use clap::Args;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use hsic_data::{Dataset, registry};
use hsic_eval::claims::{Certificate, ClaimReport, Finding, replay, verify};
use hsic_report::{CLAIMS, Replayed, ReplayedCertificate, claims_page};
use serde::Deserialize;
use serde_json::json;

use super::dataset;
use super::sink::{cannot_write, check_writable};
use crate::config::Config;
use crate::error::CliError;
use crate::log::Log;
use crate::output::{print, tell};
use crate::places::argument;
use crate::progress::FitProgress;

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

/// A rule below the header, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

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
            print(&text(&report, args.all))?;
        }
        reports.push(report);
    }
    if let Some(path) = &args.report {
        let page =
            claims_page(&reports, env!("CARGO_PKG_VERSION")).map_err(|error| CliError::failed(&error))?;
        hsic_data::output::write(path, page.as_bytes())
            .map_err(|error| CliError::Failed(cannot_write(path, &error)))?;
    }
    let failed: Vec<&str> =
        reports.iter().filter(|report| report.failed()).map(|report| report.dataset.as_str()).collect();
    if args.json {
        let json = json!({
            "command": "verify",
            "version": env!("CARGO_PKG_VERSION"),
            "seeds": args.seed,
            "sources": args.sets,
            "failed": failed,
            "sets": serde_json::to_value(&reports).map_err(|error| CliError::failed(&error))?,
        });
        print(&format!("{json:#}\n"))?;
    } else {
        print(&summary(&reports))?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(CliError::Failed(format!("a claim failed on {}", failed.join(", "))))
}

/// The findings of all seeds on a set.
fn report_of(seeds: &[(u64, Dataset)]) -> Result<ClaimReport, CliError> {
    let progress = FitProgress::new(false, &Log::default());
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

fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.to_vec());
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// Every finding; or, of those with a verdict, what is shown of each quantity.
fn text(report: &ClaimReport, all: bool) -> String {
    let mut table =
        plain_table(&["claim", "layer", "quantity", "measured", "bound", "verdict", "seeds", "note"]);
    let findings: Vec<(&Finding, Vec<u64>)> = if all {
        report.findings.iter().map(|finding| (finding, vec![finding.seed])).collect()
    } else {
        report.shown()
    };
    for (finding, seeds) in findings {
        table.add_row([
            finding.claim.to_string(),
            finding.layer.map_or_else(String::new, |layer| layer.to_string()),
            finding.quantity.clone(),
            finding.measured.map_or_else(|| "—".to_owned(), number),
            finding.bound.clone(),
            finding.verdict.name().to_owned(),
            seeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            finding.note.clone(),
        ]);
    }
    let ClaimReport { dataset, n, d, classes, .. } = report;
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{dataset}: {n} rows, {d} columns, {classes} classes\n\n{}\n\n", lines.join("\n"))
}

/// Four significant digits.
fn number(value: f64) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) {
        let text = format!("{value:.4}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.1e}")
    }
}

/// A verdict for each claim and set.
fn summary(reports: &[ClaimReport]) -> String {
    let mut header = vec!["claim", ""];
    header.extend(reports.iter().map(|report| report.dataset.as_str()));
    let mut table = plain_table(&header);
    for (claim, words) in (1u8..).zip(CLAIMS) {
        let mut row = vec![claim.to_string(), words.to_owned()];
        row.extend(reports.iter().map(|report| report.verdict(claim).name().to_owned()));
        table.add_row(row);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 1.0, 0.99534, -0.8, 3e-7, 12.0].into_iter().map(number).collect();
        assert_eq!(shown, ["0", "1", "0.9953", "-0.8", "3.0e-7", "12"]);
    }
}
