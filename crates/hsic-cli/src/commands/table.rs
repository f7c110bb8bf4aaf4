//! What a configuration says of its table, and the options that say it on the command line.

use clap::Args;
use hsic_data::LabelColumn;
use hsic_data::table::{InferOptions, Mark, Source, SourceOptions};

use super::source::TextArgs;
use crate::config::schema::Missing;
use crate::config::{DatasetConfig, Override};

/// How the columns of a table are taken; each stands for a key of the configuration's table `dataset`.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// The column of the classes [default: the last]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// Rows with missing cells: an error, left out, or filled with the column's training mean [default: refuse]
    #[arg(long, value_enum, value_name = "RULE")]
    pub missing: Option<Missing>,
    /// Columns to leave out; may be repeated, or separated by commas and quoted as in CSV
    #[arg(long, value_name = "COLUMNS")]
    pub ignore: Vec<String>,
    /// Columns to take as categories even where they read as numbers; may be repeated, or separated by commas and quoted as
    /// in CSV
    #[arg(long, value_name = "COLUMNS")]
    pub text: Vec<String>,
    /// A text column of more different texts than this is refused [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub max_categories: Option<i64>,
    #[command(flatten)]
    pub of_text: TextArgs,
}

impl TableArgs {
    /// What is laid over a configuration.
    pub fn overrides(&self) -> Vec<Override> {
        let key = |key| ["dataset", key];
        let mut found = Vec::new();
        let mut word = |option: &str, name, word: Option<&str>| {
            found.extend(word.map(|word| Override::word(option, &key(name), word)));
        };
        word("--label", "label", self.label.as_deref());
        word("--missing", "missing", self.missing.map(Missing::as_str));
        word("--delimiter", "delimiter", self.of_text.delimiter.map(String::from).as_deref());
        word("--comment", "comment", self.of_text.comment.map(String::from).as_deref());
        word("--decimal", "decimal", self.of_text.decimal.map(|mark| mark.to_string()).as_deref());
        word("--encoding", "encoding", self.of_text.encoding.map(|name| name.to_string()).as_deref());
        for (option, name, columns) in [("--ignore", "ignore", &self.ignore), ("--text", "text", &self.text)]
        {
            found.extend((!columns.is_empty()).then(|| Override::words(option, &key(name), columns)));
        }
        let skip = self.of_text.skip.map(|lines| Override::option("--skip", &key("skip"), lines.into()));
        found.extend(skip);
        let most = self.max_categories;
        found.extend(most.map(|most| Override::option("--max-categories", &key("max_categories"), most)));
        found.extend(self.of_text.no_header.then(|| Override::switch("--no-header", &key("header"), false)));
        found
    }

    /// How the columns are typed where there is no configuration.
    pub fn infer_options(&self, rows: &Source<'_>) -> InferOptions {
        let dataset = DatasetConfig {
            label: self.label.clone(),
            missing: self.missing,
            ignore: self.ignore.clone(),
            text: self.text.clone(),
            max_categories: self.max_categories.map(|most| most as usize),
            ..DatasetConfig::default()
        };
        infer_options(&dataset, rows)
    }
}

/// How a text is read.
pub fn source_options(dataset: &DatasetConfig) -> SourceOptions {
    SourceOptions {
        delimiter: dataset.delimiter.map(Mark::byte),
        has_header: dataset.header.unwrap_or(true),
        decimal: dataset.decimal,
        encoding: dataset.encoding,
        comment: dataset.comment.map(Mark::byte),
        skip: dataset.skip.unwrap_or(0),
    }
}

/// How the columns of a table are typed.
pub fn infer_options(dataset: &DatasetConfig, rows: &Source<'_>) -> InferOptions {
    let defaults = InferOptions::default();
    InferOptions {
        label: dataset.label.clone().map_or(defaults.label, LabelColumn::Name),
        ignore: rows.listed(&dataset.ignore),
        text: rows.listed(&dataset.text),
        ordinal: dataset.ordinal.iter().map(|(column, levels)| (column.clone(), levels.clone())).collect(),
        class_order: dataset.class_order.clone(),
        max_categories: dataset.max_categories.unwrap_or(defaults.max_categories),
        missing: dataset.missing.unwrap_or_default().into(),
    }
}
