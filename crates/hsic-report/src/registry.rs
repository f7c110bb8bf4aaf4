//! What is known of the registered data sets, in words and as JSON.

use std::fmt;
use std::path::PathBuf;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use hsic_data::Dataset;
use hsic_data::registry::{DATA_DIR_VARIABLE, Entry};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

const WIDTH: u16 = 100;

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// The registered sets.
#[derive(Debug, Clone)]
pub struct SetList<'a> {
    /// The sets.
    pub entries: &'a [Entry],
    /// The folder that sets are looked for in, if there is one.
    pub folder: Option<PathBuf>,
}

impl SetList<'_> {
    fn folder(&self) -> String {
        match &self.folder {
            Some(dir) => dir.display().to_string(),
            None => format!("the folder that {DATA_DIR_VARIABLE} names"),
        }
    }
}

impl Serialize for SetList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({
            "folder": self.folder.as_ref().map(|dir| dir.display().to_string()),
            "datasets": self.entries.iter().map(sizes).collect::<Vec<Value>>(),
        })
        .serialize(serializer)
    }
}

impl fmt::Display for SetList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
        table.set_header(["name", "n", "d", "classes", "kind", "licence"]);
        for entry in self.entries {
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
        text += &format!(
            "\nexternal sets are looked for in {}; `data fetch NAME` puts them there\n",
            self.folder()
        );
        f.write_str(&text)
    }
}

/// All that is known of a set.
#[derive(Debug, Clone)]
pub struct SetDescription<'a> {
    /// The set.
    pub entry: &'a Entry,
    /// Its rows, or why they could not be loaded.
    pub data: Result<Dataset, String>,
}

fn sizes(entry: &Entry) -> Value {
    json!({
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind.name(),
        "n": entry.n,
        "n_test": entry.n_test,
        "d": entry.d,
        "classes": entry.classes.len(),
        "class_names": entry.classes,
        "licence": entry.licence,
    })
}

impl Serialize for SetDescription<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = |path: &str, sha256: &str| json!({ "path": path, "sha256": sha256 });
        let files: Vec<Value> = self.entry.files.iter().map(|of| file(&of.path, &of.sha256)).collect();
        let dataset = self.data.as_ref().ok().map(|data| {
            let warnings: Vec<String> = data.warnings().iter().map(ToString::to_string).collect();
            json!({
                "n": data.n(),
                "d": data.d(),
                "feature_names": data.feature_names(),
                "class_names": data.class_names(),
                "class_rows": data.labels().counts(),
                "sha256": data.sha256(),
                "warnings": warnings,
            })
        });
        let mut json = sizes(self.entry);
        let more = json!({
            "source": self.entry.source,
            "uci_id": self.entry.uci_id,
            "doi": self.entry.doi,
            "url": self.entry.url,
            "citation": self.entry.citation,
            "changes": self.entry.changes,
            "files": files,
            "original": self.entry.original.as_ref().map(|of| file(&of.path, &of.sha256)),
            "dataset": dataset,
            "problem": self.data.as_ref().err(),
        });
        if let (Value::Object(all), Value::Object(of)) = (&mut json, more) {
            all.extend(of);
        }
        json.serialize(serializer)
    }
}

impl fmt::Display for SetDescription<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut line = |key: &str, value: &str| text += &wrapped(key, value);
        line("name", &self.entry.name);
        line("title", &self.entry.title);
        line("kind", self.entry.kind.name());
        line(
            "rows",
            &self
                .entry
                .n_test
                .map_or(self.entry.n.to_string(), |test| format!("{} and {test} for tests", self.entry.n)),
        );
        line("columns", &self.entry.d.to_string());
        line("source", &self.entry.source);
        if let Some(id) = self.entry.uci_id {
            line("UCI id", &id.to_string());
        }
        if let Some(doi) = &self.entry.doi {
            line("doi", doi);
        }
        if let Some(url) = &self.entry.url {
            line("url", url);
        }
        line("licence", &self.entry.licence);
        line("citation", &self.entry.citation);
        line("changes", &self.entry.changes);
        for file in &self.entry.files {
            line("file", &format!("{}, sha256 {}", file.path, file.sha256));
        }
        if let Some(original) = &self.entry.original {
            line("original", &format!("{}, sha256 {}", original.path, original.sha256));
        }
        for ordinal in &self.entry.ordinal {
            line("levels", &format!("{}: {}", ordinal.column, ordinal.levels.join(", ")));
        }
        match &self.data {
            Ok(data) => {
                line("names", &data.feature_names().join(", "));
                for (class, count) in data.class_names().iter().zip(data.labels().counts()) {
                    line("class", &format!("{class}: {count} rows"));
                }
                for warning in data.warnings() {
                    line("warning", &warning.to_string());
                }
            }
            Err(problem) => {
                line("classes", &self.entry.classes.join(", "));
                line("problem", problem);
            }
        }
        f.write_str(&text)
    }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use hsic_data::registry;

    use super::*;

    fn described(name: &str, data_dir: &Path) -> hsic_data::Result<String> {
        let data = registry::load(name, 0, Some(data_dir)).map_err(|error| error.to_string());
        Ok(SetDescription { entry: registry::entry(name)?, data }.to_string())
    }

    #[test]
    fn the_list_has_every_set_and_fits_a_terminal() {
        let text = SetList { entries: registry::entries(), folder: None }.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "name         n      d    classes  kind       licence");
        assert_eq!(lines[5], "car           1728    6        4  generated  CC BY 4.0");
        for entry in registry::entries() {
            assert_eq!(lines.iter().filter(|line| line.split(' ').next() == Some(&entry.name)).count(), 1);
        }
        // the last line names a folder, which may be long
        assert!(lines[..lines.len() - 1].iter().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn a_set_is_described_with_columns_and_counts() -> hsic_data::Result<()> {
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
    fn long_values_are_broken_between_words() {
        let text = wrapped("key", &"word ".repeat(40));
        assert_eq!(text.lines().count(), 3);
        assert!(text.starts_with("key       word word"), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("          word")), "{text}");
        assert_eq!(wrapped("url", &"x".repeat(120)), format!("url       {}\n", "x".repeat(120)));
    }
}
