//! The table that a command reads, as named on the command line.

use std::path::Path;

use clap::{Args, ValueEnum};
use hsic_data::table::{Content, Decimal, Encoding, ExtraRule, Source, SourceOptions, UnknownRule};

use crate::error::CliError;
use crate::input;
use crate::places::argument;

/// How a text is read.
#[derive(Debug, Clone, Default, Args)]
pub struct TextArgs {
    /// What stands between fields: one ASCII character, or `tab` [default: the one of , ; tab | that the first line has
    /// most of]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// The first line is a row already; the columns are called x1, x2, …, which are no names that another table can have
    #[arg(long)]
    pub no_header: bool,
    /// The mark before the fraction of numbers, . or , [default: the one that fits all cells of a column]
    #[arg(long, value_name = "MARK")]
    pub decimal: Option<Decimal>,
    /// How characters are stored, e.g. windows-1252 or utf-16le; a byte order mark goes before it [default: utf-8]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<Encoding>,
    /// Lines that start with this ASCII character are no rows, within quotes neither
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub comment: Option<u8>,
    /// Lines before the header that are passed over
    #[arg(long, value_name = "N")]
    pub skip: Option<u32>,
}

/// How a table is read.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    #[command(flatten)]
    pub text: TextArgs,
    /// File of the classes of an idx or .npy file; - is standard input
    #[arg(long, value_name = "FILE")]
    pub labels: Option<argument::Input>,
}

impl TextArgs {
    /// The options for a text.
    pub fn options(&self) -> SourceOptions {
        let Self { delimiter, no_header, decimal, encoding, comment, skip } = *self;
        let skip = skip.unwrap_or(0) as usize;
        SourceOptions { delimiter, has_header: !no_header, decimal, encoding, comment, skip }
    }
}

impl SourceArgs {
    /// The options for a text.
    pub fn options(&self) -> SourceOptions {
        self.text.options()
    }

    /// Reads a whole table; `-` is standard input.
    ///
    /// # Errors
    /// [`CliError::Usage`] with what is wrong with the file.
    pub fn content(&self, path: &Path) -> Result<Content, CliError> {
        content(path, self.labels.as_deref())
    }

    /// The rows of a table as they come; `-` is standard input.
    ///
    /// # Errors
    /// As [`SourceArgs::content`].
    pub fn stream(&self, path: &Path) -> Result<Source<'static>, CliError> {
        Ok(match &self.labels {
            Some(labels) => content(path, Some(labels))?.open(&self.options())?,
            None => Source::stream(input::open(path)?, &self.options())?,
        })
    }
}

/// Reads a whole table, and its labels where they are in a file of their own.
///
/// # Errors
/// [`CliError::Usage`] with what is wrong with the files.
pub fn content(table: &Path, labels: Option<&Path>) -> Result<Content, CliError> {
    let content = Content::of(input::open(table)?)?;
    Ok(match labels {
        Some(labels) => content.labelled(|| input::open(labels))?,
        None => content,
    })
}

/// The columns that arguments name: each names one, or several separated by commas and quoted as in CSV. A name that a
/// column bears is taken whole, whatever is in it.
///
/// # Errors
/// [`CliError::Usage`] for an argument that is no line of CSV.
pub fn columns(arguments: &[String], table: &Source<'_>) -> Result<Vec<String>, CliError> {
    let mut columns = Vec::new();
    for argument in arguments {
        if table.names().contains(argument) {
            columns.push(argument.clone());
            continue;
        }
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).trim(csv::Trim::All).from_reader(argument.as_bytes());
        for record in reader.records() {
            let record = record.map_err(|error| CliError::usage(&error))?;
            columns.extend(record.iter().map(String::from));
        }
    }
    Ok(columns)
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(byte),
        _ => Err("expected one ASCII character or `tab`".into()),
    }
}

/// What becomes of something a model does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Unknown {
    /// It is an error.
    #[default]
    Refuse,
    /// It is passed over.
    Ignore,
}

impl From<Unknown> for UnknownRule {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Refuse => Self::Refuse,
            Unknown::Ignore => Self::Ignore,
        }
    }
}

impl From<Unknown> for ExtraRule {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Refuse => Self::Refuse,
            Unknown::Ignore => Self::Ignore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_whole_and_a_list_as_a_line_of_csv() -> Result<(), CliError> {
        let text = "\"weight (kg, dry)\",age,\"a,b\",a,b,kind\n1,2,3,4,5,x\n";
        let content = Content::from_bytes(text.into(), "t.csv")?;
        let table = content.open(&SourceOptions::default())?;
        let of = |arguments: &[&str]| {
            columns(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>(), &table)
        };
        assert_eq!(of(&["weight (kg, dry)"])?, ["weight (kg, dry)"]);
        assert_eq!(of(&["\"weight (kg, dry)\",age"])?, ["weight (kg, dry)", "age"]);
        assert_eq!(of(&["a,b", "b,a", "kind"])?, ["a,b", "b", "a", "kind"]);
        assert_eq!(of(&["nobody, age"])?, ["nobody", "age"]);
        assert_eq!(of(&[])?, [""; 0]);
        Ok(())
    }
}
