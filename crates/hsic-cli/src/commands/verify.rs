//! `hsic-cli verify`: the paper's seven claims, each with its numbers and a verdict.

use std::path::Path;

use clap::Args;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use hsic_data::{Dataset, registry};
use hsic_eval::claims::{ClaimReport, Finding, Verdict, verify};
use serde_json::json;

use super::dataset;
use crate::config::Config;
use crate::error::CliError;
use crate::output::print;

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

/// A rule below the header, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// What each claim says, in a few words.
const CLAIMS: [&str; 7] = [
    "W_s layers fit any labelling",
    "the kernel becomes the indicator of the classes",
    "scatter within classes vanishes beside scatter between",
    "as H* rises, MSE and CE fall",
    "W_s is not stationary",
    "W* is stationary and no neighbour is better",
    "the reformulation with a penalty on norms",
];

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
            print(&text(&report, args.all))?;
        }
        reports.push(report);
    }
    let failed: Vec<&str> =
        reports.iter().filter(|report| report.failed()).map(|report| report.dataset.as_str()).collect();
    if args.json {
        let json = json!({
            "command": "verify",
            "version": env!("CARGO_PKG_VERSION"),
            "seed": args.seed,
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

/// Every finding; or, of those with a verdict, the worst layer of each quantity.
fn text(report: &ClaimReport, all: bool) -> String {
    let mut table = plain_table(&["claim", "layer", "quantity", "measured", "bound", "verdict"]);
    let findings: Vec<&Finding> =
        if all { report.findings.iter().collect() } else { worst_of_each(&report.findings) };
    for finding in findings {
        table.add_row([
            finding.claim.to_string(),
            finding.layer.map_or_else(String::new, |layer| layer.to_string()),
            finding.quantity.clone(),
            finding.measured.map_or_else(|| "—".to_owned(), number),
            finding.bound.clone(),
            finding.verdict.name().to_owned(),
        ]);
    }
    let ClaimReport { dataset, n, d, classes, .. } = report;
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{dataset}: {n} rows, {d} columns, {classes} classes\n\n{}\n\n", lines.join("\n"))
}

/// One finding a quantity: the first layer that failed, else the last one with a verdict.
fn worst_of_each(findings: &[Finding]) -> Vec<&Finding> {
    let mut worst: Vec<&Finding> = Vec::new();
    for finding in findings {
        if matches!(finding.verdict, Verdict::Reported | Verdict::NotApplicable) {
            continue;
        }
        match worst
            .iter_mut()
            .find(|known| (known.claim, &known.quantity) == (finding.claim, &finding.quantity))
        {
            Some(known) if known.verdict != Verdict::Failed => *known = finding,
            Some(_) => {}
            None => worst.push(finding),
        }
    }
    worst
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
    fn the_first_failure_of_a_quantity_is_shown_else_its_last_layer() {
        let finding = |layer, verdict| Finding {
            claim: 6,
            quantity: "q".into(),
            measured: Some(0.5),
            bound: String::new(),
            verdict,
            layer: Some(layer),
        };
        let of = |verdicts: &[Verdict]| {
            let findings: Vec<Finding> =
                (1..).zip(verdicts).map(|(layer, &verdict)| finding(layer, verdict)).collect();
            worst_of_each(&findings).first().and_then(|finding| finding.layer)
        };
        assert_eq!(of(&[Verdict::Holds, Verdict::Failed, Verdict::Failed, Verdict::Holds]), Some(2));
        assert_eq!(of(&[Verdict::Holds, Verdict::Holds, Verdict::Reported]), Some(2));
        assert_eq!(of(&[Verdict::NotApplicable]), None);
    }

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 1.0, 0.99534, -0.8, 3e-7, 12.0].into_iter().map(number).collect();
        assert_eq!(shown, ["0", "1", "0.9953", "-0.8", "3.0e-7", "12"]);
    }
}
