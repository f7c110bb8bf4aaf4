//! `hsic-cli data`: the registered data sets.

use std::path::Path;

use clap::Subcommand;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use hsic_data::generate::generate_csv;
use hsic_data::registry::{self, Entry};
use hsic_data::{Dataset, Error};

use super::data_json;
use super::fetch::FetchArgs;
use super::sink::Sink;
use crate::error::CliError;
use crate::output::print;
use crate::places::argument;

/// The commands about data sets.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List the registered data sets
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Show all that is known of a data set: source, licence, citation, files, columns, classes
    Describe {
        /// Name of the set
        name: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Download a data set from its source, convert and check it, and put it into the data folder
    Fetch(FetchArgs),
    /// Write a generated data set as CSV
    Generate {
        /// Name of the set
        name: String,
        /// Seed of the generator
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,
        /// File to write; - is standard output [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<argument::Rows>,
        /// Print one JSON object with the sizes and the sum of the file, which is CSV all the same; needs --out
        #[arg(long, requires = "out")]
        json: bool,
    },
}

const WIDTH: u16 = 100;

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Runs a command about data sets.
///
/// # Errors
/// [`CliError::Usage`] for an unknown name, [`CliError::Failed`] for output that cannot be written.
pub fn run(command: &DataCommand) -> Result<(), CliError> {
    match command {
        DataCommand::Fetch(args) => super::fetch::run(args),
        DataCommand::List { json: true } => print(&format!("{:#}\n", data_json::list(registry::entries()))),
        DataCommand::List { json: false } => print(&list(registry::entries())),
        DataCommand::Describe { name, json } => {
            let entry = registry::entry(name)?;
            let data = registry::load(name, 0, registry::data_dir().as_deref());
            if *json {
                return print(&format!("{:#}\n", data_json::describe(entry, &data)));
            }
            print(&describe(entry, &data))
        }
        DataCommand::Generate { name, seed, out, json } => {
            let file = out.as_ref().and_then(argument::Rows::file);
            if *json && file.is_none() {
                return Err(CliError::Usage(
                    "--json needs a file: with --out - the rows are on standard output".into(),
                ));
            }
            generate(name, *seed, file, *json)
        }
    }
}

fn list(entries: &[Entry]) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(["name", "n", "d", "classes", "kind", "licence"]);
    for entry in entries {
        let number = |number: usize| Cell::new(number).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(&entry.name),
            number(entry.n),
            number(entry.d),
            number(entry.classes.len()),
            Cell::new(entry.kind.name()),
            Cell::new(&entry.licence),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    text += &format!("\nexternal sets are looked for in {}; `data fetch NAME` puts them there\n", folder());
    text
}

/// The folder that sets are looked for in.
fn folder() -> String {
    match registry::data_dir() {
        Some(dir) => dir.display().to_string(),
        None => format!("the folder that {} names", registry::DATA_DIR_VARIABLE),
    }
}

/// All that is known of a set; columns and counts only if it could be loaded.
fn describe(entry: &Entry, data: &Result<Dataset, Error>) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| text += &wrapped(key, value);
    line("name", &entry.name);
    line("title", &entry.title);
    line("kind", entry.kind.name());
    line(
        "rows",
        &entry.n_test.map_or(entry.n.to_string(), |test| format!("{} and {test} for tests", entry.n)),
    );
    line("columns", &entry.d.to_string());
    line("source", &entry.source);
    if let Some(id) = entry.uci_id {
        line("UCI id", &id.to_string());
    }
    if let Some(doi) = &entry.doi {
        line("doi", doi);
    }
    if let Some(url) = &entry.url {
        line("url", url);
    }
    line("licence", &entry.licence);
    line("citation", &entry.citation);
    line("changes", &entry.changes);
    for file in &entry.files {
        line("file", &format!("{}, sha256 {}", file.path, file.sha256));
    }
    if let Some(original) = &entry.original {
        line("original", &format!("{}, sha256 {}", original.path, original.sha256));
    }
    for ordinal in &entry.ordinal {
        line("levels", &format!("{}: {}", ordinal.column, ordinal.levels.join(", ")));
    }
    match data {
        Ok(data) => {
            line("names", &data.feature_names().join(", "));
            for (class, count) in data.class_names().iter().zip(data.labels().counts()) {
                line("class", &format!("{class}: {count} rows"));
            }
            for warning in data.warnings() {
                line("warning", &warning.to_string());
            }
        }
        Err(error) => {
            line("classes", &entry.classes.join(", "));
            line("problem", &CliError::usage(error).to_string());
        }
    }
    text
}

