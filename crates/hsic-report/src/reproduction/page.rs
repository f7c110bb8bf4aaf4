//! `report.html` of the whole table.

use super::super::html::{escape, figure, page as shell};
use super::super::plots::Figure;
use super::Reproduction;
use super::grid::{Cell, Grid, Row, header};

/// The page: the table, why numbers cannot be compared, the pictures.
pub fn page(table: &Reproduction, grid: &Grid, figures: &[Figure]) -> String {
    let lead = format!(
        "Layer-wise HSIC networks and what they are compared with: mean ± standard deviation over {} folds, seed {}, \
         version {}. Bold: the better of measured and published, where they can be compared.",
        table.folds,
        table.seed,
        escape(&table.version)
    );
    let pictures: String = figures.iter().map(figure).collect();
    let body = format!(
        "<section id=\"table\">\n<h2>Measured beside published</h2>\n{}{}{}</section>\n\
         <section id=\"pictures\">\n<h2>Pictures</h2>\n{pictures}</section>\n\
         <section id=\"sets\">\n<h2>Set by set</h2>\n<ul>\n{}</ul>\n</section>\n",
        rows(grid),
        list("ol", "Not comparable", &grid.reasons),
        list("ul", "Not finished", &table.failures()),
        sets(table),
    );
    let links =
        "<a href=\"#table\">Table</a> <a href=\"#pictures\">Pictures</a> <a href=\"#sets\">Set by set</a>";
    shell("The published table, reproduced", &lead, links, &body)
}

fn rows(grid: &Grid) -> String {
    let header: String = header().iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    let rows: String = grid.rows.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">\n\
         <table aria-label=\"Measured beside published\">\n<thead>\n\
         <tr><th scope=\"col\">set</th><th scope=\"col\">method</th>{header}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n\
         </table>\n</div>\n<p>The last two columns: how many times the seconds of a fit the perceptrons took.</p>\n"
    )
}

fn row(row: &Row) -> String {
    let class = if row.is_published { " class=\"published\"" } else { "" };
    let set = escape(row.set.as_deref().unwrap_or(""));
    let cells: String = row.cells.iter().map(|it| format!("<td>{}</td>", cell(it))).collect();
    format!(
        "<tr{class}><th scope=\"row\">{set}</th><th scope=\"row\">{}{}</th>{cells}</tr>\n",
        escape(&row.name),
        marks(&row.marks)
    )
}

fn cell(cell: &Cell) -> String {
    let mean = escape(&cell.mean);
    let mean = if cell.is_better { format!("<strong>{mean}</strong>") } else { mean };
    let std = cell.std.as_ref().map_or_else(String::new, |std| format!(" <small>{}</small>", escape(std)));
    format!("{mean}{}{std}", marks(&cell.marks))
}

fn marks(marks: &[usize]) -> String {
    if marks.is_empty() {
        return String::new();
    }
    let marks: Vec<String> = marks.iter().map(ToString::to_string).collect();
    format!("<sup>{}</sup>", marks.join(", "))
}

fn list(tag: &str, title: &str, entries: &[String]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let entries: String = entries.iter().map(|entry| format!("<li>{}</li>\n", escape(entry))).collect();
    format!("<h3>{title}</h3>\n<{tag}>\n{entries}</{tag}>\n")
}

/// Links to the report of each set, which lies in a folder of its own.
fn sets(table: &Reproduction) -> String {
    let with_report = table.sets.iter().filter(|set| set.dataset.is_some());
    with_report
        .map(|set| {
            let name = escape(&set.name);
            format!("<li><a href=\"{name}/report.html\">{name}</a></li>\n")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn names_are_text_and_every_part_is_there() {
        let mut table = table();
        table.push_failed("x", "<script>alert(1)</script>".into());
        let page = page(&table, &Grid::of(&table), &[]);
        assert!(!page.contains("<script"));
        for part in [
            "<title>The published table, reproduced</title>",
            "<td><strong>0.800</strong> <small>±0.050</small></td>",
            "<td>0.40<sup>1</sup> <small>±0.37</small></td>",
            "<li>time is of the authors&#39; machine</li>",
            "<a href=\"random/report.html\">random</a>",
            "<li>face: not there</li>",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("face/report.html"), "there is none");
    }
}
