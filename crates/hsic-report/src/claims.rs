//! What was measured of the paper's claims, as tables.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use hsic_eval::claims::{ClaimReport, Finding, Verdict};

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

fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.to_vec());
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// Every finding on a data set; or, of those with a verdict, the worst layer of each quantity.
pub fn findings(report: &ClaimReport, all: bool) -> String {
    let mut table = plain_table(&["claim", "layer", "quantity", "measured", "bound", "verdict"]);
    let shown: Vec<&Finding> =
        if all { report.findings.iter().collect() } else { worst_of_each(&report.findings) };
    for finding in shown {
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
