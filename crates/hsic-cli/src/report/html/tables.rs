//! The tables of the report.

use hsic_eval::records::{MethodRecord, Results};

use super::super::cells::{LAYER_HEADER, MEAN_HEADER, layer_rows, mean_and_std, measured, notes, published};
use super::escape::escape;

/// What the columns of both tables mean.
const COLUMNS: [(&str, &str); 15] = [
    ("L", "number of layers"),
    ("σ", "bandwidth: of a fold the smallest of its layers, of a layer its own"),
    ("train, test", "share of the rows classified correctly"),
    ("balanced", "the same of the test rows, each class weighing alike"),
    ("time s", "seconds of the fit alone"),
    ("H*", "normalised HSIC of the last kernel and the labels, 0 to 1"),
    ("MSE", "mean squared distance of Z to its class means"),
    ("CE", "cross-entropy of a logistic regression on the last layer's output"),
    ("C", "mean kernel between classes divided by that within"),
    ("T", "scatter of Z within classes divided by that between"),
    ("folds", "folds that have the layer"),
    ("width", "columns of Z"),
    ("iter.", "steps of the layer's solver"),
    ("residual", "how far from stationary the solver's solution is"),
    ("stopped", "the commonest reason why the solver stopped"),
];

/// Means and deviations of every method, published rows below, what the columns mean, and what cannot be compared.
pub fn means(results: &Results) -> String {
    let mut rows = String::new();
    for method in &results.methods {
        let cells = measured(&method.mean, &method.std).map(|(what, value)| mean_and_std(value, what, 3));
        rows += &row("", &method.method, &cells);
        if let Some(of_paper) = &method.published {
            let cells = published(of_paper).map(|(what, value)| mean_and_std(value, what, 2));
            rows += &row(" class=\"published\"", "published", &cells);
        }
    }
    let mut html = table("Mean ± standard deviation over the folds", &MEAN_HEADER, &rows);
    html += "<details>\n<summary>What the columns mean</summary>\n<dl>\n";
    for (name, meaning) in COLUMNS {
        html += &format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(meaning));
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
    table("Layer by layer: means over the folds that have the layer", &LAYER_HEADER, &rows)
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
        let explained: Vec<&str> = COLUMNS.iter().flat_map(|(names, _)| names.split(", ")).collect();
        for name in
            MEAN_HEADER.iter().chain(&LAYER_HEADER).filter(|name| !name.is_empty() && **name != "layer")
        {
            assert!(explained.contains(name), "{name}");
        }
    }

    #[test]
    fn a_method_without_layers_has_no_table() {
        assert_eq!(layers(&fixture::method("mlp-ce", Vec::new())), "");
        assert_eq!(layers(&fixture::results().methods[0]).matches("<tr>").count(), 3);
    }
}