/// A key and its value, broken between words, all lines of the value below each other.
fn wrapped(key: &str, value: &str) -> String {
    const INDENT: usize = 10;
    let mut lines = vec![String::new()];
    for word in value.split_whitespace() {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if length > 0 && INDENT + length + 1 + word.chars().count() > usize::from(WIDTH) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            *line += if line.is_empty() { "" } else { " " };
            *line += word;
        }
    }
    let text = lines.join(&format!("\n{:INDENT$}", ""));
    format!("{key:<INDENT$}{text}\n")
}

fn generate(name: &str, seed: u64, out: Option<&Path>, json: bool) -> Result<(), CliError> {
    // made in memory first: an unknown name must not leave an empty file
    let mut text = Vec::new();
    generate_csv(name, seed, &mut text)?;
    let mut sink = Sink::open(out)?;
    sink.put(&String::from_utf8_lossy(&text))?;
    sink.end(Ok(()), |_| String::new())?;
    if let (true, Some(path)) = (json, out) {
        let data = registry::load(name, seed, None)?;
        print(&format!("{:#}\n", data_json::generated(&data, seed, path)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hsic_data::table::{InferOptions, SourceOptions};

    use super::*;

    fn described(name: &str, data_dir: &Path) -> Result<String, CliError> {
        Ok(describe(registry::entry(name)?, &registry::load(name, 0, Some(data_dir))))
    }

    #[test]
    fn the_list_has_every_set_and_fits_a_terminal() {
        let text = list(registry::entries());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "name         n      d    classes  kind       licence");
        assert_eq!(lines[5], "car           1728    6        4  generated  CC BY 4.0");
        for entry in registry::entries() {
            assert_eq!(lines.iter().filter(|line| line.split(' ').next() == Some(&entry.name)).count(), 1);
        }
        assert!(lines.iter().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn a_set_is_described_with_columns_and_counts() -> Result<(), CliError> {
        let expected = "\
name      adversarial
title     Adversarial twins
kind      generated
rows      80
columns   2
source    made here from a seed
licence   that of this project
citation  none
changes   none: 40 points uniform on the unit square, each with a twin of the other class at
          0.01·N(0, I)
names     x1, x2
class     0: 40 rows
class     1: 40 rows
";
        assert_eq!(described("adversarial", Path::new("nowhere"))?, expected);
        Ok(())
    }

    #[test]
    fn a_set_that_is_not_here_is_described_with_the_remedy() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let text = described("face", folder.path())?;
        assert!(text.contains("\nUCI id    124\n"), "{text}");
        assert!(text.contains("\nclasses   an2i, at33, boland,"), "{text}");
        assert!(text.contains("\nproblem   data set `face`:"), "{text}");
        assert!(!text.contains("\nnames "), "{text}");
        Ok(())
    }

    #[test]
    fn an_unknown_set_leaves_no_file() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("x.csv");
        let error = generate("iris", 0, Some(&path), false);
        let expected = "there is no data set `iris`; the sets are `random`, `adversarial`, `spiral`, `car`";
        assert_eq!(error, Err(CliError::Usage(expected.into())));
        assert!(!path.exists());
        generate("random", 4, Some(&path), false)?;
        let data = Dataset::read(&path, &SourceOptions::default(), &InferOptions::default())?;
        assert_eq!(data.features(), registry::load("random", 4, None)?.features());
        Ok(())
    }

    #[test]
    fn long_values_are_broken_between_words() {
        let text = wrapped("key", &"word ".repeat(40));
        assert_eq!(text.lines().count(), 3);
        assert!(text.starts_with("key       word word"), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("          word")), "{text}");
        assert_eq!(wrapped("url", &"x".repeat(120)), format!("url       {}\n", "x".repeat(120)));
    }
}
