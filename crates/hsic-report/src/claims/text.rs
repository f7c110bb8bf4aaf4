//! What was measured of the paper's claims, as tables.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use hsic_eval::claims::{ClaimReport, Finding};

use super::{CLAIMS, number};

/// A rule below the header, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

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
pub fn findings(report: &ClaimReport, all: bool) -> String {
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
            number(finding.measured),
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

/// A verdict for each claim and set.
pub fn verdicts(reports: &[ClaimReport]) -> String {
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
