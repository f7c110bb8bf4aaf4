//! `report.html`: a run on one page, in one file that needs no network.

mod escape;
mod tables;

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use hsic_eval::records::{MethodRecord, Results};
use serde_json::Value;

use super::plots::Figure;
pub use escape::escape;

const STYLE: &str = include_str!("style.css");

/// Above this a picture is embedded as PNG: thousands of marks are smaller as pixels.
const MOST_SVG_BYTES: usize = 200_000;

/// The page. `config` is the resolved configuration.
pub fn report(results: &Results, figures: &[Figure], config: &str) -> String {
    let mut links = String::from("<a href=\"#results\">Results</a>");
    let mut methods = String::new();
    for (at, method) in results.methods.iter().enumerate() {
        links += &format!(" <a href=\"#method-{at}\">{}</a>", escape(&method.method));
        methods += &method_section(at, method, figures);
    }
    links += " <a href=\"#data\">Data</a> <a href=\"#again\">Run it again</a>";
    let lead = format!("Layer-wise HSIC networks, cross-validated. {}", summary(results));
    let body = format!(
        "{}{methods}{}{}",
        results_section(results, figures),
        data_section(results),
        again_section(results, config),
    );
    page(&results.name, &lead, &links, &body)
}

/// The shell of every page: `lead`, `links` and `body` are HTML, the title is text.
pub fn page(title: &str, lead: &str, links: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p>{lead}</p>\n\
         <nav aria-label=\"Contents\">{links}</nav>\n</header>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn summary(results: &Results) -> String {
    let data = &results.dataset;
    let folds = results.methods.iter().map(|method| method.folds.len()).max().unwrap_or_default();
    format!(
        "Data set {}: {} rows, {} columns, {} classes; {folds} {}, seed {}.",
        escape(&data.name),
        data.n,
        data.d,
        data.classes,
        if folds == 1 { "fold" } else { "folds" },
        results.seed
    )
}

fn results_section(results: &Results, figures: &[Figure]) -> String {
    format!(
        "<section id=\"results\">\n<h2>Results</h2>\n{}{}</section>\n",
        tables::means(results),
        named(figures, "comparison")
    )
}

fn method_section(at: usize, method: &MethodRecord, figures: &[Figure]) -> String {
    let name = escape(&method.method);
    let picture = |kind: &str| named(figures, &format!("{kind}-{}", method.method));
    format!(
        "<section id=\"method-{at}\">\n<h2>{name}</h2>\n{}{}{}{}{}</section>\n",
        picture("metrics"),
        tables::layers(method),
        picture("gram"),
        picture("scatter"),
        settings(&method.settings)
    )
}

/// The figure of that name, or nothing.
fn named(figures: &[Figure], name: &str) -> String {
    figures.iter().find(|figure| figure.name == name).map(figure).unwrap_or_default()
}

/// A picture with its caption, within the page.
pub fn figure(figure: &Figure) -> String {
    let (kind, bytes) = if figure.svg.len() <= MOST_SVG_BYTES {
        ("svg+xml", figure.svg.as_bytes())
    } else {
        ("png", figure.png.as_slice())
    };
    let (title, caption) = (escape(&figure.title), escape(&figure.caption));
    let (width, height) = figure.size;
    format!(
        "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\">\
         <img alt=\"{title}\" width=\"{width}\" height=\"{height}\" src=\"data:image/{kind};base64,{}\"></div>\n\
         <figcaption>{caption}</figcaption>\n</figure>\n",
        BASE64.encode(bytes)
    )
}

fn settings(settings: &Value) -> String {
    let Some(settings) = settings.as_object().filter(|settings| !settings.is_empty()) else {
        return String::new();
    };
    let entries = settings.iter().map(|(key, value)| (key.as_str(), escape(&written(value))));
    format!("<h3>Settings</h3>\n{}", definitions(entries))
}

/// A setting as one would write it.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key} = {}", written(value))).collect();
            fields.join(", ")
        }
        other => other.to_string(),
    }
}

fn data_section(results: &Results) -> String {
    let data = &results.dataset;
    let names: Vec<String> = data.class_names.iter().map(|name| escape(name)).collect();
    let entries = [
        ("name", escape(&data.name)),
        ("rows", data.n.to_string()),
        ("columns", data.d.to_string()),
        ("classes", format!("{}: {}", data.classes, names.join(", "))),
        ("SHA-256", format!("<code>{}</code>", escape(&data.sha256))),
    ];
    format!("<section id=\"data\">\n<h2>Data</h2>\n{}</section>\n", definitions(entries.into_iter()))
}

