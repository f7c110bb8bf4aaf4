//! The table that a command reads, as named on the command line.

use std::path::Path;

use clap::{Args, ValueEnum};
use hsic_data::table::{Content, Decimal, Encoding, ExtraRule, Mark, Source, SourceOptions, UnknownRule};

use crate::error::CliError;
use crate::input;
use crate::places::argument;

/// How a text is read.
#[derive(Debug, Clone, Default, Args)]
pub struct TextArgs {
    /// What stands between fields: one ASCII character, or `tab` [default: the one of , ; tab | that the first line has
    /// most of]
    #[arg(long, value_name = "CHAR")]
    pub delimiter: Option<Mark>,
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
    #[arg(long, value_name = "CHAR")]
    pub comment: Option<Mark>,
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
        let (delimiter, comment) = (delimiter.map(Mark::byte), comment.map(Mark::byte));
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
