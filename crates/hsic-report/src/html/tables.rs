//! The tables of the report.

use hsic_eval::metrics::{Metric, Place};
use hsic_eval::records::{MethodRecord, Results};

use super::super::cells::{layer_header, layer_rows, mean_header, measured, notes, published};
use super::escape::escape;

/// What the columns of both tables mean; those of one meaning stand together.
fn columns() -> Vec<(String, &'static str)> {
    let of_means: Vec<&Metric> = Metric::of_mean().collect();
    let of_layers = Metric::of_layer_table().filter(|metric| metric.fold != Place::Tables);
    let explained = |metric: &Metric| (metric.heading, metric.meaning);
    let mut columns: Vec<_> = of_means.into_iter().map(explained).collect();
    columns.push(("folds", "folds that have the layer"));
    columns.extend(of_layers.map(explained));
    columns.push(("stopped", "the commonest reason why the solver stopped"));
    let together = columns.chunk_by(|a, b| a.1 == b.1);
    together
        .map(|same| (same.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "), same[0].1))
        .collect()
}

/// Means and deviations of every method, published rows below, what the columns mean, and what cannot be compared.
pub fn means(results: &Results) -> String {
    let mut rows = String::new();
    for method in &results.methods {
        rows += &row("", &method.method, &measured(method));
        if let Some(of_paper) = &method.published {
            rows += &row(" class=\"published\"", "published", &published(of_paper));
        }
    }
    let mut html = table("Mean ± standard deviation over the folds", &mean_header(), &rows);
    html += "<details>\n<summary>What the columns mean</summary>\n<dl>\n";
    for (name, meaning) in columns() {
        html += &format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(&name), escape(meaning));
    }
    html += "</dl>\n</details>\n";
    let notes = notes(&results.methods);
    if !notes.is_empty() {
        html += "<p>Published numbers that cannot be compared cell by cell:</p>\n<ul>\n";
        for note in notes {
            html += &format!("<li>{}</li>\n", escape(note));
        }
        html += "</ul>\n";
    }
    html
}

/// A method layer by layer; nothing if it has no layer.
pub fn layers(method: &MethodRecord) -> String {
    let rows: String = layer_rows(method)
        .iter()
        .filter_map(|cells| cells.split_first())
        .map(|(layer, cells)| row("", layer, cells))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    table("Layer by layer: means over the folds that have the layer", &layer_header(), &rows)
}

fn table(caption: &str, header: &[&str], rows: &str) -> String {
    let columns: String = header
        .iter()
        .map(
            |name| {
                if name.is_empty() { "<td></td>".into() } else { format!("<th scope=\"col\">{name}</th>") }
            },
        )
        .collect();
    // a caption within the table would scroll away with it
    format!(
        "<h3>{caption}</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\">\n\
         <table aria-label=\"{caption}\">\n<thead>\n<tr>{columns}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         </div>\n"
    )
}

/// The second line of a cell is its deviation.
fn row(class: &str, name: &str, cells: &[String]) -> String {
    let cell = |text: &String| match text.split_once('\n') {
        Some((mean, std)) => format!("<td>{} <small>{}</small></td>", escape(mean), escape(std)),
        None => format!("<td>{}</td>", escape(text)),
    };
    let cells: String = cells.iter().map(cell).collect();
    format!("<tr{class}><th scope=\"row\">{}</th>{cells}</tr>\n", escape(name))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn published_rows_follow_the_measured_ones() {
        let html = means(&fixture::results());
        let names: Vec<&str> = html
            .split("<th scope=\"row\">")
            .skip(1)
            .filter_map(|rest| rest.split_once('<').map(|(name, _)| name))
            .collect();
        assert_eq!(names, ["spectral", "published", "closed-form", "published"]);
        assert!(html.contains("<td>0.950 <small>±0.050</small></td>"), "{html}");
    }

    #[test]
    fn every_column_is_explained() {
        let columns = columns();
        let explained: Vec<&str> = columns.iter().flat_map(|(names, _)| names.split(", ")).collect();
        for name in [mean_header(), layer_header()].concat() {
            assert!(name.is_empty() || name == "layer" || explained.contains(&name), "{name}");
        }
        assert!(columns.iter().all(|(_, meaning)| !meaning.is_empty()));
    }

    #[test]
    fn a_method_without_layers_has_no_table() {
        assert_eq!(layers(&fixture::method("mlp-ce", Vec::new())), "");
        assert_eq!(layers(&fixture::results().methods[0]).matches("<tr>").count(), 3);
    }
}