fn again_section(results: &Results, config: &str) -> String {
    format!(
        "<section id=\"again\">\n<h2>Run it again</h2>\n\
         <p>In the folder of this file, which has the resolved configuration beside it:</p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Command\">\
         <pre><code>hsic-cli run config.toml --out again</code></pre></div>\n\
         <p>Made by hsic-cli {} with seed {}. All numbers are in <a href=\"results.json\">results.json</a>, \
         <a href=\"folds.csv\">folds.csv</a> and <a href=\"layers.csv\">layers.csv</a>.</p>\n\
         <details>\n<summary>config.toml</summary>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Configuration\"><pre><code>{}</code></pre></div>\n\
         </details>\n</section>\n",
        escape(&results.version),
        results.seed,
        escape(config)
    )
}

/// Names with values that are HTML.
fn definitions<'a>(entries: impl Iterator<Item = (&'a str, String)>) -> String {
    let entries: String = entries
        .map(|(name, html)| format!("<div><dt>{}</dt><dd>{html}</dd></div>\n", escape(name)))
        .collect();
    format!("<dl>\n{entries}</dl>\n")
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::plots::figures;
    use super::*;

    const EVIL: &str = "<script>alert('x')</script>\"&";

    fn page(results: &Results) -> Result<String, Box<dyn std::error::Error>> {
        let rows = [("spectral".to_owned(), fixture::rows(60, 3, 2)?)];
        Ok(report(results, &figures(results, &rows)?, "name = \"<b>toy</b>\"\n"))
    }

    #[test]
    fn a_page_has_every_part() -> Result<(), Box<dyn std::error::Error>> {
        let page = page(&fixture::results())?;
        for part in [
            "<title>toy</title>",
            "Data set random: 60 rows, 3 columns, 2 classes; 2 folds, seed",
            "<h2>spectral</h2>",
            "<h2>closed-form</h2>",
            "scatter ratio used unsquared distances",
            "<dt>head</dt><dd>bayes</dd>",
            "hsic-cli run config.toml",
            "&lt;b&gt;toy&lt;/b&gt;",
            "alt=\"toy, spectral: Gram matrix of every layer\"",
            "alt=\"toy, spectral: Z of every layer\"",
            "prefers-color-scheme: dark",
        ] {
            assert!(page.contains(part), "{part}");
        }
        // comparison, metrics of both methods, Gram matrices and scatter of one
        assert_eq!((page.matches("<figure>").count(), page.matches("<img ").count()), (5, 5));
        Ok(())
    }

    #[test]
    fn tags_are_closed_and_nothing_is_loaded() -> Result<(), Box<dyn std::error::Error>> {
        let page = page(&fixture::results())?;
        for tag in [
            "html", "head", "body", "main", "section", "figure", "table", "thead", "tbody", "tr", "td", "th",
            "div", "dl",
        ] {
            let opened =
                page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        for foreign in ["http:", "https:", "<script", "<link", "@import", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        Ok(())
    }

    #[test]
    fn names_are_text_wherever_they_stand() -> Result<(), Box<dyn std::error::Error>> {
        let mut results = fixture::results();
        results.name = EVIL.into();
        results.dataset.name = EVIL.into();
        results.dataset.class_names = vec![EVIL.into(), "b".into()];
        results.methods[1].settings = serde_json::json!({ EVIL: EVIL });
        results.methods[1].folds[0].trace[0].stop_reason = EVIL.into();
        if let Some(published) = &mut results.methods[1].published {
            published.0["note"] = EVIL.into();
        }
        let rows = [("spectral".to_owned(), fixture::rows(60, 3, 2)?)];
        let figures = figures(&results, &rows)?;
        let page = report(&results, &figures, EVIL);
        assert!(!page.contains("<script") && !page.contains("alert('"));
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
        assert!(figures.iter().all(|figure| !figure.svg.contains("<script")));
        Ok(())
    }

    #[test]
    fn settings_are_written_as_in_the_configuration() {
        let value = serde_json::json!({ "share": 0.5, "kind": "x" });
        assert_eq!(written(&value), "share = 0.5, kind = x");
        assert_eq!(
            settings(&serde_json::json!({ "self_excluded": false })).matches("<dd>false</dd>").count(),
            1
        );
        assert_eq!(settings(&Value::Null), "");
    }

    #[test]
    fn a_run_without_methods_is_still_a_page() {
        let mut results = fixture::results();
        results.methods.clear();
        let page = report(&results, &[], "");
        assert!(page.contains("0 folds") && page.ends_with("</html>\n"));
    }
}
