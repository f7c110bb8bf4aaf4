//! One page.

use hsic_eval::claims::{Certificate, ClaimReport, Finding, Verdict};

use super::{CLAIMS, number};
use crate::error::ReportError;
use crate::html::{escape, figure, page};
use crate::plots::{Figure, claim_figures};

/// The page of some sets: verdicts, then for each set its pictures, bandwidths and findings. One file that needs no network.
///
/// # Errors
/// [`ReportError::Draw`].
pub fn claims_page(reports: &[ClaimReport], version: &str) -> Result<String, ReportError> {
    let names: Vec<&str> = reports.iter().map(|report| report.dataset.as_str()).collect();
    let mut links = String::from("<a href=\"#verdicts\">Verdicts</a>");
    let mut body = verdicts(reports);
    for (at, report) in reports.iter().enumerate() {
        links += &format!(" <a href=\"#set-{at}\">{}</a>", escape(&report.dataset));
        body += &set(at, report, &claim_figures(report)?);
    }
    let seeds = reports.first().map_or_else(String::new, |report| listed(&report.seeds));
    let lead = format!(
        "Each claim is measured on all rows of {}, with seeds {seeds}; hsic-cli {}. \u{201c}premise not reached\u{201d} means that \
         no stack was found of which the claim speaks; \u{201c}failed\u{201d} would be a bug.",
        escape(&names.join(", ")),
        escape(version)
    );
    Ok(page("The seven claims, measured", &lead, &links, &body))
}

fn listed(seeds: &[u64]) -> String {
    seeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn verdicts(reports: &[ClaimReport]) -> String {
    let header =
        std::iter::once("claim".to_owned()).chain(reports.iter().map(|report| report.dataset.clone()));
    let rows = (1u8..).zip(CLAIMS).map(|(claim, words)| {
        let own = reports.iter().map(|report| report.verdict(claim).name().to_owned());
        std::iter::once(format!("{claim} {words}")).chain(own).collect()
    });
    format!(
        "<section id=\"verdicts\">\n<h2>Verdicts</h2>\n{}</section>\n",
        table("A verdict for each claim and set", &header.collect::<Vec<_>>(), rows)
    )
}

fn set(at: usize, report: &ClaimReport, figures: &[Figure]) -> String {
    let pictures: String = figures.iter().map(figure).collect();
    format!(
        "<section id=\"set-{at}\">\n<h2>{}</h2>\n<p>{} rows, {} columns, {} classes.</p>\n{pictures}{}{}{}</section>\n",
        escape(&report.dataset),
        report.n,
        report.d,
        report.classes,
        certificates(&report.certificates),
        findings(report),
        reported(report),
    )
}

fn certificates(certificates: &[Certificate]) -> String {
    let header = ["seed", "found by", "layers", "H*", "train accuracy", "bandwidths"].map(String::from);
    let rows = certificates.iter().map(|certificate| {
        let sigmas: Vec<String> =
            certificate.layers.iter().map(|layer| format!("{:.4e}", layer.sigma)).collect();
        vec![
            certificate.seed.to_string(),
            certificate.network.clone(),
            certificate.layers.len().to_string(),
            certificate
                .layers
                .last()
                .map_or_else(String::new, |layer| format!("{:.6}", layer.hsic_normalized)),
            number(Some(certificate.train_accuracy)),
            sigmas.join(", "),
        ]
    });
    table("Claim 1: stacks of W_s by their bandwidths", &header, rows)
}

fn findings(report: &ClaimReport) -> String {
    let header =
        ["claim", "layer", "quantity", "measured", "bound", "verdict", "seeds", "note"].map(String::from);
    let rows = report.shown().into_iter().map(|(finding, seeds)| {
        vec![
            finding.claim.to_string(),
            finding.layer.map_or_else(String::new, |layer| layer.to_string()),
            finding.quantity.clone(),
            number(finding.measured),
            finding.bound.clone(),
            finding.verdict.name().to_owned(),
            listed(&seeds),
            if finding.note.starts_with("bandwidths") { String::new() } else { finding.note.clone() },
        ]
    });
    table("Of each quantity the layer and seed that ask most for attention", &header, rows)
}

fn reported(report: &ClaimReport) -> String {
    let last_word = |finding: &&Finding| finding.verdict == Verdict::Reported && finding.layer.is_none();
    let header = ["claim", "quantity", "seed", "measured"].map(String::from);
    let rows = report.findings.iter().filter(last_word).map(|finding| {
        vec![
            finding.claim.to_string(),
            finding.quantity.clone(),
            finding.seed.to_string(),
            number(finding.measured),
        ]
    });
    table("Rates, layers and test rows: numbers without a verdict", &header, rows)
}

fn table(caption: &str, header: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let columns: String =
        header.iter().map(|name| format!("<th scope=\"col\">{}</th>", escape(name))).collect();
    let row = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let first = cells.next().unwrap_or_default();
        let rest: String = cells.map(|cell| format!("<td>{}</td>", escape(&cell))).collect();
        format!("<tr><th scope=\"row\">{}</th>{rest}</tr>\n", escape(&first))
    };
    let rows: String = rows.map(row).collect();
    format!(
        "<h3>{caption}</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\">\n\
         <table aria-label=\"{caption}\">\n<thead>\n<tr>{columns}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

#[cfg(test)]
mod tests {
    use hsic_data::registry;
    use hsic_eval::claims::{replay, verify};

    use super::*;
    use crate::claims::{Replayed, ReplayedCertificate};

    #[test]
    fn a_page_has_every_part_and_a_certificate_is_replayed() -> Result<(), Box<dyn std::error::Error>> {
        let dataset = registry::load("random", 0, None)?;
        let report = verify(&[(0, dataset.clone())], &|_| ())?;
        let html = claims_page(std::slice::from_ref(&report), "0.0")?;
        for part in [
            "<title>The seven claims, measured</title>",
            "<h2>random</h2>",
            "W_s layers fit any labelling",
            "60 rows, 3 columns, 2 classes",
            "closed-form, construction",
            "test accuracy of W*",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert_eq!(html.matches("<figure>").count(), 2);
        for tag in ["section", "table", "tr", "td", "th", "div", "figure"] {
            let opened =
                html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        for foreign in ["http:", "https:", "<script", "<link"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        let certificate = report.certificates[0].clone();
        let right = Replayed {
            certificates: vec![ReplayedCertificate {
                dataset: "random".into(),
                replay: replay(&dataset, &certificate)?,
                certificate,
            }],
        };
        assert!(right.agrees(), "{right}");
        assert!(
            right.to_string().contains("train accuracy 1 (certified 1): agrees\n  layer 1: bandwidth "),
            "{right}"
        );
        let mut wrong = report.certificates[0].clone();
        wrong.layers[0].sigma *= 1e3;
        assert!(!replay(&dataset, &wrong)?.agrees);
        Ok(())
    }
}
